//! What a plan costs, in money: the terms the search adds up once every hard rule holds.
//!
//! Driving seconds and metres are charged directly, and waiting beside them: a driver's hour is paid
//! whatever it is spent on. Service is paid too, and the same in every plan. A detour can hide in a wait,
//! so a bound on one trusts nothing that is paid for waiting now; see [`crate::insertion`].
//!
//! All rates are rounded once, to whole micro-units per tick or metre, so that sums are exact and the
//! same on every machine. They are held to a range in which a plan of 10,000 stops cannot overflow.

use std::ops::{Add, AddAssign, Sub};

use swerve_model::{Cost, DetourPrice, Leg, Moment, Pace, Saving, Ticks};

use crate::instance::{Stop, Told, WEIGHT_MAX};

/// Prices in the units people think in, as a policy file has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tariff {
    /// Per hour of driving, and of waiting for a window to open: the van's and its driver's.
    pub driving_hour: Cost,
    pub waiting_hour: Cost,
    pub km: Cost,
    /// Per hour after the end of the shift, on top of everything else.
    pub overtime_hour: Cost,
    /// Per minute after the last promised close, for promises already lost when planned.
    pub late_minute: Cost,
    /// Per minute outside what was told, times its weight.
    pub told_minute: Cost,
    /// Per stop that comes with another van than was told.
    pub moved_van: Cost,
}

impl Default for Tariff {
    /// A European city van: 30 an hour, 0.30 a kilometre; a broken word dearer than a detour.
    fn default() -> Tariff {
        Tariff {
            driving_hour: Cost::from_units(30),
            waiting_hour: Cost::from_units(30),
            km: Cost(300_000),
            overtime_hour: Cost::from_units(15),
            late_minute: Cost::from_units(1),
            told_minute: Cost(20_000),
            moved_van: Cost(500_000),
        }
    }
}

/// Prices in the units the search counts in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prices {
    drive_tick: i64,
    wait_tick: i64,
    meter: i64,
    overtime_tick: i64,
    late_tick: i64,
    told_tick: i64,
    moved_van: Cost,
}

/// The highest rate per tick or metre, in micro-units: 36,000 units an hour. With it, and lateness
/// counted up to [`LATE_MAX`], 10,000 stops add up to less than a tenth of what an `i64` holds.
const RATE_MAX: i64 = 1_000_000;

/// Lateness beyond this costs no more, nor does waiting at one stop. A stop that is a day and a half late
/// is lost, not later.
pub(crate) const LATE_MAX: Ticks = Ticks::from_hours(36);

/// The price of one moved stop at most: a thousand currency units.
const MOVED_MAX: Cost = Cost::from_units(1000);

impl Prices {
    /// Rounds every price to its counting unit; negative prices count as zero, since no bound would
    /// hold with them.
    pub fn new(tariff: &Tariff) -> Prices {
        let per = |price: Cost, units: i64| ((price.0 + units / 2) / units).clamp(0, RATE_MAX);
        let hour = Ticks::from_hours(1).0;
        let minute = Ticks::from_minutes(1).0;
        Prices {
            drive_tick: per(tariff.driving_hour, hour),
            wait_tick: per(tariff.waiting_hour, hour),
            meter: per(tariff.km, 1000),
            overtime_tick: per(tariff.overtime_hour, hour),
            late_tick: per(tariff.late_minute, minute),
            told_tick: per(tariff.told_minute, minute),
            moved_van: tariff.moved_van.clamp(Cost::ZERO, MOVED_MAX),
        }
    }

    /// Driving one leg.
    #[inline]
    pub fn leg(&self, leg: Leg) -> Cost {
        self.driving(leg) + self.distance(leg)
    }

