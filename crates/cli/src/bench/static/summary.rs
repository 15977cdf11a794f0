//! What the rows say together: mean gaps by family and budget, and beside each peer on the same instances.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::peers::{Peer, PeerBudget, PeerRow};
use super::row::{Budget, Row};
use crate::bench::set::Listed;
use crate::bench::statistics::{self, Estimate, mean};

/// Gaps nearer than that, in points, are equal: peers' costs are written with six digits.
const TIE: f64 = 0.001;

/// Everything that is told of a benchmark, computed once.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Summary {
    pub(super) outcomes: Vec<Outcome>,
    pub(super) comparisons: Vec<Comparison>,
}

/// Which instances of a family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Part {
    All,
    /// Solomon's classes R2 and RC2, also Gehring and Homberger's.
    LongRoutes,
    /// The classes C1, C2, R1 and RC1.
    OtherRoutes,
}

impl Part {
    pub(super) fn name(self) -> &'static str {
        match self {
            Part::All => "all",
            Part::LongRoutes => "R2, RC2",
            Part::OtherRoutes => "C1, C2, R1, RC1",
        }
    }

    fn holds(self, row: &Row) -> bool {
        match self {
            Part::All => true,
            Part::LongRoutes => row.has_long_routes() == Some(true),
            Part::OtherRoutes => row.has_long_routes() == Some(false),
        }
    }
}

/// How a family, or a part of it, was planned under one budget.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Outcome {
    pub(super) family: String,
    pub(super) part: Part,
    #[serde(flatten)]
    pub(super) budget: Budget,
    pub(super) instances: usize,
    pub(super) runs: usize,
    pub(super) infeasible: usize,
    /// Feasible, but with nothing to be held against.
    pub(super) without_gap: usize,
    /// In per cent, over the instances with a gap, each counting alike; the interval is over seeds.
    pub(super) gap: Option<Estimate>,
    pub(super) cpu_seconds: f64,
    pub(super) iterations_per_cpu_second: f64,
}

/// A peer's runs of one budget beside ours, on the instances that both have a gap for.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Comparison {
    pub(super) family: String,
    #[serde(flatten)]
    pub(super) peer: Peer,
    pub(super) peer_budget: String,
    pub(super) peer_cpu_seconds: f64,
    pub(super) peer_gap_percent: f64,
    /// Of its runs on instances measured here.
    pub(super) peer_infeasible: usize,
    pub(super) instances: usize,
    /// None if even our shortest runs took more CPU time than the peer.
    pub(super) ours: Option<Counterpart>,
}

/// Our side of a comparison.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Counterpart {
    #[serde(flatten)]
    pub(super) budget: Budget,
    pub(super) cpu_seconds: f64,
    pub(super) gap_percent: f64,
    /// Ours less the peer's, in points, by instance: below 0 ours is better. The interval is over
    /// instances.
    pub(super) difference: Estimate,
    pub(super) wins: usize,
    pub(super) ties: usize,
    pub(super) losses: usize,
}

/// Rows of one family and budget that have a gap, by instance.
pub(super) type ByInstance<'a> = BTreeMap<&'a str, Vec<&'a Row>>;

/// Interrupted rows count for nothing.
pub(super) fn summarize(rows: &[Row], peers: &[PeerRow], listed: &[Listed]) -> Summary {
    let mut outcomes = Vec::new();
    let mut comparisons = Vec::new();
    for family in families(rows) {
        let of_family = of_family(rows, &family);
        for budget in budgets(&of_family) {
            outcomes.extend(outcomes_of(&family, budget, &of_family));
        }
        comparisons.extend(comparisons_of(&family, &of_family, peers, listed));
    }
    Summary { outcomes, comparisons }
}

/// Names of what is counted together, in the order of the rows.
pub(super) fn families(rows: &[Row]) -> Vec<String> {
    let mut families: Vec<String> = Vec::new();
    for row in rows.iter().filter(|row| !row.interrupted) {
        if !families.contains(&row.group()) {
            families.push(row.group());
        }
    }
    families
}

/// The rows of a family that ran to the end of their budget.
pub(super) fn of_family<'a>(rows: &'a [Row], family: &str) -> Vec<&'a Row> {
    rows.iter().filter(|row| !row.interrupted && row.group() == family).collect()
}

/// From the least to the largest.
pub(super) fn budgets(rows: &[&Row]) -> Vec<Budget> {
    let mut budgets: Vec<Budget> = Vec::new();
    for row in rows {
        if !budgets.contains(&row.budget) {
            budgets.push(row.budget);
        }
    }
    budgets
        .sort_by(|a, b| a.partial_cmp(b).expect("limits are numbers, as the options' rules say"));
    budgets
}

