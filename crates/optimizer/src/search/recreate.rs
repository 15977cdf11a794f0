//! Putting torn-out stops back, one after the other, each where it is cheapest now.
//!
//! The order is drawn anew each time, and one position in a hundred is passed over: both keep the
//! search from making the same plan again. A stop is looked for a place in the tours its neighbours
//! are in, and in one empty van of each kind; only when none of these takes it are all others asked.
//! So a round costs the same however large the plan is. Source: as for [`super::ruin`].

use std::cmp::Reverse;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use swerve_model::Cost;

use super::chance::Blink;
use super::draft::Draft;
use super::legs::Legs;
use super::space::Space;
use super::tour::Tour;
use crate::promise;

/// A place in a tour, and what it costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) delta: Cost,
    pub(crate) tour: u32,
    /// The position the stop would take.
    pub(crate) position: usize,
}

/// Puts the unassigned stops of a draft back. Keeps its memory between rounds.
pub(crate) struct Recreate {
    order: Vec<u32>,
    /// By tour: the last look that has asked it.
    asked: Vec<u64>,
    look: u64,
}

impl Recreate {
    pub(crate) fn new(tours: usize) -> Recreate {
        Recreate { order: Vec::new(), asked: vec![0; tours], look: 0 }
    }

    /// Every unassigned stop to its cheapest place, in an order drawn from `rng`; what finds none
    /// stays unassigned.
    pub(crate) fn run<L: Legs>(
        &mut self,
        draft: &mut Draft,
        space: &Space<L>,
        rng: &mut ChaCha8Rng,
    ) {
        let mut order = std::mem::take(&mut self.order);
        order.clear();
        order.extend_from_slice(draft.unassigned());
        sort_by_chance(&mut order, space, rng);
        let mut blink = Blink::new(rng);
        for node in &order {
            let best = self.cheapest(*node, draft, space, |_| blink.skips(rng));
            if let Some(place) = best {
                draft.insert(*node, place.tour, place.position, space);
            }
        }
        self.order = order;
    }

    /// The cheapest place for `node` among those `skip` does not pass over; ties to the lower tour,
    /// then position.
    pub(crate) fn cheapest<L: Legs>(
        &mut self,
        node: u32,
        draft: &Draft,
        space: &Space<L>,
        mut skip: impl FnMut(&Tour) -> bool,
    ) -> Option<Place> {
        self.look += 1;
        let mut best = None;
        if let Some(vans) = space.few_vans(node) {
            for &van in vans {
                offer(node, &draft.tours[van as usize], space, &mut skip, &mut best);
            }
            return best;
        }
        for &near in space.neighbours(node) {
            if draft.is_assigned(near) {
                let tour = draft.spot(near).tour;
                self.ask(node, tour, draft, space, &mut skip, &mut best);
            }
        }
        self.ask_empty(node, draft, space, &mut skip, &mut best);
        if best.is_none() {
            for tour in 0..draft.tours.len() as u32 {
                self.ask(node, tour, draft, space, &mut skip, &mut best);
            }
        }
        best
    }

    /// The first empty van of each kind: the others would say the same.
    fn ask_empty<L: Legs>(
        &mut self,
        node: u32,
        draft: &Draft,
        space: &Space<L>,
        skip: &mut impl FnMut(&Tour) -> bool,
        best: &mut Option<Place>,
    ) {
        let mut kinds = smallvec::SmallVec::<[u32; 8]>::new();
        for (number, tour) in draft.tours.iter().enumerate() {
            let kind = space.vans[number].kind;
            if tour.is_empty() && !kinds.contains(&kind) {
                kinds.push(kind);
                self.ask(node, number as u32, draft, space, skip, best);
            }
        }
    }

    fn ask<L: Legs>(
        &mut self,
        node: u32,
        tour: u32,
        draft: &Draft,
        space: &Space<L>,
        skip: &mut impl FnMut(&Tour) -> bool,
        best: &mut Option<Place>,
    ) {
        let asked = &mut self.asked[tour as usize];
        if *asked != self.look && space.permits(tour, node) {
            *asked = self.look;
            offer(node, &draft.tours[tour as usize], space, skip, best);
        }
    }
}

/// Improves `best` by the cheapest gap of `tour` that takes `node`, which the van is permitted. O(n),
/// a few operations per gap.
fn offer<L: Legs>(
    node: u32,
    tour: &Tour,
    space: &Space<L>,
    skip: &mut impl FnMut(&Tour) -> bool,
    best: &mut Option<Place>,
) {
    let stop = &space.nodes[node as usize];
    let van = &space.vans[tour.van as usize];
    if !(tour.load + stop.load).fits(van.room) {
        return;
    }
    let windows = space.windows(tour.van, node);
    let first_open = windows.first().map(|window| window.open());
    let last_close = windows.last().map(|window| window.close());
    let mut fixed = space.carrier(tour.van, node);
    if tour.is_idle(space) {
        fixed += van.use_cost.unwrap_or(Cost::ZERO);
    }
    // Most that times moved about further down could save.
    let floor = fixed - tour.unrest();
    let left_by = |open| open + stop.service;
    let from = first_open.map_or(0, |open| {
        // Whatever follows must be reachable after the first promise opens.
        tour.at[1..].partition_point(|next| next.latest < left_by(open))
    });
    for gap in from..tour.end() {
        let (at, next) = (&tour.at[gap], &tour.at[gap + 1]);
        if last_close.is_some_and(|close| at.departure > close) {
            break;
        }
        if skip(tour) {
            continue;
        }
        let into = space.legs.leg(at.place, stop.place, at.departure);
        let arrival = at.departure + into.duration();
        let Some(start) = promise::start(windows, arrival) else { continue };
        let departure = start + stop.service;
        let out = space.legs.leg(stop.place, next.place, departure);
        let onward = departure + out.duration();
        if onward > next.latest || !into.is_reachable() || !out.is_reachable() {
            continue;
        }
        let prices = &space.rules.prices;
        let detour = prices.leg(into) + prices.leg(out) - tour.leg_cost(gap + 1, space);
        if best.is_some_and(|best| detour + floor > best.delta) {
            continue;
        }
        let delta = detour + fixed + stop.moment.at(start) + tour.shift(gap + 1, onward, space);
        let place = Place { delta, tour: tour.van, position: gap + 1 };
        if best.is_none_or(|best| place < best) {
            *best = Some(place);
        }
    }
}

/// By chance, by size, far or near, or tight windows first; weights after the authors'.
fn sort_by_chance<L: Legs>(order: &mut [u32], space: &Space<L>, rng: &mut ChaCha8Rng) {
    let traits = |number: &u32| space.nodes[*number as usize].traits;
    match rng.random_range(0..13) {
        0..4 => shuffle(order, rng),
        4..8 => order.sort_by_key(|number| (Reverse(traits(number).size), *number)),
        8..10 => order.sort_by_key(|number| (Reverse(traits(number).remoteness), *number)),
        10 => order.sort_by_key(|number| (traits(number).remoteness, *number)),
        _ => order.sort_by_key(|number| (traits(number).freedom, *number)),
    }
}

fn shuffle(order: &mut [u32], rng: &mut ChaCha8Rng) {
    for last in (1..order.len()).rev() {
        order.swap(last, rng.random_range(0..=last));
    }
}
