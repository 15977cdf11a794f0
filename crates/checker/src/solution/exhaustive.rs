//! Every solution of a tiny instance, tried.
//!
//! The oracle for searches. First every vehicle type drives every subset of the tasks in every order, and
//! the cheapest order that keeps the rules of a route is kept; then the subsets are put together in every
//! way, whatever is in none of them being left out. That misses nothing, since all that routes share —
//! how many there are, what is served, pairs, choices — depends on who does what and not on the order,
//! and the cost of a solution is the sum of its routes' and absences'. What is allowed and what it costs
//! is asked of the judge alone.

use swerve_model::instance::{Instance, Objective, StaticRoute};

use super::costs::Cost;
use super::orders::Orders;
use super::route::judge_route;
use super::{Evaluation, Rank, evaluate, judge_together};

/// Tasks at most, breaks and reloads included: 109,600 orders for each vehicle type. Six take hundredths of
/// a second, eight take seconds.
pub const TASKS_MAX: usize = 8;

/// More than can be tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{tasks} tasks; at most {TASKS_MAX} are tried")]
pub struct TooLarge {
    pub tasks: usize,
}

/// A solution of the lowest rank there is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Best {
    pub routes: Vec<StaticRoute>,
    pub evaluation: Evaluation,
}

/// The best solution that keeps all rules; `None` if there is none, not even without any task that may
/// be left out: locked tasks cannot be done as they are locked.
///
/// The instance must have no [`Instance::faults`].
///
/// O(vehicle types · tasks!) drives, and about (2 + vehicle types)^tasks sums.
///
/// # Errors
/// It has more than [`TASKS_MAX`] tasks.
pub fn exhaustive(instance: &Instance, objective: Objective) -> Result<Option<Best>, TooLarge> {
    let tasks = instance.tasks.len();
    if tasks > TASKS_MAX {
        return Err(TooLarge { tasks });
    }
    let orders = Orders::new(instance);
    let cheapest = (0..instance.fleet.len() as u32)
        .map(|kind| cheapest_orders(instance, objective, &orders, kind))
        .collect();
    let mut search = Search { instance, objective, orders, cheapest, best: None };
    search.assign((1 << tasks) - 1, &mut Vec::new(), Cost::default());
    let best = search.best.map(|(rank, routes)| {
        let evaluation = evaluate(instance, objective, &routes);
        debug_assert!(evaluation.breaches.is_empty() && evaluation.rank(objective) == rank);
        Best { routes, evaluation }
    });
    Ok(best)
}

/// Tasks by the bits of their indices.
type Set = usize;

/// A route that keeps the rules, and what it costs.
type Priced = (Cost, StaticRoute);

/// By set, the cheapest order in which such a vehicle may do it.
fn cheapest_orders(
    instance: &Instance,
    objective: Objective,
    orders: &Orders,
    kind: u32,
) -> Vec<Option<Priced>> {
    let mut cheapest: Vec<Option<Priced>> = vec![None; 1 << instance.tasks.len()];
    for_each_order(instance.tasks.len() as u32, &mut Vec::new(), &mut |tasks| {
        let route = StaticRoute { kind, tasks: tasks.to_vec() };
        let judged = judge_route(instance, orders, 0, &route);
        if !judged.breaches.is_empty() {
            return;
        }
        let cost = Cost::of_route(instance, objective, &route, &judged.timetable);
        let best = &mut cheapest[tasks.iter().map(|index| 1 << index).sum::<Set>()];
        if best.as_ref().is_none_or(|(best, _)| cost < *best) {
            *best = Some((cost, route));
        }
    });
    cheapest
}

/// Every order of every subset with at least one task, each once, that begins with `tasks`.
fn for_each_order(count: u32, tasks: &mut Vec<u32>, act: &mut impl FnMut(&[u32])) {
    for next in 0..count {
        if tasks.contains(&next) {
            continue;
        }
        tasks.push(next);
        act(tasks);
        for_each_order(count, tasks, act);
        tasks.pop();
    }
}

struct Search<'a> {
    instance: &'a Instance,
    objective: Objective,
    orders: Orders,
    /// By vehicle type and set.
    cheapest: Vec<Vec<Option<Priced>>>,
    best: Option<(Rank, Vec<StaticRoute>)>,
}

impl Search<'_> {
    /// Every way to go on from `routes` with the tasks of `left`: the first of them is done by nobody, or
    /// together with any others by any type of vehicle.
    fn assign(&mut self, left: Set, routes: &mut Vec<StaticRoute>, cost: Cost) {
        if left == 0 {
            self.offer(routes, cost);
            return;
        }
        let first = 1 << left.trailing_zeros();
        let others = left & !first;
        self.assign(others, routes, cost);
        for company in subsets(others) {
            for kind in 0..self.cheapest.len() {
                let priced = self.cheapest[kind][first | company].clone();
                let Some((price, route)) = priced else { continue };
                routes.push(route);
                self.assign(others & !company, routes, cost + price);
                routes.pop();
            }
        }
    }

    fn offer(&mut self, routes: &[StaticRoute], cost: Cost) {
        let together = judge_together(self.instance, &self.orders, routes);
        if !together.breaches.is_empty() {
            return;
        }
        let vehicles = if self.objective == Objective::Vehicles { together.vehicles } else { 0 };
        let cost = (cost + together.absences).sum();
        let rank = Rank { weight_unserved: together.weight_unserved, vehicles, cost };
        if self.best.as_ref().is_none_or(|(best, _)| rank < *best) {
            self.best = Some((rank, routes.to_vec()));
        }
    }
}

/// Every subset of a set, the empty one and itself included.
fn subsets(set: Set) -> impl Iterator<Item = Set> {
    (0..=set).filter(move |subset| subset & !set == 0)
}
