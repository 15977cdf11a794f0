//! Ruin and recreate, accepting a little worse at first and less and less later.

use rand_chacha::ChaCha8Rng;

use super::Pace;
use super::model::{Leg, Model};
use super::plan::{Change, Plan};
use super::recreate::Recreate;
use super::ruin::ruin;
use crate::chance::{exponential, natural_log};

/// How much worse a plan may get in one round on the way, in mean legs of the first plan: at first,
/// and at the end. Measured at 1 and 10 CPU seconds over every family of the benchmark sets: starts of
/// 0.1 or 1 end 1 to 4 points worse, for a round moves ten tasks at once.
const HEAT_START: f64 = 3.0;
const HEAT_END: f64 = 0.02;

/// The pace is asked once in so many rounds.
const ROUNDS_PER_LOOK: u64 = 64;

/// Searches on from `plan` for as long as `pace` lets it; the best plan seen, and how many rounds.
pub(super) fn anneal<L: Leg>(
    mut plan: Plan,
    model: &Model<L>,
    pace: &mut impl Pace,
    rng: &mut ChaCha8Rng,
) -> (Plan, u64) {
    let mut change = Change::of(model);
    let mut recreate = Recreate::new(rng);
    let scale = mean_leg(&plan, model);
    let mut best = plan.clone();
    // The plan is the best seen, and has not been copied yet.
    let mut is_best = false;
    let (mut heat, mut rounds) = (0.0, 0);
    let rounds_max = pace.iterations_max();
    while rounds < rounds_max {
        if rounds % ROUNDS_PER_LOOK == 0 {
            let used = pace.used(rounds);
            if used >= 1.0 || model.tasks.is_empty() {
                break;
            }
            heat = scale * cooled(used);
        }
        rounds += 1;
        let limit = plan.cost + (heat * exponential(rng)) as i64;
        change.begin(&plan);
        ruin(&mut plan, &mut change, model, rng);
        let is_kept = !change.is_broken && recreate.run(&mut plan, &mut change, model, limit, rng);
        if !is_kept {
            change.take_back(&mut plan);
        } else if plan.cost < best.cost {
            best.cost = plan.cost;
            is_best = true;
            pace.improved(rounds, plan.cost);
        } else if plan.cost > best.cost && is_best {
            best.clone_from(&plan);
            change.take_back(&mut best);
            is_best = false;
        }
    }
    if is_best {
        best = plan;
    }
    (best, rounds)
}

/// The share of a mean leg at which a worse plan is as likely to be kept as not, when that share of the
/// budget is used: falls by the same factor in equal times.
fn cooled(used: f64) -> f64 {
    HEAT_START * power(HEAT_END / HEAT_START, used.max(0.0))
}

/// `base` to the power of `exponent`, to about a thousandth: the limit of (1 + x / 1024)^1024, by
/// arithmetic that is the same on every machine.
fn power(base: f64, exponent: f64) -> f64 {
    let step = 1.0 + natural_log(base) * exponent / 1024.0;
    (0..10).fold(step, |power, _| power * power)
}

fn mean_leg<L: Leg>(plan: &Plan, model: &Model<L>) -> f64 {
    let served = model.tasks.len() - plan.absent.len();
    let driven = plan.cost - plan.absent.len() as i64 * model.absence;
    driven as f64 / (served as f64 + f64::from(plan.used)).max(1.0)
}
