//! Days small enough to be solved by trying everything.
//!
//! A search is trusted only after an exhaustive twin has agreed with it, and that twin can manage a
//! handful of stops. A [`SmallDay`] is such an instance as plain numbers on a [`Table`] of legs: a
//! few vans and stops, windows and loads tight enough that some stops do not fit, and wishes that
//! move one of them. For tests that need real roads, [`hamlet`] is a place of some thirty junctions
//! on both banks of a brook, over which [`crate::Day::generate`] makes an ordinary tiny day.

mod hamlet;
mod table;

use swerve_model::{Load, Moment, Place, Skills, Ticks, TimeWindow};

use crate::dice::Dice;

pub use hamlet::hamlet;
pub use table::Table;

/// Exhaustive search over more would take minutes.
pub const STOPS_MAX: u32 = 8;
pub const VANS_MAX: u32 = 3;

/// When small days begin, 2026-03-17 08:00 in Vienna; any moment would do.
pub const START: Moment = Moment::from_unix_seconds(1_773_730_800);

/// The only skill small days know.
pub const COLD: Skills = Skills(1);

/// Half the width of the square the stops lie in, in metres.
const HALF_SIDE: f64 = 2_600.0;

/// How a small day is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SmallParams {
    pub seed: u64,
    /// Brought within 1 and [`STOPS_MAX`].
    pub stops: u32,
    /// Brought within 1 and [`VANS_MAX`].
    pub vans: u32,
    /// Legs take longer for a while in the middle of the day: first in, first out all the same.
    pub rush: bool,
}

/// A van with its driver's shift. It starts and ends at the depot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SmallVan {
    pub departs: Moment,
    /// Back by then.
    pub ends: Moment,
    pub capacity: Load,
    pub skills: Skills,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SmallStop {
    pub place: Place,
    pub service: Ticks,
    pub load: Load,
    /// Service starts inside one of these. Sorted, disjoint, one to three of them.
    pub windows: Vec<TimeWindow>,
    pub skills: Skills,
}

/// One stop wants to be elsewhere or at another time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SmallWish {
    /// Index into [`SmallDay::stops`].
    pub stop: usize,
    pub asked: Moment,
    pub place: Option<Place>,
    /// Empty: as promised.
    pub windows: Vec<TimeWindow>,
}

/// An instance of a few stops, as plain numbers.
#[derive(Clone, Debug)]
pub struct SmallDay {
    pub table: Table,
    /// Place 0; places 1 to n are the stops in order; those after are only wished for.
    pub depot: Place,
    pub vans: Vec<SmallVan>,
    pub stops: Vec<SmallStop>,
    pub wishes: Vec<SmallWish>,
}

impl SmallDay {
    /// Equal parameters give an equal day. Not every stop need fit: windows may be out of reach of
    /// all vans, and the vans too small.
    pub fn new(params: SmallParams) -> SmallDay {
        let (stops, vans) = (params.stops.clamp(1, STOPS_MAX), params.vans.clamp(1, VANS_MAX));
        let mut dice = Dice::new(params.seed, "small day", u64::from(stops), u64::from(vans));
        let spare = stops / 2 + 1;
        let positions = (0..=stops + spare)
            .map(|_| (dice.between(-HALF_SIDE, HALF_SIDE), dice.between(-HALF_SIDE, HALF_SIDE)));
        let table = Table::scattered(positions.collect(), params.rush, &mut dice);
        let stops: Vec<SmallStop> =
            (1..=stops).map(|number| stop(Place(number), &mut dice)).collect();
        let vans = (0..vans).map(|_| van(stops.len(), &mut dice)).collect();
        let first_spare = stops.len() as u32 + 1;
        let wishes =
            (0..spare).map(|n| wish(stops.len(), Place(first_spare + n), &mut dice)).collect();
        SmallDay { table, depot: Place(0), vans, stops, wishes }
    }
}

fn minutes(dice: &mut Dice, low: i64, high: i64) -> Ticks {
    Ticks::from_minutes(dice.whole(low, high))
}

fn van(stops: usize, dice: &mut Dice) -> SmallVan {
    let departs = START + minutes(dice, 0, 20);
    // Room for most of the stops, seldom for all.
    let room = dice.whole(stops as i64 / 2 + 1, stops as i64 * 2);
    SmallVan {
        departs,
        ends: departs + minutes(dice, 70, 200),
        capacity: Load::new(room * 6_000, room * 9_000, room),
        skills: if dice.chance(0.6) { COLD } else { Skills::NONE },
    }
}

fn stop(place: Place, dice: &mut Dice) -> SmallStop {
    SmallStop {
        place,
        service: minutes(dice, 2, 9),
        load: Load::new(dice.whole(200, 9_000), dice.whole(500, 14_000), dice.whole(1, 2)),
        windows: windows(dice),
        skills: if dice.chance(0.12) { COLD } else { Skills::NONE },
    }
}

/// Mostly the whole day, else one to three windows of a quarter to one hour.
fn windows(dice: &mut Dice) -> Vec<TimeWindow> {
    let between = |open: Ticks, close: Ticks| {
        TimeWindow::new(START + open, START + close).expect("opens before it closes")
    };
    if dice.chance(0.5) {
        return vec![between(Ticks::ZERO, Ticks::from_hours(4))];
    }
    let mut windows = Vec::new();
    let mut open = minutes(dice, 5, 70);
    for _ in 0..=dice.weighted(&[0.6, 0.25, 0.15]) {
        let close = open + minutes(dice, 15, 60);
        windows.push(between(open, close));
        open = close + minutes(dice, 10, 50);
    }
    windows
}

fn wish(stops: usize, elsewhere: Place, dice: &mut Dice) -> SmallWish {
    let kind = dice.index(3);
    SmallWish {
        stop: dice.index(stops),
        asked: START + minutes(dice, -30, 60),
        place: (kind != 1).then_some(elsewhere),
        windows: if kind == 0 { Vec::new() } else { windows(dice) },
    }
}

#[cfg(test)]
mod tests;
