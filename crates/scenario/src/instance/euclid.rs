//! Straight-line matrices, rounded as a family prescribes.

use swerve_model::Planar;
use swerve_model::instance::TravelMatrix;

/// Distance between every two of `positions`, times `scale`, made whole by `round`.
pub(super) fn matrix(positions: &[Planar], scale: f64, round: fn(f64) -> f64) -> TravelMatrix {
    let mut distances = Vec::with_capacity(positions.len() * positions.len());
    for from in positions {
        let row = positions.iter().map(|to| round(straight(*from, *to) * scale) as i32);
        distances.extend(row);
    }
    TravelMatrix::new(distances).expect("a row per position, an entry per position")
}

/// Not `hypot`: families define their distances by the square root of the sum, whose last bit differs.
fn straight(from: Planar, to: Planar) -> f64 {
    let (x, y) = (from.x - to.x, from.y - to.y);
    (x * x + y * y).sqrt()
}
