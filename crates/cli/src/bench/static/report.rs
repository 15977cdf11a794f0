//! The report: what a benchmark came to, as one file for people.

mod figures;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use super::Measured;
use super::peers::{Peer, PeerRow};
use super::row::{Budget, Row};
use super::summary::{self, Comparison, Outcome, Part};
use crate::bench::chart::{self, Series};
use crate::bench::markup::Markup;
use crate::bench::page::{self, Column};
use crate::bench::statistics::{Estimate, mean};

/// Peers in the order in which they are drawn and listed, each with its colour and shape; ours is 0.
type Peers<'a> = BTreeMap<&'a Peer, usize>;

/// The whole report. A function of its argument alone.
pub(super) fn render(measured: &Measured) -> String {
    let known = measured.summary.comparisons.iter().map(|comparison| &comparison.peer);
    let mut peers: Peers = known.map(|peer| (peer, 0)).collect();
    for (index, series) in peers.values_mut().enumerate() {
        *series = index + 1;
    }
    page::document("Swerve: static benchmark", |markup| {
        head(markup, measured);
        overview(markup, measured, &peers);
        for family in summary::families(&measured.rows) {
            section(markup, measured, &peers, &family);
        }
        instances(markup, measured);
        how(markup, measured);
        runs(markup, measured);
        if !peers.is_empty() {
            peer_rows(markup, measured);
        }
    })
}

fn head(markup: &mut Markup, measured: &Measured) {
    markup.leaf("h1", &[], "Static benchmark");
    let lead = format!("Swerve {}, {}", measured.version, measured.made_at);
    markup.leaf("p", &[("class", &"lead")], lead);
    if measured.interrupted {
        let words = "Interrupted: what follows is of the runs that were done by then.";
        markup.leaf("p", &[("class", &"warning")], words);
    }
    if !measured.machine.optimized {
        let words = "Built without optimization: figures of this build say nothing about Swerve.";
        markup.leaf("p", &[("class", &"warning")], words);
    }
    let counted = || measured.rows.iter().filter(|row| !row.interrupted);
    let infeasible = counted().filter(|row| !row.feasible).count();
    let cpu_seconds: f64 = counted().map(|row| row.cpu_seconds).sum();
    let facts = [
        ("instances", count_distinct(counted().map(|row| (&row.family, &row.instance)))),
        ("seeds", count_distinct(counted().map(|row| row.seed))),
        ("runs", counted().count().to_string()),
        ("infeasible", infeasible.to_string()),
        ("CPU seconds", format!("{cpu_seconds:.0}")),
        ("threads a run", measured.threads.to_string()),
    ];
    page::terms(markup, "facts", &facts);
}

fn count_distinct<T: Ord>(all: impl Iterator<Item = T>) -> String {
    all.collect::<std::collections::BTreeSet<T>>().len().to_string()
}

/// Families and budgets down, solvers across.
fn overview(markup: &mut Markup, measured: &Measured, peers: &Peers) {
    markup.leaf("h2", &[], "Mean gap to the best known");
    let mut words = "In per cent, lower is better. ± is the 95 % interval over seeds.".to_owned();
    if !peers.is_empty() {
        words += " A peer's gap is over the instances it was run on too, and beneath it stands by how \
                  much ours is lower (−) or higher (+) on these alone, with the 95 % interval over \
                  them. It is coloured where that interval leaves out 0.";
    }
    markup.leaf("p", &[], words);
    let names: Vec<String> = peers.keys().map(ToString::to_string).collect();
    let mut columns = vec![
        ("family", Column::Name),
        ("budget", Column::Number),
        ("instances", Column::Number),
        ("Swerve", Column::Number),
    ];
    columns.extend(names.iter().map(|name| (&**name, Column::Number)));
    page::table(markup, "Families and budgets", &columns, |markup| {
        for family in summary::families(&measured.rows) {
            markup.element("tbody", &[], |markup| {
                let outcomes = &measured.summary.outcomes;
                for outcome in outcomes.iter().filter(|outcome| outcome.family == family) {
                    overview_row(markup, outcome, measured, peers);
                }
            });
        }
    });
}

