//! A static planning problem: everything known beforehand, nothing on the road yet.
//!
//! What benchmark files and other planners' inputs say, in one form. `scenario` reads files into it,
//! `optimizer` solves it, `checker` judges what was solved; none of them knows the others' part.
//!
//! All numbers are whole and in the instance's own units: a file's unit is [`Instance::scale`] of them.
//! Distances and times are rounded once, by the reader, as the instance's family prescribes.

use std::fmt;

use crate::travel::Planar;

/// Values of a file beyond this are no instance anyone means; sums of a million of them fit an `i64`,
/// and a few of them an `i32`.
pub const QUANTITY_MAX: i64 = 1 << 28;

/// Sites at most: one matrix takes a GiB then, and a search holds a few.
pub const SITES_MAX: usize = 16_384;

/// What is to be planned.
#[derive(Clone, Debug, PartialEq)]
pub struct Instance {
    pub name: String,
    /// Units to one unit of the file.
    pub scale: i64,
    /// Where the sites lie, for pictures and nothing else; empty if the file does not say.
    pub positions: Vec<Planar>,
    pub travel: TravelMatrix,
    pub tasks: Vec<StaticTask>,
    pub fleet: Vec<VehicleType>,
}

/// Distances and durations between all sites; asymmetric and without a triangle inequality if need be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TravelMatrix {
    sites: usize,
    distances: Vec<i32>,
    /// `None`: as the distances.
    durations: Option<Vec<i32>>,
}

/// One thing to do at one site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaticTask {
    /// The file's number for it, for solution files.
    pub number: u32,
    pub site: u32,
    pub service: i64,
    /// When service may start; the vehicle waits if early.
    pub window: Span,
    /// Taken along from the start of the route.
    pub load: i64,
}

/// Vehicles alike in everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VehicleType {
    /// Sites where its routes start and end.
    pub start: u32,
    pub end: u32,
    /// Leaves no earlier than it opens, is back no later than it closes.
    pub shift: Span,
    pub capacity: i64,
    /// How many there are; [`u32::MAX`] for as many as are wanted.
    pub count: u32,
}

/// From one moment to another, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub open: i64,
    pub close: i64,
}

impl Span {
    /// Longer than any day.
    pub const ALWAYS: Span = Span { open: 0, close: QUANTITY_MAX };
}

/// One vehicle's way: an index into [`Instance::fleet`], and indices into [`Instance::tasks`] in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct StaticRoute {
    pub kind: u32,
    pub tasks: Vec<u32>,
}

/// A rule that an instance breaks, with the value that breaks it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InstanceFault {
    #[error("there is no {0}")]
    Nothing(&'static str),
    #[error("{sites} sites; at most {SITES_MAX} can be planned")]
    TooManySites { sites: usize },
    #[error("{what} is {value}; 0 to {QUANTITY_MAX} is allowed")]
    OutOfRange { what: What, value: i64 },
    #[error("{what} opens at {} and closes at {}, before it opens", span.open, span.close)]
    Reversed { what: What, span: Span },
    #[error("{what} is {site}; there are {sites}")]
    NoSuchSite { what: What, site: u32, sites: usize },
    #[error("task {number} weighs {load}; no vehicle carries more than {capacity}")]
    TooHeavy { number: u32, load: i64, capacity: i64 },
    #[error("{expected} positions are needed for {expected} sites; there are {found}")]
    Positions { expected: usize, found: usize },
}

/// Which number of an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    Leg { from: u32, to: u32 },
    TaskSite(u32),
    Service(u32),
    Window(u32),
    Load(u32),
    Start(usize),
    End(usize),
    Shift(usize),
    Capacity(usize),
    Scale,
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            What::Leg { from, to } => write!(f, "the way from site {from} to site {to}"),
            What::TaskSite(number) => write!(f, "the site of task {number}"),
            What::Service(number) => write!(f, "the service duration of task {number}"),
            What::Window(number) => write!(f, "the window of task {number}"),
            What::Load(number) => write!(f, "the load of task {number}"),
            What::Start(kind) => write!(f, "the start of vehicle type {kind}"),
            What::End(kind) => write!(f, "the end of vehicle type {kind}"),
            What::Shift(kind) => write!(f, "the shift of vehicle type {kind}"),
            What::Capacity(kind) => write!(f, "the capacity of vehicle type {kind}"),
            What::Scale => f.write_str("the scale"),
        }
    }
}

