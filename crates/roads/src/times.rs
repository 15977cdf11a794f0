//! Driving between places on a road network, as the optimizer asks for it.
//!
//! A location is snapped once and becomes a [`Place`], a small number. The first question about a
//! place searches the whole network once and keeps a *row*: its legs to all places known then. A
//! place added later brings a row to and a row from all others, so nothing kept is ever extended and
//! every later question is a read.
//!
//! The same hour of the day or another, legs are the same for now.
//!
//! A leg may not be a detour through a restricted area even where that would be shorter, unless one
//! of its ends lies there; so the triangle inequality holds over places on open roads, exactly, and
//! not over places inside restricted areas.

mod path;
mod places;
mod rows;

use std::sync::Arc;

use rayon::prelude::*;
use swerve_model::{LatLng, Leg, Meters, Moment, Pace, Place, Planar, TravelTimes};

pub use path::{PathGeometry, PathRoad};
pub use places::PLACE_COUNT_MAX;
pub use rows::LEG_COUNT_MAX;

use crate::error::RoadsError;
use crate::geometry::Plane;
use crate::network::Network;
use crate::search::{Key, Labels, Sense, Topology};
use crate::snap::{Ends, Purpose, SnapIndex, Snapped, Spot};
use places::{Entry, Registry};
use rows::Rows;

/// Travel times over one network. Shared by all threads; places are added while others read.
#[derive(Debug)]
pub struct RoadTimes {
    network: Arc<Network>,
    forward: Topology,
    backward: Topology,
    index: SnapIndex,
    plane: Plane,
    /// Decimetres per tick, see [`Network::speed_max`].
    speed_max: f64,
    registry: Registry,
    rows: Rows,
}

/// What became of a location.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PlaceInfo {
    pub place: Place,
    /// On the road.
    pub position: LatLng,
    /// Left to walk from there.
    pub walk: Meters,
}

impl RoadTimes {
    /// O(network log network): a fraction of a second for a metropolitan area.
    pub fn new(network: Arc<Network>) -> RoadTimes {
        RoadTimes::with_leg_count_max(network, LEG_COUNT_MAX)
    }

    /// Keeps at most `leg_count_max` legs (8 bytes each), and at least the newest row. Answers do
    /// not depend on it.
    pub fn with_leg_count_max(network: Arc<Network>, leg_count_max: usize) -> RoadTimes {
        RoadTimes {
            forward: Topology::new(&network, Sense::Forward),
            backward: Topology::new(&network, Sense::Backward),
            index: SnapIndex::new(&network),
            plane: network.plane(),
            // A network without lengths has no places; it must not divide by nothing either.
            speed_max: network.speed_max().max(1.0),
            registry: Registry::default(),
            rows: Rows::new(leg_count_max),
            network,
        }
    }

    pub fn network(&self) -> &Arc<Network> {
        &self.network
    }

    /// The place where a van stops to deliver at `at`. The same spot gets the same number; which
    /// number depends on the order of calls, where the spot is does not.
    ///
    /// # Errors
    /// [`RoadsError::OffNetwork`] if no street is near; [`RoadsError::TooManyPlaces`].
    pub fn place(&self, at: LatLng) -> Result<PlaceInfo, RoadsError> {
        self.intern(&self.snap(at, Purpose::Halt)?)
    }

    /// The place of a vehicle that reports `at`: on any road, motorways and tunnels included.
    ///
    /// # Errors
    /// As [`RoadTimes::place`].
    pub fn vehicle_place(&self, at: LatLng) -> Result<PlaceInfo, RoadsError> {
        self.intern(&self.snap(at, Purpose::Position)?)
    }

    /// Where `at` comes to lie on the network, without making it a place.
    ///
    /// # Errors
    /// [`RoadsError::OffNetwork`] if no road is near.
    pub fn snap(&self, at: LatLng, purpose: Purpose) -> Result<Snapped, RoadsError> {
        self.index.snap(&self.network, at, purpose)
    }

    fn intern(&self, snapped: &Snapped) -> Result<PlaceInfo, RoadsError> {
        let entry = || Entry::new(&self.network, &self.plane, snapped.spot);
        let place = self.registry.intern(snapped.spot, entry)?;
        let walk = Meters(snapped.walk_meters.round() as i64);
        Ok(PlaceInfo { place, position: snapped.position, walk })
    }

    /// How many places there are; they are numbered from 0.
    pub fn place_count(&self) -> usize {
        self.registry.len()
    }

    /// Where on which road a place is.
    ///
    /// # Panics
    /// If the place is of another network.
    pub fn spot(&self, place: Place) -> Spot {
        self.registry.entry(place).ends.spot
    }

    /// On the road.
    ///
    /// # Panics
    /// If the place is of another network.
    pub fn lat_lng(&self, place: Place) -> LatLng {
        self.registry.entry(place).position
    }

    /// Fills the rows that answer every pair of `places`, in parallel on the current rayon pool.
    ///
    /// One search of the network for each place that has none yet: some milliseconds of a core per
    /// place on a metropolitan network. A later question about any pair of them is a read.
    pub fn prepare(&self, places: &[Place]) {
        places.par_iter().for_each(|place| {
            self.fill(*place, Sense::Forward, *place);
        });
        let lengths = places.iter().map(|place| self.registry.entry(*place).forward.len());
        let shortest = lengths.filter(|len| *len > 0).min().unwrap_or(usize::MAX);
        // Places beyond the end of somebody's row answer for the pair themselves.
        let added_later = places.par_iter().filter(|place| place.0 as usize >= shortest);
        added_later.for_each(|place| {
            self.fill(*place, Sense::Backward, *place);
        });
    }