fn overview_row(markup: &mut Markup, outcome: &Outcome, measured: &Measured, peers: &Peers) {
    let is_whole = outcome.part == Part::All;
    let class = if is_whole { "whole" } else { "part" };
    markup.element("tr", &[("class", &class)], |markup| {
        let name = if is_whole { &outcome.family } else { outcome.part.name() };
        markup.leaf("th", &[("scope", &"row"), ("class", &"name")], name);
        markup.leaf("td", &[], outcome.budget);
        markup.leaf("td", &[], outcome.instances);
        markup.element("td", &[("class", &"swerve")], |markup| estimate(markup, outcome.gap));
        for peer in peers.keys() {
            markup.element("td", &[], |markup| {
                let beside = nearest(&measured.summary.comparisons, peer, outcome);
                if let Some(comparison) = beside.filter(|_| is_whole) {
                    peer_cell(markup, comparison);
                }
            });
        }
    });
    markup.line();
}

/// Of a peer's budgets held against ours, the one whose CPU time is nearest.
fn nearest<'a>(
    comparisons: &'a [Comparison],
    peer: &Peer,
    outcome: &Outcome,
) -> Option<&'a Comparison> {
    let held = comparisons.iter().filter(|comparison| {
        let is_its = comparison.family == outcome.family && comparison.peer == *peer;
        is_its && comparison.ours.as_ref().is_some_and(|ours| ours.budget == outcome.budget)
    });
    held.min_by(|a, b| {
        let off = |comparison: &Comparison| {
            (comparison.peer_cpu_seconds / outcome.cpu_seconds.max(1e-9)).max(1e-9).ln().abs()
        };
        off(a).total_cmp(&off(b))
    })
}

fn peer_cell(markup: &mut Markup, comparison: &Comparison) {
    markup.text(format!("{:.2}", comparison.peer_gap_percent));
    let Some(ours) = &comparison.ours else { return };
    markup.element("small", &[("class", &verdict(ours.difference))], |markup| {
        markup.text(signed(ours.difference));
    });
    let instances = if comparison.instances == 1 { "instance" } else { "instances" };
    let words = format!("{} {instances}, {}", comparison.instances, comparison.peer_budget);
    markup.leaf("small", &[], words);
}

/// Whether a difference is surely one.
fn verdict(difference: Estimate) -> &'static str {
    let Some(half_width) = difference.half_width else { return "unsure" };
    if difference.mean + half_width < 0.0 {
        "better"
    } else if difference.mean - half_width > 0.0 {
        "worse"
    } else {
        "unsure"
    }
}

fn signed(difference: Estimate) -> String {
    let sign = if difference.mean < 0.0 { "−" } else { "+" };
    let sure = difference.half_width.map(|half| format!(" ± {half:.2}")).unwrap_or_default();
    format!("{sign}{:.2}{sure}", difference.mean.abs())
}

fn estimate(markup: &mut Markup, estimate: Option<Estimate>) {
    let Some(estimate) = estimate else { return markup.text("–") };
    markup.text(format!("{:.2}", estimate.mean));
    if let Some(half_width) = estimate.half_width {
        markup.leaf("small", &[], format!("± {half_width:.2}"));
    }
}

/// One family: its curves, its gaps, and every peer's budget beside ours.
fn section(markup: &mut Markup, measured: &Measured, peers: &Peers, family: &str) {
    markup.leaf("h2", &[], family);
    legend(markup, measured, peers, family);
    figures::anytime(markup, measured, peers, family);
    figures::by_instance(markup, measured, peers, family);
    let of_family = |comparison: &&Comparison| comparison.family == family;
    let comparisons: Vec<&Comparison> =
        measured.summary.comparisons.iter().filter(of_family).collect();
    if comparisons.is_empty() {
        return;
    }
    let columns = [
        ("peer", Column::Name),
        ("budget", Column::Number),
        ("CPU s", Column::Number),
        ("instances", Column::Number),
        ("infeasible runs", Column::Number),
        ("gap %", Column::Number),
        ("Swerve’s budget", Column::Number),
        ("CPU s", Column::Number),
        ("gap %", Column::Number),
        ("difference", Column::Number),
        ("won – tied – lost", Column::Number),
    ];
    let caption =
        format!("{family}: every budget of every peer, on the instances both have solved");
    page::table(markup, &caption, &columns, |markup| {
        markup.element("tbody", &[], |markup| {
            for comparison in comparisons {
                page::row(markup, &columns, &compared(comparison));
            }
        });
    });
}

