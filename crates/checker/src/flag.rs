//! What is wrong with a plan as it stands.
//!
//! A flag names what it is about and how large it is, so that a later plan can be held against it:
//! the same flag, no larger, is not the later plan's fault (I16).

use std::fmt;

use swerve_model::{DepotId, ManifestId, ParcelId, PointId, ShipmentId, Skills, StopId, Ticks};

/// The dimensions of a load, by index.
pub(crate) const DIMENSIONS: [&str; swerve_model::LOAD_DIMENSIONS] =
    ["weight (g)", "volume (ml)", "count"];

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Flag {
    /// A name that stands for nothing: this manifest has no timetable, and little else of it could be
    /// judged.
    NameUnknown {
        manifest: ManifestId,
        stop: StopId,
        name: String,
    },
    /// Done stops come first; this one comes after an undone one.
    DoneAfterUndone {
        manifest: ManifestId,
        stop: StopId,
    },
    /// A halt for nothing.
    StopEmpty {
        manifest: ManifestId,
        stop: StopId,
    },
    /// One name, several stops.
    StopTwice {
        manifest: ManifestId,
        stop: StopId,
    },
    /// Delivered, returned or cancelled, or not known at all, and still planned.
    ParcelClosed {
        manifest: ManifestId,
        stop: StopId,
        shipment: ShipmentId,
        parcel: ParcelId,
    },
    /// In several places (I1).
    ParcelTwice {
        shipment: ShipmentId,
        parcel: ParcelId,
        places: u32,
    },
    /// Still to be delivered, and neither planned nor unassigned (I1).
    ParcelNowhere {
        shipment: ShipmentId,
        parcel: ParcelId,
    },
    /// In `holder`'s van, planned on another (I3).
    OtherVan {
        manifest: ManifestId,
        stop: StopId,
        shipment: ShipmentId,
        parcel: ParcelId,
        holder: ManifestId,
    },
    /// Waits at `depot`, planned on a van that loads elsewhere or has left (I3).
    NotLoadable {
        manifest: ManifestId,
        stop: StopId,
        shipment: ShipmentId,
        parcel: ParcelId,
        depot: DepotId,
    },
    /// Expected at the dock so long after the van it is planned on leaves (I3).
    NotReady {
        manifest: ManifestId,
        stop: StopId,
        shipment: ShipmentId,
        parcel: ParcelId,
        by: Ticks,
    },
    /// Promised at one point, planned at another.
    WrongPoint {
        manifest: ManifestId,
        stop: StopId,
        shipment: ShipmentId,
        promised: PointId,
    },
    /// Service is planned to start outside every promised window, by so much (I2).
    PromiseMissed {
        manifest: ManifestId,
        stop: StopId,
        shipment: ShipmentId,
        by: Ticks,
    },
    /// Inside the window as planned, and kept with less than 95 % (I2).
    PromiseUnsure {
        manifest: ManifestId,
        stop: StopId,
        shipment: ShipmentId,
        kept_permille: u16,
    },
    /// More aboard, or to be loaded, than the van has room for (I6).
    OverCapacity {
        manifest: ManifestId,
        dimension: usize,
        excess: i64,
    },
    /// Back after the legal end of the shift (I7).
    ShiftExceeded {
        manifest: ManifestId,
        by: Ticks,
    },
    SkillsMissing {
        manifest: ManifestId,
        stop: StopId,
        shipment: ShipmentId,
        missing: Skills,
    },
    /// Service is planned to start so far from the point's opening hours.
    PointClosed {
        manifest: ManifestId,
        stop: StopId,
        point: PointId,
        by: Ticks,
    },
    /// More parcels in it or bound for it than it has compartments.
    PointFull {
        point: PointId,
        excess: u32,
    },
    /// So many legs of the manifest lead where no road does; the first at this stop.
    Unreachable {
        manifest: ManifestId,
        stop: StopId,
        legs: u32,
    },
}

/// The identity of a fault, across plans. See [`Flag::fault`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault<'a> {
    kind: &'static str,
    one: &'a str,
    other: &'a str,
    dimension: usize,
}

impl Fault<'_> {
    /// Whether it is this kind of fault, about these names.
    pub(crate) fn is(&self, kind: &str, one: &str, other: &str) -> bool {
        (self.kind, self.one, self.other) == (kind, one, other)
    }
}

