//! The report's long tables: every instance, every run, and every row of a peer.

use std::collections::BTreeMap;

use super::{largest, least};
use crate::bench::markup::Markup;
use crate::bench::page::{self, Column};
use crate::bench::r#static::Measured;
use crate::bench::r#static::peers::PeerRow;
use crate::bench::r#static::row::Row;
use crate::bench::r#static::summary;
use crate::bench::statistics::mean;

/// Every instance and budget, over its seeds.
pub(super) fn instances(markup: &mut Markup, measured: &Measured) {
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

/// Every run, and the command that makes it again.
pub(super) fn runs(markup: &mut Markup, measured: &Measured) {
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
pub(super) fn peer_rows(markup: &mut Markup, measured: &Measured) {
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
