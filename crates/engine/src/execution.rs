//! What really happens: scans, departures, arrivals, hand-overs. Reality is never refused for being
//! different from the plan; the plan follows it.

use std::collections::BTreeSet;

use swerve_model::schedule::World;
use swerve_model::{
    ChangeId, ChangeState, Custody, Event, FailureReason, Manifest, ManifestDelta, ManifestId,
    ManifestState, Moment, ParcelId, PlanCause, PlanDelta, Revision, ShipmentId, Stop, StopId,
    StopState, Task, Ticks, Unassigned, UnassignedReason,
};

use crate::changes;
use crate::decide::Decision;
use crate::draft::Draft;
use crate::error::{EngineError, FieldFault};
use crate::parts::{Holder, Part};
use crate::request::Scan;
use crate::snapshot::Snapshot;

/// A device's clock may be ahead of ours by this much.
const CLOCK_SKEW: Ticks = Ticks::from_minutes(2);

fn find<'a>(snapshot: &'a Snapshot, id: &ManifestId) -> Result<&'a Manifest, EngineError> {
    let found = snapshot.state.manifests.get(id).map(AsRef::as_ref);
    found.ok_or_else(|| EngineError::not_found("manifest", id))
}

fn not_in_the_future(snapshot: &Snapshot, at: Moment) -> Result<(), EngineError> {
    if at > snapshot.state.now + CLOCK_SKEW {
        let ahead = at - snapshot.state.now;
        return Err(EngineError::invalid("time", format!("lies {ahead} in the future")));
    }
    Ok(())
}

/// Scans win over the plan: a parcel found in another van is that van's to deliver.
pub(crate) fn record_scans(snapshot: &Snapshot, scans: &[Scan]) -> Result<Decision, EngineError> {
    let mut faults = Vec::new();
    for (index, scan) in scans.iter().enumerate() {
        if let Err(description) = check_scan(snapshot, scan) {
            faults.push(FieldFault { field: format!("scans[{index}]"), description });
        }
    }
    if !faults.is_empty() {
        return Err(EngineError::Invalid(faults));
    }
    let mut events = Vec::with_capacity(scans.len());
    let mut misplaced: Vec<(ManifestId, ShipmentId, ParcelId)> = Vec::new();
    let mut gone: BTreeSet<(ShipmentId, ParcelId)> = BTreeSet::new();
    for scan in scans {
        let key = (scan.shipment.clone(), scan.parcel.clone());
        let planned = snapshot.state.assignments.get(&key);
        match &scan.custody {
            Custody::Loaded(van) if planned.is_none_or(|at| at.manifest != *van) => {
                misplaced.push((van.clone(), key.0.clone(), key.1.clone()));
            }
            custody if custody.is_terminal() && planned.is_some() => drop(gone.insert(key.clone())),
            _ => {}
        }
        events.push(Event::CustodyChanged {
            shipment: key.0,
            parcel: key.1,
            custody: scan.custody.clone(),
        });
    }
    if !misplaced.is_empty() || !gone.is_empty() {
        let delta = follow_scans(snapshot, misplaced, &gone)?;
        // The plan moves first: an ended parcel must be on no stop when its custody says so.
        events.insert(0, Event::PlanChanged { cause: PlanCause::Execution, delta });
    }
    Ok(Decision::done(events))
}

fn check_scan(snapshot: &Snapshot, scan: &Scan) -> Result<(), String> {
    let shipment = snapshot
        .shipment(&scan.shipment)
        .ok_or_else(|| format!("shipment {:?} does not exist", scan.shipment.as_str()))?;
    let parcel = shipment
        .parcel(&scan.parcel)
        .ok_or_else(|| format!("shipment {} has no parcel {}", scan.shipment, scan.parcel))?;
    if parcel.custody.is_terminal() && parcel.custody != scan.custody {
        return Err(format!("parcel {} has ended: {}", scan.parcel, parcel.custody));
    }
    match &scan.custody {
        Custody::Loaded(van) => match snapshot.state.manifests.get(van) {
            None => Err(format!("manifest {:?} does not exist", van.as_str())),
            Some(manifest) if matches!(manifest.state, ManifestState::Closed(_)) => {
                Err(format!("manifest {van} is closed"))
            }
            Some(_) => Ok(()),
        },
        Custody::AtDepot(depot) | Custody::Expected(depot) | Custody::Returned(depot) => {
            match snapshot.depot(depot) {
                Some(_) => Ok(()),
                None => Err(format!("depot {:?} does not exist", depot.as_str())),
            }
        }
        Custody::Delivered { .. } | Custody::Cancelled => Ok(()),
    }
}

