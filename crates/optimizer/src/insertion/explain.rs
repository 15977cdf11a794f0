//! Why a stop has no place: for every route, the rule that came nearest to letting it in.

use std::collections::BTreeMap;

use swerve_model::{Cost, Moment, TravelTimes};

use super::Live;
use super::gap::{self, Newcomer, Rejected};
use crate::instance::{Inadmissible, Stop};
use crate::route::Route;

/// What stands between a stop and a route, from the farthest to the nearest miss.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Obstacle {
    /// The parcels are with another van, or at a depot this one does not load from (any more).
    Custody,
    Skills,
    /// No road there, or none back.
    Unreachable,
    /// The van cannot be there in any of the stop's windows, with the margin a promise needs.
    OwnWindow,
    /// It would be there in time, and is full. Nearer than those above: a van can be emptied, so only
    /// they hold whatever is done with the other stops.
    Capacity,
    /// Somebody else's promise would be broken, or made unsure.
    OtherPromises,
    /// Every promise could be kept, but the route would not be over by its hard end.
    ShiftLimit,
}

/// The obstacle on every route asked. Routes that do have a place are in `open`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refusal {
    /// (van key, its nearest obstacle), in the fleet's order.
    pub routes: Vec<(u32, Obstacle)>,
    /// Van keys of routes that have room after all.
    pub open: Vec<u32>,
}

impl Refusal {
    /// How many routes each obstacle keeps out.
    pub fn by_obstacle(&self) -> BTreeMap<Obstacle, u32> {
        let mut counts = BTreeMap::new();
        for (_, obstacle) in &self.routes {
            *counts.entry(*obstacle).or_insert(0) += 1;
        }
        counts
    }

    /// The nearest miss over all routes: what would have to give.
    pub fn nearest(&self) -> Option<Obstacle> {
        self.routes.iter().map(|(_, obstacle)| *obstacle).max()
    }
}

pub(super) fn refusal<T: TravelTimes, C>(
    live: &Live<T, C>,
    stop: &Stop,
    among: Option<&[u32]>,
) -> Refusal {
    let mut refusal = Refusal::default();
    for (number, route) in live.fleet.routes().iter().enumerate() {
        if among.is_some_and(|chosen| !chosen.contains(&(number as u32))) {
            continue;
        }
        match obstacle(live, stop, route) {
            Some(obstacle) => refusal.routes.push((route.van().key, obstacle)),
            None => refusal.open.push(route.van().key),
        }
    }
    refusal
}

fn obstacle<T: TravelTimes, C>(live: &Live<T, C>, stop: &Stop, route: &Route) -> Option<Obstacle> {
    match route.van().admits(stop) {
        Err(Inadmissible::Custody) => return Some(Obstacle::Custody),
        Err(Inadmissible::Skills) => return Some(Obstacle::Skills),
        Ok(()) => {}
    }
    let is_full = !stop.load.fits(route.room());
    let Some(new) = Newcomer::new(stop, route, live.rules) else {
        return Some(Obstacle::OwnWindow);
    };
    let far_future = Moment(i64::MAX / 4);
    let promises = route.latest_arrivals(far_future, live.travel);
    let gaps = if route.van().end.is_none() { promises.len() } else { promises.len() - 1 };
    let mut nearest = Obstacle::Unreachable;
    for gap in 0..gaps {
        match obstacle_in_gap(live, route, gap, &new, &promises) {
            None => return is_full.then_some(Obstacle::Capacity),
            Some(obstacle) => nearest = nearest.max(obstacle),
        }
    }
    Some(if is_full { nearest.min(Obstacle::Capacity) } else { nearest })
}

/// `promises` are the latest arrivals that keep every promise, whenever the route ends.
fn obstacle_in_gap<T: TravelTimes, C>(
    live: &Live<T, C>,
    route: &Route,
    gap: usize,
    new: &Newcomer,
    promises: &[Moment],
) -> Option<Obstacle> {
    let no_limit = Cost(i64::MAX);
    match gap::price(route, gap, new, live.travel, live.rules, no_limit) {
        Ok(_) | Err(Rejected::TooDear) => None,
        Err(Rejected::Unreachable) => Some(Obstacle::Unreachable),
        Err(Rejected::OwnWindow) => Some(Obstacle::OwnWindow),
        Err(Rejected::Later) => {
            let onward = gap::pass(route, gap, new, live.travel).map(|through| through.onward);
            let kept = onward
                .is_ok_and(|onward| promises.get(gap + 1).is_none_or(|latest| onward <= *latest));
            Some(if kept { Obstacle::ShiftLimit } else { Obstacle::OtherPromises })
        }
    }
}
