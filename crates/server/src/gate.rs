//! The gate every call passes: who is calling, may they at all, until when, and how it went.
//!
//! A tower layer around all services. Health and reflection are open; every other method needs a
//! bearer token and a row in the table of rights, and one without a row is denied to everyone. What
//! the gate learns travels with the request as a [`Caller`], without which no handler answers.
//!
//! It is also where calls are counted, timed and logged, and where a status made by the transport
//! gets a reason like all others. Logs hold no token and nothing of the message.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::http::{HeaderMap, Request, Response, header::AUTHORIZATION};
use swerve_auth::{Denied, Grant, Principal, RULES, Resource, authorize, is_public};
use swerve_model::{Manifest, ShipmentId};
use tokio::time::Instant;
use tonic::Status;
use tonic::body::Body;
use tonic::transport::server::TcpConnectInfo;
use tower::{Layer, Service};
use tracing::Instrument as _;

use crate::edge::Edge;
use crate::error::EdgeError;
use crate::settings::{BATCH_MESSAGE_BYTES_MAX, MESSAGE_BYTES_MAX};
use crate::status;

/// Kept back from a caller's deadline, so that the answer can still travel.
const DEADLINE_MARGIN: Duration = Duration::from_millis(2);

/// Who is calling, as the gate found out.
#[derive(Debug)]
pub(crate) struct Caller {
    pub(crate) principal: Principal,
    pub(crate) grant: Grant,
    /// Full gRPC path.
    pub(crate) method: &'static str,
    pub(crate) peer: Option<SocketAddr>,
    /// When the caller stops waiting.
    pub(crate) deadline: Option<Instant>,
}

impl Caller {
    /// Real time left; `None` when the caller waits for ever.
    pub(crate) fn budget(&self) -> Option<Duration> {
        let left = self.deadline?.saturating_duration_since(Instant::now());
        Some(left.saturating_sub(DEADLINE_MARGIN))
    }

    /// # Errors
    /// The manifest is not this caller's.
    pub(crate) fn may_see_manifest(&self, manifest: &Manifest) -> Result<(), Denied> {
        let resource = Resource::of(self.principal.tenant()).driven_by(&manifest.duty.driver);
        self.grant.covers(&self.principal, &resource)
    }

    /// # Errors
    /// The shipment, or what is about it, is not this caller's.
    pub(crate) fn may_see_shipment(&self, shipment: &ShipmentId) -> Result<(), Denied> {
        let resource = Resource::of(self.principal.tenant()).about(shipment);
        self.grant.covers(&self.principal, &resource)
    }
}

/// Puts the gate in front of all services.
#[derive(Clone)]
pub(crate) struct GateLayer {
    pub(crate) edge: Edge,
}

impl<S> Layer<S> for GateLayer {
    type Service = Gate<S>;

    fn layer(&self, inner: S) -> Gate<S> {
        Gate { inner, edge: self.edge.clone() }
    }
}

#[derive(Clone)]
pub(crate) struct Gate<S> {
    inner: S,
    edge: Edge,
}

type Answer = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

impl<S> Service<Request<Body>> for Gate<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>
        + Clone
        + Send
        + 'static,
    S::Future: Send,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Answer;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Body>) -> Answer {
        // The clone may not be ready; the one that was polled is.
        let waiting = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, waiting);
        let path = request.uri().path();
        if is_public(path) || !is_grpc(&request) {
            return Box::pin(inner.call(request));
        }
        let arrived = Instant::now();
        let edge = self.edge.clone();
        let caller = match admit(&edge, &request, arrived) {
            Ok(caller) => caller,
            Err(error) => {
                let method = method_named(path).unwrap_or("unknown");
                let status = Status::from(error);
                edge.metrics().called(method, status::code_name(Some(&status)), Duration::ZERO);
                return Box::pin(std::future::ready(Ok(status.into_http())));
            }
        };
        let method = caller.method;
        let span = tracing::debug_span!(
            "call",
            method,
            tenant = %caller.principal.tenant(),
            role = caller.principal.role().name(),
            subject = %caller.principal.actor.subject,
        );
        request.extensions_mut().insert(Arc::new(caller));
        let answer = async move {
            let response = with_reason(inner.call(request).await?, method);
            let code = status::code_name(response.extensions().get::<Status>());
            let took = arrived.elapsed();
            edge.metrics().called(method, code, took);
            tracing::debug!(code, micros = took.as_micros() as u64, "answered");
            Ok(response)
        };
        Box::pin(answer.instrument(span))
    }
}

