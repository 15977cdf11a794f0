//! The one place that reads the real clock.
//!
//! Everything else is told the time: engines by logged ticks, writers by a function they are given.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rustix::time::{ClockId, clock_gettime};
use swerve_model::{Moment, Ticks};

/// Real time since this was made, for deadlines and latencies. Never goes back.
pub(crate) fn stopwatch() -> Arc<dyn Fn() -> Duration + Send + Sync> {
    #[expect(clippy::disallowed_methods, reason = "the binary is where the real clock comes in")]
    let start = Instant::now();
    Arc::new(move || start.elapsed())
}

/// CPU time that all threads of this process have used since this was made, in user and system mode.
/// It stands still while others have the cores, so a budget of it is worth the same on a busy machine.
pub(crate) fn cpu_stopwatch() -> Arc<dyn Fn() -> Duration + Send + Sync> {
    let start = process_cpu_time();
    Arc::new(move || process_cpu_time().saturating_sub(start))
}

fn process_cpu_time() -> Duration {
    cpu_time(ClockId::ProcessCPUTime)
}

/// CPU time the calling thread has used since it began.
pub(crate) fn thread_cpu_time() -> Duration {
    cpu_time(ClockId::ThreadCPUTime)
}

fn cpu_time(clock: ClockId) -> Duration {
    let used = clock_gettime(clock);
    Duration::new(used.tv_sec.unsigned_abs(), used.tv_nsec.unsigned_abs() as u32)
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

    #[test]
    fn cpu_time_runs_with_work() {
        let used = cpu_stopwatch();
        let before = used();
        // Some work that is not optimized away.
        let sum: u64 = (0..20_000_000u64).map(std::hint::black_box).sum();
        assert!(sum > 0 && used() > before);
    }
}