/// Those with a gap.
pub(super) fn by_instance<'a>(rows: &[&'a Row], budget: Budget) -> ByInstance<'a> {
    let mut instances = ByInstance::new();
    for row in rows.iter().filter(|row| row.budget == budget && row.gap_percent.is_some()) {
        instances.entry(&row.instance).or_default().push(row);
    }
    instances
}

fn outcomes_of(family: &str, budget: Budget, rows: &[&Row]) -> Vec<Outcome> {
    let with_budget: Vec<&Row> = rows.iter().filter(|row| row.budget == budget).copied().collect();
    let outcome = |part: Part| {
        let rows = with_budget.iter().filter(|row| part.holds(row)).copied();
        let rows: Vec<&Row> = rows.collect();
        (!rows.is_empty()).then(|| outcome_of(family, part, budget, &rows))
    };
    let all = outcome(Part::All);
    let parts: Vec<Outcome> =
        [Part::LongRoutes, Part::OtherRoutes].into_iter().filter_map(outcome).collect();
    // One part alone says what the whole has said.
    let parts = if parts.len() == 2 { parts } else { Vec::new() };
    all.into_iter().chain(parts).collect()
}

fn outcome_of(family: &str, part: Part, budget: Budget, rows: &[&Row]) -> Outcome {
    let gaps: Vec<Vec<f64>> = by_instance(rows, budget).values().map(|rows| gaps(rows)).collect();
    let instances: BTreeSet<&str> = rows.iter().map(|row| &*row.instance).collect();
    let count = |holds: fn(&Row) -> bool| rows.iter().filter(|row| holds(row)).count();
    let mean_of =
        |value: fn(&Row) -> f64| mean(&rows.iter().map(|row| value(row)).collect::<Vec<_>>());
    Outcome {
        family: family.to_owned(),
        part,
        budget,
        instances: instances.len(),
        runs: rows.len(),
        infeasible: count(|row| !row.feasible),
        without_gap: count(|row| row.feasible && row.gap_percent.is_none()),
        gap: statistics::mean_of_groups(&gaps),
        cpu_seconds: mean_of(|row| row.cpu_seconds),
        iterations_per_cpu_second: mean_of(|row| row.iterations_per_cpu_second),
    }
}

fn gaps(rows: &[&Row]) -> Vec<f64> {
    rows.iter().filter_map(|row| row.gap_percent).collect()
}

/// A peer's runs of one budget on one family.
#[derive(Default)]
pub(super) struct PeerRuns<'a> {
    /// Gaps and CPU seconds by instance.
    pub(super) instances: BTreeMap<&'a str, Vec<(f64, f64)>>,
    pub(super) infeasible: usize,
}

/// The runs of peers on the instances of a family, by peer and budget.
pub(super) fn peer_runs<'a>(
    rows: &[&Row],
    peers: &'a [PeerRow],
    listed: &[Listed],
) -> Vec<(&'a Peer, &'a PeerBudget, PeerRuns<'a>)> {
    let measured: BTreeSet<(&str, &str)> =
        rows.iter().map(|row| (&*row.family, &*row.instance)).collect();
    let mut found: Vec<(&Peer, &PeerBudget, PeerRuns)> = Vec::new();
    for row in peers.iter().filter(|row| measured.contains(&(&*row.family, &*row.instance))) {
        let is_same = |(peer, budget, _): &(&Peer, &PeerBudget, PeerRuns)| {
            **peer == row.peer && **budget == row.budget
        };
        let index = found.iter().position(is_same).unwrap_or_else(|| {
            found.push((&row.peer, &row.budget, PeerRuns::default()));
            found.len() - 1
        });
        let runs = &mut found[index].2;
        match (row.cost, gap_of(row, listed)) {
            (None, _) => runs.infeasible += 1,
            (Some(_), Some(gap)) => {
                runs.instances.entry(&row.instance).or_default().push((gap, row.cpu_seconds));
            }
            (Some(_), None) => {}
        }
    }
    found.sort_by(|a, b| {
        a.0.cmp(b.0)
            .then(a.1.partial_cmp(b.1).expect("limits are numbers, as the reader's rules say"))
    });
    found
}

/// Of a peer's row, to the best known cost that ours are held against.
pub(super) fn gap_of(row: &PeerRow, listed: &[Listed]) -> Option<f64> {
    let is_its = |entry: &&Listed| entry.family == row.family && entry.name == row.instance;
    let known = listed.iter().find(is_its)?.best_known?;
    known.gap_percent(row.cost?, row.vehicles.unwrap_or(0))
}

