//! How well each promise stands: planned inside its window or not, and how surely.
//!
//! A promise is kept when service starts inside one of its windows while the point is open. How surely
//! is the margin, in standard deviations, between the planned start and the close of the window it
//! lies in; a start outside every window has a negative margin, by its distance to the nearest. The
//! spread grows from the last moment at which the van's whereabouts are known.

use std::borrow::Cow;

use swerve_model::{
    DeliveryPoint, Moment, Promise, Risk, Shipment, Ticks, TimeWindow, World, Z_KEPT,
};

use crate::flag::Flag;
use crate::scene::ParcelRef;
use crate::sheet::{Line, Sheet};
use crate::timetable::Timetable;

/// Rounding of margins, in standard deviations: far below anything that matters, far above what two
/// evaluations of one formula can differ by.
const MARGIN_SLACK: f64 = 1e-9;

/// How a promise stands if service starts at a given moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stand {
    /// How far the planned start is from the nearest promised moment.
    pub(crate) off_by: Ticks,
    /// Standard deviations to spare; at least [`Z_KEPT`] is sure.
    pub(crate) margin: f64,
    known: Moment,
    start: Moment,
    close: Moment,
}

/// How one parcel's promise stands under a plan.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Standing<'a> {
    pub(crate) parcel: ParcelRef<'a>,
    pub(crate) shipment: &'a Shipment,
    /// Index into the sheet's lines.
    pub(crate) line: usize,
    pub(crate) stand: Stand,
}

/// Standings of every parcel on the undone stops, by parcel. O(parcels).
pub(crate) fn standings<'a, W: World>(
    sheet: &Sheet<'_, 'a, W>,
    timetables: &[Option<Timetable>],
    risk: &Risk,
) -> Vec<Standing<'a>> {
    let mut standings = Vec::with_capacity(sheet.entries.len());
    for entry in &sheet.entries {
        let line: &Line<'_> = &sheet.lines[entry.line];
        let Some(timetable) = &timetables[line.route] else { continue };
        let (Some(shipment), Some(point)) = (entry.shipment, line.point) else { continue };
        let start = timetable.stops[sheet.position(entry.line)].start;
        let stand = Stand::of(&shipment.promise, point, timetable.known, start, risk);
        standings.push(Standing { parcel: entry.parcel, shipment, line: entry.line, stand });
    }
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
pub(crate) fn is_promised_anew(before: Option<&Shipment>, after: &Shipment) -> bool {
    before.is_none_or(|before| {
        before.promise.point != after.promise.point
            || before.promise.windows != after.promise.windows
    })
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
    pub(crate) fn of(was: Option<Stand>, anew: bool) -> Needed {
        match was {
            Some(was) => Needed { margin: was.margin.min(Z_KEPT), off_by: was.off_by },
            None if anew => Needed { margin: Z_KEPT, off_by: Ticks::ZERO },
            // From no plan to any plan inside the window is a gain.
            None => Needed { margin: 0.0, off_by: Ticks::ZERO },
        }
    }

    pub(crate) fn is_met_by(&self, stand: &Stand) -> bool {
        stand.margin >= self.margin - MARGIN_SLACK && stand.off_by <= self.off_by
    }
}

impl Stand {
    pub(crate) fn of(
        promise: &Promise,
        point: &DeliveryPoint,
        known: Moment,
        start: Moment,
        risk: &Risk,
    ) -> Stand {
        let windows = promised_while_open(promise, point);
        let Some(off_by) = distance(&windows, start) else {
            let margin = f64::INFINITY;
            return Stand { off_by: Ticks::ZERO, margin, known, start, close: start };
        };
        let inside = windows.iter().find(|window| window.contains(start));
        let close = inside.map_or(start - off_by, |window| window.close());
        Stand { off_by, margin: risk.margin(known, start, close), known, start, close }
    }

    /// Probability that it is kept, in parts per thousand.
    pub(crate) fn kept_permille(&self, risk: &Risk) -> u16 {
        if self.margin == f64::INFINITY {
            return 1000;
        }
        risk.kept_permille(self.known, self.start, self.close)
    }
}

/// The promised windows, as far as the point is open in them. Where it never is, the promise counts:
/// closed doors are a fault of their own.
fn promised_while_open<'p>(promise: &'p Promise, point: &DeliveryPoint) -> Cow<'p, [TimeWindow]> {
    let mut both = Vec::new();
    for promised in promise.windows.iter().filter(|_| !point.opening.is_empty()) {
        for opening in &point.opening {
            let open = promised.open().max(opening.open());
            let close = promised.close().min(opening.close());
            both.extend(TimeWindow::new(open, close));
        }
    }
    if both.is_empty() { Cow::Borrowed(&promise.windows) } else { Cow::Owned(both) }
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
pub(crate) fn promise_flags<W: World>(
    sheet: &Sheet<'_, '_, W>,
    standings: &[Standing<'_>],
    risk: &Risk,
    flags: &mut Vec<Flag>,
) {
    for of_shipment in standings.chunk_by(|a, b| a.parcel.0 == b.parcel.0) {
        let worst = of_shipment.iter().min_by(|a, b| a.stand.margin.total_cmp(&b.stand.margin));
        let Some(worst) = worst.filter(|worst| worst.stand.margin < Z_KEPT) else { continue };
        let line = &sheet.lines[worst.line];
        let manifest = sheet.side.routes[line.route].manifest.id.clone();
        let (stop, shipment) = (line.stop.id.clone(), worst.parcel.0.clone());
        let by = worst.stand.off_by;
        flags.push(if by > Ticks::ZERO {
            Flag::PromiseMissed { manifest, stop, shipment, by }
        } else {
            let kept_permille = worst.stand.kept_permille(risk);
            Flag::PromiseUnsure { manifest, stop, shipment, kept_permille }
        });
    }
}
