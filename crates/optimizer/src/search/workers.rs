//! Several independent searches from one start; the best wins.

use rayon::prelude::*;

use super::anneal::{Best, Budget, Heat, anneal};
use super::descent::descend;
use super::draft::Draft;
use super::legs::Legs;
use super::recreate::Recreate;
use super::space::Space;
use crate::chance::worker_rng;
use crate::improve::Search;

/// Where every worker begins, and how it goes on.
pub(crate) struct Start<'a> {
    /// Nodes by van; what is in none is unassigned.
    pub(crate) tours: &'a [Vec<u32>],
    /// Nodes to search around, most urgent first.
    pub(crate) seeds: &'a [u32],
    pub(crate) heat: Heat,
}

/// What came of it.
pub(crate) struct Outcome {
    pub(crate) best: Best,
    pub(crate) winner: u32,
    /// Rounds by worker.
    pub(crate) rounds: Vec<u64>,
}

/// The best of `search.workers` searches, at least one; ties to the lowest.
pub(crate) fn best_of_workers<L: Legs>(
    space: &Space<L>,
    start: &Start,
    search: &Search,
) -> Outcome {
    let results: Vec<(Best, u64)> = (0..search.workers.max(1))
        .into_par_iter()
        .map(|worker| work(space, start, worker, search))
        .collect();
    let rounds = results.iter().map(|(_, rounds)| *rounds).collect();
    let ranked = results.into_iter().enumerate();
    let (winner, (best, _)) = ranked
        .min_by_key(|(worker, (best, _))| (best.worth, *worker))
        .expect("at least one worker");
    Outcome { best, winner: winner as u32, rounds }
}

/// One worker: places for the unassigned, downhill around the seeds, then ruin and recreate for what
/// is left of the budget, and downhill again from the best.
fn work<L: Legs>(space: &Space<L>, start: &Start, worker: u32, search: &Search) -> (Best, u64) {
    let mut rng = worker_rng(search.seed, worker);
    let mut draft = Draft::new(start.tours, space);
    let mut best = Best::of(&draft);
    let whole = Budget { rounds: search.iterations, stop: search.stop };
    if whole.is_used_up(0) {
        return (best, 0);
    }
    draft.begin();
    if !draft.unassigned().is_empty() {
        Recreate::new(space).run(&mut draft, space, &mut rng);
    }
    let seeds = start.seeds.iter().copied();
    let looks = descend(&mut draft, space, seeds, whole.share(1, 4));
    best.keep_if_better(&draft);
    let left = whole.less(looks);
    let rounds = anneal(&mut draft, &mut best, space, start, left, &mut rng);
    (best, looks + rounds)
}
