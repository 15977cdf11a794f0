//! What a background search found, held against the plan as it is by now.
//!
//! Manifests that exchanged stops belong together: such a part is published whole or not at all, and
//! parts are judged one by one. A part is rebased before that: a manifest somebody else has changed
//! takes its part with it; a prefix that has frozen meanwhile stays as it was driven, and only what is
//! still free follows the new order. Then it is driven anew from where the vans are, priced, and shown
//! to the checker.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use swerve_model::{Cost, Event, PlanCause, PlanDelta, StopId};
use swerve_optimizer::{self as optimizer, Route};

use super::counts::{Counts, Discarded};
use super::job::{Found, Rearranged};
use crate::decide::Decision;
use crate::draft::Draft;
use crate::input::STOPS_PER_MANIFEST_MAX;
use crate::snapshot::Snapshot;
use crate::{interruptions, judge};

/// A part on the plan as it is now.
struct Rebased {
    keys: Vec<u32>,
    routes: Vec<Arc<Route>>,
    gain: Cost,
}

/// What of `found` can still be published, as one change of the plan.
pub(super) fn merge(snapshot: &Snapshot, found: &[Found], counts: &Counts) -> Option<Decision> {
    let mut rebased = Vec::new();
    for part in found.iter().flat_map(|found| parts(&found.manifests)) {
        match rebase(snapshot, &part) {
            Ok(part) => rebased.push(part),
            Err(why) => counts.discarded(why),
        }
    }
    let (delta, published) = accepted(snapshot, rebased, counts)?;
    let gain: Cost = published.iter().map(|part| part.gain).sum();
    counts.published(published.len() as u64, gain);
    let (manifests, parts) = (delta.manifests.len(), published.len());
    tracing::debug!(parts, manifests, gain = gain.0, "background search published");
    let iterations = found.iter().map(|found| u32::try_from(found.iterations).unwrap_or(u32::MAX));
    let event = Event::PlanChanged { cause: PlanCause::Improvement, delta };
    Some(Decision::done(vec![event]).searched(iterations.collect()))
}

/// Manifests that hold each other's stops, together. In the order of the first of each.
fn parts(manifests: &[Rearranged]) -> Vec<Vec<&Rearranged>> {
    let mut home = BTreeMap::new();
    for (number, manifest) in manifests.iter().enumerate() {
        home.extend(manifest.was.iter().map(|stop| (stop, number)));
    }
    let mut part_of: Vec<usize> = (0..manifests.len()).collect();
    for (number, manifest) in manifests.iter().enumerate() {
        for from in manifest.order.iter().filter_map(|stop| home.get(stop)) {
            let (one, other) = (part_of[number], part_of[*from]);
            if one != other {
                // A group has tens of manifests: walking them is cheaper than a cleverer union.
                let joined = one.min(other);
                part_of.iter_mut().filter(|p| **p == one || **p == other).for_each(|p| *p = joined);
            }
        }
    }
    let mut parts: BTreeMap<usize, Vec<&Rearranged>> = BTreeMap::new();
    for (manifest, part) in manifests.iter().zip(part_of) {
        parts.entry(part).or_default().push(manifest);
    }
    parts.into_values().collect()
}

fn rebase(snapshot: &Snapshot, part: &[&Rearranged]) -> Result<Rebased, Discarded> {
    let keys = part.iter().map(|changed| key_at_base(snapshot, changed));
    let keys: Vec<u32> = keys.collect::<Option<_>>().ok_or(Discarded::BaseMoved)?;
    let free = free_stops(snapshot, &keys);
    let mut routes = Vec::with_capacity(keys.len());
    let (mut gain, mut margin, mut is_changed) = (Cost::ZERO, Cost::ZERO, false);
    for (key, wanted) in keys.iter().zip(part) {
        let before = &snapshot.live_by_key(*key).ok_or(Discarded::BaseMoved)?.route;
        let stops = order(*key, wanted, &free);
        if stops.iter().map(|stop| stop.key).eq(before.stops().iter().map(|stop| stop.key)) {
            routes.push(Arc::clone(before));
            continue;
        }
        is_changed = true;
        let after = Arc::new(drive(snapshot, before, stops)?);
        if !interruptions::may_be_told(snapshot, manifest(snapshot, *key)?, before, &after) {
            return Err(Discarded::Interruptions);
        }
        gain += before.cost() - after.cost();
        margin += worth(snapshot, &after);
        routes.push(after);
    }
    if !is_changed {
        return Err(Discarded::Overtaken);
    }
    if gain <= margin {
        return Err(Discarded::NotWorth);
    }
    Ok(Rebased { keys, routes, gain })
}

