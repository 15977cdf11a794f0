//! One run: a plan, what comes to it, and every answer judged.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rand::RngExt as _;
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;
use swerve_checker::solution::evaluate;
use swerve_model::instance::{Instance, Objective, StaticRoute};
use swerve_optimizer::offline::{Disturbance, Session, Solution};
use swerve_scenario::instance::changes::Changeover;

use super::pace::{Budget, Limited};
use super::row::{Answers, Row, Story};
use super::stability::{self, Disturbed};
use crate::bench::set::Listed;
use crate::bench::words::rounded;
use crate::clock;
use crate::offline;

/// What all runs have in common.
pub(super) struct Setting<'a> {
    pub(super) background: Budget,
    pub(super) moved_limit: Option<u32>,
    /// In units of the file.
    pub(super) moved_price: f64,
    pub(super) interrupted: &'a AtomicBool,
}

/// One run of them.
pub(super) struct Asked<'a> {
    pub(super) entry: &'a Listed,
    /// For each answer.
    pub(super) budget: Budget,
    pub(super) seed: u64,
    /// What makes it again.
    pub(super) command: String,
}

/// Customers that come to a plan of the others.
#[derive(Clone, Copy)]
pub(super) struct Arrivals {
    pub(super) share: f64,
    pub(super) base: Budget,
}

/// A plan being changed, and what came of it so far.
struct Run<'a> {
    setting: &'a Setting<'a>,
    cpu: std::sync::Arc<dyn Fn() -> Duration + Send + Sync>,
    instance: &'a Instance,
    session: Session,
    solution: Solution,
    /// By index: whether the plan has to serve it.
    is_known: Vec<bool>,
    feasible: bool,
    iterations: u64,
    cpu_ms: Vec<f64>,
    disturbed: Vec<Disturbed>,
    setup_cpu_ms: f64,
}

/// A share of the customers, drawn by the seed, is not known at first. The others are planned, then the
/// rest comes one by one.
///
/// # Errors
/// No threads can be started.
pub(super) fn arrivals(
    asked: Asked,
    instance: &Instance,
    arrivals: Arrivals,
    setting: &Setting,
) -> anyhow::Result<Row> {
    let cpu = clock::cpu_stopwatch();
    let coming = coming(instance.tasks.len(), arrivals.share, asked.seed);
    let base = base(instance, &coming, arrivals.base, asked.seed, setting)?;
    let base_cpu_seconds = rounded(cpu().as_secs_f64(), 3);
    let mut run = Run::start(instance, &base, asked.seed, setting);
    let cost_before = run.solution.distance;
    for task in &coming {
        if setting.interrupted.load(Ordering::Relaxed) {
            break;
        }
        run.answer(&[*task], asked.budget);
    }
    let Arrivals { share, base } = arrivals;
    let story = Story::Arrivals { dynamic_share: share, base, base_cpu_seconds };
    Ok(run.finish(asked, story, cost_before, &*cpu))
}

/// All changes come together.
pub(super) fn replay(
    asked: Asked,
    changeover: &Changeover,
    story: Story,
    setting: &Setting,
) -> Row {
    let cpu = clock::cpu_stopwatch();
    let mut run = Run::start(&changeover.instance, &changeover.base, asked.seed, setting);
    let cost_before = run.solution.distance;
    run.answer(&changeover.changed, asked.budget);
    run.finish(asked, story, cost_before, &*cpu)
}

/// Indices of those who come later, in the order they come.
fn coming(tasks: usize, share: f64, seed: u64) -> Vec<u32> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut order: Vec<u32> = (0..tasks as u32).collect();
    for last in (1..order.len()).rev() {
        order.swap(last, rng.random_range(0..=last));
    }
    order.truncate((tasks as f64 * share).round() as usize);
    order
}

/// A plan of all but those.
fn base(
    instance: &Instance,
    without: &[u32],
    budget: Budget,
    seed: u64,
    setting: &Setting,
) -> anyhow::Result<Vec<StaticRoute>> {
    let mut is_known = vec![true; instance.tasks.len()];
    for index in without {
        is_known[*index as usize] = false;
    }
    let known: Vec<u32> =
        (0..is_known.len() as u32).filter(|task| is_known[*task as usize]).collect();
    let tasks = known.iter().map(|index| instance.tasks[*index as usize].clone()).collect();
    let part = Instance { tasks, ..instance.clone() };
    let cpu = clock::cpu_stopwatch();
    let started = Duration::ZERO;
    let pace = Limited { budget, cpu: &*cpu, started, interrupted: setting.interrupted };
    let found = offline::search(&part, Objective::Distance, seed, &[], vec![pace], 1)?;
    let whole = |route: StaticRoute| StaticRoute {
        tasks: route.tasks.iter().map(|index| known[*index as usize]).collect(),
        ..route
    };
    Ok(found.routes.into_iter().map(whole).collect())
}

