//! One van's suffix, driven from the definition, with what is needed to price a change to it.
//!
//! A live van leaves its anchor at a moment the clock has fixed, so every arrival follows by walking
//! the stops once. A second walk, from the end, gives for each position the latest arrival that still
//! keeps every later promise and the law. Travel that never arrives earlier by leaving later makes
//! those arrivals a half-line, so one moment per position is exact, for any number of windows.
//!
//! Position 0 is the anchor, 1..=n are the stops; the end place, where there is one, is n + 1.
//!
//! A route that breaks a rule as it stands (imported, or delayed by reality) is still a route: what it
//! breaks is measured ([`Route::excess`]) and becomes its own limit, so that a change may leave it as
//! bad, never worse. Invariant: arrival <= latest at every position.

use std::sync::Arc;

use swerve_model::{
    Cost, Leg, Load, Moment, Pass, Place, Planar, RouteShape, Ticks, TimeWindow, TravelTimes,
};

use crate::instance::{Baseline, Stop, Van, Windows};
use crate::load::{self, LoadSpan};
use crate::price::{self, Breakdown, Prices};
use crate::promise::{self, Assurance};

/// The rules every part of the search goes by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rules {
    pub prices: Prices,
    pub assurance: Assurance,
    /// Whether a leg may take less time at a later departure. Bounds are then looser, since a delay
    /// can save driving; with constant travel times it can only save what was late already.
    pub travel_varies: bool,
}

/// One position of a scheduled route.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct At {
    pub place: Place,
    /// Where that is on the plane.
    pub point: Planar,
    /// The leg that leads here; [`Leg::ZERO`] at the anchor.
    pub leg: Leg,
    pub arrival: Moment,
    /// Start of service; the arrival at anchor and end.
    pub start: Moment,
    pub departure: Moment,
    /// Arriving later than this breaks a promise or the law, here or further on.
    pub latest: Moment,
    /// What the moment of `start` costs: lateness and distance to the told interval.
    pub moment_cost: Cost,
    /// Arriving here later, but no later than this, costs nothing for the moments of this and all
    /// later stops: it takes the delay out of [`At::waits`], and delays the end by what they leave of it.
    /// Long past where that cannot be said of any delay: something is paid already, a stop has several
    /// windows, travel varies.
    pub(crate) calm: Moment,
    /// Waiting here and further on.
    pub(crate) waits: Ticks,
    /// This position's effective windows, within [`Route`]'s own.
    windows: (u32, u32),
}

/// Later and earlier than any moment there is, and far enough from the last to be reckoned with.
const FAR_FUTURE: Moment = Moment(i64::MAX / 4);
const LONG_PAST: Moment = Moment(i64::MIN / 4);

/// What a route breaks as it stands. All zero for a legal one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Excess {
    /// Stops that start after the last moment their promise (or their published margin) allows.
    pub late_stops: u32,
    /// Stops the van has not the custody or the skills for.
    pub inadmissible_stops: u32,
    /// Load beyond capacity.
    pub load: Load,
    /// Time beyond the hard end.
    pub time: Ticks,
}

impl Excess {
    pub fn is_none(&self) -> bool {
        *self == Excess::default()
    }

    /// Whether nothing here is worse than in `other`.
    pub fn is_within(&self, other: &Excess) -> bool {
        self.late_stops <= other.late_stops
            && self.inadmissible_stops <= other.inadmissible_stops
            && self.load.fits(other.load)
            && self.time <= other.time
    }
}

/// A scheduled suffix. Immutable: a change makes another.
#[derive(Clone, Debug, PartialEq)]
pub struct Route {
    van: Arc<Van>,
    stops: Vec<Arc<Stop>>,
    at: Vec<At>,
    windows: Vec<TimeWindow>,
    load: LoadSpan,
    cost: Breakdown,
    relief: Cost,
    /// Paid for waits, of which a delay saves no more than it is long; zero if travel varies.
    waits: Cost,
    finish: Moment,
    end_limit: Moment,
    excess: Excess,
}

impl Route {
    /// Drives `stops` in order. Never fails: what breaks a rule is in [`Route::excess`]. O(n), and a
    /// bisection for every window.
    pub fn schedule(
        van: Arc<Van>,
        stops: Vec<Arc<Stop>>,
        travel: &impl TravelTimes,
        rules: &Rules,
    ) -> Route {
        let mut route = Route::unscheduled(van, stops);
        for position in 1..=route.stops.len() {
            let stop = Arc::clone(&route.stops[position - 1]);
            let effective = rules.assurance.windows(&stop, &route.van);
            route.drive_to_stop(&stop, effective, travel, rules);
        }
        route.drive_to_end(travel, rules);
        route.look_back(travel);
        if !rules.travel_varies {
            route.find_calm(rules);
        }
        route.relief = route.most_a_delay_can_save(travel, rules);
        route.waits = if rules.travel_varies { Cost::ZERO } else { route.cost.waiting };
        route
    }

