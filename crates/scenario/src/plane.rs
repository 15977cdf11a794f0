//! Metres around a point, good to a fraction of a per cent over a city.

use std::collections::BTreeMap;

use swerve_model::LatLng;

use crate::day::Location;
use crate::steady;

/// Metres in a degree of latitude on the mean sphere.
const DEGREE: f64 = 111_195.0;

/// Metres east and north.
pub(crate) type Metres = (f64, f64);

/// Maps degrees to metres around a reference point.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LocalPlane {
    origin: (f64, f64),
    east: f64,
}

impl LocalPlane {
    pub(crate) fn around(origin: Location) -> LocalPlane {
        let at = origin.lat_lng();
        let east = DEGREE * steady::sin_cos(at.latitude().to_radians()).1.max(1e-3);
        LocalPlane { origin: (at.longitude(), at.latitude()), east }
    }

    pub(crate) fn metres(&self, location: Location) -> Metres {
        let at = location.lat_lng();
        ((at.longitude() - self.origin.0) * self.east, (at.latitude() - self.origin.1) * DEGREE)
    }

    /// The location at these metres, kept on Earth.
    pub(crate) fn location(&self, (x, y): Metres) -> Location {
        let longitude = (self.origin.0 + x / self.east).clamp(-180.0, 180.0);
        let latitude = (self.origin.1 + y / DEGREE).clamp(-90.0, 90.0);
        let at = LatLng::new(latitude, longitude).expect("clamped to Earth");
        Location::from_lat_lng(at)
    }
}

pub(crate) fn distance(a: Metres, b: Metres) -> f64 {
    let (x, y) = (a.0 - b.0, a.1 - b.1);
    (x * x + y * y).sqrt()
}

/// Numbered points in square cells, for questions about what is near.
#[derive(Clone, Debug)]
pub(crate) struct Cells {
    size: f64,
    cells: BTreeMap<(i64, i64), Vec<u32>>,
}

impl Cells {
    pub(crate) fn new(size: f64, points: impl Iterator<Item = Metres>) -> Cells {
        let mut cells = Cells { size, cells: BTreeMap::new() };
        for (number, point) in points.enumerate() {
            let cell = cells.cell(point);
            cells.cells.entry(cell).or_default().push(number as u32);
        }
        cells
    }

    pub(crate) fn cell(&self, point: Metres) -> (i64, i64) {
        ((point.0 / self.size).floor() as i64, (point.1 / self.size).floor() as i64)
    }

    /// The number of the nearest point within about `reach`, among those `wanted`; ties by number.
    /// Looks at squares of cells of growing size, so it is quick where something is near.
    pub(crate) fn nearest(
        &self,
        to: Metres,
        reach: f64,
        at: impl Fn(u32) -> Metres,
        wanted: impl Fn(u32) -> bool,
    ) -> Option<u32> {
        let (column, row) = self.cell(to);
        let rings = (reach / self.size).ceil() as i64;
        let mut best: Option<(f64, u32)> = None;
        for ring in 0..=rings {
            // Whatever lies in this ring or beyond is at least this far.
            let least = (ring - 1).max(0) as f64 * self.size;
            if best.is_some_and(|(distance, _)| distance <= least) {
                break;
            }
            for cell in ring_of((column, row), ring) {
                for number in self.cells.get(&cell).into_iter().flatten().copied() {
                    let far = distance(to, at(number));
                    let closer = best.is_none_or(|best| (far, number) < best);
                    if closer && far <= reach && wanted(number) {
                        best = Some((far, number));
                    }
                }
            }
        }
        best.map(|(_, number)| number)
    }
}

/// The cells exactly `ring` away from the middle one, counted as a king moves.
fn ring_of((column, row): (i64, i64), ring: i64) -> Vec<(i64, i64)> {
    if ring == 0 {
        return vec![(column, row)];
    }
    let rows = (-ring..=ring).flat_map(|up| [(column + up, row - ring), (column + up, row + ring)]);
    let columns =
        (1 - ring..ring).flat_map(|up| [(column - ring, row + up), (column + ring, row + up)]);
    rows.chain(columns).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dice::Dice;

    #[test]
    fn metres_and_back_is_the_same_place() {
        let origin = Location::from_lat_lng(LatLng::new(48.2, 16.3).expect("Vienna"));
        let plane = LocalPlane::around(origin);
        let away = plane.location((1_500.0, -700.0));
        let (x, y) = plane.metres(away);
        assert!((x - 1_500.0).abs() < 0.02 && (y + 700.0).abs() < 0.02, "{x} {y}");
    }

    #[test]
    fn the_nearest_found_in_cells_is_the_nearest_of_all() {
        let mut dice = Dice::new(5, "cells", 0, 0);
        let points: Vec<Metres> =
            (0..400).map(|_| (dice.between(-900.0, 900.0), dice.between(-900.0, 900.0))).collect();
        let cells = Cells::new(130.0, points.iter().copied());
        for _ in 0..300 {
            let to = (dice.between(-1_200.0, 1_200.0), dice.between(-1_200.0, 1_200.0));
            let wanted = |number: u32| !number.is_multiple_of(3);
            let reach = dice.between(10.0, 700.0);
            let found = cells.nearest(to, reach, |number| points[number as usize], wanted);
            let plain = (0..400)
                .filter(|number| wanted(*number))
                .map(|number| (distance(to, points[number as usize]), number))
                .filter(|(far, _)| *far <= reach)
                .min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            assert_eq!(found, plain.map(|(_, number)| number));
        }
    }
}
