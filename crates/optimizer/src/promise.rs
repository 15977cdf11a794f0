//! When service may start so that a promise is kept, as windows that close earlier.
//!
//! A promise is kept when the planned start leaves enough margin before the close, and the margin
//! needed grows with the time between the van's anchor and the start. Seen from one van, that is one
//! latest start per window ([`Risk::latest_start`]), so the whole search can treat "kept with 95 %" as
//! a window that closes earlier.
//!
//! A stop published with less margin than that must not lose more of it, and need not gain any: on
//! its own route it may start no later than published, elsewhere it keeps its margin and never starts
//! later than its close or its published start. So an imported plan that breaks promises stays legal
//! as it stands, and can only get better.

use swerve_model::{Moment, Risk, TimeWindow, Z_KEPT};

use crate::instance::{Baseline, Stop, Van, Windows};

/// How sure a promise must be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Assurance {
    pub risk: Risk,
    /// Standard deviations to keep before a close: [`Z_KEPT`] live; 0 where plans are compared as
    /// planned, which makes every effective window the promised one.
    pub margin: f64,
}

impl Default for Assurance {
    fn default() -> Assurance {
        Assurance { risk: Risk::default(), margin: Z_KEPT }
    }
}

impl Assurance {
    /// Windows as promised, no margin asked.
    pub const AS_PLANNED: Assurance = Assurance { risk: Risk::NONE, margin: 0.0 };

    /// When `van` may start serving `stop`; `None` if it never may. An empty answer means any moment,
    /// as in [`Stop::windows`]. O(windows), and for each a bisection over the horizon.
    pub fn windows(&self, stop: &Stop, van: &Van) -> Option<Windows> {
        if stop.windows.is_empty() {
            return Some(Windows::new());
        }
        let bent = stop.baseline.filter(|baseline| baseline.margin < self.margin);
        let bent = bent.map(|baseline| (window_of(&stop.windows, baseline.start), baseline));
        let effective = |(index, window): (usize, &TimeWindow)| {
            let close = self.latest_start(van, window.close());
            let close = match bent {
                Some((at, baseline)) if at == index => {
                    close.max(self.no_worse(&baseline, van, window.close()))
                }
                _ => close,
            };
            TimeWindow::new(window.open(), close).ok()
        };
        let windows: Windows = stop.windows.iter().enumerate().filter_map(effective).collect();
        (!windows.is_empty()).then_some(windows)
    }

    /// The margin `van` has when it starts at `start`: before the close of the window that start lies
    /// in, or of the last. Infinite for a stop without windows.
    pub fn margin(&self, stop: &Stop, van: &Van, start: Moment) -> f64 {
        match stop.windows.get(window_of(&stop.windows, start)) {
            Some(window) => self.risk.margin(van.known, start, window.close()),
            None => f64::INFINITY,
        }
    }

    /// The latest start in a window with this `close` that keeps the margin, seen from `van`.
    fn latest_start(&self, van: &Van, close: Moment) -> Moment {
        if self.margin == 0.0 {
            return close;
        }
        self.risk.latest_start(van.known, close, self.margin)
    }

    /// The latest start that is no worse than a published one which lacks margin.
    fn no_worse(&self, baseline: &Baseline, van: &Van, close: Moment) -> Moment {
        if baseline.route == van.key {
            return baseline.start;
        }
        let as_sure = self.risk.latest_start(van.known, close, baseline.margin);
        as_sure.min(close.max(baseline.start))
    }
}

/// Which of `windows` a start belongs to: the first that has not closed by then, else the last.
fn window_of(windows: &[TimeWindow], start: Moment) -> usize {
    windows
        .iter()
        .position(|window| start <= window.close())
        .unwrap_or(windows.len().saturating_sub(1))
}

/// Start of service for an arrival that `windows` (effective) do not allow: in the next promised
/// window if there is one, else on arrival.
///
/// Adds to `windows` what makes that start allowed from now on, and every earlier one that the same
/// rule would give: the promised windows, margin or not, from the last effective one up to that start.
pub(crate) fn allow_late(
    promised: &[TimeWindow],
    arrival: Moment,
    windows: &mut Windows,
) -> Moment {
    let start = start(promised, arrival).unwrap_or(arrival);
    let sure = windows.pop();
    let from = sure.and_then(|sure| promised.iter().position(|w| w.open() == sure.open()));
    let last = promised.len().saturating_sub(1);
    for (index, window) in promised.iter().enumerate().skip(from.unwrap_or(0)) {
        let close = if index == last { start } else { window.close().min(start) };
        windows.extend(TimeWindow::new(window.open(), close));
    }
    start
}

/// The latest arrival from which service still starts by `limit`; `None` if none does.
///
/// The inverse of [`swerve_model::window::start_of_service`]: starts never fall as arrivals rise, so
/// the good arrivals are a half-line, whatever the number of windows. O(windows).
#[inline]
pub(crate) fn latest_arrival(windows: &[TimeWindow], limit: Moment) -> Option<Moment> {
    if windows.is_empty() {
        return Some(limit);
    }
    let reached = windows.iter().rev().find(|window| window.open() <= limit)?;
    Some(limit.min(reached.close()))
}

