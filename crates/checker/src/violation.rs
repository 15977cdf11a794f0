//! Why a change may not be published.
//!
//! Every violation names the invariant it breaks and the things at fault, with numbers: an operator
//! who reads one can find it in the plan.

use std::fmt;

use swerve_model::{ManifestId, ParcelId, ShipmentId, StopId, Ticks};

use crate::flag::Flag;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Violation {
    /// A plan says who drives which stops; it changes neither duty nor state, and both sides must
    /// show the same manifests.
    ManifestAltered { manifest: ManifestId, what: &'static str },
    /// A done stop is gone, elsewhere, or not as it was (I4).
    DoneStopMoved { manifest: ManifestId, stop: StopId },
    /// A frozen stop is not where it was, with the tasks it had (I4).
    FrozenStopMoved { manifest: ManifestId, stop: StopId },
    /// A pinned stop left its manifest, or parcels left it.
    PinnedStopMoved { manifest: ManifestId, stop: StopId },
    /// Two pinned stops changed order; this is the first that is not where it was.
    PinnedOrderBroken { manifest: ManifestId, stop: StopId },
    /// Only a dispatcher pins and unpins.
    PinChanged { manifest: ManifestId, stop: StopId },
    /// Still to be delivered, and in no place any more (I1).
    ParcelLost { shipment: ShipmentId, parcel: ParcelId },
    /// In more places than before (I1).
    ParcelTwice { shipment: ShipmentId, parcel: ParcelId, places: u32 },
    /// In a place now though it was in none of those touched: it is somewhere else too (I1).
    ParcelFromNowhere { shipment: ShipmentId, parcel: ParcelId },
    /// Listed as unassigned though there is nothing left to assign (I1).
    ParcelClosed { shipment: ShipmentId, parcel: ParcelId },
    /// It was planned and is not any more: its promise is broken for sure (I2).
    ParcelDropped { shipment: ShipmentId, parcel: ParcelId },
    /// Service is planned to start outside every promised window, farther than before if it was
    /// (I2).
    PromiseBroken { manifest: ManifestId, stop: StopId, shipment: ShipmentId, by: Ticks },
    /// Kept with less than 95 %, and with less than before if it was lower already (I2). `before` is
    /// `None` for a promise made by this change or not planned before it.
    PromiseLowered {
        manifest: ManifestId,
        stop: StopId,
        shipment: ShipmentId,
        before_permille: Option<u16>,
        after_permille: u16,
    },
    /// A fault that was not there before, or was smaller (I3, I6, I7, I16). `before` is its size then.
    Worse { flag: Flag, before: Option<i64> },
}

impl Violation {
    /// The invariant it breaks.
    pub const fn invariant(&self) -> &'static str {
        match self {
            Violation::ManifestAltered { .. }
            | Violation::DoneStopMoved { .. }
            | Violation::FrozenStopMoved { .. }
            | Violation::PinnedStopMoved { .. }
            | Violation::PinnedOrderBroken { .. }
            | Violation::PinChanged { .. } => "I4",
            Violation::ParcelLost { .. }
            | Violation::ParcelTwice { .. }
            | Violation::ParcelFromNowhere { .. }
            | Violation::ParcelClosed { .. } => "I1",
            Violation::ParcelDropped { .. }
            | Violation::PromiseBroken { .. }
            | Violation::PromiseLowered { .. } => "I2",
            Violation::Worse { flag, .. } => match flag {
                Flag::OtherVan { .. } | Flag::NotLoadable { .. } | Flag::NotReady { .. } => "I3",
                Flag::OverCapacity { .. } | Flag::PointFull { .. } => "I6",
                Flag::ShiftExceeded { .. } => "I7",
                Flag::ParcelClosed { .. }
                | Flag::ParcelTwice { .. }
                | Flag::ParcelNowhere { .. }
                | Flag::StopTwice { .. } => "I1",
                Flag::WrongPoint { .. }
                | Flag::PromiseMissed { .. }
                | Flag::PromiseUnsure { .. } => "I2",
                Flag::NameUnknown { .. }
                | Flag::DoneAfterUndone { .. }
                | Flag::StopEmpty { .. }
                | Flag::SkillsMissing { .. }
                | Flag::PointClosed { .. }
                | Flag::Unreachable { .. } => "I16",
            },
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.invariant())?;
        match self {
            Violation::ManifestAltered { manifest, what } => {
                write!(f, "{manifest} has another {what}")
            }
            Violation::DoneStopMoved { manifest, stop } => {
                write!(f, "{manifest}/{stop} is done and was changed")
            }
            Violation::FrozenStopMoved { manifest, stop } => {
                write!(f, "{manifest}/{stop} is frozen and was moved or changed")
            }
            Violation::PinnedStopMoved { manifest, stop } => {
                write!(f, "{manifest}/{stop} is pinned and was moved or emptied")
            }
            Violation::PinnedOrderBroken { manifest, stop } => {
                write!(f, "{manifest}/{stop} is out of order among the pinned stops")
            }
            Violation::PinChanged { manifest, stop } => {
                write!(f, "{manifest}/{stop} was pinned or unpinned by a plan")
            }
            Violation::ParcelLost { shipment, parcel } => {
                write!(f, "{shipment}/{parcel} is in no place any more")
            }
            Violation::ParcelTwice { shipment, parcel, places } => {
                write!(f, "{shipment}/{parcel} is in {places} places")
            }
            Violation::ParcelFromNowhere { shipment, parcel } => {
                write!(f, "{shipment}/{parcel} comes from no place that was touched")
            }
            Violation::ParcelClosed { shipment, parcel } => {
                write!(f, "{shipment}/{parcel} is closed and listed as unassigned")
            }
            Violation::ParcelDropped { shipment, parcel } => {
                write!(f, "{shipment}/{parcel} was planned and is not any more")
            }
            Violation::PromiseBroken { manifest, stop, shipment, by } => {
                write!(f, "{manifest}/{stop} breaks the promise to {shipment} by {by}")
            }
            Violation::PromiseLowered {
                manifest,
                stop,
                shipment,
                before_permille,
                after_permille,
            } => {
                write!(
                    f,
                    "{manifest}/{stop} keeps the promise to {shipment} with {after_permille}"
                )?;
                match before_permille {
                    Some(before) => write!(f, " in 1000, after {before}"),
                    None => write!(f, " in 1000"),
                }
            }
            Violation::Worse { flag, before: None } => write!(f, "{flag}"),
            Violation::Worse { flag, before: Some(before) } => {
                write!(f, "{flag} (was {before}, is {})", flag.size())
            }
        }
    }
}
