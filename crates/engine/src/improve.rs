//! A look around what a change touched, and the longer one that follows it.
//!
//! Both hand the search a few routes of a draft and take back what it made of them. The first is
//! short, since somebody waits; the second runs at ticks, when nobody does.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use swerve_model::{NearbyChunks, TravelTimes};
use swerve_optimizer::{Problem, Proposal, Route, Search, improve};

use crate::draft::Draft;
use crate::offer::Planned;
use crate::snapshot::Snapshot;

/// Manifests a look takes in at most. Each may exchange stops with each, so a few are enough and
/// more would only spread the same iterations thinner.
pub(crate) const MANIFESTS_PER_LOOK: usize = 8;

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
