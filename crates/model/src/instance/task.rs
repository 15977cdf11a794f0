//! What is to be done at one site.

use super::{QUANTITY_MAX, Span};

/// One thing to do at one site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaticTask {
    /// The file's number for it, for solution files.
    pub number: u32,
    pub role: Role,
    /// Where; one that there is, but of no meaning, for a break.
    pub site: u32,
    /// How long it takes, and how much longer where the vehicle was not at the site already: to park,
    /// to find the door.
    pub service: i64,
    pub setup: i64,
    /// When it may begin: in order, apart from each other, at least one. The vehicle waits if early.
    pub windows: Vec<Span>,
    /// When it should begin.
    pub soft: Option<SoftWindow>,
    /// By dimension: brought from the start or the last reload. The delivery of a pair brings what its
    /// pickup took along, and both say the same.
    pub delivery: Vec<i64>,
    /// By dimension: taken along to the end or the next reload, or to the delivery of its pair.
    pub pickup: Vec<i64>,
    /// What a vehicle must be able to do, in ascending order.
    pub skills: Vec<u32>,
    /// The vehicle types that may do it, in ascending order, where not all may: what is loaded already
    /// stays in its van, a break is of its driver.
    pub only: Option<Vec<u32>>,
    /// What it means to leave it out; for a choice or a pair, that of its first task counts.
    pub absence: Absence,
}

/// What a task is to the plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Role {
    /// Done for somebody.
    #[default]
    Visit,
    /// A rest that every used vehicle of the types in [`StaticTask::only`] takes once, wherever it is.
    /// Those types have one vehicle each.
    Break,
    /// A halt at a depot, used if that is worth it: what was picked up is unloaded, what comes next is
    /// loaded. Once at most; an instance has as many as may be wanted.
    Reload,
}

/// What it means to leave a task out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Absence {
    /// Doing it comes before everything else, by weight: the sum of the weights left out is compared
    /// first.
    Weight(u32),
    /// It may be left out at that price, whatever the objective.
    Price(i64),
}

impl Default for Absence {
    fn default() -> Absence {
        Absence::Weight(1)
    }
}

/// A window that may be missed at a price, whatever the objective.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SoftWindow {
    pub span: Span,
    /// For each unit of time that the task begins before it opens, and after it closes. Nobody waits for
    /// it to open.
    pub early: i64,
    pub late: i64,
}

/// Indices of two tasks of one order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    pub pickup: u32,
    pub delivery: u32,
}

impl Default for StaticTask {
    fn default() -> StaticTask {
        StaticTask {
            number: 0,
            role: Role::Visit,
            site: 0,
            service: 0,
            setup: 0,
            windows: vec![Span { open: 0, close: QUANTITY_MAX }],
            soft: None,
            delivery: Vec::new(),
            pickup: Vec::new(),
            skills: Vec::new(),
            only: None,
            absence: Absence::default(),
        }
    }
}

impl StaticTask {
    /// The earliest moment it may begin for who is there by then; `None` after its last window.
    pub fn begin(&self, arrival: i64) -> Option<i64> {
        let window = self.windows.iter().find(|window| arrival <= window.close)?;
        Some(arrival.max(window.open))
    }
}
