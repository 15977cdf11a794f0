//! What people do that no scenario file says: how long a driver takes to look at a message, who
//! refuses one, who takes a change back.
//!
//! As with the truth of roads and doors, every answer is a function of the seed and of what is asked
//! about, never of how often anything was asked.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};
use swerve_model::Ticks;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Whims {
    seed: u64,
}

impl Whims {
    pub(super) const fn new(seed: u64) -> Whims {
        Whims { seed }
    }

    /// Uniform over the whole seconds `low..=high`.
    pub(super) fn span(self, question: &str, about: &str, low: u32, high: u32) -> Ticks {
        let seconds = low + self.below(question, about, high.saturating_sub(low) + 1);
        Ticks::from_seconds(i64::from(seconds))
    }

    pub(super) fn happens(self, question: &str, about: &str, permille: u32) -> bool {
        self.below(question, about, 1000) < permille
    }

    /// Uniform in `0..count`; the bias of the multiplication is below `count` / 2^64.
    fn below(self, question: &str, about: &str, count: u32) -> u32 {
        let mut key = [0; 32];
        for (bytes, word) in
            key.chunks_exact_mut(8).zip([self.seed, digest(question), digest(about), 0])
        {
            bytes.copy_from_slice(&word.to_le_bytes());
        }
        let word = ChaCha8Rng::from_seed(key).next_u64();
        ((u128::from(word) * u128::from(count)) >> 64) as u32
    }
}

/// FNV-1a; the cipher behind it does the mixing.
fn digest(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_and_spans_are_what_was_asked_for() {
        let whims = Whims::new(7);
        let yes = (0..4_000).filter(|n| whims.happens("refuse", &n.to_string(), 150)).count();
        assert!((500..700).contains(&yes), "{yes}");
        let spans: Vec<i64> =
            (0..400).map(|n| whims.span("look", &n.to_string(), 15, 90).seconds()).collect();
        assert!(spans.iter().all(|seconds| (15..=90).contains(seconds)));
        assert!(spans.iter().any(|s| *s < 25) && spans.iter().any(|s| *s > 80));
    }

    #[test]
    fn the_same_question_about_the_same_thing_has_one_answer_for_each_seed() {
        let one = |seed| (0..64).map(move |n| Whims::new(seed).happens("x", &n.to_string(), 500));
        assert!(one(1).eq(one(1)));
        assert!(!one(1).eq(one(2)));
    }
}
