//! What the day is made of: points, manifests, shipments, and their cancellation.

use std::collections::BTreeSet;

use swerve_model::schedule::World;
use swerve_model::{
    Answer, ChangeId, ChangeState, Custody, DeliveryPoint, Duty, Event, ManifestId, ParcelId,
    PlanCause, Shipment, ShipmentId, Task, Unassigned, UnassignedReason,
};

use crate::decide::Decision;
use crate::draft::Draft;
use crate::error::{EngineError, FieldFault};
use crate::execution::keep_others;
use crate::judge;
use crate::parts::{Departures, Part, waiting_parts};
use crate::snapshot::Snapshot;

/// Shipments of one request at most: a day's worth of a large territory.
pub const SHIPMENTS_PER_REQUEST_MAX: usize = 5_000;
/// A batch up to this size is planned as it comes in; a larger one waits for `PlanDay`, which plans
/// it better and does not hold up the queue.
const PLACED_AT_ONCE_MAX: usize = 64;

pub(crate) fn set_point(
    snapshot: &Snapshot,
    point: DeliveryPoint,
) -> Result<Decision, EngineError> {
    if let Some(present) = snapshot.point(&point.id) {
        if *present == point {
            return Ok(Decision::done(Vec::new()));
        }
        return Err(EngineError::AlreadyExists {
            kind: "delivery point",
            name: point.id.to_string(),
        });
    }
    snapshot
        .roads
        .0
        .snap(point.location)
        .map_err(|off| EngineError::invalid("delivery_point.location", off.to_string()))?;
    Ok(Decision::done(vec![Event::PointSet(point)]))
}

pub(crate) fn open_manifest(
    snapshot: &Snapshot,
    manifest: ManifestId,
    duty: Duty,
) -> Result<Decision, EngineError> {
    if snapshot.state.manifests.contains_key(&manifest) {
        let name = manifest.to_string();
        return Err(EngineError::AlreadyExists { kind: "manifest", name });
    }
    let mut faults = Vec::new();
    let mut fault = |field: &str, description: String| {
        faults.push(FieldFault { field: field.to_owned(), description });
    };
    if !snapshot.state.vehicles.contains_key(&duty.vehicle) {
        fault("manifest.vehicle", format!("vehicle {:?} does not exist", duty.vehicle.as_str()));
    }
    if snapshot.depot(&duty.depot).is_none() {
        fault("manifest.depot", format!("depot {:?} does not exist", duty.depot.as_str()));
    }
    if duty.shift.end < duty.shift.start || duty.shift.hard_end < duty.shift.end {
        let rule = "start, end and hard_end must follow each other in time";
        fault("manifest.shift", rule.to_owned());
    }
    if duty.shift.hard_end < snapshot.state.now {
        fault("manifest.shift.hard_end", "lies in the past".to_owned());
    }
    if faults.is_empty() {
        Ok(Decision::done(vec![Event::ManifestOpened { manifest, duty }]))
    } else {
        Err(EngineError::Invalid(faults))
    }
}

pub(crate) fn create_shipments(
    snapshot: &Snapshot,
    shipments: Vec<Shipment>,
) -> Result<Decision, EngineError> {
    if let [shipment] = &*shipments
        && snapshot.state.shipments.contains_key(&shipment.id)
    {
        let name = shipment.id.to_string();
        return Err(EngineError::AlreadyExists { kind: "shipment", name });
    }
    let mut faults = Vec::new();
    let mut names = BTreeSet::new();
    for (index, shipment) in shipments.iter().enumerate() {
        for (field, description) in check_shipment(snapshot, shipment, &mut names) {
            let field = format!("shipments[{index}].{field}");
            faults.push(FieldFault { field, description });
        }
    }
    if !faults.is_empty() {
        return Err(EngineError::Invalid(faults));
    }
    let place_now = shipments.len() <= PLACED_AT_ONCE_MAX && has_a_plan(snapshot);
    let mut events: Vec<Event> = shipments.iter().cloned().map(Event::ShipmentCreated).collect();
    if place_now {
        let departures = Departures::of(snapshot);
        let parts: Vec<Part> = (shipments.iter())
            .flat_map(|shipment| waiting_parts(shipment, &[], &departures))
            .collect();
        let mut draft = Draft::new(snapshot);
        for shipment in shipments {
            draft.add_shipment(shipment);
        }
        let left = insert_all(&mut draft, parts);
        let mut delta = draft.delta();
        delta.unassigned_of = left.iter().map(|left| left.task.shipment.clone()).collect();
        delta.unassigned_of.dedup();
        delta.unassigned = left;
        let violations = judge::judge_with(snapshot, &draft.world, &delta);
        if !violations.is_empty() {
            // They wait for the next tick or for a dispatcher, as if no plan had been made yet.
            tracing::warn!(rules = judge::describe(&violations), "new shipments are not placed");
        } else if !delta.is_empty() {
            events.push(Event::PlanChanged { cause: PlanCause::ShipmentCreated, delta });
        }
    }
    Ok(Decision::done(events))
}

