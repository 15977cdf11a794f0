use super::*;
use small::{Plane, Small, at, manifest, shipment_id, spot, window};
use swerve_engine::Request;
use swerve_eventlog::sim::{SimDisk, SimLog};
use swerve_eventlog::{EncodedRecord, EventLog as _};
use swerve_model::{
    Custody, FailureReason, ManifestState, Promise, Role, StopState, Wish, WishedPlace,
};

/// The engine's own small territory on a plain, so that what is judged is what the engine decides.
#[path = "../../../engine/tests/small/mod.rs"]
mod small;

/// A morning with most of what can happen to a plan.
fn morning() -> Small {
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
    small.ask(Role::Dispatcher, Request::PlanDay { iterations: Some(50) });
    let wish = Wish { place: Some(WishedPlace::Location(spot(-40_000.0, 0.0))), ..Wish::default() };
    let quote = small.quote(1, wish);
    small.committed(&quote, 0);
    let late = small.door("late", 20_000.0, 300.0);
    small.create(vec![small.shipment(9, &late, &[window((9, 0), (15, 0))])]);
    small.ask(Role::Tms, Request::CancelShipment { shipment: shipment_id(8), etag: None });
    small.tick(8, 0);
    small.load_and_depart(1);
    small.load_and_depart(2);
    small.tick(8, 20);
    let (van, second) = small.stop_of(3);
    let at = at(8, 20);
    small.ask(
        Role::Dispatcher,
        Request::ArriveStop { manifest: van.clone(), stop: second.clone(), at },
    );
    let reason = FailureReason::RecipientAbsent;
    small.ask(Role::Dispatcher, Request::FailStop { manifest: van, stop: second, at, reason });
    small.tick(8, 21);
    small
}

fn judged(small: &Small) -> Verdict {
    judged_records(&records(small))
}

fn records(small: &Small) -> Vec<Record> {
    small::futures_block(small.territory.shutdown());
    let log = SimLog::open(&small.disk).expect("the log opens");
    let territory = small.territory.id();
    let records = Records::from(&log, territory, 1).expect("it can be read");
    records.map(|stored| stored.expect("it is sound").record).collect()
}

/// Writes the records to a log of their own and judges it.
fn judged_records(records: &[Record]) -> Verdict {
    let settings = Arc::new(small::settings());
    let log = SimLog::open(&SimDisk::new(9)).expect("the log opens");
    log.claim(&settings.territory).expect("nobody else has it");
    for (sequence, record) in (0..).zip(records) {
        let encoded = vec![EncodedRecord::new(record)];
        log.append(&settings.territory, sequence, encoded).expect("it is written");
    }
    let roads = Arc::new(Plane::default());
    verify(settings, roads, &log, |_| {}).expect("it can be judged to its end")
}

/// Gives every record the hash of the plan that it makes: a forger's work.
fn rehashed(mut records: Vec<Record>) -> Vec<Record> {
    let settings = Arc::new(small::settings());
    let roads = Arc::new(Plane::default());
    let mut snapshot = Snapshot::new(settings, roads).expect("the depot is on the plane");
    for record in &mut records {
        apply(&mut snapshot.state, record).expect("it fits");
        record.plan_hash = plan_hash(&snapshot.state);
    }
    records
}

fn changed_by(records: &mut [Record], cause: PlanCause) -> &mut Record {
    let is_it = |event: &Event| matches!(event, Event::PlanChanged { cause: c, .. } if *c == cause);
    records.iter_mut().find(|record| record.events.iter().any(is_it)).expect("there is one")
}

#[test]
fn what_the_engine_decides_is_sound() {
    let small = morning();
    let verdict = judged(&small);
    assert!(verdict.is_sound(), "{:#?}", verdict.findings);
    assert_eq!(verdict.plan_hash, small.territory.snapshot().plan_hash());
    assert_eq!(verdict.revision, small.territory.snapshot().state.revision);
    for cause in [
        PlanCause::Import,
        PlanCause::RecipientChange,
        PlanCause::ShipmentCreated,
        PlanCause::ShipmentCancelled,
        PlanCause::Execution,
    ] {
        assert!(verdict.judged.contains_key(&cause), "{cause:?} was not tried");
    }
    assert!(verdict.audits > 0);
}

