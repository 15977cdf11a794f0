//! Where a stop can go, what that costs, and how a few routes can be made better: pure search.
//!
//! In: stops, vans, prices, a seed and a budget in iterations. Out: proposals. Nothing here reads a
//! clock, a file or the road graph; driving is asked of [`swerve_model::TravelTimes`] and space of
//! [`swerve_model::NearbyChunks`], so that the same search runs over a table in a test and over roads
//! in production. Every answer depends on its arguments alone, whatever the number of threads.
#![forbid(unsafe_code)]

mod chance;
mod construct;
mod districts;
#[cfg(test)]
mod fixtures;
mod fleet;
mod improve;
mod insertion;
mod instance;
mod load;
pub mod offline;
mod price;
mod promise;
mod route;
mod search;

pub use construct::{WHOLE_STOPS_MAX, construct};
pub use districts::districts;
pub use fleet::Fleet;
pub use improve::{Brake, Problem, Proposal, Search, Worth, improve};
pub use insertion::{
    Answer, Batch, Effort, Insertion, Live, Obstacle, Placement, REGRET_ROUTES, Refusal, regret,
};
pub use instance::{Baseline, Custody, Inadmissible, Stop, Told, Van, WEIGHT_MAX, Windows};
pub use load::LoadSpan;
pub use price::{Breakdown, Prices, Tariff};
pub use promise::Assurance;
pub use route::{At, Excess, Route, Rules};
