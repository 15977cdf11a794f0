//! How long an answer may take.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde::Serialize;
use swerve_optimizer::offline::{Pace, Standing};

/// For one answer, or one search.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Budget {
    /// CPU time, everything included.
    CpuSeconds(f64),
    Iterations(u64),
}

impl Budget {
    pub(super) fn cpu_ms(milliseconds: f64) -> Budget {
        Budget::CpuSeconds(milliseconds / 1000.0)
    }

    pub(super) fn is_nothing(self) -> bool {
        matches!(self, Budget::CpuSeconds(0.0) | Budget::Iterations(0))
    }
}

impl fmt::Display for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Budget::CpuSeconds(seconds) if *seconds < 1.0 => write!(f, "{} ms", seconds * 1000.0),
            Budget::CpuSeconds(seconds) => write!(f, "{seconds} s"),
            Budget::Iterations(count) => write!(f, "{count} it"),
        }
    }
}

/// A budget being used.
pub(super) struct Limited<'a> {
    pub(super) budget: Budget,
    /// CPU time of the process.
    pub(super) cpu: &'a (dyn Fn() -> Duration + Send + Sync),
    /// When the clock began to count.
    pub(super) started: Duration,
    pub(super) interrupted: &'a AtomicBool,
}

impl Pace for Limited<'_> {
    fn used(&mut self, iterations: u64) -> f64 {
        if self.interrupted.load(Ordering::Relaxed) {
            return 1.0;
        }
        match self.budget {
            Budget::CpuSeconds(seconds) => {
                let used = (self.cpu)().saturating_sub(self.started).as_secs_f64();
                used / seconds.max(1e-9)
            }
            Budget::Iterations(limit) => iterations as f64 / limit.max(1) as f64,
        }
    }

    fn iterations_max(&self) -> u64 {
        match self.budget {
            Budget::CpuSeconds(_) => u64::MAX,
            Budget::Iterations(limit) => limit,
        }
    }

    fn improved(&mut self, _iterations: u64, _standing: Standing) {}
}
