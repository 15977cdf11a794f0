//! One test a kind of violation: the fault is planted, the judge names it.

use swerve_model::{Custody, DepotId, Load, ManifestState, Skills, StopState, Ticks};

use crate::fixtures::*;
use crate::scene::Latitude;
use crate::{Flag, Violation, drive};

/// What the judge says of `three_vans` after `change`.
fn judged(change: impl FnOnce(&mut Town)) -> Vec<Violation> {
    let before = three_vans();
    let mut after = before.clone();
    change(&mut after);
    before.judged(&after)
}

fn worse(flag: Flag) -> Violation {
    Violation::Worse { flag, before: None }
}

fn parcel(name: &str) -> (swerve_model::ShipmentId, swerve_model::ParcelId) {
    (shipment_id(name), parcel_id(&format!("{name}1")))
}

#[test]
fn a_duty_or_a_state_is_not_a_plans_to_change() {
    let (manifest, what) = (manifest_id("m2"), "duty");
    let found = judged(|town| town.of("m2").duty.driver = driver_id("other"));
    assert_eq!(found, [Violation::ManifestAltered { manifest, what }]);

    let (manifest, what) = (manifest_id("m2"), "state");
    let found = judged(|town| town.of("m2").state = ManifestState::Departed(at(11, 0)));
    assert_eq!(found[0], Violation::ManifestAltered { manifest, what });
}

#[test]
fn a_manifest_shown_on_one_side_only_is_named() {
    let found = judged(|town| {
        town.manifests.remove(&manifest_id("m3"));
        town.unassigned.push(parcel("h"));
    });
    let manifest = manifest_id("m3");
    assert!(
        found.contains(&Violation::ManifestAltered { manifest, what: "side: it is only before" })
    );
    let found = judged(|town| town.add_manifest("m4", &[]));
    let manifest = manifest_id("m4");
    assert_eq!(found, [Violation::ManifestAltered { manifest, what: "side: it is only after" }]);
}

#[test]
fn a_done_stop_does_not_change() {
    let moved = [Violation::DoneStopMoved { manifest: manifest_id("m1"), stop: stop_id("s-a") }];
    let late = StopState::Completed { arrived: at(9, 20), left: at(9, 26) };
    assert_eq!(judged(|town| town.of("m1").stops[0].state = late), moved);
    assert!(judged(|town| drop(town.take("m1", "s-a"))).starts_with(&moved));
}

#[test]
fn no_stop_becomes_done_by_a_plan() {
    let found = judged(|town| {
        town.of("m1").stops[1].state = StopState::Failed { arrived: at(9, 59), left: at(10, 0) };
    });
    let moved = Violation::DoneStopMoved { manifest: manifest_id("m1"), stop: stop_id("s-b") };
    assert!(found.contains(&moved), "{found:?}");
}

#[test]
fn a_frozen_stop_keeps_its_place() {
    let moved = [Violation::FrozenStopMoved { manifest: manifest_id("m1"), stop: stop_id("s-b") }];
    // Out of order.
    assert_eq!(judged(|town| town.of("m1").stops.swap(1, 2)), moved);
    // Something before it.
    let before_it = judged(|town| {
        let stop = town.take("m1", "s-d");
        town.put("m1", 1, stop);
    });
    assert_eq!(before_it, moved);
    // Something more to do there.
    let one_more = judged(|town| {
        let point = town.about("b").promise.point.clone();
        town.about("c").promise.point = point;
        let stop = town.take("m1", "s-c");
        town.of("m1").stops[1].tasks.extend(stop.tasks);
    });
    assert_eq!(one_more, moved);
    // Another place.
    let elsewhere = judged(|town| {
        town.about("b").promise.point = point_id("p-c");
        town.of("m1").stops[1].point = point_id("p-c");
    });
    assert_eq!(elsewhere, moved);
}

#[test]
fn behind_the_frozen_stops_order_is_free() {
    assert_eq!(judged(|town| town.of("m1").stops.swap(2, 3)), []);
}

#[test]
fn a_cancelled_parcel_may_leave_a_frozen_stop() {
    let found = judged(|town| {
        town.custody("b", Custody::Returned(depot_id("depot")));
        town.take("m1", "s-b");
    });
    assert_eq!(found, []);
}

