//! `swerve bench static`: instances planned from nothing, beside the best known and other solvers.

mod best_known;
mod curve;
mod glob;
mod machine;
mod measure;
mod peers;
mod report;
mod row;
mod set;
mod summary;

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::Ordering;

use serde::Serialize;

use self::machine::Machine;
use self::measure::Setting;
use self::peers::PeerRow;
use self::row::{Budget, Row};
use self::set::{Choice, Listed};
use self::summary::{Comparison, Outcome, Part, Summary};
use crate::args::{Format, seconds, threads, whole};
use crate::bench::statistics::Estimate;
use crate::clock;
use crate::exit::{Exit, Failure, OrExit as _};
use crate::files;
use crate::interrupt;
use crate::output::{Align, Output, Table};
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
    /// Independent searches, of which the best wins [default: 1 with --iterations, else as many as threads]
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

/// The document that `bench static -o json` prints, and all that its report is made of.
#[derive(Debug, Serialize)]
struct Measured {
    version: &'static str,
    /// What was typed to make it, as far as it says what was measured.
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
    let mut out = args.out.as_deref().map(appended).transpose()?;
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
    let mut rows = Vec::new();
    let bar = output.progress((listed.len() * args.seeds.len() * budgets.len()) as u64, "runs");
    for (seed, entry, budget) in runs(&args.seeds, &listed, &budgets) {
        if interrupted.load(Ordering::Relaxed) {
            break;
        }
        bar.set_message(format!("{}, {budget}, seed {seed}", entry.name));
        let row = measure::measure(entry, seed, budget, &setting)?;
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
    let measured = Measured {
        version: env!("CARGO_PKG_VERSION"),
        command: command(args, &setting, &budgets),
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

/// What makes all rows again.
fn command(args: &Args, setting: &Setting, budgets: &[Budget]) -> String {
    let mut words = vec!["swerve bench static --set".to_owned()];
    words.extend(args.set.iter().map(|name| measure::quoted(name)));
    if let Some(folder) = setting.datasets {
        words.push(format!("--datasets {}", measure::quoted(folder)));
    }
    if !args.filter.is_empty() {
        words.push("--filter".to_owned());
        words.extend(args.filter.iter().map(|glob| measure::quoted(glob)));
    }
    if args.every > 1 {
        words.push(format!("--every {}", args.every));
    }
    let is_timed = args.iterations.is_empty();
    words.push(if is_timed { "--time-limit" } else { "--iterations" }.to_owned());
    words.extend(budgets.iter().map(|budget| match budget {
        Budget::CpuSeconds(seconds) => seconds.to_string(),
        Budget::Iterations(count) => count.to_string(),
    }));
    words.push("--seeds".to_owned());
    words.extend(args.seeds.iter().map(ToString::to_string));
    words.push(format!("--threads {} --workers {}", setting.threads, setting.workers));
    if !args.peers.is_empty() {
        words.push("--peers".to_owned());
        words.extend(args.peers.iter().map(|path| measure::quoted(&path.to_string_lossy())));
    }
    words.join(" ")
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

/// Seed by seed, so that an interrupt leaves as many seeds of one instance as of another.
fn runs<'a>(
    seeds: &'a [u64],
    listed: &'a [Listed],
    budgets: &'a [Budget],
) -> impl Iterator<Item = (u64, &'a Listed, Budget)> {
    seeds.iter().flat_map(move |seed| {
        listed
            .iter()
            .flat_map(move |entry| budgets.iter().map(move |budget| (*seed, entry, *budget)))
    })
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
        Format::Table => Output::text(&measured.table().to_string())?,
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

    fn table(&self) -> Table {
        let mut table = Table::new(&[
            ("family", Align::Left),
            ("solver", Align::Left),
            ("budget", Align::Right),
            ("CPU s", Align::Right),
            ("instances", Align::Right),
            ("gap %", Align::Right),
            ("± 95 %", Align::Right),
            ("beside ours", Align::Right),
            ("difference", Align::Right),
            ("± 95 %", Align::Right),
            ("won-tied-lost", Align::Right),
        ]);
        let mut families: Vec<&str> = Vec::new();
        for outcome in &self.summary.outcomes {
            if !families.contains(&&*outcome.family) {
                families.push(&outcome.family);
            }
        }
        for family in families {
            for outcome in self.summary.outcomes.iter().filter(|outcome| outcome.family == family) {
                table.row(outcome.cells());
            }
            let of_family = |comparison: &&Comparison| comparison.family == family;
            for comparison in self.summary.comparisons.iter().filter(of_family) {
                table.row(comparison.cells());
            }
        }
        table
    }
}

impl Outcome {
    fn cells(&self) -> [String; 11] {
        let (family, solver) = match self.part {
            Part::All => (self.family.clone(), format!("swerve {}", env!("CARGO_PKG_VERSION"))),
            part => (String::new(), format!("  {}", part.name())),
        };
        let [gap, sure] = told(self.gap);
        let nothing = String::new;
        [
            family,
            solver,
            self.budget.to_string(),
            format!("{:.2}", self.cpu_seconds),
            self.instances.to_string(),
            gap,
            sure,
            nothing(),
            nothing(),
            nothing(),
            nothing(),
        ]
    }
}

impl Comparison {
    fn cells(&self) -> [String; 11] {
        let [by, sure] = told(self.ours.as_ref().map(|ours| ours.difference));
        let record =
            |ours: &summary::Counterpart| format!("{}-{}-{}", ours.wins, ours.ties, ours.losses);
        [
            String::new(),
            self.peer.to_string(),
            self.peer_budget.clone(),
            format!("{:.2}", self.peer_cpu_seconds),
            self.instances.to_string(),
            format!("{:.2}", self.peer_gap_percent),
            String::new(),
            self.ours.as_ref().map_or_else(String::new, |ours| ours.budget.to_string()),
            by,
            sure,
            self.ours.as_ref().map_or_else(String::new, record),
        ]
    }
}

/// The mean and what it may be off by, for a table.
fn told(estimate: Option<Estimate>) -> [String; 2] {
    let Some(estimate) = estimate else { return ["–".to_owned(), String::new()] };
    let sure = estimate.half_width.map_or_else(String::new, |half| format!("{half:.2}"));
    [format!("{:.2}", estimate.mean), sure]
}
