//! The plan under change: routes as linked tasks, with what decides an insertion in constant time.
//!
//! Each task knows who comes before and after it, when it is left at the earliest, and the latest
//! arrival that keeps everything behind it. Both are exact, so that whether a task fits into a gap is a
//! few comparisons. A change updates them outward from where it was made and stops where nothing changes
//! any more; what it touched is remembered, so that a change not kept costs no more to take back than it
//! cost to make, however large the plan.

use super::gap::NO_GAP;
use super::model::{Leg, Model, NONE};

/// A task in the plan, or the start or the end of a slot's route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Node {
    /// [`NONE`] before a start, and after an end.
    pub(super) prev: u32,
    pub(super) next: u32,
    /// [`NONE`] for a task that no route serves.
    pub(super) slot: u32,
    pub(super) site: u32,
    /// When it is left at the earliest.
    pub(super) depart: i32,
    /// Arriving later breaks a window here or further on.
    pub(super) latest: i32,
}

/// A slot's route in sum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Slot {
    /// What it may still take.
    pub(super) room: i32,
    pub(super) len: u32,
}

/// The leg of a task that no route serves: whatever leg is added, the gap beside it costs [`NO_GAP`].
const NOWHERE: i32 = -NO_GAP;

/// All routes. Nodes of tasks come first, by task, then start and end of each slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) nodes: Vec<Node>,
    /// Cost of the legs that lead to each node and on from it; [`NOWHERE`] where there is none. Apart
    /// from the nodes, since these alone decide whether a gap is worth a closer look.
    pub(super) leg_in: Vec<i32>,
    pub(super) leg_out: Vec<i32>,
    pub(super) slots: Vec<Slot>,
    /// Empty slots by kind; the next to be used is the last.
    pub(super) empty: Vec<Vec<u32>>,
    pub(super) used: u32,
    /// Tasks that no route serves; nothing else is remembered of their order than how it came about.
    pub(super) absent: Vec<u32>,
    /// Legs, and the price of the absent.
    pub(super) cost: i64,
}

/// What a change has touched since [`Change::begin`], as it was before.
#[derive(Debug, Default)]
pub(super) struct Change {
    round: u32,
    node_round: Vec<u32>,
    slot_round: Vec<u32>,
    /// With the leg that led there.
    nodes: Vec<(u32, Node, i32)>,
    slots: Vec<(u32, Slot)>,
    empty: Option<Vec<Vec<u32>>>,
    absent: Vec<u32>,
    used: u32,
    cost: i64,
    /// A task taken out made the rest late: the way past it takes longer than the way through it.
    pub(super) is_broken: bool,
}

impl Plan {
    /// No task served.
    pub(super) fn empty<L: Leg>(model: &Model<L>) -> Plan {
        let idle =
            |site: u32| Node { prev: NONE, next: NONE, slot: NONE, site, depart: 0, latest: 0 };
        let count = model.tasks.len();
        let mut nodes: Vec<Node> = model.tasks.iter().map(|task| idle(task.site)).collect();
        let mut empty = vec![Vec::new(); model.kinds.len()];
        let mut slots = Vec::with_capacity(model.slots.len());
        for (slot, number) in model.slots.iter().enumerate() {
            let kind = &model.kinds[*number as usize];
            let (start, end) = ((count + 2 * slot) as u32, (count + 2 * slot + 1) as u32);
            let leg = model.leg(kind.start, kind.end);
            let slot = slot as u32;
            let start_node = Node { next: end, slot, depart: kind.open, ..idle(kind.start) };
            let end_node = Node {
                prev: start,
                slot,
                depart: kind.open + leg.time(),
                latest: kind.close,
                ..idle(kind.end)
            };
            nodes.extend([start_node, end_node]);
            slots.push(Slot { room: kind.capacity, len: 0 });
            empty[*number as usize].push(slot);
        }
        for slots in &mut empty {
            slots.reverse();
        }
        let absent: Vec<u32> = (0..count as u32).collect();
        let cost = model.absence * count as i64;
        let mut leg_in = vec![NOWHERE; nodes.len()];
        // The way from start to end of an empty route is not driven.
        leg_in[count..].fill(0);
        let leg_out = leg_in.clone();
        Plan { nodes, leg_in, leg_out, slots, empty, used: 0, absent, cost }
    }

    #[inline]
    pub(super) fn node(&self, node: u32) -> &Node {
        &self.nodes[node as usize]
    }

    /// Whether a slot has a route, or is the next of its kind to get one.
    pub(super) fn is_open<L: Leg>(&self, model: &Model<L>, slot: u32) -> bool {
        let same = &self.empty[model.slots[slot as usize] as usize];
        self.slots[slot as usize].len > 0 || same.last() == Some(&slot)
    }

