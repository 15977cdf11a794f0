//! Random draws the search needs, made of integers and plain arithmetic.
//!
//! The same seed must give the same plan on every machine, so nothing here calls a transcendental
//! function of the platform's library.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// The generator of one logical worker: same seed, other stream.
pub(crate) fn worker_rng(seed: u64, worker: u32) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(u64::from(worker));
    rng
}

/// A draw from the exponential distribution of mean 1.
pub(crate) fn exponential(rng: &mut ChaCha8Rng) -> f64 {
    // In (0, 1]: 53 random bits, none of them a zero argument.
    let uniform = ((rng.random::<u64>() >> 11) + 1) as f64 / (1u64 << 53) as f64;
    -natural_log(uniform)
}

/// Natural logarithm of a positive normal number, to about 1e-12: the exponent, and a series in
/// (m - 1) / (m + 1) for the mantissa.
pub(crate) fn natural_log(x: f64) -> f64 {
    let bits = x.to_bits();
    let exponent = ((bits >> 52) & 0x7ff) as i64 - 1023;
    let mantissa = f64::from_bits((bits & ((1 << 52) - 1)) | (1023 << 52));
    // Centred on 1, so that the series converges fast.
    let (mantissa, exponent) =
        if mantissa > 1.5 { (mantissa / 2.0, exponent + 1) } else { (mantissa, exponent) };
    let z = (mantissa - 1.0) / (mantissa + 1.0);
    let square = z * z;
    let series = (0..12).rev().fold(0.0, |sum, term| sum * square + 1.0 / f64::from(2 * term + 1));
    2.0 * z * series + exponent as f64 * std::f64::consts::LN_2
}

/// Skips about one in a hundred, at the price of one draw per hundred.
pub(crate) struct Blink {
    until_next: u32,
}

/// Passed over in a hundred positions: the rate the method's authors found best.
const BLINK_PER_CENT: u32 = 1;

impl Blink {
    pub(crate) fn new(rng: &mut ChaCha8Rng) -> Blink {
        Blink { until_next: gap_to_next(rng) }
    }

    /// Whether to pass over what comes now.
    #[inline]
    pub(crate) fn skips(&mut self, rng: &mut ChaCha8Rng) -> bool {
        if self.until_next > 0 {
            self.until_next -= 1;
            return false;
        }
        self.until_next = gap_to_next(rng);
        true
    }
}

/// How many are looked at before the next is skipped: the geometric distribution.
fn gap_to_next(rng: &mut ChaCha8Rng) -> u32 {
    let rate = f64::from(BLINK_PER_CENT) / 100.0;
    (exponential(rng) / -natural_log(1.0 - rate)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_logarithm_is_the_library_s_to_many_digits(x in 1e-16f64..1e3) {
            prop_assert!((natural_log(x) - x.ln()).abs() < 1e-11 * (1.0 + x.ln().abs()));
        }
    }

    #[test]
    fn one_position_in_a_hundred_is_skipped() {
        let mut rng = worker_rng(7, 0);
        let mut blink = Blink::new(&mut rng);
        let skipped = (0..1_000_000).filter(|_| blink.skips(&mut rng)).count();
        assert!((9_500..10_500).contains(&skipped), "{skipped}");
    }

    #[test]
    fn workers_draw_different_numbers_from_one_seed() {
        let draw = |worker| worker_rng(1, worker).random::<u64>();
        assert_ne!(draw(0), draw(1));
        assert_eq!(draw(1), draw(1));
    }
}
