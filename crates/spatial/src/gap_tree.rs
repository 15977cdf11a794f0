//! Gaps packed into groups of a few, those into groups again, up to one: a tree without pointers.
//!
//! A route's own runs are long and thin, and a dozen vans pass any one street; told run by run, a
//! thousand gaps would be looked at to find the three next to a new stop. So gaps are grouped by where
//! they are, whichever route they belong to: along a Hilbert curve, since most are short. A leg
//! across town is near neither of its ends; those come in bundles, from the depot to one district or
//! back, and are ordered by both ends. Each group knows a box around where its gaps begin and one around
//! where they end, so that the way to the one, on from the other, less the longest leg, is a bound that
//! nearly holds for each.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use swerve_model::detour::floor_cost;
use swerve_model::{Cost, GapSearch, Planar};

use crate::bounds::{Bounds, GROUP, Group};
use crate::gap::Gap;

/// An order of gaps and the groups over it.
#[derive(Clone, Debug, Default)]
pub(crate) struct GapTree {
    gaps: Vec<Gap>,
    /// Of groups of gaps, of groups of those, and so on to the group of all.
    levels: Vec<Vec<Group>>,
}

impl GapTree {
    /// Of short gaps. O(n) where most of them are in order already, as after a change to some routes
    /// of an older tree; else O(n log n).
    pub(crate) fn along_curve(mut gaps: Vec<Gap>) -> GapTree {
        gaps.sort_by_key(Gap::along_curve);
        GapTree::in_order(gaps)
    }

    /// Of legs across town. O(n log n).
    pub(crate) fn in_bundles(mut legs: Vec<Gap>) -> GapTree {
        bundle(&mut legs);
        GapTree::in_order(legs)
    }

    /// Of gaps whose order is good as it is.
    pub(crate) fn in_order(gaps: Vec<Gap>) -> GapTree {
        let mut levels: Vec<Vec<Group>> = Vec::new();
        let mut members: Vec<Bounds> = gaps.iter().map(Bounds::of_gap).collect();
        while members.len() > 1 || (levels.is_empty() && !gaps.is_empty()) {
            levels.push(members.chunks(GROUP).map(Group::of).collect());
            members = members.chunks(GROUP).map(Bounds::of_all).collect();
        }
        GapTree { gaps, levels }
    }

    pub(crate) fn gaps(&self) -> &[Gap] {
        &self.gaps
    }

    /// Shows `search` what it may want but gaps of routes that are `gone`, by increasing floor: what is
    /// looked at is then as little as these bounds allow. Tells how many that took.
    pub(crate) fn search(
        &self,
        center: Planar,
        gone: &impl Fn(u32) -> bool,
        search: &mut impl GapSearch,
        waiting: &mut Waiting,
    ) -> u32 {
        if self.levels.is_empty() {
            return 0;
        }
        let price = search.price();
        let mut bounds = 0;
        let root = Ranked { floor: Cost(i64::MIN), level: self.levels.len() as u32, index: 0 };
        let mut next = Some(root);
        while let Some(found) = next.filter(|found| found.floor <= search.limit()) {
            let index = found.index as usize;
            match found.level.checked_sub(1) {
                None if gone(self.gaps[index].route()) => {}
                None => search.visit(self.gaps[index].nearby(), found.floor),
                Some(level) => {
                    let group = &self.levels[level as usize][index];
                    let (floors, limit) = (group.floors(center, &price), search.limit());
                    bounds += GROUP as u32;
                    for (index, floor) in (found.index * GROUP as u32..).zip(floors.map(floor_cost))
                    {
                        if floor <= limit {
                            waiting.0.push(Reverse(Ranked { floor, level, index }));
                        }
                    }
                }
            }
            next = waiting.0.pop().map(|Reverse(cheapest)| cheapest);
        }
        waiting.0.clear();
        bounds
    }
}

/// What is still to be looked at, the lowest floor first. Empty between trees; one for all of them.
pub(crate) struct Waiting(BinaryHeap<Reverse<Ranked>>);

/// Room for what mostly waits at once.
const WAITING: usize = 256;

impl Waiting {
    pub(crate) fn new() -> Waiting {
        Waiting(BinaryHeap::with_capacity(WAITING))
    }
}

/// A gap (level 0), or a group of those one level below.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Ranked {
    floor: Cost,
    level: u32,
    index: u32,
}

/// Orders long legs so that neighbours begin near each other and end near each other: halved along what
/// they are widest in until they are one group. O(n log n).
fn bundle(legs: &mut [Gap]) {
    if legs.len() <= GROUP {
        return;
    }
    let width = |coordinate: usize| {
        let values = || legs.iter().map(|leg| leg.ends()[coordinate]);
        values().fold(f64::MIN, f64::max) - values().fold(f64::MAX, f64::min)
    };
    let widths: [f64; 4] = std::array::from_fn(width);
    let widest = (0..4).max_by(|one, other| widths[*one].total_cmp(&widths[*other])).unwrap_or(0);
    // A whole number of groups on one side, so that no group straddles the middle.
    let middle = (legs.len() / 2).next_multiple_of(GROUP).min(legs.len() - 1);
    legs.select_nth_unstable_by(middle, |one, other| {
        let key = |leg: &Gap| leg.ends()[widest];
        key(one).total_cmp(&key(other)).then(one.along_curve().cmp(&other.along_curve()))
    });
    let (lower, upper) = legs.split_at_mut(middle);
    bundle(lower);
    bundle(upper);
}
