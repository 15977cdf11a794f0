//! Shipments and manifests as they stand in a snapshot: with arrivals, places and service times.

use swerve_engine::Snapshot;
use swerve_model::schedule::{World as _, service_of, windows_of};
use swerve_model::{EtaInterval, Manifest, ParcelId, Shipment, Stop, StopState};
use swerve_proto::v1;

use crate::convert::manifest::{StopFacts, manifest_message};
use crate::convert::name::name_under;
use crate::convert::shipment::{Planned, shipment_message, unassigned_reason};
use crate::convert::view::View;

/// O(stops of the manifests that bring it).
pub(crate) fn shipment(snapshot: &Snapshot, shipment: &Shipment, view: &View<'_>) -> v1::Shipment {
    let state = &snapshot.state;
    let planned = |parcel: &ParcelId| {
        let key = (shipment.id.clone(), parcel.clone());
        let stop =
            state.assignments.get(&key).map(|at| Planned::Stop(name_under(&at.manifest, &at.stop)));
        let reason = || state.unassigned.get(&key).map(|reason| unassigned_reason(*reason));
        stop.or_else(|| reason().map(|reason| Planned::UnassignedReason(reason.into())))
    };
    shipment_message(shipment, snapshot.shipment_eta(&shipment.id), planned, view)
}

/// O(stops).
pub(crate) fn manifest(snapshot: &Snapshot, manifest: &Manifest, view: &View<'_>) -> v1::Manifest {
    let etas: Vec<EtaInterval> =
        snapshot.etas(&manifest.id).into_iter().flatten().map(|(_, eta)| eta).collect();
    let facts = |stop: &Stop| StopFacts {
        location: snapshot.point(&stop.point).map(|point| point.location),
        windows: windows_of(snapshot, &stop.point, &stop.tasks).unwrap_or_default(),
        service: service_of(snapshot, &stop.point, &stop.tasks),
    };
    manifest_message(manifest, &etas, facts, view)
}

/// What the plan holds, in numbers. O(stops); `flags` is counted by the caller.
pub(crate) fn counts(snapshot: &Snapshot, flags: usize) -> v1::PlanCounts {
    let count = |count: usize| i32::try_from(count).unwrap_or(i32::MAX);
    let state = &snapshot.state;
    let mut counts = v1::PlanCounts {
        manifests: count(state.manifests.len()),
        shipments: count(state.shipments.len()),
        parcels_assigned: count(state.assignments.len()),
        parcels_unassigned: count(state.unassigned.len()),
        flags: count(flags),
        ..v1::PlanCounts::default()
    };
    for stop in state.manifests.values().flat_map(|manifest| &manifest.stops) {
        match stop.state {
            StopState::Planned | StopState::Arrived(_) => counts.stops_undone += 1,
            StopState::Completed { .. } => counts.stops_completed += 1,
            StopState::Failed { .. } => counts.stops_failed += 1,
        }
    }
    counts
}
