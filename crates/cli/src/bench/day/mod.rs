//! `swerve bench day`: Day-1, the benchmark that looks like a day.
//!
//! A seeded day is served, driven and judged: what a delivered parcel cost, which wishes came true,
//! how often anybody was disturbed. Beside it stand the same day planned in hindsight, and at every
//! hour what others make of the very state the engine was in. `docs/day-1.md` has the definitions.

mod again;
mod course;
mod figures;
mod hindsight;
mod judge;
mod peers;
mod picture;
mod report;
mod row;
mod search;
mod state;
mod table;
#[cfg(test)]
mod tests;
mod vroom;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;

use crate::args::whole;
use crate::clock;
use crate::demo::scene::Ground;
use crate::exit::{Exit, OrExit as _};
use crate::files;
use crate::output::Output;
use course::{Course, Depth};
use row::Row;

/// Shares of recipients with a wish along the curve, per mille.
const CURVE: [u32; 7] = [0, 50, 100, 150, 200, 250, 300];
/// Days of the curve, and of everything else, where no seeds are named.
const CURVE_SEEDS: u64 = 20;
const SEEDS_DEFAULT: u64 = 3;
/// More are not drawn in one run.
const SEEDS_MAX: usize = 1_000;

/// Run Day-1: whole simulated days against a real server, judged, and held against hindsight
///
/// Each seed draws a day shaped like 13 real routes: vans of 60 to 180 stops, windows on 5 to 15 % of
/// them, wishes before the sort, while staged and once loaded. The engine serves it on a simulated
/// clock. A judge drives every van again from nothing and reckons what a delivered parcel cost, and
/// what the plan's changes asked of people. References: the day with every wish known before it began,
/// and at every hour the same state, solved by our own offline search and by whoever answers the
/// exported states. Definitions and formats: docs/day-1.md.
///
/// Ends with 4 if a record contradicts its judge, a promise was broken by a change of the plan, or a
/// loaded parcel changed van.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Roads to drive on: a road file or an OpenStreetMap extract [default: a sample city, built in]
    #[arg(long, value_name = "FILE")]
    roads: Option<PathBuf>,
    /// Vans, and drivers
    #[arg(long, value_name = "COUNT", default_value = "10", value_parser = whole::<u32>)]
    vans: u32,
    /// Stops of a van, on average; at most 180
    #[arg(long, value_name = "COUNT", default_value = "120", value_parser = whole::<u32>)]
    stops_per_van: u32,
    /// Share of recipients with a wish, 0 to 1 [default: 0.02 to 0.10, drawn by each seed]
    #[arg(long, value_name = "SHARE", value_parser = permille, conflicts_with = "curve")]
    wishes: Option<u32>,
    /// The sovereignty curve instead: days with wishes of 0 to 30 % of recipients
    #[arg(long)]
    curve: bool,
    /// Days to run: numbers, or a range as 1-20 [default: 1-3, for the curve 1-20]
    #[arg(long, value_name = "SEEDS", num_args = 1.., value_parser = seeds)]
    seeds: Vec<Seeds>,
    /// CPU seconds our offline search is given for each sampled state, and for each plan in hindsight; 60
    /// for figures to be quoted, 0 for no states
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    reference_seconds: f64,
    /// Write every sampled state here, as VROOM takes it
    #[arg(long, value_name = "FOLDER", conflicts_with = "curve")]
    states: Option<PathBuf>,
    /// What other planners made of those states, one JSON object a line
    #[arg(long, value_name = "FILE", conflicts_with = "curve")]
    peers: Option<PathBuf>,
    /// Write a row of JSON for each day here, as they come
    #[arg(long, value_name = "ROWS.NDJSON")]
    out: Option<PathBuf>,
    /// Write a report to look at: one HTML file, with the curve drawn
    #[arg(long, value_name = "REPORT.HTML")]
    report: Option<PathBuf>,
}

/// Seeds from the first to the last, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Seeds {
    first: u64,
    last: u64,
}

/// # Errors
/// Bad input, or something that went wrong on the way; a day that is not as it must be is an exit
/// code.
pub(crate) fn run(args: &Args, output: &Output) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.context("starting the runtime")?;
    let mut rows = Vec::new();
    let finished = runtime.block_on(async {
        tokio::select! {
            measured = measure(args, output, &mut rows) => measured.map(|()| true),
            interrupted = tokio::signal::ctrl_c() => {
                interrupted.context("waiting for Ctrl-C")?;
                Ok(false)
            }
        }
    })?;
    if let Some(path) = &args.report {
        let text = report::html(&rows);
        files::write_whole(path, |writer| Ok(writer.write_all(text.as_bytes())?))?;
    }
    output.emit_all(&rows, || table::table(&rows))?;
    let is_sound = |row: &Row| row.faults.is_empty() && row.disturbance.loaded_changed_van == 0;
    for fault in rows.iter().flat_map(|row| &row.faults) {
        output.warn(fault);
    }
    Ok(if !finished {
        Exit::Interrupted.into()
    } else if rows.iter().all(is_sound) {
        ExitCode::SUCCESS
    } else {
        Exit::Unserved.into()
    })
}

