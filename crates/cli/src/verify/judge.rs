//! One record's plan change, shown to the checker as it was before and as it became.

use std::collections::{BTreeMap, BTreeSet};

use swerve_checker::{Conditions, Latitude, ParcelRef, Route, Side, Violation};
use swerve_engine::apply::apply;
use swerve_engine::{Snapshot, State};
use swerve_model::{
    DeliveryPoint, Event, Manifest, ManifestId, ParcelId, Place, PlanCause, PlanDelta, PointId,
    Record, Shipment, ShipmentId, Stop, StopId, World,
};

/// A state's names, with the places of its points.
struct Seen<'a> {
    state: &'a State,
    places: &'a BTreeMap<PointId, Place>,
}

impl World for Seen<'_> {
    fn shipment(&self, id: &ShipmentId) -> Option<&Shipment> {
        self.state.shipments.get(id).map(AsRef::as_ref)
    }

    fn point(&self, id: &PointId) -> Option<&DeliveryPoint> {
        self.state.points.get(id).map(AsRef::as_ref)
    }

    fn place(&self, id: &PointId) -> Option<Place> {
        self.places.get(id).copied()
    }
}

/// What is wrong with the plan changes of `record`, `before` being the state it was decided on.
/// Counts what it judged.
pub(super) fn violations(
    before: &Snapshot,
    places: &BTreeMap<PointId, Place>,
    record: &Record,
    judged: &mut BTreeMap<PlanCause, u64>,
) -> Vec<(PlanCause, Violation)> {
    let mut found = Vec::new();
    for event in &record.events {
        let Event::PlanChanged { cause, delta } = event else { continue };
        *judged.entry(*cause).or_default() += 1;
        // A delta that does not apply is told of when the record is applied for good.
        if let Some(after) = planned(&before.state, record) {
            let violations = judge(before, &after, places, *cause, delta);
            found.extend(violations.into_iter().map(|violation| (*cause, violation)));
        }
    }
    found
}

/// The state with the record's plan, promises and scans, but nothing driven or told yet: what the
/// checker compares stands on one moment.
fn planned(before: &State, record: &Record) -> Option<State> {
    let is_plan = |event: &&Event| {
        !matches!(
            event,
            Event::Tick(_)
                | Event::ManifestDeparted { .. }
                | Event::ManifestClosed { .. }
                | Event::StopArrived { .. }
                | Event::StopCompleted { .. }
                | Event::StopFailed { .. }
                | Event::Sighted { .. }
                | Event::EtasTold { .. }
                | Event::StopPinned { .. }
        )
    };
    let events = record.events.iter().filter(is_plan).cloned().collect();
    let mut after = before.clone();
    apply(&mut after, &Record { events, ..record.clone() }).ok().map(|_| after)
}

fn judge(
    before: &Snapshot,
    after: &State,
    places: &BTreeMap<PointId, Place>,
    cause: PlanCause,
    delta: &PlanDelta,
) -> Vec<Violation> {
    let seen_before = Seen { state: &before.state, places };
    let seen_after = Seen { state: after, places };
    let involved = involved(&before.state, after, delta);
    let side_before = side(before, &seen_before, delta, &involved);
    let side_after = side(before, &seen_after, delta, &involved);
    let occupied = |point: &PointId| before.state.occupancy.get(point).copied().unwrap_or(0);
    let conditions = Conditions {
        travel: &before.roads,
        risk: before.settings.risk,
        now: before.planning_time(),
        frozen_ahead: before.settings.frozen_ahead(),
        occupied: &occupied,
    };
    let latitude = latitude(&before.state, after, cause, delta);
    let mut violations = swerve_checker::judge(&side_before, &side_after, &conditions, &latitude);
    violations.retain(|violation| counts(cause, violation));
    violations
}

/// Facts and other planners' plans are taken as they are, but for parcels that get lost and done
/// stops that move.
fn counts(cause: PlanCause, violation: &Violation) -> bool {
    match cause {
        PlanCause::Execution | PlanCause::Import => {
            matches!(violation.invariant(), "I1" | "I4")
        }
        PlanCause::InitialPlan
        | PlanCause::RecipientChange
        | PlanCause::ChangeCancelled
        | PlanCause::ShipmentCreated
        | PlanCause::ShipmentCancelled
        | PlanCause::Replan
        | PlanCause::MovedByHand
        | PlanCause::Improvement
        | PlanCause::DriverRefused => true,
    }
}

