//! Power cuts: states the files can be in after one, rebuilt, opened and compared with what had
//! been acknowledged by then.
//!
//! The log promises that at each acknowledgement its files were synced, so a power cut leaves what
//! they held at the last one and, of what was written since, any sectors whatever: a disk need not
//! write them in order, nor all of a file's end.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::path::Path;
use std::time::Duration;

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use swerve_eventlog::sqlite::Tuning;
use swerve_eventlog::{EventLog, EventLogError, RecordSource as _, SqliteLog, SqliteReader};

use crate::flips::small_pages;
use crate::subject::{encoded, new_folder, read_from_source, territory};

/// What disks write at once.
const SECTOR: usize = 512;

type Files = BTreeMap<&'static str, Vec<u8>>;

fn read_files(folder: &Path) -> Files {
    let read = |name| fs::read(folder.join(name)).unwrap_or_default();
    ["node.log", "node.log-wal"].into_iter().map(|name| (name, read(name))).collect()
}

/// A folder where only these files are, and nothing is anchored.
fn write_files(folder: &Path, files: &Files) {
    for (name, bytes) in files {
        fs::write(folder.join(name), bytes).expect("written");
    }
    fs::write(folder.join("node.log.anchor"), "swerve anchor 1\ncrc32c ca7ca759\n")
        .expect("written");
}

/// How many records are there, all verified; `None` where there is no log yet.
fn records_in(folder: &Path) -> u64 {
    let reader = SqliteReader::open(&folder.join("node.log")).expect("a log, whatever its end");
    let porto = territory("porto");
    let records = read_from_source(&reader, &porto, 1).expect("what is there is whole");
    let head = reader.heads().expect("read")[0].1.sequence;
    assert_eq!(records.len() as u64, head);
    for stored in records {
        assert_eq!(stored.record.revision.0, stored.head.sequence);
    }
    head
}

/// Between `old` and `new`, sector by sector, as the disk happened to write them.
fn torn(rng: &mut ChaCha8Rng, old: &[u8], new: &[u8]) -> Vec<u8> {
    let len = if rng.random_bool(0.5) { new.len() } else { rng.random_range(0..=new.len()) };
    let mut bytes = old.to_vec();
    bytes.resize(len.max(old.len()), 0);
    for start in (0..new.len().min(bytes.len())).step_by(SECTOR) {
        let end = (start + SECTOR).min(new.len()).min(bytes.len());
        if rng.random_bool(0.5) {
            bytes[start..end].copy_from_slice(&new[start..end]);
        }
    }
    bytes
}

#[test]
fn a_write_ahead_log_cut_anywhere_keeps_what_was_acknowledged_before() {
    let folder = new_folder();
    let log = SqliteLog::open_with(&folder.path().join("node.log"), small_pages()).expect("opens");
    let porto = territory("porto");
    log.claim(&porto).expect("claimed");
    let wal_len = || {
        let wal = fs::metadata(folder.path().join("node.log-wal"));
        wal.expect("there").len()
    };
    // Where the write-ahead log ended at each acknowledgement, and how many records that was.
    let mut ends = vec![(wal_len(), 0)];
    for batch in 0..5 {
        log.append(&porto, 3 * batch, encoded(3 * batch + 1..=3 * batch + 3)).expect("appended");
        ends.push((wal_len(), 3 * batch + 3));
    }
    let cut = new_folder();
    write_files(cut.path(), &read_files(folder.path()));
    let wal = OpenOptions::new().write(true).open(cut.path().join("node.log-wal"));
    let wal = wal.expect("opens");
    for len in (ends[0].0..=wal_len()).rev() {
        if len % 7 != 0 && ends.iter().all(|end| end.0 != len) {
            continue;
        }
        wal.set_len(len).expect("cut");
        let acknowledged = ends.iter().rev().find(|end| end.0 <= len).expect("the first at least");
        assert_eq!(records_in(cut.path()), acknowledged.1, "cut at {len}");
    }
}

