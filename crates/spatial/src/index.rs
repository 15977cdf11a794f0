//! The index as a value: a shared tree, and beside it what has changed since it was built.

use std::collections::BTreeSet;
use std::sync::Arc;

use rstar::RTree;
use swerve_model::{Leg, NearbyChunk, NearbyChunks, Planar};

use crate::chunk::{Chunk, RouteShape, cut, longest};
use crate::nearby::merged;

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
    longest_leg: Leg,
}

#[derive(Debug, Default)]
struct Tree {
    chunks: RTree<Chunk>,
    longest_leg: Leg,
}

impl Tree {
    fn of(chunks: Vec<Chunk>) -> Tree {
        let longest_leg = chunks.iter().map(Chunk::longest_leg).fold(Leg::ZERO, longest);
        Tree { chunks: RTree::bulk_load(chunks), longest_leg }
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
        if changed.dirty.len() > DIRTY_CHUNKS_MAX {
            return changed.rebuilt();
        }
        // A leg no longer driven keeps the bound loose until the next tree, never wrong.
        changed.longest_leg =
            changed.dirty.iter().map(Chunk::longest_leg).fold(self.tree.longest_leg, longest);
        changed
    }

    fn rebuilt(&self) -> ChunkIndex {
        let kept = self.tree.chunks.iter().filter(|chunk| !self.replaced.contains(&chunk.route));
        ChunkIndex::of(Tree::of(kept.chain(&self.dirty).copied().collect()))
    }

    /// Runs, over all routes.
    pub fn chunk_count(&self) -> usize {
        let kept = self.tree.chunks.iter().filter(|chunk| !self.replaced.contains(&chunk.route));
        kept.count() + self.dirty.len()
    }
}

impl NearbyChunks for ChunkIndex {
    fn nearby(&self, center: Planar) -> impl Iterator<Item = NearbyChunk> {
        merged(&self.tree.chunks, &self.replaced, &self.dirty, center)
    }

    fn longest_leg(&self) -> Leg {
        self.longest_leg
    }
}

#[cfg(test)]
mod tests;
