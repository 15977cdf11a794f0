//! What happened, as it is kept for ever: outcomes, never intentions.
//!
//! A territory is `(state, event) -> state`. A [`Record`] is one durable step: who asked, what came
//! of it, and the plan's hash afterwards. Replay applies events and never searches, so a better
//! optimizer does not rewrite history. Adding an event: a variant here, its arm in the engine's
//! `apply`, its message in `proto/swerve/storage/v1` and its conversion in `eventlog`.

use crate::change::{Change, ChangeState, Hold, Quote};
use crate::fleet::{DeliveryPoint, Duty, Vehicle};
use crate::ids::{
    ChangeId, ManifestId, ParcelId, ProposalId, QuoteId, RequestId, ShipmentId, StopId, TenantId,
};
use crate::plan::{PlanCause, PlanDelta, Revision, Sighting, ToldEta};
use crate::shipment::{Custody, Promise, Shipment};
use crate::units::{Cost, Moment};

/// What a caller may be. One table says what each may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    Tms,
    Dispatcher,
    Driver,
    /// Holds a link to one shipment.
    Recipient,
    Operator,
    /// The engine itself: ticks, improvements, reversions.
    Engine,
}

impl Role {
    pub const fn name(self) -> &'static str {
        match self {
            Role::Tms => "tms",
            Role::Dispatcher => "dispatcher",
            Role::Driver => "driver",
            Role::Recipient => "recipient",
            Role::Operator => "operator",
            Role::Engine => "engine",
        }
    }
}

/// Who did it, for the audit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    pub tenant: TenantId,
    pub role: Role,
    /// Opaque: a token's name, a driver's id.
    pub subject: String,
}

/// Which mutation a record answers: sent again, it is answered again and done once (I9).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestKey {
    pub id: RequestId,
    /// SHA-256 of the request's method and body: the same id with another body is refused.
    pub digest: [u8; 32],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FailureReason {
    RecipientAbsent,
    Refused,
    NoAccess,
    PointFull,
    Damaged,
}

/// How far an imported or re-planned day is from the rules, per manifest. See `checker`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplanProposal {
    pub id: ProposalId,
    pub delta: PlanDelta,
    /// The plan it was made from.
    pub base: Revision,
    pub cost_before: Cost,
    pub cost_after: Cost,
    pub expires: Moment,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// Engine time moved. The only way it does.
    Tick(Moment),
    VehicleSet(Vehicle),
    PointSet(DeliveryPoint),
    ManifestOpened {
        manifest: ManifestId,
        duty: Duty,
    },
    ManifestDeparted {
        manifest: ManifestId,
        at: Moment,
    },
    ManifestClosed {
        manifest: ManifestId,
        at: Moment,
    },
    /// Its parcels start unassigned; a `PlanChanged` in the same record may place them.
    ShipmentCreated(Shipment),
    ShipmentCancelled(ShipmentId),
    CustodyChanged {
        shipment: ShipmentId,
        parcel: ParcelId,
        custody: Custody,
    },
    PlanChanged {
        cause: PlanCause,
        delta: PlanDelta,
    },
    StopArrived {
        manifest: ManifestId,
        stop: StopId,
        at: Moment,
    },
    StopCompleted {
        manifest: ManifestId,
        stop: StopId,
        at: Moment,
    },
    StopFailed {
        manifest: ManifestId,
        stop: StopId,
        at: Moment,
        reason: FailureReason,
    },
    Sighted {
        manifest: ManifestId,
        sighting: Sighting,
    },
    /// Arrivals that are told anew.
    EtasTold {
        manifest: ManifestId,
        etas: Vec<(StopId, ToldEta)>,
    },
    StopPinned {
        manifest: ManifestId,
        stop: StopId,
        pinned: bool,
    },
    RevisionAcknowledged {
        manifest: ManifestId,
        revision: Revision,
    },
    RevisionRefused {
        manifest: ManifestId,
        revision: Revision,
        reason: String,
    },
    Quoted(Quote),
    OfferHeld(Hold),
    OfferReleased {
        quote: QuoteId,
        offer: u32,
    },
    /// Committed or refused; its effects on the plan are the `PlanChanged` beside it.
    ChangeRecorded(Change),
    ChangeMoved {
        change: ChangeId,
        state: ChangeState,
        at: Moment,
    },
    PromiseChanged {
        shipment: ShipmentId,
        promise: Promise,
    },
    ReplanProposed(ReplanProposal),
    ReplanClosed {
        proposal: ProposalId,
        applied: bool,
    },
}

/// What a mutation was answered, so that it can be answered the same way again. Resources it names
/// are kept, so a few words are enough.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// Done, at this revision.
    Done,
    Quoted(QuoteId),
    Held {
        until: Moment,
    },
    Committed(ChangeId),
    /// The offer no longer holds; a fresh quote does.
    MovedOn(QuoteId),
    ChangeCancelled(ChangeId),
    Proposed(ProposalId),
}

/// One durable step of a territory.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    pub actor: Actor,
    /// `None` for what nobody asked for: ticks, improvements.
    pub request: Option<RequestKey>,
    /// Engine time when it was decided.
    pub at: Moment,
    pub events: Vec<Event>,
    pub answer: Answer,
    /// The plan's revision and hash after the events.
    pub revision: Revision,
    pub plan_hash: [u8; 32],
    /// Which rules judged it.
    pub policy_version: String,
    /// Iterations done by each logical search worker, so that the search can be made again.
    pub iterations: Vec<u32>,
}
