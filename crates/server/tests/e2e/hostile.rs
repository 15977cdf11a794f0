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
