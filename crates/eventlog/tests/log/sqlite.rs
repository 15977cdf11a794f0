//! The embedded log under the suite.

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use swerve_eventlog::{ChainHash, EventLog, EventLogError, RawRecord, SqliteLog};
use swerve_model::TerritoryId;
use tempfile::TempDir;

use crate::subject::{Subject, new_folder};

pub(crate) struct SqliteSubject {
    folder: TempDir,
}

impl SqliteSubject {
    fn path(&self) -> PathBuf {
        self.folder.path().join("node.log")
    }

    /// The file as another program sees it.
    fn raw(&self) -> Connection {
        Connection::open(self.path()).expect("opens")
    }
}

/// Copies what a process that is killed now would leave.
pub(crate) fn copy_files(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        fs::copy(entry.path(), to.join(entry.file_name())).expect("copied");
    }
}

impl Subject for SqliteSubject {
    fn create(_seed: u64) -> SqliteSubject {
        SqliteSubject { folder: new_folder() }
    }

    fn open(&self) -> Result<Box<dyn EventLog>, EventLogError> {
        Ok(Box::new(SqliteLog::open(&self.path())?))
    }

    fn settle(&self) {
        // The committer waits for nobody.
    }

    fn crash(&mut self, log: Box<dyn EventLog>) {
        let left = new_folder();
        copy_files(self.folder.path(), left.path());
        drop(log);
        self.folder = left;
    }

    fn tamper(
        &self,
        territory: &TerritoryId,
        sequence: u64,
        change: &mut dyn FnMut(RawRecord) -> Option<RawRecord>,
    ) {
        let raw = self.raw();
        let name = territory.as_str();
        let number: i64 = raw
            .query_row("SELECT number FROM territory WHERE name = ?1", (name,), |row| row.get(0))
            .expect("the territory is there");
        let key = (number << 40) | sequence as i64;
        let read = "SELECT checksum, hash, payload FROM record WHERE key = ?1";
        let record = raw.query_row(read, (key,), |row| {
            let (checksum, hash) = (row.get(0)?, ChainHash(row.get(1)?));
            Ok(RawRecord { sequence, checksum, hash, payload: row.get(2)? })
        });
        let changed = change(record.expect("the record is there"));
        raw.execute("DELETE FROM record WHERE key = ?1", (key,)).expect("deleted");
        if let Some(record) = changed {
            let key = (number << 40) | record.sequence as i64;
            let write = "INSERT INTO record(key, checksum, hash, payload) VALUES(?1, ?2, ?3, ?4)";
            let values = (key, record.checksum, &record.hash.0[..], record.payload);
            raw.execute(write, values).expect("inserted");
        }
    }

    fn set_layout_version(&self, version: i64) {
        self.raw().pragma_update(None, "user_version", version).expect("written");
    }
}
