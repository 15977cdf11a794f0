//! One measurement: a line of the file that others read.

use serde::Serialize;

use super::pace::Budget;

/// An instance whose customers came one by one, or changes that came together, with one seed and one
/// budget. Costs are in units of the file.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Row {
    pub(super) solver: &'static str,
    pub(super) version: &'static str,
    pub(super) threads: usize,
    pub(super) family: String,
    pub(super) instance: String,
    /// Customers there are in the end.
    pub(super) n: usize,
    pub(super) seed: u64,
    #[serde(flatten)]
    pub(super) story: Story,
    /// For each answer.
    pub(super) budget: Budget,
    pub(super) background: Budget,
    /// Customers that may change their route in one answer, if there is a limit.
    pub(super) moved_limit: Option<u32>,
    /// What it costs that one does.
    pub(super) moved_price: f64,
    /// Of the plan before any change.
    pub(super) cost_before: f64,
    /// When everything was answered, and after the background search; the same without one.
    pub(super) cost_answered: f64,
    pub(super) cost: f64,
    pub(super) vehicles: usize,
    /// Everything served that was known, and no rule broken, by the independent checker, after every
    /// answer.
    pub(super) feasible: bool,
    pub(super) best_known: Option<f64>,
    pub(super) gap_answered_percent: Option<f64>,
    pub(super) gap_percent: Option<f64>,
    /// Above the plan before any change.
    pub(super) delta_percent: f64,
    pub(super) answers: Answers,
    /// Once, before the first answer: tables and lists. Not part of any answer.
    pub(super) setup_cpu_ms: f64,
    /// Everything, the plan before any change included.
    pub(super) cpu_seconds: f64,
    /// Ended by Ctrl-C: counted nowhere.
    pub(super) interrupted: bool,
    /// Makes this row again.
    pub(super) command: String,
}

/// What came, and how.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "story", rename_all = "snake_case")]
pub(super) enum Story {
    /// That share of the customers came one by one to a plan of the others, made in that time.
    Arrivals { dynamic_share: f64, base: Budget, base_cpu_seconds: f64 },
    /// All changes of that file together.
    Replay { file: String, event: String, changes: usize },
}

/// All answers of a run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Answers {
    pub(super) count: usize,
    pub(super) iterations: u64,
    pub(super) cpu_ms_p50: f64,
    pub(super) cpu_ms_p99: f64,
    pub(super) cpu_ms_most: f64,
    /// Customers changing their route, by answer.
    pub(super) moved_mean: f64,
    pub(super) moved_most: usize,
    /// Routes not left as they were, by answer.
    pub(super) routes_changed_mean: f64,
    pub(super) routes_changed_most: usize,
}
