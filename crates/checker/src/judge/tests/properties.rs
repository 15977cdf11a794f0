//! What holds of every plan, right or wrong, and of every change of it.

use proptest::prelude::*;
use swerve_model::schedule::{anchor_of, times_of};
use swerve_model::{Custody, Moment, StopState, Task, Ticks, Z_KEPT};

use crate::fixtures::*;
use crate::{Flag, Violation, audit};

const VANS: usize = 3;

#[derive(Clone, Debug)]
struct AnyShipment {
    x: i64,
    y: i64,
    van: usize,
    custody: u8,
    open: i64,
    length: i64,
    skilled: bool,
    pinned: bool,
}

prop_compose! {
    fn any_shipment()(
        x in -1_500i64..1_500, y in -1_500i64..1_500, van in 0..VANS, custody in 0u8..8,
        open in 0i64..240, length in 0i64..400, skilled in prop::bool::weighted(0.1),
        pinned in prop::bool::weighted(0.15),
    ) -> AnyShipment {
        AnyShipment { x, y, van, custody, open, length, skilled, pinned }
    }
}

prop_compose! {
    /// Vans on the road and at the depot, with promises kept and not, parcels where they should be and
    /// where they should not, vans too full and too late.
    fn any_town()(
        shipments in prop::collection::vec(any_shipment(), 1..9),
        departed in prop::collection::vec(any::<bool>(), VANS),
        done in prop::collection::vec(0usize..2, VANS),
        room in prop::collection::vec(0i64..6, VANS),
        hard_end in prop::collection::vec(30i64..600, VANS),
        skills in prop::collection::vec(0u64..2, VANS),
        island in prop::option::weighted(0.1, 0usize..8),
        now in 0i64..120,
    ) -> Town {
        let mut town = Town::new();
        town.now = at(10, now);
        let names: Vec<String> = (0..shipments.len()).map(|index| format!("n{index}")).collect();
        for (name, any) in names.iter().zip(&shipments) {
            let shipment = town.add_shipment(name, any.x, any.y);
            shipment.promise.windows = vec![window(at(9, any.open), at(9, any.open + any.length))];
            shipment.skills = swerve_model::Skills(u64::from(any.skilled));
        }
        for van in 0..VANS {
            let on_it = |index: &usize| shipments[*index].van == van;
            let stops: Vec<&str> =
                (0..names.len()).filter(on_it).map(|index| names[index].as_str()).collect();
            let id = format!("m{van}");
            town.add_manifest(&id, &stops);
            town.of(&id).duty.shift.hard_end = at(10, hard_end[van]);
            town.vehicle_of(&id).capacity.0[2] = room[van];
            town.vehicle_of(&id).skills = swerve_model::Skills(skills[van]);
            if departed[van] {
                town.depart(&id);
                for (position, name) in stops.iter().enumerate().take(done[van]) {
                    let left = at(9, 10 + position as i64);
                    town.of(&id).stops[position].state =
                        StopState::Completed { arrived: left, left };
                    let point = point_id(&format!("p-{name}"));
                    town.custody(name, Custody::Delivered { at: left, point });
                }
            }
        }
        for (name, any) in names.iter().zip(&shipments) {
            let shipment = town.about(name);
            if shipment.is_terminal() {
                continue;
            }
            // Mostly as it should be; now and then a scan that contradicts the plan.
            match any.custody {
                0 => shipment.parcels[0].custody = Custody::Loaded(manifest_id("m1")),
                1 => shipment.parcels[0].custody = Custody::AtDepot(depot_id("other")),
                _ => {}
            }
            for manifest in town.manifests.values_mut() {
                let stops = manifest.stops.iter_mut().filter(|stop| !stop.state.is_done());
                for stop in stops.filter(|stop| stop.id == stop_id(&format!("s-{name}"))) {
                    stop.pinned = any.pinned;
                }
            }
        }
        if let Some(index) = island.filter(|index| *index < names.len()) {
            let point = point_id(&format!("p-{}", names[index]));
            town.islands.insert(town.points[&point].1);
        }
        town
    }
}

