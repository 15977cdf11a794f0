//! `swerve solve`: plans a static instance, as benchmarks have them.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::Ordering;
use std::time::Duration;

use clap::ValueEnum;
use serde::Serialize;
use swerve_model::instance::{Objective, Role};
use swerve_scenario::instance::{Assumed, Estimate, Fleet, InstanceFile};

use crate::args;
use crate::best_known::{self, BestKnown};
use crate::clock;
use crate::exit::Exit;
use crate::interrupt;
use crate::offline;
use crate::output::Output;

mod initial;
mod pace;
mod report;
mod written;

use pace::{Clocked, Drawn};
use report::Report;
use written::Wanted;

/// Seconds of search if neither a time limit nor iterations are given.
const SECONDS_DEFAULT: f64 = 10.0;

#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
The format is recognised from the content:
  Solomon's, also Gehring and Homberger's: distances of the DIMACS challenge of 2022 (Euclidean, cut
    after one decimal), measured by distance, the number of vehicles free
  Li and Lim's pickups and deliveries: Euclidean distances to a ten-thousandth, measured by the number
    of vehicles, then distance
  VRPLIB: EUC_2D, CEIL_2D, FLOOR_2D, or an EXPLICIT FULL_MATRIX, which may be asymmetric;
    TIME_WINDOW_SECTION and SERVICE_TIME_SECTION as in EURO-NeurIPS 2022; measured by distance
  VROOM's JSON: jobs, shipments, vehicles, matrices; measured by cost. What is not supported of it is
    refused by name. Without matrices, ways are straight lines over the ground times --detour, at
    --speed.
  Stops as CSV: columns id, lon, lat (or x, y), and as wanted service, open, close, demand, pickup; the
    row with the id `depot` is the depot; --vehicles and --capacity say the rest; measured by distance

With --iterations the same seed and workers give the same solution on every machine, at any number of
threads. With --time-limit it depends on how far the machine comes. Ctrl-C ends the
search with the best found so far, and exit code 130.

A solution file beside the instance (x.sol for x.txt) says what is the best known, for the gap to it,
unless --best-known does.

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
    /// Logical workers, each of so many iterations: at one plan together, or at one each where the budget
    /// is worth it [default: 1 with --iterations, else as many as threads]
    #[arg(long, value_name = "N", value_parser = args::threads)]
    workers: Option<usize>,
    /// What plans are measured by, once they do as much as possible [default: as the format's users do]
    #[arg(long, value_enum)]
    objective: Option<ObjectiveName>,
    /// Write the solution here: VROOM's JSON if the name ends in .json, else `Route #1: 3 4 5` a line;
    /// may be given several times
    #[arg(long, value_name = "OUT.SOL")]
    solution: Vec<PathBuf>,
    /// Draw the routes here, as .svg or .geojson; may be given several times
    #[arg(long, value_name = "OUT.SVG", value_parser = written::picture)]
    picture: Vec<PathBuf>,
    /// Start from this solution, `Route #1: 3 4 5` a line [default: the steps of VROOM's vehicles]
    #[arg(long, value_name = "IN.SOL")]
    initial: Option<PathBuf>,
    /// Best known cost, to tell the gap to it
    #[arg(long, value_name = "COST")]
    best_known: Option<f64>,
    /// How much longer ways are than straight lines, without a matrix
    #[arg(long, value_name = "FACTOR", default_value = "1.3", value_parser = detour)]
    detour: f64,
    /// Speed without a matrix
    #[arg(long, value_name = "KM/H", default_value = "30", value_parser = speed)]
    speed: f64,
    /// Vehicles for a table of stops [default: as many as are wanted]
    #[arg(long, value_name = "N", value_parser = args::whole::<u32>)]
    vehicles: Option<u32>,
    /// What a vehicle carries, for a table of stops with demands
    #[arg(long, value_name = "N", value_parser = args::whole::<u32>)]
    capacity: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
enum ObjectiveName {
    /// The least distance, with as many vehicles as that takes
    Distance,
    /// The fewest vehicles, then the least distance
    Vehicles,
    /// The least of what vehicles are paid
    Cost,
}

impl ObjectiveName {
    fn name(self) -> &'static str {
        match self {
            ObjectiveName::Distance => "distance",
            ObjectiveName::Vehicles => "vehicles",
            ObjectiveName::Cost => "cost",
        }
    }
}

impl From<ObjectiveName> for Objective {
    fn from(name: ObjectiveName) -> Objective {
        match name {
            ObjectiveName::Distance => Objective::Distance,
            ObjectiveName::Vehicles => Objective::Vehicles,
            ObjectiveName::Cost => Objective::Cost,
        }
    }
}

