//! The one place that reads the real clock.
//!
//! Everything else is told the time: engines by logged ticks, writers by a function they are given.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use swerve_model::{Moment, Ticks};

/// Real time since this was made, for deadlines and latencies. Never goes back.
pub(crate) fn stopwatch() -> Arc<dyn Fn() -> Duration + Send + Sync> {
    #[expect(clippy::disallowed_methods, reason = "the binary is where the real clock comes in")]
    let start = Instant::now();
    Arc::new(move || start.elapsed())
}

/// Civil time now. A clock set before 1970 reads as 1970.
pub(crate) fn now() -> Moment {
    #[expect(clippy::disallowed_methods, reason = "the binary is where the real clock comes in")]
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Moment(i64::try_from(since.as_millis() / 100).unwrap_or(i64::MAX / Ticks::PER_SECOND))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stopwatch_runs_forward_and_the_clock_is_past_2020() {
        let elapsed = stopwatch();
        let first = elapsed();
        assert!(elapsed() >= first);
        assert!(now() > Moment::from_unix_seconds(1_577_836_800));
    }
}