fn compared(comparison: &Comparison) -> [String; 11] {
    let nothing = || ["–", "", "", "", ""].map(str::to_owned);
    let [budget, cpu_seconds, gap, difference, record] =
        comparison.ours.as_ref().map_or_else(nothing, |ours| {
            [
                ours.budget.to_string(),
                format!("{:.2}", ours.cpu_seconds),
                format!("{:.2}", ours.gap_percent),
                signed(ours.difference),
                format!("{} – {} – {}", ours.wins, ours.ties, ours.losses),
            ]
        });
    [
        comparison.peer.to_string(),
        comparison.peer_budget.clone(),
        format!("{:.2}", comparison.peer_cpu_seconds),
        comparison.instances.to_string(),
        comparison.peer_infeasible.to_string(),
        format!("{:.2}", comparison.peer_gap_percent),
        budget,
        cpu_seconds,
        gap,
        difference,
        record,
    ]
}

fn legend(markup: &mut Markup, measured: &Measured, peers: &Peers, family: &str) {
    let mut series = vec![(0, format!("Swerve {}", measured.version))];
    let is_here = |peer: &Peer| {
        let mut comparisons = measured.summary.comparisons.iter();
        comparisons.any(|other| other.family == family && other.peer == *peer)
    };
    let here = peers.iter().filter(|(peer, _)| is_here(peer));
    series.extend(here.map(|(peer, series)| (*series, peer.to_string())));
    markup.element("ul", &[("class", &"legend")], |markup| {
        for (series, name) in series {
            markup.element("li", &[("class", &Series(series))], |markup| {
                chart::key(markup, series);
                markup.leaf("span", &[], name);
            });
        }
    });
    markup.line();
}

/// Every instance and budget, over its seeds.
fn instances(markup: &mut Markup, measured: &Measured) {
    markup.leaf("h2", &[], "Every instance");
    let columns = [
        ("instance", Column::Name),
        ("n", Column::Number),
        ("budget", Column::Number),
        ("runs", Column::Number),
        ("best known", Column::Number),
        ("least cost", Column::Number),
        ("mean cost", Column::Number),
        ("mean gap %", Column::Number),
        ("least – largest gap %", Column::Number),
        ("vehicles", Column::Number),
        ("CPU s", Column::Number),
        ("iterations / CPU s", Column::Number),
    ];
    for family in summary::families(&measured.rows) {
        let rows = summary::of_family(&measured.rows, &family);
        let mut instances: BTreeMap<(&str, usize), Vec<&Row>> = BTreeMap::new();
        let budgets = summary::budgets(&rows);
        for row in rows {
            let budget = budgets.iter().position(|budget| *budget == row.budget);
            instances.entry((&row.instance, budget.unwrap_or(0))).or_default().push(row);
        }
        page::table(markup, &family, &columns, |markup| {
            markup.element("tbody", &[], |markup| {
                for rows in instances.values() {
                    page::row(markup, &columns, &of_instance(rows));
                }
            });
        });
    }
}

