//! The day's plan: made by the engine from nothing, or taken from another planner as it is.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use swerve_model::schedule::World;
use swerve_model::{
    Event, Load, ManifestDelta, ManifestId, ParcelId, PlanCause, PlanDelta, PointId, ShipmentId,
    Stop, StopId, StopState, Task, Unassigned, UnassignedReason,
};
use swerve_optimizer::{self as optimizer, Route, Search};

use crate::decide::Decision;
use crate::draft::{Draft, join_tasks};
use crate::error::{EngineError, FieldFault};
use crate::execution::keep_others;
use crate::input::STOPS_PER_MANIFEST_MAX;
use crate::parts::{Departures, Holder, Part};
use crate::request::ImportedManifest;
use crate::snapshot::Snapshot;

/// Iterations of a day's plan that nobody asked more for: on 9,600 stops (100 vans, the optimizer's
/// example city) 290,000 took twice the time of 150,000 and saved 0.25 % more.
const DAY_ITERATIONS_MAX: u64 = 150_000;

/// Plans every waiting parcel that is on no manifest, together with what is planned already on
/// manifests that still load. What finds no room is said with its reason.
pub(crate) fn plan_day(
    snapshot: &Snapshot,
    iterations: Option<u32>,
) -> Result<Decision, EngineError> {
    let keys: Vec<u32> = (0..)
        .zip(snapshot.fleet().routes())
        .filter(|(_, route)| route.van().loads_from.is_some())
        .map(|(key, _)| key)
        .collect();
    if keys.is_empty() {
        let rule = "no manifest is open for loading".to_owned();
        return Err(EngineError::precondition("NO_VAN_AT_DEPOT", &"plan", rule));
    }
    let mut draft = Draft::new(snapshot);
    let parts = waiting_parts(snapshot, room_of_largest(snapshot, &keys));
    let mut loose = BTreeMap::new();
    let mut stops = Vec::with_capacity(parts.len());
    let mut parts_by_key = BTreeMap::new();
    for part in parts {
        let Some((stop, mut seen)) = draft.loose_stop(&part) else { continue };
        // Keys of stops without a manifest are dense in the order of the parts.
        seen.key = crate::input::NEW_STOP_KEY_DAY + stops.len() as u32;
        loose.insert(seen.key, stop);
        parts_by_key.insert(seen.key, part);
        stops.push(Arc::new(seen));
    }
    let places: Vec<_> = stops.iter().map(|stop| stop.place).collect();
    snapshot.roads.0.prepare(&places);
    let never = AtomicBool::new(false);
    let budget = &snapshot.settings.budget;
    let planned: usize =
        keys.iter().map(|key| snapshot.fleet().routes()[*key as usize].stops().len()).sum();
    let for_each = |per_stop: u32| u64::from(per_stop) * (stops.len() + planned) as u64;
    let search = Search {
        seed: snapshot.settings.seed ^ (snapshot.state.sequence + 1),
        workers: budget.workers,
        iterations: match iterations {
            Some(asked) => for_each(asked),
            None => for_each(budget.day_per_stop).min(DAY_ITERATIONS_MAX),
        },
        stop: &never,
    };
    let routes: Vec<Arc<Route>> = keys.iter().map(|key| Arc::clone(draft.route(*key))).collect();
    let (travel, rules) = (&snapshot.roads, snapshot.settings.rules());
    let proposal = if planned == 0 {
        let vans: Vec<_> = routes.iter().map(|route| Arc::clone(route.van())).collect();
        optimizer::construct(&vans, &stops, travel, &rules, &search)
    } else {
        let problem = optimizer::Problem { routes, unassigned: stops, focus: Vec::new() };
        optimizer::improve(&problem, travel, &rules, &search)
    };
    draft.adopt(&keys, &proposal.routes, &loose);
    let done = proposal.iterations.iter().map(|n| u32::try_from(*n).unwrap_or(u32::MAX)).collect();
    let mut delta = draft.delta();
    let left: Vec<Unassigned> = proposal
        .unassigned
        .iter()
        .filter_map(|stop| parts_by_key.get(&stop.key).map(|part| (stop, part)))
        .flat_map(|(stop, part)| leave_out(&draft, stop, part))
        .collect();
    let shipments: BTreeSet<ShipmentId> =
        left.iter().map(|left| left.task.shipment.clone()).collect();
    delta.unassigned_of = shipments.into_iter().collect();
    delta.unassigned = left;
    let event = Event::PlanChanged { cause: PlanCause::InitialPlan, delta };
    Ok(Decision::done(vec![event]).searched(done))
}

