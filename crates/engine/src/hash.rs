//! The plan's hash: SHA-256 over canonical bytes, without times.
//!
//! Two levels, so that a commit hashes what it touched and not the territory: a leaf for each
//! manifest (stop order, tasks, promises, locks), and the root over all leaves and all unassigned
//! parcels with their reasons. Texts are preceded by their length, so no two plans share bytes.

use sha2::{Digest, Sha256};
use swerve_model::{ManifestId, Stop, TimeWindow};

use crate::state::State;

/// O(manifests + unassigned).
pub fn plan_hash(state: &State) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update((state.leaves.len() as u64).to_be_bytes());
    for (manifest, leaf) in &state.leaves {
        text(&mut hasher, manifest.as_str());
        hasher.update(leaf);
    }
    for ((shipment, parcel), reason) in &state.unassigned {
        text(&mut hasher, shipment.as_str());
        text(&mut hasher, parcel.as_str());
        hasher.update([*reason as u8]);
    }
    hasher.finalize().into()
}

/// Renews a manifest's leaf after its stops, its locks or a promise on it changed.
pub(crate) fn refresh(state: &mut State, manifest: &ManifestId) {
    let Some(found) = state.manifests.get(manifest).cloned() else { return };
    let mut hasher = Sha256::new();
    text(&mut hasher, manifest.as_str());
    for stop in &found.stops {
        add_stop(&mut hasher, state, stop);
    }
    state.leaves.insert(manifest.clone(), hasher.finalize().into());
}

fn add_stop(hasher: &mut Sha256, state: &State, stop: &Stop) {
    text(hasher, stop.id.as_str());
    text(hasher, stop.point.as_str());
    hasher.update([u8::from(stop.pinned), u8::from(stop.state.is_done())]);
    hasher.update((stop.tasks.len() as u64).to_be_bytes());
    for task in &stop.tasks {
        text(hasher, task.shipment.as_str());
        hasher.update((task.parcels.len() as u64).to_be_bytes());
        for parcel in &task.parcels {
            text(hasher, parcel.as_str());
        }
        // A promise kept or broken is history: only those still open are part of the plan.
        if !stop.state.is_done()
            && let Some(shipment) = state.shipments.get(&task.shipment)
        {
            text(hasher, shipment.promise.point.as_str());
            windows(hasher, &shipment.promise.windows);
        }
    }
}

fn windows(hasher: &mut Sha256, windows: &[TimeWindow]) {
    hasher.update((windows.len() as u64).to_be_bytes());
    for window in windows {
        hasher.update(window.open().0.to_be_bytes());
        hasher.update(window.close().0.to_be_bytes());
    }
}

fn text(hasher: &mut Sha256, text: &str) {
    hasher.update((text.len() as u64).to_be_bytes());
    hasher.update(text);
}
