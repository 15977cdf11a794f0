//! Which tasks are worth having beside each other: the only places an insertion is tried.
//!
//! Near in distance and in time: a wait that no order of the two can avoid makes a pair as unlikely as
//! a detour does, and a pair that cannot be served in that order at all is in no list. The measure is
//! that of granular search for time windows (Vidal et al., Computers & Operations Research 40(1), 2013).

use super::model::{Leg, Model};

/// How many predecessors and how many successors of a task are tried; on small instances all of them
/// nearly, since there is time for it. With 30 good places are left out on Homberger's and ORTEC's
/// instances, and even 60 keep C103 of 100 from its best known; from 100 on more time goes than is gained.
const NEAR: usize = 60;
const NEAR_SMALL: usize = 100;
const SMALL: usize = 250;

/// How many neighbours on the map a ruin can spread to.
const AROUND: usize = 100;

/// An unavoidable wait counts for so much of a detour, in tenths, as in `PyVRP`.
const WAIT_TENTHS: i64 = 2;

/// A task beside another, and the leg between the two.
#[derive(Clone, Copy)]
pub(super) struct Near<L> {
    pub(super) node: u32,
    pub(super) leg: L,
}

/// Which of a task's lists.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Before,
    After,
    Around,
}

const SIDES: [Side; 3] = [Side::Before, Side::After, Side::Around];

/// By task: who may well come before it, who after it, and who is around it; the best first.
///
/// Each list is the best of all known tasks, in order. It may go on further than is tried, so that a task
/// that leaves it need not be made up for at once; it is shorter only where there are no more.
pub(super) struct NearLists<L> {
    lists: [Vec<Vec<Near<L>>>; SIDES.len()],
    least: Vec<Least>,
    /// When each task can start at the earliest, from whatever start lets it.
    earliest: Vec<i32>,
    is_known: Vec<bool>,
    known: u32,
    /// How many predecessors and how many successors are tried.
    most: usize,
    spare: usize,
}

/// No leg to a task, and none from it, costs less in any plan.
#[derive(Clone, Copy)]
pub(super) struct Least {
    pub(super) into: i32,
    pub(super) out: i32,
}

impl<L> Default for NearLists<L> {
    fn default() -> NearLists<L> {
        NearLists {
            lists: SIDES.map(|_| Vec::new()),
            least: Vec::new(),
            earliest: Vec::new(),
            is_known: Vec::new(),
            known: 0,
            most: 0,
            spare: 0,
        }
    }
}

impl<L: Leg> NearLists<L> {
    /// O(tasks²).
    pub(super) fn of(model: &Model<L>) -> NearLists<L> {
        NearLists::of_known(model, vec![true; model.tasks.len()], 0)
    }

    /// Lists among the tasks that are known, each with so many to spare. What is not known is in no list
    /// and has none. O(tasks²).
    pub(super) fn of_known(model: &Model<L>, is_known: Vec<bool>, spare: usize) -> NearLists<L> {
        let count = model.tasks.len();
        let nodes = || 0..count as u32;
        let mut lists = NearLists {
            lists: SIDES.map(|_| vec![Vec::new(); count]),
            least: nodes().map(|node| least(model, node)).collect(),
            earliest: nodes().map(|node| earliest_start(model, node)).collect(),
            known: is_known.iter().filter(|is_known| **is_known).count() as u32,
            is_known,
            most: if count <= SMALL { NEAR_SMALL } else { NEAR },
            spare,
        };
        let mut ranked = Vec::with_capacity(count);
        for node in nodes() {
            if lists.is_known(node) {
                lists.fill_all(model, node, &mut ranked);
            }
        }
        lists
    }

    #[inline]
    pub(super) fn before(&self, node: u32) -> &[Near<L>] {
        self.tried(Side::Before, node)
    }

    #[inline]
    pub(super) fn after(&self, node: u32) -> &[Near<L>] {
        self.tried(Side::After, node)
    }

    #[inline]
    pub(super) fn around(&self, node: u32) -> &[Near<L>] {
        self.tried(Side::Around, node)
    }

