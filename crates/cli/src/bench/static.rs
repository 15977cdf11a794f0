//! `swerve bench static`: instances planned from nothing, beside the best known and other solvers.

mod command;
mod curve;
mod measure;
mod peers;
mod report;
mod row;
mod summary;
mod table;

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::Ordering;

use serde::Serialize;

use self::measure::Setting;
use self::peers::PeerRow;
use self::row::{Budget, Row};
use self::summary::Summary;
use super::machine::Machine;
use super::set::{self, Choice, Listed};
use crate::args::{Format, seconds, threads, whole};
use crate::clock;
use crate::exit::{Exit, Failure, OrExit as _};
use crate::files;
use crate::interrupt;
use crate::output::Output;
use crate::times;

/// CPU seconds of search if neither time limits nor iterations are given.
const SECONDS_DEFAULT: f64 = 10.0;

#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Every instance is read and planned from nothing for every seed and budget, seed by seed, and every plan
is judged by the independent checker. Each run is a row: with --out (or -o ndjson) rows are written as
they come, so Ctrl-C loses nothing; it ends with what there is, the report too, and exit code 130. A plan
that is infeasible counts in no mean, and ends in exit code 4.

A time limit is in CPU seconds of each thread, reading included, so others on the machine take none of it.
With --iterations the same seed and workers give the same plans on every machine, at any number of
threads.

Best known costs are read from `bks.json` in the instance's folder ({\"instances\": {NAME: {\"cost\": N}}}),
else from the `.sol` file beside it. A mean gap is over instances, each counting alike, and its 95 %
interval over seeds (Student's t; the instances are what they are). The difference to a peer is over the
instances that both have solved, and its interval over these.

Peers' rows are CSV with at least the columns peer, version, family, instance, n, budget, seed, cpu_s,
feasible, cost; `family` is the name of the folder that holds the instance, `budget` seconds or x0 to x5.")]
pub(crate) struct Args {
    /// Benchmark sets, folders of instances, or instances: solomon, homberger-200 (400, 600, 800, 1000),
    /// ortec, uchoa-x, lilim
    #[arg(long, value_name = "NAME", required = true, num_args = 1..)]
    set: Vec<String>,
    /// Folder that holds the sets, each in its own
    #[arg(long, value_name = "DIR", env = "SWERVE_DATASETS", default_value = DATASETS_DEFAULT)]
    datasets: PathBuf,
    /// CPU seconds of each thread, for each run [default: 10, unless --iterations is given]
    #[arg(long, value_name = "SECONDS", num_args = 1.., value_parser = seconds)]
    time_limit: Vec<f64>,
    /// Iterations of each worker, for each run
    #[arg(
        long,
        value_name = "N",
        num_args = 1..,
        conflicts_with = "time_limit",
        value_parser = whole::<u64>
    )]
    iterations: Vec<u64>,
    /// Equal seeds search alike
    #[arg(long, value_name = "N", num_args = 1.., default_values_t = [1, 2, 3], value_parser = whole::<u64>)]
    seeds: Vec<u64>,
    /// Cores to use for each run
    #[arg(long, value_name = "N", default_value = "1", value_parser = threads)]
    threads: usize,
    /// Logical workers, at one plan together or at one each [default: 1 with --iterations, else as many
    /// as threads]
    #[arg(long, value_name = "N", value_parser = threads)]
    workers: Option<usize>,
    /// Only instances of these names; `*` stands for any letters, `?` for one
    #[arg(long, value_name = "GLOB", num_args = 1..)]
    filter: Vec<String>,
    /// Only one of so many instances of each set, in order of their names
    #[arg(long, value_name = "N", default_value = "1", value_parser = share)]
    every: usize,
    /// Rows of other solvers, shown beside ours
    #[arg(long, value_name = "FILE.CSV", num_args = 1..)]
    peers: Vec<PathBuf>,
    /// Append a JSON document for every run, a line each
    #[arg(long, value_name = "ROWS.NDJSON")]
    out: Option<PathBuf>,
    /// Write a report to be read in a browser: one file that needs nothing else
    #[arg(long, value_name = "REPORT.HTML")]
    report: Option<PathBuf>,
}

/// Beside the workspace, where its tests look too.
const DATASETS_DEFAULT: &str = "../shared/datasets";

/// A seed, an instance and a budget.
type Run<'a> = (u64, &'a Listed, Budget);

/// The document that `bench static -o json` prints, and all that its report is made of.
#[derive(Debug, Serialize)]
struct Measured {
    version: &'static str,
    /// Makes all of it again.
    command: String,
    made_at: String,
    threads: usize,
    workers: usize,
    machine: Machine,
    interrupted: bool,
    #[serde(flatten)]
    summary: Summary,
    rows: Vec<Row>,
    #[serde(skip)]
    peers: Vec<PeerRow>,
    #[serde(skip)]
    listed: Vec<Listed>,
}

