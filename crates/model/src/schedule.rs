//! When a manifest's undone stops are served, if the rest of the day goes as planned.
//!
//! The one place where plan, clock and roads become arrivals: what the planner starts from, what
//! recipients are told and what drivers see are these numbers (I13). The checker has its own.

use crate::fleet::DeliveryPoint;
use crate::ids::{PointId, ShipmentId};
use crate::plan::{Manifest, ManifestState, Stop, StopState, Task};
use crate::shipment::Shipment;
use crate::travel::{Place, TravelTimes};
use crate::units::{Load, Moment, Skills, Ticks};
use crate::window::{TimeWindow, intersect, start_of_service};

/// What the plan's names stand for. Implemented by the engine's state and by test fixtures.
pub trait World {
    fn shipment(&self, id: &ShipmentId) -> Option<&Shipment>;
    fn point(&self, id: &PointId) -> Option<&DeliveryPoint>;
    /// Where the road layer has a delivery point.
    fn place(&self, id: &PointId) -> Option<Place>;
}

/// When service may start at `point` for all of `tasks`: inside a promised window of each, while the
/// point is open. Empty when they contradict each other. `None` names nothing known.
pub fn windows_of(world: &impl World, point: &PointId, tasks: &[Task]) -> Option<Vec<TimeWindow>> {
    let opening = &world.point(point)?.opening;
    let mut windows: Option<Vec<TimeWindow>> = (!opening.is_empty()).then(|| opening.clone());
    for task in tasks {
        let promised = &world.shipment(&task.shipment)?.promise.windows;
        windows = Some(match windows {
            None => promised.clone(),
            Some(windows) => intersect(&windows, promised),
        });
    }
    Some(windows.unwrap_or_default())
}

/// Park, once; door, once; each parcel.
pub fn service_of(world: &impl World, point: &PointId, tasks: &[Task]) -> Option<Ticks> {
    let point = world.point(point)?;
    let mut service = point.park + point.per_stop;
    for task in tasks {
        service += world.shipment(&task.shipment)?.per_parcel * task.parcels.len() as i64;
    }
    Some(service)
}

pub fn load_of(world: &impl World, tasks: &[Task]) -> Option<Load> {
    let mut load = Load::ZERO;
    for task in tasks {
        let shipment = world.shipment(&task.shipment)?;
        for parcel in &task.parcels {
            load += shipment.parcel(parcel)?.load;
        }
    }
    Some(load)
}

pub fn skills_of(world: &impl World, tasks: &[Task]) -> Option<Skills> {
    tasks.iter().try_fold(Skills::NONE, |skills, task| {
        Some(skills.union(world.shipment(&task.shipment)?.skills))
    })
}

/// When the last of the announced parcels is at the dock: no van that leaves earlier brings them all.
/// The outer `None` names nothing known, the inner one waits for nothing.
pub fn ready_of(world: &impl World, tasks: &[Task]) -> Option<Option<Moment>> {
    let mut ready = None;
    for task in tasks {
        let shipment = world.shipment(&task.shipment)?;
        for parcel in &task.parcels {
            ready = ready.max(shipment.parcel(parcel)?.awaited_until());
        }
    }
    Some(ready)
}

/// Where a van is, and from when it can leave: the end of what cannot be changed any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Anchor {
    pub place: Place,
    pub depart: Moment,
}

/// One undone stop's times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StopTimes {
    pub arrival: Moment,
    /// `arrival`, or the opening it waits for; `arrival` itself when every window has closed.
    pub start: Moment,
    pub departure: Moment,
}

/// Where the van is coming from and when: the depot, the last stop it left, or where it was seen.
///
/// `depot` and `sighted` are the places of the manifest's depot and sighting. A van that should have
/// left by now leaves now.
pub fn anchor_of(
    world: &impl World,
    manifest: &Manifest,
    depot: Place,
    sighted: Option<Place>,
    now: Moment,
) -> Option<Anchor> {
    let (place, left) = match manifest.stops[..manifest.done_count()].last() {
        Some(done) => (world.place(&done.point)?, done.state.left()?),
        None => match manifest.state {
            ManifestState::Loading => {
                return Some(Anchor { place: depot, depart: manifest.duty.shift.start.max(now) });
            }
            ManifestState::Departed(at) | ManifestState::Closed(at) => (depot, at),
        },
    };
    match (manifest.sighting, sighted) {
        (Some(sighting), Some(place)) if sighting.at > left => {
            Some(Anchor { place, depart: sighting.at })
        }
        _ => Some(Anchor { place, depart: left }),
    }
}

/// Times of the undone stops, in order, leaving `anchor`.
///
/// The stop being served ends no earlier than `now`, and the stop driven to is not reached before
/// `now`: a plan that reality has overtaken moves with the clock. O(stops) legs.
pub fn times_of(
    world: &impl World,
    travel: &impl TravelTimes,
    stops: &[Stop],
    anchor: Anchor,
    now: Moment,
) -> Option<Vec<StopTimes>> {
    let mut times = Vec::with_capacity(stops.len());
    let (mut place, mut depart) = (anchor.place, anchor.depart);
    for stop in stops {
        let next = world.place(&stop.point)?;
        let windows = windows_of(world, &stop.point, &stop.tasks)?;
        let service = service_of(world, &stop.point, &stop.tasks)?;
        let arrival = match stop.state {
            StopState::Arrived(at) => at,
            _ => (depart + travel.leg(place, next, depart).duration()).max(now),
        };
        let start = start_of_service(&windows, arrival).unwrap_or(arrival);
        let departure = match stop.state {
            StopState::Arrived(_) => (start + service).max(now),
            _ => start + service,
        };
        times.push(StopTimes { arrival, start, departure });
        (place, depart) = (next, departure);
    }
    Some(times)
}
