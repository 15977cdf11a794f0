//! Engine time moves: what follows from that alone.
//!
//! Positions that came in since the last tick are folded in where they change an arrival, changes no
//! driver has acknowledged in time go back, parcels that have no place yet are tried again, and the
//! search takes a longer look around what changed. All of it enters the log at the tick, so a replay
//! and a simulated day see the same.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use swerve_model::schedule::World;
use swerve_model::{
    Event, Manifest, ManifestState, Moment, PlanCause, Revision, ShipmentId, Sighting, StopState,
    Ticks, UnassignedReason,
};
use swerve_optimizer::Route;

use crate::decide::Decision;
use crate::draft::Draft;
use crate::error::EngineError;
use crate::parts::{Departures, waiting_parts};
use crate::snapshot::{LiveManifest, Snapshot};
use crate::writer::Positions;
use crate::{changes, improve, intake, interruptions, judge};

/// A sighting that moves the next arrival by less is not worth a record.
const SIGHTING_MATTERS: Ticks = Ticks::from_minutes(1);
/// A driver has this long, before a changed stop freezes, to say yes.
const ACKNOWLEDGE_AHEAD: Ticks = Ticks::from_minutes(5);
/// Waiting parcels tried again at one tick.
const WAITING_TRIED_MAX: usize = 64;

pub(crate) fn tick(snapshot: &Snapshot, moment: Moment) -> Result<Decision, EngineError> {
    if moment < snapshot.state.now {
        return Err(EngineError::TimeReversed { asked: moment, now: snapshot.state.now });
    }
    Ok(Decision::done(vec![Event::Tick(moment)]))
}

