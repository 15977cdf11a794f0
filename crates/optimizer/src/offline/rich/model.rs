//! A static instance as the search for the whole model reads it.

use swerve_model::instance::{
    Absence, Instance, Objective, Overtime, Role, SoftWindow, Span, SpeedSlice, StaticTask,
    TravelMatrix, VehiclePrices, VehicleType,
};

use super::near::NearLists;
use crate::offline::numbering::Numbering;

/// No task, no slot, no site.
pub(super) const NONE: u32 = u32::MAX;

/// Distance and duration of a leg.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Leg {
    pub(super) distance: i32,
    pub(super) duration: i32,
}

/// One way of travelling.
pub(super) struct Profile {
    legs: Vec<Leg>,
    /// The same by the site they end at, unless that makes no difference.
    into: Option<Vec<Leg>>,
    /// By site, under the search's numbers; asked only where speed changes over the day.
    sliced: Option<TravelMatrix>,
}

/// All legs to and from one site.
#[derive(Clone, Copy)]
pub(super) struct Rows<'a> {
    into: &'a [Leg],
    out_of: &'a [Leg],
}

impl Rows<'_> {
    /// Zero from anywhere.
    #[inline]
    pub(super) fn from(self, site: u32) -> Leg {
        self.into.get(site as usize).copied().unwrap_or_default()
    }

    /// Zero to anywhere.
    #[inline]
    pub(super) fn to(self, site: u32) -> Leg {
        self.out_of.get(site as usize).copied().unwrap_or_default()
    }
}

#[derive(Clone, Debug)]
pub(super) struct Task {
    pub(super) role: Role,
    pub(super) site: u32,
    pub(super) service: i64,
    pub(super) setup: i64,
    /// From the first window's open to the last's close.
    pub(super) span: Span,
    /// More than one window.
    pub(super) windows: Option<Box<[Span]>>,
    pub(super) soft: Option<SoftWindow>,
    /// The other task of its pair.
    pub(super) partner: u32,
    /// Its order; [`NONE`] for breaks and reloads.
    pub(super) order: u32,
}

/// What is done as a whole or not at all.
#[derive(Clone, Debug)]
pub(super) struct Order {
    /// Any one of them does; more than one where there is a choice.
    pub(super) ways: Vec<Way>,
    /// What it weighs and costs to leave it out.
    pub(super) weight: i64,
    pub(super) price: i64,
}

/// One task, or a pickup and its delivery.
#[derive(Clone, Copy, Debug)]
pub(super) struct Way {
    pub(super) first: u32,
    /// [`NONE`] unless a pair.
    pub(super) second: u32,
}

#[derive(Clone, Debug)]
pub(super) struct Kind {
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) profile: u32,
    pub(super) shift: Span,
    pub(super) capacity: Vec<i32>,
    pub(super) prices: VehiclePrices,
    pub(super) distance_max: i64,
    pub(super) driving_max: i64,
    pub(super) duty_max: i64,
    pub(super) visits_max: u32,
    pub(super) breaks: Vec<u32>,
    pub(super) reloads: Vec<u32>,
    pub(super) locked: Vec<u32>,
    /// What a route costs or may not exceed depends on its whole timetable.
    pub(super) is_timed_whole: bool,
    /// Neither that, nor breaks, nor speeds that change: what a gap adds and how late it makes the rest
    /// follow from the stops beside it.
    pub(super) adds_up: bool,
}

/// The whole instance, for the search.
#[expect(clippy::struct_excessive_bools, reason = "each says what an instance has, all may be")]
pub(super) struct Model {
    pub(super) sites: usize,
    pub(super) dimensions: usize,
    pub(super) profiles: Vec<Profile>,
    pub(super) tasks: Vec<Task>,
    /// By task, then dimension.
    deliveries: Vec<i32>,
    pickups: Vec<i32>,
    pub(super) orders: Vec<Order>,
    pub(super) kinds: Vec<Kind>,
    /// The kind of each slot: a place for one route.
    pub(super) slots: Vec<u32>,
    /// The slots of each kind, which follow each other.
    pub(super) slots_of: Vec<std::ops::Range<u32>>,
    /// By task, then kind.
    may: Vec<bool>,
    /// Only few kinds may do it: all their gaps are looked at.
    pub(super) is_bound: Vec<bool>,
    pub(super) near: NearLists,
    pub(super) counts_vehicles: bool,
    pub(super) has_reloads: bool,
    /// All kinds do: see [`Kind::adds_up`].
    pub(super) adds_up: bool,
    pub(super) has_soft: bool,
    /// The instance's index of each task.
    pub(super) index: Vec<u32>,
}

