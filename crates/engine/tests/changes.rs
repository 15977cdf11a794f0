//! Recipients change their minds on a plain with straight roads.

mod small;

use small::{Small, at, manifest, parcel_id, shipment_id, spot, window};
use swerve_engine::{EngineError, Request, Scan};
use swerve_model::{
    Answer, ChangeKind, ChangeState, Custody, FailureReason, PointKind, Proof, RefusalReason, Role,
    Together, Wish, WishedPlace,
};

/// Two vans, four doors each, one line east and one line west; departed at eight.
fn two_lines() -> Small {
    let small = Small::open();
    small.tick(7, 0);
    small.open_vans(2);
    let mut shipments = Vec::new();
    for number in 1..=4 {
        let door = small.door(&format!("east{number}"), 15_000.0 * number as f64, 0.0);
        shipments.push(small.shipment(number, &door, &[]));
        let door = small.door(&format!("west{number}"), -15_000.0 * number as f64, 0.0);
        shipments.push(small.shipment(number + 4, &door, &[]));
    }
    small.create(shipments);
    small.import(&[&[1, 2, 3, 4], &[5, 6, 7, 8]]);
    small
}

#[test]
fn an_imported_plan_stands_as_it_was_made() {
    let small = two_lines();
    assert_eq!(
        small.plan(),
        "m1: s1 08:25, s2 08:52, s3 09:19, s4 09:47 | m2: s5 08:25, s6 08:52, s7 09:19, s8 09:47"
    );
}

#[test]
fn before_loading_a_reroute_may_change_van() {
    let small = two_lines();
    let wish = Wish { place: Some(WishedPlace::Location(spot(-40_000.0, 0.0))), ..Wish::default() };
    let quote = small.quote(1, wish);
    assert_eq!(quote.kinds, vec![ChangeKind::Reroute]);
    assert!(quote.refusals.is_empty(), "{:?}", quote.refusals);
    let change = small.committed(&quote, 0);
    assert_eq!(change.effects[0].manifest, manifest(2));
    let plan = small.plan();
    assert!(plan.contains("s6") && plan.contains("s1"), "{plan}");
    assert!(plan.starts_with("m1: s2"), "{plan}");
}

#[test]
fn once_loaded_a_parcel_stays_in_its_van() {
    let small = two_lines();
    small.tick(8, 0);
    small.load_and_depart(1);
    small.load_and_depart(2);
    let wish = Wish { place: Some(WishedPlace::Location(spot(-40_000.0, 0.0))), ..Wish::default() };
    let quote = small.quote(4, wish);
    let change = small.committed(&quote, 0);
    assert_eq!(change.effects[0].manifest, manifest(1));
}

#[test]
fn a_window_no_van_can_reach_is_called_impossible_and_another_is_offered() {
    let small = two_lines();
    small.tick(8, 0);
    small.load_and_depart(1);
    let wish = Wish { windows: vec![window((8, 1), (8, 30))], ..Wish::default() };
    let quote = small.quote(4, wish);
    assert!(quote.offers.is_empty());
    let refusal = &quote.refusals[0];
    assert_eq!(
        (refusal.reason, refusal.proof),
        (RefusalReason::WindowUnreachable, Proof::Impossible)
    );
    assert!(!quote.alternatives.is_empty());
}

#[test]
fn suggested_windows_are_all_proven_and_one_can_be_taken() {
    let small = two_lines();
    let quote = small.quote(3, Wish { suggest_windows: true, ..Wish::default() });
    assert_eq!(quote.offers.len(), 6);
    let offer = &quote.offers[2];
    let change = small.committed(&quote, 2);
    let snapshot = small.territory.snapshot();
    let promise = &snapshot.state.shipments[&shipment_id(3)].promise;
    assert_eq!(promise.windows, offer.resolved.windows);
    let eta = snapshot.shipment_eta(&shipment_id(3)).expect("planned");
    assert!(promise.windows[0].contains(eta.expected));
    assert_eq!(change.state, ChangeState::Committed);
}

#[test]
fn parcels_of_one_recipient_become_one_delivery_across_vans() {
    let small = Small::open();
    small.tick(7, 0);
    small.open_vans(2);
    let home = small.door("home", 2000.0, 0.0);
    let other = small.door("other", -2000.0, 0.0);
    let mut first = small.shipment(1, &home, &[]);
    let mut second = small.shipment(2, &home, &[]);
    second.recipient = first.recipient.clone();
    first.consents.consolidation = true;
    small.create(vec![first, second, small.shipment(3, &other, &[])]);
    small.import(&[&[1], &[3, 2]]);
    let wish = Wish { together: Some(Together::Find), ..Wish::default() };
    let quote = small.quote(1, wish);
    let change = small.committed(&quote, 0);
    assert_eq!(change.effects.len(), 2);
    assert_eq!(small.stop_of(1), small.stop_of(2));
}