    /// Two nodes follow each other, at that cost.
    #[inline]
    pub(super) fn join(&mut self, before: u32, after: u32, leg: i32) {
        self.leg_out[before as usize] = leg;
        self.leg_in[after as usize] = leg;
    }

    /// Takes from the list of the absent whatever a route serves by now.
    pub(super) fn forget_served(&mut self) {
        let nodes = &self.nodes;
        self.absent.retain(|task| nodes[*task as usize].slot == NONE);
    }

    /// All tasks that are on a route or absent.
    pub(super) fn own<L: Leg>(&self, model: &Model<L>) -> Vec<u32> {
        let served = (0..model.tasks.len() as u32).filter(|task| self.node(*task).slot != NONE);
        served.chain(self.absent.iter().copied()).collect()
    }

    /// The tasks of a slot, in order.
    pub(super) fn tasks<'a, L: Leg>(
        &'a self,
        slot: u32,
        model: &'a Model<L>,
    ) -> impl Iterator<Item = u32> + 'a {
        let count = model.tasks.len() as u32;
        let first = self.node(count + 2 * slot).next;
        std::iter::successors(Some(first), |node| Some(self.node(*node).next))
            .take_while(move |node| *node < count)
    }
}

impl Change {
    pub(super) fn of<L: Leg>(model: &Model<L>) -> Change {
        Change {
            node_round: vec![0; model.tasks.len() + 2 * model.slots.len()],
            slot_round: vec![0; model.slots.len()],
            ..Change::default()
        }
    }

    /// Everything up to here stays; what follows can be taken back.
    pub(super) fn begin(&mut self, plan: &Plan) {
        self.round = self.round.wrapping_add(1);
        if self.round == 0 {
            // Marks of four thousand million rounds ago must not pass for today's.
            self.node_round.fill(0);
            self.slot_round.fill(0);
            self.round = 1;
        }
        self.nodes.clear();
        self.slots.clear();
        self.empty = None;
        self.absent.clone_from(&plan.absent);
        (self.used, self.cost, self.is_broken) = (plan.used, plan.cost, false);
    }

    /// Writes what was into `plan`, which must be what this change was made to, or a copy of it.
    pub(super) fn take_back(&self, plan: &mut Plan) {
        for (node, was, leg) in &self.nodes {
            plan.nodes[*node as usize] = *was;
            plan.leg_in[*node as usize] = *leg;
            if was.slot == NONE {
                plan.leg_out[*node as usize] = NOWHERE;
            } else if was.prev != NONE {
                plan.leg_out[was.prev as usize] = *leg;
            }
        }
        for (slot, was) in &self.slots {
            plan.slots[*slot as usize] = *was;
        }
        if let Some(empty) = &self.empty {
            plan.empty.clone_from(empty);
        }
        plan.absent.clone_from(&self.absent);
        (plan.used, plan.cost) = (self.used, self.cost);
    }