/// A task that at most so many vehicles may do is not looked for beside its neighbours, who may be on
/// others.
const BOUND_MAX: u32 = 4;

impl Model {
    /// The instance must be without faults. O(sites² + tasks²).
    pub(super) fn new(instance: &Instance, objective: Objective) -> Model {
        let numbering = Numbering::along_neighbours(instance);
        let site = Numbering::inverse(&numbering.sites);
        let number = Numbering::inverse(&numbering.tasks);
        let dimensions = instance.dimensions();
        let listed = || numbering.tasks.iter().map(|index| &instance.tasks[*index as usize]);
        let mut tasks: Vec<Task> = listed().map(|task| Task::new(task, &site)).collect();
        for pair in &instance.pairs {
            let (pickup, delivery) = (number[pair.pickup as usize], number[pair.delivery as usize]);
            tasks[pickup as usize].partner = delivery;
            tasks[delivery as usize].partner = pickup;
        }
        let orders = orders(instance, &number, &mut tasks);
        let soft = tasks.iter().any(|task| task.soft.is_some());
        let mut kinds: Vec<Kind> = instance
            .fleet
            .iter()
            .map(|vehicle| Kind::new(vehicle, objective, instance, &site, &number, soft))
            .collect();
        let may = permissions(instance, &numbering.tasks);
        for (task, of) in tasks.iter().enumerate() {
            let allowed = |kind: &usize| may[task * kinds.len() + kind];
            let allowed: Vec<usize> = (0..kinds.len()).filter(allowed).collect();
            for kind in allowed {
                match of.role {
                    Role::Visit => {}
                    Role::Break => kinds[kind].breaks.push(task as u32),
                    Role::Reload => kinds[kind].reloads.push(task as u32),
                }
            }
        }
        for kind in &mut kinds {
            kind.breaks.sort_by_key(|task| tasks[*task as usize].span);
            let is_sliced = !instance.travel[kind.profile as usize].slices().is_empty();
            kind.adds_up = !kind.is_timed_whole && !is_sliced && kind.breaks.is_empty();
        }
        let (slots, slots_of) = slots(instance, orders.len());
        let adds_up = kinds.iter().all(|kind| kind.adds_up);
        let mut model = Model {
            adds_up,
            sites: numbering.sites.len(),
            dimensions,
            profiles: instance.travel.iter().map(|t| Profile::new(t, &numbering.sites)).collect(),
            deliveries: loads(listed().map(|task| &task.delivery), dimensions),
            pickups: loads(listed().map(|task| &task.pickup), dimensions),
            tasks,
            orders,
            kinds,
            slots,
            slots_of,
            may,
            is_bound: Vec::new(),
            near: NearLists::default(),
            counts_vehicles: objective == Objective::Vehicles,
            has_soft: soft,
            has_reloads: instance.tasks.iter().any(|task| task.role == Role::Reload),
            index: numbering.tasks,
        };
        model.is_bound = (0..model.tasks.len() as u32).map(|task| model.is_bound(task)).collect();
        model.near = NearLists::of(&model);
        model
    }

    /// Zero where one of the sites is anywhere.
    #[inline]
    pub(super) fn leg(&self, profile: u32, from: u32, to: u32) -> Leg {
        if from == NONE || to == NONE {
            return Leg::default();
        }
        self.profiles[profile as usize].legs[from as usize * self.sites + to as usize]
    }

