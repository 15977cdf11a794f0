//! The search for instances with more than a window, a load and a depot.
//!
//! The same ruin and recreate as for plain ones ([`super`]) over routes that are driven anew at every
//! change, with every rule of [`swerve_model::instance`]. Some two to five times slower a round than the
//! plain search, whose plan knows nothing but windows and one load.

mod fleet;
mod gap;
mod insert;
mod memo;
mod model;
mod near;
mod pair;
mod plan;
mod recreate;
mod route;
mod ruin;
mod settle;
#[cfg(test)]
mod tests;
mod toll;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use swerve_model::instance::{Instance, Objective, StaticRoute};

use super::anneal::{HEAT_END, HEAT_START, Meter, power};
use super::numbering::Numbering;
use super::{Pace, Solution, Standing};
use crate::chance::{Blink, exponential, worker_rng};
use insert::{Inserter, Sight};
use model::Model;
use plan::{Change, Plan};
use recreate::{Bar, Measure, recreate};
use route::Route;
use ruin::ruin;
use settle::settle;
use toll::Toll;

/// The chance that a round looks at empty slots as cheaper or dearer than they are, and what by at most:
/// see [`super::recreate`].
const OPENING_CHANCE: f64 = 0.5;
const OPENING_MAX: f64 = 2.0;

/// Vehicles passed over when a route is begun: see [`Sight::kind_skipped`].
const KIND_SKIPPED: f64 = 0.1;

const ROUNDS_PER_LOOK: u64 = 64;

/// Plans `instance` as [`super::solve`] does.
pub(super) fn solve<P: Pace + Send>(
    instance: &Instance,
    objective: Objective,
    seed: u64,
    initial: &[StaticRoute],
    paces: Vec<P>,
) -> Solution {
    let model = Model::new(instance, objective);
    let work = |(worker, mut pace): (usize, P)| {
        let mut rng = worker_rng(seed, worker as u32);
        let mut meter = Meter::new(&mut pace);
        let best = Search::new(&model, &mut rng).run(initial, &mut meter);
        (best, meter.rounds)
    };
    let found: Vec<(Plan, u64)> = paces.into_par_iter().enumerate().map(work).collect();
    let iterations = found.iter().map(|(_, rounds)| rounds).sum();
    let best = found.iter().map(|(plan, _)| plan).min_by_key(|plan| plan.score);
    solution(best.expect("a worker for each of the paces"), &model, iterations)
}

/// What a search keeps between its rounds.
struct Search<'a> {
    model: &'a Model,
    change: Change,
    inserter: Inserter,
    rng: &'a mut ChaCha8Rng,
    /// Cost of a mean leg of the first plan.
    scale: f64,
}

