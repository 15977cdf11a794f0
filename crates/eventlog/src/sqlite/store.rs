//! The file itself: settings, layout, and the few statements that touch it.
//!
//! Layout, version 1: territories numbered from 1, and records by `key`, which is the territory's
//! number and the record's sequence in one integer. So a territory's records lie side by side, the
//! key is the row's address (no index to keep), an append goes to the end of its territory's run,
//! and the same sequence cannot be there twice.
//!
//! Settings: write-ahead logging with `synchronous=FULL` (a commit returns after its sync), the file
//! locked for this process alone, which also keeps the write-ahead log's index out of shared memory;
//! deleted content overwritten. Built with `HAVE_FDATASYNC` (see `.cargo/config.toml`).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension as _};
use swerve_model::TerritoryId;

use crate::anchor::{self, Anchors};
use crate::chain::{ChainHash, EncodedRecord, Head, RawRecord, RecordFault};
use crate::error::EventLogError;

/// "SwRv": tells a swerve log from any other `SQLite` file.
const APPLICATION_ID: i64 = 0x5377_5276;
const LAYOUT_VERSION: i64 = 1;

/// As `SQLite` keeps them, so that a file is one of ours only if it says exactly this.
const TABLES: [&str; 2] = [
    "CREATE TABLE territory(number INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT",
    "CREATE TABLE record(key INTEGER PRIMARY KEY, checksum INTEGER NOT NULL, hash BLOB NOT NULL, \
     payload BLOB NOT NULL) STRICT",
];

/// Bits of a key that are the sequence: a million records a second for twelve days, and eight
/// million territories beside.
const SEQUENCE_BITS: u32 = 40;

/// How much one page of records holds: a fraction of a millisecond of the committer's time.
const PAGE_LEN_MAX: usize = 256;
const PAGE_BYTES_MAX: usize = 4 << 20;

/// A territory as the committer knows it.
pub(super) struct Territory {
    pub(super) number: i64,
    /// Of what is durable.
    pub(super) head: Head,
    pub(super) claimed: bool,
}

/// A record in its place.
pub(super) struct Row {
    /// Its territory's number.
    pub(super) territory: i64,
    /// The territory's head with it.
    pub(super) head: Head,
    pub(super) record: EncodedRecord,
}

pub(super) struct Store {
    path: PathBuf,
    connection: Connection,
}

const fn key(territory: i64, sequence: u64) -> i64 {
    (territory << SEQUENCE_BITS) | sequence as i64
}

const fn sequence_of(key: i64) -> u64 {
    (key & ((1 << SEQUENCE_BITS) - 1)) as u64
}

impl Store {
    /// Opens or creates the log at `path` for appending, and returns it with its anchors, which it
    /// has been checked against.
    pub(super) fn open(path: &Path, page_size: u32) -> Result<(Store, Anchors), EventLogError> {
        let store = Store::connect(path, OpenFlags::SQLITE_OPEN_CREATE)?;
        let new = store.identify()?;
        let anchors = store.check_anchors(new)?;
        // Before the first record, so that from then on a missing anchor is a lost one.
        anchor::write(&anchor::path_of(path), &anchors)?;
        store.prepare_for_writing(new, page_size).map_err(|error| store.fault(error))?;
        anchor::sync_folder(path)?;
        Ok((store, anchors))
    }

    /// The log's anchors, all of which it reaches. A `new` log has none, and is behind any.
    fn check_anchors(&self, new: bool) -> Result<Anchors, EventLogError> {
        let path = anchor::path_of(&self.path);
        let heads = if new { BTreeMap::new() } else { self.heads()? };
        let Some(anchors) = anchor::read(&path)? else {
            let has_records = heads.values().any(|head| head.sequence > 0);
            let missing = EventLogError::AnchorMissing { path };
            return if has_records { Err(missing) } else { Ok(Anchors::new()) };
        };
        anchor::check(&self.path, &anchors, &heads, |name, sequence| self.hash_at(name, sequence))?;
        Ok(anchors)
    }

    /// Whether a log with tables reaches its anchors.
    pub(super) fn check_anchor(&self) -> Result<(), EventLogError> {
        self.check_anchors(false).map(|_| ())
    }