/// Takes ended parcels off their stops, and puts misplaced ones onto the van that has them.
fn follow_scans(
    snapshot: &Snapshot,
    misplaced: Vec<(ManifestId, ShipmentId, ParcelId)>,
    gone: &BTreeSet<(ShipmentId, ParcelId)>,
) -> Result<PlanDelta, EngineError> {
    let mut draft = Draft::new(snapshot);
    let moved: BTreeSet<(ShipmentId, ParcelId)> =
        misplaced.iter().map(|(_, shipment, parcel)| (shipment.clone(), parcel.clone())).collect();
    let taken: BTreeSet<_> = moved.union(gone).cloned().collect();
    if !draft.take(&taken) {
        let rule = "a scan contradicts a stop that is being served; complete or fail it first";
        return Err(EngineError::precondition("STOP_IN_PROGRESS", &"scans", rule.into()));
    }
    let mut delta_left = Vec::new();
    for (van, shipment, parcel) in misplaced {
        let Some(found) = snapshot.shipment(&shipment) else { continue };
        let task = Task { shipment: shipment.clone(), parcels: vec![parcel] };
        let point = found.promise.point.clone();
        let part = Part { point, tasks: vec![task.clone()], holder: Holder::Van(van) };
        if draft.insert(&part).is_err() && draft.append(&part).is_none() {
            let reason = UnassignedReason::NotFoundInTime;
            delta_left.push(Unassigned { task, reason });
        }
    }
    let mut delta = draft.delta();
    delta.unassigned_of = delta_left.iter().map(|left| left.task.shipment.clone()).collect();
    delta.unassigned = delta_left;
    Ok(delta)
}

/// The van leaves. What was never scanned aboard stays behind and looks for another van.
pub(crate) fn depart(
    snapshot: &Snapshot,
    manifest: &ManifestId,
    at: Moment,
) -> Result<Decision, EngineError> {
    not_in_the_future(snapshot, at)?;
    let found = find(snapshot, manifest)?;
    if !found.may_load() {
        let rule = format!("it has left already: it is {}", found.state);
        return Err(EngineError::precondition("ALREADY_DEPARTED", manifest, rule));
    }
    let mut events = Vec::new();
    let (suffix, left) = split_loaded(snapshot, found);
    if !left.is_empty() {
        let unassigned = left
            .into_iter()
            .map(|task| Unassigned { task, reason: UnassignedReason::NotYetPlanned });
        let unassigned: Vec<Unassigned> = unassigned.collect();
        let mut unassigned_of: Vec<ShipmentId> =
            unassigned.iter().map(|left| left.task.shipment.clone()).collect();
        unassigned_of.sort_unstable();
        unassigned_of.dedup();
        let all_unassigned = keep_others(snapshot, &unassigned_of, unassigned);
        let delta = PlanDelta {
            manifests: vec![ManifestDelta {
                manifest: manifest.clone(),
                base: found.revision,
                keep: 0,
                suffix,
            }],
            unassigned: all_unassigned,
            unassigned_of,
        };
        events.push(Event::PlanChanged { cause: PlanCause::Execution, delta });
    }
    events.push(Event::ManifestDeparted { manifest: manifest.clone(), at });
    Ok(Decision::done(events))
}

