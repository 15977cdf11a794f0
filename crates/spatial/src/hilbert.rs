//! Points in the order of a Hilbert curve: what is near on the curve is near on the plane.

use swerve_model::Planar;

/// Metres a side of the squares the curve goes through: about a gap's own length. The curve then covers
/// 655 km each way, more than any territory; points beyond lie at its rim, which only costs pruning.
const SQUARE_METERS: f64 = 10.0;

const ORDER: u32 = 16;

/// How far along the curve the square of `point` comes; the first for a point that is nowhere.
pub(crate) fn index(point: Planar) -> u32 {
    let half = f64::from(1u32 << (ORDER - 1));
    // The cast saturates, and what is not a number becomes zero.
    let square = |meters: f64| u32::from((meters / SQUARE_METERS + half).floor() as u16);
    let (mut x, mut y) = (square(point.x), square(point.y));
    let mut index = 0;
    for bit in (0..ORDER).rev() {
        let (right, up) = (x >> bit & 1, y >> bit & 1);
        index = index << 2 | (3 * right) ^ up;
        // Each quarter is the same curve, turned so that it begins where the one before ended.
        if up == 0 {
            if right == 1 {
                (x, y) = (!x, !y);
            }
            (x, y) = (y, x);
        }
    }
    index
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_square_is_met_once_and_next_to_the_one_before() {
        let side = 32;
        let center = |cell: i32| f64::from(cell) * SQUARE_METERS + SQUARE_METERS / 2.0;
        let mut met: Vec<(u32, i32, i32)> = (0..side)
            .flat_map(|x| {
                (0..side).map(move |y| (index(Planar { x: center(x), y: center(y) }), x, y))
            })
            .collect();
        met.sort_unstable();
        for pair in met.windows(2) {
            let ((one, x, y), (other, next_x, next_y)) = (pair[0], pair[1]);
            assert_eq!(one + 1, other);
            assert_eq!((x - next_x).abs() + (y - next_y).abs(), 1);
        }
    }

    #[test]
    fn a_point_beyond_the_curve_or_nowhere_has_a_place_on_it() {
        assert_eq!(index(Planar { x: 1e12, y: 0.0 }), index(Planar { x: 1e13, y: 0.0 }));
        let _ = index(Planar { x: f64::NAN, y: f64::NEG_INFINITY });
    }
}