    /// Opens the log at `path` for looking at it: changes nothing, not even its write-ahead log.
    pub(super) fn open_to_read(path: &Path) -> Result<Store, EventLogError> {
        if !path.exists() {
            return Err(EventLogError::NotFound { path: path.to_owned() });
        }
        let store = Store::connect(path, OpenFlags::empty())?;
        let read_only = store.connection.pragma_update(None, "query_only", true);
        read_only.map_err(|error| store.fault(error))?;
        if store.identify()? {
            let found = "it is empty".to_owned();
            return Err(EventLogError::NotALog { path: path.to_owned(), found });
        }
        Ok(store)
    }

    /// A connection that holds the file's lock and has changed nothing.
    fn connect(path: &Path, create: OpenFlags) -> Result<Store, EventLogError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | create;
        let connection =
            Connection::open_with_flags(path, flags).map_err(|error| fault(path, error))?;
        let store = Store { path: path.to_owned(), connection };
        store.lock().map_err(|error| store.fault(error))?;
        Ok(store)
    }

    fn lock(&self) -> rusqlite::Result<()> {
        let connection = &self.connection;
        // A second process is told at once, not after waiting for the first to end.
        connection.busy_timeout(Duration::ZERO)?;
        // Copying the write-ahead log into the file is decided by us, also when we close: after a
        // failed sync it must not happen.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
        connection.pragma_update(None, "cell_size_check", true)?;
        connection.pragma_update_and_check(None, "locking_mode", "EXCLUSIVE", |_| Ok(()))?;
        connection.execute_batch("BEGIN EXCLUSIVE; COMMIT")
    }

    /// Whether the file is new and empty; else it is a log of this version.
    fn identify(&self) -> Result<bool, EventLogError> {
        let number = |pragma: &str| {
            let value = self.connection.pragma_query_value(None, pragma, |row| row.get(0));
            value.map_err(|error| self.fault(error))
        };
        let (application, version): (i64, i64) =
            (number("application_id")?, number("user_version")?);
        let tables = self.tables().map_err(|error| self.fault(error))?;
        if application == 0 && version == 0 && tables.is_empty() {
            return Ok(true);
        }
        if application != APPLICATION_ID {
            let found = format!("its application id is {application:#x}, not {APPLICATION_ID:#x}");
            return Err(EventLogError::NotALog { path: self.path.clone(), found });
        }
        if version != LAYOUT_VERSION {
            return Err(EventLogError::UnsupportedVersion {
                path: self.path.clone(),
                found: version,
                supported: LAYOUT_VERSION,
            });
        }
        if tables == TABLES {
            Ok(false)
        } else {
            Err(self.damaged(format!("its tables are not those of layout version {version}")))
        }
    }

    fn tables(&self) -> rusqlite::Result<Vec<String>> {
        let mut statement =
            self.connection.prepare("SELECT sql FROM sqlite_schema ORDER BY rowid")?;
        let tables = statement.query_map((), |row| row.get(0))?;
        tables.collect()
    }

    fn prepare_for_writing(&self, new: bool, page_size: u32) -> rusqlite::Result<()> {
        let connection = &self.connection;
        if new {
            connection.pragma_update(None, "page_size", page_size)?;
        }
        connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| {
            let mode: String = row.get(0)?;
            if mode == "wal" { Ok(()) } else { Err(rusqlite::Error::InvalidQuery) }
        })?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update_and_check(None, "wal_autocheckpoint", 0, |_| Ok(()))?;
        connection.pragma_update_and_check(None, "secure_delete", true, |_| Ok(()))?;
        if new {
            let [territory, record] = TABLES;
            connection.execute_batch(&format!(
                "BEGIN EXCLUSIVE; PRAGMA application_id = {APPLICATION_ID}; \
                 PRAGMA user_version = {LAYOUT_VERSION}; {territory}; {record}; COMMIT"
            ))?;
        }
        Ok(())
    }

    /// Every territory with its head.
    pub(super) fn territories(&self) -> Result<BTreeMap<TerritoryId, Territory>, EventLogError> {
        let rows = self.territory_rows().map_err(|error| self.fault(error))?;
        let mut territories = BTreeMap::new();
        for (index, (number, name)) in rows.into_iter().enumerate() {
            let name = TerritoryId::new(&name)
                .map_err(|error| self.damaged(format!("territory name {name:?} {error}")))?;
            let head = self.head(number, &name).map_err(|error| self.fault(error))?;
            let territory = Territory { number, head, claimed: false };
            if number != index as i64 + 1 || territories.insert(name, territory).is_some() {
                return Err(self.damaged("its list of territories has holes".to_owned()));
            }
        }
        self.check_strays(territories.len() as i64)?;
        Ok(territories)
    }

    pub(super) fn heads(&self) -> Result<BTreeMap<TerritoryId, Head>, EventLogError> {
        let territories = self.territories()?.into_iter();
        Ok(territories.map(|(name, territory)| (name, territory.head)).collect())
    }

    fn territory_rows(&self) -> rusqlite::Result<Vec<(i64, String)>> {
        let mut statement =
            self.connection.prepare("SELECT number, name FROM territory ORDER BY number")?;
        let rows = statement.query_map((), |row| Ok((row.get(0)?, row.get(1)?)))?;
        rows.collect()
    }

    fn head(&self, number: i64, name: &TerritoryId) -> rusqlite::Result<Head> {
        let newest = self.connection.query_row(
            "SELECT key, hash FROM record WHERE key > ?1 AND key < ?2 ORDER BY key DESC LIMIT 1",
            (key(number, 0), key(number + 1, 0)),
            |row| Ok(Head { sequence: sequence_of(row.get(0)?), hash: ChainHash(row.get(1)?) }),
        );
        Ok(newest.optional()?.unwrap_or_else(|| Head::empty(name)))
    }

    /// Records of territories that do not exist are records of one that was lost.
    fn check_strays(&self, territories: i64) -> Result<(), EventLogError> {
        let stray = self.connection.query_row(
            "SELECT key FROM record WHERE key <= ?1 UNION ALL \
             SELECT key FROM record WHERE key >= ?2 LIMIT 1",
            (key(1, 0), key(territories + 1, 0)),
            |row| row.get::<_, i64>(0),
        );
        match stray.optional().map_err(|error| self.fault(error))? {
            None => Ok(()),
            Some(key) => Err(self.damaged(format!("record {key:#x} belongs to no territory"))),
        }
    }

    fn hash_at(&self, name: &TerritoryId, sequence: u64) -> Result<ChainHash, EventLogError> {
        let number = self.connection.query_row(
            "SELECT number FROM territory WHERE name = ?1",
            (name.as_str(),),
            |row| row.get(0),
        );
        let hash = number.and_then(|number| {
            let statement = "SELECT hash FROM record WHERE key = ?1";
            let hash = self
                .connection
                .query_row(statement, (key(number, sequence),), |row| row.get(0).map(ChainHash));
            hash.optional()
        });
        hash.map_err(|error| self.fault(error))?.ok_or_else(|| EventLogError::Corrupt {
            path: self.path.clone(),
            territory: name.clone(),
            sequence,
            source: RecordFault::Row("it is not there".to_owned()),
        })
    }

    pub(super) fn create_territory(
        &self,
        number: i64,
        name: &TerritoryId,
    ) -> Result<(), EventLogError> {
        let inserted = self
            .connection
            .execute("INSERT INTO territory(number, name) VALUES(?1, ?2)", (number, name.as_str()));
        inserted.map(|_| ()).map_err(|error| self.fault(error))
    }

    /// Makes `rows` durable, all or none: returns after the sync.
    pub(super) fn append(&mut self, rows: &[Row]) -> Result<(), EventLogError> {
        write(&mut self.connection, rows).map_err(|error| fault(&self.path, error))
    }

    /// Copies the write-ahead log into the file once it has `pages` pages, and starts it over.
    pub(super) fn checkpoint_from(&self, pages: u32) -> Result<(), EventLogError> {
        let waiting = self.checkpoint("NOOP").map_err(|error| self.fault(error))?;
        if waiting < i64::from(pages) {
            return Ok(());
        }
        self.checkpoint("PASSIVE").map(|_| ()).map_err(|error| self.fault(error))
    }

    /// Runs a checkpoint of this kind, and returns how many pages the write-ahead log has.
    fn checkpoint(&self, kind: &str) -> rusqlite::Result<i64> {
        let mut statement =
            self.connection.prepare_cached(&format!("PRAGMA wal_checkpoint({kind})"))?;
        let (busy, pages) =
            statement.query_row((), |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)))?;
        debug_assert_eq!(busy, 0, "nobody else can have the file open");
        Ok(pages)
    }

    /// Stored records of the territory with `number`, named `name`, from sequence `from` on.
    pub(super) fn page(
        &self,
        name: &TerritoryId,
        number: i64,
        from: u64,
    ) -> Result<Vec<RawRecord>, EventLogError> {
        let mut last = from.saturating_sub(1);
        self.read_page(number, from, &mut last).map_err(|error| match error {
            // The row is there, but what is in it is no record's.
            rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::IntegralValueOutOfRange(..) => EventLogError::Corrupt {
                path: self.path.clone(),
                territory: name.clone(),
                sequence: last + 1,
                source: RecordFault::Row(error.to_string()),
            },
            error => self.fault(error),
        })
    }

    /// `last` becomes the sequence of the last record that could be read.
    fn read_page(
        &self,
        number: i64,
        from: u64,
        last: &mut u64,
    ) -> rusqlite::Result<Vec<RawRecord>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT key, checksum, hash, payload FROM record WHERE key >= ?1 AND key < ?2 \
             ORDER BY key",
        )?;
        let from = from.clamp(1, 1 << SEQUENCE_BITS);
        let mut rows = statement.query((key(number, from), key(number + 1, 0)))?;
        let (mut records, mut bytes) = (Vec::new(), 0);
        while records.len() < PAGE_LEN_MAX && bytes < PAGE_BYTES_MAX {
            let Some(row) = rows.next()? else { break };
            let payload: Vec<u8> = row.get(3)?;
            let sequence = sequence_of(row.get(0)?);
            bytes += payload.len();
            records.push(RawRecord {
                sequence,
                checksum: row.get(1)?,
                hash: ChainHash(row.get(2)?),
                payload,
            });
            *last = sequence;
        }
        Ok(records)
    }

    /// Leaves everything in the one file, and lets go of it.
    pub(super) fn close(self) -> Result<(), EventLogError> {
        let emptied = self.checkpoint("TRUNCATE").and_then(|_| {
            // Now that the write-ahead log is empty, closing may remove it.
            self.connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)
        });
        emptied.map_err(|error| self.fault(error))?;
        let Store { path, connection } = self;
        connection.close().map_err(|(_, error)| fault(&path, error))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// `SQLite`'s own look at the whole file: its first complaint, if any. O(file).
    pub(super) fn check_structure(&self) -> Result<(), EventLogError> {
        let verdict = self
            .connection
            .query_row("PRAGMA integrity_check(1)", (), |row| row.get::<_, String>(0));
        match verdict.map_err(|error| self.fault(error))? {
            verdict if verdict == "ok" => Ok(()),
            complaint => Err(self.damaged(complaint)),
        }
    }

    fn fault(&self, error: rusqlite::Error) -> EventLogError {
        fault(&self.path, error)
    }

    fn damaged(&self, problem: String) -> EventLogError {
        EventLogError::Damaged { path: self.path.clone(), problem }
    }
}

fn write(connection: &mut Connection, rows: &[Row]) -> rusqlite::Result<()> {
    let transaction = connection.transaction()?;
    {
        let mut insert = transaction.prepare_cached(
            "INSERT INTO record(key, checksum, hash, payload) VALUES(?1, ?2, ?3, ?4)",
        )?;
        for row in rows {
            insert.execute((
                key(row.territory, row.head.sequence),
                row.record.checksum(),
                &row.head.hash.0[..],
                row.record.payload(),
            ))?;
        }
    }
    transaction.commit()
}

/// What a caller would do about it, told apart.
fn fault(path: &Path, error: rusqlite::Error) -> EventLogError {
    let path = path.to_owned();
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => EventLogError::Locked { path },
        Some(ErrorCode::NotADatabase) => {
            EventLogError::NotALog { path, found: "it is no SQLite file".to_owned() }
        }
        Some(ErrorCode::DatabaseCorrupt) => {
            EventLogError::Damaged { path, problem: error.to_string() }
        }
        Some(_) => EventLogError::Storage { path, source: error },
        // A value of the wrong type where the layout has only one.
        None => EventLogError::Damaged { path, problem: error.to_string() },
    }
}
