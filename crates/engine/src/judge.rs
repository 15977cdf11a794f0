//! The independent checker's word on every plan before it is published.
//!
//! It is shown the touched manifests before and after, each with the promises of its side, and
//! recomputes both from nothing. What it would not have is not published, whatever the search says.

use std::collections::BTreeSet;

use swerve_checker::{Conditions, Flag, Latitude, Route, Side};
use swerve_model::schedule::World;
use swerve_model::{Manifest, ParcelId, PlanDelta, ShipmentId, StopId};

pub use swerve_checker::Violation;

use crate::offer::Planned;
use crate::snapshot::Snapshot;
use crate::wish;

/// Judges a planned wish: with the promises it makes.
pub(crate) fn judge_planned(snapshot: &Snapshot, planned: &Planned<'_>) -> Vec<Violation> {
    let own = planned.resolved.shipments.first();
    let latitude = Latitude::default();
    judge(snapshot, &planned.draft.world, &planned.draft.delta(), own, &latitude)
}

/// Judges a change of the plan alone: promises stay as they are.
pub(crate) fn judge_delta(snapshot: &Snapshot, delta: &PlanDelta) -> Vec<Violation> {
    judge(snapshot, snapshot, delta, None, &Latitude::default())
}

/// Judges a plan for shipments that are new in `world`.
pub(crate) fn judge_with(
    snapshot: &Snapshot,
    world: &impl World,
    delta: &PlanDelta,
) -> Vec<Violation> {
    judge(snapshot, world, delta, None, &Latitude::default())
}

/// Judges a stop's move by hand: a pin does not hold it.
pub(crate) fn judge_move(snapshot: &Snapshot, delta: &PlanDelta, stop: &StopId) -> Vec<Violation> {
    let latitude =
        Latitude { moved_by_hand: BTreeSet::from([stop.clone()]), ..Latitude::default() };
    judge(snapshot, snapshot, delta, None, &latitude)
}

/// One line for a dispatcher: every rule that would be broken.
pub fn describe(violations: &[Violation]) -> String {
    violations.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

fn judge(
    snapshot: &Snapshot,
    world_after: &impl World,
    delta: &PlanDelta,
    asked: Option<&ShipmentId>,
    latitude: &Latitude,
) -> Vec<Violation> {
    let touched = |id| snapshot.state.manifests.get(id).map(AsRef::as_ref);
    let before: Vec<&Manifest> =
        delta.manifests.iter().filter_map(|change| touched(&change.manifest)).collect();
    let after: Vec<Manifest> = delta
        .manifests
        .iter()
        .zip(&before)
        .map(|(change, manifest)| {
            let mut changed = (*manifest).clone();
            changed.stops.truncate(change.keep);
            changed.stops.extend(change.suffix.iter().cloned());
            changed
        })
        .collect();
    let involved = involved(&before, &after, delta);
    let unassigned_before: Vec<(ShipmentId, ParcelId)> = involved
        .iter()
        .flat_map(|shipment| snapshot.state.unassigned_of(shipment))
        .map(|(key, _)| key.clone())
        .collect();
    let unassigned_after = unassigned_after(&unassigned_before, &after, delta);
    let side_before = Side {
        world: snapshot,
        routes: before.iter().filter_map(|manifest| route(snapshot, manifest)).collect(),
        unassigned: unassigned_before.iter().map(|(s, p)| (s, p)).collect(),
    };
    let side_after = Side {
        world: world_after,
        routes: after.iter().filter_map(|manifest| route(snapshot, manifest)).collect(),
        unassigned: unassigned_after.iter().map(|(s, p)| (s, p)).collect(),
    };
    let occupied = |point: &swerve_model::PointId| {
        let taken = snapshot.state.occupancy.get(point).copied().unwrap_or(0);
        taken + wish::held(snapshot, asked, point)
    };
    let conditions = Conditions {
        travel: &snapshot.roads,
        risk: snapshot.settings.risk,
        now: snapshot.planning_time(),
        frozen_ahead: snapshot.settings.frozen_ahead(),
        occupied: &occupied,
    };
    swerve_checker::judge(&side_before, &side_after, &conditions, latitude)
}

/// Shipments on the touched manifests' undone stops, on either side, and those the delta names.
fn involved(before: &[&Manifest], after: &[Manifest], delta: &PlanDelta) -> BTreeSet<ShipmentId> {
    let of = |manifest: &Manifest| {
        let undone = manifest.stops[manifest.done_count()..].iter();
        let tasks = undone.flat_map(|stop| stop.tasks.iter());
        tasks.map(|task| task.shipment.clone()).collect::<Vec<_>>()
    };
    let mut shipments: BTreeSet<ShipmentId> = delta.unassigned_of.iter().cloned().collect();
    shipments.extend(before.iter().flat_map(|manifest| of(manifest)));
    shipments.extend(after.iter().flat_map(of));
    shipments
}

fn unassigned_after(
    before: &[(ShipmentId, ParcelId)],
    after: &[Manifest],
    delta: &PlanDelta,
) -> BTreeSet<(ShipmentId, ParcelId)> {
    let mut unassigned: BTreeSet<_> =
        before.iter().filter(|(s, _)| !delta.unassigned_of.contains(s)).cloned().collect();
    for left in &delta.unassigned {
        let shipment = &left.task.shipment;
        unassigned.extend(left.task.parcels.iter().map(|p| (shipment.clone(), p.clone())));
    }
    for manifest in after {
        // A failed stop's parcels are on it for the record; they are unassigned all the same.
        let undone = &manifest.stops[manifest.done_count()..];
        for task in undone.iter().flat_map(|stop| &stop.tasks) {
            for parcel in &task.parcels {
                unassigned.remove(&(task.shipment.clone(), parcel.clone()));
            }
        }
    }
    unassigned
}

fn route<'a>(snapshot: &'a Snapshot, manifest: &'a Manifest) -> Option<Route<'a>> {
    let (_, depot) = snapshot.depot(&manifest.duty.depot)?;
    let sighted = manifest
        .sighting
        .and_then(|sighting| snapshot.roads.0.snap(sighting.location).ok())
        .map(|snapped| snapped.place);
    let aboard = snapshot.state.aboard.get(&manifest.id).into_iter().flatten();
    Some(Route {
        manifest,
        vehicle: snapshot.state.vehicles.get(&manifest.duty.vehicle)?,
        depot,
        sighted,
        aboard: aboard.map(|(shipment, parcel)| (shipment, parcel)).collect(),
    })
}

/// Everything that is wrong with the plan as it stands.
pub fn flags(snapshot: &Snapshot) -> Vec<Flag> {
    let routes = snapshot
        .state
        .manifests
        .values()
        .filter_map(|manifest| route(snapshot, manifest))
        .collect();
    let unassigned: Vec<_> = snapshot.state.unassigned.keys().collect();
    let side = Side {
        world: snapshot,
        routes,
        unassigned: unassigned.iter().map(|(shipment, parcel)| (shipment, parcel)).collect(),
    };
    let occupied =
        |point: &swerve_model::PointId| snapshot.state.occupancy.get(point).copied().unwrap_or(0);
    let conditions = Conditions {
        travel: &snapshot.roads,
        risk: snapshot.settings.risk,
        now: snapshot.planning_time(),
        frozen_ahead: snapshot.settings.frozen_ahead(),
        occupied: &occupied,
    };
    swerve_checker::inspect(&side, &conditions)
}
