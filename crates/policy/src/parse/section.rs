//! One table of a rules file, read field by field.
//!
//! A reader that keeps going: each field that is right is set, each that is wrong becomes a fault, and
//! what was never asked for is unknown.

use std::ops::RangeInclusive;

use swerve_model::{Cost, Ticks};
use toml::{Table, Value};

use super::Fault;

/// The dearest anything may be, in currency units: beyond it is a typing error.
const AMOUNT_MAX: f64 = 10_000.0;
/// A week: no cut-off is earlier.
const MINUTES_MAX: i64 = 7 * 24 * 60;
/// As much of a wrong value as a message repeats.
const VALUE_LEN_MAX: usize = 60;

pub(super) struct Section<'t> {
    path: String,
    /// `None` for a table that was left out.
    table: Option<&'t Table>,
    asked: Vec<&'static str>,
    missing: Vec<String>,
    faults: Vec<Fault>,
}

impl<'t> Section<'t> {
    pub(super) fn root(table: &'t Table) -> Section<'t> {
        Section::at(String::new(), Some(table))
    }

    fn at(path: String, table: Option<&'t Table>) -> Section<'t> {
        Section { path, table, asked: Vec::new(), missing: Vec::new(), faults: Vec::new() }
    }

    /// What was left out, and every fault, by path: unknown fields included.
    pub(super) fn close(mut self) -> (Vec<String>, Vec<Fault>) {
        for (key, value) in self.table.into_iter().flatten() {
            if !self.asked.contains(&key.as_str()) {
                let known = self.asked.join(", ");
                self.fault(key, value, format!("the fields here are {known}"));
            }
        }
        self.faults.sort();
        (self.missing, self.faults)
    }

    /// Reads the table `key`.
    pub(super) fn section(&mut self, key: &'static str, read: impl FnOnce(&mut Section<'t>)) {
        self.asked.push(key);
        let table = match self.table.and_then(|table| table.get(key)) {
            None => None,
            Some(Value::Table(table)) => Some(table),
            Some(other) => {
                self.fault(key, other, "a table is required".to_owned());
                return;
            }
        };
        let mut section = Section::at(self.path_of(key), table);
        read(&mut section);
        let (missing, faults) = section.close();
        self.missing.extend(missing);
        self.faults.extend(faults);
    }

    pub(super) fn integer(
        &mut self,
        key: &'static str,
        range: RangeInclusive<i64>,
        set: impl FnOnce(i64),
    ) {
        let Some(value) = self.value(key) else { return };
        let (least, most) = (*range.start(), *range.end());
        let rule = format!("a whole number from {least} to {most} is required");
        match value.as_integer().filter(|number| range.contains(number)) {
            Some(number) => set(number),
            None => self.fault(key, value, rule),
        }
    }

    pub(super) fn boolean(&mut self, key: &'static str, set: impl FnOnce(bool)) {
        let Some(value) = self.value(key) else { return };
        match value.as_bool() {
            Some(flag) => set(flag),
            None => self.fault(key, value, "true or false is required".to_owned()),
        }
    }

    /// A span in whole minutes, or `"none"`.
    pub(super) fn minutes(&mut self, key: &'static str, set: impl FnOnce(Option<Ticks>)) {
        let Some(value) = self.value(key) else { return };
        match value {
            Value::String(text) if text == "none" => set(None),
            Value::Integer(minutes) if (0..=MINUTES_MAX).contains(minutes) => {
                set(Some(Ticks::from_minutes(*minutes)));
            }
            other => {
                let rule = format!(
                    "a whole number of minutes from 0 to {MINUTES_MAX}, or \"none\", is required"
                );
                self.fault(key, other, rule);
            }
        }
    }

    /// An amount of money, rounded to micro-units.
    pub(super) fn amount(&mut self, key: &'static str, set: impl FnOnce(Cost)) {
        let Some(value) = self.value(key) else { return };
        let units = match value {
            Value::Integer(units) => Some(*units as f64),
            Value::Float(units) => Some(*units),
            _ => None,
        };
        // NaN is in no range.
        match units.filter(|units| (0.0..=AMOUNT_MAX).contains(units)) {
            Some(units) => set(Cost((units * 1e6).round() as i64)),
            None => self.fault(key, value, format!("an amount from 0 to {AMOUNT_MAX} is required")),
        }
    }

    /// One of `allowed`, by its index.
    pub(super) fn name(
        &mut self,
        key: &'static str,
        allowed: &[&'static str],
        set: impl FnOnce(usize),
    ) {
        let Some(value) = self.value(key) else { return };
        let chosen = value.as_str().and_then(|name| allowed.iter().position(|one| *one == name));
        match chosen {
            Some(chosen) => set(chosen),
            None => self.fault(key, value, format!("one of {} is required", quoted(allowed))),
        }
    }

    /// A list of some of `allowed`.
    pub(super) fn names(
        &mut self,
        key: &'static str,
        allowed: &[&'static str],
        set: impl FnOnce(&[&str]),
    ) {
        let Some(value) = self.value(key) else { return };
        let rule = || format!("a list of some of {} is required", quoted(allowed));
        let Some(list) = value.as_array() else { return self.fault(key, value, rule()) };
        let named: Vec<&str> = list.iter().filter_map(Value::as_str).collect();
        for item in list {
            if !item.as_str().is_some_and(|name| allowed.contains(&name)) {
                self.fault(key, item, rule());
            }
        }
        set(&named);
    }

    fn value(&mut self, key: &'static str) -> Option<&'t Value> {
        self.asked.push(key);
        let value = self.table.and_then(|table| table.get(key));
        if value.is_none() {
            self.missing.push(self.path_of(key));
        }
        value
    }

    fn fault(&mut self, key: &str, value: &Value, rule: String) {
        let mut value = value.to_string().replace('\n', " ");
        if let Some((end, _)) = value.char_indices().nth(VALUE_LEN_MAX) {
            value.truncate(end);
            value.push_str("...");
        }
        self.faults.push(Fault { path: self.path_of(key), value, rule });
    }

    fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }
}

fn quoted(names: &[&str]) -> String {
    names.iter().map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", ")
}
