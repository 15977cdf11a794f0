//! One van's stops in a draft, with what prices a change to them without driving it all again.
//!
//! Per position a tour keeps, besides its times, the latest arrival that keeps every later limit, and
//! the latest that costs nothing more further on. A change is a prefix of the tour, some stops in the
//! middle, and a suffix of this or another tour. Driving the middle gives the arrival at the suffix;
//! comparing it with those two moments decides in O(1) whether the suffix still holds and, for the
//! most part, what it costs. Only a shift that does cost something is driven on to the end.
//!
//! Everything is exact: a refused change breaks a limit, a price is the price of the tour driven anew.
//! [`keep`] keeps the numbers, [`price`] uses them.

mod keep;
mod price;
#[cfg(test)]
mod tests;

use swerve_model::{Cost, Leg, Load, Moment, Ticks};

use super::legs::Legs;
use super::space::{NONE, Space};

/// One position: 0 is the anchor, then the stops, then the end (also where there is no end place).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct At {
    /// [`NONE`] at anchor and end.
    pub(crate) node: u32,
    pub(crate) place: u32,
    /// The leg that leads here.
    leg: Leg,
    pub(crate) arrival: Moment,
    start: Moment,
    pub(crate) departure: Moment,
    /// Arriving later breaks a limit here or further on.
    pub(crate) latest: Moment,
    /// If nothing is paid for times of stops from here on, arriving no later than this keeps it so.
    calm: Moment,
    /// What is paid for the time of this position (overtime at the end), and of stops here and
    /// further on (without overtime): lateness, told intervals.
    own_unrest: Cost,
    unrest: Cost,
    /// Waiting here and further on: so much of a delay is gone by the end, and no more; exactly so if
    /// no stop of them has several windows, between which a delay may leap, or an endless wait, which
    /// costs no more than a long one.
    waits: Ticks,
    leaps: bool,
    /// Reached earlier, the end comes earlier by so much at most, and the rest is waited; exactly so
    /// under the same condition. And by so much at most where that is to cost nothing but the wait.
    lead: Ticks,
    eager: Ticks,
    /// Of what is paid, what a tick's delay saves at most, while no stop has several windows; and what
    /// is paid from the first on that has, where a small delay may become a large one.
    early_tick: i64,
    leaping: Cost,
    /// Cost from the anchor to the arrival here.
    reached: Cost,
    /// And with what this stop costs by itself.
    left: Cost,
}

/// The way between two neighbours, as the search for the best gap reads it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gap {
    pub(crate) place: u32,
    pub(crate) next_place: u32,
    pub(crate) departure: Moment,
    pub(crate) next_latest: Moment,
    pub(crate) next_arrival: Moment,
    /// What is paid for times of stops after the gap: the most a delay there can save, but for waiting.
    pub(crate) relief: Cost,
    /// Waiting after the gap.
    pub(crate) waits: Ticks,
    /// What is saved by not driving it.
    pub(crate) leg: Cost,
}

/// A van's tour. Its stops are `at[1..at.len() - 1]`.
#[derive(Debug)]
pub(crate) struct Tour {
    pub(crate) van: u32,
    /// The van's kind.
    pub(crate) kind: u32,
    pub(crate) at: Vec<At>,
    /// `gaps[n]` lies between positions `n` and `n + 1`.
    pub(crate) gaps: Vec<Gap>,
    pub(crate) load: Load,
    pub(crate) cost: Cost,
    /// Of the tour's stops, how many are pinned.
    pub(crate) pinned: u32,
    /// What is paid for stops that were told another van, and for waiting.
    pub(crate) carriers: Cost,
    waiting: Cost,
    /// Whether every limit is kept. Only taking stops out can break one: where the way past a stop is
    /// longer than the way through it.
    pub(crate) keeps_limits: bool,
}

/// What follows the middle of a changed tour.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Suffix<'a> {
    pub(crate) tour: &'a Tour,
    /// The first position that follows; the end if nothing does.
    pub(crate) from: usize,
}

impl Tour {
    pub(crate) fn new<L: Legs>(van: u32, nodes: &[u32], space: &Space<L>) -> Tour {
        let mut tour = Tour::unused(van, space.vans[van as usize].kind);
        tour.set(nodes.iter().copied(), space);
        debug_assert!(tour.keeps_limits, "a plan is within the limits made from it");
        tour
    }

    /// Memory for a copy of any tour.
    pub(crate) fn unused(van: u32, kind: u32) -> Tour {
        Tour {
            van,
            kind,
            at: Vec::new(),
            gaps: Vec::new(),
            load: Load::ZERO,
            cost: Cost::ZERO,
            pinned: 0,
            carriers: Cost::ZERO,
            waiting: Cost::ZERO,
            keeps_limits: true,
        }
    }