    /// Of a site that is somewhere.
    #[inline]
    pub(super) fn rows<'a>(&'a self, profile: u32, site: u32) -> Rows<'a> {
        let of = &self.profiles[profile as usize];
        let row = |legs: &'a [Leg]| &legs[site as usize * self.sites..][..self.sites];
        Rows { into: row(of.into.as_deref().unwrap_or(&of.legs)), out_of: row(&of.legs) }
    }

    /// When one is there who leaves then.
    #[inline]
    pub(super) fn arrival(&self, profile: u32, from: u32, to: u32, departure: i64) -> i64 {
        match &self.profiles[profile as usize].sliced {
            Some(matrix) if from != NONE && to != NONE => matrix.arrival(from, to, departure),
            _ => departure + i64::from(self.leg(profile, from, to).duration),
        }
    }

    /// When one leaves at the latest to be there then.
    #[inline]
    pub(super) fn departure(&self, profile: u32, from: u32, to: u32, arrival: i64) -> i64 {
        match &self.profiles[profile as usize].sliced {
            Some(matrix) if from != NONE && to != NONE => matrix.departure(from, to, arrival),
            _ => arrival - i64::from(self.leg(profile, from, to).duration),
        }
    }

    #[inline]
    pub(super) fn may(&self, task: u32, kind: u32) -> bool {
        self.may[task as usize * self.kinds.len() + kind as usize]
    }

    #[inline]
    pub(super) fn delivery(&self, task: u32) -> &[i32] {
        &self.deliveries[task as usize * self.dimensions..][..self.dimensions]
    }

    #[inline]
    pub(super) fn pickup(&self, task: u32) -> &[i32] {
        &self.pickups[task as usize * self.dimensions..][..self.dimensions]
    }

    /// Some speeds change over the day.
    pub(super) fn is_sliced(&self) -> bool {
        self.profiles.iter().any(|profile| profile.sliced.is_some())
    }

    fn is_bound(&self, task: u32) -> bool {
        let slots = |kind: u32| self.slots_of[kind as usize].len() as u32;
        let allowed = (0..self.kinds.len() as u32).filter(|kind| self.may(task, *kind));
        allowed.map(slots).sum::<u32>() <= BOUND_MAX
    }
}

impl Task {
    fn new(task: &StaticTask, site: &[u32]) -> Task {
        let (first, last) = (task.windows[0], task.windows[task.windows.len() - 1]);
        Task {
            role: task.role,
            site: if task.role == Role::Break { NONE } else { site[task.site as usize] },
            service: task.service,
            setup: if task.role == Role::Break { 0 } else { task.setup },
            span: Span { open: first.open, close: last.close },
            windows: (task.windows.len() > 1).then(|| task.windows.clone().into_boxed_slice()),
            soft: task.soft,
            partner: NONE,
            order: NONE,
        }
    }

    /// When it begins for who is there by then; after its last close, never.
    #[inline]
    pub(super) fn begin(&self, arrival: i64) -> Option<i64> {
        if arrival > self.span.close {
            return None;
        }
        let Some(windows) = &self.windows else {
            return Some(arrival.max(self.span.open));
        };
        let window = windows.iter().find(|window| arrival <= window.close)?;
        Some(arrival.max(window.open))
    }

    /// The latest arrival with which it begins no later than that; `None` if there is none.
    #[inline]
    pub(super) fn latest_arrival(&self, begin: i64) -> Option<i64> {
        if begin < self.span.open {
            return None;
        }
        let Some(windows) = &self.windows else {
            return Some(begin.min(self.span.close));
        };
        let window = windows.iter().rev().find(|window| window.open <= begin)?;
        Some(begin.min(window.close))
    }

    /// How long it takes for who comes from there; who starts anywhere is there already.
    #[inline]
    pub(super) fn duration(&self, from: u32) -> i64 {
        if from == self.site || from == NONE { self.service } else { self.service + self.setup }
    }

    pub(super) fn is_visit(&self) -> bool {
        self.role == Role::Visit
    }

    pub(super) fn is_reload(&self) -> bool {
        self.role == Role::Reload
    }
}

impl Kind {
    fn new(
        vehicle: &VehicleType,
        objective: Objective,
        instance: &Instance,
        site: &[u32],
        number: &[u32],
        soft: bool,
    ) -> Kind {
        let place = |place: Option<u32>| place.map_or(NONE, |place| site[place as usize]);
        let distance = VehiclePrices { distance: 1, ..VehiclePrices::default() };
        let prices = if objective == Objective::Cost { vehicle.prices } else { distance };
        let limits = vehicle.limits;
        let is_sliced = !instance.travel[vehicle.profile as usize].slices().is_empty();
        let pays_time =
            prices.duty > 0 || prices.overtime.is_some_and(|Overtime { price, .. }| price > 0);
        let pays_slices = is_sliced && (prices.driving > 0 || limits.driving.is_some());
        Kind {
            start: place(vehicle.start),
            end: place(vehicle.end),
            profile: vehicle.profile,
            shift: vehicle.shift,
            capacity: vehicle.capacity.iter().map(|room| *room as i32).collect(),
            prices,
            distance_max: limits.distance.unwrap_or(i64::MAX),
            driving_max: limits.driving.unwrap_or(i64::MAX),
            duty_max: limits.duty.unwrap_or(i64::MAX),
            visits_max: limits.visits.unwrap_or(u32::MAX),
            breaks: Vec::new(),
            reloads: Vec::new(),
            locked: vehicle.locked.iter().map(|task| number[*task as usize]).collect(),
            is_timed_whole: pays_time || pays_slices || limits.duty.is_some() || soft,
            adds_up: false,
        }
    }
}

