//! Ruin and recreate, accepting a little worse at first and less and less later.
//!
//! Each round tears out strings around a seed, puts the stops back and keeps the result if it is not
//! worse than the present plan by more than a threshold drawn for the round. The best plan seen is
//! what counts in the end.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use swerve_model::Cost;

use super::draft::Draft;
use super::legs::Legs;
use super::recreate::Recreate;
use super::ruin::ruin;
use super::space::Space;
use super::workers::Start;
use crate::chance::exponential;
use crate::improve::{Brake, Worth};

/// How much worse a plan may get on the way, as a share of its mean leg's cost.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Heat {
    pub(crate) start: f64,
    pub(crate) end: f64,
}

/// How long to go on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Budget<'a> {
    pub(crate) rounds: u64,
    /// Asked between rounds.
    pub(crate) stop: &'a dyn Brake,
}

impl<'a> Budget<'a> {
    pub(crate) fn is_used_up(&self, rounds: u64) -> bool {
        rounds >= self.rounds || self.stop.ends()
    }

    pub(crate) fn share(&self, numerator: u64, denominator: u64) -> Budget<'a> {
        Budget { rounds: self.rounds / denominator * numerator, ..*self }
    }

    pub(crate) fn less(&self, used: u64) -> Budget<'a> {
        Budget { rounds: self.rounds.saturating_sub(used), ..*self }
    }
}

/// The best plan seen, by tour.
pub(crate) struct Best {
    pub(crate) tours: Vec<Vec<u32>>,
    pub(crate) worth: Worth,
    /// Tours that may differ from the draft's.
    outdated: Vec<bool>,
}

impl Best {
    pub(crate) fn of(draft: &Draft) -> Best {
        Best {
            tours: draft.tours.iter().map(|tour| tour.nodes().collect()).collect(),
            worth: draft.worth(),
            outdated: vec![false; draft.tours.len()],
        }
    }

    /// To be told of every round the draft keeps. Copies the tours that differ, if the draft is
    /// better than the best.
    pub(crate) fn keep_if_better(&mut self, draft: &Draft) -> bool {
        for tour in draft.touched() {
            self.outdated[tour as usize] = true;
        }
        if draft.worth() >= self.worth {
            return false;
        }
        self.worth = draft.worth();
        for (number, outdated) in self.outdated.iter_mut().enumerate() {
            if std::mem::take(outdated) {
                let tour = &mut self.tours[number];
                tour.clear();
                tour.extend(draft.tours[number].nodes());
            }
        }
        true
    }
}

/// Rounds on `draft` around stops drawn from the seeds until the budget is used up, and how many. `best` becomes the best seen.
pub(crate) fn anneal<L: Legs>(
    draft: &mut Draft,
    best: &mut Best,
    space: &Space<L>,
    start: &Start,
    budget: Budget,
    rng: &mut ChaCha8Rng,
) -> u64 {
    let Start { seeds, heat, .. } = *start;
    let rounds = budget.rounds;
    if seeds.is_empty() {
        return 0;
    }
    let mut recreate = Recreate::new(space);
    let scale = mean_leg(draft);
    for round in 0..rounds {
        if budget.is_used_up(round) {
            return round;
        }
        let threshold = threshold(draft.worth(), heat, scale, round as f64 / rounds as f64, rng);
        let seed = seeds[rng.random_range(0..seeds.len())];
        draft.begin();
        ruin(draft, seed, space, rng);
        recreate.run(draft, space, rng);
        if is_acceptable(draft, threshold, space) {
            best.keep_if_better(draft);
        } else {
            draft.undo();
        }
    }
    rounds
}

/// What is driven between two stops, on average.
fn mean_leg(draft: &Draft) -> f64 {
    let legs = draft.tours.iter().filter(|tour| !tour.is_empty()).flat_map(|tour| &tour.gaps);
    let (count, total) = legs.fold((0u32, 0), |(count, total), gap| (count + 1, total + gap.leg.0));
    total as f64 / f64::from(count.max(1))
}

/// What the round's result may cost at most.
fn threshold(present: Worth, heat: Heat, scale: f64, progress: f64, rng: &mut ChaCha8Rng) -> Cost {
    let left = 1.0 - progress;
    let temperature = heat.end + (heat.start - heat.end) * left * left * left;
    present.money + Cost((temperature * scale * exponential(rng)) as i64)
}

/// Not more is dropped than before, none of what had a place, and it costs no more than `threshold`.
fn is_acceptable<L: Legs>(draft: &Draft, threshold: Cost, space: &Space<L>) -> bool {
    let (before, after) = (draft.worth_at_begin(), draft.worth());
    let keeps_held = !draft.unassigned().iter().any(|node| space.nodes[*node as usize].is_held);
    keeps_held
        && (after.dropped < before.dropped
            || after.dropped == before.dropped && after.money <= threshold)
}
