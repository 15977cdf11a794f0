//! I1: every parcel is in exactly one place.
//!
//! Places are undone stops, and the list of the unassigned. What is delivered, returned or cancelled is
//! in none; what a failed stop left aboard must be planned again or be unassigned with a reason.
//!
//! [`audit`] counts over the whole territory. [`conserve`] counts only what a change touches: if the
//! plan before was right, the plan after is right exactly when no touched parcel was lost, doubled or
//! taken from elsewhere.

use std::collections::BTreeMap;

use swerve_model::{Manifest, ParcelId, Shipment, Task, World};

use crate::flag::Flag;
use crate::scene::{ParcelRef, parcels_of};
use crate::sheet::Sheet;
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

/// One touched parcel, on both sides.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Touched<'a> {
    pub(crate) parcel: ParcelRef<'a>,
    /// Its shipment on each side; `None` where there is none.
    pub(crate) before: Option<&'a Shipment>,
    pub(crate) after: Option<&'a Shipment>,
    places: Places,
}

/// In how many places a parcel is, by kind and side.
#[derive(Clone, Copy, Debug, Default)]
struct Places {
    planned_before: u32,
    planned_after: u32,
    unassigned_before: u32,
    unassigned_after: u32,
}

impl Places {
    const fn plus(self, other: Places) -> Places {
        Places {
            planned_before: self.planned_before + other.planned_before,
            planned_after: self.planned_after + other.planned_after,
            unassigned_before: self.unassigned_before + other.unassigned_before,
            unassigned_after: self.unassigned_after + other.unassigned_after,
        }
    }
}

/// Every parcel named on either side, once, in order. O(parcels log parcels).
pub(crate) fn touched<'a, W: World, V: World>(
    before: &Sheet<'_, 'a, W>,
    after: &Sheet<'_, 'a, V>,
) -> Vec<Touched<'a>> {
    let mut seen: Vec<Touched<'a>> =
        Vec::with_capacity(2 * (before.entries.len() + before.side.unassigned.len()));
    let one = |parcel, places| Touched { parcel, before: None, after: None, places };
    for entry in &before.entries {
        let places = Places { planned_before: 1, ..Places::default() };
        seen.push(Touched { before: entry.shipment, ..one(entry.parcel, places) });
    }
    for entry in &after.entries {
        let places = Places { planned_after: 1, ..Places::default() };
        seen.push(Touched { after: entry.shipment, ..one(entry.parcel, places) });
    }
    for parcel in &before.side.unassigned {
        seen.push(one(*parcel, Places { unassigned_before: 1, ..Places::default() }));
    }
    for parcel in &after.side.unassigned {
        seen.push(one(*parcel, Places { unassigned_after: 1, ..Places::default() }));
    }
    // Runs that are sorted already: a stable sort only merges them.
    seen.sort_by(|a, b| a.parcel.cmp(&b.parcel));
    let merge = |same: &[Touched<'a>]| {
        let known = |of: fn(&Touched<'a>) -> Option<&'a Shipment>| same.iter().find_map(of);
        let parcel = same[0].parcel;
        let shipment = parcel.0;
        Touched {
            parcel,
            before: known(|one| one.before).or_else(|| before.side.world.shipment(shipment)),
            after: known(|one| one.after).or_else(|| after.side.world.shipment(shipment)),
            places: same.iter().fold(Places::default(), |sum, one| sum.plus(one.places)),
        }
    };
    seen.chunk_by(|a, b| a.parcel == b.parcel).map(merge).collect()
}

/// Checks that a change loses, doubles and invents no parcel, and drops none from the plan.
pub(crate) fn conserve(touched: &[Touched<'_>], violations: &mut Vec<Violation>) {
    for one in touched {
        let key = || (one.parcel.0.clone(), one.parcel.1.clone());
        let count = one.places;
        let places_before = count.planned_before + count.unassigned_before;
        let places_after = count.planned_after + count.unassigned_after;
        if places_after > places_before.max(1) {
            let (shipment, parcel) = key();
            violations.push(Violation::ParcelTwice { shipment, parcel, places: places_after });
        }
        if !is_open(one.after, one.parcel.1) {
            if count.unassigned_after > count.unassigned_before {
                let (shipment, parcel) = key();
                violations.push(Violation::ParcelClosed { shipment, parcel });
            }
        } else if places_after == 0 {
            let (shipment, parcel) = key();
            violations.push(Violation::ParcelLost { shipment, parcel });
        } else if count.planned_after == 0 && count.planned_before > 0 {
            let (shipment, parcel) = key();
            violations.push(Violation::ParcelDropped { shipment, parcel });
        } else if places_before == 0 && is_open(one.before, one.parcel.1) {
            let (shipment, parcel) = key();
            violations.push(Violation::ParcelFromNowhere { shipment, parcel });
        }
    }
}

/// Whether the parcel exists and is still to be delivered.
fn is_open(shipment: Option<&Shipment>, parcel: &ParcelId) -> bool {
    let found = shipment.and_then(|shipment| shipment.parcel(parcel));
    found.is_some_and(|parcel| !parcel.custody.is_terminal())
}
