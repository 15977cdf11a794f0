//! The plan under change, and the way back from a change that did not pay.
//!
//! A tour is copied aside the first time a round touches it, so that going back costs as much as the
//! round changed, however large the plan.

use std::collections::{BTreeMap, BTreeSet};

use super::legs::Legs;
use super::space::{NONE, Space};
use super::tour::Tour;
use crate::improve::Worth;

/// Where a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Spot {
    /// [`NONE`] without a place.
    pub(crate) tour: u32,
    pub(crate) position: u32,
}

const NOWHERE: Spot = Spot { tour: NONE, position: 0 };

/// Tours by van number, and the nodes without a place.
pub(crate) struct Draft {
    pub(crate) tours: Vec<Tour>,
    spots: Vec<Spot>,
    /// Ascending.
    unassigned: Vec<u32>,
    worth: Worth,
    /// Tours without a stop, by kind of van.
    empty: BTreeMap<u32, BTreeSet<u32>>,
    journal: Journal,
    /// Memory for the stops of one tour.
    before: Vec<u32>,
}

/// What the present round has changed.
#[derive(Default)]
struct Journal {
    /// Tours touched, each with what it was.
    tours: Vec<Tour>,
    /// By tour: the last round that touched it.
    touched: Vec<u64>,
    round: u64,
    unassigned: Vec<u32>,
    worth: Worth,
    /// Copies no longer needed, kept for their memory.
    spare: Vec<Tour>,
}

impl Draft {
    /// The plan whose van `n` serves `tours[n]`; nodes in none are unassigned.
    pub(crate) fn new<L: Legs>(tours: &[Vec<u32>], space: &Space<L>) -> Draft {
        let mut draft = Draft {
            tours: tours
                .iter()
                .enumerate()
                .map(|(van, nodes)| Tour::new(van as u32, nodes, space))
                .collect(),
            spots: vec![NOWHERE; space.nodes.len()],
            unassigned: Vec::new(),
            worth: Worth::default(),
            empty: BTreeMap::new(),
            journal: Journal { touched: vec![0; tours.len()], ..Journal::default() },
            before: Vec::new(),
        };
        for tour in 0..draft.tours.len() {
            draft.locate(tour);
            draft.note_emptiness(tour as u32);
        }
        let nodes = 0..space.nodes.len() as u32;
        draft.unassigned = nodes.filter(|node| draft.spot(*node) == NOWHERE).collect();
        draft.worth = Worth {
            dropped: draft.unassigned.iter().map(|node| drop_cost(*node, space)).sum(),
            money: draft.tours.iter().map(|tour| tour.cost).sum(),
        };
        draft
    }

    #[inline]
    pub(crate) fn spot(&self, node: u32) -> Spot {
        self.spots[node as usize]
    }

    pub(crate) fn is_assigned(&self, node: u32) -> bool {
        self.spot(node) != NOWHERE
    }

    pub(crate) fn unassigned(&self) -> &[u32] {
        &self.unassigned
    }

    pub(crate) fn worth(&self) -> Worth {
        self.worth
    }

    /// The first empty tour of each kind of van: the others would say the same.
    pub(crate) fn empty_of_each_kind(&self) -> impl Iterator<Item = u32> + '_ {
        self.empty.values().filter_map(|tours| tours.first().copied())
    }

    /// Stops to a tour that has any, on average; at least one.
    pub(crate) fn mean_tour_length(&self) -> f64 {
        let assigned = self.spots.len() - self.unassigned.len();
        let empty: usize = self.empty.values().map(BTreeSet::len).sum();
        let used = self.tours.len() - empty;
        assigned.max(1) as f64 / used.max(1) as f64
    }

    fn locate(&mut self, tour: usize) {
        for (index, node) in self.tours[tour].nodes().enumerate() {
            self.spots[node as usize] = Spot { tour: tour as u32, position: index as u32 + 1 };
        }
    }
}

/// Changes, each exact in cost and remembered for the way back.
impl Draft {
    pub(crate) fn insert<L: Legs>(
        &mut self,
        node: u32,
        tour: u32,
        position: usize,
        space: &Space<L>,
    ) {
        self.keep_copy(tour);
        self.change(tour, |tour| tour.insert(position, node, space));
        debug_assert!(self.tours[tour as usize].keeps_limits, "only what fits is inserted");
        self.locate(tour as usize);
        if let Ok(index) = self.unassigned.binary_search(&node) {
            self.unassigned.remove(index);
            self.worth.dropped -= drop_cost(node, space);
        }
    }

