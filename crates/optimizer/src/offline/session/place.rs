//! Placing what waits: each task where it costs least of all gaps there are, the pressing ones first.
//!
//! Who goes first is told by regret: what it costs a task if the best route for it, and the next best, are
//! taken by another (Potvin & Rousseau, European Journal of Operational Research 66(3), 1993).

use super::super::gap::{Gap, NO_GAP, best_gap_in};
use super::super::model::{Leg, Model};
use super::super::plan::{Change, Plan};

/// How many routes a task's regret looks at.
const ROUTES: usize = 3;

/// A task that waits, and the best gap for it in each slot.
struct Waiting {
    task: u32,
    gaps: Vec<Option<Gap>>,
}

/// Places all absent tasks; what fits nowhere stays absent. O(absent · tasks + absent² · route).
pub(super) fn by_regret<L: Leg>(plan: &mut Plan, change: &mut Change, model: &Model<L>) {
    change.begin(plan);
    let slots = 0..model.slots.len() as u32;
    let gap = |plan: &Plan, task: u32, slot: u32| {
        plan.is_open(model, slot).then(|| best_gap_in(plan, model, task, slot)).flatten()
    };
    let waiting = |task: &u32| Waiting {
        task: *task,
        gaps: slots.clone().map(|slot| gap(plan, *task, slot)).collect(),
    };
    let mut waiting: Vec<Waiting> = plan.absent.iter().map(waiting).collect();
    while let Some((place, best)) = most_pressing(&waiting) {
        let task = waiting.swap_remove(place).task;
        let slot = plan.node(best.behind).slot;
        let kind = model.slots[slot as usize] as usize;
        change.insert(plan, model, task, best.behind);
        // If that was an empty slot, the next one is on offer now.
        let next = plan.empty[kind].last().copied();
        for other in &mut waiting {
            for slot in std::iter::once(slot).chain(next) {
                other.gaps[slot as usize] = gap(plan, other.task, slot);
            }
        }
    }
    plan.forget_served();
}

/// Whose regret is the greatest, and the best gap for it; none if no one's gap is left.
fn most_pressing(waiting: &[Waiting]) -> Option<(usize, Gap)> {
    let ranked = waiting.iter().enumerate().filter_map(|(place, waiting)| {
        let (regret, best) = waiting.regret()?;
        Some(((regret, std::cmp::Reverse(waiting.task)), (place, best)))
    });
    ranked.max_by_key(|(rank, _)| *rank).map(|(_, found)| found)
}

impl Waiting {
    /// What the best few routes cost more than the best, and the best.
    fn regret(&self) -> Option<(i64, Gap)> {
        let mut best = [(NO_GAP, 0); ROUTES];
        for gap in self.gaps.iter().flatten() {
            let rank = (gap.cost, gap.behind);
            let place = best.partition_point(|other| *other <= rank);
            if place < ROUTES {
                best[place..].rotate_right(1);
                best[place] = rank;
            }
        }
        let (cost, behind) = best[0];
        let more = best.iter().map(|(other, _)| i64::from(*other) - i64::from(cost));
        (cost < NO_GAP).then(|| (more.sum(), Gap { behind, cost }))
    }
}
