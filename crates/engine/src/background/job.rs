//! The search of one group, on a snapshot that stays as it is.

use std::collections::BTreeMap;
use std::sync::Arc;

use swerve_model::{ManifestId, Revision, StopId};
use swerve_optimizer::{Brake, Problem, Route, Search, improve};

use crate::snapshot::Snapshot;

/// A manifest as a search would have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rearranged {
    pub(crate) manifest: ManifestId,
    /// The manifest's revision it was searched from.
    pub(crate) base: Revision,
    /// Its free stops then.
    pub(crate) was: Vec<StopId>,
    /// And as they should be.
    pub(crate) order: Vec<StopId>,
}

/// What came of the search of one group. Names stops and holds none: what was told and scanned since
/// counts when it is merged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// The manifests that differ.
    pub(crate) manifests: Vec<Rearranged>,
    pub(crate) iterations: u64,
}

/// Searches the manifests of `keys` for so many iterations, by one worker.
pub(crate) fn search(
    snapshot: &Snapshot,
    keys: &[u32],
    seed: u64,
    iterations: u64,
    stop: &dyn Brake,
) -> Found {
    let routes: Vec<Arc<Route>> = (keys.iter())
        .filter_map(|key| snapshot.live_by_key(*key))
        .map(|live| Arc::clone(&live.route))
        .collect();
    let names = names(snapshot, keys);
    let problem = Problem { routes, ..Problem::default() };
    let search = Search { seed, workers: 1, iterations, stop };
    let proposal = improve(&problem, &snapshot.roads, &snapshot.settings.rules(), &search);
    let rearranged = |number: u32| {
        let (new, old) = (&proposal.routes[number as usize], &problem.routes[number as usize]);
        let found = snapshot.manifest_by_key(new.van().key)?;
        let named = |route: &Route| {
            route.stops().iter().map(|stop| names.get(&stop.key).cloned()).collect::<Option<_>>()
        };
        Some(Rearranged {
            manifest: found.id.clone(),
            base: found.revision,
            was: named(old)?,
            order: named(new)?,
        })
    };
    Found {
        manifests: proposal.changed(&problem).filter_map(rearranged).collect(),
        iterations: proposal.iterations.iter().sum(),
    }
}

/// The free stops of these manifests, by the search's key.
fn names(snapshot: &Snapshot, keys: &[u32]) -> BTreeMap<u32, StopId> {
    let free = keys.iter().flat_map(|key| snapshot.free_stops(*key));
    free.map(|(id, stop)| (stop.key, id.clone())).collect()
}