fn leave_out(draft: &Draft<'_>, stop: &optimizer::Stop, part: &Part) -> Vec<Unassigned> {
    let rules = draft.base().settings.rules();
    let why = draft.live(&rules).explain(stop, None);
    let reason = crate::refuse::unassigned_reason(&why, &part.holder);
    part.tasks.iter().cloned().map(|task| Unassigned { task, reason }).collect()
}

fn room_of_largest(snapshot: &Snapshot, keys: &[u32]) -> Load {
    let rooms = keys.iter().map(|key| snapshot.fleet().routes()[*key as usize].van().capacity);
    rooms.max_by_key(|load| (load.count(), load.volume_milliliters())).unwrap_or(Load::ZERO)
}

/// Unplanned waiting parcels as halts: those for one point whose windows agree share one, as far as a
/// van has room.
fn waiting_parts(snapshot: &Snapshot, room: Load) -> Vec<Part> {
    let departures = Departures::of(snapshot);
    let mut by_point: BTreeMap<(PointId, Holder, usize), Vec<Part>> = BTreeMap::new();
    for ((id, parcel), _) in &snapshot.state.unassigned {
        let Some(shipment) = snapshot.shipment(id) else { continue };
        let Some(found) = shipment.parcel(parcel) else { continue };
        let Some(holder @ Holder::Depot(_)) = Holder::of(found) else { continue };
        let (point, missed) = (shipment.promise.point.clone(), departures.missed_by(found));
        let task = Task { shipment: id.clone(), parcels: vec![parcel.clone()] };
        let parts = by_point.entry((point.clone(), holder.clone(), missed)).or_default();
        match parts.iter_mut().find(|part| can_join(snapshot, part, &task, room)) {
            Some(part) => join_tasks(&mut part.tasks, &[task]),
            None => parts.push(Part { point, tasks: vec![task], holder }),
        }
    }
    by_point.into_values().flatten().collect()
}

fn can_join(snapshot: &Snapshot, part: &Part, task: &Task, room: Load) -> bool {
    use swerve_model::schedule::{load_of, windows_of};
    let mut tasks = part.tasks.clone();
    join_tasks(&mut tasks, std::slice::from_ref(task));
    let agree = windows_of(snapshot, &part.point, &tasks).is_some_and(|w| !w.is_empty());
    agree && load_of(snapshot, &tasks).is_some_and(|load| load.fits(room))
}

/// Takes another planner's sequences exactly as they are. Rules they break are flagged, not mended.
pub(crate) fn import(
    snapshot: &Snapshot,
    manifests: &[ImportedManifest],
) -> Result<Decision, EngineError> {
    let manifests = &all_parcels_named(snapshot, manifests);
    let mut faults = Vec::new();
    let named: BTreeSet<ManifestId> = manifests.iter().map(|m| m.manifest.clone()).collect();
    if named.len() < manifests.len() {
        let description = "a manifest appears twice".to_owned();
        faults.push(FieldFault { field: "manifests".to_owned(), description });
    }
    let mut parcels = BTreeSet::new();
    for (index, imported) in manifests.iter().enumerate() {
        let field = format!("manifests[{index}]");
        check_import(snapshot, imported, &field, &named, &mut parcels, &mut faults);
    }
    if !faults.is_empty() {
        return Err(EngineError::Invalid(faults));
    }
    let sequence = snapshot.state.sequence + 1;
    let mut count = 0;
    let mut deltas: Vec<ManifestDelta> = Vec::new();
    for imported in manifests {
        let found = &snapshot.state.manifests[&imported.manifest];
        let suffix = imported.stops.iter().filter_map(|tasks| {
            count += 1;
            let point = snapshot.shipment(&tasks.first()?.shipment)?.promise.point.clone();
            let id = StopId::new(&format!("s-{sequence}-{count}")).expect("letters and digits");
            let state = StopState::Planned;
            Some(Stop { id, point, tasks: tasks.clone(), state, pinned: false, told: None })
        });
        let (manifest, base) = (imported.manifest.clone(), found.revision);
        deltas.push(ManifestDelta { manifest, base, keep: 0, suffix: suffix.collect() });
    }
    deltas.sort_by(|a, b| a.manifest.cmp(&b.manifest));
    let dropped = dropped(snapshot, manifests, &parcels);
    let shipments: BTreeSet<ShipmentId> =
        dropped.iter().map(|left| left.task.shipment.clone()).collect();
    let unassigned_of: Vec<ShipmentId> = shipments.into_iter().collect();
    let unassigned = keep_others(snapshot, &unassigned_of, dropped);
    let unassigned = without_parcels(unassigned, &parcels);
    let delta = PlanDelta { manifests: deltas, unassigned, unassigned_of };
    Ok(Decision::done(vec![Event::PlanChanged { cause: PlanCause::Import, delta }]))
}

