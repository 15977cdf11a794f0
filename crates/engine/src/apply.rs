//! `(state, record) -> state`: the only way a territory changes.
//!
//! The writer applies what it has just decided, a restart applies what the log kept, and both end
//! with the same plan hash. Nothing here decides; an event that does not fit the state is corruption
//! or our own bug and is refused with its name, never patched over.

mod delta;

use std::collections::BTreeSet;
use std::sync::Arc;

use delta::{apply_delta, note_messages};
use imbl::OrdMap;
use swerve_model::{
    Change, ChangeId, ChangeState, Custody, Event, Hold, Manifest, ManifestId, ManifestState,
    Moment, Parcel, ParcelId, PlanCause, PointId, Record, Revision, Shipment, ShipmentId, Stop,
    StopId, StopState, Ticks, UnassignedReason,
};

use crate::hash;
use crate::state::{Answered, Resource, State};

/// How long a request id is remembered. A day, as the API says, and an hour for clocks that differ.
pub const ANSWERS_KEPT: Ticks = Ticks::from_hours(25);
/// How long an expired quote can still be looked at: as long as its request may be sent again.
pub const QUOTES_KEPT: Ticks = ANSWERS_KEPT;

/// A record that does not fit the state it is applied to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ApplyError {
    #[error("{kind} {name:?} is unknown")]
    Unknown { kind: &'static str, name: String },
    #[error("manifest {manifest} is at revision {}, the delta was planned from {}", actual.0, base.0)]
    Base { manifest: ManifestId, base: Revision, actual: Revision },
    #[error(
        "delta keeps {keep} stops of manifest {manifest}, which has {have}, {done} of them done"
    )]
    Keep { manifest: ManifestId, keep: usize, have: usize, done: usize },
    #[error("parcel {parcel} of shipment {shipment} would be in two places")]
    TwoPlaces { shipment: ShipmentId, parcel: ParcelId },
    #[error("stop {stop} of manifest {manifest} is not the next one")]
    OutOfOrder { manifest: ManifestId, stop: StopId },
    #[error("time runs forward: {} after {}", .at.0, .now.0)]
    TimeReversed { at: Moment, now: Moment },
}

fn unknown(kind: &'static str, name: &impl ToString) -> ApplyError {
    ApplyError::Unknown { kind, name: name.to_string() }
}

/// What a record touched: whose derived data must be renewed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Touched {
    pub manifests: BTreeSet<ManifestId>,
    pub shipments: BTreeSet<ShipmentId>,
    pub changes: BTreeSet<ChangeId>,
    /// Points that were not known before.
    pub points: BTreeSet<PointId>,
    /// Engine time moved: every arrival may have.
    pub time: bool,
}

/// Applies one record. On an error the state is to be thrown away.
pub fn apply(state: &mut State, record: &Record) -> Result<Touched, ApplyError> {
    let mut touched = Touched::default();
    begin(state, record);
    events(state, &record.events, record.revision, &mut touched)?;
    finish(state, record, &mut touched);
    Ok(touched)
}

/// The first of the three steps of [`apply`], for the writer, which learns the last events of a
/// record from the effect of the first.
pub(crate) fn begin(state: &mut State, record: &Record) {
    state.sequence += 1;
    state.revision = record.revision;
}

pub(crate) fn events(
    state: &mut State,
    events: &[Event],
    revision: Revision,
    touched: &mut Touched,
) -> Result<(), ApplyError> {
    events.iter().try_for_each(|event| apply_event(state, event, revision, touched))
}

pub(crate) fn finish(state: &mut State, record: &Record, touched: &mut Touched) {
    if let Some(key) = &record.request {
        let answered = Answered {
            digest: key.digest,
            answer: record.answer.clone(),
            revision: record.revision,
            at: record.at,
        };
        state.answered.insert(key.id.clone(), answered);
    }
    for shipment in &touched.shipments {
        let manifests = state.assignments_of(shipment).map(|(_, at)| at.manifest.clone());
        touched.manifests.extend(manifests.collect::<Vec<_>>());
    }
    for manifest in &touched.manifests {
        hash::refresh(state, manifest);
    }
    mark_changed(state, touched);
}

fn mark_changed(state: &mut State, touched: &Touched) {
    let resources = (touched.manifests.iter().cloned().map(Resource::Manifest))
        .chain(touched.shipments.iter().cloned().map(Resource::Shipment))
        .chain(touched.changes.iter().cloned().map(Resource::Change));
    for resource in resources {
        if let Some(before) = state.changed_at.insert(resource.clone(), state.sequence) {
            state.changed.remove(&(before, resource.clone()));
        }
        state.changed.insert((state.sequence, resource), ());
    }
}

