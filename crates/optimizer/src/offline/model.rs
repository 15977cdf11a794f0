//! A static instance as the search reads it: dense, narrow, by small numbers.

use swerve_model::instance::{Instance, StaticTask, TravelMatrix, VehicleType};

use super::near::NearLists;
use super::numbering::Numbering;

/// No node, no slot.
pub(super) const NONE: u32 = u32::MAX;

/// What a leg costs and takes. Three kinds, so that an instance in which both are the same, or nothing
/// takes time, pays for no more than it needs: the table is what the search waits for.
pub(super) trait Leg: Copy + PartialEq + Send + Sync {
    /// Whether time can forbid anything.
    const IS_TIMED: bool;
    fn new(distance: i32, duration: i32) -> Self;
    fn cost(self) -> i32;
    fn time(self) -> i32;
}

/// Distance and duration are one number.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct OneLeg(i32);

/// They differ.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct TwoLeg {
    cost: i32,
    time: i32,
}

/// Nothing takes time.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct TimelessLeg(i32);

impl Leg for OneLeg {
    const IS_TIMED: bool = true;
    fn new(distance: i32, _duration: i32) -> OneLeg {
        OneLeg(distance)
    }
    #[inline]
    fn cost(self) -> i32 {
        self.0
    }
    #[inline]
    fn time(self) -> i32 {
        self.0
    }
}

impl Leg for TwoLeg {
    const IS_TIMED: bool = true;
    fn new(cost: i32, time: i32) -> TwoLeg {
        TwoLeg { cost, time }
    }
    #[inline]
    fn cost(self) -> i32 {
        self.cost
    }
    #[inline]
    fn time(self) -> i32 {
        self.time
    }
}

impl Leg for TimelessLeg {
    const IS_TIMED: bool = false;
    fn new(distance: i32, _duration: i32) -> TimelessLeg {
        TimelessLeg(distance)
    }
    #[inline]
    fn cost(self) -> i32 {
        self.0
    }
    #[inline]
    fn time(self) -> i32 {
        0
    }
}

/// A task, for the search. Sums of a few of its numbers fit an `i32`: see
/// [`swerve_model::instance::QUANTITY_MAX`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Task {
    pub(super) site: u32,
    pub(super) open: i32,
    pub(super) close: i32,
    pub(super) service: i32,
    pub(super) load: i32,
}

impl Task {
    /// Given the number of each of the instance's sites.
    pub(super) fn of(task: &StaticTask, site: &[u32]) -> Task {
        Task {
            site: site[task.site as usize],
            open: task.windows[0].open as i32,
            close: task.windows[0].close as i32,
            service: task.service as i32,
            load: task.delivery.first().map_or(0, |load| *load as i32),
        }
    }
}

/// Vehicles alike, and the slots that are theirs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kind {
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) open: i32,
    pub(super) close: i32,
    pub(super) capacity: i32,
}

/// The whole instance, for the search.
pub(super) struct Model<L> {
    pub(super) sites: usize,
    /// Legs from a site, row by row; and to a site, row by row, where that is not the same table.
    out: Vec<L>,
    into: Option<Vec<L>>,
    pub(super) tasks: Vec<Task>,
    pub(super) kinds: Vec<Kind>,
    /// The kind of each slot: a place for one route. Never more slots than tasks, of each kind.
    pub(super) slots: Vec<u32>,
    /// What it costs to leave one task out: more than serving it can cost by itself.
    pub(super) absence: i64,
    pub(super) near: NearLists<L>,
    /// The instance's index of each task.
    pub(super) index: Vec<u32>,
    /// The number here of each of the instance's sites.
    pub(super) site: Vec<u32>,
}

/// Which of the three legs an instance needs.
pub(super) enum Needs {
    Timeless,
    One,
    Two,
}

impl Needs {
    pub(super) fn of(instance: &Instance) -> Needs {
        let travel = &instance.travel[0];
        if !travel.has_own_durations() {
            return Needs::One;
        }
        let is_open = |task: &StaticTask| {
            instance.fleet.iter().all(|kind| task.windows[0].contains(kind.shift.open))
        };
        let takes_none = travel.durations().iter().all(|duration| *duration == 0)
            && instance.tasks.iter().all(|task| task.service == 0)
            && instance.tasks.iter().all(is_open);
        if takes_none { Needs::Timeless } else { Needs::Two }
    }
}

impl<L: Leg> Model<L> {
    /// The instance must be without faults. O(sites² + tasks²).
    pub(super) fn new(instance: &Instance, absence: i64) -> Model<L> {
        let mut model = Model::without_lists(instance, absence);
        model.near = NearLists::of(&model);
        model
    }

    /// With nobody near anybody.
    pub(super) fn without_lists(instance: &Instance, absence: i64) -> Model<L> {
        let numbering = Numbering::along_neighbours(instance);
        let site = Numbering::inverse(&numbering.sites);
        let sites = numbering.sites.len();
        let out = legs(&instance.travel[0], &numbering.sites);
        let into = transposed(&out, sites);
        let task = |index: &u32| Task::of(&instance.tasks[*index as usize], &site);
        let tasks: Vec<Task> = numbering.tasks.iter().map(task).collect();
        let kind = |kind: &VehicleType| Kind {
            start: site[kind.start.unwrap_or(0) as usize],
            end: site[kind.end.unwrap_or(0) as usize],
            open: kind.shift.open as i32,
            close: kind.shift.close as i32,
            capacity: kind.capacity.first().map_or(0, |room| *room as i32),
        };
        let kinds = instance.fleet.iter().map(kind).collect();
        let mut slots = Vec::new();
        for (number, kind) in instance.fleet.iter().enumerate() {
            let count = (kind.count as usize).min(tasks.len());
            slots.extend(std::iter::repeat_n(number as u32, count));
        }
        let near = NearLists::default();
        let index = numbering.tasks;
        Model { sites, out, into, tasks, kinds, slots, absence, near, index, site }
    }

    /// Legs from `site`, by site.
    #[inline]
    pub(super) fn from(&self, site: u32) -> &[L] {
        &self.out[site as usize * self.sites..][..self.sites]
    }

    /// Legs to `site`, by site.
    #[inline]
    pub(super) fn to(&self, site: u32) -> &[L] {
        let into = self.into.as_ref().unwrap_or(&self.out);
        &into[site as usize * self.sites..][..self.sites]
    }

    #[inline]
    pub(super) fn leg(&self, from: u32, to: u32) -> L {
        self.out[from as usize * self.sites + to as usize]
    }
}

/// The table under new numbers.
fn legs<L: Leg>(travel: &TravelMatrix, sites: &[u32]) -> Vec<L> {
    let (distances, durations) = (travel.distances(), travel.durations());
    let mut legs = Vec::with_capacity(distances.len());
    for from in sites {
        let row = *from as usize * sites.len();
        let leg = |to: &u32| L::new(distances[row + *to as usize], durations[row + *to as usize]);
        legs.extend(sites.iter().map(leg));
    }
    legs
}

/// `None` if it is the same table.
fn transposed<L: Leg>(out: &[L], sites: usize) -> Option<Vec<L>> {
    let mut into = out.to_vec();
    for from in 0..sites {
        for to in 0..sites {
            into[to * sites + from] = out[from * sites + to];
        }
    }
    (into != out).then_some(into)
}