    /// What going out of the way costs at least where no route pays more than that for its waits and for
    /// overtime; of a stop that may be served at once, at any hour.
    pub(crate) fn detour(&self, pace: Pace, waits: Cost, overtime: Cost) -> DetourPrice {
        let per = |price: i64, most: Cost| Saving { tick: price as f64, most: most.0 as f64 };
        // Where waiting is dearer than driving, no wait is certain: a longer way would save it.
        let is_dearer = self.wait_tick > self.drive_tick;
        let wait_tick = if is_dearer { 0 } else { self.wait_tick };
        DetourPrice {
            pace,
            tick: self.drive_tick as f64,
            meter: self.meter as f64,
            wait: wait_tick as f64,
            wait_max: LATE_MAX.0 as f64,
            delayed: per(wait_tick, waits),
            hurried: per(self.overtime_tick, overtime),
            relief: if is_dearer { waits.0 as f64 } else { 0.0 },
            ..DetourPrice::FREE
        }
    }

    #[inline]
    pub(crate) fn driving(&self, leg: Leg) -> Cost {
        Cost(i64::from(leg.ticks) * self.drive_tick)
    }

    #[inline]
    pub(crate) fn distance(&self, leg: Leg) -> Cost {
        Cost(i64::from(leg.meters) * self.meter)
    }

    /// Waiting at one stop for its window to open.
    #[inline]
    pub(crate) fn waiting(&self, wait: Ticks) -> Cost {
        Cost(over(wait) * self.wait_tick)
    }

    /// Waiting at any number of stops, each for less than [`LATE_MAX`].
    #[inline]
    pub(crate) fn waits(&self, waits: Ticks) -> Cost {
        Cost(waits.0.saturating_mul(self.wait_tick))
    }

    /// What being later by `delay` saves at most, of `waits` paid for.
    #[inline]
    pub(crate) fn taken_up(&self, waits: Cost, delay: Ticks) -> Cost {
        waits.min(self.waits(delay.max(Ticks::ZERO)))
    }

    /// The same for a delay of at least that much: every moment more is driven, which saves nothing more
    /// unless waiting is dearer than driving.
    #[inline]
    pub(crate) fn taken_up_at_least(&self, waits: Cost, delay: Ticks) -> Cost {
        if self.wait_tick > self.drive_tick { waits } else { self.taken_up(waits, delay) }
    }

    /// Waiting at least that long, where each moment less may be driven instead.
    #[inline]
    pub(crate) fn waiting_at_least(&self, wait: Ticks) -> Cost {
        if self.wait_tick > self.drive_tick { Cost::ZERO } else { self.waiting(wait) }
    }

    /// Ending a route at `finish`.
    #[inline]
    pub(crate) fn overtime(&self, shift_end: Moment, finish: Moment) -> Cost {
        Cost(over(finish - shift_end) * self.overtime_tick)
    }

    /// What being back earlier by `ticks` saves at most, of `overtime` paid; nothing if that is no time
    /// at all.
    #[inline]
    pub(crate) fn hurry(&self, overtime: Cost, ticks: Ticks) -> Cost {
        overtime.min(Cost(over(ticks) * self.overtime_tick))
    }

    /// What a start of service at `stop` costs, moment by moment.
    pub(crate) fn moments(&self, stop: &Stop) -> MomentPrice {
        let far_future = Moment(i64::MAX / 4);
        let told = stop.told.unwrap_or(Told {
            route: 0,
            open: Moment(i64::MIN / 4),
            close: far_future,
            weight: 0,
        });
        MomentPrice {
            last_close: stop.windows.last().map_or(far_future, |last| last.close()),
            late_tick: self.late_tick,
            told_open: told.open,
            told_close: told.close,
            told_tick: self.told_tick * told.weight.clamp(0, WEIGHT_MAX),
        }
    }

    /// What a stop costs for coming with the van of key `van`: zero if that is the van told, or if
    /// nobody was told any.
    #[inline]
    pub(crate) fn carrier(&self, told: Option<u32>, van: u32) -> Cost {
        if told.is_some_and(|told| told != van) { self.moved_van } else { Cost::ZERO }
    }
}

/// A positive span in ticks, cut at [`LATE_MAX`]; zero for a negative one.
#[inline]
fn over(span: Ticks) -> i64 {
    span.0.clamp(0, LATE_MAX.0)
}

/// What starting service at one stop costs by the moment alone: lateness after the last promised
/// close, and distance to the told interval. Zero or more, and convex in the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MomentPrice {
    last_close: Moment,
    late_tick: i64,
    told_open: Moment,
    told_close: Moment,
    told_tick: i64,
}