/// Stops with what is aboard, and tasks that are not.
fn split_loaded(snapshot: &Snapshot, manifest: &Manifest) -> (Vec<Stop>, Vec<Task>) {
    let mut left = Vec::new();
    let mut suffix = Vec::new();
    let is_aboard = |shipment: &ShipmentId, parcel: &ParcelId| {
        let found = snapshot.shipment(shipment).and_then(|s| s.parcel(parcel));
        found.is_some_and(|p| p.custody == Custody::Loaded(manifest.id.clone()))
    };
    for stop in &manifest.stops {
        let mut aboard = Stop { tasks: Vec::new(), ..stop.clone() };
        for task in &stop.tasks {
            let (loaded, missing): (Vec<_>, Vec<_>) =
                task.parcels.iter().cloned().partition(|parcel| is_aboard(&task.shipment, parcel));
            let of = |parcels| Task { shipment: task.shipment.clone(), parcels };
            if !loaded.is_empty() {
                aboard.tasks.push(of(loaded));
            }
            if !missing.is_empty() {
                left.push(of(missing));
            }
        }
        if !aboard.tasks.is_empty() {
            suffix.push(aboard);
        }
    }
    (suffix, left)
}

/// A delta replaces all of a shipment's unassigned parcels, so those it had before are said again.
pub(crate) fn keep_others(
    snapshot: &Snapshot,
    shipments: &[ShipmentId],
    mut unassigned: Vec<Unassigned>,
) -> Vec<Unassigned> {
    for shipment in shipments {
        for ((_, parcel), reason) in snapshot.state.unassigned_of(shipment) {
            let said = unassigned
                .iter()
                .any(|left| left.task.shipment == *shipment && left.task.parcels.contains(parcel));
            if !said {
                let task = Task { shipment: shipment.clone(), parcels: vec![parcel.clone()] };
                unassigned.push(Unassigned { task, reason: *reason });
            }
        }
    }
    unassigned
}

pub(crate) fn close(
    snapshot: &Snapshot,
    manifest: &ManifestId,
    at: Moment,
) -> Result<Decision, EngineError> {
    not_in_the_future(snapshot, at)?;
    let found = find(snapshot, manifest)?;
    if matches!(found.state, ManifestState::Closed(_)) {
        return Err(EngineError::precondition("CLOSED", manifest, "it is closed already".into()));
    }
    let undone = found.stops.len() - found.done_count();
    if undone > 0 {
        let rule = format!("{undone} stops are not done; complete or fail them first");
        return Err(EngineError::precondition("STOPS_UNDONE", manifest, rule));
    }
    Ok(Decision::done(vec![Event::ManifestClosed { manifest: manifest.clone(), at }]))
}

/// The undone stop asked for, put next if the driver chose another order than the plan's.
fn next_stop(
    snapshot: &Snapshot,
    manifest: &ManifestId,
    stop: &StopId,
    at: Moment,
) -> Result<(Stop, Vec<Event>), EngineError> {
    not_in_the_future(snapshot, at)?;
    let found = find(snapshot, manifest)?;
    let Some(index) = found.stops.iter().position(|candidate| candidate.id == *stop) else {
        return Err(EngineError::not_found("stop", &format!("{manifest}/stops/{stop}")));
    };
    let ManifestState::Departed(left_depot) = found.state else {
        let rule = format!("it is not on the road but {}", found.state);
        return Err(EngineError::precondition("NOT_DEPARTED", manifest, rule));
    };
    let done = found.done_count();
    let left = found.stops[..done].last().and_then(|stop| stop.state.left()).unwrap_or(left_depot);
    if at < left {
        let rule = format!("{} before it left its last halt", left - at);
        return Err(EngineError::precondition("TIME_REVERSED", stop, rule));
    }
    if index < done {
        let rule = format!("it is done: {}", found.stops[index].state);
        return Err(EngineError::precondition("STOP_DONE", stop, rule));
    }
    if index == done {
        return Ok((found.stops[index].clone(), Vec::new()));
    }
    if matches!(found.stops[done].state, StopState::Arrived(_)) {
        let rule = format!("the van stands at {}; complete or fail it first", found.stops[done].id);
        return Err(EngineError::precondition("STOP_IN_PROGRESS", stop, rule));
    }
    let mut suffix = found.stops[done..].to_vec();
    let served = suffix.remove(index - done);
    suffix.insert(0, served.clone());
    let change =
        ManifestDelta { manifest: manifest.clone(), base: found.revision, keep: done, suffix };
    let delta = PlanDelta { manifests: vec![change], ..PlanDelta::default() };
    Ok((served, vec![Event::PlanChanged { cause: PlanCause::Execution, delta }]))
}

