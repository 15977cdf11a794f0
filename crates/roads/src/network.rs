//! The road network of record: every road a van may drive, with its time, length and shape.
//!
//! A petgraph digraph of junctions and roads. A road is one direction of one street between two
//! junctions; its other direction, if there is one, is its *twin* and follows it by id. Roads are
//! never removed, so a [`RoadId`] is a handle for as long as the network lives.
//!
//! Invariants, which [`Network::from_osm`] establishes:
//! - **Core**: the junctions that unrestricted roads join are strongly connected by them.
//! - Every restricted road can be reached from the core, and the core from it, over restricted
//!   roads. So between any two places there is a way that goes through no restricted area.
//! - `decimeters <= SPEED_MAX * ticks`: nothing is driven faster than [`SPEED_MAX`].

mod build;
mod chain;
mod core;
mod file;
mod stats;
#[cfg(test)]
mod tests;

use std::ops::Range;

use petgraph::graph::{DiGraph, EdgeIndex, NodeIndex};
use petgraph::visit::EdgeRef;
use swerve_model::LatLng;

pub use file::FORMAT_VERSION;
pub use stats::NetworkStats;

use crate::geometry::Plane;
use crate::osm::{Coord, SourceFile};
use crate::profile::RoadClass;

/// Names a road for as long as the network lives.
pub type RoadId = EdgeIndex<u32>;

/// Names a junction for as long as the network lives.
pub type JunctionId = NodeIndex<u32>;

/// Decimetres per tick that no road exceeds: 31 m/s, or 111.6 km/h. The profile's bound, rounded up.
pub const SPEED_MAX: u32 = 31;

/// No road takes longer than a day; the longest ferries take less.
pub const ROAD_TICKS_MAX: u32 = 24 * 3600 * 10;

/// Where roads meet or end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Junction {
    pub at: Coord,
}

/// One direction of a street between two junctions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Road {
    /// Tenths of a second to drive it, rounded up, at least 1.
    pub ticks: u32,
    /// Length, rounded up.
    pub decimeters: u32,
    pub class: RoadClass,
    /// Only to and from places along it, never through.
    pub restricted: bool,
    /// Whether a van may stop here to deliver.
    pub halting: bool,
    /// Index of its name.
    name: Option<u32>,
    /// The other direction of the same street.
    pub twin: Option<RoadId>,
    /// Its points, in the direction of whichever twin has the lower id.
    points: Range<u32>,
}

/// What was left out, and of which file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The extract it was built from, where that was a file.
    pub source: Option<SourceFile>,
    /// References to nodes the extract does not hold: roads cut by its boundary.
    pub missing_node_refs: u64,
    /// Roads not connected with the rest, and their total length.
    pub unconnected_roads: u64,
    pub unconnected_decimeters: u64,
}

/// See the module.
#[derive(Clone, Debug)]
pub struct Network {
    graph: DiGraph<Junction, Road, u32>,
    /// Shapes of all roads, one after another.
    points: Vec<Coord>,
    names: Vec<String>,
    origin: Origin,
    low: Coord,
    high: Coord,
}

impl Network {
    pub fn graph(&self) -> &DiGraph<Junction, Road, u32> {
        &self.graph
    }

    pub fn origin(&self) -> Origin {
        self.origin
    }

    pub fn road_count(&self) -> usize {
        self.graph.edge_count()
    }

    pub fn junction_count(&self) -> usize {
        self.graph.node_count()
    }

    /// # Panics
    /// If the road is of another network.
    pub fn road(&self, road: RoadId) -> &Road {
        &self.graph[road]
    }

    /// Every road, by id.
    pub fn roads(&self) -> impl Iterator<Item = (RoadId, &Road)> {
        self.graph.edge_references().map(|edge| (edge.id(), edge.weight()))
    }

    /// Where a road begins and where it ends.
    pub fn ends(&self, road: RoadId) -> (JunctionId, JunctionId) {
        self.graph.edge_endpoints(road).expect("a road of this network")
    }

    /// As the map spells it.
    pub fn name(&self, road: RoadId) -> Option<&str> {
        self.road(road).name.map(|idx| self.names[idx as usize].as_str())
    }

    /// The road's points from its beginning to its end.
    pub fn shape(&self, road: RoadId) -> Vec<Coord> {
        let mut shape = self.street_shape(road).to_vec();
        if self.street(road) != road {
            shape.reverse();
        }
        shape
    }

    /// The points of the road's street, which run along [`Self::street`].
    pub(crate) fn street_shape(&self, road: RoadId) -> &[Coord] {
        let Range { start, end } = self.road(road).points;
        &self.points[start as usize..end as usize]
    }

    /// The road that stands for both directions of a street: the twin with the lower id.
    pub(crate) fn street(&self, road: RoadId) -> RoadId {
        self.road(road).twin.map_or(road, |twin| twin.min(road))
    }

    /// South-west and north-east corner of all roads.
    pub fn bounding_box(&self) -> (LatLng, LatLng) {
        (self.low.lat_lng(), self.high.lat_lng())
    }

    /// The territory's plane.
    pub fn plane(&self) -> Plane {
        Plane::covering(self.low, self.high)
    }

    /// The highest speed of any road in decimetres per tick, as its rounded length and time say.
    pub fn speed_max(&self) -> f64 {
        let speeds =
            self.roads().map(|(_, road)| f64::from(road.decimeters) / f64::from(road.ticks));
        speeds.fold(0.0, f64::max)
    }

    fn assemble(
        graph: DiGraph<Junction, Road, u32>,
        points: Vec<Coord>,
        names: Vec<String>,
        origin: Origin,
    ) -> Network {
        let first = points.first().copied().unwrap_or_default();
        let low = points.iter().copied().fold(first, Coord::min);
        let high = points.iter().copied().fold(first, Coord::max);
        Network { graph, points, names, origin, low, high }
    }
}
