//! From a location to a place on a road.
//!
//! A van and a door are on a street, not at a junction: a [`Spot`] is a street and how far along it.
//! The nearest street is found in an R-tree of all segments. The tree lives on the territory's
//! plane, where distances are never longer than on Earth; so candidates come in the order of a lower
//! bound, and the search goes on until no better one can follow. Ties go to the lower road.

use rstar::RTree;
use rstar::primitives::{GeomWithData, Line};
use swerve_model::{LatLng, Planar};

use crate::error::RoadsError;
use crate::geometry::{self, Plane, nearest_on_segment};
use crate::network::{Network, RoadId};
use crate::osm::Coord;
use crate::search::{Key, Labels, Seed, Sense, cost};

/// Farther from any road than this, a location is taken for a mistake: nobody carries parcels for a
/// kilometre.
pub const SNAP_METERS_MAX: f64 = 1_000.0;

/// How far along a street, in 65,536ths of its length: finer than 2 cm on a kilometre.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Offset(u32);

impl Offset {
    pub const START: Offset = Offset(0);
    pub const END: Offset = Offset(1 << Offset::BITS);
    const BITS: u32 = 16;

    /// Rounded to the nearest; out of range it is brought to the nearer end.
    pub fn from_share(share: f64) -> Offset {
        let steps = (share.clamp(0.0, 1.0) * f64::from(Offset::END.0)).round();
        Offset(steps as u32)
    }

    /// 0 at the street's beginning, 1 at its end.
    pub fn share(self) -> f64 {
        f64::from(self.0) / f64::from(Offset::END.0)
    }

    /// The same place seen from the other end.
    #[must_use]
    pub fn reversed(self) -> Offset {
        Offset(Offset::END.0 - self.0)
    }

    /// How much of `whole` lies before this place: rounded down, nothing at the start, everything
    /// at the end. Differences of these are what lies between two places, so that parts add up.
    fn part_of(self, whole: u32) -> u32 {
        ((u64::from(whole) * u64::from(self.0)) >> Offset::BITS) as u32
    }
}

/// A place on a road.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spot {
    /// Of two twins the one with the lower id.
    pub road: RoadId,
    pub offset: Offset,
}

/// A location brought to the road it is reached from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Snapped {
    pub spot: Spot,
    /// On the road.
    pub position: LatLng,
    /// From the road to the location, in a straight line.
    pub walk_meters: f64,
}

/// What is to be snapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Reached from roads where a van may stop: no motorway, no tunnel.
    Halt,
    /// Where a vehicle is: on any road.
    Position,
}

/// Whose endpoints are on the plane, with the road and the index of the segment's first point.
type Segment = GeomWithData<Line<[f64; 2]>, (RoadId, u32)>;

/// Finds the nearest street. Built once per network, some 100 bytes a segment.
#[derive(Debug)]
pub struct SnapIndex {
    tree: RTree<Segment>,
    plane: Plane,
}

impl SnapIndex {
    /// O(segments log segments).
    pub fn new(network: &Network) -> SnapIndex {
        let plane = network.plane();
        let corner = |at: Coord| {
            let Planar { x, y } = plane.project(at.lat_lng());
            [x, y]
        };
        let mut segments = Vec::new();
        for (id, road) in network.roads() {
            // A gate has no length to stop on.
            if network.street(id) != id || road.decimeters == 0 {
                continue;
            }
            for (idx, pair) in network.street_shape(id).windows(2).enumerate() {
                let line = Line::new(corner(pair[0]), corner(pair[1]));
                segments.push(Segment::new(line, (id, idx as u32)));
            }
        }
        SnapIndex { tree: RTree::bulk_load(segments), plane }
    }

    /// The nearest street to `at`, and where on it.
    ///
    /// # Errors
    /// [`RoadsError::OffNetwork`] if that is farther than [`SNAP_METERS_MAX`].
    pub fn snap(
        &self,
        network: &Network,
        at: LatLng,
        purpose: Purpose,
    ) -> Result<Snapped, RoadsError> {
        let nearest = self.nearest(network, at, purpose).ok_or(RoadsError::NoRoads)?;
        let shape = network.street_shape(nearest.road);
        let before = geometry::length(&shape[..=nearest.segment]);
        let segment = geometry::length(&shape[nearest.segment..nearest.segment + 2]);
        let share = (before + nearest.share * segment) / geometry::length(shape);
        let spot = Spot { road: nearest.road, offset: Offset::from_share(share) };
        let position = position(network, spot);
        if nearest.meters > SNAP_METERS_MAX {
            return Err(RoadsError::OffNetwork {
                latitude: at.latitude(),
                longitude: at.longitude(),
                distance: nearest.meters,
                nearest: position,
                limit: SNAP_METERS_MAX,
            });
        }
        Ok(Snapped { spot, position, walk_meters: nearest.meters })
    }

