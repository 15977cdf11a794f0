//! Putting torn-out stops back, one after the other, each where it is cheapest now.
//!
//! The order is drawn anew each time, and one position in a hundred is passed over: both keep the
//! search from making the same plan again. A stop is looked for a place beside its neighbours, and in
//! one empty van of each kind; only when none of these takes it, or where its windows may have it come
//! at another hour than they do, are their whole tours asked, and then all others. So a round costs the
//! same however large the plan is. Source: as for [`super::ruin`].

use std::cmp::Reverse;
use std::ops::Range;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use swerve_model::{Cost, Leg, Ticks, TimeWindow};

use super::draft::Draft;
use super::legs::Legs;
use super::space::{NONE, Space};
use super::tour::Tour;
use crate::chance::Blink;
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
    /// By node: the last look it was a neighbour in.
    near: Vec<u64>,
    look: u64,
}

impl Recreate {
    pub(crate) fn new<L: Legs>(space: &Space<L>) -> Recreate {
        Recreate {
            order: Vec::new(),
            asked: vec![0; space.vans.len()],
            near: vec![0; space.nodes.len()],
            look: 0,
        }
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
        let few = space.few_vans(node);
        if space.is_open(node) && few.is_none_or(|vans| vans.len() > 1) {
            self.beside_neighbours(node, draft, space, &mut skip, &mut best);
            if best.is_some() {
                return best;
            }
        }
        if let Some(vans) = few {
            for &van in vans {
                offer_all(node, &draft.tours[van as usize], space, &mut skip, &mut best);
            }
            return best;
        }
        for &near in space.neighbours(node) {
            if draft.is_assigned(near) {
                let tour = draft.spot(near).tour;
                self.ask(node, tour, draft, space, &mut skip, &mut best);
            }
        }
        for tour in draft.empty_of_each_kind() {
            self.ask(node, tour, draft, space, &mut skip, &mut best);
        }
        if best.is_none() {
            for tour in 0..draft.tours.len() as u32 {
                self.ask(node, tour, draft, space, &mut skip, &mut best);
            }
        }
        best
    }

    /// The gaps before and after each neighbour, and the empty vans.
    fn beside_neighbours<L: Legs>(
        &mut self,
        node: u32,
        draft: &Draft,
        space: &Space<L>,
        skip: &mut impl FnMut(&Tour) -> bool,
        best: &mut Option<Place>,
    ) {
        let neighbours = space.neighbours(node);
        for near in neighbours {
            self.near[*near as usize] = self.look;
        }
        for near in neighbours {
            let spot = draft.spot(*near);
            if spot.tour == NONE || !space.permits(spot.tour, node) {
                continue;
            }
            let tour = &draft.tours[spot.tour as usize];
            let position = spot.position as usize;
            let before = tour.at[position - 1].node;
            // After a neighbour it has been asked, or will be, as the gap that follows.
            let is_asked = before != NONE && self.near[before as usize] == self.look;
            let from = if is_asked { position + 1 } else { position };
            offer(node, tour, from..position + 2, space, skip, best);
        }
        for tour in draft.empty_of_each_kind() {
            if space.permits(tour, node) {
                offer_all(node, &draft.tours[tour as usize], space, skip, best);
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
            offer_all(node, &draft.tours[tour as usize], space, skip, best);
        }
    }
}

/// [`offer`] for every gap of `tour` that the stop's windows allow. O(n).
fn offer_all<L: Legs>(
    node: u32,
    tour: &Tour,
    space: &Space<L>,
    skip: &mut impl FnMut(&Tour) -> bool,
    best: &mut Option<Place>,
) {
    let service = space.nodes[node as usize].service;
    let among = positions(tour, space.windows(tour.van, node), service);
    offer(node, tour, among, space, skip, best);
}

/// Improves `best` by the cheapest position of `tour`, among these, that takes `node`, which the van is
/// permitted. A few operations for each: most are ruled out by what they would cost, before any time is
/// looked at.
fn offer<L: Legs>(
    node: u32,
    tour: &Tour,
    among: Range<usize>,
    space: &Space<L>,
    skip: &mut impl FnMut(&Tour) -> bool,
    best: &mut Option<Place>,
) {
    let stop = &space.nodes[node as usize];
    let van = &space.vans[tour.van as usize];
    if !(tour.load + space.bodies[node as usize].load).fits(van.room) {
        return;
    }
    let windows = space.windows(tour.van, node);
    let prices = &space.rules.prices;
    let mut fixed = space.carrier(tour.van, node);
    if tour.is_idle(space) {
        fixed += van.use_cost.unwrap_or(Cost::ZERO);
    }
    let mut limit = best.map_or(Cost::PROHIBITIVE, |best| best.delta);
    for position in among {
        let gap = &tour.gaps[position - 1];
        if skip(tour) {
            continue;
        }
        let into = space.legs.leg_to(stop.place, gap.place, gap.departure);
        // As if left at once; right at every hour, unless travel varies.
        let mut out = space.legs.leg(stop.place, gap.next_place, gap.departure);
        let detour = |out: Leg| prices.leg(into) + prices.leg(out) - gap.leg + fixed;
        // Where a way through is shorter than the way past, the end may come earlier.
        let through = into.duration() + stop.service + out.duration();
        let shorter = gap.next_arrival - gap.departure - through;
        let hurry = prices.hurry(tour.overtime(), shorter);
        // What it waits for itself it pays for; only the way and the service can take up later waits.
        let delay = (-shorter).max(Ticks::ZERO);
        let relief = gap.relief + prices.waits(gap.waits.min(delay));
        if detour(out) - relief - hurry > limit && !space.legs.varies() {
            continue;
        }
        let arrival = gap.departure + into.duration();
        let Some(start) = promise::start(windows, arrival) else { continue };
        let departure = start + stop.service;
        if space.legs.varies() {
            out = space.legs.leg(stop.place, gap.next_place, departure);
        }
        let onward = departure + out.duration();
        if onward > gap.next_latest || !into.is_reachable() || !out.is_reachable() {
            continue;
        }
        let standing = detour(out) + prices.waiting(start - arrival) + stop.moment.at(start);
        let Some(shift) = tour.shift(position, onward, limit - standing, space) else { continue };
        let delta = standing + shift;
        let place = Place { delta, tour: tour.van, position };
        if best.is_none_or(|best| place < best) {
            *best = Some(place);
            limit = delta;
        }
    }
}

/// The positions a stop with these windows may take, as far as its promises alone say: neither so late
/// that the last has closed, nor so early that what follows cannot wait for the first to open.
fn positions(tour: &Tour, windows: &[TimeWindow], service: Ticks) -> Range<usize> {
    let (Some(first), Some(last)) = (windows.first(), windows.last()) else {
        return 1..tour.at.len();
    };
    let left = first.open() + service;
    let from = tour.gaps.partition_point(|gap| gap.next_latest < left);
    let to = tour.gaps.partition_point(|gap| gap.departure <= last.close());
    from + 1..(to + 1).max(from + 1)
}

/// By chance, by size, far or near, or tight windows first; weights after the authors'.
fn sort_by_chance<L: Legs>(order: &mut [u32], space: &Space<L>, rng: &mut ChaCha8Rng) {
    let traits = |number: &u32| space.bodies[*number as usize].traits;
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
