//! A run of consecutive positions of one route, as a box.

use rstar::{AABB, PointDistance, RTreeObject};
use swerve_model::{Leg, NearbyChunk, Planar};

/// Gaps in a run at most. Measured on 1,000 routes of 150 stops, 25 to 50 find the best insertion
/// soonest: shorter runs are more to hand out, longer ones have boxes too wide to rule out.
pub(crate) const CHUNK_GAPS_MAX: usize = 40;

/// Where one route goes.
#[derive(Clone, Copy, Debug)]
pub struct RouteShape<'a> {
    /// The anchor, the stops in order, and the end place if the route has one.
    pub points: &'a [Planar],
    /// The legs between them: one less than points.
    pub legs: &'a [Leg],
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Chunk {
    pub(crate) route: u32,
    first: u32,
    last: u32,
    longest_leg: Leg,
    envelope: AABB<[f64; 2]>,
}

impl Chunk {
    pub(crate) fn nearby(&self, distance: f64) -> NearbyChunk {
        NearbyChunk {
            route: self.route,
            first: self.first,
            last: self.last,
            distance,
            longest_leg: self.longest_leg,
        }
    }

    pub(crate) fn longest_leg(&self) -> Leg {
        self.longest_leg
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

/// The longer of each: time and distance may peak on different legs, and a bound needs both.
pub(crate) fn longest(one: Leg, other: Leg) -> Leg {
    Leg { ticks: one.ticks.max(other.ticks), meters: one.meters.max(other.meters) }
}

/// Cuts a route into runs of nearly equal length that share their end positions, so that every gap
/// lies in exactly one. A route that is only an anchor is one run without a gap.
///
/// # Panics
/// If there is not exactly one leg between each two points.
pub(crate) fn cut(route: u32, shape: &RouteShape) -> Vec<Chunk> {
    let Some(gaps) = shape.points.len().checked_sub(1) else { return Vec::new() };
    assert_eq!(shape.legs.len(), gaps, "one leg between each two points of route {route}");
    let count = gaps.div_ceil(CHUNK_GAPS_MAX).max(1);
    let border = |index: usize| index * gaps / count;
    (0..count).map(|index| chunk(route, shape, border(index), border(index + 1))).collect()
}

fn chunk(route: u32, shape: &RouteShape, first: usize, last: usize) -> Chunk {
    Chunk {
        route,
        first: first as u32,
        last: last as u32,
        longest_leg: shape.legs[first..last].iter().copied().fold(Leg::ZERO, longest),
        envelope: envelope(&shape.points[first..=last]),
    }
}

/// The box around `points`. One that is nowhere (not finite) may be anywhere: its box is the plane,
/// which costs pruning and never an answer.
fn envelope(points: &[Planar]) -> AABB<[f64; 2]> {
    if points.iter().all(|point| point.x.is_finite() && point.y.is_finite()) {
        let corners: Vec<[f64; 2]> = points.iter().map(|point| [point.x, point.y]).collect();
        AABB::from_points(&corners)
    } else {
        AABB::from_corners([f64::MIN; 2], [f64::MAX; 2])
    }
}
