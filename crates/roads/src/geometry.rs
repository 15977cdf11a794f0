//! Lengths on Earth, and the territory's plane.
//!
//! Every length is a great-circle one, so a road's metres and a straight line between two doors are
//! measured with the same rod. The [`Plane`] is made to be safe rather than pretty: a straight line
//! on it is never longer than the way on Earth, which is what lets it bound driving from below.
//!
//! Deliberately absent: territories across the 180th meridian. Nothing fails there, but the two
//! sides are taken to be a world apart.

use geo::{Distance, Haversine, Point};
use swerve_model::{LatLng, Planar};

use crate::osm::Coord;

/// Mean radius of Earth in metres, as great-circle lengths are computed with.
const EARTH_RADIUS: f64 = 6_371_008.8;

/// How much the plane is shrunk. The sphere overstates the true ellipsoid by up to 0.56 % along a
/// meridian at the equator; the rest is for the bend of long segments and for rounding.
const SHRINK: f64 = 0.994;

/// Great-circle distance in metres.
pub fn distance(from: LatLng, to: LatLng) -> f64 {
    let point = |at: LatLng| Point::new(at.longitude(), at.latitude());
    Haversine.distance(point(from), point(to))
}

/// Length of a line through `points` in metres.
pub(crate) fn length(points: &[Coord]) -> f64 {
    points.windows(2).map(|pair| distance(pair[0].lat_lng(), pair[1].lat_lng())).sum()
}

/// The point at a fraction (0 to 1) of the line's length.
///
/// Exactly the first point at 0 and the last at 1.
pub(crate) fn point_at(points: &[Coord], fraction: f64) -> LatLng {
    let (first, last) = (points[0], points[points.len() - 1]);
    if fraction <= 0.0 || fraction >= 1.0 {
        return if fraction <= 0.0 { first.lat_lng() } else { last.lat_lng() };
    }
    let mut left = fraction * length(points);
    for pair in points.windows(2) {
        let (from, to) = (pair[0].lat_lng(), pair[1].lat_lng());
        let step = distance(from, to);
        if left <= step && step > 0.0 {
            return between(from, to, left / step);
        }
        left -= step;
    }
    last.lat_lng()
}

/// The part of a line between two fractions (0 to 1, in order) of its length, both ends included.
pub(crate) fn part(points: &[Coord], from: f64, to: f64) -> Vec<LatLng> {
    let whole = length(points);
    let mut part = vec![point_at(points, from)];
    let mut passed = 0.0;
    for pair in points.windows(2) {
        passed += length(pair);
        if passed > from * whole && passed < to * whole {
            part.push(pair[1].lat_lng());
        }
    }
    part.push(point_at(points, to));
    part
}

/// The point a share (0 to 1) of the way along a short segment.
fn between(from: LatLng, to: LatLng, share: f64) -> LatLng {
    let share = share.clamp(0.0, 1.0);
    let mix = |a: f64, b: f64| (a + (b - a) * share).clamp(a.min(b), a.max(b));
    LatLng::new(mix(from.latitude(), to.latitude()), mix(from.longitude(), to.longitude()))
        .expect("between two places on Earth is on Earth")
}

/// Where on the segment `from`–`to` is nearest to `at`: its share of the way (0 to 1), and the
/// distance in metres. Exact to a few parts in ten thousand for distances of some kilometres.
pub(crate) fn nearest_on_segment(at: LatLng, from: Coord, to: Coord) -> (f64, f64) {
    let scale = EARTH_RADIUS.to_radians();
    let shrink_x = at.latitude().to_radians().cos();
    let local = |end: Coord| {
        let x = (end.longitude() - at.longitude()) * scale * shrink_x;
        let y = (end.latitude() - at.latitude()) * scale;
        (x, y)
    };
    let ((ax, ay), (bx, by)) = (local(from), local(to));
    let (dx, dy) = (bx - ax, by - ay);
    let len_squared = dx * dx + dy * dy;
    let share =
        if len_squared > 0.0 { (-(ax * dx + ay * dy) / len_squared).clamp(0.0, 1.0) } else { 0.0 };
    (share, (ax + dx * share).hypot(ay + dy * share))
}

