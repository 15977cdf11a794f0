//! What one day told, as a row of `--out` and of `-o json`. Money is in the day's currency.

use std::collections::BTreeMap;

use serde::Serialize;

use super::judge::{Disturbance, Verdict};
use crate::demo::figures::Granted;

#[derive(Clone, Debug, Serialize)]
pub(super) struct Row {
    pub(super) benchmark: &'static str,
    pub(super) swerve: &'static str,
    pub(super) command: String,
    pub(super) roads: String,
    pub(super) seed: u64,
    pub(super) vans: u32,
    pub(super) stops: u32,
    pub(super) timed_share: f64,
    /// Of all recipients, those with a wish.
    pub(super) wish_share: f64,
    /// The share that was asked for, per mille; none where the seed drew it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) wish_permille: Option<u32>,
    pub(super) wishes: Wishes,
    pub(super) day: Verdict,
    pub(super) disturbance: Disturbance,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) hindsight: Option<Hindsight>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) states: Vec<StateRow>,
    pub(super) latency: Latency,
    /// What the record says otherwise than driving it again does, promises that a change of the plan
    /// broke, and what the server lost. Must be empty.
    pub(super) faults: Vec<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(super) struct Wishes {
    pub(super) asked: u32,
    pub(super) granted: u32,
    /// Of those who meant it.
    pub(super) granted_share: f64,
    pub(super) alternatives_taken: u32,
    pub(super) refused_by_reason: BTreeMap<String, u32>,
    /// By when they were asked: `before_sort`, `staged`, `loaded`.
    pub(super) by_stage: BTreeMap<&'static str, Granted>,
}

/// The day with every wish known before it began.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Hindsight {
    /// Spent on each of the two plans.
    pub(super) reference_seconds: f64,
    /// Each parcel in the van it was scanned into.
    pub(super) same_custody: Verdict,
    /// Any parcel in any van.
    pub(super) free: Verdict,
    /// Stops the search could not serve in time, of both.
    pub(super) unserved: [u32; 2],
    /// Cost per delivered parcel above that with the same custody, per cent; and above the other.
    pub(super) gap_percent: f64,
    pub(super) gap_free_percent: f64,
    /// Wishes the engine grants if all are asked before the sort.
    pub(super) granted_if_known: u32,
    pub(super) asked_if_known: u32,
}

/// One moment, and what others make of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct StateRow {
    pub(super) state: String,
    pub(super) vans: usize,
    pub(super) stops: usize,
    /// As the engine plans it from there on: operation alone, and with what it takes back of what
    /// was told.
    pub(super) operation: f64,
    pub(super) total: f64,
    pub(super) references: Vec<Reference>,
    /// Above the best reference, per cent: operation alone, and all prices. Where no reference serves
    /// everybody, none.
    pub(super) gap_operation_percent: Option<f64>,
    pub(super) gap_percent: Option<f64>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Reference {
    pub(super) solver: String,
    pub(super) seconds: f64,
    /// Absent where a rule is broken.
    pub(super) operation: Option<f64>,
    pub(super) total: Option<f64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) faults: Vec<String>,
}

/// Real microseconds from request to durable answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub(super) struct Latency {
    pub(super) quotes: Micros,
    pub(super) commits: Micros,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub(super) struct Micros {
    pub(super) p50: u64,
    pub(super) p99: u64,
}
