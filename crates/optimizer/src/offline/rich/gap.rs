//! What it adds to put a task, or the two of a pair, between the stops of a route: told without driving
//! the rest of it.
//!
//! The answers are exact for windows, loads and limits that add up, since each position knows the latest
//! moment to leave it and the most that is aboard before and behind it. Where a vehicle is paid or limited
//! by its whole timetable they are a bound, which the caller makes sure of by [`Route::refresh`].

use super::model::{Kind, Leg, Model, NONE, Task};
use super::route::Route;

/// What a change adds to a route's way.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Detour {
    pub(super) distance: i64,
    pub(super) driving: i64,
}

impl Detour {
    pub(super) fn of(added: &[Leg], left: Leg) -> Detour {
        let distance: i64 = added.iter().map(|leg| i64::from(leg.distance)).sum();
        let driving: i64 = added.iter().map(|leg| i64::from(leg.duration)).sum();
        Detour {
            distance: distance - i64::from(left.distance),
            driving: driving - i64::from(left.duration),
        }
    }

    pub(super) fn plus(self, other: Detour) -> Detour {
        Detour { distance: self.distance + other.distance, driving: self.driving + other.driving }
    }

    /// What it costs, if it is within the limits.
    pub(super) fn cost(self, kind: &Kind, route: &Route) -> Option<i64> {
        let is_within = route.distance + self.distance <= kind.distance_max
            && route.driving + self.driving <= kind.driving_max;
        let opening = if route.stops.is_empty() { kind.prices.fixed } else { 0 };
        let way = kind.prices.distance * self.distance + kind.prices.driving * self.driving;
        is_within.then_some(opening + way)
    }
}

/// A route as it is asked about gap by gap.
#[derive(Clone, Copy)]
pub(super) struct Gaps<'a> {
    pub(super) model: &'a Model,
    pub(super) route: &'a Route,
    pub(super) kind: &'a Kind,
}

