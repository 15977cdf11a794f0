//! `swerve bench dynamic`: customers that come or change one by one, and plans that follow them.

mod measure;
mod pace;
mod peers;
mod row;
mod stability;

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

use serde::Serialize;
use swerve_checker::solution::evaluate;
use swerve_model::instance::{Instance, Objective};
use swerve_optimizer::offline::Session;
use swerve_scenario::instance::Assumed;
use swerve_scenario::instance::changes::{self, Changeover};

use self::measure::{Arrivals, Asked, Setting};
use self::pace::Budget;
use self::peers::PeerRow;
use self::row::{Row, Story};
use super::machine::Machine;
use super::set::{self, Choice, Listed};
use super::words::quoted;
use crate::args::{Format, seconds, whole};
use crate::exit::{Exit, Failure, OrExit as _};
use crate::files;
use crate::interrupt;
use crate::offline;
use crate::output::{Align, Output, Table};

#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Without --changes, a share of each instance's customers, drawn by the seed, is not known at first. The
others are planned from nothing, then the rest come one by one; each is answered within its budget before
the next one comes. Then comes the background search, if there is one. The gap is to the best known
cost of the whole instance.

With --changes, the plan of each file stands, and all its changes come together: one answer. Its instance
is looked for among the sets (homberger-1000 unless --set says otherwise).

Nothing is on the road: any customer may still be on any route, driven in any order. That is how the
field's dynamic sets count. A customer moves if its route goes to another than most others of its route;
--max-moved limits how many do in one answer, --moved-price what one costs, in units of the file.

Budgets per change are CPU time and include everything but the session's set-up, once per run and told
beside. After every answer the independent checker judges the plan; what is infeasible ends in exit code 4.
With --iterations-per-change and --base-iterations, the same seed gives the same plans on every machine.
One thread.")]
pub(crate) struct Args {
    /// Benchmark sets, folders of instances, or instances, as for `bench static`
    #[arg(long, value_name = "NAME", num_args = 1.., required_unless_present = "changes")]
    set: Vec<String>,
    /// Folder that holds the sets, each in its own
    #[arg(long, value_name = "DIR", env = "SWERVE_DATASETS", default_value = DATASETS_DEFAULT)]
    datasets: PathBuf,
    /// Only instances of these names; `*` stands for any letters, `?` for one
    #[arg(long, value_name = "GLOB", num_args = 1..)]
    filter: Vec<String>,
    /// Share of the customers that come later
    #[arg(long, value_name = "SHARE", default_value = "0.2", value_parser = share)]
    dynamic_share: f64,
    /// CPU seconds for the plan before any change
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    base_time_limit: f64,
    /// Iterations for the plan before any change, in place of seconds
    #[arg(long, value_name = "N", value_parser = whole::<u64>)]
    base_iterations: Option<u64>,
    /// Replay these changes to plans that stand
    #[arg(long, value_name = "FILE.JSON", num_args = 1..)]
    changes: Vec<PathBuf>,
    /// CPU milliseconds for each answer; several are measured one after the other
    #[arg(
        long,
        value_name = "MS",
        num_args = 1..,
        default_values_t = [5.0],
        conflicts_with = "iterations_per_change",
        value_parser = milliseconds
    )]
    per_change_ms: Vec<f64>,
    /// Iterations for each answer, in place of milliseconds
    #[arg(long, value_name = "N", num_args = 1.., value_parser = whole::<u64>)]
    iterations_per_change: Vec<u64>,
    /// CPU seconds of background search after the last answer
    #[arg(long, value_name = "SECONDS", value_parser = seconds, conflicts_with = "max_moved")]
    background: Option<f64>,
    /// No more customers than this change their route in one answer
    #[arg(long, value_name = "N", value_parser = whole::<u32>)]
    max_moved: Option<u32>,
    /// What it costs that a customer changes its route, in units of the file
    #[arg(long, value_name = "PRICE", default_value = "0", value_parser = price)]
    moved_price: f64,
    /// Equal seeds draw and search alike
    #[arg(long, value_name = "N", num_args = 1.., default_values_t = [1], value_parser = whole::<u64>)]
    seeds: Vec<u64>,
    /// Rows of other solvers for the same changes, shown beside ours
    #[arg(long, value_name = "FILE.CSV", num_args = 1.., requires = "changes")]
    peers: Vec<PathBuf>,
    /// Append a JSON document for every run, a line each
    #[arg(long, value_name = "ROWS.NDJSON")]
    out: Option<PathBuf>,
}

/// Beside the workspace, where its tests look too.
const DATASETS_DEFAULT: &str = "../shared/datasets";

/// Where changes find their instances if nothing is said.
const SET_OF_CHANGES: &str = "homberger-1000";