    /// The leg to a place from a spot that is none: a van on its way. Nothing is kept; the search
    /// goes no farther than it must, tens of microseconds plus the size of what lies between.
    ///
    /// # Panics
    /// If the spot or place is of another network.
    pub fn leg_from(&self, spot: Spot, to: Place) -> Leg {
        let mut labels = self.rows.borrow_labels();
        let ends = Ends::new(&self.network, spot);
        let key = self.search_until(&mut labels, &ends, &self.registry.entry(to).ends);
        self.rows.return_labels(labels);
        key.leg()
    }

    /// The leg from `from` to `to` if a row holds it.
    fn kept(&self, from: Place, to: Place) -> Option<Leg> {
        let in_forward = self.registry.entry(from).forward.get(to);
        in_forward.or_else(|| self.registry.entry(to).backward.get(from))
    }

    /// Fills the row that is to hold it, and reads it there.
    fn fill_and_read(&self, from: Place, to: Place) -> Leg {
        // A row that is too short stays so: the place it lacks brings a row of its own.
        if from < to && self.registry.entry(from).forward.len() > 0 {
            self.fill(to, Sense::Backward, from)
        } else {
            self.fill(from, Sense::Forward, to)
        }
    }

    /// Sees to it that the row of `place` reaches `other`, and returns that leg.
    fn fill(&self, place: Place, sense: Sense, other: Place) -> Leg {
        let entry = self.registry.entry(place);
        // Whoever wants the same row meanwhile waits for it rather than search as well.
        let mut row = entry.slot(sense).write();
        if let Some(leg) = row.get(other.0 as usize) {
            return *leg;
        }
        *row = self.row(entry, sense);
        let (leg, count) = (row[other.0 as usize], row.len());
        drop(row);
        for (place, sense) in self.rows.keep(place, sense, count) {
            *self.registry.entry(place).slot(sense).write() = Box::default();
        }
        leg
    }

    /// Legs from (forward) or to (backward) `entry`, to or from every place known now.
    fn row(&self, entry: &Entry, sense: Sense) -> Box<[Leg]> {
        let topology = match sense {
            Sense::Forward => &self.forward,
            Sense::Backward => &self.backward,
        };
        let mut labels = self.rows.borrow_labels();
        labels.search(topology, &entry.ends.seeds(sense), Key::LIMIT);
        let entries =
            (0..self.registry.len() as u32).map(|place| self.registry.entry(Place(place)));
        let leg = |other: &Entry| {
            let direct = match sense {
                Sense::Forward => entry.ends.direct(&other.ends),
                Sense::Backward => other.ends.direct(&entry.ends),
            };
            direct.min(other.ends.reached(&labels, sense)).leg()
        };
        let row = entries.map(leg).collect();
        self.rows.return_labels(labels);
        row
    }

    /// Least cost of `from` to `to`; labels up to it are exact afterwards.
    ///
    /// Searches as far as two minutes, then four times as far, until it is found: never more than
    /// about a third of the work in vain, and none of it beyond four times the leg.
    fn search_until(&self, labels: &mut Labels, from: &Ends, to: &Ends) -> Key {
        let mut limit = Key::new(2 * 60 * 10, 0);
        loop {
            labels.search(&self.forward, &from.seeds(Sense::Forward), limit);
            let key = from.direct(to).min(to.reached(labels, Sense::Forward));
            if key < limit || limit >= Key::LIMIT {
                return key;
            }
            limit = limit.times(4).min(Key::LIMIT);
        }
    }
}

impl TravelTimes for RoadTimes {
    /// A read of some tens of nanoseconds where a row holds it, else a search of the network.
    ///
    /// # Panics
    /// If a place is of another network.
    fn leg(&self, from: Place, to: Place, _depart: Moment) -> Leg {
        if from == to {
            return Leg::ZERO;
        }
        self.kept(from, to).unwrap_or_else(|| self.fill_and_read(from, to))
    }

    /// One row read from end to end: some nanoseconds a leg, where one at a time costs ten times
    /// that, most of it waiting for memory.
    fn legs(&self, from: Place, to: &[Place], depart: Moment) -> Vec<Leg> {
        if self.registry.entry(from).forward.len() == 0 {
            self.fill(from, Sense::Forward, from);
        }
        let mut legs: Vec<Option<Leg>> = self
            .registry
            .entry(from)
            .forward
            .read(|row| to.iter().map(|to| row.get(to.0 as usize).copied()).collect());
        for (leg, to) in legs.iter_mut().zip(to) {
            if *to == from {
                *leg = Some(Leg::ZERO);
            } else if leg.is_none() {
                *leg = Some(self.leg(from, *to, depart));
            }
        }
        legs.into_iter().flatten().collect()
    }

    fn position(&self, place: Place) -> Planar {
        self.registry.entry(place).planar
    }

    /// The straight line at the speed of the network's fastest road, rounded down. Whole roads are
    /// rounded up and what is driven of the last one down, so no leg falls below that.
    fn pace(&self) -> Pace {
        Pace { ticks: 10.0 / self.speed_max, meters: 1.0 }
    }
}

#[cfg(test)]
mod tests;
