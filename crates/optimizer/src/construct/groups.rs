//! A large plan improved in groups of neighbouring routes, side by side.
//!
//! Each round cuts the plan in two at the middle stop along a random direction, and the halves again,
//! until every group is small enough; other directions next time put other routes together. Groups
//! share no route, so what one finds cannot disturb another, and the outcome does not depend on how
//! many run at once.

use std::sync::Arc;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use swerve_model::TravelTimes;

use crate::improve::{Problem, Search, improve_at};
use crate::route::{Route, Rules};
use crate::search::anneal::Heat;

/// Stops in a group at most: between 800 and 2,500 makes little difference per second of search
/// (`research/algorithms.md` §3.2), and a table of legs still fits.
const GROUP_STOPS_MAX: usize = 1_500;

/// Rounds of cutting: each cools further.
const ROUNDS: u64 = 6;

/// At the first round of groups, and at the end of the last. What lies between falls by halves.
const HEAT_FIRST: f64 = 0.1;
const HEAT_LAST: f64 = 0.005;

/// Spends `search.iterations` rounds in all on groups of `routes`; returns how many were done.
pub(super) fn improve_groups(
    routes: &mut [Arc<Route>],
    travel: &impl TravelTimes,
    rules: &Rules,
    search: &Search,
) -> u64 {
    let mut rng = ChaCha8Rng::seed_from_u64(search.seed);
    // Apart from the streams of workers, which are counted from zero.
    rng.set_stream(u64::MAX);
    let mut done = 0;
    for round in 0..ROUNDS {
        let mut groups = Vec::new();
        cut((0..routes.len()).collect(), routes, &mut rng, &mut groups);
        let iterations = search.iterations / ROUNDS / groups.len().max(1) as u64;
        let heat = heat(round);
        let found: Vec<_> = groups
            .into_par_iter()
            .map(|group| {
                let problem = Problem {
                    routes: group.iter().map(|number| Arc::clone(&routes[*number])).collect(),
                    ..Problem::default()
                };
                // Another seed for every group of every round: its first route names it.
                let seed = search.seed ^ (round << 32) ^ ((group[0] as u64) << 40);
                let own = Search { seed, workers: 1, iterations, stop: search.stop };
                (improve_at(heat, &problem, travel, rules, &own), group)
            })
            .collect();
        for (proposal, group) in found {
            done += proposal.iterations.iter().sum::<u64>();
            for (number, route) in group.into_iter().zip(proposal.routes) {
                routes[number] = route;
            }
        }
    }
    done
}

fn heat(round: u64) -> Heat {
    let start = HEAT_FIRST / (1u64 << round) as f64;
    Heat { start: start.max(HEAT_LAST), end: (start / 2.0).max(HEAT_LAST) }
}

/// Halves `numbers` by stops along a random direction until each group is small enough.
fn cut(
    mut numbers: Vec<usize>,
    routes: &[Arc<Route>],
    rng: &mut ChaCha8Rng,
    groups: &mut Vec<Vec<usize>>,
) {
    let stops: usize = numbers.iter().map(|number| routes[*number].stops().len()).sum();
    if stops <= GROUP_STOPS_MAX || numbers.len() < 2 {
        numbers.sort_unstable();
        groups.extend(Some(numbers).filter(|group| !group.is_empty()));
        return;
    }
    // Integer components: every direction, and no library's sine.
    let (x, y) = (rng.random_range(-1000i32..=1000), rng.random_range(-1000i32..=1000));
    let along = |number: &usize| {
        let (east, north) = center(&routes[*number]);
        east * f64::from(x) + north * f64::from(y)
    };
    numbers.sort_by(|a, b| along(a).total_cmp(&along(b)).then(a.cmp(b)));
    let mut before = 0;
    let middle = numbers.iter().position(|number| {
        before += routes[*number].stops().len();
        2 * before >= stops
    });
    let middle = (middle.unwrap_or(0) + 1).min(numbers.len() - 1);
    let beyond = numbers.split_off(middle);
    cut(numbers, routes, rng, groups);
    cut(beyond, routes, rng, groups);
}

/// The mean place of a route's stops, or of the whole route if it has none.
fn center(route: &Route) -> (f64, f64) {
    let at = route.positions();
    let stops = &at[1..=route.stops().len()];
    let points = if stops.is_empty() { at } else { stops };
    let (x, y) = points.iter().fold((0.0, 0.0), |(x, y), at| (x + at.point.x, y + at.point.y));
    (x / points.len() as f64, y / points.len() as f64)
}
