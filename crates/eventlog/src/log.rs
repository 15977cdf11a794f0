//! The one trait the engine writes to, whatever is behind it.
//!
//! A log is one node's; it holds many territories, each a sequence of records counted from 1. An
//! append names the head it was decided on and is refused when another came first. Several appends,
//! of any territories, may become durable with one sync; each is whole or absent, and none is
//! answered before it is durable.
//!
//! Appending is by submission and callback, so that an asynchronous writer can wait without a
//! thread and several batches of one territory can be under way; [`EventLog::append`] waits.

use std::path::Path;
use std::sync::mpsc;

use swerve_model::TerritoryId;

use crate::chain::{EncodedRecord, Head, RawRecord};
use crate::error::EventLogError;

/// The largest record that is accepted, in bytes. A plan imported for 150,000 stops takes a
/// quarter of it.
pub const RECORD_LEN_MAX: usize = 64 << 20;

/// Records of one territory, to become durable together or not at all.
#[derive(Clone, Debug)]
pub struct Batch {
    pub territory: TerritoryId,
    /// The sequence of the newest record when the batch was decided.
    pub expected: u64,
    pub records: Vec<EncodedRecord>,
}

impl Batch {
    pub(crate) fn check_sizes(&self) -> Result<(), EventLogError> {
        let largest = self.records.iter().map(|record| record.payload().len()).max().unwrap_or(0);
        if largest > RECORD_LEN_MAX {
            return Err(EventLogError::RecordTooLarge { len: largest, max: RECORD_LEN_MAX });
        }
        Ok(())
    }
}

/// Called once with the head after the batch, when it is durable, or with why it is not written.
/// Runs on the log's own thread, or on the submitter's if the batch is refused at once: it hands
/// over and returns, and calls nothing of the log.
///
/// It is dropped uncalled only when the log dies first; whether the batch was written is then
/// unknown until the log is opened again.
pub type Done = Box<dyn FnOnce(Result<Head, EventLogError>) + Send>;

/// Where records are read from. Reading claims nothing and believes nothing: see
/// [`Records`](crate::Records) for the reader that verifies.
pub trait RecordSource {
    /// What errors name: the file, for one that has one.
    fn path(&self) -> &Path;

    /// Every territory there is, by name, and how far its log goes.
    fn heads(&self) -> Result<Vec<(TerritoryId, Head)>, EventLogError>;

    /// Stored records of `territory` from sequence `from` on, in order, as many as fit one answer;
    /// none when there are no more.
    fn page(&self, territory: &TerritoryId, from: u64) -> Result<Vec<RawRecord>, EventLogError>;
}

/// Append, and read what was appended.
///
/// After any error from a write or a sync the log is poisoned and refuses every later call: the
/// process must end, and reads on its next start what became of its last appends.
pub trait EventLog: RecordSource + Send + Sync {
    /// Takes `territory` for the one writer this process may have for it, creating it if it is new.
    /// Lasts until the log is closed.
    fn claim(&self, territory: &TerritoryId) -> Result<Head, EventLogError>;

    /// Appends `batch`; `done` learns when it is durable. Waits only while the log's queue is full.
    ///
    /// Batches of one territory are placed in the order they were submitted in. A batch without
    /// records is answered like any other, after what was submitted before it is durable.
    fn submit(&self, batch: Batch, done: Done);

    /// Appends and waits until it is durable.
    ///
    /// # Errors
    /// [`HeadConflict`](EventLogError::HeadConflict) if `expected` is not the newest record's
    /// sequence; nothing is written then.
    fn append(
        &self,
        territory: &TerritoryId,
        expected: u64,
        records: Vec<EncodedRecord>,
    ) -> Result<Head, EventLogError> {
        let (answer, answered) = mpsc::sync_channel(1);
        let batch = Batch { territory: territory.clone(), expected, records };
        // A receiver that is gone is one that no longer wants to know.
        self.submit(batch, Box::new(move |result| drop(answer.send(result))));
        let died = || EventLogError::Poisoned { cause: "the log ended before it answered".into() };
        answered.recv().map_err(|_| died())?
    }

    /// Finishes what was submitted, and lets others open the log. Later calls are refused.
    fn close(&self) -> Result<(), EventLogError>;
}
