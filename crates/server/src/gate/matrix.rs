//! Every method of the descriptor set against every kind of caller, through the real gate and
//! services. A new call without a row in the table of rights, or without a handler, fails here.

use std::convert::Infallible;

use axum::http::{Method, Request, Response};
use prost::Message as _;
use swerve_auth::{RULES, Secret, TokenSetting, Tokens};
use swerve_model::{DriverId, Role, ShipmentId, TenantId};
use tokio::sync::watch;
use tonic::body::Body;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;
use tower::{Service as _, ServiceExt as _};

use crate::directory::Directory;
use crate::edge::Edge;
use crate::gate::{Gate, GateLayer};
use crate::service;
use tonic::service::Routes;
use tower::Layer as _;

const ROLES: [Role; 5] =
    [Role::Tms, Role::Dispatcher, Role::Driver, Role::Recipient, Role::Operator];

/// `/swerve.v1.FleetService/CreateVehicle` and all others there are.
fn methods() -> Vec<String> {
    let set = prost_types::FileDescriptorSet::decode(swerve_proto::FILE_DESCRIPTOR_SET);
    let files = set.expect("our own descriptors").file.into_iter();
    let mut methods = Vec::new();
    for file in files.filter(|file| file.package() == "swerve.v1") {
        for service in &file.service {
            let path = |method: &str| format!("/swerve.v1.{}/{method}", service.name());
            methods.extend(service.method.iter().map(|method| path(method.name())));
        }
    }
    methods
}

fn token_of(role: Role) -> String {
    format!("not-a-real-token-of-{}", role.name())
}

fn tokens() -> Tokens {
    let setting = |role: Role| TokenSetting {
        name: role.name().to_owned(),
        token: Secret::new(token_of(role)),
        tenant: TenantId::new("acme").expect("a name"),
        role,
        driver: (role == Role::Driver).then(|| DriverId::new("ada").expect("a name")),
        shipment: (role == Role::Recipient).then(|| ShipmentId::new("s1").expect("a name")),
    };
    Tokens::new(ROLES.map(setting).to_vec()).expect("five good tokens")
}

/// All services behind the gate, with no territory behind them.
fn gate() -> Gate<Routes> {
    let (_drain, draining) = watch::channel(false);
    let directory = Directory::new(Vec::new());
    let edge = Edge::new(tokens(), directory, crate::settings::HEARTBEAT, draining);
    let routes = service::add_to(Routes::default(), &edge);
    GateLayer { edge }.layer(routes)
}

/// Calls a method with an empty message.
async fn call(gate: &mut Gate<Routes>, method: &str, authorization: Option<&str>) -> Status {
    let mut request = Request::builder()
        .method(Method::POST)
        .uri(method)
        .header("content-type", "application/grpc")
        .header("te", "trailers");
    if let Some(authorization) = authorization {
        request = request.header("authorization", authorization);
    }
    let empty_frame = axum::body::Body::from(vec![0u8; 5]);
    let request = request.body(Body::new(empty_frame)).expect("a request");
    let ready = gate.ready().await.expect("it never fails");
    let response: Result<Response<Body>, Infallible> = ready.call(request).await;
    let response = response.expect("it never fails");
    // Without a territory nothing succeeds but a list of none.
    Status::from_header_map(response.headers()).unwrap_or_else(|| Status::new(Code::Ok, ""))
}

fn reason_of(status: &Status) -> String {
    let info = status.get_details_error_info().expect("every error has a reason");
    assert_eq!(info.domain, "swerve");
    info.reason
}

#[test]
fn every_method_has_a_row_in_the_table_of_rights() {
    let methods = methods();
    assert!(methods.len() > 40, "{methods:?}");
    for method in &methods {
        assert!(RULES.iter().any(|rule| rule.method == method), "{method} has no row");
    }
}

#[test]
fn every_service_is_in_the_health_report() {
    for method in methods() {
        let service = method.trim_start_matches('/').split('/').next().unwrap_or_default();
        assert!(service::NAMES.contains(&service), "{service} is missing");
    }
}

#[tokio::test]
async fn nobody_calls_anything_without_a_token() {
    let mut gate = gate();
    for method in methods() {
        for (authorization, reason) in [
            (None, "TOKEN_MISSING"),
            (Some("Basic YWRhOmFkYQ=="), "TOKEN_MALFORMED"),
            (Some("Bearer not-a-token-of-anyone"), "TOKEN_UNKNOWN"),
        ] {
            let status = call(&mut gate, &method, authorization).await;
            assert_eq!(status.code(), Code::Unauthenticated, "{method}: {status:?}");
            assert_eq!(reason_of(&status), reason, "{method}");
        }
    }
}

#[tokio::test]
async fn a_role_reaches_exactly_the_methods_its_rows_allow() {
    let mut gate = gate();
    for method in methods() {
        let rule = RULES.iter().find(|rule| rule.method == method).expect("every method has one");
        for role in ROLES {
            let authorization = format!("Bearer {}", token_of(role));
            let status = call(&mut gate, &method, Some(&authorization)).await;
            let name = role.name();
            if rule.allowed.iter().any(|allow| allow.role == role) {
                // It got through to a handler, which found the empty message wanting.
                let reached = matches!(status.code(), Code::InvalidArgument | Code::Ok)
                    || reason_of(&status) == "LOOPBACK_ONLY";
                assert!(reached, "{name} {method}: {status:?}");
            } else {
                assert_eq!(status.code(), Code::PermissionDenied, "{name} {method}: {status:?}");
                assert_eq!(reason_of(&status), "ROLE_NOT_ALLOWED", "{name} {method}");
            }
        }
    }
}

#[tokio::test]
async fn a_method_that_does_not_exist_is_told_only_to_those_with_a_token() {
    let mut gate = gate();
    let authorization = format!("Bearer {}", token_of(Role::Operator));
    for method in ["/swerve.v1.FleetService/DropEverything", "/other.Service/Call"] {
        let status = call(&mut gate, method, None).await;
        assert_eq!(status.code(), Code::Unauthenticated, "{method}");
        let status = call(&mut gate, method, Some(&authorization)).await;
        assert_eq!(
            (status.code(), reason_of(&status)),
            (Code::Unimplemented, "METHOD_UNKNOWN".into())
        );
    }
}
