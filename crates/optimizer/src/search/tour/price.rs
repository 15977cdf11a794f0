//! What a changed tour would cost, from the numbers kept.

use swerve_model::{Cost, Leg, Moment, Ticks};

use super::{At, Suffix, Tour};
use crate::promise;
use crate::search::legs::{Legs, NOWHERE};
use crate::search::space::{NONE, Space};

/// Driving a changed tour: where it is, when, and at what cost so far.
#[derive(Clone, Copy)]
struct Drive {
    place: u32,
    departure: Moment,
    cost: Cost,
}

/// What is known of a shift before it is driven.
enum Foreseen {
    /// So much is paid more, exactly.
    Change(Cost),
    /// More than the limit.
    TooDear,
    Unknown,
}

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
        let prices = &space.rules.prices;
        here.cost += prices.leg(leg) + prices.waiting(start - arrival) + stop.moment.at(start);
        here.cost += space.carrier(self.van, node);
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

    /// What it changes to reach `position` at `arrival`, which is no later than its latest: waiting and
    /// overtime alone where nothing is paid for the times of stops and the shift keeps it so. O(1) then; else
    /// the rest is driven, until that is so or a wait has taken up the shift, or until it certainly
    /// changes more than `limit`: `None`.
    #[inline]
    pub(crate) fn shift<L: Legs>(
        &self,
        position: usize,
        arrival: Moment,
        limit: Cost,
        space: &Space<L>,
    ) -> Option<Cost> {
        match self.foreseen(&self.at[position], arrival, limit, space) {
            Foreseen::Change(change) => Some(change),
            Foreseen::TooDear => None,
            Foreseen::Unknown => self.shift_driven(position, arrival, limit, space),
        }
    }

    /// What can be said of a shift without driving it.
    #[inline]
    fn foreseen<L: Legs>(
        &self,
        at: &At,
        arrival: Moment,
        limit: Cost,
        space: &Space<L>,
    ) -> Foreseen {
        let delay = arrival - at.arrival;
        if delay == Ticks::ZERO {
            return Foreseen::Change(Cost::ZERO);
        }
        if space.legs.varies() {
            return Foreseen::Unknown;
        }
        let prices = &space.rules.prices;
        if delay < Ticks::ZERO {
            return self.foreseen_earlier(at, Ticks(-delay.0), limit, space);
        }
        let finish = self.at[self.end()].arrival + (delay - at.waits).max(Ticks::ZERO);
        let shift_end = space.vans[self.van as usize].shift_end;
        let hours = prices.overtime(shift_end, finish)
            - self.overtime()
            - prices.waits(delay.min(at.waits));
        if at.unrest == Cost::ZERO && arrival <= at.calm && !at.leaps {
            return Foreseen::Change(hours);
        }
        let saved = at.saved_by_delay(delay);
        if hours - saved > limit { Foreseen::TooDear } else { Foreseen::Unknown }
    }

    /// The same for an arrival that comes earlier.
    fn foreseen_earlier<L: Legs>(
        &self,
        at: &At,
        earlier: Ticks,
        limit: Cost,
        space: &Space<L>,
    ) -> Foreseen {
        let prices = &space.rules.prices;
        if at.leaps {
            // Between several windows an earlier start may save a wait.
            let saved = at.unrest + prices.waits(at.waits) + self.overtime();
            return if -saved > limit { Foreseen::TooDear } else { Foreseen::Unknown };
        }
        let gained = earlier.min(at.lead);
        let shift_end = space.vans[self.van as usize].shift_end;
        let overtime = prices.overtime(shift_end, self.at[self.end()].arrival - gained);
        let hours = overtime - self.overtime() + prices.waits(earlier - gained);
        if at.unrest == Cost::ZERO && earlier <= at.eager {
            return Foreseen::Change(hours);
        }
        if hours - at.unrest > limit { Foreseen::TooDear } else { Foreseen::Unknown }
    }

    fn shift_driven<L: Legs>(
        &self,
        from: usize,
        arrival: Moment,
        limit: Cost,
        space: &Space<L>,
    ) -> Option<Cost> {
        let end = self.end();
        let mut arrival = arrival;
        let mut change = Cost::ZERO;
        for position in from..end {
            let at = &self.at[position];
            match self.foreseen(at, arrival, Cost(limit.0.saturating_sub(change.0)), space) {
                Foreseen::Change(rest) => return Some(change + rest),
                Foreseen::TooDear => return None,
                Foreseen::Unknown => {}
            }
            let start = promise::start(space.windows(self.van, at.node), arrival);
            debug_assert!(start.is_some(), "an arrival not after the latest is in time");
            let start = start.unwrap_or(arrival);
            change += space.nodes[at.node as usize].moment.at(start) - at.own_unrest;
            let prices = &space.rules.prices;
            change += prices.waiting(start - arrival) - prices.waiting(at.start - at.arrival);
            let departure = at.departure + (start - at.start);
            let next = &self.at[position + 1];
            let mut leg = next.leg;
            if space.legs.varies() {
                leg = space.legs.leg(at.place, next.place, departure);
                change += prices.leg(leg) - prices.leg(next.leg);
            }
            arrival = departure + leg.duration();
        }
        let shift_end = space.vans[self.van as usize].shift_end;
        Some(change + space.rules.prices.overtime(shift_end, arrival) - self.at[end].own_unrest)
    }
}

impl At {
    /// What reaching this position later can save at stops here and further on. A delay makes nothing
    /// less late; it makes early stops less early, and by no more than itself.
    #[inline]
    fn saved_by_delay(&self, delay: Ticks) -> Cost {
        self.unrest.min(self.leaping + Cost(self.early_tick.saturating_mul(delay.0)))
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
    let shift = suffix.tour.shift(suffix.from, arrival, Cost(i64::MAX), space)?;
    let rest = suffix.tour.at[suffix.tour.end()];
    let driven = rest.left - next.reached + rest.own_unrest;
    Some(here.cost + space.rules.prices.leg(leg) + driven + shift)
}

#[inline]
fn reachable(leg: Leg) -> Option<Leg> {
    leg.is_reachable().then_some(leg)
}

const _: () = assert!(NOWHERE == NONE);
