//! The table that is printed: what there is of a report on a terminal.

use super::summary::{Comparison, Counterpart, Outcome, Part, Summary};
use crate::bench::statistics::Estimate;
use crate::output::{Align, Table};

/// Families in their order: our budgets, and peers beneath them.
pub(super) fn of_summary(summary: &Summary) -> Table {
    let mut table = Table::new(&[
        ("family", Align::Left),
        ("solver", Align::Left),
        ("budget", Align::Right),
        ("CPU s", Align::Right),
        ("instances", Align::Right),
        ("gap %", Align::Right),
        ("± 95 %", Align::Right),
        ("beside ours", Align::Right),
        ("difference", Align::Right),
        ("± 95 %", Align::Right),
        ("won-tied-lost", Align::Right),
    ]);
    let mut families: Vec<&str> = Vec::new();
    for outcome in &summary.outcomes {
        if !families.contains(&&*outcome.family) {
            families.push(&outcome.family);
        }
    }
    for family in families {
        for outcome in summary.outcomes.iter().filter(|outcome| outcome.family == family) {
            table.row(outcome.cells());
        }
        let of_family = |comparison: &&Comparison| comparison.family == family;
        for comparison in summary.comparisons.iter().filter(of_family) {
            table.row(comparison.cells());
        }
    }
    table
}

impl Outcome {
    fn cells(&self) -> [String; 11] {
        let (family, solver) = match self.part {
            Part::All => (self.family.clone(), format!("swerve {}", env!("CARGO_PKG_VERSION"))),
            part => (String::new(), format!("  {}", part.name())),
        };
        let [gap, sure] = told(self.gap);
        let nothing = String::new;
        [
            family,
            solver,
            self.budget.to_string(),
            format!("{:.2}", self.cpu_seconds),
            self.instances.to_string(),
            gap,
            sure,
            nothing(),
            nothing(),
            nothing(),
            nothing(),
        ]
    }
}

impl Comparison {
    fn cells(&self) -> [String; 11] {
        let [by, sure] = told(self.ours.as_ref().map(|ours| ours.difference));
        let record = |ours: &Counterpart| format!("{}-{}-{}", ours.wins, ours.ties, ours.losses);
        [
            String::new(),
            self.peer.to_string(),
            self.peer_budget.clone(),
            format!("{:.2}", self.peer_cpu_seconds),
            self.instances.to_string(),
            format!("{:.2}", self.peer_gap_percent),
            String::new(),
            self.ours.as_ref().map_or_else(String::new, |ours| ours.budget.to_string()),
            by,
            sure,
            self.ours.as_ref().map_or_else(String::new, record),
        ]
    }
}

/// The mean and what it may be off by, for a table.
fn told(estimate: Option<Estimate>) -> [String; 2] {
    let Some(estimate) = estimate else { return ["–".to_owned(), String::new()] };
    let sure = estimate.half_width.map_or_else(String::new, |half| format!("{half:.2}"));
    [format!("{:.2}", estimate.mean), sure]
}
