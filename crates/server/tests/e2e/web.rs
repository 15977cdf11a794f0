//! The same port, without our own client: health, reflection, and plain HTTP.

use swerve_client::v1;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tonic::transport::{Channel, Endpoint};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;
use tonic_reflection::pb::v1::{ServerReflectionRequest, ServerReflectionResponse};

use crate::rig::Rig;

async fn channel(rig: &Rig) -> Channel {
    let endpoint = Endpoint::from_shared(format!("http://{}", rig.address)).expect("an address");
    endpoint.connect().await.expect("it serves")
}

/// Status line, headers and body of a GET over HTTP/1.1.
async fn get(rig: &Rig, path: &str) -> String {
    let mut stream = TcpStream::connect(rig.address).await.expect("it listens");
    let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("it is sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("it answers");
    answer
}

#[tokio::test]
async fn health_is_open_and_knows_every_service() {
    let rig = Rig::start().await;
    let mut health = HealthClient::new(channel(&rig).await);
    for service in ["", "swerve.v1.ChangeService", "swerve.v1.OperatorService"] {
        let check = HealthCheckRequest { service: service.into() };
        let status = health.check(check).await.expect("it answers").into_inner().status;
        assert_eq!(status, i32::from(ServingStatus::Serving), "{service}");
    }
}

async fn reflect(rig: &Rig, ask: MessageRequest) -> ServerReflectionResponse {
    let mut reflection = ServerReflectionClient::new(channel(rig).await);
    let request = ServerReflectionRequest { host: String::new(), message_request: Some(ask) };
    let stream = tokio_stream::once(request);
    let answer = reflection.server_reflection_info(stream).await.expect("it answers");
    answer.into_inner().message().await.expect("it goes on").expect("one answer")
}

#[tokio::test]
async fn reflection_is_open_and_names_every_service() {
    let rig = Rig::start().await;
    let answer = reflect(&rig, MessageRequest::ListServices(String::new())).await;
    let Some(MessageResponse::ListServicesResponse(list)) = answer.message_response else {
        panic!("{answer:?}")
    };
    let names: Vec<&str> = list.service.iter().map(|service| service.name.as_str()).collect();
    for service in [
        "grpc.health.v1.Health",
        "grpc.reflection.v1.ServerReflection",
        "swerve.v1.ChangeService",
        "swerve.v1.ShipmentService",
    ] {
        assert!(names.contains(&service), "{service} is not in {names:?}");
    }
    let symbol = MessageRequest::FileContainingSymbol("grpc.health.v1.Health".into());
    let answer = reflect(&rig, symbol).await;
    let found = answer.message_response;
    assert!(matches!(found, Some(MessageResponse::FileDescriptorResponse(_))), "{found:?}");
}

#[tokio::test]
async fn probes_and_scrapes_share_the_port() {
    let rig = Rig::start().await;
    rig.imported(1).await;
    let health = get(&rig, "/healthz").await;
    assert!(health.starts_with("HTTP/1.1 200") && health.ends_with("serving\n"), "{health}");
    let metrics = get(&rig, "/metrics").await;
    for line in [
        r#"swerve_calls_total{method="/swerve.v1.FleetService/CreateVehicle",code="OK"} 2"#,
        r#"swerve_log_sequence{tenant="acme",territory="plain"}"#,
        "swerve_call_micros_bucket",
        "# EOF",
    ] {
        assert!(metrics.contains(line), "{line} is not in:\n{metrics}");
    }
    assert!(get(&rig, "/nothing").await.starts_with("HTTP/1.1 404"));
}

#[tokio::test]
async fn a_territory_describes_itself() {
    let rig = Rig::start().await;
    rig.imported(1).await;
    let get = v1::GetTerritoryRequest { name: crate::rig::TERRITORY.into() };
    let territory = rig.operator.get_territory(get).await.expect("it is there").territory;
    let territory = territory.expect("it is there");
    let state = &rig.territory.snapshot().state;
    assert_eq!(territory.clock, i32::from(v1::ClockKind::Simulated));
    assert_eq!(territory.log_sequence, state.sequence as i64);
    assert_eq!(territory.skills, ["heavy", "cold"]);
    assert_eq!(territory.depots[0].name, "depots/hub");
    assert_eq!(territory.road_fingerprint, [7; 32]);
}
