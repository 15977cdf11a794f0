//! The plan under change: routes as linked tasks, with what decides an insertion in constant time.
//!
//! Each task knows who comes before and after it, when it is left at the earliest, and the latest
//! arrival that keeps everything behind it. Both are exact, so that whether a task fits into a gap is a
//! few comparisons. A change updates them outward from where it was made and stops where nothing changes
//! any more; what it touched is remembered, so that a change not kept costs no more to take back than it
//! cost to make, however large the plan.

use swerve_model::instance::QUANTITY_MAX;

use super::model::{Leg, Model, NONE, Task};

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

/// More than any gap costs, which is two legs at most, and a leg the less: no gap at all.
pub(super) const NO_GAP: i32 = 1 << 30;

/// A toll for where a task must not go: it stays more than any gap costs even where a way through the task
/// is shorter than the way past it.
pub(super) const NO_ENTRY: i32 = NO_GAP + QUANTITY_MAX as i32;

/// The leg of a task that no route serves: whatever leg is added, the gap beside it costs [`NO_GAP`].
const NOWHERE: i32 = -NO_GAP;

/// All routes. Nodes of tasks come first, by task, then start and end of each slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) nodes: Vec<Node>,
    /// Cost of the legs that lead to each node and on from it; [`NOWHERE`] where there is none. Apart
    /// from the nodes, since these alone decide whether a gap is worth a closer look.
    leg_in: Vec<i32>,
    leg_out: Vec<i32>,
    pub(super) slots: Vec<Slot>,
    /// Empty slots by kind; the next to be used is the last.
    pub(super) empty: Vec<Vec<u32>>,
    pub(super) used: u32,
    /// Tasks that no route serves; nothing else is remembered of their order than how it came about.
    pub(super) absent: Vec<u32>,
    /// Legs, and the price of the absent.
    pub(super) cost: i64,
}

/// A place for a task: right behind that node, at that cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Gap {
    pub(super) behind: u32,
    pub(super) cost: i32,
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

    /// Whether a slot has a route, or is the next of its kind to get one.
    pub(super) fn is_open<L: Leg>(&self, model: &Model<L>, slot: u32) -> bool {
        let same = &self.empty[model.slots[slot as usize] as usize];
        self.slots[slot as usize].len > 0 || same.last() == Some(&slot)
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

    /// Two nodes follow each other, at that cost.
    #[inline]
    fn join(&mut self, before: u32, after: u32, leg: i32) {
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
    fn node<'a>(&mut self, plan: &'a mut Plan, node: u32) -> &'a mut Node {
        let round = &mut self.node_round[node as usize];
        if *round != self.round {
            *round = self.round;
            self.nodes.push((node, plan.nodes[node as usize], plan.leg_in[node as usize]));
        }
        &mut plan.nodes[node as usize]
    }

    #[inline]
    fn slot<'a>(&mut self, plan: &'a mut Plan, slot: u32) -> &'a mut Slot {
        let present = &mut plan.slots[slot as usize];
        let round = &mut self.slot_round[slot as usize];
        if *round != self.round {
            *round = self.round;
            self.slots.push((slot, *present));
        }
        present
    }

    fn empty<'a>(&mut self, plan: &'a mut Plan) -> &'a mut Vec<Vec<u32>> {
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
            plan.used -= 1;
            self.empty(plan)[model.slots[slot as usize] as usize].push(slot);
        }
        if L::IS_TIMED {
            self.drive_on(plan, model, until);
            self.look_back(plan, model, behind);
        }
    }

    /// Departures from `from` on, until one does not change.
    fn drive_on<L: Leg>(&mut self, plan: &mut Plan, model: &Model<L>, from: u32) {
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
    fn look_back<L: Leg>(&mut self, plan: &mut Plan, model: &Model<L>, from: u32) {
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