impl Flag {
    /// How large it is, in its own unit; 1 for what is or is not.
    pub fn size(&self) -> i64 {
        match self {
            Flag::NameUnknown { .. }
            | Flag::DoneAfterUndone { .. }
            | Flag::StopEmpty { .. }
            | Flag::StopTwice { .. }
            | Flag::ParcelClosed { .. }
            | Flag::ParcelNowhere { .. }
            | Flag::OtherVan { .. }
            | Flag::NotLoadable { .. }
            | Flag::WrongPoint { .. } => 1,
            Flag::ParcelTwice { places, .. } => i64::from(*places),
            Flag::NotReady { by, .. }
            | Flag::PromiseMissed { by, .. }
            | Flag::ShiftExceeded { by, .. }
            | Flag::PointClosed { by, .. } => by.0,
            Flag::PromiseUnsure { kept_permille, .. } => 1000 - i64::from(*kept_permille),
            Flag::OverCapacity { excess, .. } => *excess,
            Flag::SkillsMissing { missing, .. } => i64::from(missing.0.count_ones()),
            Flag::PointFull { excess, .. } => i64::from(*excess),
            Flag::Unreachable { legs, .. } => i64::from(*legs),
        }
    }

    /// What makes two flags the same fault, whatever their size and wherever the thing at fault is
    /// planned now: a parcel in the wrong van stays one fault when it moves to a third.
    pub fn fault(&self) -> Fault<'_> {
        let (one, other, dimension) = match self {
            Flag::NameUnknown { name, .. } => (name.as_str(), "", 0),
            Flag::DoneAfterUndone { stop, .. }
            | Flag::StopEmpty { stop, .. }
            | Flag::StopTwice { stop, .. }
            | Flag::PointClosed { stop, .. } => (stop.as_str(), "", 0),
            Flag::ParcelClosed { shipment, parcel, .. }
            | Flag::ParcelTwice { shipment, parcel, .. }
            | Flag::ParcelNowhere { shipment, parcel }
            | Flag::OtherVan { shipment, parcel, .. }
            | Flag::NotLoadable { shipment, parcel, .. }
            | Flag::NotReady { shipment, parcel, .. } => (shipment.as_str(), parcel.as_str(), 0),
            Flag::WrongPoint { shipment, .. }
            | Flag::PromiseMissed { shipment, .. }
            | Flag::PromiseUnsure { shipment, .. }
            | Flag::SkillsMissing { shipment, .. } => (shipment.as_str(), "", 0),
            Flag::OverCapacity { manifest, dimension, .. } => (manifest.as_str(), "", *dimension),
            Flag::ShiftExceeded { manifest, .. } | Flag::Unreachable { manifest, .. } => {
                (manifest.as_str(), "", 0)
            }
            Flag::PointFull { point, .. } => (point.as_str(), "", 0),
        };
        Fault { kind: self.name(), one, other, dimension }
    }

    /// The stable name of its kind, for messages and counts.
    pub const fn name(&self) -> &'static str {
        match self {
            Flag::NameUnknown { .. } => "NAME_UNKNOWN",
            Flag::DoneAfterUndone { .. } => "DONE_AFTER_UNDONE",
            Flag::StopEmpty { .. } => "STOP_EMPTY",
            Flag::StopTwice { .. } => "STOP_TWICE",
            Flag::ParcelClosed { .. } => "PARCEL_CLOSED",
            Flag::ParcelTwice { .. } => "PARCEL_TWICE",
            Flag::ParcelNowhere { .. } => "PARCEL_NOWHERE",
            Flag::OtherVan { .. } => "OTHER_VAN",
            Flag::NotLoadable { .. } => "NOT_LOADABLE",
            Flag::NotReady { .. } => "NOT_READY",
            Flag::WrongPoint { .. } => "WRONG_POINT",
            Flag::PromiseMissed { .. } => "PROMISE_MISSED",
            Flag::PromiseUnsure { .. } => "PROMISE_UNSURE",
            Flag::OverCapacity { .. } => "OVER_CAPACITY",
            Flag::ShiftExceeded { .. } => "SHIFT_EXCEEDED",
            Flag::SkillsMissing { .. } => "SKILLS_MISSING",
            Flag::PointClosed { .. } => "POINT_CLOSED",
            Flag::PointFull { .. } => "POINT_FULL",
            Flag::Unreachable { .. } => "UNREACHABLE",
        }
    }

    /// The manifest it is about, if it is about one.
    pub const fn manifest(&self) -> Option<&ManifestId> {
        match self {
            Flag::NameUnknown { manifest, .. }
            | Flag::DoneAfterUndone { manifest, .. }
            | Flag::StopEmpty { manifest, .. }
            | Flag::StopTwice { manifest, .. }
            | Flag::ParcelClosed { manifest, .. }
            | Flag::OtherVan { manifest, .. }
            | Flag::NotLoadable { manifest, .. }
            | Flag::NotReady { manifest, .. }
            | Flag::WrongPoint { manifest, .. }
            | Flag::PromiseMissed { manifest, .. }
            | Flag::PromiseUnsure { manifest, .. }
            | Flag::OverCapacity { manifest, .. }
            | Flag::ShiftExceeded { manifest, .. }
            | Flag::SkillsMissing { manifest, .. }
            | Flag::PointClosed { manifest, .. }
            | Flag::Unreachable { manifest, .. } => Some(manifest),
            Flag::ParcelTwice { .. } | Flag::ParcelNowhere { .. } | Flag::PointFull { .. } => None,
        }
    }
}