/// Whether anything has been planned yet: before that, shipments wait for the day's plan.
pub(crate) fn has_a_plan(snapshot: &Snapshot) -> bool {
    !snapshot.state.assignments.is_empty()
}

/// Inserts parts by regret; what finds no room is returned with its reason.
///
/// What can share a stop with what is planned there, or with another of the parts, comes after those
/// that need one of their own.
pub(crate) fn insert_all(draft: &mut Draft<'_>, parts: Vec<Part>) -> Vec<Unassigned> {
    let mut points = BTreeSet::new();
    let needs_a_stop = |part: &Part| points.insert(part.point.clone()) && !draft.has_company(part);
    let (alone, shared): (Vec<Part>, Vec<Part>) = parts.into_iter().partition(needs_a_stop);
    let mut rest = draft.insert_by_regret(alone);
    rest.extend(shared);
    let mut left = Vec::new();
    for part in rest {
        if let Err(no_room) = draft.insert(&part) {
            let reason = crate::refuse::unassigned_reason(&no_room.why, &part.holder);
            left.extend(part.tasks.into_iter().map(|task| Unassigned { task, reason }));
        }
    }
    left
}

fn check_shipment(
    snapshot: &Snapshot,
    shipment: &Shipment,
    names: &mut BTreeSet<ShipmentId>,
) -> Vec<(String, String)> {
    let mut faults = Vec::new();
    let mut fault = |field: String, description: String| faults.push((field, description));
    let known = snapshot.state.shipments.contains_key(&shipment.id);
    if known || !names.insert(shipment.id.clone()) {
        fault("name".into(), format!("shipment {:?} already exists", shipment.id.as_str()));
    }
    if snapshot.point(&shipment.promise.point).is_none() {
        let point = shipment.promise.point.as_str();
        fault("promise.delivery_point".into(), format!("delivery point {point:?} does not exist"));
    }
    let mut parcels = BTreeSet::new();
    for (index, parcel) in shipment.parcels.iter().enumerate() {
        if !parcels.insert(&parcel.id) {
            let rule = format!("parcel {:?} appears twice", parcel.id.as_str());
            fault(format!("parcels[{index}].name"), rule);
        }
        match &parcel.custody {
            Custody::Expected(depot) | Custody::AtDepot(depot) => {
                if snapshot.depot(depot).is_none() {
                    let rule = format!("depot {:?} does not exist", depot.as_str());
                    fault(format!("parcels[{index}].depot"), rule);
                }
            }
            other => {
                let rule = format!("a new parcel is expected or at a depot, not {other:?}");
                fault(format!("parcels[{index}].custody"), rule);
            }
        }
    }
    if shipment.parcels.is_empty() {
        fault("parcels".into(), "at least one parcel is required".into());
    }
    if shipment.promise.windows.iter().all(|window| window.close() < snapshot.state.now) {
        fault("windows".into(), "every window lies in the past, or there is none".into());
    }
    faults
}

/// What is not loaded leaves the plan; what is aboard stays aboard and goes back.
pub(crate) fn cancel_shipment(
    snapshot: &Snapshot,
    id: &ShipmentId,
    etag: Option<u64>,
) -> Result<Decision, EngineError> {
    let shipment = snapshot.shipment(id).ok_or_else(|| EngineError::not_found("shipment", id))?;
    if let Some(expected) = etag.filter(|etag| *etag != shipment.version) {
        return Err(EngineError::EtagMismatch { expected, actual: shipment.version });
    }
    if shipment.is_terminal() {
        let rule = "all its parcels have ended".to_owned();
        return Err(EngineError::precondition("SHIPMENT_TERMINAL", id, rule));
    }
    let mut draft = Draft::new(snapshot);
    let keys = crate::offer::open_parcels(snapshot, std::slice::from_ref(id));
    if !draft.take(&keys) {
        let rule = "it is being served, or is next".to_owned();
        return Err(EngineError::precondition("STOP_IN_PROGRESS", id, rule));
    }
    let aboard: Vec<ParcelId> = shipment
        .open_parcels()
        .filter(|parcel| parcel.custody.is_loaded())
        .map(|parcel| parcel.id.clone())
        .collect();
    let mut delta = draft.delta();
    delta.unassigned_of = vec![id.clone()];
    if !aboard.is_empty() {
        let task = Task { shipment: id.clone(), parcels: aboard };
        let cancelled = Unassigned { task, reason: UnassignedReason::Cancelled };
        delta.unassigned = keep_others(snapshot, &[], vec![cancelled]);
    }
    let mut events = vec![
        Event::PlanChanged { cause: PlanCause::ShipmentCancelled, delta },
        Event::ShipmentCancelled(id.clone()),
    ];
    let open = snapshot.state.open_changes.get(id).into_iter().flatten();
    let ended = |change: &ChangeId| Event::ChangeMoved {
        change: change.clone(),
        state: ChangeState::Cancelled,
        at: snapshot.state.now,
    };
    events.extend(open.map(ended));
    Ok(Decision::answered(events, Answer::Done))
}
