//! From what a file says to an instance.

use std::collections::BTreeMap;

use swerve_model::instance::{
    Absence, Instance, Limits, Pair, Role, Span, StaticRoute, StaticTask, VehiclePrices,
    VehicleType,
};

use super::super::estimate::Estimate;
use super::super::fault::Faults;
use super::clock::Clock;
use super::input::{Action, Input, Order, PER_HOUR, Shipment, Step, StepKind, Vehicle};
use super::labels::{Labels, TaskLabel, VehicleLabel};
use super::sites::Sites;
use super::ways::Ways;

/// Units of cost to one of the file's, before what all prices share is divided out: an hour of seconds
/// and a kilometre of metres both go into it.
const COST_SCALE: i64 = 18_000;

/// What a file is: an instance, what its tasks are called, and routes to begin with.
pub(super) struct Converted {
    pub(super) instance: Instance,
    pub(super) labels: Labels,
    pub(super) initial: Vec<StaticRoute>,
}

/// Nothing where the faults leave nothing to be made.
pub(super) fn convert(
    input: &Input,
    name: &str,
    estimate: Estimate,
    faults: &mut Faults,
) -> Option<Converted> {
    let scale = if input.vehicles.iter().any(|vehicle| vehicle.pace != 100) { 100 } else { 1 };
    let clock = Clock::for_windows(&input.windows(), scale);
    let source = Ways::source(&input.matrices, faults)?;
    let mut draft = Draft {
        clock,
        dimensions: input.dimensions(faults),
        tasks: Vec::new(),
        labels: Vec::new(),
        pairs: Vec::new(),
        choices: Vec::new(),
        known: BTreeMap::new(),
        weight: input.jobs.len() as u32 + 2 * input.shipments.len() as u32 + 1,
    };
    let mut sites = Sites::new(source);
    let mut ways = Ways::default();
    let kinds = kinds(input, &mut sites, &mut ways, clock, draft.dimensions, faults);
    draft.jobs(input, &kinds, &mut sites, faults);
    draft.shipments(input, &kinds, &mut sites, faults);
    draft.breaks(input, &kinds, faults);
    let travel = ways.matrices(&input.matrices, &sites, scale, estimate, faults)?;
    let initial = draft.initial(input, &kinds, faults);
    number(&mut draft.tasks, &draft.labels);
    let (fleet, cost_scale) = priced(&kinds, scale);
    let instance = Instance {
        name: name.to_owned(),
        scale,
        cost_scale,
        positions: sites.positions(),
        travel,
        tasks: draft.tasks,
        pairs: draft.pairs,
        choices: draft.choices,
        fleet,
    };
    let vehicles = kinds.iter().map(|kind| {
        let label = |index: &usize| VehicleLabel::of(&input.vehicles[*index]);
        kind.vehicles.iter().map(label).collect()
    });
    let labels = Labels {
        clock,
        tasks: draft.labels,
        vehicles: vehicles.collect(),
        has_distances: ways.has_distances(&input.matrices),
        is_estimated: input.matrices.is_empty(),
    };
    Some(Converted { instance, labels, initial })
}

impl Input {
    fn actions<'a>(&'a self) -> impl Iterator<Item = &'a Action> {
        let jobs = self.jobs.iter().map(|job| &job.action);
        let halves = |shipment: &'a Shipment| [&shipment.pickup, &shipment.delivery];
        jobs.chain(self.shipments.iter().flat_map(halves))
    }

    fn windows(&self) -> Vec<Span> {
        let of_tasks = self.actions().flat_map(|action| &action.windows);
        let of_shifts = self.vehicles.iter().filter_map(|vehicle| vehicle.window.as_ref());
        let breaks = self.vehicles.iter().flat_map(|vehicle| &vehicle.breaks);
        let of_breaks = breaks.flat_map(|rest| &rest.windows);
        of_tasks.chain(of_shifts).chain(of_breaks).copied().collect()
    }

    /// Of all amounts, which must have as many each where they are given, and fit some vehicle.
    fn dimensions(&self, faults: &mut Faults) -> usize {
        let given = self.amounts();
        let Some((first, expected)) = given.first().map(|(path, all)| (path, all.len())) else {
            return 0;
        };
        let mut room = vec![0; expected];
        for vehicle in &self.vehicles {
            for (room, capacity) in room.iter_mut().zip(&vehicle.capacity) {
                *room = *capacity.max(room);
            }
        }
        for (path, amounts) in &given {
            if amounts.len() != expected {
                let fault = format!("{} amounts; {first} has {expected}", amounts.len());
                faults.add(path.clone(), fault);
            }
            for (dimension, (amount, room)) in amounts.iter().zip(&room).enumerate() {
                if amount > room {
                    let fault = format!("is {amount}; no vehicle has room for more than {room}");
                    faults.add(format!("{path}[{dimension}]"), fault);
                }
            }
        }
        expected
    }

    /// Amounts of any kind that the file gives, and where.
    fn amounts(&self) -> Vec<(String, &[i64])> {
        let mut given = Vec::new();
        let mut add = |path: &str, key, amounts| {
            let amounts: &[i64] = amounts;
            if !amounts.is_empty() {
                given.push((format!("{path}.{key}"), amounts));
            }
        };
        for vehicle in &self.vehicles {
            add(&vehicle.path, "capacity", &vehicle.capacity);
        }
        for job in &self.jobs {
            add(&job.order.path, "delivery", &job.delivery);
            add(&job.order.path, "pickup", &job.pickup);
        }
        for shipment in &self.shipments {
            add(&shipment.order.path, "amount", &shipment.amount);
        }
        given
    }
}

