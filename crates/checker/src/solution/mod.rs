//! Judging a solution of a static instance from the definitions: every rule, every route, from nothing.
//!
//! What a route means is said in [`swerve_model::instance`]. This is that text as a program, in the
//! plainest way: [`timetable`] drives, [`loads`] counts what is aboard, [`orders`] sees to what belongs
//! together, [`costs`] adds up. Nothing is remembered from one solution to the next.
//!
//! [`exhaustive`] tries every solution of a tiny instance, and knows what is allowed and what it costs
//! from this judge alone.

mod breach;
mod costs;
mod exhaustive;
mod loads;
mod orders;
mod route;
#[cfg(test)]
mod tests;
mod timetable;

use swerve_model::instance::{Absence, Instance, Objective, Role, StaticRoute};

pub use breach::{Breach, Limited};
pub use exhaustive::{Best, TASKS_MAX, TooLarge, exhaustive};
pub use timetable::{Timetable, Visit};

use costs::Cost;
use orders::Orders;
use route::judge_route;

/// What a solution costs, and every rule it breaks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evaluation {
    /// Sum over all routes, in the instance's units.
    pub distance: i64,
    /// Routes with a visit.
    pub vehicles: usize,
    /// Under [`Objective::Distance`] and [`Objective::Vehicles`] the distance, under
    /// [`Objective::Cost`] what vehicles are paid; and under each, what soft windows and absences cost.
    /// Whatever does not fit is [`i64::MAX`], which takes a solution that breaks rules.
    pub cost: i64,
    /// Orders that are not served, by the index of their first task, in ascending order: a pair by its
    /// pickup, a choice by the first of its tasks. Neither breaks nor reloads.
    pub unserved: Vec<u32>,
    /// Sum of the weights of what is not served; what may be left out at a price weighs nothing.
    pub weight_unserved: i64,
    /// By route, then those of the fleet, then those of the orders.
    pub breaches: Vec<Breach>,
    /// One for each route that was given; empty where nothing is driven.
    pub timetables: Vec<Timetable>,
}

/// By which of two solutions that keep all rules the better one has the lower rank.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rank {
    pub weight_unserved: i64,
    /// None unless they are the objective.
    pub vehicles: usize,
    pub cost: i64,
}

impl Evaluation {
    /// The objective has to be the one that it was evaluated under.
    pub fn rank(&self, objective: Objective) -> Rank {
        let vehicles = if objective == Objective::Vehicles { self.vehicles } else { 0 };
        Rank { weight_unserved: self.weight_unserved, vehicles, cost: self.cost }
    }
}

/// Drives every route and counts what it finds.
///
/// Routes may be anything; the instance must have no [`Instance::faults`]. A route without tasks uses no
/// vehicle and costs nothing. A task that is reached too late begins at once, and the route goes on.
///
/// O(tasks), times a logarithm for the departures and the number of speed slices.
pub fn evaluate(instance: &Instance, objective: Objective, routes: &[StaticRoute]) -> Evaluation {
    let orders = Orders::new(instance);
    let mut evaluation = Evaluation::default();
    let mut cost = Cost::default();
    for (number, route) in routes.iter().enumerate() {
        let judged = judge_route(instance, &orders, number, route);
        evaluation.distance += judged.timetable.distance;
        cost += Cost::of_route(instance, objective, route, &judged.timetable);
        evaluation.breaches.extend(judged.breaches);
        evaluation.timetables.push(judged.timetable);
    }
    let together = judge_together(instance, &orders, routes);
    evaluation.vehicles = together.vehicles;
    evaluation.cost = (cost + together.absences).sum();
    evaluation.unserved = together.unserved;
    evaluation.weight_unserved = together.weight_unserved;
    evaluation.breaches.extend(together.breaches);
    evaluation
}

/// What only all routes together tell.
#[derive(Clone, Debug, Default)]
struct Together {
    vehicles: usize,
    unserved: Vec<u32>,
    weight_unserved: i64,
    absences: Cost,
    breaches: Vec<Breach>,
}

fn judge_together(instance: &Instance, orders: &Orders, routes: &[StaticRoute]) -> Together {
    let vehicles = routes.iter().filter(|route| has_visit(instance, route)).count();
    let mut breaches = fleet_breaches(instance, routes);
    breaches.extend(orders.breaches(instance, routes));
    let unserved = orders.unserved(instance, routes);
    let (mut weight_unserved, mut absences) = (0, Cost::default());
    for first in &unserved {
        match instance.tasks[*first as usize].absence {
            Absence::Weight(weight) => weight_unserved += i64::from(weight),
            Absence::Price(price) => absences += Cost::from(price),
        }
    }
    Together { vehicles, unserved, weight_unserved, absences, breaches }
}

/// Whether it uses a vehicle.
fn has_visit(instance: &Instance, route: &StaticRoute) -> bool {
    let mut tasks = route.tasks.iter().filter_map(|index| instance.tasks.get(*index as usize));
    tasks.any(|task| task.role == Role::Visit)
}

fn fleet_breaches(instance: &Instance, routes: &[StaticRoute]) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for (kind, vehicle) in instance.fleet.iter().enumerate() {
        let of_kind = routes.iter().filter(|route| route.kind as usize == kind);
        let used = of_kind.filter(|route| has_visit(instance, route)).count();
        let (number, count) = (vehicle.number, vehicle.count);
        if used > count as usize {
            breaches.push(Breach::TooManyVehicles { vehicle: number, used, count });
        }
        if used == 0 && !vehicle.locked.is_empty() {
            breaches.push(Breach::LockedUnused { vehicle: number, count: vehicle.locked.len() });
        }
    }
    breaches
}
