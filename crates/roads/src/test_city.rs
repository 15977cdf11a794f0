//! Small made-up maps for tests: by hand, and at random with every kind of rule on them.

use std::sync::Arc;

use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use swerve_model::LatLng;

use crate::network::{Network, RoadId};
use crate::osm::{Coord, Node, OsmData, Tags, Way};
use crate::profile::Profile;

/// Near 48° N, 16° E; a unit is a thousandth of a degree: 111 m north, 74 m east.
pub(crate) fn at(x: f64, y: f64) -> LatLng {
    LatLng::new(48.0 + y / 1000.0, 16.0 + x / 1000.0).expect("on Earth")
}

/// A map of nodes at `(x, y)`, numbered from 1 in their order, and ways over them, from 1 too.
#[derive(Default)]
pub(crate) struct Sketch {
    pub(crate) data: OsmData,
}

impl Sketch {
    pub(crate) fn node(&mut self, x: f64, y: f64, tags: &[(&str, &str)]) -> i64 {
        let id = self.data.nodes.len() as i64 + 1;
        self.data.nodes.push(Node { id, at: Coord::from_lat_lng(at(x, y)) });
        if !tags.is_empty() {
            self.data.node_tags.insert(id, tags.iter().copied().collect());
        }
        id
    }

    pub(crate) fn nodes(&mut self, places: &[(f64, f64)]) {
        for (x, y) in places {
            self.node(*x, *y, &[]);
        }
    }

    pub(crate) fn way(&mut self, nodes: &[i64], tags: &[(&str, &str)]) {
        let id = self.data.ways.len() as i64 + 1;
        let tags: Tags = tags.iter().copied().collect();
        self.data.ways.push(Way { id, nodes: nodes.to_vec(), tags });
    }

    pub(crate) fn network(&self) -> Network {
        Network::from_osm(&self.data, &Profile::van()).expect("the sketch has roads")
    }
}

/// A town of some 40 crossings: crooked streets, one-ways, private ways, gates and dead ends.
pub(crate) fn random_town(seed: u64) -> Arc<Network> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut town = Sketch::default();
    let side = 6;
    for idx in 0..side * side {
        let (x, y) = (f64::from(idx % side) * 2.0, f64::from(idx / side) * 2.0);
        let tags: &[(&str, &str)] = match rng.random_range(0..30) {
            0 => &[("barrier", "gate")],
            1 => &[("barrier", "lift_gate"), ("access", "private")],
            2 => &[("barrier", "bollard")],
            _ => &[],
        };
        town.node(x + rng.random_range(-0.8..0.8), y + rng.random_range(-0.8..0.8), tags);
    }
    for idx in 0..side * side {
        if idx % side + 1 < side && rng.random_bool(0.85) {
            street(&mut town, &mut rng, idx + 1, idx + 2);
        }
        if idx / side + 1 < side && rng.random_bool(0.85) {
            street(&mut town, &mut rng, idx + 1, idx + 1 + side);
        }
    }
    Arc::new(town.network())
}

fn street(town: &mut Sketch, rng: &mut impl Rng, from: i32, to: i32) {
    let [from, to] = [from, to].map(i64::from);
    let corner = |town: &Sketch, id: i64| town.data.nodes[id as usize - 1].at;
    let (a, b) = (corner(town, from), corner(town, to));
    let middle = |a: i32, b: i32| f64::midpoint(f64::from(a), f64::from(b)) / 1e4;
    let x = middle(a.longitude_e7, b.longitude_e7) - 16_000.0 + rng.random_range(-0.3..0.3);
    let y = middle(a.latitude_e7, b.latitude_e7) - 48_000.0 + rng.random_range(-0.3..0.3);
    let bend = town.node(x, y, &[]);
    let classes = ["residential", "residential", "tertiary", "primary", "service", "track"];
    let mut tags = vec![("highway", classes[rng.random_range(0..classes.len())])];
    tags.extend(match rng.random_range(0..10) {
        0 | 1 => Some(("oneway", "yes")),
        2 => Some(("oneway", "-1")),
        3 | 4 => Some(("access", "private")),
        5 => Some(("motor_vehicle:backward", "destination")),
        6 => Some(("maxspeed", "30")),
        _ => None,
    });
    town.way(&[from, bend, to], &tags);
}

/// Somewhere beside a road of the network.
pub(crate) fn random_place(network: &Network, rng: &mut impl Rng) -> LatLng {
    let road = RoadId::new(rng.random_range(0..network.road_count()));
    let shape = network.shape(road);
    let corner = shape[rng.random_range(0..shape.len())];
    let mut beside = |degrees: f64| degrees + rng.random_range(-0.001..0.001);
    LatLng::new(beside(corner.latitude()), beside(corner.longitude())).expect("on Earth")
}