impl<'a> Run<'a> {
    fn start(
        instance: &'a Instance,
        base: &[StaticRoute],
        seed: u64,
        setting: &'a Setting<'a>,
    ) -> Run<'a> {
        let cpu = clock::cpu_stopwatch();
        let session = Session::new(instance, base, seed).expect("it suits, as was seen");
        let setup_cpu_ms = cpu().as_secs_f64() * 1000.0;
        let mut is_known = vec![false; instance.tasks.len()];
        for task in base.iter().flat_map(|route| &route.tasks) {
            is_known[*task as usize] = true;
        }
        let solution = session.solution();
        let mut run = Run {
            setting,
            cpu,
            instance,
            session,
            solution,
            is_known,
            feasible: true,
            iterations: 0,
            cpu_ms: Vec::new(),
            disturbed: Vec::new(),
            setup_cpu_ms,
        };
        run.judge();
        run
    }

    /// These ask for what the instance says they do.
    fn answer(&mut self, tasks: &[u32], budget: Budget) {
        let started = (self.cpu)();
        for index in tasks {
            self.session.change(*index, &self.instance.tasks[*index as usize]);
        }
        let interrupted = self.setting.interrupted;
        let mut pace = Limited { budget, cpu: &*self.cpu, started, interrupted };
        self.iterations += self.session.improve(&mut pace, self.disturbance());
        self.cpu_ms.push((self.cpu)().saturating_sub(started).as_secs_f64() * 1000.0);
        for index in tasks {
            self.is_known[*index as usize] = true;
        }
        let before = std::mem::replace(&mut self.solution, self.session.solution());
        let tasks = self.instance.tasks.len();
        self.disturbed.push(stability::between(tasks, &before.routes, &self.solution.routes));
        self.judge();
    }

    fn background(&mut self) {
        let (budget, interrupted) = (self.setting.background, self.setting.interrupted);
        if budget.is_nothing() {
            return;
        }
        let started = (self.cpu)();
        let mut pace = Limited { budget, cpu: &*self.cpu, started, interrupted };
        self.session.background(&mut pace, self.disturbance());
        self.solution = self.session.solution();
        self.judge();
    }

    fn disturbance(&self) -> Disturbance {
        Disturbance {
            price: (self.setting.moved_price * self.instance.scale as f64).round() as i64,
            moved_max: self.setting.moved_limit.unwrap_or(u32::MAX),
        }
    }

    /// By the independent checker, and by the limit on who may move.
    fn judge(&mut self) {
        let evaluation = evaluate(self.instance, Objective::Distance, &self.solution.routes);
        let is_unserved = |index: u32| !self.is_known[index as usize];
        self.feasible &= evaluation.breaches.is_empty()
            && evaluation.distance == self.solution.distance
            && evaluation.unserved.iter().all(|index| is_unserved(*index));
        if let (Some(limit), Some(last)) = (self.setting.moved_limit, self.disturbed.last()) {
            self.feasible &= last.moved <= limit as usize;
        }
    }

    fn finish(
        mut self,
        asked: Asked,
        story: Story,
        cost_before: i64,
        cpu: &dyn Fn() -> Duration,
    ) -> Row {
        let Asked { entry, budget, seed, command } = asked;
        let answered = self.solution.distance;
        self.background();
        let unit = |cost: i64| cost as f64 / self.instance.scale as f64;
        let cost = self.solution.distance;
        let is_arrival = matches!(story, Story::Arrivals { .. });
        let known = entry.best_known.filter(|_| self.feasible && is_arrival);
        let gap = |cost: i64| {
            let gap = known?.gap_percent(unit(cost), self.solution.routes.len());
            gap.map(|gap| rounded(gap, 4))
        };
        Row {
            solver: "swerve",
            version: env!("CARGO_PKG_VERSION"),
            threads: 1,
            family: entry.family.clone(),
            instance: entry.name.clone(),
            n: self.instance.tasks.len(),
            seed,
            story,
            budget,
            background: self.setting.background,
            moved_limit: self.setting.moved_limit,
            moved_price: self.setting.moved_price,
            cost_before: unit(cost_before),
            cost_answered: unit(answered),
            cost: unit(cost),
            vehicles: self.solution.routes.len(),
            feasible: self.feasible,
            best_known: known.map(|known| known.cost),
            gap_answered_percent: gap(answered),
            gap_percent: gap(cost),
            delta_percent: rounded(offline::gap_percent(unit(cost), unit(cost_before)), 4),
            answers: self.answers(),
            setup_cpu_ms: rounded(self.setup_cpu_ms, 3),
            cpu_seconds: rounded(cpu().as_secs_f64(), 3),
            interrupted: self.setting.interrupted.load(Ordering::Relaxed),
            command,
        }
    }

    fn answers(&mut self) -> Answers {
        self.cpu_ms.sort_unstable_by(f64::total_cmp);
        let count = self.cpu_ms.len();
        let quantile = |share: f64| {
            let place = ((count as f64 * share).ceil() as usize).clamp(1, count.max(1)) - 1;
            rounded(self.cpu_ms.get(place).copied().unwrap_or(0.0), 3)
        };
        let mean = |sum: usize| rounded(sum as f64 / count.max(1) as f64, 3);
        let moved = || self.disturbed.iter().map(|disturbed| disturbed.moved);
        let routes = || self.disturbed.iter().map(|disturbed| disturbed.routes_changed);
        Answers {
            count,
            iterations: self.iterations,
            cpu_ms_p50: quantile(0.5),
            cpu_ms_p99: quantile(0.99),
            cpu_ms_most: quantile(1.0),
            moved_mean: mean(moved().sum()),
            moved_most: moved().max().unwrap_or(0),
            routes_changed_mean: mean(routes().sum()),
            routes_changed_most: routes().max().unwrap_or(0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_all_comes_each_once_and_by_the_seed() {
        let mut drawn = coming(10, 0.25, 1);
        assert_eq!(drawn, coming(10, 0.25, 1));
        assert_ne!(coming(100, 1.0, 1), coming(100, 1.0, 2));
        drawn.sort_unstable();
        drawn.dedup();
        assert_eq!(drawn.len(), 3);
        assert!(coming(10, 0.0, 1).is_empty());
    }
}
