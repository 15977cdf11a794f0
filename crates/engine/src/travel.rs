//! The road layer as the engine needs it: travel times, and a place for any location.

use std::fmt;
use std::sync::Arc;

use swerve_model::{LatLng, Leg, Meters, Moment, Pace, Place, Planar, TravelTimes};
use swerve_roads::{Purpose, RoadTimes, RoadsError};

/// A location put onto the road network.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Snapped {
    pub place: Place,
    /// Where on the road a van stops.
    pub location: LatLng,
    /// From there to the location itself, on foot.
    pub walk: Meters,
}

/// Why a location has no place on the road network.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum SnapFault {
    #[error("the nearest drivable road is {} m away; at most {} m are allowed", distance.0, limit.0)]
    OffNetwork { distance: Meters, limit: Meters },
    /// The road layer keeps no more places; a restart forgets those nobody uses.
    #[error("the road network holds {max} places already")]
    TooManyPlaces { max: usize },
}

/// A road network that gives locations a place. The same location always gets the same place.
pub trait Roads: TravelTimes + Send + Sync {
    fn snap(&self, location: LatLng) -> Result<Snapped, SnapFault>;

    /// From where a van was seen; keeps nothing. `None` where it cannot be on a road.
    fn leg_from(&self, location: LatLng, to: Place) -> Option<Leg>;

    /// Makes travel between these places ready, in parallel; only speed depends on it.
    fn prepare(&self, places: &[Place]);
}

impl Roads for RoadTimes {
    fn snap(&self, location: LatLng) -> Result<Snapped, SnapFault> {
        let info = self.place(location).map_err(|error| match error {
            RoadsError::OffNetwork { distance, limit, .. } => SnapFault::OffNetwork {
                distance: Meters(distance.round() as i64),
                limit: Meters(limit.round() as i64),
            },
            RoadsError::TooManyPlaces { max } => SnapFault::TooManyPlaces { max },
            // The rest are about files, which snapping reads none of.
            _ => SnapFault::TooManyPlaces { max: self.place_count() },
        })?;
        Ok(Snapped { place: info.place, location: info.position, walk: info.walk })
    }

    fn leg_from(&self, location: LatLng, to: Place) -> Option<Leg> {
        let snapped = RoadTimes::snap(self, location, Purpose::Position).ok()?;
        Some(RoadTimes::leg_from(self, snapped.spot, to))
    }

    fn prepare(&self, places: &[Place]) {
        RoadTimes::prepare(self, places);
    }
}

/// A shared road network, whichever it is.
#[derive(Clone)]
pub struct SharedRoads(pub Arc<dyn Roads>);

impl fmt::Debug for SharedRoads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SharedRoads")
    }
}

impl TravelTimes for SharedRoads {
    fn leg(&self, from: Place, to: Place, depart: Moment) -> Leg {
        self.0.leg(from, to, depart)
    }

    fn legs(&self, from: Place, to: &[Place], depart: Moment) -> Vec<Leg> {
        self.0.legs(from, to, depart)
    }

    fn latest_departure(&self, from: Place, to: Place, arrive: Moment) -> Moment {
        self.0.latest_departure(from, to, arrive)
    }

    fn position(&self, place: Place) -> Planar {
        self.0.position(place)
    }

    fn pace(&self) -> Pace {
        self.0.pace()
    }
}
