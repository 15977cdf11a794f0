//! Ways where a file has places on Earth and no matrix.

use swerve_model::Planar;
use swerve_model::instance::{QUANTITY_MAX, TravelMatrix};

use crate::steady;

/// Mean radius of Earth in metres.
const EARTH: f64 = 6_371_008.8;

/// How ways are told from straight lines over the ground.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// How much longer a way is than the straight line.
    pub detour: f64,
    /// In kilometres an hour.
    pub speed: f64,
}

impl Default for Estimate {
    /// Roads in cities are about 1.3 times as long as the line, and vans make 30 km/h between stops.
    fn default() -> Estimate {
        Estimate { detour: 1.3, speed: 30.0 }
    }
}

impl Estimate {
    /// That it was used, in words.
    pub(super) fn remark(self) -> String {
        let Estimate { detour, speed } = self;
        format!("no travel matrix: ways are straight lines times {detour}, at {speed} km/h")
    }

    /// Distances in metres and durations in seconds, rounded, then times `scale`; durations times `pace`
    /// hundredths besides. `None` where a way is longer than can be planned.
    pub(super) fn matrix(self, points: &[Planar], scale: i64, pace: i64) -> Option<TravelMatrix> {
        let points: Vec<[f64; 3]> = points.iter().map(|point| vector(*point)).collect();
        let mut distances = Vec::with_capacity(points.len() * points.len());
        let mut durations = Vec::with_capacity(distances.capacity());
        let per_metre = 3.6 / self.speed;
        let hundredths = (pace * scale) as f64 / 100.0;
        for from in &points {
            for to in &points {
                let metres = great_circle(*from, *to) * self.detour;
                distances.push(units(metres.round() * scale as f64)?);
                durations.push(units(((metres * per_metre).round() * hundredths).floor())?);
            }
        }
        TravelMatrix::new(distances).ok()?.with_durations(durations).ok()
    }
}

fn units(value: f64) -> Option<i32> {
    (value <= QUANTITY_MAX as f64).then_some(value as i32)
}

/// The point on a sphere of radius 1 for longitude and latitude.
fn vector(point: Planar) -> [f64; 3] {
    let (sin_x, cos_x) = steady::sin_cos(point.x.to_radians());
    let (sin_y, cos_y) = steady::sin_cos(point.y.to_radians());
    [cos_y * cos_x, cos_y * sin_x, sin_y]
}

/// Metres along Earth between two points of the unit sphere.
fn great_circle(from: [f64; 3], to: [f64; 3]) -> f64 {
    let squares = from.iter().zip(to).map(|(a, b)| (a - b) * (a - b));
    let half = squares.sum::<f64>().sqrt() / 2.0;
    2.0 * EARTH * arcsine(half.min(1.0))
}

/// The last bit of the library's is the platform's; halving the angle keeps the series short.
fn arcsine(x: f64) -> f64 {
    // asin x = 2 asin(x / sqrt(2 (1 + sqrt(1 - x²)))); thrice leaves at most sin(pi / 16).
    let mut x = x;
    for _ in 0..3 {
        x /= (2.0 * (1.0 + (1.0 - x * x).max(0.0).sqrt())).sqrt();
    }
    let square = x * x;
    let mut sum = 0.0;
    // Terms fall by 0.04 each.
    for n in (0..14).rev() {
        let n = f64::from(n);
        sum = 1.0 / (2.0 * n + 1.0) + square * (2.0 * n + 1.0) / (2.0 * n + 2.0) * sum;
    }
    8.0 * x * sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metres(from: (f64, f64), to: (f64, f64)) -> f64 {
        let at = |(x, y)| vector(Planar { x, y });
        great_circle(at(from), at(to))
    }

    #[test]
    fn lines_over_the_ground_are_as_long_as_they_are() {
        // A quarter of the way around, half of it, and Vienna to Porto by the haversine formula.
        let quarter = std::f64::consts::FRAC_PI_2 * EARTH;
        assert!((metres((0.0, 0.0), (90.0, 0.0)) - quarter).abs() < 1e-3);
        assert!((metres((0.0, 90.0), (77.0, -90.0)) - 2.0 * quarter).abs() < 1e-3);
        let (from, to) = ((16.37_f64, 48.21_f64), (-8.61_f64, 41.15_f64));
        let (y, x) = ((to.1 - from.1).to_radians(), (to.0 - from.0).to_radians());
        let (cos_from, cos_to) = (from.1.to_radians().cos(), to.1.to_radians().cos());
        let haversine = (y / 2.0).sin().powi(2) + cos_from * cos_to * (x / 2.0).sin().powi(2);
        let expected = 2.0 * EARTH * haversine.sqrt().asin();
        assert!((metres(from, to) - expected).abs() < 1e-3, "{expected}");
        assert_eq!(metres(from, from), 0.0);
    }

    #[test]
    fn a_way_is_the_line_times_a_factor_at_a_speed() {
        // A hundredth of a degree on the equator: 1,111.95 m, and 1.3 of it at 30 km/h.
        let points = [Planar { x: 0.0, y: 0.0 }, Planar { x: 0.01, y: 0.0 }];
        let matrix = Estimate::default().matrix(&points, 1, 100).expect("near enough");
        assert_eq!(matrix.distances(), [0, 1446, 1446, 0]);
        assert_eq!(matrix.durations(), [0, 173, 173, 0]);
        let far = [Planar { x: 0.0, y: 0.0 }, Planar { x: 170.0, y: 0.0 }];
        assert!(Estimate::default().matrix(&far, 100, 100).is_none());
    }
}
