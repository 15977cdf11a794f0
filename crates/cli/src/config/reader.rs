//! A settings file read field by field: each fault with its line, column, value and rule, all at once.
//!
//! Walked by hand rather than derived, because a derived reader stops at the first fault, and whoever
//! writes a configuration wants to know of all. Values of secrets, and of fields nobody knows (which
//! may be a secret's, misspelt), are never repeated.

use std::cell::RefCell;
use std::fmt;
use std::ops::{Range, RangeInclusive};
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// As much of a wrong value as a message repeats.
const VALUE_LEN_MAX: usize = 60;
/// Faults told of at most: beyond it the file is of some other kind.
const FAULTS_MAX: usize = 50;

/// One thing wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// From 1.
    line: usize,
    /// In characters, from 1.
    column: usize,
    message: String,
}

/// Everything that is wrong with a file, in its order. Never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Faults {
    path: PathBuf,
    faults: Vec<Fault>,
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        for (index, fault) in self.faults.iter().take(FAULTS_MAX).enumerate() {
            let Fault { line, column, message } = fault;
            let newline = if index == 0 { "" } else { "\n" };
            write!(f, "{newline}{path}:{line}:{column}: {message}")?;
        }
        match self.faults.len().saturating_sub(FAULTS_MAX) {
            0 => Ok(()),
            more => write!(f, "\nand {more} more"),
        }
    }
}

impl std::error::Error for Faults {}

/// A settings file on its way to being one.
pub(crate) struct Document<'t> {
    path: &'t Path,
    text: &'t str,
    faults: RefCell<Vec<Fault>>,
}

impl<'t> Document<'t> {
    pub(crate) fn new(path: &'t Path, text: &'t str) -> Document<'t> {
        Document { path, text, faults: RefCell::new(Vec::new()) }
    }

    /// Reads the document with `read`, which asks for every field it knows.
    ///
    /// # Errors
    /// Not TOML; or fields that are unknown, missing, of the wrong type or out of range: all of them.
    pub(crate) fn read<T>(
        &self,
        read: impl FnOnce(&mut Section<'_>) -> Option<T>,
    ) -> Result<T, Faults> {
        let (table, errors) = DeTable::parse_recoverable(self.text);
        for error in &errors {
            let span = error.span().unwrap_or_default();
            self.add(span.start, format!("is not TOML: {}", error.message()));
        }
        if !errors.is_empty() {
            return Err(self.faults());
        }
        let span = table.span();
        let mut root = Section {
            document: self,
            path: String::new(),
            at: span,
            table: table.get_ref(),
            asked: Vec::new(),
        };
        let value = read(&mut root);
        root.close();
        match value {
            Some(value) if self.faults.borrow().is_empty() => Ok(value),
            _ => Err(self.faults()),
        }
    }

    fn faults(&self) -> Faults {
        let mut faults = self.faults.borrow().clone();
        faults.sort_by_key(|fault| (fault.line, fault.column));
        Faults { path: self.path.to_owned(), faults }
    }

    fn add(&self, byte: usize, message: String) {
        let before = self.text.get(..byte).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        self.faults.borrow_mut().push(Fault { line, column, message });
    }

    /// What stands at `span`, on one line and cut to a readable length.
    fn shown(&self, span: &Range<usize>) -> String {
        let text = self.text.get(span.clone()).unwrap_or_default();
        let mut shown = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if let Some((end, _)) = shown.char_indices().nth(VALUE_LEN_MAX) {
            shown.truncate(end);
            shown.push_str("...");
        }
        shown
    }
}

/// One table of it.
pub(crate) struct Section<'d> {
    document: &'d Document<'d>,
    path: String,
    at: Range<usize>,
    table: &'d DeTable<'d>,
    asked: Vec<&'static str>,
}

impl<'d> Section<'d> {
    /// Whether the field is there, right or wrong.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// A fault of this section unless the field is there; `what` says what belongs there.
    pub(crate) fn require(&self, key: &str, what: &str) {
        if !self.has(key) {
            self.document.add(self.at.start, format!("{} is missing: {what}", self.path_of(key)));
        }
    }

    /// A fault of the value of `key`, or of the section where it has none.
    pub(crate) fn fault(&self, key: &str, rule: &str) {
        let path = self.path_of(key);
        match self.table.get(key) {
            Some(value) => {
                let span = value.span();
                let shown = self.document.shown(&span);
                self.document.add(span.start, format!("{path} is {shown}; {rule}"));
            }
            None => self.document.add(self.at.start, format!("{path} {rule}")),
        }
    }

