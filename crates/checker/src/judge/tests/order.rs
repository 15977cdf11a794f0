//! Planted faults of order: identity, done, frozen and pinned stops (I4).

use swerve_model::{Custody, ManifestState, StopState};

use super::{judged, parcel};
use crate::Violation;
use crate::fixtures::*;
use crate::scene::Latitude;

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
