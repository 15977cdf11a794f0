//! One HTML file to look at: the figures, the curve, and what makes them again.

use std::collections::{BTreeMap, BTreeSet};

use super::figures::{Figure, figures};
use super::picture::Picture;
use super::row::{Reference, Row, StateRow};
use crate::bench::markup::Markup;
use crate::bench::page::{self, Column};
use crate::bench::statistics::{Estimate, mean_of_pairs};

pub(super) fn html(rows: &[Row]) -> String {
    page::document("Day-1", |body| content(body, rows))
}

fn content(body: &mut Markup, rows: &[Row]) {
    body.leaf("h1", &[], "Day-1: whole days, served, driven and judged");
    body.leaf("p", &[("class", &"lead")], opening(rows));
    let along = Curve::of(rows);
    if along.shares.len() > 1 {
        along.draw(body);
    }
    body.leaf("h2", &[], "All days");
    all_days(body, rows);
    if rows.iter().any(|row| !row.states.is_empty()) {
        body.leaf("h2", &[], "The same state, given to others");
        states(body, rows);
    }
    page::folded(body, "The commands that make each day again", |body| {
        body.element("ul", &[], |list| {
            let commands: BTreeSet<&str> = rows.iter().map(|row| &*row.command).collect();
            for command in commands {
                list.element("li", &[], |item| item.leaf("code", &[], command));
            }
        });
    });
}

fn opening(rows: &[Row]) -> String {
    let Some(row) = rows.first() else { return "No day was run.".to_owned() };
    let parcels: u32 = rows.iter().map(|row| row.day.service.parcels).sum();
    format!(
        "{} days of {} vans over {}, {} parcels in all, run by swerve {}. A day is drawn from its seed, \
         served over gRPC on a simulated clock, and every van is driven again by the judge. Money is in \
         the day's currency; intervals are Student's, 95 %, over days.",
        rows.len(),
        row.vans,
        row.roads,
        parcels,
        row.swerve,
    )
}

/// Cost against the share of recipients with a wish.
struct Curve<'a> {
    shares: BTreeSet<u32>,
    rows: &'a [Row],
    /// By seed, then share.
    costs: BTreeMap<u64, BTreeMap<u32, f64>>,
}

