//! Tearing out strings of neighbours: near each other on the map, consecutive on their routes.
//!
//! Source: Christiaens & Vanden Berghe, Slack Induction by String Removals, Transportation Science
//! 54(2), 2020, equations 5-9. What differs from [`crate::search`] is the plan it works on: here nobody
//! knows a task's position, so a string is found by walking from the task.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::model::{Leg, Model, NONE};
use super::plan::{Change, Plan};
use crate::search::ruin::{REMOVED_MEAN, SPLIT_CHANCE, STRING_MAX, kept_in_middle};

/// Strings in one round at most: what the formula gives where every route has one task.
const STRINGS_MAX: usize = 32;

/// Tears strings out around a task, of routes that have so many tasks on average; they are absent then.
pub(super) fn ruin<L: Leg>(
    plan: &mut Plan,
    change: &mut Change,
    model: &Model<L>,
    seed: u32,
    mean_len: f64,
    rng: &mut ChaCha8Rng,
) {
    let around = model.near.around(seed).iter().map(|near| near.node);
    ruin_along(std::iter::once(seed).chain(around), plan, change, model, mean_len, rng);
}

/// The same through the first of these tasks that are on different routes.
pub(super) fn ruin_along<L: Leg>(
    nodes: impl Iterator<Item = u32>,
    plan: &mut Plan,
    change: &mut Change,
    model: &Model<L>,
    mean_len: f64,
    rng: &mut ChaCha8Rng,
) {
    let len_max = STRING_MAX.min(mean_len).max(1.0);
    let strings_max = 4.0 * REMOVED_MEAN / (1.0 + len_max) - 1.0;
    let strings = rng.random_range(1.0..strings_max.max(1.0) + 1.0) as usize;
    let mut torn = [NONE; STRINGS_MAX];
    let mut count = 0;
    for node in nodes {
        if count == strings.min(STRINGS_MAX) {
            return;
        }
        let slot = plan.node(node).slot;
        if slot == NONE || torn[..count].contains(&slot) {
            continue;
        }
        torn[count] = slot;
        count += 1;
        tear(plan, change, model, node, len_max, rng);
    }
}

/// Takes a string through `node` out of its route, perhaps with a few kept in its middle.
fn tear<L: Leg>(
    plan: &mut Plan,
    change: &mut Change,
    model: &Model<L>,
    node: u32,
    len_max: f64,
    rng: &mut ChaCha8Rng,
) {
    let slot = plan.node(node).slot;
    let route_len = plan.slots[slot as usize].len as usize;
    let len = rng.random_range(1.0..len_max.min(route_len as f64) + 1.0) as usize;
    let is_split = len > 1 && len < route_len && rng.random_bool(SPLIT_CHANCE);
    let kept = if is_split { kept_in_middle(route_len - len, rng) } else { 0 };
    let span = len + kept;
    let before_first = string_start(plan, model, node, span, rng);
    if kept == 0 {
        let until = walk(plan, before_first, span + 1);
        return change.cut(plan, model, before_first, until);
    }
    let first = rng.random_range(1..len);
    let first_kept = walk(plan, before_first, first + 1);
    let last_kept = walk(plan, first_kept, kept - 1);
    let until = walk(plan, last_kept, len - first + 1);
    change.cut(plan, model, before_first, first_kept);
    change.cut(plan, model, last_kept, until);
}

/// The node before a string of `span` through `node`: any that lies within the route is as likely.
fn string_start<L: Leg>(
    plan: &Plan,
    model: &Model<L>,
    node: u32,
    span: usize,
    rng: &mut ChaCha8Rng,
) -> u32 {
    let count = model.tasks.len() as u32;
    let (mut back, mut here) = (0, plan.node(node).prev);
    while back < span - 1 && here < count {
        back += 1;
        here = plan.node(here).prev;
    }
    let (mut ahead, mut here) = (0, plan.node(node).next);
    while ahead < span - 1 && here < count {
        ahead += 1;
        here = plan.node(here).next;
    }
    let steps = rng.random_range(span - 1 - ahead..=back);
    let mut before = plan.node(node).prev;
    for _ in 0..steps {
        before = plan.node(before).prev;
    }
    before
}

fn walk(plan: &Plan, from: u32, steps: usize) -> u32 {
    (0..steps).fold(from, |here, _| plan.node(here).next)
}