    /// Drives `stops` by their promised windows and writes into each where it then stands, so that
    /// the plan is what no later change may make worse. For a plan as another planner made it, and
    /// for one just delayed by reality.
    pub fn published(
        van: Arc<Van>,
        stops: &[Stop],
        travel: &impl TravelTimes,
        rules: &Rules,
    ) -> Route {
        let bare = |stop: &Stop| Arc::new(Stop { baseline: None, ..stop.clone() });
        let as_promised = Rules { assurance: Assurance::AS_PLANNED, ..*rules };
        let driven = Route::schedule(
            Arc::clone(&van),
            stops.iter().map(bare).collect(),
            travel,
            &as_promised,
        );
        let standing = |(index, stop): (usize, &Arc<Stop>)| {
            let start = driven.at[index + 1].start;
            let margin = rules.assurance.margin(stop, &van, start);
            let baseline = Some(Baseline { route: van.key, start, margin });
            Arc::new(Stop { baseline, ..(**stop).clone() })
        };
        let stops = driven.stops.iter().enumerate().map(standing).collect();
        Route::schedule(van, stops, travel, rules)
    }

    /// This route with `stop` as its position `position` (1..=n + 1).
    #[must_use]
    pub fn with_inserted(
        &self,
        position: usize,
        stop: Arc<Stop>,
        travel: &impl TravelTimes,
        rules: &Rules,
    ) -> Route {
        let mut stops = self.stops.clone();
        stops.insert(position - 1, stop);
        Route::schedule(Arc::clone(&self.van), stops, travel, rules)
    }

    /// This route without the stop of that key; itself again if there is none.
    #[must_use]
    pub fn without(&self, key: u32, travel: &impl TravelTimes, rules: &Rules) -> Route {
        let kept = self.stops.iter().filter(|stop| stop.key != key).cloned().collect();
        Route::schedule(Arc::clone(&self.van), kept, travel, rules)
    }

    pub fn van(&self) -> &Arc<Van> {
        &self.van
    }

    pub fn stops(&self) -> &[Arc<Stop>] {
        &self.stops
    }

    /// Anchor, stops, and the end place if there is one.
    pub fn positions(&self) -> &[At] {
        &self.at
    }

    /// The mean place of its stops, or of the whole route if it has none, in metres on the plane.
    pub fn center(&self) -> (f64, f64) {
        let stops = &self.at[1..=self.stops.len()];
        let points = if stops.is_empty() { &self.at[..] } else { stops };
        let (x, y) = points.iter().fold((0.0, 0.0), |(x, y), at| (x + at.point.x, y + at.point.y));
        (x / points.len() as f64, y / points.len() as f64)
    }

    /// The start of service at stop `index` (0 first).
    pub fn start_of(&self, index: usize) -> Moment {
        self.at[index + 1].start
    }

    pub fn cost(&self) -> Cost {
        self.cost.total()
    }

    pub fn cost_by_cause(&self) -> &Breakdown {
        &self.cost
    }

    /// When it is over: arrival at the end place, or departure from the last stop.
    pub fn finish(&self) -> Moment {
        self.finish
    }

    /// Load of the stops, without what is carried for none of them.
    pub fn load(&self) -> LoadSpan {
        self.load
    }

    pub fn excess(&self) -> &Excess {
        &self.excess
    }

    pub fn is_legal(&self) -> bool {
        self.excess.is_none()
    }

    /// Where stop `index` (0 first) stands in this route, to be published as its baseline.
    pub fn baseline_of(&self, index: usize, assurance: &Assurance) -> Baseline {
        let start = self.start_of(index);
        let margin = assurance.margin(&self.stops[index], &self.van, start);
        Baseline { route: self.van.key, start, margin }
    }

    /// The most a delay can save on this route beside its waits: what it pays already for
    /// being late or early; if travel varies, waits and overtime too. Zero for a route on time.
    pub fn relief(&self) -> Cost {
        self.relief
    }

    /// What it pays for waiting, of which a delay saves no more than its own length.
    pub(crate) fn waits(&self) -> Cost {
        self.waits
    }

    /// Effective windows of the stop at `position`; empty if any moment will do.
    pub fn windows_at(&self, position: usize) -> &[TimeWindow] {
        let (from, to) = self.at[position].windows;
        &self.windows[from as usize..to as usize]
    }

