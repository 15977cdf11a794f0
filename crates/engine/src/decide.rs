//! Each request's meaning: which events it becomes on the plan as it stands.
//!
//! Handlers are pure over a snapshot and return events or an error; the writer alone makes them true.
//! One module per concern, one `match` here.

use swerve_model::{Answer, Event};

use crate::changes::Look;
use crate::error::EngineError;
use crate::request::Request;
use crate::snapshot::Snapshot;
use crate::{changes, dispatch, execution, intake, planning, tick};

/// What is to be written down and answered.
#[derive(Clone, Debug)]
pub struct Decision {
    pub events: Vec<Event>,
    pub answer: Answer,
    /// Iterations done by each logical search worker.
    pub iterations: Vec<u32>,
}

impl Decision {
    pub fn done(events: Vec<Event>) -> Decision {
        Decision { events, answer: Answer::Done, iterations: Vec::new() }
    }

    pub fn answered(events: Vec<Event>, answer: Answer) -> Decision {
        Decision { events, answer, iterations: Vec::new() }
    }

    #[must_use]
    pub fn searched(mut self, iterations: Vec<u32>) -> Decision {
        self.iterations = iterations;
        self
    }
}

/// `look` says when what a commit touches is looked around.
pub(crate) fn decide(
    snapshot: &Snapshot,
    request: Request,
    look: Look,
) -> Result<Decision, EngineError> {
    match request {
        Request::Tick(moment) => tick::tick(snapshot, moment),
        Request::SetVehicle(vehicle) => Ok(Decision::done(vec![Event::VehicleSet(vehicle)])),
        Request::SetPoint(point) => intake::set_point(snapshot, point),
        Request::OpenManifest { manifest, duty } => intake::open_manifest(snapshot, manifest, duty),
        Request::CreateShipments(shipments) => intake::create_shipments(snapshot, shipments),
        Request::CancelShipment { shipment, etag } => {
            intake::cancel_shipment(snapshot, &shipment, etag)
        }
        Request::RecordScans(scans) => execution::record_scans(snapshot, &scans),
        Request::PlanDay { iterations } => planning::plan_day(snapshot, iterations),
        Request::ImportPlan(manifests) => planning::import(snapshot, &manifests),
        Request::DepartManifest { manifest, at } => execution::depart(snapshot, &manifest, at),
        Request::CloseManifest { manifest, at } => execution::close(snapshot, &manifest, at),
        Request::ArriveStop { manifest, stop, at } => {
            execution::arrive(snapshot, &manifest, &stop, at)
        }
        Request::CompleteStop { manifest, stop, at } => {
            execution::complete(snapshot, &manifest, &stop, at)
        }
        Request::FailStop { manifest, stop, at, reason } => {
            execution::fail(snapshot, &manifest, &stop, at, reason)
        }
        Request::AcknowledgeRevision { manifest, revision } => {
            execution::acknowledge(snapshot, &manifest, revision)
        }
        Request::RefuseRevision { manifest, revision, reason } => {
            changes::refuse_revision(snapshot, &manifest, revision, reason)
        }
        Request::Quote { shipment, wish, assurance, max_offers } => {
            changes::quote(snapshot, &shipment, &wish, assurance, max_offers)
        }
        Request::HoldOffer { quote, offer, ttl } => changes::hold(snapshot, &quote, offer, ttl),
        Request::ReleaseOffer { quote, offer } => changes::release(snapshot, &quote, offer),
        Request::CommitOffer { quote, offer, assurance } => {
            changes::commit(snapshot, &quote, offer, assurance, look)
        }
        Request::CancelChange { change, etag } => changes::cancel(snapshot, &change, etag),
        Request::ProposeReplan { scope, iterations } => {
            dispatch::propose(snapshot, &scope, iterations)
        }
        Request::ApplyReplan { proposal, expected } => {
            dispatch::apply(snapshot, &proposal, expected)
        }
        Request::DiscardReplan { proposal } => dispatch::discard(snapshot, &proposal),
        Request::PinStop { manifest, stop, pinned } => {
            dispatch::pin(snapshot, &manifest, &stop, pinned)
        }
        Request::MoveStop { stop, from, to, position, seen } => {
            let asked = dispatch::Move { stop, from, to, position, seen };
            dispatch::move_stop(snapshot, &asked)
        }
    }
}