/// Of one instance and budget, at least one.
fn of_instance(rows: &[&Row]) -> [String; 12] {
    let feasible: Vec<&Row> = rows.iter().filter(|row| row.feasible).copied().collect();
    let over = |value: fn(&Row) -> f64| rows.iter().map(|row| value(row)).collect::<Vec<f64>>();
    let costs: Vec<f64> = feasible.iter().map(|row| row.cost).collect();
    let gaps: Vec<f64> = feasible.iter().filter_map(|row| row.gap_percent).collect();
    let vehicles: Vec<f64> = feasible.iter().map(|row| row.vehicles as f64).collect();
    let runs = if feasible.len() == rows.len() {
        rows.len().to_string()
    } else {
        format!("{}, {} infeasible", rows.len(), rows.len() - feasible.len())
    };
    let or_none = |values: &[f64], told: &dyn Fn(&[f64]) -> String| {
        if values.is_empty() { "–".to_owned() } else { told(values) }
    };
    [
        rows[0].instance.clone(),
        rows[0].n.to_string(),
        rows[0].budget.to_string(),
        runs,
        rows[0].best_known.map_or_else(|| "–".to_owned(), |best| best.to_string()),
        or_none(&costs, &|costs| least(costs).to_string()),
        or_none(&costs, &|costs| format!("{:.1}", mean(costs))),
        or_none(&gaps, &|gaps| format!("{:.3}", mean(gaps))),
        or_none(&gaps, &|gaps| format!("{:.3} – {:.3}", least(gaps), largest(gaps))),
        or_none(&vehicles, &|counts| match (least(counts), largest(counts)) {
            (least, largest) if least == largest => least.to_string(),
            (least, largest) => format!("{least} – {largest}"),
        }),
        format!("{:.2}", mean(&over(|row| row.cpu_seconds))),
        format!("{:.0}", mean(&over(|row| row.iterations_per_cpu_second))),
    ]
}

fn least(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::INFINITY, f64::min)
}

fn largest(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::NEG_INFINITY, f64::max)
}

/// What was done, on what, and what the figures mean.
fn how(markup: &mut Markup, measured: &Measured) {
    markup.leaf("h2", &[], "How it was measured");
    let machine = &measured.machine;
    let unknown = || "not known".to_owned();
    let cores = machine.cores.map_or_else(unknown, |cores| cores.to_string());
    let processor = machine.processor.clone().unwrap_or_else(unknown);
    let mut build = format!(
        "{} {}",
        measured.version,
        if machine.optimized { "with optimization" } else { "without optimization" }
    );
    if let Some(digest) = &machine.executable_sha256 {
        build = format!("{build}, executable of SHA-256 {digest}");
    }
    let notes = [
        ("command", measured.command.clone()),
        ("build", build),
        ("machine", format!("{processor}; {cores} cores this process may use; {}", machine.system)),
        ("cores used", cores_used(measured)),
        (
            "CPU seconds",
            "CPU time of the whole process in user and system mode, all threads together, from before \
             an instance is read until its plan is there. A time limit is so many of them a thread. \
             Peers’ are as their own rows say, on one thread."
                .to_owned(),
        ),
        (
            "gap",
            "Cost by the independent checker over the best known cost, less 1. The best known is the \
             set’s bks.json, else the .sol file beside the instance; where fewer vehicles come first, \
             plans with as many vehicles alone are compared. Peers’ gaps are reckoned anew, from their \
             costs, to the same best known. Infeasible plans count in no mean."
                .to_owned(),
        ),
        (
            "intervals",
            "95 %. Of a mean gap: Student’s t over seeds, instances held fixed, each counting alike \
             (the variances of the instances’ means added, Satterthwaite’s degrees of freedom). Of a \
             difference to a peer: Student’s t over the instances both have solved, seeds averaged \
             before. With one seed, or one instance, there is none."
                .to_owned(),
        ),
        (
            "peers",
            "A peer’s budget is held against our runs of the same CPU seconds; if there are none, \
             against our longest that took no more CPU time than the peer. Won, tied and lost are \
             instances; a tie is nearer than 0.001 points."
                .to_owned(),
        ),
    ];
    page::terms(markup, "notes", &notes);
}