    /// As an index of routes is told of it. O(n).
    pub fn shape(&self) -> RouteShape {
        let pass =
            |at: &At| Pass { point: at.point, leg: at.leg, left: at.departure, due: at.latest };
        let is_open = self.van.end.is_none();
        RouteShape { passes: self.at.iter().map(pass).collect(), is_open }
    }

    /// Whether nothing is driven: no stop, and a van not yet in use.
    pub fn is_idle(&self) -> bool {
        self.stops.is_empty() && self.van.use_cost.is_some()
    }

    /// The room left for further deliveries, per dimension; never negative.
    pub fn room(&self) -> Load {
        let aboard = self.load.peak() + self.van.carried;
        load::room(self.van.capacity, aboard) - aboard
    }

    /// The last position of a stop, or the anchor if there is none.
    pub(crate) fn last_stop(&self) -> usize {
        self.stops.len()
    }

    pub(crate) fn end_limit(&self) -> Moment {
        self.end_limit
    }

    fn unscheduled(van: Arc<Van>, stops: Vec<Arc<Stop>>) -> Route {
        let finish = van.depart;
        let end_limit = van.hard_end;
        let at = Vec::with_capacity(stops.len() + 2);
        Route {
            van,
            stops,
            at,
            windows: Vec::new(),
            load: LoadSpan::default(),
            cost: Breakdown::default(),
            relief: Cost::ZERO,
            waits: Cost::ZERO,
            finish,
            end_limit,
            excess: Excess::default(),
        }
    }
}

/// Forward: arrivals, costs and what is broken.
impl Route {
    fn anchor(&self, travel: &impl TravelTimes) -> At {
        let depart = self.van.depart;
        At {
            place: self.van.start,
            point: travel.position(self.van.start),
            leg: Leg::ZERO,
            arrival: depart,
            start: depart,
            departure: depart,
            latest: depart,
            moment_cost: Cost::ZERO,
            calm: LONG_PAST,
            waits: Ticks::ZERO,
            windows: (0, 0),
        }
    }

    fn drive_to_stop(
        &mut self,
        stop: &Stop,
        effective: Option<Windows>,
        travel: &impl TravelTimes,
        rules: &Rules,
    ) {
        if self.at.is_empty() {
            self.at.push(self.anchor(travel));
        }
        let from = self.at[self.at.len() - 1];
        let leg = travel.leg(from.place, stop.place, from.departure);
        let arrival = from.departure + leg.duration();
        let (start, windows) = self.start_within(stop, effective, arrival);
        let price = rules.prices.moments(stop);
        self.cost.waiting += rules.prices.waiting(start - arrival);
        self.cost.lateness += price.late(start);
        self.cost.disturbance +=
            price.told(start) + rules.prices.carrier(stop.told_route(), self.van.key);
        self.charge(leg, &rules.prices);
        self.load = self.load.join(LoadSpan::delivery(stop.load));
        self.excess.inadmissible_stops += u32::from(self.van.admits(stop).is_err());
        self.at.push(At {
            place: stop.place,
            point: travel.position(stop.place),
            leg,
            arrival,
            start,
            departure: start + stop.service,
            latest: arrival,
            moment_cost: price.at(start),
            calm: LONG_PAST,
            waits: Ticks::ZERO,
            windows,
        });
    }

    /// The start for an arrival, and the windows kept for it. A stop too late for all its windows is
    /// served on arrival, is counted, and may from now on be served as late as that.
    fn start_within(
        &mut self,
        stop: &Stop,
        effective: Option<Windows>,
        arrival: Moment,
    ) -> (Moment, (u32, u32)) {
        let in_time = effective.as_deref().and_then(|windows| promise::start(windows, arrival));
        let mut windows = effective.unwrap_or_default();
        let start = in_time.unwrap_or_else(|| {
            self.excess.late_stops += 1;
            promise::allow_late(&stop.windows, arrival, &mut windows)
        });
        let from = self.windows.len() as u32;
        self.windows.extend(windows);
        (start, (from, self.windows.len() as u32))
    }

    fn charge(&mut self, leg: Leg, prices: &Prices) {
        self.cost.driving += prices.driving(leg);
        self.cost.distance += prices.distance(leg);
    }

    fn drive_to_end(&mut self, travel: &impl TravelTimes, rules: &Rules) {
        if self.at.is_empty() {
            self.at.push(self.anchor(travel));
        }
        let from = self.at[self.at.len() - 1];
        self.finish = from.departure;
        if let Some(end) = self.van.end {
            let leg = travel.leg(from.place, end, from.departure);
            let arrival = from.departure + leg.duration();
            self.at.push(At {
                place: end,
                point: travel.position(end),
                leg,
                arrival,
                start: arrival,
                departure: arrival,
                latest: arrival,
                moment_cost: Cost::ZERO,
                calm: LONG_PAST,
                waits: Ticks::ZERO,
                windows: (0, 0),
            });
            self.finish = arrival;
        }
        if self.is_idle() {
            self.finish = self.van.depart;
        } else {
            self.settle(rules);
        }
    }

