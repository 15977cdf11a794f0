//! What it costs, on the way, to leave something out.
//!
//! With as few vehicles as can be, hardly anything can be moved without leaving something out first: a
//! search that never does is caught where its fleet came to rest. So orders may be left out for a while, at
//! a price that keeps the plan incomplete for a share of the rounds, and less and less of them towards the
//! end. The best plan is always judged as it is.

use super::recreate::Measure;

/// In mean legs: the price at first, and the least and most it becomes.
const PRICE_FIRST: f64 = 4.0;
const PRICE_MIN: f64 = 0.5;
const PRICE_MAX: f64 = 1_000.0;

/// How much the price changes from one look to the next.
const PRICE_STEP: f64 = 1.1;

/// The share of rounds that end with an incomplete plan, at first. Measured on Li & Lim with 0.1, 0.3.
const SHARE: f64 = 0.3;

/// After so many incomplete rounds in a row, for each order and at least, the search goes back to the best
/// plan: what cannot be put back at once would keep it from improving for the rest of the time.
const ROUNDS_PER_ORDER: u64 = 10;
const ROUNDS_MIN: u64 = 1_000;

pub(super) struct Toll {
    price: f64,
    /// Cost of a mean leg.
    scale: f64,
    rounds: u64,
    incomplete: u64,
    /// Incomplete rounds since the last complete one.
    in_a_row: u64,
    in_a_row_max: u64,
}

impl Toll {
    pub(super) fn new(scale: f64, orders: usize) -> Toll {
        let in_a_row_max = ROUNDS_MIN.max(ROUNDS_PER_ORDER * orders as u64);
        let price = PRICE_FIRST * scale;
        Toll { price, scale, rounds: 0, incomplete: 0, in_a_row: 0, in_a_row_max }
    }

    pub(super) fn measure(&self) -> Measure {
        Measure::Priced(self.price as i64)
    }

    /// Adapts the price to the rounds since the last time, when that share of the search is done.
    pub(super) fn adapt(&mut self, done: f64) {
        let is_often = self.incomplete as f64 > SHARE * (1.0 - done) * self.rounds as f64;
        let price = if is_often { self.price * PRICE_STEP } else { self.price / PRICE_STEP };
        self.price = price.clamp(PRICE_MIN * self.scale, PRICE_MAX * self.scale);
        (self.rounds, self.incomplete) = (0, 0);
    }

    /// Counts a round; whether too many have been incomplete in a row.
    pub(super) fn is_stuck_after(&mut self, is_incomplete: bool) -> bool {
        self.rounds += 1;
        self.incomplete += u64::from(is_incomplete);
        self.in_a_row = if is_incomplete { self.in_a_row + 1 } else { 0 };
        let is_stuck = self.in_a_row > self.in_a_row_max;
        if is_stuck {
            self.in_a_row = 0;
        }
        is_stuck
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_too_often_becomes_dearer_and_the_other_way_round() {
        let mut toll = Toll::new(100.0, 10);
        let price = |toll: &Toll| match toll.measure() {
            Measure::Priced(price) => price,
            Measure::Exact => i64::MAX,
        };
        let first = price(&toll);
        (0..64).for_each(|_| assert!(!toll.is_stuck_after(true)));
        toll.adapt(0.0);
        assert!(price(&toll) > first);
        (0..64).for_each(|round| assert!(!toll.is_stuck_after(round % 8 == 0)));
        toll.adapt(0.0);
        assert_eq!(price(&toll), first);
        // The same share is too much towards the end.
        (0..64).for_each(|round| assert!(!toll.is_stuck_after(round % 8 == 0)));
        toll.adapt(0.9);
        assert!(price(&toll) > first);
    }

    #[test]
    fn a_thousand_incomplete_rounds_in_a_row_are_enough() {
        let mut toll = Toll::new(1.0, 10);
        assert_eq!((0..2_000).find(|_| toll.is_stuck_after(true)), Some(ROUNDS_MIN));
        assert!(!toll.is_stuck_after(true));
    }
}