impl MomentPrice {
    #[inline]
    pub(crate) fn late(&self, start: Moment) -> Cost {
        Cost(over(start - self.last_close) * self.late_tick)
    }

    #[inline]
    pub(crate) fn told(&self, start: Moment) -> Cost {
        let outside = over(self.told_open - start).max(over(start - self.told_close));
        Cost(outside * self.told_tick)
    }

    #[inline]
    pub(crate) fn at(&self, start: Moment) -> Cost {
        self.late(start) + self.told(start)
    }

    /// How much a tick's delay saves at `start`, at most: what is paid for being early.
    #[inline]
    pub(crate) fn early_tick(&self, start: Moment) -> i64 {
        if start < self.told_open { self.told_tick } else { 0 }
    }

    /// Starting earlier than this costs more than starting then.
    #[inline]
    pub(crate) fn calm_from(&self) -> Moment {
        if self.told_tick == 0 { Moment(i64::MIN / 4) } else { self.told_open }
    }

    /// Starting later than this costs more than starting then.
    #[inline]
    pub(crate) fn calm_until(&self) -> Moment {
        let told = if self.told_tick == 0 { self.last_close } else { self.told_close };
        self.last_close.min(told)
    }
}

/// A route's or a plan's cost by cause.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Breakdown {
    pub driving: Cost,
    pub waiting: Cost,
    pub distance: Cost,
    pub overtime: Cost,
    pub lateness: Cost,
    /// Stops outside what was told, in time or by another van.
    pub disturbance: Cost,
    /// Vans taken into use.
    pub vans: Cost,
}

impl Breakdown {
    pub fn total(&self) -> Cost {
        let hours = self.driving + self.waiting + self.overtime;
        hours + self.distance + self.lateness + self.disturbance + self.vans
    }
}

impl Add for Breakdown {
    type Output = Breakdown;
    fn add(self, other: Breakdown) -> Breakdown {
        Breakdown {
            driving: self.driving + other.driving,
            waiting: self.waiting + other.waiting,
            distance: self.distance + other.distance,
            overtime: self.overtime + other.overtime,
            lateness: self.lateness + other.lateness,
            disturbance: self.disturbance + other.disturbance,
            vans: self.vans + other.vans,
        }
    }
}

impl AddAssign for Breakdown {
    fn add_assign(&mut self, other: Breakdown) {
        *self = *self + other;
    }
}

impl Sub for Breakdown {
    type Output = Breakdown;
    fn sub(self, other: Breakdown) -> Breakdown {
        Breakdown {
            driving: self.driving - other.driving,
            waiting: self.waiting - other.waiting,
            distance: self.distance - other.distance,
            overtime: self.overtime - other.overtime,
            lateness: self.lateness - other.lateness,
            disturbance: self.disturbance - other.disturbance,
            vans: self.vans - other.vans,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_rounded_once_and_negative_ones_are_nothing() {
        let prices = Prices::new(&Tariff {
            driving_hour: Cost::from_units(36),
            km: Cost::from_units(-5),
            ..Tariff::default()
        });
        assert_eq!(prices.leg(Leg { ticks: 10, meters: 1000 }), Cost(10_000));
    }

    #[test]
    fn the_dearest_plan_of_ten_thousand_stops_still_adds_up() {
        let absurd = Cost(i64::MAX / 2);
        let prices = Prices::new(&Tariff {
            driving_hour: absurd,
            waiting_hour: absurd,
            km: absurd,
            overtime_hour: absurd,
            late_minute: absurd,
            told_minute: absurd,
            moved_van: absurd,
        });
        // Late, far outside what was told, and after a wait.
        let worst_start = over(Ticks(i64::MAX)) * RATE_MAX * (2 + WEIGHT_MAX);
        let worst_legs = prices.leg(Leg::UNREACHABLE).0 / 1000;
        // One leg in a thousand may lead nowhere; a plan with more of them is no plan.
        let worst = (worst_start + worst_legs + MOVED_MAX.0).checked_mul(10_000);
        assert!(worst.is_some_and(|total| total < i64::MAX / 2), "{worst:?}");
    }
}
