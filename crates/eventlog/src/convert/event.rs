//! Events. A new one is an arm in each of the two matches, and a name in [`event_name`].

use swerve_model::{Event, Moment, Revision, StopId, ToldEta};
use swerve_proto::storage::v1;
use swerve_proto::storage::v1::etas_told::StopEta;
use swerve_proto::storage::v1::event::Event as Choice;

use super::{Fault, Stored, field, list, required, stored_enum};

stored_enum!(FailureReason: RecipientAbsent, Refused, NoAccess, PointFull, Damaged);

/// The stable name of an event's kind, as dumps and audits print it: its field in the schema.
pub(crate) const fn event_name(event: &Event) -> &'static str {
    match event {
        Event::Tick(_) => "tick",
        Event::VehicleSet(_) => "vehicle_set",
        Event::PointSet(_) => "point_set",
        Event::ManifestOpened { .. } => "manifest_opened",
        Event::ManifestDeparted { .. } => "manifest_departed",
        Event::ManifestClosed { .. } => "manifest_closed",
        Event::ShipmentCreated(_) => "shipment_created",
        Event::ShipmentCancelled(_) => "shipment_cancelled",
        Event::CustodyChanged { .. } => "custody_changed",
        Event::PlanChanged { .. } => "plan_changed",
        Event::StopArrived { .. } => "stop_arrived",
        Event::StopCompleted { .. } => "stop_completed",
        Event::StopFailed { .. } => "stop_failed",
        Event::Sighted { .. } => "sighted",
        Event::EtasTold { .. } => "etas_told",
        Event::StopPinned { .. } => "stop_pinned",
        Event::RevisionAcknowledged { .. } => "revision_acknowledged",
        Event::RevisionRefused { .. } => "revision_refused",
        Event::Quoted(_) => "quoted",
        Event::OfferHeld(_) => "offer_held",
        Event::OfferReleased { .. } => "offer_released",
        Event::ChangeRecorded(_) => "change_recorded",
        Event::ChangeMoved { .. } => "change_moved",
        Event::PromiseChanged { .. } => "promise_changed",
        Event::ReplanProposed(_) => "replan_proposed",
        Event::ReplanClosed { .. } => "replan_closed",
    }
}

impl Stored for Event {
    type Message = v1::Event;

    fn to_message(&self) -> v1::Event {
        v1::Event { event: Some(to_choice(self)) }
    }

    fn from_message(message: v1::Event) -> Result<Event, Fault> {
        from_choice(message.event.ok_or_else(Fault::missing)?)
    }
}