#[test]
fn what_the_driver_did_is_not_frozen() {
    let before = three_vans();
    let mut after = before.clone();
    after.of("m1").stops.swap(1, 2);
    let latitude = Latitude { as_driven: [manifest_id("m1")].into(), ..Latitude::default() };
    assert_eq!(before.judged_with(&after, &latitude), []);
    // What is done stays done even so.
    after.take("m1", "s-a");
    assert_eq!(before.judged_with(&after, &latitude).len(), 1);
}

/// `three_vans` with `e` and `g` pinned on `m2`.
fn pinned() -> Town {
    let mut town = three_vans();
    town.of("m2").stops[0].pinned = true;
    town.of("m2").stops[2].pinned = true;
    town
}

#[test]
fn a_pinned_stop_stays_on_its_manifest() {
    let before = pinned();
    let mut after = before.clone();
    let stop = after.take("m2", "s-e");
    after.put("m3", 0, stop);
    let moved = Violation::PinnedStopMoved { manifest: manifest_id("m2"), stop: stop_id("s-e") };
    assert_eq!(before.judged(&after), [moved]);

    let by_hand = Latitude { moved_by_hand: [stop_id("s-e")].into(), ..Latitude::default() };
    assert_eq!(before.judged_with(&after, &by_hand), []);
}

#[test]
fn a_pinned_stop_keeps_its_parcels() {
    let mut before = pinned();
    // Two parcels of `g`, on one stop.
    let second =
        swerve_model::Parcel { id: parcel_id("g2"), ..before.about("g").parcels[0].clone() };
    before.about("g").parcels.push(second);
    before.of("m2").stops[2].tasks[0].parcels.push(parcel_id("g2"));
    let mut after = before.clone();
    after.of("m2").stops[2].tasks[0].parcels.truncate(1);
    let mut stop = after.stop(&["g"]);
    stop.id = stop_id("s-g2");
    stop.tasks[0].parcels = vec![parcel_id("g2")];
    after.put("m3", 0, stop);
    let moved = Violation::PinnedStopMoved { manifest: manifest_id("m2"), stop: stop_id("s-g") };
    assert_eq!(before.judged(&after), [moved]);
}

#[test]
fn a_pinned_stop_goes_when_its_recipient_goes_elsewhere() {
    let before = pinned();
    let mut after = before.clone();
    after.about("e").promise.point = point_id("p-h");
    let mut stop = after.take("m2", "s-e");
    stop.point = point_id("p-h");
    (stop.id, stop.pinned) = (stop_id("s-e2"), false);
    after.put("m3", 0, stop);
    assert_eq!(before.judged(&after), []);
}

#[test]
fn pinned_stops_keep_their_order_and_others_may_pass() {
    let before = pinned();
    let mut after = before.clone();
    after.of("m2").stops.swap(1, 2);
    assert_eq!(before.judged(&after), []);
    after.of("m2").stops.swap(0, 1);
    let broken = Violation::PinnedOrderBroken { manifest: manifest_id("m2"), stop: stop_id("s-e") };
    assert_eq!(before.judged(&after), [broken]);
}

#[test]
fn a_plan_neither_pins_nor_unpins() {
    let found = judged(|town| town.of("m2").stops[1].pinned = true);
    let changed = Violation::PinChanged { manifest: manifest_id("m2"), stop: stop_id("s-f") };
    assert_eq!(found, [changed]);
}

#[test]
fn a_lost_parcel_is_found() {
    let (shipment, parcel) = parcel("e");
    let found = judged(|town| drop(town.take("m2", "s-e")));
    assert_eq!(found, [Violation::ParcelLost { shipment, parcel }]);
}

#[test]
fn a_parcel_in_two_places_is_found() {
    let found = judged(|town| {
        let mut stop = town.stop(&["e"]);
        stop.id = stop_id("s-again");
        town.put("m3", 1, stop);
    });
    let (shipment, parcel) = parcel("e");
    assert_eq!(found, [Violation::ParcelTwice { shipment, parcel, places: 2 }]);

    // Planned and unassigned is two places too.
    let found = judged(|town| town.unassigned.push(self::parcel("e")));
    let (shipment, parcel) = self::parcel("e");
    assert_eq!(found, [Violation::ParcelTwice { shipment, parcel, places: 2 }]);
}

#[test]
fn a_parcel_taken_from_a_manifest_that_is_not_shown_is_found() {
    let mut before = three_vans();
    // `h` is on `m3`, which neither side shows.
    let hidden = before.manifests.remove(&manifest_id("m3"));
    assert!(hidden.is_some());
    let mut after = before.clone();
    let stop = after.stop(&["h"]);
    after.put("m2", 0, stop);
    let (shipment, parcel) = parcel("h");
    assert_eq!(before.judged(&after), [Violation::ParcelFromNowhere { shipment, parcel }]);
}

