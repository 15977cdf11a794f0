//! The simulated log behind a gate: an append is written, and waits there until the test lets its sync
//! happen. Behind the gate requests queue up, so that groups are committed together, in an order the
//! test chose.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, mpsc};

use swerve_engine::{EngineError, Mutation, Outcome};
use swerve_eventlog::sim::{SimDisk, SimLog};
use swerve_eventlog::{
    Batch, Done, EncodedRecord, EventLog, EventLogError, Head, RawRecord, RecordSource,
};
use swerve_model::TerritoryId;
use tokio::task::JoinHandle;

use super::Small;

/// The simulated log, whose syncs wait for the test.
pub struct Gated {
    log: SimLog,
    pub disk: SimDisk,
    /// Appends pass without waiting.
    open: AtomicBool,
    /// An append is written and not synced.
    written: Mutex<mpsc::Sender<()>>,
    go: Mutex<mpsc::Receiver<()>>,
}

/// The test's side of the gate.
pub struct Gate {
    pub log: Arc<Gated>,
    written: mpsc::Receiver<()>,
    go: mpsc::Sender<()>,
}

impl Gate {
    pub fn new(disk: &SimDisk) -> Gate {
        disk.hold_syncs();
        let log = SimLog::open(disk).expect("the log opens");
        let (tell_written, written) = mpsc::channel();
        let (go, wait) = mpsc::channel();
        let log = Arc::new(Gated {
            log,
            disk: disk.clone(),
            open: AtomicBool::new(true),
            written: Mutex::new(tell_written),
            go: Mutex::new(wait),
        });
        Gate { log, written, go }
    }

    pub fn shut(&self) {
        self.log.open.store(false, Ordering::SeqCst);
    }

    /// Appends pass again without waiting.
    pub fn open(&self) {
        self.log.open.store(true, Ordering::SeqCst);
    }

    /// Whether an append has been written since the last time it was asked.
    pub fn is_written(&self) -> bool {
        self.written.try_recv().is_ok()
    }

    /// Lets the append that waits be synced.
    pub fn pass(&self) {
        self.go.send(()).expect("an append waits");
    }
}

impl RecordSource for Gated {
    fn path(&self) -> &Path {
        self.log.path()
    }

    fn heads(&self) -> Result<Vec<(TerritoryId, Head)>, EventLogError> {
        self.log.heads()
    }

    fn page(&self, territory: &TerritoryId, from: u64) -> Result<Vec<RawRecord>, EventLogError> {
        self.log.page(territory, from)
    }
}

impl EventLog for Gated {
    fn claim(&self, territory: &TerritoryId) -> Result<Head, EventLogError> {
        self.log.claim(territory)
    }

    fn submit(&self, batch: Batch, done: Done) {
        self.log.submit(batch, done);
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
        if !self.open.load(Ordering::SeqCst) {
            let written = self.written.lock().expect("not poisoned");
            written.send(()).expect("the test waits");
            self.go.lock().expect("not poisoned").recv().expect("the test lets it pass");
        }
        self.disk.sync();
        let stopped = || EventLogError::Poisoned { cause: "the simulated machine stopped".into() };
        answered.recv().map_err(|_| stopped())?
    }

    fn close(&self) -> Result<(), EventLogError> {
        self.log.close()
    }
}

pub type Waiting = JoinHandle<Result<Outcome, EngineError>>;

/// Sends a mutation and waits until its append is at the gate.
pub async fn queue_first(small: &Small, gate: &Gate, mutation: Mutation) -> Waiting {
    let territory = small.territory.clone();
    let waiting = tokio::spawn(async move { territory.submit(mutation).await });
    while !gate.is_written() {
        others_go_on().await;
    }
    waiting
}

/// Sends mutations in order, each queued before the next is sent, behind one that already waits at
/// the gate.
pub async fn queue(small: &Small, mutations: Vec<Mutation>) -> Vec<Waiting> {
    let mut waiting: Vec<Waiting> = Vec::new();
    for mutation in mutations {
        let (territory, depth) = (small.territory.clone(), small.territory.queue_depth());
        let sent = tokio::spawn(async move { territory.submit(mutation).await });
        while small.territory.queue_depth() == depth && !sent.is_finished() {
            others_go_on().await;
        }
        waiting.push(sent);
    }
    waiting
}

/// Lets the engine's threads and the test's tasks go on.
pub async fn others_go_on() {
    std::thread::yield_now();
    tokio::task::yield_now().await;
}
