//! The day of one manifest, driven forward from the definitions.
//!
//! Deliberately plain: leg, wait, serve, next, and home at the end. It must give the same times as the
//! model's own schedule without sharing a line with it; a property test holds them together.

use swerve_model::{
    DeliveryPoint, Manifest, ManifestState, Moment, Place, Stop, StopId, StopState, StopTimes,
    Ticks, TimeWindow, TravelTimes, World,
};

use crate::scene::Route;
use crate::sheet::Line;

/// When a manifest's undone stops are served, if the rest of the day goes as planned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timetable {
    /// The last moment at which the van's whereabouts are known: what uncertainty grows from.
    pub known: Moment,
    /// One for each undone stop.
    pub stops: Vec<StopTimes>,
    /// Back at the depot; `None` for a van that stays there.
    pub back: Option<Moment>,
    /// Legs for which there is no road, and the first stop such a leg leads to or from.
    pub unreachable: u32,
    pub first_unreachable: Option<StopId>,
}

/// A name in the plan that stands for nothing, so that no timetable can be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{stop} names {name}, which is unknown")]
pub struct NameUnknown {
    pub stop: StopId,
    pub name: String,
}

/// Drives the undone stops of `route` in order. O(stops) legs.
///
/// # Errors
/// The first name that stands for nothing.
pub fn drive<W: World, T: TravelTimes>(
    route: &Route<'_>,
    world: &W,
    travel: &T,
    now: Moment,
) -> Result<Timetable, NameUnknown> {
    let lines: Vec<Line<'_>> = route.undone().iter().map(|stop| Line::of(world, 0, stop)).collect();
    drive_lines(route, &lines, world, travel, now)
}

/// [`drive`], with the stops looked up already.
pub(crate) fn drive_lines<W: World, T: TravelTimes>(
    route: &Route<'_>,
    lines: &[Line<'_>],
    world: &W,
    travel: &T,
    now: Moment,
) -> Result<Timetable, NameUnknown> {
    let (mut place, mut leaves) = departure(route, world, now)?;
    let known = match route.manifest.state {
        ManifestState::Loading => leaves,
        // On the road nothing is as sure as where the van is now.
        ManifestState::Departed(_) | ManifestState::Closed(_) => now,
    };
    let stops = Vec::with_capacity(lines.len());
    let mut timetable =
        Timetable { known, stops, back: None, unreachable: 0, first_unreachable: None };
    for line in lines {
        let halt = Halt::of(line)?;
        let leg = travel.leg(place, halt.place, leaves);
        if !leg.is_reachable() {
            timetable.unreachable += 1;
            timetable.first_unreachable.get_or_insert_with(|| line.stop.id.clone());
        }
        let times = halt.times(&line.rules(), leaves + leg.duration(), now);
        timetable.stops.push(times);
        (place, leaves) = (halt.place, times.departure);
    }
    drive_home(route, place, leaves, travel, &mut timetable);
    Ok(timetable)
}

/// The last leg, unless the van has not left and has nothing to leave for.
fn drive_home<T: TravelTimes>(
    route: &Route<'_>,
    place: Place,
    leaves: Moment,
    travel: &T,
    timetable: &mut Timetable,
) {
    let last = route.manifest.stops.last();
    let stays = matches!(route.manifest.state, ManifestState::Loading) && last.is_none();
    if stays || matches!(route.manifest.state, ManifestState::Closed(_)) {
        return;
    }
    let leg = travel.leg(place, route.depot, leaves);
    if !leg.is_reachable() {
        timetable.unreachable += 1;
        if let (None, Some(last)) = (&timetable.first_unreachable, last) {
            timetable.first_unreachable = Some(last.id.clone());
        }
    }
    timetable.back = Some(leaves + leg.duration());
}

/// Where the van comes from, and when it left or will leave there: the last stop it has done, else the
/// depot, unless it was seen on the road since.
pub(crate) fn departure<W: World>(
    route: &Route<'_>,
    world: &W,
    now: Moment,
) -> Result<(Place, Moment), NameUnknown> {
    let manifest = route.manifest;
    let mut from = (route.depot, manifest.duty.shift.start);
    match manifest.state {
        ManifestState::Loading => {}
        ManifestState::Departed(at) | ManifestState::Closed(at) => from.1 = at,
    }
    let done = manifest.done_count();
    if done == 0 && manifest.may_load() {
        return Ok((from.0, from.1.max(now)));
    }
    if let Some(last) = manifest.stops[..done].last() {
        let place = world.place(&last.point).ok_or_else(|| unknown_point(last))?;
        from = (place, last.state.left().unwrap_or(from.1));
    }
    if let (Some(sighting), Some(place)) = (manifest.sighting, route.sighted)
        && sighting.at > from.1
    {
        from = (place, sighting.at);
    }
    Ok(from)
}

/// One halt: where, how long, how far it has come.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Halt {
    pub(crate) place: Place,
    state: StopState,
    service: Ticks,
}