#[test]
fn a_parcel_that_is_closed_is_not_unassigned() {
    let found = judged(|town| {
        let stop = town.take("m2", "s-e");
        town.custody("e", Custody::Cancelled);
        town.unassign(&stop);
    });
    let (shipment, parcel) = parcel("e");
    assert_eq!(found, [Violation::ParcelClosed { shipment, parcel }]);
}

#[test]
fn another_recipients_parcel_is_not_thrown_off() {
    let found = judged(|town| {
        let stop = town.take("m2", "s-e");
        town.unassign(&stop);
    });
    let (shipment, parcel) = parcel("e");
    assert_eq!(found, [Violation::ParcelDropped { shipment, parcel }]);
}

/// `m1` as it is, and when its `c` and `d` are served.
fn with_close_on_d(before_close: Ticks) -> (Town, swerve_model::Moment) {
    let mut town = three_vans();
    let times = town.under(|conditions| {
        drive(&town.side().routes[0], &town, conditions.travel, conditions.now)
    });
    let start = times.expect("every name is known").stops[2].start;
    town.about("d").promise.windows = vec![window(at(9, 0), start + before_close)];
    (town, start)
}

#[test]
fn a_promise_pushed_outside_its_window_is_broken() {
    // Driving to `d` first and `c` after makes `c` late for a window it would have kept.
    let (before, start) = with_close_on_d(Ticks::from_minutes(40));
    let mut after = before.clone();
    let stop = after.take("m2", "s-e");
    after.custody("e", Custody::Loaded(manifest_id("m1")));
    after.put("m1", 2, stop);
    let times = after.under(|conditions| {
        drive(&after.side().routes[0], &after, conditions.travel, conditions.now)
    });
    let late = times.expect("every name is known").stops[3].start;
    assert!(late - start > Ticks::from_minutes(40));
    let broken = Violation::PromiseBroken {
        manifest: manifest_id("m1"),
        stop: stop_id("s-d"),
        shipment: shipment_id("d"),
        by: late - start - Ticks::from_minutes(40),
    };
    assert_eq!(before.judged(&after), [broken]);
}

#[test]
fn a_promise_kept_less_surely_than_95_per_cent_is_lowered() {
    let (before, start) = with_close_on_d(Ticks::from_minutes(25));
    let mut after = before.clone();
    // Ten minutes more on the way: still inside the window as planned.
    after.point_of("p-c").park += Ticks::from_minutes(20);
    let found = before.judged(&after);
    let spread = |start| {
        before.risk.kept_permille(
            before.now,
            start,
            before.shipments[&shipment_id("d")].promise.windows[0].close(),
        )
    };
    let lowered = Violation::PromiseLowered {
        manifest: manifest_id("m1"),
        stop: stop_id("s-d"),
        shipment: shipment_id("d"),
        before_permille: Some(spread(start)),
        after_permille: spread(start + Ticks::from_minutes(20)),
    };
    assert!(spread(start) >= 950);
    assert_eq!(found, [lowered]);
}

#[test]
fn a_promise_below_95_per_cent_may_not_sink_at_all() {
    let (before, _) = with_close_on_d(Ticks::from_minutes(5));
    assert_eq!(before.judged(&before), []);
    let mut worse = before.clone();
    worse.point_of("p-c").park += Ticks::from_seconds(1);
    let found = before.judged(&worse);
    assert!(matches!(found[..], [Violation::PromiseLowered { .. }]), "{found:?}");

    let mut better = before.clone();
    better.point_of("p-c").park -= Ticks::from_seconds(1);
    assert_eq!(before.judged(&better), []);
}

#[test]
fn a_promise_that_is_lost_anyway_may_not_get_later() {
    let (before, _) = with_close_on_d(Ticks::from_minutes(-30));
    assert_eq!(before.judged(&before), []);
    let mut later = before.clone();
    later.point_of("p-c").park += Ticks::from_minutes(1);
    let broken = Violation::PromiseBroken {
        manifest: manifest_id("m1"),
        stop: stop_id("s-d"),
        shipment: shipment_id("d"),
        by: Ticks::from_minutes(31),
    };
    assert_eq!(before.judged(&later), [broken]);
}

