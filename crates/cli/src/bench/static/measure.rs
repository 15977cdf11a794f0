//! One run: an instance read, planned under a budget, judged, and what it came to.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use swerve_checker::solution::evaluate;
use swerve_model::instance::Objective;
use swerve_optimizer::offline::{Pace, Standing};
use swerve_scenario::instance::Assumed;

use super::command;
use super::curve::Curve;
use super::row::{Budget, Row};
use crate::bench::set::Listed;
use crate::bench::words::rounded;
use crate::clock;
use crate::offline;

/// What all runs have in common.
#[derive(Debug)]
pub(super) struct Setting<'a> {
    pub(super) threads: usize,
    pub(super) workers: usize,
    /// Given as an option: a command that makes a row again needs it too.
    pub(super) datasets: Option<&'a str>,
    pub(super) interrupted: &'a AtomicBool,
}

/// # Errors
/// The file cannot be read any more, or no threads can be started.
pub(super) fn measure(
    listed: &Listed,
    seed: u64,
    budget: Budget,
    setting: &Setting,
) -> anyhow::Result<Row> {
    let (cpu, wall) = (clock::cpu_stopwatch(), clock::stopwatch());
    let instance = offline::read(&listed.path, Assumed::default())?.instance;
    let started = cpu();
    let objective = listed.objective;
    let curve = Mutex::new(Curve::default());
    let pace = |_| Measured { cpu: &*cpu, started, budget, setting, curve: &curve };
    let paces = (0..setting.workers).map(pace).collect();
    let found = offline::search(&instance, objective, seed, &[], paces, setting.threads)?;
    let (cpu, wall) = (cpu().as_secs_f64(), wall().as_secs_f64());
    let evaluation = evaluate(&instance, objective, &found.routes);
    let scale = offline::cost_scale(&instance, objective) as f64;
    let unit = |cost: i64| cost as f64 / scale;
    let cost = unit(evaluation.cost);
    let feasible = evaluation.breaches.is_empty() && evaluation.unserved.is_empty();
    let known = listed.best_known.filter(|_| feasible);
    let curve = curve.into_inner().unwrap_or_else(PoisonError::into_inner);
    let point = |(seconds, cost): (f64, i64)| (rounded(seconds, 4), unit(cost));
    Ok(Row {
        solver: "swerve",
        version: env!("CARGO_PKG_VERSION"),
        family: listed.family.clone(),
        instance: listed.name.clone(),
        n: listed.tasks,
        objective: name(objective),
        threads: setting.threads,
        workers: setting.workers,
        seed,
        budget,
        cpu_seconds: rounded(cpu, 3),
        wall_seconds: rounded(wall, 3),
        iterations: found.iterations,
        iterations_per_cpu_second: (found.iterations as f64 / cpu.max(1e-6)).round(),
        cost,
        vehicles: evaluation.vehicles,
        unserved: evaluation.unserved.len(),
        feasible,
        best_known: listed.best_known.map(|known| known.cost),
        gap_percent: known
            .and_then(|known| known.gap_percent(cost, evaluation.vehicles))
            .map(|gap| rounded(gap, 4)),
        interrupted: setting.interrupted.load(Ordering::Relaxed),
        curve: curve.points().map(point).collect(),
        command: command::of_row(listed, seed, budget, setting),
    })
}

fn name(objective: Objective) -> &'static str {
    match objective {
        Objective::Distance => "distance",
        Objective::Vehicles => "vehicles",
        Objective::Cost => "cost",
    }
}

/// The pace of one worker of a run.
struct Measured<'a> {
    /// CPU time of the run so far, of all threads.
    cpu: &'a (dyn Fn() -> Duration + Send + Sync),
    /// When the search began: reading counts against the budget, but not as search.
    started: Duration,
    budget: Budget,
    setting: &'a Setting<'a>,
    curve: &'a Mutex<Curve>,
}

impl Pace for Measured<'_> {
    fn used(&mut self, iterations: u64) -> f64 {
        if self.setting.interrupted.load(Ordering::Relaxed) {
            return 1.0;
        }
        match self.budget {
            Budget::CpuSeconds(seconds) => {
                let limit = Duration::from_secs_f64(seconds * self.setting.threads as f64);
                let span = limit.saturating_sub(self.started).as_secs_f64();
                (self.cpu)().saturating_sub(self.started).as_secs_f64() / span.max(1e-9)
            }
            Budget::Iterations(limit) => iterations as f64 / limit.max(1) as f64,
        }
    }

    fn iterations_max(&self) -> u64 {
        match self.budget {
            Budget::CpuSeconds(_) => u64::MAX,
            Budget::Iterations(limit) => limit,
        }
    }

    fn improved(&mut self, _iterations: u64, standing: Standing) {
        let seconds = (self.cpu)().as_secs_f64();
        self.curve.lock().unwrap_or_else(PoisonError::into_inner).note(seconds, standing);
    }
}