impl Profile {
    fn new(travel: &TravelMatrix, sites: &[u32]) -> Profile {
        let leg = |from: u32, to: u32| Leg {
            distance: travel.distance(from, to) as i32,
            duration: travel.duration(from, to) as i32,
        };
        let legs: Vec<Leg> =
            sites.iter().flat_map(|from| sites.iter().map(move |to| leg(*from, *to))).collect();
        let sliced = |slices: &[SpeedSlice]| {
            let distances = legs.iter().map(|leg| leg.distance).collect();
            let durations = legs.iter().map(|leg| leg.duration).collect();
            let matrix = TravelMatrix::new(distances).expect("as square as the instance's");
            let matrix = matrix.with_durations(durations).expect("as square as the distances");
            matrix.with_slices(slices.to_vec())
        };
        let count = sites.len();
        let turned = |index: usize| legs[index % count * count + index / count];
        let is_symmetric = (0..legs.len()).all(|index| legs[index] == turned(index));
        let into = (!is_symmetric).then(|| (0..legs.len()).map(turned).collect());
        let slices = travel.slices();
        Profile { into, sliced: (!slices.is_empty()).then(|| sliced(slices)), legs }
    }
}

/// Every visit's order: a choice, a pair, or the task alone.
fn orders(instance: &Instance, number: &[u32], tasks: &mut [Task]) -> Vec<Order> {
    let mut orders = Vec::new();
    let mut add = |indices: &[u32], tasks: &mut [Task]| {
        let order = orders.len() as u32;
        let mut ways = Vec::new();
        for index in indices {
            let first = number[*index as usize];
            let second = tasks[first as usize].partner;
            tasks[first as usize].order = order;
            if second != NONE {
                tasks[second as usize].order = order;
            }
            ways.push(Way { first, second });
        }
        let (weight, price) = match instance.tasks[indices[0] as usize].absence {
            Absence::Weight(weight) => (i64::from(weight), 0),
            Absence::Price(price) => (0, price),
        };
        orders.push(Order { ways, weight, price });
    };
    for choice in instance.choices.iter().filter(|choice| !choice.is_empty()) {
        add(choice, tasks);
    }
    for pair in &instance.pairs {
        if tasks[number[pair.pickup as usize] as usize].order == NONE {
            add(&[pair.pickup], tasks);
        }
    }
    for (index, number) in number.iter().enumerate() {
        let task = &tasks[*number as usize];
        if task.order == NONE && task.is_visit() {
            add(&[index as u32], tasks);
        }
    }
    orders
}

fn slots(instance: &Instance, orders: usize) -> (Vec<u32>, Vec<std::ops::Range<u32>>) {
    let (mut slots, mut slots_of) = (Vec::new(), Vec::new());
    for (kind, vehicle) in instance.fleet.iter().enumerate() {
        let first = slots.len() as u32;
        slots.extend(std::iter::repeat_n(kind as u32, (vehicle.count as usize).min(orders)));
        slots_of.push(first..slots.len() as u32);
    }
    (slots, slots_of)
}

fn loads<'a>(of: impl Iterator<Item = &'a Vec<i64>>, dimensions: usize) -> Vec<i32> {
    let mut loads = Vec::new();
    for load in of {
        let all = load.iter().map(|load| *load as i32).chain(std::iter::repeat(0));
        loads.extend(all.take(dimensions));
    }
    loads
}

fn permissions(instance: &Instance, tasks: &[u32]) -> Vec<bool> {
    let mut may = Vec::with_capacity(tasks.len() * instance.fleet.len());
    for task in tasks.iter().map(|index| &instance.tasks[*index as usize]) {
        for (kind, vehicle) in instance.fleet.iter().enumerate() {
            let has = |skill: &u32| vehicle.skills.binary_search(skill).is_ok();
            let listed = |only: &Vec<u32>| only.binary_search(&(kind as u32)).is_ok();
            may.push(task.only.as_ref().is_none_or(listed) && task.skills.iter().all(has));
        }
    }
    may
}
