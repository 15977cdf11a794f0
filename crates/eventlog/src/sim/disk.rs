//! What lies on a simulated disk, and what a crash leaves of it.

use std::collections::{BTreeMap, BTreeSet};

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use swerve_model::TerritoryId;

use super::{LAYOUT_VERSION, PATH, SimCounts, SimFault};
use crate::anchor::Anchors;
use crate::chain::{ChainHash, Head, RawRecord, RecordFault};
use crate::error::EventLogError;
use crate::log::{Batch, Done};

pub(super) struct Disk {
    rng: ChaCha8Rng,
    pub(super) version: i64,
    /// In the order they were made; the first `synced` are durable.
    pub(super) writes: Vec<Write>,
    pub(super) synced: usize,
    territories: BTreeSet<TerritoryId>,
    pub(super) anchors: Anchors,
    pub(super) faults: BTreeMap<u64, SimFault>,
    /// Syncs wait for [`SimDisk::sync`].
    pub(super) held: bool,
    pub(super) counts: SimCounts,
    sessions: u64,
    pub(super) session: Option<Session>,
}

/// One batch as it lies on the disk.
pub(super) struct Write {
    pub(super) territory: TerritoryId,
    pub(super) rows: Vec<RawRecord>,
    /// Its last byte was written too.
    whole: bool,
}

/// What dies with the process.
pub(super) struct Session {
    number: u64,
    /// Written, not necessarily synced.
    heads: BTreeMap<TerritoryId, Head>,
    claimed: BTreeSet<TerritoryId>,
    waiting: Vec<Waiting>,
    poison: Option<String>,
}

/// A batch that was written and not yet answered.
struct Waiting {
    territory: TerritoryId,
    head: Head,
    done: Done,
}

/// An answer to be given (`None`: never) once the disk is let go of, as who gets it may look at the
/// disk.
type Answer = (Done, Option<Result<Head, EventLogError>>);

pub(super) fn give(answers: Vec<Answer>) {
    for (done, result) in answers {
        match result {
            Some(result) => done(result),
            None => drop(done),
        }
    }
}

impl Disk {
    pub(super) fn new(seed: u64) -> Disk {
        Disk {
            rng: ChaCha8Rng::seed_from_u64(seed),
            version: LAYOUT_VERSION,
            writes: Vec::new(),
            synced: 0,
            territories: BTreeSet::new(),
            anchors: Anchors::new(),
            faults: BTreeMap::new(),
            held: false,
            counts: SimCounts::default(),
            sessions: 0,
            session: None,
        }
    }

    /// A new process has the disk, and its number.
    pub(super) fn open(&mut self, heads: BTreeMap<TerritoryId, Head>) -> u64 {
        self.sessions += 1;
        self.session = Some(Session {
            number: self.sessions,
            heads,
            claimed: BTreeSet::new(),
            waiting: Vec::new(),
            poison: None,
        });
        self.sessions
    }

    pub(super) fn claim(
        &mut self,
        session: u64,
        territory: &TerritoryId,
    ) -> Result<Head, EventLogError> {
        let open = self.session(session)?;
        if !open.claimed.insert(territory.clone()) {
            return Err(EventLogError::AlreadyClaimed { territory: territory.clone() });
        }
        let head = *open.heads.entry(territory.clone()).or_insert_with(|| Head::empty(territory));
        self.territories.insert(territory.clone());
        Ok(head)
    }

    /// The anchor has caught up with the log.
    pub(super) fn anchor_all(&mut self) {
        self.anchors = self.heads_of(self.synced);
        self.anchors.retain(|_, head| head.sequence > 0);
    }

    pub(super) fn session(&mut self, number: u64) -> Result<&mut Session, EventLogError> {
        match &mut self.session {
            Some(session) if session.number == number => match &session.poison {
                None => Ok(session),
                Some(cause) => Err(EventLogError::Poisoned { cause: cause.clone() }),
            },
            _ => Err(EventLogError::Closed),
        }
    }

    /// What was written and not synced survives up to a random batch, the next perhaps in part.
    pub(super) fn crash(&mut self) {
        let unsynced = self.writes.len() - self.synced;
        let kept = self.synced + self.rng.random_range(0..=unsynced);
        let torn = kept < self.writes.len() && self.rng.random_bool(0.5);
        self.counts.crashes += 1;
        self.counts.lost += (self.writes.len() - kept) as u64;
        self.counts.torn += u64::from(torn);
        self.writes.truncate(kept + usize::from(torn));
        if torn && let Some(write) = self.writes.last_mut() {
            write.whole = false;
            write.rows.truncate(self.rng.random_range(0..=write.rows.len()));
        }
        self.synced = kept;
    }

    /// Drops the torn end, if there is one.
    pub(super) fn recover(&mut self) {
        let whole = self.writes.iter().take_while(|write| write.whole).count();
        self.writes.truncate(whole);
        self.synced = whole;
    }

