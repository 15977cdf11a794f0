//! One stop in one gap of one route: whether it is allowed, and what exactly it changes.

use swerve_model::{Cost, Leg, Moment, Ticks, TimeWindow, TravelTimes};

use crate::instance::{Stop, Windows};
use crate::promise;
use crate::route::{At, Route, Rules};

/// The stop to insert, as one van sees it.
pub(super) struct Newcomer<'a> {
    pub(super) stop: &'a Stop,
    /// When that van may start serving it.
    pub(super) windows: Windows,
}

impl<'a> Newcomer<'a> {
    /// `None` if the van may never serve it.
    pub(super) fn new(stop: &'a Stop, route: &Route, rules: &Rules) -> Option<Newcomer<'a>> {
        let windows = rules.assurance.windows(stop, route.van())?;
        Some(Newcomer { stop, windows })
    }
}

/// What an allowed insertion does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Priced {
    pub(super) delta: Cost,
    pub(super) start: Moment,
}

/// Why an insertion is not priced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rejected {
    /// No way to it, or from it to what comes next.
    Unreachable,
    /// It would be served outside its own windows.
    OwnWindow,
    /// Something later on the route would be late, or the route too long.
    Later,
    /// Allowed as far as is known, but it certainly costs more than the limit.
    TooDear,
}

/// The new stop right after position `gap`, driven to the end of the route.
///
/// Exact: the delta is the cost of the new route less that of the old. Anything that certainly costs
/// more than `limit` is turned away early; a delta equal to it is not. O(1) when it does not fit, is too
/// dear, or delays only stops whose moments cost nothing; else O(stops after the gap), and less once the
/// delay is absorbed by a wait or nothing but such stops follow.
pub(super) fn price(
    route: &Route,
    gap: usize,
    new: &Newcomer,
    travel: &impl TravelTimes,
    rules: &Rules,
    limit: Cost,
) -> Result<Priced, Rejected> {
    let through = pass(route, gap, new, travel)?;
    let mut delta =
        rules.prices.leg(through.into) + standing_cost(route, new.stop, &through, rules);
    let mut finish = through.onward;
    if let Some(next) = route.positions().get(gap + 1) {
        if through.onward > next.latest {
            return Err(Rejected::Later);
        }
        delta += rules.prices.leg(through.out) - replaced_leg(route, next, rules);
        let prices = &rules.prices;
        let delay = through.onward - next.arrival;
        let hurry = prices.hurry(route.cost_by_cause().overtime, Ticks::ZERO - delay);
        let relief = route.relief() + prices.taken_up(prices.waits(next.waits), delay);
        if delta - relief - hurry > limit {
            return Err(Rejected::TooDear);
        }
        let rest = drive_on(route, gap + 1, through.onward, travel, rules);
        delta += rest.delta;
        finish = rest.finish;
    }
    if finish > route.end_limit() {
        return Err(Rejected::Later);
    }
    let shift_end = route.van().shift_end;
    delta += rules.prices.overtime(shift_end, finish) - route.cost_by_cause().overtime;
    Ok(Priced { delta, start: through.start })
}

/// The way through the new stop, before what follows is asked.
pub(super) struct Through {
    into: Leg,
    arrival: Moment,
    start: Moment,
    /// [`Leg::ZERO`] if nothing follows.
    out: Leg,
    /// Arrival at the next position, or departure from the new stop if nothing follows.
    pub(super) onward: Moment,
}

/// Drives to the new stop, serves it in its windows and drives on to the next position. O(1).
pub(super) fn pass(
    route: &Route,
    gap: usize,
    new: &Newcomer,
    travel: &impl TravelTimes,
) -> Result<Through, Rejected> {
    let at = route.positions();
    let from = &at[gap];
    let into = travel.leg(from.place, new.stop.place, from.departure);
    if !into.is_reachable() {
        return Err(Rejected::Unreachable);
    }
    let arrival = from.departure + into.duration();
    let start = promise::start(&new.windows, arrival).ok_or(Rejected::OwnWindow)?;
    let departure = start + new.stop.service;
    let out = match at.get(gap + 1) {
        Some(next) => travel.leg(new.stop.place, next.place, departure),
        None => Leg::ZERO,
    };
    if !out.is_reachable() {
        return Err(Rejected::Unreachable);
    }
    Ok(Through { into, arrival, start, out, onward: departure + out.duration() })
}

/// What the new stop costs by being there at all: a wait, its moment, its carrier, a van taken into use.
fn standing_cost(route: &Route, stop: &Stop, through: &Through, rules: &Rules) -> Cost {
    let van = route.van();
    let first_use = if route.is_idle() { van.use_cost.unwrap_or(Cost::ZERO) } else { Cost::ZERO };
    rules.prices.waiting(through.start - through.arrival)
        + rules.prices.moments(stop).at(through.start)
        + rules.prices.carrier(stop.told_route(), van.key)
        + first_use
}

/// The leg the new stop takes the place of; nothing is driven by a van not in use.
fn replaced_leg(route: &Route, next: &At, rules: &Rules) -> Cost {
    if route.is_idle() { Cost::ZERO } else { rules.prices.leg(next.leg) }
}

/// How the rest of a route changes.
struct Rest {
    delta: Cost,
    finish: Moment,
}

/// Drives on from position `first`, now reached at `arrival`, which is not after its latest.
fn drive_on(
    route: &Route,
    first: usize,
    mut arrival: Moment,
    travel: &impl TravelTimes,
    rules: &Rules,
) -> Rest {
    let at = route.positions();
    let mut rest = Rest { delta: Cost::ZERO, finish: route.finish() };
    for position in first..=route.last_stop() {
        let here = &at[position];
        if arrival == here.arrival {
            return rest;
        }
        if arrival > here.arrival && arrival <= here.calm {
            let delay = arrival - here.arrival;
            rest.delta -= rules.prices.waits(delay.min(here.waits));
            rest.finish = route.finish() + (delay - here.waits).max(Ticks::ZERO);
            return rest;
        }
        let stop = &route.stops()[position - 1];
        let start = start_in_time(route.windows_at(position), arrival);
        rest.delta += rules.prices.moments(stop).at(start) - here.moment_cost;
        rest.delta += rules.prices.waiting(start - arrival);
        rest.delta -= rules.prices.waiting(here.start - here.arrival);
        let departure = start + stop.service;
        let Some(next) = at.get(position + 1) else {
            rest.finish = departure;
            return rest;
        };
        let leg = leg_later(here, next, departure, travel, rules);
        rest.delta += rules.prices.leg(leg) - rules.prices.leg(next.leg);
        arrival = departure + leg.duration();
    }
    rest.finish = arrival;
    rest
}

fn start_in_time(windows: &[TimeWindow], arrival: Moment) -> Moment {
    let start = promise::start(windows, arrival);
    debug_assert!(start.is_some(), "an arrival not after the latest is in time");
    start.unwrap_or(arrival)
}

/// The leg between two neighbours at another departure than the scheduled one.
fn leg_later(
    here: &At,
    next: &At,
    departure: Moment,
    travel: &impl TravelTimes,
    rules: &Rules,
) -> Leg {
    if rules.travel_varies { travel.leg(here.place, next.place, departure) } else { next.leg }
}
