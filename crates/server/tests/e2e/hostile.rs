//! Input meant to hurt: every fault is named, nothing is half applied, nothing hangs or panics.

use std::time::Duration;

use swerve_client::{ClientError, Code, Rejection, convert, names, v1};
use swerve_model::Ticks;
use tonic::metadata::MetadataValue;
use tonic_types::StatusExt as _;

use crate::rig::{Rig, TERRITORY, a_point, a_shipment, at, spot, token, window};

fn rejection(error: ClientError) -> Rejection {
    match error {
        ClientError::Rejected(rejection) => *rejection,
        other => panic!("the server did not answer: {other}"),
    }
}

fn fields(error: ClientError) -> Vec<String> {
    let rejection = rejection(error);
    assert_eq!(
        (rejection.code, rejection.reason.as_str()),
        (Code::InvalidArgument, "INVALID_FIELDS")
    );
    rejection.fields.into_iter().map(|fault| fault.field).collect()
}

#[tokio::test]
async fn what_a_shipment_names_must_exist_and_is_spelled_as_the_caller_did() {
    let rig = Rig::start().await;
    rig.imported(1).await;
    let mut shipment = a_shipment(7, "nowhere", window((8, 0), (20, 0)));
    shipment.parcels[0].custody.as_mut().expect("it has one").depot = names::depot("nowhere");
    let message = v1::CreateShipmentRequest {
        territory: TERRITORY.into(),
        shipment: Some(shipment),
        ..Default::default()
    };
    let found = fields(rig.tms.create_shipment(message).await.expect_err("it names nothing"));
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found.iter().all(|field| field.starts_with("shipment.")), "{found:?}");
}

#[tokio::test]
async fn a_place_that_is_no_place_is_refused_by_value() {
    let rig = Rig::start().await;
    rig.imported(1).await;
    let kind = v1::delivery_point::Kind::Door;
    for (latitude, longitude, named) in [
        (f64::NAN, 0.0, "NaN"),
        (f64::NEG_INFINITY, 0.0, "-inf"),
        (0.0, 181.0, "181"),
        (10.0, 0.0, "123456 m"),
    ] {
        let point = a_point("odd", v1::LatLng { latitude, longitude }, kind);
        let message = v1::CreateDeliveryPointRequest {
            territory: TERRITORY.into(),
            delivery_point: Some(point),
            ..Default::default()
        };
        let error = rig.tms.create_delivery_point(message).await.expect_err("it is no place");
        let rejection = rejection(error);
        assert_eq!(rejection.fields[0].field, "delivery_point.location");
        assert!(rejection.fields[0].description.contains(named), "{rejection}");
        let place = v1::place::Kind::Location(v1::LatLng { latitude, longitude });
        let message = v1::QuoteChangeRequest {
            shipment: names::shipment("s1"),
            wish: Some(v1::Wish {
                place: Some(v1::Place { kind: Some(place) }),
                ..Default::default()
            }),
            ..Default::default()
        };
        let found = fields(rig.tms.quote_change(message).await.expect_err("it is no place"));
        assert_eq!(found, ["wish.place.location"]);
    }
}

#[tokio::test]
async fn what_does_not_exist_is_not_found() {
    let rig = Rig::start().await;
    rig.imported(1).await;
    let get = v1::GetShipmentRequest { name: names::shipment("nobody") };
    let error = rig.tms.get_shipment(get).await.expect_err("it is not there");
    assert_eq!((error.code(), error.reason()), (Some(Code::NotFound), "RESOURCE_NOT_FOUND"));
    let list = v1::ListVehiclesRequest { territory: "territories/no".into(), ..Default::default() };
    let error = rig.tms.list_vehicles(list).await.expect_err("it is not there");
    assert_eq!(error.code(), Some(Code::NotFound));
    let commit = v1::CommitChangeRequest {
        offer: "quotes/plain~q-999999/offers/0".into(),
        ..Default::default()
    };
    let error = rig.tms.commit_change(commit).await.expect_err("it is not there");
    assert_eq!(error.code(), Some(Code::NotFound));
    let arrive = v1::ArriveStopRequest {
        territory: TERRITORY.into(),
        stop: names::stop("m1", "nope"),
        ..Default::default()
    };
    rig.depart().await;
    let error = rig.dispatcher.arrive_stop(arrive).await.expect_err("it is not there");
    assert_eq!(error.code(), Some(Code::NotFound));
}

