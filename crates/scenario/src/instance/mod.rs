//! Static instances and solutions, read from and written to the files the field exchanges them in.
//!
//! A reader rounds distances once, as its family prescribes, and refuses what it cannot mean: every
//! fault is named with its place, the value and the rule, all of them at once.
//!
//! | format | recognised by | distances | measured by |
//! |---|---|---|---|
//! | Solomon, Gehring and Homberger | `VEHICLE`, `CUSTOMER` | Euclidean, cut after one decimal (DIMACS 2022) | distance |
//! | Li and Lim | a first line of numbers | Euclidean, to a ten-thousandth | vehicles, then distance |
//! | VRPLIB | `DIMENSION :` | as `EDGE_WEIGHT_TYPE` says | distance |
//! | VROOM | `{` | as `matrices` say, else straight lines by an [`Estimate`] | cost |

mod driven;
mod estimate;
mod euclid;
mod fault;
mod lilim;
mod number;
mod solomon;
pub mod solution;
#[cfg(test)]
mod tests;
pub mod vroom;
mod vrplib;

use swerve_model::instance::{Instance, Objective, StaticRoute};

pub use driven::{DrivenRoute, Halt};
pub use estimate::Estimate;
pub use fault::{InstanceError, Place, PlacedFault};

/// An instance, and what else its file says.
#[derive(Clone, Debug)]
pub struct InstanceFile {
    pub instance: Instance,
    /// What plans for files of its format are measured by.
    pub objective: Objective,
    /// Routes to begin with, where the file has such; not judged yet.
    pub initial: Vec<StaticRoute>,
    /// What the file calls things, for a solution in its format.
    pub labels: Option<vroom::Labels>,
}

impl InstanceFile {
    /// Reads a file in whatever format the text is in; `name` is what it is called if it does not say,
    /// `estimate` how its ways are told if it has places and no matrix.
    ///
    /// # Errors
    /// Every place that breaks a rule of its format, or every rule the whole breaks.
    pub fn read(text: &str, name: &str, estimate: Estimate) -> Result<InstanceFile, InstanceError> {
        let plain = |instance, objective| InstanceFile {
            instance,
            objective,
            initial: Vec::new(),
            labels: None,
        };
        let file = match Format::of(text) {
            Some(Format::Solomon) => plain(solomon::read(text, name)?, Objective::Distance),
            Some(Format::LiLim) => plain(lilim::read(text, name)?, Objective::Vehicles),
            Some(Format::Vrplib) => plain(vrplib::read(text, name)?, Objective::Distance),
            Some(Format::Vroom) => {
                let (instance, labels, initial) = vroom::read(text, name, estimate)?;
                let labels = Some(labels);
                InstanceFile { instance, objective: Objective::Cost, initial, labels }
            }
            None => return Err(InstanceError::Unknown),
        };
        let faults = file.instance.faults();
        if faults.is_empty() { Ok(file) } else { Err(InstanceError::Rules(faults)) }
    }
}

/// The instance alone.
///
/// # Errors
/// As [`InstanceFile::read`].
pub fn read(text: &str, name: &str) -> Result<Instance, InstanceError> {
    Ok(InstanceFile::read(text, name, Estimate::default())?.instance)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Solomon,
    LiLim,
    Vrplib,
    Vroom,
}

impl Format {
    fn of(text: &str) -> Option<Format> {
        if vroom::is_json(text) {
            return Some(Format::Vroom);
        }
        if text.lines().find(|line| !line.trim().is_empty()).is_some_and(lilim::is_head) {
            return Some(Format::LiLim);
        }
        let mut lines = text.lines().map(str::trim);
        lines.find_map(|line| match line.split([':', ' ', '\t']).next()? {
            "VEHICLE" | "CUSTOMER" => Some(Format::Solomon),
            "DIMENSION" => Some(Format::Vrplib),
            _ => None,
        })
    }
}