fn to_choice(event: &Event) -> Choice {
    match event {
        Event::Tick(at) => Choice::Tick(at.0),
        Event::VehicleSet(vehicle) => Choice::VehicleSet(vehicle.to_message()),
        Event::PointSet(point) => Choice::PointSet(point.to_message()),
        Event::ManifestOpened { manifest, duty } => Choice::ManifestOpened(v1::ManifestOpened {
            manifest: manifest.to_message(),
            duty: Some(duty.to_message()),
        }),
        Event::ManifestDeparted { manifest, at } => Choice::ManifestDeparted(v1::ManifestMoment {
            manifest: manifest.to_message(),
            at: at.0,
        }),
        Event::ManifestClosed { manifest, at } => {
            Choice::ManifestClosed(v1::ManifestMoment { manifest: manifest.to_message(), at: at.0 })
        }
        Event::ShipmentCreated(shipment) => Choice::ShipmentCreated(shipment.to_message()),
        Event::ShipmentCancelled(shipment) => Choice::ShipmentCancelled(shipment.to_message()),
        Event::CustodyChanged { shipment, parcel, custody } => {
            Choice::CustodyChanged(v1::CustodyChanged {
                shipment: shipment.to_message(),
                parcel: parcel.to_message(),
                custody: Some(custody.to_message()),
            })
        }
        Event::PlanChanged { cause, delta } => Choice::PlanChanged(v1::PlanChanged {
            cause: cause.to_message(),
            delta: Some(delta.to_message()),
        }),
        Event::StopArrived { manifest, stop, at } => Choice::StopArrived(v1::StopMoment {
            manifest: manifest.to_message(),
            stop: stop.to_message(),
            at: at.0,
        }),
        Event::StopCompleted { manifest, stop, at } => Choice::StopCompleted(v1::StopMoment {
            manifest: manifest.to_message(),
            stop: stop.to_message(),
            at: at.0,
        }),
        Event::StopFailed { manifest, stop, at, reason } => Choice::StopFailed(v1::StopFailed {
            manifest: manifest.to_message(),
            stop: stop.to_message(),
            at: at.0,
            reason: reason.to_message(),
        }),
        Event::Sighted { manifest, sighting } => Choice::Sighted(v1::Sighted {
            manifest: manifest.to_message(),
            sighting: Some(sighting.to_message()),
        }),
        Event::EtasTold { manifest, etas } => Choice::EtasTold(v1::EtasTold {
            manifest: manifest.to_message(),
            etas: etas.iter().map(Stored::to_message).collect(),
        }),
        Event::StopPinned { manifest, stop, pinned } => Choice::StopPinned(v1::StopPinned {
            manifest: manifest.to_message(),
            stop: stop.to_message(),
            pinned: *pinned,
        }),
        Event::RevisionAcknowledged { manifest, revision } => {
            Choice::RevisionAcknowledged(v1::RevisionAcknowledged {
                manifest: manifest.to_message(),
                revision: revision.0,
            })
        }
        Event::RevisionRefused { manifest, revision, reason } => {
            Choice::RevisionRefused(v1::RevisionRefused {
                manifest: manifest.to_message(),
                revision: revision.0,
                reason: reason.clone(),
            })
        }
        Event::Quoted(quote) => Choice::Quoted(quote.to_message()),
        Event::OfferHeld(hold) => Choice::OfferHeld(hold.to_message()),
        Event::OfferReleased { quote, offer } => {
            Choice::OfferReleased(v1::OfferReleased { quote: quote.to_message(), offer: *offer })
        }
        Event::ChangeRecorded(change) => Choice::ChangeRecorded(change.to_message()),
        Event::ChangeMoved { change, state, at } => Choice::ChangeMoved(v1::ChangeMoved {
            change: change.to_message(),
            state: state.to_message(),
            at: at.0,
        }),
        Event::PromiseChanged { shipment, promise } => Choice::PromiseChanged(v1::PromiseChanged {
            shipment: shipment.to_message(),
            promise: Some(promise.to_message()),
        }),
        Event::ReplanProposed(proposal) => Choice::ReplanProposed(proposal.to_message()),
        Event::ReplanClosed { proposal, applied } => Choice::ReplanClosed(v1::ReplanClosed {
            proposal: proposal.to_message(),
            applied: *applied,
        }),
    }
}

