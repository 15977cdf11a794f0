//! Putting the absent back, one after the other, each where it costs least.
//!
//! In which order is drawn anew each time: by chance, load, distance from the depot, or windows, with
//! the weights of Christiaens & Vanden Berghe (2020). A gap is passed over once in a hundred times, so
//! that the same ruin does not always end the same way.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::gap::{any_gap, best_gap};
use super::model::{Leg, Model};
use super::plan::{Change, Plan};
use crate::chance::Blink;

/// Puts tasks back; holds what that needs between rounds.
pub(super) struct Recreate {
    blink: Blink,
    order: Vec<(i64, u32)>,
}

/// What a plan pays beside its legs for where tasks are put.
pub(super) trait Toll {
    /// For one more task in that slot; [`NO_ENTRY`](super::gap::NO_ENTRY) if it must not go there.
    fn of(&self, task: u32, slot: u32) -> i32;
    fn pay(&mut self, task: u32, slot: u32);
    /// By the whole plan.
    fn paid(&self) -> i64;
}

/// Any slot is as good as any other.
pub(super) struct NoToll;

impl Toll for NoToll {
    #[inline]
    fn of(&self, _task: u32, _slot: u32) -> i32 {
        0
    }
    #[inline]
    fn pay(&mut self, _task: u32, _slot: u32) {}
    #[inline]
    fn paid(&self) -> i64 {
        0
    }
}

/// In what order tasks are put back.
#[derive(Clone, Copy)]
enum Order {
    Random,
    Heavy,
    Far,
    Near,
    Narrow,
    Early,
    Late,
}

/// The chance of each order, in shares of the sum; the last three need windows.
const ORDERS: [(Order, u32); 7] = [
    (Order::Random, 4),
    (Order::Heavy, 4),
    (Order::Far, 2),
    (Order::Near, 1),
    (Order::Narrow, 2),
    (Order::Early, 2),
    (Order::Late, 2),
];
const TIMELESS: usize = 4;

impl Recreate {
    pub(super) fn new(rng: &mut ChaCha8Rng) -> Recreate {
        Recreate { blink: Blink::new(rng), order: Vec::new() }
    }

    /// Puts the absent back, and leaves absent what fits nowhere. `false`, in the middle of it, as soon
    /// as the plan is sure to cost more than `limit`.
    pub(super) fn run<L: Leg>(
        &mut self,
        plan: &mut Plan,
        change: &mut Change,
        model: &Model<L>,
        limit: i64,
        rng: &mut ChaCha8Rng,
    ) -> bool {
        self.run_at_toll(plan, change, model, limit, &mut NoToll, rng)
    }

    /// The same where a plan costs the tolls besides.
    pub(super) fn run_at_toll<L: Leg>(
        &mut self,
        plan: &mut Plan,
        change: &mut Change,
        model: &Model<L>,
        limit: i64,
        tolls: &mut impl Toll,
        rng: &mut ChaCha8Rng,
    ) -> bool {
        self.sort(plan, model, rng);
        let opening = opening(rng);
        plan.absent.clear();
        // What is not yet put back is absent in the plan's cost, and may cost nothing in the end.
        let mut left = self.order.len() as i64;
        for (_, task) in &self.order {
            left -= 1;
            let toll = |slot| tolls.of(*task, slot);
            let gap = best_gap(plan, model, *task, opening, toll, || self.blink.skips(rng));
            match gap.or_else(|| any_gap(plan, model, *task, toll)) {
                Some(gap) => {
                    change.insert(plan, model, *task, gap.behind);
                    tolls.pay(*task, plan.node(*task).slot);
                }
                None => plan.absent.push(*task),
            }
            if plan.cost + tolls.paid() - left * model.absence > limit {
                return false;
            }
        }
        true
    }

    fn sort<L: Leg>(&mut self, plan: &Plan, model: &Model<L>, rng: &mut ChaCha8Rng) {
        let order = drawn::<L>(rng);
        let depot = model.kinds[0].start;
        let key = |number: u32| {
            let task = &model.tasks[number as usize];
            let far = || i64::from(model.leg(depot, task.site).cost());
            match order {
                Order::Random => 0,
                Order::Heavy => -i64::from(task.load),
                Order::Far => -far(),
                Order::Near => far(),
                Order::Narrow => i64::from(task.close - task.open),
                Order::Early => i64::from(task.open),
                Order::Late => -i64::from(task.close),
            }
        };
        self.order.clear();
        if matches!(order, Order::Random) {
            let drawn = |task: &u32| (i64::from(rng.random::<u32>()), *task);
            self.order.extend(plan.absent.iter().map(drawn));
        } else {
            self.order.extend(plan.absent.iter().map(|task| (key(*task), *task)));
        }
        self.order.sort_unstable();
    }
}

/// The chance that a round looks at empty slots as cheaper or dearer than they are, and what by at most.
///
/// One task by itself hardly ever pays for a route of its own, though ten of them may; and the last tasks
/// of a route leave it only if coming back is not the easiest. Without this, long routes end too few and
/// short ones too many: on 10 instances R2 and RC2 of 400 customers 1.3 % from the best known after 4 s,
/// with it 1.1 % (two seeds); RC103 stays 1.1 % off whatever the budget.
const OPENING_CHANCE: f64 = 0.5;
const OPENING_MAX: f64 = 2.0;

fn opening(rng: &mut ChaCha8Rng) -> f64 {
    if rng.random_bool(OPENING_CHANCE) { rng.random_range(0.0..OPENING_MAX) } else { 1.0 }
}

fn drawn<L: Leg>(rng: &mut ChaCha8Rng) -> Order {
    let orders = if L::IS_TIMED { &ORDERS[..] } else { &ORDERS[..TIMELESS] };
    let sum = orders.iter().map(|(_, weight)| weight).sum();
    let mut draw = rng.random_range(0..sum);
    for (order, weight) in orders {
        if draw < *weight {
            return *order;
        }
        draw -= weight;
    }
    Order::Random
}