/// The document that `bench dynamic -o json` prints.
#[derive(Debug, Serialize)]
struct Measured {
    version: &'static str,
    machine: Machine,
    interrupted: bool,
    means: Vec<Mean>,
    rows: Vec<Row>,
    peers: Vec<PeerRow>,
}

/// Over all runs of arrivals with one budget.
#[derive(Debug, PartialEq, Serialize)]
struct Mean {
    budget: Budget,
    runs: usize,
    gap_answered_percent: f64,
    gap_percent: f64,
}

/// What there is to measure.
enum Case {
    Arrivals(Box<Instance>),
    Replay { changeover: Box<Changeover>, story: Story, path: PathBuf },
}

pub(crate) fn run(args: &Args, output: &Output) -> anyhow::Result<ExitCode> {
    let cases = args.cases()?;
    let mut peers = Vec::new();
    for path in &args.peers {
        peers.extend(peers::read(path)?);
    }
    let mut out = args.out.as_deref().map(appended).transpose()?;
    let interrupted = interrupt::watched();
    let budgets = args.budgets();
    let setting = args.setting(&interrupted);
    let mut rows = Vec::new();
    let bar = output.progress((cases.len() * args.seeds.len() * budgets.len()) as u64, "runs");
    for seed in &args.seeds {
        for (entry, case) in &cases {
            for budget in &budgets {
                if interrupted.load(Ordering::Relaxed) {
                    break;
                }
                bar.set_message(format!("{}, {budget}, seed {seed}", entry.name));
                let row = args.measure(entry, case, *budget, *seed, &setting)?;
                if let Some((file, path)) = &mut out {
                    let line = serde_json::to_string(&row)? + "\n";
                    let written = file.write_all(line.as_bytes());
                    written
                        .or_exit(Exit::Invalid, || format!("cannot write {}", path.display()))?;
                }
                if output.format() == Format::Ndjson {
                    Output::line_of(&row)?;
                }
                rows.push(row);
                bar.inc(1);
            }
        }
    }
    bar.finish_and_clear();
    let is_measured = |peer: &PeerRow| rows.iter().any(|row| peer.is_beside(row));
    peers.retain(is_measured);
    let measured = Measured {
        version: env!("CARGO_PKG_VERSION"),
        machine: Machine::here(),
        interrupted: interrupted.load(Ordering::Relaxed),
        means: means(&rows, &budgets),
        rows,
        peers,
    };
    match output.format() {
        // The rows have been printed.
        Format::Ndjson => {}
        Format::Json => Output::document(&measured)?,
        Format::Table => Output::text(&measured.tables())?,
    }
    for row in measured.rows.iter().filter(|row| !row.feasible) {
        output.warn(&format!("infeasible: {}", row.command));
    }
    Ok(measured.exit())
}

impl Args {
    fn budgets(&self) -> Vec<Budget> {
        if self.iterations_per_change.is_empty() {
            self.per_change_ms.iter().map(|milliseconds| Budget::cpu_ms(*milliseconds)).collect()
        } else {
            self.iterations_per_change.iter().map(|count| Budget::Iterations(*count)).collect()
        }
    }

