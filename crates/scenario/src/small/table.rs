//! Legs between a few places, with or without a rush hour.

use swerve_model::{Leg, Moment, Pace, Place, Planar, Ticks, TravelTimes};

use super::START;
use crate::dice::Dice;
use crate::plane::distance;

/// Metres in a tick at the speed no leg exceeds: 12 m/s.
const METERS_PER_TICK: f64 = 1.2;
/// In a rush, a leg's nominal tick takes this many thousandths of a tick longer, by quarter hour
/// from the second on.
const RUSH: [i64; 5] = [150, 420, 600, 350, 120];
const QUARTER: i64 = 15 * 60 * Ticks::PER_SECOND;
const RUSH_STARTS: i64 = 2;

/// Times and distances between places `0..n`, given as numbers.
///
/// With a rush, legs take longer for some quarters of an hour; a van on its way slows down when the
/// rush begins and speeds up when it ends, so leaving later never arrives earlier.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    positions: Vec<Planar>,
    /// Row by row.
    legs: Vec<Leg>,
    rush: bool,
}

impl Table {
    /// `legs` row by row, one row a place. Straight lines between `positions` must not be faster
    /// than 12 m/s, or [`TravelTimes::at_least`] would promise too much.
    ///
    /// # Panics
    /// If there are not as many legs as pairs of positions.
    pub fn new(positions: Vec<Planar>, legs: Vec<Leg>) -> Table {
        assert_eq!(
            legs.len(),
            positions.len() * positions.len(),
            "one leg for each pair of places"
        );
        Table { positions, legs, rush: false }
    }

    /// Legs as crooked as streets: each direction by itself up to 60 % longer than straight and at
    /// 5 to 12 m/s, then made shortest, so that no detour is a short cut. O(n^3).
    pub(super) fn scattered(positions: Vec<(f64, f64)>, rush: bool, dice: &mut Dice) -> Table {
        let positions: Vec<Planar> = positions.into_iter().map(|(x, y)| Planar { x, y }).collect();
        let count = positions.len();
        let mut legs = Vec::with_capacity(count * count);
        for from in &positions {
            for to in &positions {
                let straight = distance((from.x, from.y), (to.x, to.y));
                let meters = straight * dice.between(1.0, 1.6);
                let ticks = meters / METERS_PER_TICK * dice.between(1.0, 2.2);
                legs.push(if from == to {
                    Leg::ZERO
                } else {
                    Leg { ticks: ticks.ceil() as i32 + 1, meters: meters.ceil() as i32 + 1 }
                });
            }
        }
        shorten(&mut legs, count);
        Table { positions, legs, rush }
    }

    pub fn place_count(&self) -> usize {
        self.positions.len()
    }

    /// The leg outside any rush.
    pub fn nominal(&self, from: Place, to: Place) -> Leg {
        self.legs[from.0 as usize * self.positions.len() + to.0 as usize]
    }

    /// When a van that leaves at `depart` has covered `nominal` ticks.
    ///
    /// Progress is counted in integers, the same for all from any moment on: whoever is ahead stays
    /// ahead.
    fn arrival(nominal: i32, depart: Moment) -> Moment {
        let mut left = i64::from(nominal) * 1_000_000;
        let mut now = depart - START;
        loop {
            let quarter = now.0.div_euclid(QUARTER);
            let slower = usize::try_from(quarter - RUSH_STARTS).ok().and_then(|i| RUSH.get(i));
            let speed = 1_000_000_000 / (1_000 + slower.copied().unwrap_or(0));
            let quarter_left = (quarter + 1) * QUARTER - now.0;
            if left <= quarter_left * speed {
                return START + now + Ticks((left + speed - 1) / speed);
            }
            left -= quarter_left * speed;
            now += Ticks(quarter_left);
        }
    }
}

/// Floyd and Warshall, by time; the metres follow the quickest way.
fn shorten(legs: &mut [Leg], count: usize) {
    for via in 0..count {
        for from in 0..count {
            for to in 0..count {
                let (out, on) = (legs[from * count + via], legs[via * count + to]);
                let detour = Leg { ticks: out.ticks + on.ticks, meters: out.meters + on.meters };
                if detour.ticks < legs[from * count + to].ticks {
                    legs[from * count + to] = detour;
                }
            }
        }
    }
}

impl TravelTimes for Table {
    fn leg(&self, from: Place, to: Place, depart: Moment) -> Leg {
        let nominal = self.nominal(from, to);
        if !self.rush || !nominal.is_reachable() {
            return nominal;
        }
        let ticks = (Table::arrival(nominal.ticks, depart) - depart).0 as i32;
        Leg { ticks, ..nominal }
    }

    /// By bisection: the arrival never falls as the departure grows. O(log leg).
    fn latest_departure(&self, from: Place, to: Place, arrive: Moment) -> Moment {
        let nominal = self.nominal(from, to);
        let in_time = |depart: Moment| depart + self.leg(from, to, depart).duration() <= arrive;
        let (mut early, mut late) = (
            arrive - Ticks(i64::from(nominal.ticks) * 2 + 1),
            arrive - nominal.duration() + Ticks(1),
        );
        while (late - early).0 > 1 {
            let middle = early + Ticks((late - early).0 / 2);
            if in_time(middle) {
                early = middle;
            } else {
                late = middle;
            }
        }
        early
    }

    fn position(&self, place: Place) -> Planar {
        self.positions[place.0 as usize]
    }

    fn pace(&self) -> Pace {
        Pace { ticks: 1.0 / METERS_PER_TICK, meters: 1.0 }
    }
}
