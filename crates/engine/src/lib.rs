//! The one writer: changes in, committed plans and ETAs out.
//!
//! A territory is a deterministic state machine over its log. [`Territory`] is the handle the rest of
//! the program holds; the walk of a change through it is told in ARCHITECTURE.md.
#![forbid(unsafe_code)]

// The small territory of the integration tests names this crate as they do.
#[cfg(test)]
extern crate self as swerve_engine;

pub mod apply;
mod background;
mod batch;
mod changes;
mod decide;
mod dispatch;
mod draft;
mod error;
mod execution;
mod explain;
mod gate;
pub mod hash;
mod improve;
mod input;
mod intake;
mod interruptions;
mod judge;
mod offer;
mod parts;
mod planning;
mod refuse;
mod repair;
mod request;
mod rights;
mod settings;
mod snapshot;
mod state;
mod territory;
mod tick;
mod told;
mod travel;
mod wish;
mod writer;

pub use background::{BackgroundFigures, Discarded};
pub use decide::Decision;
pub use dispatch::REPLAN_ITERATIONS_MAX;
pub use error::{EngineError, FieldFault};
pub use explain::Unplaced;
pub use input::STOPS_PER_MANIFEST_MAX;
pub use intake::SHIPMENTS_PER_REQUEST_MAX;
pub use judge::{Violation, describe, flags};
pub use request::{ImportedManifest, Mutation, Position, Request, Scan};
pub use settings::{Background, ClockKind, SearchBudget, Settings};
pub use snapshot::{LiveManifest, Snapshot};
pub use state::{Answered, Assignment, Resource, State};
/// What stands between a parcel and a van.
pub use swerve_optimizer::Obstacle;
pub use territory::{OpenError, QUEUE_MAX, Territory, replay};
pub use travel::{Roads, SharedRoads, SnapFault, Snapped};
pub use wish::SUGGESTED_WINDOW;
pub use writer::{BATCH_MAX, Elapsed, Host, Outcome};
