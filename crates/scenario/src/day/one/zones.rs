//! Which doors are delivered to: small clusters, as far apart inside as in real routes.

use super::shape::{NEAREST_METRES, ZONE_STOPS};
use crate::day::area::Area;
use crate::day::places::Places;
use crate::dice::Dice;
use crate::plane::{Cells, Metres, distance};

/// Of so many doors around a zone's middle one is delivered to: in a town with a house every twenty
/// metres the nearest other stop is then as far as in [`NEAREST_METRES`].
const DOORS_PER_STOP: f64 = 8.0;
/// Stops of a zone keep this much farther apart than all stops should be: zones meet.
const APART: f64 = 1.3;
/// Metres from a zone's middle to its farthest door at most; in thinner quarters zones are smaller.
const REACH: f64 = 1_500.0;

/// Indices of doors on the map, `stops` of them, zone after zone.
pub(super) fn choose(area: &Area, places: &Places, stops: usize, seed: u64) -> Vec<u32> {
    let mut dice = Dice::new(seed, "zones", 0, 0);
    let place = |door: &u32| area.plane.metres(places.doors[*door as usize].location);
    let at: Vec<Metres> = area.doors.iter().map(place).collect();
    let mut zones = Zones {
        cells: Cells::new(150.0, at.iter().copied()),
        // Where doors are scarce, fewer are passed over.
        per_stop: DOORS_PER_STOP.min(at.len() as f64 / stops.max(1) as f64),
        passed: vec![false; at.len()],
        at,
    };
    let mut middles: Vec<u32> = (0..zones.at.len() as u32).collect();
    dice.shuffle(&mut middles);
    let mut chosen = Vec::new();
    for middle in &middles {
        if chosen.len() >= stops {
            break;
        }
        if !zones.passed[*middle as usize] {
            let size = ZONE_STOPS.at(dice.unit()).round() as usize;
            zones.take(*middle, size.min(stops - chosen.len()), &mut dice, &mut chosen);
        }
    }
    // Doors around zones that were passed over come last.
    let mut taken = vec![false; zones.at.len()];
    for door in &chosen {
        taken[*door as usize] = true;
    }
    let missing = stops - chosen.len();
    chosen.extend(middles.into_iter().filter(|door| !taken[*door as usize]).take(missing));
    chosen.into_iter().map(|door| area.doors[door as usize]).collect()
}

struct Zones {
    at: Vec<Metres>,
    cells: Cells,
    per_stop: f64,
    /// Delivered to, or inside a zone and not.
    passed: Vec<bool>,
}

impl Zones {
    /// Draws `size` of the doors around `middle`, and the doors between them belong to the zone too.
    fn take(&mut self, middle: u32, size: usize, dice: &mut Dice, chosen: &mut Vec<u32>) {
        let wide = (size as f64 * self.per_stop).round() as usize;
        let mut around = Vec::with_capacity(wide);
        while around.len() < wide.max(size) {
            let at = |door: u32| self.at[door as usize];
            let free = |door: u32| !self.passed[door as usize];
            let Some(next) = self.cells.nearest(at(middle), REACH, at, free) else { break };
            self.passed[next as usize] = true;
            around.push(next);
        }
        dice.shuffle(&mut around);
        let first = chosen.len();
        // Neighbouring houses rarely both get something: each stop keeps the others at a distance,
        // or at the greatest there is.
        while chosen.len() < first + size && !around.is_empty() {
            let apart = NEAREST_METRES.at(dice.unit()) * APART;
            let away: Vec<f64> =
                around.iter().map(|door| self.away(*door, &chosen[first..])).collect();
            let fits = away.iter().position(|away| *away >= apart);
            let farthest = || (0..away.len()).max_by(|a, b| away[*a].total_cmp(&away[*b]));
            chosen.push(around.swap_remove(fits.or_else(farthest).unwrap_or(0)));
        }
    }

    /// Metres from a door to the nearest of others; infinite if there are none.
    fn away(&self, door: u32, others: &[u32]) -> f64 {
        let at = |door: u32| self.at[door as usize];
        let others = others.iter().map(|other| distance(at(door), at(*other)));
        others.fold(f64::INFINITY, f64::min)
    }
}
