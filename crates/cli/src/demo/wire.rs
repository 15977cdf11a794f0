//! Between the scenario's words and the API's messages, as far as the client does not know them.

use anyhow::{Context as _, bail};
use prost_types::{Duration, Timestamp};
use swerve_client::{convert, v1};
use swerve_model::{LatLng, Moment, Ticks, TimeWindow};
use swerve_scenario::day::Size;

/// A moment the server always sends.
pub(super) fn required(timestamp: Option<Timestamp>, what: &str) -> anyhow::Result<Moment> {
    let timestamp = timestamp.with_context(|| format!("the server left out {what}"))?;
    Ok(convert::moment(&timestamp))
}

pub(super) const fn seconds(seconds: u32) -> Duration {
    Duration { seconds: seconds as i64, nanos: 0 }
}

/// A span the server always sends.
pub(super) fn span(duration: Option<Duration>) -> anyhow::Result<Ticks> {
    Ok(convert::ticks(&duration.context("the server left out a duration")?))
}

pub(super) fn location(at: Option<v1::LatLng>) -> anyhow::Result<LatLng> {
    let at = at.context("the server left out a location")?;
    Ok(LatLng::new(at.latitude, at.longitude)?)
}

pub(super) fn windows_out(windows: &[TimeWindow]) -> Vec<v1::TimeWindow> {
    windows.iter().map(|window| convert::time_window(*window)).collect()
}

pub(super) fn windows_in(windows: Vec<v1::TimeWindow>) -> anyhow::Result<Vec<TimeWindow>> {
    let window = |window: v1::TimeWindow| {
        let open = required(window.open, "a window's opening")?;
        let close = required(window.close, "a window's close")?;
        Ok(TimeWindow::new(open, close)?)
    };
    windows.into_iter().map(window).collect()
}

pub(super) fn load(size: Size) -> v1::Load {
    convert::load(size.load())
}

/// An amount of millionths.
pub(super) fn money(micros: i64, currency: &str) -> v1::Money {
    let nanos = micros.rem_euclid(1_000_000) * 1_000;
    v1::Money {
        currency_code: currency.to_owned(),
        units: micros.div_euclid(1_000_000),
        nanos: nanos as i32,
    }
}

/// Millionths of the currency; none where no amount is given.
pub(super) fn micros(money: Option<&v1::Money>) -> i64 {
    money.map_or(0, |money| {
        money.units.saturating_mul(1_000_000).saturating_add(i64::from(money.nanos) / 1_000)
    })
}

/// The id a name ends with, if it is one of `collection`.
pub(super) fn id_of<'a>(name: &'a str, collection: &str) -> anyhow::Result<&'a str> {
    let mut parts = name.rsplit('/');
    match (parts.next(), parts.next()) {
        (Some(id), Some(kind)) if kind == collection && !id.is_empty() => Ok(id),
        _ => bail!("the server sent {name:?} where a name under {collection} is due"),
    }
}

pub(super) fn revision(revision: Option<&v1::PlanRevision>) -> anyhow::Result<u64> {
    revision.map(|revision| revision.number).context("the server left out a plan revision")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_exact_to_a_millionth() {
        for micros_in in [0, 1, 999_999, 1_000_000, 28_700_001] {
            assert_eq!(micros(Some(&money(micros_in, "EUR"))), micros_in);
        }
        assert_eq!(micros(None), 0);
    }

    #[test]
    fn an_id_is_taken_only_from_its_own_collection() {
        assert_eq!(id_of("manifests/m-1/stops/s-2", "stops").ok(), Some("s-2"));
        assert_eq!(id_of("manifests/m-1", "manifests").ok(), Some("m-1"));
        for bad in ["", "m-1", "manifests/", "shipments/m-1", "manifests/m-1/stops/s-2"] {
            assert!(id_of(bad, "manifests").is_err(), "{bad}");
        }
    }
}
