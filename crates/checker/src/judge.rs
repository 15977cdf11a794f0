//! One plan against the one before: what is new, what is larger, what was taken from others.
//!
//! Both sides are driven from the same `now`, so lateness that the clock alone brought stands on both
//! and is nobody's fault. What the change did is the difference.

use std::collections::BTreeMap;

use swerve_model::{PointId, Risk, Shipment, ShipmentId, Ticks, TravelTimes, World};

use crate::flag::{Fault, Flag};
use crate::inspect::inspect_routes;
use crate::order::{check_done, check_frozen, check_identity, check_pin_marks, check_pins};
use crate::places::{conserve, touched};
use crate::points::gains;
use crate::promise::{Needed, Standing, is_promised_anew, standings};
use crate::scene::{Conditions, Latitude, Side};
use crate::sheet::Sheet;
use crate::timetable::Timetable;
use crate::violation::Violation;

/// Judges a change: `before` and `after` show the same manifests, each with its own world. Sorted and
/// without doubles; empty is a plan that may be published.
///
/// A promise that the change makes (its place or windows differ, or its shipment is new) must be kept
/// with 95 %. Every other must be kept with 95 % too, or as well as before where that was less. A
/// promise that was not planned before must be planned inside its window, and one that is lost anyway
/// no later than before.
///
/// O(stops) legs, O(parcels log parcels) otherwise.
pub fn judge<W: World, V: World, T: TravelTimes>(
    before: &Side<'_, W>,
    after: &Side<'_, V>,
    conditions: &Conditions<'_, T>,
    latitude: &Latitude,
) -> Vec<Violation> {
    let mut violations = Vec::new();
    let (sheet_before, sheet_after) = (Sheet::of(before), Sheet::of(after));
    let (timetables_before, flags_before) = inspect_routes(&sheet_before, conditions);
    let (timetables_after, flags_after) = inspect_routes(&sheet_after, conditions);
    check_order(before, after, &timetables_before, conditions, latitude, &mut violations);
    let touched = touched(&sheet_before, &sheet_after);
    conserve(&touched, &mut violations);
    compare_flags(&flags_before, &flags_after, &mut violations);
    let risk = &conditions.risk;
    compare_promises(
        (before, &standings(&sheet_before, &timetables_before, risk)),
        (&sheet_after, &standings(&sheet_after, &timetables_after, risk)),
        risk,
        &mut violations,
    );
    let changes = touched.iter().map(|one| (one.before, one.after));
    judge_points(after.world, changes, conditions.occupied, &mut violations);
    violations.sort();
    violations.dedup();
    violations
}

fn check_order<W: World, V: World, T>(
    before: &Side<'_, W>,
    after: &Side<'_, V>,
    timetables: &[Option<Timetable>],
    conditions: &Conditions<'_, T>,
    latitude: &Latitude,
    violations: &mut Vec<Violation>,
) {
    for route in after.routes.iter().filter(|route| before.route(&route.manifest.id).is_none()) {
        let manifest = route.manifest.id.clone();
        violations.push(Violation::ManifestAltered { manifest, what: "side: it is only after" });
    }
    for (was, timetable) in before.routes.iter().zip(timetables) {
        let manifest = &was.manifest.id;
        let Some(is) = after.route(manifest) else {
            let manifest = manifest.clone();
            let what = "side: it is only before";
            violations.push(Violation::ManifestAltered { manifest, what });
            continue;
        };
        check_identity(was.manifest, is.manifest, violations);
        check_done(was.manifest, is.manifest, violations);
        check_pin_marks(was, is, violations);
        if latitude.as_driven.contains(manifest) {
            continue;
        }
        check_pins(was, (after, is), latitude, violations);
        if let Some(timetable) = timetable {
            let (now, ahead) = (conditions.now, conditions.frozen_ahead);
            check_frozen((before, was, timetable), (after, is), now, ahead, violations);
        }
    }
}

/// Same fault, no larger: not this change's doing. New or larger: its doing. O(flags log flags).
fn compare_flags(before: &[Flag], after: &[Flag], violations: &mut Vec<Violation>) {
    let mut known: Vec<(Fault<'_>, i64)> =
        before.iter().map(|flag| (flag.fault(), flag.size())).collect();
    known.sort_unstable();
    for flag in after {
        let fault = flag.fault();
        // The largest of one fault is the last of its run.
        let end = known.partition_point(|(other, _)| *other <= fault);
        let size_before =
            known[..end].last().filter(|(other, _)| *other == fault).map(|(_, size)| *size);
        if size_before.is_none_or(|size| flag.size() > size) {
            violations.push(Violation::Worse { flag: flag.clone(), before: size_before });
        }
    }
}

fn compare_promises<W: World, V: World>(
    (before, standings_before): (&Side<'_, W>, &[Standing<'_>]),
    (after, standings_after): (&Sheet<'_, '_, V>, &[Standing<'_>]),
    risk: &Risk,
    violations: &mut Vec<Violation>,
) {
    // Both are in the order of parcels: walked together.
    let mut rest = standings_before.iter().peekable();
    for is in standings_after {
        while rest.next_if(|was| was.parcel < is.parcel).is_some() {}
        let was = rest.peek().filter(|was| was.parcel == is.parcel);
        let promised = match was {
            Some(was) => Some(was.shipment),
            None => before.world.shipment(is.parcel.0),
        };
        let anew = is_promised_anew(promised, is.shipment);
        let was = was.map(|was| was.stand).filter(|_| !anew);
        if Needed::of(was, anew).is_met_by(&is.stand) {
            continue;
        }
        let line = &after.lines[is.line];
        let manifest = after.side.routes[line.route].manifest.id.clone();
        let (stop, shipment) = (line.stop.id.clone(), is.parcel.0.clone());
        violations.push(if is.stand.off_by > Ticks::ZERO {
            Violation::PromiseBroken { manifest, stop, shipment, by: is.stand.off_by }
        } else {
            Violation::PromiseLowered {
                manifest,
                stop,
                shipment,
                before_permille: was.map(|was| was.kept_permille(risk)),
                after_permille: is.stand.kept_permille(risk),
            }
        });
    }
}

/// No point gets more parcels than it has room for; one that is too full already gets no more.
/// `changes` are the touched shipments on both sides; one named twice counts once.
pub(crate) fn judge_points<'a, V: World>(
    after: &V,
    changes: impl Iterator<Item = (Option<&'a Shipment>, Option<&'a Shipment>)>,
    occupied: &dyn Fn(&PointId) -> u32,
    violations: &mut Vec<Violation>,
) {
    let mut gained = BTreeMap::new();
    let mut last: Option<&ShipmentId> = None;
    for (was, is) in changes {
        let id = was.or(is).map(|shipment| &shipment.id);
        if id != last {
            gains(was, is, &mut gained);
        }
        last = id;
    }
    for (point, gain) in gained.into_iter().filter(|(_, gain)| *gain > 0) {
        let Some(room) = after.point(&point).and_then(|point| point.compartments) else {
            continue;
        };
        let was = i64::from(occupied(&point));
        let excess = was + gain - i64::from(room);
        if excess > 0 {
            let flag = Flag::PointFull { point, excess: u32::try_from(excess).unwrap_or(u32::MAX) };
            let before = (was > i64::from(room)).then(|| was - i64::from(room));
            violations.push(Violation::Worse { flag, before });
        }
    }
}

#[cfg(test)]
mod tests;
