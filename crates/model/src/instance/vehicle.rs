//! What does the tasks.

use super::Span;

/// Vehicles alike in everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VehicleType {
    /// The file's number for it.
    pub number: u32,
    /// Sites where its routes start and end; `None` for where the first task is, or the last.
    pub start: Option<u32>,
    pub end: Option<u32>,
    /// Index of its travel matrix.
    pub profile: u32,
    /// Leaves no earlier than it opens, is back no later than it closes.
    pub shift: Span,
    /// By dimension; every type has as many.
    pub capacity: Vec<i64>,
    /// How many there are; [`u32::MAX`] for as many as are wanted.
    pub count: u32,
    /// What it can do, in ascending order.
    pub skills: Vec<u32>,
    pub prices: VehiclePrices,
    pub limits: Limits,
    /// Tasks that its route begins with, in this order: done, under way, or promised. Such a type has one
    /// vehicle, which is used.
    pub locked: Vec<u32>,
}

/// What a used vehicle costs under [`super::Objective::Cost`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VehiclePrices {
    pub fixed: i64,
    /// For each unit of distance, and of time spent driving.
    pub distance: i64,
    pub driving: i64,
    /// For each unit of time on duty, driving included.
    pub duty: i64,
    pub overtime: Option<Overtime>,
}

/// Duty beyond a length, paid on top.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overtime {
    pub after: i64,
    pub price: i64,
}

/// What a route may not exceed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    pub distance: Option<i64>,
    pub driving: Option<i64>,
    pub duty: Option<i64>,
    /// Visits: neither breaks nor reloads.
    pub visits: Option<u32>,
}

impl Default for VehicleType {
    fn default() -> VehicleType {
        VehicleType {
            number: 0,
            start: Some(0),
            end: Some(0),
            profile: 0,
            shift: Span::ALWAYS,
            capacity: Vec::new(),
            count: u32::MAX,
            skills: Vec::new(),
            prices: VehiclePrices::default(),
            limits: Limits::default(),
            locked: Vec::new(),
        }
    }
}
