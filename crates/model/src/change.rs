//! A recipient's wish and its life: asked, refused or quoted, held, committed, executed.

use std::collections::BTreeMap;
use std::fmt;

use crate::ids::{ChangeId, DepotId, ManifestId, ParcelId, PointId, QuoteId, ShipmentId};
use crate::plan::Revision;
use crate::shipment::Promise;
use crate::travel::LatLng;
use crate::units::{Cost, Meters, Moment, Ticks};
use crate::window::TimeWindow;

/// Somewhere a driver can find.
#[derive(Clone, Debug, PartialEq)]
pub enum WishedPlace {
    /// A locker, a shop, a door seen before.
    Point(PointId),
    /// Another address; it becomes a delivery point of its own when the change is committed.
    Location(LatLng),
}

/// What is to be handed over together with the shipment asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Together {
    /// All of the same recipient's and consenting neighbours' shipments that can be.
    Find,
    /// These, all or nothing.
    These(Vec<ShipmentId>),
}

/// What a recipient wants for all parcels of a shipment that are still to be delivered. All that is
/// set must hold together; unset means as it is now.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wish {
    pub place: Option<WishedPlace>,
    /// Any one of these.
    pub windows: Vec<TimeWindow>,
    /// Offer the best windows there are.
    pub suggest_windows: bool,
    /// Offer pickup points near the promised place.
    pub suggest_points: bool,
    pub together: Option<Together>,
}

/// The kinds of change a policy has rules for. A wish may combine them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChangeKind {
    /// Another address.
    Reroute,
    /// A locker or a shop.
    Pickup,
    Window,
    Consolidation,
}

impl ChangeKind {
    pub const ALL: [ChangeKind; 4] =
        [ChangeKind::Reroute, ChangeKind::Pickup, ChangeKind::Window, ChangeKind::Consolidation];

    /// The name used in policy files, metrics and messages.
    pub const fn name(self) -> &'static str {
        match self {
            ChangeKind::Reroute => "reroute",
            ChangeKind::Pickup => "pickup",
            ChangeKind::Window => "window",
            ChangeKind::Consolidation => "consolidation",
        }
    }
}

/// Why a wish, as stated, cannot be had. The published list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RefusalReason {
    CutoffPassed,
    StopInProgress,
    ParcelOnOtherVehicle,
    PromiseWouldBreak,
    CapacityExceeded,
    ShiftLimit,
    WindowUnreachable,
    WindowBeyondHorizon,
    PointUnreachable,
    PointClosed,
    LockerFull,
    NoVehicleWithSkills,
    NoVanAtDepot,
    GoodsRestricted,
    ShipperForbids,
    IdentityLevelTooLow,
    ChangeLimitReached,
    ShipmentTerminal,
    NothingToConsolidate,
    ConsentMissing,
    QuoteExpired,
    PlanMovedOn,
    NotFoundInTime,
}

impl RefusalReason {
    /// The stable name callers branch on.
    pub const fn name(self) -> &'static str {
        match self {
            RefusalReason::CutoffPassed => "CUTOFF_PASSED",
            RefusalReason::StopInProgress => "STOP_IN_PROGRESS",
            RefusalReason::ParcelOnOtherVehicle => "PARCEL_ON_OTHER_VEHICLE",
            RefusalReason::PromiseWouldBreak => "PROMISE_WOULD_BREAK",
            RefusalReason::CapacityExceeded => "CAPACITY_EXCEEDED",
            RefusalReason::ShiftLimit => "SHIFT_LIMIT",
            RefusalReason::WindowUnreachable => "WINDOW_UNREACHABLE",
            RefusalReason::WindowBeyondHorizon => "WINDOW_BEYOND_HORIZON",
            RefusalReason::PointUnreachable => "POINT_UNREACHABLE",
            RefusalReason::PointClosed => "POINT_CLOSED",
            RefusalReason::LockerFull => "LOCKER_FULL",
            RefusalReason::NoVehicleWithSkills => "NO_VEHICLE_WITH_SKILLS",
            RefusalReason::NoVanAtDepot => "NO_VAN_AT_DEPOT",
            RefusalReason::GoodsRestricted => "GOODS_RESTRICTED",
            RefusalReason::ShipperForbids => "SHIPPER_FORBIDS",
            RefusalReason::IdentityLevelTooLow => "IDENTITY_LEVEL_TOO_LOW",
            RefusalReason::ChangeLimitReached => "CHANGE_LIMIT_REACHED",
            RefusalReason::ShipmentTerminal => "SHIPMENT_TERMINAL",
            RefusalReason::NothingToConsolidate => "NOTHING_TO_CONSOLIDATE",
            RefusalReason::ConsentMissing => "CONSENT_MISSING",
            RefusalReason::QuoteExpired => "QUOTE_EXPIRED",
            RefusalReason::PlanMovedOn => "PLAN_MOVED_ON",
            RefusalReason::NotFoundInTime => "NOT_FOUND_IN_TIME",
        }
    }
}

/// How sure a refusal is. Never mixed up (I11).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Proof {
    /// A rule forbids it, or every place it could go was tried.
    Impossible,
    /// The search ended before it was exhausted.
    NotFoundInTime,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub reason: RefusalReason,
    pub proof: Proof,
    /// The moment after which the wish became impossible, where time is the reason.
    pub cutoff: Option<Moment>,
    /// Facts for a message to the recipient, e.g. `limit` = `2`. Never about other recipients.
    pub facts: BTreeMap<String, String>,
}

