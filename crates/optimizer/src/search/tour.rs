//! One van's stops in a draft, with what prices a change to them without driving it all again.
//!
//! Per position a tour keeps, besides its times, the latest arrival that keeps every later limit, and
//! the latest that costs nothing more further on. A change is a prefix of the tour, some stops in the
//! middle, and a suffix of this or another tour. Driving the middle gives the arrival at the suffix;
//! comparing it with those two moments decides in O(1) whether the suffix still holds and, for the
//! most part, what it costs. Only a delay that does cost something is driven on to the end.
//!
//! Everything is exact: a refused change breaks a limit, a price is the price of the tour driven anew.

use swerve_model::{Cost, Leg, Load, Moment};

use super::legs::{Legs, NOWHERE};
use super::space::{NONE, Space};
use crate::promise;

/// One position: 0 is the anchor, then the stops, then the end (also where there is no end place).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct At {
    /// [`NONE`] at anchor and end.
    pub(crate) node: u32,
    pub(crate) place: u32,
    pub(crate) arrival: Moment,
    pub(crate) departure: Moment,
    /// Arriving later breaks a limit here or further on.
    pub(crate) latest: Moment,
    /// If nothing is paid for times from here on, arriving no later than this keeps it so.
    calm: Moment,
    /// What is paid for times here and further on: lateness, told intervals, overtime.
    unrest: Cost,
    /// Cost from the anchor to the arrival here.
    reached: Cost,
    /// And with what this stop costs by itself.
    left: Cost,
}

impl At {
    fn at_rest(node: u32, place: u32) -> At {
        At {
            node,
            place,
            arrival: Moment::EPOCH,
            departure: Moment::EPOCH,
            latest: Moment::EPOCH,
            calm: Moment::EPOCH,
            unrest: Cost::ZERO,
            reached: Cost::ZERO,
            left: Cost::ZERO,
        }
    }
}

/// A van's tour. Its stops are `at[1..at.len() - 1]`.
#[derive(Debug)]
pub(crate) struct Tour {
    pub(crate) van: u32,
    pub(crate) at: Vec<At>,
    pub(crate) load: Load,
    pub(crate) cost: Cost,
    /// Of the tour's stops, how many are pinned.
    pub(crate) pinned: u32,
    /// What is paid for stops that were told another van.
    pub(crate) carriers: Cost,
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

/// Driving a changed tour: where it is, when, and at what cost so far.
#[derive(Clone, Copy)]
struct Drive {
    place: u32,
    departure: Moment,
    cost: Cost,
}

impl Tour {
    pub(crate) fn new<L: Legs>(van: u32, nodes: &[u32], space: &Space<L>) -> Tour {
        let mut tour = Tour::unused(van);
        tour.set(nodes.iter().copied(), space);
        debug_assert!(tour.keeps_limits, "a plan is within the limits made from it");
        tour
    }

    /// Memory for a copy of any tour.
    pub(crate) fn unused(van: u32) -> Tour {
        Tour {
            van,
            at: Vec::new(),
            load: Load::ZERO,
            cost: Cost::ZERO,
            pinned: 0,
            carriers: Cost::ZERO,
            keeps_limits: true,
        }
    }

    /// Becomes `other`, in the memory it has.
    pub(crate) fn copy_from(&mut self, other: &Tour) {
        self.at.clone_from(&other.at);
        (self.van, self.load) = (other.van, other.load);
        (self.cost, self.pinned) = (other.cost, other.pinned);
        (self.carriers, self.keeps_limits) = (other.carriers, other.keeps_limits);
    }

    /// Gives the tour these stops, in this order.
    pub(crate) fn set<L: Legs>(&mut self, nodes: impl Iterator<Item = u32>, space: &Space<L>) {
        let van = &space.vans[self.van as usize];
        self.at.clear();
        self.at.push(At::at_rest(NONE, van.start));
        self.at.extend(nodes.map(|node| At::at_rest(node, space.nodes[node as usize].place)));
        self.at.push(At::at_rest(NONE, van.end));
        self.refresh(space);
    }

    pub(crate) fn insert<L: Legs>(&mut self, position: usize, node: u32, space: &Space<L>) {
        self.at.insert(position, At::at_rest(node, space.nodes[node as usize].place));
        self.refresh(space);
    }

    /// Takes out every stop `unwanted` says so of. May break a limit: see [`Tour::keeps_limits`].
    pub(crate) fn remove_all<L: Legs>(&mut self, unwanted: impl Fn(u32) -> bool, space: &Space<L>) {
        self.at.retain(|at| at.node == NONE || !unwanted(at.node));
        self.refresh(space);
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
        self.at[0].unrest
    }

