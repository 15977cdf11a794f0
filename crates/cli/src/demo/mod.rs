//! `swerve demo`: a delivery day from the first scan to the last van home, against a real server.
//!
//! The simulator is a gRPC client like any other, on a clock it may move. It alone knows the truth
//! of roads and doors, keeps its own book of promises, scans and acknowledgements, and judges the
//! engine by that book. The same day is run with wishes, without, and with insertion alone, always
//! with the same truth; what a carrier without Swerve would have made of it is reckoned.

mod agenda;
mod apps;
mod args;
pub(crate) mod atlas;
mod audit;
mod baseline;
mod breach;
pub(crate) mod calendar;
pub(crate) mod chronicle;
pub(crate) mod driven;
mod feed;
pub(crate) mod figures;
pub(crate) mod folder;
pub(crate) mod ledger;
pub(crate) mod plan;
mod recipients;
pub(crate) mod reckon;
mod report;
pub(crate) mod run;
pub(crate) mod scene;
mod show;
mod stage;
mod story;
pub(crate) mod tally;
pub(crate) mod vans;
mod whims;
mod wire;
pub(crate) mod wishes;
pub(crate) mod world;

#[cfg(test)]
mod tests;

pub(crate) use args::Args;
pub(crate) use show::run;
