//! Planning a static instance: nothing on the road yet, everything free to move.
//!
//! Ruin and recreate over the whole plan, from nothing. What distinguishes it from the search that
//! improves a live plan ([`crate::improve`]) is what it need not know: no clock has fixed a departure,
//! nobody was told anything, and every route may become any other. So a plan is linked tasks in a dense
//! model, a round hardly costs more on a larger instance, and there are some hundred thousand in a second.
//! After each a few exchanges between two routes are tried, for what rounds are slow to find.

mod anneal;
mod elite;
mod exchange;
mod gap;
mod groups;
mod model;
mod near;
mod numbering;
mod plan;
mod recreate;
mod region;
mod rich;
mod ruin;
mod session;
#[cfg(test)]
mod tests;

use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use swerve_model::instance::{
    Absence, Instance, Limits, Objective, Role, StaticRoute, StaticTask, VehiclePrices, VehicleType,
};

use crate::chance::worker_rng;
use anneal::{Annealer, Meter};
use model::{Leg, Model, Needs, OneLeg, TimelessLeg, TwoLeg};
use numbering::Numbering;
use plan::{Change, Plan};
use recreate::Recreate;
pub use session::{Disturbance, Session};

/// How far the search is, as its caller sees it: by iterations, or by a clock that only the caller reads.
pub trait Pace {
    /// Share of the budget used after so many iterations; with 1 or more the search ends. Asked now and
    /// then. A plan depends on the answers alone, so answers that follow from the iterations alone make
    /// it the same on every machine.
    fn used(&mut self, iterations: u64) -> f64;

    /// Never more iterations than this.
    fn iterations_max(&self) -> u64 {
        u64::MAX
    }

    /// A plan better than all before was found after so many iterations.
    fn improved(&mut self, iterations: u64, standing: Standing);
}

/// What a plan is judged by, the first first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Standing {
    /// Weight of what is left out: [`swerve_model::instance::Absence`].
    pub absent: i64,
    /// 0 where their number is not what counts.
    pub vehicles: i64,
    /// In the unit of the objective.
    pub cost: i64,
}

/// A pace of so many iterations, and no more.
#[derive(Clone, Copy, Debug)]
pub struct Iterations(pub u64);

impl Pace for Iterations {
    fn used(&mut self, iterations: u64) -> f64 {
        if iterations >= self.0 { 1.0 } else { iterations as f64 / self.0 as f64 }
    }

    fn iterations_max(&self) -> u64 {
        self.0
    }

    fn improved(&mut self, _iterations: u64, _standing: Standing) {}
}

/// What a search found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Solution {
    /// Those with tasks, in a canonical order: by vehicle type, then first task.
    pub routes: Vec<StaticRoute>,
    /// Tasks no route serves, by index; a pair by its pickup, a choice by its first.
    pub unserved: Vec<u32>,
    /// Sum of all legs, in the instance's units.
    pub distance: i64,
    /// What the objective adds up, after what is left out and the number of vehicles.
    pub cost: i64,
    /// Of all workers together.
    pub iterations: u64,
}

/// Plans `instance`, which must be without faults, from `initial` where that is given and in order: one
/// logical worker for each pace. Where the budget is worth several plans each searches by itself and the
/// best wins; else they search one plan together, each at routes of its own.
/// Leaving out less comes first, then what `objective` says.
///
/// With paces that follow from iterations alone the result depends on the arguments alone, never on how
/// many threads ran the workers: ties go to the lowest.
///
/// # Panics
/// Without any pace.
pub fn solve<P: Pace + Send>(
    instance: &Instance,
    objective: Objective,
    seed: u64,
    initial: &[StaticRoute],
    paces: Vec<P>,
) -> Solution {
    if !is_plain(instance, objective) {
        return rich::solve(instance, objective, seed, initial, paces);
    }
    match Needs::of(instance) {
        Needs::Timeless => solve_with::<TimelessLeg, P>(instance, seed, initial, paces),
        Needs::One => solve_with::<OneLeg, P>(instance, seed, initial, paces),
        Needs::Two => solve_with::<TwoLeg, P>(instance, seed, initial, paces),
    }
}

