//! One measurement: a line of the file that others read.

use std::fmt;

use serde::Serialize;

/// How far a run may go.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize)]
#[serde(tag = "budget_kind", content = "budget", rename_all = "snake_case")]
pub(super) enum Budget {
    /// CPU seconds of each thread, reading the file included.
    CpuSeconds(f64),
    /// Of each worker.
    Iterations(u64),
}

impl fmt::Display for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Budget::CpuSeconds(seconds) => write!(f, "{seconds} s"),
            Budget::Iterations(1) => write!(f, "1 iteration"),
            Budget::Iterations(count) => write!(f, "{count} iterations"),
        }
    }
}

/// One instance planned with one seed and one budget.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Row {
    pub(super) solver: &'static str,
    pub(super) version: &'static str,
    pub(super) family: String,
    pub(super) instance: String,
    /// Customers, or tasks.
    pub(super) n: usize,
    /// What the plan is measured by: distance, vehicles (then distance), or cost.
    pub(super) objective: &'static str,
    pub(super) threads: usize,
    pub(super) workers: usize,
    pub(super) seed: u64,
    #[serde(flatten)]
    pub(super) budget: Budget,
    /// Of all threads together, from before the file is read until the plan is there.
    pub(super) cpu_seconds: f64,
    pub(super) wall_seconds: f64,
    /// Of all workers together.
    pub(super) iterations: u64,
    pub(super) iterations_per_cpu_second: f64,
    /// As the independent checker counts it, in units of the file.
    pub(super) cost: f64,
    pub(super) vehicles: usize,
    pub(super) unserved: usize,
    /// Everything served, and no rule broken, by the independent checker.
    pub(super) feasible: bool,
    pub(super) best_known: Option<f64>,
    /// None if infeasible, if nothing is known, or if the two cannot be compared.
    pub(super) gap_percent: Option<f64>,
    /// Ended by Ctrl-C before its budget was used: counted nowhere.
    pub(super) interrupted: bool,
    /// CPU seconds, and the best cost by then.
    pub(super) curve: Vec<(f64, f64)>,
    /// Makes this row again.
    pub(super) command: String,
}

impl Row {
    /// What is counted together: the family, and of Gehring and Homberger's each size for itself.
    pub(super) fn group(&self) -> String {
        if self.family == "homberger" {
            format!("{}-{}", self.family, self.n)
        } else {
            self.family.clone()
        }
    }

    /// Instances with wide windows and large vehicles, by the names that Solomon gave his classes:
    /// routes are few and long there, and searches fail in other ways.
    pub(super) fn has_long_routes(&self) -> Option<bool> {
        class(&self.instance).map(|(letters, digit)| digit == '2' && letters != "C")
    }
}

/// `("RC", '2')` of `RC205` and of `RC2_10_5`.
fn class(name: &str) -> Option<(&str, char)> {
    let letters = name.trim_end_matches(|letter: char| !letter.is_ascii_uppercase());
    let mut rest = name[letters.len()..].chars();
    let digit = rest.next().filter(|digit| matches!(digit, '1' | '2'))?;
    let is_known = matches!(letters, "C" | "R" | "RC");
    let ends = rest.next().is_some_and(|next| next == '_' || next.is_ascii_digit());
    (is_known && ends).then_some((letters, digit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_read_from_names() {
        for (name, expected) in [
            ("R101", Some(("R", '1'))),
            ("RC2_10_5", Some(("RC", '2'))),
            ("C2_4_1", Some(("C", '2'))),
            ("X-n101-k25", None),
            ("R3_2_1", None),
            ("R2", None),
            ("lr201", None),
            ("", None),
        ] {
            assert_eq!(class(name), expected, "{name}");
        }
    }

    #[test]
    fn budgets_are_two_flat_fields() {
        let json = |budget: Budget| serde_json::to_string(&budget).expect("it can be written");
        assert_eq!(json(Budget::CpuSeconds(0.5)), r#"{"budget_kind":"cpu_seconds","budget":0.5}"#);
        assert_eq!(json(Budget::Iterations(9)), r#"{"budget_kind":"iterations","budget":9}"#);
    }
}
