//! Is the log what was acknowledged? Every record, the anchor, the file.

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use serde::Serialize;
use swerve_eventlog::{EventLogError, inspect};

use super::LogFile;
use crate::config::Config;
use crate::exit::{Exit, OrExit as _};
use crate::output::{Align, Output, Table};

/// The document that `log verify -o json` prints.
#[derive(Debug, Serialize)]
struct Report {
    log: PathBuf,
    sound: bool,
    territories: Vec<TerritoryReport>,
    /// What is wrong with what its anchor says was acknowledged.
    anchor_fault: Option<String>,
    /// What is wrong with the file as a file.
    structure_fault: Option<String>,
}

#[derive(Debug, Serialize)]
struct TerritoryReport {
    territory: String,
    records: u64,
    /// Up to and including this one, every record was verified.
    verified_to: u64,
    /// The chain's hash there.
    hash: String,
    /// Why verification ended before the last record.
    fault: Option<String>,
}

pub(super) fn run(file: &LogFile, config: &Config, output: &Output) -> anyhow::Result<ExitCode> {
    let path = file.path(config);
    let bar = output.spinner("verifying records");
    let verified = inspect::verify(&path, &mut |count| bar.set_position(count));
    bar.finish_and_clear();
    let verified = verified.or_exit(Exit::Invalid, || "cannot verify the log".to_owned())?;
    let report = Report {
        log: path,
        sound: verified.is_sound(),
        territories: (verified.territories.iter())
            .map(|one| TerritoryReport {
                territory: one.territory.to_string(),
                records: one.records,
                verified_to: one.sound.sequence,
                hash: one.sound.hash.to_string(),
                fault: one.fault.as_ref().map(told),
            })
            .collect(),
        anchor_fault: verified.anchor.as_ref().map(told),
        structure_fault: verified.structure.as_ref().map(told),
    };
    output.emit(&report, || report.table())?;
    for fault in report.faults() {
        output.error(fault);
    }
    Ok(if report.sound { ExitCode::SUCCESS } else { Exit::Unserved.into() })
}

impl Report {
    fn table(&self) -> Table {
        let mut table = Table::new(&[
            ("territory", Align::Left),
            ("records", Align::Right),
            ("verified", Align::Right),
            ("chain", Align::Left),
            ("status", Align::Left),
        ]);
        for one in &self.territories {
            let status = if one.fault.is_some() { "FAULT" } else { "sound" };
            table.row([
                one.territory.clone(),
                one.records.to_string(),
                one.verified_to.to_string(),
                one.hash.chars().take(16).collect(),
                status.to_owned(),
            ]);
        }
        table
    }

    fn faults(&self) -> impl Iterator<Item = &str> {
        let of_records = self.territories.iter().filter_map(|one| one.fault.as_deref());
        of_records.chain(self.anchor_fault.as_deref()).chain(self.structure_fault.as_deref())
    }
}

/// The error with its causes.
fn told(error: &EventLogError) -> String {
    let mut told = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        told.push_str(": ");
        told.push_str(&next.to_string());
        cause = next.source();
    }
    told
}