/// Vehicles alike in everything but their names.
struct Kind {
    vehicle: VehicleType,
    vehicles: Vec<usize>,
    name: Option<String>,
    fixed: i64,
    per_hour: i64,
    per_km: i64,
    /// Whether a matrix of costs stands in place of distances.
    by_costs: bool,
}

impl Kind {
    fn is_as(&self, other: &Kind) -> bool {
        self.vehicle == other.vehicle
            && self.name == other.name
            && (self.fixed, self.per_hour, self.per_km)
                == (other.fixed, other.per_hour, other.per_km)
    }
}

/// One kind for each vehicle with breaks, and one for all others that are alike.
fn kinds(
    input: &Input,
    sites: &mut Sites,
    ways: &mut Ways,
    clock: Clock,
    dimensions: usize,
    faults: &mut Faults,
) -> Vec<Kind> {
    let mut kinds: Vec<Kind> = Vec::new();
    for (index, vehicle) in input.vehicles.iter().enumerate() {
        if faults.is_full() {
            break;
        }
        let Some(mut kind) = kind(vehicle, sites, clock, dimensions, faults) else { continue };
        kind.vehicle.profile = ways.profile(vehicle, &input.matrices, faults);
        kind.by_costs = Ways::are_costs(&input.matrices, &vehicle.profile);
        kind.vehicles.push(index);
        let is_single = |kind: &Kind| !input.vehicles[kind.vehicles[0]].breaks.is_empty();
        let alike = kinds.iter_mut().find(|known| !is_single(known) && known.is_as(&kind));
        match alike.filter(|_| vehicle.breaks.is_empty()) {
            Some(known) => known.vehicles.push(index),
            None => kinds.push(kind),
        }
    }
    for (number, kind) in kinds.iter_mut().enumerate() {
        kind.vehicle.number = number as u32;
        kind.vehicle.count = kind.vehicles.len() as u32;
    }
    kinds
}

fn kind(
    vehicle: &Vehicle,
    sites: &mut Sites,
    clock: Clock,
    dimensions: usize,
    faults: &mut Faults,
) -> Option<Kind> {
    let start = vehicle.start.as_ref().map(|place| sites.of(place, faults));
    let end = vehicle.end.as_ref().map(|place| sites.of(place, faults));
    let shift = vehicle
        .window
        .map(|window| faults.take(format!("{}.time_window", vehicle.path), clock.units(window)));
    let mut capacity = vehicle.capacity.clone();
    capacity.resize(dimensions, 0);
    // A site that is none is a fault already.
    let (start, end) = (
        start.map_or(Some(None), |site| site.map(Some)),
        end.map_or(Some(None), |site| site.map(Some)),
    );
    Some(Kind {
        vehicle: VehicleType {
            start: start?,
            end: end?,
            shift: shift.unwrap_or(Some(Span::ALWAYS))?,
            capacity,
            skills: vehicle.skills.clone(),
            limits: Limits {
                distance: vehicle.distance_max.map(|metres| metres * clock.scale),
                driving: vehicle.driving_max.map(|seconds| seconds * clock.scale),
                duty: None,
                visits: vehicle.tasks_max.map(|tasks| tasks as u32),
            },
            ..VehicleType::default()
        },
        vehicles: Vec::new(),
        name: vehicle.kind.clone(),
        fixed: vehicle.fixed,
        per_hour: vehicle.per_hour,
        per_km: vehicle.per_km,
        by_costs: false,
    })
}