#[test]
fn a_lost_promise_gets_no_later_on_a_van_whose_day_is_less_certain() {
    let mut before = three_vans();
    before.risk.pace = 2.0;
    before.about("e").promise.windows = vec![window(at(9, 0), at(10, 0))];
    // `m3` leaves earlier, and is at `h` for more than an hour first.
    before.of("m3").duty.shift.start = at(10, 30);
    before.point_of("p-h").park = Ticks::from_hours(1);
    let mut after = before.clone();
    let stop = after.take("m2", "s-e");
    after.put("m3", 1, stop);
    let times = drive(&after.side().routes[2], &after, &after, after.now);
    let start = times.expect("every name is known").stops[1].start;
    // Counted in deviations it would be the better plan.
    let margin = |known, start| before.risk.margin(known, start, at(10, 0));
    assert!(margin(at(10, 30), start) > margin(at(11, 0), at(11, 10)));
    let broken = Violation::PromiseBroken {
        manifest: manifest_id("m3"),
        stop: stop_id("s-e"),
        shipment: shipment_id("e"),
        by: start - at(10, 0),
    };
    assert_eq!(before.judged(&after), [broken]);
}

#[test]
fn lateness_that_the_clock_brought_is_nobodys_fault() {
    let (mut town, start) = with_close_on_d(Ticks::from_minutes(1));
    town.now = start;
    // `b` is not even done: `d` will be far too late, and swapping others does not change that.
    let mut after = town.clone();
    after.of("m2").stops.swap(1, 2);
    assert_eq!(town.judged(&after), []);
}

#[test]
fn a_promise_the_change_makes_must_be_sure() {
    let before = three_vans();
    let mut after = before.clone();
    let start = at(11, 10);
    after.about("e").promise.windows = vec![window(at(9, 0), start + Ticks::from_minutes(1))];
    let found = before.judged(&after);
    let lowered = Violation::PromiseLowered {
        manifest: manifest_id("m2"),
        stop: stop_id("s-e"),
        shipment: shipment_id("e"),
        before_permille: None,
        after_permille: before.risk.kept_permille(at(11, 0), start, start + Ticks::from_minutes(1)),
    };
    assert_eq!(found, [lowered]);
    after.about("e").promise.windows = vec![window(at(9, 0), at(11, 25))];
    assert_eq!(before.judged(&after), []);
}

#[test]
fn what_was_not_planned_is_planned_inside_its_window_or_not() {
    let mut before = three_vans();
    let stop = before.take("m2", "s-g");
    before.unassign(&stop);
    let plan = |close: swerve_model::Moment| {
        let mut before = before.clone();
        before.about("g").promise.windows = vec![window(at(9, 0), close)];
        let mut after = before.clone();
        after.unassigned.clear();
        let stop = after.stop(&["g"]);
        after.put("m2", 2, stop);
        before.judged(&after)
    };
    // It is reached at 11:47, which is inside, if barely.
    assert_eq!(plan(at(11, 50)), []);
    let found = plan(at(11, 30));
    assert!(matches!(found[..], [Violation::PromiseBroken { .. }]), "{found:?}");
}

#[test]
fn a_loaded_parcel_stays_on_its_van() {
    let found = judged(|town| {
        let stop = town.take("m1", "s-d");
        town.put("m2", 0, stop);
    });
    let (shipment, parcel) = parcel("d");
    let flag = Flag::OtherVan {
        manifest: manifest_id("m2"),
        stop: stop_id("s-d"),
        shipment,
        parcel,
        holder: manifest_id("m1"),
    };
    assert_eq!(found, [worse(flag)]);
}

fn not_loadable(manifest: &str, name: &str, depot: DepotId) -> Violation {
    let (shipment, parcel) = parcel(name);
    let stop = stop_id(&format!("s-{name}"));
    worse(Flag::NotLoadable { manifest: manifest_id(manifest), stop, shipment, parcel, depot })
}

#[test]
fn a_waiting_parcel_goes_on_no_van_that_has_left() {
    let found = judged(|town| {
        let stop = town.take("m2", "s-e");
        town.put("m1", 4, stop);
    });
    assert_eq!(found, [not_loadable("m1", "e", depot_id("depot"))]);
}