fn apply_event(
    state: &mut State,
    event: &Event,
    revision: Revision,
    touched: &mut Touched,
) -> Result<(), ApplyError> {
    match event {
        Event::Tick(moment) => {
            if *moment < state.now {
                return Err(ApplyError::TimeReversed { at: *moment, now: state.now });
            }
            state.now = *moment;
            touched.time = true;
            forget(state);
        }
        Event::VehicleSet(vehicle) => {
            state.vehicles.insert(vehicle.id.clone(), Arc::new(vehicle.clone()));
        }
        Event::PointSet(point) => {
            state.points.insert(point.id.clone(), Arc::new(point.clone()));
            touched.points.insert(point.id.clone());
        }
        Event::ManifestOpened { manifest, duty } => {
            let opened = Manifest {
                id: manifest.clone(),
                duty: duty.clone(),
                state: ManifestState::Loading,
                stops: Vec::new(),
                sighting: None,
                revision,
                acknowledged: Revision(0),
            };
            state.manifest_order.push_back(manifest.clone());
            state.manifests.insert(manifest.clone(), Arc::new(opened));
            touched.manifests.insert(manifest.clone());
        }
        Event::ManifestDeparted { manifest, at } => {
            with_manifest(state, manifest, touched, |m| {
                m.state = ManifestState::Departed(*at);
                // Whoever leaves with a manifest has seen it.
                m.acknowledged = m.revision;
                Ok(())
            })?;
        }
        Event::ManifestClosed { manifest, at } => {
            with_manifest(state, manifest, touched, |m| {
                m.state = ManifestState::Closed(*at);
                Ok(())
            })?;
        }
        Event::ShipmentCreated(shipment) => create_shipment(state, shipment, touched),
        Event::ShipmentCancelled(shipment) => {
            touched.shipments.insert(shipment.clone());
            let parcels: Vec<ParcelId> = find_shipment(state, shipment)?
                .open_parcels()
                .filter(|parcel| !parcel.custody.is_loaded())
                .map(|parcel| parcel.id.clone())
                .collect();
            for parcel in parcels {
                set_custody(state, shipment, &parcel, Custody::Cancelled)?;
            }
        }
        Event::CustodyChanged { shipment, parcel, custody } => {
            touched.shipments.insert(shipment.clone());
            set_custody(state, shipment, parcel, custody.clone())?;
        }
        Event::PlanChanged { cause, delta } => {
            apply_delta(state, delta, revision, touched)?;
            if *cause != PlanCause::Execution {
                note_messages(state, delta);
            }
        }
        Event::StopArrived { manifest, stop, at } => {
            with_next_stop(state, manifest, stop, touched, |stop| {
                stop.state = StopState::Arrived(*at);
            })?;
        }
        Event::StopCompleted { manifest, stop, at } => {
            with_next_stop(state, manifest, stop, touched, |stop| {
                stop.state = StopState::Completed { arrived: arrived(stop, *at), left: *at };
            })?;
            settle_stop(state, manifest, stop, *at, touched)?;
        }
        Event::StopFailed { manifest, stop, at, .. } => {
            with_next_stop(state, manifest, stop, touched, |stop| {
                stop.state = StopState::Failed { arrived: arrived(stop, *at), left: *at };
            })?;
            fail_stop(state, manifest, stop, touched)?;
        }
        Event::Sighted { manifest, sighting } => {
            with_manifest(state, manifest, touched, |m| {
                m.sighting = Some(*sighting);
                Ok(())
            })?;
        }
        Event::EtasTold { manifest, etas } => {
            let mut awaiting = BTreeSet::new();
            with_manifest(state, manifest, touched, |m| {
                for (id, eta) in etas {
                    let stop = m.stops.iter_mut().find(|stop| stop.id == *id);
                    let stop = stop.ok_or_else(|| unknown("stop", id))?;
                    stop.told = Some(*eta);
                    awaiting.extend(stop.tasks.iter().map(|task| task.shipment.clone()));
                }
                Ok(())
            })?;
            touched.shipments.extend(awaiting);
        }
        Event::StopPinned { manifest, stop, pinned } => {
            with_manifest(state, manifest, touched, |m| {
                m.revision = revision;
                let found = m.stops.iter_mut().find(|candidate| candidate.id == *stop);
                found.ok_or_else(|| unknown("stop", stop))?.pinned = *pinned;
                Ok(())
            })?;
        }
        Event::RevisionAcknowledged { manifest, revision } => {
            with_manifest(state, manifest, touched, |m| {
                m.acknowledged = m.acknowledged.max(*revision);
                Ok(())
            })?;
        }
        Event::RevisionRefused { manifest, .. } => {
            touched.manifests.insert(manifest.clone());
        }
        Event::Quoted(quote) => {
            state.quotes.insert(quote.id.clone(), Arc::new(quote.clone()));
        }
        Event::OfferHeld(hold) => hold_offer(state, hold),
        Event::OfferReleased { quote, offer } => {
            state.holds.remove(&(quote.clone(), *offer));
        }
        Event::ChangeRecorded(change) => record_change(state, change, touched),
        Event::ChangeMoved { change, state: moved, at } => {
            move_change(state, change, *moved, *at)?;
            touched.changes.insert(change.clone());
        }
        Event::PromiseChanged { shipment, promise } => {
            touched.shipments.insert(shipment.clone());
            with_shipment(state, shipment, |s| s.promise = promise.clone())?;
        }
        Event::ReplanProposed(proposal) => {
            state.proposals.insert(proposal.id.clone(), Arc::new(proposal.clone()));
        }
        Event::ReplanClosed { proposal, .. } => {
            state.proposals.remove(proposal);
        }
    }
    Ok(())
}

