//! How far a search is: by the clock, by iterations, or stopped; and what is drawn of it.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use indicatif::ProgressBar;
use swerve_optimizer::offline::{Pace, Standing};

use crate::best_known::BestKnown;

/// What is drawn while a search runs.
pub(super) struct Drawn<'a> {
    pub(super) bar: &'a ProgressBar,
    pub(super) name: &'a str,
    /// Units of cost to one of the file's.
    pub(super) cost_scale: i64,
    pub(super) best_known: Option<BestKnown>,
}

/// The pace of a search under a time limit, an iteration limit, or both; draws its progress.
pub(super) struct Clocked<'a> {
    pub(super) elapsed: &'a (dyn Fn() -> Duration + Send + Sync),
    /// When the search began: reading counts against the limit, but not as search.
    pub(super) started: Duration,
    pub(super) limit: Option<Duration>,
    pub(super) iterations: Option<u64>,
    pub(super) interrupted: &'a AtomicBool,
    /// Thousandths last drawn.
    pub(super) shown: u64,
    /// Of all workers.
    pub(super) best: &'a Mutex<Option<Standing>>,
    /// By one worker.
    pub(super) drawn: Option<&'a Drawn<'a>>,
}

impl Pace for Clocked<'_> {
    fn used(&mut self, iterations: u64) -> f64 {
        if self.interrupted.load(Ordering::Relaxed) {
            return 1.0;
        }
        let by_clock = self.limit.map_or(0.0, |limit| {
            let span = limit.saturating_sub(self.started).as_secs_f64();
            (self.elapsed)().saturating_sub(self.started).as_secs_f64() / span.max(1e-9)
        });
        let by_count = self.iterations.map_or(0.0, |limit| iterations as f64 / limit.max(1) as f64);
        let used = by_clock.max(by_count);
        self.draw((used * 1000.0) as u64, iterations);
        used
    }

    fn iterations_max(&self) -> u64 {
        self.iterations.unwrap_or(u64::MAX)
    }

    fn improved(&mut self, _iterations: u64, standing: Standing) {
        // A worker that panicked ends the program anyway.
        let Ok(mut best) = self.best.lock() else { return };
        *best = Some(best.map_or(standing, |best| best.min(standing)));
    }
}

impl Clocked<'_> {
    fn draw(&mut self, thousandths: u64, iterations: u64) {
        let Some(drawn) = self.drawn.filter(|drawn| !drawn.bar.is_hidden()) else { return };
        if thousandths == self.shown {
            return;
        }
        self.shown = thousandths;
        drawn.bar.set_position(thousandths.min(1000));
        let best = self.best.lock().ok().and_then(|best| *best);
        let seconds = (self.elapsed)().saturating_sub(self.started).as_secs_f64();
        let rate = iterations as f64 / seconds.max(1e-9) / 1000.0;
        let standing = best.map(|best| drawn.told(best)).unwrap_or_default();
        drawn.bar.set_message(format!("{standing}, {rate:.0}k iterations/s a worker"));
    }
}

impl Drawn<'_> {
    fn told(&self, best: Standing) -> String {
        let cost = best.cost as f64 / self.cost_scale as f64;
        let gap = self.best_known.and_then(|known| known.gap_percent(cost, best.vehicles as usize));
        let gap = gap.map(|gap| format!(", gap {gap:.2} %")).unwrap_or_default();
        let name = self.name;
        if best.absent > 0 {
            return format!("{name}: {cost}, not all served");
        }
        let vehicles = match best.vehicles {
            0 => String::new(),
            vehicles => format!("{vehicles} vehicles, "),
        };
        format!("{name}: {vehicles}{cost}{gap}")
    }
}
