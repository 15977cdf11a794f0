//! The thread that owns the file: group commit, and answers only after the sync.
//!
//! It takes what is queued, never waiting for more, and makes it durable with one transaction, hence
//! one sync. While it waits for the disk the next group gathers, so the group grows with the load and
//! one lonely append waits for nothing but its own sync.
//!
//! Order within a group: place every batch after its head (refusing those that expected another),
//! write the rows, commit and sync, move the heads, answer, hand the heads to the anchor, copy the
//! write-ahead log into the file when it has grown. Checkpoints are made here and not by `SQLite` on
//! its own, because its automatic ones drop their errors, and a failed sync must end the log.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError};

use swerve_model::TerritoryId;

use super::store::{Row, Store, Territory};
use crate::anchor::Keeper;
use crate::chain::{Head, RawRecord};
use crate::error::EventLogError;
use crate::log::{Batch, Done};
use crate::poison::Poison;

/// Batches that one commit takes at most: enough to share a sync among all that wait, small enough
/// that the first does not wait long for the rows of the last.
pub(super) const GROUP_LEN_MAX: usize = 512;

/// Payload bytes after which a group takes no further batch: a commit of this size is written in
/// about the time of a slow sync.
const GROUP_BYTES_MAX: usize = 8 << 20;

pub(super) type Reply<T> = SyncSender<Result<T, EventLogError>>;

pub(super) enum Request {
    Append(Batch, Done),
    Claim(TerritoryId, Reply<Head>),
    Heads(Reply<Vec<(TerritoryId, Head)>>),
    Page(TerritoryId, u64, Reply<Vec<RawRecord>>),
    Close(Reply<()>),
}

pub(super) struct Committer {
    store: Store,
    territories: BTreeMap<TerritoryId, Territory>,
    checkpoint_pages: u32,
    keeper: Keeper,
    poison: Arc<Poison>,
}

/// A batch that has its place: what it becomes when the commit is durable.
struct Placed {
    head: Head,
    done: Done,
}

/// What one commit writes, and whom it answers.
#[derive(Default)]
struct Group {
    rows: Vec<Row>,
    placed: Vec<Placed>,
    /// Heads after the rows, of territories that have some.
    heads: BTreeMap<TerritoryId, Head>,
}

impl Committer {
    pub(super) fn new(
        store: Store,
        territories: BTreeMap<TerritoryId, Territory>,
        checkpoint_pages: u32,
        keeper: Keeper,
        poison: Arc<Poison>,
    ) -> Committer {
        Committer { store, territories, checkpoint_pages, keeper, poison }
    }

    /// Serves `queue` until it is told to close or nobody can ask any more.
    pub(super) fn run(mut self, queue: &Receiver<Request>) {
        let mut next = queue.recv().ok();
        while let Some(request) = next.take() {
            match request {
                Request::Append(batch, done) => {
                    let (batches, after) = gather(batch, done, queue);
                    self.commit(batches);
                    next = after;
                }
                Request::Claim(territory, reply) => answer(&reply, self.claim(&territory)),
                Request::Heads(reply) => answer(&reply, self.heads()),
                Request::Page(territory, from, reply) => {
                    answer(&reply, self.page(&territory, from));
                }
                Request::Close(reply) => {
                    answer(&reply, self.close());
                    return refuse_all(queue);
                }
            }
            next = next.or_else(|| queue.recv().ok());
        }
        // Nobody is left to be told how it went.
        let _ = self.close();
    }

    fn commit(&mut self, batches: Vec<(Batch, Done)>) {
        let mut group = Group::default();
        for (batch, done) in batches {
            match self.place(&mut group, batch) {
                Ok(head) => group.placed.push(Placed { head, done }),
                Err(error) => done(Err(error)),
            }
        }
        match self.write(&group) {
            Ok(()) => self.acknowledge(group),
            Err(error) => {
                self.poison.set(&error);
                for placed in group.placed {
                    placed.done(self.poison.check());
                }
            }
        }
    }

    /// Chains `batch`'s records after the newest of its territory, those of this group included.
    fn place(&self, group: &mut Group, batch: Batch) -> Result<Head, EventLogError> {
        self.poison.check()?;
        let territory = self.claimed(&batch.territory)?;
        let mut head = *group.heads.get(&batch.territory).unwrap_or(&territory.head);
        if head.sequence != batch.expected {
            return Err(EventLogError::HeadConflict {
                territory: batch.territory,
                expected: batch.expected,
                actual: head.sequence,
            });
        }
        for record in batch.records {
            head = head.next(record.payload());
            group.rows.push(Row { territory: territory.number, head, record });
        }
        if head.sequence > batch.expected {
            group.heads.insert(batch.territory, head);
        }
        Ok(head)
    }

