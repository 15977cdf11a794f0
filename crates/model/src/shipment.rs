//! What a recipient awaits, who holds it now, and what was promised.

use std::fmt;

use crate::ids::{DepotId, ManifestId, ParcelId, PointId, RecipientId, ShipmentId};
use crate::units::{Load, Moment, Skills, Ticks};
use crate::window::TimeWindow;

/// Who holds a parcel now: known from scans, never from the plan.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Custody {
    /// Announced; not yet seen. Plannable from its depot.
    Expected(DepotId),
    AtDepot(DepotId),
    /// In a van: only that manifest can deliver it.
    Loaded(ManifestId),
    Delivered {
        at: Moment,
        point: PointId,
    },
    /// Back at a depot after a failed attempt or a cancellation: terminal for the day.
    Returned(DepotId),
    /// Will not be delivered and was never loaded.
    Cancelled,
}

impl fmt::Display for Custody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Custody::Expected(depot) => write!(f, "expected at depot {depot}"),
            Custody::AtDepot(depot) => write!(f, "at depot {depot}"),
            Custody::Loaded(manifest) => write!(f, "loaded for {manifest}"),
            Custody::Delivered { point, .. } => write!(f, "delivered at {point}"),
            Custody::Returned(depot) => write!(f, "returned to depot {depot}"),
            Custody::Cancelled => f.write_str("cancelled"),
        }
    }
}

impl Custody {
    /// Nothing more will happen to it today.
    pub const fn is_terminal(&self) -> bool {
        matches!(self, Custody::Delivered { .. } | Custody::Returned(_) | Custody::Cancelled)
    }

    pub const fn is_loaded(&self) -> bool {
        matches!(self, Custody::Loaded(_))
    }

    /// The depot it waits at, or is expected at.
    pub const fn waiting_at(&self) -> Option<&DepotId> {
        match self {
            Custody::Expected(depot) | Custody::AtDepot(depot) => Some(depot),
            _ => None,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parcel {
    pub id: ParcelId,
    pub load: Load,
    pub custody: Custody,
    /// When it is expected to be sorted and at the dock; `None` before any van leaves. Says nothing
    /// any more once a scan has seen the parcel.
    pub ready: Option<Moment>,
}

impl Parcel {
    /// A van that leaves earlier cannot have loaded it: its ready time while it is only announced.
    pub fn awaited_until(&self) -> Option<Moment> {
        self.ready.filter(|_| matches!(self.custody, Custody::Expected(_)))
    }
}

/// What kind of goods, as far as rules for changes go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GoodsClass {
    #[default]
    Normal,
    /// Medicine, alcohol, dangerous goods: hand-over rules forbid lockers and neighbours.
    Restricted,
    /// Worth stealing: redirecting it asks for a stronger identity.
    HighValue,
}

/// What the recipient agreed to, ahead of any wish.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Consents {
    /// Own parcels may be brought together.
    pub consolidation: bool,
    /// May be handed over with a neighbour's, at either door.
    pub neighbour: bool,
}

/// What the recipient was told, binding: service starts inside one of `windows`, at `point`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promise {
    pub point: PointId,
    /// Sorted, disjoint, never empty.
    pub windows: Vec<TimeWindow>,
    /// Grows with every change of the promise, from 1.
    pub version: u64,
}

/// What a recipient awaits: one or more parcels under one promise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shipment {
    pub id: ShipmentId,
    pub recipient: RecipientId,
    /// Never empty.
    pub parcels: Vec<Parcel>,
    pub promise: Promise,
    pub goods: GoodsClass,
    pub skills: Skills,
    pub consents: Consents,
    /// The sender allows no change by the recipient.
    pub shipper_forbids_changes: bool,
    /// Handing over one parcel.
    pub per_parcel: Ticks,
    /// Committed changes so far, against the policy's limit.
    pub changes_used: u32,
    /// Grows with every change of the shipment, from 1: its etag.
    pub version: u64,
}

impl Shipment {
    pub fn parcel(&self, id: &ParcelId) -> Option<&Parcel> {
        self.parcels.iter().find(|parcel| parcel.id == *id)
    }

    /// Parcels that are still to be delivered.
    pub fn open_parcels(&self) -> impl Iterator<Item = &Parcel> {
        self.parcels.iter().filter(|parcel| !parcel.custody.is_terminal())
    }

    pub fn is_terminal(&self) -> bool {
        self.open_parcels().next().is_none()
    }
}
