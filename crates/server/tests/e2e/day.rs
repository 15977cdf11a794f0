//! A day as its callers see it: announced, planned, changed, driven.

use swerve_client::{Code, convert, names, v1};
use swerve_model::Ticks;

use crate::rig::{Rig, TERRITORY, a_point, a_shipment, a_vehicle, at, spot, window};

fn stops_of(manifest: &v1::Manifest) -> Vec<&str> {
    manifest.stops.iter().map(|stop| names::id(&stop.tasks[0].shipment)).collect()
}

#[tokio::test]
async fn a_fleet_is_created_read_and_listed() {
    let rig = Rig::start().await;
    rig.open_vans().await;
    let get = v1::GetVehicleRequest { territory: TERRITORY.into(), name: names::vehicle("v2") };
    let vehicle = rig.dispatcher.get_vehicle(get).await.expect("it is there").vehicle;
    assert_eq!(vehicle, Some(a_vehicle(2)));
    let kind = v1::delivery_point::Kind::Locker;
    for number in 0..5 {
        rig.point(&format!("l{number}"), spot(f64::from(number), 5.0), kind).await;
    }
    let (mut names, mut page_token) = (Vec::new(), String::new());
    loop {
        let list =
            v1::ListDeliveryPointsRequest { territory: TERRITORY.into(), page_size: 2, page_token };
        let page = rig.tms.list_delivery_points(list).await.expect("a page");
        assert!(page.delivery_points.len() <= 2);
        names.extend(page.delivery_points.into_iter().map(|point| point.name));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    let all: Vec<String> = (0..5).map(|number| format!("deliveryPoints/l{number}")).collect();
    assert_eq!(names, all);
}

#[tokio::test]
async fn a_plan_made_elsewhere_is_taken_as_it_is_and_read_back_with_arrivals() {
    let rig = Rig::start().await;
    rig.imported(4).await;
    let manifest = rig.manifest("m1").await;
    assert_eq!(stops_of(&manifest), ["s1", "s2", "s3", "s4"]);
    let arrivals: Vec<_> = manifest
        .stops
        .iter()
        .map(|stop| stop.eta.and_then(|eta| eta.expected).expect("it is planned"))
        .collect();
    // A kilometre at 10 m/s from eight o'clock, then 140 s of service and another kilometre each.
    let expected: Vec<_> = (0..4)
        .map(|stop| convert::timestamp(at(8, 0) + Ticks::from_seconds(100 + stop * 240)))
        .collect();
    assert_eq!(arrivals, expected);
    let get = v1::GetShipmentRequest { name: names::shipment("s3") };
    let shipment = rig.tms.get_shipment(get).await.expect("it is there").shipment;
    let shipment = shipment.expect("it is there");
    assert_eq!(shipment.eta.and_then(|eta| eta.expected), Some(expected[2]));
    assert_eq!(shipment.territory, TERRITORY);
    let planned = shipment.parcels[0].planned.clone();
    let stop = v1::parcel::Planned::Stop(manifest.stops[2].name.clone());
    assert_eq!(planned, Some(stop));
}

#[tokio::test]
async fn what_cannot_be_planned_says_why_and_a_plan_counts_what_it_holds() {
    let rig = Rig::start().await;
    rig.imported(2).await;
    rig.point("far", spot(90_000.0, 0.0), v1::delivery_point::Kind::Door).await;
    let late = rig.shipment(a_shipment(9, "far", window((7, 0), (8, 30)))).await;
    let reason = match late.parcels[0].planned {
        Some(v1::parcel::Planned::UnassignedReason(reason)) => reason,
        ref other => panic!("it cannot be planned, yet {other:?}"),
    };
    let plan = v1::GetPlanRequest { territory: TERRITORY.into(), ..Default::default() };
    let plan = rig.dispatcher.get_plan(plan).await.expect("the plan");
    assert_eq!(plan.unassigned.len(), 1);
    assert_eq!(
        (plan.unassigned[0].parcel.as_str(), plan.unassigned[0].reason),
        ("shipments/s9/parcels/p1", reason)
    );
    let counts = plan.counts.expect("they are there");
    assert_eq!((counts.manifests, counts.stops_undone, counts.parcels_unassigned), (2, 2, 1));
    assert_eq!(plan.plan_hash, rig.territory.snapshot().plan_hash());
}

#[tokio::test]
async fn what_is_unassigned_is_explained_van_by_van() {
    let rig = Rig::start().await;
    rig.imported(2).await;
    rig.point("far", spot(90_000.0, 0.0), v1::delivery_point::Kind::Door).await;
    rig.shipment(a_shipment(9, "far", window((7, 0), (8, 30)))).await;
    let cold = a_shipment(8, "e1", window((8, 0), (20, 0)));
    rig.shipment(v1::Shipment { skills: vec!["cold".into()], ..cold }).await;
    rig.depart().await;
    let explain = async |id: &str| {
        let message = v1::ExplainUnassignedRequest { shipment: names::shipment(id) };
        rig.dispatcher.explain_unassigned(message).await.expect("an answer").parcels
    };
    let obstacles = |parcels: &[v1::UnplacedParcel]| {
        let vans = parcels[0].vans.iter();
        vans.map(|van| (names::id(&van.manifest).to_owned(), van.obstacle())).collect::<Vec<_>>()
    };
    // `m1` has left without them. `m2` is not 90 km away by half past eight, and carries nothing cold.
    let found = explain("s9").await;
    assert_eq!(found[0].parcel, "shipments/s9/parcels/p1");
    assert_eq!(found[0].reason(), v1::UnassignedReason::WindowUnreachable);
    let expected = |m2| vec![("m1".into(), v1::Obstacle::Custody), ("m2".into(), m2)];
    assert_eq!(obstacles(&found), expected(v1::Obstacle::OwnWindow));
    let found = explain("s8").await;
    assert_eq!(found[0].reason(), v1::UnassignedReason::NoVehicleWithSkills);
    assert_eq!(obstacles(&found), expected(v1::Obstacle::Skills));
    assert_eq!(explain("s1").await, [], "it has a place");
    let unknown = v1::ExplainUnassignedRequest { shipment: names::shipment("nobody") };
    let error = rig.dispatcher.explain_unassigned(unknown).await.expect_err("it is not there");
    assert_eq!(error.code(), Some(Code::NotFound));
}

#[tokio::test]
async fn a_recipient_moves_the_window_and_everyone_sees_it() {
    let rig = Rig::start().await;
    rig.imported(3).await;
    let wish = v1::Wish { windows: vec![window((11, 0), (12, 0))], ..Default::default() };
    let quote = rig.quote("s1", wish).await;
    assert!(quote.refusals.is_empty(), "{quote:?}");
    let offer = &quote.offers[0];
    assert_eq!(offer.effects[0].shipment, "shipments/s1");
    assert!(offer.impact.is_some());
    let commit = v1::CommitChangeRequest {
        offer: offer.name.clone(),
        assurance: v1::Assurance::OneTimeCode.into(),
        ..Default::default()
    };
    let answer = rig.tms.commit_change(commit).await.expect("an answer");
    let Some(v1::commit_change_response::Result::Change(change)) = answer.result else {
        panic!("nothing has moved: {answer:?}")
    };
    assert_eq!(change.state, i32::from(v1::change::State::Committed));
    let get = v1::GetShipmentRequest { name: names::shipment("s1") };
    let shipment = rig.tms.get_shipment(get).await.expect("it is there").shipment;
    let shipment = shipment.expect("it is there");
    let promise = shipment.promise.expect("it has one");
    assert_eq!((promise.version, promise.windows[0]), (2, window((11, 0), (12, 0))));
    let start = shipment.eta.and_then(|eta| eta.expected).map(|time| convert::moment(&time));
    assert!(start.is_some_and(|start| at(11, 0) <= start && start <= at(12, 0)), "{start:?}");
    let get = v1::GetChangeRequest { name: change.name.clone() };
    let again = rig.tms.get_change(get).await.expect("it is there").change;
    assert_eq!(again.as_ref(), Some(&change));
    let cancel = v1::CancelChangeRequest { name: change.name, ..Default::default() };
    let cancelled = rig.tms.cancel_change(cancel).await.expect("it is cancelled").change;
    let state = cancelled.map(|change| change.state);
    assert_eq!(state, Some(i32::from(v1::change::State::Cancelled)));
}

#[tokio::test]
async fn a_wish_that_cannot_be_had_is_an_answer_with_reasons() {
    let rig = Rig::start().await;
    rig.imported(1).await;
    rig.point("l1", spot(1_500.0, 0.0), v1::delivery_point::Kind::Locker).await;
    let to = |id: &str| v1::Wish {
        place: Some(v1::Place {
            kind: Some(v1::place::Kind::DeliveryPoint(names::delivery_point(id))),
        }),
        ..Default::default()
    };
    rig.shipment(v1::Shipment {
        goods_class: v1::GoodsClass::Restricted.into(),
        ..a_shipment(2, "e1", window((8, 0), (20, 0)))
    })
    .await;
    let quote = rig.quote("s2", to("l1")).await;
    assert!(quote.offers.is_empty());
    let reasons: Vec<&str> = quote.refusals.iter().map(|refusal| refusal.reason.as_str()).collect();
    assert_eq!(reasons, ["GOODS_RESTRICTED"]);
    assert_eq!(quote.refusals[0].proof, i32::from(v1::Proof::Impossible));
    let options = v1::GetChangeOptionsRequest {
        shipment: names::shipment("s2"),
        assurance: v1::Assurance::OneTimeCode.into(),
    };
    let options = rig.tms.get_change_options(options).await.expect("the options").options;
    let pickup = options.iter().find(|o| o.kind == i32::from(v1::ChangeKind::Pickup));
    assert!(pickup.is_some_and(|pickup| !pickup.allowed), "{options:?}");
}

#[tokio::test]
async fn the_same_request_twice_is_done_once_and_another_body_is_refused() {
    let rig = Rig::start().await;
    rig.imported(1).await;
    let wish = v1::Wish { suggest_windows: true, ..Default::default() };
    let message = v1::QuoteChangeRequest {
        request_id: "67e55044-10b1-426f-9247-bb680e5fe0c8".into(),
        shipment: names::shipment("s1"),
        wish: Some(wish),
        assurance: v1::Assurance::Account.into(),
        ..Default::default()
    };
    let first = rig.tms.quote_change(message.clone()).await.expect("an answer");
    let sequence = rig.territory.snapshot().state.sequence;
    let second = rig.tms.quote_change(message.clone()).await.expect("an answer");
    assert_eq!(first, second);
    assert_eq!(rig.territory.snapshot().state.sequence, sequence);
    let other = v1::QuoteChangeRequest { max_offers: 2, ..message };
    let error = rig.tms.quote_change(other).await.expect_err("another body");
    assert_eq!((error.code(), error.reason()), (Some(Code::InvalidArgument), "REQUEST_ID_REUSED"));
}

#[tokio::test]
async fn a_request_is_answered_again_even_when_its_window_has_passed() {
    let rig = Rig::start().await;
    rig.imported(1).await;
    let shipment = a_shipment(5, "e1", window((8, 0), (8, 30)));
    let message = v1::CreateShipmentRequest {
        request_id: "67e55044-10b1-426f-9247-bb680e5fe0c9".into(),
        territory: TERRITORY.into(),
        shipment: Some(shipment),
    };
    let first = rig.tms.create_shipment(message.clone()).await.expect("it is new");
    rig.tick(9, 0).await;
    let again = rig.tms.create_shipment(message.clone()).await.expect("it is known");
    assert_eq!(again.plan_revision, first.plan_revision);
    let fresh = v1::CreateShipmentRequest { request_id: String::new(), ..message };
    let error = rig.tms.create_shipment(fresh).await.expect_err("it is past");
    assert_eq!(error.reason(), "INVALID_FIELDS");
}

#[tokio::test]
async fn validate_only_answers_and_changes_nothing() {
    let rig = Rig::start().await;
    rig.imported(2).await;
    let wish = v1::Wish { windows: vec![window((11, 0), (12, 0))], ..Default::default() };
    let before = rig.territory.snapshot().state.sequence;
    let trial = v1::QuoteChangeRequest {
        shipment: names::shipment("s1"),
        wish: Some(wish.clone()),
        assurance: v1::Assurance::OneTimeCode.into(),
        validate_only: true,
        ..Default::default()
    };
    let quote = rig.tms.quote_change(trial).await.expect("an answer");
    assert!(!quote.offers.is_empty());
    assert_eq!(rig.territory.snapshot().state.sequence, before);
    let commit = |offer: &v1::Offer, validate_only| v1::CommitChangeRequest {
        offer: offer.name.clone(),
        assurance: v1::Assurance::OneTimeCode.into(),
        validate_only,
        ..Default::default()
    };
    let error = rig.tms.commit_change(commit(&quote.offers[0], false)).await;
    assert_eq!(error.expect_err("it was not kept").code(), Some(Code::NotFound));
    let quote = rig.quote("s1", wish).await;
    let before = rig.territory.snapshot().state.sequence;
    let answer = rig.tms.commit_change(commit(&quote.offers[0], true)).await.expect("an answer");
    assert!(matches!(answer.result, Some(v1::commit_change_response::Result::Change(_))));
    assert_eq!(rig.territory.snapshot().state.sequence, before);
}

#[tokio::test]
async fn a_driver_drives_and_reports() {
    let rig = Rig::start().await;
    rig.imported(2).await;
    rig.depart().await;
    let driver = rig.caller("driver-d1");
    let stop = rig.manifest("m1").await.stops[0].name.clone();
    rig.tick(8, 2).await;
    let position = v1::PositionReport {
        manifest: names::manifest("m1"),
        location: Some(spot(900.0, 0.0)),
        time: None,
    };
    let report =
        v1::ReportPositionsRequest { territory: TERRITORY.into(), positions: vec![position] };
    driver.report_positions(report).await.expect("it is seen");
    let arrive = v1::ArriveStopRequest {
        territory: TERRITORY.into(),
        stop: stop.clone(),
        ..Default::default()
    };
    driver.arrive_stop(arrive).await.expect("it arrives");
    rig.tick(8, 5).await;
    let complete = v1::CompleteStopRequest {
        territory: TERRITORY.into(),
        stop: stop.clone(),
        time: Some(convert::timestamp(at(8, 4))),
        ..Default::default()
    };
    driver.complete_stop(complete).await.expect("it is done");
    let get = v1::GetShipmentRequest { name: names::shipment("s1") };
    let shipment = rig.tms.get_shipment(get).await.expect("it is there").shipment;
    let custody = shipment.and_then(|shipment| shipment.parcels[0].custody.clone());
    let custody = custody.expect("it is somewhere");
    assert_eq!(custody.state, i32::from(v1::custody::State::Delivered));
    assert_eq!(custody.time, Some(convert::timestamp(at(8, 4))));
    let fail = v1::FailStopRequest {
        territory: TERRITORY.into(),
        stop: rig.manifest("m1").await.stops[1].name.clone(),
        reason: v1::FailureReason::RecipientAbsent.into(),
        ..Default::default()
    };
    driver.fail_stop(fail).await.expect("nobody is there");
    let close = v1::CloseManifestRequest {
        territory: TERRITORY.into(),
        manifest: names::manifest("m1"),
        ..Default::default()
    };
    driver.close_manifest(close).await.expect("the day is over");
    let arrive = v1::ArriveStopRequest { territory: TERRITORY.into(), stop, ..Default::default() };
    let error = driver.arrive_stop(arrive).await.expect_err("it is done");
    assert_eq!((error.code(), error.reason()), (Some(Code::FailedPrecondition), "NOT_DEPARTED"));
}

#[tokio::test]
async fn a_dispatcher_pins_moves_and_replans() {
    let rig = Rig::start().await;
    rig.imported(4).await;
    let manifest = rig.manifest("m1").await;
    let seen_revision = manifest.revision.clone();
    let pin = v1::PinStopRequest {
        territory: TERRITORY.into(),
        stop: manifest.stops[3].name.clone(),
        pinned: true,
        ..Default::default()
    };
    rig.dispatcher.pin_stop(pin).await.expect("it is pinned");
    let move_stop = |stop: &str, seen_revision| v1::MoveStopRequest {
        stop: stop.to_owned(),
        seen_revision,
        to_manifest: names::manifest("m2"),
        position: 0,
        ..Default::default()
    };
    let stale = move_stop(&manifest.stops[1].name, seen_revision);
    let error = rig.dispatcher.move_stop(stale).await.expect_err("the plan has moved on");
    assert_eq!((error.code(), error.reason()), (Some(Code::Aborted), "REVISION_CONFLICT"));
    let now = rig.manifest("m1").await.revision;
    let fresh = move_stop(&manifest.stops[1].name, now);
    rig.dispatcher.move_stop(fresh).await.expect("it moves");
    assert_eq!(stops_of(&rig.manifest("m2").await), ["s2"]);
    let propose = v1::ProposeReplanRequest {
        territory: TERRITORY.into(),
        iterations: Some(200),
        ..Default::default()
    };
    let answer = rig.dispatcher.propose_replan(propose).await.expect("a proposal");
    let proposal = answer.proposal.expect("a proposal");
    assert_eq!(stops_of(&rig.manifest("m2").await), ["s2"], "a proposal changes nothing");
    let back = proposal.diffs.iter().find(|diff| diff.manifest == "manifests/m1");
    let back = back.expect("one van is cheaper than two");
    assert_eq!(back.arrivals.len(), 1);
    assert!(back.arrivals[0].from.starts_with("manifests/m2/stops/"), "{back:?}");
    let apply = v1::ApplyReplanRequest {
        proposal: proposal.name.clone(),
        expected_revision: proposal.base_revision,
        ..Default::default()
    };
    rig.dispatcher.apply_replan(apply.clone()).await.expect("it is applied");
    assert!(rig.manifest("m2").await.stops.is_empty());
    let again = v1::ApplyReplanRequest { request_id: String::new(), ..apply };
    let error = rig.dispatcher.apply_replan(again).await.expect_err("it is gone");
    assert_eq!(error.code(), Some(Code::NotFound));
}

#[tokio::test]
async fn a_day_is_planned_and_a_batch_is_all_or_nothing() {
    let rig = Rig::start().await;
    rig.open_vans().await;
    for number in 1..=6 {
        let door = format!("e{number}");
        let kind = v1::delivery_point::Kind::Door;
        rig.point(&door, spot(500.0 * number as f64, 100.0), kind).await;
    }
    let shipment = |number| a_shipment(number, &format!("e{number}"), window((8, 0), (20, 0)));
    let mut batch = v1::BatchCreateShipmentsRequest {
        territory: TERRITORY.into(),
        shipments: (1..=6).map(shipment).collect(),
        ..Default::default()
    };
    batch.shipments[5].promise.as_mut().expect("it has one").delivery_point =
        "deliveryPoints/nowhere".into();
    let error = rig.tms.batch_create_shipments(batch.clone()).await.expect_err("one is wrong");
    assert_eq!(error.code(), Some(Code::InvalidArgument));
    assert!(rig.territory.snapshot().state.shipments.is_empty(), "all or nothing");
    batch.shipments[5] = shipment(6);
    batch.request_id.clear();
    let answer = rig.tms.batch_create_shipments(batch).await.expect("a batch");
    assert_eq!((answer.created_count, answer.planned_count), (6, 0));
    let plan_day = v1::PlanDayRequest {
        territory: TERRITORY.into(),
        iterations: Some(50),
        ..Default::default()
    };
    let counts = rig.dispatcher.plan_day(plan_day).await.expect("a plan").counts;
    let counts = counts.expect("they are there");
    assert_eq!((counts.parcels_assigned, counts.parcels_unassigned), (6, 0));
}

#[tokio::test]
async fn a_thing_that_exists_is_not_made_again_as_another() {
    let rig = Rig::start().await;
    rig.imported(1).await;
    let vehicle = |vehicle| v1::CreateVehicleRequest {
        territory: TERRITORY.into(),
        vehicle: Some(vehicle),
        ..Default::default()
    };
    rig.tms.create_vehicle(vehicle(a_vehicle(1))).await.expect("it is as it was");
    let other = v1::Vehicle { co2_grams_per_km: 0, ..a_vehicle(1) };
    let error = rig.tms.create_vehicle(vehicle(other)).await.expect_err("it is another");
    assert_eq!(error.code(), Some(Code::AlreadyExists));
    let point = v1::CreateDeliveryPointRequest {
        territory: TERRITORY.into(),
        delivery_point: Some(a_point("e1", spot(7.0, 7.0), v1::delivery_point::Kind::Door)),
        ..Default::default()
    };
    let error = rig.tms.create_delivery_point(point).await.expect_err("it is elsewhere");
    assert_eq!(error.code(), Some(Code::AlreadyExists));
    let shipment = v1::CreateShipmentRequest {
        territory: TERRITORY.into(),
        shipment: Some(a_shipment(1, "e1", window((8, 0), (20, 0)))),
        ..Default::default()
    };
    let error = rig.tms.create_shipment(shipment).await.expect_err("it is there");
    assert_eq!(error.code(), Some(Code::AlreadyExists));
}
