//! What the search may ask of roads and of space, without knowing either.
//!
//! `roads` and `spatial` implement these, `engine` wires them, `optimizer` and `checker` are generic
//! over them. A dense table in a test and a road network in production are the same to them.

use crate::units::{Cost, Meters, Moment, Ticks};

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

    /// At most the true leg, at any departure, between any two places `straight_meters` apart.
    /// Zero is always right; a tighter bound prunes more.
    fn at_least(&self, straight_meters: f64) -> Leg;
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

    fn at_least(&self, straight_meters: f64) -> Leg {
        (**self).at_least(straight_meters)
    }
}

/// A run of consecutive positions of one live route, found by where it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NearbyChunk {
    /// Which route, as the search's instance numbers them.
    pub route: u32,
    /// Positions `first..=last` of the route, counted from its anchor (0). Runs of one route share
    /// their end positions, so that every gap lies in exactly one run.
    pub first: u32,
    pub last: u32,
    /// No position of the run is nearer than this, in metres on the plane.
    pub distance: f64,
}

/// A place for a new stop: between position `position` of a route and the next, if there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NearbyGap {
    /// Which route, as the search's instance numbers them.
    pub route: u32,
    /// Counted from its anchor (0).
    pub position: u32,
    /// Nothing follows its second end. Where the route has no place to end at, a new stop may then
    /// also come after that end. A route that is only an anchor is one such gap, from it to itself.
    pub ends_route: bool,
}

/// What the detours through one gap, or several, add and save, as far as straight lines tell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Detour {
    /// Metres on the plane from where the gap begins to the point, and from there to where it ends,
    /// at least.
    pub into: f64,
    pub out_of: f64,
    /// No leg meant is longer.
    pub longest_leg: Leg,
    /// Whether one of them is the last of its route.
    pub ends_route: bool,
}

/// What a search over gaps wants: the few whose detour may be worth it.
pub trait GapSearch {
    /// The least an insertion costs whose detour is at least that. Asked of many gaps at once first,
    /// so it must not rise when distances fall, legs grow or a route may end there.
    fn floor(&mut self, detour: &Detour) -> Cost;

    /// Whatever costs more is of no use any more. May only fall.
    fn limit(&self) -> Cost;

    /// A gap of that floor, which is not above the limit.
    fn visit(&mut self, gap: NearbyGap, floor: Cost);
}

/// Live routes near a point.
pub trait NearbyChunks: Sync {
    /// Every chunk there is, by increasing `distance`; ties by route, then `first`.
    fn nearby(&self, center: Planar) -> impl Iterator<Item = NearbyChunk>;

    /// Shows `search` every gap whose floor is not above its limit by then, each once, the likely
    /// ones mostly first.
    fn search_gaps(&self, center: Planar, search: &mut impl GapSearch);
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
