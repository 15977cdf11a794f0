//! Which way streets run: a direction for every spot, the same turned by quarters.
//!
//! Near the market streets run to it and around it; along the river they follow the bank; every
//! quarter built at one time has a grid of its own, and gardens let their streets meander. The
//! influences are summed as vectors at four times their angle, so that a direction and its
//! perpendicular are one influence and not two that cancel.

use std::f64::consts::TAU;

use super::geometry::{V2, noise, v};
use super::site::{Quarter, Site};
use crate::dice::Dice;
use crate::steady;

/// A district built to one plan.
#[derive(Clone, Debug)]
struct District {
    center: V2,
    /// Its direction at four times the angle.
    fourfold: V2,
    reach: f64,
}

#[derive(Clone, Debug)]
pub(super) struct Field {
    districts: Vec<District>,
    seed: u64,
}

impl Field {
    pub(super) fn new(seed: u64) -> Field {
        let mut dice = Dice::new(seed, "districts", 0, 0);
        let district = |_| {
            let (angle, radius) = (dice.between(0.0, TAU), dice.between(900.0, 4_300.0));
            let center = V2::at_angle(angle) * radius;
            let axis = dice.between(0.0, TAU);
            District { center, fourfold: V2::at_angle(axis), reach: dice.between(450.0, 800.0) }
        };
        Field { districts: (0..34).map(district).collect(), seed }
    }

    /// The street direction at `spot` nearest to `heading` (a unit vector).
    pub(super) fn along(&self, site: &Site, spot: V2, heading: V2) -> V2 {
        let quarter = site.quarter(spot);
        if quarter == Quarter::Industry {
            return nearest_quarter_turn(site.industry_axis, heading);
        }
        let axis = halved(halved(self.fourfold(site, spot).unit()));
        let (swing, length) = match quarter {
            Quarter::Old => (0.75, 210.0),
            Quarter::Blocks => (0.1, 420.0),
            Quarter::Garden => (0.55, 330.0),
            _ => (0.5, 240.0),
        };
        let swing = swing * noise(self.seed ^ 0x4d, spot.x / length, spot.y / length);
        nearest_quarter_turn(axis.turned(swing), heading)
    }

    fn fourfold(&self, site: &Site, spot: V2) -> V2 {
        let gaussian = |distance: f64, reach: f64| {
            let share = distance / reach;
            steady::exp(-share * share)
        };
        // The old town grew around its market and its castle; both pull.
        let castle = spot - v(-210.0, 130.0);
        let market = fourfold_of(spot.unit()) * (1.3 * gaussian(spot.length(), 1_100.0) + 0.12)
            + fourfold_of(castle.unit()) * (1.1 * gaussian(castle.length(), 380.0));
        let bank = site.river.offset(spot).abs();
        let river = fourfold_of(site.river.direction(spot.x)) * (1.5 * gaussian(bank, 330.0));
        let rails = site.railway.offset(spot).abs();
        let railway = fourfold_of(site.railway.direction(spot.x)) * gaussian(rails, 260.0);
        self.districts.iter().fold(market + river + railway, |sum, district| {
            sum + district.fourfold * gaussian(spot.distance(district.center), district.reach)
        })
    }
}

/// A direction at four times its angle: squared twice as a complex number.
fn fourfold_of(direction: V2) -> V2 {
    let squared = |z: V2| v(z.x * z.x - z.y * z.y, 2.0 * z.x * z.y);
    squared(squared(direction))
}

/// A unit vector at half its angle (of the two, the one that points east).
fn halved(direction: V2) -> V2 {
    let cos = f64::midpoint(1.0, direction.x).max(0.0).sqrt();
    let sin = f64::midpoint(1.0, -direction.x).max(0.0).sqrt();
    v(cos, if direction.y < 0.0 { -sin } else { sin })
}

fn nearest_quarter_turn(axis: V2, heading: V2) -> V2 {
    let turns = [axis, axis.left(), axis * -1.0, axis.left() * -1.0];
    turns.into_iter().max_by(|a, b| a.dot(heading).total_cmp(&b.dot(heading))).unwrap_or(axis)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_direction_survives_folding_and_halving_up_to_quarter_turns() {
        for step in 0..64 {
            let direction = V2::at_angle(f64::from(step) * TAU / 64.0 + 0.01);
            let again = nearest_quarter_turn(halved(halved(fourfold_of(direction))), direction);
            assert!(again.dot(direction) > 1.0 - 1e-9, "{direction:?} became {again:?}");
        }
    }
}
