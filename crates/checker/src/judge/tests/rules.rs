//! Changes as they are made every day, which the judge lets pass; and what inspection says.

use swerve_model::{Custody, StopState, Ticks};

use crate::fixtures::*;
use crate::{Flag, audit};

#[test]
fn a_day_without_faults_has_no_flags() {
    assert_eq!(three_vans().flags(), []);
}

#[test]
fn a_new_shipment_is_inserted() {
    let before = three_vans();
    let mut after = before.clone();
    after.add_shipment("new", -700, 100);
    let stop = after.stop(&["new"]);
    after.put("m2", 1, stop);
    assert_eq!(before.judged(&after), []);
}

#[test]
fn a_new_shipment_waits_unassigned() {
    let before = three_vans();
    let mut after = before.clone();
    after.add_shipment("new", -700, 100);
    let stop = after.stop(&["new"]);
    after.unassign(&stop);
    assert_eq!(before.judged(&after), []);
}

#[test]
fn what_waits_at_the_depot_moves_between_vans_that_load() {
    let before = three_vans();
    let mut after = before.clone();
    let stop = after.take("m2", "s-f");
    after.put("m3", 1, stop);
    assert_eq!(before.judged(&after), []);
}

#[test]
fn a_loaded_parcel_is_rerouted_within_its_van() {
    let before = three_vans();
    let mut after = before.clone();
    let door = after.add_door("p-office", 6_500, 0);
    after.about("c").promise.point = door.clone();
    let mut stop = after.take("m1", "s-c");
    (stop.point, stop.id) = (door, stop_id("s-office"));
    after.put("m1", 3, stop);
    assert_eq!(before.judged(&after), []);
}

#[test]
fn two_deliveries_become_one() {
    let before = three_vans();
    let mut after = before.clone();
    after.about("h").promise.point = point_id("p-e");
    let stop = after.take("m3", "s-h");
    after.of("m2").stops[0].tasks.extend(stop.tasks);
    assert_eq!(before.judged(&after), []);
}

#[test]
fn a_failed_delivery_waits_for_a_decision() {
    let mut before = three_vans();
    before.of("m1").stops[1].state = StopState::Failed { arrived: at(9, 55), left: at(10, 0) };
    before.unassigned.push((shipment_id("b"), parcel_id("b1")));
    let mut after = before.clone();
    after.of("m1").stops.swap(2, 3);
    // `c` is driven to now.
    assert_eq!(before.judged(&after).len(), 1);
    // A second attempt on the way back.
    let mut after = before.clone();
    after.unassigned.clear();
    let mut stop = after.stop(&["b"]);
    stop.id = stop_id("s-b-again");
    after.put("m1", 4, stop);
    assert_eq!(before.judged(&after), []);
}

#[test]
fn an_imported_day_is_flagged_and_stays_legal_as_it_is() {
    let mut town = three_vans();
    town.vehicle_of("m2").capacity.0[2] = 2;
    town.of("m3").duty.shift.hard_end = at(11, 10);
    town.about("f").promise.windows = vec![window(at(9, 0), at(11, 20))];
    let flags = town.flags();
    let names: Vec<&str> = flags.iter().map(Flag::name).collect();
    assert_eq!(names, ["PROMISE_MISSED", "OVER_CAPACITY", "SHIFT_EXCEEDED"]);
    let texts: Vec<String> = flags.iter().map(Flag::to_string).collect();
    assert_eq!(
        texts,
        [
            "m2/s-f misses the promise to f by 0:12:00",
            "m2 is over capacity in count by 1",
            "m3 is back 0:37:00 after the legal end of the shift",
        ]
    );
    assert_eq!(town.judged(&town), []);
}

#[test]
fn a_promise_that_is_only_likely_is_flagged_as_unsure() {
    let mut town = three_vans();
    town.about("e").promise.windows = vec![window(at(9, 0), at(11, 11))];
    let flags = town.flags();
    let kept_permille = town.risk.kept_permille(at(11, 0), at(11, 10), at(11, 11));
    let (manifest, stop) = (manifest_id("m2"), stop_id("s-e"));
    let shipment = shipment_id("e");
    assert_eq!(flags, [Flag::PromiseUnsure { manifest, stop, shipment, kept_permille }]);
}

#[test]
fn a_promise_of_two_windows_is_as_sure_as_the_one_it_is_planned_in() {
    let mut town = three_vans();
    let tight = window(at(9, 0), at(11, 11));
    town.about("e").promise.windows = vec![tight, window(at(14, 0), at(16, 0))];
    let kept_permille = town.risk.kept_permille(at(11, 0), at(11, 10), at(11, 11));
    let (manifest, stop) = (manifest_id("m2"), stop_id("s-e"));
    let shipment = shipment_id("e");
    assert_eq!(town.flags(), [Flag::PromiseUnsure { manifest, stop, shipment, kept_permille }]);
}

#[test]
fn what_a_failed_stop_left_aboard_counts_even_if_no_list_tells_of_it() {
    let mut town = three_vans();
    town.of("m1").stops[1].state = StopState::Failed { arrived: at(9, 55), left: at(10, 0) };
    town.vehicle_of("m1").capacity.0[2] = 2;
    let mut side = town.side();
    side.routes[0].aboard.clear();
    let flags = town.under(|conditions| crate::inspect(&side, conditions));
    let manifest = manifest_id("m1");
    assert_eq!(flags, [Flag::OverCapacity { manifest, dimension: 2, excess: 1 }]);
}

#[test]
fn a_promise_of_several_parcels_is_as_good_as_the_worst() {
    let mut town = three_vans();
    let second = swerve_model::Parcel { id: parcel_id("e2"), ..town.about("e").parcels[0].clone() };
    town.about("e").parcels.push(second);
    town.about("e").promise.windows = vec![window(at(9, 0), at(11, 30))];
    let mut stop = town.stop(&["e"]);
    (stop.id, stop.tasks[0].parcels) = (stop_id("s-e2"), vec![parcel_id("e2")]);
    town.put("m2", 3, stop);
    let missed = Flag::PromiseMissed {
        manifest: manifest_id("m2"),
        stop: stop_id("s-e2"),
        shipment: shipment_id("e"),
        by: Ticks::from_minutes(36),
    };
    assert_eq!(town.flags(), [missed]);
}

#[test]
fn an_audit_finds_what_is_nowhere_twice_and_closed() {
    let mut town = three_vans();
    let on_plan = |town: &Town| {
        let unassigned: Vec<swerve_model::Task> = town
            .unassigned
            .iter()
            .map(|(shipment, parcel)| swerve_model::Task {
                shipment: shipment.clone(),
                parcels: vec![parcel.clone()],
            })
            .collect();
        audit(town.shipments.values(), town.manifests.values(), &unassigned)
    };
    assert_eq!(on_plan(&town), []);
    town.take("m2", "s-e");
    town.unassigned.push((shipment_id("f"), parcel_id("f1")));
    town.custody("g", Custody::Cancelled);
    let flags = on_plan(&town);
    let parcel = |name: &str| (shipment_id(name), parcel_id(&format!("{name}1")));
    let ((e, e1), (f, f1), (g, g1)) = (parcel("e"), parcel("f"), parcel("g"));
    let (manifest, stop) = (manifest_id("m2"), stop_id("s-g"));
    assert_eq!(
        flags,
        [
            Flag::ParcelNowhere { shipment: e, parcel: e1 },
            Flag::ParcelTwice { shipment: f, parcel: f1, places: 2 },
            Flag::ParcelClosed { manifest, stop, shipment: g, parcel: g1 },
        ]
    );
}
