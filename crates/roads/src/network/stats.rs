//! What a network consists of, for people to judge a road file by.

use std::collections::BTreeMap;

use swerve_model::LatLng;

use super::{Network, Origin};
use crate::profile::RoadClass;

/// Counts and lengths of a network. Lengths are of streets: twins count once.
#[derive(Clone, Debug, PartialEq)]
pub struct NetworkStats {
    pub junctions: usize,
    /// Directions of streets.
    pub roads: usize,
    pub one_way_streets: usize,
    pub gates: usize,
    pub km_by_class: BTreeMap<RoadClass, f64>,
    pub km_total: f64,
    /// Not for through traffic in at least one direction.
    pub km_restricted: f64,
    pub points: usize,
    pub names: usize,
    /// South-west and north-east corner.
    pub bounding_box: (LatLng, LatLng),
    /// km/h of the fastest road.
    pub speed_max_kmh: f64,
    pub origin: Origin,
}

impl Network {
    /// O(roads).
    pub fn stats(&self) -> NetworkStats {
        let mut stats = NetworkStats {
            junctions: self.junction_count(),
            roads: self.road_count(),
            one_way_streets: 0,
            gates: 0,
            km_by_class: BTreeMap::new(),
            km_total: 0.0,
            km_restricted: 0.0,
            points: self.points.len(),
            names: self.names.len(),
            bounding_box: self.bounding_box(),
            speed_max_kmh: self.speed_max() * 3.6,
            origin: self.origin,
        };
        for (_, road) in self.roads().filter(|(id, _)| self.street(*id) == *id) {
            let twin = road.twin.map(|twin| self.road(twin));
            let km = f64::from(road.decimeters) / 10_000.0;
            stats.one_way_streets += usize::from(twin.is_none());
            if road.class == RoadClass::Gate {
                stats.gates += 1;
                continue;
            }
            *stats.km_by_class.entry(road.class).or_default() += km;
            stats.km_total += km;
            if road.restricted || twin.is_some_and(|twin| twin.restricted) {
                stats.km_restricted += km;
            }
        }
        stats
    }
}
