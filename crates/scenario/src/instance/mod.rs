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
//! | stops as CSV | column names | straight lines, on Earth by an [`Estimate`] | distance |
//! | VROOM | `{` | as `matrices` say, else straight lines by an [`Estimate`] | cost |

pub mod changes;
mod driven;
mod estimate;
mod euclid;
mod fault;
mod lilim;
mod number;
pub mod picture;
#[cfg(test)]
mod properties;
mod solomon;
pub mod solution;
mod stops;
#[cfg(test)]
mod tests;
pub mod vroom;
mod vrplib;

use swerve_model::instance::{Instance, Objective, StaticRoute};

pub use driven::{DrivenRoute, Halt};
pub use estimate::Estimate;
pub use fault::{InstanceError, Place, PlacedFault};
pub use stops::Fleet;

/// An instance, and what else its file says.
#[derive(Clone, Debug)]
pub struct InstanceFile {
    pub instance: Instance,
    /// What plans for files of its format are measured by.
    pub objective: Objective,
    /// Routes to begin with, where the file has such; not judged yet.
    pub initial: Vec<StaticRoute>,
    /// What of the file its reader decided or passed over, for people.
    pub remarks: Vec<String>,
    /// What the file's clock shows at moment 0, in its units.
    pub offset: i64,
    /// What the file calls things, for a solution in its format.
    pub labels: Option<vroom::Labels>,
    /// What it calls its tasks, where it calls them otherwise than by number.
    names: Vec<String>,
}

/// What a reader needs to know that some files do not say.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Assumed {
    /// How ways are told where a file has places and no matrix.
    pub estimate: Estimate,
    /// The vehicles where a file has stops alone.
    pub fleet: Fleet,
}

impl InstanceFile {
    /// Reads a file in whatever format the text is in; `name` is what it is called if it does not say.
    ///
    /// # Errors
    /// Every place that breaks a rule of its format, or every rule the whole breaks.
    pub fn read(text: &str, name: &str, assumed: Assumed) -> Result<InstanceFile, InstanceError> {
        let file = match Format::of(text) {
            Some(Format::Solomon) => {
                InstanceFile::plain(solomon::read(text, name)?, Objective::Distance)
            }
            Some(Format::LiLim) => {
                InstanceFile::plain(lilim::read(text, name)?, Objective::Vehicles)
            }
            Some(Format::Vrplib) => {
                InstanceFile::plain(vrplib::read(text, name)?, Objective::Distance)
            }
            Some(Format::Vroom) => InstanceFile::vroom(text, name, assumed.estimate)?,
            Some(Format::Stops) => InstanceFile::stops(text, name, assumed)?,
            None => return Err(InstanceError::Unknown),
        };
        let faults = file.instance.faults();
        if faults.is_empty() { Ok(file) } else { Err(InstanceError::Rules(faults)) }
    }

    fn plain(instance: Instance, objective: Objective) -> InstanceFile {
        InstanceFile {
            instance,
            objective,
            initial: Vec::new(),
            remarks: Vec::new(),
            offset: 0,
            labels: None,
            names: Vec::new(),
        }
    }

    fn vroom(text: &str, name: &str, estimate: Estimate) -> Result<InstanceFile, InstanceError> {
        let (instance, labels, initial) = vroom::read(text, name, estimate)?;
        Ok(InstanceFile {
            initial,
            remarks: labels.is_estimated().then(|| estimate.remark()).into_iter().collect(),
            offset: labels.offset(),
            labels: Some(labels),
            ..InstanceFile::plain(instance, Objective::Cost)
        })
    }

    fn stops(text: &str, name: &str, assumed: Assumed) -> Result<InstanceFile, InstanceError> {
        let table = stops::read(text, name, assumed.estimate, assumed.fleet)?;
        let mut remarks = Vec::new();
        if table.is_on_earth {
            remarks.push(assumed.estimate.remark());
        }
        if !table.unused.is_empty() {
            remarks.push(format!("columns not used: {}", table.unused.join(", ")));
        }
        let plain = InstanceFile::plain(table.instance, Objective::Distance);
        Ok(InstanceFile { remarks, names: table.names, ..plain })
    }

    /// A moment as the file's clock shows it.
    pub fn moment(&self, moment: i64) -> f64 {
        self.span(moment) + self.offset as f64
    }

    /// A duration or a distance in units of the file.
    pub fn span(&self, units: i64) -> f64 {
        units as f64 / self.instance.scale as f64
    }

    /// What the file calls a task.
    pub fn task_name(&self, index: u32) -> String {
        match (&self.labels, self.names.get(index as usize)) {
            (Some(labels), _) => labels.task_name(index),
            (None, Some(name)) => name.clone(),
            (None, None) => self.instance.tasks[index as usize].number.to_string(),
        }
    }

    /// What the file calls the vehicles of these routes; where it does not name them, the routes' places
    /// in the list, counted from 1.
    ///
    /// # Panics
    /// If there are more routes of a type than vehicles.
    pub fn vehicle_names(&self, routes: &[DrivenRoute]) -> Vec<String> {
        match &self.labels {
            Some(labels) => labels.vehicle_names(routes),
            None => (1..=routes.len()).map(|number| number.to_string()).collect(),
        }
    }
}

/// The instance alone.
///
/// # Errors
/// As [`InstanceFile::read`].
pub fn read(text: &str, name: &str) -> Result<Instance, InstanceError> {
    Ok(InstanceFile::read(text, name, Assumed::default())?.instance)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Solomon,
    LiLim,
    Vrplib,
    Vroom,
    Stops,
}

impl Format {
    fn of(text: &str) -> Option<Format> {
        if vroom::is_json(text) {
            return Some(Format::Vroom);
        }
        if stops::is_table(text) {
            return Some(Format::Stops);
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
