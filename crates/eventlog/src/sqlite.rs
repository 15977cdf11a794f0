//! The embedded log: one `SQLite` file a node, one thread that owns it.
//!
//! A file an operator can inspect and back up, the best-tested storage there is, and fast enough:
//! group commit makes one sync serve every territory that is waiting. The settings that matter, and
//! why, are in `store`; the order of write, sync and answer is in `committer`.
//!
//! Invariants: nothing is answered before its commit was synced; the file is locked against every
//! other process while it is open; after the first failed write or sync nothing more is written.

mod committer;
mod reader;
mod store;

use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, SendError, SyncSender};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use swerve_model::TerritoryId;

use crate::anchor::{self, Keeper};
use crate::chain::{Head, RawRecord};
use crate::error::EventLogError;
use crate::log::{Batch, Done, EventLog, RecordSource};
use crate::poison::Poison;
use committer::{Committer, Reply, Request};
use store::Store;

pub use reader::{SqliteReader, anchor_anew};

/// Requests that wait for the committer. Twice what one commit takes, so that the next group is
/// there when a sync returns; beyond it whoever submits waits.
const QUEUE_LEN_MAX: usize = 2 * committer::GROUP_LEN_MAX;

/// What the defaults are right for, except in tests that want a small file or a quick checkpoint.
#[derive(Clone, Copy, Debug)]
pub struct Tuning {
    /// Bytes a page, in a new file: a power of two from 512 to 65536.
    pub page_size: u32,
    /// Pages in the write-ahead log at which it is copied into the file. At 8,000 (32 MB) the copy's
    /// two syncs are rare enough not to show in the 99th percentile.
    pub checkpoint_pages: u32,
    /// How long the anchor file may lag behind the acknowledgements.
    pub anchor_rest: Duration,
}

impl Default for Tuning {
    fn default() -> Tuning {
        Tuning { page_size: 4096, checkpoint_pages: 8000, anchor_rest: Duration::from_millis(100) }
    }
}

/// An open log. Closed when dropped, though only [`close`](EventLog::close) tells how that went.
pub struct SqliteLog {
    path: PathBuf,
    requests: SyncSender<Request>,
    poison: Arc<Poison>,
    committer: Mutex<Option<JoinHandle<()>>>,
}

impl SqliteLog {
    /// Opens the log at `path`, and creates it if there is neither it nor its anchor.
    ///
    /// Heads are checked against the anchor; records are verified as they are read.
    ///
    /// # Errors
    /// Open in another process, not a log, of another version, damaged, or behind its anchor.
    pub fn open(path: &Path) -> Result<SqliteLog, EventLogError> {
        SqliteLog::open_with(path, Tuning::default())
    }

    pub fn open_with(path: &Path, tuning: Tuning) -> Result<SqliteLog, EventLogError> {
        let (store, anchors) = Store::open(path, tuning.page_size)?;
        let territories = store.territories()?;
        let poison = Arc::new(Poison::default());
        let keeper = Keeper::start(
            &anchor::path_of(path),
            anchors,
            tuning.anchor_rest,
            Arc::clone(&poison),
        )?;
        let committer = Committer::new(
            store,
            territories,
            tuning.checkpoint_pages,
            keeper,
            Arc::clone(&poison),
        );
        let (requests, queue) = mpsc::sync_channel(QUEUE_LEN_MAX);
        let committer = thread::Builder::new()
            .name("log-commit".to_owned())
            .spawn(move || committer.run(&queue))
            .map_err(|source| EventLogError::Io { path: path.to_owned(), source })?;
        let committer = Mutex::new(Some(committer));
        Ok(SqliteLog { path: path.to_owned(), requests, poison, committer })
    }

    /// Asks the committer and waits for its answer.
    fn ask<T>(&self, request: impl FnOnce(Reply<T>) -> Request) -> Result<T, EventLogError> {
        self.poison.check()?;
        let (reply, answer) = mpsc::sync_channel(1);
        self.requests.send(request(reply)).map_err(|_| EventLogError::Closed)?;
        answer.recv().map_err(|_| EventLogError::Closed)?
    }
}

impl RecordSource for SqliteLog {
    fn path(&self) -> &Path {
        &self.path
    }

    fn heads(&self) -> Result<Vec<(TerritoryId, Head)>, EventLogError> {
        self.ask(Request::Heads)
    }

    fn page(&self, territory: &TerritoryId, from: u64) -> Result<Vec<RawRecord>, EventLogError> {
        self.ask(|reply| Request::Page(territory.clone(), from, reply))
    }
}

impl EventLog for SqliteLog {
    fn claim(&self, territory: &TerritoryId) -> Result<Head, EventLogError> {
        self.ask(|reply| Request::Claim(territory.clone(), reply))
    }

    fn submit(&self, batch: Batch, done: Done) {
        if let Err(error) = self.poison.check().and_then(|()| batch.check_sizes()) {
            return done(Err(error));
        }
        let returned = self.requests.send(Request::Append(batch, done));
        if let Err(SendError(Request::Append(_, done))) = returned {
            done(Err(EventLogError::Closed));
        }
    }

    fn close(&self) -> Result<(), EventLogError> {
        let committer = self.committer.lock().expect("nobody panics while holding it").take();
        let Some(committer) = committer else { return Err(EventLogError::Closed) };
        let (reply, answer) = mpsc::sync_channel(1);
        let sent = self.requests.send(Request::Close(reply));
        let closed = sent.map_err(|_| ()).and_then(|()| answer.recv().map_err(|_| ()));
        // It has answered or died; either way it ends.
        let _ = committer.join();
        closed.unwrap_or(Err(EventLogError::Closed))
    }
}

impl Drop for SqliteLog {
    fn drop(&mut self) {
        // Whoever wants to know how it went has called it before.
        let _ = self.close();
    }
}
