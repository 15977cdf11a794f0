//! Timetables by hand.

use swerve_model::instance::{SoftWindow, SpeedSlice};

use super::*;

/// Start, end, and of each task arrival, beginning and departure.
fn moments(instance: &Instance, tasks: &[u32]) -> (i64, i64, Vec<(i64, i64, i64)>) {
    let evaluation = drive(instance, tasks);
    let timetable = &evaluation.timetables[0];
    let visits = timetable.visits.iter().map(|visit| (visit.arrival, visit.begin, visit.depart));
    (timetable.start, timetable.end, visits.collect())
}

#[test]
fn a_route_in_order_takes_its_way_and_its_services() {
    let evaluation = drive(&line(), &[0, 1, 2]);
    assert_eq!((evaluation.distance, evaluation.cost, evaluation.vehicles), (60, 60, 1));
    assert_eq!((evaluation.breaches, evaluation.unserved), (vec![], vec![]));
    let timetable = &evaluation.timetables[0];
    assert_eq!((timetable.start, timetable.end, timetable.duty), (0, 75, 75));
    assert_eq!((timetable.distance, timetable.driving), (60, 60));
    let second = Visit {
        task: 1,
        arrival: 25,
        begin: 25,
        depart: 30,
        distance: 20,
        driving: 20,
        load: vec![1],
    };
    assert_eq!(timetable.visits[1], second);
}

#[test]
fn a_task_begins_in_the_next_of_its_windows() {
    let mut instance = line();
    instance.tasks[1].windows = vec![span(0, 24), span(40, 41)];
    assert_eq!(moments(&instance, &[0, 1]).2, [(25, 25, 30), (40, 40, 45)]);
    instance.tasks[1].windows = vec![span(0, 25), span(40, 41)];
    assert_eq!(moments(&instance, &[0, 1]).2, [(10, 10, 15), (25, 25, 30)]);
    instance.tasks[1].windows = vec![span(0, 5), span(23, 24)];
    let late = Breach::Late { route: 0, task: 2, arrival: 25, close: 24 };
    assert_eq!(breaches(&instance, &[0, 1]), [late]);
}

#[test]
fn a_vehicle_that_is_too_late_leaves_at_once_and_goes_on() {
    let mut instance = line();
    instance.tasks[0].windows = vec![span(0, 9)];
    instance.tasks[1].windows = vec![span(100, 100)];
    assert_eq!(moments(&instance, &[0, 1]), (0, 125, vec![(10, 10, 15), (25, 100, 105)]));
}

#[test]
fn a_vehicle_leaves_as_late_as_it_can_without_ending_later() {
    let mut instance = line();
    instance.tasks[1].windows = vec![span(100, 200)];
    assert_eq!(moments(&instance, &[0, 1]), (75, 125, vec![(85, 85, 90), (100, 100, 105)]));
    // The first task holds it back.
    instance.tasks[0].windows = vec![span(0, 30)];
    assert_eq!(moments(&instance, &[0, 1]), (20, 125, vec![(30, 30, 35), (45, 100, 105)]));
    // Another window of the first task is as good.
    instance.tasks[0].windows = vec![span(0, 30), span(82, 90)];
    assert_eq!(moments(&instance, &[0, 1]).0, 75);
    // Not before the shift, however late that is.
    instance.fleet[0].shift.open = 78;
    assert_eq!(moments(&instance, &[0, 1]), (78, 128, vec![(88, 88, 93), (103, 103, 108)]));
}

#[test]
fn a_soft_window_holds_the_departure_back_only_as_far_as_it_is_kept() {
    let mut instance = line();
    instance.tasks[1].windows = vec![span(100, 200)];
    let soft = |open, close| Some(SoftWindow { span: span(open, close), early: 1, late: 1 });
    instance.tasks[0].soft = soft(20, 40);
    assert_eq!(moments(&instance, &[0, 1]).0, 30);
    // It is late anyway, and must not be any later.
    instance.tasks[0].soft = soft(3, 4);
    assert_eq!(moments(&instance, &[0, 1]).0, 0);
}

