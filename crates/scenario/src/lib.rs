//! Seeded cities, delivery days and what really happens on them.
//!
//! Everything Swerve is shown and tried on is made here, from a seed: [`city`] draws a believable
//! city as an ordinary OSM extract, [`day`] a delivery day over it or over any extract (fleet,
//! parcels, promises, and the wishes of recipients who change their minds), [`truth`] decides what
//! happens on the road and at the door, which no planner may see, and [`small`] makes days tiny
//! enough to be solved exhaustively.
//!
//! Equal seeds give equal bytes on every machine: chance comes from `ChaCha8` alone, and no function
//! is used whose last bit the platform may choose.
#![forbid(unsafe_code)]

pub mod city;
pub mod clock;
pub mod day;
mod dice;
mod error;
pub mod instance;
mod plane;
pub mod small;
mod steady;
pub mod truth;

pub use clock::{CivilDate, DateError, DaySecond, Window};
pub use day::Day;
pub use error::ScenarioError;
pub use truth::Truth;
