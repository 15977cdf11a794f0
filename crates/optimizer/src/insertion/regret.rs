//! Several stops at once: the one that would lose most by waiting goes first.
//!
//! Each stop keeps its best position in its three best routes. After an insertion only the changed
//! route can offer anything new, so a stop is asked again in full only if that route was among its
//! three; for all others one route is looked at.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use swerve_model::{Cost, NearbyChunks, TravelTimes};

use super::best::{Best, Insertion};
use super::search::{self, Question};
use super::{Answer, Live};
use crate::instance::Stop;
use crate::route::Route;

/// How many routes a stop's regret is measured over.
pub const REGRET_ROUTES: usize = 3;

/// Counted for each of the [`REGRET_ROUTES`] a stop does not have: whoever has fewest goes first.
const MISSING: Cost = Cost(Cost::PROHIBITIVE.0 / 4);

/// Where one stop of a batch went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placement {
    pub stop_key: u32,
    /// As it was when inserted: later insertions of the batch may have shifted position and start.
    pub insertion: Insertion,
}

/// What became of stops inserted together.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    /// Changed routes by number, ascending.
    pub routes: Vec<(u32, Arc<Route>)>,
    /// In order of insertion.
    pub placed: Vec<Placement>,
    /// Stops without a place, by key.
    pub left: Vec<Arc<Stop>>,
}

impl Batch {
    pub fn is_complete(&self) -> bool {
        self.left.is_empty()
    }

    /// Change in cost over all routes, exact.
    pub fn delta(&self) -> Cost {
        self.placed.iter().map(|placement| placement.insertion.delta).sum()
    }
}

pub(super) fn insert_batch<T: TravelTimes, C: NearbyChunks>(
    live: &Live<T, C>,
    stops: &[Arc<Stop>],
    among: Option<&[u32]>,
    all_or_nothing: bool,
) -> Batch {
    let mut fleet = live.fleet.clone();
    let mut changed = BTreeMap::new();
    let mut placed = Vec::with_capacity(stops.len());
    let mut waiting: Vec<(Arc<Stop>, Answer)> = {
        let none = BTreeSet::new();
        stops.iter().map(|stop| (Arc::clone(stop), ask(live, stop, among, &none))).collect()
    };
    while let Some(next) = most_regretted(&waiting) {
        let (stop, answer) = waiting.swap_remove(next);
        let insertion = answer.best[0];
        let route = &fleet.routes()[insertion.route as usize];
        let longer = route.with_inserted(
            insertion.position as usize,
            Arc::clone(&stop),
            live.travel,
            live.rules,
        );
        debug_assert_eq!(longer.cost() - route.cost(), insertion.delta, "an inexact delta");
        let longer = Arc::new(longer);
        fleet.replace(insertion.route, Arc::clone(&longer));
        changed.insert(insertion.route, longer);
        placed.push(Placement { stop_key: stop.key, insertion });
        let now = Live { fleet: &fleet, ..*live };
        let stale: BTreeSet<u32> = changed.keys().copied().collect();
        for (stop, answer) in &mut waiting {
            refresh(&now, stop, answer, insertion.route, among, &stale);
        }
    }
    let mut left: Vec<Arc<Stop>> = waiting.into_iter().map(|(stop, _)| stop).collect();
    left.sort_by_key(|stop| stop.key);
    if all_or_nothing && !left.is_empty() {
        let mut left = stops.to_vec();
        left.sort_by_key(|stop| stop.key);
        return Batch { routes: Vec::new(), placed: Vec::new(), left };
    }
    Batch { routes: changed.into_iter().collect(), placed, left }
}

fn ask<T: TravelTimes, C: NearbyChunks>(
    live: &Live<T, C>,
    stop: &Stop,
    among: Option<&[u32]>,
    changed: &BTreeSet<u32>,
) -> Answer {
    let windows = [stop.windows.clone()];
    let question = Question { stop, windows: &windows, among, keep: REGRET_ROUTES, changed };
    search::nearest_first(live, &question).pop().expect("one answer for one set of windows")
}

/// Brings `answer` up to date after `route` alone has changed.
fn refresh<T: TravelTimes, C: NearbyChunks>(
    live: &Live<T, C>,
    stop: &Stop,
    answer: &mut Answer,
    route: u32,
    among: Option<&[u32]>,
    changed: &BTreeSet<u32>,
) {
    let was_counted_on = answer.best.iter().any(|insertion| insertion.route == route);
    if was_counted_on {
        *answer = ask(live, stop, among, changed);
    } else if among.is_none_or(|chosen| chosen.contains(&route)) {
        let offered = ask(live, stop, Some(&[route]), changed);
        let mut best = Best::new(REGRET_ROUTES);
        for insertion in answer.best.iter().chain(&offered.best) {
            best.offer(*insertion);
        }
        answer.best = best.into_vec();
    }
}

/// The index of the stop to insert next; `None` if no waiting stop has a place.
fn most_regretted(waiting: &[(Arc<Stop>, Answer)]) -> Option<usize> {
    (0..waiting.len()).filter(|index| !waiting[*index].1.best.is_empty()).min_by_key(|index| {
        let (stop, answer) = &waiting[*index];
        (Reverse(regret(&answer.best)), answer.best[0].delta, stop.key)
    })
}

/// What it costs to get not the best route but the others, summed. `best` are the cheapest insertions
/// into at most [`REGRET_ROUTES`] routes, cheapest first; a route it does not have counts for more
/// than any.
pub fn regret(best: &[Insertion]) -> Cost {
    let missing = MISSING * REGRET_ROUTES.saturating_sub(best.len()) as i64;
    best.iter().map(|insertion| insertion.delta - best[0].delta).sum::<Cost>() + missing
}