    fn setting<'a>(&self, interrupted: &'a AtomicBool) -> Setting<'a> {
        Setting {
            background: Budget::CpuSeconds(self.background.unwrap_or(0.0)),
            moved_limit: self.max_moved,
            moved_price: self.moved_price,
            interrupted,
        }
    }

    fn base(&self) -> Budget {
        self.base_iterations.map_or(Budget::CpuSeconds(self.base_time_limit), Budget::Iterations)
    }

    /// # Errors
    /// Every instance or file of changes that is none.
    fn cases(&self) -> anyhow::Result<Vec<(Listed, Case)>> {
        let default = [SET_OF_CHANGES.to_owned()];
        let sets = if self.set.is_empty() { &default[..] } else { &self.set };
        let choice = Choice { sets, datasets: &self.datasets, filters: &self.filter, every: 1 };
        let listed = set::list(&choice)?;
        let mut cases = Vec::new();
        let mut faults = Vec::new();
        if self.changes.is_empty() {
            for entry in listed {
                match suiting(&entry.path) {
                    Ok(instance) => cases.push((entry, Case::Arrivals(Box::new(instance)))),
                    Err(error) => faults.push(format!("{error:#}")),
                }
            }
        } else {
            for path in &self.changes {
                match replay(path, &listed) {
                    Ok(case) => cases.push(case),
                    Err(error) => faults.push(format!("{error:#}")),
                }
            }
        }
        if faults.is_empty() {
            return Ok(cases);
        }
        Err(Failure::new(Exit::Invalid, faults.join("\n")).into())
    }

    fn measure(
        &self,
        entry: &Listed,
        case: &Case,
        budget: Budget,
        seed: u64,
        setting: &Setting,
    ) -> anyhow::Result<Row> {
        let command = self.command(entry, case, budget, seed);
        let asked = Asked { entry, budget, seed, command };
        match case {
            Case::Arrivals(instance) => {
                let arrivals = Arrivals { share: self.dynamic_share, base: self.base() };
                measure::arrivals(asked, instance, arrivals, setting)
            }
            Case::Replay { changeover, story, .. } => {
                Ok(measure::replay(asked, changeover, story.clone(), setting))
            }
        }
    }

    /// What to type to make a row again.
    fn command(&self, entry: &Listed, case: &Case, budget: Budget, seed: u64) -> String {
        let path = |path: &Path| quoted(&path.to_string_lossy());
        let mut words = vec!["swerve bench dynamic --set".to_owned(), path(&entry.path)];
        match case {
            Case::Arrivals(_) => {
                words.push(format!("--dynamic-share {}", self.dynamic_share));
                words.push(match self.base() {
                    Budget::CpuSeconds(seconds) => format!("--base-time-limit {seconds}"),
                    Budget::Iterations(count) => format!("--base-iterations {count}"),
                });
            }
            Case::Replay { path: file, .. } => words.push(format!("--changes {}", path(file))),
        }
        words.push(match budget {
            Budget::CpuSeconds(seconds) => format!("--per-change-ms {}", seconds * 1000.0),
            Budget::Iterations(count) => format!("--iterations-per-change {count}"),
        });
        words.extend(self.background.map(|seconds| format!("--background {seconds}")));
        words.extend(self.max_moved.map(|count| format!("--max-moved {count}")));
        if self.moved_price > 0.0 {
            words.push(format!("--moved-price {}", self.moved_price));
        }
        words.push(format!("--seeds {seed}"));
        words.join(" ")
    }
}

/// An instance that a session can follow.
fn suiting(path: &Path) -> anyhow::Result<Instance> {
    let instance = offline::read(path, Assumed::default())?.instance;
    if Session::suits(&instance) {
        return Ok(instance);
    }
    let rule = "only single windows, one load and the way can be followed as they change";
    Err(Failure::new(Exit::Invalid, format!("{}: {rule}", path.display())).into())
}

/// What a file of changes asks for, and its instance.
///
/// # Errors
/// The file is none, its instance is not there, or the two do not go together.
fn replay(path: &Path, listed: &[Listed]) -> anyhow::Result<(Listed, Case)> {
    let what = || path.display().to_string();
    let changes = changes::read(&files::read_text(path)?).or_exit(Exit::Invalid, what)?;
    let Some(entry) = listed.iter().find(|entry| entry.name == changes.instance) else {
        let what = format!("{}: no instance of the sets is called {}", what(), changes.instance);
        return Err(Failure::new(Exit::Invalid, what).into());
    };
    let instance = suiting(&entry.path)?;
    let changeover = changes.of(&instance).or_exit(Exit::Invalid, what)?;
    let judged = evaluate(&changeover.instance, Objective::Distance, &changeover.base);
    if let Some(faults) = offline::faults(&judged) {
        let what = format!("{}: base: {faults}", what());
        return Err(Failure::new(Exit::Invalid, what).into());
    }
    let story = Story::Replay {
        file: path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        event: format!("{}:{}", changes.kind, changes.seed),
        changes: changeover.changed.len(),
    };
    let case = Case::Replay { changeover: Box::new(changeover), story, path: path.to_owned() };
    Ok((entry.clone(), case))
}

fn appended(path: &Path) -> anyhow::Result<(File, &Path)> {
    let opened = File::options().create(true).append(true).open(path);
    let file = opened.or_exit(Exit::Invalid, || format!("cannot write {}", path.display()))?;
    Ok((file, path))
}

/// By budget, where every run has a gap.
fn means(rows: &[Row], budgets: &[Budget]) -> Vec<Mean> {
    let of = |budget: &Budget| {
        let rows = rows.iter().filter(|row| row.budget == *budget && !row.interrupted);
        let gaps: Option<Vec<(f64, f64)>> =
            rows.map(|row| Some((row.gap_answered_percent?, row.gap_percent?))).collect();
        let gaps = gaps.filter(|gaps| !gaps.is_empty())?;
        let runs = gaps.len();
        let mean = |sum: f64| sum / runs as f64;
        Some(Mean {
            budget: *budget,
            runs,
            gap_answered_percent: mean(gaps.iter().map(|gap| gap.0).sum()),
            gap_percent: mean(gaps.iter().map(|gap| gap.1).sum()),
        })
    };
    budgets.iter().filter_map(of).collect()
}

