//! The index as a value: shared trees, and beside them what has changed since they were built.

use std::collections::BTreeSet;
use std::sync::Arc;

use rstar::RTree;
use swerve_model::{GapSearch, NearbyChunk, NearbyChunks, Planar, RouteShape};

use crate::chunk::{Chunk, cut};
use crate::gap::{self, Gap};
use crate::gap_tree::{GapTree, Waiting};
use crate::nearby::{finite, merged};

/// Changed routes looked through one by one at most, before new trees are built. Mostly one bound rules a
/// route out; 32 of them take a microsecond, and spread over as many changes new trees cost each of them
/// a tenth of a millisecond among 1,000 routes of 150 stops.
const DIRTY_ROUTES_MAX: usize = 32;

/// Every run and every gap of every live route. Cheap to clone and to change; see the crate's head.
#[derive(Clone, Debug, Default)]
pub struct ChunkIndex {
    trees: Arc<Trees>,
    /// Routes whose runs and gaps in the trees no longer count.
    replaced: BTreeSet<u32>,
    /// What they have now.
    dirty: Vec<Arc<Dirty>>,
}

#[derive(Debug, Default)]
struct Trees {
    chunks: RTree<Chunk>,
    gaps: Gaps,
}

/// Gaps of all routes, or of one.
#[derive(Debug, Default)]
struct Gaps {
    short: GapTree,
    /// Asked last: only the limit the short gaps have set rules these out, since there are some wherever
    /// a straight line between a depot and a district leads.
    long: GapTree,
}

impl Gaps {
    fn of_all(gaps: impl Iterator<Item = Gap>) -> Gaps {
        let (long, short) = gaps.partition(Gap::is_long);
        Gaps { short: GapTree::along_curve(short), long: GapTree::in_bundles(long) }
    }

    /// In the route's own order: most gaps of a route are near the next.
    fn of_route(gaps: impl Iterator<Item = Gap>) -> Gaps {
        let (long, short) = gaps.partition(Gap::is_long);
        Gaps { short: GapTree::in_order(short), long: GapTree::in_order(long) }
    }

    fn iter(&self) -> impl Iterator<Item = &Gap> {
        self.short.gaps().iter().chain(self.long.gaps())
    }
}

/// One route, changed since the trees were built.
#[derive(Debug)]
struct Dirty {
    route: u32,
    chunks: Vec<Chunk>,
    gaps: Gaps,
}

impl ChunkIndex {
    /// An index of `routes`, each with its number. O(n log n) in gaps.
    pub fn new<'a>(routes: impl IntoIterator<Item = (u32, &'a RouteShape)>) -> ChunkIndex {
        let (mut chunks, mut gaps) = (Vec::new(), Vec::new());
        for (route, shape) in routes {
            chunks.extend(cut(route, shape));
            gaps.extend(gap::gaps(route, shape));
        }
        ChunkIndex::of(chunks, gaps.into_iter())
    }

    fn of(chunks: Vec<Chunk>, gaps: impl Iterator<Item = Gap>) -> ChunkIndex {
        let trees = Trees { chunks: RTree::bulk_load(chunks), gaps: Gaps::of_all(gaps) };
        ChunkIndex { trees: Arc::new(trees), ..ChunkIndex::default() }
    }

    /// This index with route `route` as `shape` says; the route may be new.
    #[must_use]
    pub fn with_route_replaced(&self, route: u32, shape: &RouteShape) -> ChunkIndex {
        let chunks = cut(route, shape);
        let gaps = Gaps::of_route(gap::gaps(route, shape));
        self.changed(route, Some(Dirty { route, chunks, gaps }))
    }

    /// This index without route `route`.
    #[must_use]
    pub fn without_route(&self, route: u32) -> ChunkIndex {
        self.changed(route, None)
    }

    fn changed(&self, route: u32, dirty: Option<Dirty>) -> ChunkIndex {
        let mut changed = self.clone();
        changed.replaced.insert(route);
        changed.dirty.retain(|known| known.route != route);
        changed.dirty.extend(dirty.map(Arc::new));
        if changed.dirty.len() > DIRTY_ROUTES_MAX { changed.rebuilt() } else { changed }
    }

    fn rebuilt(&self) -> ChunkIndex {
        let kept = self.trees.gaps.iter().filter(|gap| !self.is_replaced(gap.route()));
        let dirty = self.dirty.iter().flat_map(|dirty| dirty.gaps.iter());
        ChunkIndex::of(self.chunks().copied().collect(), kept.chain(dirty).copied())
    }

    fn is_replaced(&self, route: u32) -> bool {
        self.replaced.contains(&route)
    }

    fn chunks(&self) -> impl Iterator<Item = &Chunk> {
        let kept = self.trees.chunks.iter().filter(|chunk| !self.is_replaced(chunk.route));
        kept.chain(self.dirty_chunks())
    }

    fn dirty_chunks(&self) -> impl Iterator<Item = &Chunk> {
        self.dirty.iter().flat_map(|dirty| &dirty.chunks)
    }

    /// Runs, over all routes.
    pub fn chunk_count(&self) -> usize {
        self.chunks().count()
    }
}

impl NearbyChunks for ChunkIndex {
    fn nearby(&self, center: Planar) -> impl Iterator<Item = NearbyChunk> {
        merged(&self.trees.chunks, &self.replaced, self.dirty_chunks(), center)
    }

    fn search_gaps(&self, center: Planar, search: &mut impl GapSearch) -> u32 {
        let center = finite(center);
        let mut waiting = Waiting::new();
        let is_replaced = |route| self.is_replaced(route);
        let dirty = || self.dirty.iter().map(|dirty| &dirty.gaps);
        let trees = &self.trees.gaps;
        let mut bounds = trees.short.search(center, &is_replaced, search, &mut waiting);
        for gaps in dirty() {
            bounds += gaps.short.search(center, &|_| false, search, &mut waiting);
        }
        bounds += trees.long.search(center, &is_replaced, search, &mut waiting);
        for gaps in dirty() {
            bounds += gaps.long.search(center, &|_| false, search, &mut waiting);
        }
        bounds
    }
}

#[cfg(test)]
mod tests;