    /// Takes `nodes` out of `tour`. They count as dropped until they are inserted again. Does nothing
    /// where the tour without them would break a limit.
    pub(crate) fn remove<L: Legs>(&mut self, nodes: &[u32], tour: u32, space: &Space<L>) {
        self.keep_copy(tour);
        self.before.clear();
        self.before.extend(self.tours[tour as usize].nodes());
        self.change(tour, |tour| tour.remove(nodes, space));
        if !self.tours[tour as usize].keeps_limits {
            let before = std::mem::take(&mut self.before);
            self.change(tour, |tour| tour.set(before.iter().copied(), space));
            self.before = before;
            return;
        }
        for node in nodes {
            self.spots[*node as usize] = NOWHERE;
            let index = self.unassigned.partition_point(|other| other < node);
            self.unassigned.insert(index, *node);
            self.worth.dropped += drop_cost(*node, space);
        }
        self.locate(tour as usize);
    }

    /// Gives `tour` these stops instead of its own. Between them, calls for all the tours of one move
    /// must leave every stop in exactly one.
    pub(crate) fn set<L: Legs>(&mut self, tour: u32, nodes: &[u32], space: &Space<L>) {
        self.keep_copy(tour);
        self.change(tour, |tour| tour.set(nodes.iter().copied(), space));
        debug_assert!(self.tours[tour as usize].keeps_limits, "only what fits is set");
        self.locate(tour as usize);
    }

    fn change(&mut self, tour: u32, change: impl FnOnce(&mut Tour)) {
        let changed = &mut self.tours[tour as usize];
        self.worth.money -= changed.cost;
        change(changed);
        self.worth.money += changed.cost;
        self.note_emptiness(tour);
    }

    fn note_emptiness(&mut self, tour: u32) {
        let changed = &self.tours[tour as usize];
        let alike = self.empty.entry(changed.kind).or_default();
        if changed.is_empty() {
            alike.insert(tour);
        } else {
            alike.remove(&tour);
        }
    }
}

/// Rounds.
impl Draft {
    /// Everything up to here stays; what follows can be undone.
    pub(crate) fn begin(&mut self) {
        let journal = &mut self.journal;
        journal.round += 1;
        journal.spare.append(&mut journal.tours);
        journal.unassigned.clone_from(&self.unassigned);
        journal.worth = self.worth;
    }

    fn keep_copy(&mut self, tour: u32) {
        let journal = &mut self.journal;
        let last = &mut journal.touched[tour as usize];
        if *last == journal.round {
            return;
        }
        *last = journal.round;
        let present = &self.tours[tour as usize];
        let mut copy = journal.spare.pop().unwrap_or_else(|| Tour::unused(tour, present.kind));
        copy.copy_from(present);
        journal.tours.push(copy);
    }

    /// Tours changed since [`Draft::begin`].
    pub(crate) fn touched(&self) -> impl Iterator<Item = u32> + '_ {
        self.journal.tours.iter().map(|tour| tour.van)
    }

    pub(crate) fn worth_at_begin(&self) -> Worth {
        self.journal.worth
    }

    /// Back to where the round began.
    pub(crate) fn undo(&mut self) {
        let mut kept = std::mem::take(&mut self.journal.tours);
        for was in &mut kept {
            let tour = was.van as usize;
            self.journal.touched[tour] = 0;
            for node in self.tours[tour].nodes() {
                self.spots[node as usize] = NOWHERE;
            }
            std::mem::swap(&mut self.tours[tour], was);
        }
        for was in &kept {
            self.locate(was.van as usize);
            self.note_emptiness(was.van);
        }
        self.journal.spare.append(&mut kept);
        self.unassigned.clone_from(&self.journal.unassigned);
        self.worth = self.journal.worth;
    }
}

fn drop_cost<L: Legs>(node: u32, space: &Space<L>) -> i128 {
    space.bodies[node as usize].stop.drop_cost.0.into()
}
