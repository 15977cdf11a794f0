//! Two stops change places.

use smallvec::smallvec;
use swerve_model::Cost;

use super::{Move, Recipe, Run, Scene, limit};
use crate::search::legs::Legs;
use crate::search::tour::At;

/// `node` and the stop before or after each of its neighbours, so that it comes next to the neighbour.
pub(super) fn consider<L: Legs>(node: u32, scene: &Scene<L>, best: &mut Option<Move>) {
    let spot = scene.draft.spot(node);
    let one = (spot.tour, spot.position as usize);
    if scene.space.nodes[node as usize].pinned {
        return;
    }
    for (tour, position) in scene.near(node) {
        for other in [position - 1, position + 1] {
            if other > 0 && other < scene.tour(tour).end() {
                exchange(one, (tour, other), scene, best);
            }
        }
    }
}

fn exchange<L: Legs>(
    one: (u32, usize),
    other: (u32, usize),
    scene: &Scene<L>,
    best: &mut Option<Move>,
) {
    let (run, back) = (Run::of(one.0, one.1, one.1 + 1), Run::of(other.0, other.1, other.1 + 1));
    let is_own = one.0 == other.0;
    // Neighbours in one tour would only be turned round: see `relocate`.
    if (is_own && one.1.abs_diff(other.1) < 2) || scene.pinned_in(back) > 0 {
        return;
    }
    let unrest = if is_own {
        scene.tour(one.0).unrest()
    } else {
        scene.tour(one.0).unrest() + scene.tour(other.0).unrest()
            - scene.carrier_change(other.0, run)
            - scene.carrier_change(one.0, back)
    };
    if replaced(one, other, scene) + replaced(other, one, scene) - unrest >= limit(best.as_ref()) {
        return;
    }
    if is_own {
        within_tour(one.0, one.1.min(other.1), one.1.max(other.1), scene, best);
    } else {
        between_tours(run, back, scene, best);
    }
}

/// What is driven more when the stop at `other` takes the place at `place`.
fn replaced<L: Legs>(place: (u32, usize), other: (u32, usize), scene: &Scene<L>) -> Cost {
    let tour = scene.tour(place.0);
    let (before, after) = (&tour.at[place.1 - 1], &tour.at[place.1 + 1]);
    let stop: &At = &scene.tour(other.0).at[other.1];
    scene.leg(before, stop) + scene.leg(stop, after)
        - tour.leg_cost(place.1)
        - tour.leg_cost(place.1 + 1)
}

fn within_tour<L: Legs>(
    tour: u32,
    first: usize,
    second: usize,
    scene: &Scene<L>,
    best: &mut Option<Move>,
) {
    let middle = smallvec![
        Run::of(tour, second, second + 1),
        Run::of(tour, first + 1, second),
        Run::of(tour, first, first + 1)
    ];
    let recipe = Recipe { tour, prefix: first - 1, middle, suffix: (tour, second + 1) };
    scene.offer(smallvec![recipe], best);
}

fn between_tours<L: Legs>(one: Run, other: Run, scene: &Scene<L>, best: &mut Option<Move>) {
    let (give, take) = (scene.load(one), scene.load(other));
    let fits = |tour: u32, less, more| {
        (scene.tour(tour).load - less + more).fits(scene.space.vans[tour as usize].room)
    };
    let is_allowed = fits(one.tour, give, take)
        && fits(other.tour, take, give)
        && scene.is_permitted(other.tour, one)
        && scene.is_permitted(one.tour, other);
    if is_allowed {
        let put = |run: Run, into: Run| Recipe {
            tour: into.tour,
            prefix: into.from - 1,
            middle: smallvec![run],
            suffix: (into.tour, into.to),
        };
        scene.offer(smallvec![put(other, one), put(one, other)], best);
    }
}
