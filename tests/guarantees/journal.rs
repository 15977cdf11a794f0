//! What was sent and what was answered, held against the log of a server that is gone.

use std::collections::BTreeMap;
use std::path::Path;

use swerve_eventlog::{Records, SqliteReader};
use swerve_model::TerritoryId;

use crate::asks::{Answer, Ask};

/// What is known of a request.
#[derive(Clone, Debug)]
pub(crate) enum Fate {
    /// Sent, and the connection broke: it may have been done or not.
    Open,
    Answered(Answer),
    /// Refused by a rule; nothing is kept of it.
    Refused,
}

#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) ask: Ask,
    pub(crate) fate: Fate,
}

/// The plan as an answer showed it: position in the log, revision, hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sight {
    pub(crate) sequence: u64,
    pub(crate) revision: u64,
    pub(crate) hash: [u8; 32],
}

#[derive(Debug, Default)]
pub(crate) struct Journal {
    pub(crate) entries: Vec<Entry>,
    pub(crate) sights: Vec<Sight>,
    /// Entries before this one were sent again after an earlier kill.
    settled: usize,
}

impl Journal {
    /// Notes a request that is about to be sent; answers its place.
    pub(crate) fn note(&mut self, ask: Ask) -> usize {
        self.entries.push(Entry { ask, fate: Fate::Open });
        self.entries.len() - 1
    }

    /// Of the life that has just ended.
    pub(crate) fn unsettled(&self) -> Vec<(usize, Entry)> {
        self.entries.iter().cloned().enumerate().skip(self.settled).collect()
    }

    pub(crate) fn settle(&mut self) {
        self.settled = self.entries.len();
    }

    /// Everything acknowledged is in the log, as it was acknowledged.
    pub(crate) fn check(&self, kept: &Kept) {
        for Entry { ask, fate } in &self.entries {
            let found = kept.by_request.get(ask.id());
            match (fate, found) {
                (Fate::Answered(answer), Some(sequence)) => {
                    let sight = kept.at(*sequence);
                    assert_eq!(sight.revision, answer.revision, "another revision: {ask:?}");
                }
                (Fate::Answered(_), None) => panic!("acknowledged and not in the log: {ask:?}"),
                (Fate::Refused, Some(_)) => panic!("refused and in the log: {ask:?}"),
                (Fate::Refused, None) | (Fate::Open, _) => {}
            }
        }
        for sight in &self.sights {
            assert!(sight.sequence <= kept.len(), "{sight:?} was told and is not in the log");
            assert_eq!(*sight, kept.at(sight.sequence), "what was told is not what is kept");
        }
    }
}

/// A log as it was found: every record whole and verified against the chain.
#[derive(Debug)]
pub(crate) struct Kept {
    /// Sequence by request id.
    by_request: BTreeMap<String, u64>,
    sights: Vec<Sight>,
}

impl Kept {
    /// Reads a log that nobody serves.
    pub(crate) fn read(path: &Path) -> Kept {
        let reader = SqliteReader::open(path).expect("a killed server's log can be read");
        reader.check_anchor().expect("nothing that was acknowledged is missing at its end");
        let territory = TerritoryId::new("hamlet").expect("a name");
        let mut kept = Kept { by_request: BTreeMap::new(), sights: Vec::new() };
        for stored in Records::from(&reader, &territory, 1).expect("it has records") {
            let stored = stored.expect("every record is whole");
            let (sequence, record) = (stored.head.sequence, stored.record);
            if let Some(key) = record.request {
                let twice = kept.by_request.insert(key.id.to_string(), sequence);
                assert_eq!(twice, None, "request {} took effect twice", key.id);
            }
            let sight = Sight { sequence, revision: record.revision.0, hash: record.plan_hash };
            kept.sights.push(sight);
        }
        assert!(kept.sights.is_sorted_by_key(|sight| sight.revision), "revisions only grow");
        kept
    }

    pub(crate) fn len(&self) -> u64 {
        self.sights.len() as u64
    }

    pub(crate) fn at(&self, sequence: u64) -> Sight {
        self.sights[sequence as usize - 1]
    }

    pub(crate) fn newest(&self) -> Sight {
        self.at(self.len())
    }

    pub(crate) fn holds(&self, ask: &Ask) -> bool {
        self.by_request.contains_key(ask.id())
    }
}
