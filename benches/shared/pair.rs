//! One operation beside its naive twin: both in CPU time, in one run, and how many times apart they are.
//!
//! CPU time of the whole process stands still while others have the cores, so the figures of a busy
//! machine can be compared; nothing here fails because something was slow.
#![allow(dead_code, unreachable_pub, reason = "each bench uses a part of it")]

use std::hint::black_box;
use std::io::Write as _;
use std::time::Duration;

use criterion::measurement::{Measurement, ValueFormatter, WallTime};
use criterion::{BenchmarkGroup, Criterion};
use rustix::time::{ClockId, clock_gettime};

/// CPU time that all threads of this process have used.
pub fn cpu_time() -> Duration {
    let used = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(used.tv_sec.unsigned_abs(), used.tv_nsec.unsigned_abs() as u32)
}

/// CPU time used since that much was.
pub fn since(start: Duration) -> Duration {
    cpu_time().saturating_sub(start)
}

/// What `work` gives, and the CPU time it took.
pub fn timed<R>(work: impl FnOnce() -> R) -> (R, Duration) {
    let start = cpu_time();
    let result = work();
    (result, since(start))
}

/// Criterion by CPU time.
pub struct CpuTime;

impl Measurement for CpuTime {
    type Intermediate = Duration;
    type Value = Duration;

    fn start(&self) -> Duration {
        cpu_time()
    }

    fn end(&self, start: Duration) -> Duration {
        since(start)
    }

    fn add(&self, one: &Duration, other: &Duration) -> Duration {
        *one + *other
    }

    fn zero(&self) -> Duration {
        Duration::ZERO
    }

    fn to_f64(&self, value: &Duration) -> f64 {
        value.as_nanos() as f64
    }

    fn formatter(&self) -> &dyn ValueFormatter {
        WallTime.formatter()
    }
}

/// What every bench is configured by.
pub fn by_cpu_time() -> Criterion<CpuTime> {
    Criterion::default()
        .with_measurement(CpuTime)
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(3))
}

pub type Group<'a> = BenchmarkGroup<'a, CpuTime>;

/// Measures `operation`; its mean over every time it was run, in seconds. `None` if the command line
/// leaves it out.
pub fn measure<R>(
    group: &mut Group,
    name: String,
    mut operation: impl FnMut() -> R,
) -> Option<f64> {
    measure_many(group, name, |count| {
        let repeat = || (0..count).for_each(|_| drop(black_box(operation())));
        timed(repeat).1
    })
}

/// The same for what says itself how much of the time counts that doing it so many times took.
pub fn measure_many(
    group: &mut Group,
    name: String,
    mut operation: impl FnMut(u64) -> Duration,
) -> Option<f64> {
    let (mut spent, mut times) = (Duration::ZERO, 0);
    group.bench_function(name, |bencher| {
        bencher.iter_custom(|count| {
            let took = operation(count);
            (spent, times) = (spent + took, times + count);
            took
        });
    });
    (times > 0).then(|| spent.as_secs_f64() / times as f64)
}

/// Prints both means and how many times the second is the first.
pub fn compare(what: &str, ours: Option<f64>, naive: Option<f64>) {
    if let (Some(ours), Some(naive)) = (ours, naive) {
        let times = naive / ours;
        say(&format!("{what}: {}, naive {}: {times:.1} times", shown(ours), shown(naive)));
    }
}

/// Prints how much longer each size takes than the first, beside the logarithm of its size.
pub fn growth(what: &str, sizes: &[(u32, f64)]) {
    let Some(&(smallest, base)) = sizes.first() else { return };
    for &(size, mean) in &sizes[1..] {
        let (times, log) = (mean / base, f64::from(size).ln() / f64::from(smallest).ln());
        let by = f64::from(size) / f64::from(smallest);
        say(&format!(
            "{what}: {by:.1} times the size takes {times:.2} times as long (its logarithm {log:.2})"
        ));
    }
}

fn shown(seconds: f64) -> String {
    match seconds {
        small if small < 1e-3 => format!("{:.2} us", small * 1e6),
        middle if middle < 1.0 => format!("{:.2} ms", middle * 1e3),
        large => format!("{large:.2} s"),
    }
}

/// Prints a line of results; ends the program when nobody listens any more.
pub fn say(line: &str) {
    if writeln!(std::io::stdout(), "{line}").is_err() {
        std::process::exit(0);
    }
}
