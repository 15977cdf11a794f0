//! From the plan to the search: what of each manifest may still move, and under which rules.
//!
//! The frozen prefix is cut off here, custody becomes "which van", promises and opening hours become
//! windows, and what is aboard but on no stop becomes load that is carried. The search sees none of
//! the names.

use std::sync::Arc;

use rayon::prelude::*;
use smallvec::SmallVec;
use swerve_model::schedule::{
    Anchor, World, anchor_of, load_of, ready_of, service_of, skills_of, times_of, windows_of,
};
use swerve_model::{
    Cost, Custody, Load, Manifest, ManifestId, ManifestState, Moment, PointId, Stop, StopState,
    StopTimes, Task, Ticks, TimeWindow, Z_KEPT,
};
use swerve_optimizer::{self as optimizer, Route, Told, Van};

use crate::snapshot::{LiveManifest, Snapshot};

/// Dense stop keys are `manifest key << STOP_BITS | index`: stops of one manifest at most, and
/// manifests of one territory in its life at most 2^20.
const STOP_BITS: u32 = 12;
pub const STOPS_PER_MANIFEST_MAX: usize = 1 << STOP_BITS;
/// Keys of stops that are on no manifest yet start here.
pub(crate) const NEW_STOP_KEY: u32 = u32::MAX - (1 << STOP_BITS);
/// The same for a whole day's: room for a million of them.
pub(crate) const NEW_STOP_KEY_DAY: u32 = NEW_STOP_KEY - (1 << 20);

/// The part of a manifest that may change.
#[derive(Clone, Debug)]
pub(crate) struct Suffix {
    /// Stops before it: done and frozen ones.
    pub(crate) keep: usize,
    /// One for each stop of the manifest's live route, in the same order.
    pub(crate) stops: Vec<Stop>,
}

/// Derives the live part of several manifests, in parallel. Order as given.
pub(crate) fn derive_all(
    snapshot: &Snapshot,
    manifests: &[ManifestId],
) -> Vec<(ManifestId, LiveManifest)> {
    let derive = |id: &ManifestId| derive(snapshot, id).map(|live| (id.clone(), live));
    if manifests.len() < 4 {
        return manifests.iter().filter_map(derive).collect();
    }
    manifests.par_iter().filter_map(derive).collect()
}

fn derive(snapshot: &Snapshot, id: &ManifestId) -> Option<LiveManifest> {
    let manifest = snapshot.state.manifests.get(id)?;
    let key = snapshot.key_of(id)?;
    let now = snapshot.planning_time();
    let (depot_index, depot) = snapshot.depot(&manifest.duty.depot)?;
    let sighted = manifest
        .sighting
        .and_then(|sighting| snapshot.roads.0.snap(sighting.location).ok())
        .map(|snapped| snapped.place);
    let anchor = anchor_of(snapshot, manifest, depot, sighted, now)?;
    let undone = &manifest.stops[manifest.done_count()..];
    let times = times_of(snapshot, &snapshot.roads, undone, anchor, now)?;
    let frozen = frozen_count(manifest, undone, &times, now, snapshot.settings.frozen_ahead());
    let known = match manifest.state {
        ManifestState::Loading => anchor.depart.max(now),
        _ => now,
    };
    let van = van_of(snapshot, manifest, key, depot_index, depot, anchor, &times[..frozen], known)?;
    let free = &undone[frozen..];
    let stops: Vec<optimizer::Stop> = (0..)
        .zip(free.iter().zip(&times[frozen..]))
        .map(|(index, (stop, times))| {
            let custody = custody_of(snapshot, manifest, key, &stop.tasks);
            let mut seen =
                search_stop(snapshot, key << STOP_BITS | index, &stop.point, &stop.tasks, custody)?;
            seen.pinned = stop.pinned;
            seen.told = stop.told.map(|told| told_of(key, told.expected, times, now));
            Some(seen)
        })
        .collect::<Option<_>>()?;
    let rules = snapshot.settings.rules();
    let route = Route::published(Arc::new(van), &stops, &snapshot.roads, &rules);
    Some(LiveManifest { key, anchor, times, frozen, known, route: Arc::new(route) })
}

/// How many undone stops are too near to move: being served, driven to, or due soon.
pub(crate) fn frozen_count(
    manifest: &Manifest,
    undone: &[Stop],
    times: &[StopTimes],
    now: Moment,
    ahead: Ticks,
) -> usize {
    let on_the_road = usize::from(matches!(manifest.state, ManifestState::Departed(_)));
    let served =
        usize::from(undone.first().is_some_and(|stop| matches!(stop.state, StopState::Arrived(_))));
    let due = times.iter().take_while(|times| times.arrival <= now + ahead).count();
    on_the_road.max(served).max(due).min(undone.len())
}

