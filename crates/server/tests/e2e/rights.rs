//! Who sees and does what, beyond the table: own shipments, own manifests, own tenant.

use swerve_client::{Code, names, v1};

use crate::rig::{Rig, TERRITORY, window};

#[tokio::test]
async fn a_recipients_link_opens_its_own_shipment_and_nothing_else() {
    let rig = Rig::start().await;
    rig.imported(2).await;
    let link = rig.caller("link-s1");
    let get = |id: &str| v1::GetShipmentRequest { name: names::shipment(id) };
    let own = link.get_shipment(get("s1")).await.expect("its own").shipment.expect("it is there");
    assert!(own.parcels[0].planned.is_none(), "which stop is not its business");
    let others = link.get_shipment(get("s2")).await.expect_err("somebody else's");
    let nobodys = link.get_shipment(get("s99")).await.expect_err("nobody's");
    assert_eq!((others.code(), others.reason()), (nobodys.code(), nobodys.reason()));
    let wish = v1::Wish { windows: vec![window((11, 0), (12, 0))], ..Default::default() };
    let quote = |id: &str| v1::QuoteChangeRequest {
        shipment: names::shipment(id),
        wish: Some(wish.clone()),
        ..Default::default()
    };
    let answer = link.quote_change(quote("s1")).await.expect("an answer");
    assert!(answer.offers.iter().all(|offer| offer.impact.is_none() && offer.path.is_empty()));
    let error = link.quote_change(quote("s2")).await.expect_err("somebody else's");
    assert_eq!(error.code(), Some(Code::NotFound));
    let theirs = rig.quote("s2", wish.clone()).await;
    let commit =
        v1::CommitChangeRequest { offer: theirs.offers[0].name.clone(), ..Default::default() };
    let error = link.commit_change(commit).await.expect_err("somebody else's offer");
    assert_eq!(error.code(), Some(Code::NotFound));
    let list = v1::ListShipmentsRequest { territory: TERRITORY.into(), ..Default::default() };
    let error = link.list_shipments(list).await.expect_err("not a recipient's call");
    assert_eq!((error.code(), error.reason()), (Some(Code::PermissionDenied), "ROLE_NOT_ALLOWED"));
}

#[tokio::test]
async fn a_driver_sees_and_drives_the_own_manifest_only() {
    let rig = Rig::start().await;
    rig.imported(2).await;
    let driver = rig.caller("driver-d2");
    let get = |id: &str| v1::GetManifestRequest {
        territory: TERRITORY.into(),
        name: names::manifest(id),
    };
    driver.get_manifest(get("m2")).await.expect("its own");
    let error = driver.get_manifest(get("m1")).await.expect_err("another's");
    assert_eq!(error.code(), Some(Code::NotFound));
    let list = v1::ListManifestsRequest { territory: TERRITORY.into(), ..Default::default() };
    let listed = driver.list_manifests(list).await.expect("a list").manifests;
    assert_eq!(listed.iter().map(|m| m.name.as_str()).collect::<Vec<_>>(), ["manifests/m2"]);
    let depart = v1::DepartManifestRequest {
        territory: TERRITORY.into(),
        manifest: names::manifest("m1"),
        ..Default::default()
    };
    let error = driver.depart_manifest(depart).await.expect_err("another's");
    assert_eq!(error.code(), Some(Code::NotFound));
    let position = |id: &str| v1::PositionReport {
        manifest: names::manifest(id),
        location: Some(crate::rig::spot(1.0, 1.0)),
        time: None,
    };
    let report = v1::ReportPositionsRequest {
        territory: TERRITORY.into(),
        positions: vec![position("m2"), position("m1")],
    };
    let error = driver.report_positions(report).await.expect_err("one is another's");
    assert_eq!(error.code(), Some(Code::NotFound));
}

#[tokio::test]
async fn another_tenant_sees_no_territory_and_no_shipment() {
    let rig = Rig::start().await;
    rig.imported(1).await;
    let rival = rig.caller("rival");
    let territories = rival.list_territories(v1::ListTerritoriesRequest::default()).await;
    assert!(territories.expect("a list").territories.is_empty());
    let get = v1::GetShipmentRequest { name: names::shipment("s1") };
    let error = rival.get_shipment(get).await.expect_err("another tenant's");
    assert_eq!(error.code(), Some(Code::NotFound));
    let list = v1::ListShipmentsRequest { territory: TERRITORY.into(), ..Default::default() };
    let error = rival.list_shipments(list).await.expect_err("another tenant's");
    assert_eq!(error.code(), Some(Code::NotFound));
    let watch = v1::WatchShipmentsRequest { territory: TERRITORY.into(), ..Default::default() };
    let error = rival.watch_shipments(watch).next().await.expect_err("another tenant's");
    assert_eq!(error.code(), Some(Code::NotFound));
}
