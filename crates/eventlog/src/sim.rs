//! A log on a simulated disk, for tests that need crashes by the thousand.
//!
//! Same trait, same refusals, same verification as the real one, and nothing real: a [`SimDisk`]
//! outlives the logs opened on it, knows which writes were synced, and at a crash keeps those, then a
//! random few of the others in order, the last of them perhaps torn. Everything random comes from the
//! disk's seed, and nothing runs on a thread of its own, so the same calls give the same disk.
//!
//! Each submission is synced and answered before `submit` returns. Where syncs are held
//! ([`SimDisk::hold_syncs`]), submissions wait for [`SimDisk::sync`], for an `append` that waits, or
//! for the close, and a crash finds something to take.
//!
//! What a test may hold it to: a batch is never answered before [`SimDisk::synced`] has reached it.

mod disk;

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, mpsc};

use swerve_model::TerritoryId;

use crate::anchor;
use crate::chain::{EncodedRecord, Head, RawRecord};
use crate::error::EventLogError;
use crate::log::{Batch, Done, EventLog, RecordSource};
use disk::{Disk, give};

/// What errors name in place of a file.
const PATH: &str = "simulated.log";
const LAYOUT_VERSION: i64 = 1;
/// Records a page, small enough that tests cross from one to the next.
const PAGE_LEN: usize = 4;

/// What goes wrong with one write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SimFault {
    /// Nothing is written, and the log is told so.
    WriteError,
    /// It is written, but the sync fails: whether it survives is open until the next crash.
    SyncError,
    /// The machine stops after the write and before the sync.
    CrashBeforeSync,
    /// The machine stops after the sync: durable, and nobody was told.
    CrashBeforeAnswer,
}

/// What has happened to a disk, so that a test can see that it tried what it meant to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SimCounts {
    pub writes: u64,
    pub syncs: u64,
    pub crashes: u64,
    /// Unsynced writes that a crash took, torn ones included.
    pub lost: u64,
    pub torn: u64,
}

/// The disk of a simulated machine. Clones are the same disk.
#[derive(Clone)]
pub struct SimDisk(Arc<Mutex<Disk>>);

/// A log open on a [`SimDisk`]. Closed when dropped, unless the machine crashed before.
pub struct SimLog {
    disk: SimDisk,
    /// Which opening of the disk this is.
    session: u64,
}

impl SimDisk {
    pub fn new(seed: u64) -> SimDisk {
        SimDisk(Arc::new(Mutex::new(Disk::new(seed))))
    }

    fn lock(&self) -> MutexGuard<'_, Disk> {
        self.0.lock().expect("nobody panics while holding it")
    }

    /// Power is cut. An open log answers nothing more; what it had not synced survives in part.
    pub fn crash(&self) {
        let mut disk = self.lock();
        let died = disk.session.take();
        disk.crash();
        drop(disk);
        // Callbacks that are never called may still look at the disk as they go.
        drop(died);
    }

    /// From now on what is submitted waits for the next sync.
    pub fn hold_syncs(&self) {
        self.lock().held = true;
    }

    /// Syncs what was written and answers it.
    pub fn sync(&self) {
        let answers = self.lock().sync();
        give(answers);
    }

    /// The write after `later` others goes wrong: 0 is the next.
    pub fn fail_after(&self, later: u64, fault: SimFault) {
        let mut disk = self.lock();
        let number = disk.counts.writes + 1 + later;
        disk.faults.insert(number, fault);
    }

    /// The newest record of `territory` that a crash cannot take; 0 if there is none.
    pub fn synced(&self, territory: &TerritoryId) -> u64 {
        let disk = self.lock();
        disk.heads_of(disk.synced).get(territory).map_or(0, |head| head.sequence)
    }

    pub fn counts(&self) -> SimCounts {
        self.lock().counts
    }

    /// Writes another layout version on the disk.
    pub fn set_layout_version(&self, version: i64) {
        self.lock().version = version;
    }

    /// Changes or takes away (`None`) the stored record at `sequence`, as rot or an intruder would.
    pub fn tamper(
        &self,
        territory: &TerritoryId,
        sequence: u64,
        change: impl FnOnce(RawRecord) -> Option<RawRecord>,
    ) {
        let mut disk = self.lock();
        let of_territory = disk.writes.iter_mut().filter(|write| write.territory == *territory);
        for write in of_territory {
            if let Some(at) = write.rows.iter().position(|row| row.sequence == sequence) {
                let row = write.rows.remove(at);
                if let Some(row) = change(row) {
                    write.rows.insert(at, row);
                }
                return;
            }
        }
    }

    /// Takes away the newest `count` batches though they were synced: an old copy put in its place.
    pub fn roll_back(&self, count: usize) {
        let mut disk = self.lock();
        let len = disk.writes.len().saturating_sub(count);
        disk.writes.truncate(len);
        disk.synced = disk.synced.min(len);
    }
}

