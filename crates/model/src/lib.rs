//! The words every other crate speaks: units, names, stops, manifests, plans, changes and events.
//!
//! No I/O, no clock, no serialization: what crosses a wire or reaches a disk is converted by hand
//! at that edge, so these types stay free to change.
#![forbid(unsafe_code)]

pub mod change;
pub mod detour;
pub mod event;
pub mod fleet;
pub mod ids;
pub mod instance;
pub mod nearby;
pub mod plan;
pub mod risk;
pub mod schedule;
pub mod shipment;
pub mod travel;
pub mod units;
pub mod window;

pub use change::*;
pub use detour::{Detour, DetourPrice, Saving};
pub use event::*;
pub use fleet::*;
pub use ids::*;
pub use nearby::*;
pub use plan::*;
pub use risk::{Risk, Z_KEPT};
pub use schedule::{Anchor, StopTimes, World};
pub use shipment::*;
pub use travel::{LatLng, LatLngError, Leg, Pace, Place, Planar, TravelTimes};
pub use units::{Cost, LOAD_DIMENSIONS, Load, Meters, Moment, Skills, Ticks};
pub use window::{TimeWindow, WindowReversed};
