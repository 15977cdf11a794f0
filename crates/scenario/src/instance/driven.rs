//! Routes with their moments, as writers need them. What a judge finds out about a solution, in a form
//! that asks for no judge.

/// A route as it is driven, in the instance's units.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DrivenRoute {
    /// Index of the vehicle type.
    pub kind: u32,
    /// When the vehicle leaves, and when the route is over.
    pub start: i64,
    pub end: i64,
    /// Aboard when it leaves, by dimension.
    pub load: Vec<i64>,
    /// Of the whole route; the time is that on the way.
    pub distance: i64,
    pub driving: i64,
    /// Tasks, breaks and reloads in order.
    pub halts: Vec<Halt>,
}

/// One task of a route.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Halt {
    /// Index of the task.
    pub task: u32,
    pub arrival: i64,
    /// When setup and service begin.
    pub begin: i64,
    pub depart: i64,
    /// From the start of the route to here.
    pub distance: i64,
    pub driving: i64,
    /// Aboard after it, by dimension.
    pub load: Vec<i64>,
}
