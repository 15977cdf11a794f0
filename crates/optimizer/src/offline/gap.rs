//! Where an absent task fits, and where it costs least.

use swerve_model::instance::QUANTITY_MAX;

use super::model::{Leg, Model, NONE, Task};
use super::plan::{Node, Plan};

/// More than any gap costs, which is two legs at most, and a leg the less: no gap at all.
pub(super) const NO_GAP: i32 = 1 << 30;

/// A toll for where a task must not go: it stays more than any gap costs even where a way through the task
/// is shorter than the way past it.
pub(super) const NO_ENTRY: i32 = NO_GAP + QUANTITY_MAX as i32;

/// A place for a task: right behind that node, at that cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Gap {
    pub(super) behind: u32,
    pub(super) cost: i32,
}

impl Plan {
    /// Whether an absent task fits right behind `behind`, which is not an end.
    pub(super) fn fits_behind<L: Leg>(&self, model: &Model<L>, number: u32, behind: u32) -> bool {
        self.cost_behind(model, number, behind).is_some()
    }

    /// What an absent task costs right behind `behind`, which is not an end; `None` if it does not fit.
    fn cost_behind<L: Leg>(&self, model: &Model<L>, number: u32, behind: u32) -> Option<i32> {
        let task = &model.tasks[number as usize];
        let before = self.node(behind);
        let after = self.node(before.next);
        let into = model.leg(before.site, task.site);
        let out = model.leg(task.site, after.site);
        let cost = into.cost() + out.cost() - self.leg_out[behind as usize];
        self.fits(task, before, after, into, out).then_some(cost)
    }

    /// Whether a task fits between two nodes, given the legs to and from it.
    #[inline]
    fn fits<L: Leg>(&self, task: &Task, before: &Node, after: &Node, into: L, out: L) -> bool {
        if self.slots[before.slot as usize].room < task.load {
            return false;
        }
        if !L::IS_TIMED {
            return true;
        }
        let start = (before.depart + into.time()).max(task.open);
        start <= task.close && start + task.service + out.time() <= after.latest
    }
}

/// Where a task goes at the least cost, among the gaps beside its near tasks and an empty slot of each
/// kind, which is looked at as if it cost `opening` times what it does. A gap costs the `toll` of its slot
/// besides, at most [`NO_ENTRY`]. `skips` is asked about each gap that would be the best so far, and may pass
/// it over.
/// O(near tasks).
#[inline]
pub(super) fn best_gap<L: Leg>(
    plan: &Plan,
    model: &Model<L>,
    number: u32,
    opening: f64,
    toll: impl Fn(u32) -> i32,
    mut skips: impl FnMut() -> bool,
) -> Option<Gap> {
    let task = model.tasks[number as usize];
    let (from, to) = (model.from(task.site), model.to(task.site));
    let mut best = empty_slot(plan, model, number, &toll, &mut skips);
    let seen_as = |gap: Gap| ((f64::from(gap.cost) * opening) as i32).min(NO_GAP);
    let mut best_cost = best.map_or(NO_GAP, seen_as);
    let least = model.near.least(number);
    for near in model.near.before(number) {
        let leg = plan.leg_out[near.node as usize];
        if near.leg.cost() + least.out - leg >= best_cost {
            continue;
        }
        let before = plan.node(near.node);
        let after = plan.node(before.next);
        let out = from[after.site as usize];
        let cost = near.leg.cost() + out.cost() - leg + toll(before.slot);
        if cost < best_cost && plan.fits(&task, before, after, near.leg, out) && !skips() {
            best_cost = cost;
            best = Some(Gap { behind: near.node, cost });
        }
    }
    for near in model.near.after(number) {
        let leg = plan.leg_in[near.node as usize];
        if near.leg.cost() + least.into - leg >= best_cost {
            continue;
        }
        let after = plan.node(near.node);
        let before = plan.node(after.prev);
        let into = to[before.site as usize];
        let cost = into.cost() + near.leg.cost() - leg + toll(before.slot);
        if cost < best_cost && plan.fits(&task, before, after, into, near.leg) && !skips() {
            best_cost = cost;
            best = Some(Gap { behind: after.prev, cost });
        }
    }
    best
}

/// The cheapest empty slot that can serve the task alone; of several the one with the most room, unless
/// that is passed over.
fn empty_slot<L: Leg>(
    plan: &Plan,
    model: &Model<L>,
    number: u32,
    toll: &impl Fn(u32) -> i32,
    skips: &mut impl FnMut() -> bool,
) -> Option<Gap> {
    let task = &model.tasks[number as usize];
    let mut best = None;
    for slot in plan.empty.iter().filter_map(|slots| slots.last().copied()) {
        let behind = model.tasks.len() as u32 + 2 * slot;
        let (start, end) = (plan.node(behind), plan.node(behind + 1));
        let (into, out) = (model.leg(start.site, task.site), model.leg(task.site, end.site));
        let cost = into.cost() + out.cost() + toll(slot);
        let rank = (cost, -plan.slots[slot as usize].room);
        let is_better = cost < NO_GAP && best.is_none_or(|(least, _)| rank < least);
        if is_better && plan.fits(task, start, end, into, out) && !skips() {
            best = Some((rank, Gap { behind, cost }));
        }
    }
    best.map(|(_, gap)| gap)
}

/// Where a task goes at the least cost among all gaps there are, for one that fits nowhere near; tolls as
/// for [`best_gap`]. O(tasks).
pub(super) fn any_gap<L: Leg>(
    plan: &Plan,
    model: &Model<L>,
    number: u32,
    toll: impl Fn(u32) -> i32,
) -> Option<Gap> {
    let gap = |behind: u32| {
        let before = plan.node(behind);
        if before.slot == NONE || before.next == NONE || !plan.is_open(model, before.slot) {
            return None;
        }
        let cost = plan.cost_behind(model, number, behind)? + toll(before.slot);
        (cost < NO_GAP).then_some(Gap { behind, cost })
    };
    (0..plan.nodes.len() as u32).filter_map(gap).min_by_key(|gap| (gap.cost, gap.behind))
}

/// Where in the route of a slot a task goes at the least cost. O(route).
pub(super) fn best_gap_in<L: Leg>(
    plan: &Plan,
    model: &Model<L>,
    number: u32,
    slot: u32,
) -> Option<Gap> {
    let start = model.tasks.len() as u32 + 2 * slot;
    let gap = |behind| Some(Gap { behind, cost: plan.cost_behind(model, number, behind)? });
    let all = std::iter::once(start).chain(plan.tasks(slot, model));
    all.filter_map(gap).min_by_key(|gap| (gap.cost, gap.behind))
}
