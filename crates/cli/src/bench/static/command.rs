//! What to type to make a row again, or all of them.

use super::Args;
use super::measure::Setting;
use super::row::Budget;
use crate::bench::set::Listed;
use crate::bench::words::quoted;

pub(super) fn of_row(listed: &Listed, seed: u64, budget: Budget, setting: &Setting) -> String {
    let words = [
        "swerve bench static --set".to_owned(),
        quoted(&listed.set),
        datasets(setting),
        format!("--filter {}", quoted(&listed.name)),
        limits(&[budget]),
        format!("--seeds {seed}"),
        cores(setting),
    ];
    joined(&words)
}

pub(super) fn of_all(args: &Args, budgets: &[Budget], setting: &Setting) -> String {
    let peers: Vec<String> =
        args.peers.iter().map(|path| path.to_string_lossy().into_owned()).collect();
    let words = [
        "swerve bench static".to_owned(),
        option("--set", &args.set),
        datasets(setting),
        option("--filter", &args.filter),
        if args.every > 1 { format!("--every {}", args.every) } else { String::new() },
        limits(budgets),
        option("--seeds", &args.seeds.iter().map(ToString::to_string).collect::<Vec<_>>()),
        cores(setting),
        option("--peers", &peers),
    ];
    joined(&words)
}

/// Where the sets are, unless they are where they are looked for anyway.
fn datasets(setting: &Setting) -> String {
    setting.datasets.map(|folder| format!("--datasets {}", quoted(folder))).unwrap_or_default()
}

/// All of one kind, as the command line requires.
fn limits(budgets: &[Budget]) -> String {
    let is_timed = matches!(budgets.first(), Some(Budget::CpuSeconds(_)));
    let limit = |budget: &Budget| match budget {
        Budget::CpuSeconds(seconds) => seconds.to_string(),
        Budget::Iterations(count) => count.to_string(),
    };
    let name = if is_timed { "--time-limit" } else { "--iterations" };
    option(name, &budgets.iter().map(limit).collect::<Vec<_>>())
}

fn cores(setting: &Setting) -> String {
    format!("--threads {} --workers {}", setting.threads, setting.workers)
}

/// Nothing without values.
fn option(name: &str, values: &[String]) -> String {
    if values.is_empty() {
        return String::new();
    }
    let values: Vec<String> = values.iter().map(|value| quoted(value)).collect();
    format!("{name} {}", values.join(" "))
}

fn joined(words: &[String]) -> String {
    let words = words.iter().filter(|words| !words.is_empty());
    words.cloned().collect::<Vec<_>>().join(" ")
}
