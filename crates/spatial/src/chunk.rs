//! A run of consecutive positions of one route, as a box.

use rstar::{AABB, PointDistance, RTreeObject};
use swerve_model::{Leg, NearbyChunk, Pass, RouteShape};

/// Gaps in a run at most: few enough runs to build a tree of them in a millisecond or two, and still
/// boxes of a part of a route's district.
pub(crate) const CHUNK_GAPS_MAX: usize = 40;

/// A leg longer than this in either is a run of its own: with a leg to the depot among the others the box
/// of a run would be half the city. Between doors a leg is mostly a tenth of this; in the country, where
/// most are longer, stops are few.
pub(crate) const LONG_LEG: Leg = Leg { ticks: 3_000, meters: 2_000 };

#[derive(Clone, Copy, Debug)]
pub(crate) struct Chunk {
    pub(crate) route: u32,
    first: u32,
    last: u32,
    envelope: AABB<[f64; 2]>,
}

impl Chunk {
    pub(crate) fn nearby(&self, distance: f64) -> NearbyChunk {
        NearbyChunk { route: self.route, first: self.first, last: self.last, distance }
    }

    pub(crate) fn seen_from(&self, center: &[f64; 2]) -> NearbyChunk {
        self.nearby(self.distance_2(center).sqrt())
    }
}

impl RTreeObject for Chunk {
    type Envelope = AABB<[f64; 2]>;

    fn envelope(&self) -> AABB<[f64; 2]> {
        self.envelope
    }
}

impl PointDistance for Chunk {
    fn distance_2(&self, point: &[f64; 2]) -> f64 {
        self.envelope.distance_2(point)
    }
}

/// Cuts a route into runs that share their end positions, so that every gap lies in exactly one: each
/// long leg, and what lies between them in nearly equal lengths. A route that is only an anchor is one
/// run without a gap.
pub(crate) fn cut(route: u32, shape: &RouteShape) -> Vec<Chunk> {
    let passes = &shape.passes[..];
    let Some(gaps) = passes.len().checked_sub(1) else { return Vec::new() };
    let mut chunks = Vec::with_capacity(gaps / CHUNK_GAPS_MAX + 4);
    let mut first = 0;
    let is_long = |&gap: &usize| is_long(passes[gap + 1].leg);
    for gap in (0..gaps).filter(is_long) {
        cut_short(route, passes, first, gap, &mut chunks);
        chunks.push(chunk(route, passes, gap, gap + 1));
        first = gap + 1;
    }
    cut_short(route, passes, first, gaps, &mut chunks);
    if gaps == 0 {
        chunks.push(chunk(route, passes, 0, 0));
    }
    chunks
}

pub(crate) fn is_long(leg: Leg) -> bool {
    leg.ticks > LONG_LEG.ticks || leg.meters > LONG_LEG.meters
}

/// Cuts positions `from..=to` into runs of nearly equal length.
fn cut_short(route: u32, passes: &[Pass], from: usize, to: usize, chunks: &mut Vec<Chunk>) {
    let gaps = to - from;
    let count = gaps.div_ceil(CHUNK_GAPS_MAX);
    let border = |index: usize| from + index * gaps / count;
    chunks.extend((0..count).map(|index| chunk(route, passes, border(index), border(index + 1))));
}

fn chunk(route: u32, passes: &[Pass], first: usize, last: usize) -> Chunk {
    Chunk {
        route,
        first: first as u32,
        last: last as u32,
        envelope: envelope(&passes[first..=last]),
    }
}

/// The box around these. One that is nowhere (not finite) may be anywhere: its box is the plane,
/// which costs pruning and never an answer.
fn envelope(passes: &[Pass]) -> AABB<[f64; 2]> {
    let points = passes.iter().map(|pass| pass.point);
    if points.clone().all(|point| point.x.is_finite() && point.y.is_finite()) {
        let corners: Vec<[f64; 2]> = points.map(|point| [point.x, point.y]).collect();
        AABB::from_points(&corners)
    } else {
        AABB::from_corners([f64::MIN; 2], [f64::MAX; 2])
    }
}
