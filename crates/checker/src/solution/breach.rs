//! Every way to break a rule.

use std::fmt;

/// A rule that a solution breaks, with the value that breaks it, in the instance's units. Routes are
/// counted from 0 and told from 1; tasks and vehicle types are named by their numbers in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Breach {
    /// An index into the fleet, as it has no number.
    #[error("route #{} uses the vehicle type of index {kind}, which there is not", route + 1)]
    NoSuchVehicle { route: usize, kind: u32 },
    #[error("route #{} serves a task of index {index}, which there is not", route + 1)]
    NoSuchTask { route: usize, index: u32 },
    #[error("route #{} has breaks or reloads and no visit", route + 1)]
    NoVisit { route: usize },
    #[error("route #{} has no task {task} in place {}, where it is locked", route + 1, position + 1)]
    LockedMoved { route: usize, task: u32, position: usize },
    #[error("route #{} does task {task}, for which vehicle type {vehicle} lacks skill {skill}", route + 1)]
    Unskilled { route: usize, task: u32, vehicle: u32, skill: u32 },
    #[error("route #{} does task {task}, which vehicle type {vehicle} may not do", route + 1)]
    NotAllowed { route: usize, task: u32, vehicle: u32 },
    #[error("route #{} leaves out break {task} of vehicle type {vehicle}", route + 1)]
    NoBreak { route: usize, task: u32, vehicle: u32 },
    #[error("route #{} reaches task {task} at {arrival}, after {close}", route + 1)]
    Late { route: usize, task: u32, arrival: i64, close: i64 },
    #[error("route #{} is back at {arrival}, after {close}", route + 1)]
    BackLate { route: usize, arrival: i64, close: i64 },
    #[error("route #{} carries {load}; its vehicle has room for {capacity} in dimension {dimension}", route + 1)]
    Overloaded { route: usize, dimension: usize, load: i64, capacity: i64 },
    #[error("route #{} has {what} {value}; at most {limit} is allowed", route + 1)]
    BeyondLimit { route: usize, what: Limited, value: i64, limit: i64 },
    #[error("{used} vehicles of type {vehicle} are used; there are {count}")]
    TooManyVehicles { vehicle: u32, used: usize, count: u32 },
    #[error("vehicle type {vehicle} has {count} locked tasks and no route")]
    LockedUnused { vehicle: u32, count: usize },
    #[error("task {task} is served {times} times")]
    ServedTwice { task: u32, times: u32 },
    #[error("tasks {pickup} and {delivery} are a pair, and one route does only one of them")]
    PairApart { pickup: u32, delivery: u32 },
    #[error("route #{} delivers task {delivery} before its pickup {pickup}", route + 1)]
    PairReversed { route: usize, pickup: u32, delivery: u32 },
    #[error("{done} tasks of the choice from task {first} are done; one is to be")]
    ChosenTwice { first: u32, done: usize },
}

/// What [`swerve_model::instance::Limits`] limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limited {
    Distance,
    Driving,
    Duty,
    Visits,
}

impl fmt::Display for Limited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Limited::Distance => "a distance of",
            Limited::Driving => "a driving time of",
            Limited::Duty => "a duty of",
            Limited::Visits => "visits in the number of",
        })
    }
}
