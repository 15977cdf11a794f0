//! Delivery points: open when the van comes, and with room for what it brings.

use std::collections::BTreeMap;

use swerve_model::{Custody, PointId, Shipment, Ticks, World};

use crate::flag::Flag;
use crate::promise::distance;
use crate::sheet::{Line, Sheet};
use crate::timetable::Timetable;

/// Stops of one route planned outside their point's opening hours.
pub(crate) fn opening_flags<W: World>(
    sheet: &Sheet<'_, '_, W>,
    route: usize,
    timetable: &Timetable,
    flags: &mut Vec<Flag>,
) {
    for (line, times) in sheet.lines_of(route).iter().zip(&timetable.stops) {
        let opening = line.point.map_or(&[][..], |point| &point.opening);
        let by = distance(opening, times.start).unwrap_or(Ticks::ZERO);
        if by > Ticks::ZERO {
            flags.push(Flag::PointClosed {
                manifest: sheet.side.routes[route].manifest.id.clone(),
                stop: line.stop.id.clone(),
                point: line.stop.point.clone(),
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
    sheet: &Sheet<'_, '_, W>,
    occupied: &dyn Fn(&PointId) -> u32,
    flags: &mut Vec<Flag>,
) {
    let limited = |line: &Line<'_>| Some((line.point?.id.clone(), line.point?.compartments?));
    let points: BTreeMap<PointId, u32> = sheet.lines.iter().filter_map(limited).collect();
    for (point, room) in points {
        let excess = occupied(&point).saturating_sub(room);
        if excess > 0 {
            flags.push(Flag::PointFull { point, excess });
        }
    }
}

/// How many parcels each point gains by a change of one shipment.
pub(crate) fn gains(
    before: Option<&Shipment>,
    after: Option<&Shipment>,
    gained: &mut BTreeMap<PointId, i64>,
) {
    if let (Some(before), Some(after)) = (before, after)
        && before.promise.point == after.promise.point
        && before.parcels == after.parcels
    {
        return;
    }
    if let Some(after) = after {
        counted(after, |point| *gained.entry(point.clone()).or_insert(0) += 1);
    }
    if let Some(before) = before {
        counted(before, |point| *gained.entry(point.clone()).or_insert(0) -= 1);
    }
}
