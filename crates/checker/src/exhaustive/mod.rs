//! What could be granted at all? Every plan of a tiny territory, tried.
//!
//! The oracle for searches: up to [`STOPS_MAX`] stops that may move, on up to [`VANS_MAX`] vans, in
//! every distribution and every order. A plan counts when [`crate::judge`] would let it pass, so
//! "impossible" here is impossible under the very rules revisions are judged by. Nothing is pruned but
//! what already breaks a rule, or costs no less than the best plan found.
//!
//! Time: up to (stops + vans - 1)! / (vans - 1)! plans; 181,440 for seven stops on three vans.

mod puzzle;
mod search;
#[cfg(test)]
mod tests;

use swerve_model::{Cost, Meters, Moment, ShipmentId, Stop, StopTimes, Ticks};

pub use puzzle::{Freedom, Puzzle};

use crate::timetable::NameUnknown;

/// More would take minutes.
pub const STOPS_MAX: usize = 7;
pub const VANS_MAX: usize = 3;

/// Why something cannot be tried exhaustively.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PuzzleError {
    #[error("{stops} stops on {vans} vans; at most {STOPS_MAX} on {VANS_MAX} are tried")]
    TooLarge { stops: usize, vans: usize },
    #[error(transparent)]
    NameUnknown(#[from] NameUnknown),
    /// Its stop is done, being served, driven to or due: no plan takes it from there.
    #[error("{shipment} is on a stop that cannot change any more")]
    TooNear { shipment: ShipmentId },
}

/// One van's day as the price sees it.
#[derive(Clone, Copy, Debug)]
pub struct Trip<'a> {
    /// Index into the routes the puzzle was made of.
    pub route: usize,
    /// The stops after the frozen ones, in order, and when they are served.
    pub stops: &'a [&'a Stop],
    pub times: &'a [StopTimes],
    /// From the end of the frozen stops to the depot.
    pub driving: Ticks,
    pub distance: Meters,
    /// `None` for a van that stays at the depot.
    pub back: Option<Moment>,
}

/// The cheapest plan there is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Solution {
    pub cost: Cost,
    /// For each route, its undone stops in their new order, frozen ones first.
    pub routes: Vec<Vec<Stop>>,
}
