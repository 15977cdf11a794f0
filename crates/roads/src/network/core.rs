//! Keeping what is connected, so that every place can be reached from every other.
//!
//! Through traffic runs on open roads alone, so they have to be strongly connected by themselves:
//! the longest such part is the *core*. An open road elsewhere can only be reached through
//! restricted ones, which makes it restricted too. Of restricted roads those stay that can be
//! reached from the core and lead back to it without crossing the core in between.

use std::collections::BTreeMap;

use petgraph::Direction;
use petgraph::algo::kosaraju_scc;
use petgraph::graph::DiGraph;
use petgraph::visit::{EdgeFiltered, EdgeRef};

use super::{Junction, JunctionId, Network, Road, RoadId};
use crate::error::RoadsError;
use crate::osm::Coord;

/// Only what is connected, newly numbered in the same order. O(junctions + roads).
///
/// Kosaraju's algorithm, since petgraph's Tarjan overflows the stack on a million junctions.
pub(super) fn connected(mut all: Network) -> Result<Network, RoadsError> {
    let core = if let Some(core) = core_of(&all.graph) {
        core
    } else {
        // No open roads to go around on: a private site, with no other traffic to keep out.
        all.graph.edge_weights_mut().for_each(|road| road.restricted = false);
        core_of(&all.graph).ok_or(RoadsError::NoRoads)?
    };
    for road in all.graph.edge_indices() {
        let (from, to) = all.ends(road);
        let in_core = core[from.index()] && core[to.index()];
        all.graph[road].restricted |= !in_core;
    }
    let from_core = reach(&all.graph, &core, Direction::Outgoing);
    let to_core = reach(&all.graph, &core, Direction::Incoming);
    let kept = |road: RoadId| {
        let (from, to) = all.ends(road);
        from_core[from.index()] && to_core[to.index()]
    };
    Ok(subnetwork(&all, kept))
}

/// Which junctions belong to the part with the greatest length of open roads, of those that open
/// roads connect strongly; `None` if they connect nothing. Of equals, the one found first.
fn core_of(graph: &DiGraph<Junction, Road, u32>) -> Option<Vec<bool>> {
    let open = EdgeFiltered::from_fn(graph, |edge| !edge.weight().restricted);
    let parts = kosaraju_scc(&open);
    let mut part_of = vec![0; graph.node_count()];
    for (idx, part) in parts.iter().enumerate() {
        for junction in part {
            part_of[junction.index()] = idx;
        }
    }
    let mut length = vec![0_u64; parts.len()];
    for edge in graph.edge_references().filter(|edge| !edge.weight().restricted) {
        let part = part_of[edge.source().index()];
        if part == part_of[edge.target().index()] {
            length[part] += u64::from(edge.weight().decimeters);
        }
    }
    let core = (0..parts.len()).max_by_key(|part| (length[*part], std::cmp::Reverse(*part)))?;
    (length[core] > 0).then(|| part_of.iter().map(|part| *part == core).collect())
}

/// What restricted roads lead to from the core (or, against them, what leads to the core).
fn reach(graph: &DiGraph<Junction, Road, u32>, core: &[bool], direction: Direction) -> Vec<bool> {
    let mut reached = core.to_vec();
    let mut pending: Vec<JunctionId> =
        graph.node_indices().filter(|junction| core[junction.index()]).collect();
    while let Some(junction) = pending.pop() {
        for edge in graph.edges_directed(junction, direction) {
            let next = match direction {
                Direction::Outgoing => edge.target(),
                Direction::Incoming => edge.source(),
            };
            if edge.weight().restricted && !reached[next.index()] {
                reached[next.index()] = true;
                pending.push(next);
            }
        }
    }
    reached
}

fn subnetwork(all: &Network, kept: impl Fn(RoadId) -> bool) -> Network {
    let mut part = Part::default();
    let mut origin = all.origin;
    for road in in_order_of_place(all) {
        if kept(road) {
            part.add(all, road, all.road(road).twin.filter(|twin| kept(*twin)));
        } else {
            origin.unconnected_roads += 1;
            origin.unconnected_decimeters += u64::from(all.road(road).decimeters);
        }
    }
    Network::assemble(part.graph, part.points, part.names, origin)
}

/// All roads, those near each other mostly near in the order too, twins always together: searches
/// walk the network from neighbour to neighbour, and so find most of them in the cache.
fn in_order_of_place(all: &Network) -> Vec<RoadId> {
    let mut roads: Vec<RoadId> = all.graph.edge_indices().collect();
    roads.sort_by_key(|road| {
        let street = all.street(*road);
        (z_order(all.street_shape(street)[0]), street, *road)
    });
    roads
}

/// Position on a curve that visits squares within squares: the bits of both coordinates in turn.
fn z_order(at: Coord) -> u64 {
    let spread = |value: i32| {
        let mut bits = u64::from(value.wrapping_sub(i32::MIN) as u32);
        for (shift, mask) in [
            (16, 0x0000_ffff_0000_ffff),
            (8, 0x00ff_00ff_00ff_00ff),
            (4, 0x0f0f_0f0f_0f0f_0f0f),
            (2, 0x3333_3333_3333_3333),
            (1, 0x5555_5555_5555_5555),
        ] {
            bits = (bits | bits << shift) & mask;
        }
        bits
    };
    spread(at.latitude_e7) << 1 | spread(at.longitude_e7)
}

/// The kept part as it grows.
#[derive(Default)]
struct Part {
    graph: DiGraph<Junction, Road, u32>,
    points: Vec<Coord>,
    names: Vec<String>,
    junctions: BTreeMap<JunctionId, JunctionId>,
    name_indices: BTreeMap<u32, u32>,
    roads: BTreeMap<RoadId, RoadId>,
}

impl Part {
    fn add(&mut self, all: &Network, road: RoadId, twin: Option<RoadId>) {
        let (from, to) = all.ends(road);
        let (from, to) = (self.junction(all, from), self.junction(all, to));
        let first_twin = twin.and_then(|twin| self.roads.get(&twin).copied());
        let points = if let Some(first_twin) = first_twin {
            self.graph[first_twin].points.clone()
        } else {
            let start = self.points.len() as u32;
            self.points.extend(all.shape(road));
            start..self.points.len() as u32
        };
        let name = all.road(road).name.map(|name| self.name(all, name));
        let copy = Road { name, points, twin: first_twin, ..all.road(road).clone() };
        let added = self.graph.add_edge(from, to, copy);
        if let Some(first_twin) = first_twin {
            self.graph[first_twin].twin = Some(added);
        }
        self.roads.insert(road, added);
    }

    fn junction(&mut self, all: &Network, junction: JunctionId) -> JunctionId {
        let graph = &mut self.graph;
        *self.junctions.entry(junction).or_insert_with(|| graph.add_node(all.graph[junction]))
    }

    fn name(&mut self, all: &Network, name: u32) -> u32 {
        let next = self.names.len() as u32;
        let idx = *self.name_indices.entry(name).or_insert(next);
        if idx == next {
            self.names.push(all.names[name as usize].clone());
        }
        idx
    }
}
