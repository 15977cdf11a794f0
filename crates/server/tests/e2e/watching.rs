//! Watches over a real connection.

use std::collections::BTreeMap;

use swerve_client::{Watch, WatchEvent, WatchMessage, names, v1};
use v1::bookmark::Kind as Mark;

use crate::rig::{Rig, TERRITORY, a_shipment, spot, window};

/// Events up to and with the bookmark; resources by name.
async fn until<M, T>(watch: &mut Watch<M>, mark: Mark) -> Vec<T>
where
    M: WatchMessage<Resource = T>,
{
    let mut told = Vec::new();
    loop {
        match watch.next().await.expect("it goes on") {
            WatchEvent::Is { resource, .. } => told.push(*resource),
            WatchEvent::Bookmark { bookmark, .. } if bookmark.kind() == mark => return told,
            WatchEvent::Bookmark { .. } | WatchEvent::Restarted => {}
        }
    }
}

fn shipments(of: &[&str], resume_token: &str) -> v1::WatchShipmentsRequest {
    v1::WatchShipmentsRequest {
        territory: TERRITORY.into(),
        shipments: of.iter().map(names::shipment).collect(),
        resume_token: resume_token.into(),
    }
}

#[tokio::test]
async fn a_watch_begins_with_all_and_then_tells_what_a_commit_changed() {
    let rig = Rig::start().await;
    rig.imported(3).await;
    let mut watch = rig.tms.watch_shipments(shipments(&[], ""));
    let first: Vec<v1::Shipment> = until(&mut watch, Mark::SnapshotComplete).await;
    assert_eq!(first.len(), 3);
    let wish = v1::Wish { windows: vec![window((11, 0), (12, 0))], ..Default::default() };
    let quote = rig.quote("s2", wish).await;
    let commit = v1::CommitChangeRequest {
        offer: quote.offers[0].name.clone(),
        assurance: v1::Assurance::OneTimeCode.into(),
        ..Default::default()
    };
    rig.tms.commit_change(commit).await.expect("it is committed");
    loop {
        let event = watch.next().await.expect("it goes on");
        if let WatchEvent::Is { resource, plan_revision } = event
            && resource.name == "shipments/s2"
        {
            let version = resource.promise.map(|promise| promise.version);
            assert_eq!(version, Some(2));
            assert!(plan_revision.is_some_and(|revision| revision.number > 0));
            break;
        }
    }
    let mut changes = rig.dispatcher.watch_changes(v1::WatchChangesRequest {
        territory: TERRITORY.into(),
        ..Default::default()
    });
    let all: Vec<v1::Change> = until(&mut changes, Mark::SnapshotComplete).await;
    assert_eq!(all.len(), 1);
}

#[tokio::test]
async fn a_narrowed_watch_tells_of_nothing_else_and_a_links_cannot_be_widened() {
    let rig = Rig::start().await;
    rig.imported(3).await;
    let mut chosen = rig.tms.watch_shipments(shipments(&["s3"], ""));
    let told: Vec<v1::Shipment> = until(&mut chosen, Mark::SnapshotComplete).await;
    assert_eq!(told.iter().map(|s| s.name.as_str()).collect::<Vec<_>>(), ["shipments/s3"]);
    let link = rig.caller("link-s1");
    let mut own = link.watch_shipments(shipments(&[], ""));
    let told: Vec<v1::Shipment> = until(&mut own, Mark::SnapshotComplete).await;
    assert_eq!(told.iter().map(|s| s.name.as_str()).collect::<Vec<_>>(), ["shipments/s1"]);
    let mut wider = link.watch_shipments(shipments(&["s1", "s2"], ""));
    let told: Vec<v1::Shipment> = until(&mut wider, Mark::SnapshotComplete).await;
    assert_eq!(told.len(), 1);
}

#[tokio::test]
async fn a_van_that_is_late_makes_the_watch_tell_the_new_arrival() {
    let rig = Rig::start().await;
    rig.imported(2).await;
    rig.depart().await;
    let expected = |shipment: &v1::Shipment| {
        let eta = shipment.eta.as_ref().expect("it is planned");
        eta.expected.expect("it has a moment").seconds
    };
    let mut watch = rig.tms.watch_shipments(shipments(&["s2"], ""));
    let told: Vec<v1::Shipment> = until(&mut watch, Mark::SnapshotComplete).await;
    let before = expected(&told[0]);
    // Nothing is changed and nothing scanned: only the van is not where it should be.
    rig.tick(8, 45).await;
    let WatchEvent::Is { resource, .. } = watch.next().await.expect("it goes on") else {
        panic!("the arrival has moved by more than is let pass")
    };
    assert!(expected(&resource) > before + 20 * 60, "{resource:?}");
}

