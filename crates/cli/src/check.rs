//! `swerve check`: the independent checker's word on a whole log.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use serde::Serialize;
use swerve_engine::Roads;
use swerve_eventlog::{RecordSource as _, SqliteReader};
use swerve_model::{PlanCause, TerritoryId};

use crate::args;
use crate::config::{Config, TerritoryEntry};
use crate::exit::{Exit, Failure, OrExit as _};
use crate::log::LogFile;
use crate::output::{Align, Output, Table, hex};
use crate::settings::{self, RoadShelf};
use crate::times;
use crate::verify::{self, Finding, Verdict};

/// Findings listed as words after a table; JSON has them all.
const FINDINGS_TOLD: usize = 50;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    file: LogFile,
    /// Only these territories of the configuration
    #[arg(long, env = "SWERVE_TERRITORY", value_parser = args::territory, value_name = "TERRITORY")]
    territory: Vec<TerritoryId>,
}

/// What `check -o json` prints for one territory.
#[derive(Debug, Serialize)]
struct Report {
    territory: String,
    sound: bool,
    records: u64,
    revision: u64,
    plan_hash: String,
    engine_time: String,
    /// Plan changes judged, by what caused them.
    judged: std::collections::BTreeMap<&'static str, u64>,
    /// Times every parcel of the territory was counted.
    audits: u64,
    /// Records decided under other rules than the configuration's.
    under_other_rules: u64,
    findings: Vec<FindingReport>,
}

#[derive(Debug, Serialize)]
struct FindingReport {
    record: u64,
    revision: u64,
    at: String,
    invariant: &'static str,
    what: String,
}

pub(crate) fn run(args: &Args, config: Option<&Path>, output: &Output) -> anyhow::Result<ExitCode> {
    let config = Config::load(config)?;
    let reader = args.file.open(&config)?;
    let mut shelf = RoadShelf::default();
    let mut reports = Vec::new();
    for entry in chosen(args, &config)? {
        let verdict = judge(entry, &reader, &mut shelf, output)?;
        reports.push(Report::of(&verdict));
    }
    output.emit_all(&reports, || table(&reports))?;
    tell(&reports, output);
    let sound = reports.iter().all(|report| report.sound);
    Ok(if sound { ExitCode::SUCCESS } else { Exit::Unserved.into() })
}

fn chosen<'c>(args: &Args, config: &'c Config) -> anyhow::Result<Vec<&'c TerritoryEntry>> {
    for asked in &args.territory {
        if !config.territories.iter().any(|entry| entry.id == *asked) {
            let what = format!("territory {asked} is not in the configuration");
            return Err(Failure::new(Exit::Invalid, what).into());
        }
    }
    if config.territories.is_empty() {
        let what = "the configuration has no territory: --config names the one that was served";
        return Err(Failure::new(Exit::Invalid, what).into());
    }
    let is_chosen =
        |entry: &&TerritoryEntry| args.territory.is_empty() || args.territory.contains(&entry.id);
    Ok(config.territories.iter().filter(is_chosen).collect())
}

fn judge(
    entry: &TerritoryEntry,
    reader: &SqliteReader,
    shelf: &mut RoadShelf,
    output: &Output,
) -> anyhow::Result<Verdict> {
    let settings = Arc::new(settings::of_entry(entry)?);
    let roads: Arc<dyn Roads> = shelf.get(&entry.roads, output)?.times;
    let heads = reader.heads().or_exit(Exit::Invalid, || "cannot read the log".to_owned())?;
    let head = heads.into_iter().find(|(territory, _)| *territory == entry.id);
    let Some((_, head)) = head else {
        let what = format!("territory {} is not in the log", entry.id);
        return Err(Failure::new(Exit::Invalid, what).into());
    };
    let bar = output.progress(head.sequence, &format!("judging {}", entry.id));
    let verdict = verify::verify(settings, roads, reader, |_| bar.inc(1));
    bar.finish_and_clear();
    verdict.or_exit(Exit::Unserved, || format!("the log of {} is not sound", entry.id))
}

impl Report {
    fn of(verdict: &Verdict) -> Report {
        Report {
            territory: verdict.territory.to_string(),
            sound: verdict.is_sound(),
            records: verdict.records,
            revision: verdict.revision.0,
            plan_hash: hex(&verdict.plan_hash),
            engine_time: times::rfc3339(verdict.now),
            judged: verdict.judged.iter().map(|(cause, count)| (name(*cause), *count)).collect(),
            audits: verdict.audits,
            under_other_rules: verdict.under_other_rules,
            findings: verdict.findings.iter().map(FindingReport::of).collect(),
        }
    }
}

impl FindingReport {
    fn of(finding: &Finding) -> FindingReport {
        FindingReport {
            record: finding.sequence,
            revision: finding.revision.0,
            at: times::rfc3339(finding.at),
            invariant: finding.wrong.invariant(),
            what: finding.wrong.to_string(),
        }
    }
}

const fn name(cause: PlanCause) -> &'static str {
    match cause {
        PlanCause::InitialPlan => "initial_plan",
        PlanCause::Import => "import",
        PlanCause::RecipientChange => "recipient_change",
        PlanCause::ChangeCancelled => "change_cancelled",
        PlanCause::ShipmentCreated => "shipment_created",
        PlanCause::ShipmentCancelled => "shipment_cancelled",
        PlanCause::Replan => "replan",
        PlanCause::MovedByHand => "moved_by_hand",
        PlanCause::Improvement => "improvement",
        PlanCause::DriverRefused => "driver_refused",
        PlanCause::Execution => "execution",
    }
}

fn table(reports: &[Report]) -> Table {
    let mut table = Table::new(&[
        ("territory", Align::Left),
        ("records", Align::Right),
        ("revision", Align::Right),
        ("judged", Align::Right),
        ("audits", Align::Right),
        ("findings", Align::Right),
        ("plan", Align::Left),
    ]);
    for report in reports {
        table.row([
            report.territory.clone(),
            report.records.to_string(),
            report.revision.to_string(),
            report.judged.values().sum::<u64>().to_string(),
            report.audits.to_string(),
            report.findings.len().to_string(),
            report.plan_hash.chars().take(16).collect(),
        ]);
    }
    table
}

fn tell(reports: &[Report], output: &Output) {
    for report in reports {
        if report.under_other_rules > 0 {
            output.warn(&format!(
                "{} of {} records of {} were decided under other rules than the configuration's",
                report.under_other_rules, report.records, report.territory
            ));
        }
        for finding in report.findings.iter().take(FINDINGS_TOLD) {
            let FindingReport { record, revision, at, what, .. } = finding;
            let territory = &report.territory;
            output
                .error(&format!("{territory} record {record}, revision {revision}, {at}: {what}"));
        }
        match report.findings.len().saturating_sub(FINDINGS_TOLD) {
            0 => {}
            more => output.error(&format!("and {more} more in {}", report.territory)),
        }
    }
}