    /// Who may well come right before or right after a task, in turns; the best first.
    pub(super) fn beside(&self, node: u32) -> impl Iterator<Item = u32> {
        let both = self.before(node).iter().zip(self.after(node));
        both.flat_map(|(before, after)| [before.node, after.node])
    }

    #[inline]
    pub(super) fn least(&self, node: u32) -> Least {
        self.least[node as usize]
    }

    pub(super) fn is_known(&self, node: u32) -> bool {
        self.is_known[node as usize]
    }

    /// How many are known.
    pub(super) fn known(&self) -> u32 {
        self.known
    }

    /// A task that was not known becomes so, with the data the model has of it now: its own lists anew, and into those of
    /// others where it belongs. O(tasks).
    pub(super) fn enter(&mut self, model: &Model<L>, node: u32) {
        self.is_known[node as usize] = true;
        self.known += 1;
        self.earliest[node as usize] = earliest_start(model, node);
        self.least[node as usize] = least(model, node);
        self.fill_all(model, node, &mut Vec::with_capacity(model.tasks.len()));
        for owner in 0..model.tasks.len() as u32 {
            if !self.is_other(node, owner) {
                continue;
            }
            let legs = Legs::of(model, node, owner);
            let least = &mut self.least[owner as usize];
            least.into = least.into.min(legs.out.cost());
            least.out = least.out.min(legs.into.cost());
            for side in SIDES {
                let near = Near { node, leg: legs.to_list(side) };
                let Some(place) = self.place(model, side, owner, near) else { continue };
                let (least, whole) = (self.len_min(side), self.len_whole(side));
                let list = &mut self.lists[side as usize][owner as usize];
                // Behind the last there may be others that are nearer, unless the list has all.
                if place < list.len() || list.len() < least {
                    list.insert(place, near);
                    list.truncate(whole);
                }
            }
        }
    }

    /// A task that was known is not to be planned any more. The model must still have the data it came with. Its own
    /// lists stay, for those who look for what was around it. O(tasks), and again for each list that has
    /// none to spare any more.
    pub(super) fn leave(&mut self, model: &Model<L>, node: u32) {
        self.is_known[node as usize] = false;
        self.known -= 1;
        let mut ranked = Vec::new();
        for owner in 0..model.tasks.len() as u32 {
            if !self.is_other(node, owner) {
                continue;
            }
            let legs = Legs::of(model, node, owner);
            for side in SIDES {
                let near = Near { node, leg: legs.to_list(side) };
                let Some(place) = self.place(model, side, owner, near) else { continue };
                let least = self.len_min(side);
                let list = &mut self.lists[side as usize][owner as usize];
                if list.get(place).is_none_or(|near| near.node != node) {
                    continue;
                }
                list.remove(place);
                if list.len() < least {
                    self.fill(model, side, owner, &mut ranked);
                }
            }
        }
    }

    #[inline]
    fn tried(&self, side: Side, node: u32) -> &[Near<L>] {
        let list = &self.lists[side as usize][node as usize];
        &list[..list.len().min(self.len_min(side))]
    }

    /// A list with fewer has all there are.
    #[inline]
    fn len_min(&self, side: Side) -> usize {
        if side == Side::Around { AROUND } else { self.most }
    }

    fn len_whole(&self, side: Side) -> usize {
        self.len_min(side) + self.spare
    }

    fn is_other(&self, node: u32, other: u32) -> bool {
        other != node && self.is_known[other as usize]
    }

    /// Makes all lists of a task anew.
    fn fill_all(&mut self, model: &Model<L>, owner: u32, ranked: &mut Vec<(i64, u32)>) {
        for side in SIDES {
            self.fill(model, side, owner, ranked);
        }
    }

    fn fill(&mut self, model: &Model<L>, side: Side, owner: u32, ranked: &mut Vec<(i64, u32)>) {
        ranked.clear();
        let count = model.tasks.len() as u32;
        let others = (0..count).filter(|node| self.is_other(owner, *node));
        ranked.extend(others.filter_map(|node| {
            let near = Near { node, leg: Legs::of(model, owner, node).of_list(side) };
            Some((self.rank(model, side, owner, near)?, node))
        }));
        let near = keep_least(ranked, self.len_whole(side)).iter();
        let list = near.map(|(_, node)| Near {
            node: *node,
            leg: Legs::of(model, owner, *node).of_list(side),
        });
        self.lists[side as usize][owner as usize] = list.collect();
    }

