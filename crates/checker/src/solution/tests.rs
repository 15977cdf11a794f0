use super::*;
use swerve_model::instance::{Span, StaticTask, TravelMatrix, VehicleType};

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
    let evaluation = evaluate(&line(), Objective::Distance, &[route(&[0, 1, 2]), route(&[])]);
    assert_eq!((evaluation.distance, evaluation.cost, evaluation.vehicles), (60, 60, 1));
    assert_eq!((evaluation.breaches, evaluation.unserved), (vec![], vec![]));
}

#[test]
fn every_breach_is_found() {
    let found = evaluate(&line(), Objective::Distance, &[route(&[2, 0]), route(&[0, 7])]);
    assert_eq!(found.unserved, [1]);
    let expected = [
        Breach::Late { route: 0, task: 1, arrival: 55, close: 40 },
        Breach::NoSuchTask { route: 1, index: 7 },
        Breach::TooManyVehicles { vehicle: 0, used: 2, count: 1 },
        Breach::ServedTwice { task: 1, times: 2 },
    ];
    assert_eq!(found.breaches, expected);
}

#[test]
fn a_load_beyond_the_capacity_and_a_late_return_are_breaches() {
    let mut instance = line();
    instance.fleet[0].capacity = vec![2];
    instance.fleet[0].shift.close = 74;
    let found = evaluate(&instance, Objective::Distance, &[route(&[0, 1, 2])]);
    let expected = [
        Breach::BackLate { route: 0, arrival: 75, close: 74 },
        Breach::Overloaded { route: 0, dimension: 0, load: 3, capacity: 2 },
    ];
    assert_eq!(found.breaches, expected);
}