impl Halt {
    /// # Errors
    /// The first of the stop's names that stands for nothing.
    pub(crate) fn of(line: &Line<'_>) -> Result<Halt, NameUnknown> {
        let stop = line.stop;
        let point: &DeliveryPoint = line.point.ok_or_else(|| unknown_point(stop))?;
        let mut service = point.park + point.per_stop;
        for (task, shipment) in line.tasks() {
            let shipment = shipment.ok_or_else(|| NameUnknown {
                stop: stop.id.clone(),
                name: format!("shipment {}", task.shipment),
            })?;
            service += shipment.per_parcel * task.parcels.len() as i64;
        }
        let place = line.place.ok_or_else(|| unknown_point(stop))?;
        Ok(Halt { place, state: stop.state, service })
    }

    /// When it is served by a van that would get there at `arrival`, where `rules` bind the start.
    pub(crate) fn times<'w>(
        &self,
        rules: &(impl Iterator<Item = &'w [TimeWindow]> + Clone),
        arrival: Moment,
        now: Moment,
    ) -> StopTimes {
        if let StopState::Arrived(at) = self.state {
            // The van stands there: service began when it might, and is not over before now.
            let start = first_allowed(rules, at);
            return StopTimes { arrival: at, start, departure: (start + self.service).max(now) };
        }
        // It is not there yet, whatever the plan says.
        let arrival = arrival.max(now);
        let start = first_allowed(rules, arrival);
        StopTimes { arrival, start, departure: start + self.service }
    }
}

/// The first moment from `arrival` on that every rule allows; the arrival itself if there is none, so
/// that a plan that cannot be kept still has times.
fn first_allowed<'w>(
    rules: &(impl Iterator<Item = &'w [TimeWindow]> + Clone),
    arrival: Moment,
) -> Moment {
    let mut start = arrival;
    loop {
        let mut later = start;
        for rule in rules.clone() {
            match next_allowed(rule, later) {
                Some(moment) => later = moment,
                None => return arrival,
            }
        }
        if later == start {
            return start;
        }
        start = later;
    }
}

/// The first moment from `moment` on that lies in one of `windows`, in any order; `None` past the last.
fn next_allowed(windows: &[TimeWindow], moment: Moment) -> Option<Moment> {
    let ahead = windows.iter().filter(|window| moment <= window.close());
    ahead.map(|window| moment.max(window.open())).min()
}

fn unknown_point(stop: &Stop) -> NameUnknown {
    NameUnknown { stop: stop.id.clone(), name: format!("delivery point {}", stop.point) }
}

/// How many undone stops are too near to move: the one being served, the one driven to, and those
/// reached within `frozen_ahead` of `now`. `times` has one entry for each undone stop.
///
/// Nothing on a closed manifest moves.
pub fn frozen_count(
    manifest: &Manifest,
    times: &[StopTimes],
    now: Moment,
    frozen_ahead: Ticks,
) -> usize {
    let undone = &manifest.stops[manifest.done_count()..];
    if matches!(manifest.state, ManifestState::Closed(_)) {
        return undone.len();
    }
    let horizon = now + frozen_ahead;
    let mut frozen = 0;
    for (stop, times) in undone.iter().zip(times) {
        let served = matches!(stop.state, StopState::Arrived(_));
        let driven_to = frozen == 0 && matches!(manifest.state, ManifestState::Departed(_));
        if !(served || driven_to || times.arrival <= horizon) {
            break;
        }
        frozen += 1;
    }
    frozen
}

#[cfg(test)]
mod tests;
