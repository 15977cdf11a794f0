//! Exact shortest ways over the network, never through a restricted road.
//!
//! A way may leave restricted roads once, at its beginning, and enter them once, at its end:
//! restricted\* open\* restricted\*, any part of which may be empty. That is three searches one
//! after another, each starting from all that the one before has reached: over restricted roads,
//! over open ones, over restricted ones again. Restricted roads are few and lie in small patches, so
//! the three cost little more than one.
//!
//! A way costs its ticks, then its decimetres, packed in one integer and added exactly; so the same
//! way costs the same searched forward or backward, and ties in time go to the shorter way.
//!
//! Plain Dijkstra with a binary heap over compact arrays: about as fast as that can be, and the
//! part a customizable contraction hierarchy is to replace.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use swerve_model::Leg;

use crate::network::{Network, Road};

/// Ticks in the upper 28 bits, decimetres in the lower 36.
///
/// A label past [`Key::LIMIT`] ends the search, so no sum exceeds twice that: 2^28 ticks. No road is
/// faster than 31 decimetres a tick (`network::SPEED_MAX`), so no sum exceeds 2^33 decimetres
/// either, and neither part can run into the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key(u64);

const DECIMETER_BITS: u32 = 36;

impl Key {
    /// Not reached.
    pub(crate) const NEVER: Key = Key(u64::MAX);
    /// 155 days of driving: what takes longer counts as no way at all.
    pub(crate) const LIMIT: Key = Key(1 << (27 + DECIMETER_BITS));

    pub(crate) fn new(ticks: u32, decimeters: u32) -> Key {
        Key(u64::from(ticks) << DECIMETER_BITS | u64::from(decimeters))
    }

    pub(crate) fn ticks(self) -> u32 {
        (self.0 >> DECIMETER_BITS) as u32
    }

    pub(crate) fn decimeters(self) -> u64 {
        self.0 & ((1 << DECIMETER_BITS) - 1)
    }

    /// The sum; past the limit, if either is.
    pub(crate) fn plus(self, other: Key) -> Key {
        Key(self.0.saturating_add(other.0))
    }

    pub(crate) fn times(self, factor: u64) -> Key {
        Key(self.0.saturating_mul(factor))
    }

    /// What is left of it after `part`, which must be a part of it.
    pub(crate) fn minus(self, part: Key) -> Key {
        Key(self.0 - part.0)
    }

    pub(crate) fn leg(self) -> Leg {
        if self >= Key::LIMIT {
            return Leg::UNREACHABLE;
        }
        // Below 2^27 ticks and 2^33 decimetres: both fit.
        Leg { ticks: self.ticks() as i32, meters: ((self.decimeters() + 5) / 10) as i32 }
    }
}

/// A road as the search sees it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arc {
    /// The junction it leads to (searching backward: comes from).
    pub(crate) head: u32,
    pub(crate) road: u32,
    pub(crate) cost: Key,
}

/// Arcs by the junction they leave, one array.
#[derive(Debug)]
pub(crate) struct Arcs {
    first: Vec<u32>,
    arcs: Vec<Arc>,
}

impl Arcs {
    /// `tails_and_arcs` in any order; arcs of one junction come by road.
    fn new(junction_count: usize, mut tails_and_arcs: Vec<(u32, Arc)>) -> Arcs {
        tails_and_arcs.sort_by_key(|(tail, arc)| (*tail, arc.road));
        let mut first = vec![0_u32; junction_count + 1];
        for (tail, _) in &tails_and_arcs {
            first[*tail as usize + 1] += 1;
        }
        for junction in 0..junction_count {
            first[junction + 1] += first[junction];
        }
        Arcs { first, arcs: tails_and_arcs.into_iter().map(|(_, arc)| arc).collect() }
    }

    pub(crate) fn of(&self, junction: u32) -> &[Arc] {
        let junction = junction as usize;
        &self.arcs[self.first[junction] as usize..self.first[junction + 1] as usize]
    }
}

/// All arcs in one direction of search, open and restricted ones apart.
#[derive(Debug)]
pub(crate) struct Topology {
    pub(crate) open: Arcs,
    pub(crate) restricted: Arcs,
    /// Junctions that restricted arcs leave.
    restricted_tails: Vec<u32>,
}

/// Which way the arcs are followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sense {
    /// From a place to all others.
    Forward,
    /// From all others to a place.
    Backward,
}

