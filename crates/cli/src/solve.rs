//! `swerve solve`: plans a static instance, as benchmarks have them.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use clap::ValueEnum;
use indicatif::ProgressBar;
use serde::Serialize;
use swerve_checker::solution::evaluate;
use swerve_model::instance::{self, Instance, StaticRoute};
use swerve_optimizer::offline::{Pace, Standing};
use swerve_scenario::instance::solution;

use crate::args;
use crate::clock;
use crate::exit::{Exit, Failure, OrExit as _};
use crate::files;
use crate::interrupt;
use crate::offline;
use crate::output::{Output, Table};

/// Seconds of search if neither a time limit nor iterations are given.
const SECONDS_DEFAULT: f64 = 10.0;

#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
The format is recognised from the content: Solomon's (also Gehring and Homberger's) with the distances
of the DIMACS challenge of 2022 (Euclidean, cut after one decimal), or VRPLIB (EUC_2D, CEIL_2D, FLOOR_2D,
or an EXPLICIT FULL_MATRIX, which may be asymmetric; TIME_WINDOW_SECTION and SERVICE_TIME_SECTION as in
EURO-NeurIPS 2022). The number of vehicles is free.

With --iterations the same seed and workers give the same solution on every machine, at any number of
threads. With --time-limit it depends on how far the machine comes. Ctrl-C ends the
search with the best found so far, and exit code 130.

The solution is judged by the independent checker before it is printed or written.")]
pub(crate) struct Args {
    /// The instance
    #[arg(value_name = "INSTANCE")]
    file: PathBuf,
    /// Stop after so many seconds, reading included [default: 10, unless --iterations is given]
    #[arg(long, value_name = "SECONDS", value_parser = args::seconds)]
    time_limit: Option<f64>,
    /// Stop after so many iterations
    #[arg(long, value_name = "N", value_parser = args::whole::<u64>)]
    iterations: Option<u64>,
    /// Equal seeds search alike
    #[arg(long, default_value = "1", value_parser = args::whole::<u64>)]
    seed: u64,
    /// Cores to use
    #[arg(long, value_name = "N", default_value = "1", value_parser = args::threads)]
    threads: usize,
    /// Independent searches, each of so many iterations; the best wins [default: 1 with --iterations,
    /// else as many as threads]
    #[arg(long, value_name = "N", value_parser = args::threads)]
    workers: Option<usize>,
    /// What comes first
    #[arg(long, value_enum, default_value_t = Objective::Distance)]
    objective: Objective,
    /// Write the solution here: `Route #1: 3 4 5` a line
    #[arg(long, value_name = "OUT.SOL")]
    solution: Option<PathBuf>,
    /// Start from this solution
    #[arg(long, value_name = "IN.SOL")]
    initial: Option<PathBuf>,
    /// Best known cost, to tell the gap to it
    #[arg(long, value_name = "COST")]
    best_known: Option<f64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
enum Objective {
    /// The least distance, with as many vehicles as that takes
    Distance,
}

/// The document that `solve -o json` prints.
#[derive(Debug, Serialize)]
struct Report {
    instance: String,
    tasks: usize,
    /// Tasks that the vehicles there are cannot take, by number.
    unserved: Vec<u32>,
    objective: Objective,
    seed: u64,
    /// In units of the file.
    cost: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    gap_percent: Option<f64>,
    vehicles: usize,
    iterations: u64,
    seconds: f64,
    interrupted: bool,
    /// By task number, in order.
    routes: solution::Routes,
}

pub(crate) fn run(args: &Args, output: &Output) -> anyhow::Result<ExitCode> {
    let elapsed = clock::stopwatch();
    let instance = offline::read(&args.file)?;
    let initial = match &args.initial {
        Some(path) => read_initial(path, &instance)?,
        None => Vec::new(),
    };
    let interrupted = interrupt::watched();
    let limit = match (args.time_limit, args.iterations) {
        (None, None) => Some(SECONDS_DEFAULT),
        (limit, _) => limit,
    };
    let bar = output.progress(1000, &instance.name);
    let best = AtomicI64::new(i64::MAX);
    let started = elapsed();
    let pace = |worker: usize| Clocked {
        elapsed: &*elapsed,
        started,
        limit: limit.map(Duration::from_secs_f64),
        iterations: args.iterations,
        interrupted: &interrupted,
        shown: 0,
        best: &best,
        bar: (worker == 0).then_some(&bar),
        instance: &instance,
        best_known: args.best_known,
    };
    let workers = args.workers.unwrap_or(if limit.is_some() { args.threads } else { 1 });
    let paces = (0..workers).map(pace).collect();
    let objective = instance::Objective::Distance;
    let found = offline::search(&instance, objective, args.seed, &initial, paces, args.threads)?;
    bar.finish_and_clear();
    let evaluation = offline::judge(&instance, objective, &found)?;
    let cost = evaluation.distance as f64 / instance.scale as f64;
    let number = |index: &u32| instance.tasks[*index as usize].number;
    let numbers = |route: &StaticRoute| route.tasks.iter().map(number).collect();
    let report = Report {
        instance: instance.name.clone(),
        tasks: instance.tasks.len(),
        unserved: found.unserved.iter().map(number).collect(),
        objective: args.objective,
        seed: args.seed,
        cost,
        gap_percent: args.best_known.map(|best| offline::gap_percent(cost, best)),
        vehicles: evaluation.vehicles,
        iterations: found.iterations,
        seconds: elapsed().as_secs_f64(),
        interrupted: interrupted.load(Ordering::Relaxed),
        routes: found.routes.iter().map(numbers).collect(),
    };
    if let Some(path) = &args.solution {
        let text = solution::write(&report.routes, cost);
        files::write_whole(path, |writer| Ok(std::io::Write::write_all(writer, text.as_bytes())?))?;
    }
    output.emit(&report, || report.table())?;
    Ok(if report.interrupted {
        Exit::Interrupted.into()
    } else if report.unserved.is_empty() {
        ExitCode::SUCCESS
    } else {
        Exit::Unserved.into()
    })
}

/// A solution of this instance, in indices; its first faults are told at once.
fn read_initial(path: &Path, instance: &Instance) -> anyhow::Result<Vec<StaticRoute>> {
    let text = files::read_text(path)?;
    let routes = solution::read(&text).or_exit(Exit::Invalid, || path.display().to_string())?;
    let index = |number: &u32| {
        let found = instance.tasks.iter().position(|task| task.number == *number);
        found.map(|index| index as u32).ok_or(*number)
    };
    let mut unknown = Vec::new();
    let mut known = |number: &u32| index(number).map_err(|number| unknown.push(number)).ok();
    let routes: Vec<StaticRoute> = routes
        .iter()
        .map(|route| StaticRoute { kind: 0, tasks: route.iter().filter_map(&mut known).collect() })
        .collect();
    if !unknown.is_empty() {
        let what = format!("{}: there are no customers {unknown:?}", path.display());
        return Err(Failure::new(Exit::Invalid, what).into());
    }
    if let Some(faults) =
        offline::faults(&evaluate(instance, instance::Objective::Distance, &routes))
    {
        let what = format!("{}: {faults}", path.display());
        return Err(Failure::new(Exit::Invalid, what).into());
    }
    Ok(routes)
}

/// The pace of a search under a time limit, an iteration limit, or both; draws its progress.
struct Clocked<'a> {
    elapsed: &'a (dyn Fn() -> Duration + Send + Sync),
    /// When the search began: reading counts against the limit, but not as search.
    started: Duration,
    limit: Option<Duration>,
    iterations: Option<u64>,
    interrupted: &'a AtomicBool,
    /// Thousandths last drawn.
    shown: u64,
    /// Of all workers.
    best: &'a AtomicI64,
    /// Drawn by one worker.
    bar: Option<&'a ProgressBar>,
    instance: &'a Instance,
    best_known: Option<f64>,
}

