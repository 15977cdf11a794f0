//! The plain problem, judged the short way: one window, one load, vehicles alike.

use proptest::prelude::*;
use swerve_model::instance::fixtures::{Feature, instances_with};

use super::properties::routes_of;
use super::*;

/// Distance, vehicles, unserved tasks, and what is broken.
#[derive(Debug, Default, PartialEq, Eq)]
struct Plain {
    distance: i64,
    vehicles: usize,
    unserved: Vec<u32>,
    breaches: Vec<Breach>,
}

fn plain(instance: &Instance, routes: &[StaticRoute]) -> Plain {
    let vehicle = &instance.fleet[0];
    let mut found = Plain::default();
    for (route, way) in routes.iter().enumerate().filter(|(_, way)| !way.tasks.is_empty()) {
        found.vehicles += 1;
        let (mut site, mut now, mut load) = (0, vehicle.shift.open, 0);
        for index in &way.tasks {
            let task = &instance.tasks[*index as usize];
            found.distance += instance.travel[0].distance(site, task.site);
            let arrival = now + instance.travel[0].duration(site, task.site);
            let close = task.windows[0].close;
            if arrival > close {
                found.breaches.push(Breach::Late { route, task: task.number, arrival, close });
            }
            now = arrival.max(task.windows[0].open) + task.service;
            site = task.site;
            load += task.delivery[0];
        }
        found.distance += instance.travel[0].distance(site, 0);
        let (arrival, close) = (now + instance.travel[0].duration(site, 0), vehicle.shift.close);
        if arrival > close {
            found.breaches.push(Breach::BackLate { route, arrival, close });
        }
        let capacity = vehicle.capacity[0];
        if load > capacity {
            found.breaches.push(Breach::Overloaded { route, dimension: 0, load, capacity });
        }
    }
    if found.vehicles > vehicle.count as usize {
        let (used, count) = (found.vehicles, vehicle.count);
        found.breaches.push(Breach::TooManyVehicles { vehicle: vehicle.number, used, count });
    }
    let is_served = |index: &u32| routes.iter().any(|route| route.tasks.contains(index));
    found.unserved = (0..instance.tasks.len() as u32).filter(|index| !is_served(index)).collect();
    found
}

/// What is late may be told later: the vehicle left later, which a plain judge does not know of.
fn without_moments(breaches: &[Breach]) -> Vec<Breach> {
    let without = |breach: &Breach| match *breach {
        Breach::Late { route, task, close, .. } => Breach::Late { route, task, arrival: 0, close },
        breach => breach,
    };
    breaches.iter().map(without).collect()
}

proptest! {
    #[test]
    fn a_plain_instance_is_judged_as_ever(
        (instance, routes) in prop_oneof![
            instances_with(Vec::new(), 1..=12),
            instances_with(vec![Feature::Asymmetry, Feature::Durations], 1..=12),
        ].prop_flat_map(|instance| {
            let routes = routes_of(&instance);
            (Just(instance), routes)
        })
    ) {
        let evaluation = evaluate(&instance, Objective::Distance, &routes);
        let expected = plain(&instance, &routes);
        prop_assert_eq!(evaluation.distance, expected.distance);
        prop_assert_eq!(evaluation.cost, expected.distance);
        prop_assert_eq!(evaluation.vehicles, expected.vehicles);
        prop_assert_eq!(evaluation.weight_unserved, expected.unserved.len() as i64);
        prop_assert_eq!(evaluation.unserved, expected.unserved);
        prop_assert_eq!(without_moments(&evaluation.breaches), without_moments(&expected.breaches));
    }
}
