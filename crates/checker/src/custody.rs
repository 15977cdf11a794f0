//! Who may bring what: custody, capacity, skills, and the promised place.
//!
//! Judged from scans alone. What is in a van counts against its room until a scan says otherwise: a
//! failed drop frees none, and neither does a plan to deliver.

use swerve_model::{Custody, LOAD_DIMENSIONS, Load, Skills, Stop, World};

use crate::flag::Flag;
use crate::scene::{ParcelRef, Route, Side, parcels_of};

/// I3, I6, skills and promised places of one manifest's undone stops. O(stops + parcels log parcels).
pub(crate) fn inspect_custody<W: World>(
    side: &Side<'_, W>,
    route: &Route<'_>,
    flags: &mut Vec<Flag>,
) {
    for stop in route.undone() {
        for parcel in parcels_of(stop) {
            flags.extend(parcel_flag(side, route, stop, parcel));
        }
        for task in &stop.tasks {
            if let Some(shipment) = side.world.shipment(&task.shipment) {
                flags.extend(place_flag(route, stop, shipment));
                flags.extend(skills_flag(route, stop, shipment));
            }
        }
    }
    capacity_flags(side, route, flags);
}

fn parcel_flag<W: World>(
    side: &Side<'_, W>,
    route: &Route<'_>,
    stop: &Stop,
    (shipment, parcel): ParcelRef<'_>,
) -> Option<Flag> {
    let manifest = route.manifest.id.clone();
    let stop_id = stop.id.clone();
    let (shipment_id, parcel_id) = (shipment.clone(), parcel.clone());
    let Some(found) = side.parcel((shipment, parcel)) else {
        return Some(Flag::ParcelClosed {
            manifest,
            stop: stop_id,
            shipment: shipment_id,
            parcel: parcel_id,
        });
    };
    match &found.custody {
        Custody::Loaded(holder) if *holder != manifest => Some(Flag::OtherVan {
            manifest,
            stop: stop_id,
            shipment: shipment_id,
            parcel: parcel_id,
            holder: holder.clone(),
        }),
        Custody::Loaded(_) => None,
        Custody::Expected(depot) | Custody::AtDepot(depot) => {
            let loads_there = *depot == route.manifest.duty.depot && route.manifest.may_load();
            (!loads_there).then(|| Flag::NotLoadable {
                manifest,
                stop: stop_id,
                shipment: shipment_id,
                parcel: parcel_id,
                depot: depot.clone(),
            })
        }
        // At the door parcels are scanned one by one, before the driver reports the stop done.
        _ if matches!(stop.state, swerve_model::StopState::Arrived(_)) => None,
        _ => Some(Flag::ParcelClosed {
            manifest,
            stop: stop_id,
            shipment: shipment_id,
            parcel: parcel_id,
        }),
    }
}

fn place_flag(route: &Route<'_>, stop: &Stop, shipment: &swerve_model::Shipment) -> Option<Flag> {
    (shipment.promise.point != stop.point).then(|| Flag::WrongPoint {
        manifest: route.manifest.id.clone(),
        stop: stop.id.clone(),
        shipment: shipment.id.clone(),
        promised: shipment.promise.point.clone(),
    })
}

fn skills_flag(route: &Route<'_>, stop: &Stop, shipment: &swerve_model::Shipment) -> Option<Flag> {
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
fn capacity_flags<W: World>(side: &Side<'_, W>, route: &Route<'_>, flags: &mut Vec<Flag>) {
    let load = load_of(side, route);
    for dimension in 0..LOAD_DIMENSIONS {
        let excess = load.0[dimension] - route.vehicle.capacity.0[dimension];
        if excess > 0 {
            flags.push(Flag::OverCapacity {
                manifest: route.manifest.id.clone(),
                dimension,
                excess,
            });
        }
    }
}

/// Everything in the van, on a stop or not, and everything still to be loaded: each parcel once.
pub(crate) fn load_of<W: World>(side: &Side<'_, W>, route: &Route<'_>) -> Load {
    let is_aboard = |parcel: ParcelRef<'_>| {
        let custody = side.parcel(parcel).map(|parcel| &parcel.custody);
        matches!(custody, Some(Custody::Loaded(holder)) if *holder == route.manifest.id)
    };
    let done = &route.manifest.stops[..route.manifest.done_count()];
    let left_aboard = done.iter().flat_map(parcels_of);
    let scanned = route.aboard.iter().copied();
    let planned = route.undone().iter().flat_map(parcels_of).filter(|parcel| side.is_open(*parcel));
    let mut parcels: Vec<ParcelRef<'_>> =
        left_aboard.chain(scanned).filter(|parcel| is_aboard(*parcel)).chain(planned).collect();
    parcels.sort_unstable();
    parcels.dedup();
    parcels.into_iter().filter_map(|parcel| side.parcel(parcel)).map(|parcel| parcel.load).sum()
}