    /// A fault of a value that must not be repeated.
    pub(crate) fn fault_of_secret(&self, key: &str, rule: &str) {
        let at = self.table.get(key).map_or(self.at.start, |value| value.span().start);
        self.document.add(at, format!("{} {rule}", self.path_of(key)));
    }

    pub(crate) fn text(&mut self, key: &'static str) -> Option<String> {
        let value = self.value(key)?.get_ref().as_str().map(str::to_owned);
        self.or_fault(key, value, "a text in quotes is required")
    }

    /// A text that must never be shown.
    pub(crate) fn secret(&mut self, key: &'static str) -> Option<String> {
        let value = self.value(key)?.get_ref().as_str().map(str::to_owned);
        if value.is_none() {
            self.fault_of_secret(key, "is no text in quotes");
        }
        value
    }

    /// A text that `parse` makes something of, or says which rule it breaks.
    pub(crate) fn parsed<T, E: fmt::Display>(
        &mut self,
        key: &'static str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let text = self.text(key)?;
        parse(&text).map_err(|rule| self.fault(key, &rule.to_string())).ok()
    }

    /// One of these names.
    pub(crate) fn one_of<T: Copy>(&mut self, key: &'static str, names: &[(&str, T)]) -> Option<T> {
        let text = self.text(key)?;
        let found = names.iter().find(|(name, _)| *name == text).map(|(_, value)| *value);
        let known: Vec<String> = names.iter().map(|(name, _)| format!("{name:?}")).collect();
        self.or_fault(key, found, &format!("one of {} is required", known.join(", ")))
    }

    pub(crate) fn integer(&mut self, key: &'static str, range: RangeInclusive<i64>) -> Option<i64> {
        let rule = format!("a whole number from {} to {} is required", range.start(), range.end());
        let value = self.value(key)?.get_ref().as_integer();
        let value = value.and_then(|value| i64::from_str_radix(value.as_str(), value.radix()).ok());
        self.or_fault(key, value.filter(|value| range.contains(value)), &rule)
    }

    /// A number; NaN is in no range.
    pub(crate) fn number(&mut self, key: &'static str, range: RangeInclusive<f64>) -> Option<f64> {
        let rule = format!("a number from {} to {} is required", range.start(), range.end());
        let value = match self.value(key)?.get_ref() {
            DeValue::Float(value) => value.as_str().parse().ok(),
            DeValue::Integer(value) => value.as_str().parse().ok().filter(|_| value.radix() == 10),
            _ => None,
        };
        self.or_fault(key, value.filter(|value| range.contains(value)), &rule)
    }

    pub(crate) fn boolean(&mut self, key: &'static str) -> Option<bool> {
        let value = self.value(key)?.get_ref().as_bool();
        self.or_fault(key, value, "true or false is required")
    }

    /// A list of texts; empty where it is left out.
    pub(crate) fn texts(&mut self, key: &'static str) -> Option<Vec<String>> {
        let Some(value) = self.value(key) else { return Some(Vec::new()) };
        let texts = value.get_ref().as_array().and_then(|array| {
            array.iter().map(|item| item.get_ref().as_str().map(str::to_owned)).collect()
        });
        self.or_fault(key, texts, "a list of texts in quotes is required")
    }