fn from_choice(choice: Choice) -> Result<Event, Fault> {
    Ok(match choice {
        Choice::Tick(at) => Event::Tick(Moment(at)),
        Choice::VehicleSet(message) => Event::VehicleSet(field(message, "vehicle_set")?),
        Choice::PointSet(message) => Event::PointSet(field(message, "point_set")?),
        Choice::ManifestOpened(message) => Event::ManifestOpened {
            manifest: field(message.manifest, "manifest_opened.manifest")?,
            duty: required(message.duty, "manifest_opened.duty")?,
        },
        Choice::ManifestDeparted(message) => Event::ManifestDeparted {
            manifest: field(message.manifest, "manifest_departed.manifest")?,
            at: Moment(message.at),
        },
        Choice::ManifestClosed(message) => Event::ManifestClosed {
            manifest: field(message.manifest, "manifest_closed.manifest")?,
            at: Moment(message.at),
        },
        Choice::ShipmentCreated(message) => {
            Event::ShipmentCreated(field(message, "shipment_created")?)
        }
        Choice::ShipmentCancelled(shipment) => {
            Event::ShipmentCancelled(field(shipment, "shipment_cancelled")?)
        }
        Choice::CustodyChanged(message) => Event::CustodyChanged {
            shipment: field(message.shipment, "custody_changed.shipment")?,
            parcel: field(message.parcel, "custody_changed.parcel")?,
            custody: required(message.custody, "custody_changed.custody")?,
        },
        Choice::PlanChanged(message) => Event::PlanChanged {
            cause: field(message.cause, "plan_changed.cause")?,
            delta: required(message.delta, "plan_changed.delta")?,
        },
        Choice::StopArrived(message) => Event::StopArrived {
            manifest: field(message.manifest, "stop_arrived.manifest")?,
            stop: field(message.stop, "stop_arrived.stop")?,
            at: Moment(message.at),
        },
        Choice::StopCompleted(message) => Event::StopCompleted {
            manifest: field(message.manifest, "stop_completed.manifest")?,
            stop: field(message.stop, "stop_completed.stop")?,
            at: Moment(message.at),
        },
        Choice::StopFailed(message) => Event::StopFailed {
            manifest: field(message.manifest, "stop_failed.manifest")?,
            stop: field(message.stop, "stop_failed.stop")?,
            at: Moment(message.at),
            reason: field(message.reason, "stop_failed.reason")?,
        },
        Choice::Sighted(message) => Event::Sighted {
            manifest: field(message.manifest, "sighted.manifest")?,
            sighting: required(message.sighting, "sighted.sighting")?,
        },
        Choice::EtasTold(message) => Event::EtasTold {
            manifest: field(message.manifest, "etas_told.manifest")?,
            etas: list(message.etas, "etas_told.etas")?,
        },
        Choice::StopPinned(message) => Event::StopPinned {
            manifest: field(message.manifest, "stop_pinned.manifest")?,
            stop: field(message.stop, "stop_pinned.stop")?,
            pinned: message.pinned,
        },
        Choice::RevisionAcknowledged(message) => Event::RevisionAcknowledged {
            manifest: field(message.manifest, "revision_acknowledged.manifest")?,
            revision: Revision(message.revision),
        },
        Choice::RevisionRefused(message) => Event::RevisionRefused {
            manifest: field(message.manifest, "revision_refused.manifest")?,
            revision: Revision(message.revision),
            reason: message.reason,
        },
        Choice::Quoted(message) => Event::Quoted(field(message, "quoted")?),
        Choice::OfferHeld(message) => Event::OfferHeld(field(message, "offer_held")?),
        Choice::OfferReleased(message) => Event::OfferReleased {
            quote: field(message.quote, "offer_released.quote")?,
            offer: message.offer,
        },
        Choice::ChangeRecorded(message) => {
            Event::ChangeRecorded(field(message, "change_recorded")?)
        }
        Choice::ChangeMoved(message) => Event::ChangeMoved {
            change: field(message.change, "change_moved.change")?,
            state: field(message.state, "change_moved.state")?,
            at: Moment(message.at),
        },
        Choice::PromiseChanged(message) => Event::PromiseChanged {
            shipment: field(message.shipment, "promise_changed.shipment")?,
            promise: required(message.promise, "promise_changed.promise")?,
        },
        Choice::ReplanProposed(message) => {
            Event::ReplanProposed(field(message, "replan_proposed")?)
        }
        Choice::ReplanClosed(message) => Event::ReplanClosed {
            proposal: field(message.proposal, "replan_closed.proposal")?,
            applied: message.applied,
        },
    })
}

impl Stored for (StopId, ToldEta) {
    type Message = StopEta;

    fn to_message(&self) -> StopEta {
        StopEta { stop: self.0.to_message(), eta: Some(self.1.to_message()) }
    }

    fn from_message(message: StopEta) -> Result<(StopId, ToldEta), Fault> {
        Ok((field(message.stop, "stop")?, required(message.eta, "eta")?))
    }
}
