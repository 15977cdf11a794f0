//! Plan deltas: stops, tasks, what is left unassigned, and proposed re-plans.

use swerve_model::{
    Cost, ManifestDelta, Moment, PlanDelta, ReplanProposal, Revision, Sighting, Stop, StopState,
    Task, ToldEta, Unassigned,
};
use swerve_proto::storage::v1;
use swerve_proto::storage::v1::stop::{Planned, State, Visit};

use super::{Fault, Stored, field, list, messages, optional, required, stored_enum};

stored_enum!(PlanCause:
    InitialPlan,
    Import,
    RecipientChange,
    ChangeCancelled,
    ShipmentCreated,
    ShipmentCancelled,
    Replan,
    MovedByHand,
    Improvement,
    DriverRefused,
    Execution,
);

stored_enum!(UnassignedReason:
    NotYetPlanned,
    CapacityExceeded,
    NoVehicleWithSkills,
    WindowUnreachable,
    ShiftLimit,
    PointUnreachable,
    PromiseWouldBreak,
    NoVanAtDepot,
    NotFoundInTime,
    AttemptFailed,
    Cancelled,
);

impl Stored for PlanDelta {
    type Message = v1::PlanDelta;

    fn to_message(&self) -> v1::PlanDelta {
        v1::PlanDelta {
            manifests: messages(&self.manifests),
            unassigned: messages(&self.unassigned),
            unassigned_of: messages(&self.unassigned_of),
        }
    }

    fn from_message(message: v1::PlanDelta) -> Result<PlanDelta, Fault> {
        Ok(PlanDelta {
            manifests: list(message.manifests, "manifests")?,
            unassigned: list(message.unassigned, "unassigned")?,
            unassigned_of: list(message.unassigned_of, "unassigned_of")?,
        })
    }
}

impl Stored for ManifestDelta {
    type Message = v1::ManifestDelta;

    fn to_message(&self) -> v1::ManifestDelta {
        v1::ManifestDelta {
            manifest: self.manifest.to_message(),
            base: self.base.0,
            keep: self.keep as u64,
            suffix: messages(&self.suffix),
        }
    }

    fn from_message(message: v1::ManifestDelta) -> Result<ManifestDelta, Fault> {
        Ok(ManifestDelta {
            manifest: field(message.manifest, "manifest")?,
            base: Revision(message.base),
            keep: usize::try_from(message.keep).map_err(|_| {
                Fault::new(format!("{} is no position", message.keep)).within("keep")
            })?,
            suffix: list(message.suffix, "suffix")?,
        })
    }
}

impl Stored for Stop {
    type Message = v1::Stop;

    fn to_message(&self) -> v1::Stop {
        v1::Stop {
            id: self.id.to_message(),
            point: self.point.to_message(),
            tasks: messages(&self.tasks),
            state: Some(self.state.to_message()),
            pinned: self.pinned,
            told: self.told.as_ref().map(Stored::to_message),
        }
    }

    fn from_message(message: v1::Stop) -> Result<Stop, Fault> {
        Ok(Stop {
            id: field(message.id, "id")?,
            point: field(message.point, "point")?,
            tasks: list(message.tasks, "tasks")?,
            state: required(message.state, "state")?,
            pinned: message.pinned,
            told: optional(message.told, "told")?,
        })
    }
}

impl Stored for StopState {
    type Message = State;

    fn to_message(&self) -> State {
        let visit = |arrived: Moment, left: Moment| Visit { arrived: arrived.0, left: left.0 };
        match *self {
            StopState::Planned => State::Planned(Planned {}),
            StopState::Arrived(at) => State::Arrived(at.0),
            StopState::Completed { arrived, left } => State::Completed(visit(arrived, left)),
            StopState::Failed { arrived, left } => State::Failed(visit(arrived, left)),
        }
    }

    fn from_message(message: State) -> Result<StopState, Fault> {
        Ok(match message {
            State::Planned(Planned {}) => StopState::Planned,
            State::Arrived(at) => StopState::Arrived(Moment(at)),
            State::Completed(Visit { arrived, left }) => {
                StopState::Completed { arrived: Moment(arrived), left: Moment(left) }
            }
            State::Failed(Visit { arrived, left }) => {
                StopState::Failed { arrived: Moment(arrived), left: Moment(left) }
            }
        })
    }
}

impl Stored for Task {
    type Message = v1::Task;

    fn to_message(&self) -> v1::Task {
        v1::Task { shipment: self.shipment.to_message(), parcels: messages(&self.parcels) }
    }

    fn from_message(message: v1::Task) -> Result<Task, Fault> {
        Ok(Task {
            shipment: field(message.shipment, "shipment")?,
            parcels: list(message.parcels, "parcels")?,
        })
    }
}

impl Stored for ToldEta {
    type Message = v1::ToldEta;

    fn to_message(&self) -> v1::ToldEta {
        v1::ToldEta { expected: self.expected.0, earliest: self.earliest.0, latest: self.latest.0 }
    }

    fn from_message(message: v1::ToldEta) -> Result<ToldEta, Fault> {
        Ok(ToldEta {
            expected: Moment(message.expected),
            earliest: Moment(message.earliest),
            latest: Moment(message.latest),
        })
    }
}

impl Stored for Unassigned {
    type Message = v1::Unassigned;

    fn to_message(&self) -> v1::Unassigned {
        v1::Unassigned { task: Some(self.task.to_message()), reason: self.reason.to_message() }
    }

    fn from_message(message: v1::Unassigned) -> Result<Unassigned, Fault> {
        Ok(Unassigned {
            task: required(message.task, "task")?,
            reason: field(message.reason, "reason")?,
        })
    }
}

impl Stored for Sighting {
    type Message = v1::Sighting;

    fn to_message(&self) -> v1::Sighting {
        v1::Sighting { location: Some(self.location.to_message()), at: self.at.0 }
    }

    fn from_message(message: v1::Sighting) -> Result<Sighting, Fault> {
        Ok(Sighting { location: required(message.location, "location")?, at: Moment(message.at) })
    }
}

impl Stored for ReplanProposal {
    type Message = v1::ReplanProposal;

    fn to_message(&self) -> v1::ReplanProposal {
        v1::ReplanProposal {
            id: self.id.to_message(),
            delta: Some(self.delta.to_message()),
            base: self.base.0,
            cost_before: self.cost_before.0,
            cost_after: self.cost_after.0,
            expires: self.expires.0,
        }
    }

    fn from_message(message: v1::ReplanProposal) -> Result<ReplanProposal, Fault> {
        Ok(ReplanProposal {
            id: field(message.id, "id")?,
            delta: required(message.delta, "delta")?,
            base: Revision(message.base),
            cost_before: Cost(message.cost_before),
            cost_after: Cost(message.cost_after),
            expires: Moment(message.expires),
        })
    }
}
