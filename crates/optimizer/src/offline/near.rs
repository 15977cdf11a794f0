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

/// By task: who may well come before it, who after it, and who is around it; the best first.
pub(super) struct NearLists<L> {
    before: Vec<Vec<Near<L>>>,
    after: Vec<Vec<Near<L>>>,
    around: Vec<Vec<u32>>,
    least: Vec<Least>,
}

/// The least a leg to a task, and one from it, can cost in any plan.
#[derive(Clone, Copy)]
pub(super) struct Least {
    pub(super) into: i32,
    pub(super) out: i32,
}

impl<L> Default for NearLists<L> {
    fn default() -> NearLists<L> {
        NearLists { before: Vec::new(), after: Vec::new(), around: Vec::new(), least: Vec::new() }
    }
}

impl<L: Leg> NearLists<L> {
    /// O(tasks²).
    pub(super) fn of(model: &Model<L>) -> NearLists<L> {
        let earliest = earliest_starts(model);
        let count = model.tasks.len() as u32;
        let most = if model.tasks.len() <= SMALL { NEAR_SMALL } else { NEAR };
        let apart = |first: u32, second: u32| apartness(model, &earliest, first, second);
        let leg = |first: u32, second: u32| model.leg(site(model, first), site(model, second));
        let mut ranked: Vec<(i64, u32)> = Vec::with_capacity(count as usize);
        let mut lists = NearLists::default();
        for node in 0..count {
            let others = || (0..count).filter(|other| *other != node);
            ranked.clear();
            ranked.extend(others().filter_map(|other| Some((apart(other, node)?, other))));
            let near = keep_least(&mut ranked, most).iter();
            let before = near.map(|(_, other)| Near { node: *other, leg: leg(*other, node) });
            lists.before.push(before.collect());
            ranked.clear();
            ranked.extend(others().filter_map(|other| Some((apart(node, other)?, other))));
            let near = keep_least(&mut ranked, most).iter();
            let after = near.map(|(_, other)| Near { node: *other, leg: leg(node, *other) });
            lists.after.push(after.collect());
            ranked.clear();
            ranked.extend(others().map(|other| (distance(model, node, other), other)));
            let around = keep_least(&mut ranked, AROUND).iter();
            lists.around.push(around.map(|(_, other)| *other).collect());
            lists.least.push(least(model, node));
        }
        lists
    }

    #[inline]
    pub(super) fn before(&self, node: u32) -> &[Near<L>] {
        &self.before[node as usize]
    }

    #[inline]
    pub(super) fn after(&self, node: u32) -> &[Near<L>] {
        &self.after[node as usize]
    }

    #[inline]
    pub(super) fn least(&self, node: u32) -> Least {
        self.least[node as usize]
    }

    #[inline]
    pub(super) fn around(&self, node: u32) -> &[u32] {
        &self.around[node as usize]
    }
}

/// When each task can start at the earliest, from whatever start lets it.
fn earliest_starts<L: Leg>(model: &Model<L>) -> Vec<i32> {
    let earliest = |site: u32| {
        let starts = model.kinds.iter().map(|kind| kind.open + model.leg(kind.start, site).time());
        starts.min().unwrap_or(0)
    };
    model.tasks.iter().map(|task| task.open.max(earliest(task.site))).collect()
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

/// The shorter way between the two.
fn distance<L: Leg>(model: &Model<L>, one: u32, other: u32) -> i64 {
    let (here, there) = (site(model, one), site(model, other));
    model.leg(here, there).cost().min(model.leg(there, here).cost()).into()
}

/// How far apart two tasks are, one served right after the other; `None` if that can never be in time.
fn apartness<L: Leg>(model: &Model<L>, earliest: &[i32], first: u32, second: u32) -> Option<i64> {
    let (one, other) = (&model.tasks[first as usize], &model.tasks[second as usize]);
    let leg = model.leg(one.site, other.site);
    if earliest[first as usize] + one.service + leg.time() > other.close {
        return None;
    }
    let wait = i64::from(other.open) - i64::from(one.close + one.service + leg.time());
    Some(10 * i64::from(leg.cost()) + WAIT_TENTHS * wait.max(0))
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