impl SimLog {
    /// # Errors
    /// Open already, of another layout version, or behind its anchor.
    pub fn open(disk: &SimDisk) -> Result<SimLog, EventLogError> {
        let mut opening = disk.lock();
        if opening.session.is_some() {
            return Err(EventLogError::Locked { path: PATH.into() });
        }
        if opening.version != LAYOUT_VERSION {
            return Err(EventLogError::UnsupportedVersion {
                path: PATH.into(),
                found: opening.version,
                supported: LAYOUT_VERSION,
            });
        }
        opening.recover();
        let heads = opening.heads_of(opening.synced);
        anchor::check(Path::new(PATH), &opening.anchors, &heads, |territory, sequence| {
            opening.hash_at(territory, sequence)
        })?;
        let session = opening.open(heads);
        drop(opening);
        Ok(SimLog { disk: disk.clone(), session })
    }
}

impl RecordSource for SimLog {
    fn path(&self) -> &Path {
        Path::new(PATH)
    }

    fn heads(&self) -> Result<Vec<(TerritoryId, Head)>, EventLogError> {
        let mut disk = self.disk.lock();
        disk.session(self.session)?;
        // Only what is durable: nobody may act on more.
        Ok(disk.heads_of(disk.synced).into_iter().collect())
    }

    fn page(&self, territory: &TerritoryId, from: u64) -> Result<Vec<RawRecord>, EventLogError> {
        let mut disk = self.disk.lock();
        disk.session(self.session)?;
        let rows = disk.rows(territory).filter(|row| row.sequence >= from);
        Ok(rows.take(PAGE_LEN).cloned().collect())
    }
}

impl EventLog for SimLog {
    fn claim(&self, territory: &TerritoryId) -> Result<Head, EventLogError> {
        self.disk.lock().claim(self.session, territory)
    }

    fn submit(&self, batch: Batch, done: Done) {
        let refused = batch.check_sizes();
        let mut disk = self.disk.lock();
        let answers = match refused.and_then(|()| disk.session(self.session).map(|_| ())) {
            Ok(()) => disk.submit(self.session, batch, done),
            Err(error) => vec![(done, Some(Err(error)))],
        };
        drop(disk);
        give(answers);
    }

    fn append(
        &self,
        territory: &TerritoryId,
        expected: u64,
        records: Vec<EncodedRecord>,
    ) -> Result<Head, EventLogError> {
        let (answer, answered) = mpsc::sync_channel(1);
        let batch = Batch { territory: territory.clone(), expected, records };
        self.submit(batch, Box::new(move |result| drop(answer.send(result))));
        // Nobody else would.
        self.disk.sync();
        let stopped = || EventLogError::Poisoned { cause: "the simulated machine stopped".into() };
        answered.recv().map_err(|_| stopped())?
    }

    fn close(&self) -> Result<(), EventLogError> {
        let mut disk = self.disk.lock();
        let poisoned = match disk.session(self.session) {
            Err(EventLogError::Closed) => return Err(EventLogError::Closed),
            other => other.map(|_| ()),
        };
        let answers = disk.sync();
        if poisoned.is_ok() {
            disk.anchor_all();
        }
        disk.session = None;
        drop(disk);
        give(answers);
        poisoned
    }
}

impl Drop for SimLog {
    fn drop(&mut self) {
        // Whoever wants to know how it went has called it before.
        let _ = self.close();
    }
}
