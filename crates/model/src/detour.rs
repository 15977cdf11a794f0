//! What going out of the way for a stop costs at least, as plain arithmetic: an index works it out for
//! several gaps, or groups of gaps, side by side.

use crate::{Cost, GapTimes, Leg, Pace};

/// Prices and bounds for one new stop, in the units of [`Cost`] and of [`crate::Ticks`]. Every one is
/// optimistic.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DetourPrice {
    pub pace: Pace,
    /// Per tick and per metre driven.
    pub tick: f64,
    pub meter: f64,
    /// Per tick the stop is waited for, up to so many. No more than a tick driven, or else a longer way
    /// would save it.
    pub wait: f64,
    pub wait_max: f64,
    /// What the stop takes itself, in ticks.
    pub service: f64,
    /// It may be started from the one to the other.
    pub open: f64,
    pub close: f64,
    /// What being later saves further on. A tick of it no more than a tick waited for.
    pub delayed: Saving,
    /// What being there earlier saves, where two legs are quicker than one.
    pub hurried: Saving,
    /// What any insertion may save beside.
    pub relief: f64,
}

/// So much cost a tick, up to so much cost.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Saving {
    pub tick: f64,
    pub most: f64,
}

impl Saving {
    pub const NONE: Saving = Saving { tick: 0.0, most: 0.0 };

    #[inline]
    fn of(self, ticks: f64) -> f64 {
        at_most(self.most, self.tick * at_least(0.0, ticks))
    }
}

/// What the detours through one gap, or several, add and save, as far as straight lines tell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Detour {
    /// Metres on the plane from where the gap begins to the point, and from there to where it ends,
    /// at least.
    pub into: f64,
    pub out_of: f64,
    /// No leg meant takes more ticks, nor more metres.
    pub saved_ticks: f64,
    pub saved_meters: f64,
    /// Zero if a new stop may come after the end of one of them, with one new leg and none saved;
    /// else [`NEVER_LAST`].
    pub last: f64,
    /// When they are left, as planned, at the earliest and at the latest; by when they must be over. In
    /// ticks since [`crate::Moment::EPOCH`].
    pub left: (f64, f64),
    pub due: f64,
}

/// Added to the price of coming after the last stop where something must follow it.
pub const NEVER_LAST: f64 = 1e30;

/// A leg is a whole number of ticks and metres, and may be that much below the pace.
const ROUNDING: f64 = 1.0;

/// More than all rounding of sums of prices together, and that to a whole cost: at the highest prices and
/// over legs that lead nowhere they stay below 1e15, where numbers are an eighth apart.
const ROUNDING_COST: f64 = 2.0;

impl Detour {
    #[inline]
    pub fn new(into: f64, out_of: f64, longest: Leg, is_open: bool, times: GapTimes) -> Detour {
        Detour {
            into,
            out_of,
            saved_ticks: f64::from(longest.ticks),
            saved_meters: f64::from(longest.meters),
            last: if is_open { 0.0 } else { NEVER_LAST },
            left: (times.left.0.0 as f64, times.left.1.0 as f64),
            due: times.due.0 as f64,
        }
    }
}

struct Wait {
    price: f64,
    /// In ticks, what it makes later that follows.
    delay: f64,
}

impl DetourPrice {
    /// Nothing costs anything, at any hour.
    pub const FREE: DetourPrice = DetourPrice {
        pace: Pace::NONE,
        tick: 0.0,
        meter: 0.0,
        wait: 0.0,
        wait_max: 0.0,
        service: 0.0,
        open: f64::MIN,
        close: f64::MAX,
        delayed: Saving::NONE,
        hurried: Saving::NONE,
        relief: 0.0,
    };

    /// The least that an insertion costs; infinite where there is none. Never rises when distances fall,
    /// legs grow, times widen or a new stop may come last.
    ///
    /// No branches: what is computed for many is computed for several at once.
    #[inline]
    pub fn floor(&self, of: &Detour) -> f64 {
        let (into, out_of) = (self.ticks(of.into), self.ticks(of.out_of));
        let longer = into + out_of - of.saved_ticks;
        let farther = self.meters(of.into) + self.meters(of.out_of) - of.saved_meters;
        let wait = self.wait(of, into);
        let between = self.tick * longer + self.meter * farther + wait.price
            - self.delayed.of(longer + self.service + wait.delay)
            - self.hurried.of(-longer);
        let wait = self.wait(of, out_of);
        let last = self.tick * out_of + self.meter * self.meters(of.out_of) + wait.price;
        let floor = at_most(between, last + of.last) - self.relief - ROUNDING_COST;
        let too_late = of.left.0 + into > self.close;
        let too_early = self.open + self.service + out_of > of.due;
        if too_late | too_early { f64::INFINITY } else { floor }
    }

    /// For the stop's first window, after a way of so many ticks. Where one may be longer than is paid
    /// for nothing is sure of it: it costs nothing, and what it delays may save all there is.
    #[inline]
    fn wait(&self, of: &Detour, way: f64) -> Wait {
        let ticks = at_least(0.0, self.open - of.left.1 - way);
        if self.open - of.left.0 > self.wait_max {
            Wait { price: 0.0, delay: f64::MAX }
        } else {
            Wait { price: self.wait * ticks, delay: ticks }
        }
    }

    #[inline]
    fn ticks(&self, straight_meters: f64) -> f64 {
        at_least(0.0, straight_meters * self.pace.ticks - ROUNDING)
    }

    #[inline]
    fn meters(&self, straight_meters: f64) -> f64 {
        at_least(0.0, straight_meters * self.pace.meters - ROUNDING)
    }
}

/// A floor as a cost; [`Cost::IMPOSSIBLE`] if infinite.
#[inline]
pub fn floor_cost(floor: f64) -> Cost {
    Cost(floor as i64)
}

/// `f64::max` also decides about what is no number, which nothing here is; so it is one instruction.
#[inline]
fn at_least(bound: f64, value: f64) -> f64 {
    if value > bound { value } else { bound }
}

#[inline]
fn at_most(bound: f64, value: f64) -> f64 {
    if value < bound { value } else { bound }
}
