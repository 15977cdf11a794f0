//! What the search may ask of roads and of space, without knowing either.
//!
//! `roads` and `spatial` implement these, `engine` wires them, `optimizer` and `checker` are generic
//! over them. A dense table in a test and a road network in production are the same to them.

use crate::units::{Meters, Moment, Ticks};

/// A place a van can stop, as the road layer knows it: the index it gave a snapped location.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place(pub u32);

/// WGS84 degrees; finite, latitude in [-90, 90], longitude in [-180, 180].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LatLng {
    latitude: f64,
    longitude: f64,
}

/// Why a pair of numbers is not a location on Earth.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum LatLngError {
    #[error("latitude {0} is not a finite number in [-90, 90]")]
    Latitude(f64),
    #[error("longitude {0} is not a finite number in [-180, 180]")]
    Longitude(f64),
}

impl LatLng {
    /// # Errors
    /// NaN, infinite or out of range, naming the value.
    pub fn new(latitude: f64, longitude: f64) -> Result<LatLng, LatLngError> {
        if !(-90.0..=90.0).contains(&latitude) {
            return Err(LatLngError::Latitude(latitude));
        }
        if !(-180.0..=180.0).contains(&longitude) {
            return Err(LatLngError::Longitude(longitude));
        }
        Ok(LatLng { latitude, longitude })
    }

    pub const fn latitude(self) -> f64 {
        self.latitude
    }

    pub const fn longitude(self) -> f64 {
        self.longitude
    }
}

/// A position on the territory's own plane: metres east and north of its reference point.
///
/// Straight-line distance on this plane never exceeds the distance on Earth (the road layer shrinks
/// its projection by a safe factor), so it bounds driving from below.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Planar {
    pub x: f64,
    pub y: f64,
}

impl Planar {
    /// Straight-line distance in metres.
    pub fn distance(self, other: Planar) -> f64 {
        (self.x - other.x).hypot(self.y - other.y)
    }

    /// At most [`Planar::distance`] and within its last digits, for bounds: quicker, and a hair short,
    /// so that no rounding makes a bound exceed what is computed from the distance itself.
    #[inline]
    pub fn distance_at_least(self, other: Planar) -> f64 {
        let (x, y) = (self.x - other.x, self.y - other.y);
        (x * x + y * y).sqrt() * (1.0 - 4.0 * f64::EPSILON)
    }
}

/// What it takes to drive from one place to another. Narrow, for tables.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Leg {
    /// Tenths of a second.
    pub ticks: i32,
    pub meters: i32,
}

impl Leg {
    pub const ZERO: Leg = Leg { ticks: 0, meters: 0 };
    /// No way there. A quarter of the range, so that a route of a few of them still adds up.
    pub const UNREACHABLE: Leg = Leg { ticks: i32::MAX / 4, meters: i32::MAX / 4 };

    pub const fn is_reachable(self) -> bool {
        self.ticks < Self::UNREACHABLE.ticks
    }

    pub const fn duration(self) -> Ticks {
        Ticks(self.ticks as i64)
    }

    pub const fn distance(self) -> Meters {
        Meters(self.meters as i64)
    }
}

/// Driving between places. First in, first out: leaving later never arrives earlier.
pub trait TravelTimes: Sync {
    /// The leg when leaving `from` at `depart`; [`Leg::UNREACHABLE`] if there is no way.
    fn leg(&self, from: Place, to: Place, depart: Moment) -> Leg;

    /// The legs to many places at once, in their order: what [`TravelTimes::leg`] says of each, for
    /// less where an implementation keeps them side by side.
    fn legs(&self, from: Place, to: &[Place], depart: Moment) -> Vec<Leg> {
        to.iter().map(|to| self.leg(from, *to, depart)).collect()
    }

    /// The last moment to leave `from` and be at `to` by `arrive`: the exact inverse of `leg`.
    ///
    /// The default is for travel that takes the same time at every hour.
    fn latest_departure(&self, from: Place, to: Place, arrive: Moment) -> Moment {
        arrive - self.leg(from, to, arrive).duration()
    }

    /// Where a place is on the territory's plane.
    fn position(&self, place: Place) -> Planar;

    /// What no leg at any departure falls below. [`Pace::NONE`] is always right; a tighter one prunes more.
    fn pace(&self) -> Pace;

    /// At most the true leg, at any departure, between any two places `straight_meters` apart.
    fn at_least(&self, straight_meters: f64) -> Leg {
        self.pace().at_least(straight_meters)
    }
}

/// The quickest and the most direct way there is: what a straight metre takes at least.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace {
    pub ticks: f64,
    /// One, unless places are nearer on the plane than roads can be.
    pub meters: f64,
}

impl Pace {
    /// Of which nothing is known.
    pub const NONE: Pace = Pace { ticks: 0.0, meters: 0.0 };

    /// Rounded down; [`Leg::UNREACHABLE`] at most.
    pub fn at_least(self, straight_meters: f64) -> Leg {
        // A hair short, so that no rounding makes it exceed what is computed in another order.
        let hair_short = straight_meters * (1.0 - 1e-12);
        let ticks = (hair_short * self.ticks) as i32;
        let meters = (hair_short * self.meters) as i32;
        Leg {
            ticks: ticks.clamp(0, Leg::UNREACHABLE.ticks),
            meters: meters.clamp(0, Leg::UNREACHABLE.meters),
        }
    }
}

impl<T: TravelTimes + ?Sized + Send> TravelTimes for std::sync::Arc<T> {
    fn leg(&self, from: Place, to: Place, depart: Moment) -> Leg {
        (**self).leg(from, to, depart)
    }

    fn legs(&self, from: Place, to: &[Place], depart: Moment) -> Vec<Leg> {
        (**self).legs(from, to, depart)
    }

    fn latest_departure(&self, from: Place, to: Place, arrive: Moment) -> Moment {
        (**self).latest_departure(from, to, arrive)
    }

    fn position(&self, place: Place) -> Planar {
        (**self).position(place)
    }

    fn pace(&self) -> Pace {
        (**self).pace()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_off_earth_is_refused_by_name() {
        assert_eq!(LatLng::new(90.5, 0.0), Err(LatLngError::Latitude(90.5)));
        assert_eq!(LatLng::new(0.0, -181.0), Err(LatLngError::Longitude(-181.0)));
        assert!(matches!(LatLng::new(f64::NAN, 0.0), Err(LatLngError::Latitude(_))));
        assert!(LatLng::new(-90.0, 180.0).is_ok());
    }
}
