//! A listener becomes a server, and a shutdown signal an orderly end.
//!
//! One port: gRPC with health and reflection, and plain HTTP for probes and scrapes. Draining goes in
//! order: health says `NOT_SERVING`, watches end with a bookmark to resume from, no connection is
//! accepted any more, calls under way are answered, and what is still open at the hard limit is cut.
//! The territories are the caller's to shut down, after this returns: until then calls reach them.

use std::future::Future;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tonic::service::Routes;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;

use crate::directory::{Directory, Hosted};
use crate::edge::Edge;
use crate::gate::GateLayer;
use crate::settings::ServerSettings;
use crate::{http, service};

/// Pings a silent connection this often, so that a dead one does not hold a watch for ever.
const KEEPALIVE: Duration = Duration::from_secs(20);
/// Calls under way on one connection: a simulator drives a whole fleet over one.
const STREAMS_MAX: u32 = 4_096;

/// Why a server could not be started, or did not end as it should.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error("{address} can be reached from other machines, and calls would travel in plain text")]
    PlaintextOffLoopback { address: std::net::SocketAddr },
    #[error("the listener has no address")]
    Listener(#[source] std::io::Error),
    #[error("territory {territory:?} of tenant {tenant:?} is served twice")]
    TerritoryTwice { tenant: String, territory: String },
    #[error("territory {territory:?} has {count} skills; at most 64 have a bit")]
    SkillsTooMany { territory: String, count: usize },
    #[error("reflection could not be built from the descriptors")]
    Reflection(#[from] tonic_reflection::server::Error),
    #[error("the transport failed")]
    Transport(#[from] tonic::transport::Error),
}

/// Serves until `shutdown` ends, then drains.
///
/// The territories are running and stay so; shut them down after this returns. Answers as soon as
/// every connection has ended, and at the latest `drain_limit` after the signal.
///
/// # Errors
/// A listener that is not on loopback without leave, a territory served twice, or a transport that
/// failed.
pub async fn serve(
    listener: TcpListener,
    settings: ServerSettings,
    territories: Vec<Hosted>,
    shutdown: impl Future<Output = ()> + Send,
) -> Result<(), ServeError> {
    let address = listener.local_addr().map_err(ServeError::Listener)?;
    if !address.ip().is_loopback() && !settings.allow_plaintext_off_loopback {
        return Err(ServeError::PlaintextOffLoopback { address });
    }
    check(&territories)?;
    let limit = settings.drain_limit;
    let (drain, draining) = watch::channel(false);
    let directory = Directory::new(territories);
    let edge = Edge::new(settings.tokens, directory, settings.heartbeat, draining);
    let (reporter, routes) = routes(&edge)?;
    report(&reporter, ServingStatus::Serving).await;
    let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = Server::builder()
        .accept_http1(true)
        .http2_keepalive_interval(Some(KEEPALIVE))
        .http2_keepalive_timeout(Some(KEEPALIVE))
        .max_concurrent_streams(STREAMS_MAX)
        .layer(GateLayer { edge })
        .add_routes(routes)
        .serve_with_incoming_shutdown(incoming, async {
            // A dropped sender is a signal as well.
            let _ = stopped.await;
        });
    tracing::info!(%address, "serving");
    tokio::pin!(serving);
    tokio::select! {
        ended = &mut serving => return Ok(ended?),
        () = shutdown => {}
    }
    tracing::info!("draining");
    report(&reporter, ServingStatus::NotServing).await;
    drain.send_replace(true);
    drop(stop);
    if let Ok(ended) = tokio::time::timeout(limit, serving).await {
        ended?;
    } else {
        tracing::warn!("connections were still open at the drain limit and are cut");
    }
    tracing::info!("stopped");
    Ok(())
}

fn check(territories: &[Hosted]) -> Result<(), ServeError> {
    let mut seen = std::collections::BTreeSet::new();
    for hosted in territories {
        let (tenant, territory) = (hosted.territory.tenant(), hosted.territory.id());
        if !seen.insert((tenant, territory)) {
            let (tenant, territory) = (tenant.to_string(), territory.to_string());
            return Err(ServeError::TerritoryTwice { tenant, territory });
        }
        if hosted.skills.len() > 64 {
            let (territory, count) = (territory.to_string(), hosted.skills.len());
            return Err(ServeError::SkillsTooMany { territory, count });
        }
    }
    Ok(())
}

/// Every service on one router, behind which nothing is found.
fn routes(edge: &Edge) -> Result<(HealthReporter, Routes), ServeError> {
    let (reporter, health) = tonic_health::server::health_reporter();
    let reflection = || {
        tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(swerve_proto::FILE_DESCRIPTOR_SET)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
    };
    let routes = Routes::from(http::router(edge.clone()))
        .add_service(health)
        .add_service(reflection().build_v1()?)
        .add_service(reflection().build_v1alpha()?);
    Ok((reporter, service::add_to(routes, edge)))
}

/// Health of the server and of each service: they serve together or not at all.
async fn report(reporter: &HealthReporter, status: ServingStatus) {
    for name in std::iter::once("").chain(service::NAMES) {
        reporter.set_service_status(name, status).await;
    }
}
