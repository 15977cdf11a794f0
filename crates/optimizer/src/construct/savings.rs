//! A first plan: every stop by itself, then joined end to end wherever that saves most.
//!
//! For each pair of near stops, serving one right after the other saves the way home from the first
//! and the way out to the second, less the way between. Pairs are taken by falling savings, and the
//! routes they end and begin are joined while load and time allow. Joining asks only whether the
//! second route may begin that late: one comparison. Source: Clarke & Wright, Operations Research
//! 12(4), 1964, with the pairs of near stops only.
//!
//! Routes are made for one typical van of each base (a start, an end, a depot to load at and what is
//! ready there when they leave) and handed to the real vans afterwards. What no van takes is left for the search to place.

use std::cmp::Reverse;

use swerve_model::{Cost, Moment};

use crate::search::legs::Legs;
use crate::search::space::{NONE, SearchVan, Space};
use crate::search::tour::{Suffix, Tour};

/// Vans that start, end and load alike, and leave in time for the same stops.
struct Base {
    vans: Vec<u32>,
    /// The one for which routes are made: of the size most of them have, so that most routes fit most
    /// vans; the most capable of those.
    typical: u32,
}

/// Nodes by van. Some may be in none.
pub(super) fn tours<L: Legs>(space: &Space<L>) -> Vec<Vec<u32>> {
    let bases = bases(space);
    let base_of: Vec<u32> =
        (0..space.nodes.len() as u32).map(|node| nearest_base(node, &bases, space)).collect();
    let mut fragments = Fragments::singles(&base_of, &bases, space);
    for (_, first, second) in savings(&base_of, &bases, space) {
        fragments.join(first, second, space);
    }
    hand_out(fragments, &base_of, &bases, space)
}

fn bases<L>(space: &Space<L>) -> Vec<Base> {
    let mut bases: Vec<Base> = Vec::new();
    let mut ready: Vec<Option<Moment>> = space.bodies.iter().map(|body| body.stop.ready).collect();
    ready.sort_unstable();
    ready.dedup();
    let in_time = |van: &SearchVan| ready.partition_point(|ready| *ready <= Some(van.van.leaves));
    let what = |van: &SearchVan| (van.start, van.end, van.van.loads_from, in_time(van));
    for (number, van) in space.vans.iter().enumerate() {
        let number = number as u32;
        let alike = |base: &&mut Base| what(&space.vans[base.typical as usize]) == what(van);
        match bases.iter_mut().find(alike) {
            Some(base) => base.vans.push(number),
            None => bases.push(Base { vans: vec![number], typical: number }),
        }
    }
    for base in &mut bases {
        base.typical = typical(&base.vans, space);
    }
    bases
}

/// Of the vans with the commonest room (the smaller of two as common), the one with the most skills and
/// hours; of those alike the first.
fn typical<L>(vans: &[u32], space: &Space<L>) -> u32 {
    let room = |van: u32| space.vans[van as usize].room;
    let as_roomy = |van: u32| vans.iter().filter(|other| room(**other) == room(van)).count();
    let size = |van: u32| room(van).0.iter().map(|room| (*room).min(i64::MAX / 8)).sum::<i64>();
    let rank = |van: u32| {
        let of = &space.vans[van as usize];
        let hours = (of.end_limit - of.depart).0;
        (as_roomy(van), Reverse(size(van)), of.van.skills.0.count_ones(), hours, Reverse(van))
    };
    vans.iter().copied().max_by_key(|van| rank(*van)).unwrap_or(NONE)
}

/// The base with a van that may serve `node` and the nearest start; [`NONE`] if there is none.
fn nearest_base<L: Legs>(node: u32, bases: &[Base], space: &Space<L>) -> u32 {
    let permitted = bases.iter().enumerate().filter(|(_, base)| {
        space.permits(base.typical, node) || base.vans.iter().any(|van| space.permits(*van, node))
    });
    let out = |base: &Base| {
        let van = &space.vans[base.typical as usize];
        let to = space.nodes[node as usize].place;
        space.rules.prices.leg(space.legs.leg(van.start, to, van.depart))
    };
    let nearest = permitted.min_by_key(|(number, base)| (out(base), *number));
    nearest.map_or(NONE, |(number, _)| number as u32)
}

/// Pairs worth joining, first after second: (falling saving, first, second).
fn savings<L: Legs>(
    base_of: &[u32],
    bases: &[Base],
    space: &Space<L>,
) -> Vec<(Reverse<Cost>, u32, u32)> {
    let mut pairs = Vec::new();
    for node in 0..space.nodes.len() as u32 {
        let Some(base) = bases.get(base_of[node as usize] as usize) else { continue };
        let near = space.neighbours(node).iter().copied();
        for near in near.filter(|near| base_of[*near as usize] == base_of[node as usize]) {
            for (first, second) in [(node, near), (near, node)] {
                let saving = saving(first, second, base.typical, space);
                if saving > Cost::ZERO {
                    pairs.push((Reverse(saving), first, second));
                }
            }
        }
    }
    pairs.sort_unstable();
    pairs.dedup();
    pairs
}

