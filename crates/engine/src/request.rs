//! What can be asked of a territory: well-formed by construction, so that the writer judges
//! meaning, never syntax.
//!
//! The edge turns wire messages into these; nothing here can be malformed, only impossible.

use swerve_auth::Principal;
use swerve_model::{
    Assurance, ChangeId, Custody, DeliveryPoint, Duty, FailureReason, LatLng, ManifestId, Moment,
    ParcelId, ProposalId, QuoteId, RequestKey, Revision, Shipment, ShipmentId, StopId, Task, Ticks,
    Vehicle, Wish,
};

/// One mutation on its way to the writer.
#[derive(Clone, Debug)]
pub struct Mutation {
    pub principal: Principal,
    /// `None` only for what the engine asks of itself.
    pub key: Option<RequestKey>,
    /// Real-time budget left when it was received; past it nothing is changed.
    pub budget: Option<std::time::Duration>,
    /// Answer as if done, change nothing.
    pub validate_only: bool,
    pub request: Request,
}

#[derive(Clone, Debug)]
pub enum Request {
    /// Engine time moves; never backwards.
    Tick(Moment),
    SetVehicle(Vehicle),
    SetPoint(DeliveryPoint),
    OpenManifest {
        manifest: ManifestId,
        duty: Duty,
    },
    /// All or none. Unplanned at first; placed at once where a plan exists and they fit.
    CreateShipments(Vec<Shipment>),
    CancelShipment {
        shipment: ShipmentId,
        etag: Option<u64>,
    },
    /// All or none. The scan wins over the plan.
    RecordScans(Vec<Scan>),
    /// The engine plans every unassigned task of the day; nothing assigned moves to another van.
    PlanDay {
        iterations: Option<u32>,
    },
    /// Another planner's sequences, taken as they are, flagged where they break a rule.
    ImportPlan(Vec<ImportedManifest>),
    DepartManifest {
        manifest: ManifestId,
        at: Moment,
    },
    CloseManifest {
        manifest: ManifestId,
        at: Moment,
    },
    ArriveStop {
        manifest: ManifestId,
        stop: StopId,
        at: Moment,
    },
    CompleteStop {
        manifest: ManifestId,
        stop: StopId,
        at: Moment,
    },
    FailStop {
        manifest: ManifestId,
        stop: StopId,
        at: Moment,
        reason: FailureReason,
    },
    AcknowledgeRevision {
        manifest: ManifestId,
        revision: Revision,
    },
    RefuseRevision {
        manifest: ManifestId,
        revision: Revision,
        reason: String,
    },
    Quote {
        shipment: ShipmentId,
        wish: Wish,
        assurance: Assurance,
        max_offers: usize,
    },
    HoldOffer {
        quote: QuoteId,
        offer: u32,
        ttl: Ticks,
    },
    ReleaseOffer {
        quote: QuoteId,
        offer: u32,
    },
    CommitOffer {
        quote: QuoteId,
        offer: u32,
        assurance: Assurance,
    },
    CancelChange {
        change: ChangeId,
        etag: Option<Revision>,
    },
    ProposeReplan {
        scope: Vec<ManifestId>,
        iterations: Option<u32>,
    },
    ApplyReplan {
        proposal: ProposalId,
        expected: Revision,
    },
    DiscardReplan {
        proposal: ProposalId,
    },
    PinStop {
        manifest: ManifestId,
        stop: StopId,
        pinned: bool,
    },
    MoveStop {
        stop: StopId,
        from: ManifestId,
        to: ManifestId,
        position: usize,
        seen: Revision,
    },
}

/// What a scanner saw.
#[derive(Clone, Debug)]
pub struct Scan {
    pub shipment: ShipmentId,
    pub parcel: ParcelId,
    /// `AtDepot`, `Loaded`, `Delivered` or `Returned`.
    pub custody: Custody,
}

/// One driver's sequence as another planner made it.
#[derive(Clone, Debug)]
pub struct ImportedManifest {
    pub manifest: ManifestId,
    /// Halts in order: each the tasks handed over there, all promised to one point.
    pub stops: Vec<Vec<Task>>,
}

/// Where a van is, by its own report. Conflated, not logged: only the newest counts.
#[derive(Clone, Copy, Debug)]
pub struct Position {
    pub location: LatLng,
    pub at: Moment,
}