pub(crate) fn run(args: &Args, output: &Output) -> anyhow::Result<ExitCode> {
    let budgets = budgets(args);
    let workers = workers(args)?;
    let choice = Choice {
        sets: &args.set,
        datasets: &args.datasets,
        filters: &args.filter,
        every: args.every,
    };
    let mut listed = set::list(&choice)?;
    set::check(&mut listed)?;
    let peers = read_peers(&args.peers, &listed, output)?;
    let out = args.out.as_deref().map(appended).transpose()?;
    if let Some(path) = &args.report {
        require_folder(path)?;
    }
    let interrupted = interrupt::watched();
    let datasets = args.datasets.to_string_lossy();
    let setting = Setting {
        threads: args.threads,
        workers,
        datasets: (datasets != DATASETS_DEFAULT).then_some(&datasets),
        interrupted: &interrupted,
    };
    let runs = runs(&args.seeds, &listed, &budgets);
    let rows = measure_all(&runs, &setting, out, output)?;
    let measured = Measured {
        version: env!("CARGO_PKG_VERSION"),
        command: command::of_all(args, &budgets, &setting),
        made_at: times::rfc3339(clock::now()),
        threads: args.threads,
        workers,
        machine: Machine::here(),
        interrupted: interrupted.load(Ordering::Relaxed),
        summary: summary::summarize(&rows, &peers, &listed),
        rows,
        peers,
        listed,
    };
    if let Some(path) = &args.report {
        let text = report::render(&measured);
        files::write_whole(path, |writer| Ok(writer.write_all(text.as_bytes())?))?;
    }
    tell(&measured, output)?;
    Ok(measured.exit())
}

fn budgets(args: &Args) -> Vec<Budget> {
    let mut budgets: Vec<Budget> = Vec::new();
    let limits = args.time_limit.iter().map(|seconds| Budget::CpuSeconds(*seconds));
    for budget in limits.chain(args.iterations.iter().map(|count| Budget::Iterations(*count))) {
        if !budgets.contains(&budget) {
            budgets.push(budget);
        }
    }
    if budgets.is_empty() {
        budgets.push(Budget::CpuSeconds(SECONDS_DEFAULT));
    }
    budgets
}

/// # Errors
/// A time limit would be over before the workers beyond the threads begin.
fn workers(args: &Args) -> anyhow::Result<usize> {
    let is_timed = args.iterations.is_empty();
    let workers = args.workers.unwrap_or(if is_timed { args.threads } else { 1 });
    if is_timed && workers > args.threads {
        let what = format!(
            "--workers {workers} needs --threads {workers}: a time limit leaves none for workers that wait"
        );
        return Err(Failure::new(Exit::Usage, what).into());
    }
    Ok(workers)
}

/// Seed by seed, so that an interrupt leaves as many seeds of one instance as of another. A seed given
/// twice is run once: what it finds again says nothing about chance.
fn runs<'a>(seeds: &[u64], listed: &'a [Listed], budgets: &[Budget]) -> Vec<Run<'a>> {
    let mut runs = Vec::new();
    let fresh = |(index, seed): &(usize, &u64)| !seeds[..*index].contains(seed);
    for (_, seed) in seeds.iter().enumerate().filter(fresh) {
        for entry in listed {
            runs.extend(budgets.iter().map(|budget| (*seed, entry, *budget)));
        }
    }
    runs
}

/// One after the other, until all are done or Ctrl-C. A row is written before the next run begins.
fn measure_all(
    runs: &[Run],
    setting: &Setting,
    mut out: Option<(File, &Path)>,
    output: &Output,
) -> anyhow::Result<Vec<Row>> {
    let mut rows = Vec::new();
    let bar = output.progress(runs.len() as u64, "runs");
    for (seed, entry, budget) in runs {
        if setting.interrupted.load(Ordering::Relaxed) {
            break;
        }
        bar.set_message(format!("{}, {budget}, seed {seed}", entry.name));
        let row = measure::measure(entry, *seed, *budget, setting)?;
        if let Some((file, path)) = &mut out {
            let line = serde_json::to_string(&row)? + "\n";
            let written = file.write_all(line.as_bytes());
            written.or_exit(Exit::Invalid, || format!("cannot write {}", path.display()))?;
        }
        if output.format() == Format::Ndjson {
            Output::line_of(&row)?;
        }
        rows.push(row);
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(rows)
}

/// Of all files, those of the instances listed.
fn read_peers(
    paths: &[PathBuf],
    listed: &[Listed],
    output: &Output,
) -> anyhow::Result<Vec<PeerRow>> {
    let mut rows = Vec::new();
    for path in paths {
        let read = peers::read(path, listed)?;
        if read.is_empty() {
            output.warn(&format!("{}: no row is of an instance measured here", path.display()));
        }
        rows.extend(read);
    }
    Ok(rows)
}

fn appended(path: &Path) -> anyhow::Result<(File, &Path)> {
    let opened = File::options().create(true).append(true).open(path);
    let file = opened.or_exit(Exit::Invalid, || format!("cannot write {}", path.display()))?;
    Ok((file, path))
}

/// Hours of search must not end in a report that has no place.
fn require_folder(path: &Path) -> anyhow::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    if folder.is_none_or(Path::is_dir) && !path.is_dir() {
        return Ok(());
    }
    let what = format!("cannot write {}: there is no such folder", path.display());
    Err(Failure::new(Exit::Invalid, what).into())
}

fn tell(measured: &Measured, output: &Output) -> anyhow::Result<()> {
    let infeasible = measured.rows.iter().filter(|row| !row.feasible && !row.interrupted);
    for row in infeasible {
        output.warn(&format!("infeasible: {}", row.command));
    }
    match output.format() {
        // The rows have been printed.
        Format::Ndjson => {}
        Format::Json => Output::document(measured)?,
        Format::Table => Output::text(&table::of_summary(&measured.summary).to_string())?,
    }
    Ok(())
}

fn share(text: &str) -> Result<usize, &'static str> {
    let rule = "a whole number, 1 or more, is required";
    text.parse().ok().filter(|number| *number > 0).ok_or(rule)
}

impl Measured {
    fn exit(&self) -> ExitCode {
        if self.interrupted {
            Exit::Interrupted.into()
        } else if self.rows.iter().any(|row| !row.feasible) {
            Exit::Unserved.into()
        } else {
            ExitCode::SUCCESS
        }
    }
}
