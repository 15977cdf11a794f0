//! The plane a city is drawn on: metres east and north of the old market square.
//!
//! Only exactly rounded operations are used, so that a street bends alike on every machine.

use std::ops::{Add, Mul, Sub};

use crate::dice::mix;
use crate::steady;

/// A point or a vector, in metres.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct V2 {
    pub(super) x: f64,
    pub(super) y: f64,
}

pub(super) const fn v(x: f64, y: f64) -> V2 {
    V2 { x, y }
}

impl Add for V2 {
    type Output = V2;
    fn add(self, other: V2) -> V2 {
        v(self.x + other.x, self.y + other.y)
    }
}

impl Sub for V2 {
    type Output = V2;
    fn sub(self, other: V2) -> V2 {
        v(self.x - other.x, self.y - other.y)
    }
}

impl Mul<f64> for V2 {
    type Output = V2;
    fn mul(self, factor: f64) -> V2 {
        v(self.x * factor, self.y * factor)
    }
}

impl V2 {
    /// The unit vector at `angle` radians, counterclockwise from east.
    pub(super) fn at_angle(angle: f64) -> V2 {
        let (sin, cos) = steady::sin_cos(angle);
        v(cos, sin)
    }

    pub(super) fn dot(self, other: V2) -> f64 {
        self.x * other.x + self.y * other.y
    }

    /// Positive if `other` lies to the left.
    pub(super) fn cross(self, other: V2) -> f64 {
        self.x * other.y - self.y * other.x
    }

    pub(super) fn length(self) -> f64 {
        self.dot(self).sqrt()
    }

    pub(super) fn distance(self, other: V2) -> f64 {
        (self - other).length()
    }

    /// Itself scaled to length 1; the zero vector becomes east.
    pub(super) fn unit(self) -> V2 {
        let length = self.length();
        if length > 0.0 { self * (1.0 / length) } else { v(1.0, 0.0) }
    }

    /// Turned left by a quarter.
    pub(super) fn left(self) -> V2 {
        v(-self.y, self.x)
    }

    pub(super) fn turned(self, angle: f64) -> V2 {
        let (sin, cos) = steady::sin_cos(angle);
        v(self.x * cos - self.y * sin, self.x * sin + self.y * cos)
    }

    pub(super) fn toward(self, other: V2, share: f64) -> V2 {
        self + (other - self) * share
    }
}

/// Where the segment `from`-`to` meets `a`-`b`, as shares of both; `None` if it does not.
pub(super) fn crossing(from: V2, to: V2, a: V2, b: V2) -> Option<(f64, f64)> {
    let (along, across) = (to - from, b - a);
    let area = along.cross(across);
    if area.abs() < 1e-9 {
        return None;
    }
    let offset = a - from;
    let (s, t) = (offset.cross(across) / area, offset.cross(along) / area);
    ((0.0..=1.0).contains(&s) && (0.0..=1.0).contains(&t)).then_some((s, t))
}

/// The point of segment `a`-`b` nearest to `point`, as a share of it.
pub(super) fn nearest_share(point: V2, a: V2, b: V2) -> f64 {
    let along = b - a;
    let square = along.dot(along);
    if square > 0.0 { ((point - a).dot(along) / square).clamp(0.0, 1.0) } else { 0.0 }
}

pub(super) fn distance_to_segment(point: V2, a: V2, b: V2) -> f64 {
    point.distance(a.toward(b, nearest_share(point, a, b)))
}

pub(super) fn distance_to_line(point: V2, line: &[V2]) -> f64 {
    line.windows(2)
        .map(|pair| distance_to_segment(point, pair[0], pair[1]))
        .fold(f64::INFINITY, f64::min)
}

pub(super) fn length_of(line: &[V2]) -> f64 {
    line.windows(2).map(|pair| pair[0].distance(pair[1])).sum()
}

/// Which points of `line` to keep so that none dropped lies further than `tolerance` from what is
/// left (Douglas & Peucker 1973). O(n^2) at worst; streets have tens of points.
pub(super) fn simplified(line: &[V2], tolerance: f64) -> Vec<usize> {
    let mut kept = vec![0];
    simplify_between(line, (0, line.len().saturating_sub(1)), tolerance, &mut kept);
    kept
}

fn simplify_between(
    line: &[V2],
    (first, last): (usize, usize),
    tolerance: f64,
    kept: &mut Vec<usize>,
) {
    if last <= first {
        return;
    }
    let (mut farthest, mut distance) = (first, tolerance);
    for (between, point) in line.iter().enumerate().take(last).skip(first + 1) {
        let off = distance_to_segment(*point, line[first], line[last]);
        if off > distance {
            (farthest, distance) = (between, off);
        }
    }
    if farthest == first {
        kept.push(last);
    } else {
        simplify_between(line, (first, farthest), tolerance, kept);
        simplify_between(line, (farthest, last), tolerance, kept);
    }
}

/// Smooth noise in [-1, 1]: random values on a lattice of unit cells, blended.
pub(super) fn noise(seed: u64, x: f64, y: f64) -> f64 {
    let (column, row) = (x.floor(), y.floor());
    let smooth = |share: f64| share * share * (3.0 - 2.0 * share);
    let (across, up) = (smooth(x - column), smooth(y - row));
    let corner = |dx: i64, dy: i64| lattice(seed, column as i64 + dx, row as i64 + dy);
    let lower = corner(0, 0) + (corner(1, 0) - corner(0, 0)) * across;
    let upper = corner(0, 1) + (corner(1, 1) - corner(0, 1)) * across;
    lower + (upper - lower) * up
}

fn lattice(seed: u64, column: i64, row: i64) -> f64 {
    let word = mix(mix(seed ^ column as u64).wrapping_add(row as u64));
    (word >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_cross_where_they_meet_and_only_there() {
        let (s, t) = crossing(v(0.0, 0.0), v(4.0, 0.0), v(1.0, -1.0), v(1.0, 3.0)).expect("meet");
        assert_eq!((s, t), (0.25, 0.25));
        assert_eq!(crossing(v(0.0, 0.0), v(4.0, 0.0), v(5.0, -1.0), v(5.0, 3.0)), None);
        assert_eq!(crossing(v(0.0, 0.0), v(4.0, 0.0), v(0.0, 1.0), v(4.0, 1.0)), None);
    }

    #[test]
    fn a_simplified_line_keeps_its_bends_and_drops_the_rest() {
        let line = [v(0.0, 0.0), v(1.0, 0.05), v(2.0, 0.0), v(2.0, 1.0), v(2.02, 2.0), v(2.0, 3.0)];
        assert_eq!(simplified(&line, 0.1), vec![0, 2, 5]);
        assert_eq!(simplified(&line[..1], 0.1), vec![0]);
    }

    #[test]
    fn noise_is_smooth_and_bounded() {
        let mut before = noise(7, 0.0, 0.3);
        for step in 1..4_000 {
            let here = noise(7, f64::from(step) * 0.01, 0.3);
            assert!(here.abs() <= 1.0 && (here - before).abs() < 0.05);
            before = here;
        }
    }
}
