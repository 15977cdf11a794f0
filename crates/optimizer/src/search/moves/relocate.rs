//! A run of stops moves as it is, or turned round, into another gap of its own or another tour.
//!
//! Relocate is the run of one stop; [`super::or_opt`] tries the longer ones.

use smallvec::smallvec;
use swerve_model::Cost;

use super::{Move, Recipe, Run, Scene, limit};
use crate::search::legs::Legs;

/// `node` next to each of its neighbours, or alone in an empty van.
pub(super) fn consider<L: Legs>(node: u32, scene: &Scene<L>, best: &mut Option<Move>) {
    let spot = scene.draft.spot(node);
    let from = spot.position as usize;
    consider_run(node, Run::of(spot.tour, from, from + 1), scene, best);
}

/// `run` next to each neighbour of `node`, which is one of its ends.
pub(super) fn consider_run<L: Legs>(
    node: u32,
    run: Run,
    scene: &Scene<L>,
    best: &mut Option<Move>,
) {
    if scene.pinned_in(run) > 0 {
        return;
    }
    let saved = saved_by_leaving(run, scene);
    for (tour, position) in scene.near(node) {
        // Before the neighbour, and after it.
        into_gap(run, saved, tour, position - 1, scene, best);
        into_gap(run, saved, tour, position, scene, best);
    }
    for tour in scene.empty_tours() {
        into_gap(run, saved, tour, 0, scene, best);
    }
}

/// What its tour drives less without the run.
fn saved_by_leaving<L: Legs>(run: Run, scene: &Scene<L>) -> Cost {
    let tour = scene.tour(run.tour);
    let cut = tour.leg_cost(run.from) + tour.leg_cost(run.to);
    match scene.last_use(run.tour, run.len()) {
        Some(price) => cut + price,
        None => cut - scene.leg(&tour.at[run.from - 1], &tour.at[run.to]),
    }
}

/// `run` between positions `gap` and `gap + 1` of `tour`, if that can pay.
fn into_gap<L: Legs>(
    run: Run,
    saved: Cost,
    tour: u32,
    gap: usize,
    scene: &Scene<L>,
    best: &mut Option<Move>,
) {
    let is_own = tour == run.tour;
    if is_own && (run.from - 1..run.to).contains(&gap) {
        return;
    }
    let (target, source) = (scene.tour(tour), scene.tour(run.tour));
    let (first, last) = if run.reversed { (run.to - 1, run.from) } else { (run.from, run.to - 1) };
    let into = scene.leg(&target.at[gap], &source.at[first]);
    let out = scene.leg(&source.at[last], &target.at[gap + 1]);
    let mut floor = into + out - target.leg_cost(gap + 1) - saved - source.unrest();
    if !is_own {
        let carrier = scene.carrier_change(tour, run);
        floor += carrier + scene.first_use(tour) - target.unrest();
    }
    if run.reversed {
        floor += change_by_turning(run, scene);
    }
    if floor >= limit(best.as_ref()) {
        return;
    }
    if is_own {
        within_tour(run, gap, scene, best);
    } else {
        between_tours(run, tour, gap, scene, best);
    }
}

fn change_by_turning<L: Legs>(run: Run, scene: &Scene<L>) -> Cost {
    let tour = scene.tour(run.tour);
    let pairs = run.from + 1..run.to;
    let turned = |at: usize| scene.leg(&tour.at[at], &tour.at[at - 1]);
    pairs.map(|at| turned(at) - tour.leg_cost(at)).sum()
}

fn within_tour<L: Legs>(run: Run, gap: usize, scene: &Scene<L>, best: &mut Option<Move>) {
    let tour = run.tour;
    let (prefix, middle, rest) = if gap >= run.to {
        (run.from - 1, smallvec![Run::of(tour, run.to, gap + 1), run], gap + 1)
    } else {
        (gap, smallvec![run, Run::of(tour, gap + 1, run.from)], run.to)
    };
    scene.offer(smallvec![Recipe { tour, prefix, middle, suffix: (tour, rest) }], best);
}

fn between_tours<L: Legs>(
    run: Run,
    tour: u32,
    gap: usize,
    scene: &Scene<L>,
    best: &mut Option<Move>,
) {
    let fits = (scene.tour(tour).load + scene.load(run)).fits(scene.space.vans[tour as usize].room);
    if !fits || !scene.is_permitted(tour, run) {
        return;
    }
    let without = Recipe {
        tour: run.tour,
        prefix: run.from - 1,
        middle: smallvec![],
        suffix: (run.tour, run.to),
    };
    let with = Recipe { tour, prefix: gap, middle: smallvec![run], suffix: (tour, gap + 1) };
    scene.offer(smallvec![without, with], best);
}
