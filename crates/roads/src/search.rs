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
//! Dijkstra's algorithm over compact arrays, with an agenda of one list per tick in place of a heap:
//! every road takes at least a tick, so nothing is ever added to the list being worked off, and the
//! order within it cannot matter (Dial's algorithm). This is the part a customizable contraction
//! hierarchy is to replace.
//!
//! Source: Dial (1969), Algorithm 360, Communications of the ACM 12(11).

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
    agenda: Agenda,
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
        let limit = limit.ticks();
        self.seed(seeds, true, limit);
        settle(&mut self.first, &mut self.agenda, &topology.restricted, limit);

        self.open.clone_from(&self.first);
        // Most trips begin on an open road: then nothing has been reached yet.
        if seeds.iter().any(|seed| seed.restricted) {
            for (junction, key) in self.open.iter().enumerate() {
                self.agenda.add(key.ticks(), junction as u32, limit);
            }
        }
        self.seed(seeds, false, limit);
        settle(&mut self.open, &mut self.agenda, &topology.open, limit);

        self.last.clone_from(&self.open);
        for tail in &topology.restricted_tails {
            self.agenda.add(self.last[*tail as usize].ticks(), *tail, limit);
        }
        settle(&mut self.last, &mut self.agenda, &topology.restricted, limit);
    }

    fn seed(&mut self, seeds: &[Seed], restricted: bool, limit: u32) {
        let labels = if restricted { &mut self.first } else { &mut self.open };
        for seed in seeds.iter().filter(|seed| seed.restricted == restricted) {
            let label = &mut labels[seed.junction as usize];
            if seed.cost < *label {
                *label = seed.cost;
                self.agenda.add(seed.cost.ticks(), seed.junction, limit);
            }
        }
    }
}

/// Junctions to go on from, by the tick they are reached at.
///
/// Memory: four bytes a tick up to the latest one added, so half an hour's drive takes 72 kB.
#[derive(Debug, Default)]
struct Agenda {
    /// By tick, the entry added last, counted from 1; 0 if there is none.
    newest: Vec<u32>,
    /// A junction, and the entry added before it at the same tick.
    entries: Vec<(u32, u32)>,
}

impl Agenda {
    /// Nothing that is reached at the limit or later is ever looked at.
    fn add(&mut self, tick: u32, junction: u32, limit: u32) {
        if tick >= limit {
            return;
        }
        let tick = tick as usize;
        if tick >= self.newest.len() {
            self.newest.resize(tick + 1, 0);
        }
        self.entries.push((junction, self.newest[tick]));
        self.newest[tick] = self.entries.len() as u32;
    }
}

/// Dijkstra's algorithm from all that is on the agenda; leaves it empty.
fn settle(labels: &mut [Key], agenda: &mut Agenda, arcs: &Arcs, limit: u32) {
    let mut tick = 0;
    // The list grows while it is worked off.
    while tick < agenda.newest.len().min(limit as usize) {
        let mut next = std::mem::take(&mut agenda.newest[tick]);
        while next != 0 {
            let (junction, before) = agenda.entries[next as usize - 1];
            next = before;
            let key = labels[junction as usize];
            // Else it has been reached sooner, and gone on from then.
            if key.ticks() as usize == tick {
                relax(labels, agenda, arcs.of(junction), key, limit);
            }
        }
        tick += 1;
    }
    agenda.entries.clear();
}

fn relax(labels: &mut [Key], agenda: &mut Agenda, arcs: &[Arc], key: Key, limit: u32) {
    for arc in arcs {
        let reached = Key(key.0 + arc.cost.0);
        let label = &mut labels[arc.head as usize];
        if reached < *label {
            *label = reached;
            agenda.add(reached.ticks(), arc.head, limit);
        }
    }
}
