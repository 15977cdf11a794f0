//! Forward and backward over a changed tour.
//!
//! Legs between stops that were neighbours before are not asked for again, and a stop without windows
//! is passed by adding: most of a refresh is two walks through memory.

use swerve_model::{Cost, Moment, Ticks};

use super::{At, Gap, Tour};
use crate::price::LATE_MAX;
use crate::promise;
use crate::search::legs::Legs;
use crate::search::space::Space;

/// Later than any moment, and far enough from the last there is to be reckoned with.
const FOREVER: Moment = Moment(i64::MAX / 4);
const EVER: Ticks = Ticks(i64::MAX / 4);

/// A wait of this length and a shift of the same together still cost their price.
const WAIT_MAX: Ticks = Ticks(LATE_MAX.0 / 2);

impl Tour {
    /// Brings the numbers up to date after positions `first..=last` got another neighbour before
    /// them; all others have the one they had. O(stops).
    pub(super) fn refresh<L: Legs>(&mut self, first: usize, last: usize, space: &Space<L>) {
        self.drive(first, last, space);
        self.settle(space);
        self.look_back(space);
        self.list_gaps(space);
    }

    /// Forward from `first`.
    fn drive<L: Legs>(&mut self, first: usize, last: usize, space: &Space<L>) {
        let van = &space.vans[self.van as usize];
        let end = self.end();
        self.keeps_limits = true;
        let anchor = &mut self.at[0];
        (anchor.arrival, anchor.start, anchor.departure) = (van.depart, van.depart, van.depart);
        let mut here = self.at[first - 1];
        for position in first..=end {
            let at = &mut self.at[position];
            if position <= last || space.legs.varies() {
                at.leg = space.legs.leg(here.place, at.place, here.departure);
            }
            at.arrival = here.departure + at.leg.duration();
            at.reached = here.left + space.rules.prices.leg(at.leg);
            if position < end {
                self.keeps_limits &= serve(at, self.van, space);
            }
            here = *at;
        }
        let end = &mut self.at[end];
        (end.start, end.departure, end.left) = (end.arrival, end.arrival, end.reached);
    }

    /// What the tour costs as a whole.
    fn settle<L: Legs>(&mut self, space: &Space<L>) {
        let van = &space.vans[self.van as usize];
        let idle = self.is_idle(space);
        let end = self.end();
        let at = &mut self.at[end];
        if idle {
            self.cost = Cost::ZERO;
            at.own_unrest = Cost::ZERO;
        } else {
            at.own_unrest = space.rules.prices.overtime(van.shift_end, at.arrival);
            self.cost = at.left + at.own_unrest + van.use_cost.unwrap_or(Cost::ZERO);
        }
        self.keeps_limits &= idle || at.arrival <= van.end_limit;
        debug_assert!(self.load.fits(van.room), "a draft never holds more than there is room for");
    }

    fn look_back<L: Legs>(&mut self, space: &Space<L>) {
        let van = &space.vans[self.van as usize];
        let end = self.end();
        let last = &mut self.at[end];
        (last.latest, last.calm, last.unrest) = (van.end_limit, FOREVER, Cost::ZERO);
        (last.early_tick, last.leaping) = (0, Cost::ZERO);
        (last.waits, last.leaps) = (Ticks::ZERO, false);
        (last.lead, last.eager) = (EVER, WAIT_MAX);
        for position in (1..end).rev() {
            let next = self.at[position + 1];
            let at = &mut self.at[position];
            at.unrest = at.own_unrest + next.unrest;
            let back = |limit: Moment| {
                let leave = if space.legs.varies() {
                    space.legs.latest_departure(at.place, next.place, limit)
                } else {
                    limit - next.leg.duration()
                };
                leave - (at.departure - at.start)
            };
            let windows = space.windows(self.van, at.node);
            let moment = &space.nodes[at.node as usize].moment;
            at.early_tick = next.early_tick + moment.early_tick(at.start);
            let wait = at.start - at.arrival;
            at.waits = next.waits + wait;
            at.leaps = next.leaps || windows.len() > 1 || wait > WAIT_MAX;
            let lead = windows.first().map_or(EVER, |window| at.start - window.open());
            at.lead = next.lead.min(lead);
            at.eager = next.eager.min(at.start - moment.calm_from());
            at.leaping = if windows.len() > 1 { at.unrest } else { next.leaping };
            // The tour as it stands keeps its limits, however an inverse may round.
            let latest = promise::latest_arrival(windows, back(next.latest));
            at.latest = latest.map_or(at.arrival, |latest| latest.max(at.arrival));
            if !space.legs.varies() {
                let calm = back(next.calm).min(moment.calm_until());
                at.calm = promise::latest_arrival(windows, calm).unwrap_or(Moment(i64::MIN / 4));
            }
        }
        self.at[0].unrest = self.at[1].unrest;
        self.waiting = space.rules.prices.waits(self.at[1].waits);
    }

    fn list_gaps<L: Legs>(&mut self, space: &Space<L>) {
        let idle = self.is_idle(space);
        let gap = |pair: &[At]| Gap {
            place: pair[0].place,
            next_place: pair[1].place,
            departure: pair[0].departure,
            next_latest: pair[1].latest,
            next_arrival: pair[1].arrival,
            relief: pair[1].unrest,
            waits: pair[1].waits,
            leg: if idle { Cost::ZERO } else { pair[1].reached - pair[0].left },
        };
        self.gaps.clear();
        self.gaps.extend(self.at.windows(2).map(gap));
    }
}

/// Serves the stop that was just reached; whether that is in time.
#[inline]
fn serve<L: Legs>(at: &mut At, van: u32, space: &Space<L>) -> bool {
    let node = &space.nodes[at.node as usize];
    let start = promise::start(space.windows(van, at.node), at.arrival);
    at.start = start.unwrap_or(at.arrival);
    at.departure = at.start + node.service;
    at.own_unrest = node.moment.at(at.start);
    let waiting = space.rules.prices.waiting(at.start - at.arrival);
    at.left = at.reached + waiting + at.own_unrest + space.carrier(van, at.node);
    start.is_some()
}
