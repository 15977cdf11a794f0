//! How sure an arrival is: the spread of what really happens around the plan.
//!
//! A driver's day is faster or slower as a whole (pace, traffic), and each leg and hand-over adds
//! its own noise. The first grows in proportion to the time ahead, the second with its square root:
//! `sd(h)^2 = (pace * h)^2 + noise * h`. The spread depends on the time since the route's anchor
//! alone, so "kept with 95 %" is one latest start per stop and route, and the search can treat it as
//! a window that closes earlier. Source: the normal approximation of a common multiplicative factor
//! plus independent leg noise.

use crate::units::{Moment, Ticks};

/// One-sided 95 % of the standard normal: below it a promise is not made, and no other's is pushed.
pub const Z_KEPT: f64 = 1.644_854;

/// Spread of arrivals around the plan, for one territory.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Risk {
    /// Standard deviation of the day's common factor: 0.05 is five per cent.
    pub pace: f64,
    /// Variance that each second ahead adds, in seconds squared.
    pub noise: f64,
}

impl Default for Risk {
    /// A van in a city: 5 % for the day's pace; hand-overs of 170 s with a deviation of 130 s (a few
    /// take many times as long), every five minutes, give 56 s² a second, legs the rest.
    fn default() -> Risk {
        Risk { pace: 0.05, noise: 60.0 }
    }
}

impl Risk {
    /// Nothing ever deviates: for tests and for comparing plans as planned.
    pub const NONE: Risk = Risk { pace: 0.0, noise: 0.0 };

    /// Standard deviation, in ticks, of a start planned `ahead` of its route's anchor.
    pub fn deviation(&self, ahead: Ticks) -> f64 {
        let seconds = ahead.0.max(0) as f64 / Ticks::PER_SECOND as f64;
        let pace = self.pace * seconds;
        (pace * pace + self.noise * seconds).sqrt() * Ticks::PER_SECOND as f64
    }

    /// How many standard deviations a planned `start` lies before `close`; negative when it is late.
    /// At least a second of spread is assumed, so that the answer is finite.
    pub fn margin(&self, anchor: Moment, start: Moment, close: Moment) -> f64 {
        let deviation = self.deviation(start - anchor).max(Ticks::PER_SECOND as f64);
        (close - start).0 as f64 / deviation
    }

    /// The latest planned start whose margin before `close` is still `z` or more, seen from `anchor`.
    /// Never after `close` for `z >= 0`; at most three days after it for `z < 0`. O(log horizon).
    pub fn latest_start(&self, anchor: Moment, close: Moment, z: f64) -> Moment {
        let (mut kept, mut missed) = (close - Ticks::from_hours(72), close + Ticks::from_hours(72));
        if z >= 0.0 {
            missed = close + Ticks(1);
        }
        // The margin falls as the start moves later, so the kept starts are a half-line.
        while missed.0 - kept.0 > 1 {
            let middle = Moment(kept.0 + (missed.0 - kept.0) / 2);
            if self.margin(anchor, middle, close) >= z {
                kept = middle;
            } else {
                missed = middle;
            }
        }
        kept
    }

    /// Probability, in parts per thousand rounded down, that service starts by `close`. For reports:
    /// decisions compare margins.
    pub fn kept_permille(&self, anchor: Moment, start: Moment, close: Moment) -> u16 {
        (normal_cdf(self.margin(anchor, start, close)) * 1000.0) as u16
    }

    /// The central 90 % of starts around a planned one.
    pub fn interval(&self, anchor: Moment, start: Moment) -> (Moment, Moment) {
        let half = Ticks((Z_KEPT * self.deviation(start - anchor)).round() as i64);
        (start - half, start + half)
    }
}

/// Standard normal distribution function, to about 1e-7 (Abramowitz & Stegun 26.2.17).
fn normal_cdf(z: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.231_641_9 * z.abs());
    let density = (-z * z / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
    let polynomial = t
        * (0.319_381_530
            + t * (-0.356_563_782
                + t * (1.781_477_937 + t * (-1.821_255_978 + t * 1.330_274_429))));
    let upper_tail = density * polynomial;
    if z >= 0.0 { 1.0 - upper_tail } else { upper_tail }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ninety_five_per_cent_is_the_margin_that_is_asked_for() {
        assert!((normal_cdf(Z_KEPT) - 0.95).abs() < 1e-6);
        assert!((normal_cdf(-1.0) - 0.158_655).abs() < 1e-6);
    }

    #[test]
    fn four_hours_ahead_the_spread_is_about_twenty_minutes() {
        let deviation = Risk::default().deviation(Ticks::from_hours(4));
        assert!((11_000.0..13_000.0).contains(&deviation), "{deviation}");
    }

    proptest! {
        #[test]
        fn latest_start_is_the_last_one_with_the_margin(
            ahead in 0i64..400_000, z in -3.0f64..3.0, pace in 0.0f64..0.2, noise in 0.0f64..100.0,
        ) {
            let risk = Risk { pace, noise };
            let anchor = Moment(1_000_000);
            let close = anchor + Ticks(ahead);
            let latest = risk.latest_start(anchor, close, z);
            prop_assert!(risk.margin(anchor, latest, close) >= z);
            prop_assert!(z >= 0.0 && latest == close || risk.margin(anchor, latest + Ticks(1), close) < z);
        }
    }
}