#[test]
fn a_full_locker_is_refused_and_a_free_one_is_taken() {
    let small = two_lines();
    let full = small.point("full", 48_000.0, 500.0, PointKind::Locker, Some(0));
    let free = small.point("free", 50_000.0, 500.0, PointKind::Locker, Some(3));
    let to = |point| Wish { place: Some(WishedPlace::Point(point)), ..Wish::default() };
    let quote = small.quote(4, to(full));
    assert_eq!(quote.refusals[0].reason, RefusalReason::LockerFull);
    let quote = small.quote(4, to(free.clone()));
    small.committed(&quote, 0);
    let snapshot = small.territory.snapshot();
    assert_eq!(snapshot.state.occupancy[&free], 1);
}

#[test]
fn a_failed_drop_keeps_its_compartment_until_the_parcel_is_back() {
    let small = two_lines();
    let locker = small.point("locker", 50_000.0, 500.0, PointKind::Locker, Some(3));
    let place = Some(WishedPlace::Point(locker.clone()));
    let quote = small.quote(4, Wish { place, ..Wish::default() });
    small.committed(&quote, 0);
    let taken = || small.territory.snapshot().state.occupancy[&locker];
    let key = (shipment_id(4), parcel_id(1));
    let planned = small.territory.snapshot().state.assignments[&key].clone();
    let number = (1..=2).find(|number| manifest(*number) == planned.manifest).expect("one of two");
    small.load_and_depart(number);
    let at = small.territory.snapshot().state.now;
    small.ask(
        Role::Dispatcher,
        Request::FailStop {
            manifest: planned.manifest,
            stop: planned.stop,
            at,
            reason: FailureReason::NoAccess,
        },
    );
    assert_eq!(taken(), 1);
    let (shipment, parcel) = key;
    let custody = Custody::Returned(small::depot());
    small.ask(Role::Tms, Request::RecordScans(vec![Scan { shipment, parcel, custody }]));
    assert_eq!(taken(), 0);
}

#[test]
fn a_cancelled_change_gives_back_the_old_promise() {
    let small = two_lines();
    let before = small.territory.snapshot().state.shipments[&shipment_id(2)].promise.clone();
    let wish = Wish { place: Some(WishedPlace::Location(spot(0.0, 900.0))), ..Wish::default() };
    let quote = small.quote(2, wish);
    let change = small.committed(&quote, 0);
    small.ask(Role::Tms, Request::CancelChange { change: change.id.clone(), etag: None });
    let after = small.territory.snapshot().state.shipments[&shipment_id(2)].promise.clone();
    assert_eq!((after.point, after.windows), (before.point, before.windows));
    assert_eq!(small.change(&change.id).state, ChangeState::Cancelled);
}

#[test]
fn what_a_driver_left_with_is_not_taken_back_for_want_of_a_yes() {
    let small = two_lines();
    // Soon after the first stop, so that it is due while it can still be moved.
    let wish = Wish { place: Some(WishedPlace::Location(spot(17_000.0, 0.0))), ..Wish::default() };
    let change = small.committed(&small.quote(2, wish), 0);
    small.tick(8, 0);
    small.load_and_depart(1);
    // A later revision that the driver does not answer to.
    let (from, stop) = small.stop_of(4);
    let seen = small.territory.snapshot().state.revision;
    let (to, position) = (from.clone(), 2);
    small.ask(Role::Dispatcher, Request::MoveStop { stop, from, to, position, seen });
    for minute in 10..25 {
        small.tick(8, minute);
    }
    assert_eq!(small.change(&change.id).state, ChangeState::Committed);
}

#[test]
fn the_driver_who_brings_it_now_says_yes_for_a_stop_that_moved_since() {
    let small = two_lines();
    let wish = Wish { place: Some(WishedPlace::Location(spot(17_000.0, 0.0))), ..Wish::default() };
    let change = small.committed(&small.quote(2, wish), 0);
    let (from, stop) = small.stop_of(2);
    assert_eq!(from, manifest(1));
    let seen = small.territory.snapshot().state.revision;
    let (to, position) = (manifest(2), 0);
    small.ask(Role::Dispatcher, Request::MoveStop { stop, from, to, position, seen });
    assert_eq!(small.stop_of(2).0, manifest(2));
    for (van, state) in [(1, ChangeState::Committed), (2, ChangeState::DriverAcknowledged)] {
        let revision = small.territory.snapshot().state.manifests[&manifest(van)].revision;
        let manifest = manifest(van);
        small.ask(Role::Dispatcher, Request::AcknowledgeRevision { manifest, revision });
        assert_eq!(small.change(&change.id).state, state, "van {van}");
    }
}

