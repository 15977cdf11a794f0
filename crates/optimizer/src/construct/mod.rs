//! A day's plan from nothing: savings for a start, then a search over everything, or over groups.
//!
//! A cold plan has to find its fleet and its districts first; on a large day savings do. Once it has,
//! searching groups of neighbouring routes side by side is as good per second, fits
//! the caches, and uses every thread; new borders each round let stops cross them.
//! (`research/algorithms.md` §3.2)

mod groups;
mod savings;

use std::sync::Arc;

use swerve_model::TravelTimes;

use crate::improve::{Problem, Proposal, Search, Worth};
use crate::instance::{Stop, Van};
use crate::route::{Route, Rules};
use crate::search::anneal::Heat;
use crate::search::legs::Known;
use crate::search::space::Space;
use crate::search::workers::{Start, best_of_workers};

/// How much worse a plan may get on the way, as shares of a mean leg.
const HEAT: Heat = Heat { start: 0.5, end: 0.005 };

/// A plan for `vans` that serves as many of `stops` as it can, at the least cost it finds.
///
/// Vans are taken as they are before their day: nothing is on them yet. What is left over is in
/// [`Proposal::unassigned`]. Plans of up to [`WHOLE_STOPS_MAX`] stops are searched whole by each
/// worker; larger ones by all workers together, and then the budget of all of them is spent once.
/// Depends on the arguments alone, as [`crate::improve`] does.
pub fn construct(
    vans: &[Arc<Van>],
    stops: &[Arc<Stop>],
    travel: &impl TravelTimes,
    rules: &Rules,
    search: &Search,
) -> Proposal {
    let empty =
        |van: &Arc<Van>| Arc::new(Route::schedule(Arc::clone(van), Vec::new(), travel, rules));
    let problem = Problem {
        routes: vans.iter().map(empty).collect(),
        unassigned: stops.to_vec(),
        focus: Vec::new(),
    };
    if stops.len() <= WHOLE_STOPS_MAX {
        return construct_whole(&problem, travel, rules, search);
    }
    construct_large(&problem, travel, rules, search)
}

/// Up to here every worker searches the whole plan: its legs fit a table and the table the caches.
pub const WHOLE_STOPS_MAX: usize = 2_000;

fn construct_whole(
    problem: &Problem,
    travel: &impl TravelTimes,
    rules: &Rules,
    search: &Search,
) -> Proposal {
    let legs = |places| Known::for_search(travel, places, rules, search);
    let space = Space::new(&problem.routes, &problem.unassigned, travel, rules, legs);
    let tours = savings::tours(&space);
    let seeds: Vec<u32> = (0..space.nodes.len() as u32).collect();
    let outcome =
        best_of_workers(&space, &Start { tours: &tours, seeds: &seeds, heat: HEAT }, search);
    let mut proposal = Proposal::nothing(problem);
    proposal.adopt(outcome, &space, travel);
    proposal
}

/// Savings over the whole, then groups alone: the legs of a large whole fit no table, and reading them
/// one by one took 84 to 93 % of a search over 4,000 to 10,000 stops, on one thread.
fn construct_large(
    problem: &Problem,
    travel: &impl TravelTimes,
    rules: &Rules,
    search: &Search,
) -> Proposal {
    let workers = u64::from(search.workers.max(1));
    let start = Search { workers: 1, iterations: 0, ..*search };
    let mut proposal = construct_whole(problem, travel, rules, &start);
    let in_groups = Search { iterations: search.iterations.saturating_mul(workers), ..*search };
    let mut plan = groups::Plan { routes: proposal.routes, unassigned: proposal.unassigned };
    let total = groups::improve_groups(&mut plan, travel, rules, &in_groups);
    (proposal.routes, proposal.unassigned) = (plan.routes, plan.unassigned);
    proposal.after = Worth::of(&proposal.routes, &proposal.unassigned);
    // The plan is one: its iterations are told as the workers would have shared them.
    proposal.iterations = (0..workers).map(|w| (total + workers - 1 - w) / workers).collect();
    proposal.winner = 0;
    proposal
}

#[cfg(test)]
mod tests;
