//! One vehicle's route, with what decides quickly whether something fits into it.
//!
//! Every number follows from the stops by [`Route::refresh`], which drives the whole route as the
//! instance defines it: the way to judge a candidate for sure, and what the quick answers of
//! [`super::gap`] are tested against.

use super::model::{Kind, Leg, Model, NONE};

/// Where the vehicle is when it leaves a stop, its start, or what comes before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct At {
    /// [`NONE`] for a vehicle that starts anywhere, before its first site.
    pub(super) site: u32,
    /// When it leaves at the earliest.
    pub(super) depart: i64,
    /// Leaving later breaks a window further on.
    pub(super) latest: i64,
    /// Being there later, from another site, makes that too late.
    pub(super) reach: i64,
    /// How long it waits there for a window.
    pub(super) wait: i64,
    /// What is driven next; nothing before a break.
    pub(super) leg: Leg,
}

impl At {
    /// On leaving `site` then, before what follows is known.
    fn leaving(site: u32, depart: i64, wait: i64) -> At {
        At { site, depart, latest: i64::MAX, reach: i64::MAX, wait, leg: Leg::default() }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Route {
    pub(super) kind: u32,
    /// Tasks in order; none for a slot not in use.
    pub(super) stops: Vec<u32>,
    /// The start, then every stop.
    pub(super) at: Vec<At>,
    /// By position in `at`, then dimension: what is aboard on leaving, the most aboard since the start or
    /// the last reload, and until the next reload or the end.
    pub(super) aboard: Vec<i32>,
    pub(super) most_since: Vec<i32>,
    pub(super) most_until: Vec<i32>,
    pub(super) distance: i64,
    pub(super) driving: i64,
    pub(super) visits: u32,
    pub(super) cost: i64,
    /// Whatever was found out about a route holds for every route of the same edition: see
    /// [`super::plan::Change::set`].
    pub(super) edition: u64,
}

impl Route {
    pub(super) fn of(kind: u32, stops: Vec<u32>) -> Route {
        Route { kind, stops, ..Route::default() }
    }

    /// Becomes what another is, in its own buffers.
    pub(super) fn copy(&mut self, other: &Route) {
        self.stops.clone_from(&other.stops);
        self.at.clone_from(&other.at);
        self.aboard.clone_from(&other.aboard);
        self.most_since.clone_from(&other.most_since);
        self.most_until.clone_from(&other.most_until);
        (self.kind, self.visits, self.edition) = (other.kind, other.visits, other.edition);
        (self.distance, self.driving, self.cost) = (other.distance, other.driving, other.cost);
    }

    /// The first position behind which anything may be put.
    pub(super) fn first_gap(&self, model: &Model) -> usize {
        model.kinds[self.kind as usize].locked.len().min(self.stops.len())
    }

    /// Works everything out anew from the stops; whether they keep every rule of their vehicle. If not, no
    /// number is to be relied on. O(stops).
    pub(super) fn refresh(&mut self, model: &Model) -> bool {
        let kind = &model.kinds[self.kind as usize];
        self.visits = 0;
        (self.distance, self.driving, self.cost) = (0, 0, 0);
        if self.stops.is_empty() {
            self.stand(model, kind);
            return true;
        }
        let Some(end) = self.drive(model, kind, kind.shift.open) else { return false };
        if end > kind.shift.close {
            return false;
        }
        self.look_back(model, kind, kind.shift.close);
        if !self.load(model, kind) {
            return false;
        }
        self.add_up(model);
        let soft = if kind.is_timed_whole {
            match self.keep_time(model, kind, end) {
                Some(cost) => cost,
                None => return false,
            }
        } else {
            0
        };
        self.cost = kind.prices.fixed
            + kind.prices.distance * self.distance
            + kind.prices.driving * self.driving
            + soft;
        self.distance <= kind.distance_max
            && self.driving <= kind.driving_max
            && self.visits <= kind.visits_max
    }

    /// A vehicle not in use, which need not even be able to drive from its start to its end.
    fn stand(&mut self, model: &Model, kind: &Kind) {
        self.at.clear();
        let start = At::leaving(kind.start, kind.shift.open, 0);
        self.at.push(At { latest: kind.shift.close, ..start });
        for loads in [&mut self.aboard, &mut self.most_since, &mut self.most_until] {
            loads.clear();
            loads.resize(model.dimensions, 0);
        }
    }

    /// Departures when the vehicle leaves its start then; when it is back. `None` if a window is missed.
    fn drive(&mut self, model: &Model, kind: &Kind, start: i64) -> Option<i64> {
        self.at.clear();
        let (mut site, mut now) = (kind.start, start);
        self.at.push(At::leaving(site, now, 0));
        for stop in &self.stops {
            let task = &model.tasks[*stop as usize];
            if task.site != NONE {
                go_on(&mut self.at, model, kind, task.site);
                now = model.arrival(kind.profile, site, task.site, now);
            }
            let begin = task.begin(now)?;
            let wait = begin - now;
            now = begin + task.duration(site);
            site = if task.site == NONE { site } else { task.site };
            self.at.push(At::leaving(site, now, wait));
        }
        go_on(&mut self.at, model, kind, kind.end);
        Some(model.arrival(kind.profile, site, kind.end, now))
    }

    /// Latest departures that still end by then and keep every window; the routes' windows are kept.
    fn look_back(&mut self, model: &Model, kind: &Kind, end: i64) {
        let last = self.at.len() - 1;
        let mut latest = model.departure(kind.profile, self.at[last].site, kind.end, end);
        self.at[last].latest = latest;
        for position in (0..last).rev() {
            let task = &model.tasks[self.stops[position] as usize];
            let from = self.at[position].site;
            let at_once = task.latest_arrival(latest - task.service - task.setup);
            self.at[position + 1].reach = at_once.unwrap_or(i64::MIN / 2);
            let begin = latest - task.duration(from);
            // There is one: the earliest timetable keeps it.
            let arrival = task.latest_arrival(begin).unwrap_or(i64::MIN / 2);
            latest = if task.site == NONE {
                arrival
            } else {
                model.departure(kind.profile, from, task.site, arrival)
            };
            self.at[position].latest = latest;
        }
    }

    /// What is aboard when; whether that never exceeds the capacity.
    fn load(&mut self, model: &Model, kind: &Kind) -> bool {
        let width = model.dimensions;
        let count = self.at.len();
        self.aboard.clear();
        self.aboard.resize(count * width, 0);
        for dimension in 0..width {
            if !self.load_in(model, dimension, kind.capacity[dimension]) {
                return false;
            }
        }
        self.most_since.clone_from(&self.aboard);
        self.most_until.clone_from(&self.aboard);
        for position in 1..count {
            if model.tasks[self.stops[position - 1] as usize].is_reload() {
                continue;
            }
            for dimension in 0..width {
                let before = self.most_since[(position - 1) * width + dimension];
                let most = &mut self.most_since[position * width + dimension];
                *most = (*most).max(before);
            }
        }
        for position in (0..count.saturating_sub(1)).rev() {
            if model.tasks[self.stops[position] as usize].is_reload() {
                continue;
            }
            for dimension in 0..width {
                let after = self.most_until[(position + 1) * width + dimension];
                let most = &mut self.most_until[position * width + dimension];
                *most = (*most).max(after);
            }
        }
        true
    }

    fn load_in(&mut self, model: &Model, dimension: usize, capacity: i32) -> bool {
        let width = model.dimensions;
        let brought = |stop: u32| {
            let task = &model.tasks[stop as usize];
            if task.partner == NONE { model.delivery(stop)[dimension] } else { 0 }
        };
        let until_reload = |from: usize| -> i32 {
            let rest = self.stops[from..].iter();
            let trip = rest.take_while(|stop| !model.tasks[**stop as usize].is_reload());
            // Saturating: what exceeds a capacity exceeds it by any amount.
            trip.fold(0i32, |sum, stop| sum.saturating_add(brought(*stop)))
        };
        // Of pairs under way, and picked up for the depot.
        let (mut paired, mut picked, mut left) = (0i32, 0i32, until_reload(0));
        let mut fits = left <= capacity;
        self.aboard[dimension] = left;
        for (position, stop) in self.stops.iter().enumerate() {
            let task = &model.tasks[*stop as usize];
            let (delivery, pickup) =
                (model.delivery(*stop)[dimension], model.pickup(*stop)[dimension]);
            if task.is_reload() {
                (picked, left) = (0, until_reload(position + 1));
            } else if task.partner == NONE {
                left -= delivery;
                picked = picked.saturating_add(pickup);
            } else {
                paired = paired.saturating_add(pickup - delivery);
            }
            let aboard = paired.saturating_add(picked).saturating_add(left);
            fits &= aboard <= capacity;
            self.aboard[(position + 1) * width + dimension] = aboard;
        }
        fits
    }

    fn add_up(&mut self, model: &Model) {
        let is_visit = |stop: &&u32| model.tasks[**stop as usize].is_visit();
        self.visits = self.stops.iter().filter(is_visit).count() as u32;
        self.distance = self.at.iter().map(|at| i64::from(at.leg.distance)).sum();
        self.driving = self.at.iter().map(|at| i64::from(at.leg.duration)).sum();
    }

    /// What the timetable costs beyond distance and driving, and the driving in it: leaving as late as that
    /// ends no later. `None` if it breaks a limit.
    fn keep_time(&mut self, model: &Model, kind: &Kind, end: i64) -> Option<i64> {
        let earliest = self.at.clone();
        let start = self.latest_start(model, kind, end);
        let back = self.drive(model, kind, start).unwrap_or(end);
        let duty = back - start;
        let mut cost = kind.prices.duty * duty;
        if let Some(overtime) = kind.prices.overtime {
            cost += overtime.price * (duty - overtime.after).max(0);
        }
        self.driving = 0;
        let mut left = start;
        for (position, stop) in self.stops.iter().enumerate() {
            let task = &model.tasks[*stop as usize];
            let from = self.at[position].site;
            let begin = self.at[position + 1].depart - task.duration(from);
            if task.site != NONE {
                self.driving += model.arrival(kind.profile, from, task.site, left) - left;
            }
            if let Some(soft) = task.soft {
                cost += soft.early * (soft.span.open - begin).max(0);
                cost += soft.late * (begin - soft.span.close).max(0);
            }
            left = self.at[position + 1].depart;
        }
        self.driving += back - left;
        self.at = earliest;
        (duty <= kind.duty_max).then_some(cost)
    }

    /// The latest departure that ends no later than `end`, keeps every window, and begins nothing with a
    /// soft window later than its close and than it does when the vehicle leaves at once.
    fn latest_start(&self, model: &Model, kind: &Kind, end: i64) -> i64 {
        let last = self.at.len() - 1;
        let mut latest = model.departure(kind.profile, self.at[last].site, kind.end, end);
        for position in (0..last).rev() {
            let task = &model.tasks[self.stops[position] as usize];
            let from = self.at[position].site;
            let duration = task.duration(from);
            let mut begin = latest - duration;
            if let Some(soft) = task.soft {
                begin = begin.min(soft.span.close.max(self.at[position + 1].depart - duration));
            }
            let arrival = task.latest_arrival(begin).unwrap_or(i64::MIN / 2);
            latest = if task.site == NONE {
                arrival
            } else {
                model.departure(kind.profile, from, task.site, arrival)
            };
        }
        latest.max(kind.shift.open)
    }
}

/// From the last position there is to a site.
fn go_on(at: &mut [At], model: &Model, kind: &Kind, site: u32) {
    if let Some(at) = at.last_mut() {
        at.leg = model.leg(kind.profile, at.site, site);
    }
}
