//! What stands at the roadside: signals, bollards, gates, turning circles, no-left-turn signs.

use std::collections::{BTreeMap, BTreeSet};

use super::plat::Plat;
use super::site::{Quarter, Site};
use super::streets::{Access, Class, Street};
use crate::dice::Dice;

const RESTRICTIONS_MAX: usize = 24;

/// Tags of nodes on streets.
pub(super) fn put_up(
    site: &Site,
    plat: &Plat,
    streets: &[Street],
    bollards: &BTreeSet<u32>,
    seed: u64,
) -> BTreeMap<u32, Vec<(&'static str, &'static str)>> {
    let mut dice = Dice::new(seed, "signs", 0, 0);
    let mut signs = BTreeMap::new();
    for node in 0..plat.points.len() as u32 {
        let around: Vec<&Street> =
            plat.incident(node).map(|(_, edge)| &streets[edge.street as usize]).collect();
        if let Some(sign) = sign_at(&around, site.quarter(plat.at(node)), &mut dice) {
            signs.insert(node, vec![sign]);
        }
    }
    signs.extend(bollards.iter().map(|node| (*node, vec![("barrier", "bollard")])));
    signs
}

fn sign_at(
    around: &[&Street],
    quarter: Quarter,
    dice: &mut Dice,
) -> Option<(&'static str, &'static str)> {
    match around {
        [only] => {
            let turning = matches!(only.class, Class::Residential | Class::Unclassified);
            (turning && dice.chance(0.45)).then_some(("highway", "turning_circle"))
        }
        // The bend of a private drive: a gate stands there, or a barrier at a works yard.
        [one, other] if one.access == Access::Private && other.access == Access::Private => {
            let gate = if quarter == Quarter::Industry { "lift_gate" } else { "gate" };
            dice.chance(0.6).then_some(("barrier", gate))
        }
        _ => {
            let mains = around.iter().filter(|street| street.class.is_main() && !street.roundabout);
            let circle = around.iter().any(|street| street.roundabout);
            let town = matches!(quarter, Quarter::Old | Quarter::Blocks);
            let busy = mains.count() >= 3 && around.len() >= 3 && town && !circle;
            (busy && dice.chance(0.35)).then_some(("highway", "traffic_signals"))
        }
    }
}

/// Some T-junctions of quiet streets with main roads, as (side street, main road).
pub(super) fn restrict_turns(
    plat: &Plat,
    streets: &[Street],
    seed: u64,
) -> BTreeMap<u32, [u32; 2]> {
    let mut dice = Dice::new(seed, "turns", 0, 0);
    let mut nodes: Vec<u32> =
        (0..plat.points.len() as u32).filter(|node| plat.degree(*node) == 3).collect();
    dice.shuffle(&mut nodes);
    let restricted =
        nodes.into_iter().filter_map(|node| Some((node, side_and_main(plat, streets, node)?)));
    restricted.take(RESTRICTIONS_MAX).collect()
}

fn side_and_main(plat: &Plat, streets: &[Street], node: u32) -> Option<[u32; 2]> {
    let mut around: Vec<u32> = plat.incident(node).map(|(_, edge)| edge.street).collect();
    around.sort_unstable();
    let class = |street: u32| streets[street as usize].class;
    let is_busy = |street: u32| matches!(class(street), Class::Primary | Class::Secondary);
    let is_side = |street: u32| {
        let street = &streets[street as usize];
        street.class == Class::Residential && !street.oneway
    };
    match around[..] {
        [a, b, side] if a == b && is_busy(a) && is_side(side) => Some([side, a]),
        [side, a, b] if a == b && is_busy(a) && is_side(side) => Some([side, a]),
        _ => None,
    }
}