#[tokio::test]
async fn a_driver_watches_the_own_manifest_change() {
    let rig = Rig::start().await;
    rig.imported(2).await;
    let mut watch = rig.caller("driver-d1").watch_manifests(v1::WatchManifestsRequest {
        territory: TERRITORY.into(),
        ..Default::default()
    });
    let told: Vec<v1::Manifest> = until(&mut watch, Mark::SnapshotComplete).await;
    assert_eq!(told.iter().map(|m| m.name.as_str()).collect::<Vec<_>>(), ["manifests/m1"]);
    let before = told[0].revision.clone();
    let cancel = v1::CancelShipmentRequest { name: names::shipment("s2"), ..Default::default() };
    rig.tms.cancel_shipment(cancel).await.expect("it is cancelled");
    let WatchEvent::Is { resource, .. } = watch.next().await.expect("it goes on") else {
        panic!("the manifest has changed")
    };
    assert_eq!(resource.stops.len(), 1);
    assert_ne!(resource.revision, before);
    let acknowledge = v1::AcknowledgeRevisionRequest {
        manifest: resource.name.clone(),
        revision: resource.revision.clone(),
        ..Default::default()
    };
    let driver = rig.caller("driver-d1");
    driver.acknowledge_revision(acknowledge).await.expect("it is seen");
    assert_eq!(rig.manifest("m1").await.acknowledged_revision, resource.revision);
}

#[tokio::test]
async fn a_token_of_another_watch_begins_again() {
    let rig = Rig::start().await;
    rig.imported(1).await;
    let mut watch = rig.tms.watch_shipments(shipments(&[], ""));
    let _: Vec<v1::Shipment> = until(&mut watch, Mark::SnapshotComplete).await;
    watch.handled();
    let token = watch.token().to_owned();
    assert!(!token.is_empty());
    let mut changes = rig.tms.watch_changes(v1::WatchChangesRequest {
        territory: TERRITORY.into(),
        resume_token: token,
        ..Default::default()
    });
    assert_eq!(changes.next().await.expect("it goes on"), WatchEvent::Restarted);
    let garbage = shipments(&[], "garbage");
    let error = rig.tms.watch_shipments(garbage).next().await.expect_err("it is no token");
    assert_eq!(error.reason(), "INVALID_FIELDS");
}

/// What is known after `told`, by name.
fn known(told: Vec<v1::Shipment>) -> BTreeMap<String, v1::Shipment> {
    told.into_iter().map(|shipment| (shipment.name.clone(), shipment)).collect()
}

#[tokio::test]
async fn a_watch_resumes_without_a_gap_and_without_a_snapshot() {
    let rig = Rig::start().await;
    rig.imported(3).await;
    rig.point("far", spot(90_000.0, 0.0), v1::delivery_point::Kind::Door).await;
    rig.shipment(a_shipment(9, "far", window((7, 0), (8, 30)))).await;
    let mut watch = rig.tms.watch_shipments(shipments(&[], ""));
    let mut view = known(until(&mut watch, Mark::SnapshotComplete).await);
    watch.handled();
    let token = watch.token().to_owned();
    drop(watch);
    for id in ["s3", "s2"] {
        let name = names::shipment(id);
        let cancel = v1::CancelShipmentRequest { name, ..Default::default() };
        rig.tms.cancel_shipment(cancel).await.expect("it is cancelled");
    }
    let mut resumed = rig.tms.watch_shipments(shipments(&[], &token));
    let mut told = Vec::new();
    loop {
        match resumed.next().await.expect("it goes on") {
            WatchEvent::Is { resource, .. } => told.push(*resource),
            WatchEvent::Bookmark { bookmark, .. } => {
                // A snapshot would end with a mark of its own.
                assert_eq!(bookmark.kind(), Mark::Heartbeat);
                break;
            }
            WatchEvent::Restarted => panic!("the token was of this watch"),
        }
    }
    let names: Vec<&str> = told.iter().map(|shipment| names::id(&shipment.name)).collect();
    assert!(names.contains(&"s3") && names.contains(&"s2"), "{names:?}");
    assert!(!names.contains(&"s9"), "nothing has changed about it: {names:?}");
    view.extend(known(told));
    let mut fresh = rig.tms.watch_shipments(shipments(&[], ""));
    assert_eq!(view, known(until(&mut fresh, Mark::SnapshotComplete).await));
}
