//! Every fault of a request at once, by the path of the field at fault.
//!
//! A TMS that fixes one field per round trip gives up; so decoding never stops at the first fault.
//! Decoders take where they are ([`Path`], free until it is printed) and where to put what they find
//! ([`Faults`]), and answer `None` for what they could not read.

use std::fmt;

use swerve_engine::FieldFault;

use crate::error::EdgeError;

/// Faults beyond this many are counted, not kept: a caller with more has one mistake, repeated.
pub(crate) const FAULTS_MAX: usize = 50;
/// A value is shown up to this many characters: enough to be recognised.
const SHOWN_MAX: usize = 40;

/// Where in a request a field is, as the caller spells it: `shipments[3].parcels[0].name`.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Path<'a> {
    Root,
    Field { of: &'a Path<'a>, name: &'static str },
    Item { of: &'a Path<'a>, name: &'static str, index: usize },
}

impl<'a> Path<'a> {
    pub(crate) const fn field(&'a self, name: &'static str) -> Path<'a> {
        Path::Field { of: self, name }
    }

    pub(crate) const fn item(&'a self, name: &'static str, index: usize) -> Path<'a> {
        Path::Item { of: self, name, index }
    }

    fn write_parent(of: &Path<'_>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match of {
            Path::Root => Ok(()),
            Path::Field { .. } | Path::Item { .. } => write!(f, "{of}."),
        }
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Path::Root => Ok(()),
            Path::Field { of, name } => {
                Path::write_parent(of, f)?;
                f.write_str(name)
            }
            Path::Item { of, name, index } => {
                Path::write_parent(of, f)?;
                write!(f, "{name}[{index}]")
            }
        }
    }
}

/// The faults found so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Faults {
    pub(crate) kept: Vec<FieldFault>,
    /// Found beyond [`FAULTS_MAX`].
    pub(crate) more: usize,
}

impl Faults {
    pub(crate) fn new() -> Faults {
        Faults::default()
    }

    /// Notes a fault: the value and the rule it breaks.
    pub(crate) fn add(&mut self, at: Path<'_>, description: impl Into<String>) {
        if self.kept.len() == FAULTS_MAX {
            self.more += 1;
            return;
        }
        self.kept.push(FieldFault { field: at.to_string(), description: description.into() });
    }

    /// Notes a fault in place of a value.
    pub(crate) fn none<T>(&mut self, at: Path<'_>, description: impl Into<String>) -> Option<T> {
        self.add(at, description);
        None
    }

    /// What was decoded, unless anything was wrong.
    ///
    /// # Errors
    /// All faults. A value that is missing without a fault would be our own bug, and is reported.
    pub(crate) fn unless_any<T>(self, decoded: Option<T>) -> Result<T, EdgeError> {
        match decoded {
            Some(decoded) if self.kept.is_empty() => Ok(decoded),
            None if self.kept.is_empty() => {
                Err(EdgeError::Bug("a value is missing without a fault"))
            }
            Some(_) | None => Err(EdgeError::Invalid(self)),
        }
    }
}

/// A text as it is shown in a fault: quoted, escaped, and cut when it is long.
pub(crate) fn shown(value: &str) -> String {
    match value.char_indices().nth(SHOWN_MAX) {
        Some((end, _)) => format!("{:?}…", &value[..end]),
        None => format!("{value:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_reads_as_the_caller_spells_it() {
        let root = Path::Root;
        let shipment = root.item("shipments", 3);
        let parcel = shipment.item("parcels", 0);
        assert_eq!(parcel.field("name").to_string(), "shipments[3].parcels[0].name");
        assert_eq!(root.field("territory").to_string(), "territory");
    }

    #[test]
    fn faults_beyond_the_limit_are_counted_not_kept() {
        let mut faults = Faults::new();
        for index in 0..FAULTS_MAX + 7 {
            faults.add(Path::Root.item("scans", index), "is wrong");
        }
        assert_eq!((faults.kept.len(), faults.more), (FAULTS_MAX, 7));
        assert!(faults.unless_any(Some(())).is_err());
    }

    #[test]
    fn a_long_value_is_cut_where_a_character_ends() {
        let long = "é".repeat(10_000);
        let cut = shown(&long);
        assert!(cut.chars().count() < 50, "{cut}");
        assert_eq!(shown("a\"b"), "\"a\\\"b\"");
    }
}
