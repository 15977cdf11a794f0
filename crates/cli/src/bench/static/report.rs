//! The report: what a benchmark came to, as one file for people.

mod figures;
mod notes;
mod rows;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use super::Measured;
use super::peers::Peer;
use super::row::{Budget, Row};
use super::summary::{self, Comparison, Outcome, Part};
use crate::bench::chart::{self, Series};
use crate::bench::markup::Markup;
use crate::bench::page::{self, Column};
use crate::bench::statistics::Estimate;

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
        rows::instances(markup, measured);
        notes::how(markup, measured);
        rows::runs(markup, measured);
        if !peers.is_empty() {
            rows::peer_rows(markup, measured);
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
    if !measured.machine.release_build {
        let words = "A development build: it is slower, and its figures say little about Swerve.";
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
    let name = |peer: &&Peer| format!("{}\n{} {}", peer.name, peer.version, peer.options);
    let names: Vec<String> = peers.keys().map(name).collect();
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

fn least(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::INFINITY, f64::min)
}

fn largest(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::NEG_INFINITY, f64::max)
}

/// The largest of a family's budgets: what its picture of instances is of.
fn largest_budget(rows: &[&Row]) -> Option<Budget> {
    summary::budgets(rows).pop()
}