impl<'a> Curve<'a> {
    /// Of the days that were asked for with a share of their own.
    fn of(rows: &'a [Row]) -> Curve<'a> {
        let mut costs: BTreeMap<u64, BTreeMap<u32, f64>> = BTreeMap::new();
        for row in rows {
            let Some(share) = row.wish_permille else { continue };
            costs.entry(row.seed).or_default().insert(share, row.day.bill.per_parcel);
        }
        let shares = costs.values().flat_map(BTreeMap::keys).copied().collect();
        Curve { shares, rows, costs }
    }

    /// What each day costs at this share.
    fn costs(&self, share: u32) -> Vec<f64> {
        self.costs.values().filter_map(|day| day.get(&share)).copied().collect()
    }

    /// By how many per cent each day is dearer at this share than at the least.
    fn above(&self, share: u32) -> Vec<f64> {
        let least = self.shares.first().copied().unwrap_or(0);
        let of_day =
            |day: &BTreeMap<u32, f64>| Some((day.get(&share)? / day.get(&least)? - 1.0) * 100.0);
        self.costs.values().filter_map(of_day).collect()
    }

    fn draw(&self, body: &mut Markup) {
        body.leaf("h2", &[], "The sovereignty curve");
        let points = self.points(|share| self.costs(share));
        let days: Vec<Vec<(f64, f64)>> = self
            .costs
            .values()
            .map(|day| day.iter().map(|(share, cost)| (percent(*share), *cost)).collect())
            .collect();
        let words = points.iter().map(|(share, cost)| format!("{share} %: {:.4}", cost.mean));
        let picture = Picture {
            title: "Cost per delivered parcel against the share of recipients with a wish",
            words: &words.collect::<Vec<_>>().join(", "),
            across: "recipients with a wish, %",
            up: "cost per delivered parcel; each day, and the mean",
            points: &points,
            days: &days,
        };
        figure(body, &picture);
        let above = self.points(|share| self.above(share));
        let words = above.iter().map(|(share, more)| format!("{share} %: {:+.2} %", more.mean));
        let picture = Picture {
            title: "What wishes add to the cost of the same day",
            words: &words.collect::<Vec<_>>().join(", "),
            across: "recipients with a wish, %",
            up: "dearer than the same day with the fewest wishes, %",
            points: &above,
            days: &[],
        };
        figure(body, &picture);
        self.table(body);
    }

    fn points(&self, values: impl Fn(u32) -> Vec<f64>) -> Vec<(f64, Estimate)> {
        let point = |share: &u32| Some((percent(*share), mean_of_pairs(&values(*share))?));
        self.shares.iter().filter_map(point).collect()
    }

    fn table(&self, markup: &mut Markup) {
        let columns = [
            ("wishes, %", Column::Name),
            ("days", Column::Number),
            ("cost per parcel", Column::Number),
            ("95 %", Column::Number),
            ("dearer, %", Column::Number),
            ("95 %", Column::Number),
            ("granted, %", Column::Number),
        ];
        page::table(markup, "The curve's points", &columns, |markup| {
            markup.element("tbody", &[], |body| {
                for share in &self.shares {
                    page::row(body, &columns, &self.line(*share));
                }
            });
        });
    }

    fn line(&self, share: u32) -> Vec<String> {
        let (costs, above) = (mean_of_pairs(&self.costs(share)), mean_of_pairs(&self.above(share)));
        let granted: Vec<f64> = (self.rows.iter())
            .filter(|row| row.wish_permille == Some(share) && row.wishes.asked > 0)
            .map(|row| row.wishes.granted_share * 100.0)
            .collect();
        vec![
            percent(share).to_string(),
            self.costs(share).len().to_string(),
            mean_in_words(costs, 4),
            half_in_words(costs, 4),
            mean_in_words(above, 2),
            half_in_words(above, 2),
            mean_in_words(mean_of_pairs(&granted), 1),
        ]
    }
}

/// A picture with its title below.
fn figure(body: &mut Markup, picture: &Picture<'_>) {
    body.element("figure", &[], |figure| {
        picture.draw(figure);
        figure.leaf("figcaption", &[], picture.title);
    });
}

fn percent(permille: u32) -> f64 {
    f64::from(permille) / 10.0
}

fn mean_in_words(estimate: Option<Estimate>, decimals: usize) -> String {
    estimate.map_or("-".to_owned(), |estimate| format!("{:.decimals$}", estimate.mean))
}

fn half_in_words(estimate: Option<Estimate>, decimals: usize) -> String {
    let half = estimate.and_then(|estimate| estimate.half_width);
    half.map_or(String::new(), |half| format!("± {half:.decimals$}"))
}

/// A line for each figure: its mean, and every day beside it.
fn all_days(markup: &mut Markup, rows: &[Row]) {
    let name = |row: &Row| format!("seed {}\n{:.1} % wish", row.seed, row.wish_share * 100.0);
    let names: Vec<String> = rows.iter().map(name).collect();
    let mut columns =
        vec![("figure", Column::Name), ("mean", Column::Number), ("95 %", Column::Number)];
    columns.extend(names.iter().map(|name| (&**name, Column::Number)));
    let all = figures(rows);
    page::table(markup, "Every figure, its mean and every day", &columns, |markup| {
        markup.element("tbody", &[], |body| {
            for figure in &all {
                page::row(body, &columns, &figure_line(figure));
            }
        });
    });
    let meanings: Vec<(&str, String)> = (all.iter())
        .filter(|figure| !figure.meaning.is_empty())
        .map(|figure| (figure.name, figure.meaning.to_owned()))
        .collect();
    page::terms(markup, "notes", &meanings);
}

fn figure_line(figure: &Figure) -> Vec<String> {
    let (mean, half) =
        (mean_in_words(figure.mean, figure.decimals), half_in_words(figure.mean, figure.decimals));
    let days = figure.values.iter().map(|value| figure.in_words(*value));
    [figure.name.to_owned(), mean, half].into_iter().chain(days).collect()
}

const STATE_COLUMNS: [(&str, Column); 8] = [
    ("state", Column::Name),
    ("stops", Column::Number),
    ("solver", Column::Name),
    ("seconds", Column::Number),
    ("operation", Column::Number),
    ("all prices", Column::Number),
    ("gap, %", Column::Number),
    ("gap of operation, %", Column::Number),
];

fn states(markup: &mut Markup, rows: &[Row]) {
    let caption = "The engine's own plan, and what each reference makes of the state";
    page::table(markup, caption, &STATE_COLUMNS, |markup| {
        for state in rows.iter().flat_map(|row| &row.states) {
            markup.element("tbody", &[], |body| {
                page::row(body, &STATE_COLUMNS, &engine_line(state));
                for reference in &state.references {
                    page::row(body, &STATE_COLUMNS, &reference_line(reference));
                }
            });
        }
    });
}

fn units(value: Option<f64>) -> String {
    value.map_or("-".to_owned(), |value| format!("{value:.2}"))
}

fn engine_line(state: &StateRow) -> Vec<String> {
    vec![
        state.state.clone(),
        state.stops.to_string(),
        "the engine, live".to_owned(),
        String::new(),
        units(Some(state.operation)),
        units(Some(state.total)),
        units(state.gap_percent),
        units(state.gap_operation_percent),
    ]
}

fn reference_line(reference: &Reference) -> Vec<String> {
    let fault = reference.faults.first().cloned().unwrap_or_default();
    vec![
        fault,
        String::new(),
        reference.solver.clone(),
        reference.seconds.to_string(),
        units(reference.operation),
        units(reference.total),
        String::new(),
        String::new(),
    ]
}
