//! Which tasks are worth having beside each other, by the measure of [`crate::offline::near`].

use super::model::{Model, NONE};

/// Predecessors and successors tried for a task, and neighbours a ruin spreads to; fewer than for plain
/// instances, since trying a place costs more here.
const NEAR: usize = 40;
const AROUND: usize = 100;

/// An unavoidable wait counts for so much of a detour, in tenths.
const WAIT_TENTHS: i64 = 2;

/// By task: who may well come before it, who after it, and who is around it; the best first.
#[derive(Default)]
pub(super) struct NearLists {
    before: Vec<Vec<u32>>,
    after: Vec<Vec<u32>>,
    around: Vec<Vec<u32>>,
    /// By pickup: `before` and `after` as one, each once, the best first.
    beside: Vec<Vec<u32>>,
}

impl NearLists {
    /// O(tasks²).
    pub(super) fn of(model: &Model) -> NearLists {
        let count = model.tasks.len() as u32;
        let profile = model.kinds[0].profile;
        let is_placed = |task: u32| model.tasks[task as usize].site != NONE;
        let mut lists = NearLists::default();
        for node in 0..count {
            let others = || (0..count).filter(|other| *other != node && is_placed(*other));
            if !is_placed(node) {
                lists.before.push(Vec::new());
                lists.after.push(Vec::new());
                lists.around.push(Vec::new());
                continue;
            }
            let apart = |first: u32, second: u32| apartness(model, profile, first, second);
            lists.before.push(least(others().filter_map(|o| Some((apart(o, node)?, o))), NEAR));
            lists.after.push(least(others().filter_map(|o| Some((apart(node, o)?, o))), NEAR));
            let site = |task: u32| model.tasks[task as usize].site;
            let far = |o: u32| i64::from(model.leg(profile, site(node), site(o)).distance);
            let visits = others().filter(|other| model.tasks[*other as usize].is_visit());
            lists.around.push(least(visits.map(|o| (far(o), o)), AROUND));
        }
        lists.beside = (0..count).map(|task| lists.merged(model, task)).collect();
        lists
    }

    fn merged(&self, model: &Model, task: u32) -> Vec<u32> {
        let mut merged = Vec::new();
        if model.tasks[task as usize].partner == NONE {
            return merged;
        }
        let (before, after) = (self.before(task), self.after(task));
        for rank in 0..before.len().max(after.len()) {
            for near in [before.get(rank), after.get(rank)].into_iter().flatten() {
                if !merged.contains(near) {
                    merged.push(*near);
                }
            }
        }
        merged
    }

    pub(super) fn before(&self, task: u32) -> &[u32] {
        &self.before[task as usize]
    }

    pub(super) fn after(&self, task: u32) -> &[u32] {
        &self.after[task as usize]
    }

    pub(super) fn beside(&self, pickup: u32) -> &[u32] {
        &self.beside[pickup as usize]
    }

    pub(super) fn around(&self, task: u32) -> &[u32] {
        &self.around[task as usize]
    }
}

/// Distance, and a wait no order of the two can avoid; `None` if the second cannot follow the first.
fn apartness(model: &Model, profile: u32, first: u32, second: u32) -> Option<i64> {
    let (one, two) = (&model.tasks[first as usize], &model.tasks[second as usize]);
    let leg = model.leg(profile, one.site, two.site);
    // With several ways to travel the one looked at need not be the fastest.
    let is_sure = model.profiles.len() == 1 && !model.is_sliced();
    let there = one.span.open + one.service + i64::from(leg.duration);
    if is_sure && there > two.span.close {
        return None;
    }
    let leaves = one.span.close.saturating_add(one.service + i64::from(leg.duration));
    let wait = (two.span.open - leaves).max(0);
    Some(i64::from(leg.distance) + wait * WAIT_TENTHS / 10)
}

fn least(ranked: impl Iterator<Item = (i64, u32)>, count: usize) -> Vec<u32> {
    let mut ranked: Vec<(i64, u32)> = ranked.collect();
    if ranked.len() > count {
        ranked.select_nth_unstable(count);
        ranked.truncate(count);
    }
    ranked.sort_unstable();
    ranked.into_iter().map(|(_, task)| task).collect()
}