impl Topology {
    pub(crate) fn new(network: &Network, sense: Sense) -> Topology {
        let (mut open, mut restricted) = (Vec::new(), Vec::new());
        for (id, road) in network.roads() {
            let (from, to) = network.ends(id);
            let (tail, head) = match sense {
                Sense::Forward => (from, to),
                Sense::Backward => (to, from),
            };
            let arc = Arc { head: head.index() as u32, road: id.index() as u32, cost: cost(road) };
            let arcs = if road.restricted { &mut restricted } else { &mut open };
            arcs.push((tail.index() as u32, arc));
        }
        let mut restricted_tails: Vec<u32> = restricted.iter().map(|(tail, _)| *tail).collect();
        restricted_tails.sort_unstable();
        restricted_tails.dedup();
        let count = network.junction_count();
        Topology {
            open: Arcs::new(count, open),
            restricted: Arcs::new(count, restricted),
            restricted_tails,
        }
    }

    fn junction_count(&self) -> usize {
        self.open.first.len() - 1
    }
}

pub(crate) fn cost(road: &Road) -> Key {
    Key::new(road.ticks, road.decimeters)
}

/// Where a search begins: a junction, what it costs to be there, and over which kind of road one
/// comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seed {
    pub(crate) junction: u32,
    pub(crate) cost: Key,
    pub(crate) restricted: bool,
}

/// Least cost of being at each junction, by what has been driven so far.
#[derive(Debug, Default)]
pub(crate) struct Labels {
    /// Restricted roads only.
    pub(crate) first: Vec<Key>,
    /// Then perhaps open roads; never more than `first`.
    pub(crate) open: Vec<Key>,
    /// Then perhaps restricted roads again; never more than `open`.
    pub(crate) last: Vec<Key>,
    heap: BinaryHeap<Reverse<(Key, u32)>>,
}

impl Labels {
    /// What it costs to be where a road begins (searching backward: ends), about to drive it.
    pub(crate) fn before(&self, junction: u32, restricted: bool) -> Key {
        let labels = if restricted { &self.last } else { &self.open };
        labels[junction as usize]
    }

    /// Searches from `seeds` until nothing below `limit` is left. Labels up to the limit are exact.
    ///
    /// O((junctions + roads) log junctions).
    pub(crate) fn search(&mut self, topology: &Topology, seeds: &[Seed], limit: Key) {
        self.first.clear();
        self.first.resize(topology.junction_count(), Key::NEVER);
        self.heap.clear();
        self.seed(seeds, true);
        settle(&mut self.first, &mut self.heap, &topology.restricted, limit);

        self.open.clone_from(&self.first);
        // Most trips begin on an open road: then nothing has been reached yet.
        if seeds.iter().any(|seed| seed.restricted) {
            let reached = self.open.iter().enumerate().filter(|(_, key)| **key < limit);
            self.heap.extend(reached.map(|(junction, key)| Reverse((*key, junction as u32))));
        }
        self.seed(seeds, false);
        settle(&mut self.open, &mut self.heap, &topology.open, limit);

        self.last.clone_from(&self.open);
        let tails = topology.restricted_tails.iter();
        let reached = tails.map(|tail| (self.last[*tail as usize], *tail));
        self.heap.extend(reached.filter(|(key, _)| *key < limit).map(Reverse));
        settle(&mut self.last, &mut self.heap, &topology.restricted, limit);
    }

    fn seed(&mut self, seeds: &[Seed], restricted: bool) {
        let labels = if restricted { &mut self.first } else { &mut self.open };
        for seed in seeds.iter().filter(|seed| seed.restricted == restricted) {
            let label = &mut labels[seed.junction as usize];
            if seed.cost < *label {
                *label = seed.cost;
                self.heap.push(Reverse((seed.cost, seed.junction)));
            }
        }
    }
}

/// Dijkstra's algorithm from all that is in the heap; leaves the heap empty.
fn settle(labels: &mut [Key], heap: &mut BinaryHeap<Reverse<(Key, u32)>>, arcs: &Arcs, limit: Key) {
    while let Some(Reverse((key, junction))) = heap.pop() {
        if key >= limit {
            break;
        }
        if key > labels[junction as usize] {
            continue;
        }
        for arc in arcs.of(junction) {
            let reached = Key(key.0 + arc.cost.0);
            let label = &mut labels[arc.head as usize];
            if reached < *label {
                *label = reached;
                heap.push(Reverse((reached, arc.head)));
            }
        }
    }
    heap.clear();
}
