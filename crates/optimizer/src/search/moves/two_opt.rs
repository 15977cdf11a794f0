//! A stretch of one tour is driven the other way round.

use smallvec::smallvec;
use swerve_model::Cost;

use super::{Move, Recipe, Run, Scene, limit};
use crate::search::legs::Legs;

/// The longest stretch turned round: every stop in it gets another time, so long ones seldom keep
/// their promises, and each costs a look at every stop.
const STRETCH_MAX: usize = 50;

/// Stretches that begin after `node` and end with a neighbour, or end before it and begin with one, so
/// that the two come next to each other.
pub(super) fn consider<L: Legs>(node: u32, scene: &Scene<L>, best: &mut Option<Move>) {
    let spot = scene.draft.spot(node);
    let (own, position) = (spot.tour, spot.position as usize);
    for (tour, near) in scene.near(node) {
        if tour != own {
            continue;
        }
        let (low, high) = (position.min(near), position.max(near));
        // Both ways to bring them together: `low` then `high`, and each one's other neighbour.
        turn(own, low + 1, high + 1, scene, best);
        turn(own, low, high, scene, best);
    }
}

/// Positions `from..to` the other way round.
fn turn<L: Legs>(tour: u32, from: usize, to: usize, scene: &Scene<L>, best: &mut Option<Move>) {
    let run = Run { tour, from, to, reversed: true };
    if run.len() < 2 || run.len() > STRETCH_MAX || scene.pinned_in(run) > 1 {
        return;
    }
    let own = scene.tour(tour);
    let leg = |from: usize, to: usize| scene.leg(&own.at[from], &own.at[to]);
    let inside: Cost = (from + 1..to).map(|at| leg(at, at - 1) - own.leg_cost(at)).sum();
    let cut = own.leg_cost(from) + own.leg_cost(to);
    let joined = leg(from - 1, to - 1) + leg(from, to);
    if joined - cut + inside - own.unrest() < limit(best.as_ref()) {
        let recipe = Recipe { tour, prefix: from - 1, middle: smallvec![run], suffix: (tour, to) };
        scene.offer(smallvec![recipe], best);
    }
}
