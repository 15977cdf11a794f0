//! The plain twin of the search: every position of every route, each driven from its beginning.
//!
//! It shares nothing with the branch and bound but [`Route::schedule`], the definition of a route, and
//! [`crate::Assurance::windows`], the definition of a promise kept. In particular it knows no latest
//! arrivals, no bounds and no index.

use std::sync::Arc;

use swerve_model::{Load, Moment, TravelTimes};

use super::best::{Best, Insertion};
use super::{Answer, Effort, Live};
use crate::instance::Stop;
use crate::route::{Route, Rules};

pub(super) fn every_gap<T: TravelTimes, C>(
    live: &Live<T, C>,
    stop: &Stop,
    among: Option<&[u32]>,
    keep: usize,
) -> Answer {
    let mut best = Best::new(keep);
    let mut effort = Effort::default();
    let newcomer = Arc::new(stop.clone());
    for (number, route) in live.fleet.routes().iter().enumerate() {
        let number = number as u32;
        let is_asked = among.is_none_or(|chosen| chosen.contains(&number));
        if !is_asked || route.van().admits(stop).is_err() {
            continue;
        }
        for position in 1..=route.stops().len() + 1 {
            effort.gaps += 1;
            let longer =
                route.with_inserted(position, Arc::clone(&newcomer), live.travel, live.rules);
            effort.driven += 1;
            if is_allowed(route, &longer, position, live.rules) {
                best.offer(Insertion {
                    route: number,
                    route_key: route.van().key,
                    position: position as u32,
                    start: longer.start_of(position - 1),
                    delta: longer.cost() - route.cost(),
                });
            }
        }
    }
    Answer { best: best.into_vec(), effort }
}

/// Whether `longer`, which has one more stop than `route` at `position`, breaks nothing that `route`
/// keeps and nothing more of what it breaks already.
fn is_allowed(route: &Route, longer: &Route, position: usize, rules: &Rules) -> bool {
    let is_reached = longer.positions()[position..].iter().take(2).all(|at| at.leg.is_reachable());
    let others_in_time = (0..route.stops().len()).all(|index| {
        let after = if index + 1 < position { index } else { index + 1 };
        let (old, new) = (route.start_of(index), longer.start_of(after));
        keeps(route, index, new, rules) || (!keeps(route, index, old, rules) && new <= old)
    });
    let over_before = if route.is_idle() { route.van().hard_end } else { route.finish() };
    let in_shift = longer.finish() <= route.van().hard_end.max(over_before);
    is_reached
        && has_room(longer, position)
        && keeps(longer, position - 1, longer.start_of(position - 1), rules)
        && others_in_time
        && in_shift
}

/// In each dimension the new stop needs nothing, or the whole load fits.
fn has_room(longer: &Route, position: usize) -> bool {
    let total: Load = longer.stops().iter().map(|stop| stop.load).sum();
    let aboard = (total + longer.van().carried).0;
    let added = longer.stops()[position - 1].load.0;
    let room = longer.van().capacity.0;
    (0..added.len()).all(|dimension| added[dimension] == 0 || aboard[dimension] <= room[dimension])
}

/// Whether stop `index` of `route`, were it started at `start`, would keep its promise (or what was
/// published of it).
fn keeps(route: &Route, index: usize, start: Moment, rules: &Rules) -> bool {
    let windows = rules.assurance.windows(&route.stops()[index], route.van());
    windows.is_some_and(|windows| {
        windows.is_empty() || windows.iter().any(|window| window.contains(start))
    })
}
