//! Numbers as files have them: finite, within what can be planned, named when they are not.

use swerve_model::instance::QUANTITY_MAX;

/// A whole number from 0 to [`QUANTITY_MAX`]; decimals are allowed if they are zero.
pub(super) fn whole(field: &str, what: &str) -> Result<i64, String> {
    let value = finite(field, what)?;
    if value.fract() != 0.0 {
        return Err(format!("{what} is {field}; a whole number is required"));
    }
    within(value as i64, field, what)
}

/// A whole number from -[`QUANTITY_MAX`] to [`QUANTITY_MAX`].
pub(super) fn signed(field: &str, what: &str) -> Result<i64, String> {
    match field.strip_prefix('-') {
        Some(magnitude) if !magnitude.starts_with(['-', '+']) => Ok(-whole(magnitude, what)?),
        _ => whole(field, what),
    }
}

/// A number of `scale` units each, rounded by `round`.
pub(super) fn scaled(
    field: &str,
    what: &str,
    scale: i64,
    round: fn(f64) -> f64,
) -> Result<i64, String> {
    let value = finite(field, what)? * scale as f64;
    // What a decimal fraction has lost in binary is not to be rounded away from it.
    let near = value.round();
    let value = if (value - near).abs() < 1e-6 { near } else { round(value) };
    within(value as i64, field, what)
}

/// Any finite number a coordinate may be.
pub(super) fn coordinate(field: &str, what: &str) -> Result<f64, String> {
    let value = finite(field, what)?;
    if value.abs() > QUANTITY_MAX as f64 {
        return Err(format!("{what} is {field}; at most {QUANTITY_MAX} is allowed"));
    }
    Ok(value)
}

fn finite(field: &str, what: &str) -> Result<f64, String> {
    let value: f64 = field.parse().map_err(|_| format!("{what} is {field:?}, not a number"))?;
    if value.is_finite() { Ok(value) } else { Err(format!("{what} is {field}; it must be finite")) }
}

fn within(value: i64, field: &str, what: &str) -> Result<i64, String> {
    if (0..=QUANTITY_MAX).contains(&value) {
        Ok(value)
    } else {
        Err(format!("{what} is {field}; 0 to {QUANTITY_MAX} (in units of the plan) is allowed"))
    }
}