impl Refusal {
    pub fn new(reason: RefusalReason, proof: Proof) -> Refusal {
        Refusal { reason, proof, cutoff: None, facts: BTreeMap::new() }
    }

    #[must_use]
    pub fn with_cutoff(mut self, cutoff: Moment) -> Refusal {
        self.cutoff = Some(cutoff);
        self
    }

    #[must_use]
    pub fn with_fact(mut self, name: &str, value: &impl ToString) -> Refusal {
        self.facts.insert(name.to_owned(), value.to_string());
        self
    }
}

/// How sure the caller is of who asks. Ordered: later is stronger.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Assurance {
    /// A link that could have been forwarded.
    #[default]
    Link,
    Account,
    OneTimeCode,
}

/// Arrival as planned now: the planner's own numbers, no others (I13).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EtaInterval {
    pub expected: Moment,
    /// The central 90 % of arrivals.
    pub earliest: Moment,
    pub latest: Moment,
    pub stops_before: u32,
}

/// What changes for one shipment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShipmentEffect {
    pub shipment: ShipmentId,
    pub parcels: Vec<ParcelId>,
    pub promise_before: Promise,
    pub promise_after: Promise,
    /// Who brings it.
    pub manifest: ManifestId,
    pub eta: EtaInterval,
}

/// How parcels get there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CustodyStep {
    /// Stays in the van it is in.
    SameVan(ManifestId),
    LoadAtDepot {
        depot: DepotId,
        manifest: ManifestId,
    },
    DropAtPoint(PointId),
}

/// What a change does to the operation, against leaving the plan as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Impact {
    /// Marginal operating cost, disturbance not included.
    pub cost: Cost,
    pub driving: Ticks,
    pub distance: Meters,
    pub co2_grams: i64,
    /// Other stops whose ETA moves by more than five minutes, and the largest such move.
    pub stops_shifted: u32,
    pub max_shift: Ticks,
    /// Other stops that change van.
    pub stops_reassigned: u32,
    /// Sum over other shipments of lost probability of a kept promise, parts per thousand.
    pub risk_to_others_permille: u32,
    /// Probability that the new promise is kept, parts per thousand.
    pub on_time_permille: u16,
}

/// A priced, feasible answer: named by its quote and its place in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Offer {
    /// The wish in full, as it would be committed: one place, one window, the shipments named.
    pub resolved: Wish,
    /// First the shipment asked about. All or nothing.
    pub effects: Vec<ShipmentEffect>,
    pub fee: Cost,
    pub path: Vec<CustodyStep>,
    pub impact: Impact,
}

/// An answer to a wish, honoured until it expires.
#[derive(Clone, Debug, PartialEq)]
pub struct Quote {
    pub id: QuoteId,
    pub shipment: ShipmentId,
    pub wish: Wish,
    pub assurance: Assurance,
    pub kinds: Vec<ChangeKind>,
    /// What the wish asked for, best first; empty only with `refusals`.
    pub offers: Vec<Offer>,
    pub refusals: Vec<Refusal>,
    /// What could be had instead, ranked; numbered on from `offers`.
    pub alternatives: Vec<Offer>,
    pub revision: Revision,
    pub made: Moment,
    pub expires: Moment,
}

impl Quote {
    /// Offers first, alternatives after them.
    pub fn offer(&self, index: u32) -> Option<&Offer> {
        self.offers.iter().chain(&self.alternatives).nth(index as usize)
    }
}

/// Keeps an offer's scarce place (a locker's compartment) while the recipient pays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    pub quote: QuoteId,
    pub offer: u32,
    pub until: Moment,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChangeState {
    Refused,
    Committed,
    DriverAcknowledged,
    /// Undone because the driver refused it, or could not be told in time.
    DriverRejected,
    Executed,
    NotExecuted,
    /// A later change of the same shipment took its place.
    Superseded,
    Cancelled,
}

impl fmt::Display for ChangeState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ChangeState::Refused => "refused",
            ChangeState::Committed => "committed",
            ChangeState::DriverAcknowledged => "acknowledged by the driver",
            ChangeState::DriverRejected => "rejected by the driver",
            ChangeState::Executed => "executed",
            ChangeState::NotExecuted => "not executed",
            ChangeState::Superseded => "superseded by a later change",
            ChangeState::Cancelled => "cancelled",
        })
    }
}

impl ChangeState {
    pub const fn is_open(self) -> bool {
        matches!(self, ChangeState::Committed | ChangeState::DriverAcknowledged)
    }
}

/// A wish and what became of it. Refused ones are kept too.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    pub id: ChangeId,
    pub quote: QuoteId,
    pub shipment: ShipmentId,
    pub wish: Wish,
    pub kinds: Vec<ChangeKind>,
    pub state: ChangeState,
    pub effects: Vec<ShipmentEffect>,
    pub refusals: Vec<Refusal>,
    pub fee: Cost,
    pub revision: Revision,
    pub asked: Moment,
    pub committed: Option<Moment>,
    pub acknowledged: Option<Moment>,
    pub ended: Option<Moment>,
}