/// Metres east and north of a reference point, shrunk to be safe.
///
/// East–west lengths are scaled as at the latitude of the box farthest from the equator, where they
/// are shortest; so no line inside the box comes out longer than it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plane {
    origin: LatLng,
    meters_per_degree_east: f64,
    meters_per_degree_north: f64,
}

impl Plane {
    /// The plane of everything between two corners.
    pub fn covering(low: Coord, high: Coord) -> Plane {
        let middle = between(low.lat_lng(), high.lat_lng(), 0.5);
        let farthest = low.latitude().abs().max(high.latitude().abs());
        let north = EARTH_RADIUS.to_radians() * SHRINK;
        Plane {
            origin: middle,
            meters_per_degree_east: north * farthest.to_radians().cos(),
            meters_per_degree_north: north,
        }
    }

    pub fn project(&self, at: LatLng) -> Planar {
        Planar {
            x: (at.longitude() - self.origin.longitude()) * self.meters_per_degree_east,
            y: (at.latitude() - self.origin.latitude()) * self.meters_per_degree_north,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn coord(latitude: f64, longitude: f64) -> Coord {
        Coord::from_lat_lng(LatLng::new(latitude, longitude).expect("on Earth"))
    }

    proptest! {
        #[test]
        fn straight_lines_on_the_plane_are_shorter_than_on_earth(
            latitude in -75.0..75.0_f64,
            offsets in proptest::array::uniform4(0.0..0.5_f64),
        ) {
            let low = coord(latitude, 10.0);
            let high = coord(latitude + 0.5, 10.5);
            let plane = Plane::covering(low, high);
            let [a, b, c, d] = offsets;
            let from = LatLng::new(latitude + a, 10.0 + b).expect("on Earth");
            let to = LatLng::new(latitude + c, 10.0 + d).expect("on Earth");
            let straight = plane.project(from).distance(plane.project(to));
            prop_assert!(straight <= distance(from, to));
            // Near the equator's side of the box it is not much shorter either.
            prop_assert!(straight >= 0.9 * distance(from, to) || latitude.abs() > 60.0);
        }

        #[test]
        fn nearest_on_a_segment_beats_every_other_point_of_it(
            (x, y) in (0.0..0.01_f64, 0.0..0.01_f64),
            (u, v) in (0.0..0.01_f64, 0.0..0.01_f64),
        ) {
            let (from, to) = (coord(48.0, 16.0), coord(48.0 + u, 16.0 + v));
            let at = LatLng::new(48.0 + y, 16.0 + x).expect("on Earth");
            let (share, meters) = nearest_on_segment(at, from, to);
            let found = distance(at, between(from.lat_lng(), to.lat_lng(), share));
            prop_assert!((meters - found).abs() <= 0.01 + 1e-3 * found);
            for step in 0..=50 {
                let other = between(from.lat_lng(), to.lat_lng(), f64::from(step) / 50.0);
                prop_assert!(meters <= distance(at, other) * 1.001 + 0.01);
            }
        }
    }

    #[test]
    fn an_east_west_line_far_from_the_equator_is_not_overstated() {
        for (low, high) in [(60.0, 70.0), (-70.0, -60.0), (-50.0, 70.0)] {
            let plane = Plane::covering(coord(low, 5.0), coord(high, 6.0));
            for latitude in [low, high] {
                let ends = [5.0, 6.0].map(|longitude| coord(latitude, longitude).lat_lng());
                let straight = plane.project(ends[0]).distance(plane.project(ends[1]));
                assert!(straight <= distance(ends[0], ends[1]), "at {latitude}");
            }
        }
    }

    #[test]
    fn a_point_at_a_fraction_lies_at_that_fraction_of_the_length() {
        let line = [coord(48.0, 16.0), coord(48.01, 16.0), coord(48.01, 16.02)];
        for step in 0..=10_u32 {
            let fraction = f64::from(step) / 10.0;
            let point = Coord::from_lat_lng(point_at(&line, fraction));
            let passed = line.iter().take_while(|corner| {
                corner.latitude_e7 < point.latitude_e7 || corner.longitude_e7 < point.longitude_e7
            });
            let mut before: Vec<Coord> = passed.copied().collect();
            before.push(point);
            let share = length(&before) / length(&line);
            assert!((share - fraction).abs() < 1e-3, "{share} instead of {fraction}");
        }
    }
}