    fn nearest(&self, network: &Network, at: LatLng, purpose: Purpose) -> Option<Nearest> {
        let Planar { x, y } = self.plane.project(at);
        let mut best: Option<Nearest> = None;
        for (segment, distance_squared) in self.tree.nearest_neighbor_iter_with_distance_2(&[x, y])
        {
            if best.is_some_and(|best| distance_squared.sqrt() > best.meters) {
                break;
            }
            let (road, idx) = segment.data;
            if purpose == Purpose::Halt && !network.road(road).halting {
                continue;
            }
            let segment = idx as usize;
            let shape = network.street_shape(road);
            let (share, meters) = nearest_on_segment(at, shape[segment], shape[segment + 1]);
            let found = Nearest { road, segment, share, meters };
            if best.is_none_or(|best| found.is_before(&best)) {
                best = Some(found);
            }
        }
        best
    }
}

#[derive(Clone, Copy)]
struct Nearest {
    road: RoadId,
    segment: usize,
    /// Along the segment.
    share: f64,
    meters: f64,
}

impl Nearest {
    fn is_before(&self, other: &Nearest) -> bool {
        let by_distance = self.meters.total_cmp(&other.meters);
        by_distance.then((self.road, self.segment).cmp(&(other.road, other.segment))).is_lt()
    }
}

/// Where a spot is.
pub fn position(network: &Network, spot: Spot) -> LatLng {
    geometry::point_at(network.street_shape(spot.road), spot.offset.share())
}

/// A spot as searches see it: the one or two directions in which it is passed. A place on a two-way
/// street may be left and entered both ways.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ends {
    pub(crate) spot: Spot,
    pub(crate) sides: [Option<Side>; 2],
}

/// A road on which a spot lies, and what it costs to come there and to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Side {
    pub(crate) road: RoadId,
    pub(crate) restricted: bool,
    /// How far along this road the spot is.
    pub(crate) offset: Offset,
    /// Junction the road comes from, and the cost from there to the spot.
    pub(crate) from: u32,
    pub(crate) from_cost: Key,
    /// Junction the road leads to, and the cost from the spot to there.
    pub(crate) to: u32,
    pub(crate) to_cost: Key,
}

impl Ends {
    pub(crate) fn new(network: &Network, spot: Spot) -> Ends {
        let twin = network.road(spot.road).twin;
        let sides = [
            Some(Side::new(network, spot.road, spot.offset)),
            twin.map(|twin| Side::new(network, twin, spot.offset.reversed())),
        ];
        Ends { spot, sides }
    }

    pub(crate) fn sides(&self) -> impl Iterator<Item = &Side> {
        self.sides.iter().flatten()
    }

    /// Where a search from (or, backward, to) the spot begins.
    pub(crate) fn seeds(&self, sense: Sense) -> Vec<Seed> {
        let seed = |side: &Side| {
            let (junction, cost) = match sense {
                Sense::Forward => (side.to, side.to_cost),
                Sense::Backward => (side.from, side.from_cost),
            };
            Seed { junction, cost, restricted: side.restricted }
        };
        self.sides().map(seed).collect()
    }

    /// The cost of coming here (or, backward, of leaving) as a search has labelled the junctions.
    pub(crate) fn reached(&self, labels: &Labels, sense: Sense) -> Key {
        let costs = self.sides().map(|side| side.reached(labels, sense));
        costs.min().unwrap_or(Key::NEVER)
    }

    /// The cost of driving along the street both spots share; never, if there is none such.
    pub(crate) fn direct(&self, to: &Ends) -> Key {
        self.direct_side(to).map_or(Key::NEVER, |(_, cost)| cost)
    }

    /// The side on which to drive directly, and the cost.
    pub(crate) fn direct_side(&self, to: &Ends) -> Option<(&Side, Key)> {
        if self.spot.road != to.spot.road {
            return None;
        }
        let both = self.sides().zip(to.sides());
        let ahead = both.filter(|(side, to)| side.offset <= to.offset);
        let costs = ahead.map(|(side, to)| (side, to.from_cost.minus(side.from_cost)));
        costs.min_by_key(|(side, cost)| (*cost, side.road))
    }
}

impl Side {
    fn new(network: &Network, id: RoadId, offset: Offset) -> Side {
        let road = network.road(id);
        let (from, to) = network.ends(id);
        let from_cost = Key::new(offset.part_of(road.ticks), offset.part_of(road.decimeters));
        Side {
            road: id,
            restricted: road.restricted,
            offset,
            from: from.index() as u32,
            from_cost,
            to: to.index() as u32,
            to_cost: cost(road).minus(from_cost),
        }
    }

    pub(crate) fn reached(&self, labels: &Labels, sense: Sense) -> Key {
        match sense {
            Sense::Forward => labels.before(self.from, self.restricted).plus(self.from_cost),
            Sense::Backward => labels.before(self.to, self.restricted).plus(self.to_cost),
        }
    }
}