/// A task that names no parcel means all of its shipment's that are still to be delivered.
fn all_parcels_named(snapshot: &Snapshot, manifests: &[ImportedManifest]) -> Vec<ImportedManifest> {
    let mut manifests = manifests.to_vec();
    for task in manifests.iter_mut().flat_map(|m| &mut m.stops).flatten() {
        if task.parcels.is_empty()
            && let Some(shipment) = snapshot.shipment(&task.shipment)
        {
            task.parcels = shipment.open_parcels().map(|parcel| parcel.id.clone()).collect();
        }
    }
    manifests
}

fn without_parcels(
    unassigned: Vec<Unassigned>,
    placed: &BTreeSet<(ShipmentId, ParcelId)>,
) -> Vec<Unassigned> {
    let rest = |mut left: Unassigned| {
        let shipment = left.task.shipment.clone();
        left.task.parcels.retain(|parcel| !placed.contains(&(shipment.clone(), parcel.clone())));
        (!left.task.parcels.is_empty()).then_some(left)
    };
    unassigned.into_iter().filter_map(rest).collect()
}

fn check_import(
    snapshot: &Snapshot,
    imported: &ImportedManifest,
    field: &str,
    named: &BTreeSet<ManifestId>,
    parcels: &mut BTreeSet<(ShipmentId, ParcelId)>,
    faults: &mut Vec<FieldFault>,
) {
    let mut fault = |field: String, description: String| {
        faults.push(FieldFault { field, description });
    };
    match snapshot.state.manifests.get(&imported.manifest) {
        None => {
            let name = imported.manifest.as_str();
            fault(format!("{field}.manifest"), format!("manifest {name:?} does not exist"));
        }
        Some(manifest) if !manifest.may_load() => {
            let rule = format!("it has left and is {}; a plan is imported before", manifest.state);
            fault(format!("{field}.manifest"), rule);
        }
        Some(_) => {}
    }
    if imported.stops.len() > STOPS_PER_MANIFEST_MAX {
        let rule = format!("{} stops; at most {STOPS_PER_MANIFEST_MAX}", imported.stops.len());
        fault(format!("{field}.stops"), rule);
    }
    for (index, tasks) in imported.stops.iter().enumerate() {
        let field = format!("{field}.stops[{index}]");
        if tasks.is_empty() {
            fault(field.clone(), "at least one task is required".into());
        }
        let mut points = BTreeSet::new();
        for task in tasks {
            let Some(shipment) = snapshot.shipment(&task.shipment) else {
                let name = task.shipment.as_str();
                fault(field.clone(), format!("shipment {name:?} does not exist"));
                continue;
            };
            points.insert(shipment.promise.point.clone());
            if task.parcels.is_empty() {
                fault(field.clone(), format!("every parcel of {} has ended", shipment.id));
            }
            for id in &task.parcels {
                let Some(parcel) = shipment.parcel(id) else {
                    fault(field.clone(), format!("shipment {} has no parcel {id}", shipment.id));
                    continue;
                };
                if parcel.custody.is_terminal() {
                    fault(field.clone(), format!("parcel {id} has ended: {}", parcel.custody));
                }
                if !parcels.insert((shipment.id.clone(), id.clone())) {
                    fault(field.clone(), format!("parcel {id} of {} appears twice", shipment.id));
                }
                let elsewhere = snapshot.state.assignments.get(&(shipment.id.clone(), id.clone()));
                if let Some(at) = elsewhere.filter(|at| !named.contains(&at.manifest)) {
                    let rule = format!("parcel {id} is on {}, which is not imported", at.manifest);
                    fault(field.clone(), rule);
                }
            }
        }
        if points.len() > 1 {
            let points: Vec<&str> = points.iter().map(PointId::as_str).collect();
            fault(field, format!("one halt serves one point, not {}", points.join(", ")));
        }
    }
}

/// Parcels that were on the replaced manifests and are on none of the imported ones, and manifests
/// not imported that give up a parcel to one that is.
fn dropped(
    snapshot: &Snapshot,
    manifests: &[ImportedManifest],
    placed: &BTreeSet<(ShipmentId, ParcelId)>,
) -> Vec<Unassigned> {
    let mut dropped = Vec::new();
    for imported in manifests {
        let Some(found) = snapshot.state.manifests.get(&imported.manifest) else { continue };
        for task in found.stops.iter().flat_map(|stop| &stop.tasks) {
            let gone =
                |parcel: &&ParcelId| !placed.contains(&(task.shipment.clone(), (*parcel).clone()));
            let parcels: Vec<ParcelId> = task.parcels.iter().filter(gone).cloned().collect();
            if !parcels.is_empty() {
                let task = Task { shipment: task.shipment.clone(), parcels };
                dropped.push(Unassigned { task, reason: UnassignedReason::NotYetPlanned });
            }
        }
    }
    dropped
}
