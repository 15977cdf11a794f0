//! Seeded chance: one stream per purpose, the same numbers on every machine.
//!
//! Everything random in this crate is drawn here, from `ChaCha8`, by integer arithmetic and the
//! functions of [`crate::steady`]. The purpose is part of the key: how often one part of a
//! generator draws can never shift what another part sees.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::steady;

/// A stream of chance.
#[derive(Clone, Debug)]
pub(crate) struct Dice(ChaCha8Rng);

impl Dice {
    /// The stream for `purpose` under `seed`: four words of key, so any two purposes, and any two
    /// (`a`, `b`) under one purpose, are independent. O(1), a `ChaCha` block or so.
    pub(crate) fn new(seed: u64, purpose: &str, a: u64, b: u64) -> Dice {
        let mut key = [0; 32];
        for (bytes, word) in key.chunks_exact_mut(8).zip([seed, hash_text(purpose), a, b]) {
            bytes.copy_from_slice(&word.to_le_bytes());
        }
        Dice(ChaCha8Rng::from_seed(key))
    }

    /// Uniform in [0, 1), 53 bits.
    pub(crate) fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Uniform in [`low`, `high`).
    pub(crate) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// Uniform in `0..count`; 0 when there is nothing to choose from. The bias of the multiplication
    /// is below `count` / 2^64.
    pub(crate) fn index(&mut self, count: usize) -> usize {
        ((u128::from(self.0.next_u64()) * count as u128) >> 64) as usize
    }

    /// Uniform in `low..=high`.
    pub(crate) fn whole(&mut self, low: i64, high: i64) -> i64 {
        low + self.index((high - low + 1).max(1) as usize) as i64
    }

    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    pub(crate) fn permille(&mut self, permille: u32) -> bool {
        self.index(1000) < permille as usize
    }

    /// Standard normal (Box and Muller 1958; one of the pair is thrown away, so that each call draws
    /// the same number of words).
    pub(crate) fn normal(&mut self) -> f64 {
        let radius = (-2.0 * steady::ln(1.0 - self.unit())).sqrt();
        radius * steady::sin_cos(std::f64::consts::TAU * self.unit()).1
    }

    /// Lognormal with this median; `sigma` is the deviation of its logarithm.
    pub(crate) fn lognormal(&mut self, median: f64, sigma: f64) -> f64 {
        median * steady::exp(sigma * self.normal())
    }

    /// Exponential with this mean.
    pub(crate) fn exponential(&mut self, mean: f64) -> f64 {
        -mean * steady::ln(1.0 - self.unit())
    }

    /// Any one of `items`; `None` only if there are none.
    pub(crate) fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        items.get(self.index(items.len()))
    }

    /// The index of one of `weights`, with probability in proportion; 0 if they sum to nothing.
    pub(crate) fn weighted(&mut self, weights: &[f64]) -> usize {
        let mut left = self.unit() * weights.iter().sum::<f64>();
        for (index, weight) in weights.iter().enumerate() {
            left -= weight;
            if left < 0.0 {
                return index;
            }
        }
        0
    }

    /// Fisher and Yates.
    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.index(last + 1));
        }
    }
}

/// FNV-1a, 64 bits, then a mixing step so that names that differ in one digit differ everywhere.
pub(crate) fn hash_text(text: &str) -> u64 {
    let fnv = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    mix(fnv)
}

/// The finishing step of `SplitMix64` (Steele, Lea & Flood 2014): a bijection with full avalanche.
pub(crate) const fn mix(word: u64) -> u64 {
    let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn purposes_and_keys_have_streams_of_their_own() {
        let first = |seed, purpose, a, b| Dice::new(seed, purpose, a, b).0.next_u64();
        let all = [
            first(1, "x", 0, 0),
            first(2, "x", 0, 0),
            first(1, "y", 0, 0),
            first(1, "x", 1, 0),
            first(1, "x", 0, 1),
        ];
        for (i, one) in all.iter().enumerate() {
            assert!(all[..i].iter().all(|other| other != one));
        }
        assert_eq!(first(1, "x", 0, 0), all[0]);
    }

    #[test]
    fn draws_have_the_moments_they_claim() {
        let mut dice = Dice::new(3, "moments", 0, 0);
        let count = 40_000;
        let moments = |draw: &mut dyn FnMut() -> f64| {
            let (mut sum, mut squares) = (0.0, 0.0);
            for _ in 0..count {
                let x = draw();
                sum += x;
                squares += x * x;
            }
            let mean = sum / f64::from(count);
            (mean, (squares / f64::from(count) - mean * mean).sqrt())
        };
        let (mean, deviation) = moments(&mut || dice.normal());
        assert!(mean.abs() < 0.02 && (deviation - 1.0).abs() < 0.02, "{mean} {deviation}");
        let (mean, deviation) = moments(&mut || dice.exponential(5.0));
        assert!((mean - 5.0).abs() < 0.1 && (deviation - 5.0).abs() < 0.15, "{mean} {deviation}");
        let (mean, _) = moments(&mut || dice.index(7) as f64);
        assert!((mean - 3.0).abs() < 0.04, "{mean}");
        let (mean, _) = moments(&mut || dice.weighted(&[1.0, 0.0, 3.0]) as f64);
        assert!((mean - 1.5).abs() < 0.03, "{mean}");
    }

    #[test]
    fn choosing_from_nothing_is_no_panic() {
        let mut dice = Dice::new(0, "nothing", 0, 0);
        assert_eq!(dice.index(0), 0);
        assert_eq!(dice.pick::<u8>(&[]), None);
        assert_eq!(dice.weighted(&[]), 0);
        assert_eq!(dice.whole(5, 4), 5);
        dice.shuffle::<u8>(&mut []);
    }
}
