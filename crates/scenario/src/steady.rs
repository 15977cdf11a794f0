//! Elementary functions whose last bit is the same on every machine.
//!
//! A sample city must come out byte for byte alike wherever it is made, and the truth of a day must
//! not depend on whose C library computed a logarithm: `f64::sin`, `exp` and `ln` promise no
//! particular last bit, nor does `hypot`. These use nothing but what IEEE 754 rounds exactly
//! (`+ - * /`, `sqrt`, `floor`), in a fixed order, and are good to about 1e-15.

use std::f64::consts::{FRAC_PI_2, LN_2};

/// Sine and cosine of an angle in radians, `|angle| <= 1e4` (beyond, the reduction loses digits).
pub(crate) fn sin_cos(angle: f64) -> (f64, f64) {
    let quarter = (angle / FRAC_PI_2 + 0.5).floor();
    let rest = angle - quarter * FRAC_PI_2;
    let square = rest * rest;
    let (mut sin_sum, mut cos_sum) = (1.0, 1.0);
    // Horner's scheme over the Taylor series; |rest| <= pi/4, so term 20 is below 1e-20.
    for n in (1..10).rev() {
        let n = f64::from(n);
        sin_sum = 1.0 - square / (2.0 * n * (2.0 * n + 1.0)) * sin_sum;
        cos_sum = 1.0 - square / (2.0 * n * (2.0 * n - 1.0)) * cos_sum;
    }
    let (sin, cos) = (rest * sin_sum, cos_sum);
    match (quarter as i64).rem_euclid(4) {
        0 => (sin, cos),
        1 => (cos, -sin),
        2 => (-sin, -cos),
        _ => (-cos, sin),
    }
}

/// e to the power of `x`, for `|x| <= 700`; clamped beyond, so never infinite.
pub(crate) fn exp(x: f64) -> f64 {
    let x = x.clamp(-700.0, 700.0);
    let twos = (x / LN_2 + 0.5).floor();
    let rest = x - twos * LN_2;
    let mut sum = 1.0;
    for n in (1..18).rev() {
        sum = 1.0 + rest / f64::from(n) * sum;
    }
    sum * power_of_two(twos as i64)
}

/// 2 to the power of `exponent`, exactly; `exponent` in [-1022, 1023].
fn power_of_two(exponent: i64) -> f64 {
    f64::from_bits(((exponent + 1023) as u64) << 52)
}

/// Natural logarithm of a positive, finite, normal `x`.
pub(crate) fn ln(x: f64) -> f64 {
    const MANTISSA: u64 = (1 << 52) - 1;
    let bits = x.to_bits();
    let mut exponent = (bits >> 52) as i64 - 1023;
    let mut mantissa = f64::from_bits((bits & MANTISSA) | (1023 << 52));
    if mantissa > std::f64::consts::SQRT_2 {
        mantissa /= 2.0;
        exponent += 1;
    }
    // ln m = 2 artanh((m - 1) / (m + 1)); |ratio| <= 0.172, so the 13th term is below 1e-19.
    let ratio = (mantissa - 1.0) / (mantissa + 1.0);
    let square = ratio * ratio;
    let mut sum = 0.0;
    for n in (0..13).rev() {
        sum = sum * square + 1.0 / f64::from(2 * n + 1);
    }
    exponent as f64 * LN_2 + 2.0 * ratio * sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_close(got: f64, want: f64, at: f64) {
        assert!((got - want).abs() <= 4e-15 * want.abs().max(1.0), "at {at}: {got} is not {want}");
    }

    #[test]
    fn sine_and_cosine_agree_with_the_library() {
        for step in -4000..4000 {
            let angle = f64::from(step) * 0.005_3;
            let (sin, cos) = sin_cos(angle);
            assert_close(sin, angle.sin(), angle);
            assert_close(cos, angle.cos(), angle);
        }
    }

    #[test]
    fn exponential_and_logarithm_agree_with_the_library() {
        for step in -2000..2000 {
            let x = f64::from(step) * 0.011;
            assert!((exp(x) / x.exp() - 1.0).abs() < 1e-14, "at {x}");
            let positive = f64::from(step + 2001) * 0.37;
            assert_close(ln(positive), positive.ln(), positive);
        }
        assert!(exp(1e9).is_finite());
        assert_close(ln(1e-300), (1e-300_f64).ln(), 1e-300);
    }
}
