//! The wall clock of a scenario: a civil date and whole seconds of that day.
//!
//! A day is written once and run under any zone rules, so it holds no UTC: users add the offset
//! that their zone database gives for the date. Seconds are counted from local midnight, and a day
//! on which the clocks change is still counted in elapsed seconds.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use swerve_model::{Moment, Ticks, TimeWindow, WindowReversed};

/// Seconds since local midnight; a late shift may run past 86,400.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct DaySecond(pub u32);

impl DaySecond {
    /// Two civil days: no time of a scenario lies beyond.
    pub const MAX: DaySecond = DaySecond(172_800);

    pub const fn hm(hour: u32, minute: u32) -> DaySecond {
        DaySecond(hour * 3600 + minute * 60)
    }

    /// Later by this many seconds, at most [`DaySecond::MAX`].
    #[must_use]
    pub const fn plus(self, seconds: u32) -> DaySecond {
        let later = self.0.saturating_add(seconds);
        if later > Self::MAX.0 { Self::MAX } else { DaySecond(later) }
    }

    /// Earlier by this many seconds, at least midnight.
    #[must_use]
    pub const fn minus(self, seconds: u32) -> DaySecond {
        DaySecond(self.0.saturating_sub(seconds))
    }
}

impl fmt::Display for DaySecond {
    /// `08:05`, with seconds only when there are some: `08:05:30`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (hour, minute, second) = (self.0 / 3600, self.0 / 60 % 60, self.0 % 60);
        write!(f, "{hour:02}:{minute:02}")?;
        if second == 0 { Ok(()) } else { write!(f, ":{second:02}") }
    }
}

/// From `open` to `close`, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    pub open: DaySecond,
    pub close: DaySecond,
}

impl Window {
    pub const fn new(open: DaySecond, close: DaySecond) -> Window {
        Window { open, close }
    }

    pub const fn hours(open: u32, close: u32) -> Window {
        Window { open: DaySecond::hm(open, 0), close: DaySecond::hm(close, 0) }
    }

    pub fn contains(self, second: DaySecond) -> bool {
        self.open <= second && second <= self.close
    }
}

/// A date of the Gregorian calendar, written `YYYY-MM-DD`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CivilDate {
    year: i32,
    month: u8,
    day: u8,
}

/// Why a text is not a date.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a date between 1970-01-01 and 2199-12-31, written YYYY-MM-DD")]
pub struct DateError {
    text: String,
}

impl CivilDate {
    /// # Errors
    /// No such day, or a year outside 1970 to 2199.
    pub fn new(year: i32, month: u8, day: u8) -> Result<CivilDate, DateError> {
        let known = (1970..=2199).contains(&year) && (1..=12).contains(&month);
        if known && (1..=days_in(year, month)).contains(&day) {
            Ok(CivilDate { year, month, day })
        } else {
            Err(DateError { text: format!("{year:04}-{month:02}-{day:02}") })
        }
    }

    /// Days since 1970-01-01, never negative. The year starts in March, so that the leap day is its
    /// last (Hinnant's civil calendar).
    pub fn days_since_epoch(self) -> i64 {
        let year = i64::from(self.year) - i64::from(self.month <= 2);
        let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
        let month = (i64::from(self.month) + 9) % 12;
        let day_of_year = (153 * month + 2) / 5 + i64::from(self.day) - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        era * 146_097 + day_of_era - 719_468
    }

    /// The moment of a second of this day where local time is `offset_seconds` ahead of UTC.
    pub fn moment(self, second: DaySecond, offset_seconds: i32) -> Moment {
        let midnight = self.days_since_epoch() * 86_400 - i64::from(offset_seconds);
        Moment::from_unix_seconds(midnight + i64::from(second.0))
    }

    /// The moments of a window of this day.
    ///
    /// # Errors
    /// The window is reversed.
    pub fn window(self, window: Window, offset_seconds: i32) -> Result<TimeWindow, WindowReversed> {
        let moment = |second| self.moment(second, offset_seconds);
        TimeWindow::new(moment(window.open), moment(window.close))
    }

    /// The inverse of [`CivilDate::moment`], rounded down; `None` outside the two days counted.
    pub fn second_of(self, moment: Moment, offset_seconds: i32) -> Option<DaySecond> {
        let since = moment - self.moment(DaySecond(0), offset_seconds);
        let within =
            (Ticks::ZERO..=Ticks::from_seconds(i64::from(DaySecond::MAX.0))).contains(&since);
        within.then(|| DaySecond(since.seconds() as u32))
    }
}

const fn days_in(year: i32, month: u8) -> u8 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 => 28 + leap as u8,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl FromStr for CivilDate {
    type Err = DateError;

    fn from_str(text: &str) -> Result<CivilDate, DateError> {
        let shaped = text.len() == 10
            && text.bytes().enumerate().all(|(position, byte)| match position {
                4 | 7 => byte == b'-',
                _ => byte.is_ascii_digit(),
            });
        let refused = || DateError { text: text.chars().take(40).collect() };
        if !shaped {
            return Err(refused());
        }
        let number =
            |range: std::ops::Range<usize>| text[range].parse::<u16>().map_err(|_| refused());
        let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
        CivilDate::new(i32::from(year), month as u8, day as u8)
    }
}

impl fmt::Display for CivilDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl TryFrom<String> for CivilDate {
    type Error = DateError;

    fn try_from(text: String) -> Result<CivilDate, DateError> {
        text.parse()
    }
}

impl From<CivilDate> for String {
    fn from(date: CivilDate) -> String {
        date.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_of_two_centuries_follows_the_one_before() {
        let mut expected = 0;
        for year in 1970..2200 {
            for month in 1..=12 {
                for day in 1..=days_in(year, month) {
                    let date = CivilDate::new(year, month, day).expect("a real day");
                    assert_eq!(date.days_since_epoch(), expected, "{date}");
                    expected += 1;
                }
            }
        }
        let known: CivilDate = "2026-03-17".parse().expect("a real day");
        assert_eq!(known.days_since_epoch(), 20_529);
    }

    #[test]
    fn text_that_is_no_date_is_refused() {
        let bad = ["", "2026-3-17", "2026-02-29", "2026-13-01", "2026-00-10", "1969-12-31"];
        for text in
            bad.into_iter().chain(["2026-03-1x", "2026/03/17", "２０２６-03-17", "+026-03-17"])
        {
            assert!(text.parse::<CivilDate>().is_err(), "{text}");
        }
        assert_eq!(
            "2024-02-29".parse::<CivilDate>().map(|d| d.to_string()),
            Ok("2024-02-29".into())
        );
    }

    #[test]
    fn a_moment_and_its_second_are_inverse() {
        let date = CivilDate::new(2026, 3, 17).expect("a real day");
        let eight = date.moment(DaySecond::hm(8, 0), 3600);
        assert_eq!(eight.unix_seconds(), 1_773_730_800);
        assert_eq!(date.second_of(eight, 3600), Some(DaySecond::hm(8, 0)));
        assert_eq!(date.second_of(date.moment(DaySecond(0), 0) - Ticks(1), 0), None);
        let window = date.window(Window::hours(8, 10), 3600).expect("in order");
        assert_eq!((window.open(), window.length()), (eight, Ticks::from_hours(2)));
        assert!(date.window(Window::hours(10, 8), 0).is_err());
    }

    #[test]
    fn times_print_as_on_a_clock() {
        assert_eq!(DaySecond::hm(8, 5).to_string(), "08:05");
        assert_eq!(DaySecond(86_400 + 61).to_string(), "24:01:01");
    }
}
