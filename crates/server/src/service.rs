//! The services: one file per service, one short handler per method.
//!
//! A handler opens the call, decodes with all faults at once, hands the request on or reads a
//! snapshot, and writes the answer. Anything longer belongs to `convert`, `watch` or the engine.
//! Adding a call: its method in `proto/`, its row in `auth`'s table, its handler here, its method in
//! the client; a test fails while the row or the handler is missing.

mod change;
mod execution;
mod fleet;
mod manifest;
mod operator;
mod plan;
mod shipment;

use std::sync::Arc;

use swerve_engine::{Resource, Snapshot};
use swerve_proto::v1;
use swerve_proto::v1::bookmark::Kind as BookmarkKind;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;
use tonic::service::Routes;

use crate::convert::time::timestamp;
use crate::convert::view::View;
use crate::directory::Hosted;
use crate::edge::{Edge, Ground, view};
use crate::error::EdgeError;
use crate::gate::Caller;
use crate::settings::{BATCH_MESSAGE_BYTES_MAX, MESSAGE_BYTES_MAX};
use crate::watch::{Kind, Selection, Tokens, Told, Watch};

/// All services, to be put behind the gate.
pub(crate) fn add_to(routes: Routes, edge: &Edge) -> Routes {
    use v1::change_service_server::ChangeServiceServer;
    use v1::execution_service_server::ExecutionServiceServer;
    use v1::fleet_service_server::FleetServiceServer;
    use v1::manifest_service_server::ManifestServiceServer;
    use v1::operator_service_server::OperatorServiceServer;
    use v1::plan_service_server::PlanServiceServer;
    use v1::shipment_service_server::ShipmentServiceServer;
    macro_rules! limited {
        ($server:ident, $limit:expr) => {
            $server::new(edge.clone())
                .max_decoding_message_size($limit)
                .max_encoding_message_size(MESSAGE_BYTES_MAX)
        };
    }
    routes
        .add_service(limited!(FleetServiceServer, MESSAGE_BYTES_MAX))
        .add_service(limited!(ShipmentServiceServer, BATCH_MESSAGE_BYTES_MAX))
        .add_service(limited!(ManifestServiceServer, BATCH_MESSAGE_BYTES_MAX))
        .add_service(limited!(ChangeServiceServer, MESSAGE_BYTES_MAX))
        .add_service(limited!(ExecutionServiceServer, MESSAGE_BYTES_MAX))
        .add_service(limited!(PlanServiceServer, MESSAGE_BYTES_MAX))
        .add_service(limited!(OperatorServiceServer, MESSAGE_BYTES_MAX))
}

/// Full names of all services, for health.
pub(crate) const NAMES: [&str; 7] = [
    "swerve.v1.FleetService",
    "swerve.v1.ShipmentService",
    "swerve.v1.ManifestService",
    "swerve.v1.ChangeService",
    "swerve.v1.ExecutionService",
    "swerve.v1.PlanService",
    "swerve.v1.OperatorService",
];

/// A watch's messages on their way out.
type Stream<M> = ReceiverStream<Result<M, Status>>;

/// What a watch's message is made of besides its event.
struct Frame {
    resume_token: String,
    plan_revision: Option<v1::PlanRevision>,
}

/// An event of a watch: a resource as it is, or a bookmark.
enum Event<T> {
    Is(Box<T>),
    Bookmark(v1::Bookmark),
}

/// Starts a watch of a territory for a caller.
///
/// `is` writes a resource as this caller may see it, or nothing; `frame` puts an event into the
/// stream's own message.
fn watch<T, M, I, W>(
    edge: &Edge,
    caller: &Arc<Caller>,
    hosted: &Arc<Hosted>,
    (selection, token): (Selection, &str),
    is: I,
    frame: W,
) -> Result<Stream<M>, EdgeError>
where
    I: Fn(&Snapshot, &Resource, &View<'_>) -> Option<T> + Send + Sync + 'static,
    W: Fn(Frame, Event<T>) -> M + Send + Sync + 'static,
    M: Send + 'static,
    T: 'static,
{
    let territory = &hosted.territory;
    let tokens = Tokens::new(selection.kind, territory.tenant(), territory.id());
    let cursor = tokens.read(token, territory.snapshot().state.sequence)?;
    let alive = edge.metrics().watching(caller.method);
    let (caller, hosted) = (Arc::clone(caller), Arc::clone(hosted));
    let feed = territory.subscribe();
    let render = move |snapshot: &Snapshot, resume_token: String, told: Told<'_>| {
        let view = view(&hosted, &caller);
        let event = match told {
            Told::Resource(resource) => Event::Is(Box::new(is(snapshot, resource, &view)?)),
            Told::Bookmark(kind) => Event::Bookmark(bookmark(snapshot, kind)),
        };
        let plan_revision = Some(view.revision(snapshot.state.revision));
        Some(frame(Frame { resume_token, plan_revision }, event))
    };
    let watch = Watch {
        feed,
        selection,
        tokens,
        cursor,
        heartbeat: edge.heartbeat(),
        draining: edge.draining(),
        render,
    };
    Ok(ReceiverStream::new(watch.start(alive)))
}

fn bookmark(snapshot: &Snapshot, kind: BookmarkKind) -> v1::Bookmark {
    v1::Bookmark { kind: kind.into(), engine_time: Some(timestamp(snapshot.state.now)) }
}

/// All of a kind.
const fn every(kind: Kind) -> Selection {
    Selection { kind, only: None }
}

/// The territory as it is now, for a caller's read.
fn ground<'a>(edge: &'a Edge, caller: &Caller, territory: &str) -> Result<Ground<'a>, EdgeError> {
    Ok(Ground::new(edge.territory(caller, territory)?))
}
