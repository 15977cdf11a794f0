//! How well each promise stands: planned inside its window or not, and how surely.
//!
//! A promise is kept when service starts inside one of its windows while the point is open. How surely
//! is the margin, in standard deviations, between the planned start and the close of the window it
//! lies in; a start outside every window has a negative margin, by its distance to the nearest. The
//! spread grows from the last moment at which the van's whereabouts are known.

use swerve_model::{
    DeliveryPoint, Moment, Promise, Risk, ShipmentId, Stop, Ticks, TimeWindow, World, Z_KEPT,
};

use crate::flag::Flag;
use crate::scene::{ParcelRef, Route, Side, parcels_of};
use crate::timetable::Timetable;

/// Rounding of margins, in standard deviations: far below anything that matters, far above what two
/// evaluations of one formula can differ by.
pub(crate) const MARGIN_SLACK: f64 = 1e-9;

/// How one parcel's promise stands under a plan.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Standing<'a> {
    pub(crate) parcel: ParcelRef<'a>,
    pub(crate) route: usize,
    pub(crate) stop: &'a Stop,
    /// How far the planned start is from the nearest promised moment.
    pub(crate) off_by: Ticks,
    /// Standard deviations to spare; at least [`Z_KEPT`] is sure.
    pub(crate) margin: f64,
    pub(crate) kept_permille: u16,
}

/// Standings of every parcel on the undone stops, by parcel. O(parcels log parcels).
pub(crate) fn standings<'a, W: World>(
    side: &Side<'a, W>,
    timetables: &[Option<Timetable>],
    risk: &Risk,
) -> Vec<Standing<'a>> {
    let mut standings = Vec::new();
    for (index, (route, timetable)) in side.routes.iter().zip(timetables).enumerate() {
        let Some(timetable) = timetable else { continue };
        for (stop, times) in route.undone().iter().zip(&timetable.stops) {
            let Some(point) = side.world.point(&stop.point) else { continue };
            for parcel in parcels_of(stop) {
                let Some(shipment) = side.world.shipment(parcel.0) else { continue };
                let (off_by, margin, kept_permille) =
                    stand(&shipment.promise, point, timetable.known, times.start, risk);
                let route = index;
                standings.push(Standing { parcel, route, stop, off_by, margin, kept_permille });
            }
        }
    }
    standings.sort_by(|a, b| a.parcel.cmp(&b.parcel));
    standings
}

/// The standing of one parcel among sorted ones.
pub(crate) fn standing_of<'s, 'a>(
    standings: &'s [Standing<'a>],
    parcel: ParcelRef<'_>,
) -> Option<&'s Standing<'a>> {
    let found = standings.binary_search_by(|other| other.parcel.cmp(&parcel)).ok()?;
    standings.get(found)
}

/// Whether a change made this promise: new, or with another place or other windows.
pub(crate) fn is_promised_anew<W: World, V: World>(
    before: &W,
    after: &V,
    shipment: &ShipmentId,
) -> bool {
    match (before.shipment(shipment), after.shipment(shipment)) {
        (Some(was), Some(is)) => {
            was.promise.point != is.promise.point || was.promise.windows != is.promise.windows
        }
        _ => true,
    }
}

/// What a promise must come up to after a change.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Needed {
    margin: f64,
    /// No farther outside its windows. The margin alone would let a promise that is lost anyway get
    /// later on a van whose day is less certain.
    off_by: Ticks,
}

impl Needed {
    /// Given how the promise stood before, if it was planned and is the same promise.
    pub(crate) fn of(was: Option<&Standing<'_>>, anew: bool) -> Needed {
        match was {
            Some(was) => Needed { margin: was.margin.min(Z_KEPT), off_by: was.off_by },
            None if anew => Needed { margin: Z_KEPT, off_by: Ticks::ZERO },
            // From no plan to any plan inside the window is a gain.
            None => Needed { margin: 0.0, off_by: Ticks::ZERO },
        }
    }

    pub(crate) fn is_met_by(&self, margin: f64, off_by: Ticks) -> bool {
        margin >= self.margin - MARGIN_SLACK && off_by <= self.off_by
    }
}

pub(crate) fn stand(
    promise: &Promise,
    point: &DeliveryPoint,
    known: Moment,
    start: Moment,
    risk: &Risk,
) -> (Ticks, f64, u16) {
    let windows = promised_while_open(promise, point);
    let Some(off_by) = distance(&windows, start) else {
        return (Ticks::ZERO, f64::INFINITY, 1000);
    };
    let close = if off_by == Ticks::ZERO {
        let inside = windows.iter().find(|window| window.contains(start));
        inside.map_or(start, |window| window.close())
    } else {
        start - off_by
    };
    (off_by, risk.margin(known, start, close), risk.kept_permille(known, start, close))
}

/// The promised windows, as far as the point is open in them. Where it never is, the promise counts:
/// closed doors are a fault of their own.
fn promised_while_open(promise: &Promise, point: &DeliveryPoint) -> Vec<TimeWindow> {
    if point.opening.is_empty() {
        return promise.windows.clone();
    }
    let mut both = Vec::new();
    for promised in &promise.windows {
        for opening in &point.opening {
            let open = promised.open().max(opening.open());
            let close = promised.close().min(opening.close());
            both.extend(TimeWindow::new(open, close));
        }
    }
    if both.is_empty() { promise.windows.clone() } else { both }
}

/// How far `moment` is from the nearest of `windows`; zero inside one, `None` if there are none.
pub(crate) fn distance(windows: &[TimeWindow], moment: Moment) -> Option<Ticks> {
    let to = |window: &TimeWindow| {
        let early = window.open() - moment;
        let late = moment - window.close();
        early.max(late).max(Ticks::ZERO)
    };
    windows.iter().map(to).min()
}

/// A flag for every shipment whose promise is missed or unsure, by its worst parcel.
pub(crate) fn promise_flags(
    routes: &[Route<'_>],
    standings: &[Standing<'_>],
    flags: &mut Vec<Flag>,
) {
    for of_shipment in standings.chunk_by(|a, b| a.parcel.0 == b.parcel.0) {
        let worst = of_shipment.iter().min_by(|a, b| a.margin.total_cmp(&b.margin));
        let Some(worst) = worst.filter(|worst| worst.margin < Z_KEPT) else { continue };
        let manifest = routes[worst.route].manifest.id.clone();
        let (stop, shipment) = (worst.stop.id.clone(), worst.parcel.0.clone());
        flags.push(if worst.off_by > Ticks::ZERO {
            Flag::PromiseMissed { manifest, stop, shipment, by: worst.off_by }
        } else {
            let kept_permille = worst.kept_permille;
            Flag::PromiseUnsure { manifest, stop, shipment, kept_permille }
        });
    }
}