/// How a call that must fail did.
fn code<T: std::fmt::Debug>(answer: Result<T, ClientError>) -> (Code, String) {
    let rejection = rejection(answer.expect_err("there is no such thing"));
    (rejection.code, rejection.reason)
}

#[tokio::test]
async fn what_no_territory_issued_is_not_found_whatever_it_is_called() {
    let rig = Rig::start().await;
    rig.imported(1).await;
    let (desk, tms) = (&rig.dispatcher, &rig.tms);
    let not_found = (Code::NotFound, "RESOURCE_NOT_FOUND".to_owned());
    for id in ["none", "plain~none", "elsewhere~c-1", "~", "plain~"] {
        let name = format!("changes/{id}");
        let get = v1::GetChangeRequest { name: name.clone() };
        assert_eq!(code(tms.get_change(get).await), not_found, "{id}");
        let cancel = v1::CancelChangeRequest { name, ..Default::default() };
        assert_eq!(code(tms.cancel_change(cancel).await), not_found, "{id}");
        let proposal = format!("replanProposals/{id}");
        let revision = v1::PlanRevision { territory: TERRITORY.into(), epoch: 1, number: 1 };
        let apply = v1::ApplyReplanRequest {
            proposal: proposal.clone(),
            expected_revision: Some(revision),
            ..Default::default()
        };
        assert_eq!(code(desk.apply_replan(apply).await), not_found, "{id}");
        let discard = v1::DiscardReplanRequest { proposal, ..Default::default() };
        assert_eq!(code(desk.discard_replan(discard).await), not_found, "{id}");
        let offer = format!("quotes/{id}/offers/0");
        let ttl = Some(convert::duration(Ticks::from_minutes(1)));
        let hold = v1::HoldOfferRequest { offer: offer.clone(), ttl, ..Default::default() };
        assert_eq!(code(tms.hold_offer(hold).await), not_found, "{id}");
        let release = v1::ReleaseOfferRequest { offer: offer.clone(), ..Default::default() };
        assert_eq!(code(tms.release_offer(release).await), not_found, "{id}");
        let commit = v1::CommitChangeRequest { offer, ..Default::default() };
        assert_eq!(code(tms.commit_change(commit).await), not_found, "{id}");
    }
}

#[tokio::test]
async fn a_name_that_nothing_could_have_is_a_fault_that_says_why() {
    let rig = Rig::start().await;
    rig.imported(1).await;
    for (name, rule) in [
        (String::new(), "is required"),
        ("c-1".into(), "`changes/{change}`"),
        ("changes/a/b".into(), "`changes/{change}`"),
        ("changes/a b".into(), "only letters"),
        (format!("changes/{}", "x".repeat(10_000)), "10000 characters"),
    ] {
        let get = v1::GetChangeRequest { name };
        let rejection = rejection(rig.tms.get_change(get).await.expect_err("it is no name"));
        assert_eq!((rejection.code, rejection.fields.len()), (Code::InvalidArgument, 1));
        let fault = &rejection.fields[0];
        assert_eq!(fault.field, "name");
        assert!(fault.description.contains(rule), "{rule}: {fault:?}");
    }
}

#[tokio::test]
async fn a_revision_of_another_territory_says_nothing_of_a_proposals_plan() {
    let rig = Rig::start().await;
    rig.imported(2).await;
    let propose = v1::ProposeReplanRequest { territory: TERRITORY.into(), ..Default::default() };
    let proposed = rig.dispatcher.propose_replan(propose).await.expect("a proposal");
    let proposal = proposed.proposal.expect("it is there");
    let mut revision = proposal.base_revision.clone().expect("it is of a plan");
    revision.territory = "territories/elsewhere".into();
    let apply = v1::ApplyReplanRequest {
        proposal: proposal.name,
        expected_revision: Some(revision),
        ..Default::default()
    };
    let error = rig.dispatcher.apply_replan(apply).await.expect_err("it is of another");
    assert_eq!(fields(error), ["expected_revision.territory"]);
}

/// A window that closes an hour before it opens.
fn reversed() -> v1::TimeWindow {
    let window = window((8, 0), (9, 0));
    v1::TimeWindow { open: window.close, close: window.open }
}

