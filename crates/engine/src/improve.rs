//! A look around what a change touched, and the longer one that follows it.
//!
//! Both hand the search a few routes of a draft and take back what it made of them. The first is
//! short, since somebody waits; the second runs at ticks, when nobody does.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use rayon::prelude::*;
use swerve_model::{Event, NearbyChunks, PlanCause, PlanDelta, Record, StopId, TravelTimes};
use swerve_optimizer::{Problem, Proposal, Route, Search, districts, improve};

use crate::decide::Decision;
use crate::draft::Draft;
use crate::judge;
use crate::offer::Planned;
use crate::snapshot::Snapshot;
use crate::writer::touched_by;

/// Manifests a look takes in at most. Each may exchange stops with each, so a few are enough and
/// more would only spread the same iterations thinner.
pub(crate) const MANIFESTS_PER_LOOK: usize = 8;

/// A look that many commits share is as long as those of so many alone at most: a large batch means
/// that many wait, and what is left over the next ticks find. 64 commits on six vans cost no more with
/// 8 than with a look each.
const LOOKS_TOGETHER_MAX: u32 = 8;

/// Searches around a planned wish, on the manifests it touched and, while they still load, their
/// neighbours. Returns the iterations done, by worker.
pub(crate) fn around(planned: &mut Planned<'_>, seed: u64, iterations: u32) -> Vec<u32> {
    let keys = neighbourhood(&planned.draft, &planned.draft.dirty());
    let focus: Vec<u32> =
        planned.placed.iter().filter_map(|(_, at)| planned.draft.search_key(at)).collect();
    let (proposal, done) = look(&planned.draft, &keys, focus, seed, iterations);
    planned.draft.adopt(&keys, &proposal.routes, &BTreeMap::new());
    // What was placed may have changed van on the way.
    for (_, at) in &mut planned.placed {
        planned.draft.follow(at, &keys);
    }
    done
}

/// Searches around everything that these commits of one batch touched, manifests near each other at
/// once, with as many iterations as a few of the commits would have had alone. What the checker would
/// not have is left out, part by part.
pub(crate) fn together(snapshot: &Snapshot, committed: &[Record]) -> Option<Decision> {
    let dirty: Vec<u32> = touched_by(snapshot, committed).into_iter().collect();
    if dirty.is_empty() || snapshot.settings.budget.before_answer == 0 {
        return None;
    }
    let draft = Draft::new(snapshot);
    let keys = neighbourhood(&draft, &dirty);
    let routes: Vec<Arc<Route>> = keys.iter().map(|key| Arc::clone(draft.route(*key))).collect();
    let seed = snapshot.settings.seed ^ (snapshot.state.sequence + 1);
    let stops_max = snapshot.settings.budget.background.group_stops as usize;
    let groups = districts(&routes, stops_max, seed);
    let moved = moved_by(snapshot, committed);
    let looks: Vec<(Vec<u32>, Proposal, Vec<u32>)> = groups
        .into_par_iter()
        .filter_map(|group| {
            let keys: Vec<u32> = group.into_iter().map(|number| keys[number]).collect();
            let focus = focus(snapshot, &keys, &moved);
            let each = snapshot.settings.budget.before_answer;
            let iterations = each.saturating_mul((focus.len() as u32).min(LOOKS_TOGETHER_MAX));
            let (proposal, done) = look(&draft, &keys, focus, seed, iterations);
            (proposal.after < proposal.before).then_some((keys, proposal, done))
        })
        .collect();
    let (delta, done) = accepted(snapshot, looks)?;
    let event = Event::PlanChanged { cause: PlanCause::Improvement, delta };
    Some(Decision::done(vec![event]).searched(done))
}

/// The shipments whose wishes these records made true.
fn moved_by(snapshot: &Snapshot, committed: &[Record]) -> BTreeSet<StopId> {
    let events = committed.iter().flat_map(|record| &record.events);
    let changes = events.filter_map(|event| match event {
        Event::ChangeRecorded(change) => Some(change),
        _ => None,
    });
    let shipments = changes.flat_map(|change| &change.effects).map(|effect| &effect.shipment);
    shipments
        .flat_map(|shipment| snapshot.state.assignments_of(shipment))
        .map(|(_, at)| at.stop.clone())
        .collect()
}

