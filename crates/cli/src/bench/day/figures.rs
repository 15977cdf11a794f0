//! The figures of all days, named and explained once, for the terminal and the report.

use super::row::Row;
use crate::bench::statistics::{Estimate, mean_of_pairs};

/// One figure of all days.
pub(super) struct Figure {
    pub(super) name: &'static str,
    /// By row; none where a day has no such figure.
    pub(super) values: Vec<Option<f64>>,
    pub(super) mean: Option<Estimate>,
    pub(super) decimals: usize,
    pub(super) meaning: &'static str,
}

impl Figure {
    pub(super) fn in_words(&self, value: Option<f64>) -> String {
        value.map_or("-".to_owned(), |value| format!("{value:.*}", self.decimals))
    }
}

type Read = fn(&Row) -> Option<f64>;

/// What is told of every day, in the order it is told.
pub(super) fn figures(rows: &[Row]) -> Vec<Figure> {
    let lines: [(&'static str, usize, Read, &'static str); 20] = [
        (
            "cost per parcel",
            4,
            |row| Some(row.day.bill.per_parcel),
            "paid time, distance, overtime and lateness, by delivered parcels",
        ),
        (
            "parcels delivered %",
            2,
            |row| share(row.day.service.delivered, row.day.service.parcels),
            "handed over today",
        ),
        (
            "promises kept %",
            2,
            |row| {
                let service = &row.day.service;
                share(service.promises_kept, service.promises_kept + service.promises_broken)
            },
            "service began inside the promise, at its place",
        ),
        (
            "wishes asked",
            0,
            |row| Some(row.wishes.asked.into()),
            "recipients who changed their mind in time",
        ),
        (
            "wishes granted %",
            1,
            |row| (row.wishes.asked > 0).then_some(row.wishes.granted_share * 100.0),
            "as wished, of those who meant it",
        ),
        (
            "granted if known %",
            1,
            |row| {
                row.hindsight
                    .as_ref()
                    .and_then(|one| share(one.granted_if_known, one.asked_if_known))
            },
            "had all been asked before the sort, of all who ask",
        ),
        (
            "above hindsight %",
            2,
            |row| row.hindsight.as_ref().map(|one| one.gap_percent),
            "cost per parcel; every wish known, the same vans",
        ),
        (
            "above free hindsight %",
            2,
            |row| row.hindsight.as_ref().map(|one| one.gap_free_percent),
            "cost per parcel; every wish known, any van",
        ),
        (
            "above same state %",
            2,
            |row| mean_gap(row, |state| state.gap_percent),
            "planned cost, all prices, above the best reference",
        ),
        (
            "… operation alone %",
            2,
            |row| mean_gap(row, |state| state.gap_operation_percent),
            "what was told left out",
        ),
        (
            "positions a revision",
            2,
            |row| Some(row.disturbance.positions_per_revision),
            "of a driver's next ten stops, another stop stands there",
        ),
        (
            "driver messages/h",
            2,
            |row| Some(row.disturbance.messages_per_hour),
            "revisions shown, an hour on the road",
        ),
        (
            "… most in an hour",
            0,
            |row| Some(row.disturbance.messages_in_an_hour_max.into()),
            "of any driver",
        ),
        (
            "told moved",
            0,
            |row| Some(row.disturbance.told_moved.into()),
            "arrivals told anew more than five minutes off",
        ),
        ("… a hundred parcels", 2, |row| Some(row.disturbance.told_moved_per_hundred), "delivered"),
        (
            "loaded changed van",
            0,
            |row| Some(row.disturbance.loaded_changed_van.into()),
            "must be 0",
        ),
        ("km", 1, |row| Some(row.day.km), "driven"),
        ("hours out", 2, |row| Some(row.day.hours_out), "of all vans"),
        ("overtime cost", 2, |row| Some(row.day.bill.overtime), ""),
        ("lateness cost", 2, |row| Some(row.day.bill.lateness), ""),
    ];
    lines
        .into_iter()
        .map(|(name, decimals, read, meaning)| {
            let values: Vec<Option<f64>> = rows.iter().map(read).collect();
            let known: Vec<f64> = values.iter().copied().flatten().collect();
            Figure { name, mean: mean_of_pairs(&known), values, decimals, meaning }
        })
        .collect()
}

fn share(part: u32, whole: u32) -> Option<f64> {
    (whole > 0).then(|| 100.0 * f64::from(part) / f64::from(whole))
}

/// Over the sampled states of a day.
fn mean_gap(row: &Row, gap: fn(&super::row::StateRow) -> Option<f64>) -> Option<f64> {
    let gaps: Vec<f64> = row.states.iter().filter_map(gap).collect();
    (!gaps.is_empty()).then(|| gaps.iter().sum::<f64>() / gaps.len() as f64)
}