#[tokio::test]
async fn every_fault_of_a_shipment_is_told_at_once_and_nothing_is_made() {
    let rig = Rig::start().await;
    rig.imported(1).await;
    let mut shipment = a_shipment(7, "e1", reversed());
    shipment.name = names::shipment("x".repeat(10_000));
    shipment.parcels[0].load = Some(v1::Load { weight_grams: -5, ..Default::default() });
    shipment.skills.push("flying".into());
    let message = v1::CreateShipmentRequest {
        request_id: "not a uuid".into(),
        territory: TERRITORY.into(),
        shipment: Some(shipment),
    };
    let before = rig.territory.snapshot().state.sequence;
    let found = fields(rig.tms.create_shipment(message).await.expect_err("it is wrong"));
    for field in [
        "request_id",
        "shipment.name",
        "shipment.parcels[0].load.weight_grams",
        "shipment.promise.windows[0]",
        "shipment.skills[0]",
    ] {
        assert!(found.iter().any(|found| found == field), "{field} is not in {found:?}");
    }
    assert_eq!(rig.territory.snapshot().state.sequence, before);
}

#[tokio::test]
async fn a_thousand_faults_reach_a_client_with_small_headers() {
    let rig = Rig::start().await;
    rig.imported(1).await;
    let wrong = |number| v1::Shipment {
        recipient: "é/".repeat(40),
        ..a_shipment(number, "e1", reversed())
    };
    let message = v1::BatchCreateShipmentsRequest {
        territory: TERRITORY.into(),
        shipments: (100..1100).map(wrong).collect(),
        ..Default::default()
    };
    let error = rig.tms.batch_create_shipments(message).await.expect_err("they are wrong");
    let rejection = rejection(error);
    assert_eq!(
        (rejection.code, rejection.reason.as_str()),
        (Code::InvalidArgument, "INVALID_FIELDS")
    );
    // Each has two; some are listed, the rest counted.
    assert_eq!(rejection.facts.get("faults").map(String::as_str), Some("2000"));
    let (listed, rest) = rejection.fields.split_at(rejection.fields.len() - 1);
    assert!(listed.len() > 10, "{rejection}");
    assert_eq!(
        rest[0].description,
        format!("and {} more, which do not fit here", 2000 - listed.len())
    );
    // The smallest limit on headers that common clients have is 8 KiB in all.
    let bytes: usize = listed.iter().map(|one| one.field.len() + one.description.len()).sum();
    assert!(bytes < 6_000, "{bytes} bytes are {} in base64", bytes * 4 / 3);
}

#[tokio::test]
async fn a_wish_for_a_past_or_reversed_window_is_a_fault() {
    let rig = Rig::start().await;
    rig.imported(1).await;
    rig.tick(10, 0).await;
    for (wished, field) in [
        (window((8, 0), (9, 0)), "wish.windows"),
        (reversed(), "wish.windows[0]"),
        (v1::TimeWindow::default(), "wish.windows[0].open"),
    ] {
        let message = v1::QuoteChangeRequest {
            shipment: names::shipment("s1"),
            wish: Some(v1::Wish { windows: vec![wished], ..Default::default() }),
            ..Default::default()
        };
        let found = fields(rig.tms.quote_change(message).await.expect_err("it is no window"));
        assert_eq!(found[0], field, "{found:?}");
    }
    assert!(rig.territory.snapshot().state.quotes.is_empty());
}

#[tokio::test]
async fn an_imported_stop_for_nothing_is_told_why_once() {
    let rig = Rig::start().await;
    rig.imported(1).await;
    rig.shipment(a_shipment(2, "e1", window((8, 0), (20, 0)))).await;
    let name = names::shipment("s2");
    let cancel = v1::CancelShipmentRequest { name, ..Default::default() };
    rig.tms.cancel_shipment(cancel).await.expect("it is cancelled");
    let task = |id: &str| v1::Task { shipment: names::shipment(id), parcels: Vec::new() };
    for (tasks, rule) in [
        (vec![], "has 0 tasks; 1 to 100 are required"),
        (vec![task("nobody")], "shipment \"nobody\" does not exist"),
        (vec![task("s1"), task("s2")], "every parcel of s2 has ended"),
    ] {
        let stops = vec![v1::ImportedStop { tasks }];
        let message = v1::ImportPlanRequest {
            territory: TERRITORY.into(),
            manifests: vec![v1::ImportedManifest { manifest: names::manifest("m1"), stops }],
            ..Default::default()
        };
        let error = rig.tms.import_plan(message).await.expect_err("it is for nothing");
        let found = rejection(error).fields;
        let faults: Vec<&str> = found.iter().map(|fault| fault.description.as_str()).collect();
        assert!(faults.len() == 1 && faults[0].contains(rule), "{rule:?} is not all of {faults:?}");
    }
}