    /// Reads the table `key`, if it is there.
    pub(crate) fn section<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&mut Section<'d>) -> Option<T>,
    ) -> Option<T> {
        let value = self.value(key)?;
        let Some(table) = value.get_ref().as_table() else {
            self.fault(key, "a table is required");
            return None;
        };
        self.read_table(self.path_of(key), value.span(), table, read)
    }

    /// Reads each table of the array `key`, in order. What is wrong with one is a fault and leaves
    /// it out.
    pub(crate) fn sections<T>(
        &mut self,
        key: &'static str,
        mut read: impl FnMut(&mut Section<'d>) -> Option<T>,
    ) -> Vec<T> {
        let Some(value) = self.value(key) else { return Vec::new() };
        let tables: Option<Vec<(Range<usize>, &DeTable<'_>)>> =
            value.get_ref().as_array().and_then(|array| {
                array.iter().map(|item| Some((item.span(), item.get_ref().as_table()?))).collect()
            });
        let Some(tables) = tables else {
            self.fault(key, &format!("a list of tables ([[{key}]]) is required"));
            return Vec::new();
        };
        let read_one = |(index, (span, table))| {
            self.read_table(format!("{}[{index}]", self.path_of(key)), span, table, &mut read)
        };
        tables.into_iter().enumerate().filter_map(read_one).collect()
    }

    fn read_table<T>(
        &self,
        path: String,
        at: Range<usize>,
        table: &'d DeTable<'d>,
        read: impl FnOnce(&mut Section<'d>) -> Option<T>,
    ) -> Option<T> {
        let mut section = Section { document: self.document, path, at, table, asked: Vec::new() };
        let read = read(&mut section);
        section.close();
        read
    }

    fn value(&mut self, key: &'static str) -> Option<&'d Spanned<DeValue<'d>>> {
        self.asked.push(key);
        self.table.get(key)
    }

    fn or_fault<T>(&self, key: &str, value: Option<T>, rule: &str) -> Option<T> {
        if value.is_none() {
            self.fault(key, rule);
        }
        value
    }

    /// What nobody asked for is unknown.
    fn close(self) {
        for key in self.table.keys().filter(|key| !self.asked.contains(&key.get_ref().as_ref())) {
            let path = self.path_of(key.get_ref());
            let known = self.asked.join(", ");
            let rule = format!("{path} is unknown; the fields here are {known}");
            self.document.add(key.span().start, rule);
        }
    }

    fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults_of(text: &str) -> String {
        let path = Path::new("x.toml");
        let read = Document::new(path, text).read(|root| {
            root.require("name", "who it is");
            let name = root.text("name");
            let count = root.integer("count", 1..=9);
            root.secret("token");
            let inner = root.sections("part", |part| {
                let share = part.number("share", 0.0..=1.0);
                part.one_of("kind", &[("a", 1), ("b", 2)]);
                part.texts("list");
                share
            });
            Some((name?, count?, inner))
        });
        read.map_or_else(|faults| faults.to_string(), |read| format!("{read:?}"))
    }

    #[test]
    fn a_right_file_is_read() {
        let text = "name = \"n\"\ncount = 0x9\n[[part]]\nshare = 1\n[[part]]\nshare = 0.5\n";
        assert_eq!(faults_of(text), "(\"n\", 9, [1.0, 0.5])");
    }

    #[test]
    fn every_fault_is_told_with_its_place_value_and_rule() {
        let text = "count = 10\nnmae = \"x\"\n[[part]]\nshare = nan\nkind = \"c\"\n\
                    list = [1]\n[[part]]\nshare = \"half\"\n";
        let expected = "\
x.toml:1:1: name is missing: who it is
x.toml:1:9: count is 10; a whole number from 1 to 9 is required
x.toml:2:1: nmae is unknown; the fields here are name, count, token, part
x.toml:4:9: part[0].share is nan; a number from 0 to 1 is required
x.toml:5:8: part[0].kind is \"c\"; one of \"a\", \"b\" is required
x.toml:6:8: part[0].list is [1]; a list of texts in quotes is required
x.toml:8:9: part[1].share is \"half\"; a number from 0 to 1 is required";
        assert_eq!(faults_of(text), expected);
    }

    #[test]
    fn neither_a_secret_nor_a_misspelt_one_is_repeated() {
        let told = faults_of("name = \"n\"\ncount = 1\ntoken = 271828\ntokn = \"314159\"\n");
        assert!(told.contains("token is no text") && told.contains("tokn is unknown"), "{told}");
        assert!(!told.contains("271828") && !told.contains("314159"), "{told}");
    }

    #[test]
    fn what_is_not_toml_is_told_with_its_line() {
        let told = faults_of("name = \"n\"\ncount = = 1\n");
        assert!(told.starts_with("x.toml:2:"), "{told}");
    }

    #[test]
    fn a_long_value_is_cut_and_many_faults_are_counted() {
        let long = format!("count = \"{}\"\nname = \"n\"\n", "ä".repeat(300));
        assert!(faults_of(&long).contains("äää..."), "{}", faults_of(&long));
        let many: Vec<String> = (0..60).map(|index| format!("k{index} = 1\n")).collect();
        let many = many.concat();
        assert!(faults_of(&many).ends_with("and 11 more"), "{}", faults_of(&many));
    }
}
