//! The index as a value: a shared tree, and beside it what has changed since it was built.

use std::collections::BTreeSet;
use std::sync::Arc;

use rstar::RTree;
use swerve_model::{Detour, Leg, NearbyChunk, NearbyChunks, Planar};

use crate::chunk::{Chunk, RouteShape, cut, longest};
use crate::long::{self, Group};
use crate::nearby::{finite, merged};

/// Changed runs looked through one by one at most, before a new tree is built. At 64 the look costs
/// about what the tree itself does; a tree over a territory's few hundred runs is built in less time
/// than a dozen routes take to change.
const DIRTY_CHUNKS_MAX: usize = 64;

/// Every run of every live route. Cheap to clone and to change; see the crate's head.
#[derive(Clone, Debug, Default)]
pub struct ChunkIndex {
    tree: Arc<Tree>,
    /// Routes whose runs in the tree no longer count.
    replaced: BTreeSet<u32>,
    /// The runs they have now.
    dirty: Vec<Chunk>,
    /// Of all runs that are no long leg.
    longest_leg: Leg,
}

#[derive(Debug, Default)]
struct Tree {
    short: RTree<Chunk>,
    long: RTree<Chunk>,
    /// The runs of `long` again, by where they lead.
    groups: Vec<Group>,
    longest_leg: Leg,
}

impl Tree {
    fn of(chunks: Vec<Chunk>) -> Tree {
        let (long, short): (Vec<Chunk>, Vec<Chunk>) = chunks.into_iter().partition(Chunk::is_long);
        let longest_leg = short.iter().map(Chunk::longest_leg).fold(Leg::ZERO, longest);
        let groups = long::groups(long.clone());
        Tree { short: RTree::bulk_load(short), long: RTree::bulk_load(long), groups, longest_leg }
    }

    fn chunks(&self) -> impl Iterator<Item = &Chunk> {
        self.short.iter().chain(self.long.iter())
    }
}

impl ChunkIndex {
    /// An index of `routes`, each with its number. O(n log n) in runs.
    ///
    /// # Panics
    /// If a shape has not exactly one leg between each two points.
    pub fn new<'a>(routes: impl IntoIterator<Item = (u32, RouteShape<'a>)>) -> ChunkIndex {
        let chunks = routes.into_iter().flat_map(|(route, shape)| cut(route, &shape)).collect();
        ChunkIndex::of(Tree::of(chunks))
    }

    fn of(tree: Tree) -> ChunkIndex {
        let longest_leg = tree.longest_leg;
        ChunkIndex { tree: Arc::new(tree), longest_leg, ..ChunkIndex::default() }
    }

    /// This index with route `route` as `shape` says; the route may be new.
    ///
    /// # Panics
    /// If the shape has not exactly one leg between each two points.
    #[must_use]
    pub fn with_route_replaced(&self, route: u32, shape: &RouteShape) -> ChunkIndex {
        self.changed(route, cut(route, shape))
    }

    /// This index without route `route`.
    #[must_use]
    pub fn without_route(&self, route: u32) -> ChunkIndex {
        self.changed(route, Vec::new())
    }

    fn changed(&self, route: u32, chunks: Vec<Chunk>) -> ChunkIndex {
        let mut changed = self.clone();
        changed.replaced.insert(route);
        changed.dirty.retain(|chunk| chunk.route != route);
        changed.dirty.extend(chunks);
        if changed.dirty_short().count() > DIRTY_CHUNKS_MAX {
            return changed.rebuilt();
        }
        // A leg no longer driven keeps the bound loose until the next tree, never wrong.
        let legs = changed.dirty_short().map(Chunk::longest_leg);
        changed.longest_leg = legs.fold(self.tree.longest_leg, longest);
        changed
    }

    fn rebuilt(&self) -> ChunkIndex {
        ChunkIndex::of(Tree::of(self.chunks().copied().collect()))
    }

    fn chunks(&self) -> impl Iterator<Item = &Chunk> {
        let kept = self.tree.chunks().filter(|chunk| !self.replaced.contains(&chunk.route));
        kept.chain(&self.dirty)
    }

    fn dirty_short(&self) -> impl Iterator<Item = &Chunk> {
        self.dirty.iter().filter(|chunk| !chunk.is_long())
    }

    /// Runs, over all routes.
    pub fn chunk_count(&self) -> usize {
        self.chunks().count()
    }
}

impl NearbyChunks for ChunkIndex {
    fn nearby(&self, center: Planar) -> impl Iterator<Item = NearbyChunk> {
        merged(&self.tree.short, Some(&self.tree.long), &self.replaced, self.dirty.iter(), center)
    }

    fn nearby_short(&self, center: Planar) -> impl Iterator<Item = NearbyChunk> {
        merged(&self.tree.short, None, &self.replaced, self.dirty_short(), center)
    }

    fn longest_leg(&self) -> Leg {
        self.longest_leg
    }

    /// O(groups), and a little for each leg of a group that may be worth it.
    fn long_legs(
        &self,
        center: Planar,
        worth: impl Fn(&Detour) -> bool,
    ) -> impl Iterator<Item = NearbyChunk> {
        let in_tree = self.tree.groups.iter().flat_map(|group| group.legs(center, &worth));
        let kept = in_tree.filter(|leg| !self.replaced.contains(&leg.route));
        let legs: Vec<NearbyChunk> = kept
            .chain(&self.dirty)
            .filter(|leg| long::detour(leg, center).is_some_and(|detour| worth(&detour)))
            .map(|leg| leg.seen_from(&finite(center)))
            .collect();
        legs.into_iter()
    }
}

#[cfg(test)]
mod tests;
