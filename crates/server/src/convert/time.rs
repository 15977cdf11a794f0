//! Moments, spans and windows.
//!
//! The wire has nanoseconds, the engine tenths of a second: what is finer is cut off, once, here.

use prost_types::{Duration, Timestamp};
use swerve_model::window::normalize;
use swerve_model::{Moment, Ticks, TimeWindow};
use swerve_proto::v1;

use crate::fault::{Faults, Path};

/// 1 January 2200, UTC. Far enough for any delivery, near enough that no sum of moments overflows.
const MOMENT_MAX: Moment = Moment::from_unix_seconds(7_258_118_400);
const NANOS_PER_TICK: i32 = 1_000_000_000 / Ticks::PER_SECOND as i32;
const NANOS_PER_SECOND: i32 = 1_000_000_000;

/// Reads a moment that may be left out.
pub(crate) fn moment_if_set(
    timestamp: Option<&Timestamp>,
    at: Path<'_>,
    faults: &mut Faults,
) -> Option<Option<Moment>> {
    let Some(timestamp) = timestamp else { return Some(None) };
    let (seconds, nanos) = (timestamp.seconds, timestamp.nanos);
    if !(0..NANOS_PER_SECOND).contains(&nanos) {
        return faults.none(at, format!("nanos {nanos} is not in 0 to 999999999"));
    }
    if !(0..=MOMENT_MAX.unix_seconds()).contains(&seconds) {
        return faults.none(at, format!("{seconds} s since 1970 is not between 1970 and 2200"));
    }
    Some(Some(Moment::from_unix_seconds(seconds) + Ticks(i64::from(nanos / NANOS_PER_TICK))))
}

/// Reads a moment that is required.
pub(crate) fn moment(
    timestamp: Option<&Timestamp>,
    at: Path<'_>,
    faults: &mut Faults,
) -> Option<Moment> {
    match moment_if_set(timestamp, at, faults)? {
        Some(moment) => Some(moment),
        None => faults.none(at, "is required"),
    }
}

pub(crate) fn timestamp(moment: Moment) -> Timestamp {
    let seconds = moment.unix_seconds();
    let ticks = (moment - Moment::from_unix_seconds(seconds)).0;
    Timestamp { seconds, nanos: ticks as i32 * NANOS_PER_TICK }
}

/// Reads a span between zero and `max`; left out, it is zero.
pub(crate) fn span(
    duration: Option<&Duration>,
    max: Ticks,
    at: Path<'_>,
    faults: &mut Faults,
) -> Option<Ticks> {
    let Some(duration) = duration else { return Some(Ticks::ZERO) };
    let (seconds, nanos) = (duration.seconds, duration.nanos);
    let in_range = (0..=max.seconds()).contains(&seconds) && (0..NANOS_PER_SECOND).contains(&nanos);
    let ticks = in_range
        .then(|| Ticks::from_seconds(seconds) + Ticks(i64::from(nanos / NANOS_PER_TICK)))
        .filter(|ticks| *ticks <= max);
    ticks.or_else(|| {
        faults.none(at, format!("{seconds} s {nanos} ns is not between 0 and {} s", max.seconds()))
    })
}

/// A span as the wire has it: seconds and nanoseconds of one sign.
pub(crate) fn duration(ticks: Ticks) -> Duration {
    let (seconds, rest) = (ticks.0 / Ticks::PER_SECOND, ticks.0 % Ticks::PER_SECOND);
    Duration { seconds, nanos: rest as i32 * NANOS_PER_TICK }
}

pub(crate) fn window(
    message: &v1::TimeWindow,
    at: Path<'_>,
    faults: &mut Faults,
) -> Option<TimeWindow> {
    let open = moment(message.open.as_ref(), at.field("open"), faults);
    let close = moment(message.close.as_ref(), at.field("close"), faults);
    let (open, close) = (open?, close?);
    TimeWindow::new(open, close).ok().or_else(|| {
        let (open, close) = (timestamp(open), timestamp(close));
        faults.none(at, format!("reversed: closes at {close}, before it opens at {open}"))
    })
}

