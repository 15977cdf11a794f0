//! What delivers: depots, vehicles, and the points deliveries are made at.

use crate::ids::{DepotId, DriverId, PointId, VehicleId};
use crate::travel::LatLng;
use crate::units::{Cost, Load, Moment, Skills, Ticks};
use crate::window::TimeWindow;

/// Where parcels wait and vans start and end. From the territory's settings.
#[derive(Clone, Debug, PartialEq)]
pub struct Depot {
    pub id: DepotId,
    pub location: LatLng,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Vehicle {
    pub id: VehicleId,
    pub capacity: Load,
    pub skills: Skills,
    /// Running cost of an hour's driving, in the territory's currency.
    pub per_hour: Cost,
    pub per_km: Cost,
    pub co2_grams_per_km: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PointKind {
    Door,
    /// Takes one parcel a compartment while there is one free.
    Locker,
    /// A pickup shop, with opening hours.
    Shop,
}

/// Somewhere a delivery can be made.
#[derive(Clone, Debug, PartialEq)]
pub struct DeliveryPoint {
    pub id: PointId,
    pub kind: PointKind,
    /// Where a van may stop; snapped to the nearest drivable road.
    pub location: LatLng,
    /// When it can be served; empty means at any time.
    pub opening: Vec<TimeWindow>,
    /// How many parcels it has room for in all; `None` for no limit.
    pub compartments: Option<u32>,
    /// Parking there, once a halt.
    pub park: Ticks,
    /// Door, stairs, greeting: once a halt.
    pub per_stop: Ticks,
}

/// When a driver works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shift {
    /// Planned departure from the depot, after loading.
    pub start: Moment,
    /// Paid overtime after it.
    pub end: Moment,
    /// The law: the last stop is served and the van is back by then.
    pub hard_end: Moment,
}

/// Who drives what, when, from where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duty {
    pub driver: DriverId,
    pub vehicle: VehicleId,
    pub depot: DepotId,
    pub shift: Shift,
}
