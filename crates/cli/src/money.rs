//! Amounts as people read them.

use swerve_client::v1;

/// `-1.50 EUR`, rounded half away from zero to two decimals.
pub(crate) fn shown(money: &v1::Money) -> String {
    let nanos = i128::from(money.units) * 1_000_000_000 + i128::from(money.nanos);
    let cents = (nanos.abs() + 5_000_000) / 10_000_000;
    let sign = if nanos < 0 && cents > 0 { "-" } else { "" };
    format!("{sign}{}.{:02} {}", cents / 100, cents % 100, money.currency_code)
}

/// What `after` is more than `before`, in the same currency.
pub(crate) fn difference(before: &v1::Money, after: &v1::Money) -> v1::Money {
    let nanos =
        |money: &v1::Money| i128::from(money.units) * 1_000_000_000 + i128::from(money.nanos);
    let difference = nanos(after) - nanos(before);
    v1::Money {
        currency_code: after.currency_code.clone(),
        units: (difference / 1_000_000_000) as i64,
        nanos: (difference % 1_000_000_000) as i32,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(units: i64, nanos: i32) -> v1::Money {
        v1::Money { currency_code: "EUR".to_owned(), units, nanos }
    }

    #[test]
    fn amounts_are_rounded_to_two_decimals_whatever_their_sign() {
        assert_eq!(shown(&money(12, 345_000_000)), "12.35 EUR");
        assert_eq!(shown(&money(0, -5_000_000)), "-0.01 EUR");
        assert_eq!(shown(&money(0, -4_999_999)), "0.00 EUR");
        assert_eq!(shown(&money(i64::MIN, -999_999_999)), "-9223372036854775809.00 EUR");
    }

    #[test]
    fn differences_carry_over_the_unit() {
        let saved = difference(&money(3, 100_000_000), &money(1, 900_000_000));
        assert_eq!((saved.units, saved.nanos), (-1, -200_000_000));
    }
}
