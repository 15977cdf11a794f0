//! A large plan improved in groups of neighbouring routes, side by side.
//!
//! Each round cuts the plan anew into [`crate::districts`]. Groups share no route, so what one finds
//! cannot disturb another, and the outcome does not depend on how many run at once.

use std::sync::Arc;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use swerve_model::TravelTimes;

use crate::districts::Cutting;
use crate::improve::{Problem, Search, improve_at};
use crate::instance::Stop;
use crate::route::{Route, Rules};
use crate::search::anneal::Heat;

/// Stops in a group at most: between 800 and 2,500 makes little difference per second of search
/// (`research/algorithms.md` §3.2), and a table of legs still fits.
const GROUP_STOPS_MAX: usize = 1_500;

/// Stops without a place that one route may be dealt, so that no group grows beyond its table.
const LOOSE_MAX: usize = 300;

/// Rounds of cutting: each cools further.
const ROUNDS: u64 = 6;

/// At the first round of groups, and at the end of the last. What lies between falls by halves.
const HEAT_FIRST: f64 = 0.1;
const HEAT_LAST: f64 = 0.005;

/// A plan under way.
pub(super) struct Plan {
    pub(super) routes: Vec<Arc<Route>>,
    /// Stops that have no place yet.
    pub(super) unassigned: Vec<Arc<Stop>>,
}

/// Spends `search.iterations` rounds in all on groups of the plan's routes; returns how many were
/// done. A stop without a place is tried each time in the group of the nearest route that may take it.
pub(super) fn improve_groups(
    plan: &mut Plan,
    travel: &impl TravelTimes,
    rules: &Rules,
    search: &Search,
) -> u64 {
    let mut rng = ChaCha8Rng::seed_from_u64(search.seed);
    // Apart from the streams of workers, which are counted from zero.
    rng.set_stream(u64::MAX);
    let mut done = 0;
    for round in 0..ROUNDS {
        let mut loose_at = deal_out(plan, travel);
        let weights: Vec<usize> = (plan.routes.iter().zip(&loose_at))
            .map(|(route, loose)| route.stops().len() + loose.len())
            .collect();
        let groups = Cutting::new(&plan.routes, weights).cut(GROUP_STOPS_MAX, &mut rng);
        let iterations = search.iterations / ROUNDS / groups.len().max(1) as u64;
        let heat = heat(round);
        let routes = &plan.routes;
        let mut with_loose = |group: Vec<usize>| {
            let loose = group.iter().flat_map(|number| std::mem::take(&mut loose_at[*number]));
            let loose = loose.collect();
            (group, loose)
        };
        let groups: Vec<(Vec<usize>, Vec<Arc<Stop>>)> =
            groups.into_iter().map(&mut with_loose).collect();
        let found: Vec<_> = groups
            .into_par_iter()
            .map(|(group, unassigned)| {
                let problem = Problem {
                    routes: group.iter().map(|number| Arc::clone(&routes[*number])).collect(),
                    unassigned,
                    focus: Vec::new(),
                };
                // Another seed for every group of every round: its first route names it.
                let seed = search.seed ^ (round << 32) ^ ((group[0] as u64) << 40);
                let own = Search { seed, workers: 1, iterations, stop: search.stop };
                (improve_at(heat, &problem, travel, rules, &own), group)
            })
            .collect();
        for (proposal, group) in found {
            done += proposal.iterations.iter().sum::<u64>();
            plan.unassigned.extend(proposal.unassigned);
            for (number, route) in group.into_iter().zip(proposal.routes) {
                plan.routes[number] = route;
            }
        }
    }
    plan.unassigned.sort_unstable_by_key(|stop| stop.key);
    done
}

/// Takes the stops without a place, by the nearest route that may have them; those that no route may
/// have, or that all have enough of, stay.
fn deal_out(plan: &mut Plan, travel: &impl TravelTimes) -> Vec<Vec<Arc<Stop>>> {
    let centers: Vec<(f64, f64)> = plan.routes.iter().map(|route| route.center()).collect();
    let mut loose = vec![Vec::new(); plan.routes.len()];
    for stop in std::mem::take(&mut plan.unassigned) {
        let at = travel.position(stop.place);
        let distance = |number: &usize| {
            let (x, y) = centers[*number];
            (x - at.x).powi(2) + (y - at.y).powi(2)
        };
        let able = (0..plan.routes.len()).filter(|number| {
            loose[*number].len() < LOOSE_MAX && plan.routes[*number].van().admits(&stop).is_ok()
        });
        let nearest =
            able.min_by(|a, b| distance(a).total_cmp(&distance(b)).then_with(|| a.cmp(b)));
        match nearest {
            Some(number) => loose[number].push(stop),
            None => plan.unassigned.push(stop),
        }
    }
    loose
}

fn heat(round: u64) -> Heat {
    let start = HEAT_FIRST / (1u64 << round) as f64;
    Heat { start: start.max(HEAT_LAST), end: (start / 2.0).max(HEAT_LAST) }
}