/// The manifest's key, if nobody has changed it since.
fn key_at_base(snapshot: &Snapshot, changed: &Rearranged) -> Option<u32> {
    let found = snapshot.state.manifests.get(&changed.manifest)?;
    (found.revision == changed.base).then(|| snapshot.key_of(&found.id))?
}

fn manifest(snapshot: &Snapshot, key: u32) -> Result<&swerve_model::Manifest, Discarded> {
    snapshot.manifest_by_key(key).map(AsRef::as_ref).ok_or(Discarded::BaseMoved)
}

/// A stop that may still change, and the manifest it is on.
type Free<'a> = BTreeMap<&'a StopId, (u32, &'a Arc<optimizer::Stop>)>;

fn free_stops<'a>(snapshot: &'a Snapshot, keys: &[u32]) -> Free<'a> {
    let of = |key: u32| snapshot.free_stops(key).map(move |(id, stop)| (id, (key, stop)));
    keys.iter().copied().flat_map(of).collect()
}

/// A manifest's free stops in the wanted order. What the search took for frozen and is free again
/// stays in front; what has frozen since is where it was, and in nobody's order any more.
fn order(key: u32, wanted: &Rearranged, free: &Free<'_>) -> Vec<Arc<optimizer::Stop>> {
    let known: BTreeSet<&StopId> = wanted.was.iter().collect();
    let mut thawed: Vec<&Arc<optimizer::Stop>> = (free.iter())
        .filter(|(id, (on, _))| *on == key && !known.contains(*id))
        .map(|(_, (_, stop))| *stop)
        .collect();
    // Keys of one manifest's stops number them in their order.
    thawed.sort_unstable_by_key(|stop| stop.key);
    let ordered = wanted.order.iter().filter_map(|id| free.get(id)).map(|(_, stop)| *stop);
    thawed.into_iter().chain(ordered).cloned().collect()
}

/// The stops in that order, by the van as it stands: nothing it may not carry, no limit exceeded by
/// more than now.
fn drive(
    snapshot: &Snapshot,
    before: &Route,
    stops: Vec<Arc<optimizer::Stop>>,
) -> Result<Route, Discarded> {
    let van = before.van();
    let own: BTreeSet<u32> = before.stops().iter().map(|stop| stop.key).collect();
    if stops.iter().any(|stop| !own.contains(&stop.key) && van.admits(stop).is_err()) {
        return Err(Discarded::Overtaken);
    }
    let rules = snapshot.settings.rules();
    let is_full = stops.len() >= STOPS_PER_MANIFEST_MAX;
    let after = Route::schedule(Arc::clone(van), stops, &snapshot.roads, &rules);
    if is_full || !after.excess().is_within(before.excess()) {
        return Err(Discarded::Limit);
    }
    Ok(after)
}

/// What changing a manifest has to save: a driver on the road must read it, and act on it.
fn worth(snapshot: &Snapshot, route: &Route) -> Cost {
    let background = &snapshot.settings.budget.background;
    let is_on_the_road = route.van().loads_from.is_none();
    background.gain_min + if is_on_the_road { background.message_gain } else { Cost::ZERO }
}

/// The parts the checker accepts, and the change they make together.
fn accepted(
    snapshot: &Snapshot,
    parts: Vec<Rebased>,
    counts: &Counts,
) -> Option<(PlanDelta, Vec<Rebased>)> {
    let delta = delta_of(snapshot, &parts);
    if judge::judge_delta(snapshot, &delta).is_empty() {
        return (!delta.is_empty()).then_some((delta, parts));
    }
    let mut kept = Vec::new();
    for part in parts {
        let alone = [part];
        let violations = judge::judge_delta(snapshot, &delta_of(snapshot, &alone));
        if violations.is_empty() {
            kept.extend(alone);
        } else {
            tracing::warn!(rules = judge::describe(&violations), "a background search is refused");
            counts.discarded(Discarded::Checker);
        }
    }
    let delta = delta_of(snapshot, &kept);
    let is_fine = !delta.is_empty() && judge::judge_delta(snapshot, &delta).is_empty();
    is_fine.then_some((delta, kept))
}

fn delta_of(snapshot: &Snapshot, parts: &[Rebased]) -> PlanDelta {
    let mut draft = Draft::new(snapshot);
    for part in parts {
        draft.adopt(&part.keys, &part.routes, &BTreeMap::new());
    }
    draft.delta()
}
