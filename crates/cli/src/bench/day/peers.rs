//! Other planners' answers to exported states: one JSON object a line.
//!
//! Vehicles and jobs are named by the numbers they have in the exported file. A file is taken whole
//! or refused with its first faults, each with its line.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use super::state::State;
use crate::exit::{Exit, Failure};
use crate::files;

const FAULTS_TOLD: usize = 5;

#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub(super) struct Answer {
    pub(super) state: String,
    /// Name and version.
    pub(super) solver: String,
    /// Spent on it, of one core.
    pub(super) seconds: f64,
    pub(super) routes: Vec<Route>,
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub(super) struct Route {
    pub(super) vehicle: u32,
    pub(super) jobs: Vec<u32>,
}

/// Answers by the name of their state.
pub(super) type Answers = BTreeMap<String, Vec<Answer>>;

/// # Errors
/// The file cannot be read, or a line of it is no answer.
pub(super) fn read(path: &Path) -> anyhow::Result<Answers> {
    let text = files::read_text(path)?;
    let mut answers = Answers::new();
    let mut faults = Vec::new();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        match parse(line) {
            Ok(answer) => answers.entry(answer.state.clone()).or_default().push(answer),
            Err(fault) => faults.push(format!("line {}: {fault}", number + 1)),
        }
    }
    if faults.is_empty() {
        return Ok(answers);
    }
    faults.truncate(FAULTS_TOLD);
    let what = format!("{}: {}", path.display(), faults.join("; "));
    Err(Failure::new(Exit::Invalid, what).into())
}

fn parse(line: &str) -> Result<Answer, String> {
    let answer: Answer = serde_json::from_str(line).map_err(|error| error.to_string())?;
    if answer.seconds.is_finite() && answer.seconds >= 0.0 {
        Ok(answer)
    } else {
        Err(format!("{} seconds; 0 or more are required", answer.seconds))
    }
}

/// The answer as routes of the state, one a van.
///
/// # Errors
/// A vehicle or job the state does not have, or a vehicle with two routes.
pub(super) fn routes(answer: &Answer, state: &State) -> Result<Vec<Vec<u32>>, Vec<String>> {
    let mut routes: Vec<Option<Vec<u32>>> = vec![None; state.vans.len()];
    let mut faults = Vec::new();
    for route in &answer.routes {
        let unknown =
            route.jobs.iter().filter(|job| !(1..=state.stops.len()).contains(&(**job as usize)));
        faults.extend(unknown.map(|job| format!("there is no job {job}")));
        let van = (route.vehicle as usize).checked_sub(1).and_then(|van| routes.get_mut(van));
        match van {
            None => faults.push(format!("there is no vehicle {}", route.vehicle)),
            Some(Some(_)) => faults.push(format!("vehicle {} has two routes", route.vehicle)),
            Some(van) => *van = Some(route.jobs.iter().map(|job| job.wrapping_sub(1)).collect()),
        }
    }
    let routes = routes.into_iter().map(Option::unwrap_or_default).collect();
    if faults.is_empty() { Ok(routes) } else { Err(faults) }
}
