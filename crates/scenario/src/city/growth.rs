//! Local streets, grown from the main roads inward until the town is full.
//!
//! Every street offers places for side streets along itself. A side street follows the field until
//! it meets another street, runs out of land, or would crowd a parallel one; where it ends decides
//! whether it becomes a crossing, a T-junction, a cul-de-sac, or nothing. The result has what plans
//! drawn by hand have: blocks of all sizes, few crossings, and no two streets alike.
//!
//! After Parish & Müller (2001), Procedural modeling of cities, and Chen et al. (2008), Interactive
//! procedural street modeling; here each new piece is tested before it is built.

use std::collections::VecDeque;

use super::field::Field;
use super::geometry::{V2, distance_to_segment, length_of, nearest_share};
use super::layout::{COLLECTOR, Layout, layout};
use super::plat::{Anchor, Hit, Plat};
use super::site::Site;
use super::streets::{Class, Street};
use crate::dice::Dice;

const STEP: f64 = 17.0;
/// A street bends at most this much from one step to the next, as the sine of the angle.
const BEND_MAX: f64 = 0.3;
/// Streets meet at 30 degrees or more.
const MEETING_SINE_MIN: f64 = 0.5;
/// Streets within this angle of each other count as parallel: cosine.
const PARALLEL_COSINE: f64 = 0.77;
/// Streets grown at most: five times what the town holds, so only a bug could reach it.
const STREETS_MAX: usize = 20_000;

/// Places that failed once are offered again, shifted: later rounds close the gaps.
const ROUNDS: u32 = 7;

/// Where a side street may start.
#[derive(Clone, Copy, Debug)]
struct Seed {
    point: V2,
    heading: V2,
}

/// How a piece of street came to its end.
enum End {
    Met(Hit),
    /// Out of land, too close to a parallel street, or long enough.
    Open,
}

/// A piece of street not yet built.
struct Draft {
    points: Vec<V2>,
    end: End,
}

/// Grows streets on a map of main roads.
pub(super) struct Growth<'a> {
    pub(super) site: &'a Site,
    pub(super) field: &'a Field,
    pub(super) plat: &'a mut Plat,
    pub(super) streets: &'a mut Vec<Street>,
    pub(super) dice: Dice,
}

