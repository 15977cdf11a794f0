//! What is wrong with an instance file, place by place.

use std::fmt;

use swerve_model::instance::{FAULTS_MAX, InstanceFault};

/// Why a text is no instance.
#[derive(Debug, thiserror::Error)]
pub enum InstanceError {
    #[error(
        "no format of instances known here: Solomon's (VEHICLE, CUSTOMER), Li and Lim's (a first \
         line of three numbers), VRPLIB (DIMENSION), VROOM's JSON, or a table of stops (CSV whose \
         first line names id, lon and lat, or x and y)"
    )]
    Unknown,
    /// No JSON, or none of the expected form; the cause says where.
    #[error("no problem in VROOM's JSON")]
    Json(#[source] serde_json::Error),
    #[error("two places are farther apart than can be planned")]
    TooFar,
    /// As they come in the file, at most [`FAULTS_MAX`].
    #[error("{}", Listed(.0))]
    Places(Vec<PlacedFault>),
    /// Of the instance as a whole.
    #[error("{}", Listed(.0))]
    Rules(Vec<InstanceFault>),
}

/// One fault, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {fault}")]
pub struct PlacedFault {
    pub place: Place,
    pub fault: String,
}

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Counted from 1.
    Line(usize),
    /// In JSON: `jobs[3].time_windows[0]`.
    Path(String),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Line(line) => write!(f, "line {line}"),
            Place::Path(path) => f.write_str(path),
        }
    }
}

impl From<usize> for Place {
    fn from(line: usize) -> Place {
        Place::Line(line)
    }
}

impl From<String> for Place {
    fn from(path: String) -> Place {
        Place::Path(path)
    }
}

struct Listed<'a, T>(&'a [T]);

impl<T: fmt::Display> fmt::Display for Listed<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.0.iter().enumerate() {
            let before = if index == 0 { "" } else { "; " };
            write!(f, "{before}{fault}")?;
        }
        Ok(())
    }
}

/// Collects faults while a file is read on.
#[derive(Debug, Default)]
pub(super) struct Faults(Vec<PlacedFault>);

impl Faults {
    pub(super) fn add(&mut self, place: impl Into<Place>, fault: impl Into<String>) {
        if self.0.len() < FAULTS_MAX {
            self.0.push(PlacedFault { place: place.into(), fault: fault.into() });
        }
    }

    /// The value, or its fault in place of it.
    pub(super) fn take<T>(
        &mut self,
        place: impl Into<Place>,
        value: Result<T, String>,
    ) -> Option<T> {
        value.map_err(|fault| self.add(place, fault)).ok()
    }

    pub(super) fn is_full(&self) -> bool {
        self.0.len() >= FAULTS_MAX
    }

    /// # Errors
    /// If there is any.
    pub(super) fn none(self) -> Result<(), InstanceError> {
        if self.0.is_empty() { Ok(()) } else { Err(InstanceError::Places(self.0)) }
    }
}