#[test]
fn a_waiting_parcel_goes_on_no_van_of_another_depot() {
    let mut before = three_vans();
    before.custody("e", Custody::AtDepot(depot_id("other")));
    // It is on the wrong van already, and may be on another wrong one.
    let mut after = before.clone();
    let stop = after.take("m2", "s-e");
    after.put("m3", 0, stop);
    assert_eq!(before.judged(&after), []);
    // But it is not put on one that was right for it.
    let mut unplanned = before.clone();
    let stop = unplanned.take("m2", "s-e");
    unplanned.unassign(&stop);
    let found = unplanned.judged(&before);
    assert_eq!(found, [not_loadable("m2", "e", depot_id("other"))]);
}

#[test]
fn a_parcel_goes_where_it_was_promised() {
    let found = judged(|town| town.of("m2").stops[0].point = point_id("p-f"));
    let flag = Flag::WrongPoint {
        manifest: manifest_id("m2"),
        stop: stop_id("s-e"),
        shipment: shipment_id("e"),
        promised: point_id("p-e"),
    };
    assert_eq!(found, [worse(flag)]);
}

#[test]
fn a_van_is_not_overloaded_in_any_dimension() {
    for dimension in 0..swerve_model::LOAD_DIMENSIONS {
        let mut before = three_vans();
        let mut room = Load::new(3_000, 6_000, 3);
        before.vehicle_of("m2").capacity = room;
        let mut after = before.clone();
        let stop = after.take("m3", "s-h");
        after.put("m2", 0, stop);
        room.0[(dimension + 1) % 3] += 10_000;
        room.0[(dimension + 2) % 3] += 10_000;
        before.vehicle_of("m2").capacity = room;
        after.vehicle_of("m2").capacity = room;
        let excess = [1_000, 2_000, 1][dimension];
        let flag = Flag::OverCapacity { manifest: manifest_id("m2"), dimension, excess };
        assert_eq!(before.judged(&after), [worse(flag)]);
    }
}

#[test]
fn a_failed_drop_frees_no_room() {
    let mut before = three_vans();
    before.depart("m2");
    before.of("m2").stops[0].state = StopState::Failed { arrived: at(9, 50), left: at(9, 55) };
    before.unassigned.push(parcel("e"));
    before.vehicle_of("m2").capacity = Load::new(3_000, 6_000, 3);
    // A scanner finds `h` in the van, so that it may be planned there: the fourth of three.
    before.custody("h", Custody::Loaded(manifest_id("m2")));
    let over = Flag::OverCapacity { manifest: manifest_id("m2"), dimension: 2, excess: 1 };
    assert!(before.flags().contains(&over));
    // It was too much before it was planned too, so planning it is no one's fault.
    let mut after = before.clone();
    let stop = after.take("m3", "s-h");
    after.put("m2", 3, stop);
    assert_eq!(before.judged(&after), []);
}

#[test]
fn what_is_delivered_takes_no_room() {
    let mut town = three_vans();
    town.vehicle_of("m1").capacity = Load::new(3_000, 6_000, 3);
    assert_eq!(town.flags(), []);
}

#[test]
fn the_legal_end_of_the_shift_is_hard() {
    let mut before = three_vans();
    before.of("m3").duty.shift.hard_end = at(12, 0);
    let mut after = before.clone();
    for name in ["s-e", "s-f", "s-g"] {
        let stop = after.take("m2", name);
        after.put("m3", 0, stop);
    }
    let found = before.judged(&after);
    let [Violation::Worse { flag: Flag::ShiftExceeded { manifest, by }, before: None }] =
        &found[..]
    else {
        panic!("{found:?}");
    };
    assert_eq!((manifest, *by > Ticks::ZERO), (&manifest_id("m3"), true));
    // One stop less is still too late, and less so: better than before.
    let mut better = after.clone();
    let stop = better.take("m3", "s-f");
    better.put("m2", 0, stop);
    assert_eq!(after.judged(&better), []);
    let again = better.judged(&after);
    assert!(matches!(again[..], [Violation::Worse { before: Some(_), .. }]), "{again:?}");
}

#[test]
fn skills_are_needed_where_the_parcel_goes() {
    let mut before = three_vans();
    before.about("h").skills = Skills(1);
    let mut after = before.clone();
    let stop = after.take("m3", "s-h");
    after.put("m2", 0, stop);
    let flag = Flag::SkillsMissing {
        manifest: manifest_id("m2"),
        stop: stop_id("s-h"),
        shipment: shipment_id("h"),
        missing: Skills(1),
    };
    assert_eq!(before.judged(&after), [worse(flag)]);
}

