//! Model values as messages, and back: for programs that hold a day in the model's types.

use prost_types::{Duration, Timestamp};
use swerve_model::{LatLng, Load, Moment, Ticks, TimeWindow};
use swerve_proto::v1;

/// Nanoseconds in a tenth of a second.
const NANOS_PER_TICK: i32 = 100_000_000;

pub fn timestamp(moment: Moment) -> Timestamp {
    let seconds = moment.unix_seconds();
    let ticks = (moment - Moment::from_unix_seconds(seconds)).0;
    Timestamp { seconds, nanos: ticks as i32 * NANOS_PER_TICK }
}

/// To the tenth of a second below.
pub fn moment(timestamp: &Timestamp) -> Moment {
    let ticks = timestamp.nanos.div_euclid(NANOS_PER_TICK);
    Moment::from_unix_seconds(timestamp.seconds) + Ticks(i64::from(ticks))
}

pub fn duration(ticks: Ticks) -> Duration {
    let (seconds, rest) = (ticks.0 / Ticks::PER_SECOND, ticks.0 % Ticks::PER_SECOND);
    Duration { seconds, nanos: rest as i32 * NANOS_PER_TICK }
}

pub fn ticks(duration: &Duration) -> Ticks {
    Ticks::from_seconds(duration.seconds) + Ticks(i64::from(duration.nanos / NANOS_PER_TICK))
}

pub fn time_window(window: TimeWindow) -> v1::TimeWindow {
    v1::TimeWindow { open: Some(timestamp(window.open())), close: Some(timestamp(window.close())) }
}

pub fn lat_lng(location: LatLng) -> v1::LatLng {
    v1::LatLng { latitude: location.latitude(), longitude: location.longitude() }
}

pub fn load(load: Load) -> v1::Load {
    v1::Load {
        weight_grams: load.weight_grams(),
        volume_milliliters: load.volume_milliliters(),
        count: load.count(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_and_spans_survive_the_wire() {
        for ticks_since in [0, 1, 17_953_488_007, -1, -25] {
            assert_eq!(moment(&timestamp(Moment(ticks_since))), Moment(ticks_since));
            assert_eq!(ticks(&duration(Ticks(ticks_since))), Ticks(ticks_since));
        }
    }
}
