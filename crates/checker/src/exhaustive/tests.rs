use proptest::prelude::*;
use swerve_model::{Custody, Load, PointId, StopState};

use super::*;
use crate::drive;
use crate::fixtures::*;

/// Sooner is cheaper: starts and returns, in ticks since now.
fn soonest(now: Moment) -> impl Fn(&Trip<'_>) -> Cost {
    move |trip| {
        let starts = trip.times.iter().map(|times| (times.start - now).0);
        let back = trip.back.map_or(0, |back| (back - now).0);
        Cost(starts.sum::<i64>() + back)
    }
}

fn solve(before: &Town, after: &Town, to_place: &[Stop], freedom: Freedom) -> Option<Solution> {
    puzzle(before, after, to_place, freedom)
        .expect("small enough, and every name known")
        .solve(after, &soonest(before.now))
}

fn puzzle(
    before: &Town,
    after: &Town,
    to_place: &[Stop],
    freedom: Freedom,
) -> Result<Puzzle, PuzzleError> {
    before.under(|conditions| {
        let conditions = crate::Conditions { travel: after, ..*conditions };
        Puzzle::new(&before.side(), after, &conditions, to_place, freedom)
    })
}

/// The town with these routes as its plan.
fn planned(after: &Town, routes: &[Vec<Stop>]) -> Town {
    let mut town = after.clone();
    for (manifest, undone) in town.manifests.values_mut().zip(routes) {
        let done = manifest.done_count();
        manifest.stops.truncate(done);
        manifest.stops.extend(undone.iter().cloned());
    }
    for task in routes.iter().flatten().flat_map(|stop| &stop.tasks) {
        town.unassigned.retain(|(shipment, _)| *shipment != task.shipment);
    }
    town
}

fn ids(routes: &[Vec<Stop>]) -> Vec<Vec<String>> {
    routes.iter().map(|stops| stops.iter().map(|stop| stop.id.to_string()).collect()).collect()
}

/// `three_vans` and a shipment for a new door, waiting at the depot.
fn with_new(x: i64, y: i64) -> (Town, Town, Stop) {
    let before = three_vans();
    let mut after = before.clone();
    after.add_shipment("new", x, y);
    let stop = after.stop(&["new"]);
    (before, after, stop)
}

#[test]
fn a_new_stop_goes_where_it_is_on_the_way() {
    let (before, after, stop) = with_new(-900, 150);
    let found = solve(&before, &after, &[stop], Freedom::Insertion).expect("there is room");
    assert_eq!(ids(&found.routes)[1], ["s-e", "s-new", "s-f", "s-g"]);
    assert_eq!(before.judged(&planned(&after, &found.routes)), []);
}

#[test]
fn with_everything_free_a_day_gets_no_dearer() {
    let (before, after, stop) = with_new(-900, -200);
    let inserted = solve(&before, &after, std::slice::from_ref(&stop), Freedom::Insertion);
    let free = solve(&before, &after, &[stop], Freedom::Everything);
    let (inserted, free) = (inserted.expect("there is room"), free.expect("there is room"));
    assert!(free.cost < inserted.cost, "{:?} {:?}", free.cost, inserted.cost);
    assert_eq!(before.judged(&planned(&after, &free.routes)), []);
}

#[test]
fn a_trip_is_priced_by_what_is_driven() {
    let mut town = Town::new();
    town.add_shipment("a", 600, 0);
    town.add_manifest("m", &["a"]);
    let puzzle = puzzle(&town, &town, &[], Freedom::Everything).expect("tiny");
    let price = |trip: &Trip<'_>| Cost(trip.driving.0 * 1_000_000 + trip.distance.0);
    let found = puzzle.solve(&town, &price).expect("as it is");
    // Ten minutes there and ten back, at ten metres a second.
    assert_eq!(found.cost, Cost(12_000 * 1_000_000 + 12_000));
}

#[test]
fn a_loaded_parcel_goes_elsewhere_on_its_own_van() {
    let before = three_vans();
    let mut after = before.clone();
    let door = after.add_door("p-office", -1_200, 0);
    after.about("d").promise.point = door.clone();
    let mut stop = after.stop(&["d"]);
    stop.id = stop_id("s-office");
    let found = solve(&before, &after, &[stop], Freedom::Everything).expect("there is time");
    // `m2` passes there, but only `m1` has it.
    assert_eq!(ids(&found.routes)[0], ["s-b", "s-c", "s-office"]);
    assert_eq!(before.judged(&planned(&after, &found.routes)), []);
}

#[test]
fn what_would_break_a_promise_cannot_be_granted() {
    let before = three_vans();
    let mut after = before.clone();
    let door = after.add_door("p-office", -1_200, 0);
    after.about("d").promise.point = door;
    after.about("d").promise.windows = vec![window(at(9, 0), at(11, 0))];
    let mut stop = after.stop(&["d"]);
    stop.id = stop_id("s-office");
    assert_eq!(solve(&before, &after, &[stop], Freedom::Everything), None);
}