impl Growth<'_> {
    /// First the collectors of each district, then everything between them.
    pub(super) fn fill(&mut self) {
        self.grow(Some(COLLECTOR));
        for _ in 0..ROUNDS {
            self.grow(None);
        }
    }

    fn grow(&mut self, only: Option<Layout>) {
        let mut queue = VecDeque::new();
        for street in 0..self.streets.len() as u32 {
            if self.streets[street as usize].class != Class::Trunk {
                let path = self.path_of(street);
                queue.extend(self.seeds_along(&path, only));
            }
        }
        while let Some(seed) = queue.pop_front() {
            if self.streets.len() >= STREETS_MAX {
                break;
            }
            for path in self.street_from(seed, only) {
                queue.extend(self.seeds_along(&path, only));
            }
        }
    }

    /// Points along a street that is on the map, in no order but by edge: seeds need no more.
    fn path_of(&self, street: u32) -> Vec<V2> {
        let edges = self.plat.edges().filter(|(_, edge)| edge.street == street);
        edges
            .flat_map(|(_, edge)| [self.plat.at(edge.ends[0]), self.plat.at(edge.ends[1])])
            .collect()
    }

    fn seeds_along(&mut self, path: &[V2], only: Option<Layout>) -> Vec<Seed> {
        let mut seeds = Vec::new();
        for side in [1.0, -1.0] {
            let mut until_next = None;
            for pair in path.windows(2) {
                let (from, length) = (pair[0], pair[0].distance(pair[1]));
                // A main road's edges come in any order: a jump between them is not a street.
                if !(1e-6..=80.0).contains(&length) {
                    continue;
                }
                let quarter = self.site.quarter(from.toward(pair[1], 0.5));
                let spacing = only.unwrap_or_else(|| layout(quarter)).spacing;
                let mut at = until_next.unwrap_or_else(|| spacing * self.dice.between(0.3, 0.9));
                while at < length {
                    let point = from.toward(pair[1], at / length);
                    let heading = (pair[1] - from).unit().left() * side;
                    seeds.push(Seed { point, heading });
                    at += spacing * self.dice.between(0.75, 1.4);
                }
                until_next = Some(at - length);
            }
        }
        seeds
    }

    /// Builds the street a seed allows, if any, and returns what was built of it, piece by piece.
    fn street_from(&mut self, seed: Seed, only: Option<Layout>) -> Vec<Vec<V2>> {
        let probe = seed.point + seed.heading * (2.0 * STEP);
        let quarter = self.site.quarter(probe);
        let rule = only.unwrap_or_else(|| layout(quarter));
        if !self.site.is_open(probe) {
            return Vec::new();
        }
        let Some((edge, _)) = self.plat.nearest_edge(seed.point, 3.0) else { return Vec::new() };
        let crowded = self.plat.nearest_node(seed.point, rule.apart * 0.6).is_some_and(|node| {
            self.plat.degree(node) > 2 && self.plat.at(node).distance(seed.point) > 0.5
        });
        if crowded {
            return Vec::new();
        }
        let mut start = Anchor::Along(edge, seed.point);
        let mut heading = seed.heading;
        let mut length = 0.0;
        let mut pieces: Vec<Vec<V2>> = Vec::new();
        let street = self.streets.len() as u32;
        loop {
            let mut draft = self.draft(start, heading, rule, length);
            if matches!(draft.end, End::Open) && self.dice.chance(rule.tie) {
                self.tie(&mut draft, rule);
            }
            let Some(last) = self.build(start, &draft, rule, street, pieces.is_empty()) else {
                break;
            };
            length += length_of(&draft.points);
            heading = heading_of(&draft.points);
            pieces.push(draft.points);
            let End::Met(_) = draft.end else { break };
            let crosses = self.may_cross(last) && self.dice.chance(rule.crossing);
            if !crosses || length > rule.length_max {
                break;
            }
            start = Anchor::Node(last);
        }
        if !pieces.is_empty() {
            self.streets.push(Street::new(rule.class, quarter));
        }
        pieces
    }

    /// A street goes on across a node only if nothing but the street it met is there.
    fn may_cross(&self, node: u32) -> bool {
        let is_trunk = |street: u32| {
            self.streets.get(street as usize).is_some_and(|s| s.class == Class::Trunk)
        };
        self.plat.degree(node) == 3
            && !self.plat.incident(node).any(|(_, edge)| is_trunk(edge.street))
    }

    /// Follows the field from `start` until something ends the street.
    fn draft(&self, start: Anchor, heading: V2, rule: Layout, length_before: f64) -> Draft {
        let (first, start_node, start_street) = match start {
            Anchor::Node(node) => (self.plat.at(node), Some(node), None),
            Anchor::Along(edge, point) => (point, None, Some(edge)),
        };
        let mut points = vec![first];
        let mut heading = heading;
        let mut length = length_before;
        loop {
            let here = points[points.len() - 1];
            heading = bent(heading, self.field.along(self.site, here, heading));
            let next = here + heading * STEP;
            // The first step leaves the street it starts from, and must not meet it at once.
            let from = if points.len() == 1 { here + heading * 0.5 } else { here };
            let node = if points.len() == 1 { start_node } else { None };
            let ahead = next + heading * (STEP * 0.9);
            let hit = self.plat.first_hit(from, ahead, node);
            if let Some(hit) = hit.filter(|hit| Some(hit.edge) != start_street || points.len() > 2)
            {
                points.push(hit.point);
                return Draft { points, end: End::Met(hit) };
            }
            let crowded = self.is_crowded(next, heading, rule.apart);
            if crowded || !self.site.is_open(next) || length > rule.length_max {
                return Draft { points, end: End::Open };
            }
            points.push(next);
            length += STEP;
        }
    }

    /// Turns the open end of a draft to the nearest street, if one is near and nothing between.
    fn tie(&self, draft: &mut Draft, rule: Layout) {
        let [start, .., last] = draft.points[..] else { return };
        let heading = heading_of(&draft.points);
        let nearest = self.plat.nearest_edge(last, rule.apart * 1.3);
        let Some(edge) = nearest.and_then(|(id, _)| self.plat.edge(id)) else { return };
        let (a, b) = self.plat.ends(edge);
        let foot = a.toward(b, nearest_share(last, a, b));
        let ahead = (foot - last).unit();
        if foot.distance(start) < rule.apart || ahead.dot(heading) < -0.1 {
            return;
        }
        let in_sight = self.plat.first_hit(last, foot + ahead * 2.0, None);
        if let Some(hit) = in_sight.filter(|hit| self.site.is_open(last.toward(hit.point, 0.5))) {
            draft.points.push(hit.point);
            draft.end = End::Met(hit);
        }
    }

    fn is_crowded(&self, point: V2, heading: V2, apart: f64) -> bool {
        self.plat.around(point, apart).into_iter().filter_map(|id| self.plat.edge(id)).any(|edge| {
            let (a, b) = self.plat.ends(edge);
            let parallel = (b - a).unit().dot(heading).abs() > PARALLEL_COSINE;
            parallel && distance_to_segment(point, a, b) < apart
        })
    }

    /// Puts a draft on the map if it makes a street, and returns the node it ends in.
    fn build(
        &mut self,
        start: Anchor,
        draft: &Draft,
        rule: Layout,
        street: u32,
        is_first: bool,
    ) -> Option<u32> {
        let length = length_of(&draft.points);
        let end = match draft.end {
            End::Met(hit) => {
                let edge = *self.plat.edge(hit.edge)?;
                let (a, b) = self.plat.ends(&edge);
                let sine = (b - a).unit().cross(heading_of(&draft.points)).abs();
                let is_trunk =
                    self.streets.get(edge.street as usize).is_some_and(|s| s.class == Class::Trunk);
                // Shorter than a block is deep: a needless link between neighbours.
                if is_trunk || sine < MEETING_SINE_MIN || length < 0.7 * rule.apart {
                    return None;
                }
                Some(self.joint(hit, draft, rule))
            }
            End::Open => {
                let kept = is_first && length >= rule.length_min && self.dice.chance(rule.dead_end);
                if !kept {
                    return None;
                }
                None
            }
        };
        self.lay(start, end, &draft.points, street)
    }

    /// The junction of the street met that is near and in sight, so that side streets from both
    /// sides make a crossing; else the point met, or an end of its edge.
    fn joint(&self, hit: Hit, draft: &Draft, rule: Layout) -> Anchor {
        let plain = self.plat.snapped(hit, STEP * 0.7);
        let [.., before, _] = draft.points[..] else { return plain };
        let Some(met) = self.plat.edge(hit.edge) else { return plain };
        let nodes = self.plat.around(hit.point, rule.snap).into_iter();
        let nodes =
            nodes.filter_map(|id| self.plat.edge(id)).filter(|edge| edge.street == met.street);
        let near = nodes
            .flat_map(|edge| edge.ends)
            .filter(|node| self.plat.degree(*node) == 3)
            .map(|node| (self.plat.at(node).distance(hit.point), node))
            .filter(|(distance, node)| {
                let clear = self.plat.first_hit(before, self.plat.at(*node), Some(*node)).is_none();
                *distance < rule.snap && clear
            })
            .min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        near.map_or(plain, |(_, node)| Anchor::Node(node))
    }

    fn lay(
        &mut self,
        start: Anchor,
        end: Option<Anchor>,
        points: &[V2],
        street: u32,
    ) -> Option<u32> {
        let first = self.plat.node_of(start);
        let last = end.map(|anchor| self.plat.node_of(anchor));
        if last == Some(first) {
            return None;
        }
        let inner = if last.is_some() { &points[1..points.len() - 1] } else { &points[1..] };
        let mut here = first;
        for point in inner {
            // A step away from a node the street is bent to would leave a needle's eye.
            if last.is_some_and(|node| self.plat.at(node).distance(*point) < STEP * 0.6) {
                continue;
            }
            let next = self.plat.add_node(*point);
            self.plat.connect(here, next, street);
            here = next;
        }
        if let Some(last) = last {
            self.plat.connect(here, last, street);
            here = last;
        }
        Some(here)
    }
}

fn heading_of(points: &[V2]) -> V2 {
    match points {
        [.., before, last] => (*last - *before).unit(),
        _ => V2::default(),
    }
}

/// `wanted`, but no further from `heading` than a street bends in one step.
fn bent(heading: V2, wanted: V2) -> V2 {
    let turn = heading.cross(wanted).clamp(-BEND_MAX, BEND_MAX);
    (heading + heading.left() * turn).unit()
}
