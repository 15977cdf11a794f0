//! What recipients are told: the day, or two hours of it.

use std::collections::BTreeMap;

use super::demand::Sort;
use super::fleet::{Fleet, NOON_READY};
use super::{DayParams, Point, Shipment};
use crate::clock::{DaySecond, Window};
use crate::dice::{Dice, hash_text};

/// Timed promises with two windows to choose from, per mille of those.
const TWO_WINDOWS_PERMILLE: u32 = 180;
/// Opening hours of promised windows; each closes two hours later.
const HOURS: [u32; 9] = [8, 9, 10, 11, 12, 13, 14, 16, 18];
/// A van must have been out, and must be out still, for this long within a window.
const REACHABLE_SECONDS: u32 = 3_600;

/// When vans of a sort are out: from the first to leave until the last is due back.
pub(super) fn out(fleet: &Fleet, sort: Sort) -> Window {
    let wave = if sort == Sort::Noon { 2 } else { 1 };
    let manifests = || fleet.manifests.iter().filter(|manifest| manifest.wave == wave);
    Window {
        open: manifests().map(|manifest| manifest.departure).min().unwrap_or(NOON_READY),
        close: manifests().map(|manifest| manifest.shift_end).max().unwrap_or(NOON_READY),
    }
}

/// Promises windows to some recipients at doors, by chance of their own: a share of all stops.
///
/// A shipment that comes in two sorts keeps the whole day: no window would fit both its parts.
pub(super) fn promise(
    params: &DayParams,
    fleet: &Fleet,
    points: &[Point],
    shipments: &mut [Shipment],
) {
    let doors: BTreeMap<&str, &Point> = points.iter().map(|point| (&*point.id, point)).collect();
    let out = [out(fleet, Sort::Morning), out(fleet, Sort::Noon)];
    for shipment in shipments {
        let mut dice = Dice::new(params.seed, "promise", hash_text(&shipment.recipient), 0);
        let (Some(point), Some(sort)) = (doors.get(&*shipment.point), only_sort(shipment)) else {
            continue;
        };
        if dice.permille(params.timed_permille) {
            let out = out[usize::from(sort == Sort::Noon)];
            let windows = windows(point, out, &mut dice);
            shipment.promise = if windows.is_empty() { shipment.promise.clone() } else { windows };
        }
    }
}

/// The sort all parcels come with, if it is one.
fn only_sort(shipment: &Shipment) -> Option<Sort> {
    let sort = shipment.parcels.first().map(Sort::of)?;
    shipment.parcels.iter().all(|parcel| Sort::of(parcel) == sort).then_some(sort)
}

fn windows(point: &Point, out: Window, dice: &mut Dice) -> Vec<Window> {
    let hours = HOURS.into_iter().filter(|hour| {
        let window = Window::hours(*hour, hour + 2);
        overlap(window, out) >= REACHABLE_SECONDS && is_open_for_an_hour(point, window)
    });
    let hours: Vec<u32> = hours.collect();
    let Some(first) = dice.pick(&hours).copied() else { return Vec::new() };
    let mut chosen = vec![first];
    if dice.permille(TWO_WINDOWS_PERMILLE) {
        let apart: Vec<u32> = hours.into_iter().filter(|hour| hour.abs_diff(first) > 2).collect();
        chosen.extend(dice.pick(&apart));
    }
    chosen.sort_unstable();
    chosen.into_iter().map(|hour| Window::hours(hour, hour + 2)).collect()
}

fn is_open_for_an_hour(point: &Point, window: Window) -> bool {
    point.hours.is_empty() || point.hours.iter().any(|hours| overlap(*hours, window) >= 3_600)
}

/// Seconds two windows share.
fn overlap(a: Window, b: Window) -> u32 {
    let (from, until): (DaySecond, DaySecond) = (a.open.max(b.open), a.close.min(b.close));
    until.0.saturating_sub(from.0)
}