impl Pace for Clocked<'_> {
    fn used(&mut self, iterations: u64) -> f64 {
        if self.interrupted.load(Ordering::Relaxed) {
            return 1.0;
        }
        let by_clock = self.limit.map_or(0.0, |limit| {
            let span = limit.saturating_sub(self.started).as_secs_f64();
            (self.elapsed)().saturating_sub(self.started).as_secs_f64() / span.max(1e-9)
        });
        let by_count = self.iterations.map_or(0.0, |limit| iterations as f64 / limit.max(1) as f64);
        let used = by_clock.max(by_count);
        self.draw((used * 1000.0) as u64, iterations);
        used
    }

    fn iterations_max(&self) -> u64 {
        self.iterations.unwrap_or(u64::MAX)
    }

    fn improved(&mut self, _iterations: u64, standing: Standing) {
        self.best.fetch_min(standing.cost, Ordering::Relaxed);
    }
}

impl Clocked<'_> {
    fn draw(&mut self, thousandths: u64, iterations: u64) {
        let Some(bar) = self.bar.filter(|bar| !bar.is_hidden()) else { return };
        if thousandths == self.shown {
            return;
        }
        self.shown = thousandths;
        bar.set_position(thousandths.min(1000));
        let cost = self.best.load(Ordering::Relaxed) as f64 / self.instance.scale as f64;
        let gap =
            self.best_known.map(|best| format!(", gap {:.2} %", offline::gap_percent(cost, best)));
        let gap = gap.unwrap_or_default();
        let seconds = (self.elapsed)().saturating_sub(self.started).as_secs_f64();
        let rate = iterations as f64 / seconds.max(1e-9) / 1000.0;
        let name = &self.instance.name;
        bar.set_message(format!("{name}: {cost}{gap}, {rate:.0}k iterations/s a worker"));
    }
}

impl Report {
    fn table(&self) -> Table {
        let mut table = Table::pairs();
        table
            .pair("instance", &self.instance)
            .pair("tasks", self.tasks)
            .pair("cost", self.cost)
            .pair("vehicles", self.vehicles);
        if let Some(gap) = self.gap_percent {
            table.pair("gap to best known", format!("{gap:.3} %"));
        }
        if !self.unserved.is_empty() {
            table.pair("unserved", self.unserved.len());
        }
        table
            .pair("iterations", self.iterations)
            .pair("seconds", format!("{:.2}", self.seconds))
            .pair("seed", self.seed);
        table
    }
}
