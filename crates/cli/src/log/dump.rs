//! What each record is about, one a line.

use std::process::ExitCode;

use serde::Serialize;
use swerve_eventlog::inspect::Entry;
use swerve_eventlog::{RecordSource as _, Records};
use swerve_model::{Answer, TerritoryId};

use super::LogFile;
use crate::args::{self, Format};
use crate::config::Config;
use crate::exit::{Exit, Failure, OrExit as _};
use crate::output::{Align, Output, Table, hex};
use crate::times;

#[derive(Debug, clap::Args)]
pub(super) struct DumpArgs {
    #[command(flatten)]
    file: LogFile,
    /// Only this territory's records
    #[arg(long, env = "SWERVE_TERRITORY", value_parser = args::territory, value_name = "TERRITORY")]
    territory: Option<TerritoryId>,
    /// From this record on
    #[arg(long, default_value_t = 1, value_parser = args::whole::<u64>, value_name = "SEQUENCE")]
    from: u64,
    /// At most so many records of each territory
    #[arg(long, value_parser = args::whole::<usize>, value_name = "COUNT")]
    limit: Option<usize>,
}

/// One line of the dump.
#[derive(Debug, Serialize)]
struct Line {
    territory: String,
    sequence: u64,
    /// Engine time when it was decided.
    at: String,
    role: &'static str,
    tenant: String,
    subject: String,
    request_id: Option<String>,
    events: Vec<&'static str>,
    answer: &'static str,
    /// What the answer names: a quote, a change, a proposal.
    answered: Option<String>,
    revision: u64,
    plan_hash: String,
    hash: String,
    bytes: usize,
}

impl Line {
    fn of(territory: &TerritoryId, entry: &Entry) -> Line {
        let (answer, answered) = answer(&entry.answer);
        Line {
            territory: territory.to_string(),
            sequence: entry.sequence,
            at: times::rfc3339(entry.at),
            role: entry.actor.role.name(),
            tenant: entry.actor.tenant.to_string(),
            subject: entry.actor.subject.clone(),
            request_id: entry.request.as_ref().map(ToString::to_string),
            events: entry.events.clone(),
            answer,
            answered,
            revision: entry.revision.0,
            plan_hash: hex(&entry.plan_hash),
            hash: entry.hash.to_string(),
            bytes: entry.len,
        }
    }

    fn cells(self) -> [String; 8] {
        [
            self.territory,
            self.sequence.to_string(),
            self.at,
            format!("{} {}", self.role, self.subject),
            self.revision.to_string(),
            events_in_short(&self.events),
            format!("{} {}", self.answer, self.answered.unwrap_or_default()).trim_end().to_owned(),
            self.bytes.to_string(),
        ]
    }
}

fn answer(answer: &Answer) -> (&'static str, Option<String>) {
    match answer {
        Answer::Done => ("done", None),
        Answer::Quoted(quote) => ("quoted", Some(quote.to_string())),
        Answer::Held { until } => ("held", Some(times::rfc3339(*until))),
        Answer::Committed(change) => ("committed", Some(change.to_string())),
        Answer::MovedOn(quote) => ("moved_on", Some(quote.to_string())),
        Answer::ChangeCancelled(change) => ("change_cancelled", Some(change.to_string())),
        Answer::Proposed(proposal) => ("proposed", Some(proposal.to_string())),
    }
}

/// `shipment_created x1200, plan_changed`: runs counted.
fn events_in_short(events: &[&str]) -> String {
    let runs = events.chunk_by(|one, next| one == next).map(|run| match run.len() {
        1 => run[0].to_owned(),
        count => format!("{} x{count}", run[0]),
    });
    runs.collect::<Vec<_>>().join(", ")
}

pub(super) fn run(args: &DumpArgs, config: &Config, output: &Output) -> anyhow::Result<ExitCode> {
    let reader = args.file.open(config)?;
    let heads = reader.heads().or_exit(Exit::Invalid, || "cannot read the log".to_owned())?;
    let all: Vec<TerritoryId> = heads.into_iter().map(|(territory, _)| territory).collect();
    let chosen: Vec<TerritoryId> = match &args.territory {
        Some(one) if !all.contains(one) => return Err(unknown(one, &all).into()),
        Some(one) => vec![one.clone()],
        None => all,
    };
    let mut table = Table::new(&[
        ("territory", Align::Left),
        ("record", Align::Right),
        ("at", Align::Left),
        ("by", Align::Left),
        ("plan", Align::Right),
        ("events", Align::Left),
        ("answer", Align::Left),
        ("bytes", Align::Right),
    ]);
    let mut lines = Vec::new();
    for territory in &chosen {
        let records = Records::from(&reader, territory, args.from)
            .or_exit(Exit::Invalid, || "cannot read the log".to_owned())?;
        for record in records.take(args.limit.unwrap_or(usize::MAX)) {
            let record = record.or_exit(Exit::Unserved, || "the log is not sound".to_owned())?;
            let line = Line::of(territory, &Entry::of(&record));
            match output.format() {
                // A log may be larger than memory: lines leave as they come.
                Format::Ndjson => Output::line_of(&line)?,
                Format::Json => lines.push(line),
                Format::Table => drop(table.row(line.cells())),
            }
        }
    }
    match output.format() {
        Format::Ndjson => {}
        Format::Json => output.emit_all(&lines, Table::default)?,
        Format::Table => Output::text(&table.to_string())?,
    }
    Ok(ExitCode::SUCCESS)
}

fn unknown(territory: &TerritoryId, known: &[TerritoryId]) -> Failure {
    let known: Vec<String> = known.iter().map(ToString::to_string).collect();
    let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
    Failure::new(
        Exit::Invalid,
        format!("territory {territory} is not in the log; it holds {known}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_of_one_event_are_counted() {
        let events = ["tick", "shipment_created", "shipment_created", "tick"];
        assert_eq!(events_in_short(&events), "tick, shipment_created x2, tick");
        assert_eq!(events_in_short(&[]), "");
    }
}