    /// How far the first `count` writes go.
    pub(super) fn heads_of(&self, count: usize) -> BTreeMap<TerritoryId, Head> {
        let empty = self.territories.iter().map(|name| (name.clone(), Head::empty(name)));
        let mut heads: BTreeMap<TerritoryId, Head> = empty.collect();
        for write in &self.writes[..count] {
            if let Some(row) = write.rows.last() {
                let head = Head { sequence: row.sequence, hash: row.hash };
                heads.insert(write.territory.clone(), head);
            }
        }
        heads
    }

    pub(super) fn hash_at(
        &self,
        territory: &TerritoryId,
        sequence: u64,
    ) -> Result<ChainHash, EventLogError> {
        let row = self.rows(territory).find(|row| row.sequence == sequence);
        row.map(|row| row.hash).ok_or_else(|| EventLogError::Corrupt {
            path: PATH.into(),
            territory: territory.clone(),
            sequence,
            source: RecordFault::Row("it is not there".to_owned()),
        })
    }

    pub(super) fn rows(&self, territory: &TerritoryId) -> impl Iterator<Item = &RawRecord> {
        let writes = self.writes.iter().filter(move |write| write.territory == *territory);
        writes.flat_map(|write| &write.rows)
    }

    /// Places `batch` after its head, in memory and on the disk; on a refusal nothing has happened.
    fn write(&mut self, session: u64, batch: Batch) -> Result<Head, EventLogError> {
        let open = self.session(session)?;
        if !open.claimed.contains(&batch.territory) {
            return Err(EventLogError::NotClaimed { territory: batch.territory });
        }
        let mut head = open.heads[&batch.territory];
        if head.sequence != batch.expected {
            return Err(EventLogError::HeadConflict {
                territory: batch.territory,
                expected: batch.expected,
                actual: head.sequence,
            });
        }
        let mut rows = Vec::with_capacity(batch.records.len());
        for record in &batch.records {
            head = head.next(record.payload());
            rows.push(RawRecord {
                sequence: head.sequence,
                checksum: record.checksum(),
                hash: head.hash,
                payload: record.payload().to_vec(),
            });
        }
        open.heads.insert(batch.territory.clone(), head);
        self.writes.push(Write { territory: batch.territory, rows, whole: true });
        Ok(head)
    }

    /// Writes `batch`, and syncs and answers it unless syncs are held or something goes wrong.
    pub(super) fn submit(&mut self, session: u64, batch: Batch, done: Done) -> Vec<Answer> {
        let territory = batch.territory.clone();
        let head = match self.write(session, batch) {
            Ok(head) => head,
            Err(error) => return vec![(done, Some(Err(error)))],
        };
        self.counts.writes += 1;
        if let Some(open) = &mut self.session {
            open.waiting.push(Waiting { territory, head, done });
        }
        match self.faults.remove(&self.counts.writes) {
            Some(SimFault::WriteError) => {
                self.writes.pop();
                self.fail("a write failed")
            }
            Some(SimFault::SyncError) => self.fail("a sync failed"),
            Some(SimFault::CrashBeforeSync) => self.stop(),
            Some(SimFault::CrashBeforeAnswer) => {
                self.counts.syncs += 1;
                self.synced = self.writes.len();
                self.stop()
            }
            _ if self.held => Vec::new(),
            _ => self.sync(),
        }
    }

    pub(super) fn sync(&mut self) -> Vec<Answer> {
        let Some(session) = &mut self.session else { return Vec::new() };
        if session.poison.is_some() || session.waiting.is_empty() {
            return Vec::new();
        }
        let waiting = std::mem::take(&mut session.waiting);
        self.counts.syncs += 1;
        self.synced = self.writes.len();
        for answered in &waiting {
            // The anchor's own thread: now and then, and never ahead.
            if answered.head.sequence > 0 && self.rng.random_bool(0.5) {
                self.anchors.insert(answered.territory.clone(), answered.head);
            }
        }
        waiting.into_iter().map(|answered| (answered.done, Some(Ok(answered.head)))).collect()
    }

    /// Poisons the log, and tells all who wait.
    fn fail(&mut self, cause: &str) -> Vec<Answer> {
        let waiting = self.poison(cause).into_iter();
        let told = || Some(Err(EventLogError::Poisoned { cause: cause.to_owned() }));
        waiting.map(|waiting| (waiting.done, told())).collect()
    }

    /// The process stops: nobody is told anything.
    fn stop(&mut self) -> Vec<Answer> {
        let waiting = self.poison("the simulated machine stopped").into_iter();
        waiting.map(|waiting| (waiting.done, None)).collect()
    }

    fn poison(&mut self, cause: &str) -> Vec<Waiting> {
        let Some(session) = &mut self.session else { return Vec::new() };
        session.poison = Some(cause.to_owned());
        std::mem::take(&mut session.waiting)
    }
}