impl TravelMatrix {
    /// Row by row, from site to site; durations as the distances.
    ///
    /// # Errors
    /// `distances` is not a square.
    pub fn new(distances: Vec<i32>) -> Result<TravelMatrix, NotSquare> {
        let sites = side(&distances)?;
        Ok(TravelMatrix { sites, distances, durations: None })
    }

    /// The same with durations of their own.
    ///
    /// # Errors
    /// `durations` is not a square of the same size.
    pub fn with_durations(self, durations: Vec<i32>) -> Result<TravelMatrix, NotSquare> {
        if side(&durations)? != self.sites {
            return Err(NotSquare { entries: durations.len() });
        }
        Ok(TravelMatrix { durations: Some(durations), ..self })
    }

    pub fn sites(&self) -> usize {
        self.sites
    }

    pub fn distance(&self, from: u32, to: u32) -> i64 {
        self.distances[from as usize * self.sites + to as usize].into()
    }

    pub fn duration(&self, from: u32, to: u32) -> i64 {
        self.durations()[from as usize * self.sites + to as usize].into()
    }

    /// Row by row.
    pub fn distances(&self) -> &[i32] {
        &self.distances
    }

    /// Row by row; the very distances where these are durations too.
    pub fn durations(&self) -> &[i32] {
        self.durations.as_deref().unwrap_or(&self.distances)
    }

    pub fn has_own_durations(&self) -> bool {
        self.durations.is_some()
    }
}

/// A matrix whose entries do not fill a square.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a travel matrix has {entries} entries, which is not the square needed")]
pub struct NotSquare {
    pub entries: usize,
}

fn side(entries: &[i32]) -> Result<usize, NotSquare> {
    let side = entries.len().isqrt();
    if side * side == entries.len() { Ok(side) } else { Err(NotSquare { entries: entries.len() }) }
}

impl Instance {
    /// Every rule it breaks; at most [`FAULTS_MAX`]. A search or a judge may be given an instance only if
    /// there is none. O(sites²).
    pub fn faults(&self) -> Vec<InstanceFault> {
        let mut faults = Vec::new();
        let sites = self.travel.sites();
        if sites == 0 {
            faults.push(InstanceFault::Nothing("site"));
        }
        if sites > SITES_MAX {
            faults.push(InstanceFault::TooManySites { sites });
        }
        if self.fleet.is_empty() {
            faults.push(InstanceFault::Nothing("vehicle"));
        }
        if !self.positions.is_empty() && self.positions.len() != sites {
            faults.push(InstanceFault::Positions { expected: sites, found: self.positions.len() });
        }
        if !(1..=QUANTITY_MAX).contains(&self.scale) {
            faults.push(InstanceFault::OutOfRange { what: What::Scale, value: self.scale });
        }
        let capacity = self.fleet.iter().map(|kind| kind.capacity).max().unwrap_or(0);
        for task in &self.tasks {
            let number = task.number;
            in_range(What::Service(number), task.service, &mut faults);
            in_range(What::Load(number), task.load, &mut faults);
            is_span(What::Window(number), task.window, &mut faults);
            is_site(What::TaskSite(number), task.site, sites, &mut faults);
            if task.load > capacity {
                faults.push(InstanceFault::TooHeavy { number, load: task.load, capacity });
            }
        }
        for (index, kind) in self.fleet.iter().enumerate() {
            in_range(What::Capacity(index), kind.capacity, &mut faults);
            is_span(What::Shift(index), kind.shift, &mut faults);
            is_site(What::Start(index), kind.start, sites, &mut faults);
            is_site(What::End(index), kind.end, sites, &mut faults);
        }
        self.judge_travel(&mut faults);
        faults.truncate(FAULTS_MAX);
        faults
    }

