//! Looking over a log: what `swerve log verify` and `swerve log dump` print.

use std::path::Path;

use swerve_model::{Actor, Answer, Moment, RequestId, Revision, TerritoryId};

use crate::chain::{ChainHash, Head};
use crate::convert::event_name;
use crate::error::EventLogError;
use crate::log::RecordSource;
use crate::records::{Records, StoredRecord};
use crate::sqlite::SqliteReader;

/// One record's line in a dump: what it is about, not what it says.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub sequence: u64,
    pub hash: ChainHash,
    /// Bytes of the record itself.
    pub len: usize,
    /// Engine time when it was decided.
    pub at: Moment,
    pub actor: Actor,
    pub request: Option<RequestId>,
    /// The events' kinds in order, as the storage schema names them.
    pub events: Vec<&'static str>,
    pub answer: Answer,
    pub revision: Revision,
    pub plan_hash: [u8; 32],
}

impl Entry {
    pub fn of(stored: &StoredRecord) -> Entry {
        let record = &stored.record;
        Entry {
            sequence: stored.head.sequence,
            hash: stored.head.hash,
            len: stored.len,
            at: record.at,
            actor: record.actor.clone(),
            request: record.request.as_ref().map(|request| request.id.clone()),
            events: record.events.iter().map(event_name).collect(),
            answer: record.answer.clone(),
            revision: record.revision,
            plan_hash: record.plan_hash,
        }
    }
}

/// What became of verifying one territory's records from the first to the newest.
#[derive(Debug)]
pub struct Verified {
    pub territory: TerritoryId,
    /// The newest record that everything up to and including it was verified.
    pub sound: Head,
    /// Records the log says it has.
    pub records: u64,
    /// Why verification ended before the last of them.
    pub fault: Option<EventLogError>,
}

/// What became of verifying a log. Sound if nothing in it is a fault.
#[derive(Debug)]
pub struct Verification {
    pub territories: Vec<Verified>,
    /// It does not hold what its anchor says was acknowledged.
    pub anchor: Option<EventLogError>,
    /// The file as a file.
    pub structure: Option<EventLogError>,
}

impl Verification {
    pub fn is_sound(&self) -> bool {
        let faults = self.territories.iter().filter_map(|territory| territory.fault.as_ref());
        faults.count() == 0 && self.anchor.is_none() && self.structure.is_none()
    }
}

/// Verifies every record of every territory; a fault ends its own territory only. `progress` is told
/// after each record how many were verified in all. O(log), decoding included.
///
/// # Errors
/// Not even the list of territories can be read.
pub fn verify_records(
    source: &dyn RecordSource,
    progress: &mut dyn FnMut(u64),
) -> Result<Vec<Verified>, EventLogError> {
    let mut verified = Vec::new();
    let mut count = 0;
    for (territory, head) in source.heads()? {
        let mut sound = Head::empty(&territory);
        let mut fault = None;
        for record in Records::from(source, &territory, 1)? {
            match record {
                Ok(record) => sound = record.head,
                Err(error) => fault = Some(error),
            }
            count += 1;
            progress(count);
        }
        verified.push(Verified { territory, sound, records: head.sequence, fault });
    }
    Ok(verified)
}

/// Verifies the log at `path`: records, anchor, file. Changes nothing.
///
/// # Errors
/// It cannot be opened at all: not there, in use, not a log, of another version, or damaged where
/// its territories are listed.
pub fn verify(path: &Path, progress: &mut dyn FnMut(u64)) -> Result<Verification, EventLogError> {
    let reader = SqliteReader::open(path)?;
    Ok(Verification {
        territories: verify_records(&reader, progress)?,
        anchor: reader.check_anchor().err(),
        structure: reader.check_structure().err(),
    })
}
