//! Two tours exchange what follows a cut in each.

use smallvec::smallvec;
use swerve_model::{Cost, Load};

use super::{Move, Recipe, Run, Scene, limit};
use crate::search::legs::Legs;

/// Cuts so that `node` is followed by each of its neighbours in other tours, or follows it; or so
/// that what follows `node` goes to an empty van.
pub(super) fn consider<L: Legs>(node: u32, scene: &Scene<L>, best: &mut Option<Move>) {
    let spot = scene.draft.spot(node);
    let (own, position) = (spot.tour, spot.position as usize);
    for (tour, near) in scene.near(node) {
        if tour != own {
            exchange_tails((own, position), (tour, near - 1), scene, best);
            exchange_tails((own, position - 1), (tour, near), scene, best);
        }
    }
    for tour in scene.empty_tours() {
        exchange_tails((own, position), (tour, 0), scene, best);
    }
}

/// Each tour up to its cut, then the other's rest.
fn exchange_tails<L: Legs>(
    one: (u32, usize),
    other: (u32, usize),
    scene: &Scene<L>,
    best: &mut Option<Move>,
) {
    let tail = |cut: (u32, usize)| Run::of(cut.0, cut.1 + 1, scene.tour(cut.0).end());
    let (first, second) = (tail(one), tail(other));
    if first.len() + second.len() == 0 || floor(one, other, scene) >= limit(best.as_ref()) {
        return;
    }
    if scene.pinned_in(first) + scene.pinned_in(second) > 0 {
        return;
    }
    let is_allowed = fits(first, second, scene)
        && scene.is_permitted(other.0, first)
        && scene.is_permitted(one.0, second);
    if is_allowed {
        let joined = |head: (u32, usize), tail: Run| Recipe {
            tour: head.0,
            prefix: head.1,
            middle: smallvec![],
            suffix: (tail.tour, tail.from),
        };
        scene.offer(smallvec![joined(one, second), joined(other, first)], best);
    }
}

/// The least the exchange changes: what is driven at the cuts and to other ends, less all that is paid
/// now for times and for coming with another van than was told.
fn floor<L: Legs>(one: (u32, usize), other: (u32, usize), scene: &Scene<L>) -> Cost {
    let (a, b) = (scene.tour(one.0), scene.tour(other.0));
    let joined = |from: (u32, usize), tail: (u32, usize)| {
        let (head, rest) = (scene.tour(from.0), scene.tour(tail.0));
        // After an empty tail comes the head's own end.
        let is_last = tail.1 + 1 == rest.end();
        let next = if is_last { &head.at[head.end()] } else { &rest.at[tail.1 + 1] };
        scene.leg(&head.at[from.1], next)
    };
    let cut = a.leg_cost(one.1 + 1) + b.leg_cost(other.1 + 1);
    let ends = new_end(one.0, other, scene) + new_end(other.0, one, scene);
    let uses = scene.first_use(other.0) + scene.first_use(one.0)
        - uses_saved(one, other, scene)
        - uses_saved(other, one, scene);
    let unrest = a.unrest() + b.unrest() + a.carriers + b.carriers;
    joined(one, other) + joined(other, one) - cut + ends + uses - unrest
}

/// What `van` drives more to its own end after the tail of `tail`, than that tail's van to its.
fn new_end<L: Legs>(van: u32, tail: (u32, usize), scene: &Scene<L>) -> Cost {
    let (own, rest) = (scene.tour(van), scene.tour(tail.0));
    if tail.1 + 1 == rest.end() {
        return Cost::ZERO;
    }
    let last = &rest.at[rest.end() - 1];
    scene.leg(last, &own.at[own.end()]) - rest.leg_cost(rest.end())
}

/// A van left with nothing at all is not used, and its drive from start to end, counted above, not
/// driven.
fn uses_saved<L: Legs>(head: (u32, usize), tail: (u32, usize), scene: &Scene<L>) -> Cost {
    let own = scene.tour(head.0);
    let is_emptied = head.1 == 0 && tail.1 + 1 == scene.tour(tail.0).end();
    let price = scene.last_use(head.0, own.len()).filter(|_| is_emptied);
    price.map_or(Cost::ZERO, |price| price + scene.leg(&own.at[0], &own.at[own.end()]))
}

fn fits<L: Legs>(first: Run, second: Run, scene: &Scene<L>) -> bool {
    let (give, take) = (scene.load(first), scene.load(second));
    let within = |tour: u32, less: Load, more: Load| {
        (scene.tour(tour).load - less + more).fits(scene.space.vans[tour as usize].room)
    };
    within(first.tour, give, take) && within(second.tour, take, give)
}
