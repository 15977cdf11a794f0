//! Each rule kept and broken, and each price, by hand.

use swerve_model::instance::{
    Absence, Limits, Overtime, Pair, SoftWindow, TravelMatrix, VehiclePrices,
};

use super::*;

#[test]
fn what_is_not_in_the_instance_is_named() {
    let mut found = evaluate(
        &line(),
        Objective::Distance,
        &[route(&[2, 0]), route(&[0, 7]), StaticRoute { kind: 3, tasks: vec![1] }, route(&[])],
    );
    assert_eq!(found.unserved, [1]);
    let expected = [
        Breach::NoSuchTask { route: 1, index: 7 },
        Breach::NoSuchVehicle { route: 2, kind: 3 },
        Breach::TooManyVehicles { vehicle: 7, used: 2, count: 1 },
        Breach::ServedTwice { task: 1, times: 2 },
    ];
    assert_eq!(found.breaches, expected);
    assert_eq!(found.timetables.len(), 4);
    assert_eq!(found.timetables.pop(), Some(Timetable::default()));
}

#[test]
fn a_breach_is_told_by_the_numbers_of_the_file() {
    let told = Breach::Unskilled { route: 0, task: 12, vehicle: 7, skill: 3 }.to_string();
    assert_eq!(told, "route #1 does task 12, for which vehicle type 7 lacks skill 3");
    let what = Limited::Driving;
    let told = Breach::BeyondLimit { route: 1, what, value: 9, limit: 8 }.to_string();
    assert_eq!(told, "route #2 has a driving time of 9; at most 8 is allowed");
}

#[test]
fn shifts_end_in_time() {
    let mut instance = line();
    instance.fleet[0].shift.close = 75;
    assert_eq!(breaches(&instance, &[0, 1, 2]), []);
    instance.fleet[0].shift.close = 74;
    let late = Breach::BackLate { route: 0, arrival: 75, close: 74 };
    assert_eq!(breaches(&instance, &[0, 1, 2]), [late]);
}

#[test]
fn what_is_delivered_is_aboard_from_the_start() {
    let mut instance = line();
    instance.fleet[0].capacity = vec![2];
    assert_eq!(breaches(&instance, &[0, 1]), []);
    let over = Breach::Overloaded { route: 0, dimension: 0, load: 3, capacity: 2 };
    assert_eq!(breaches(&instance, &[0, 1, 2]), [over]);
}

/// Loads of the only route: at the start, and after each task.
fn loads(instance: &Instance, tasks: &[u32]) -> Vec<Vec<i64>> {
    let timetable = drive(instance, tasks).timetables.remove(0);
    let after = timetable.visits.into_iter().map(|visit| visit.load);
    std::iter::once(timetable.load).chain(after).collect()
}

#[test]
fn what_is_picked_up_is_aboard_to_the_end() {
    let mut instance = line();
    instance.fleet[0].capacity = vec![2];
    instance.tasks[1].delivery = Vec::new();
    instance.tasks[1].pickup = vec![2];
    // Delivered first, there is room for what is picked up.
    assert_eq!(loads(&instance, &[0, 1]), [[1], [0], [2]]);
    assert_eq!(breaches(&instance, &[0, 1]), []);
    let over = Breach::Overloaded { route: 0, dimension: 0, load: 3, capacity: 2 };
    assert_eq!(breaches(&instance, &[1, 0]), [over]);
    // At one task, what goes off makes room for what comes aboard.
    instance.tasks[0].pickup = vec![2];
    assert_eq!(loads(&instance, &[0]), [[1], [2]]);
    assert_eq!(breaches(&instance, &[0]), []);
}

#[test]
fn every_dimension_has_its_own_capacity() {
    let mut instance = line();
    instance.fleet[0].capacity = vec![3, 5];
    for (task, second) in instance.tasks.iter_mut().zip([2, 2, 2]) {
        task.delivery = vec![1, second];
    }
    assert_eq!(breaches(&instance, &[0, 1]), []);
    let over = Breach::Overloaded { route: 0, dimension: 1, load: 6, capacity: 5 };
    assert_eq!(breaches(&instance, &[0, 1, 2]), [over]);
}