impl From<Objective> for ObjectiveName {
    fn from(objective: Objective) -> ObjectiveName {
        match objective {
            Objective::Distance => ObjectiveName::Distance,
            Objective::Vehicles => ObjectiveName::Vehicles,
            Objective::Cost => ObjectiveName::Cost,
        }
    }
}

pub(crate) fn run(args: &Args, output: &Output) -> anyhow::Result<ExitCode> {
    let elapsed = clock::stopwatch();
    let file = read(args, output)?;
    let instance = &file.instance;
    let wanted = Wanted::new(&args.solution, &args.picture, &file)?;
    let initial = initial::read(args.initial.as_deref(), &args.file, &file)?;
    let objective = args.objective.map_or(file.objective, Objective::from);
    let (best_known, best_known_from) = best_known(args, &file, objective)?.unzip();
    let interrupted = interrupt::watched();
    let limit = match (args.time_limit, args.iterations) {
        (None, None) => Some(SECONDS_DEFAULT),
        (limit, _) => limit,
    };
    let drawn = Drawn {
        bar: &output.progress(1000, &instance.name),
        name: &instance.name,
        cost_scale: offline::cost_scale(instance, objective),
        best_known,
    };
    let best = Mutex::new(None);
    let started = elapsed();
    let pace = |worker: usize| Clocked {
        elapsed: &*elapsed,
        started,
        limit: limit.map(Duration::from_secs_f64),
        iterations: args.iterations,
        interrupted: &interrupted,
        shown: 0,
        best: &best,
        drawn: (worker == 0).then_some(&drawn),
    };
    let workers = args.workers.unwrap_or(if limit.is_some() { args.threads } else { 1 });
    let paces = (0..workers).map(pace).collect();
    let found = offline::search(instance, objective, args.seed, &initial, paces, args.threads)?;
    drawn.bar.finish_and_clear();
    let evaluation = offline::judge(instance, objective, &found)?;
    let driven = report::driven(&found.routes, &evaluation);
    let cost = evaluation.cost as f64 / drawn.cost_scale as f64;
    let gap = best_known.and_then(|best| best.gap_percent(cost, evaluation.vehicles));
    let number = |index: &u32| instance.tasks[*index as usize].number;
    let report = Report {
        instance: instance.name.clone(),
        tasks: instance.tasks.iter().filter(|task| task.role == Role::Visit).count(),
        unserved: evaluation.unserved.iter().map(number).collect(),
        objective: objective.into(),
        seed: args.seed,
        cost,
        best_known: best_known.map(|best| best.cost),
        best_known_from: best_known_from.flatten(),
        gap_percent: gap,
        vehicles: evaluation.vehicles,
        distance: file.span(evaluation.distance),
        iterations: found.iterations,
        seconds: elapsed().as_secs_f64(),
        interrupted: interrupted.load(Ordering::Relaxed),
        routes: report::routes(&file, &driven),
    };
    wanted.write(&file, &driven, &report, started.as_secs_f64())?;
    output.emit(&report, || report.table())?;
    Ok(if report.interrupted {
        Exit::Interrupted.into()
    } else if evaluation.weight_unserved == 0 {
        ExitCode::SUCCESS
    } else {
        Exit::Unserved.into()
    })
}

fn read(args: &Args, output: &Output) -> anyhow::Result<InstanceFile> {
    let assumed = Assumed {
        estimate: Estimate { detour: args.detour, speed: args.speed },
        fleet: Fleet { vehicles: args.vehicles, capacity: args.capacity.map(i64::from) },
    };
    let file = offline::read(&args.file, assumed)?;
    for remark in &file.remarks {
        output.say(remark);
    }
    Ok(file)
}

/// What was said, else what the solution file beside the instance says, and that file's name. A file is
/// asked only under the objective that its format's users measure by.
fn best_known(
    args: &Args,
    file: &InstanceFile,
    objective: Objective,
) -> anyhow::Result<Option<(BestKnown, Option<String>)>> {
    if let Some(cost) = args.best_known {
        return Ok(Some((BestKnown { cost, vehicles: None }, None)));
    }
    if objective != file.objective {
        return Ok(None);
    }
    let known = BestKnown::beside(&args.file, objective == Objective::Vehicles)?;
    let name = best_known::beside(&args.file);
    let name = name.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok(known.map(|known| (known, Some(name))))
}

fn detour(text: &str) -> Result<f64, &'static str> {
    between(text, 1.0, 10.0).ok_or("a factor from 1 to 10 is required")
}

fn speed(text: &str) -> Result<f64, &'static str> {
    between(text, 1.0, 300.0).ok_or("kilometres an hour from 1 to 300 are required")
}

fn between(text: &str, least: f64, most: f64) -> Option<f64> {
    text.parse().ok().filter(|number| (least..=most).contains(number))
}
