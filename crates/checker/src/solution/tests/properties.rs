//! What holds for any instance and any routes, each beside a slow twin written from the definition.

use std::collections::BTreeSet;
use std::mem::{Discriminant, discriminant};

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use swerve_model::instance::fixtures::{instances, objectives};

use super::*;

/// Every task on one of three routes or on none, in any order, with any vehicles.
pub(super) fn routes_of(instance: &Instance) -> impl Strategy<Value = Vec<StaticRoute>> + use<> {
    let places = prop::collection::vec((0..4_usize, any::<u16>()), instance.tasks.len());
    let kinds = prop::collection::vec(0..instance.fleet.len() as u32, 3);
    (places, kinds).prop_map(|(places, kinds)| {
        let route = |(number, kind): (usize, u32)| {
            let on_it = |index: &u32| places[*index as usize].0 == number;
            let mut tasks: Vec<u32> = (0..places.len() as u32).filter(on_it).collect();
            tasks.sort_by_key(|index| places[*index as usize].1);
            StaticRoute { kind, tasks }
        };
        kinds.into_iter().enumerate().map(route).collect()
    })
}

fn solutions(tasks: usize) -> impl Strategy<Value = (Instance, Vec<StaticRoute>)> {
    instances(1..=tasks).prop_flat_map(|instance| {
        let routes = routes_of(&instance);
        (Just(instance), routes)
    })
}

/// A route that leaves then, driven as the definition says: when its tasks begin, or `None` if one is
/// reached too late, and when it is over.
fn drive_from(instance: &Instance, route: &StaticRoute, departure: i64) -> Option<(Vec<i64>, i64)> {
    let vehicle = &instance.fleet[route.kind as usize];
    let travel = &instance.travel[vehicle.profile as usize];
    let tasks = || route.tasks.iter().map(|index| &instance.tasks[*index as usize]);
    let mut halts = tasks().filter(|task| task.role != Role::Break);
    let first = halts.next().expect("a visit").site;
    let (mut now, mut site, mut is_first) = (departure, vehicle.start.unwrap_or(first), true);
    let mut begins = Vec::new();
    for task in tasks() {
        let mut setup = 0;
        if task.role != Role::Break {
            if !(is_first && vehicle.start.is_none()) {
                now = travel.arrival(site, task.site, now);
            }
            setup = if task.site == site { 0 } else { task.setup };
            (site, is_first) = (task.site, false);
        }
        now = (now..=now.max(2000))
            .find(|moment| task.windows.iter().any(|w| w.contains(*moment)))?;
        begins.push(now);
        now += setup + task.service;
    }
    let end = vehicle.end.map_or(now, |end| travel.arrival(site, end, now));
    Some((begins, end))
}

/// The latest departure of all that do no harm.
fn scan(instance: &Instance, route: &StaticRoute) -> i64 {
    let open = instance.fleet[route.kind as usize].shift.open;
    let Some((at_once, end)) = drive_from(instance, route, open) else { return open };
    let is_harmless = |departure: &i64| {
        let Some((begins, later_end)) = drive_from(instance, route, *departure) else {
            return false;
        };
        let is_kept = |((index, later), at_once): ((&u32, i64), i64)| {
            let soft = instance.tasks[*index as usize].soft;
            soft.is_none_or(|soft| later <= soft.span.close || later <= at_once)
        };
        let in_order = route.tasks.iter().zip(begins).zip(at_once.iter().copied());
        later_end <= end && in_order.into_iter().all(is_kept)
    };
    (open..=end).filter(is_harmless).max().unwrap_or(open)
}

/// What is aboard after so many tasks of a route, each thing for itself: is that between where it comes
/// aboard and where it goes off?
fn aboard_after(instance: &Instance, tasks: &[u32], done: usize, dimension: usize) -> i64 {
    let is_reload = |index: &u32| instance.tasks[*index as usize].role == Role::Reload;
    let amount = |load: &[i64]| load.get(dimension).copied().unwrap_or(0);
    let mut aboard = 0;
    for (position, index) in tasks.iter().enumerate() {
        let task = &instance.tasks[*index as usize];
        let pair = instance.pairs.iter().find(|pair| [pair.pickup, pair.delivery].contains(index));
        if let Some(pair) = pair {
            let delivered = tasks.iter().position(|index| *index == pair.delivery);
            // A delivery before its pickup brings nothing: what is picked up stays.
            let off = delivered.filter(|off| *off > position).unwrap_or(tasks.len());
            if pair.pickup == *index && (position + 1..=off).contains(&done) {
                aboard += amount(&task.pickup);
            }
            continue;
        }
        let reload_before = tasks[..position].iter().rposition(is_reload).map_or(0, |at| at + 1);
        let reload_after = tasks[position..].iter().position(is_reload).map(|at| position + at);
        if (reload_before..=position).contains(&done) {
            aboard += amount(&task.delivery);
        }
        if (position + 1..=reload_after.unwrap_or(tasks.len())).contains(&done) {
            aboard += amount(&task.pickup);
        }
    }
    aboard
}