    fn judge_travel(&self, faults: &mut Vec<InstanceFault>) {
        let sites = self.travel.sites();
        let own = self.travel.durations.iter();
        for table in std::iter::once(&self.travel.distances).chain(own) {
            let wrong = table.iter().enumerate().filter(|(_, leg)| !is_quantity(i64::from(**leg)));
            for (index, leg) in wrong.take(FAULTS_MAX) {
                let (from, to) = ((index / sites) as u32, (index % sites) as u32);
                let what = What::Leg { from, to };
                faults.push(InstanceFault::OutOfRange { what, value: i64::from(*leg) });
            }
        }
    }
}

/// More faults than this help nobody.
pub const FAULTS_MAX: usize = 20;

fn is_quantity(value: i64) -> bool {
    (0..=QUANTITY_MAX).contains(&value)
}

fn in_range(what: What, value: i64, faults: &mut Vec<InstanceFault>) {
    if !is_quantity(value) {
        faults.push(InstanceFault::OutOfRange { what, value });
    }
}

fn is_span(what: What, span: Span, faults: &mut Vec<InstanceFault>) {
    in_range(what, span.open, faults);
    in_range(what, span.close, faults);
    if span.close < span.open {
        faults.push(InstanceFault::Reversed { what, span });
    }
}

fn is_site(what: What, site: u32, sites: usize, faults: &mut Vec<InstanceFault>) {
    if site as usize >= sites {
        faults.push(InstanceFault::NoSuchSite { what, site, sites });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two_tasks() -> Instance {
        let task = |number: u32| StaticTask {
            number,
            site: number,
            service: 10,
            window: Span { open: 0, close: 100 },
            load: 1,
        };
        Instance {
            name: "two".to_owned(),
            scale: 10,
            positions: Vec::new(),
            travel: TravelMatrix::new(vec![0, 1, 2, 1, 0, 3, 2, 3, 0]).expect("a square"),
            tasks: vec![task(1), task(2)],
            fleet: vec![VehicleType {
                start: 0,
                end: 0,
                shift: Span { open: 0, close: 1000 },
                capacity: 2,
                count: u32::MAX,
            }],
        }
    }

    #[test]
    fn an_instance_in_order_has_no_faults() {
        assert_eq!(two_tasks().faults(), []);
    }

    #[test]
    fn every_fault_is_named_with_its_value() {
        let mut wrong = two_tasks();
        wrong.tasks[0].window = Span { open: 7, close: 6 };
        wrong.tasks[0].load = -1;
        wrong.tasks[1].load = 3;
        wrong.tasks[1].site = 9;
        wrong.fleet[0].end = 3;
        let said: Vec<String> = wrong.faults().iter().map(ToString::to_string).collect();
        let expected = [
            "the load of task 1 is -1; 0 to 268435456 is allowed",
            "the window of task 1 opens at 7 and closes at 6, before it opens",
            "the site of task 2 is 9; there are 3",
            "task 2 weighs 3; no vehicle carries more than 2",
            "the end of vehicle type 0 is 3; there are 3",
        ];
        assert_eq!(said, expected);
    }

    #[test]
    fn a_leg_below_zero_is_a_fault_and_a_matrix_is_square() {
        let mut wrong = two_tasks();
        wrong.travel = TravelMatrix::new(vec![0, -5, 2, 1, 0, 3, 2, 3, 0]).expect("a square");
        let said: Vec<String> = wrong.faults().iter().map(ToString::to_string).collect();
        assert_eq!(said, ["the way from site 0 to site 1 is -5; 0 to 268435456 is allowed"]);
        assert_eq!(TravelMatrix::new(vec![0; 8]), Err(NotSquare { entries: 8 }));
        assert_eq!(wrong.travel.with_durations(vec![0; 4]), Err(NotSquare { entries: 4 }));
    }
}
