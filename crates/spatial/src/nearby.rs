//! Runs by increasing distance, from the tree and from beside it, as one ordered stream.
//!
//! The tree's own stream leaves runs of equal distance in no particular order, and at distance zero
//! (the point lies in several boxes) there often are some. They are collected and sorted, so that the
//! order depends on what is indexed and not on how the tree came about.

use std::collections::BTreeSet;
use std::iter::Peekable;

use rstar::RTree;
use swerve_model::{NearbyChunk, Planar};

use crate::chunk::Chunk;

/// Runs of the tree, but those of replaced routes, and of `beside`.
pub(crate) fn merged<'a>(
    tree: &'a RTree<Chunk>,
    replaced: &'a BTreeSet<u32>,
    beside: impl Iterator<Item = &'a Chunk>,
    center: Planar,
) -> impl Iterator<Item = NearbyChunk> + 'a {
    let center = finite(center);
    let center = [center.x, center.y];
    let mut beside: Vec<NearbyChunk> = beside.map(|chunk| chunk.seen_from(&center)).collect();
    beside.sort_by(rank);
    let in_tree = tree
        .nearest_neighbor_iter_with_distance_2(&center)
        .filter(|(chunk, _)| !replaced.contains(&chunk.route))
        .map(|(chunk, distance_2)| chunk.nearby(distance_2.sqrt()));
    Merged { in_tree: in_tree.peekable(), level: Vec::new(), beside: beside.into_iter().peekable() }
}

/// A point that is nowhere is looked for at the reference point: some order, and no panic.
pub(crate) fn finite(center: Planar) -> Planar {
    let finite = |coordinate: f64| if coordinate.is_finite() { coordinate } else { 0.0 };
    Planar { x: finite(center.x), y: finite(center.y) }
}

fn rank(one: &NearbyChunk, other: &NearbyChunk) -> std::cmp::Ordering {
    one.distance
        .total_cmp(&other.distance)
        .then((one.route, one.first).cmp(&(other.route, other.first)))
}

struct Merged<T: Iterator<Item = NearbyChunk>> {
    in_tree: Peekable<T>,
    /// Runs of the tree at one distance, last first.
    level: Vec<NearbyChunk>,
    beside: Peekable<std::vec::IntoIter<NearbyChunk>>,
}

impl<T: Iterator<Item = NearbyChunk>> Merged<T> {
    /// Takes all runs at the tree's next distance.
    fn fill_level(&mut self) {
        let Some(first) = self.in_tree.next() else { return };
        self.level.push(first);
        while let Some(equal) = self.in_tree.next_if(|chunk| chunk.distance == first.distance) {
            self.level.push(equal);
        }
        self.level.sort_by(|one, other| rank(other, one));
    }
}

impl<T: Iterator<Item = NearbyChunk>> Iterator for Merged<T> {
    type Item = NearbyChunk;

    fn next(&mut self) -> Option<NearbyChunk> {
        if self.level.is_empty() {
            self.fill_level();
        }
        let Some(from_tree) = self.level.last() else { return self.beside.next() };
        let from_beside = self.beside.next_if(|chunk| rank(chunk, from_tree).is_lt());
        from_beside.or_else(|| self.level.pop())
    }
}
