//! Fewer vehicles: a route is dissolved, and its orders find places elsewhere or go back.
//!
//! The method is the fleet minimisation of Christiaens & Vanden Berghe (Transportation Science 54(2),
//! 2020): an order that was left out often counts more, so that the hard ones get their places first and
//! the easy ones wait.

use rand::RngExt;

use super::Search;
use super::insert::Sight;
use super::model::{Model, NONE};
use super::plan::Plan;
use super::recreate::{Bar, recreate};
use super::ruin::{remove, ruin};
use super::settle::settle;
use crate::offline::Pace;
use crate::offline::anneal::Meter;

/// Vehicles passed over when a route is begun: see [`Sight::kind_skipped`].
const KIND_SKIPPED: f64 = 0.5;

/// The chance that a round tears out around what has no place.
const ABSENT_CHANCE: f64 = 0.2;

/// The share of the budget after which no fewer vehicles are looked for: at most, and without a success. The
/// easy ones go within the first tenth; what comes later comes after long searches.
const SHARE_MAX: f64 = 0.75;
const PATIENCE: f64 = 0.3;

/// Rounds between two looks at the budget's share.
const ROUNDS_PER_LOOK: u64 = 64;

impl Search<'_> {
    /// Dissolves one route after the other as long as there is hope; the last plan that leaves out no more
    /// than `plan`.
    pub(super) fn with_fewer_vehicles(&mut self, plan: Plan, meter: &mut Meter<impl Pace>) -> Plan {
        let mut best = plan.clone();
        let mut now = plan;
        let mut times_absent = vec![1u64; self.model.orders.len()];
        self.dissolve(&mut now);
        let mut gained = meter.used;
        let has_hope = |used: f64, gained: f64| used < SHARE_MAX.min(gained + PATIENCE);
        while !meter.is_over() && has_hope(meter.used, gained) && best.used > 0 {
            for _ in 0..ROUNDS_PER_LOOK {
                if best.used == 0 {
                    break;
                }
                meter.count_round();
                self.round_without(&mut now, best.used - 1, &mut times_absent);
                if now.score.absent <= best.score.absent {
                    best.clone_from(&now);
                    meter.note(now.score);
                    gained = meter.used;
                    self.dissolve(&mut now);
                }
            }
        }
        best
    }

    /// Empties the route whose orders have been easiest to place: the shortest.
    fn dissolve(&mut self, plan: &mut Plan) {
        let is_used = |slot: &usize| !plan.routes[*slot].stops.is_empty();
        let is_free = |slot: &usize| plan.routes[*slot].first_gap(self.model) == 0;
        let slots = (0..plan.routes.len()).filter(is_used).filter(is_free);
        let Some(slot) = slots.min_by_key(|slot| plan.routes[*slot].visits) else { return };
        let stops = plan.routes[slot].stops.clone();
        let is_visit = |stop: &u32| self.model.tasks[*stop as usize].is_visit();
        let visits: Vec<u32> = stops.into_iter().filter(is_visit).collect();
        self.change.begin(plan);
        remove(plan, &mut self.change, self.model, slot as u32, &visits);
    }

    fn round_without(&mut self, plan: &mut Plan, vehicles_max: u32, times_absent: &mut [u64]) {
        let (model, before) = (self.model, plan.score);
        let was = counted(model, plan, times_absent);
        let seed = self.seed(plan);
        let change = &mut self.change;
        change.begin(plan);
        ruin(plan, change, model, seed, self.rng);
        let sight = Sight { kind_skipped: KIND_SKIPPED, ..Sight::plain(vehicles_max) };
        let bar = Bar { counts: times_absent, count: was, ..Bar::NONE };
        let whole = !change.is_broken
            && recreate(plan, change, model, &mut self.inserter, sight, &bar, self.rng);
        if whole {
            settle(plan, change, model, &mut self.inserter);
        }
        let is = counted(model, plan, times_absent);
        for order in &plan.absent {
            times_absent[*order as usize] += 1;
        }
        let heat = self.scale * self.rng.random_range(0.0..1.0);
        let is_good = is < was || is == was && plan.score.cost < before.cost + heat as i64;
        if !whole || change.is_broken || !is_good {
            change.take_back(plan);
        }
    }

    /// The task around which is torn out: any, or one that has no place.
    fn seed(&mut self, plan: &Plan) -> u32 {
        if plan.absent.is_empty() || !self.rng.random_bool(ABSENT_CHANCE) {
            return self.rng.random_range(0..self.model.tasks.len() as u32);
        }
        let order = plan.absent[self.rng.random_range(0..plan.absent.len())];
        let ways = &self.model.orders[order as usize].ways;
        let way = ways[self.rng.random_range(0..ways.len())];
        let is_second = way.second != NONE && self.rng.random_bool(0.5);
        if is_second { way.second } else { way.first }
    }
}

/// How often all those left out have been.
fn counted(model: &Model, plan: &Plan, times: &[u64]) -> u64 {
    let absent = plan.absent.iter().map(|order| *order as usize);
    // What may be left out at a price is no reason to keep a vehicle.
    absent.filter(|order| model.orders[*order].weight > 0).map(|order| times[order]).sum()
}
