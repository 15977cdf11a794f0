//! A static planning problem: everything known beforehand, nothing on the road yet.
//!
//! What benchmark files and other planners' inputs say, in one form. `scenario` reads files into it,
//! `optimizer` solves it, `checker` judges what was solved; none of them knows the others' part, so what
//! the numbers mean is said here and nowhere else.
//!
//! All numbers are whole and in the instance's own units: a file's unit is [`Instance::scale`] of them.
//! Distances and times are rounded once, by the reader, as the instance's family prescribes.
//!
//! # What a route means
//! A route is a vehicle and the tasks it does, in order. It leaves [`VehicleType::start`] when the shift
//! opens or later, does each task where and when that allows, and ends at [`VehicleType::end`]. Where
//! that is `None`, it starts at the site of its first task that has one, or ends at that of its last, and
//! there is no leg from or to there.
//!
//! - A task is reached when the leg from the place before is over, by the matrix also where that is the
//!   same site. It begins at the earliest moment that is in one of its windows and not before that. It
//!   then takes its `setup`, unless the vehicle was at its site already (as it is where a route starts),
//!   and its `service`. A break has no site and no setup: it is taken where the vehicle is, before the
//!   leg to what comes next.
//! - Everything begins as early as that allows, except for the departure: the vehicle leaves as late as
//!   it can without ending later than if it leaves at once, reaching any task after its last window, or
//!   beginning a task with a [`SoftWindow`] later than both its close and the moment at which it begins
//!   if the vehicle leaves at once. Duty runs from then to the end of the route: the arrival there, or
//!   without one the end of its last task.
//! - What tasks deliver is aboard from the start of the route or the reload before them; what they pick
//!   up stays aboard until the reload after them or the end. The load of a [`Pair`] is aboard from its
//!   pickup to its delivery, whatever is reloaded between. No dimension may exceed the capacity at any
//!   time; whatever goes off at a task or a reload is off before anything comes aboard there.
//! - Every break and no other of a vehicle that is used is taken, in any order. Reloads are used or not.
//!
//! A route without any visit uses no vehicle, and may have no breaks or reloads either.

mod fault;
#[cfg(any(test, feature = "fixtures"))]
pub mod fixtures;
mod task;
mod travel;
mod vehicle;

pub use fault::{FAULTS_MAX, InstanceFault, What};
pub use task::{Absence, Pair, Role, SoftWindow, StaticTask};
pub use travel::{NotSquare, SpeedSlice, TravelMatrix};
pub use vehicle::{Limits, Overtime, VehiclePrices, VehicleType};

use crate::travel::Planar;

/// Values of a file beyond this are no instance anyone means; sums of a million of them fit an `i64`,
/// and a few of them an `i32`.
pub const QUANTITY_MAX: i64 = 1 << 28;

/// What one unit of anything may cost, and what a whole thing may.
pub const UNIT_PRICE_MAX: i64 = 1 << 24;
pub const PRICE_MAX: i64 = 1 << 44;

/// What all tasks and vehicles together could cost at worst, so that no sum overflows.
pub const COST_MAX: i64 = 1 << 60;

/// Sites at most: one matrix takes a GiB then, and a search holds a few.
pub const SITES_MAX: usize = 16_384;

/// Dimensions of a load at most: weight, volume, pieces, and a few compartments.
pub const DIMENSIONS_MAX: usize = 8;

/// What is to be planned.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Instance {
    pub name: String,
    /// Units to one unit of the file, for distances and times.
    pub scale: i64,
    /// Units to one unit of the file, for what is paid. Prices of distance and time are per unit of the
    /// instance.
    pub cost_scale: i64,
    /// Where the sites lie, for pictures and nothing else.
    pub positions: Positions,
    /// One for each way of travelling; [`VehicleType::profile`] says which.
    pub travel: Vec<TravelMatrix>,
    pub tasks: Vec<StaticTask>,
    /// Tasks that one vehicle does both of, the pickup first. No task is in two of them.
    pub pairs: Vec<Pair>,
    /// Tasks of which exactly one is to be done; a pair stands by its pickup. No task is in two of them.
    pub choices: Vec<Vec<u32>>,
    pub fleet: Vec<VehicleType>,
}

/// Where the sites of an instance lie.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Positions {
    /// The file does not say.
    #[default]
    Unknown,
    /// On a plane, in the file's units.
    Plane(Vec<Planar>),
    /// On Earth: longitude and latitude in degrees.
    Earth(Vec<Planar>),
}

impl Positions {
    pub fn points(&self) -> &[Planar] {
        match self {
            Positions::Unknown => &[],
            Positions::Plane(points) | Positions::Earth(points) => points,
        }
    }
}

/// From one moment to another, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    pub open: i64,
    pub close: i64,
}

impl Span {
    /// Longer than any day.
    pub const ALWAYS: Span = Span { open: 0, close: QUANTITY_MAX };

    pub fn contains(self, moment: i64) -> bool {
        (self.open..=self.close).contains(&moment)
    }
}

/// What a plan is measured by, after that it should do as much as possible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Objective {
    /// The sum of all legs' distances, whatever vehicles that takes.
    Distance,
    /// The number of vehicles, then distance.
    Vehicles,
    /// What vehicles are paid: [`VehiclePrices`].
    Cost,
}

/// One vehicle's way: an index into [`Instance::fleet`], and indices into [`Instance::tasks`] in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct StaticRoute {
    pub kind: u32,
    pub tasks: Vec<u32>,
}

impl Instance {
    /// Dimensions that loads are counted in.
    pub fn dimensions(&self) -> usize {
        self.fleet.first().map_or(0, |vehicle| vehicle.capacity.len())
    }
}
