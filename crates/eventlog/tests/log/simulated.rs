//! The simulated log under the suite, and what only a simulated disk can show.

use std::sync::{Arc, Mutex};

use swerve_eventlog::sim::{SimDisk, SimFault, SimLog};
use swerve_eventlog::{Batch, EventLog, EventLogError, RawRecord};
use swerve_model::TerritoryId;

use crate::subject::{Subject, encoded, numbers, submit, territory};

pub(crate) struct SimSubject(SimDisk);

impl Subject for SimSubject {
    fn create(seed: u64) -> SimSubject {
        let disk = SimDisk::new(seed);
        // So that a crash has something to take.
        disk.hold_syncs();
        SimSubject(disk)
    }

    fn open(&self) -> Result<Box<dyn EventLog>, EventLogError> {
        Ok(Box::new(SimLog::open(&self.0)?))
    }

    fn settle(&self) {
        self.0.sync();
    }

    fn crash(&mut self, log: Box<dyn EventLog>) {
        self.0.crash();
        drop(log);
    }

    fn tamper(
        &self,
        territory: &TerritoryId,
        sequence: u64,
        change: &mut dyn FnMut(RawRecord) -> Option<RawRecord>,
    ) {
        self.0.tamper(territory, sequence, change);
    }

    fn set_layout_version(&self, version: i64) {
        self.0.set_layout_version(version);
    }
}

#[test]
fn nothing_is_acknowledged_before_its_sync() {
    let disk = SimDisk::new(1);
    let log = SimLog::open(&disk).expect("opens");
    let porto = territory("porto");
    log.claim(&porto).expect("claimed");
    let acknowledged = Arc::new(Mutex::new(Vec::new()));
    disk.hold_syncs();
    for expected in 0..10 {
        let (disk, porto) = (disk.clone(), porto.clone());
        let acknowledged = Arc::clone(&acknowledged);
        let batch = Batch { territory: porto.clone(), expected, records: encoded([expected + 1]) };
        log.submit(
            batch,
            Box::new(move |result| {
                let head = result.expect("appended");
                assert!(disk.synced(&porto) >= head.sequence, "told before it was durable");
                acknowledged.lock().expect("held by nobody").push(head.sequence);
            }),
        );
    }
    assert!(acknowledged.lock().expect("held by nobody").is_empty());
    assert_eq!((disk.counts().writes, disk.counts().syncs), (10, 0));
    disk.sync();
    assert_eq!(*acknowledged.lock().expect("held by nobody"), (1..=10).collect::<Vec<_>>());
    assert_eq!(disk.counts().syncs, 1, "one sync answers all that waited");
}

#[test]
fn a_failed_write_or_sync_ends_the_log() {
    for fault in [SimFault::WriteError, SimFault::SyncError] {
        let disk = SimDisk::new(2);
        let log = SimLog::open(&disk).expect("opens");
        let porto = territory("porto");
        log.claim(&porto).expect("claimed");
        log.append(&porto, 0, encoded([1])).expect("appended");
        disk.fail_after(0, fault);
        let failed = log.append(&porto, 1, encoded([2]));
        assert!(matches!(failed, Err(EventLogError::Poisoned { .. })), "{fault:?}");
        let later = log.append(&porto, 1, encoded([2]));
        assert!(matches!(later, Err(EventLogError::Poisoned { .. })), "{fault:?}");
        assert!(matches!(log.claim(&porto), Err(EventLogError::Poisoned { .. })));
        assert!(matches!(log.close(), Err(EventLogError::Poisoned { .. })));
        disk.crash();
        let log = SimLog::open(&disk).expect("opens again");
        let found = numbers(&log, &porto);
        let whole = found == [1] || (fault == SimFault::SyncError && found == [1, 2]);
        assert!(whole, "{fault:?} left {found:?}");
    }
}

#[test]
fn a_machine_that_stops_answers_nobody() {
    for (fault, durable) in
        [(SimFault::CrashBeforeSync, None), (SimFault::CrashBeforeAnswer, Some(2))]
    {
        let disk = SimDisk::new(3);
        let log = SimLog::open(&disk).expect("opens");
        let porto = territory("porto");
        log.claim(&porto).expect("claimed");
        disk.fail_after(1, fault);
        log.append(&porto, 0, encoded([1])).expect("appended");
        let answer = submit(&log, &porto, 1, encoded([2]));
        assert!(answer.recv().is_err(), "{fault:?}: dropped uncalled");
        disk.crash();
        let found = numbers(&SimLog::open(&disk).expect("opens"), &porto);
        match durable {
            Some(count) => assert_eq!(found.len(), count),
            None => assert!(found == [1] || found == [1, 2]),
        }
    }
}

/// What a run of appends under held syncs, cut by a crash, leaves.
fn survivors(seed: u64) -> (Vec<u64>, u64, u64) {
    let disk = SimDisk::new(seed);
    let log = SimLog::open(&disk).expect("opens");
    let porto = territory("porto");
    log.claim(&porto).expect("claimed");
    log.append(&porto, 0, encoded([1, 2])).expect("appended");
    disk.hold_syncs();
    for batch in 1..6 {
        drop(submit(&log, &porto, 2 * batch, encoded([2 * batch + 1, 2 * batch + 2])));
    }
    disk.crash();
    let found = numbers(&SimLog::open(&disk).expect("opens"), &porto);
    (found, disk.counts().lost, disk.counts().torn)
}

#[test]
fn a_crash_takes_what_its_seed_says_and_only_what_was_not_synced() {
    let (mut lost, mut torn, mut lengths) = (0, 0, std::collections::BTreeSet::new());
    for seed in 0..50 {
        let outcome = survivors(seed);
        assert_eq!(survivors(seed), outcome, "the same seed, the same crash");
        let (found, lost_here, torn_here) = outcome;
        assert!(found.len() >= 2 && found.len() % 2 == 0, "seed {seed}: {found:?}");
        assert_eq!(found.len() as u64, 12 - 2 * lost_here);
        lengths.insert(found.len());
        lost += lost_here;
        torn += torn_here;
    }
    assert_eq!(lengths.len(), 6, "every possible end was seen");
    assert!(lost > 0 && torn > 0);
}