/// Whether windows, one load and the way are all there is to it.
fn is_plain(instance: &Instance, objective: Objective) -> bool {
    let is_plain_task = |task: &StaticTask| {
        task.role == Role::Visit
            && task.setup == 0
            && task.windows.len() == 1
            && task.soft.is_none()
            && task.pickup.iter().all(|load| *load == 0)
            && task.skills.is_empty()
            && task.only.is_none()
            && task.absence == Absence::Weight(1)
    };
    let way = VehiclePrices { distance: 1, ..VehiclePrices::default() };
    let is_plain_vehicle = |vehicle: &VehicleType| {
        vehicle.start.is_some()
            && vehicle.end.is_some()
            && vehicle.profile == 0
            && vehicle.limits == Limits::default()
            && vehicle.locked.is_empty()
            && (objective == Objective::Distance || vehicle.prices == way)
    };
    objective != Objective::Vehicles
        && instance.dimensions() <= 1
        && instance.pairs.is_empty()
        && instance.choices.is_empty()
        && instance.travel[0].slices().is_empty()
        && instance.tasks.iter().all(is_plain_task)
        && instance.fleet.iter().all(is_plain_vehicle)
}

/// What a plan's cost counts for a task it leaves out: more than any plan costs that serves all, so that
/// serving one more always comes first.
fn absence(instance: &Instance) -> i64 {
    let longest = instance.travel[0].distances().iter().max();
    // At worst every task has a route of two legs.
    2 * instance.tasks.len() as i64 * longest.copied().map_or(0, i64::from) + 1
}

fn solve_with<L: Leg, P: Pace + Send>(
    instance: &Instance,
    seed: u64,
    initial: &[StaticRoute],
    paces: Vec<P>,
) -> Solution {
    let model = Model::<L>::new(instance, absence(instance));
    let mut paces = paces;
    if paces.len() > 1 && !model.tasks.is_empty() {
        let mut meters: Vec<Meter<P>> = paces.iter_mut().map(Meter::new).collect();
        let mut rng = worker_rng(seed, 0);
        let plan = first_plan(&model, initial, &mut rng);
        let mut annealer = Annealer::new(&plan, &model, &mut rng);
        if let Some(rounds) = elite::rounds_for_one(&plan, &mut annealer, &mut meters[0]) {
            let scale = annealer.scale;
            let best = groups::cool(plan, &model, scale, seed, rounds, &mut meters);
            let rounds = meters.iter().map(|meter| meter.rounds).sum();
            return Solution::of(&best, &model, rounds);
        }
    }
    let work = |(worker, mut pace): (usize, P)| {
        let mut rng = worker_rng(seed, worker as u32);
        let plan = first_plan(&model, initial, &mut rng);
        let mut meter = Meter::new(&mut pace);
        let mut annealer = Annealer::new(&plan, &model, &mut rng);
        let best = elite::search(plan, &mut annealer, &mut meter);
        (best, meter.rounds)
    };
    let found: Vec<(Plan, u64)> = paces.into_par_iter().enumerate().map(work).collect();
    let iterations = found.iter().map(|(_, rounds)| rounds).sum();
    let best = found.iter().map(|(plan, _)| plan).min_by_key(|plan| plan.cost);
    // Of several equal ones that is the first.
    Solution::of(best.expect("a worker for each of the paces"), &model, iterations)
}

/// What `initial` serves, as far as each next task still fits at the end of its route; places for the
/// rest.
fn first_plan<L: Leg>(model: &Model<L>, initial: &[StaticRoute], rng: &mut ChaCha8Rng) -> Plan {
    let numbers = Numbering::inverse(&model.index);
    let mut plan = Plan::empty(model);
    let mut change = Change::of(model);
    change.begin(&plan);
    for route in initial {
        let known = route.tasks.iter().filter_map(|index| numbers.get(*index as usize).copied());
        let tasks: Vec<u32> = known.collect();
        change.append_route(&mut plan, model, route.kind, &tasks);
    }
    plan.forget_served();
    Recreate::new(rng).run(&mut plan, &mut change, model, i64::MAX, rng);
    plan
}

impl Solution {
    fn of<L: Leg>(plan: &Plan, model: &Model<L>, iterations: u64) -> Solution {
        let index = |task: u32| model.index[task as usize];
        let route = |slot: usize| StaticRoute {
            kind: model.slots[slot],
            tasks: plan.tasks(slot as u32, model).map(index).collect(),
        };
        let mut routes: Vec<StaticRoute> = (0..model.slots.len()).map(route).collect();
        routes.retain(|route| !route.tasks.is_empty());
        routes.sort_unstable();
        let mut unserved: Vec<u32> = plan.absent.iter().map(|task| index(*task)).collect();
        unserved.sort_unstable();
        let distance = plan.cost - model.absence * unserved.len() as i64;
        Solution { routes, unserved, distance, cost: distance, iterations }
    }
}