    /// What would be saved by not driving between these two neighbours.
    #[inline]
    pub(crate) fn leg_cost<L: Legs>(&self, to: usize, space: &Space<L>) -> Cost {
        if self.is_idle(space) { Cost::ZERO } else { self.at[to].reached - self.at[to - 1].left }
    }
}

/// Keeping the numbers.
impl Tour {
    /// Drives the tour again. O(stops).
    fn refresh<L: Legs>(&mut self, space: &Space<L>) {
        self.drive(space);
        self.look_back(space);
    }

    fn drive<L: Legs>(&mut self, space: &Space<L>) {
        let van = &space.vans[self.van as usize];
        let mut here = Drive { place: van.start, departure: van.depart, cost: Cost::ZERO };
        self.load = Load::ZERO;
        self.pinned = 0;
        self.carriers = Cost::ZERO;
        self.keeps_limits = true;
        let end = self.end();
        for (position, at) in self.at.iter_mut().enumerate() {
            if position > 0 {
                let leg = space.legs.leg(here.place, at.place, here.departure);
                here.cost += space.rules.prices.leg(leg);
                here.departure += leg.duration();
            }
            (at.arrival, at.reached) = (here.departure, here.cost);
            if position > 0 && position < end {
                let node = &space.nodes[at.node as usize];
                let start = promise::start(space.windows(self.van, at.node), at.arrival);
                self.keeps_limits &= start.is_some();
                let start = start.unwrap_or(at.arrival);
                at.unrest = node.moment.at(start);
                let carrier = space.carrier(self.van, at.node);
                self.carriers += carrier;
                here.cost += at.unrest + carrier;
                here.departure = start + node.service;
                self.load += node.load;
                self.pinned += u32::from(node.pinned);
            } else {
                at.unrest = Cost::ZERO;
            }
            (at.departure, at.left) = (here.departure, here.cost);
            here.place = at.place;
        }
        self.settle(space);
    }

    /// What the tour costs as a whole.
    fn settle<L: Legs>(&mut self, space: &Space<L>) {
        let van = &space.vans[self.van as usize];
        let idle = self.is_idle(space);
        let end = self.end();
        let at = &mut self.at[end];
        if idle {
            self.cost = Cost::ZERO;
        } else {
            at.unrest = space.rules.prices.overtime(van.shift_end, at.arrival);
            self.cost = at.left + at.unrest + van.use_cost.unwrap_or(Cost::ZERO);
        }
        self.keeps_limits &= idle || at.arrival <= van.end_limit;
        debug_assert!(self.load.fits(van.room), "a draft never holds more than there is room for");
    }

    fn look_back<L: Legs>(&mut self, space: &Space<L>) {
        let van = &space.vans[self.van as usize];
        let end = self.end();
        let last = &mut self.at[end];
        last.latest = van.end_limit;
        last.calm = van.shift_end;
        for position in (0..end).rev() {
            let next = self.at[position + 1];
            let at = &mut self.at[position];
            at.unrest += next.unrest;
            if position == 0 {
                break;
            }
            let node = &space.nodes[at.node as usize];
            let windows = space.windows(self.van, at.node);
            let back = |limit: Moment| {
                space.legs.latest_departure(at.place, next.place, limit) - node.service
            };
            // The tour as it stands keeps its limits, however an inverse may round.
            let latest = promise::latest_arrival(windows, back(next.latest));
            at.latest = latest.map_or(at.arrival, |latest| latest.max(at.arrival));
            let calm = back(next.calm).min(node.moment.calm_until());
            at.calm = promise::latest_arrival(windows, calm).unwrap_or(Moment(i64::MIN / 4));
        }
    }
}

/// Pricing changes.
impl Tour {
    /// Cost of this van's tour if it were: its own positions up to `prefix`, then `middle`, then
    /// `suffix`. `None` if that breaks a limit of time or leads nowhere; load and permissions are the
    /// caller's to check.
    ///
    /// O(middle), plus the suffix where it is another van's or a shift of times costs something.
    pub(crate) fn changed<L: Legs>(
        &self,
        prefix: usize,
        middle: impl Iterator<Item = u32>,
        suffix: Suffix,
        space: &Space<L>,
    ) -> Option<Cost> {
        let at = &self.at[prefix];
        let mut here = Drive { place: at.place, departure: at.departure, cost: at.left };
        let mut count = prefix;
        for node in middle {
            self.drive_to(&mut here, node, space)?;
            count += 1;
        }
        let use_cost = space.vans[self.van as usize].use_cost;
        if count == 0 && suffix.from == suffix.tour.end() && use_cost.is_some() {
            return Some(Cost::ZERO);
        }
        let total = if suffix.tour.van == self.van && !suffix.tour.is_idle(space) {
            follow_own(here, suffix, space)
        } else {
            self.follow_other(here, suffix, space)
        };
        total.map(|total| total + use_cost.unwrap_or(Cost::ZERO))
    }