/// Drops what nobody may ask about any more, so that a long-lived territory stays small.
fn forget(state: &mut State) {
    let now = state.now;
    retain(&mut state.holds, |hold| hold.until > now);
    retain(&mut state.proposals, |proposal| proposal.expires > now);
    // Walking all quotes and answers every tick would cost more than keeping them: once an hour is
    // enough.
    let hour = |moment: Moment| moment.0.div_euclid(Ticks::from_hours(1).0);
    if hour(now) != hour(state.answers_pruned) {
        state.answers_pruned = now;
        retain(&mut state.answered, |answered| answered.at + ANSWERS_KEPT > now);
        retain(&mut state.quotes, |quote| quote.expires + QUOTES_KEPT > now);
    }
}

fn retain<K: Ord + Clone, V: Clone>(map: &mut OrdMap<K, V>, keep: impl Fn(&V) -> bool) {
    let gone: Vec<K> =
        map.iter().filter(|(_, value)| !keep(value)).map(|(key, _)| key.clone()).collect();
    for key in gone {
        map.remove(&key);
    }
}

fn with_manifest(
    state: &mut State,
    id: &ManifestId,
    touched: &mut Touched,
    change: impl FnOnce(&mut Manifest) -> Result<(), ApplyError>,
) -> Result<(), ApplyError> {
    touched.manifests.insert(id.clone());
    let manifest = state.manifests.get_mut(id).ok_or_else(|| unknown("manifest", id))?;
    change(Arc::make_mut(manifest))
}

fn find_shipment<'a>(state: &'a State, id: &ShipmentId) -> Result<&'a Arc<Shipment>, ApplyError> {
    state.shipments.get(id).ok_or_else(|| unknown("shipment", id))
}

fn with_shipment(
    state: &mut State,
    id: &ShipmentId,
    change: impl FnOnce(&mut Shipment),
) -> Result<(), ApplyError> {
    let shipment = state.shipments.get_mut(id).ok_or_else(|| unknown("shipment", id))?;
    let shipment = Arc::make_mut(shipment);
    let before = room_taken(shipment);
    change(shipment);
    shipment.version += 1;
    let after = room_taken(shipment);
    if before != after {
        occupy(state, &before, -1);
        occupy(state, &after, 1);
    }
    Ok(())
}

/// Where each parcel of a shipment lies, or is promised to lie: planned or not, its room is kept.
fn room_taken(shipment: &Shipment) -> Vec<PointId> {
    let point = |parcel: &Parcel| match &parcel.custody {
        Custody::Delivered { point, .. } => Some(point.clone()),
        Custody::Returned(_) | Custody::Cancelled => None,
        Custody::Expected(_) | Custody::AtDepot(_) | Custody::Loaded(_) => {
            Some(shipment.promise.point.clone())
        }
    };
    shipment.parcels.iter().filter_map(point).collect()
}

/// Adds `each` for every parcel to the count of the point it lies in or is bound for.
fn occupy(state: &mut State, points: &[PointId], each: i64) {
    for point in points {
        let count = state.occupancy.entry(point.clone()).or_insert(0);
        *count = u32::try_from(i64::from(*count) + each).unwrap_or(0);
    }
}

fn create_shipment(state: &mut State, shipment: &Shipment, touched: &mut Touched) {
    for parcel in shipment.open_parcels() {
        let key = (shipment.id.clone(), parcel.id.clone());
        if let Custody::Loaded(van) = &parcel.custody {
            state.aboard.entry(van.clone()).or_default().insert(key.clone());
        }
        state.unassigned.insert(key, UnassignedReason::NotYetPlanned);
    }
    occupy(state, &room_taken(shipment), 1);
    state.of_recipient.entry(shipment.recipient.clone()).or_default().insert(shipment.id.clone());
    state.shipments.insert(shipment.id.clone(), Arc::new(shipment.clone()));
    touched.shipments.insert(shipment.id.clone());
}