#[test]
fn a_full_van_takes_no_more() {
    let (mut before, mut after, stop) = with_new(-900, 150);
    for town in [&mut before, &mut after] {
        town.vehicle_of("m2").capacity = Load::new(3_000, 6_000, 3);
        town.vehicle_of("m3").capacity = Load::new(1_000, 2_000, 1);
    }
    let one = std::slice::from_ref(&stop);
    assert_eq!(solve(&before, &after, one, Freedom::Insertion), None);
    // Nor does moving others help: all four need a place, and there are four in all but one is new.
    assert_eq!(solve(&before, &after, one, Freedom::Everything), None);
    for town in [&mut before, &mut after] {
        town.vehicle_of("m3").capacity = Load::new(2_000, 4_000, 2);
    }
    assert!(solve(&before, &after, one, Freedom::Everything).is_some());
}

#[test]
fn a_delivery_joins_a_halt_at_the_same_point() {
    let before = three_vans();
    let mut after = before.clone();
    after.about("h").promise.point = point_id("p-f");
    let mut stop = after.stop(&["h"]);
    stop.point = point_id("p-f");
    let found = solve(&before, &after, &[stop], Freedom::Insertion).expect("there is room");
    let halt = found.routes[1].iter().find(|stop| stop.id == stop_id("s-f"));
    assert_eq!(halt.map(|halt| halt.tasks.len()), Some(2));
    assert_eq!(found.routes[2], []);
    assert_eq!(before.judged(&planned(&after, &found.routes)), []);
}

#[test]
fn a_full_locker_takes_no_more() {
    let before = three_vans();
    let mut after = before.clone();
    after.about("h").promise.point = point_id("p-f");
    after.point_of("p-f").compartments = Some(1);
    let mut stop = after.stop(&["h"]);
    stop.point = point_id("p-f");
    assert_eq!(solve(&before, &after, &[stop], Freedom::Everything), None);

    // Nor from a shipment that is new.
    let (before, mut after, mut stop) = with_new(0, 0);
    after.about("new").promise.point = point_id("p-f");
    stop.point = point_id("p-f");
    let one = std::slice::from_ref(&stop);
    assert!(solve(&before, &after, one, Freedom::Insertion).is_some());
    after.point_of("p-f").compartments = Some(1);
    assert_eq!(solve(&before, &after, one, Freedom::Insertion), None);
}

#[test]
fn what_is_too_large_or_too_near_or_unknown_is_not_tried() {
    let (before, after, stop) = with_new(0, 0);
    let all: Vec<Stop> = vec![stop.clone(); 3];
    let error = puzzle(&before, &after, &all, Freedom::Insertion).expect_err("too many stops");
    assert_eq!(error, PuzzleError::TooLarge { stops: 9, vans: 3 });

    let near = after.stop(&["b"]);
    let error = puzzle(&before, &after, &[near], Freedom::Insertion).expect_err("driven to");
    assert_eq!(error, PuzzleError::TooNear { shipment: shipment_id("b") });

    let mut nowhere = stop;
    nowhere.point = PointId::new("nowhere").expect("a valid name");
    let error = puzzle(&before, &after, &[nowhere], Freedom::Insertion).expect_err("no such point");
    assert_eq!(error.to_string(), "s-new names delivery point nowhere, which is unknown");
}

/// Every way to deal `stops` to `vans`, in every order.
fn deals(stops: &[Stop], vans: usize) -> Vec<Vec<Vec<Stop>>> {
    let Some((first, rest)) = stops.split_first() else { return vec![vec![Vec::new(); vans]] };
    let mut all = Vec::new();
    for deal in deals(rest, vans) {
        for van in 0..vans {
            for position in 0..=deal[van].len() {
                let mut deal = deal.clone();
                deal[van].insert(position, first.clone());
                all.push(deal);
            }
        }
    }
    all
}

/// The cheapest plan the judge lets pass, by asking it about every single one.
fn by_judging_all(before: &Town, after: &Town, to_place: &Stop) -> Option<Cost> {
    let taken = &to_place.tasks[0].shipment;
    let (mut frozen, mut free) = (Vec::new(), Vec::new());
    for route in &before.side().routes {
        let times = drive(route, before, after, before.now).expect("every name is known");
        let ahead = Ticks::from_minutes(10);
        let count = crate::frozen_count(route.manifest, &times.stops, before.now, ahead);
        frozen.push(route.undone()[..count].to_vec());
        free.extend(route.undone()[count..].to_vec());
    }
    free.retain(|stop| stop.tasks[0].shipment != *taken);
    let mut variants = vec![[&free[..], std::slice::from_ref(to_place)].concat()];
    for (index, stop) in free.iter().enumerate().filter(|(_, stop)| stop.point == to_place.point) {
        let mut merged = free.clone();
        merged[index].tasks = [&stop.tasks[..], &to_place.tasks[..]].concat();
        variants.push(merged);
    }
    let price = soonest(before.now);
    let mut best = None;
    for deal in variants.iter().flat_map(|stops| deals(stops, frozen.len())) {
        let routes: Vec<Vec<Stop>> =
            frozen.iter().zip(&deal).map(|(frozen, free)| [&frozen[..], free].concat()).collect();
        let town = planned(after, &routes);
        if !before.judged(&town).is_empty() {
            continue;
        }
        let mut cost = Cost::ZERO;
        for (index, route) in town.side().routes.iter().enumerate() {
            let times = drive(route, &town, &town, town.now).expect("every name is known");
            cost += price(&Trip {
                route: index,
                stops: &[],
                times: &times.stops[frozen[index].len()..],
                driving: Ticks::ZERO,
                distance: Meters::ZERO,
                back: times.back,
            });
        }
        best = Some(best.map_or(cost, |best: Cost| best.min(cost)));
    }
    best
}

