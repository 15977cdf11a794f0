//! The client against a server that fails on purpose, over a real socket.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use swerve_client::{Backoff, Client, ClientError, Code, Options, WatchEvent, v1};
use swerve_proto::v1::operator_service_server::{OperatorService, OperatorServiceServer};
use swerve_proto::v1::plan_service_server::{PlanService, PlanServiceServer};
use swerve_proto::v1::shipment_service_server::{ShipmentService, ShipmentServiceServer};
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{Request, Response, Status};
use tonic_types::{ErrorDetails, StatusExt};

/// What one watch says.
type Script = Vec<Result<v1::WatchShipmentsResponse, Status>>;

/// What the fake does with the calls it gets, one entry a call; then it answers well.
#[derive(Clone, Default)]
struct Fake {
    failures: Arc<Mutex<VecDeque<Status>>>,
    /// Request ids, resume tokens and authorizations as they came in.
    heard: Arc<Mutex<Vec<String>>>,
    /// What each watch that is opened says before it breaks off.
    scripts: Arc<Mutex<VecDeque<Script>>>,
}

impl Fake {
    fn hear<T>(&self, request: &Request<T>, said: &str) -> Result<(), Status> {
        let who = request.metadata().get("authorization").and_then(|who| who.to_str().ok());
        self.heard.lock().expect("no panic").push(format!("{said} by {}", who.unwrap_or("nobody")));
        match self.failures.lock().expect("no panic").pop_front() {
            Some(status) => Err(status),
            None => Ok(()),
        }
    }

    fn heard(&self) -> Vec<String> {
        self.heard.lock().expect("no panic").clone()
    }

    fn fails_with(&self, failures: impl IntoIterator<Item = Status>) {
        self.failures.lock().expect("no panic").extend(failures);
    }
}

#[tonic::async_trait]
impl OperatorService for Fake {
    async fn list_territories(
        &self,
        _: Request<v1::ListTerritoriesRequest>,
    ) -> Result<Response<v1::ListTerritoriesResponse>, Status> {
        std::future::pending().await
    }

    async fn get_territory(
        &self,
        request: Request<v1::GetTerritoryRequest>,
    ) -> Result<Response<v1::GetTerritoryResponse>, Status> {
        self.hear(&request, &request.get_ref().name)?;
        Ok(Response::new(v1::GetTerritoryResponse::default()))
    }

    async fn advance_clock(
        &self,
        _: Request<v1::AdvanceClockRequest>,
    ) -> Result<Response<v1::AdvanceClockResponse>, Status> {
        Err(Status::unimplemented("not here"))
    }
}

type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<Response<T>, Status>> + Send + 'a>>;

/// Writes the methods no test calls, as `async_trait` would: it does not look into macros.
macro_rules! not_here {
    ($($method:ident($request:ident) -> $response:ident;)*) => {$(
        fn $method<'own, 'all>(
            &'own self,
            _: Request<v1::$request>,
        ) -> Answer<'all, v1::$response>
        where
            'own: 'all,
            Self: 'all,
        {
            Box::pin(async { Err(Status::unimplemented("not here")) })
        }
    )*};
}

#[tonic::async_trait]
impl PlanService for Fake {
    async fn plan_day(
        &self,
        request: Request<v1::PlanDayRequest>,
    ) -> Result<Response<v1::PlanDayResponse>, Status> {
        self.hear(&request, &request.get_ref().request_id)?;
        Ok(Response::new(v1::PlanDayResponse::default()))
    }

    not_here! {
        get_plan(GetPlanRequest) -> GetPlanResponse;
        explain_unassigned(ExplainUnassignedRequest) -> ExplainUnassignedResponse;
        propose_replan(ProposeReplanRequest) -> ProposeReplanResponse;
        apply_replan(ApplyReplanRequest) -> ApplyReplanResponse;
        discard_replan(DiscardReplanRequest) -> DiscardReplanResponse;
        pin_stop(PinStopRequest) -> PinStopResponse;
        move_stop(MoveStopRequest) -> MoveStopResponse;
    }
}

#[tonic::async_trait]
impl ShipmentService for Fake {
    not_here! {
        create_shipment(CreateShipmentRequest) -> CreateShipmentResponse;
        batch_create_shipments(BatchCreateShipmentsRequest) -> BatchCreateShipmentsResponse;
        get_shipment(GetShipmentRequest) -> GetShipmentResponse;
        list_shipments(ListShipmentsRequest) -> ListShipmentsResponse;
        cancel_shipment(CancelShipmentRequest) -> CancelShipmentResponse;
        record_scans(RecordScansRequest) -> RecordScansResponse;
    }