/// The kinds with their prices in units of cost, and how many of these one of the file's is.
fn priced(kinds: &[Kind], scale: i64) -> (Vec<VehicleType>, i64) {
    let cost_scale = COST_SCALE * scale;
    let prices = kinds.iter().map(|kind| VehiclePrices {
        fixed: kind.fixed * cost_scale,
        // Of each unit, of which an hour has 3600 times the scale.
        driving: if kind.by_costs { 0 } else { kind.per_hour * (COST_SCALE / PER_HOUR) },
        distance: if kind.by_costs { COST_SCALE } else { kind.per_km * (COST_SCALE / 1000) },
        ..VehiclePrices::default()
    });
    let mut prices: Vec<VehiclePrices> = prices.collect();
    let shared = prices.iter().fold(cost_scale, |shared, price| {
        [price.fixed, price.driving, price.distance].into_iter().fold(shared, gcd)
    });
    for price in &mut prices {
        price.fixed /= shared;
        price.driving /= shared;
        price.distance /= shared;
    }
    let kind =
        |(kind, prices): (&Kind, VehiclePrices)| VehicleType { prices, ..kind.vehicle.clone() };
    (kinds.iter().zip(prices).map(kind).collect(), cost_scale / shared)
}

fn gcd(a: i64, b: i64) -> i64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// Tasks as they are made.
struct Draft {
    clock: Clock,
    dimensions: usize,
    tasks: Vec<StaticTask>,
    labels: Vec<TaskLabel>,
    pairs: Vec<Pair>,
    choices: Vec<Vec<u32>>,
    /// Tasks by what they are called; several where they differ by type of vehicle. Breaks by vehicle.
    known: BTreeMap<(StepKind, usize, u64), Vec<u32>>,
    /// What one step of priority weighs: more than all tasks together.
    weight: u32,
}

impl Draft {
    fn jobs(&mut self, input: &Input, kinds: &[Kind], sites: &mut Sites, faults: &mut Faults) {
        for job in &input.jobs {
            let made = self.task(&job.action, sites, faults);
            let Some(mut task) = made.filter(|_| !faults.is_full()) else { continue };
            task.delivery.clone_from(&job.delivery);
            task.pickup.clone_from(&job.pickup);
            self.ordered(&mut task, &job.order, 1);
            let label = TaskLabel::of(StepKind::Job, &job.action, job.order.priority);
            let mut choice = Vec::new();
            for (only, durations) in variants(&[&job.action], kinds) {
                choice.push(self.add(&task, &label, only, durations[0]));
            }
            self.known.insert((StepKind::Job, 0, label.id), choice.clone());
            self.choose(choice);
        }
    }

    fn shipments(&mut self, input: &Input, kinds: &[Kind], sites: &mut Sites, faults: &mut Faults) {
        for shipment in &input.shipments {
            let halves = (
                self.task(&shipment.pickup, sites, faults),
                self.task(&shipment.delivery, sites, faults),
            );
            let (Some(mut pickup), Some(mut delivery)) = halves else { continue };
            // Two tasks are left out with it.
            self.ordered(&mut pickup, &shipment.order, 2);
            self.ordered(&mut delivery, &shipment.order, 2);
            pickup.pickup.clone_from(&shipment.amount);
            delivery.delivery.clone_from(&shipment.amount);
            let priority = shipment.order.priority;
            let labels = (
                TaskLabel::of(StepKind::Pickup, &shipment.pickup, priority),
                TaskLabel::of(StepKind::Delivery, &shipment.delivery, priority),
            );
            let (mut choice, mut deliveries) = (Vec::new(), Vec::new());
            for (only, durations) in variants(&[&shipment.pickup, &shipment.delivery], kinds) {
                let pair = Pair {
                    pickup: self.add(&pickup, &labels.0, only.clone(), durations[0]),
                    delivery: self.add(&delivery, &labels.1, only, durations[1]),
                };
                choice.push(pair.pickup);
                deliveries.push(pair.delivery);
                self.pairs.push(pair);
            }
            self.known.insert((StepKind::Pickup, 0, labels.0.id), choice.clone());
            self.known.insert((StepKind::Delivery, 0, labels.1.id), deliveries);
            self.choose(choice);
        }
    }

    fn breaks(&mut self, input: &Input, kinds: &[Kind], faults: &mut Faults) {
        for (number, kind) in kinds.iter().enumerate() {
            let index = kind.vehicles[0];
            let vehicle = &input.vehicles[index];
            for (rank, rest) in vehicle.breaks.iter().enumerate() {
                let path = format!("{}.breaks[{rank}]", vehicle.path);
                let Some(windows) = self.windows(&rest.windows, &path, faults) else { continue };
                let task = StaticTask { role: Role::Break, windows, ..StaticTask::default() };
                let label = TaskLabel::of_break(rest);
                let durations = (0, rest.service);
                let added = self.add(&task, &label, Some(vec![number as u32]), durations);
                self.known.insert((StepKind::Break, index, rest.id), vec![added]);
            }
        }
    }

    fn task(&self, action: &Action, sites: &mut Sites, faults: &mut Faults) -> Option<StaticTask> {
        let site = sites.of(&action.place, faults);
        let windows = self.windows(&action.windows, &action.path, faults);
        Some(StaticTask { site: site?, windows: windows?, ..StaticTask::default() })
    }

