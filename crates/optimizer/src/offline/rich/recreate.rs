//! Putting the absent back, one order after the other, each where it costs least.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::insert::{Choice, Inserter, Sight};
use super::model::{Model, NONE};
use super::plan::{Change, Plan};
use crate::offline::Standing;

/// In what order that is done.
#[derive(Clone, Copy)]
enum Turn {
    Random,
    Heavy,
    Far,
    Near,
    Narrow,
    Early,
    Late,
}

/// The chance of each, in shares of the sum, as for plain instances.
const TURNS: [(Turn, u32); 7] = [
    (Turn::Random, 4),
    (Turn::Heavy, 4),
    (Turn::Far, 2),
    (Turn::Near, 1),
    (Turn::Narrow, 2),
    (Turn::Early, 2),
    (Turn::Late, 2),
];

/// Orders that found no place near anything are tried everywhere once in so many rounds: a plan that
/// cannot do all would try in vain each time otherwise.
const EVERYWHERE_CHANCE: f64 = 0.1;

/// The chance that a round looks at what may be left out as worth less or more than it is, and how many
/// times that at most: two of them can pay for a way that neither pays for alone.
const WORTH_CHANCE: f64 = 0.3;
const WORTH_MAX: f64 = 3.0;

/// How plans are compared on the way.
#[derive(Clone, Copy)]
pub(super) enum Measure {
    /// As in the end.
    Exact,
    /// Each unit of weight left out costs so much and vehicles nothing, so that the search can leave out
    /// for a while what is in the way.
    Priced(i64),
}

impl Measure {
    pub(super) fn of(self, score: Standing) -> Standing {
        match self {
            Measure::Exact => score,
            Measure::Priced(price) => Standing {
                absent: 0,
                vehicles: 0,
                cost: score.cost.saturating_add(score.absent.saturating_mul(price)),
            },
        }
    }

    /// What doing something of that weight may cost at most.
    fn worth(self, weight: i64) -> i64 {
        match self {
            Measure::Priced(price) if weight > 0 => weight.saturating_mul(price),
            _ => i64::MAX,
        }
    }
}

/// What a plan must not exceed.
pub(super) struct Bar<'a> {
    pub(super) standing: Standing,
    /// How it is compared with that.
    pub(super) measure: Measure,
    /// How much each order counts when it is left out, and what those left out may count together.
    pub(super) counts: &'a [u64],
    pub(super) count: u64,
}

impl Bar<'_> {
    pub(super) const NONE: Bar<'static> = Bar {
        standing: Standing { absent: i64::MAX, vehicles: i64::MAX, cost: i64::MAX },
        measure: Measure::Exact,
        counts: &[],
        count: u64::MAX,
    };

    /// What may be added to a plan that is at least as bad as that.
    fn room(&self, least: Standing) -> i64 {
        let least = self.measure.of(least);
        let decides =
            (least.absent, least.vehicles) == (self.standing.absent, self.standing.vehicles);
        if decides { self.standing.cost - least.cost + 1 } else { i64::MAX }
    }
}

/// Puts the absent back, and leaves absent what fits nowhere. `false`, in the middle of it, as soon as the
/// plan is sure to exceed `bar`.
pub(super) fn recreate(
    plan: &mut Plan,
    change: &mut Change,
    model: &Model,
    inserter: &mut Inserter,
    sight: Sight,
    bar: &Bar,
    rng: &mut ChaCha8Rng,
) -> bool {
    let turn = drawn(rng);
    let mut order: Vec<(i64, u32)> =
        plan.absent.iter().map(|order| (key(model, *order, turn, rng), *order)).collect();
    order.sort_unstable();
    plan.absent.clear();
    // What is not yet put back counts as absent, and may weigh and cost nothing in the end.
    let mut left: (i64, i64) = (0, 0);
    for (_, number) in &order {
        left.0 += model.orders[*number as usize].weight;
        left.1 += model.orders[*number as usize].price;
    }
    let worth = if rng.random_bool(WORTH_CHANCE) { rng.random_range(0.0..WORTH_MAX) } else { 1.0 };
    let mut count = 0;
    let everywhere = sight.all || rng.random_bool(EVERYWHERE_CHANCE);
    for (_, number) in order {
        let of = &model.orders[number as usize];
        // Where leaving it out is cheaper, that is done.
        let is_worth =
            |choice: &Choice| of.weight > 0 || choice.cost as f64 <= of.price as f64 * worth;
        left.0 -= of.weight;
        left.1 -= of.price;
        let least = |score: Standing| Standing {
            absent: score.absent - left.0,
            cost: score.cost - left.1,
            ..score
        };
        let without = least(plan.score);
        let done = Standing {
            absent: without.absent - of.weight,
            cost: without.cost - of.price,
            ..without
        };
        let sight = Sight { most: bar.room(done).min(bar.measure.worth(of.weight)), ..sight };
        let mut found = inserter.best(plan, model, number, sight, rng).filter(is_worth);
        if found.is_none() && everywhere {
            let sight = Sight { all: true, ..sight };
            found = inserter.best(plan, model, number, sight, rng).filter(is_worth);
        }
        if let Some(choice) = found {
            Inserter::apply(choice, plan, model, change);
        } else {
            plan.absent.push(number);
            // What may be left out at a price is no reason to keep a vehicle.
            if of.weight > 0 {
                count += bar.counts.get(number as usize).copied().unwrap_or(0);
            }
        }
        let least = bar.measure.of(least(plan.score));
        if change.is_broken || least > bar.standing || count > bar.count {
            return false;
        }
    }
    true
}

fn key(model: &Model, order: u32, turn: Turn, rng: &mut ChaCha8Rng) -> i64 {
    let first = model.orders[order as usize].ways[0].first;
    let task = &model.tasks[first as usize];
    let kind = &model.kinds[0];
    let far = || {
        let from = if kind.start == NONE { model.tasks[0].site } else { kind.start };
        i64::from(model.leg(kind.profile, from, task.site).distance)
    };
    let load = || {
        let all = model.delivery(first).iter().chain(model.pickup(first));
        all.map(|load| i64::from(*load)).sum::<i64>()
    };
    match turn {
        Turn::Random => i64::from(rng.random::<u32>()),
        Turn::Heavy => -load(),
        Turn::Far => -far(),
        Turn::Near => far(),
        Turn::Narrow => task.span.close - task.span.open,
        Turn::Early => task.span.open,
        Turn::Late => -task.span.close,
    }
}

fn drawn(rng: &mut ChaCha8Rng) -> Turn {
    let sum = TURNS.iter().map(|(_, weight)| weight).sum();
    let mut draw = rng.random_range(0..sum);
    for (turn, weight) in TURNS {
        if draw < weight {
            return turn;
        }
        draw -= weight;
    }
    Turn::Random
}