#[test]
fn a_shop_is_visited_while_it_is_open() {
    let mut before = three_vans();
    before.point_of("p-e").opening = vec![window(at(9, 0), at(11, 30))];
    let mut after = before.clone();
    after.of("m2").stops.rotate_left(1);
    let found = before.judged(&after);
    let flag = |violation: &Violation| match violation {
        Violation::Worse { flag: Flag::PointClosed { stop, .. }, before: None } => {
            Some(stop.clone())
        }
        _ => None,
    };
    assert_eq!(found.iter().filter_map(flag).collect::<Vec<_>>(), [stop_id("s-e")]);
    // A shop that closes does not keep a promise either.
    assert!(found.iter().any(|violation| violation.invariant() == "I2"), "{found:?}");
}

#[test]
fn a_locker_takes_no_more_than_it_has_room_for() {
    let mut before = three_vans();
    before.point_of("p-h").compartments = Some(2);
    before.elsewhere.insert(point_id("p-h"), 1);
    let mut after = before.clone();
    after.about("e").promise.point = point_id("p-h");
    let mut stop = after.take("m2", "s-e");
    stop.point = point_id("p-h");
    after.put("m3", 0, stop);
    let full = |excess| Flag::PointFull { point: point_id("p-h"), excess };
    assert_eq!(before.judged(&after), [worse(full(1))]);

    // Too full already: no worse as it stands, and worse with one more.
    before.elsewhere.insert(point_id("p-h"), 3);
    assert_eq!(before.flags(), [full(2)]);
    assert_eq!(before.judged(&before), []);
    assert_eq!(before.judged(&after), [Violation::Worse { flag: full(3), before: Some(2) }]);
    // And leaving it is welcome.
    after.elsewhere = before.elsewhere.clone();
    assert_eq!(after.judged(&before), []);
}

#[test]
fn a_stop_no_road_leads_to_is_found() {
    let mut before = three_vans();
    let island = before.add_place(50, 50);
    before.islands.insert(island);
    let mut after = before.clone();
    after.points.get_mut(&point_id("p-g")).expect("a point").1 = island;
    let flag = Flag::Unreachable { manifest: manifest_id("m2"), stop: stop_id("s-g"), legs: 2 };
    assert!(before.judged(&after).contains(&worse(flag)));
}

#[test]
fn a_name_that_stands_for_nothing_is_found() {
    let found = judged(|town| {
        town.points.remove(&point_id("p-g"));
    });
    let name = "delivery point p-g".to_owned();
    let flag = Flag::NameUnknown { manifest: manifest_id("m2"), stop: stop_id("s-g"), name };
    assert_eq!(found, [worse(flag)]);
}

#[test]
fn a_stop_done_out_of_its_place_is_found() {
    let found = judged(|town| {
        town.of("m1").stops[3].state = StopState::Completed { arrived: at(9, 50), left: at(9, 52) };
    });
    let flag = Flag::DoneAfterUndone { manifest: manifest_id("m1"), stop: stop_id("s-d") };
    assert!(found.contains(&worse(flag)), "{found:?}");
}

#[test]
fn a_stop_for_nothing_is_found() {
    let found = judged(|town| {
        let mut stop = town.stop(&["e"]);
        (stop.id, stop.tasks) = (stop_id("s-x"), Vec::new());
        town.put("m2", 3, stop);
    });
    let flag = Flag::StopEmpty { manifest: manifest_id("m2"), stop: stop_id("s-x") };
    assert_eq!(found, [worse(flag)]);
}

#[test]
fn one_name_for_two_stops_is_found() {
    let found = judged(|town| town.of("m2").stops[1].id = stop_id("s-h"));
    let flag = Flag::StopTwice { manifest: manifest_id("m3"), stop: stop_id("s-h") };
    assert_eq!(found, [worse(flag)]);
}

#[test]
fn a_stop_for_a_closed_parcel_is_found() {
    let found = judged(|town| town.custody("e", Custody::Cancelled));
    let (shipment, parcel) = parcel("e");
    let (manifest, stop) = (manifest_id("m2"), stop_id("s-e"));
    assert_eq!(found, [worse(Flag::ParcelClosed { manifest, stop, shipment, parcel })]);
}

#[test]
fn at_the_door_parcels_are_scanned_before_the_stop_is_done() {
    let mut before = three_vans();
    before.of("m1").stops[1].state = StopState::Arrived(at(9, 58));
    let mut after = before.clone();
    after.custody("b", Custody::Delivered { at: at(10, 0), point: point_id("p-b") });
    assert_eq!(before.judged(&after), []);
}