/// A parcel that ended is on no stop and on no list of open ones.
fn set_custody(
    state: &mut State,
    shipment: &ShipmentId,
    parcel: &ParcelId,
    custody: Custody,
) -> Result<(), ApplyError> {
    if custody.is_terminal() {
        let key = (shipment.clone(), parcel.clone());
        state.unassigned.remove(&key);
    }
    let mut before = None;
    with_shipment(state, shipment, |s| {
        if let Some(parcel) = s.parcels.iter_mut().find(|candidate| candidate.id == *parcel) {
            before = Some(std::mem::replace(&mut parcel.custody, custody.clone()));
        }
    })?;
    let before = before.ok_or_else(|| unknown("parcel", parcel))?;
    let key = (shipment.clone(), parcel.clone());
    if let Custody::Loaded(van) = before
        && let Some(aboard) = state.aboard.get_mut(&van)
    {
        aboard.remove(&key);
    }
    if let Custody::Loaded(van) = custody {
        state.aboard.entry(van).or_default().insert(key);
    }
    Ok(())
}

fn parcels_of(stop: &Stop) -> Vec<(ShipmentId, ParcelId)> {
    let of_task = |task: &swerve_model::Task| {
        let shipment = task.shipment.clone();
        task.parcels
            .iter()
            .map(move |parcel| (shipment.clone(), parcel.clone()))
            .collect::<Vec<_>>()
    };
    stop.tasks.iter().flat_map(of_task).collect()
}

fn arrived(stop: &Stop, now: Moment) -> Moment {
    match stop.state {
        StopState::Arrived(at) => at,
        _ => now,
    }
}

fn with_next_stop(
    state: &mut State,
    manifest: &ManifestId,
    id: &StopId,
    touched: &mut Touched,
    change: impl FnOnce(&mut Stop),
) -> Result<(), ApplyError> {
    with_manifest(state, manifest, touched, |m| {
        let next = m.done_count();
        match m.stops.get_mut(next) {
            Some(stop) if stop.id == *id => {
                change(stop);
                Ok(())
            }
            _ => Err(ApplyError::OutOfOrder { manifest: manifest.clone(), stop: id.clone() }),
        }
    })
}

fn done_stop(state: &State, manifest: &ManifestId, stop: &StopId) -> Result<Stop, ApplyError> {
    let found = state.manifests.get(manifest).and_then(|m| m.stop(stop));
    found.cloned().ok_or_else(|| unknown("stop", stop))
}

/// Everything on a completed stop has been handed over.
fn settle_stop(
    state: &mut State,
    manifest: &ManifestId,
    stop: &StopId,
    at: Moment,
    touched: &mut Touched,
) -> Result<(), ApplyError> {
    let stop = done_stop(state, manifest, stop)?;
    for (shipment, parcel) in parcels_of(&stop) {
        state.assignments.remove(&(shipment.clone(), parcel.clone()));
        let custody = Custody::Delivered { at, point: stop.point.clone() };
        set_custody(state, &shipment, &parcel, custody)?;
        touched.shipments.insert(shipment);
    }
    Ok(())
}

/// A failed drop frees no space: its parcels stay aboard, on no stop.
fn fail_stop(
    state: &mut State,
    manifest: &ManifestId,
    stop: &StopId,
    touched: &mut Touched,
) -> Result<(), ApplyError> {
    let stop = done_stop(state, manifest, stop)?;
    for key in parcels_of(&stop) {
        state.assignments.remove(&key);
        touched.shipments.insert(key.0.clone());
        state.unassigned.insert(key, UnassignedReason::AttemptFailed);
    }
    Ok(())
}

fn hold_offer(state: &mut State, hold: &Hold) {
    state.holds.insert((hold.quote.clone(), hold.offer), hold.clone());
}

fn record_change(state: &mut State, change: &Change, touched: &mut Touched) {
    touched.changes.insert(change.id.clone());
    touched.shipments.insert(change.shipment.clone());
    if change.state == ChangeState::Committed {
        for effect in &change.effects {
            state
                .open_changes
                .entry(effect.shipment.clone())
                .or_default()
                .insert(change.id.clone());
        }
        if let Some(shipment) = state.shipments.get_mut(&change.shipment) {
            Arc::make_mut(shipment).changes_used += 1;
        }
    }
    state.changes.insert(change.id.clone(), Arc::new(change.clone()));
}

fn move_change(
    state: &mut State,
    id: &ChangeId,
    moved: ChangeState,
    at: Moment,
) -> Result<(), ApplyError> {
    let change = state.changes.get_mut(id).ok_or_else(|| unknown("change", id))?;
    let change = Arc::make_mut(change);
    change.state = moved;
    if moved.is_open() {
        change.acknowledged = Some(at);
        return Ok(());
    }
    change.ended = Some(at);
    for effect in change.effects.clone() {
        if let Some(open) = state.open_changes.get_mut(&effect.shipment) {
            open.remove(id);
        }
    }
    Ok(())
}
