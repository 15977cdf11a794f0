//! Delivery points: open when the van comes, and with room for what it brings.

use std::collections::BTreeMap;

use swerve_model::{Custody, PointId, Shipment, ShipmentId, Ticks, World};

use crate::flag::Flag;
use crate::promise::distance;
use crate::scene::{Route, Side};
use crate::timetable::Timetable;

/// Stops planned outside their point's opening hours.
pub(crate) fn opening_flags<W: World>(
    side: &Side<'_, W>,
    route: &Route<'_>,
    timetable: &Timetable,
    flags: &mut Vec<Flag>,
) {
    for (stop, times) in route.undone().iter().zip(&timetable.stops) {
        let Some(point) = side.world.point(&stop.point) else { continue };
        let by = distance(&point.opening, times.start).unwrap_or(Ticks::ZERO);
        if by > Ticks::ZERO {
            flags.push(Flag::PointClosed {
                manifest: route.manifest.id.clone(),
                stop: stop.id.clone(),
                point: stop.point.clone(),
                by,
            });
        }
    }
}

/// How many parcels of `shipment` lie in each point or are bound for it.
fn counted(shipment: &Shipment, mut count: impl FnMut(&PointId)) {
    for parcel in &shipment.parcels {
        match &parcel.custody {
            Custody::Delivered { point, .. } => count(point),
            Custody::Expected(_) | Custody::AtDepot(_) | Custody::Loaded(_) => {
                count(&shipment.promise.point);
            }
            Custody::Returned(_) | Custody::Cancelled => {}
        }
    }
}

/// Parcels lying in each point or bound for it, from nothing. O(parcels log points).
pub fn occupancy_of<'a>(
    shipments: impl IntoIterator<Item = &'a Shipment>,
) -> BTreeMap<PointId, u32> {
    let mut occupancy = BTreeMap::new();
    for shipment in shipments {
        counted(shipment, |point| *occupancy.entry(point.clone()).or_insert(0) += 1);
    }
    occupancy
}

/// A flag for every point of the undone stops with more parcels than compartments.
pub(crate) fn fullness_flags<W: World>(
    side: &Side<'_, W>,
    occupied: &dyn Fn(&PointId) -> u32,
    flags: &mut Vec<Flag>,
) {
    let mut points: Vec<&PointId> =
        side.routes.iter().flat_map(Route::undone).map(|stop| &stop.point).collect();
    points.sort_unstable();
    points.dedup();
    for point in points {
        let Some(room) = side.world.point(point).and_then(|point| point.compartments) else {
            continue;
        };
        let excess = occupied(point).saturating_sub(room);
        if excess > 0 {
            flags.push(Flag::PointFull { point: point.clone(), excess });
        }
    }
}

/// How many parcels each point gains by the change, from the shipments it touches.
pub(crate) fn gains<W: World, V: World>(
    before: &W,
    after: &V,
    shipments: &[&ShipmentId],
) -> BTreeMap<PointId, i64> {
    let mut gains: BTreeMap<PointId, i64> = BTreeMap::new();
    for id in shipments {
        if let Some(shipment) = after.shipment(id) {
            counted(shipment, |point| *gains.entry(point.clone()).or_insert(0) += 1);
        }
        if let Some(shipment) = before.shipment(id) {
            counted(shipment, |point| *gains.entry(point.clone()).or_insert(0) -= 1);
        }
    }
    gains
}
