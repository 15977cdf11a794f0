//! Manifests: what each driver does next, and how a revision differs from the one before.

use std::fmt;

use crate::fleet::Duty;
use crate::ids::{ManifestId, ParcelId, PointId, ShipmentId, StopId};
use crate::travel::LatLng;
use crate::units::Moment;

/// A state of a territory's plan. Totally ordered; grows with every published change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Revision(pub u64);

impl Revision {
    #[must_use]
    pub const fn next(self) -> Revision {
        Revision(self.0 + 1)
    }
}

/// Parcels of one shipment handed over together. Never empty.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Task {
    pub shipment: ShipmentId,
    pub parcels: Vec<ParcelId>,
}

/// How far a stop has come. Only what has been reported; never what was planned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StopState {
    Planned,
    /// The van stands there since.
    Arrived(Moment),
    Completed {
        arrived: Moment,
        left: Moment,
    },
    /// Nobody there, refused, no access: the parcels stay aboard.
    Failed {
        arrived: Moment,
        left: Moment,
    },
}

impl StopState {
    /// When the van left, once it has.
    pub const fn left(self) -> Option<Moment> {
        match self {
            StopState::Completed { left, .. } | StopState::Failed { left, .. } => Some(left),
            StopState::Planned | StopState::Arrived(_) => None,
        }
    }

    pub const fn is_done(self) -> bool {
        self.left().is_some()
    }
}

/// An arrival as recipients were last told it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ToldEta {
    pub expected: Moment,
    /// The central 90 % of arrivals.
    pub earliest: Moment,
    pub latest: Moment,
}

/// One halt at one delivery point, where one or more tasks are done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    pub id: StopId,
    pub point: PointId,
    pub tasks: Vec<Task>,
    pub state: StopState,
    /// A dispatcher fixed it: it stays on its manifest, and in its order among the pinned.
    pub pinned: bool,
    pub told: Option<ToldEta>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ManifestState {
    /// Parcels of its depot may still be added.
    Loading,
    Departed(Moment),
    /// Back at the depot, nothing left to do.
    Closed(Moment),
}

impl fmt::Display for StopState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            StopState::Planned => "planned",
            StopState::Arrived(_) => "being served",
            StopState::Completed { .. } => "completed",
            StopState::Failed { .. } => "failed",
        })
    }
}

impl fmt::Display for ManifestState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ManifestState::Loading => "loading",
            ManifestState::Departed(_) => "on the road",
            ManifestState::Closed(_) => "closed",
        })
    }
}

/// Where a van was seen between stops.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sighting {
    pub location: LatLng,
    pub at: Moment,
}

/// The ordered stops of one driver and vehicle for one shift, done ones first.
#[derive(Clone, Debug, PartialEq)]
pub struct Manifest {
    pub id: ManifestId,
    pub duty: Duty,
    pub state: ManifestState,
    pub stops: Vec<Stop>,
    /// Logged only when it changes a published arrival.
    pub sighting: Option<Sighting>,
    /// The plan revision that last changed its undone stops.
    pub revision: Revision,
    /// The newest revision the driver has acknowledged.
    pub acknowledged: Revision,
}

impl Manifest {
    /// How many stops are done. They are a prefix: a driver who serves out of order re-orders the
    /// manifest.
    pub fn done_count(&self) -> usize {
        self.stops.iter().take_while(|stop| stop.state.is_done()).count()
    }

    pub fn stop(&self, id: &StopId) -> Option<&Stop> {
        self.stops.iter().find(|stop| stop.id == *id)
    }

    pub const fn may_load(&self) -> bool {
        matches!(self.state, ManifestState::Loading)
    }
}

/// Why a task is on no manifest. Never without one (I11).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UnassignedReason {
    /// Nothing has been planned since it was created.
    NotYetPlanned,
    CapacityExceeded,
    NoVehicleWithSkills,
    WindowUnreachable,
    ShiftLimit,
    PointUnreachable,
    /// Its only room would break a promise made to another.
    PromiseWouldBreak,
    /// Every van that could carry it has left its depot.
    NoVanAtDepot,
    /// It was not found, which is not the same as proven impossible.
    NotFoundInTime,
    /// The recipient was absent, or refused: it goes back.
    AttemptFailed,
    /// Cancelled while it was aboard: it goes back.
    Cancelled,
}

/// A task without a manifest.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unassigned {
    pub task: Task,
    pub reason: UnassignedReason,
}

/// A manifest's undone stops, as they become. Done stops are never in a delta (I4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManifestDelta {
    pub manifest: ManifestId,
    /// The manifest's revision this was planned from; a delta on another base is not applied.
    pub base: Revision,
    /// Stops kept from the front, done ones included.
    pub keep: usize,
    /// What follows them.
    pub suffix: Vec<Stop>,
}

/// The difference between two plan revisions: outcomes, so that replay never searches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlanDelta {
    /// By manifest id, each at most once.
    pub manifests: Vec<ManifestDelta>,
    /// Tasks on no manifest from now on, replacing the list of every shipment named in
    /// `unassigned_of`.
    pub unassigned: Vec<Unassigned>,
    pub unassigned_of: Vec<ShipmentId>,
}

impl PlanDelta {
    pub fn is_empty(&self) -> bool {
        self.manifests.is_empty() && self.unassigned_of.is_empty()
    }
}

/// Why the plan changed: what the audit and the watchers are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PlanCause {
    /// The engine's own plan for the day.
    InitialPlan,
    /// Made by another planner, taken as it is.
    Import,
    RecipientChange,
    ChangeCancelled,
    ShipmentCreated,
    ShipmentCancelled,
    /// A dispatcher's re-plan, applied.
    Replan,
    MovedByHand,
    /// A longer look found something better.
    Improvement,
    /// A driver refused a revision: what it changed goes back.
    DriverRefused,
    /// What happened differs from what was planned: another order, another van.
    Execution,
}