#[test]
fn a_reload_empties_and_fills() {
    let mut instance = with_task(line(), Role::Reload, 0);
    instance.fleet[0].capacity = vec![2];
    instance.tasks[0].pickup = vec![2];
    assert_eq!(loads(&instance, &[0, 3, 1, 2]), [[1], [2], [2], [1], [0]]);
    let evaluation = drive(&instance, &[0, 3, 1, 2]);
    assert_eq!((evaluation.distance, evaluation.breaches), (80, vec![]));
    let over = Breach::Overloaded { route: 0, dimension: 0, load: 4, capacity: 2 };
    assert_eq!(breaches(&instance, &[0, 1, 2, 3]), [over]);
    // It need not be used.
    assert_eq!(drive(&instance, &[1, 2]).unserved, [0]);
    let twice = Breach::ServedTwice { task: 4, times: 2 };
    assert_eq!(breaches(&instance, &[0, 3, 1, 3, 2]), [twice]);
}

/// Task 1 is the pickup of what task 2 delivers, a load of 2.
fn paired() -> Instance {
    let mut instance = line();
    instance.tasks[0].delivery = Vec::new();
    instance.tasks[0].pickup = vec![2];
    instance.tasks[1].delivery = vec![2];
    instance.pairs = vec![Pair { pickup: 0, delivery: 1 }];
    instance
}

#[test]
fn a_pair_is_done_by_one_route_and_in_order() {
    let mut instance = paired();
    assert_eq!(breaches(&instance, &[0, 2, 1]), []);
    let reversed = Breach::PairReversed { route: 0, pickup: 1, delivery: 2 };
    assert_eq!(breaches(&instance, &[1, 0]), [reversed]);
    let apart = Breach::PairApart { pickup: 1, delivery: 2 };
    for half in [0, 1] {
        let evaluation = drive(&instance, &[half, 2]);
        assert_eq!((evaluation.breaches, evaluation.unserved), (vec![apart], vec![0]));
    }
    instance.fleet[0].count = 2;
    let two = [route(&[0]), route(&[2, 1])];
    assert_eq!(evaluate(&instance, Objective::Distance, &two).breaches, [apart]);
    assert_eq!(drive(&instance, &[2]).unserved, [0]);
}

#[test]
fn the_load_of_a_pair_is_aboard_between_whatever_is_reloaded() {
    let mut instance = with_task(paired(), Role::Reload, 0);
    assert_eq!(loads(&instance, &[0, 2, 1]), [[1], [3], [2], [0]]);
    assert_eq!(loads(&instance, &[0, 3, 2, 1]), [[0], [2], [3], [2], [0]]);
    instance.fleet[0].capacity = vec![2];
    let over = Breach::Overloaded { route: 0, dimension: 0, load: 3, capacity: 2 };
    assert_eq!(breaches(&instance, &[0, 3, 2, 1]), [over]);
    assert_eq!(breaches(&instance, &[0, 1, 3, 2]), []);
}

#[test]
fn one_of_a_choice_is_done() {
    let mut instance = line();
    instance.choices = vec![vec![2, 0]];
    instance.tasks[2].absence = Absence::Weight(5);
    for one in [0, 2] {
        let evaluation = drive(&instance, &[one, 1]);
        assert_eq!((evaluation.breaches, evaluation.unserved), (vec![], vec![]));
    }
    let twice = Breach::ChosenTwice { first: 3, done: 2 };
    assert_eq!(breaches(&instance, &[0, 1, 2]), [twice]);
    let none = drive(&instance, &[1]);
    assert_eq!((none.breaches, none.unserved, none.weight_unserved), (vec![], vec![2], 5));
}

#[test]
fn a_pair_stands_in_a_choice_by_its_pickup() {
    let mut instance = paired();
    instance.choices = vec![vec![0, 2]];
    assert_eq!(breaches(&instance, &[0, 1]), []);
    assert_eq!(drive(&instance, &[2]).unserved, []);
    let twice = Breach::ChosenTwice { first: 1, done: 2 };
    assert_eq!(breaches(&instance, &[0, 1, 2]), [twice]);
}

#[test]
fn a_vehicle_has_the_skills_that_its_tasks_need() {
    let mut instance = line();
    instance.tasks[1].skills = vec![4, 6];
    instance.fleet[0].skills = vec![4, 5, 6];
    assert_eq!(breaches(&instance, &[0, 1]), []);
    instance.fleet[0].skills = vec![5, 6];
    let unskilled = Breach::Unskilled { route: 0, task: 2, vehicle: 7, skill: 4 };
    assert_eq!(breaches(&instance, &[0, 1]), [unskilled]);
}