    /// Where one stands in a list or would have to stand, by the model's data; `None` if nowhere.
    /// O(log list).
    fn place(&self, model: &Model<L>, side: Side, owner: u32, near: Near<L>) -> Option<usize> {
        let rank = (self.rank(model, side, owner, near)?, near.node);
        let list = &self.lists[side as usize][owner as usize];
        let is_nearer = |other: &Near<L>| {
            let far = self.rank(model, side, owner, *other);
            far.is_some_and(|far| (far, other.node) < rank)
        };
        // Most belong behind the last.
        match list.last() {
            Some(last) if is_nearer(last) => Some(list.len()),
            _ => Some(list.partition_point(is_nearer)),
        }
    }

    /// How far one is from the list's owner on that side; `None` if it can never be there.
    #[inline]
    fn rank(&self, model: &Model<L>, side: Side, owner: u32, near: Near<L>) -> Option<i64> {
        match side {
            Side::Before => self.apartness(model, near.node, owner, near.leg),
            Side::After => self.apartness(model, owner, near.node, near.leg),
            Side::Around => Some(near.leg.cost().into()),
        }
    }

    /// How far apart two tasks are, one served right after the other; `None` if that can never be in time.
    #[inline]
    fn apartness(&self, model: &Model<L>, first: u32, second: u32, leg: L) -> Option<i64> {
        let (one, other) = (&model.tasks[first as usize], &model.tasks[second as usize]);
        if self.earliest[first as usize] + one.service + leg.time() > other.close {
            return None;
        }
        let wait = i64::from(other.open) - i64::from(one.close + one.service + leg.time());
        Some(10 * i64::from(leg.cost()) + WAIT_TENTHS * wait.max(0))
    }
}

/// The legs between a task and another. Both are read from one row of the table each, by the first of the
/// two: a row is read on, a column is a cache miss each.
struct Legs<L> {
    into: L,
    out: L,
}

impl<L: Leg> Legs<L> {
    fn of(model: &Model<L>, node: u32, other: u32) -> Legs<L> {
        let (here, there) = (site(model, node), site(model, other) as usize);
        Legs { into: model.to(here)[there], out: model.from(here)[there] }
    }

    /// Of the list's owner, to one on it.
    fn of_list(&self, side: Side) -> L {
        match side {
            Side::Before => self.into,
            Side::After => self.out,
            Side::Around => self.shorter(),
        }
    }

    /// Of one on the list, to its owner.
    fn to_list(&self, side: Side) -> L {
        match side {
            Side::Before => self.out,
            Side::After => self.into,
            Side::Around => self.shorter(),
        }
    }

    fn shorter(&self) -> L {
        if self.into.cost() < self.out.cost() { self.into } else { self.out }
    }
}

fn earliest_start<L: Leg>(model: &Model<L>, node: u32) -> i32 {
    let task = &model.tasks[node as usize];
    let starts = model.kinds.iter().map(|kind| kind.open + model.leg(kind.start, task.site).time());
    task.open.max(starts.min().unwrap_or(0))
}

fn site<L: Leg>(model: &Model<L>, node: u32) -> u32 {
    model.tasks[node as usize].site
}

fn least<L: Leg>(model: &Model<L>, node: u32) -> Least {
    let here = site(model, node);
    let others = (0..model.tasks.len() as u32).filter(|other| *other != node);
    let ends = model.kinds.iter().flat_map(|kind| [kind.start, kind.end]);
    let (from, to) = (model.from(here), model.to(here));
    let mut least = Least { into: i32::MAX / 4, out: i32::MAX / 4 };
    for other in others.map(|other| site(model, other)).chain(ends) {
        least.into = least.into.min(to[other as usize].cost());
        least.out = least.out.min(from[other as usize].cost());
    }
    least
}

/// The `count` least, in order.
fn keep_least(ranked: &mut Vec<(i64, u32)>, count: usize) -> &[(i64, u32)] {
    if ranked.len() > count {
        ranked.select_nth_unstable(count);
        ranked.truncate(count);
    }
    ranked.sort_unstable();
    ranked
}
