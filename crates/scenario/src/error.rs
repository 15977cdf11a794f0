//! Why a scenario could not be made or read.

use crate::clock::DateError;

/// Why a scenario could not be made or read.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    /// A parameter outside its range; the caller's to correct.
    #[error("{parameter} is {value}; {rule}")]
    Parameter { parameter: &'static str, value: String, rule: &'static str },
    /// The map has too few places a parcel could go to.
    #[error("the map offers {found} places to deliver to; {needed} are needed")]
    TooFewPlaces { found: usize, needed: usize },
    /// Not JSON, or not a day's JSON.
    #[error("not a day file")]
    Json(#[from] serde_json::Error),
    /// A day file that contradicts itself; every fault found, at most [`crate::day::FAULTS_MAX`].
    #[error("day file: {}", faults.join("; "))]
    Inconsistent { faults: Vec<String> },
    #[error(transparent)]
    Date(#[from] DateError),
}
