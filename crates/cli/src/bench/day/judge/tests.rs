//! Hand-made days, whose cost and disturbance can be reckoned on paper.

use swerve_model::{TimeWindow, TravelTimes as _};
use swerve_scenario::day::one::{DayOneParams, generate};
use swerve_scenario::truth::TruthParams;

use super::super::again::nominal_service;
use super::*;
use crate::demo::ledger::Promise;
use crate::demo::scene::Ground;

/// Two vans and ten stops in a world that keeps to nominal times; thirty an hour, 0.30 a kilometre.
fn scene() -> Scene {
    let params = DayOneParams {
        seed: 1,
        name: "hand-made".to_owned(),
        vans: 2,
        stops_per_van: 5,
        wish_permille: Some(0),
        hour_micros: 30_000_000,
        km_micros: 300_000,
    };
    let ground = Ground::load(None).expect("the sample city is built in");
    let day = generate(&params, &ground.places).expect("it has doors enough");
    Scene::of(day, TruthParams::calm(), ground).expect("it is on the roads")
}

/// The delivery of one shipment, between two moments.
fn call(scene: &Scene, shipment: usize, open: Moment, close: Moment) -> Call {
    let of = &scene.day.shipments[shipment];
    let windows = vec![TimeWindow::new(open, close).expect("open before close")];
    Call {
        site: scene.atlas.site(&of.point).expect("it is on the map").clone(),
        point: of.point.clone(),
        parcels: (0..of.parcels.len()).map(|parcel| ParcelRef { shipment, parcel }).collect(),
        windows: windows.clone(),
        promises: vec![(shipment, Promise { point: of.point.clone(), windows })],
        expected: Vec::new(),
    }
}

fn departure(scene: &Scene, van: usize) -> Moment {
    scene.calendar.moment(scene.day.manifests[van].departure)
}

fn near(found: f64, expected: f64) -> bool {
    (found - expected).abs() < 1e-6
}

#[test]
fn one_stop_costs_the_way_the_wait_the_service_and_the_way_back() {
    let scene = scene();
    let departs = departure(&scene, 0);
    let opens = departs + HOUR;
    let call = call(&scene, 0, opens, opens + HOUR);
    let depot = scene.atlas.depot();
    let there = scene.roads.leg(depot.place, call.site.place, departs);
    let back = scene.roads.leg(call.site.place, depot.place, departs);
    let parcels = call.parcels.len();
    let service = nominal_service(&call.site, parcels);
    let vans = [Some(VanCalls { departs, calls: vec![call] }), None];
    let (verdict, ways) = judge(&scene, &vans);
    assert_eq!(ways[0].back, opens + service + back.duration());
    let hours = (HOUR + service + back.duration()).as_hours_f64();
    let km = (there.distance().0 + back.distance().0) as f64 / 1e3;
    assert!(near(verdict.bill.paid_time, hours * 30.0), "{verdict:?}");
    let driving = (there.duration() + back.duration()).as_hours_f64();
    assert!(near(verdict.bill.driving, driving * 30.0), "{verdict:?}");
    assert!(near(verdict.bill.distance, km * 0.3), "{verdict:?}");
    assert_eq!((verdict.bill.overtime, verdict.bill.lateness), (0.0, 0.0));
    assert!(near(verdict.bill.per_parcel * parcels as f64, verdict.bill.total));
    let service = verdict.service;
    assert_eq!((service.delivered as usize, service.promises_kept), (parcels, 1));
    assert_eq!(service.promises_broken as usize, scene.day.shipments.len() - 1);
}

