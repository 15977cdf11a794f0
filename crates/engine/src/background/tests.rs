//! What a search found, held against a plan that has moved on.

#[path = "../../tests/small/mod.rs"]
mod small;

use swerve_model::{Cost, Manifest, Role, Ticks};

use super::job::{Found, Rearranged};
use super::merge::merge;
use super::rotation::Rotation;
use super::*;
use crate::request::Request;
use small::{Small, at, lenient, manifest, shipment_id};

/// Two vans whose stops lie on the other one's line: exchanging them pays.
fn crossed() -> Small {
    let mut settings = lenient();
    settings.budget.after_answer = 0;
    settings.budget.background.per_stop = 0;
    let small = Small::with(&swerve_eventlog::sim::SimDisk::new(1), settings, small::host());
    small.tick(7, 0);
    small.open_vans(2);
    let mut shipments = Vec::new();
    for number in 1..=6 {
        let side = if number % 2 == 0 { 1.0 } else { -1.0 };
        let door = small.door(&format!("door{number}"), side * 9_000.0, 900.0 * number as f64);
        shipments.push(small.shipment(number, &door, &[]));
    }
    small.create(shipments);
    small.import(&[&[1, 2, 3], &[4, 5, 6]]);
    small
}

fn found(small: &Small, orders: &[(usize, &[usize])]) -> Found {
    let snapshot = small.territory.snapshot();
    let names = |manifest: &Manifest| {
        let live = snapshot.live(&manifest.id).expect("derived");
        let free = &manifest.stops[manifest.done_count() + live.frozen..];
        free.iter().map(|stop| stop.id.clone()).collect::<Vec<_>>()
    };
    let rearranged = |(number, order): &(usize, &[usize])| {
        let found = &snapshot.state.manifests[&manifest(*number)];
        Rearranged {
            manifest: found.id.clone(),
            base: found.revision,
            was: names(found),
            order: order.iter().map(|number| small.stop_of(*number).1).collect(),
        }
    };
    Found { manifests: orders.iter().map(rearranged).collect(), iterations: 1 }
}

/// What is discarded, and how many parts are published.
fn merged(small: &Small, found: &Found) -> (BackgroundFigures, Option<Decision>) {
    let counts = Counts::default();
    let decision = merge(&small.territory.snapshot(), std::slice::from_ref(found), &counts);
    (counts.read(), decision)
}

const EXCHANGE: [(usize, &[usize]); 2] = [(1, &[1, 3, 5]), (2, &[2, 4, 6])];

#[test]
fn an_exchange_that_pays_is_published_whole() {
    let small = crossed();
    let (figures, decision) = merged(&small, &found(&small, &EXCHANGE));
    let Event::PlanChanged { delta, .. } = &decision.expect("it pays").events[0] else {
        panic!("a plan changes");
    };
    assert_eq!(delta.manifests.len(), 2);
    assert_eq!(figures.published, 1);
    assert!(figures.gain > Cost::ZERO);
}

#[test]
fn a_part_of_which_one_manifest_was_changed_is_dropped_whole() {
    for changed in 1..=6 {
        let small = crossed();
        let found = found(&small, &EXCHANGE);
        let cancel = Request::CancelShipment { shipment: shipment_id(changed), etag: None };
        small.ask(Role::Tms, cancel);
        let (figures, decision) = merged(&small, &found);
        assert!(decision.is_none());
        assert_eq!(figures.discarded_for(Discarded::BaseMoved), 1, "{figures:?}");
    }
}

#[test]
fn manifests_that_exchange_nothing_stand_for_themselves() {
    let small = crossed();
    // Both only turned round; one of them is changed meanwhile.
    let found = found(&small, &[(1, &[2, 1, 3]), (2, &[5, 4, 6])]);
    let cancel = Request::CancelShipment { shipment: shipment_id(4), etag: None };
    small.ask(Role::Tms, cancel);
    let (figures, _) = merged(&small, &found);
    assert_eq!(figures.discarded_for(Discarded::BaseMoved), 1);
    let judged = figures.published + figures.discarded_for(Discarded::NotWorth);
    assert_eq!(judged, 1, "{figures:?}");
}

#[test]
fn what_has_frozen_since_stays_where_it_was_driven() {
    let small = crossed();
    let found = found(&small, &[(1, &[3, 1, 2])]);
    small.load_and_depart(1);
    small.tick(8, 1);
    let snapshot = small.territory.snapshot();
    let live = snapshot.live(&manifest(1)).expect("derived");
    assert!(live.frozen > 0, "the first stop is being driven to");
    let before = &snapshot.state.manifests[&manifest(1)].stops;
    if let (_, Some(decision)) = merged(&small, &found) {
        let Event::PlanChanged { delta, .. } = &decision.events[0] else { panic!("a plan") };
        let change = &delta.manifests[0];
        assert_eq!(change.keep, live.frozen);
        assert_eq!(change.suffix.len(), before.len() - live.frozen);
    }
    // Once one stop is left that may move, nothing of an order is.
    let (manifest, stop) = small.stop_of(1);
    small.ask(Role::Dispatcher, Request::CompleteStop { manifest, stop, at: at(8, 1) });
    let (figures, decision) = merged(&small, &found);
    assert!(decision.is_none());
    assert_eq!(figures.discarded_for(Discarded::Overtaken), 1, "{figures:?}");
}

#[test]
fn once_loaded_nothing_is_exchanged_whatever_was_found() {
    let small = crossed();
    let found = found(&small, &EXCHANGE);
    small.load_and_depart(1);
    let (figures, decision) = merged(&small, &found);
    assert!(decision.is_none());
    assert_eq!(figures.discarded_for(Discarded::Overtaken), 1, "{figures:?}");
}

#[test]
fn a_round_leaves_nothing_out_and_changes_come_in_between() {
    let small = crossed();
    let snapshot = small.territory.snapshot();
    let mut settings = crate::settings::Background { groups: 1, ..Default::default() };
    settings.group_stops = 3;
    let mut rotation = Rotation::new(snapshot.state.revision);
    let turns: Vec<Vec<Vec<u32>>> = (0..4).map(|_| rotation.next(&snapshot, &settings)).collect();
    let mut round: Vec<u32> = turns.iter().flatten().flatten().copied().collect();
    round.sort_unstable();
    assert_eq!(round, [0, 1], "each once, then rest: {turns:?}");
    small.ask(Role::Tms, Request::CancelShipment { shipment: shipment_id(4), etag: None });
    let snapshot = small.territory.snapshot();
    let around = rotation.next(&snapshot, &settings);
    assert!(around[0].contains(&1), "what has changed: {around:?}");
    assert!(rotation.next(&snapshot, &settings).is_empty());
    let later = settings.rest;
    settings.rest = Ticks::ZERO;
    assert!(!rotation.next(&snapshot, &settings).is_empty(), "rested {later:?}");
    assert!(snapshot.state.now == at(7, 0));
}
