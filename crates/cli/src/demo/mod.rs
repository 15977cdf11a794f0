//! `swerve demo`: a delivery day from the first scan to the last van home, against a real server.
//!
//! The simulator is a gRPC client like any other, on a clock it may move. It alone knows the truth
//! of roads and doors, keeps its own book of promises, scans and acknowledgements, and judges the
//! engine by that book. The same day is run with wishes, without, and with insertion alone, always
//! with the same truth; what a carrier without Swerve would have made of it is reckoned.

mod agenda;
mod apps;
mod args;
mod atlas;
mod audit;
mod baseline;
mod breach;
mod calendar;
mod feed;
mod figures;
mod folder;
mod ledger;
mod plan;
mod recipients;
mod reckon;
mod report;
mod run;
mod scene;
mod show;
mod stage;
mod story;
mod tally;
mod vans;
mod whims;
mod wire;
mod wishes;
mod world;

#[cfg(test)]
mod tests;

pub(crate) use args::Args;
pub(crate) use show::run;
