//! From ways to streets: cut at junctions, joined over everything else.
//!
//! A way is drawn from node to node and often passes junctions, while one street is often drawn as
//! several ways. A [`Chain`] is what lies between two places where something is decided or changes:
//! a junction, a dead end, a barrier, another speed, class or name. Its inner nodes are shape only.

use std::collections::BTreeMap;

use crate::osm::{Coord, OsmData};
use crate::profile::{Lane, NodeRule, Profile, RoadClass, WayRule};

/// What all of a chain has in common, seen along the order of its nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Traits {
    pub(super) class: RoadClass,
    pub(super) forward: Option<Lane>,
    pub(super) backward: Option<Lane>,
    pub(super) halting: bool,
    pub(super) name: Option<u32>,
}

impl Traits {
    fn reversed(self) -> Traits {
        Traits { forward: self.backward, backward: self.forward, ..self }
    }
}

/// A street between two places where something is decided.
#[derive(Clone, Debug)]
pub(super) struct Chain {
    /// Indices into the extract's nodes, first and last included.
    pub(super) nodes: Vec<u32>,
    pub(super) traits: Traits,
}

/// What the ways of an extract come to.
pub(super) struct Drawn {
    pub(super) chains: Vec<Chain>,
    pub(super) names: Vec<String>,
    pub(super) missing_node_refs: u64,
}

/// The piece of a way between two of its nodes.
#[derive(Clone, Copy)]
struct Piece {
    from: u32,
    to: u32,
    traits: u32,
}

/// Cuts and joins the drivable ways of `data`. O(nodes + pieces), and the chains come in the order
/// of the nodes they begin at, whatever the order of the ways.
pub(super) fn chains(data: &OsmData, profile: &Profile, node_rules: &[NodeRule]) -> Drawn {
    let mut drawing = Drawing::default();
    for way in &data.ways {
        if let Some(rule) = profile.way(&way.tags) {
            drawing.add(data, &way.nodes, &rule, way.tags.get("name"));
        }
    }
    let at_node = Incidence::new(data.nodes.len(), &drawing.pieces);
    let tracer = Tracer { drawing: &drawing, at_node: &at_node, node_rules };
    let chains = tracer.trace();
    let Drawing { names, missing_node_refs, .. } = drawing;
    Drawn { chains, names, missing_node_refs }
}

/// All drivable pieces and what they share.
#[derive(Default)]
struct Drawing {
    pieces: Vec<Piece>,
    traits: Vec<Traits>,
    names: Vec<String>,
    name_indices: BTreeMap<String, u32>,
    missing_node_refs: u64,
}

impl Drawing {
    fn add(&mut self, data: &OsmData, nodes: &[i64], rule: &WayRule, name: Option<&str>) {
        let indices: Vec<Option<u32>> =
            nodes.iter().map(|id| data.node_idx(*id).map(|idx| idx as u32)).collect();
        self.missing_node_refs += indices.iter().filter(|idx| idx.is_none()).count() as u64;
        let traits = self.traits.len() as u32;
        for pair in indices.windows(2) {
            // A way that leaves the extract and returns is cut there: the road between is unknown.
            if let [Some(from), Some(to)] = *pair
                && from != to
            {
                self.pieces.push(Piece { from, to, traits });
            }
        }
        let traits = Traits {
            class: rule.class,
            forward: rule.forward,
            backward: rule.backward,
            halting: rule.halting,
            name: name.map(|name| self.name_idx(name)),
        };
        self.traits.push(timed(traits, rule, data, &indices));
    }

    fn name_idx(&mut self, name: &str) -> u32 {
        if let Some(idx) = self.name_indices.get(name) {
            return *idx;
        }
        let idx = self.names.len() as u32;
        self.names.push(name.to_owned());
        self.name_indices.insert(name.to_owned(), idx);
        idx
    }

    /// What a piece is to someone who drives it away from `node`.
    fn traits_from(&self, piece: &Piece, node: u32) -> Traits {
        let traits = self.traits[piece.traits as usize];
        if piece.from == node { traits } else { traits.reversed() }
    }
}

