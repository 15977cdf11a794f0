//! Plain HTTP on the same port: is it alive, and how is it doing.

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::edge::Edge;

/// What Prometheus expects of the text format that is served.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// `/healthz` and `/metrics`; anything else that is not gRPC is not found.
pub(crate) fn router(edge: Edge) -> Router {
    Router::new().route("/healthz", get(health)).route("/metrics", get(metrics)).with_state(edge)
}

/// 200 while calls are taken, 503 once the server drains.
async fn health(State(edge): State<Edge>) -> Response {
    if *edge.draining().borrow() {
        (StatusCode::SERVICE_UNAVAILABLE, "draining\n").into_response()
    } else {
        (StatusCode::OK, "serving\n").into_response()
    }
}

async fn metrics(State(edge): State<Edge>) -> Response {
    match edge.metrics().encode(edge.directory().all()) {
        Ok(text) => ([(header::CONTENT_TYPE, OPEN_METRICS)], text).into_response(),
        Err(error) => {
            tracing::error!(%error, "metrics could not be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
