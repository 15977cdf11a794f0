//! What a town gets after its streets: loose ends tied, roundabouts, driveways and yards.

use super::geometry::{V2, distance_to_segment};
use super::plat::{Anchor, Plat};
use super::site::{Quarter, Site};
use super::streets::{Access, Class, Street};
use crate::dice::Dice;

/// Loose ends reach at most this far ahead for a street to join.
const REACH: f64 = 95.0;
/// A loose end shorter than this is no street.
const STUB: f64 = 24.0;
const ROUNDABOUT_RADIUS: f64 = 17.0;
const ROUNDABOUT_CORNERS: usize = 12;
const ROUNDABOUTS_MAX: usize = 12;
/// The ring road is the first street drawn.
const RING_STREET: u32 = 0;
/// Of stretches of street with room for one.
const DRIVEWAY_SHARE: f64 = 0.055;

/// Finishes a grown map in place.
pub(super) struct Finish<'a> {
    pub(super) site: &'a Site,
    pub(super) plat: &'a mut Plat,
    pub(super) streets: &'a mut Vec<Street>,
    pub(super) dice: Dice,
}

impl Finish<'_> {
    pub(super) fn finish(&mut self) {
        self.tie_loose_ends();
        self.drop_stubs();
        self.build_roundabouts();
        self.build_driveways();
    }

    fn loose_ends(&self) -> Vec<u32> {
        let nodes = 0..self.plat.points.len() as u32;
        nodes.filter(|node| self.plat.degree(*node) == 1).collect()
    }

    /// The only edge of a loose end: its far node and its street.
    fn last_edge(&self, node: u32) -> Option<(u32, u32, u32)> {
        let (id, edge) = self.plat.incident(node).next()?;
        Some((id, edge.other(node), edge.street))
    }

    fn tie_loose_ends(&mut self) {
        for node in self.loose_ends() {
            let Some((_, before, street)) = self.last_edge(node) else { continue };
            let (here, quarter) = (self.plat.at(node), self.streets[street as usize].quarter);
            let share = if quarter == Quarter::Garden { 0.5 } else { 0.75 };
            if !self.site.is_open(here) || !self.dice.chance(share) {
                continue;
            }
            let ahead = (here - self.plat.at(before)).unit();
            let Some(hit) = self.plat.first_hit(here, here + ahead * REACH, Some(node)) else {
                continue;
            };
            let met = self.plat.edge(hit.edge).map(|edge| (edge.street, self.plat.ends(edge)));
            let Some((met, (a, b))) = met else { continue };
            let square = (b - a).unit().cross(ahead).abs() > 0.5;
            let dry = self.site.is_open(here.toward(hit.point, 0.5));
            if square && dry && self.streets[met as usize].class != Class::Trunk {
                let anchor = self.plat.snapped(hit, 14.0);
                let end = self.plat.node_of(anchor);
                self.plat.connect(node, end, street);
            }
        }
    }

    /// Removes loose ends that are too short to be a street, leaf by leaf.
    fn drop_stubs(&mut self) {
        for node in self.loose_ends() {
            let mut doomed = Vec::new();
            let (mut here, mut length) = (node, 0.0);
            while let Some((id, next)) = self.next_back(here, doomed.last().copied()) {
                length += self.plat.at(here).distance(self.plat.at(next));
                doomed.push(id);
                here = next;
                if length > STUB || self.plat.degree(here) != 2 {
                    break;
                }
            }
            if length <= STUB {
                for id in doomed {
                    self.plat.remove(id);
                }
            }
        }
    }

    fn next_back(&self, node: u32, from: Option<u32>) -> Option<(u32, u32)> {
        let mut onward = self.plat.incident(node).filter(|(id, _)| Some(*id) != from);
        onward.next().map(|(id, edge)| (id, edge.other(node)))
    }

    /// Where the bypass and the belt meet other main roads out of the old blocks.
    fn build_roundabouts(&mut self) {
        let nodes = 0..self.plat.points.len() as u32;
        let mut wanted: Vec<(Class, u32)> =
            nodes.filter_map(|node| Some((self.roundabout_class(node)?, node))).collect();
        wanted.sort_unstable();
        for (class, node) in wanted.into_iter().take(ROUNDABOUTS_MAX) {
            self.build_roundabout(node, class);
        }
    }

    /// The class of the most important road, where two main roads meet and traffic is not so dense
    /// that signals are needed.
    fn roundabout_class(&self, node: u32) -> Option<Class> {
        let mut roads: Vec<(Class, u32)> = self
            .plat
            .incident(node)
            .map(|(_, edge)| (self.streets[edge.street as usize].class, edge.street))
            .filter(|(class, street)| class.is_main() && *street != RING_STREET)
            .collect();
        roads.sort_unstable();
        roads.dedup();
        let [(first, _), (second, _), ..] = roads[..] else { return None };
        let quiet = self.site.quarter(self.plat.at(node)) != Quarter::Blocks;
        let wanted = first == Class::Trunk || quiet && second < Class::Tertiary;
        (wanted && self.plat.degree(node) >= 3).then_some(first)
    }

    fn build_roundabout(&mut self, node: u32, class: Class) {
        let center = self.plat.at(node);
        let Some(arms) = self.arms(node) else { return };
        let corner = |step: usize| {
            let turn = step as f64 * std::f64::consts::TAU / ROUNDABOUT_CORNERS as f64;
            center + V2::at_angle(turn) * ROUNDABOUT_RADIUS
        };
        arms.iter().flat_map(|arm| &arm.edges).for_each(|edge| self.plat.remove(*edge));
        let ring: Vec<u32> =
            (0..ROUNDABOUT_CORNERS).map(|step| self.plat.add_node(corner(step))).collect();
        let street = self.streets.len() as u32;
        let mut circle = Street::new(class, self.site.quarter(center));
        (circle.roundabout, circle.oneway) = (true, true);
        self.streets.push(circle);
        for (step, from) in ring.iter().enumerate() {
            self.plat.connect(*from, ring[(step + 1) % ring.len()], street);
        }
        for arm in arms {
            let end = self.plat.at(arm.end);
            let nearest = ring.iter().copied().min_by(|a, b| {
                self.plat.at(*a).distance(end).total_cmp(&self.plat.at(*b).distance(end))
            });
            if let Some(nearest) = nearest {
                let (from, to) = if arm.outward { (nearest, arm.end) } else { (arm.end, nearest) };
                self.plat.connect(from, to, arm.street);
            }
        }
    }

    /// The roads that meet at a node, each cut back beyond the circle; `None` if another junction
    /// is in the way.
    fn arms(&self, node: u32) -> Option<Vec<Arm>> {
        let center = self.plat.at(node);
        let mut arms = Vec::new();
        for (id, edge) in self.plat.incident(node) {
            let (mut edges, mut end) = (vec![id], edge.other(node));
            while self.plat.at(end).distance(center) < ROUNDABOUT_RADIUS + 9.0 {
                if self.plat.degree(end) != 2 {
                    return None;
                }
                let (next, beyond) = self.next_back(end, edges.last().copied())?;
                edges.push(next);
                end = beyond;
            }
            arms.push(Arm { edges, end, street: edge.street, outward: edge.ends[0] == node });
        }
        Some(arms)
    }

    fn build_driveways(&mut self) {
        let edges: Vec<u32> = self.plat.edges().map(|(id, _)| id).collect();
        for id in edges {
            let Some(edge) = self.plat.edge(id).copied() else { continue };
            let street = &self.streets[edge.street as usize];
            let (share, reach) = match (street.class, street.quarter) {
                (Class::Residential, Quarter::Garden | Quarter::Village) => {
                    (DRIVEWAY_SHARE, self.dice.between(24.0, 48.0))
                }
                (Class::Residential, Quarter::Blocks) => (0.02, self.dice.between(28.0, 40.0)),
                (Class::Unclassified | Class::Tertiary, Quarter::Industry) => {
                    (0.11, self.dice.between(45.0, 95.0))
                }
                _ => continue,
            };
            if self.dice.chance(share) {
                self.build_driveway(id, reach);
            }
        }
    }

    fn build_driveway(&mut self, id: u32, reach: f64) {
        let Some(edge) = self.plat.edge(id).copied() else { return };
        let (a, b) = self.plat.ends(&edge);
        let side = if self.dice.chance(0.5) { 1.0 } else { -1.0 };
        let (start, out) = (a.toward(b, 0.5), (b - a).unit().left() * side);
        let end = start + out * reach;
        if !self.has_room(start, end, id) {
            return;
        }
        let quarter = self.streets[edge.street as usize].quarter;
        let class = if quarter == Quarter::Industry { Class::Service } else { Class::Driveway };
        let street = self.streets.len() as u32;
        let mut driveway = Street::new(class, quarter);
        let private = if quarter == Quarter::Industry { 0.35 } else { 0.25 };
        if self.dice.chance(private) {
            driveway.access = Access::Private;
        }
        self.streets.push(driveway);
        let from = self.plat.node_of(Anchor::Along(id, start));
        let bend = start + (end - start) * 0.6;
        let middle = self.plat.add_node(bend);
        let last = self.plat.add_node(end + (b - a).unit() * self.dice.between(-9.0, 9.0));
        self.plat.connect(from, middle, street);
        self.plat.connect(middle, last, street);
    }

    fn has_room(&self, start: V2, end: V2, own: u32) -> bool {
        let clear = |id: &u32| {
            let Some(edge) = self.plat.edge(*id) else { return true };
            let (a, b) = self.plat.ends(edge);
            *id == own
                || distance_to_segment(end, a, b) > 17.0
                    && distance_to_segment(start.toward(end, 0.5), a, b) > 14.0
        };
        self.site.is_open(end) && self.plat.around(end, 60.0).iter().all(clear)
    }
}

/// One road into a roundabout.
struct Arm {
    /// To be removed, from the middle outward.
    edges: Vec<u32>,
    /// Where the road goes on.
    end: u32,
    street: u32,
    /// Whether the street is drawn away from the junction.
    outward: bool,
}