fn is_grpc(request: &Request<Body>) -> bool {
    let kind = request.headers().get(axum::http::header::CONTENT_TYPE);
    kind.and_then(|kind| kind.to_str().ok())
        .is_some_and(|kind| kind.starts_with("application/grpc"))
}

fn method_named(path: &str) -> Option<&'static str> {
    RULES.iter().map(|rule| rule.method).find(|method| *method == path)
}

/// Lets a call in, or says why not.
fn admit(edge: &Edge, request: &Request<Body>, arrived: Instant) -> Result<Caller, EdgeError> {
    let path = request.uri().path();
    let header = request.headers().get(AUTHORIZATION).map(|value| value.to_str().unwrap_or(""));
    let principal = edge.tokens().authenticate(header)?.clone();
    let grant = authorize(path, &principal)?;
    let unknown = || Denied::UnknownMethod { method: path.to_owned() };
    let method = method_named(path).ok_or_else(unknown)?;
    let info = request.extensions().get::<TcpConnectInfo>();
    let deadline = timeout_of(request.headers()).and_then(|timeout| arrived.checked_add(timeout));
    Ok(Caller {
        principal,
        grant,
        method,
        peer: info.and_then(TcpConnectInfo::remote_addr),
        deadline,
    })
}

/// Reads `grpc-timeout`: up to eight digits and a unit. What cannot be read is no deadline.
fn timeout_of(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get("grpc-timeout")?.to_str().ok()?;
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if digits.len() > 8 {
        return None;
    }
    let count: u64 = digits.parse().ok()?;
    match unit {
        "H" => Some(Duration::from_secs(count * 3600)),
        "M" => Some(Duration::from_secs(count * 60)),
        "S" => Some(Duration::from_secs(count)),
        "m" => Some(Duration::from_millis(count)),
        "u" => Some(Duration::from_micros(count)),
        "n" => Some(Duration::from_nanos(count)),
        _ => None,
    }
}

/// A status that the transport made has no reason yet.
fn with_reason(response: Response<Body>, method: &str) -> Response<Body> {
    let batch = method.ends_with("/BatchCreateShipments") || method.ends_with("/ImportPlan");
    let limit = if batch { BATCH_MESSAGE_BYTES_MAX } else { MESSAGE_BYTES_MAX };
    match response
        .extensions()
        .get::<Status>()
        .and_then(|status| status::with_reason(status, limit))
    {
        Some(status) => status.into_http(),
        None => response,
    }
}

#[cfg(test)]
mod matrix;

#[cfg(test)]
mod tests {
    use super::*;

    fn timeout(text: &str) -> Option<Duration> {
        let mut headers = HeaderMap::new();
        headers.insert("grpc-timeout", text.parse().expect("a header"));
        timeout_of(&headers)
    }

    #[test]
    fn a_deadline_is_read_in_every_unit() {
        assert_eq!(timeout("2H"), Some(Duration::from_hours(2)));
        assert_eq!(timeout("3M"), Some(Duration::from_mins(3)));
        assert_eq!(timeout("7S"), Some(Duration::from_secs(7)));
        assert_eq!(timeout("82m"), Some(Duration::from_millis(82)));
        assert_eq!(timeout("99999999u"), Some(Duration::from_micros(99_999_999)));
        assert_eq!(timeout("5n"), Some(Duration::from_nanos(5)));
    }

    #[test]
    fn what_is_no_deadline_is_none() {
        for text in ["", "S", "12", "-3S", "123456789S", "1é", "3s"] {
            let mut headers = HeaderMap::new();
            if let Ok(value) = axum::http::HeaderValue::from_bytes(text.as_bytes()) {
                headers.insert("grpc-timeout", value);
            }
            assert_eq!(timeout_of(&headers), None, "{text}");
        }
    }
}
