//! Quantities as types, so that a moment is never added to a moment nor metres to money.
//!
//! All are integers: sums are exact, order is total, and a replay agrees on every machine. Floats
//! live in geometry and speeds and are rounded once, where they become [`Ticks`].

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Mul, Neg, Sub, SubAssign};

/// A span of time in tenths of a second; negative only as the difference of two spans.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticks(pub i64);

/// A moment, in tenths of a second since the Unix epoch (UTC). Not [`Ticks`]: two moments cannot be
/// added.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(pub i64);

/// A length in metres.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Meters(pub i64);

/// An amount in millionths of the territory's currency unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cost(pub i64);

impl Ticks {
    pub const ZERO: Ticks = Ticks(0);
    pub const PER_SECOND: i64 = 10;

    pub const fn from_seconds(seconds: i64) -> Ticks {
        Ticks(seconds * Self::PER_SECOND)
    }

    pub const fn from_minutes(minutes: i64) -> Ticks {
        Ticks::from_seconds(minutes * 60)
    }

    pub const fn from_hours(hours: i64) -> Ticks {
        Ticks::from_minutes(hours * 60)
    }

    /// Whole seconds, rounded down.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(Self::PER_SECOND)
    }

    pub fn as_hours_f64(self) -> f64 {
        self.0 as f64 / (3600 * Self::PER_SECOND) as f64
    }

    #[must_use]
    pub const fn abs(self) -> Ticks {
        Ticks(self.0.abs())
    }
}

impl Moment {
    pub const EPOCH: Moment = Moment(0);

    pub const fn from_unix_seconds(seconds: i64) -> Moment {
        Moment(seconds * Ticks::PER_SECOND)
    }

    /// Whole seconds since the epoch, rounded down.
    pub const fn unix_seconds(self) -> i64 {
        self.0.div_euclid(Ticks::PER_SECOND)
    }
}

impl Sub for Moment {
    type Output = Ticks;
    fn sub(self, earlier: Moment) -> Ticks {
        Ticks(self.0 - earlier.0)
    }
}

impl Add<Ticks> for Moment {
    type Output = Moment;
    fn add(self, span: Ticks) -> Moment {
        Moment(self.0 + span.0)
    }
}

impl Sub<Ticks> for Moment {
    type Output = Moment;
    fn sub(self, span: Ticks) -> Moment {
        Moment(self.0 - span.0)
    }
}

impl AddAssign<Ticks> for Moment {
    fn add_assign(&mut self, span: Ticks) {
        self.0 += span.0;
    }
}

macro_rules! additive {
    ($($quantity:ident),*) => {$(
        impl Add for $quantity {
            type Output = $quantity;
            fn add(self, other: $quantity) -> $quantity {
                $quantity(self.0 + other.0)
            }
        }
        impl Sub for $quantity {
            type Output = $quantity;
            fn sub(self, other: $quantity) -> $quantity {
                $quantity(self.0 - other.0)
            }
        }
        impl Neg for $quantity {
            type Output = $quantity;
            fn neg(self) -> $quantity {
                $quantity(-self.0)
            }
        }
        impl AddAssign for $quantity {
            fn add_assign(&mut self, other: $quantity) {
                self.0 += other.0;
            }
        }
        impl SubAssign for $quantity {
            fn sub_assign(&mut self, other: $quantity) {
                self.0 -= other.0;
            }
        }
        impl Mul<i64> for $quantity {
            type Output = $quantity;
            fn mul(self, factor: i64) -> $quantity {
                $quantity(self.0 * factor)
            }
        }
        impl Sum for $quantity {
            fn sum<I: Iterator<Item = $quantity>>(items: I) -> $quantity {
                items.fold($quantity(0), |total, item| total + item)
            }
        }
    )*};
}
additive!(Ticks, Meters, Cost);

impl Meters {
    pub const ZERO: Meters = Meters(0);
}

impl Cost {
    pub const ZERO: Cost = Cost(0);
    /// Larger than any real plan's cost, small enough that a thousand of them still add up.
    pub const PROHIBITIVE: Cost = Cost(i64::MAX / 4096);
    /// Of what cannot be done; above every price and every limit on prices.
    pub const IMPOSSIBLE: Cost = Cost(i64::MAX);

    pub const fn from_units(units: i64) -> Cost {
        Cost(units * 1_000_000)
    }

    pub fn as_units_f64(self) -> f64 {
        self.0 as f64 / 1e6
    }
}

impl fmt::Display for Ticks {
    /// `1:05:09.3`, hours first; the tenth only when there is one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let tenths = self.0.unsigned_abs();
        let (seconds, tenth) = (tenths / 10, tenths % 10);
        write!(f, "{sign}{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)?;
        if tenth == 0 { Ok(()) } else { write!(f, ".{tenth}") }
    }
}

/// How many capacity dimensions a load has: weight, volume, count.
pub const LOAD_DIMENSIONS: usize = 3;

/// What a parcel takes up, or what a vehicle has room for, by dimension.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Load(pub [i64; LOAD_DIMENSIONS]);

impl Load {
    pub const ZERO: Load = Load([0; LOAD_DIMENSIONS]);

    pub const fn new(weight_grams: i64, volume_milliliters: i64, count: i64) -> Load {
        Load([weight_grams, volume_milliliters, count])
    }

    pub const fn weight_grams(self) -> i64 {
        self.0[0]
    }

    pub const fn volume_milliliters(self) -> i64 {
        self.0[1]
    }

    pub const fn count(self) -> i64 {
        self.0[2]
    }

    /// Whether it fits in `room` in every dimension.
    #[inline]
    pub fn fits(self, room: Load) -> bool {
        self.0.iter().zip(room.0).all(|(load, room)| *load <= room)
    }
}

impl Add for Load {
    type Output = Load;
    fn add(self, other: Load) -> Load {
        Load(std::array::from_fn(|dimension| self.0[dimension] + other.0[dimension]))
    }
}

impl Sub for Load {
    type Output = Load;
    fn sub(self, other: Load) -> Load {
        Load(std::array::from_fn(|dimension| self.0[dimension] - other.0[dimension]))
    }
}

impl AddAssign for Load {
    fn add_assign(&mut self, other: Load) {
        *self = *self + other;
    }
}

impl SubAssign for Load {
    fn sub_assign(&mut self, other: Load) {
        *self = *self - other;
    }
}

impl Sum for Load {
    fn sum<I: Iterator<Item = Load>>(items: I) -> Load {
        items.fold(Load::ZERO, |total, item| total + item)
    }
}

/// What a task asks for and a manifest offers, one bit a skill; the territory's settings name them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Skills(pub u64);

impl Skills {
    pub const NONE: Skills = Skills(0);

    /// Whether everything asked for is offered.
    pub const fn are_met_by(self, offered: Skills) -> bool {
        self.0 & !offered.0 == 0
    }

    #[must_use]
    pub const fn union(self, other: Skills) -> Skills {
        Skills(self.0 | other.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_print_as_clock_time() {
        assert_eq!(Ticks(39_093).to_string(), "1:05:09.3");
        assert_eq!(Ticks(-600).to_string(), "-0:01:00");
    }

    #[test]
    fn a_load_fits_only_if_every_dimension_does() {
        let room = Load::new(10, 10, 1);
        assert!(Load::new(10, 10, 1).fits(room));
        assert!(!Load::new(0, 11, 0).fits(room));
    }

    #[test]
    fn skills_are_met_only_in_full() {
        assert!(Skills(0b01).are_met_by(Skills(0b11)));
        assert!(!Skills(0b101).are_met_by(Skills(0b011)));
    }
}
