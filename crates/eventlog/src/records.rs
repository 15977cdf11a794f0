//! Reading records and believing them: the same checks whatever they are stored in.

use std::collections::VecDeque;

use swerve_model::{Record, TerritoryId};

use crate::chain::{Head, RawRecord, RecordFault};
use crate::convert::decode;
use crate::error::EventLogError;
use crate::log::RecordSource;

/// A record that was verified, and its place.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredRecord {
    /// The territory's head when this was its newest record.
    pub head: Head,
    /// Bytes it takes on disk, without what is around them.
    pub len: usize,
    pub record: Record,
}

/// The records of one territory in order, each verified against its checksum and the chain before
/// it, up to the head the log had when this was made. Ends after the first error.
///
/// Read from 1, the whole history is verified. From later on, what is believed is the stored hash
/// of the record before: enough for tailing a log that was verified once.
pub struct Records<'a> {
    source: &'a dyn RecordSource,
    territory: TerritoryId,
    /// The newest record that was verified.
    at: Head,
    /// Where the log ended when reading began.
    end: u64,
    page: VecDeque<RawRecord>,
    failed: bool,
}

impl<'a> Records<'a> {
    /// Records of `territory` from sequence `from` on; `from` 0 is as good as 1. A territory that
    /// does not exist has no records.
    pub fn from(
        source: &'a dyn RecordSource,
        territory: &TerritoryId,
        from: u64,
    ) -> Result<Records<'a>, EventLogError> {
        let heads = source.heads()?;
        let head = heads.into_iter().find(|(name, _)| name == territory).map(|(_, head)| head);
        let end = head.map_or(0, |head| head.sequence);
        let mut records = Records {
            source,
            territory: territory.clone(),
            at: Head::empty(territory),
            end,
            page: VecDeque::new(),
            failed: false,
        };
        if from > 1 && from <= end {
            let before = records.pull(from - 1)?;
            records.at = Head { sequence: before.sequence, hash: before.hash };
        } else if from > end {
            records.at.sequence = end;
        }
        Ok(records)
    }

    /// The stored record at `sequence`, the next after those pulled before.
    fn pull(&mut self, sequence: u64) -> Result<RawRecord, EventLogError> {
        if self.page.is_empty() {
            self.page = self.source.page(&self.territory, sequence)?.into();
        }
        let fault = match self.page.pop_front() {
            Some(record) if record.sequence == sequence => return Ok(record),
            Some(record) => RecordFault::Gap { expected: sequence, found: record.sequence },
            None => RecordFault::EndsEarly { end: sequence - 1, head: self.end },
        };
        Err(self.corrupt(sequence, fault))
    }

    fn advance(&mut self) -> Result<StoredRecord, EventLogError> {
        let raw = self.pull(self.at.sequence + 1)?;
        let head = raw.verify(self.at).map_err(|fault| self.corrupt(raw.sequence, fault))?;
        let record = decode(&raw.payload)
            .map_err(|fault| self.corrupt(raw.sequence, RecordFault::Unreadable(fault)))?;
        self.at = head;
        Ok(StoredRecord { head, len: raw.payload.len(), record })
    }

    fn corrupt(&self, sequence: u64, source: RecordFault) -> EventLogError {
        EventLogError::Corrupt {
            path: self.source.path().to_owned(),
            territory: self.territory.clone(),
            sequence,
            source,
        }
    }
}

impl Iterator for Records<'_> {
    type Item = Result<StoredRecord, EventLogError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed || self.at.sequence >= self.end {
            return None;
        }
        let item = self.advance();
        self.failed = item.is_err();
        Some(item)
    }
}