    /// Costs and limits of the route as a whole, once it is known to be driven.
    fn settle(&mut self, rules: &Rules) {
        if self.van.end.is_some() {
            let home = self.at[self.at.len() - 1].leg;
            self.charge(home, &rules.prices);
        }
        self.cost.overtime = rules.prices.overtime(self.van.shift_end, self.finish);
        self.cost.vans = self.van.use_cost.unwrap_or(Cost::ZERO);
        self.end_limit = self.van.hard_end.max(self.finish);
        self.excess.time = self.end_limit - self.van.hard_end;
        let aboard = self.load.peak() + self.van.carried;
        self.excess.load = load::excess(aboard, self.van.capacity);
    }
}

/// Backward: latest arrivals, and what a delay could save.
impl Route {
    fn look_back(&mut self, travel: &impl TravelTimes) {
        let latest = self.latest_arrivals(self.end_limit, travel);
        for (at, latest) in self.at.iter_mut().zip(latest) {
            at.latest = latest;
        }
    }

    /// For every position the latest arrival that keeps every promise from there on and ends the
    /// route by `end_limit`. O(n).
    pub(crate) fn latest_arrivals(
        &self,
        end_limit: Moment,
        travel: &impl TravelTimes,
    ) -> Vec<Moment> {
        let last = self.at.len() - 1;
        let mut latest = vec![self.van.depart; self.at.len()];
        for position in (1..=last).rev() {
            let allowed = if position == last {
                self.latest_at_last(end_limit)
            } else {
                let (here, next) = (&self.at[position], &self.at[position + 1]);
                let leave = travel.latest_departure(here.place, next.place, latest[position + 1]);
                self.latest_from(position, leave)
            };
            // As it stands the route is within its own limits; an inverse that rounds the other way
            // must not deny it. A van not in use stands nowhere yet.
            let stands = if self.is_idle() { allowed } else { self.at[position].arrival };
            latest[position] = allowed.max(stands);
        }
        latest
    }

    fn latest_at_last(&self, end_limit: Moment) -> Moment {
        if self.van.end.is_some() {
            end_limit
        } else {
            self.latest_from(self.at.len() - 1, end_limit)
        }
    }

    /// Latest arrival at the stop of `position` if it must be left by `leave`.
    fn latest_from(&self, position: usize, leave: Moment) -> Moment {
        let limit = leave - self.stops[position - 1].service;
        // No arrival is early enough only where rounding denies the present one; see the caller.
        promise::latest_arrival(self.windows_at(position), limit).unwrap_or(LONG_PAST)
    }

    /// For every stop how late it may be reached before any moment costs something. O(n).
    fn find_calm(&mut self, rules: &Rules) {
        let (mut next_calm, mut waits) = (FAR_FUTURE, Ticks::ZERO);
        for position in (1..=self.stops.len()).rev() {
            let onward = self.at.get(position + 1).map_or(Ticks::ZERO, |next| next.leg.duration());
            let (stop, at) = (&self.stops[position - 1], &self.at[position]);
            let moments = rules.prices.moments(stop);
            let limit = (next_calm - onward - stop.service).min(moments.calm_until());
            let windows = self.windows_at(position);
            let wait = at.start - at.arrival;
            let is_calm =
                at.moment_cost == Cost::ZERO && windows.len() <= 1 && wait <= price::LATE_MAX;
            let calm = promise::latest_arrival(windows, limit).filter(|_| is_calm);
            next_calm = calm.unwrap_or(LONG_PAST);
            waits += wait;
            (self.at[position].calm, self.at[position].waits) = (next_calm, waits);
        }
    }

    fn most_a_delay_can_save(&self, travel: &impl TravelTimes, rules: &Rules) -> Cost {
        let moments: Cost = self.at.iter().map(|at| at.moment_cost).sum();
        let varying = if rules.travel_varies {
            let quickest = |pair: &[At]| travel.at_least(pair[0].point.distance(pair[1].point));
            let saved = |pair: &[At]| {
                (rules.prices.leg(pair[1].leg) - rules.prices.leg(quickest(pair))).max(Cost::ZERO)
            };
            self.at.windows(2).map(saved).sum()
        } else {
            Cost::ZERO
        };
        // At varying times a delay may grow on its way, or even be back earlier.
        let Breakdown { waiting, overtime, .. } = self.cost;
        let hours = if rules.travel_varies { waiting + overtime } else { Cost::ZERO };
        moments + hours + varying
    }
}

#[cfg(test)]
mod tests;
