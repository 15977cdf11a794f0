//! The exhaustive solver against every list of routes there is, one by one.

use proptest::prelude::*;
use swerve_model::instance::fixtures::{instances, objectives, tiny_instances};

use super::super::exhaustive::{TASKS_MAX, TooLarge, exhaustive};
use super::properties::routes_of;
use super::*;

/// The lowest rank of all solutions: every order of every subset, cut in every way, on every vehicle.
fn try_all(instance: &Instance, objective: Objective) -> Option<Rank> {
    fn go_on(
        instance: &Instance,
        objective: Objective,
        routes: &mut Vec<StaticRoute>,
        best: &mut Option<Rank>,
    ) {
        let evaluation = evaluate(instance, objective, routes);
        if evaluation.breaches.is_empty() {
            let rank = evaluation.rank(objective);
            *best = Some(best.map_or(rank, |best| best.min(rank)));
        }
        for next in 0..instance.tasks.len() as u32 {
            if routes.iter().any(|route| route.tasks.contains(&next)) {
                continue;
            }
            for kind in 0..instance.fleet.len() as u32 {
                routes.push(StaticRoute { kind, tasks: vec![next] });
                go_on(instance, objective, routes, best);
                routes.pop();
            }
            if let Some(last) = routes.len().checked_sub(1) {
                routes[last].tasks.push(next);
                go_on(instance, objective, routes, best);
                routes[last].tasks.pop();
            }
        }
    }
    let mut best = None;
    go_on(instance, objective, &mut Vec::new(), &mut best);
    best
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn it_finds_the_best_of_all(
        (instance, objective) in (instances(1..=4), objectives())
    ) {
        let found = exhaustive(&instance, objective).expect("few tasks");
        if let Some(found) = &found {
            prop_assert_eq!(&found.evaluation, &evaluate(&instance, objective, &found.routes));
            prop_assert_eq!(&found.evaluation.breaches, &[]);
        }
        let found = found.map(|found| found.evaluation.rank(objective));
        prop_assert_eq!(found, try_all(&instance, objective));
    }

    #[test]
    fn nothing_that_keeps_the_rules_is_better(
        ((instance, routes), objective) in (
            tiny_instances().prop_flat_map(|instance| {
                let routes = routes_of(&instance);
                (Just(instance), routes)
            }),
            objectives(),
        )
    ) {
        let evaluation = evaluate(&instance, objective, &routes);
        if evaluation.breaches.is_empty() {
            let best = exhaustive(&instance, objective).expect("few tasks").expect("a solution");
            prop_assert!(best.evaluation.rank(objective) <= evaluation.rank(objective));
        }
    }
}

#[test]
fn the_best_of_a_line_is_one_way_out_and_back() {
    let best = exhaustive(&line(), Objective::Distance).expect("three tasks").expect("a solution");
    assert_eq!(best.routes, [route(&[0, 1, 2])]);
    assert_eq!(best.evaluation.cost, 60);
}

#[test]
fn locked_tasks_that_cannot_be_done_leave_no_solution() {
    let mut instance = line();
    instance.fleet[0].locked = vec![0];
    instance.tasks[0].windows = vec![span(0, 9)];
    assert_eq!(exhaustive(&instance, Objective::Distance), Ok(None));
    instance.fleet[0].locked = Vec::new();
    let best =
        exhaustive(&instance, Objective::Distance).expect("three tasks").expect("a solution");
    assert_eq!(best.evaluation.unserved, [0]);
}

#[test]
fn more_tasks_than_can_be_tried_are_refused() {
    let mut instance = line();
    while instance.tasks.len() <= TASKS_MAX {
        instance = with_task(instance, Role::Visit, 1);
    }
    assert_eq!(exhaustive(&instance, Objective::Distance), Err(TooLarge { tasks: 9 }));
}
