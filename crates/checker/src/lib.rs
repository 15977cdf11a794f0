//! The independent judge of a plan.
//!
//! The search that makes plans is clever, parallel and changed often; nobody should have to trust it.
//! This crate recomputes every touched manifest from the definitions, in the plainest way, and says
//! what is wrong. It never meets the optimizer, and shares neither code nor short cuts with it or with
//! the model's own schedule, so they cannot share a mistake.
//!
//! - [`inspect`] lists what is wrong with a plan as it stands, as [`Flag`]s: an imported plan is taken
//!   as it is, with its flags (I15, I16).
//! - [`judge`] compares a plan before and after a change and lists [`Violation`]s: what is new, larger,
//!   or taken from others (I1 to I7, I16). No violation is what a revision is published on.
//! - [`audit`] checks over the whole territory that every parcel is in exactly one place (I1).
//! - [`solution`] judges a solution of a static benchmark instance.
//! - [`exhaustive`] tries everything on tiny instances: what could have been granted at all?
//!
//! Time: O(stops of the touched manifests), times a logarithm for pairing parcels. No I/O, no clock.
#![forbid(unsafe_code)]

mod custody;
pub mod exhaustive;
#[cfg(test)]
mod fixtures;
mod flag;
mod inspect;
mod judge;
mod order;
mod places;
mod points;
mod promise;
mod scene;
mod sheet;
pub mod solution;
mod timetable;
mod violation;

pub use flag::{Fault, Flag};
pub use inspect::inspect;
pub use judge::judge;
pub use places::audit;
pub use points::occupancy_of;
pub use scene::{Conditions, Latitude, ParcelRef, Route, Side};
pub use timetable::{NameUnknown, Timetable, drive, frozen_count};
pub use violation::Violation;
