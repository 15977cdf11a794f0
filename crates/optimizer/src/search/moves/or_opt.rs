//! A few consecutive stops move together, as they are or turned round.

use super::{Move, Run, Scene, relocate};
use crate::search::legs::Legs;

/// The longest run moved as one. Longer ones seldom pay and cost as much as a tail exchange.
const RUN_MAX: usize = 3;

/// Runs of two and three that begin or end with `node`, next to each of its neighbours. A run that
/// begins with it is tried as it is and turned round, and so is one that ends with it: which end
/// comes to lie next to the neighbour matters.
pub(super) fn consider<L: Legs>(node: u32, scene: &Scene<L>, best: &mut Option<Move>) {
    let spot = scene.draft.spot(node);
    let (tour, position) = (spot.tour, spot.position as usize);
    let end = scene.tour(tour).end();
    for length in 2..=RUN_MAX {
        let begins = (position + length <= end).then_some(position);
        let ends = (position + 1).checked_sub(length).filter(|from| *from > 0);
        for from in [begins, ends].into_iter().flatten() {
            let run = Run::of(tour, from, from + length);
            relocate::consider_run(node, run, scene, best);
            relocate::consider_run(node, Run { reversed: true, ..run }, scene, best);
        }
    }
}
