//! When a part fits nowhere as the others stand: move the others, keep every promise, try again.
//!
//! The search gets the part as a stop without a place beside the manifests that could take it, with a
//! budget of its own. What it cannot place is "not found in time": this is where the difference to
//! "impossible" is earned.

use std::collections::BTreeMap;
use std::sync::Arc;

use swerve_model::{NearbyChunks, TravelTimes};
use swerve_optimizer::{Obstacle, Problem, Route};

use crate::draft::{Draft, Placed};
use crate::improve::{MANIFESTS_PER_LOOK, search};
use crate::parts::{Holder, Part};

/// Rearranges the manifests that could take `part` so that they can, if the search finds how.
///
/// `why` is what the exhausted insertion found: where a rule or the clock forbids it in any order,
/// there is nothing to rearrange.
pub(crate) fn make_room(
    draft: &mut Draft<'_>,
    part: &Part,
    why: Option<Obstacle>,
) -> Option<Placed> {
    if !matches!(why, Some(Obstacle::Capacity | Obstacle::OtherPromises | Obstacle::ShiftLimit)) {
        return None;
    }
    let keys = candidates(draft, part)?;
    let (stop, seen) = draft.loose_stop(part)?;
    let problem = Problem {
        routes: keys.iter().map(|key| Arc::clone(draft.route(*key))).collect::<Vec<Arc<Route>>>(),
        unassigned: vec![Arc::new(seen.clone())],
        focus: vec![seen.key],
    };
    let snapshot = draft.base();
    let seed = snapshot.settings.seed ^ (snapshot.state.sequence + 1);
    let (proposal, _) = search(snapshot, &problem, seed, snapshot.settings.budget.repair);
    if !proposal.unassigned.is_empty() {
        return None;
    }
    let id = stop.id.clone();
    draft.adopt(&keys, &proposal.routes, &BTreeMap::from([(seen.key, stop)]));
    keys.iter().find_map(|key| {
        let on_it = draft.stops(*key).iter().any(|stop| stop.id == id);
        on_it.then(|| draft.placed(*key, id.clone()))
    })
}

fn candidates(draft: &Draft<'_>, part: &Part) -> Option<Vec<u32>> {
    let snapshot = draft.base();
    match &part.holder {
        Holder::Van(manifest) => Some(vec![snapshot.key_of(manifest)?]),
        Holder::Depot(_) => {
            let seen = draft.search_stop(part)?;
            let center = snapshot.roads.position(seen.place);
            let mut keys = Vec::new();
            for chunk in draft.chunks().nearby(center) {
                let admits = draft.route(chunk.route).van().admits(&seen).is_ok();
                if admits && !keys.contains(&chunk.route) {
                    keys.push(chunk.route);
                }
                if keys.len() >= MANIFESTS_PER_LOOK {
                    break;
                }
            }
            Some(keys)
        }
    }
}