    type WatchShipmentsStream =
        tokio_stream::Iter<std::vec::IntoIter<Result<v1::WatchShipmentsResponse, Status>>>;

    async fn watch_shipments(
        &self,
        request: Request<v1::WatchShipmentsRequest>,
    ) -> Result<Response<Self::WatchShipmentsStream>, Status> {
        self.hear(&request, &request.get_ref().resume_token)?;
        let script = self.scripts.lock().expect("no panic").pop_front().unwrap_or_default();
        Ok(Response::new(tokio_stream::iter(script)))
    }
}

async fn connected(fake: &Fake) -> Client {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback has room");
    let address = format!("http://{}", listener.local_addr().expect("it is bound"));
    let serving = tonic::transport::Server::builder()
        .add_service(OperatorServiceServer::new(fake.clone()))
        .add_service(PlanServiceServer::new(fake.clone()))
        .add_service(ShipmentServiceServer::new(fake.clone()))
        .serve_with_incoming(TcpListenerStream::new(listener));
    tokio::spawn(serving);
    let client = Client::connect(&address, "token-of-ada").await.expect("it listens");
    let backoff =
        Backoff { first: Duration::from_millis(1), max: Duration::from_millis(2), retries: 5 };
    client.with_options(Options { backoff, ..Options::default() })
}

fn with_reason(code: Code, reason: &str, retry: Option<Duration>) -> Status {
    let mut details = ErrorDetails::new();
    details.set_error_info(reason, "swerve", []);
    details.set_retry_info(retry);
    Status::with_error_details(code, "for the test", details)
}

#[tokio::test]
async fn a_mutation_keeps_its_request_id_over_its_retries() {
    let fake = Fake::default();
    let client = connected(&fake).await;
    let soon = Some(Duration::from_millis(1));
    let busy = || with_reason(Code::ResourceExhausted, "TERRITORY_OVERLOADED", soon);
    fake.fails_with([busy(), with_reason(Code::Unavailable, "SHUTTING_DOWN", None), busy()]);
    client.plan_day(v1::PlanDayRequest::default()).await.expect("the fourth attempt is answered");
    let heard = fake.heard();
    assert_eq!(heard.len(), 4);
    assert!(heard.iter().all(|said| *said == heard[0]), "{heard:?}");
    assert!(heard[0].len() > 36 && heard[0].ends_with("by Bearer token-of-ada"), "{heard:?}");
    client.plan_day(v1::PlanDayRequest::default()).await.expect("it is answered");
    assert_ne!(fake.heard()[4], heard[0], "another mutation has another id");
}

#[tokio::test]
async fn a_request_id_of_the_callers_is_left_alone() {
    let fake = Fake::default();
    let client = connected(&fake).await;
    let message = v1::PlanDayRequest { request_id: "mine".into(), ..Default::default() };
    client.plan_day(message).await.expect("it is answered");
    assert!(fake.heard()[0].starts_with("mine "));
}

#[tokio::test]
async fn what_would_be_refused_again_is_not_sent_again() {
    let fake = Fake::default();
    let client = connected(&fake).await;
    fake.fails_with([with_reason(Code::Aborted, "REVISION_CONFLICT", None)]);
    let error = client.plan_day(v1::PlanDayRequest::default()).await.expect_err("it is refused");
    assert_eq!((error.code(), error.reason()), (Some(Code::Aborted), "REVISION_CONFLICT"));
    assert_eq!(fake.heard().len(), 1);
}

#[tokio::test]
async fn the_server_is_not_called_sooner_than_it_asked() {
    let fake = Fake::default();
    let client = connected(&fake).await;
    let wait = Duration::from_millis(60);
    fake.fails_with([with_reason(Code::ResourceExhausted, "TERRITORY_OVERLOADED", Some(wait))]);
    let began = tokio::time::Instant::now();
    client.plan_day(v1::PlanDayRequest::default()).await.expect("it is answered");
    assert!(began.elapsed() >= wait);
}

