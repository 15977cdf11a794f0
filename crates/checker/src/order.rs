//! I4 and pins: what is done, being done, or fixed by a dispatcher stays as it is.

use swerve_model::{Manifest, ShipmentId, Stop, StopId, StopState, World};

use crate::scene::{Latitude, ParcelRef, Route, Side, parcels_of};
use crate::timetable::{Timetable, frozen_count};
use crate::violation::Violation;

/// Nothing of a manifest but its undone, unfrozen stops may differ.
pub(crate) fn check_identity(
    before: &Manifest,
    after: &Manifest,
    violations: &mut Vec<Violation>,
) -> bool {
    let what = if before.duty != after.duty {
        "duty"
    } else if before.state != after.state {
        "state"
    } else {
        return true;
    };
    violations.push(Violation::ManifestAltered { manifest: before.id.clone(), what });
    false
}

/// Done stops are the same, in full, and no others are done.
pub(crate) fn check_done(before: &Manifest, after: &Manifest, violations: &mut Vec<Violation>) {
    let done = before.done_count().max(after.done_count());
    for position in 0..done {
        let (was, is) = (before.stops.get(position), after.stops.get(position));
        if was != is
            && let Some(stop) = was.or(is)
        {
            violations.push(Violation::DoneStopMoved {
                manifest: before.id.clone(),
                stop: stop.id.clone(),
            });
            return;
        }
    }
}

/// A stop as the freeze sees it: who, where, how far, and the parcels still to be handed over.
type Kept<'a> = (&'a StopId, &'a swerve_model::PointId, StopState, Vec<ParcelRef<'a>>);

/// The frozen prefix of the plan before is the prefix of the plan after: same stops, same order, same
/// tasks, nothing between. What is closed by then (a cancelled parcel) may go.
pub(crate) fn check_frozen<W: World, V: World>(
    before: (&Side<'_, W>, &Route<'_>, &Timetable),
    after: (&Side<'_, V>, &Route<'_>),
    now: swerve_model::Moment,
    frozen_ahead: swerve_model::Ticks,
    violations: &mut Vec<Violation>,
) {
    let (_, route, timetable) = before;
    let frozen = frozen_count(route.manifest, &timetable.stops, now, frozen_ahead);
    let was: Vec<Kept<'_>> =
        route.undone()[..frozen].iter().filter_map(|stop| kept(after.0, stop)).collect();
    let is: Vec<Kept<'_>> =
        after.1.undone().iter().filter_map(|stop| kept(after.0, stop)).take(was.len()).collect();
    if let Some(position) = (0..was.len()).find(|position| was.get(*position) != is.get(*position))
    {
        violations.push(Violation::FrozenStopMoved {
            manifest: route.manifest.id.clone(),
            stop: was[position].0.clone(),
        });
    }
}

fn kept<'a, V: World>(after: &Side<'_, V>, stop: &'a Stop) -> Option<Kept<'a>> {
    let mut parcels: Vec<ParcelRef<'a>> =
        parcels_of(stop).filter(|parcel| after.is_open(*parcel)).collect();
    parcels.sort_unstable();
    let served = matches!(stop.state, StopState::Arrived(_));
    (served || !parcels.is_empty()).then_some((&stop.id, &stop.point, stop.state, parcels))
}

/// Pinned stops stay on their manifest, with their parcels, in their order among the pinned.
pub(crate) fn check_pins<V: World>(
    before: &Route<'_>,
    after: (&Side<'_, V>, &Route<'_>),
    latitude: &Latitude,
    violations: &mut Vec<Violation>,
) {
    let manifest = &before.manifest.id;
    let held = |stop: &&Stop| stop.pinned && !latitude.moved_by_hand.contains(&stop.id);
    let mut was_order: Vec<&StopId> = Vec::new();
    for stop in before.undone().iter().filter(held) {
        let found = after.1.undone().iter().find(|other| other.id == stop.id);
        let stays: Vec<ParcelRef<'_>> =
            parcels_of(stop).filter(|parcel| is_bound_for(after.0, stop, *parcel)).collect();
        let has = |parcel: &ParcelRef<'_>| {
            found.is_some_and(|found| parcels_of(found).any(|other| other == *parcel))
        };
        if !stays.iter().all(has) {
            let (manifest, stop) = (manifest.clone(), stop.id.clone());
            violations.push(Violation::PinnedStopMoved { manifest, stop });
        } else if found.is_some() {
            was_order.push(&stop.id);
        }
    }
    let is_order = after.1.undone().iter().map(|stop| &stop.id).filter(|id| was_order.contains(id));
    if let Some((stop, _)) = was_order.iter().zip(is_order).find(|(was, is)| **was != *is) {
        let (manifest, stop) = (manifest.clone(), (*stop).clone());
        violations.push(Violation::PinnedOrderBroken { manifest, stop });
    }
}

/// Whether the parcel is still to be handed over at this stop's point.
fn is_bound_for<V: World>(
    after: &Side<'_, V>,
    stop: &Stop,
    (shipment, parcel): (&ShipmentId, &swerve_model::ParcelId),
) -> bool {
    let promised = after.world.shipment(shipment).map(|shipment| &shipment.promise.point);
    promised == Some(&stop.point) && after.is_open((shipment, parcel))
}

/// A stop that is on both sides is pinned on both or on neither. O(pinned stops times stops).
pub(crate) fn check_pin_marks(
    before: &Route<'_>,
    after: &Route<'_>,
    violations: &mut Vec<Violation>,
) {
    let mut check = |pinned: &Route<'_>, other: &Route<'_>| {
        for stop in pinned.undone().iter().filter(|stop| stop.pinned) {
            if other.undone().iter().any(|other| other.id == stop.id && !other.pinned) {
                let (manifest, stop) = (before.manifest.id.clone(), stop.id.clone());
                violations.push(Violation::PinChanged { manifest, stop });
            }
        }
    };
    check(before, after);
    check(after, before);
}