/// Start of service for an arrival; `None` when every window has closed. Empty `windows` are open.
#[inline]
pub(crate) fn start(windows: &[TimeWindow], arrival: Moment) -> Option<Moment> {
    if windows.is_empty() {
        return Some(arrival);
    }
    // As `swerve_model::window::start_of_service`, in the same crate to be inlined: the search asks
    // tens of millions of times a second.
    let open = windows.iter().find(|window| arrival <= window.close())?;
    Some(arrival.max(open.open()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use swerve_model::Ticks;

    use super::*;
    use crate::fixtures::{plain_stop, plain_van, window};

    fn promised(windows: &[(i64, i64)], baseline: Option<Baseline>) -> Stop {
        let windows = windows.iter().map(|(open, close)| window(*open, *close)).collect();
        Stop { windows, baseline, ..plain_stop(1, 0) }
    }

    /// Pace and noise such that margins are whole numbers of seconds: one second, always.
    fn second_of_spread() -> Assurance {
        Assurance { risk: Risk::NONE, margin: 2.0 }
    }

    #[test]
    fn a_sure_promise_closes_earlier_by_the_margin() {
        let stop = promised(&[(100, 500)], None);
        let windows = second_of_spread().windows(&stop, &plain_van(7, 0));
        assert_eq!(windows.as_deref(), Some(&[window(100, 480)][..]));
    }

    #[test]
    fn a_window_too_short_for_the_margin_is_unusable() {
        let stop = promised(&[(490, 500), (900, 1000)], None);
        let windows = second_of_spread().windows(&stop, &plain_van(7, 0));
        assert_eq!(windows.as_deref(), Some(&[window(900, 980)][..]));
        let only = promised(&[(490, 500)], None);
        assert_eq!(second_of_spread().windows(&only, &plain_van(7, 0)), None);
    }

    #[test]
    fn a_stop_published_late_may_stay_as_late_and_no_later() {
        let baseline = Baseline { route: 7, start: Moment(620), margin: -12.0 };
        let stop = promised(&[(100, 200), (400, 500)], Some(baseline));
        let own = second_of_spread().windows(&stop, &plain_van(7, 0));
        assert_eq!(own.as_deref(), Some(&[window(100, 180), window(400, 620)][..]));
        // Elsewhere its margin of -12 s would allow 620 too, and no more.
        let other = second_of_spread().windows(&stop, &plain_van(8, 0));
        assert_eq!(other, own);
    }

    #[test]
    fn a_stop_published_unsure_keeps_the_window_it_stands_in() {
        let baseline = Baseline { route: 7, start: Moment(195), margin: 0.5 };
        let stop = promised(&[(100, 200), (400, 500)], Some(baseline));
        let own = second_of_spread().windows(&stop, &plain_van(7, 0));
        assert_eq!(own.as_deref(), Some(&[window(100, 195), window(400, 480)][..]));
    }

    #[test]
    fn a_stop_published_sure_gets_no_leave_to_come_late() {
        let baseline = Baseline { route: 7, start: Moment(490), margin: 2.5 };
        let stop = promised(&[(400, 500)], Some(baseline));
        let own = second_of_spread().windows(&stop, &plain_van(7, 0));
        assert_eq!(own.as_deref(), Some(&[window(400, 480)][..]));
    }

    #[test]
    fn without_windows_any_moment_will_do() {
        let windows = Assurance::default().windows(&promised(&[], None), &plain_van(7, 0));
        assert_eq!(windows.as_deref(), Some(&[][..]));
    }

    proptest! {
        #[test]
        fn a_start_it_allows_is_sure_enough_or_no_worse_than_published(
            spans in prop::collection::vec((0i64..3_000, 0i64..3_000), 1..4),
            published in 0i64..12_000, on_own_route: bool, with_baseline: bool, probe in 0i64..14_000,
        ) {
            let assurance = Assurance::default();
            let mut from = 0;
            let windows: Vec<(i64, i64)> = spans.iter().map(|(gap, length)| {
                let open = from + gap;
                from = open + length + 1;
                (open, open + length)
            }).collect();
            let plain = promised(&windows, None);
            let start = Moment(published);
            let home = Van { known: Moment(-20_000), ..plain_van(7, 0) };
            let margin = assurance.margin(&plain, &home, start);
            let stop = Stop {
                baseline: with_baseline.then_some(Baseline { route: 7, start, margin }), ..plain
            };
            let van = if on_own_route { home } else { Van { key: 8, known: Moment(-9_000), ..home } };
            let Some(effective) = assurance.windows(&stop, &van) else { return Ok(()) };
            let probe = Moment(probe);
            if effective.iter().any(|window| window.contains(probe)) {
                let sure = assurance.margin(&stop, &van, probe);
                let no_worse = with_baseline && margin < Z_KEPT
                    && ((on_own_route && probe <= start)
                        || (sure >= margin && probe <= start.max(Moment(from))));
                prop_assert!(sure >= Z_KEPT || no_worse, "margin {} before {}", sure, margin);
            }
        }

        #[test]
        fn latest_arrival_is_the_last_one_that_starts_in_time(
            spans in prop::collection::vec((1i64..8, 0i64..8), 0..4), limit in 0i64..60,
        ) {
            let mut from = 0;
            let windows: Windows = spans.iter().map(|(gap, length)| {
                let open = from + gap;
                from = open + length;
                window(open, from)
            }).collect();
            let in_time = |arrival: &i64| {
                start(&windows, Moment(*arrival)).is_some_and(|start| start <= Moment(limit))
            };
            let by_trying = (-1..80).filter(in_time).max().map(Moment);
            prop_assert_eq!(latest_arrival(&windows, Moment(limit)), by_trying);
        }
    }

    #[test]
    fn the_margin_of_a_late_start_counts_from_the_last_close() {
        let stop = promised(&[(100, 200), (400, 500)], None);
        let margin = second_of_spread().margin(&stop, &plain_van(7, 0), Moment(500) + Ticks(30));
        assert_eq!(margin, -3.0);
    }
}
