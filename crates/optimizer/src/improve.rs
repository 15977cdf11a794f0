//! A longer look at a few routes: whatever makes them cheaper without breaking a rule.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use swerve_model::{Cost, Place, TravelTimes};

use crate::instance::Stop;
use crate::route::{Route, Rules};
use crate::search::anneal::Heat;
use crate::search::legs::{Known, Legs};
use crate::search::space::Space;
use crate::search::workers::{Outcome, Start, best_of_workers};

/// The part of a plan to improve. Routes not in it are not touched and not looked at.
#[derive(Clone, Debug, Default)]
pub struct Problem {
    /// As they stand: what they break already may stay, nothing may get worse.
    pub routes: Vec<Arc<Route>>,
    /// Stops without a place.
    pub unassigned: Vec<Arc<Stop>>,
    /// Keys of stops to search around; all of them if empty.
    pub focus: Vec<u32>,
}

/// How long to look, and from which seed.
#[derive(Clone, Copy, Debug)]
pub struct Search<'a> {
    pub seed: u64,
    /// Logical workers: each searches by itself from the same start, the best wins. A setting, never
    /// the number of cores.
    pub workers: u32,
    /// Of each worker.
    pub iterations: u64,
    /// Asked between iterations: once it says so, every worker ends with what it has.
    pub stop: &'a dyn Brake,
}

/// How whoever started a search ends it early, or holds it up while something else matters more.
pub trait Brake: fmt::Debug + Sync {
    /// Returns once the search may go on; `true` if it is to end. Holding it up changes nothing of
    /// what it finds.
    fn ends(&self) -> bool;
}

/// A plain flag ends a search and never holds it up.
impl Brake for AtomicBool {
    fn ends(&self) -> bool {
        self.load(Ordering::Relaxed)
    }
}

/// What a plan is worth: stops without a place first, money second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Worth {
    /// Sum of [`Stop::drop_cost`] over the unassigned; a [`Cost`] would overflow from 4,096 prohibitive
    /// ones on.
    pub dropped: i128,
    pub money: Cost,
}

/// What a search found: never worse than what it was given.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposal {
    /// In the order of [`Problem::routes`]; an unchanged route is the very same.
    pub routes: Vec<Arc<Route>>,
    /// By key. Nothing that had a place is ever here.
    pub unassigned: Vec<Arc<Stop>>,
    pub before: Worth,
    pub after: Worth,
    /// Iterations done by each worker, to be logged: with them the search can be repeated exactly.
    pub iterations: Vec<u64>,
    /// Whose result this is.
    pub winner: u32,
}

impl Proposal {
    /// Numbers of the routes that differ from the problem's.
    pub fn changed<'a>(&'a self, problem: &'a Problem) -> impl Iterator<Item = u32> + 'a {
        let pairs = self.routes.iter().zip(&problem.routes).enumerate();
        pairs.filter(|(_, (new, old))| !Arc::ptr_eq(new, old)).map(|(number, _)| number as u32)
    }
}

/// Searches `problem` with `search.workers` independent workers and proposes the best plan found.
///
/// With the brake not pulled the result depends on the arguments alone, never on how many threads ran
/// the search: ties go to the lowest worker.
pub fn improve(
    problem: &Problem,
    travel: &impl TravelTimes,
    rules: &Rules,
    search: &Search,
) -> Proposal {
    improve_at(HEAT, problem, travel, rules, search)
}

/// [`improve`], accepting that much worse plans on the way.
pub(crate) fn improve_at(
    heat: Heat,
    problem: &Problem,
    travel: &impl TravelTimes,
    rules: &Rules,
    search: &Search,
) -> Proposal {
    let legs = |places: Vec<Place>| Known::for_search(travel, places, rules, search);
    let space = Space::new(&problem.routes, &problem.unassigned, travel, rules, legs);
    let tours = &space.standing;
    let seeds = seeds(&space, &problem.focus);
    let start = Start { tours, seeds: &seeds, heat };
    let outcome = best_of_workers(&space, &start, search);
    let mut proposal = Proposal::nothing(problem);
    proposal.adopt(outcome, &space, travel);
    proposal
}

