//! When service may start: closed intervals, several to a stop.

use crate::units::{Moment, Ticks};

/// Service may start at `open`, at `close`, and at any moment between.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeWindow {
    open: Moment,
    close: Moment,
}

/// Why two moments are not a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("window closes at {}, before it opens at {} (tenths of a second since the epoch)", close.0, open.0)]
pub struct WindowReversed {
    pub open: Moment,
    pub close: Moment,
}

impl TimeWindow {
    /// # Errors
    /// `close` before `open`.
    pub fn new(open: Moment, close: Moment) -> Result<TimeWindow, WindowReversed> {
        if close < open {
            Err(WindowReversed { open, close })
        } else {
            Ok(TimeWindow { open, close })
        }
    }

    pub const fn open(self) -> Moment {
        self.open
    }

    pub const fn close(self) -> Moment {
        self.close
    }

    pub fn contains(self, moment: Moment) -> bool {
        self.open <= moment && moment <= self.close
    }

    pub fn length(self) -> Ticks {
        self.close - self.open
    }

    pub fn intersection(self, other: TimeWindow) -> Option<TimeWindow> {
        TimeWindow::new(self.open.max(other.open), self.close.min(other.close)).ok()
    }
}

/// The earliest moment at or after `arrival` that lies in one of `windows` (sorted, disjoint), or
/// `None` when the last has closed.
pub fn start_of_service(windows: &[TimeWindow], arrival: Moment) -> Option<Moment> {
    windows.iter().find(|window| arrival <= window.close).map(|window| arrival.max(window.open))
}

/// What lies in a window of `one` and in a window of `other`: sorted and disjoint when both are.
pub fn intersect(one: &[TimeWindow], other: &[TimeWindow]) -> Vec<TimeWindow> {
    let mut both: Vec<TimeWindow> =
        one.iter().flat_map(|a| other.iter().filter_map(|b| a.intersection(*b))).collect();
    both.sort_unstable();
    both
}

/// Sorts, and joins windows that touch or overlap, so that every moment lies in at most one.
pub fn normalize(mut windows: Vec<TimeWindow>) -> Vec<TimeWindow> {
    windows.sort_unstable();
    let mut joined: Vec<TimeWindow> = Vec::with_capacity(windows.len());
    for window in windows {
        match joined.last_mut() {
            Some(last) if window.open <= last.close => last.close = last.close.max(window.close),
            _ => joined.push(window),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(open: i64, close: i64) -> TimeWindow {
        TimeWindow::new(Moment(open), Moment(close)).expect("open before close")
    }

    #[test]
    fn an_early_van_waits_and_a_late_one_takes_the_next_window() {
        let windows = [window(10, 20), window(40, 50)];
        assert_eq!(start_of_service(&windows, Moment(5)), Some(Moment(10)));
        assert_eq!(start_of_service(&windows, Moment(20)), Some(Moment(20)));
        assert_eq!(start_of_service(&windows, Moment(21)), Some(Moment(40)));
        assert_eq!(start_of_service(&windows, Moment(51)), None);
    }

    #[test]
    fn windows_that_touch_become_one() {
        assert_eq!(
            normalize(vec![window(30, 40), window(10, 20), window(20, 25)]),
            vec![window(10, 25), window(30, 40)]
        );
    }

    #[test]
    fn an_intersection_keeps_what_both_allow() {
        assert_eq!(
            intersect(&[window(0, 10), window(20, 30)], &[window(5, 25)]),
            vec![window(5, 10), window(20, 25)]
        );
    }

    #[test]
    fn a_reversed_window_is_refused() {
        assert!(TimeWindow::new(Moment(2), Moment(1)).is_err());
    }
}