#[expect(clippy::too_many_arguments, reason = "one call, all from one place")]
fn van_of(
    snapshot: &Snapshot,
    manifest: &Manifest,
    key: u32,
    depot_index: u32,
    depot: swerve_model::Place,
    anchor: Anchor,
    frozen: &[StopTimes],
    known: Moment,
) -> Option<Van> {
    let vehicle = snapshot.state.vehicles.get(&manifest.duty.vehicle)?;
    let now = snapshot.planning_time();
    let done = manifest.done_count();
    let last_frozen = manifest.stops[..done + frozen.len()].last();
    let (start, depart) = match (frozen.last(), last_frozen) {
        (Some(times), Some(stop)) => (snapshot.place(&stop.point)?, times.departure),
        _ => (anchor.place, anchor.depart),
    };
    Some(Van {
        key,
        start,
        depart,
        known,
        end: Some(depot),
        shift_end: sure_end(snapshot, known, manifest.duty.shift.end),
        hard_end: sure_end(snapshot, known, manifest.duty.shift.hard_end),
        capacity: vehicle.capacity,
        carried: carried(snapshot, manifest, frozen.len()),
        skills: vehicle.skills,
        loads_from: manifest.may_load().then_some(depot_index),
        leaves: leaves(manifest, now),
        use_cost: None,
    })
}

/// When a manifest that still loads is planned to leave the depot.
pub(crate) fn leaves(manifest: &Manifest, now: Moment) -> Moment {
    manifest.duty.shift.start.max(now)
}

/// A shift ends with the same sureness as a promise is kept. Whoever plans to be back at the last legal
/// minute comes back too late every other day, and what is still aboard then is delivered by nobody.
/// Overtime is priced from where it becomes likely: so the plan fills an idle van before it fills
/// another's last hour, which a slow day will need.
fn sure_end(snapshot: &Snapshot, known: Moment, end: Moment) -> Moment {
    snapshot.settings.risk.latest_start(known, end, Z_KEPT)
}

/// What is aboard, or will be, but is for no stop of the free suffix: frozen stops and failed drops.
fn carried(snapshot: &Snapshot, manifest: &Manifest, frozen: usize) -> Load {
    let state = &snapshot.state;
    let load = |shipment: &swerve_model::ShipmentId, parcel: &swerve_model::ParcelId| {
        let found = state.shipments.get(shipment).and_then(|shipment| shipment.parcel(parcel));
        found.map_or(Load::ZERO, |parcel| parcel.load)
    };
    let undone = &manifest.stops[manifest.done_count()..];
    let of_frozen: Load =
        undone[..frozen].iter().filter_map(|stop| load_of(snapshot, &stop.tasks)).sum();
    let adrift: Load = (state.aboard.get(&manifest.id).into_iter().flatten())
        .filter(|key| !state.assignments.contains_key(*key))
        .map(|(shipment, parcel)| load(shipment, parcel))
        .sum();
    of_frozen + adrift
}

/// Who may deliver these tasks: the van that holds any of their parcels, else any that loads them.
fn custody_of(
    snapshot: &Snapshot,
    manifest: &Manifest,
    key: u32,
    tasks: &[Task],
) -> optimizer::Custody {
    let aboard = tasks.iter().any(|task| {
        let shipment = snapshot.state.shipments.get(&task.shipment);
        shipment.is_some_and(|shipment| {
            task.parcels
                .iter()
                .filter_map(|parcel| shipment.parcel(parcel))
                .any(|parcel| matches!(parcel.custody, Custody::Loaded(_)))
        })
    });
    match snapshot.depot(&manifest.duty.depot) {
        Some((depot, _)) if !aboard && manifest.may_load() => optimizer::Custody::AtDepot(depot),
        _ => optimizer::Custody::Aboard(key),
    }
}

/// A stop as the search sees it, without a history. `None` if a name in it is unknown.
pub(crate) fn search_stop(
    world: &impl World,
    key: u32,
    point: &PointId,
    tasks: &[Task],
    custody: optimizer::Custody,
) -> Option<optimizer::Stop> {
    let mut windows: SmallVec<[TimeWindow; 1]> = windows_of(world, point, tasks)?.into();
    if windows.is_empty() && !tasks.is_empty() {
        // Its promises contradict each other. No moment is right, which the search must not mistake
        // for any moment; a window long past is always late and never made worse.
        let never = TimeWindow::new(Moment::EPOCH, Moment::EPOCH).expect("an instant is a window");
        windows.push(never);
    }
    Some(optimizer::Stop {
        key,
        place: world.place(point)?,
        windows,
        service: service_of(world, point, tasks)?,
        load: load_of(world, tasks)?,
        skills: skills_of(world, tasks)?,
        custody,
        ready: ready_of(world, tasks)?,
        pinned: false,
        baseline: None,
        told: None,
        drop_cost: Cost::PROHIBITIVE,
    })
}

/// What a move of this arrival costs: nothing within five minutes of what was told, more the nearer
/// the arrival is, since people plan the next hours and not the next day.
fn told_of(route: u32, expected: Moment, times: &StopTimes, now: Moment) -> Told {
    const TOLERANCE: Ticks = Ticks::from_minutes(5);
    let ahead = times.start - now;
    let weight = if ahead < Ticks::from_hours(1) {
        10
    } else if ahead < Ticks::from_hours(4) {
        3
    } else {
        1
    };
    Told { route, open: expected - TOLERANCE, close: expected + TOLERANCE, weight }
}