prop_compose! {
    /// Two vans and up to four stops, tight in every way, and one of the shipments to go elsewhere.
    fn any_wish()(
        stops in prop::collection::vec(
            (-1_200i64..1_200, -1_200i64..1_200, 0usize..2, 0i64..120, 20i64..240, 0u8..10),
            1..5,
        ),
        departed: bool, served: bool, room in prop::collection::vec(1i64..5, 2),
        hard_end in prop::collection::vec(60i64..240, 2), skill: bool, opening in 0i64..200,
        goal in (-1_200i64..1_200, -1_200i64..1_200), to_neighbour: bool, asked in 0usize..4,
        close in 60i64..300, now in 0i64..60, compartments in prop::option::of(1u32..3),
    ) -> (Town, Town, Stop) {
        let mut town = Town::new();
        town.now = at(10, now);
        let names: Vec<String> = (0..stops.len()).map(|index| format!("n{index}")).collect();
        for (name, (x, y, _, open, length, odd)) in names.iter().zip(&stops) {
            let shipment = town.add_shipment(name, *x, *y);
            shipment.promise.windows = vec![window(at(10, *open), at(10, open + length))];
            if *odd == 0 {
                shipment.skills = swerve_model::Skills(1);
            }
        }
        for van in 0..2 {
            let id = format!("m{van}");
            let on_it: Vec<&str> = names
                .iter()
                .zip(&stops)
                .filter(|(_, stop)| stop.2 == van)
                .map(|(name, _)| name.as_str())
                .collect();
            town.add_manifest(&id, &on_it);
            town.of(&id).duty.shift.hard_end = at(11, hard_end[van]);
            town.vehicle_of(&id).capacity.0[2] = room[van];
        }
        town.vehicle_of("m0").skills = swerve_model::Skills(u64::from(skill));
        if departed {
            town.depart("m0");
            if served && let Some(first) = town.of("m0").stops.first_mut() {
                first.state = StopState::Arrived(at(10, 0));
            }
        }
        for (name, stop) in names.iter().zip(&stops) {
            match stop.5 {
                1 => town.custody(name, Custody::Loaded(manifest_id("m1"))),
                2 => town.custody(name, Custody::AtDepot(depot_id("other"))),
                3 => town.point_of(&format!("p-{name}")).opening =
                    vec![window(at(10, 0), at(10, opening))],
                4 if room[0] == 1 => {
                    let place = town.points[&point_id(&format!("p-{name}"))].1;
                    town.islands.insert(place);
                }
                4 => {
                    for manifest in town.manifests.values_mut() {
                        for stop in &mut manifest.stops {
                            stop.pinned |= stop.id == stop_id(&format!("s-{name}"));
                        }
                    }
                }
                _ => {}
            }
        }
        let name = &names[asked % names.len()];
        let mut after = town.clone();
        let goal = if to_neighbour && names.len() > 1 {
            let neighbour = names.iter().find(|other| *other != name).expect("there are two");
            point_id(&format!("p-{neighbour}"))
        } else {
            after.add_door("p-goal", goal.0, goal.1)
        };
        // Room there is as it was before, too.
        for town in [&mut town, &mut after] {
            if let Some((point, _)) = town.points.get_mut(&goal) {
                point.compartments = compartments;
            }
        }
        let shipment = after.about(name);
        shipment.promise.point = goal;
        shipment.promise.windows = vec![window(at(10, 0), at(10, close))];
        let mut stop = after.stop(&[name]);
        stop.id = stop_id("s-goal");
        (town, after, stop)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    /// The solver prunes; the judge, asked about every plan there is, does not.
    #[test]
    fn what_can_be_granted_is_what_the_judge_lets_pass((before, after, stop) in any_wish()) {
        let expected = by_judging_all(&before, &after, &stop);
        match puzzle(&before, &after, std::slice::from_ref(&stop), Freedom::Everything) {
            Err(PuzzleError::TooNear { .. }) => prop_assert_eq!(expected, None),
            Err(error) => prop_assert!(false, "{}", error),
            Ok(puzzle) => {
                let found = puzzle.solve(&after, &soonest(before.now));
                prop_assert_eq!(found.as_ref().map(|found| found.cost), expected);
                if let Some(found) = found {
                    prop_assert_eq!(before.judged(&planned(&after, &found.routes)), []);
                }
            }
        }
    }
}