fn comparisons_of(
    family: &str,
    rows: &[&Row],
    peers: &[PeerRow],
    listed: &[Listed],
) -> Vec<Comparison> {
    let ours: Vec<(Budget, ByInstance)> =
        budgets(rows).into_iter().map(|budget| (budget, by_instance(rows, budget))).collect();
    let runs = peer_runs(rows, peers, listed).into_iter();
    let with_gaps = runs.filter(|(_, _, runs)| !runs.instances.is_empty());
    let compare = |(peer, budget, runs): (&Peer, &PeerBudget, PeerRuns)| {
        let pairs: Vec<(Budget, Vec<Pair>)> =
            ours.iter().map(|(budget, instances)| (*budget, pairs(instances, &runs))).collect();
        let chosen = counterpart(&pairs, budget, rows);
        let alone: Vec<Side> = runs.instances.values().map(|runs| Side::of_peer(runs)).collect();
        let theirs = match chosen {
            Some((_, pairs)) => pairs.iter().map(|pair| pair.theirs).collect(),
            None => alone,
        };
        let mean_of = |value: fn(&Side) -> f64| mean(&theirs.iter().map(value).collect::<Vec<_>>());
        Comparison {
            family: family.to_owned(),
            peer: peer.clone(),
            peer_budget: budget.to_string(),
            peer_cpu_seconds: mean_of(|side| side.cpu_seconds),
            peer_gap_percent: mean_of(|side| side.gap),
            peer_infeasible: runs.infeasible,
            instances: theirs.len(),
            ours: chosen.and_then(|(budget, pairs)| held_against(*budget, pairs)),
        }
    };
    with_gaps.map(compare).collect()
}

/// One solver's runs on one instance, in the mean.
#[derive(Clone, Copy)]
struct Side {
    gap: f64,
    cpu_seconds: f64,
}

impl Side {
    fn of_ours(rows: &[&Row]) -> Side {
        let cpu_seconds: Vec<f64> = rows.iter().map(|row| row.cpu_seconds).collect();
        Side { gap: mean(&gaps(rows)), cpu_seconds: mean(&cpu_seconds) }
    }

    fn of_peer(runs: &[(f64, f64)]) -> Side {
        let (gaps, cpu_seconds): (Vec<f64>, Vec<f64>) = runs.iter().copied().unzip();
        Side { gap: mean(&gaps), cpu_seconds: mean(&cpu_seconds) }
    }
}

/// An instance that both have a gap for.
struct Pair {
    ours: Side,
    theirs: Side,
}

fn pairs(ours: &ByInstance, theirs: &PeerRuns) -> Vec<Pair> {
    let pair = |(instance, runs): (&&str, &Vec<(f64, f64)>)| {
        let rows = ours.get(instance)?;
        Some(Pair { ours: Side::of_ours(rows), theirs: Side::of_peer(runs) })
    };
    theirs.instances.iter().filter_map(pair).collect()
}

/// Which of our budgets a peer's runs are held against: the same CPU seconds if there are such runs, else
/// the largest that took no more than the peer did.
fn counterpart<'a>(
    ours: &'a [(Budget, Vec<Pair>)],
    peer: &PeerBudget,
    rows: &[&Row],
) -> Option<&'a (Budget, Vec<Pair>)> {
    let threads = rows.first().map_or(1, |row| row.threads) as f64;
    let is_same = |budget: &Budget| match (budget, peer) {
        (Budget::CpuSeconds(ours), PeerBudget::Seconds(theirs)) => ours * threads == *theirs,
        _ => false,
    };
    let took = |pairs: &[Pair], side: fn(&Pair) -> Side| {
        mean(&pairs.iter().map(|pair| side(pair).cpu_seconds).collect::<Vec<_>>())
    };
    let shared = || ours.iter().filter(|(_, pairs)| !pairs.is_empty());
    shared().find(|(budget, _)| is_same(budget)).or_else(|| {
        let mut no_longer = shared()
            .filter(|(_, pairs)| took(pairs, |pair| pair.ours) <= took(pairs, |pair| pair.theirs));
        no_longer.next_back()
    })
}

fn held_against(budget: Budget, pairs: &[Pair]) -> Option<Counterpart> {
    let differences: Vec<f64> = pairs.iter().map(|pair| pair.ours.gap - pair.theirs.gap).collect();
    let count = |holds: fn(f64) -> bool| differences.iter().filter(|by| holds(**by)).count();
    let mean_of = |value: fn(&Pair) -> f64| mean(&pairs.iter().map(value).collect::<Vec<_>>());
    Some(Counterpart {
        budget,
        cpu_seconds: mean_of(|pair| pair.ours.cpu_seconds),
        gap_percent: mean_of(|pair| pair.ours.gap),
        difference: statistics::mean_of_pairs(&differences)?,
        wins: count(|by| by < -TIE),
        ties: count(|by| by.abs() <= TIE),
        losses: count(|by| by > TIE),
    })
}