#[test]
fn an_hour_late_is_sixty_minutes_paid_and_a_promise_broken_and_overtime_is_on_top() {
    let scene = scene();
    let departs = departure(&scene, 0);
    let mut late = call(&scene, 0, departs - HOUR, departs);
    let depot = scene.atlas.depot();
    let there = scene.roads.leg(depot.place, late.site.place, departs).duration();
    late.promises[0].1.windows =
        vec![TimeWindow::new(departs - HOUR, departs + there - HOUR).expect("in order")];
    let end = scene.calendar.moment(scene.day.manifests[0].shift_end);
    // The second stop opens when the shift ends.
    let last = call(&scene, 1, end, end);
    let vans = [Some(VanCalls { departs, calls: vec![late, last] }), None];
    let (verdict, ways) = judge(&scene, &vans);
    assert!(near(verdict.bill.lateness, 60.0), "{verdict:?}");
    assert_eq!(ways[0].halts[1].start, end);
    let over = (ways[0].back - end).as_hours_f64();
    assert!(over > 0.0 && near(verdict.bill.overtime, over * 15.0), "{verdict:?}");
    assert_eq!(verdict.service.promises_kept, 1);
}

#[test]
fn who_could_not_be_back_by_law_goes_home_and_the_rest_is_not_reached() {
    let scene = scene();
    let hard_end = scene.calendar.moment(scene.day.manifests[0].hard_end);
    let calls = vec![call(&scene, 0, hard_end, hard_end), call(&scene, 1, hard_end, hard_end)];
    let vans = [Some(VanCalls { departs: hard_end - Ticks(1), calls }), None];
    let (verdict, ways) = judge(&scene, &vans);
    assert_eq!(verdict.service.not_reached, 2);
    assert_eq!(ways[0].meters, 0);
    assert_eq!(verdict.service.delivered, 0);
}

fn stops(names: &str) -> Vec<String> {
    names.chars().map(String::from).collect()
}

fn revision(before: &str, after: &str) -> Revision {
    Revision { at: Moment(0), van: 0, before: stops(before), after: stops(after) }
}

#[test]
fn positions_are_counted_among_the_next_ten() {
    for (before, after, expected) in [
        ("abcdef", "abcdef", 0),
        ("abcdef", "bacdef", 2),
        // One more at the third place moves all behind it.
        ("abcdef", "abxcdef", 5),
        ("abc", "ab", 1),
        ("abcdefghijkl", "abcdefghijlk", 0),
        ("abcdefghijkl", "labcdefghijk", 10),
    ] {
        assert_eq!(positions_changed(&revision(before, after)), expected, "{before} {after}");
    }
}

#[test]
fn messages_are_counted_by_the_hour_on_the_road_and_in_the_busiest_hour_of_a_driver() {
    let mut chronicle = Chronicle::default();
    let minute = |minute: i64| Moment::from_unix_seconds(minute * 60);
    chronicle
        .messages
        .extend([(0, 0), (59, 0), (60, 0), (61, 1), (200, 0)].map(|(m, van)| (minute(m), van)));
    chronicle.revisions.extend([revision("abc", "bac"), revision("abc", "abc")]);
    let found = disturbance(&chronicle, 50, 10.0);
    assert_eq!(found.messages_per_hour, 0.5);
    assert_eq!(found.messages_in_an_hour_max, 2);
    assert_eq!((found.positions, found.revisions, found.positions_per_revision), (2, 2, 1.0));
}

#[test]
fn a_told_arrival_is_moved_beyond_five_minutes_unless_something_else_was_promised() {
    let parcel = ParcelRef { shipment: 3, parcel: 0 };
    let told = |minute: i64| Told::Arrival {
        parcels: vec![parcel],
        expected: Moment::from_unix_seconds(minute * 60),
    };
    let anew = Told::PromisedAnew { shipment: 3 };
    let events = [told(0), told(5), told(11), anew, told(90), told(80)];
    assert_eq!(told_moved(&events), 2);
}

#[test]
fn a_parcel_in_two_vans_is_one_that_changed() {
    let parcel = |shipment| ParcelRef { shipment, parcel: 0 };
    let mut chronicle = Chronicle::default();
    chronicle.loads.extend([(parcel(1), 0), (parcel(2), 0), (parcel(2), 1), (parcel(1), 0)]);
    assert_eq!(disturbance(&chronicle, 1, 1.0).loaded_changed_van, 1);
}
