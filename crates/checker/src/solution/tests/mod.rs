//! Each rule by hand, then what holds for any instance and any routes.

use swerve_model::instance::{
    Instance, Objective, Span, StaticRoute, StaticTask, TravelMatrix, VehicleType,
};

use super::*;

mod exhaustive;
mod plain;
mod properties;
mod rules;
mod times;

/// Sites 0, 10, 20, 30 on a line; tasks 1, 2, 3 at the last three, of indices 0, 1, 2, a load of 1 each.
/// One vehicle with room for 3.
pub(super) fn line() -> Instance {
    let task = |number: u32| StaticTask {
        number,
        site: number,
        service: 5,
        windows: vec![Span { open: 0, close: 1000 }],
        delivery: vec![1],
        ..StaticTask::default()
    };
    Instance {
        name: "line".to_owned(),
        scale: 1,
        cost_scale: 1,
        travel: vec![legs(10)],
        tasks: (1..4).map(task).collect(),
        fleet: vec![VehicleType {
            number: 7,
            shift: Span { open: 0, close: 1000 },
            capacity: vec![3],
            count: 1,
            ..VehicleType::default()
        }],
        ..Instance::default()
    }
}

/// Four sites on a line, so far apart.
pub(super) fn legs(apart: i32) -> TravelMatrix {
    let legs = (0..16).map(|index: i32| (index / 4 - index % 4).abs() * apart);
    TravelMatrix::new(legs.collect()).expect("a square")
}

pub(super) fn span(open: i64, close: i64) -> Span {
    Span { open, close }
}

pub(super) fn route(tasks: &[u32]) -> StaticRoute {
    StaticRoute { kind: 0, tasks: tasks.to_vec() }
}

/// One more task at this site, at the end of the list.
pub(super) fn with_task(mut instance: Instance, role: Role, site: u32) -> Instance {
    let number = instance.tasks.len() as u32 + 1;
    let only = (role == Role::Break).then(|| vec![0]);
    instance.tasks.push(StaticTask { number, role, site, only, ..StaticTask::default() });
    instance
}

/// The evaluation of one route by distance. The instance has no faults, or the test has.
pub(super) fn drive(instance: &Instance, tasks: &[u32]) -> Evaluation {
    assert_eq!(instance.faults(), []);
    evaluate(instance, Objective::Distance, &[route(tasks)])
}

/// What one route breaks.
pub(super) fn breaches(instance: &Instance, tasks: &[u32]) -> Vec<Breach> {
    drive(instance, tasks).breaches
}