#[tokio::test]
async fn a_report_from_the_future_is_a_fault() {
    let rig = Rig::start().await;
    rig.imported(1).await;
    rig.depart().await;
    let arrive = v1::ArriveStopRequest {
        territory: TERRITORY.into(),
        stop: rig.manifest("m1").await.stops[0].name.clone(),
        time: Some(convert::timestamp(at(8, 0) + Ticks::from_minutes(30))),
        ..Default::default()
    };
    let error = rig.dispatcher.arrive_stop(arrive).await.expect_err("it lies ahead");
    assert_eq!(fields(error), ["time"]);
}

#[tokio::test]
async fn time_runs_forward_only_and_only_where_it_is_simulated() {
    let rig = Rig::start().await;
    rig.tick(9, 0).await;
    let back = |name: &str| v1::AdvanceClockRequest {
        name: name.into(),
        time: Some(convert::timestamp(at(8, 0))),
    };
    let error = rig.operator.advance_clock(back(TERRITORY)).await.expect_err("it is past");
    assert_eq!((error.code(), error.reason()), (Some(Code::InvalidArgument), "TIME_REVERSED"));
    let real = Rig::with(swerve_engine::ClockKind::Real, Duration::from_secs(5)).await;
    let error = real.operator.advance_clock(back(TERRITORY)).await.expect_err("it runs by itself");
    assert_eq!((error.code(), error.reason()), (Some(Code::FailedPrecondition), "CLOCK_IS_REAL"));
}

/// Sends a message to a method it is not of.
async fn missent(rig: &Rig, message: v1::LatLng, padding: usize) -> tonic::Status {
    let endpoint = tonic::transport::Endpoint::from_shared(format!("http://{}", rig.address));
    let channel = endpoint.expect("an address").connect().await.expect("it serves");
    let mut grpc = tonic::client::Grpc::new(channel);
    grpc.ready().await.expect("it is connected");
    let bearer = format!("Bearer {}", token("tms"));
    let mut request = tonic::Request::new(v1::ListDeliveryPointsResponse {
        delivery_points: Vec::new(),
        next_page_token: "x".repeat(padding),
    });
    request
        .metadata_mut()
        .insert("authorization", MetadataValue::try_from(bearer).expect("a header"));
    let path = axum::http::uri::PathAndQuery::from_static("/swerve.v1.FleetService/CreateVehicle");
    if padding > 0 {
        let codec = tonic_prost::ProstCodec::<_, v1::CreateVehicleResponse>::default();
        return grpc.unary(request, path, codec).await.expect_err("it is too large");
    }
    let codec = tonic_prost::ProstCodec::<_, v1::CreateVehicleResponse>::default();
    let request = request.map(|_| message);
    grpc.unary(request, path, codec).await.expect_err("it is something else")
}

#[tokio::test]
async fn bytes_that_are_no_request_are_the_callers_fault() {
    let rig = Rig::start().await;
    let status = missent(&rig, spot(1.0, 2.0), 0).await;
    let info = status.get_details_error_info().expect("it has a reason");
    assert_eq!((status.code(), info.reason.as_str()), (Code::InvalidArgument, "MESSAGE_MALFORMED"));
}

#[tokio::test]
async fn a_message_beyond_the_limit_is_refused_with_the_limit() {
    let rig = Rig::start().await;
    let status = missent(&rig, spot(1.0, 2.0), swerve_server::MESSAGE_BYTES_MAX + 1).await;
    let info = status.get_details_error_info().expect("it has a reason");
    assert_eq!((status.code(), info.reason.as_str()), (Code::InvalidArgument, "MESSAGE_TOO_LARGE"));
    assert_eq!(info.metadata.get("limit").map(String::as_str), Some("4194304"));
}

#[tokio::test]
async fn a_deadline_that_has_passed_changes_nothing() {
    let rig = Rig::start().await;
    rig.imported(1).await;
    let before = rig.territory.snapshot().state.sequence;
    let hasty = rig.tms.with_deadline(Duration::from_micros(1));
    let message = v1::CreateShipmentRequest {
        territory: TERRITORY.into(),
        shipment: Some(a_shipment(8, "e1", window((8, 0), (20, 0)))),
        ..Default::default()
    };
    let error = hasty.create_shipment(message).await.expect_err("it cannot be done in no time");
    assert_eq!(error.code(), Some(Code::DeadlineExceeded));
    rig.tick(7, 30).await;
    let state = &rig.territory.snapshot().state;
    assert!(!state.shipments.keys().any(|id| id.as_str() == "s8"), "{before}");
}