#[test]
fn a_task_may_be_for_some_vehicles_only() {
    let mut instance = line();
    let other = VehicleType { number: 8, ..instance.fleet[0].clone() };
    instance.fleet.push(other);
    instance.tasks[1].only = Some(vec![1]);
    let of_other = StaticRoute { kind: 1, tasks: vec![1] };
    assert_eq!(evaluate(&instance, Objective::Distance, &[of_other]).breaches, []);
    let not_allowed = Breach::NotAllowed { route: 0, task: 2, vehicle: 7 };
    assert_eq!(breaches(&instance, &[1]), [not_allowed]);
}

#[test]
fn a_used_vehicle_takes_its_breaks_and_no_other_s() {
    let mut instance = with_task(with_task(line(), Role::Break, 0), Role::Break, 0);
    let other = VehicleType { number: 8, ..instance.fleet[0].clone() };
    instance.fleet.push(other);
    instance.tasks[4].only = Some(vec![1]);
    assert_eq!(breaches(&instance, &[0, 3, 1]), []);
    let missing = Breach::NoBreak { route: 0, task: 4, vehicle: 7 };
    assert_eq!(breaches(&instance, &[0, 1]), [missing]);
    let of_other = Breach::NotAllowed { route: 0, task: 5, vehicle: 7 };
    assert_eq!(breaches(&instance, &[0, 3, 4]), [of_other]);
    // A vehicle that stays has none, and nobody misses it.
    assert_eq!(drive(&instance, &[0, 1, 2, 3]).unserved, []);
}

#[test]
fn a_route_without_a_visit_uses_no_vehicle() {
    let instance = with_task(with_task(line(), Role::Break, 0), Role::Reload, 0);
    let evaluation = drive(&instance, &[3, 4]);
    assert_eq!((evaluation.vehicles, evaluation.cost), (0, 0));
    assert_eq!(evaluation.breaches, [Breach::NoVisit { route: 0 }]);
    assert_eq!(drive(&instance, &[]).breaches, []);
}

#[test]
fn a_route_begins_with_what_is_locked() {
    let mut instance = line();
    instance.fleet[0].locked = vec![2, 0];
    assert_eq!(breaches(&instance, &[2, 0, 1]), []);
    let moved = |task, position| [Breach::LockedMoved { route: 0, task, position }];
    assert_eq!(breaches(&instance, &[2, 1, 0]), moved(1, 1));
    assert_eq!(breaches(&instance, &[0, 2]), moved(3, 0));
    assert_eq!(breaches(&instance, &[2]), moved(1, 1));
    assert_eq!(breaches(&instance, &[]), [Breach::LockedUnused { vehicle: 7, count: 2 }]);
}

#[test]
fn every_limit_is_kept() {
    let with = |limits: Limits| {
        let mut instance = with_task(with_task(line(), Role::Break, 0), Role::Reload, 3);
        instance.tasks[3].service = 2;
        instance.fleet[0].limits = limits;
        breaches(&instance, &[0, 3, 1, 4])
    };
    // 10 out, 10 on, 10 to the reload, 30 back; two services and a break.
    let kept = Limits { distance: Some(60), driving: Some(60), duty: Some(72), visits: Some(2) };
    assert_eq!(with(kept), []);
    let broken = Limits { distance: Some(59), driving: Some(58), duty: Some(71), visits: Some(1) };
    let expected = [
        (Limited::Distance, 60, 59),
        (Limited::Driving, 60, 58),
        (Limited::Duty, 72, 71),
        (Limited::Visits, 2, 1),
    ];
    let expected =
        expected.map(|(what, value, limit)| Breach::BeyondLimit { route: 0, what, value, limit });
    assert_eq!(with(broken), expected);
}