/// The newest reported positions, as far as they change an arrival.
pub(crate) fn fold_positions(snapshot: &Snapshot, positions: &Positions) -> Vec<Event> {
    let reported =
        std::mem::take(&mut *positions.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
    let mut events = Vec::new();
    for (id, position) in reported {
        let Some(manifest) = snapshot.state.manifests.get(&id) else { continue };
        let sighting = Sighting { location: position.location, at: position.at };
        if moves_arrival(snapshot, manifest, sighting) {
            events.push(Event::Sighted { manifest: id, sighting });
        }
    }
    events
}

fn moves_arrival(snapshot: &Snapshot, manifest: &Manifest, sighting: Sighting) -> bool {
    let on_the_road = matches!(manifest.state, ManifestState::Departed(_));
    let next = manifest.stops.get(manifest.done_count());
    let driving = next.filter(|stop| on_the_road && stop.state == StopState::Planned);
    let moved = || {
        let place = snapshot.place(&driving?.point)?;
        let arrival = sighting.at + snapshot.roads.0.leg_from(sighting.location, place)?.duration();
        let planned = snapshot.live(&manifest.id)?.times.first()?.arrival;
        Some((arrival - planned).abs() > SIGHTING_MATTERS)
    };
    moved().unwrap_or(false)
}

/// One change whose driver has not said yes by the last moment it can still be undone.
pub(crate) fn revert_unacknowledged(snapshot: &Snapshot) -> Option<Decision> {
    let now = snapshot.state.now;
    let deadline = now + snapshot.settings.frozen_ahead() + ACKNOWLEDGE_AHEAD;
    for manifest in snapshot.state.manifests.values() {
        let on_the_road = matches!(manifest.state, ManifestState::Departed(_));
        if !on_the_road || manifest.acknowledged >= manifest.revision {
            continue;
        }
        let Some(change) = changes::newest_unacknowledged(snapshot, &manifest.id) else { continue };
        let due = change.effects.iter().any(|effect| {
            let eta = snapshot.shipment_eta(&effect.shipment);
            eta.is_some_and(|eta| eta.expected <= deadline)
        });
        if due && let Some(decision) = changes::revert(snapshot, change) {
            return Some(decision);
        }
    }
    None
}

/// Tries parcels again that nothing has been planned for: late arrivals, what a van left behind.
pub(crate) fn place_waiting(snapshot: &Snapshot) -> Option<Decision> {
    if !intake::has_a_plan(snapshot) {
        return None;
    }
    let mut waiting: BTreeMap<ShipmentId, Vec<_>> = BTreeMap::new();
    for ((shipment, parcel), reason) in &snapshot.state.unassigned {
        if *reason == UnassignedReason::NotYetPlanned && waiting.len() < WAITING_TRIED_MAX {
            waiting.entry(shipment.clone()).or_default().push(parcel.clone());
        }
    }
    let departures = Departures::of(snapshot);
    let parts_of = |(shipment, parcels): (&ShipmentId, &Vec<_>)| {
        let shipment = snapshot.shipment(shipment);
        shipment.map_or_else(Vec::new, |found| waiting_parts(found, parcels, &departures))
    };
    let parts: Vec<_> = waiting.iter().flat_map(parts_of).collect();
    if parts.is_empty() {
        return None;
    }
    let mut draft = Draft::new(snapshot);
    let left = intake::insert_all(&mut draft, parts);
    let mut delta = draft.delta();
    delta.unassigned_of = left.iter().map(|left| left.task.shipment.clone()).collect();
    delta.unassigned_of.sort_unstable();
    delta.unassigned_of.dedup();
    delta.unassigned = crate::execution::keep_others(snapshot, &delta.unassigned_of, left);
    if delta.is_empty() || !judge::judge_delta(snapshot, &delta).is_empty() {
        return None;
    }
    Some(Decision::done(vec![Event::PlanChanged { cause: PlanCause::ShipmentCreated, delta }]))
}

/// Manifests that wait for a longer look.
#[derive(Debug)]
pub(crate) struct Changed {
    waiting: BTreeSet<u32>,
    /// Revisions up to here are not news any more.
    seen: Revision,
}

impl Changed {
    pub(crate) fn since(revision: Revision) -> Changed {
        Changed { waiting: BTreeSet::new(), seen: revision }
    }

    /// Takes in what has changed since it was last asked.
    pub(crate) fn note(&mut self, snapshot: &Snapshot) {
        let manifests = snapshot.state.manifests.values();
        let changed = manifests.filter(|manifest| manifest.revision > self.seen);
        self.waiting.extend(changed.filter_map(|manifest| snapshot.key_of(&manifest.id)));
        self.seen = snapshot.state.revision;
    }

    /// As many as one look takes in. The rest waits for the next step: a day's plan changes them all.
    pub(crate) fn next(&mut self, snapshot: &Snapshot) -> Vec<u32> {
        let mut next = Vec::new();
        while next.len() < improve::MANIFESTS_PER_LOOK
            && let Some(key) = self.waiting.pop_first()
        {
            let (manifest, live) = (snapshot.manifest_by_key(key), snapshot.live_by_key(key));
            let may_come = |(manifest, live): (&Arc<Manifest>, &Arc<LiveManifest>)| {
                interruptions::may_come(snapshot, manifest, &live.route)
            };
            if manifest.zip(live).is_some_and(may_come) {
                next.push(key);
            }
        }
        next
    }

    /// What has been published since is the engine's own, and no news.
    pub(crate) fn published(&mut self, snapshot: &Snapshot) {
        self.seen = snapshot.state.revision;
    }
}

/// Searches around manifests that have changed, and publishes what is worth it.
pub(crate) fn longer_look(snapshot: &Snapshot, dirty: &[u32]) -> Option<Decision> {
    if dirty.is_empty() {
        return None;
    }
    let mut draft = Draft::new(snapshot);
    let keys = improve::neighbourhood(&draft, dirty);
    let seed = snapshot.settings.seed ^ (snapshot.state.sequence + 1);
    let budget = &snapshot.settings.budget;
    let (proposal, done) = improve::look(&draft, &keys, Vec::new(), seed, budget.after_answer);
    let gain = proposal.before.money - proposal.after.money;
    let told: Vec<(u32, &Arc<Route>)> = (keys.iter().copied().zip(&proposal.routes))
        .filter(|(key, route)| !Arc::ptr_eq(route, draft.route(*key)))
        .filter(|(_, route)| route.van().loads_from.is_none())
        .collect();
    let may_be_told = |(key, after): &(u32, &Arc<Route>)| {
        snapshot.manifest_by_key(*key).is_some_and(|manifest| {
            interruptions::may_be_told(snapshot, manifest, draft.route(*key), after)
        })
    };
    if gain <= budget.background.message_gain * told.len() as i64 || !told.iter().all(may_be_told) {
        return None;
    }
    draft.adopt(&keys, &proposal.routes, &BTreeMap::new());
    let delta = draft.delta();
    if delta.is_empty() || !judge::judge_delta(snapshot, &delta).is_empty() {
        return None;
    }
    let event = Event::PlanChanged { cause: PlanCause::Improvement, delta };
    Some(Decision::done(vec![event]).searched(done))
}