/// Reads at most `max` windows; those that touch become one.
pub(crate) fn windows(
    messages: &[v1::TimeWindow],
    max: usize,
    of: Path<'_>,
    field: &'static str,
    faults: &mut Faults,
) -> Option<Vec<TimeWindow>> {
    if messages.len() > max {
        return faults
            .none(of.field(field), format!("has {} windows; at most {max}", messages.len()));
    }
    let read = |(index, message)| window(message, of.item(field, index), faults);
    let windows: Vec<Option<TimeWindow>> = messages.iter().enumerate().map(read).collect();
    windows.into_iter().collect::<Option<Vec<_>>>().map(normalize)
}

/// Faults windows that are all over at `now`, naming the last.
pub(crate) fn not_past(
    windows: &[TimeWindow],
    now: Moment,
    at: Path<'_>,
    faults: &mut Faults,
) -> Option<()> {
    match windows.iter().map(|window| window.close()).max() {
        Some(close) if close < now => {
            let (close, now) = (timestamp(close), timestamp(now));
            faults.none(at, format!("past: closed at {close}, and it is {now} in the territory"))
        }
        _ => Some(()),
    }
}

pub(crate) fn window_message(window: TimeWindow) -> v1::TimeWindow {
    v1::TimeWindow { open: Some(timestamp(window.open())), close: Some(timestamp(window.close())) }
}

pub(crate) fn window_messages(windows: &[TimeWindow]) -> Vec<v1::TimeWindow> {
    windows.iter().copied().map(window_message).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_moment_survives_the_wire(ticks in 0i64..=MOMENT_MAX.0) {
            let mut faults = Faults::new();
            let sent = timestamp(Moment(ticks));
            prop_assert_eq!(moment(Some(&sent), Path::Root, &mut faults), Some(Moment(ticks)));
        }

        #[test]
        fn a_span_survives_the_wire(ticks in 0i64..=144_000) {
            let mut faults = Faults::new();
            let read = span(Some(&duration(Ticks(ticks))), Ticks(144_000), Path::Root, &mut faults);
            prop_assert_eq!(read, Some(Ticks(ticks)));
        }

        #[test]
        fn no_pair_of_numbers_makes_reading_panic(seconds in any::<i64>(), nanos in any::<i32>()) {
            let mut faults = Faults::new();
            let read = moment(Some(&Timestamp { seconds, nanos }), Path::Root, &mut faults);
            prop_assert_eq!(read.is_some(), faults.kept.is_empty());
            let mut faults = Faults::new();
            let sent = Duration { seconds, nanos };
            let read = span(Some(&sent), Ticks::from_hours(4), Path::Root, &mut faults);
            prop_assert_eq!(read.is_some(), faults.kept.is_empty());
        }
    }

    #[test]
    fn a_negative_span_keeps_one_sign() {
        assert_eq!(duration(Ticks(-15)), Duration { seconds: -1, nanos: -500_000_000 });
    }

    #[test]
    fn a_reversed_window_names_both_moments() {
        let mut faults = Faults::new();
        let reversed = v1::TimeWindow {
            open: Some(Timestamp { seconds: 1_795_348_800, nanos: 0 }),
            close: Some(Timestamp { seconds: 1_795_345_200, nanos: 0 }),
        };
        assert_eq!(windows(&[reversed], 4, Path::Root, "windows", &mut faults), None);
        assert_eq!(faults.kept[0].field, "windows[0]");
        let description = &faults.kept[0].description;
        assert!(description.contains("2026-11-22T11:00:00Z"), "{description}");
    }

    #[test]
    fn windows_are_past_only_when_the_last_is_over() {
        let window =
            |open, close| TimeWindow::new(Moment(open), Moment(close)).expect("open before close");
        let windows = [window(10, 20), window(30, 40)];
        let mut faults = Faults::new();
        assert!(not_past(&windows, Moment(40), Path::Root, &mut faults).is_some());
        assert!(not_past(&windows, Moment(41), Path::Root, &mut faults).is_none());
        assert!(not_past(&[], Moment(41), Path::Root, &mut faults).is_some());
    }
}
