//! Moments as people and machines read them.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use swerve_model::{Moment, Ticks};

/// `2026-03-17T08:15:00Z`, with a tenth of a second where there is one.
pub(crate) fn rfc3339(moment: Moment) -> String {
    timestamp(moment).map_or_else(|| format!("{} ticks", moment.0), |at| at.to_string())
}

/// `08:15` in the territory's own time.
pub(crate) fn clock(moment: Moment, zone: &TimeZone) -> String {
    let civil = timestamp(moment).map(|at| at.to_zoned(zone.clone()));
    civil.map_or_else(|| rfc3339(moment), |at| at.strftime("%H:%M").to_string())
}

/// `2026-03-17 08:15:00 CET` in the territory's own time.
pub(crate) fn date_and_clock(moment: Moment, zone: &TimeZone) -> String {
    let civil = timestamp(moment).map(|at| at.to_zoned(zone.clone()));
    civil.map_or_else(|| rfc3339(moment), |at| at.strftime("%Y-%m-%d %H:%M:%S %Z").to_string())
}

/// `None` where the calendar ends.
fn timestamp(moment: Moment) -> Option<Timestamp> {
    let seconds = moment.unix_seconds();
    let tenths = (moment - Moment::from_unix_seconds(seconds)).0;
    Timestamp::new(seconds, (tenths * (1_000_000_000 / Ticks::PER_SECOND)) as i32).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_reads_as_everyone_writes_it() {
        let moment = Moment(17_737_281_005);
        assert_eq!(rfc3339(moment), "2026-03-17T06:15:00.5Z");
        let vienna = TimeZone::get("Europe/Vienna").expect("zones are bundled");
        assert_eq!(clock(moment, &vienna), "07:15");
        assert_eq!(date_and_clock(moment, &vienna), "2026-03-17 07:15:00 CET");
        assert_eq!(rfc3339(Moment(i64::MAX)), format!("{} ticks", i64::MAX));
    }
}
