//! How often a driver may be given another order of stops.
//!
//! What recipients and dispatchers ask for is done and told at once. What the engine would like better
//! is told so many times an hour at most, unless it saves a promise. A van at the depot has nobody to
//! interrupt. When drivers were told is part of the state ([`crate::State::messages`]), so a replay
//! knows it too.

use swerve_model::{Cost, Manifest, ManifestState};
use swerve_optimizer::Route;

use crate::snapshot::Snapshot;

/// Whether an improvement of this manifest may be told at all: there is a message left this hour, or
/// a promise that is planned late and might be saved.
pub(crate) fn may_come(snapshot: &Snapshot, manifest: &Manifest, route: &Route) -> bool {
    has_one_left(snapshot, manifest) || lateness(route) > Cost::ZERO
}

/// Whether `after` may be told in place of `before`.
pub(crate) fn may_be_told(
    snapshot: &Snapshot,
    manifest: &Manifest,
    before: &Route,
    after: &Route,
) -> bool {
    has_one_left(snapshot, manifest) || lateness(after) < lateness(before)
}

fn has_one_left(snapshot: &Snapshot, manifest: &Manifest) -> bool {
    match manifest.state {
        ManifestState::Loading => true,
        ManifestState::Closed(_) => false,
        ManifestState::Departed(_) => {
            let told = snapshot.state.messages_last_hour(&manifest.id);
            told < snapshot.settings.policy.interruptions_per_hour
        }
    }
}

/// What is paid for starts after the last promised close.
fn lateness(route: &Route) -> Cost {
    route.cost_by_cause().lateness
}
