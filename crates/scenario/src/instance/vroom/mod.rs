//! VROOM's JSON: problems in, solutions out.
//!
//! The interface of VROOM 1.14 and 1.15 (`docs/API.md` of that project), so that what was made for it
//! can be solved here, and what reads its answers can read these. A field that is not supported is
//! refused by name, never passed over; so is one that VROOM does not know.
//!
//! | in the file | here |
//! |---|---|
//! | `jobs`, `shipments`: places, `setup`, `service` and both per type, amounts, `skills`, `time_windows` | as VROOM means them; a `setup` is shared by what follows at one place |
//! | `priority` | more priority served comes first, then more tasks, then less cost |
//! | `vehicles`: `start`, `end`, `profile`, `capacity`, `skills`, `type`, `time_window`, `speed_factor`, `max_tasks`, `max_travel_time`, `max_distance` | as VROOM means them |
//! | `costs`: `fixed`, `per_hour`, `per_km` | exact, in fractions that VROOM would cut in the sum |
//! | `breaks` with `time_windows`, `service` | taken where the vehicle is between two tasks, never within a way |
//! | `steps` | where the search begins; `service_at` and its like are refused |
//! | `matrices` (and the old `matrix`) | `durations` always, `distances`, `costs` |
//! | no matrices | straight lines over the ground, times a factor, at a speed: [`super::Estimate`] |
//! | not supported | `per_task_hour` other than 0, `max_load` of a break, `max_distance` with a matrix of costs |
//!
//! Two things differ. Where VROOM leaves a task unassigned that no vehicle has room for, this refuses the
//! file. Where a vehicle without `start` begins at its first task, it is there already, and needs no
//! `setup`.
//!
//! Times are whole seconds, counted from a while before the first window where they are stamps of
//! 1970 and later. A window that closes later than 2^28 s after that (8 years; a month where a
//! `speed_factor` asks for hundredths) closes then.

mod clock;
mod convert;
mod input;
mod labels;
mod object;
mod sites;
mod table;
#[cfg(test)]
mod tests;
mod ways;
mod write;

use swerve_model::instance::{Instance, StaticRoute};

use super::estimate::Estimate;
use super::fault::{Faults, InstanceError};

pub use labels::Labels;
pub use write::write;

/// JSON begins with a brace.
pub(super) fn is_json(text: &str) -> bool {
    text.trim_start().starts_with('{')
}

/// The instance, what its parts are called, and routes to begin with.
pub(super) fn read(
    text: &str,
    name: &str,
    estimate: Estimate,
) -> Result<(Instance, Labels, Vec<StaticRoute>), InstanceError> {
    let mut faults = Faults::default();
    let input = input::Input::read(text, &mut faults)?;
    let converted = convert::convert(&input, name, estimate, &mut faults);
    faults.none()?;
    let convert::Converted { instance, labels, initial } =
        converted.expect("nothing is made only where something is a fault");
    Ok((instance, labels, initial))
}
