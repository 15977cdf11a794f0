//! Judging a solution of a static instance from the definitions: every rule, every route, from nothing.

use swerve_model::instance::{Instance, StaticRoute, VehicleType};

/// What a solution costs, and every rule it breaks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evaluation {
    /// Sum over all routes, in the instance's units.
    pub distance: i64,
    /// Routes that serve anything.
    pub vehicles: usize,
    /// Tasks no route serves, by index.
    pub unserved: Vec<u32>,
    pub breaches: Vec<Breach>,
}

/// A rule that a solution breaks. Routes are counted from 0 and told from 1; tasks are named by their
/// number in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Breach {
    #[error("route #{} uses vehicle type {kind}, which there is not", route + 1)]
    NoSuchVehicle { route: usize, kind: u32 },
    #[error("route #{} serves a task of index {index}, which there is not", route + 1)]
    NoSuchTask { route: usize, index: u32 },
    #[error("task {task} is served {times} times")]
    ServedTwice { task: u32, times: u32 },
    #[error("route #{} reaches task {task} at {arrival}, after {close}", route + 1)]
    Late { route: usize, task: u32, arrival: i64, close: i64 },
    #[error("route #{} is back at {arrival}, after {close}", route + 1)]
    BackLate { route: usize, arrival: i64, close: i64 },
    #[error("route #{} carries {load}; its vehicle has room for {capacity}", route + 1)]
    Overloaded { route: usize, load: i64, capacity: i64 },
    #[error("{used} vehicles of type {kind} are used; there are {count}")]
    TooManyVehicles { kind: u32, used: u32, count: u32 },
}

/// Drives every route and counts what it finds. An empty route uses no vehicle and costs nothing.
/// O(tasks).
pub fn evaluate(instance: &Instance, routes: &[StaticRoute]) -> Evaluation {
    let mut evaluation = Evaluation::default();
    let mut served = vec![0u32; instance.tasks.len()];
    let mut used = vec![0u32; instance.fleet.len()];
    for (number, route) in routes.iter().enumerate() {
        if route.tasks.is_empty() {
            continue;
        }
        evaluation.vehicles += 1;
        let Some(vehicle) = instance.fleet.get(route.kind as usize) else {
            let kind = route.kind;
            evaluation.breaches.push(Breach::NoSuchVehicle { route: number, kind });
            continue;
        };
        used[route.kind as usize] += 1;
        drive(instance, number, vehicle, &route.tasks, &mut served, &mut evaluation);
    }
    for (kind, vehicle) in instance.fleet.iter().enumerate() {
        let (count, used) = (vehicle.count, used[kind]);
        if used > count {
            let kind = kind as u32;
            evaluation.breaches.push(Breach::TooManyVehicles { kind, used, count });
        }
    }
    for (task, times) in served.iter().enumerate() {
        match *times {
            0 => evaluation.unserved.push(task as u32),
            1 => {}
            times => {
                evaluation
                    .breaches
                    .push(Breach::ServedTwice { task: instance.tasks[task].number, times });
            }
        }
    }
    evaluation
}

fn drive(
    instance: &Instance,
    route: usize,
    vehicle: &VehicleType,
    tasks: &[u32],
    served: &mut [u32],
    evaluation: &mut Evaluation,
) {
    let (mut site, mut now, mut load) = (vehicle.start.unwrap_or(0), vehicle.shift.open, 0);
    for index in tasks {
        let Some(task) = instance.tasks.get(*index as usize) else {
            evaluation.breaches.push(Breach::NoSuchTask { route, index: *index });
            continue;
        };
        served[*index as usize] += 1;
        evaluation.distance += instance.travel[0].distance(site, task.site);
        let arrival = now + instance.travel[0].duration(site, task.site);
        if arrival > task.windows[0].close {
            let close = task.windows[0].close;
            evaluation.breaches.push(Breach::Late { route, task: task.number, arrival, close });
        }
        now = arrival.max(task.windows[0].open) + task.service;
        site = task.site;
        load += task.delivery.first().unwrap_or(&0);
    }
    evaluation.distance += instance.travel[0].distance(site, vehicle.end.unwrap_or(0));
    let arrival = now + instance.travel[0].duration(site, vehicle.end.unwrap_or(0));
    if arrival > vehicle.shift.close {
        let close = vehicle.shift.close;
        evaluation.breaches.push(Breach::BackLate { route, arrival, close });
    }
    if load > vehicle.capacity[0] {
        let capacity = vehicle.capacity[0];
        evaluation.breaches.push(Breach::Overloaded { route, load, capacity });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use swerve_model::instance::{Span, StaticTask, TravelMatrix};

    /// Sites 0, 10, 20, 30 on a line; tasks at the last three, a load of 1 each.
    fn line() -> Instance {
        let legs = (0..16).map(|index: i32| (index / 4 - index % 4).abs() * 10);
        let task = |number: u32| StaticTask {
            number,
            site: number,
            service: 5,
            windows: vec![Span { open: 0, close: 40 }],
            delivery: vec![1],
            ..StaticTask::default()
        };
        Instance {
            name: "line".to_owned(),
            scale: 1,
            cost_scale: 1,
            travel: vec![TravelMatrix::new(legs.collect()).expect("a square")],
            tasks: (1..4).map(task).collect(),
            fleet: vec![VehicleType {
                shift: Span { open: 0, close: 80 },
                capacity: vec![3],
                count: 1,
                ..VehicleType::default()
            }],
            ..Instance::default()
        }
    }

    fn route(tasks: &[u32]) -> StaticRoute {
        StaticRoute { kind: 0, tasks: tasks.to_vec() }
    }

    #[test]
    fn a_route_in_order_costs_its_way() {
        let evaluation = evaluate(&line(), &[route(&[0, 1, 2]), route(&[])]);
        assert_eq!(evaluation, Evaluation { distance: 60, vehicles: 1, ..Evaluation::default() });
    }

    #[test]
    fn every_breach_is_found() {
        let found = evaluate(&line(), &[route(&[2, 0]), route(&[0, 7])]);
        assert_eq!(found.unserved, [1]);
        let expected = [
            Breach::Late { route: 0, task: 1, arrival: 55, close: 40 },
            Breach::NoSuchTask { route: 1, index: 7 },
            Breach::TooManyVehicles { kind: 0, used: 2, count: 1 },
            Breach::ServedTwice { task: 1, times: 2 },
        ];
        assert_eq!(found.breaches, expected);
    }

    #[test]
    fn a_load_beyond_the_capacity_and_a_late_return_are_breaches() {
        let mut instance = line();
        instance.fleet[0].capacity = vec![2];
        instance.fleet[0].shift.close = 74;
        let found = evaluate(&instance, &[route(&[0, 1, 2])]);
        let expected = [
            Breach::BackLate { route: 0, arrival: 75, close: 74 },
            Breach::Overloaded { route: 0, load: 3, capacity: 2 },
        ];
        assert_eq!(found.breaches, expected);
    }
}
