//! The territory's own check of who may do what, on the resource as it knows it.
//!
//! The edge asked the same table about the method; only here is it known whose manifest or shipment
//! it is about.

use swerve_auth::{Action, Denied, Principal, Resource, permits};
use swerve_model::{ManifestId, QuoteId, Role, ShipmentId};

use crate::error::EngineError;
use crate::request::Request;
use crate::snapshot::Snapshot;

/// Whether `principal` may make this request. What is not its own does not exist for it.
pub(crate) fn check(
    snapshot: &Snapshot,
    principal: &Principal,
    request: &Request,
) -> Result<(), EngineError> {
    if principal.role() == Role::Engine {
        return Ok(());
    }
    let (action, about) = subject(request);
    let tenant = &snapshot.state.tenant;
    let resource = Resource::of(tenant);
    let verdict = match about {
        About::Tenant => permits(principal, action, &resource),
        About::Manifest(id) => match snapshot.state.manifests.get(id) {
            Some(manifest) => {
                permits(principal, action, &resource.driven_by(&manifest.duty.driver))
            }
            None => permits(principal, action, &resource),
        },
        About::Shipment(id) => permits(principal, action, &resource.about(id)),
        About::Quote(id) => match snapshot.state.quotes.get(id) {
            Some(quote) => permits(principal, action, &resource.about(&quote.shipment)),
            None => permits(principal, action, &resource),
        },
        About::Change(id) => match snapshot.state.changes.get(id) {
            Some(change) => permits(principal, action, &resource.about(&change.shipment)),
            None => permits(principal, action, &resource),
        },
    };
    verdict.map_err(|denied| refused(&denied, principal, request))
}

/// A role that may not is told so; a thing that is not one's own is said not to exist.
fn refused(denied: &Denied, principal: &Principal, request: &Request) -> EngineError {
    match denied {
        Denied::UnknownMethod { .. } | Denied::Role { .. } => {
            EngineError::Denied { role: principal.role().name() }
        }
        Denied::OtherTenant | Denied::NotOwnManifest { .. } | Denied::NotOwnShipment { .. } => {
            match subject(request).1 {
                About::Tenant => EngineError::Denied { role: principal.role().name() },
                About::Manifest(id) => EngineError::not_found("manifest", id),
                About::Shipment(id) => EngineError::not_found("shipment", id),
                About::Quote(id) => EngineError::not_found("quote", id),
                About::Change(id) => EngineError::not_found("change", id),
            }
        }
    }
}

enum About<'a> {
    Tenant,
    Manifest(&'a ManifestId),
    Shipment(&'a ShipmentId),
    Quote(&'a QuoteId),
    Change(&'a swerve_model::ChangeId),
}

fn subject(request: &Request) -> (Action, About<'_>) {
    use About::{Change, Manifest, Quote, Shipment, Tenant};
    match request {
        Request::Tick(_) => (Action::AdvanceClock, Tenant),
        Request::SetVehicle(_) => (Action::CreateVehicle, Tenant),
        Request::SetPoint(_) => (Action::CreateDeliveryPoint, Tenant),
        Request::OpenManifest { .. } => (Action::CreateManifest, Tenant),
        Request::CreateShipments(_) => (Action::CreateShipment, Tenant),
        Request::CancelShipment { shipment, .. } => (Action::CancelShipment, Shipment(shipment)),
        Request::RecordScans(_) => (Action::RecordScans, Tenant),
        Request::PlanDay { .. } => (Action::PlanDay, Tenant),
        Request::ImportPlan(_) => (Action::ImportPlan, Tenant),
        Request::DepartManifest { manifest, .. } => (Action::DepartManifest, Manifest(manifest)),
        Request::CloseManifest { manifest, .. } => (Action::CloseManifest, Manifest(manifest)),
        Request::ArriveStop { manifest, .. } => (Action::ArriveStop, Manifest(manifest)),
        Request::CompleteStop { manifest, .. } => (Action::CompleteStop, Manifest(manifest)),
        Request::FailStop { manifest, .. } => (Action::FailStop, Manifest(manifest)),
        Request::AcknowledgeRevision { manifest, .. } => {
            (Action::AcknowledgeRevision, Manifest(manifest))
        }
        Request::RefuseRevision { manifest, .. } => (Action::RefuseRevision, Manifest(manifest)),
        Request::Quote { shipment, .. } => (Action::QuoteChange, Shipment(shipment)),
        Request::HoldOffer { quote, .. } => (Action::HoldOffer, Quote(quote)),
        Request::ReleaseOffer { quote, .. } => (Action::ReleaseOffer, Quote(quote)),
        Request::CommitOffer { quote, .. } => (Action::CommitChange, Quote(quote)),
        Request::CancelChange { change, .. } => (Action::CancelChange, Change(change)),
        Request::ProposeReplan { .. } => (Action::ProposeReplan, Tenant),
        Request::ApplyReplan { .. } => (Action::ApplyReplan, Tenant),
        Request::DiscardReplan { .. } => (Action::DiscardReplan, Tenant),
        Request::PinStop { .. } => (Action::PinStop, Tenant),
        Request::MoveStop { .. } => (Action::MoveStop, Tenant),
    }
}
