//! Long legs, found by the detour through them.
//!
//! A box around a leg across town says little of where its detours are short: those lie along it. But
//! such legs come in bundles, from the depot to one district or back. A group holds legs that begin near
//! each other and end near each other, so that the way to where they begin, on to where they end, less
//! the longest of them, is a bound that nearly holds for each; and there are few enough groups to look
//! at all of them.

use rstar::AABB;
use swerve_model::{Detour, Leg, Planar};

use crate::chunk::{Chunk, envelope, longest};
use crate::nearby::finite;

/// Legs of a group at most. Of 2,000 legs to a depot and back some 200 groups are looked at in a
/// microsecond or two; half as many legs to a group would only move work from legs to groups.
const GROUP_LEGS_MAX: usize = 16;

/// Legs that begin near each other and end near each other.
#[derive(Debug)]
pub(crate) struct Group {
    from: AABB<[f64; 2]>,
    to: AABB<[f64; 2]>,
    longest_leg: Leg,
    legs: Vec<Chunk>,
}

impl Group {
    fn of(legs: &[Chunk]) -> Group {
        let ends = |end: usize| -> Vec<Planar> {
            legs.iter().filter_map(Chunk::long).map(|ends| ends[end]).collect()
        };
        Group {
            from: envelope(&ends(0)),
            to: envelope(&ends(1)),
            longest_leg: legs.iter().map(Chunk::longest_leg).fold(Leg::ZERO, longest),
            legs: legs.to_vec(),
        }
    }

    /// Its legs if a detour through any of them may be worth it.
    pub(crate) fn legs(&self, center: Planar, worth: impl Fn(&Detour) -> bool) -> &[Chunk] {
        let center = finite(center);
        let detour = Detour {
            into: self.from.distance_2(&center).sqrt(),
            out_of: self.to.distance_2(&center).sqrt(),
            longest_leg: self.longest_leg,
        };
        if worth(&detour) { &self.legs } else { &[] }
    }
}

/// The detour through one long leg; `None` for a run that is none.
pub(crate) fn detour(leg: &Chunk, center: Planar) -> Option<Detour> {
    let [x, y] = finite(center);
    // An end that is nowhere may be anywhere.
    let distance = |end: Planar| {
        let distance = end.distance(Planar { x, y });
        if distance.is_finite() { distance } else { 0.0 }
    };
    let [from, to] = leg.long()?.map(distance);
    Some(Detour { into: from, out_of: to, longest_leg: leg.longest_leg() })
}

/// Groups of nearly equal size: halved along what they are widest in, where they begin or where they
/// end, until they are small enough. O(n log n).
pub(crate) fn groups(mut legs: Vec<Chunk>) -> Vec<Group> {
    let mut groups = Vec::new();
    split(&mut legs, &mut groups);
    groups
}

fn split(legs: &mut [Chunk], groups: &mut Vec<Group>) {
    if legs.len() <= GROUP_LEGS_MAX {
        if !legs.is_empty() {
            groups.push(Group::of(legs));
        }
        return;
    }
    let coordinates = |leg: &Chunk| {
        let [from, to] = leg.long().unwrap_or_default();
        [from.x, from.y, to.x, to.y]
    };
    let width = |dimension: usize| {
        let values = || legs.iter().map(|leg| coordinates(leg)[dimension]);
        values().fold(f64::MIN, f64::max) - values().fold(f64::MAX, f64::min)
    };
    let widths: [f64; 4] = std::array::from_fn(width);
    let widest = (0..4).max_by(|one, other| widths[*one].total_cmp(&widths[*other])).unwrap_or(0);
    legs.sort_by(|one, other| {
        let key = |leg: &Chunk| coordinates(leg)[widest];
        key(one).total_cmp(&key(other)).then(one.rank().cmp(&other.rank()))
    });
    let (lower, upper) = legs.split_at_mut(legs.len() / 2);
    split(lower, groups);
    split(upper, groups);
}
