//! Everything that is wrong with a plan as it stands, rule by rule.

use swerve_model::{StopId, Ticks, TravelTimes, World};

use crate::custody::inspect_custody;
use crate::flag::Flag;
use crate::points::{fullness_flags, opening_flags};
use crate::promise::{promise_flags, standings};
use crate::scene::{Conditions, Route, Side};
use crate::sheet::Sheet;
use crate::timetable::{NameUnknown, Timetable, drive_lines};

/// What is wrong with these manifests, with nothing to compare them with: for imported plans, and to
/// look over a whole day. Sorted. O(stops) legs, O(parcels log parcels) otherwise.
///
/// I1 over the whole territory is [`crate::audit`]'s.
pub fn inspect<W: World, T: TravelTimes>(
    side: &Side<'_, W>,
    conditions: &Conditions<'_, T>,
) -> Vec<Flag> {
    let sheet = Sheet::of(side);
    let (timetables, mut flags) = inspect_routes(&sheet, conditions);
    let standings = standings(&sheet, &timetables, &conditions.risk);
    promise_flags(&sheet, &standings, &conditions.risk, &mut flags);
    fullness_flags(&sheet, conditions.occupied, &mut flags);
    flags.sort();
    flags
}

/// Timetables, and every flag but promises and full points, which a comparison judges by other rules.
pub(crate) fn inspect_routes<W: World, T: TravelTimes>(
    sheet: &Sheet<'_, '_, W>,
    conditions: &Conditions<'_, T>,
) -> (Vec<Option<Timetable>>, Vec<Flag>) {
    let mut flags = Vec::new();
    let mut timetables = Vec::with_capacity(sheet.side.routes.len());
    inspect_custody(sheet, conditions.now, &mut flags);
    for (index, route) in sheet.side.routes.iter().enumerate() {
        shape_flags(route, &mut flags);
        let (lines, world) = (sheet.lines_of(index), sheet.side.world);
        match drive_lines(route, lines, world, conditions.travel, conditions.now) {
            Ok(timetable) => {
                time_flags(route, &timetable, &mut flags);
                opening_flags(sheet, index, &timetable, &mut flags);
                timetables.push(Some(timetable));
            }
            Err(NameUnknown { stop, name }) => {
                let manifest = route.manifest.id.clone();
                flags.push(Flag::NameUnknown { manifest, stop, name });
                timetables.push(None);
            }
        }
    }
    name_flags(sheet.side, &mut flags);
    (timetables, flags)
}

/// Done stops first; no stop for nothing.
fn shape_flags(route: &Route<'_>, flags: &mut Vec<Flag>) {
    let manifest = &route.manifest.id;
    for stop in route.undone() {
        if stop.state.is_done() {
            let (manifest, stop) = (manifest.clone(), stop.id.clone());
            flags.push(Flag::DoneAfterUndone { manifest, stop });
        } else if stop.tasks.iter().all(|task| task.parcels.is_empty()) {
            let (manifest, stop) = (manifest.clone(), stop.id.clone());
            flags.push(Flag::StopEmpty { manifest, stop });
        }
    }
}

/// The law's end of the shift, and legs without a road.
fn time_flags(route: &Route<'_>, timetable: &Timetable, flags: &mut Vec<Flag>) {
    let manifest = &route.manifest.id;
    let by = timetable.back.map_or(Ticks::ZERO, |back| back - route.manifest.duty.shift.hard_end);
    if by > Ticks::ZERO {
        flags.push(Flag::ShiftExceeded { manifest: manifest.clone(), by });
    }
    if let Some(stop) = &timetable.first_unreachable {
        let (manifest, stop) = (manifest.clone(), stop.clone());
        flags.push(Flag::Unreachable { manifest, stop, legs: timetable.unreachable });
    }
}

/// One name, one stop, done or not.
fn name_flags<W: World>(side: &Side<'_, W>, flags: &mut Vec<Flag>) {
    let mut named: Vec<(&StopId, &Route<'_>)> = Vec::new();
    for route in &side.routes {
        named.extend(route.manifest.stops.iter().map(|stop| (&stop.id, route)));
    }
    // Stable: of two stops the one shown later is the other's double.
    named.sort_by(|a, b| a.0.cmp(b.0));
    for same in named.chunk_by(|a, b| a.0 == b.0).filter(|same| same.len() > 1) {
        let manifest = same[1].1.manifest.id.clone();
        flags.push(Flag::StopTwice { manifest, stop: same[0].0.clone() });
    }
}
