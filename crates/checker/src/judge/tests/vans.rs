//! Planted faults of vans and points: custody, room, shift, skills, opening hours, lockers, roads and
//! names (I3, I6, I7, I16).

use swerve_model::{Custody, DepotId, Load, Skills, StopState, Ticks};

use super::{judged, parcel, worse};
use crate::fixtures::*;
use crate::{Flag, Violation};

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
fn an_announced_parcel_goes_on_no_van_that_leaves_before_it_is_ready() {
    let mut before = three_vans();
    let leaves = before.of("m3").duty.shift.start;
    before.about("e").parcels[0].ready = Some(leaves + Ticks::from_minutes(5));
    let mut planned = before.clone();
    let stop = planned.take("m2", "s-e");
    planned.put("m3", 0, stop.clone());
    let mut waiting = before.clone();
    waiting.take("m2", "s-e");
    waiting.unassign(&stop);
    let (shipment, parcel) = parcel("e");
    let (manifest, stop) = (manifest_id("m3"), stop_id("s-e"));
    let by = Ticks::from_minutes(5);
    let flag = worse(Flag::NotReady { manifest, stop, shipment, parcel, by });
    assert_eq!(waiting.judged(&planned), [flag]);
    // Seen at the dock, or ready in time, it is that van's to bring.
    for town in [&mut waiting, &mut planned] {
        town.custody("e", Custody::AtDepot(depot_id("depot")));
    }
    assert_eq!(waiting.judged(&planned), []);
    for town in [&mut waiting, &mut planned] {
        town.custody("e", Custody::Expected(depot_id("depot")));
        town.about("e").parcels[0].ready = Some(leaves);
    }
    assert_eq!(waiting.judged(&planned), []);
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
    // At the door of `b`, one by one.
    town.vehicle_of("m1").capacity = Load::new(2_000, 4_000, 2);
    town.of("m1").stops[1].state = StopState::Arrived(at(9, 58));
    town.custody("b", Custody::Delivered { at: at(10, 0), point: point_id("p-b") });
    assert_eq!(town.flags(), []);
    // Nor if a list of what is aboard is behind the scans.
    let shipment = &town.shipments[&shipment_id("a")];
    let mut side = town.side();
    side.routes[0].aboard.push((&shipment.id, &shipment.parcels[0].id));
    assert_eq!(town.under(|conditions| crate::inspect(&side, conditions)), []);
}

#[test]
fn a_parcel_planned_twice_takes_room_once() {
    let mut town = three_vans();
    town.vehicle_of("m2").capacity = Load::new(3_000, 6_000, 3);
    let mut again = town.stop(&["e"]);
    again.id = stop_id("s-again");
    town.put("m2", 3, again);
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
fn a_locker_is_as_full_as_it_is_after_the_whole_change() {
    let mut before = three_vans();
    before.point_of("p-e").compartments = Some(1);
    before.point_of("p-h").compartments = Some(1);
    // Both go to the other's locker.
    let mut swapped = before.clone();
    swapped.about("e").promise.point = point_id("p-h");
    swapped.about("h").promise.point = point_id("p-e");
    swapped.of("m2").stops[0].point = point_id("p-h");
    swapped.of("m3").stops[0].point = point_id("p-e");
    assert_eq!(before.judged(&swapped), []);
    // One goes to the place of another that is cancelled.
    let mut replaced = before.clone();
    replaced.custody("h", Custody::Cancelled);
    replaced.take("m3", "s-h");
    replaced.about("e").promise.point = point_id("p-h");
    replaced.of("m2").stops[0].point = point_id("p-h");
    assert_eq!(before.judged(&replaced), []);
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
