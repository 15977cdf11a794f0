//! Bits of a small log, flipped one by one: what was acknowledged is read, or the log is refused.
//!
//! A sample of them, so that the suite stays quick; all of them with `SWERVE_EVERY_BIT` set.

use std::env;
use std::fs::{self, OpenOptions};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use swerve_eventlog::inspect::verify;
use swerve_eventlog::sqlite::Tuning;
use swerve_eventlog::{
    EventLog, EventLogError, RecordSource, SqliteLog, SqliteReader, StoredRecord,
};

use crate::sqlite::copy_files;
use crate::subject::{encoded, new_folder, read_from_source, territory};

const NAMES: [&str; 2] = ["porto", "lisbon"];

/// Small pages, so that there are few bits and yet several pages.
pub(crate) fn small_pages() -> Tuning {
    Tuning { page_size: 512, anchor_rest: Duration::ZERO, ..Tuning::default() }
}

/// All that a log says, each record verified, as what serves it would read it.
fn read_all(source: &dyn RecordSource) -> Result<Vec<StoredRecord>, EventLogError> {
    let mut all = Vec::new();
    for name in NAMES {
        all.extend(read_from_source(source, &territory(name), 1)?);
    }
    Ok(all)
}

/// A folder with a small log, as it was closed or as a killed process left it, and what it says.
fn small_log(closed: bool) -> (tempfile::TempDir, Vec<StoredRecord>) {
    let folder = new_folder();
    let log = SqliteLog::open_with(&folder.path().join("node.log"), small_pages()).expect("opens");
    for name in NAMES {
        log.claim(&territory(name)).expect("claimed");
        log.append(&territory(name), 0, encoded([1])).expect("appended");
        log.append(&territory(name), 1, encoded([2, 3])).expect("appended");
    }
    let says = read_all(&log).expect("verifies");
    if closed {
        log.close().expect("closes");
        return (folder, says);
    }
    let left = new_folder();
    wait_for_anchor(folder.path());
    copy_files(folder.path(), left.path());
    (left, says)
}

/// The anchor follows a moment after the last acknowledgement.
fn wait_for_anchor(folder: &Path) {
    let whole = || {
        let anchor = fs::read_to_string(folder.join("node.log.anchor")).expect("text");
        NAMES.iter().all(|name| anchor.contains(&format!("\n{name} 3 ")))
    };
    while !whole() {
        std::thread::yield_now();
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Refused,
    /// Read as it was, the damage being where nothing is kept.
    Recovered,
}

/// What an operator and a starting node see of the log at `path`.
fn look(path: &Path, says: &[StoredRecord]) -> Outcome {
    let read = SqliteReader::open(path).and_then(|reader| {
        reader.check_anchor()?;
        read_all(&reader)
    });
    match read {
        Ok(found) => {
            assert_eq!(found, says, "silently different");
            Outcome::Recovered
        }
        Err(_) => Outcome::Refused,
    }
}

/// Flips one bit after another, every `step`th, of the file that ends in `suffix`, and looks. Odd
/// steps flip each of a byte's eight bits somewhere.
fn flip_all(folder: &Path, suffix: &str, says: &[StoredRecord], step: usize) -> [usize; 2] {
    let step = if env::var_os("SWERVE_EVERY_BIT").is_some() { 1 } else { step };
    let path = folder.join("node.log");
    let name = PathBuf::from(format!("{}{suffix}", path.display()));
    let good = fs::read(&name).expect("read");
    let mut counts = [0, 0];
    for bit in (0..good.len() * 8).step_by(step) {
        let at = bit / 8;
        put_byte(&name, at, good[at] ^ (1 << (bit % 8)));
        counts[look(&path, says) as usize] += 1;
        put_byte(&name, at, good[at]);
    }
    assert_eq!(look(&path, says), Outcome::Recovered, "whole again");
    counts
}

/// In place, as rot is; writing the whole file anew would take most of the time.
fn put_byte(file: &Path, at: usize, byte: u8) {
    let file = OpenOptions::new().write(true).open(file).expect("opens");
    file.write_all_at(&[byte], at as u64).expect("written");
}

#[test]
fn any_flipped_bit_of_a_closed_log_is_harmless_or_refused() {
    let (folder, says) = small_log(true);
    let [refused, recovered] = flip_all(folder.path(), "", &says, 7);
    // Records, names and tables are most of the file; the rest is room to grow.
    assert!(refused > 1_000 && recovered > 0, "{refused} refused, {recovered} recovered");
}

#[test]
fn any_flipped_bit_of_a_write_ahead_log_is_harmless_or_refused() {
    let (folder, says) = small_log(false);
    // Every page in it has a checksum, which finds a bit as well as the next.
    let [refused, recovered] = flip_all(folder.path(), "-wal", &says, 37);
    assert!(refused > 1_000, "{refused} refused, {recovered} recovered");
}

#[test]
fn a_node_never_serves_a_damaged_log_as_another() {
    let (folder, says) = small_log(true);
    let good = fs::read(folder.path().join("node.log")).expect("read");
    let mut refused = 0;
    for bit in (0..good.len() * 8).step_by(211) {
        let fresh = new_folder();
        copy_files(folder.path(), fresh.path());
        let path = fresh.path().join("node.log");
        let mut damaged = good.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        fs::write(&path, &damaged).expect("written");
        let served = SqliteLog::open(&path).and_then(|log| {
            let found = read_all(&log)?;
            log.close()?;
            Ok(found)
        });
        match served {
            Ok(found) => assert_eq!(found, says, "bit {bit}: silently different"),
            Err(_) => refused += 1,
        }
    }
    assert!(refused > 30, "{refused} refused");
}

#[test]
fn the_whole_verification_agrees_with_the_start_of_a_node() {
    let (folder, says) = small_log(true);
    let path = folder.path().join("node.log");
    let good = fs::read(&path).expect("read");
    for bit in (0..good.len() * 8).step_by(311) {
        let mut damaged = good.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        fs::write(&path, &damaged).expect("written");
        let sound = verify(&path, &mut |_| ()).is_ok_and(|found| found.is_sound());
        // It looks at the file's structure too, so it may know of damage that harms no record yet.
        assert!(!sound || look(&path, &says) == Outcome::Recovered, "bit {bit}");
    }
}