proptest! {
    #[test]
    fn a_vehicle_leaves_at_the_latest_of_all_departures_that_do_no_harm(
        (instance, routes) in solutions(6)
    ) {
        let evaluation = evaluate(&instance, Objective::Distance, &routes);
        for (route, timetable) in routes.iter().zip(&evaluation.timetables) {
            if has_visit(&instance, route) {
                prop_assert_eq!(timetable.start, scan(&instance, route));
                if let Some((begins, end)) = drive_from(&instance, route, timetable.start) {
                    let found = timetable.visits.iter().map(|visit| visit.begin);
                    prop_assert_eq!(found.collect::<Vec<_>>(), begins);
                    prop_assert_eq!(timetable.end, end);
                }
                prop_assert_eq!(timetable.duty, timetable.end - timetable.start);
            }
        }
    }

    #[test]
    fn loads_are_those_of_each_thing_for_itself((instance, routes) in solutions(12)) {
        let evaluation = evaluate(&instance, Objective::Distance, &routes);
        for (route, timetable) in routes.iter().zip(&evaluation.timetables) {
            if !has_visit(&instance, route) {
                continue;
            }
            let after = timetable.visits.iter().map(|visit| &visit.load);
            for (done, load) in std::iter::once(&timetable.load).chain(after).enumerate() {
                for (dimension, load) in load.iter().enumerate() {
                    let expected = aboard_after(&instance, &route.tasks, done, dimension);
                    prop_assert_eq!(*load, expected, "after {} in {}", done, dimension);
                }
            }
        }
    }

    #[test]
    fn the_order_of_routes_changes_nothing(
        ((instance, routes), objective, by) in (solutions(20), objectives(), 0..3_usize)
    ) {
        let one = evaluate(&instance, objective, &routes);
        let mut turned = routes;
        turned.rotate_left(by);
        let other = evaluate(&instance, objective, &turned);
        prop_assert_eq!(one.rank(objective), other.rank(objective));
        prop_assert_eq!(one.distance, other.distance);
        prop_assert_eq!(one.vehicles, other.vehicles);
        prop_assert_eq!(one.unserved, other.unserved);
        prop_assert_eq!(one.breaches.len(), other.breaches.len());
    }

    #[test]
    fn the_cost_is_that_of_its_parts(
        ((instance, routes), objective) in (solutions(20), objectives())
    ) {
        let absent = |evaluation: &Evaluation| {
            let price = |index: &u32| match instance.tasks[*index as usize].absence {
                Absence::Weight(_) => 0,
                Absence::Price(price) => price,
            };
            evaluation.unserved.iter().map(price).sum::<i64>()
        };
        let whole = evaluate(&instance, objective, &routes);
        let parts: Vec<Evaluation> = routes
            .iter()
            .map(|route| evaluate(&instance, objective, std::slice::from_ref(route)))
            .collect();
        let distance: i64 = parts.iter().map(|part| part.distance).sum();
        prop_assert_eq!(whole.distance, distance);
        let cost: i64 = parts.iter().map(|part| part.cost - absent(part)).sum();
        prop_assert_eq!(whole.cost - absent(&whole), cost);
    }

    #[test]
    fn whatever_the_routes_are_the_judge_has_an_answer(
        (instance, routes, objective) in (
            instances(1..=12),
            prop::collection::vec((any_index(), prop::collection::vec(any_index(), 0..9)), 0..6),
            objectives(),
        )
    ) {
        let route = |(kind, tasks)| StaticRoute { kind, tasks };
        let routes: Vec<StaticRoute> = routes.into_iter().map(route).collect();
        let evaluation = evaluate(&instance, objective, &routes);
        prop_assert_eq!(evaluation.timetables.len(), routes.len());
        for breach in &evaluation.breaches {
            prop_assert!(!breach.to_string().is_empty());
        }
    }
}

fn any_index() -> impl Strategy<Value = u32> {
    prop_oneof![8 => 0..14_u32, 1 => any::<u32>(), 1 => Just(u32::MAX)]
}

/// Otherwise the properties above would say little.
#[test]
fn random_solutions_break_every_rule_and_keep_every_rule() {
    let mut runner = TestRunner::deterministic();
    let mut broken: BTreeSet<String> = BTreeSet::new();
    let mut kinds: Vec<Discriminant<Breach>> = Vec::new();
    let mut in_order = 0;
    for _ in 0..2000 {
        let tree = solutions(6).new_tree(&mut runner).expect("a solution");
        let (instance, routes) = tree.current();
        let evaluation = evaluate(&instance, Objective::Distance, &routes);
        in_order += usize::from(evaluation.breaches.is_empty() && evaluation.vehicles > 0);
        for breach in evaluation.breaches {
            if !kinds.contains(&discriminant(&breach)) {
                kinds.push(discriminant(&breach));
                broken.insert(breach.to_string());
            }
        }
    }
    // All but what is not in the instance, and what is done twice.
    assert_eq!(kinds.len(), 17 - 3, "{broken:#?}");
    assert!(in_order > 300, "{in_order}");
}