    #[inline]
    fn drive_to<L: Legs>(&self, here: &mut Drive, node: u32, space: &Space<L>) -> Option<()> {
        let stop = &space.nodes[node as usize];
        let leg = reachable(space.legs.leg(here.place, stop.place, here.departure))?;
        let arrival = here.departure + leg.duration();
        let start = promise::start(space.windows(self.van, node), arrival)?;
        here.cost +=
            space.rules.prices.leg(leg) + stop.moment.at(start) + space.carrier(self.van, node);
        here.departure = start + stop.service;
        here.place = stop.place;
        Some(())
    }

    /// Another van's rest, driven by this one to its own end.
    fn follow_other<L: Legs>(
        &self,
        mut here: Drive,
        suffix: Suffix,
        space: &Space<L>,
    ) -> Option<Cost> {
        for at in &suffix.tour.at[suffix.from..suffix.tour.end()] {
            self.drive_to(&mut here, at.node, space)?;
        }
        let van = &space.vans[self.van as usize];
        let leg = reachable(space.legs.leg(here.place, van.end, here.departure))?;
        let finish = here.departure + leg.duration();
        let overtime = space.rules.prices.overtime(van.shift_end, finish);
        let total = here.cost + space.rules.prices.leg(leg) + overtime;
        (finish <= van.end_limit).then_some(total)
    }

    /// What it changes to reach `position` at `arrival`, which is no later than its latest: zero
    /// where nothing is paid for times and the shift keeps it so. O(1) then; else the rest is driven,
    /// until a wait has taken up the shift.
    pub(crate) fn shift<L: Legs>(
        &self,
        position: usize,
        arrival: Moment,
        space: &Space<L>,
    ) -> Cost {
        let at = &self.at[position];
        let is_calm = at.unrest == Cost::ZERO && arrival >= at.arrival && arrival <= at.calm;
        if arrival == at.arrival || (is_calm && !space.legs.varies()) {
            return Cost::ZERO;
        }
        self.shift_driven(position, arrival, space)
    }

    fn shift_driven<L: Legs>(&self, from: usize, arrival: Moment, space: &Space<L>) -> Cost {
        let end = self.end();
        let mut arrival = arrival;
        let mut change = Cost::ZERO;
        for position in from..end {
            let (at, next) = (&self.at[position], &self.at[position + 1]);
            if arrival == at.arrival {
                return change;
            }
            let node = &space.nodes[at.node as usize];
            let start = promise::start(space.windows(self.van, at.node), arrival);
            debug_assert!(start.is_some(), "an arrival not after the latest is in time");
            let start = start.unwrap_or(arrival);
            change += node.moment.at(start) - (at.unrest - next.unrest);
            let departure = start + node.service;
            if space.legs.varies() {
                let leg = space.legs.leg(at.place, next.place, departure);
                change += space.rules.prices.leg(leg) - (next.reached - at.left);
                arrival = departure + leg.duration();
            } else {
                arrival = departure + (next.arrival - at.departure);
            }
        }
        let shift_end = space.vans[self.van as usize].shift_end;
        change + space.rules.prices.overtime(shift_end, arrival) - self.at[end].unrest
    }
}

/// The rest of this very tour, reached at another time.
fn follow_own<L: Legs>(here: Drive, suffix: Suffix, space: &Space<L>) -> Option<Cost> {
    let next = &suffix.tour.at[suffix.from];
    let leg = reachable(space.legs.leg(here.place, next.place, here.departure))?;
    let arrival = here.departure + leg.duration();
    if arrival > next.latest {
        return None;
    }
    let shift = suffix.tour.shift(suffix.from, arrival, space);
    let rest = suffix.tour.at[suffix.tour.end()];
    let driven = rest.left - next.reached + rest.unrest;
    Some(here.cost + space.rules.prices.leg(leg) + driven + shift)
}

#[inline]
fn reachable(leg: Leg) -> Option<Leg> {
    leg.is_reachable().then_some(leg)
}

const _: () = assert!(NOWHERE == NONE);
