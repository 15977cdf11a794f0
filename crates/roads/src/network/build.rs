//! From an extract to the network of record.

use std::collections::BTreeMap;
use std::ops::Range;

use petgraph::graph::DiGraph;

use super::chain::{self, Chain, Traits};
use super::core;
use super::{Junction, JunctionId, Network, Origin, ROAD_TICKS_MAX, Road};
use crate::error::RoadsError;
use crate::geometry;
use crate::osm::{Coord, OsmData};
use crate::profile::{Lane, NodeRule, Profile, RoadClass};

impl Network {
    /// Builds the network of everything `profile` may drive on and return from.
    ///
    /// Deterministic: the same data give the same ids. O(nodes + roads), a second for a
    /// metropolitan area.
    ///
    /// # Errors
    /// [`RoadsError::NoRoads`] if nothing is left.
    pub fn from_osm(data: &OsmData, profile: &Profile) -> Result<Network, RoadsError> {
        let mut node_rules = vec![NodeRule::Pass; data.nodes.len()];
        for (id, tags) in &data.node_tags {
            if let Some(idx) = data.node_idx(*id) {
                node_rules[idx] = profile.node(tags);
            }
        }
        let drawn = chain::chains(data, profile, &node_rules);
        let mut streets = Streets { data, node_rules, ..Streets::default_for(data) };
        for chain in &drawn.chains {
            streets.add(chain);
        }
        streets.add_gates(profile);
        let origin = Origin {
            source: data.source,
            missing_node_refs: drawn.missing_node_refs,
            ..Origin::default()
        };
        let all = Network::assemble(streets.graph, streets.points, drawn.names, origin);
        core::connected(all)
    }
}

/// The network as it grows.
struct Streets<'a> {
    data: &'a OsmData,
    node_rules: Vec<NodeRule>,
    graph: DiGraph<Junction, Road, u32>,
    points: Vec<Coord>,
    /// The junction of each node that is none of a barrier's.
    junctions: BTreeMap<u32, JunctionId>,
    /// The road ends at each barrier, each with a junction of its own.
    barrier_ends: BTreeMap<u32, Vec<JunctionId>>,
}

impl<'a> Streets<'a> {
    fn default_for(data: &'a OsmData) -> Streets<'a> {
        Streets {
            data,
            node_rules: Vec::new(),
            graph: DiGraph::default(),
            points: Vec::new(),
            junctions: BTreeMap::new(),
            barrier_ends: BTreeMap::new(),
        }
    }

    fn at(&self, node: u32) -> Coord {
        self.data.nodes[node as usize].at
    }

    fn add(&mut self, chain: &Chain) {
        let mut shape: Vec<Coord> = chain.nodes.iter().map(|node| self.at(*node)).collect();
        let [Some(&first), Some(&last)] = [chain.nodes.first(), chain.nodes.last()] else { return };
        let Traits { forward, backward, .. } = chain.traits;
        let meters = geometry::length(&shape);
        let too_long = |lane: Lane| ticks(meters, lane) > f64::from(ROAD_TICKS_MAX);
        if forward.is_some_and(too_long) || backward.is_some_and(too_long) {
            return;
        }
        let (from, to) = (self.junction(first), self.junction(last));
        // The lower of two twins runs with the shape; where only the way back exists, so does that.
        let (lanes, from, to) = match (forward, backward) {
            (None, Some(_)) => {
                shape.reverse();
                ([backward, None], to, from)
            }
            lanes => ([lanes.0, lanes.1], from, to),
        };
        let points = self.add_points(&shape);
        self.add_twins(chain, lanes, meters, (from, to), &points);
    }

    fn add_points(&mut self, shape: &[Coord]) -> Range<u32> {
        let start = self.points.len() as u32;
        self.points.extend(shape);
        start..self.points.len() as u32
    }

    fn add_twins(
        &mut self,
        chain: &Chain,
        lanes: [Option<Lane>; 2],
        meters: f64,
        (from, to): (JunctionId, JunctionId),
        points: &Range<u32>,
    ) {
        let road = |lane: Lane| Road {
            ticks: ticks(meters, lane) as u32,
            decimeters: (meters * 10.0).ceil() as u32,
            class: chain.traits.class,
            restricted: lane.restricted,
            halting: chain.traits.halting,
            name: chain.traits.name,
            twin: None,
            points: points.clone(),
        };
        let there = lanes[0].map(|lane| self.graph.add_edge(from, to, road(lane)));
        let back = lanes[1].map(|lane| self.graph.add_edge(to, from, road(lane)));
        if let (Some(there), Some(back)) = (there, back) {
            self.graph[there].twin = Some(back);
            self.graph[back].twin = Some(there);
        }
    }

    fn junction(&mut self, node: u32) -> JunctionId {
        let at = self.at(node);
        if self.node_rules[node as usize] == NodeRule::Pass {
            let graph = &mut self.graph;
            *self.junctions.entry(node).or_insert_with(|| graph.add_node(Junction { at }))
        } else {
            let end = self.graph.add_node(Junction { at });
            self.barrier_ends.entry(node).or_default().push(end);
            end
        }
    }

    /// Joins the road ends at each gate, pair by pair; those at a block stay apart.
    fn add_gates(&mut self, profile: &Profile) {
        for (node, ends) in std::mem::take(&mut self.barrier_ends) {
            let NodeRule::Gate { restricted } = self.node_rules[node as usize] else { continue };
            let at = self.at(node);
            for (idx, from) in ends.iter().enumerate() {
                for to in &ends[idx + 1..] {
                    let points = self.add_points(&[at, at]);
                    let gate = Road {
                        ticks: profile.gate_delay().0 as u32,
                        decimeters: 0,
                        class: RoadClass::Gate,
                        restricted,
                        halting: false,
                        name: None,
                        twin: None,
                        points,
                    };
                    let there = self.graph.add_edge(*from, *to, gate.clone());
                    let back = self.graph.add_edge(*to, *from, gate);
                    self.graph[there].twin = Some(back);
                    self.graph[back].twin = Some(there);
                }
            }
        }
    }
}

/// Rounded up, so that no straight line at top speed is faster than the road.
fn ticks(meters: f64, lane: Lane) -> f64 {
    (meters / (lane.kmh.0 / 3.6) * 10.0).ceil().max(1.0)
}