impl fmt::Display for Flag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Flag::NameUnknown { manifest, stop, name } => {
                write!(f, "{manifest}/{stop} names {name}, which is unknown")
            }
            Flag::DoneAfterUndone { manifest, stop } => {
                write!(f, "{manifest}/{stop} is done but comes after an undone stop")
            }
            Flag::StopEmpty { manifest, stop } => write!(f, "{manifest}/{stop} has no tasks"),
            Flag::StopTwice { manifest, stop } => {
                write!(f, "{manifest}/{stop} has the name of another stop")
            }
            Flag::ParcelClosed { manifest, stop, shipment, parcel } => {
                write!(
                    f,
                    "{manifest}/{stop} is for {shipment}/{parcel}, which is closed or unknown"
                )
            }
            Flag::ParcelTwice { shipment, parcel, places } => {
                write!(f, "{shipment}/{parcel} is in {places} places")
            }
            Flag::ParcelNowhere { shipment, parcel } => {
                write!(f, "{shipment}/{parcel} is neither planned nor unassigned")
            }
            Flag::OtherVan { manifest, stop, shipment, parcel, holder } => {
                write!(f, "{manifest}/{stop} is for {shipment}/{parcel}, which {holder} carries")
            }
            Flag::NotLoadable { manifest, stop, shipment, parcel, depot } => write!(
                f,
                "{manifest}/{stop} is for {shipment}/{parcel}, which waits at {depot}, where that \
                 van no longer loads"
            ),
            Flag::NotReady { manifest, stop, shipment, parcel, by } => write!(
                f,
                "{manifest}/{stop} is for {shipment}/{parcel}, which is at the dock {by} after that \
                 van leaves"
            ),
            Flag::WrongPoint { manifest, stop, shipment, promised } => {
                write!(f, "{manifest}/{stop} is for {shipment}, promised at {promised}")
            }
            Flag::PromiseMissed { manifest, stop, shipment, by } => {
                write!(f, "{manifest}/{stop} misses the promise to {shipment} by {by}")
            }
            Flag::PromiseUnsure { manifest, stop, shipment, kept_permille } => write!(
                f,
                "{manifest}/{stop} keeps the promise to {shipment} with {kept_permille} in 1000"
            ),
            Flag::OverCapacity { manifest, dimension, excess } => {
                let dimension = DIMENSIONS.get(*dimension).copied().unwrap_or("unknown");
                write!(f, "{manifest} is over capacity in {dimension} by {excess}")
            }
            Flag::ShiftExceeded { manifest, by } => {
                write!(f, "{manifest} is back {by} after the legal end of the shift")
            }
            Flag::SkillsMissing { manifest, stop, shipment, missing } => write!(
                f,
                "{manifest}/{stop} is for {shipment}, which needs skills {:#b} the van lacks",
                missing.0
            ),
            Flag::PointClosed { manifest, stop, point, by } => {
                write!(f, "{manifest}/{stop} comes to {point} {by} outside its opening hours")
            }
            Flag::PointFull { point, excess } => {
                write!(f, "{point} has {excess} parcels more than compartments")
            }
            Flag::Unreachable { manifest, stop, legs } => {
                write!(f, "{manifest} has {legs} legs without a road, the first at {stop}")
            }
        }
    }
}