fn saving<L: Legs>(first: u32, second: u32, van: u32, space: &Space<L>) -> Cost {
    let van = &space.vans[van as usize];
    let place = |node: u32| space.nodes[node as usize].place;
    let leg = |from, to| space.rules.prices.leg(space.legs.leg(from, to, van.depart));
    leg(place(first), van.end) + leg(van.start, place(second)) - leg(place(first), place(second))
}

/// Routes on the way to becoming tours.
struct Fragments {
    routes: Vec<Option<Tour>>,
    /// By node, its route.
    of: Vec<u32>,
}

impl Fragments {
    /// Every stop that its base's typical van can serve, alone.
    fn singles<L: Legs>(base_of: &[u32], bases: &[Base], space: &Space<L>) -> Fragments {
        let alone = |(node, base): (usize, &u32)| {
            let node = node as u32;
            let typical = bases.get(*base as usize)?.typical;
            let fits = space.bodies[node as usize].load.fits(space.vans[typical as usize].room);
            if !fits || !space.permits(typical, node) {
                return None;
            }
            let mut tour = Tour::unused(typical, 0);
            tour.set(std::iter::once(node), space);
            tour.keeps_limits.then_some(tour)
        };
        let routes = base_of.iter().enumerate().map(alone).collect();
        Fragments { routes, of: (0..base_of.len() as u32).collect() }
    }

    /// Joins the route that ends with `first` to the one that begins with `second`, if they are two
    /// and load and time allow.
    fn join<L: Legs>(&mut self, first: u32, second: u32, space: &Space<L>) {
        let (one, other) = (self.of[first as usize], self.of[second as usize]);
        let (Some(head), Some(tail)) = (&self.routes[one as usize], &self.routes[other as usize])
        else {
            return;
        };
        let is_seam = head.at[head.end() - 1].node == first && tail.at[1].node == second;
        let room = space.vans[head.van as usize].room;
        if one == other || !is_seam || !(head.load + tail.load).fits(room) {
            return;
        }
        let rest = Suffix { tour: tail, from: 1 };
        let Some(cost) = head.changed(head.end() - 1, std::iter::empty(), rest, space) else {
            return;
        };
        if cost < head.cost + tail.cost {
            let nodes: Vec<u32> = head.nodes().chain(tail.nodes()).collect();
            for node in tail.nodes() {
                self.of[node as usize] = one;
            }
            self.routes[other as usize] = None;
            if let Some(head) = &mut self.routes[one as usize] {
                head.set(nodes.into_iter(), space);
            }
        }
    }
}

/// Gives the longest routes to vans first, each to the van of its base that drives it cheapest.
fn hand_out<L: Legs>(
    fragments: Fragments,
    base_of: &[u32],
    bases: &[Base],
    space: &Space<L>,
) -> Vec<Vec<u32>> {
    let mut routes: Vec<Tour> = fragments.routes.into_iter().flatten().collect();
    routes.sort_by_key(|route| (Reverse(route.len()), route.at[1].node));
    let mut tours = vec![Vec::new(); space.vans.len()];
    for route in routes {
        let nodes: Vec<u32> = route.nodes().collect();
        let base = &bases[base_of[nodes[0] as usize] as usize];
        let mut kinds = Vec::new();
        let free = base.vans.iter().filter(|van| tours[**van as usize].is_empty());
        let first_of_kind = free.filter(|van| {
            let kind = space.vans[**van as usize].kind;
            let is_first = !kinds.contains(&kind);
            kinds.push(kind);
            is_first
        });
        let able = first_of_kind.filter_map(|van| Some((driven_by(*van, &nodes, space)?, *van)));
        if let Some((_, van)) = able.min() {
            tours[van as usize] = nodes;
        }
    }
    tours
}

/// What `van` pays to drive `nodes`; `None` if it may not.
fn driven_by<L: Legs>(van: u32, nodes: &[u32], space: &Space<L>) -> Option<Cost> {
    if !nodes.iter().all(|node| space.permits(van, *node)) {
        return None;
    }
    let load: swerve_model::Load = nodes.iter().map(|node| space.bodies[*node as usize].load).sum();
    if !load.fits(space.vans[van as usize].room) {
        return None;
    }
    let mut tour = Tour::unused(van, 0);
    tour.set(nodes.iter().copied(), space);
    tour.keeps_limits.then_some(tour.cost)
}