/// How much of the time asked for the machine gave.
fn cores_used(measured: &Measured) -> String {
    let cpu: f64 = measured.rows.iter().map(|row| row.cpu_seconds).sum();
    let wall: f64 = measured.rows.iter().map(|row| row.wall_seconds).sum();
    let share = 100.0 * cpu / (wall * measured.threads as f64).max(1e-9);
    let (threads, workers) = (measured.threads, measured.workers);
    format!(
        "{threads} at a time ({workers} independent searches a run). The runs got {share:.0} % of the \
         CPU time of so many cores; what is missing went to others on the machine, or to waiting."
    )
}

/// Every run, and the command that makes it again.
fn runs(markup: &mut Markup, measured: &Measured) {
    let columns = [
        ("instance", Column::Name),
        ("seed", Column::Number),
        ("budget", Column::Number),
        ("cost", Column::Number),
        ("vehicles", Column::Number),
        ("gap %", Column::Number),
        ("CPU s", Column::Number),
        ("wall s", Column::Number),
        ("iterations", Column::Number),
        ("command", Column::Words),
    ];
    let summary = format!("All {} runs, with the command of each", measured.rows.len());
    page::folded(markup, &summary, |markup| {
        page::table(markup, "Runs", &columns, |markup| {
            markup.element("tbody", &[], |markup| {
                for row in &measured.rows {
                    page::row(markup, &columns, &of_run(row));
                }
            });
        });
    });
}

fn of_run(row: &Row) -> [String; 10] {
    let gap = match (row.interrupted, row.feasible, row.gap_percent) {
        (true, _, _) => "interrupted".to_owned(),
        (_, false, _) => "infeasible".to_owned(),
        (_, _, gap) => gap.map_or_else(|| "–".to_owned(), |gap| format!("{gap:.3}")),
    };
    [
        row.instance.clone(),
        row.seed.to_string(),
        row.budget.to_string(),
        row.cost.to_string(),
        row.vehicles.to_string(),
        gap,
        format!("{:.2}", row.cpu_seconds),
        format!("{:.2}", row.wall_seconds),
        row.iterations.to_string(),
        row.command.clone(),
    ]
}

/// Every peer's row that is compared here.
fn peer_rows(markup: &mut Markup, measured: &Measured) {
    let columns = [
        ("peer", Column::Name),
        ("version", Column::Name),
        ("threads", Column::Number),
        ("instance", Column::Name),
        ("budget", Column::Number),
        ("seed", Column::Number),
        ("CPU s", Column::Number),
        ("cost", Column::Number),
        ("gap %", Column::Number),
        ("command", Column::Words),
    ];
    let measured_here = |row: &&PeerRow| {
        let mut rows = measured.rows.iter().filter(|ours| !ours.interrupted);
        rows.any(|ours| ours.family == row.family && ours.instance == row.instance)
    };
    let rows: Vec<&PeerRow> = measured.peers.iter().filter(measured_here).collect();
    let summary = format!("All {} rows of peers, with the command of each", rows.len());
    page::folded(markup, &summary, |markup| {
        page::table(markup, "Peers’ rows", &columns, |markup| {
            markup.element("tbody", &[], |markup| {
                for row in rows {
                    page::row(markup, &columns, &of_peer_run(row, measured));
                }
            });
        });
    });
}

fn of_peer_run(row: &PeerRow, measured: &Measured) -> [String; 10] {
    let gap = match (row.cost, summary::gap_of(row, &measured.listed)) {
        (None, _) => "infeasible".to_owned(),
        (Some(_), gap) => gap.map_or_else(|| "–".to_owned(), |gap| format!("{gap:.3}")),
    };
    [
        row.peer.name.clone(),
        row.peer.version.clone(),
        // The harness runs every peer on one.
        "1".to_owned(),
        row.instance.clone(),
        row.budget.to_string(),
        row.seed.to_string(),
        format!("{:.2}", row.cpu_seconds),
        row.cost.map_or_else(|| "–".to_owned(), |cost| cost.to_string()),
        gap,
        row.command.clone(),
    ]
}

/// The largest of a family's budgets: what its picture of instances is of.
fn largest_budget(rows: &[&Row]) -> Option<Budget> {
    summary::budgets(rows).pop()
}