async fn measure(args: &Args, output: &Output, rows: &mut Vec<Row>) -> anyhow::Result<()> {
    let peers = args.peers.as_deref().map(peers::read).transpose()?.unwrap_or_default();
    let mut out = args.out.as_deref().map(create).transpose()?;
    let ground = Ground::load(args.roads.as_deref())?;
    let stopwatch = clock::stopwatch();
    let days = args.days();
    let bar = output.progress(days.len() as u64, "days");
    for (seed, wishes) in days {
        let course = Course {
            ground: &ground,
            roads: args.roads_name(),
            vans: args.vans,
            stops_per_van: args.stops_per_van,
            command: args.command(seed, wishes),
            reference_seconds: args.reference_seconds,
            states: args.states.as_deref(),
            peers: &peers,
            stopwatch: &stopwatch,
        };
        let depth = if args.curve { Depth::Day } else { Depth::Whole };
        let row = course.run(seed, wishes, depth).await.with_context(|| format!("seed {seed}"))?;
        if let Some(out) = &mut out {
            let line = serde_json::to_string(&row)?;
            writeln!(out, "{line}").or_exit(Exit::Invalid, || "writing rows".to_owned())?;
        }
        rows.push(row);
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(())
}

fn create(path: &Path) -> anyhow::Result<std::fs::File> {
    std::fs::File::create(path)
        .or_exit(Exit::Invalid, || format!("cannot write {}", path.display()))
}

impl Args {
    /// Every day to run: its seed and its wishes per mille.
    fn days(&self) -> Vec<(u64, Option<u32>)> {
        let default = if self.curve { CURVE_SEEDS } else { SEEDS_DEFAULT };
        let mut seeds: Vec<u64> =
            self.seeds.iter().flat_map(|seeds| seeds.first..=seeds.last).collect();
        if seeds.is_empty() {
            seeds.extend(1..=default);
        }
        let shares: Vec<Option<u32>> =
            if self.curve { CURVE.map(Some).to_vec() } else { vec![self.wishes] };
        let of_seed = |seed| shares.iter().map(move |share| (seed, *share));
        seeds.into_iter().flat_map(of_seed).collect()
    }

    fn roads_name(&self) -> String {
        self.roads.as_ref().map_or("sample city".to_owned(), |path| path.display().to_string())
    }

    /// What makes one row again, peers aside.
    fn command(&self, seed: u64, wish_permille: Option<u32>) -> String {
        let mut command = "swerve bench day".to_owned();
        let mut add = |words: String| {
            command.push(' ');
            command.push_str(&words);
        };
        if let Some(roads) = &self.roads {
            add(format!("--roads {}", roads.display()));
        }
        add(format!("--vans {} --stops-per-van {}", self.vans, self.stops_per_van));
        if let Some(permille) = wish_permille {
            add(format!("--wishes {}", f64::from(permille) / 1000.0));
        }
        add(format!("--seeds {seed} --reference-seconds {}", self.reference_seconds));
        command
    }
}

fn permille(text: &str) -> Result<u32, &'static str> {
    let rule = "a share from 0 to 1 is required";
    let share: f64 = text.parse().map_err(|_| rule)?;
    if (0.0..=1.0).contains(&share) { Ok((share * 1000.0).round() as u32) } else { Err(rule) }
}

fn seconds(text: &str) -> Result<f64, &'static str> {
    let rule = "seconds, from 0 to 3600, are required";
    let seconds: f64 = text.parse().map_err(|_| rule)?;
    if (0.0..=3_600.0).contains(&seconds) { Ok(seconds) } else { Err(rule) }
}

fn seeds(text: &str) -> Result<Seeds, &'static str> {
    let rule = "a number or a range as 1-20, of at most 1000, is required";
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let seed = |text: &str| text.parse::<u64>().map_err(|_| rule);
    let (first, last) = (seed(first)?, seed(last)?);
    let count_is_fine = last.checked_sub(first).is_some_and(|more| more < SEEDS_MAX as u64);
    if count_is_fine { Ok(Seeds { first, last }) } else { Err(rule) }
}
