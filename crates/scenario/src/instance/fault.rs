//! What is wrong with an instance file, line by line.

use std::fmt;

use swerve_model::instance::{FAULTS_MAX, InstanceFault};

/// Why a text is no instance.
#[derive(Debug, thiserror::Error)]
pub enum InstanceError {
    #[error(
        "no format of instances known here: Solomon's (VEHICLE, CUSTOMER) or VRPLIB (DIMENSION)"
    )]
    Unknown,
    /// In the order of the lines, at most [`FAULTS_MAX`].
    #[error("{}", Listed(.0))]
    Lines(Vec<LineFault>),
    /// Of the instance as a whole.
    #[error("{}", Listed(.0))]
    Rules(Vec<InstanceFault>),
}

/// One fault, and the line it stands in, counted from 1.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {fault}")]
pub struct LineFault {
    pub line: usize,
    pub fault: String,
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
pub(super) struct Faults(Vec<LineFault>);

impl Faults {
    pub(super) fn add(&mut self, line: usize, fault: impl Into<String>) {
        if self.0.len() < FAULTS_MAX {
            self.0.push(LineFault { line, fault: fault.into() });
        }
    }

    /// The value, or its fault in place of it.
    pub(super) fn take<T>(&mut self, line: usize, value: Result<T, String>) -> Option<T> {
        value.map_err(|fault| self.add(line, fault)).ok()
    }

    pub(super) fn is_full(&self) -> bool {
        self.0.len() >= FAULTS_MAX
    }

    /// # Errors
    /// If there is any.
    pub(super) fn none(self) -> Result<(), InstanceError> {
        if self.0.is_empty() { Ok(()) } else { Err(InstanceError::Lines(self.0)) }
    }
}
