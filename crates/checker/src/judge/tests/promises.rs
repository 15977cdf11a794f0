//! Planted faults of promise: broken, lowered, and made without being sure (I2).

use swerve_model::{Custody, Moment, Ticks};

use crate::fixtures::*;
use crate::{Violation, drive};

/// `m1` as it is, and when its `c` and `d` are served.
fn with_close_on_d(before_close: Ticks) -> (Town, Moment) {
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
fn a_place_promised_anew_must_be_sure_even_if_the_old_one_was_not() {
    let mut before = three_vans();
    before.about("e").promise.windows = vec![window(at(9, 0), at(11, 11))];
    let mut after = before.clone();
    let door = after.add_door("p-office", -600, 0);
    after.about("e").promise.point = door.clone();
    after.of("m2").stops[0].point = door;
    let found = before.judged(&after);
    assert!(
        matches!(found[..], [Violation::PromiseLowered { before_permille: None, .. }]),
        "{found:?}"
    );
}

#[test]
fn what_was_not_planned_is_planned_inside_its_window_or_not() {
    let mut before = three_vans();
    let stop = before.take("m2", "s-g");
    before.unassign(&stop);
    let plan = |close: Moment| {
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