/// How much worse a plan may get on the way: little, since it starts from a good one and has no time
/// to come back from afar. Shares of a mean leg (`research/algorithms.md` §9.3).
const HEAT: Heat = Heat { start: 0.1, end: 0.005 };

/// Around each stop in focus, so many of its neighbours may be seeds too.
const SEEDS_PER_FOCUS: usize = 30;

/// Where to search: the stops in focus, then their nearest neighbours; or everywhere.
fn seeds<L: Legs>(space: &Space<L>, focus: &[u32]) -> Vec<u32> {
    if focus.is_empty() {
        return (0..space.nodes.len() as u32).collect();
    }
    let mut seeds: Vec<u32> = focus.iter().filter_map(|key| space.node_of(*key)).collect();
    let focused = seeds.len();
    for node in 0..focused {
        seeds.extend(space.neighbours(seeds[node]).iter().take(SEEDS_PER_FOCUS));
    }
    let mut is_seed = vec![false; space.nodes.len()];
    seeds.retain(|node| !std::mem::replace(&mut is_seed[*node as usize], true));
    seeds
}

impl Proposal {
    /// The plan as it stands.
    pub(crate) fn nothing(problem: &Problem) -> Proposal {
        let mut unassigned = problem.unassigned.clone();
        unassigned.sort_by_key(|stop| stop.key);
        let before = Worth::of(&problem.routes, &unassigned);
        Proposal {
            routes: problem.routes.clone(),
            unassigned,
            before,
            after: before,
            iterations: Vec::new(),
            winner: 0,
        }
    }

    /// Takes over what a search found, route by route driven anew by every rule.
    pub(crate) fn adopt<L: Legs>(
        &mut self,
        outcome: Outcome,
        space: &Space<L>,
        travel: &impl TravelTimes,
    ) {
        let Outcome { best, winner, rounds } = outcome;
        (self.winner, self.iterations) = (winner, rounds);
        let stop = |node: &u32| Arc::clone(&space.bodies[*node as usize].stop);
        let driven = |(number, nodes): (usize, &Vec<u32>)| {
            let old = &self.routes[number];
            if *nodes == space.standing[number] {
                return Arc::clone(old);
            }
            let stops = nodes.iter().map(stop).collect();
            Arc::new(Route::schedule(Arc::clone(old.van()), stops, travel, &space.rules))
        };
        let routes: Vec<Arc<Route>> = best.tours.iter().enumerate().map(driven).collect();
        let mut is_left = vec![true; space.nodes.len()];
        for node in best.tours.iter().flatten() {
            is_left[*node as usize] = false;
        }
        let left = (0..space.nodes.len() as u32).filter(|node| is_left[*node as usize]);
        let unassigned: Vec<Arc<Stop>> = left.map(|node| stop(&node)).collect();
        let after = Worth::of(&routes, &unassigned);
        debug_assert_eq!(after, best.worth, "the search prices what a driven route costs");
        let within = |(new, old): (&Arc<Route>, &Arc<Route>)| new.excess().is_within(old.excess());
        let keeps_limits = routes.iter().zip(&self.routes).all(within);
        debug_assert!(keeps_limits, "the search keeps every limit of the plan it was given");
        // Were the search ever wrong, the plan it was given stands.
        if keeps_limits && after <= self.before {
            (self.routes, self.unassigned, self.after) = (routes, unassigned, after);
        }
    }
}

impl Worth {
    /// Of a plan's routes and of what they leave out.
    pub fn of(routes: &[Arc<Route>], unassigned: &[Arc<Stop>]) -> Worth {
        Worth {
            dropped: unassigned.iter().map(|stop| i128::from(stop.drop_cost.0)).sum(),
            money: routes.iter().map(|route| route.cost()).sum(),
        }
    }
}

#[cfg(test)]
mod tests;
