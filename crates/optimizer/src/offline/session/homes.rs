//! Which slot every task had before the changes, and how many have another now.

use super::super::gap::{NO_ENTRY, NO_GAP};
use super::super::model::NONE;
use super::super::plan::Plan;
use super::super::recreate::Toll;
use super::Disturbance;

/// The plan people know.
#[derive(Debug)]
pub(super) struct Homes {
    /// By task; [`NONE`] for one that may go anywhere.
    slot: Vec<u32>,
    is_away: Vec<bool>,
    /// How many are away: of the plan as kept, and of the plan under change.
    moved: u32,
    moving: u32,
    price: i32,
    moved_max: u32,
}

impl Homes {
    /// Everything is at home. O(tasks).
    pub(super) fn of(plan: &Plan, tasks: usize) -> Homes {
        let slot = plan.nodes[..tasks].iter().map(|node| node.slot).collect();
        let is_away = vec![false; tasks];
        Homes { slot, is_away, moved: 0, moving: 0, price: 0, moved_max: u32::MAX }
    }

    /// How dear it is to be away, from now on.
    pub(super) fn set(&mut self, disturbance: Disturbance) {
        self.price = disturbance.price.clamp(0, i64::from(NO_GAP)) as i32;
        self.moved_max = disturbance.moved_max;
    }

    /// Whether it is all the same how many are away.
    pub(super) fn are_indifferent(&self) -> bool {
        self.price == 0 && self.moved_max == u32::MAX
    }

    pub(super) fn moved(&self) -> u32 {
        self.moved
    }

    /// The task has no home any more.
    pub(super) fn forget(&mut self, task: u32) {
        let is_away = std::mem::take(&mut self.is_away[task as usize]);
        self.moved -= u32::from(is_away);
        self.moving = self.moved;
        self.slot[task as usize] = NONE;
    }

    /// These were taken out of the plan as kept.
    pub(super) fn begin(&mut self, absent: &[u32]) {
        let away = absent.iter().filter(|task| self.is_away[**task as usize]).count();
        self.moving = self.moved - away as u32;
    }

    /// These stay out of the plan under change: away too. Whether no more are away now than may be.
    pub(super) fn leave_out(&mut self, absent: &[u32]) -> bool {
        let homeless = |task: &&u32| self.slot[**task as usize] == NONE;
        self.moving += (absent.len() - absent.iter().filter(homeless).count()) as u32;
        self.moving <= self.moved_max
    }

    /// The plan under change is the plan to keep; it differs in where these are.
    pub(super) fn keep(&mut self, tasks: &[u32], plan: &Plan) {
        self.moved = self.moving;
        for task in tasks {
            self.is_away[*task as usize] = self.has_moved(*task, plan);
        }
    }

    /// The plan under change is given up.
    pub(super) fn take_back(&mut self) {
        self.moving = self.moved;
    }

    /// Counts anew. O(tasks).
    pub(super) fn recount(&mut self, plan: &Plan) {
        for task in 0..self.slot.len() as u32 {
            self.is_away[task as usize] = self.has_moved(task, plan);
        }
        self.moved = self.is_away.iter().filter(|is_away| **is_away).count() as u32;
        self.moving = self.moved;
    }

    fn has_moved(&self, task: u32, plan: &Plan) -> bool {
        let home = self.slot[task as usize];
        home != NONE && home != plan.node(task).slot
    }
}

impl Toll for Homes {
    #[inline]
    fn of(&self, task: u32, slot: u32) -> i32 {
        let home = self.slot[task as usize];
        if home == slot || home == NONE {
            0
        } else if self.moving < self.moved_max {
            self.price
        } else {
            NO_ENTRY
        }
    }

    fn pay(&mut self, task: u32, slot: u32) {
        let home = self.slot[task as usize];
        self.moving += u32::from(home != NONE && home != slot);
    }

    fn paid(&self) -> i64 {
        i64::from(self.price) * i64::from(self.moving)
    }
}