#[test]
fn vehicles_are_paid_under_cost_alone() {
    let mut instance = line();
    let durations = legs(7).distances().to_vec();
    instance.travel[0] = legs(10).with_durations(durations).expect("as many");
    instance.fleet[0].prices =
        VehiclePrices { fixed: 1000, distance: 2, driving: 3, duty: 5, overtime: None };
    let routes = [route(&[0, 1])];
    // A distance of 40, driven in 28; 38 on duty.
    let paid = |instance: &Instance| evaluate(instance, Objective::Cost, &routes).cost;
    assert_eq!(paid(&instance), 1000 + 2 * 40 + 3 * 28 + 5 * 38);
    instance.fleet[0].prices.overtime = Some(Overtime { after: 38, price: 11 });
    assert_eq!(paid(&instance), 1000 + 2 * 40 + 3 * 28 + 5 * 38);
    instance.fleet[0].prices.overtime = Some(Overtime { after: 30, price: 11 });
    assert_eq!(paid(&instance), 1000 + 2 * 40 + 3 * 28 + 5 * 38 + 11 * 8);
    for objective in [Objective::Distance, Objective::Vehicles] {
        assert_eq!(evaluate(&instance, objective, &routes).cost, 40);
    }
    assert_eq!(evaluate(&instance, Objective::Cost, &[route(&[])]).cost, 0);
}

#[test]
fn waiting_before_the_departure_is_not_paid() {
    let mut instance = line();
    instance.tasks[0].windows = vec![span(500, 600)];
    instance.fleet[0].prices = VehiclePrices { duty: 1, ..VehiclePrices::default() };
    assert_eq!(evaluate(&instance, Objective::Cost, &[route(&[0])]).cost, 25);
}

#[test]
fn a_soft_window_costs_what_it_is_missed_by() {
    let mut instance = line();
    let soft = |open, close| Some(SoftWindow { span: span(open, close), early: 2, late: 3 });
    let with = |instance: &Instance| {
        [Objective::Distance, Objective::Vehicles, Objective::Cost]
            .map(|objective| evaluate(instance, objective, &[route(&[0])]).cost)
    };
    instance.fleet[0].prices.distance = 1;
    // It begins at 10 and drives 20.
    instance.tasks[0].soft = soft(10, 10);
    assert_eq!(with(&instance), [20; 3]);
    instance.tasks[0].soft = soft(14, 20);
    assert_eq!(with(&instance), [20 + 2 * 4; 3]);
    instance.tasks[0].soft = soft(0, 5);
    assert_eq!(with(&instance), [20 + 3 * 5; 3]);
}

#[test]
fn what_is_left_out_weighs_or_costs() {
    let mut instance = line();
    instance.tasks[1].absence = Absence::Weight(4);
    instance.tasks[2].absence = Absence::Price(100);
    let found = drive(&instance, &[]);
    assert_eq!((found.unserved, found.weight_unserved, found.cost), (vec![0, 1, 2], 5, 100));
    let found = drive(&instance, &[1]);
    assert_eq!((found.unserved, found.weight_unserved, found.cost), (vec![0, 2], 1, 140));
    assert_eq!(found.breaches, []);
}

#[test]
fn a_pair_is_left_out_at_the_price_of_its_pickup() {
    let mut instance = paired();
    instance.tasks[0].absence = Absence::Price(30);
    instance.tasks[1].absence = Absence::Price(500);
    let found = drive(&instance, &[2]);
    assert_eq!((found.unserved, found.weight_unserved, found.cost), (vec![0], 0, 90));
}

#[test]
fn serving_more_comes_first_then_vehicles_if_they_count_then_cost() {
    let rank = |weight_unserved, vehicles, cost| Rank { weight_unserved, vehicles, cost };
    let mut instance = line();
    instance.fleet[0].count = 2;
    let routes = [route(&[0]), route(&[1])];
    let under = |objective| evaluate(&instance, objective, &routes).rank(objective);
    assert_eq!(under(Objective::Distance), rank(1, 0, 60));
    assert_eq!(under(Objective::Vehicles), rank(1, 2, 60));
    assert_eq!(under(Objective::Cost), rank(1, 0, 0));
    assert!(rank(0, 9, 9) < rank(1, 0, 0) && rank(1, 1, 9) < rank(1, 2, 0));
}

#[test]
fn the_legs_of_the_matrix_count_also_within_a_site() {
    let mut instance = line();
    let mut legs = instance.travel[0].distances().to_vec();
    legs[5] = 4;
    instance.travel[0] = TravelMatrix::new(legs).expect("a square");
    instance.tasks[1].site = 1;
    assert_eq!(drive(&instance, &[0, 1]).distance, 24);
}