pub(crate) fn arrive(
    snapshot: &Snapshot,
    manifest: &ManifestId,
    stop: &StopId,
    at: Moment,
) -> Result<Decision, EngineError> {
    let (next, mut events) = next_stop(snapshot, manifest, stop, at)?;
    if matches!(next.state, StopState::Arrived(_)) {
        return Err(EngineError::precondition("ARRIVED", stop, "the van is there already".into()));
    }
    events.push(Event::StopArrived { manifest: manifest.clone(), stop: stop.clone(), at });
    Ok(Decision::done(events))
}

pub(crate) fn complete(
    snapshot: &Snapshot,
    manifest: &ManifestId,
    stop: &StopId,
    at: Moment,
) -> Result<Decision, EngineError> {
    let (next, mut events) = next_stop(snapshot, manifest, stop, at)?;
    events.push(Event::StopCompleted { manifest: manifest.clone(), stop: stop.clone(), at });
    events.extend(ended_changes(snapshot, &next, ChangeState::Executed));
    Ok(Decision::done(events))
}

pub(crate) fn fail(
    snapshot: &Snapshot,
    manifest: &ManifestId,
    stop: &StopId,
    at: Moment,
    reason: FailureReason,
) -> Result<Decision, EngineError> {
    let (next, mut events) = next_stop(snapshot, manifest, stop, at)?;
    let (manifest, stop) = (manifest.clone(), stop.clone());
    events.push(Event::StopFailed { manifest, stop, at, reason });
    events.extend(ended_changes(snapshot, &next, ChangeState::NotExecuted));
    Ok(Decision::done(events))
}

/// Open changes that this stop brings to an end: all their parcels are on it, or ended before.
fn ended_changes(snapshot: &Snapshot, stop: &Stop, ended: ChangeState) -> Vec<Event> {
    let state = &snapshot.state;
    let here = |shipment: &ShipmentId, parcel: &ParcelId| {
        stop.tasks.iter().any(|task| task.shipment == *shipment && task.parcels.contains(parcel))
    };
    let mut changes: Vec<ChangeId> = stop
        .tasks
        .iter()
        .filter_map(|task| state.open_changes.get(&task.shipment))
        .flat_map(|changes| changes.iter().cloned())
        .collect();
    changes.sort_unstable();
    changes.dedup();
    let over = |id: &ChangeId| {
        let Some(change) = state.changes.get(id) else { return false };
        change.effects.iter().all(|effect| {
            effect.parcels.iter().all(|parcel| {
                let found = state.shipments.get(&effect.shipment);
                let found = found.and_then(|shipment| shipment.parcel(parcel));
                here(&effect.shipment, parcel)
                    || found.is_none_or(|parcel| parcel.custody.is_terminal())
            })
        })
    };
    changes.retain(over);
    let moved = |change| Event::ChangeMoved { change, state: ended, at: state.now };
    changes.into_iter().map(moved).collect()
}

pub(crate) fn acknowledge(
    snapshot: &Snapshot,
    manifest: &ManifestId,
    revision: Revision,
) -> Result<Decision, EngineError> {
    let found = find(snapshot, manifest)?;
    if revision > found.revision {
        return Err(EngineError::Conflict { expected: revision, actual: found.revision });
    }
    let mut events = vec![Event::RevisionAcknowledged { manifest: manifest.clone(), revision }];
    let state = &snapshot.state;
    let mut shipments: BTreeSet<&ShipmentId> = BTreeSet::new();
    for stop in &found.stops[found.done_count()..] {
        shipments.extend(stop.tasks.iter().map(|task| &task.shipment));
    }
    let mut changes: Vec<&ChangeId> = shipments
        .into_iter()
        .filter_map(|shipment| state.open_changes.get(shipment))
        .flat_map(|changes| changes.iter())
        .collect();
    changes.sort_unstable();
    changes.dedup();
    for change in changes.into_iter().filter_map(|id| state.changes.get(id)) {
        let told = change.state == ChangeState::Committed && change.revision <= revision;
        if told && changes::is_brought_by(state, change, manifest) {
            events.push(Event::ChangeMoved {
                change: change.id.clone(),
                state: ChangeState::DriverAcknowledged,
                at: state.now,
            });
        }
    }
    Ok(Decision::done(events))
}