impl<'a> Search<'a> {
    fn new(model: &'a Model, rng: &'a mut ChaCha8Rng) -> Search<'a> {
        let inserter = Inserter::new(model, Blink::new(rng));
        Search { model, change: Change::of(model), inserter, rng, scale: 1.0 }
    }

    fn run(mut self, initial: &[StaticRoute], meter: &mut Meter<impl Pace>) -> Plan {
        let mut plan = self.first_plan(initial);
        self.scale = mean_leg(&plan, self.model);
        meter.note(plan.score);
        if self.model.orders.is_empty() {
            return plan;
        }
        if self.model.counts_vehicles {
            plan = self.with_fewer_vehicles(plan, meter);
        }
        self.cool(plan, meter)
    }

    /// What begins routes by order, what `initial` does as far as it is in order, and places for the rest.
    fn first_plan(&mut self, initial: &[StaticRoute]) -> Plan {
        let model = self.model;
        let mut plan = Plan::empty(model);
        self.change.begin(&plan);
        let numbers = Numbering::inverse(&model.index);
        for route in initial {
            let known =
                route.tasks.iter().filter_map(|index| numbers.get(*index as usize).copied());
            self.take_over(&mut plan, route.kind, known.collect());
        }
        for kind in 0..model.kinds.len() as u32 {
            if let Some(whole) = self.begun(&plan, kind) {
                self.take_over(&mut plan, kind, whole);
            }
        }
        plan.forget_served(model);
        let sight = Sight { all: model.orders.len() <= 1_000, ..Sight::plain(u32::MAX) };
        recreate(
            &mut plan,
            &mut self.change,
            model,
            &mut self.inserter,
            sight,
            &Bar::NONE,
            self.rng,
        );
        debug_assert!(!self.change.is_broken, "only what fits is put in");
        plan
    }

    /// The stops of a kind that begins its route by order, with what has to be on it then: the deliveries
    /// of what is picked up, and the breaks.
    fn begun(&mut self, plan: &Plan, kind: u32) -> Option<Vec<u32>> {
        let model = self.model;
        let of = &model.kinds[kind as usize];
        let slot = plan.empty[kind as usize].last().copied()?;
        let partner = |stop: &u32| model.tasks[*stop as usize].partner;
        let is_missing = |task: &u32| *task != model::NONE && !of.locked.contains(task);
        let missing: Vec<u32> = of.locked.iter().map(partner).filter(is_missing).collect();
        let rests = of.breaks.iter().copied().filter(is_missing);
        let all: Vec<u32> = missing.into_iter().chain(rests).collect();
        let is_ordered = |stops: &[u32]| stops.starts_with(&of.locked) && !of.locked.is_empty();
        // Which of them comes first can decide whether all of them fit.
        [all.clone(), all.into_iter().rev().collect()].into_iter().find_map(|rest| {
            let mut whole = of.locked.clone();
            for task in rest {
                let route = &plan.routes[slot as usize];
                self.inserter.with_one_more(model, route, &mut whole, task)?;
            }
            is_ordered(&whole).then_some(whole)
        })
    }

    /// A whole route for a free slot of its kind, unless it breaks a rule or does what is done already.
    fn take_over(&mut self, plan: &mut Plan, kind: u32, stops: Vec<u32>) {
        let model = self.model;
        let free = plan.empty.get(kind as usize).and_then(|slots| slots.last().copied());
        let is_absent = |stop: &u32| {
            let task = &model.tasks[*stop as usize];
            let order = (task.order != model::NONE).then(|| &model.orders[task.order as usize]);
            let mut ways = order.into_iter().flat_map(|order| &order.ways);
            plan.places[*stop as usize].slot == model::NONE
                && ways.all(|way| plan.places[way.first as usize].slot == model::NONE)
        };
        if let Some(slot) = free
            && stops.iter().all(is_absent)
            && is_whole(model, kind, &stops)
            && self
                .inserter
                .tried(model, &plan.routes[slot as usize], |s| s.clone_from(&stops))
                .is_some()
        {
            self.change.set(plan, model, slot, |old| *old = stops);
        }
    }

    /// Searches on from `plan`, from hot to cold; the best plan seen.
    fn cool(&mut self, mut plan: Plan, meter: &mut Meter<impl Pace>) -> Plan {
        let first_used = meter.used;
        let mut best = plan.clone();
        // The plan is the best seen, and has not been copied yet.
        let mut is_best = false;
        let mut heat = self.scale * HEAT_START;
        let is_tight = self.model.counts_vehicles;
        let mut toll = is_tight.then(|| Toll::new(self.scale, self.model.orders.len()));
        while !meter.is_over() {
            if meter.rounds.is_multiple_of(ROUNDS_PER_LOOK) {
                let done = (meter.used - first_used) / (1.0 - first_used).max(1e-9);
                heat = self.scale * HEAT_START * power(HEAT_END / HEAT_START, done.max(0.0));
                if let Some(toll) = &mut toll {
                    toll.adapt(done);
                }
            }
            meter.count_round();
            let measure = toll.as_ref().map_or(Measure::Exact, Toll::measure);
            if !self.round(&mut plan, heat, measure, best.used) {
                self.change.take_back(&mut plan);
            } else if plan.score < best.score {
                (best.score, best.used) = (plan.score, plan.used);
                is_best = true;
                meter.note(plan.score);
            } else if plan.score > best.score && is_best {
                best.clone_from(&plan);
                self.change.take_back(&mut best);
                is_best = false;
            }
            let is_incomplete = plan.score.absent > best.score.absent;
            if toll.as_mut().is_some_and(|toll| toll.is_stuck_after(is_incomplete)) {
                // An incomplete plan is not the best: that has been copied.
                plan.clone_from(&best);
            }
        }
        if is_best { plan } else { best }
    }

    /// One ruin and recreate, with at most `used` vehicles where they count; whether its result may be
    /// kept.
    fn round(&mut self, plan: &mut Plan, heat: f64, measure: Measure, used: u32) -> bool {
        let before = measure.of(plan.score);
        let limit =
            Standing { cost: before.cost + (heat * exponential(self.rng)) as i64, ..before };
        self.change.begin(plan);
        let seed = self.rng.random_range(0..self.model.tasks.len() as u32);
        ruin(plan, &mut self.change, self.model, seed, self.rng);
        let is_off = self.rng.random_bool(OPENING_CHANCE);
        let opening = if is_off { self.rng.random_range(0.0..OPENING_MAX) } else { 1.0 };
        let vehicles_max = if self.model.counts_vehicles { used } else { u32::MAX };
        let sight = Sight { opening, kind_skipped: KIND_SKIPPED, ..Sight::plain(vehicles_max) };
        let bar = Bar { standing: limit, measure, ..Bar::NONE };
        let (change, inserter) = (&mut self.change, &mut self.inserter);
        let is_whole = !change.is_broken
            && recreate(plan, change, self.model, inserter, sight, &bar, self.rng);
        if !is_whole {
            return false;
        }
        settle(plan, change, self.model, inserter);
        !change.is_broken && measure.of(plan.score) <= limit
    }
}

