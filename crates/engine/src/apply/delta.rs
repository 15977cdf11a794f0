//! A plan's changes: suffixes taken off and put on, and what that says of each parcel's place.

use swerve_model::{ManifestDelta, ManifestState, PlanDelta, Revision};

use super::{ApplyError, Touched, find_shipment, parcels_of, unknown, with_manifest};
use crate::state::{Assignment, State};

/// Messages to one driver that are remembered: more than any limit per hour.
const MESSAGES_KEPT: usize = 16;

pub(super) fn apply_delta(
    state: &mut State,
    delta: &PlanDelta,
    revision: Revision,
    touched: &mut Touched,
) -> Result<(), ApplyError> {
    for change in &delta.manifests {
        detach_suffix(state, change)?;
    }
    for shipment in &delta.unassigned_of {
        let keys: Vec<_> = state.unassigned_of(shipment).map(|(key, _)| key.clone()).collect();
        for key in keys {
            state.unassigned.remove(&key);
        }
        touched.shipments.insert(shipment.clone());
    }
    for change in &delta.manifests {
        attach_suffix(state, change, revision, touched)?;
    }
    for left_out in &delta.unassigned {
        touched.shipments.insert(left_out.task.shipment.clone());
        for parcel in &left_out.task.parcels {
            let key = (left_out.task.shipment.clone(), parcel.clone());
            if state.assignments.contains_key(&key) {
                return Err(ApplyError::TwoPlaces { shipment: key.0, parcel: key.1 });
            }
            state.unassigned.insert(key, left_out.reason);
        }
    }
    Ok(())
}

/// A driver on the road whose order changed, other than by what the driver did, is told so.
pub(super) fn note_messages(state: &mut State, delta: &PlanDelta) {
    for change in &delta.manifests {
        let found = state.manifests.get(&change.manifest);
        if found.is_some_and(|m| matches!(m.state, ManifestState::Departed(_))) {
            let messages = state.messages.entry(change.manifest.clone()).or_default();
            // What changes twice at one moment is read once.
            if messages.back() == Some(&state.now) {
                continue;
            }
            messages.push_back(state.now);
            if messages.len() > MESSAGES_KEPT {
                messages.pop_front();
            }
        }
    }
}

fn detach_suffix(state: &mut State, change: &ManifestDelta) -> Result<(), ApplyError> {
    let manifest = state
        .manifests
        .get(&change.manifest)
        .ok_or_else(|| unknown("manifest", &change.manifest))?
        .clone();
    if manifest.revision != change.base {
        return Err(ApplyError::Base {
            manifest: change.manifest.clone(),
            base: change.base,
            actual: manifest.revision,
        });
    }
    let (have, done) = (manifest.stops.len(), manifest.done_count());
    if change.keep > have || change.keep < done {
        let manifest = change.manifest.clone();
        return Err(ApplyError::Keep { manifest, keep: change.keep, have, done });
    }
    for stop in &manifest.stops[change.keep..] {
        for key in parcels_of(stop) {
            state.assignments.remove(&key);
        }
    }
    Ok(())
}

fn attach_suffix(
    state: &mut State,
    change: &ManifestDelta,
    revision: Revision,
    touched: &mut Touched,
) -> Result<(), ApplyError> {
    for stop in &change.suffix {
        for (shipment, parcel) in parcels_of(stop) {
            let known = find_shipment(state, &shipment)?.parcel(&parcel).is_some();
            if !known {
                return Err(unknown("parcel", &parcel));
            }
            touched.shipments.insert(shipment.clone());
            let at = Assignment { manifest: change.manifest.clone(), stop: stop.id.clone() };
            let key = (shipment.clone(), parcel.clone());
            state.unassigned.remove(&key);
            if state.assignments.insert(key, at).is_some() {
                return Err(ApplyError::TwoPlaces { shipment, parcel });
            }
        }
    }
    with_manifest(state, &change.manifest, touched, |manifest| {
        manifest.stops.truncate(change.keep);
        manifest.stops.extend(change.suffix.iter().cloned());
        manifest.revision = revision;
        Ok(())
    })
}