    #[inline]
    pub(super) fn node<'a>(&mut self, plan: &'a mut Plan, node: u32) -> &'a mut Node {
        let round = &mut self.node_round[node as usize];
        if *round != self.round {
            *round = self.round;
            self.nodes.push((node, plan.nodes[node as usize], plan.leg_in[node as usize]));
        }
        &mut plan.nodes[node as usize]
    }

    #[inline]
    pub(super) fn slot<'a>(&mut self, plan: &'a mut Plan, slot: u32) -> &'a mut Slot {
        let present = &mut plan.slots[slot as usize];
        let round = &mut self.slot_round[slot as usize];
        if *round != self.round {
            *round = self.round;
            self.slots.push((slot, *present));
        }
        present
    }

    pub(super) fn empty<'a>(&mut self, plan: &'a mut Plan) -> &'a mut Vec<Vec<u32>> {
        if self.empty.is_none() {
            self.empty = Some(plan.empty.clone());
        }
        &mut plan.empty
    }

    /// Puts an absent task into a gap it fits into. It stays on the list of the absent, which is the
    /// caller's to keep.
    pub(super) fn insert<L: Leg>(
        &mut self,
        plan: &mut Plan,
        model: &Model<L>,
        task: u32,
        behind: u32,
    ) {
        let before = *plan.node(behind);
        let (slot, next) = (before.slot, before.next);
        let site = plan.node(task).site;
        let (into, out) = (model.leg(before.site, site), model.leg(site, plan.node(next).site));
        let was = plan.leg_in[next as usize];
        plan.cost += i64::from(into.cost()) + i64::from(out.cost()) - i64::from(was);
        plan.cost -= model.absence;
        let node = self.node(plan, task);
        (node.prev, node.next, node.slot) = (behind, next, slot);
        self.node(plan, behind).next = task;
        self.node(plan, next).prev = task;
        plan.join(behind, task, into.cost());
        plan.join(task, next, out.cost());
        let total = self.slot(plan, slot);
        total.room -= model.tasks[task as usize].load;
        total.len += 1;
        if total.len == 1 {
            plan.used += 1;
            let same = &mut self.empty(plan)[model.slots[slot as usize] as usize];
            let taken = same.pop();
            debug_assert_eq!(taken, Some(slot), "only the next empty slot is used");
        }
        if L::IS_TIMED {
            self.drive_on(plan, model, task);
            self.look_back(plan, model, task);
        }
    }

    /// Fills the next empty slot of that kind, if there is one, with those of `tasks` that are absent and
    /// still fit at the end of what it has then. They stay on the list of the absent.
    pub(super) fn append_route<L: Leg>(
        &mut self,
        plan: &mut Plan,
        model: &Model<L>,
        kind: u32,
        tasks: &[u32],
    ) {
        let slots = plan.empty.get(kind as usize);
        let Some(slot) = slots.and_then(|slots| slots.last().copied()) else { return };
        let mut behind = model.tasks.len() as u32 + 2 * slot;
        for task in tasks {
            if plan.node(*task).slot == NONE && plan.fits_behind(model, *task, behind) {
                self.insert(plan, model, *task, behind);
                behind = *task;
            }
        }
    }

    /// Takes out everything between two nodes of one route, and lists it as absent.
    pub(super) fn cut<L: Leg>(
        &mut self,
        plan: &mut Plan,
        model: &Model<L>,
        behind: u32,
        until: u32,
    ) {
        let slot = plan.node(behind).slot;
        let (mut room, mut count) = (0, 0);
        let mut here = plan.node(behind).next;
        while here != until {
            let node = self.node(plan, here);
            let next = node.next;
            node.slot = NONE;
            let leg = std::mem::replace(&mut plan.leg_in[here as usize], NOWHERE);
            plan.leg_out[here as usize] = NOWHERE;
            plan.cost += model.absence - i64::from(leg);
            plan.absent.push(here);
            room += model.tasks[here as usize].load;
            count += 1;
            here = next;
        }
        let total = self.slot(plan, slot);
        total.room += room;
        total.len -= count;
        let is_empty = total.len == 0;
        let leg = model.leg(plan.node(behind).site, plan.node(until).site);
        let cost = if is_empty { 0 } else { leg.cost() };
        plan.cost += i64::from(cost) - i64::from(plan.leg_in[until as usize]);
        self.node(plan, behind).next = until;
        self.node(plan, until).prev = behind;
        plan.join(behind, until, cost);
        if is_empty {
            self.free_slot(plan, model, slot);
        }
        if L::IS_TIMED {
            self.drive_on(plan, model, until);
            self.look_back(plan, model, behind);
        }
    }

    /// A slot whose route has no task any more is an empty one of its kind.
    pub(super) fn free_slot<L: Leg>(&mut self, plan: &mut Plan, model: &Model<L>, slot: u32) {
        plan.used -= 1;
        self.empty(plan)[model.slots[slot as usize] as usize].push(slot);
    }

    /// Departures from `from` on, until one does not change.
    pub(super) fn drive_on<L: Leg>(&mut self, plan: &mut Plan, model: &Model<L>, from: u32) {
        let count = model.tasks.len() as u32;
        let mut here = from;
        let mut before = *plan.node(plan.node(here).prev);
        loop {
            let now = *plan.node(here);
            let arrival = before.depart + model.leg(before.site, now.site).time();
            let (depart, close) = if here < count {
                let task = &model.tasks[here as usize];
                (arrival.max(task.open) + task.service, task.close)
            } else {
                (arrival, now.latest)
            };
            self.is_broken |= arrival > close;
            if depart == now.depart && here != from {
                return;
            }
            self.node(plan, here).depart = depart;
            if here >= count {
                return;
            }
            before = Node { depart, ..now };
            here = now.next;
        }
    }

    /// Latest arrivals from `from` backwards, until one does not change.
    pub(super) fn look_back<L: Leg>(&mut self, plan: &mut Plan, model: &Model<L>, from: u32) {
        let count = model.tasks.len() as u32;
        let mut here = from;
        while here < count {
            let now = *plan.node(here);
            let next = plan.node(now.next);
            let task = &model.tasks[here as usize];
            let leg = model.leg(now.site, next.site).time();
            let latest = task.close.min(next.latest - leg - task.service);
            if latest == now.latest && here != from {
                return;
            }
            self.node(plan, here).latest = latest;
            here = now.prev;
        }
    }
}