/// Moves of one stop: from a van and position to another, positions taken modulo what there is.
fn any_moves() -> impl Strategy<Value = Vec<(usize, usize, usize, usize)>> {
    prop::collection::vec((0..VANS, 0usize..8, 0..VANS, 0usize..8), 0..3)
}

fn moved(town: &Town, moves: &[(usize, usize, usize, usize)]) -> Town {
    let mut town = town.clone();
    for (from, position, to, target) in moves {
        let (from, to) = (format!("m{from}"), format!("m{to}"));
        let done = town.of(&from).done_count();
        let undone = town.of(&from).stops.len() - done;
        if undone == 0 {
            continue;
        }
        let stop = town.of(&from).stops.remove(done + position % undone);
        let manifest = town.of(&to);
        let done = manifest.done_count();
        let target = done + target % (manifest.stops.len() - done + 1);
        manifest.stops.insert(target, stop);
    }
    town
}

fn audited(town: &Town) -> Vec<Flag> {
    let unassigned: Vec<Task> = town
        .unassigned
        .iter()
        .map(|(shipment, parcel)| Task {
            shipment: shipment.clone(),
            parcels: vec![parcel.clone()],
        })
        .collect();
    audit(town.shipments.values(), town.manifests.values(), &unassigned)
}

/// When each shipment is planned to start, and since when its van's whereabouts are known: by the
/// model's schedule, not the checker's.
fn starts(town: &Town) -> Vec<(String, Moment, Moment)> {
    let mut starts = Vec::new();
    for route in town.side().routes {
        let anchor = anchor_of(town, route.manifest, route.depot, route.sighted, town.now);
        let anchor = anchor.expect("every name is known");
        let times = times_of(town, town, route.undone(), anchor, town.now);
        let times = times.expect("every name is known");
        let known = if route.manifest.may_load() { anchor.depart } else { town.now };
        for (stop, times) in route.undone().iter().zip(times) {
            starts.push((stop.tasks[0].shipment.to_string(), known, times.start));
        }
    }
    starts.sort();
    starts
}

