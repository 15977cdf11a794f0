//! Solutions as VROOM writes them.

use serde::Serialize;
use swerve_model::Planar;
use swerve_model::instance::{Instance, Role, StaticTask};

use super::super::driven::{DrivenRoute, Halt};
use super::input::StepKind;
use super::labels::{Labels, PlaceLabel, TaskLabel, VehicleLabel};

/// A solution of an instance that was read from VROOM's JSON; times of the search in milliseconds.
///
/// Fields that VROOM's own page strikes out as deprecated are left out.
#[derive(Debug, Serialize)]
struct Document<'a> {
    code: u8,
    summary: Summary,
    unassigned: Vec<Unassigned<'a>>,
    routes: Vec<Route<'a>>,
}

#[derive(Debug, Default, Serialize)]
struct Sums {
    cost: i64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    delivery: Vec<i64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pickup: Vec<i64>,
    setup: i64,
    service: i64,
    duration: i64,
    waiting_time: i64,
    priority: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    distance: Option<i64>,
    violations: [(); 0],
}

#[derive(Debug, Serialize)]
struct Summary {
    routes: usize,
    unassigned: usize,
    #[serde(flatten)]
    sums: Sums,
    computing_times: ComputingTimes,
}

#[derive(Debug, Serialize)]
struct ComputingTimes {
    loading: u64,
    solving: u64,
    routing: u64,
}

#[derive(Debug, Serialize)]
struct Unassigned<'a> {
    id: u64,
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    #[serde(flatten)]
    place: Location,
}

#[derive(Debug, Serialize)]
struct Route<'a> {
    vehicle: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    #[serde(flatten)]
    sums: Sums,
    steps: Vec<Step<'a>>,
}

#[derive(Debug, Serialize)]
struct Step<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    #[serde(flatten)]
    place: Location,
    arrival: i64,
    duration: i64,
    setup: i64,
    service: i64,
    waiting_time: i64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    load: Vec<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    distance: Option<i64>,
    violations: [(); 0],
}

#[derive(Clone, Copy, Debug, Default, Serialize)]
struct Location {
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<[f64; 2]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    location_index: Option<u32>,
}

impl From<PlaceLabel> for Location {
    fn from(place: PlaceLabel) -> Location {
        let location = place.coordinates.map(|Planar { x, y }| [x, y]);
        Location { location, location_index: place.index }
    }
}

/// Writes the routes that have halts; the rest is unassigned. `loading` and `solving` are milliseconds.
///
/// # Panics
/// If the routes are not of that instance, or the instance is not of that file.
pub fn write(
    instance: &Instance,
    labels: &Labels,
    routes: &[DrivenRoute],
    loading: u64,
    solving: u64,
) -> String {
    let writer = Writer { instance, labels };
    let used: Vec<&DrivenRoute> = routes.iter().filter(|route| !route.halts.is_empty()).collect();
    let vehicles = labels.of_routes(used.iter().copied());
    let routes = used.iter().zip(vehicles);
    let written: Vec<Route> = routes.map(|(route, vehicle)| writer.route(route, vehicle)).collect();
    let unassigned = writer.unassigned(&used);
    let summary = Summary {
        routes: written.len(),
        unassigned: unassigned.len(),
        sums: Sums {
            // Cut once, not by route.
            cost: used.iter().map(|route| writer.cost(route)).sum::<i64>() / instance.cost_scale,
            ..writer.total(written.iter().map(|route| &route.sums))
        },
        computing_times: ComputingTimes { loading, solving, routing: 0 },
    };
    let document = Document { code: 0, summary, unassigned, routes: written };
    let mut text = serde_json::to_string_pretty(&document).expect("keys are texts");
    text.push('\n');
    text
}

struct Writer<'a> {
    instance: &'a Instance,
    labels: &'a Labels,
}