#[tokio::test]
async fn a_call_ends_at_its_deadline() {
    let fake = Fake::default();
    let client = connected(&fake).await.with_deadline(Duration::from_millis(20));
    let answer = client.list_territories(v1::ListTerritoriesRequest::default()).await;
    let error = answer.expect_err("nobody answers");
    assert_eq!(error.code().map(|code| format!("{code:?}")), Some("DeadlineExceeded".into()));
    let overloaded = || with_reason(Code::ResourceExhausted, "X", Some(Duration::from_hours(1)));
    fake.fails_with([overloaded()]);
    let error = client.plan_day(v1::PlanDayRequest::default()).await.expect_err("too late to wait");
    assert_eq!(error.reason(), "X");
}

#[tokio::test]
async fn many_speak_over_one_connection() {
    let fake = Fake::default();
    let client = connected(&fake).await;
    let other = client.with_token("token-of-bob").expect("it fits a header");
    let get = |name: &str| v1::GetTerritoryRequest { name: name.into() };
    client.get_territory(get("a")).await.expect("it is answered");
    other.get_territory(get("b")).await.expect("it is answered");
    assert_eq!(fake.heard(), ["a by Bearer token-of-ada", "b by Bearer token-of-bob"]);
    assert!(matches!(client.with_token("line\nbreak"), Err(ClientError::Token)));
    let nowhere = Client::connect_lazy("not an address", "token");
    assert!(matches!(nowhere, Err(ClientError::Address { .. })));
}

fn says(token: &str, shipment: &str) -> v1::WatchShipmentsResponse {
    let event = if shipment.is_empty() {
        v1::watch_shipments_response::Event::Bookmark(v1::Bookmark::default())
    } else {
        let shipment = v1::Shipment { name: shipment.into(), ..Default::default() };
        v1::watch_shipments_response::Event::Shipment(shipment)
    };
    v1::WatchShipmentsResponse {
        resume_token: token.into(),
        plan_revision: None,
        event: Some(event),
    }
}

#[tokio::test]
async fn a_watch_goes_on_where_the_last_handled_event_was() {
    let fake = Fake::default();
    let client = connected(&fake).await;
    *fake.scripts.lock().expect("no panic") = VecDeque::from([
        vec![Ok(says("t1", "a")), Ok(says("t2", "b")), Err(Status::internal("h2 protocol error"))],
        vec![Ok(says("t3", ""))],
        vec![Err(with_reason(Code::Unavailable, "SHUTTING_DOWN", None))],
        vec![Ok(says("t4", "c"))],
    ]);
    let mut watch = client.watch_shipments(v1::WatchShipmentsRequest::default());
    let mut told = Vec::new();
    while told.last().is_none_or(|last| last != "c") {
        told.push(match watch.next().await.expect("it goes on") {
            WatchEvent::Is { resource, .. } => resource.name,
            WatchEvent::Bookmark { .. } => "bookmark".into(),
            WatchEvent::Restarted => "restarted".into(),
        });
    }
    assert_eq!(told, ["a", "b", "bookmark", "c"]);
    assert_eq!(watch.token(), "t3", "c is not handled before the next is asked for");
    let asked: Vec<String> =
        fake.heard().iter().map(|said| said.split(' ').next().unwrap_or("").to_owned()).collect();
    assert_eq!(asked, ["", "t2", "t3", "t3"]);
}

#[tokio::test]
async fn a_watch_that_is_too_far_behind_says_that_it_begins_again() {
    let fake = Fake::default();
    let client = connected(&fake).await;
    fake.fails_with([with_reason(Code::OutOfRange, "RESUME_TOKEN_EXPIRED", None)]);
    *fake.scripts.lock().expect("no panic") = VecDeque::from([vec![Ok(says("t9", "a"))]]);
    let request = v1::WatchShipmentsRequest { resume_token: "old".into(), ..Default::default() };
    let mut watch = client.watch_shipments(request);
    assert_eq!(watch.next().await.expect("it goes on"), WatchEvent::Restarted);
    assert!(matches!(watch.next().await, Ok(WatchEvent::Is { .. })));
    assert!(fake.heard()[1].starts_with(' '), "the second try has no token");
}

#[tokio::test]
async fn a_watch_that_is_not_allowed_ends() {
    let fake = Fake::default();
    let client = connected(&fake).await;
    fake.fails_with([with_reason(Code::PermissionDenied, "ROLE_NOT_ALLOWED", None)]);
    let mut watch = client.watch_shipments(v1::WatchShipmentsRequest::default());
    let error = watch.next().await.expect_err("it is refused");
    assert_eq!(error.reason(), "ROLE_NOT_ALLOWED");
}