impl<'a> Gaps<'a> {
    pub(super) fn of(model: &'a Model, route: &'a Route) -> Gaps<'a> {
        Gaps { model, route, kind: &model.kinds[route.kind as usize] }
    }

    /// What `task` adds right behind a position, if it fits there and adds less than `limit`. O(1), breaks
    /// that follow aside.
    #[inline]
    pub(super) fn one(self, position: usize, task: u32, limit: i64) -> Option<i64> {
        let of = &self.model.tasks[task as usize];
        let detour = self.detour(position, of.site);
        let cost = detour.cost(self.kind, self.route)?;
        if cost >= limit || self.route.visits >= self.kind.visits_max && of.is_visit() {
            return None;
        }
        if !self.has_room(position, task) {
            return None;
        }
        let at = self.route.at[position];
        let depart = self.leaves(of, at.site, at.depart)?;
        let site = if of.site == NONE { at.site } else { of.site };
        self.follows(position, site, depart).then_some(cost)
    }

    /// The cheapest gap for `delivery` if its `pickup` comes right behind `position`, and what both add, if
    /// that is less than `limit`. O(stops behind).
    pub(super) fn two(
        self,
        position: usize,
        pickup: u32,
        delivery: u32,
        limit: i64,
    ) -> Option<(usize, i64)> {
        let (first, second) =
            (&self.model.tasks[pickup as usize], &self.model.tasks[delivery as usize]);
        if self.route.visits + 2 > self.kind.visits_max {
            return None;
        }
        let at = self.route.at[position];
        let reached = self.leaves(first, at.site, at.depart)?;
        if !self.can_take(position, pickup) {
            return None;
        }
        let alone = self.detour(position, first.site);
        // A delivery is taken never to shorten the way.
        if alone.cost(self.kind, self.route)? >= limit {
            return None;
        }
        let next = self.next_site(position);
        let mut best: Option<(usize, i64)> = None;
        let mut limit = limit;
        // Straight on to the delivery.
        let legs = [
            self.leg(at.site, first.site),
            self.leg(first.site, second.site),
            self.leg(second.site, next),
        ];
        let detour = Detour::of(&legs, self.left_out(position));
        if let Some(cost) = detour.cost(self.kind, self.route).filter(|cost| *cost < limit)
            && let Some(depart) = self.leaves(second, first.site, reached)
            && self.follows(position, second.site, depart)
        {
            (best, limit) = (Some((position, cost)), cost);
        }
        let (mut site, mut now) = (first.site, reached);
        for (index, stop) in self.route.stops.iter().enumerate().skip(position) {
            let task = &self.model.tasks[*stop as usize];
            let Some(depart) = self.leaves(task, site, now) else { break };
            if task.site != NONE {
                site = task.site;
            }
            now = depart;
            let here = index + 1;
            // A break left before the way goes on has another latest moment than it had.
            if task.site != NONE && now > self.route.at[here].latest || !self.can_take(here, pickup)
            {
                break;
            }
            let detour = if self.next_is_same(position, here) {
                // Nothing but breaks between the two.
                Detour::of(&legs, self.left_out(position))
            } else {
                alone.plus(self.detour(here, second.site))
            };
            let Some(cost) = detour.cost(self.kind, self.route).filter(|cost| *cost < limit) else {
                continue;
            };
            if let Some(depart) = self.leaves(second, site, now)
                && self.follows(here, second.site, depart)
            {
                (best, limit) = (Some((here, cost)), cost);
            }
        }
        best
    }

    /// When the vehicle leaves a task that it goes to from there, then. `None` if that is too late.
    #[inline]
    pub(super) fn leaves(self, task: &Task, from: u32, depart: i64) -> Option<i64> {
        let arrival = if task.site == NONE {
            depart
        } else {
            self.model.arrival(self.kind.profile, from, task.site, depart)
        };
        Some(task.begin(arrival)? + task.duration(from))
    }

    /// Whether everything behind a position keeps its windows if the vehicle comes from that site then.
    #[inline]
    pub(super) fn follows(self, position: usize, site: u32, depart: i64) -> bool {
        let mut now = depart;
        for (index, stop) in self.route.stops.iter().enumerate().skip(position) {
            let task = &self.model.tasks[*stop as usize];
            let Some(depart) = self.leaves(task, site, now) else { return false };
            if task.site != NONE {
                return depart <= self.route.at[index + 1].latest;
            }
            now = depart;
        }
        self.model.arrival(self.kind.profile, site, self.kind.end, now) <= self.kind.shift.close
    }

    /// The site behind a position, and when one has to be there who comes from another; for a vehicle
    /// whose gaps add up.
    #[inline]
    pub(super) fn next(self, position: usize) -> (u32, i64) {
        let next = self.route.at.get(position + 1);
        next.map_or((self.kind.end, self.kind.shift.close), |at| (at.site, at.reach))
    }

    /// The same as [`Gaps::follows`] for a vehicle whose gaps add up, which drives on by that leg.
    #[inline]
    pub(super) fn reaches(self, position: usize, site: u32, depart: i64, out_of: Leg) -> bool {
        let (next, reach) = self.next(position);
        let arrival = depart + i64::from(out_of.duration);
        // At the same site nothing is set up twice.
        arrival <= reach || next == site && self.follows(position, site, depart)
    }

    /// What it costs, limits aside.
    #[inline]
    pub(super) fn price(self, detour: Detour) -> i64 {
        self.kind.prices.distance * detour.distance + self.kind.prices.driving * detour.driving
    }

    /// Nothing but breaks lies between two positions, the first of which is the earlier.
    fn next_is_same(self, position: usize, here: usize) -> bool {
        let between = &self.route.stops[position..here];
        between.iter().all(|stop| self.model.tasks[*stop as usize].site == NONE)
    }

    #[inline]
    pub(super) fn next_site(self, position: usize) -> u32 {
        let rest = self.route.stops[position..].iter();
        let mut sites = rest.map(|stop| self.model.tasks[*stop as usize].site);
        sites.find(|site| *site != NONE).unwrap_or(self.kind.end)
    }

    #[inline]
    pub(super) fn leg(self, from: u32, to: u32) -> Leg {
        self.model.leg(self.kind.profile, from, to)
    }

    /// The leg that is no longer driven; an empty route drives none.
    #[inline]
    pub(super) fn left_out(self, position: usize) -> Leg {
        if self.route.stops.is_empty() {
            return Leg::default();
        }
        self.leg(self.route.at[position].site, self.next_site(position))
    }

    #[inline]
    pub(super) fn detour(self, position: usize, site: u32) -> Detour {
        if site == NONE {
            return Detour::default();
        }
        let from = self.route.at[position].site;
        let legs = [self.leg(from, site), self.leg(site, self.next_site(position))];
        Detour::of(&legs, self.left_out(position))
    }

    /// What a task by itself brings fits in before a position, what it takes behind it.
    #[inline]
    fn has_room(self, position: usize, task: u32) -> bool {
        let width = self.model.dimensions;
        let (deliveries, pickups) = (self.model.delivery(task), self.model.pickup(task));
        (0..width).all(|dimension| {
            let capacity = i64::from(self.kind.capacity[dimension]);
            let here = position * width + dimension;
            let since = i64::from(self.route.most_since[here]);
            let until = i64::from(self.route.most_until[here]);
            since + i64::from(deliveries[dimension]) <= capacity
                && until + i64::from(pickups[dimension]) <= capacity
        })
    }

    /// What is picked up fits in on leaving a position.
    #[inline]
    pub(super) fn can_take(self, position: usize, pickup: u32) -> bool {
        let width = self.model.dimensions;
        let aboard = &self.route.aboard[position * width..][..width];
        let taken = self.model.pickup(pickup);
        (0..width)
            .all(|d| i64::from(aboard[d]) + i64::from(taken[d]) <= i64::from(self.kind.capacity[d]))
    }
}
