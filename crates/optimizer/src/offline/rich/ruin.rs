//! Tearing out strings of neighbours, as [`crate::offline::ruin`] does.
//!
//! What is torn out of a pair takes the other with it. Breaks and reloads stay, and so does what begins a
//! route by order.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::model::{Model, NONE};
use super::plan::{Change, Plan};
use crate::search::ruin::{REMOVED_MEAN, SPLIT_CHANCE, STRING_MAX, kept_in_middle};

/// Tears strings out around a task; their orders are absent then.
pub(super) fn ruin(
    plan: &mut Plan,
    change: &mut Change,
    model: &Model,
    seed: u32,
    rng: &mut ChaCha8Rng,
) {
    let mean_len = f64::from(plan.visits) / f64::from(plan.used.max(1));
    let len_max = STRING_MAX.min(mean_len).max(1.0);
    let strings_max = 4.0 * REMOVED_MEAN / (1.0 + len_max) - 1.0;
    let strings = rng.random_range(1.0..strings_max.max(1.0) + 1.0) as usize;
    let mut count = 0;
    for index in 0..=model.near.around(seed).len() {
        let task = if index == 0 { seed } else { model.near.around(seed)[index - 1] };
        let slot = plan.places[task as usize].slot;
        if slot == NONE || change.has_touched(slot) || !model.tasks[task as usize].is_visit() {
            continue;
        }
        tear(plan, change, model, task, len_max, rng);
        count += 1;
        if count == strings {
            return;
        }
    }
}

/// Takes a string through `task` out of its route, perhaps with a few kept in its middle.
fn tear(
    plan: &mut Plan,
    change: &mut Change,
    model: &Model,
    task: u32,
    len_max: f64,
    rng: &mut ChaCha8Rng,
) {
    let slot = plan.places[task as usize].slot;
    let route = &plan.routes[slot as usize];
    let first = route.first_gap(model);
    let is_free = |stop: &&u32| model.tasks[**stop as usize].is_visit();
    let free: Vec<u32> = route.stops[first..].iter().filter(is_free).copied().collect();
    let Some(middle) = free.iter().position(|stop| *stop == task) else { return };
    let count = free.len();
    let len = rng.random_range(1.0..len_max.min(count as f64) + 1.0) as usize;
    let is_split = len > 1 && len < count && rng.random_bool(SPLIT_CHANCE);
    let kept = if is_split { kept_in_middle(count - len, rng) } else { 0 };
    let span = len + kept;
    let start = rng.random_range((middle + 1).saturating_sub(span)..=middle.min(count - span));
    let mut gone: Vec<u32> = free[start..start + span].to_vec();
    if kept > 0 {
        let from = rng.random_range(1..len);
        gone.drain(from..from + kept);
    }
    remove(plan, change, model, slot, &gone);
}

/// Takes tasks out of a slot, those of a pair together; their orders are absent then.
pub(super) fn remove(plan: &mut Plan, change: &mut Change, model: &Model, slot: u32, gone: &[u32]) {
    let mut all: Vec<u32> = gone.to_vec();
    let partners = gone.iter().map(|task| model.tasks[*task as usize].partner);
    all.extend(partners.filter(|partner| *partner != NONE));
    let locked = plan.routes[slot as usize].first_gap(model);
    let fixed = plan.routes[slot as usize].stops[..locked].to_vec();
    // Who has a task that stays, stays.
    let stays = |task: u32| fixed.contains(&task);
    let stays_whole = |task: u32| {
        let partner = model.tasks[task as usize].partner;
        stays(task) || partner != NONE && stays(partner)
    };
    all.retain(|task| !stays_whole(*task));
    all.sort_unstable();
    all.dedup();
    let mut orders: Vec<u32> = all.iter().map(|task| model.tasks[*task as usize].order).collect();
    orders.sort_unstable();
    orders.dedup();
    plan.absent.extend(&orders);
    change.set(plan, model, slot, |stops| {
        stops.retain(|stop| all.binary_search(stop).is_err());
    });
}