/// How far a start is from a promise's one window, and the margin, spelt out.
fn stand(town: &Town, name: &str, known: Moment, start: Moment) -> (Ticks, f64) {
    let window = town.shipments[&shipment_id(name)].promise.windows[0];
    let off_by = (window.open() - start).max(start - window.close()).max(Ticks::ZERO);
    let close = if off_by > Ticks::ZERO { start - off_by } else { window.close() };
    (off_by, town.risk.margin(known, start, close))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_plan_is_no_worse_than_itself(town in any_town()) {
        prop_assert_eq!(town.judged(&town), []);
    }

    #[test]
    fn a_promise_is_found_lowered_exactly_when_the_models_times_say_so(
        before in any_town(), moves in any_moves(),
    ) {
        let after = moved(&before, &moves);
        let (was, is) = (starts(&before), starts(&after));
        let mut lowered = Vec::new();
        for ((name, known_before, start_before), (other, known, start)) in was.iter().zip(&is) {
            prop_assert_eq!(name, other);
            let (off_before, margin_before) = stand(&before, name, *known_before, *start_before);
            let (off_after, margin_after) = stand(&after, name, *known, *start);
            if margin_after < margin_before.min(Z_KEPT) - 1e-9 || off_after > off_before {
                lowered.push(name.clone());
            }
        }
        let mut found: Vec<String> = before
            .judged(&after)
            .iter()
            .filter_map(|violation| match violation {
                Violation::PromiseBroken { shipment, .. }
                | Violation::PromiseLowered { shipment, .. } => Some(shipment.to_string()),
                _ => None,
            })
            .collect();
        found.sort();
        prop_assert_eq!(found, lowered);
    }

    #[test]
    fn a_change_that_passes_adds_and_enlarges_no_fault(before in any_town(), moves in any_moves()) {
        let after = moved(&before, &moves);
        if before.judged(&after).is_empty() {
            let flags = before.flags();
            for flag in after.flags() {
                let same = flags.iter().filter(|other| other.fault() == flag.fault());
                let was = same.map(Flag::size).max();
                let is_unsure = matches!(flag, Flag::PromiseUnsure { .. });
                // A promise that was missed may become one that is unsure.
                prop_assert!(is_unsure || was.is_some_and(|was| was >= flag.size()), "{}", flag);
            }
        }
    }

    #[test]
    fn a_loaded_parcel_never_passes_to_another_van(before in any_town(), moves in any_moves()) {
        let after = moved(&before, &moves);
        if before.judged(&after).is_empty() {
            for (manifest, stop) in after.manifests.values().flat_map(|manifest| {
                manifest.stops.iter().map(move |stop| (manifest, stop))
            }) {
                let shipment = &after.shipments[&stop.tasks[0].shipment];
                if let Custody::Loaded(holder) = &shipment.parcels[0].custody {
                    let was_here = before.manifests[&manifest.id].stop(&stop.id).is_some();
                    let was_wrong = before.manifests[holder].stop(&stop.id).is_none();
                    prop_assert!(*holder == manifest.id || was_here || was_wrong);
                }
            }
        }
    }

    #[test]
    fn counting_what_is_touched_finds_what_counting_everything_finds(
        before in any_town(),
        faults in prop::collection::vec((0usize..4, 0usize..9, 0..VANS), 0..3),
    ) {
        prop_assume!(audited(&before).is_empty());
        let mut after = before.clone();
        for (kind, index, van) in faults {
            let name = format!("n{index}");
            let Some(shipment) = after.shipments.get(&shipment_id(&name)) else { continue };
            let key = (shipment.id.clone(), shipment.parcels[0].id.clone());
            let stop = stop_id(&format!("s-{name}"));
            match kind {
                // Planned once more.
                0 => {
                    let again = after.stop(&[&name]);
                    let manifest = after.of(&format!("m{van}"));
                    manifest.stops.push(again);
                }
                // Also unassigned.
                1 => after.unassigned.push(key),
                // Taken off the plan.
                2 => {
                    for manifest in after.manifests.values_mut() {
                        manifest.stops.retain(|other| other.id != stop || other.state.is_done());
                    }
                }
                // Cancelled, with or without its stop.
                _ => {
                    if !after.about(&name).is_terminal() {
                        after.custody(&name, Custody::Cancelled);
                    }
                }
            }
        }
        let found = before.judged(&after).iter().any(|violation| violation.invariant() == "I1");
        prop_assert_eq!(found, !is_right(&after));
    }

    #[test]
    fn free_stops_of_loading_vans_may_go_anywhere(
        places in prop::collection::vec((-900i64..900, -900i64..900, 0..VANS), 1..8),
        moves in any_moves(),
    ) {
        let mut town = Town::new();
        let names: Vec<String> = (0..places.len()).map(|index| format!("n{index}")).collect();
        for (name, (x, y, _)) in names.iter().zip(&places) {
            town.add_shipment(name, *x, *y);
        }
        for van in 0..VANS {
            let on_it = names.iter().zip(&places).filter(|(_, place)| place.2 == van);
            let stops: Vec<&str> = on_it.map(|(name, _)| name.as_str()).collect();
            town.add_manifest(&format!("m{van}"), &stops);
        }
        prop_assert_eq!(town.judged(&moved(&town, &moves)), []);
    }

    #[test]
    fn time_alone_is_no_fault(mut town in any_town(), later in 0i64..300) {
        town.now += Ticks::from_minutes(later);
        prop_assert_eq!(town.judged(&town), []);
    }
}

/// I1 as it reads, over everything: by hand, parcel by parcel.
fn is_right(town: &Town) -> bool {
    town.shipments.values().all(|shipment| {
        let key = (shipment.id.clone(), shipment.parcels[0].id.clone());
        let planned = town
            .manifests
            .values()
            .flat_map(|manifest| &manifest.stops[manifest.done_count()..])
            .filter(|stop| stop.tasks[0].shipment == shipment.id)
            .count();
        let unassigned = town.unassigned.iter().filter(|other| **other == key).count();
        planned + unassigned == usize::from(!shipment.is_terminal())
    })
}
