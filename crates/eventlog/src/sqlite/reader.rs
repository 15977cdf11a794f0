//! Looking at a log without serving it: for `verify`, `dump`, and the other offline commands.

use std::collections::BTreeMap;
use std::path::Path;

use swerve_model::TerritoryId;

use super::store::{Store, Territory};
use crate::anchor::{self, Anchors};
use crate::chain::{Head, RawRecord};
use crate::error::EventLogError;
use crate::log::RecordSource;
use crate::records::Records;

/// A log that is open for reading alone, and locked while it is. Leaves every byte as it was, those
/// of its write-ahead log included.
///
/// Opens what [`SqliteLog`](super::SqliteLog) refuses as behind its anchor, so that what is left can
/// be looked at; [`check_anchor`](SqliteReader::check_anchor) tells.
pub struct SqliteReader {
    store: Store,
    /// Fixed while the file is locked.
    territories: BTreeMap<TerritoryId, Territory>,
}

impl SqliteReader {
    /// # Errors
    /// Not there, open in another process, not a log, of another version, or damaged.
    pub fn open(path: &Path) -> Result<SqliteReader, EventLogError> {
        let store = Store::open_to_read(path)?;
        let territories = store.territories()?;
        Ok(SqliteReader { store, territories })
    }

    /// Whether the log holds everything its anchor says was acknowledged.
    pub fn check_anchor(&self) -> Result<(), EventLogError> {
        self.store.check_anchor()
    }

    /// Whether the file is sound as a file, beyond its records. O(file).
    pub fn check_structure(&self) -> Result<(), EventLogError> {
        self.store.check_structure()
    }
}

impl RecordSource for SqliteReader {
    fn path(&self) -> &Path {
        self.store.path()
    }

    fn heads(&self) -> Result<Vec<(TerritoryId, Head)>, EventLogError> {
        Ok(self.territories.iter().map(|(name, known)| (name.clone(), known.head)).collect())
    }

    fn page(&self, territory: &TerritoryId, from: u64) -> Result<Vec<RawRecord>, EventLogError> {
        match self.territories.get(territory) {
            Some(known) => self.store.page(territory, known.number, from),
            None => Ok(Vec::new()),
        }
    }
}

/// Anchors the log at `path` as it is, whatever its anchor said: for an operator who restored an
/// older copy and knows what is lost. Verifies every record first.
///
/// # Errors
/// As [`SqliteReader::open`], and any record that does not verify.
pub fn anchor_anew(path: &Path) -> Result<(), EventLogError> {
    let reader = SqliteReader::open(path)?;
    let mut anchors = Anchors::new();
    for (territory, head) in reader.heads()? {
        for record in Records::from(&reader, &territory, 1)? {
            record?;
        }
        if head.sequence > 0 {
            anchors.insert(territory, head);
        }
    }
    anchor::write(&anchor::path_of(path), &anchors)?;
    anchor::sync_folder(path)
}
