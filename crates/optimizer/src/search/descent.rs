//! Downhill by single moves, until none around the stops in question saves anything.

use std::collections::VecDeque;

use super::anneal::Budget;
use super::draft::Draft;
use super::legs::Legs;
use super::moves::{Scene, best_around};
use super::space::Space;

/// Looks around each of `around`, and again around whatever a move touched, making the best move found
/// each time. One look at one stop is one round of the budget; returns how many were used.
pub(crate) fn descend<L: Legs>(
    draft: &mut Draft,
    space: &Space<L>,
    around: impl Iterator<Item = u32>,
    budget: Budget,
) -> u64 {
    let mut queue: VecDeque<u32> = around.collect();
    let mut is_queued = vec![false; space.nodes.len()];
    for node in &queue {
        is_queued[*node as usize] = true;
    }
    let mut looks = 0;
    while let Some(node) = queue.pop_front() {
        if budget.is_used_up(looks) {
            break;
        }
        looks += 1;
        is_queued[node as usize] = false;
        let found = best_around(node, &Scene { space, draft });
        if let Some(found) = found {
            let seams = found.apply(draft, space);
            for touched in seams.into_iter().chain([node]) {
                if !std::mem::replace(&mut is_queued[touched as usize], true) {
                    queue.push_back(touched);
                }
            }
        }
    }
    looks
}