    fn windows(&self, windows: &[Span], path: &str, faults: &mut Faults) -> Option<Vec<Span>> {
        if windows.is_empty() {
            return Some(vec![Span::ALWAYS]);
        }
        let window = |(index, window): (usize, &Span)| {
            let path = format!("{path}.time_windows[{index}]");
            faults.take(path, self.clock.units(*window))
        };
        windows.iter().enumerate().map(window).collect()
    }

    /// With its skills, and what it weighs if it is left out with so many tasks.
    fn ordered(&self, task: &mut StaticTask, order: &Order, count: u32) {
        task.skills.clone_from(&order.skills);
        task.absence = Absence::Weight(count * (order.priority as u32 * self.weight + 1));
    }

    fn add(
        &mut self,
        task: &StaticTask,
        label: &TaskLabel,
        only: Option<Vec<u32>>,
        (setup, service): (i64, i64),
    ) -> u32 {
        let scale = self.clock.scale;
        let (setup, service) = (setup * scale, service * scale);
        self.tasks.push(StaticTask { only, setup, service, ..task.clone() });
        self.labels.push(label.clone());
        self.tasks.len() as u32 - 1
    }

    fn choose(&mut self, choice: Vec<u32>) {
        if choice.len() > 1 {
            self.choices.push(choice);
        }
    }

    /// Routes to begin with: those that vehicles' steps say.
    fn initial(&self, input: &Input, kinds: &[Kind], faults: &mut Faults) -> Vec<StaticRoute> {
        let mut routes = Vec::new();
        for (number, kind) in kinds.iter().enumerate() {
            for index in &kind.vehicles {
                let mut route = StaticRoute { kind: number as u32, tasks: Vec::new() };
                for step in &input.vehicles[*index].steps {
                    route.tasks.extend(self.known(step, *index, number as u32, faults));
                }
                if !route.tasks.is_empty() {
                    routes.push(route);
                }
            }
        }
        routes
    }
}

impl Draft {
    /// The task that a step of a vehicle of that kind means.
    fn known(&self, step: &Step, vehicle: usize, kind: u32, faults: &mut Faults) -> Option<u32> {
        let vehicle = match step.kind {
            StepKind::Break => vehicle,
            _ => 0,
        };
        let Some(found) = self.known.get(&(step.kind, vehicle, step.id)) else {
            faults.add(format!("{}.id", step.path), format!("is {}, which there is not", step.id));
            return None;
        };
        let may = |task: &u32| {
            let only = &self.tasks[*task as usize].only;
            only.as_ref().is_none_or(|only| only.contains(&kind))
        };
        found.iter().copied().find(may)
    }
}

/// Setup and service of each of an order's actions, and the kinds of vehicles that take as long; `None`
/// for all.
type Variant = (Option<Vec<u32>>, Vec<(i64, i64)>);

/// The kinds of vehicles apart by how long the actions take them.
fn variants(actions: &[&Action], kinds: &[Kind]) -> Vec<Variant> {
    let of = |name: Option<&str>| -> Vec<(i64, i64)> {
        actions.iter().map(|action| (action.setup.of(name), action.service.of(name))).collect()
    };
    let differs =
        |action: &&Action| !action.setup.by_type.is_empty() || !action.service.by_type.is_empty();
    if !actions.iter().any(differs) {
        return vec![(None, of(None))];
    }
    let mut groups: BTreeMap<Vec<(i64, i64)>, Vec<u32>> = BTreeMap::new();
    for (number, kind) in kinds.iter().enumerate() {
        groups.entry(of(kind.name.as_deref())).or_default().push(number as u32);
    }
    if groups.len() == 1 {
        return groups.into_keys().map(|durations| (None, durations)).collect();
    }
    groups.into_iter().map(|(durations, kinds)| (Some(kinds), durations)).collect()
}

/// Tasks are numbered, for solution files, by their ids where all of these differ and are small enough,
/// else in the order of the file; breaks go on after the largest.
fn number(tasks: &mut [StaticTask], labels: &[TaskLabel]) {
    let ids = labels.iter().filter(|label| label.kind != StepKind::Break).map(|label| label.id);
    let mut ids: Vec<u64> = ids.collect();
    ids.sort_unstable();
    let largest = ids.last().copied().unwrap_or(0);
    let differ = ids.is_sorted_by(|one, next| one < next);
    let by_id = differ && largest.saturating_add(tasks.len() as u64) < u64::from(u32::MAX);
    let mut next = if by_id { largest as u32 + 1 } else { 1 };
    for (task, label) in tasks.iter_mut().zip(labels) {
        if by_id && label.kind != StepKind::Break {
            task.number = label.id as u32;
        } else {
            task.number = next;
            next += 1;
        }
    }
}