fn share(text: &str) -> Result<f64, &'static str> {
    let rule = "a share from 0 to 1 is required";
    let share: f64 = text.parse().map_err(|_| rule)?;
    if (0.0..=1.0).contains(&share) { Ok(share) } else { Err(rule) }
}

fn milliseconds(text: &str) -> Result<f64, &'static str> {
    let rule = "milliseconds, more than 0 and at most an hour, are required";
    let milliseconds: f64 = text.parse().map_err(|_| rule)?;
    if milliseconds > 0.0 && milliseconds <= 3_600_000.0 { Ok(milliseconds) } else { Err(rule) }
}

fn price(text: &str) -> Result<f64, &'static str> {
    let rule = "a price from 0 to 1000000 is required";
    let price: f64 = text.parse().map_err(|_| rule)?;
    if (0.0..=1_000_000.0).contains(&price) { Ok(price) } else { Err(rule) }
}

impl PeerRow {
    /// Whether it is of the same changes.
    fn is_beside(&self, row: &Row) -> bool {
        let Story::Replay { event, .. } = &row.story else { return false };
        self.instance == row.instance && self.event == *event
    }
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

    fn tables(&self) -> String {
        let is_replay = |row: &&Row| matches!(row.story, Story::Replay { .. });
        let (replays, arrivals): (Vec<&Row>, Vec<&Row>) = self.rows.iter().partition(is_replay);
        let mut text = String::new();
        if !arrivals.is_empty() {
            text += &self.arrivals(&arrivals).to_string();
        }
        if !replays.is_empty() {
            text += &self.replays(&replays).to_string();
        }
        text
    }

    fn arrivals(&self, rows: &[&Row]) -> Table {
        let mut table = Table::new(&[
            ("instance", Align::Left),
            ("seed", Align::Right),
            ("changes", Align::Right),
            ("a change", Align::Right),
            ("gap %", Align::Right),
            ("with background %", Align::Right),
            ("moved", Align::Right),
            ("most", Align::Right),
            ("routes changed", Align::Right),
            ("CPU ms p50", Align::Right),
            ("p99", Align::Right),
        ]);
        let gap = |gap: Option<f64>| gap.map_or("–".to_owned(), |gap| format!("{gap:.2}"));
        for row in rows {
            let answers = &row.answers;
            table.row([
                row.instance.clone(),
                row.seed.to_string(),
                answers.count.to_string(),
                row.budget.to_string(),
                gap(row.gap_answered_percent),
                gap(row.gap_percent),
                format!("{:.2}", answers.moved_mean),
                answers.moved_most.to_string(),
                format!("{:.2}", answers.routes_changed_mean),
                format!("{:.2}", answers.cpu_ms_p50),
                format!("{:.2}", answers.cpu_ms_p99),
            ]);
        }
        for mean in &self.means {
            let mut cells = vec![String::new(); 11];
            cells[0] = format!("mean of {}", mean.runs);
            cells[3] = mean.budget.to_string();
            cells[4] = gap(Some(mean.gap_answered_percent));
            cells[5] = gap(Some(mean.gap_percent));
            table.row(cells);
        }
        table
    }

    fn replays(&self, rows: &[&Row]) -> Table {
        let mut table = Table::new(&[
            ("instance", Align::Left),
            ("event", Align::Left),
            ("solver", Align::Left),
            ("seed", Align::Right),
            ("budget", Align::Right),
            ("CPU s", Align::Right),
            ("over base %", Align::Right),
            ("moved", Align::Right),
            ("routes changed", Align::Right),
        ]);
        let mut events: Vec<(&str, &str)> = Vec::new();
        for row in rows {
            let Story::Replay { event, .. } = &row.story else { continue };
            table.row([
                row.instance.clone(),
                event.clone(),
                format!("swerve {}", row.version),
                row.seed.to_string(),
                row.budget.to_string(),
                format!("{:.3}", row.answers.cpu_ms_most / 1000.0),
                format!("{:.3}", row.delta_percent),
                row.answers.moved_most.to_string(),
                row.answers.routes_changed_most.to_string(),
            ]);
            if !events.contains(&(&row.instance, event)) {
                events.push((&row.instance, event));
            }
        }
        for (instance, event) in events {
            let beside =
                self.peers.iter().filter(|peer| peer.instance == instance && peer.event == event);
            for peer in beside {
                table.row([
                    instance.to_owned(),
                    event.to_owned(),
                    peer.peer.clone(),
                    String::new(),
                    peer.mode.clone(),
                    format!("{:.3}", peer.cpu_seconds),
                    format!("{:.3}", peer.delta_percent),
                    peer.moved.to_string(),
                    peer.routes_changed.to_string(),
                ]);
            }
        }
        table
    }
}
