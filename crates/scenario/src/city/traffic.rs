//! How streets may be driven: speeds, one-ways, pedestrian lanes, bollards.
//!
//! A one-way street or a bollard must never cut anyone off. They are handed out freely first; then
//! every junction must be reachable from the ring and lead back to it, and whatever stands in the
//! way of that is taken back, until nothing does.

use std::collections::BTreeSet;

use super::plat::Plat;
use super::site::Quarter;
use super::streets::{Access, Class, Street};
use crate::dice::Dice;

/// Rules of the road on a finished map.
pub(super) struct Traffic<'a> {
    pub(super) plat: &'a Plat,
    pub(super) streets: &'a mut [Street],
    /// Nodes no car passes.
    pub(super) bollards: BTreeSet<u32>,
}

impl Traffic<'_> {
    pub(super) fn regulate(&mut self, dice: &mut Dice) {
        self.sign_speeds(dice);
        self.make_oneways(dice);
        self.close_to_cars(dice);
        self.take_back();
    }

    fn sign_speeds(&mut self, dice: &mut Dice) {
        for street in self.streets.iter_mut() {
            // Not every old lane is a play street.
            if street.class == Class::Living && dice.chance(0.4) {
                street.class = Class::Residential;
            }
            let signed = match (street.class, street.quarter) {
                (Class::Tertiary | Class::Unclassified, _) => Some(50),
                (Class::Residential, _) => Some(30),
                _ => None,
            };
            street.maxspeed = street.maxspeed.or(signed);
        }
    }

    fn make_oneways(&mut self, dice: &mut Dice) {
        for street in self.streets.iter_mut().filter(|street| !street.roundabout) {
            let share = match (street.class, street.quarter) {
                (Class::Living | Class::Residential, Quarter::Old) => 0.5,
                (Class::Residential, Quarter::Blocks) => 0.3,
                (Class::Residential, Quarter::Garden) => 0.03,
                _ => 0.0,
            };
            street.oneway = dice.chance(share);
        }
    }

    fn close_to_cars(&mut self, dice: &mut Dice) {
        for street in self.streets.iter_mut() {
            if street.class == Class::Living && !street.oneway {
                if dice.chance(0.3) {
                    street.class = Class::Pedestrian;
                } else if dice.chance(0.1) {
                    street.access = Access::Destination;
                }
            }
        }
        for node in 0..self.plat.points.len() as u32 {
            let mut streets = self.plat.incident(node).map(|(_, edge)| edge.street);
            let (Some(one), Some(other), None) = (streets.next(), streets.next(), streets.next())
            else {
                continue;
            };
            let street = &self.streets[one as usize];
            let quiet = street.class == Class::Residential && street.quarter == Quarter::Blocks;
            if one == other && quiet && dice.chance(0.004) {
                self.bollards.insert(node);
            }
        }
    }

    /// Lifts restrictions around junctions they cut off. Every round lifts at least one, so it ends.
    fn take_back(&mut self) {
        loop {
            let cut_off = self.cut_off();
            let lifted = self.lift_around(&cut_off, true) || self.lift_around(&cut_off, false);
            if !lifted {
                return;
            }
        }
    }

    /// Junctions on open streets that cannot be driven to, or from which there is no way back.
    fn cut_off(&self) -> BTreeSet<u32> {
        let Some(hub) = self.hub() else { return BTreeSet::new() };
        let (there, back) = (self.reached(hub, true), self.reached(hub, false));
        let open = |node: &u32| {
            !self.bollards.contains(node)
                && self.plat.incident(*node).any(|(_, edge)| self.is_driven(edge.street))
        };
        let nodes = (0..self.plat.points.len() as u32).filter(open);
        nodes.filter(|node| !there[*node as usize] || !back[*node as usize]).collect()
    }

    /// A node of the ring road, which is drawn first and can always be driven.
    fn hub(&self) -> Option<u32> {
        self.plat.edges().find(|(_, edge)| edge.street == 0).map(|(_, edge)| edge.ends[0])
    }

    fn is_driven(&self, street: u32) -> bool {
        self.streets[street as usize].class != Class::Pedestrian
    }

    fn reached(&self, hub: u32, forwards: bool) -> Vec<bool> {
        let mut reached = vec![false; self.plat.points.len()];
        reached[hub as usize] = true;
        let mut stack = vec![hub];
        while let Some(node) = stack.pop() {
            for (_, edge) in self.plat.incident(node) {
                let against = (edge.ends[0] == node) != forwards;
                let street = &self.streets[edge.street as usize];
                let next = edge.other(node);
                let barred = !self.is_driven(edge.street) || street.oneway && against;
                if !barred && !reached[next as usize] && !self.bollards.contains(&next) {
                    reached[next as usize] = true;
                    stack.push(next);
                }
            }
        }
        reached
    }

    /// On streets out of the cut-off part only, if there are any that help; else on all in it.
    fn lift_around(&mut self, cut_off: &BTreeSet<u32>, outward_only: bool) -> bool {
        let mut lifted = false;
        for node in cut_off {
            let around: Vec<(u32, u32)> = self
                .plat
                .incident(*node)
                .map(|(_, edge)| (edge.street, edge.other(*node)))
                .collect();
            for (street, next) in around {
                if outward_only && cut_off.contains(&next) {
                    continue;
                }
                lifted |= self.bollards.remove(&next);
                let street = &mut self.streets[street as usize];
                if street.oneway && !street.roundabout {
                    (street.oneway, lifted) = (false, true);
                } else if street.class == Class::Pedestrian {
                    (street.class, lifted) = (Class::Living, true);
                }
            }
        }
        lifted
    }
}