#[test]
fn a_write_ahead_log_cut_before_its_anchor_is_refused() {
    let folder = new_folder();
    let path = folder.path().join("node.log");
    let log = SqliteLog::open_with(&path, small_pages()).expect("opens");
    let porto = territory("porto");
    log.claim(&porto).expect("claimed");
    let mut ends = Vec::new();
    for number in 0..4 {
        log.append(&porto, number, encoded([number + 1])).expect("appended");
        ends.push(fs::metadata(folder.path().join("node.log-wal")).expect("there").len() as usize);
    }
    while !fs::read_to_string(folder.path().join("node.log.anchor"))
        .expect("text")
        .contains("porto 4 ")
    {
        std::thread::yield_now();
    }
    let files = read_files(folder.path());
    let anchor = fs::read(folder.path().join("node.log.anchor")).expect("read");
    for (kept, end) in ends.iter().enumerate().map(|(index, end)| (index as u64 + 1, *end)) {
        for len in [end, end + 1, end + 300] {
            let cut = new_folder();
            let mut files = files.clone();
            files.get_mut("node.log-wal").expect("there").truncate(len);
            write_files(cut.path(), &files);
            fs::write(cut.path().join("node.log.anchor"), &anchor).expect("written");
            match SqliteLog::open(&cut.path().join("node.log")).map(|_| ()) {
                Ok(()) => assert_eq!(kept, 4, "opened without its last records"),
                Err(EventLogError::AnchorAhead { anchor: 4, head, .. }) => assert_eq!(head, kept),
                Err(other) => panic!("cut at {len}: {other:?}"),
            }
        }
    }
}

#[test]
fn power_cut_between_any_two_acknowledgements_keeps_the_first() {
    let folder = new_folder();
    // A checkpoint every few commits, so that the write-ahead log is copied and begun anew often.
    let tuning =
        Tuning { checkpoint_pages: 8, anchor_rest: Duration::from_mins(1), ..small_pages() };
    let log = SqliteLog::open_with(&folder.path().join("node.log"), tuning).expect("opens");
    let porto = territory("porto");
    log.claim(&porto).expect("claimed");
    log.append(&porto, 0, encoded([1])).expect("appended");
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    let cut = new_folder();
    let (mut before, mut checkpoints, mut kept_more) = (settled(&log, folder.path()), 0, 0);
    for number in 2..=60 {
        log.append(&porto, number - 1, encoded([number])).expect("appended");
        let after = settled(&log, folder.path());
        let checkpointed = before["node.log"] != after["node.log"];
        checkpoints += u32::from(checkpointed);
        for _ in 0..6 {
            // While the commit was written: the file itself is not touched before its sync.
            let wal = torn(&mut rng, &before["node.log-wal"], &after["node.log-wal"]);
            let file = before["node.log"].clone();
            write_files(cut.path(), &Files::from([("node.log", file), ("node.log-wal", wal)]));
            let found = records_in(cut.path());
            assert!(found == number - 1 || found == number, "{found} after {}", number - 1);
            kept_more += u32::from(found == number);
        }
        for _ in 0..if checkpointed { 12 } else { 0 } {
            // While it was copied into the file, which may be at any point of that.
            let wal = after["node.log-wal"].clone();
            let file = torn(&mut rng, &before["node.log"], &after["node.log"]);
            write_files(cut.path(), &Files::from([("node.log", file), ("node.log-wal", wal)]));
            assert_eq!(records_in(cut.path()), number, "lost while copying");
        }
        before = after;
    }
    assert!(checkpoints >= 5, "{checkpoints} checkpoints");
    assert!(kept_more > 0, "some cuts come after all was written");
}

/// The files once the committer has done all that follows an acknowledgement.
fn settled(log: &SqliteLog, folder: &Path) -> Files {
    // Answered after what was asked before it.
    log.heads().expect("read");
    read_files(folder)
}
