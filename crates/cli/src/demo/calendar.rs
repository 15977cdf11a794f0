//! The day's civil time: from the scenario's seconds since midnight to moments, and back for people.

use anyhow::Context as _;
use swerve_model::{Moment, TimeWindow};
use swerve_scenario::clock::{CivilDate, DaySecond, Window};

/// A civil date under the zone's offset at its midnight: a day on which clocks change is counted in
/// elapsed seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Calendar {
    date: CivilDate,
    offset_seconds: i32,
}

impl Calendar {
    /// # Errors
    /// A zone the bundled database does not know.
    pub(crate) fn new(date: CivilDate, zone: &str) -> anyhow::Result<Calendar> {
        let zone = jiff::tz::TimeZone::get(zone).with_context(|| format!("time zone {zone:?}"))?;
        let civil: jiff::civil::Date = date.to_string().parse().context("the day's date")?;
        let midnight = civil.to_zoned(zone).context("the day's midnight")?;
        Ok(Calendar { date, offset_seconds: midnight.offset().seconds() })
    }

    pub(crate) fn moment(&self, second: DaySecond) -> Moment {
        self.date.moment(second, self.offset_seconds)
    }

    /// The scenario's windows as moments; a reversed one, which no checked day has, is left out.
    pub(crate) fn windows(&self, windows: &[Window]) -> Vec<TimeWindow> {
        let moments = |window: &Window| (self.moment(window.open), self.moment(window.close));
        windows
            .iter()
            .map(moments)
            .filter_map(|(open, close)| TimeWindow::new(open, close).ok())
            .collect()
    }

    /// As on a clock, `08:05`; on past midnight rather than round it.
    pub(crate) fn clock(&self, moment: Moment) -> String {
        let minutes = (moment - self.moment(DaySecond(0))).seconds().div_euclid(60);
        format!("{:02}:{:02}", minutes.div_euclid(60), minutes.rem_euclid(60))
    }

    /// `08:00-10:00`, several with commas.
    pub(crate) fn hours(&self, windows: &[TimeWindow]) -> String {
        let hours = |window: &TimeWindow| {
            format!("{}-{}", self.clock(window.open()), self.clock(window.close()))
        };
        windows.iter().map(hours).collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_in_vienna_in_march_is_seven_utc_and_reads_as_eight() {
        let date = CivilDate::new(2026, 3, 17).expect("a Tuesday");
        let calendar = Calendar::new(date, "Europe/Vienna").expect("a zone");
        let eight = calendar.moment(DaySecond::hm(8, 0));
        assert_eq!(eight.unix_seconds(), 1_773_730_800);
        assert_eq!(calendar.clock(eight), "08:00");
        assert_eq!(calendar.clock(calendar.moment(DaySecond::hm(24, 30))), "24:30");
        let windows = calendar.windows(&[Window::hours(8, 10), Window::hours(14, 16)]);
        assert_eq!(calendar.hours(&windows), "08:00-10:00, 14:00-16:00");
    }

    #[test]
    fn an_unknown_zone_is_named() {
        let date = CivilDate::new(2026, 3, 17).expect("a Tuesday");
        let error = Calendar::new(date, "Mars/Olympus").expect_err("there is none");
        assert!(error.to_string().contains("Mars/Olympus"), "{error}");
    }
}