    /// Becomes `other`, in the memory it has.
    pub(crate) fn copy_from(&mut self, other: &Tour) {
        self.at.clone_from(&other.at);
        self.gaps.clone_from(&other.gaps);
        (self.van, self.kind, self.load) = (other.van, other.kind, other.load);
        (self.cost, self.pinned) = (other.cost, other.pinned);
        (self.carriers, self.waiting) = (other.carriers, other.waiting);
        self.keeps_limits = other.keeps_limits;
    }

    /// How many stops.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.at.len() - 2
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.at.len() == 2
    }

    /// The end's position.
    #[inline]
    pub(crate) fn end(&self) -> usize {
        self.at.len() - 1
    }

    pub(crate) fn nodes(&self) -> impl DoubleEndedIterator<Item = u32> + '_ {
        self.at[1..self.at.len() - 1].iter().map(|at| at.node)
    }

    /// Nothing to do and not in use: costs nothing at all.
    #[inline]
    pub(crate) fn is_idle<L: Legs>(&self, space: &Space<L>) -> bool {
        self.is_empty() && space.vans[self.van as usize].use_cost.is_some()
    }

    /// What is paid for times over the whole tour: the most that any shift of times can save.
    #[inline]
    pub(crate) fn unrest(&self) -> Cost {
        self.at[0].unrest + self.waiting + self.overtime()
    }

    #[inline]
    pub(crate) fn overtime(&self) -> Cost {
        self.at[self.end()].own_unrest
    }

    /// What would be saved by not driving to position `to`.
    #[inline]
    pub(crate) fn leg_cost(&self, to: usize) -> Cost {
        self.gaps[to - 1].leg
    }
}

impl At {
    /// Nothing known yet but what and where.
    fn at_rest(node: u32, place: u32) -> At {
        At {
            node,
            place,
            leg: Leg::ZERO,
            arrival: Moment::EPOCH,
            start: Moment::EPOCH,
            departure: Moment::EPOCH,
            latest: Moment::EPOCH,
            calm: Moment::EPOCH,
            own_unrest: Cost::ZERO,
            unrest: Cost::ZERO,
            waits: Ticks::ZERO,
            leaps: false,
            lead: Ticks::ZERO,
            eager: Ticks::ZERO,
            early_tick: 0,
            leaping: Cost::ZERO,
            reached: Cost::ZERO,
            left: Cost::ZERO,
        }
    }
}

/// Changing what is in it.
impl Tour {
    /// Gives the tour these stops, in this order.
    pub(crate) fn set<L: Legs>(&mut self, nodes: impl Iterator<Item = u32>, space: &Space<L>) {
        let van = &space.vans[self.van as usize];
        self.at.clear();
        self.at.push(At::at_rest(NONE, van.start));
        self.at.extend(nodes.map(|node| At::at_rest(node, space.nodes[node as usize].place)));
        self.at.push(At::at_rest(NONE, van.end));
        self.count(space);
        self.refresh(1, self.end(), space);
    }

    pub(crate) fn insert<L: Legs>(&mut self, position: usize, node: u32, space: &Space<L>) {
        self.at.insert(position, At::at_rest(node, space.nodes[node as usize].place));
        self.count_in(node, space);
        self.refresh(position, position + 1, space);
    }

    /// Takes out `nodes`, all of which it has. May break a limit: see [`Tour::keeps_limits`].
    pub(crate) fn remove<L: Legs>(&mut self, nodes: &[u32], space: &Space<L>) {
        let position = |at: &At| at.node != NONE && nodes.contains(&at.node);
        let first = self.at.iter().position(position).unwrap_or(self.end());
        let last = self.at.iter().rposition(position).unwrap_or(first);
        self.at.retain(|at| at.node == NONE || !nodes.contains(&at.node));
        self.count(space);
        // What followed the last one taken out now has another neighbour before it.
        self.refresh(first, last + 1 - nodes.len(), space);
    }

    fn count<L: Legs>(&mut self, space: &Space<L>) {
        (self.load, self.pinned, self.carriers) = (Load::ZERO, 0, Cost::ZERO);
        for position in 1..self.end() {
            self.count_in(self.at[position].node, space);
        }
    }

    fn count_in<L: Legs>(&mut self, node: u32, space: &Space<L>) {
        self.load += space.bodies[node as usize].load;
        self.pinned += u32::from(space.nodes[node as usize].pinned);
        self.carriers += space.carrier(self.van, node);
    }
}
