//! Who may bring what: custody, capacity, skills, and the promised place.
//!
//! Judged from scans alone. What is in a van counts against its room until a scan says otherwise: a
//! failed drop frees none, and neither does a plan to deliver.

use swerve_model::{
    Custody, LOAD_DIMENSIONS, Load, Moment, Parcel, Shipment, Skills, Stop, StopState, Ticks, World,
};

use crate::flag::Flag;
use crate::scene::{ParcelRef, Route, parcels_of};
use crate::sheet::{Line, Sheet};

/// I3, I6, skills and promised places of all undone stops. O(stops + parcels log parcels).
pub(crate) fn inspect_custody<W: World>(
    sheet: &Sheet<'_, '_, W>,
    now: Moment,
    flags: &mut Vec<Flag>,
) {
    for line in &sheet.lines {
        let route = &sheet.side.routes[line.route];
        for (task, shipment) in line.tasks() {
            for parcel in &task.parcels {
                let found = shipment.and_then(|shipment| shipment.parcel(parcel));
                flags.extend(parcel_flag(route, line, (&task.shipment, parcel), found));
                flags.extend(found.and_then(|found| {
                    ready_flag(route, line, (&task.shipment, parcel), found, now)
                }));
            }
            if let Some(shipment) = shipment {
                flags.extend(place_flag(route, line.stop, shipment));
                flags.extend(skills_flag(route, line.stop, shipment));
            }
        }
    }
    for (route, load) in sheet.side.routes.iter().zip(loads(sheet)) {
        capacity_flags(route, load, flags);
    }
}

fn parcel_flag(
    route: &Route<'_>,
    line: &Line<'_>,
    (shipment, parcel): ParcelRef<'_>,
    found: Option<&Parcel>,
) -> Option<Flag> {
    let here = &route.manifest.id;
    // Whether it may be brought; if not, by whom or from where it could be.
    match found.map(|found| &found.custody) {
        Some(Custody::Loaded(holder)) => (holder != here).then(|| Flag::OtherVan {
            manifest: here.clone(),
            stop: line.stop.id.clone(),
            shipment: shipment.clone(),
            parcel: parcel.clone(),
            holder: holder.clone(),
        }),
        Some(Custody::Expected(depot) | Custody::AtDepot(depot)) => {
            let loads_there = *depot == route.manifest.duty.depot && route.manifest.may_load();
            (!loads_there).then(|| Flag::NotLoadable {
                manifest: here.clone(),
                stop: line.stop.id.clone(),
                shipment: shipment.clone(),
                parcel: parcel.clone(),
                depot: depot.clone(),
            })
        }
        // At the door parcels are scanned one by one, before the driver reports the stop done.
        Some(_) if matches!(line.stop.state, StopState::Arrived(_)) => None,
        _ => Some(Flag::ParcelClosed {
            manifest: here.clone(),
            stop: line.stop.id.clone(),
            shipment: shipment.clone(),
            parcel: parcel.clone(),
        }),
    }
}

fn ready_flag(
    route: &Route<'_>,
    line: &Line<'_>,
    (shipment, parcel): ParcelRef<'_>,
    found: &Parcel,
    now: Moment,
) -> Option<Flag> {
    let by = late_for(route, found, now);
    (by > Ticks(0) && route.manifest.may_load()).then(|| Flag::NotReady {
        manifest: route.manifest.id.clone(),
        stop: line.stop.id.clone(),
        shipment: shipment.clone(),
        parcel: parcel.clone(),
        by,
    })
}

/// How long after the van leaves a parcel only announced reaches the dock. Nothing is waited for.
pub(crate) fn late_for(route: &Route<'_>, parcel: &Parcel, now: Moment) -> Ticks {
    let leaves = route.manifest.duty.shift.start.max(now);
    let announced = matches!(parcel.custody, Custody::Expected(_));
    let ready = parcel.ready.filter(|_| announced);
    ready.map_or(Ticks(0), |ready| (ready - leaves).max(Ticks(0)))
}

fn place_flag(route: &Route<'_>, stop: &Stop, shipment: &Shipment) -> Option<Flag> {
    (shipment.promise.point != stop.point).then(|| Flag::WrongPoint {
        manifest: route.manifest.id.clone(),
        stop: stop.id.clone(),
        shipment: shipment.id.clone(),
        promised: shipment.promise.point.clone(),
    })
}

fn skills_flag(route: &Route<'_>, stop: &Stop, shipment: &Shipment) -> Option<Flag> {
    let missing = Skills(shipment.skills.0 & !route.vehicle.skills.0);
    (missing != Skills::NONE).then(|| Flag::SkillsMissing {
        manifest: route.manifest.id.clone(),
        stop: stop.id.clone(),
        shipment: shipment.id.clone(),
        missing,
    })
}

/// The van is fullest when it leaves: everything in it, and everything it is still to load. Nothing is
/// picked up on the way, so the load only falls from there.
fn capacity_flags(route: &Route<'_>, load: Load, flags: &mut Vec<Flag>) {
    for dimension in 0..LOAD_DIMENSIONS {
        let excess = load.0[dimension] - route.vehicle.capacity.0[dimension];
        if excess > 0 {
            let manifest = route.manifest.id.clone();
            flags.push(Flag::OverCapacity { manifest, dimension, excess });
        }
    }
}

/// For each route, everything in the van, on a stop or not, and everything still to be loaded: each
/// parcel once.
pub(crate) fn loads<W: World>(sheet: &Sheet<'_, '_, W>) -> Vec<Load> {
    let mut loads = vec![Load::ZERO; sheet.side.routes.len()];
    for (position, entry) in sheet.entries.iter().enumerate() {
        let route = sheet.lines[entry.line].route;
        // Entries of one parcel stand together, route by route.
        let again = position.checked_sub(1).map(|last| &sheet.entries[last]).is_some_and(|last| {
            last.parcel == entry.parcel && sheet.lines[last.line].route == route
        });
        if let Some(parcel) = entry.found.filter(|_| entry.is_open() && !again) {
            loads[route] += parcel.load;
        }
    }
    for (index, load) in loads.iter_mut().enumerate() {
        *load += adrift(sheet, index);
    }
    loads
}

/// What scans or failed drops say is aboard, and no undone stop of the van is for.
fn adrift<W: World>(sheet: &Sheet<'_, '_, W>, index: usize) -> Load {
    let route = &sheet.side.routes[index];
    let done = &route.manifest.stops[..route.manifest.done_count()];
    let failed = done.iter().filter(|stop| matches!(stop.state, StopState::Failed { .. }));
    let mut parcels: Vec<ParcelRef<'_>> =
        route.aboard.iter().copied().chain(failed.flat_map(parcels_of)).collect();
    parcels.retain(|parcel| !sheet.is_planned_on(index, *parcel));
    parcels.sort_unstable();
    parcels.dedup();
    let is_here = |parcel: &&Parcel| matches!(&parcel.custody, Custody::Loaded(holder) if *holder == route.manifest.id);
    let found = parcels.into_iter().filter_map(|parcel| sheet.side.parcel(parcel));
    found.filter(is_here).map(|parcel| parcel.load).sum()
}