fn latitude(before: &State, after: &State, cause: PlanCause, delta: &PlanDelta) -> Latitude {
    let mut latitude = Latitude::default();
    match cause {
        PlanCause::Execution | PlanCause::Import => {
            latitude.as_driven = delta.manifests.iter().map(|d| d.manifest.clone()).collect();
        }
        PlanCause::MovedByHand => latitude.moved_by_hand = moved_by_hand(before, after, delta),
        _ => {}
    }
    latitude
}

/// The one stop that a hand moved: without it, nothing differs. Several where that is not unique.
fn moved_by_hand(before: &State, after: &State, delta: &PlanDelta) -> BTreeSet<StopId> {
    let orders = |state: &State| -> Vec<Vec<StopId>> {
        let touched = delta.manifests.iter().filter_map(|d| state.manifests.get(&d.manifest));
        touched.map(|m| m.stops.iter().map(|stop| stop.id.clone()).collect()).collect()
    };
    let (before, after) = (orders(before), orders(after));
    let same_without = |moved: &StopId| {
        let without = |orders: &[Vec<StopId>]| -> Vec<Vec<StopId>> {
            let rest =
                |order: &Vec<StopId>| order.iter().filter(|id| *id != moved).cloned().collect();
            orders.iter().map(rest).collect()
        };
        without(&before) == without(&after)
    };
    before.iter().flatten().filter(|stop| same_without(stop)).cloned().collect()
}

/// Shipments on the touched manifests' undone stops on either side, and those the delta names.
fn involved(before: &State, after: &State, delta: &PlanDelta) -> BTreeSet<ShipmentId> {
    let mut involved: BTreeSet<ShipmentId> = delta.unassigned_of.iter().cloned().collect();
    involved.extend(delta.unassigned.iter().map(|left| left.task.shipment.clone()));
    for state in [before, after] {
        for change in &delta.manifests {
            let stops =
                state.manifests.get(&change.manifest).map(|m| undone(m)).unwrap_or_default();
            let tasks = stops.iter().flat_map(|stop| &stop.tasks);
            involved.extend(tasks.map(|task| task.shipment.clone()));
        }
    }
    involved
}

fn undone(manifest: &Manifest) -> &[Stop] {
    &manifest.stops[manifest.done_count()..]
}

fn side<'a>(
    snapshot: &Snapshot,
    seen: &'a Seen<'a>,
    delta: &PlanDelta,
    involved: &BTreeSet<ShipmentId>,
) -> Side<'a, Seen<'a>> {
    let routes = delta.manifests.iter().filter_map(|d| route(snapshot, seen.state, &d.manifest));
    let unassigned: Vec<ParcelRef<'a>> = involved
        .iter()
        .filter_map(|shipment| seen.state.shipments.get(shipment))
        .flat_map(|shipment| seen.state.unassigned_of(&shipment.id))
        .map(|((shipment, parcel), _)| (shipment, parcel))
        .collect();
    Side { world: seen, routes: routes.collect(), unassigned }
}

fn route<'a>(snapshot: &Snapshot, state: &'a State, id: &ManifestId) -> Option<Route<'a>> {
    let manifest = state.manifests.get(id)?;
    let (_, depot) = snapshot.depot(&manifest.duty.depot)?;
    let sighted = manifest
        .sighting
        .and_then(|sighting| snapshot.roads.0.snap(sighting.location).ok())
        .map(|snapped| snapped.place);
    let aboard = state.aboard.get(id).into_iter().flatten();
    Some(Route {
        manifest,
        vehicle: state.vehicles.get(&manifest.duty.vehicle)?,
        depot,
        sighted,
        aboard: aboard
            .map(|(shipment, parcel): &(ShipmentId, ParcelId)| (shipment, parcel))
            .collect(),
    })
}
