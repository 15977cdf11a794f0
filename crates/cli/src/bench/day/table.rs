//! The days as a table for the terminal: a line each, and their means.

use super::figures::{Figure, figures};
use super::row::Row;
use crate::output::{Align, Table};

pub(super) fn table(rows: &[Row]) -> Table {
    let mut columns = vec![("", Align::Left)];
    let names: Vec<String> = rows.iter().map(name).collect();
    columns.extend(names.iter().map(|name| (name.as_str(), Align::Right)));
    columns.extend([("mean", Align::Right), ("95 %", Align::Right), ("what it is", Align::Left)]);
    let mut table = Table::new(&columns);
    for figure in figures(rows) {
        let Figure { name, values, mean, meaning, .. } = &figure;
        let mut line = vec![(*name).to_owned()];
        line.extend(values.iter().map(|value| figure.in_words(*value)));
        line.push(figure.in_words(mean.map(|mean| mean.mean)));
        line.push(match mean.and_then(|mean| mean.half_width) {
            Some(half) => format!("± {}", figure.in_words(Some(half))),
            None => String::new(),
        });
        line.push((*meaning).to_owned());
        table.row(line);
    }
    table
}

fn name(row: &Row) -> String {
    format!("{} / {:.1} %", row.seed, row.wish_share * 100.0)
}