#[test]
fn a_changed_plan_is_not_the_acknowledged_one() {
    let mut records = records(&morning());
    for event in &mut changed_by(&mut records, PlanCause::Import).events {
        if let Event::PlanChanged { delta, .. } = event {
            delta.manifests[0].suffix.swap(0, 1);
        }
    }
    let findings = judged_records(&records).findings;
    assert!(findings.iter().any(|finding| finding.wrong == Wrong::Hash), "{findings:#?}");
}

#[test]
fn a_commit_that_breaks_its_own_promise_is_found() {
    let mut records = records(&morning());
    let position = records.iter().position(|record| {
        record.events.iter().any(|event| {
            matches!(event, Event::PlanChanged { cause: PlanCause::RecipientChange, .. })
        })
    });
    let position = position.expect("it is there");
    records.truncate(position + 1);
    for event in &mut records[position].events {
        if let Event::PromiseChanged { promise, .. } = event {
            promise.windows = vec![window((7, 0), (7, 5))];
        }
    }
    let verdict = judged_records(&rehashed(records));
    let broken = verdict.findings.iter().any(|finding| {
        let cause = PlanCause::RecipientChange;
        matches!(&finding.wrong, Wrong::Rule { cause: c, violation: Violation::PromiseBroken { .. } } if *c == cause)
    });
    assert!(broken, "{:#?}", verdict.findings);
}

#[test]
fn a_revision_that_is_left_out_is_missed() {
    let mut records = records(&morning());
    let last = changed_by(&mut records, PlanCause::Import);
    last.revision = last.revision.next();
    let findings = judged_records(&rehashed(until_import(records))).findings;
    let order = findings.iter().filter(|finding| finding.wrong.invariant() == "I10");
    assert_eq!(order.count(), 1, "{findings:#?}");
}

/// Up to and with the import, where nothing that follows needs what is taken away.
fn until_import(mut records: Vec<Record>) -> Vec<Record> {
    let is_import =
        |event: &Event| matches!(event, Event::PlanChanged { cause: PlanCause::Import, .. });
    let import = records.iter().position(|record| record.events.iter().any(is_import));
    records.truncate(import.expect("it is there") + 1);
    records
}

#[test]
fn a_parcel_that_a_plan_loses_is_missed() {
    let sound = until_import(records(&morning()));
    assert!(judged_records(&sound).is_sound());
    let mut forged = sound;
    let mut lost = None;
    for event in &mut changed_by(&mut forged, PlanCause::Import).events {
        match event {
            Event::PlanChanged { delta, .. } => {
                lost = delta.manifests[1].suffix.pop();
                // Or it would be among the unassigned still.
                let tasks = lost.iter().flat_map(|stop| &stop.tasks);
                delta.unassigned_of.extend(tasks.map(|task| task.shipment.clone()));
            }
            // What was told of it would give it away.
            Event::EtasTold { etas, .. } => {
                etas.retain(|(stop, _)| lost.as_ref().is_none_or(|lost| lost.id != *stop));
            }
            _ => {}
        }
    }
    assert!(lost.is_some(), "there was a stop to lose");
    let verdict = judged_records(&rehashed(forged));
    let invariants: BTreeSet<&str> =
        verdict.findings.iter().map(|finding| finding.wrong.invariant()).collect();
    assert!(invariants.contains("I1"), "{:#?}", verdict.findings);
}

#[test]
fn the_morning_did_what_it_is_for() {
    let small = morning();
    let snapshot = small.territory.snapshot();
    let found = &snapshot.state.manifests[&manifest(1)];
    assert!(matches!(found.state, ManifestState::Departed(_)));
    assert!(found.stops.iter().any(|stop| matches!(stop.state, StopState::Failed { .. })));
    let rerouted = &snapshot.state.shipments[&shipment_id(1)];
    assert_ne!(rerouted.promise, Promise { version: 1, ..rerouted.promise.clone() });
    assert!(matches!(rerouted.parcels[0].custody, Custody::Loaded(_)));
}
