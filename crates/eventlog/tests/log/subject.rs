//! What the suite needs of a log beyond the trait: a place to keep it, and ways to harm it.

use std::sync::mpsc::{self, Receiver};

use swerve_eventlog::{
    Batch, EncodedRecord, EventLog, EventLogError, Head, RawRecord, RecordSource, Records,
    StoredRecord,
};
use swerve_model::{
    Actor, Answer, Event, Moment, Record, RequestId, RequestKey, Revision, Role, TenantId,
    TerritoryId,
};
use tempfile::TempDir;

/// A place where a log is kept, and everything that can happen to it while nobody looks.
pub(crate) trait Subject {
    fn create(seed: u64) -> Self;
    fn open(&self) -> Result<Box<dyn EventLog>, EventLogError>;
    /// Sees to it that what was submitted is going to be answered.
    fn settle(&self);
    /// Cuts the power under the open `log`; the next `open` finds what survived.
    fn crash(&mut self, log: Box<dyn EventLog>);
    /// Changes a stored record, or takes it away, while the log is closed.
    fn tamper(
        &self,
        territory: &TerritoryId,
        sequence: u64,
        change: &mut dyn FnMut(RawRecord) -> Option<RawRecord>,
    );
    /// Writes another layout version while the log is closed.
    fn set_layout_version(&self, version: i64);
}

/// A folder of the test's own: in memory where the system has such a place, since no test here can
/// tell a sync that reached a disk from one that did not, and thousands of them take their time.
pub(crate) fn new_folder() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a folder")
}

pub(crate) fn territory(name: &str) -> TerritoryId {
    TerritoryId::new(name).expect("a name")
}

/// A record that says `number`, of about `len` bytes.
pub(crate) fn record(number: u64, len: usize) -> Record {
    Record {
        actor: Actor {
            tenant: TenantId::new("acme").expect("a name"),
            role: Role::Operator,
            subject: "x".repeat(len.saturating_sub(60)),
        },
        request: Some(RequestKey {
            id: RequestId::new(&format!("request-{number}")).expect("a name"),
            digest: [number as u8; 32],
        }),
        at: Moment(number as i64),
        events: vec![Event::Tick(Moment(number as i64))],
        answer: Answer::Done,
        revision: Revision(number),
        plan_hash: [7; 32],
        policy_version: "1".to_owned(),
        iterations: vec![number as u32],
    }
}

pub(crate) fn encoded(numbers: impl IntoIterator<Item = u64>) -> Vec<EncodedRecord> {
    numbers.into_iter().map(|number| EncodedRecord::new(&record(number, 100))).collect()
}

pub(crate) fn read_from(
    log: &dyn EventLog,
    name: &TerritoryId,
    from: u64,
) -> Result<Vec<StoredRecord>, EventLogError> {
    read_from_source(log, name, from)
}

/// Every record of `name` from sequence `from` on, or the first fault.
pub(crate) fn read_from_source(
    source: &dyn RecordSource,
    name: &TerritoryId,
    from: u64,
) -> Result<Vec<StoredRecord>, EventLogError> {
    Records::from(source, name, from)?.collect()
}

/// The numbers that the records of `name` say, each verified and in its place.
pub(crate) fn numbers(log: &dyn EventLog, name: &TerritoryId) -> Vec<u64> {
    let records = read_from(log, name, 1).expect("all records verify");
    for (index, stored) in records.iter().enumerate() {
        assert_eq!(stored.head.sequence, index as u64 + 1);
        assert_eq!(stored.record, record(stored.record.revision.0, stored.len_asked()));
    }
    records.iter().map(|stored| stored.record.revision.0).collect()
}

trait LenAsked {
    fn len_asked(&self) -> usize;
}

impl LenAsked for StoredRecord {
    /// What [`record`] was asked for: the subject carries it.
    fn len_asked(&self) -> usize {
        self.record.actor.subject.len() + 60
    }
}

/// Submits without waiting; the answer comes on the channel.
pub(crate) fn submit(
    log: &dyn EventLog,
    name: &TerritoryId,
    expected: u64,
    records: Vec<EncodedRecord>,
) -> Receiver<Result<Head, EventLogError>> {
    let (answer, answered) = mpsc::channel();
    let batch = Batch { territory: name.clone(), expected, records };
    log.submit(batch, Box::new(move |result| drop(answer.send(result))));
    answered
}