#[test]
fn the_same_request_has_one_effect_and_another_body_is_refused() {
    let small = two_lines();
    let wish = Wish { suggest_windows: true, ..Wish::default() };
    let quote = small.quote(3, wish);
    let request = Request::CommitOffer {
        quote: quote.id.clone(),
        offer: 0,
        assurance: swerve_model::Assurance::OneTimeCode,
    };
    let key = small.key();
    let send = |digest: [u8; 32]| {
        let mutation = swerve_engine::Mutation {
            principal: swerve_auth::Principal {
                actor: swerve_model::Actor {
                    tenant: swerve_model::TenantId::new("acme").expect("a name"),
                    role: Role::Tms,
                    subject: "tms".into(),
                },
                scope: swerve_auth::Scope::Tenant,
            },
            key: Some(swerve_model::RequestKey { digest, ..key.clone() }),
            budget: None,
            validate_only: false,
            request: request.clone(),
        };
        small::futures_block(small.territory.submit(mutation))
    };
    let first = send([1; 32]).expect("committed");
    let again = send([1; 32]).expect("answered again");
    assert_eq!((first.answer.clone(), first.revision), (again.answer, again.revision));
    assert!(matches!(send([2; 32]), Err(EngineError::RequestIdReused { .. })));
    assert!(matches!(first.answer, Answer::Committed(_)));
}

#[test]
fn an_expired_quote_is_answered_with_a_fresh_one() {
    let small = two_lines();
    let quote = small.quote(3, Wish { suggest_windows: true, ..Wish::default() });
    small.tick(7, 45);
    let outcome = small.commit(&quote, 0);
    assert!(matches!(outcome.answer, Answer::MovedOn(_)), "{:?}", outcome.answer);
}

#[test]
fn a_restart_gives_the_same_plan_and_the_same_answers() {
    let small = two_lines();
    let wish = Wish { suggest_windows: true, ..Wish::default() };
    let quote = small.quote(3, wish);
    small.committed(&quote, 1);
    let before = small.territory.snapshot();
    small::futures_block(small.territory.shutdown());
    let disk = small.disk.clone();
    drop(small);
    let again = Small::on(&disk);
    let after = again.territory.snapshot();
    assert_eq!(before.plan_hash(), after.plan_hash());
    assert_eq!(before.state.sequence, after.state.sequence);
    assert_eq!(before.state.now, at(7, 0));
    assert_eq!(before.shipment_eta(&shipment_id(3)), after.shipment_eta(&shipment_id(3)));
}

#[test]
fn a_day_is_driven_to_its_end_and_changes_are_executed() {
    let small = two_lines();
    let quote = small.quote(4, Wish { suggest_windows: true, ..Wish::default() });
    let change = small.committed(&quote, 0);
    small.tick(8, 0);
    for number in 1..=2 {
        small.load_and_depart(number);
    }
    let mut now = at(8, 0);
    loop {
        let snapshot = small.territory.snapshot();
        let next = snapshot.state.manifests.values().find_map(|found| {
            let stop = found.stops.get(found.done_count())?;
            Some((found.id.clone(), stop.id.clone()))
        });
        let Some((manifest, stop)) = next else { break };
        let times = snapshot.live(&manifest).expect("derived").times[0];
        now = now.max(times.start);
        small.ask(Role::Operator, Request::Tick(now));
        let (m, s) = (manifest.clone(), stop.clone());
        small.ask(Role::Dispatcher, Request::ArriveStop { manifest: m, stop: s, at: now });
        now += times.departure - times.start;
        small.ask(Role::Operator, Request::Tick(now));
        small.ask(Role::Dispatcher, Request::CompleteStop { manifest, stop, at: now });
    }
    assert_eq!(small.change(&change.id).state, ChangeState::Executed);
    let snapshot = small.territory.snapshot();
    assert!(snapshot.state.shipments.values().all(|shipment| shipment.is_terminal()));
    assert!(snapshot.state.assignments.is_empty() && snapshot.state.unassigned.is_empty());
}
