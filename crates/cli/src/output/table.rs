//! Columns for people: as wide as they must be, numbers to the right, nothing drawn around them.

use std::fmt;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Align {
    Left,
    Right,
}

/// Rows under a header, or names beside values.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table {
    header: Vec<String>,
    align: Vec<Align>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with a header; columns given as `Right` hold numbers.
    pub(crate) fn new(columns: &[(&str, Align)]) -> Table {
        Table {
            header: columns.iter().map(|(name, _)| (*name).to_owned()).collect(),
            align: columns.iter().map(|(_, align)| *align).collect(),
            rows: Vec::new(),
        }
    }

    /// Names beside values, without a header.
    pub(crate) fn pairs() -> Table {
        Table::plain(2)
    }

    /// Columns of words, without a header.
    pub(crate) fn plain(columns: usize) -> Table {
        Table { header: Vec::new(), align: vec![Align::Left; columns], rows: Vec::new() }
    }

    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) -> &mut Table {
        self.rows.push(cells.into_iter().collect());
        self
    }

    pub(crate) fn pair(&mut self, name: &str, value: impl fmt::Display) -> &mut Table {
        self.row([name.to_owned(), value.to_string()])
    }

    fn widths(&self) -> Vec<usize> {
        let mut widths = vec![0; self.align.len()];
        for row in self.rows.iter().chain([&self.header]) {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count());
            }
        }
        widths
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let widths = self.widths();
        let header = (!self.header.is_empty()).then_some(&self.header);
        for row in header.into_iter().chain(&self.rows) {
            let cells = row.iter().zip(&widths).zip(&self.align);
            let cells: Vec<String> = cells
                .map(|((cell, &width), align)| match align {
                    Align::Left => format!("{cell:<width$}"),
                    Align::Right => format!("{cell:>width$}"),
                })
                .collect();
            writeln!(f, "{}", cells.join("  ").trim_end())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell_and_numbers_stand_to_the_right() {
        let mut table = Table::new(&[("van", Align::Left), ("stops", Align::Right)]);
        table.row(["v1".to_owned(), "7".to_owned()]);
        table.row(["lorry".to_owned(), "120".to_owned()]);
        assert_eq!(table.to_string(), "van    stops\nv1         7\nlorry    120\n");
    }

    #[test]
    fn pairs_have_no_header_and_no_trailing_blanks() {
        let mut table = Table::pairs();
        table.pair("roads", 12).pair("none", "");
        assert_eq!(table.to_string(), "roads  12\nnone\n");
    }
}
