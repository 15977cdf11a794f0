//! I1: every parcel is in exactly one place.
//!
//! Places are undone stops, and the list of the unassigned. What is delivered, returned or cancelled is
//! in none; what a failed stop left aboard must be planned again or be unassigned with a reason.
//!
//! [`audit`] counts over the whole territory. [`conserve`] counts only what a change touches: if the
//! plan before was right, the plan after is right exactly when no touched parcel was lost, doubled or
//! taken from elsewhere.

use std::collections::BTreeMap;

use swerve_model::{Manifest, ParcelId, Shipment, ShipmentId, Task, World};

use crate::flag::Flag;
use crate::scene::{ParcelRef, Route, Side, parcels_of};
use crate::violation::Violation;

/// Checks I1 over a whole territory: every shipment, manifest and unassigned task there is.
/// O(parcels log parcels).
pub fn audit<'a>(
    shipments: impl IntoIterator<Item = &'a Shipment>,
    manifests: impl IntoIterator<Item = &'a Manifest>,
    unassigned: impl IntoIterator<Item = &'a Task>,
) -> Vec<Flag> {
    let mut places: BTreeMap<ParcelRef<'a>, u32> = BTreeMap::new();
    let mut at_stops = Vec::new();
    for manifest in manifests {
        for stop in &manifest.stops[manifest.done_count()..] {
            for parcel in parcels_of(stop) {
                *places.entry(parcel).or_insert(0) += 1;
                at_stops.push((parcel, manifest, stop));
            }
        }
    }
    for task in unassigned {
        for parcel in &task.parcels {
            *places.entry((&task.shipment, parcel)).or_insert(0) += 1;
        }
    }
    let mut flags = Vec::new();
    let mut open = BTreeMap::new();
    for shipment in shipments {
        for parcel in &shipment.parcels {
            open.insert((&shipment.id, &parcel.id), !parcel.custody.is_terminal());
        }
    }
    for (&(shipment, parcel), &is_open) in &open {
        if is_open && !places.contains_key(&(shipment, parcel)) {
            let (shipment, parcel) = (shipment.clone(), parcel.clone());
            flags.push(Flag::ParcelNowhere { shipment, parcel });
        }
    }
    for (&(shipment, parcel), &count) in &places {
        if count > 1 {
            let (shipment, parcel) = (shipment.clone(), parcel.clone());
            flags.push(Flag::ParcelTwice { shipment, parcel, places: count });
        }
    }
    for (parcel, manifest, stop) in at_stops {
        let served = matches!(stop.state, swerve_model::StopState::Arrived(_));
        if !served && !open.get(&parcel).copied().unwrap_or(false) {
            flags.push(Flag::ParcelClosed {
                manifest: manifest.id.clone(),
                stop: stop.id.clone(),
                shipment: parcel.0.clone(),
                parcel: parcel.1.clone(),
            });
        }
    }
    flags
}

/// Where one parcel is on both sides, counted.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    planned_before: u32,
    planned_after: u32,
    unassigned_before: u32,
    unassigned_after: u32,
}

/// Checks that a change loses, doubles and invents no parcel, and drops none from the plan.
pub(crate) fn conserve<W: World, V: World>(
    before: &Side<'_, W>,
    after: &Side<'_, V>,
    violations: &mut Vec<Violation>,
) {
    for ((shipment, parcel), count) in counts(before, after) {
        let key = || (shipment.clone(), parcel.clone());
        let places_before = count.planned_before + count.unassigned_before;
        let places_after = count.planned_after + count.unassigned_after;
        let was_open = before.is_open((shipment, parcel));
        if places_after > places_before.max(1) {
            let (shipment, parcel) = key();
            violations.push(Violation::ParcelTwice { shipment, parcel, places: places_after });
        }
        if !after.is_open((shipment, parcel)) {
            if count.unassigned_after > count.unassigned_before {
                let (shipment, parcel) = key();
                violations.push(Violation::ParcelClosed { shipment, parcel });
            }
            continue;
        }
        if places_after == 0 {
            let (shipment, parcel) = key();
            violations.push(Violation::ParcelLost { shipment, parcel });
        } else if count.planned_after == 0 && count.planned_before > 0 {
            let (shipment, parcel) = key();
            violations.push(Violation::ParcelDropped { shipment, parcel });
        } else if places_before == 0 && was_open {
            let (shipment, parcel) = key();
            violations.push(Violation::ParcelFromNowhere { shipment, parcel });
        }
    }
}

fn counts<'a, W, V>(
    before: &Side<'a, W>,
    after: &Side<'a, V>,
) -> impl Iterator<Item = (ParcelRef<'a>, Count)> {
    fn planned<'a, W>(side: &Side<'a, W>) -> impl Iterator<Item = ParcelRef<'a>> {
        side.routes.iter().flat_map(Route::undone).flat_map(parcels_of)
    }
    const ONE: Count =
        Count { planned_before: 0, planned_after: 0, unassigned_before: 0, unassigned_after: 0 };
    let mut seen: Vec<(ParcelRef<'a>, Count)> = Vec::new();
    seen.extend(planned(before).map(|parcel| (parcel, Count { planned_before: 1, ..ONE })));
    seen.extend(planned(after).map(|parcel| (parcel, Count { planned_after: 1, ..ONE })));
    let listed = |parcels: &[ParcelRef<'a>], count| {
        parcels.iter().map(move |parcel| (*parcel, count)).collect::<Vec<_>>()
    };
    seen.extend(listed(&before.unassigned, Count { unassigned_before: 1, ..ONE }));
    seen.extend(listed(&after.unassigned, Count { unassigned_after: 1, ..ONE }));
    seen.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    let sums: Vec<_> = seen
        .chunk_by(|a, b| a.0 == b.0)
        .map(|same| (same[0].0, same.iter().fold(ONE, |sum, (_, count)| sum.plus(*count))))
        .collect();
    sums.into_iter()
}

impl Count {
    const fn plus(self, other: Count) -> Count {
        Count {
            planned_before: self.planned_before + other.planned_before,
            planned_after: self.planned_after + other.planned_after,
            unassigned_before: self.unassigned_before + other.unassigned_before,
            unassigned_after: self.unassigned_after + other.unassigned_after,
        }
    }
}

/// Every shipment named on either side, once, in order.
pub(crate) fn touched<'a, W, V>(before: &Side<'a, W>, after: &Side<'a, V>) -> Vec<&'a ShipmentId> {
    fn named<'a, W>(side: &Side<'a, W>) -> impl Iterator<Item = &'a ShipmentId> {
        let planned = side.routes.iter().flat_map(Route::undone).flat_map(|stop| &stop.tasks);
        let unassigned: Vec<&'a ShipmentId> =
            side.unassigned.iter().map(|(shipment, _): &(_, &ParcelId)| *shipment).collect();
        planned.map(|task| &task.shipment).chain(unassigned)
    }
    let mut shipments: Vec<&'a ShipmentId> = named(before).chain(named(after)).collect();
    shipments.sort_unstable();
    shipments.dedup();
    shipments
}