/// The search's keys of those stops that are free on these manifests.
fn focus(snapshot: &Snapshot, keys: &[u32], moved: &BTreeSet<StopId>) -> Vec<u32> {
    let mut focus = Vec::new();
    for key in keys {
        for (id, stop) in snapshot.free_stops(*key) {
            if moved.contains(id) {
                focus.push(stop.key);
            }
        }
    }
    focus
}

/// All looks as one change if the checker accepts it, else those it accepts one by one.
fn accepted(
    snapshot: &Snapshot,
    mut looks: Vec<(Vec<u32>, Proposal, Vec<u32>)>,
) -> Option<(PlanDelta, Vec<u32>)> {
    let delta_of = |looks: &[(Vec<u32>, Proposal, Vec<u32>)]| {
        let mut draft = Draft::new(snapshot);
        for (keys, proposal, _) in looks {
            draft.adopt(keys, &proposal.routes, &BTreeMap::new());
        }
        draft.delta()
    };
    let stands = |delta: &PlanDelta| judge::judge_delta(snapshot, delta).is_empty();
    let mut delta = delta_of(&looks);
    if !stands(&delta) {
        looks.retain(|one| stands(&delta_of(std::slice::from_ref(one))));
        delta = delta_of(&looks);
    }
    let done = looks.into_iter().flat_map(|(.., done)| done).collect();
    (!delta.is_empty() && stands(&delta)).then_some((delta, done))
}

/// The search over some manifests of a draft.
pub(crate) fn look(
    draft: &Draft<'_>,
    keys: &[u32],
    focus: Vec<u32>,
    seed: u64,
    iterations: u32,
) -> (Proposal, Vec<u32>) {
    let snapshot = draft.base();
    let routes: Vec<Arc<Route>> = keys.iter().map(|key| Arc::clone(draft.route(*key))).collect();
    let problem = Problem { routes, unassigned: Vec::new(), focus };
    search(snapshot, &problem, seed, iterations)
}

pub(crate) fn search(
    snapshot: &Snapshot,
    problem: &Problem,
    seed: u64,
    iterations: u32,
) -> (Proposal, Vec<u32>) {
    let never = AtomicBool::new(false);
    let search = Search {
        seed,
        workers: snapshot.settings.budget.workers,
        iterations: u64::from(iterations),
        stop: &never,
    };
    let proposal = improve(problem, &snapshot.roads, &snapshot.settings.rules(), &search);
    let done = proposal.iterations.iter().map(|n| u32::try_from(*n).unwrap_or(u32::MAX)).collect();
    (proposal, done)
}

/// These manifests, and the nearest others they could exchange parcels with.
pub(crate) fn neighbourhood(draft: &Draft<'_>, dirty: &[u32]) -> Vec<u32> {
    let mut keys: BTreeSet<u32> = dirty.iter().copied().collect();
    for key in dirty {
        let van = draft.route(*key).van();
        if van.loads_from.is_none() {
            continue;
        }
        let Some(center) = draft.center(*key) else { continue };
        for chunk in draft.chunks().nearby(center) {
            if keys.len() >= MANIFESTS_PER_LOOK {
                break;
            }
            if draft.route(chunk.route).van().loads_from == van.loads_from {
                keys.insert(chunk.route);
            }
        }
    }
    keys.into_iter().collect()
}

/// Where on the plane a point of the roads is, for `neighbourhood`.
impl Draft<'_> {
    /// The middle stop of a manifest's free suffix.
    pub(crate) fn center(&self, key: u32) -> Option<swerve_model::Planar> {
        let stops = self.route(key).stops();
        let middle = stops.get(stops.len() / 2)?;
        Some(self.base().roads.position(middle.place))
    }
}
