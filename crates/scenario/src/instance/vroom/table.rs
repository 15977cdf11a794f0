//! Matrices of a file: whole numbers row by row, read without a tree of JSON values between.
//!
//! A matrix of a few thousand sites is nearly all of its file, and a tree of it would take several times
//! the text. What cannot be meant is kept as a fault, so that all faults are told at once.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};
use swerve_model::instance::{FAULTS_MAX, SITES_MAX};

use super::super::fault::Faults;

/// A square of entries as far as they could be read.
#[derive(Debug, Default)]
pub(super) struct Table {
    entries: Vec<u32>,
    rows: usize,
    /// Rows of another length than the first, and their length.
    ragged: Vec<(usize, usize)>,
    /// Entries that are no whole number, or none a matrix may hold.
    wrong: Vec<(usize, usize, String)>,
    width: usize,
}

impl Table {
    /// How many sites it is for; `None` and a fault unless it is a square of numbers.
    pub(super) fn sites(&self, path: &str, faults: &mut Faults) -> Option<usize> {
        for (row, found) in &self.ragged {
            let rule = format!("{} are needed, as in row 0", self.width);
            faults.add(format!("{path}[{row}]"), format!("{found} entries; {rule}"));
        }
        for (row, column, fault) in &self.wrong {
            faults.add(format!("{path}[{row}][{column}]"), fault.clone());
        }
        if !self.ragged.is_empty() || !self.wrong.is_empty() {
            return None;
        }
        if self.rows != self.width || self.rows == 0 {
            let (rows, width) = (self.rows, self.width);
            let fault = format!("{rows} rows of {width}; a square, not empty, is required");
            faults.add(path.to_owned(), fault);
            return None;
        }
        if self.rows > SITES_MAX {
            let rows = self.rows;
            faults.add(path.to_owned(), format!("{rows} sites; at most {SITES_MAX} are allowed"));
            return None;
        }
        Some(self.rows)
    }

    /// Of a table that is a square.
    pub(super) fn entry(&self, from: u32, to: u32) -> i64 {
        self.entries[from as usize * self.width + to as usize].into()
    }

    fn add_row<'de, A: SeqAccess<'de>>(&mut self, mut row: A) -> Result<(), A::Error> {
        let mut width = 0;
        while let Some(Entry(number)) = row.next_element()? {
            // More is no matrix; it is counted to the end and told, not kept.
            let is_kept = width < SITES_MAX && self.rows < SITES_MAX;
            match number {
                Ok(number) if is_kept => self.entries.push(number),
                Err(fault) if self.wrong.len() < FAULTS_MAX => {
                    self.wrong.push((self.rows, width, fault));
                    self.entries.push(0);
                }
                _ => {}
            }
            width += 1;
        }
        if self.rows == 0 {
            self.width = width;
        } else if width != self.width && self.ragged.len() < FAULTS_MAX {
            self.ragged.push((self.rows, width));
        }
        self.rows += 1;
        Ok(())
    }
}

impl<'de> Deserialize<'de> for Table {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Table, D::Error> {
        struct Rows;
        impl<'de> Visitor<'de> for Rows {
            type Value = Table;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("the rows of a matrix")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut rows: A) -> Result<Table, A::Error> {
                let mut table = Table::default();
                while rows.next_element_seed(Row(&mut table))?.is_some() {}
                Ok(table)
            }
        }
        deserializer.deserialize_seq(Rows)
    }
}

/// One row, added to the table as it is read.
struct Row<'t>(&'t mut Table);

impl<'de> serde::de::DeserializeSeed<'de> for Row<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Row<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a row of a matrix")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, row: A) -> Result<(), A::Error> {
        self.0.add_row(row)
    }
}

/// One number of a matrix, or what is wrong with it.
struct Entry(Result<u32, String>);

impl<'de> Deserialize<'de> for Entry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Entry, D::Error> {
        deserializer.deserialize_any(EntryVisitor)
    }
}

struct EntryVisitor;

impl Visitor<'_> for EntryVisitor {
    type Value = Entry;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a whole number of 0 or more")
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Entry, E> {
        Ok(Entry(u32::try_from(number).map_err(|_| refused(number))))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Entry, E> {
        Ok(Entry(u32::try_from(number).map_err(|_| refused(number))))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Entry, E> {
        let is_whole = number.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&number);
        Ok(Entry(if is_whole { Ok(number as u32) } else { Err(refused(number)) }))
    }
}

fn refused(number: impl fmt::Display) -> String {
    format!("is {number}; a whole number from 0 to {} is required", u32::MAX)
}
