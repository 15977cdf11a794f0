//! Benchmark instances and solutions, read from the files the field exchanges them in.
//!
//! A reader rounds distances once, as its family prescribes, and refuses what it cannot mean: every
//! fault is named with its line, the value and the rule, all of them at once.
//!
//! | format | recognised by | distances |
//! |---|---|---|
//! | Solomon, Gehring and Homberger | `VEHICLE`, `CUSTOMER` | Euclidean, cut after one decimal (DIMACS 2022) |
//! | VRPLIB | `DIMENSION :` | as `EDGE_WEIGHT_TYPE` says |

mod euclid;
mod fault;
mod number;
mod solomon;
pub mod solution;
#[cfg(test)]
mod tests;
mod vrplib;

use swerve_model::instance::Instance;

pub use fault::{InstanceError, LineFault};

/// Reads an instance in whatever format the text is in; `name` is what it is called if it does not say.
///
/// # Errors
/// Every line that breaks a rule of its format, or every rule the whole breaks.
pub fn read(text: &str, name: &str) -> Result<Instance, InstanceError> {
    let instance = match Format::of(text) {
        Some(Format::Solomon) => solomon::read(text, name)?,
        Some(Format::Vrplib) => vrplib::read(text, name)?,
        None => return Err(InstanceError::Unknown),
    };
    let faults = instance.faults();
    if faults.is_empty() { Ok(instance) } else { Err(InstanceError::Rules(faults)) }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Solomon,
    Vrplib,
}

impl Format {
    fn of(text: &str) -> Option<Format> {
        let mut lines = text.lines().map(str::trim);
        lines.find_map(|line| match line.split([':', ' ', '\t']).next()? {
            "VEHICLE" | "CUSTOMER" => Some(Format::Solomon),
            "DIMENSION" => Some(Format::Vrplib),
            _ => None,
        })
    }
}