/// Where the time of the whole way is known, the speed that takes it.
fn timed(traits: Traits, rule: &WayRule, data: &OsmData, nodes: &[Option<u32>]) -> Traits {
    let Some(duration) = rule.duration else { return traits };
    let line: Vec<Coord> = nodes.iter().flatten().map(|idx| data.nodes[*idx as usize].at).collect();
    let kmh = crate::geometry::length(&line) / 1000.0 / duration.as_hours_f64();
    let kmh = kmh.clamp(0.1, crate::profile::SPEED_KMH_MAX).into();
    let at_speed = |lane: Lane| Lane { kmh, ..lane };
    Traits {
        forward: traits.forward.map(at_speed),
        backward: traits.backward.map(at_speed),
        ..traits
    }
}

/// Which pieces touch each node: a compact table, by node, then by piece.
struct Incidence {
    first: Vec<u32>,
    pieces: Vec<u32>,
}

impl Incidence {
    fn new(node_count: usize, pieces: &[Piece]) -> Incidence {
        let mut first = vec![0_u32; node_count + 1];
        let ends = || pieces.iter().enumerate().flat_map(|(idx, p)| [(p.from, idx), (p.to, idx)]);
        for (node, _) in ends() {
            first[node as usize + 1] += 1;
        }
        for node in 0..node_count {
            first[node + 1] += first[node];
        }
        let mut next = first.clone();
        let mut touching = vec![0_u32; pieces.len() * 2];
        for (node, idx) in ends() {
            touching[next[node as usize] as usize] = idx as u32;
            next[node as usize] += 1;
        }
        Incidence { first, pieces: touching }
    }

    fn of(&self, node: u32) -> &[u32] {
        let node = node as usize;
        &self.pieces[self.first[node] as usize..self.first[node + 1] as usize]
    }
}

/// Walks pieces from one decision to the next.
struct Tracer<'a> {
    drawing: &'a Drawing,
    at_node: &'a Incidence,
    node_rules: &'a [NodeRule],
}

impl Tracer<'_> {
    fn trace(&self) -> Vec<Chain> {
        let mut walked = vec![false; self.drawing.pieces.len()];
        let mut chains = Vec::new();
        let nodes = 0..self.node_rules.len() as u32;
        for node in nodes.filter(|node| self.is_decision(*node)) {
            self.trace_from(node, &mut walked, &mut chains);
        }
        // What is left are circles on which nothing is decided: any node will do.
        for idx in 0..walked.len() {
            self.trace_from(self.drawing.pieces[idx].from, &mut walked, &mut chains);
        }
        chains
    }

    fn trace_from(&self, node: u32, walked: &mut [bool], chains: &mut Vec<Chain>) {
        for &piece in self.at_node.of(node) {
            if !walked[piece as usize] {
                chains.push(self.walk(node, piece, walked));
            }
        }
    }

    /// From `start` over `piece` to the next decision, or around a circle back to `start`.
    fn walk(&self, start: u32, piece: u32, walked: &mut [bool]) -> Chain {
        let traits = self.drawing.traits_from(&self.drawing.pieces[piece as usize], start);
        let (mut node, mut piece, mut nodes) = (start, piece, vec![start]);
        loop {
            walked[piece as usize] = true;
            let Piece { from, to, .. } = self.drawing.pieces[piece as usize];
            node = if from == node { to } else { from };
            nodes.push(node);
            if node == start || self.is_decision(node) {
                return Chain { nodes, traits };
            }
            let next = self.at_node.of(node).iter().find(|next| !walked[**next as usize]);
            let Some(next) = next else { return Chain { nodes, traits } };
            piece = *next;
        }
    }

    /// Whether a road must end here: anything but two pieces that continue each other.
    fn is_decision(&self, node: u32) -> bool {
        let &[one, other] = self.at_node.of(node) else {
            return !self.at_node.of(node).is_empty();
        };
        let from_here =
            |piece: u32| self.drawing.traits_from(&self.drawing.pieces[piece as usize], node);
        self.node_rules[node as usize] != NodeRule::Pass
            || from_here(one).reversed() != from_here(other)
    }
}