#[test]
fn setup_is_shared_at_one_site() {
    let mut instance = line();
    for task in &mut instance.tasks {
        task.setup = 3;
    }
    instance.tasks[1].site = 1;
    let expected = (0, 59, vec![(10, 10, 18), (18, 18, 23), (43, 43, 51)]);
    assert_eq!(moments(&instance, &[0, 1, 2]).2, expected.2);
    // Back at a site that it has left, it sets up again.
    assert_eq!(moments(&instance, &[0, 2, 1]).2[2], (66, 66, 74));
    // Where it starts it is already; wherever it starts, too.
    instance.fleet[0].start = Some(1);
    assert_eq!(moments(&instance, &[0]).2, [(0, 0, 5)]);
    instance.fleet[0].start = None;
    assert_eq!(moments(&instance, &[0]).2, [(0, 0, 5)]);
}

#[test]
fn a_break_is_taken_where_the_vehicle_is() {
    let mut instance = with_task(line(), Role::Break, 3);
    instance.tasks[3].service = 10;
    instance.tasks[3].setup = 99;
    instance.tasks[3].windows = vec![span(20, 30)];
    // It waits at the first task for it, and so it may leave later.
    let between = (5, 70, vec![(15, 15, 20), (20, 20, 30), (40, 40, 45)]);
    assert_eq!(moments(&instance, &[0, 3, 1]).2, between.2);
    assert_eq!(moments(&instance, &[0, 3, 1]).0, between.0);
    // Before the first leg, and after the last task.
    assert_eq!(moments(&instance, &[3, 0]).2, [(20, 20, 30), (40, 40, 45)]);
    assert_eq!(moments(&instance, &[0, 3]).2, [(15, 15, 20), (20, 20, 30)]);
    // A break between two tasks at one site does not make it another.
    instance.tasks[1].site = 1;
    instance.tasks[1].setup = 4;
    assert_eq!(moments(&instance, &[0, 3, 1]).2[2], (30, 30, 35));
    let late = Breach::Late { route: 0, task: 4, arrival: 40, close: 30 };
    assert_eq!(breaches(&instance, &[0, 2, 3]), [late]);
}

#[test]
fn an_open_route_has_no_leg_at_its_ends() {
    let mut instance = line();
    instance.fleet[0].start = None;
    assert_eq!(moments(&instance, &[2, 1]), (0, 40, vec![(0, 0, 5), (15, 15, 20)]));
    assert_eq!(drive(&instance, &[2, 1]).distance, 30);
    instance.fleet[0].end = None;
    assert_eq!(moments(&instance, &[2, 1]).1, 20);
    assert_eq!(drive(&instance, &[2, 1]).distance, 10);
    instance.fleet[0].start = Some(0);
    assert_eq!(moments(&instance, &[2, 1]).1, 50);
    // A break before its first task is taken there.
    let mut instance = with_task(instance, Role::Break, 0);
    instance.tasks[3].service = 10;
    instance.fleet[0].start = None;
    assert_eq!(moments(&instance, &[3, 2, 1]).2, [(0, 0, 10), (10, 10, 15), (25, 25, 30)]);
}

#[test]
fn starts_and_ends_may_differ() {
    let mut instance = line();
    (instance.fleet[0].start, instance.fleet[0].end) = (Some(1), Some(3));
    assert_eq!(moments(&instance, &[1]), (0, 25, vec![(10, 10, 15)]));
    assert_eq!(drive(&instance, &[1]).distance, 20);
}

#[test]
fn each_vehicle_travels_by_its_own_matrix() {
    let mut instance = line();
    let durations = legs(7).distances().to_vec();
    instance.travel.push(legs(20).with_durations(durations).expect("as many"));
    instance.fleet[0].profile = 1;
    let evaluation = drive(&instance, &[0, 1]);
    assert_eq!(evaluation.distance, 80);
    assert_eq!((evaluation.timetables[0].driving, evaluation.timetables[0].end), (28, 38));
}

#[test]
fn a_leg_across_slices_is_driven_at_each_one_s_speed() {
    let mut instance = line();
    let slice = |from, permille| SpeedSlice { from, permille };
    instance.travel[0] =
        legs(10).with_slices(vec![slice(0, 1000), slice(20, 500), slice(30, 2000)]);
    // 10 to the first; from 15 on 5 as before, then 5 more in 10; back twice as fast.
    assert_eq!(moments(&instance, &[0, 1]), (0, 45, vec![(10, 10, 15), (30, 30, 35)]));
    let timetable = drive(&instance, &[0, 1]).timetables.remove(0);
    assert_eq!((timetable.driving, timetable.distance, timetable.duty), (35, 40, 45));
    // Whoever waits for a window misses the jam.
    instance.tasks[0].windows = vec![span(40, 40)];
    assert_eq!(moments(&instance, &[0]), (35, 50, vec![(40, 40, 45)]));
}