impl<'a> Writer<'a> {
    fn route(&self, route: &DrivenRoute, vehicle: &'a VehicleLabel) -> Route<'a> {
        let mut steps = Vec::with_capacity(route.halts.len() + 2);
        let mut sums = self.nothing();
        let first = route.halts.first().map(|halt| self.label(halt).place).unwrap_or_default();
        let start = vehicle.start.unwrap_or(first);
        steps.push(self.end_step("start", start, route.start, 0, 0, &route.load));
        for halt in &route.halts {
            let step = self.step(halt);
            sums.setup += step.setup;
            sums.service += step.service;
            sums.waiting_time += step.waiting_time;
            self.count(&mut sums, halt.task);
            steps.push(step);
        }
        let last = route.halts.iter().rev().find(|halt| self.task(halt.task).role == Role::Visit);
        let last = last.map(|halt| self.label(halt).place).unwrap_or_default();
        let load = route.halts.last().map_or(&route.load, |halt| &halt.load);
        let end = vehicle.end.unwrap_or(last);
        let (distance, driving) = (route.distance, route.driving);
        steps.push(self.end_step("end", end, route.end, distance, driving, load));
        sums.cost = self.cost(route) / self.instance.cost_scale;
        sums.duration = driving / self.instance.scale;
        sums.distance = self.distance(distance);
        Route { vehicle: vehicle.id, description: vehicle.description.as_deref(), sums, steps }
    }

    fn step(&self, halt: &Halt) -> Step<'a> {
        let (label, task) = (self.label(halt), self.task(halt.task));
        let scale = self.instance.scale;
        Step {
            kind: label.kind(),
            id: Some(label.id),
            description: label.description.as_deref(),
            place: label.place.into(),
            arrival: self.labels.clock.seconds(halt.arrival),
            duration: halt.driving / scale,
            // Not where the vehicle was at the place already.
            setup: (halt.depart - halt.begin - task.service) / scale,
            service: task.service / scale,
            waiting_time: (halt.begin - halt.arrival) / scale,
            load: halt.load.clone(),
            distance: self.distance(halt.distance),
            violations: [],
        }
    }

    fn end_step(
        &self,
        kind: &'static str,
        place: PlaceLabel,
        moment: i64,
        distance: i64,
        driving: i64,
        load: &[i64],
    ) -> Step<'a> {
        Step {
            kind,
            id: None,
            description: None,
            place: place.into(),
            arrival: self.labels.clock.seconds(moment),
            duration: driving / self.instance.scale,
            setup: 0,
            service: 0,
            waiting_time: 0,
            load: load.to_vec(),
            distance: self.distance(distance),
            violations: [],
        }
    }

    /// Adds what a task brings, takes, and is worth. The load of a pair is both brought and taken.
    fn count(&self, sums: &mut Sums, index: u32) {
        let (label, task) = (&self.labels.tasks[index as usize], self.task(index));
        sums.priority += label.priority;
        add(&mut sums.delivery, &task.delivery);
        add(&mut sums.pickup, &task.pickup);
    }

    fn cost(&self, route: &DrivenRoute) -> i64 {
        let prices = self.instance.fleet[route.kind as usize].prices;
        prices.fixed + prices.distance * route.distance + prices.driving * route.driving
    }

    /// All but the cost.
    fn total<'s>(&self, routes: impl Iterator<Item = &'s Sums>) -> Sums {
        let mut total = self.nothing();
        total.distance = self.distance(0);
        for sums in routes {
            add(&mut total.delivery, &sums.delivery);
            add(&mut total.pickup, &sums.pickup);
            total.setup += sums.setup;
            total.service += sums.service;
            total.duration += sums.duration;
            total.waiting_time += sums.waiting_time;
            total.priority += sums.priority;
            total.distance = total.distance.zip(sums.distance).map(|(sum, one)| sum + one);
        }
        total
    }

    /// Every task no route does, once however many ways there are to do it.
    fn unassigned(&self, routes: &[&DrivenRoute]) -> Vec<Unassigned<'a>> {
        let key = |label: &TaskLabel| (label.kind, label.id);
        let done: Vec<u32> =
            routes.iter().flat_map(|route| &route.halts).map(|halt| halt.task).collect();
        let mut seen: std::collections::BTreeSet<(StepKind, u64)> =
            done.iter().map(|task| key(&self.labels.tasks[*task as usize])).collect();
        let labels = self.labels.tasks.iter().filter(|label| label.kind != StepKind::Break);
        let unassigned = labels.filter(|label| seen.insert(key(label)));
        let written = |label: &'a TaskLabel| Unassigned {
            id: label.id,
            kind: label.kind(),
            description: label.description.as_deref(),
            place: label.place.into(),
        };
        unassigned.map(written).collect()
    }

    fn nothing(&self) -> Sums {
        let zeros = vec![0; self.instance.dimensions()];
        Sums { delivery: zeros.clone(), pickup: zeros, ..Sums::default() }
    }

    /// In metres, where distances are.
    fn distance(&self, units: i64) -> Option<i64> {
        self.labels.has_distances.then_some(units / self.instance.scale)
    }

    fn task(&self, index: u32) -> &'a StaticTask {
        &self.instance.tasks[index as usize]
    }

    fn label(&self, halt: &Halt) -> &'a TaskLabel {
        &self.labels.tasks[halt.task as usize]
    }
}

fn add(sums: &mut [i64], amounts: &[i64]) {
    for (sum, amount) in sums.iter_mut().zip(amounts) {
        *sum += amount;
    }
}