    fn claimed(&self, name: &TerritoryId) -> Result<&Territory, EventLogError> {
        match self.territories.get(name) {
            Some(territory) if territory.claimed => Ok(territory),
            _ => Err(EventLogError::NotClaimed { territory: name.clone() }),
        }
    }

    fn write(&mut self, group: &Group) -> Result<(), EventLogError> {
        if group.rows.is_empty() { Ok(()) } else { self.store.append(&group.rows) }
    }

    /// The group is durable: from here on its records are part of the log whatever happens.
    fn acknowledge(&mut self, group: Group) {
        for (name, head) in &group.heads {
            if let Some(territory) = self.territories.get_mut(name) {
                territory.head = *head;
            }
        }
        for placed in group.placed {
            (placed.done)(Ok(placed.head));
        }
        if group.rows.is_empty() {
            return;
        }
        for (name, head) in &group.heads {
            self.keeper.advance(name, *head);
        }
        if let Err(error) = self.store.checkpoint_from(self.checkpoint_pages) {
            self.poison.set(&error);
        }
    }

    fn claim(&mut self, name: &TerritoryId) -> Result<Head, EventLogError> {
        self.poison.check()?;
        if !self.territories.contains_key(name) {
            let number = self.territories.len() as i64 + 1;
            let created = self.store.create_territory(number, name);
            created.inspect_err(|error| self.poison.set(error))?;
            let territory = Territory { number, head: Head::empty(name), claimed: false };
            self.territories.insert(name.clone(), territory);
        }
        match self.territories.get_mut(name) {
            Some(territory) if !territory.claimed => {
                territory.claimed = true;
                Ok(territory.head)
            }
            _ => Err(EventLogError::AlreadyClaimed { territory: name.clone() }),
        }
    }

    fn heads(&self) -> Result<Vec<(TerritoryId, Head)>, EventLogError> {
        self.poison.check()?;
        Ok(self
            .territories
            .iter()
            .map(|(name, territory)| (name.clone(), territory.head))
            .collect())
    }

    fn page(&self, name: &TerritoryId, from: u64) -> Result<Vec<RawRecord>, EventLogError> {
        self.poison.check()?;
        let Some(territory) = self.territories.get(name) else { return Ok(Vec::new()) };
        self.store.page(name, territory.number, from)
    }

    /// Leaves one file that is whole without its write-ahead log, and the newest anchor beside it.
    /// A log that failed is left as it is: nothing is written after a failed sync.
    fn close(self) -> Result<(), EventLogError> {
        let closed = match self.poison.check() {
            Ok(()) => self.store.close(),
            Err(error) => Err(error),
        };
        self.keeper.finish();
        closed.and_then(|()| self.poison.check())
    }
}

impl Placed {
    fn done(self, result: Result<(), EventLogError>) {
        (self.done)(result.map(|()| self.head));
    }
}

/// The first batch and those that already wait behind it, and the request that ended them.
fn gather(
    batch: Batch,
    done: Done,
    queue: &Receiver<Request>,
) -> (Vec<(Batch, Done)>, Option<Request>) {
    let size = |batch: &Batch| batch.records.iter().map(|r| r.payload().len()).sum::<usize>();
    let mut bytes = size(&batch);
    let mut batches = vec![(batch, done)];
    while batches.len() < GROUP_LEN_MAX && bytes < GROUP_BYTES_MAX {
        match queue.try_recv() {
            Ok(Request::Append(batch, done)) => {
                bytes += size(&batch);
                batches.push((batch, done));
            }
            Ok(other) => return (batches, Some(other)),
            Err(TryRecvError::Empty | TryRecvError::Disconnected) => break,
        }
    }
    (batches, None)
}

fn answer<T>(reply: &Reply<T>, result: Result<T, EventLogError>) {
    // Who asked may have gone.
    let _ = reply.send(result);
}

/// What was asked too late. Requests other than appends learn it from the hung-up reply.
fn refuse_all(queue: &Receiver<Request>) {
    for request in queue.try_iter() {
        if let Request::Append(_, done) = request {
            done(Err(EventLogError::Closed));
        }
    }
}
