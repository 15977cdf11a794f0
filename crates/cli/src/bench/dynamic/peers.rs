//! What other solvers made of the same changes: rows of `reopt.py`, or of anyone who writes the like.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::exit::{Exit, Failure};
use crate::files;

/// Faults told at once.
const FAULTS_TOLD: usize = 20;

/// One answer of a solver to an event: `new:1` is the first of kind `new`.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub(super) struct PeerRow {
    pub(super) instance: String,
    pub(super) event: String,
    pub(super) peer: String,
    /// How long it was let, or `first` for its first answer.
    pub(super) mode: String,
    #[serde(rename = "total_s")]
    pub(super) cpu_seconds: f64,
    pub(super) feasible: u8,
    #[serde(rename = "delta_vs_base_pct")]
    pub(super) delta_percent: f64,
    pub(super) routes_changed: usize,
    pub(super) moved: usize,
}

/// The rows of a file that are feasible answers.
///
/// # Errors
/// Every line that is no such row.
pub(super) fn read(path: &Path) -> anyhow::Result<Vec<PeerRow>> {
    let mut reader = csv::Reader::from_reader(files::open(path)?);
    let (mut rows, mut faults) = (Vec::new(), Vec::new());
    for record in reader.deserialize::<PeerRow>() {
        match record {
            Ok(row) if row.feasible == 0 => {}
            Ok(row) if row.cpu_seconds.is_finite() && row.delta_percent.is_finite() => {
                rows.push(row);
            }
            Ok(row) => faults.push(format!("{} {}: a number is none", row.peer, row.event)),
            Err(error) => faults.push(error.to_string()),
        }
        if faults.len() == FAULTS_TOLD {
            break;
        }
    }
    if faults.is_empty() {
        return Ok(rows);
    }
    let faults: Vec<String> =
        faults.iter().map(|fault| format!("{}: {fault}", path.display())).collect();
    Err(Failure::new(Exit::Invalid, faults.join("\n")).into())
}