/// Every pair of it has both, in order, every task may be done by that kind, and it has its breaks.
fn is_whole(model: &Model, kind: u32, stops: &[u32]) -> bool {
    let place = |task: u32| stops.iter().position(|stop| *stop == task);
    let of = &model.kinds[kind as usize];
    stops.starts_with(&of.locked)
        && of.breaks.iter().all(|rest| stops.contains(rest))
        && stops.iter().enumerate().all(|(index, stop)| {
            let partner = model.tasks[*stop as usize].partner;
            let order = model.tasks[*stop as usize].order;
            let is_pickup = order != model::NONE
                && model.orders[order as usize].ways.iter().any(|way| way.first == *stop);
            let pairs = partner == model::NONE
                || place(partner).is_some_and(|other| (other > index) == is_pickup);
            pairs && model.may(*stop, kind) && place(*stop) == Some(index)
        })
}

fn mean_leg(plan: &Plan, model: &Model) -> f64 {
    let fixed = |route: &Route| {
        if route.stops.is_empty() { 0 } else { model.kinds[route.kind as usize].prices.fixed }
    };
    let driven: i64 = plan.routes.iter().map(|route| route.cost - fixed(route)).sum();
    (driven as f64 / f64::from(plan.visits + plan.used).max(1.0)).max(1.0)
}

fn solution(plan: &Plan, model: &Model, iterations: u64) -> Solution {
    let index = |task: &u32| model.index[*task as usize];
    let is_used = |route: &&Route| !route.stops.is_empty();
    let used = || plan.routes.iter().filter(is_used);
    let route = |route: &Route| StaticRoute {
        kind: route.kind,
        tasks: route.stops.iter().map(index).collect(),
    };
    let mut routes: Vec<StaticRoute> = used().map(route).collect();
    routes.sort_unstable();
    let first = |order: &u32| index(&model.orders[*order as usize].ways[0].first);
    let mut unserved: Vec<u32> = plan.absent.iter().map(first).collect();
    unserved.sort_unstable();
    Solution {
        routes,
        unserved,
        distance: used().map(|route| route.distance).sum(),
        cost: plan.score.cost,
        iterations,
    }
}
