//! What else may lie where a log should be, and what looking at a log leaves behind.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use swerve_eventlog::inspect::{Entry, verify};
use swerve_eventlog::sqlite::anchor_anew;
use swerve_eventlog::{
    EventLog, EventLogError, RecordSource as _, Records, SqliteLog, SqliteReader,
};
use swerve_model::{Moment, RequestId, Role};

use crate::sqlite::copy_files;
use crate::subject::{encoded, new_folder, numbers, territory};

/// A folder with a closed log of three records of porto and two of lisbon.
fn folder_with_log() -> (tempfile::TempDir, PathBuf) {
    let folder = new_folder();
    let path = folder.path().join("node.log");
    let log = SqliteLog::open(&path).expect("opens");
    for (name, count) in [("porto", 3), ("lisbon", 2)] {
        log.claim(&territory(name)).expect("claimed");
        log.append(&territory(name), 0, encoded(1..=count)).expect("appended");
    }
    log.close().expect("closes");
    (folder, path)
}

fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let entries = fs::read_dir(folder).expect("a folder");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths.map(|path| (path.clone(), fs::read(path).expect("read"))).collect()
}

fn refusal(path: &Path) -> EventLogError {
    match SqliteLog::open(path) {
        Err(error) => error,
        Ok(_) => panic!("{} was opened", path.display()),
    }
}

#[test]
fn a_closed_log_is_one_file_and_its_anchor() {
    let (folder, path) = folder_with_log();
    let files: Vec<_> = contents(folder.path()).into_keys().collect();
    assert_eq!(files, [path.clone(), folder.path().join("node.log.anchor")]);
    let anchor = fs::read_to_string(folder.path().join("node.log.anchor")).expect("text");
    assert!(anchor.starts_with("swerve anchor 1\nlisbon 2 "), "{anchor}");
}

#[test]
fn a_file_that_is_no_log_is_refused_and_left_as_it_was() {
    let folder = new_folder();
    let text = folder.path().join("notes.txt");
    fs::write(&text, "not a log ".repeat(100)).expect("written");
    let other = folder.path().join("other.sqlite");
    let database = Connection::open(&other).expect("opens");
    database.execute_batch("CREATE TABLE t(x); INSERT INTO t VALUES(1)").expect("written");
    drop(database);
    let before = contents(folder.path());
    for path in [&text, &other] {
        let error = refusal(path);
        assert!(matches!(error, EventLogError::NotALog { .. }), "{error:?}");
        assert!(error.to_string().contains(&*path.to_string_lossy()), "{error}");
        let error = SqliteReader::open(path).err().expect("refused");
        assert!(matches!(error, EventLogError::NotALog { .. }), "{error:?}");
    }
    assert_eq!(contents(folder.path()), before);
}

#[test]
fn what_cannot_be_a_file_is_refused_with_its_path() {
    let folder = new_folder();
    for path in [folder.path().to_owned(), folder.path().join("missing/node.log")] {
        let error = refusal(&path);
        assert!(matches!(error, EventLogError::Storage { .. }), "{error:?}");
        assert!(error.to_string().contains(&*path.to_string_lossy()), "{error}");
    }
    let missing = folder.path().join("missing.log");
    let error = SqliteReader::open(&missing).err().expect("refused");
    assert!(matches!(error, EventLogError::NotFound { .. }), "{error:?}");
    assert!(!missing.exists(), "looking creates nothing");
}

#[test]
fn a_log_without_its_anchor_is_refused_until_it_is_anchored_anew() {
    let (folder, path) = folder_with_log();
    let anchor = folder.path().join("node.log.anchor");
    let known = fs::read(&anchor).expect("read");
    fs::remove_file(&anchor).expect("removed");
    let error = refusal(&path);
    assert!(matches!(error, EventLogError::AnchorMissing { .. }), "{error:?}");
    assert!(error.to_string().contains("node.log.anchor is missing"), "{error}");
    anchor_anew(&path).expect("every record verifies");
    assert_eq!(fs::read(&anchor).expect("read"), known, "the log is whole");
    SqliteLog::open(&path).expect("opens").close().expect("closes");
}

#[test]
fn a_deleted_log_is_not_taken_for_a_new_one() {
    let (_folder, path) = folder_with_log();
    fs::remove_file(&path).expect("removed");
    assert!(matches!(refusal(&path), EventLogError::AnchorAhead { head: 0, .. }));
    // Not even after it was tried once.
    assert!(matches!(refusal(&path), EventLogError::AnchorAhead { head: 0, .. }));
}

#[test]
fn an_older_copy_is_refused_until_it_is_anchored_anew() {
    let (folder, path) = folder_with_log();
    let backup = new_folder();
    copy_files(folder.path(), backup.path());
    let log = SqliteLog::open(&path).expect("opens");
    log.claim(&territory("porto")).expect("claimed");
    log.append(&territory("porto"), 3, encoded([4])).expect("appended");
    log.close().expect("closes");
    fs::copy(backup.path().join("node.log"), &path).expect("restored");
    assert!(matches!(refusal(&path), EventLogError::AnchorAhead { anchor: 4, head: 3, .. }));
    let found = verify(&path, &mut |_| ()).expect("can be looked at");
    assert!(!found.is_sound());
    assert!(matches!(found.anchor, Some(EventLogError::AnchorAhead { anchor: 4, head: 3, .. })));
    assert!(found.territories.iter().all(|territory| territory.fault.is_none()));
    anchor_anew(&path).expect("every record verifies");
    assert_eq!(numbers(&SqliteLog::open(&path).expect("opens"), &territory("porto")), [1, 2, 3]);
}

#[test]
fn a_copy_made_by_sqlite_itself_is_a_log() {
    let (folder, path) = folder_with_log();
    let copied = folder.path().join("copy.log");
    let database = Connection::open(&path).expect("opens");
    database.execute("VACUUM INTO ?1", (copied.to_string_lossy(),)).expect("copied");
    drop(database);
    fs::copy(folder.path().join("node.log.anchor"), folder.path().join("copy.log.anchor"))
        .expect("copied");
    let log = SqliteLog::open(&copied).expect("opens");
    log.claim(&territory("porto")).expect("claimed");
    log.append(&territory("porto"), 3, encoded([4])).expect("appended");
    assert_eq!(numbers(&log, &territory("porto")), [1, 2, 3, 4]);
}

#[test]
fn verifying_a_log_changes_no_byte_of_it() {
    let (folder, path) = folder_with_log();
    let log = SqliteLog::open(&path).expect("opens");
    log.claim(&territory("porto")).expect("claimed");
    log.append(&territory("porto"), 3, encoded([4])).expect("appended");
    // As a killed process leaves it: the newest record is in the write-ahead log alone.
    let left = new_folder();
    copy_files(folder.path(), left.path());
    let before = contents(left.path());
    assert!(before.keys().any(|file| file.to_string_lossy().ends_with("-wal")));
    let mut steps = Vec::new();
    let found = verify(&left.path().join("node.log"), &mut |count| steps.push(count));
    let found = found.expect("can be looked at");
    assert!(found.is_sound(), "{found:?}");
    assert_eq!(steps, [1, 2, 3, 4, 5, 6]);
    let counted: Vec<_> =
        found.territories.iter().map(|t| (t.territory.as_str(), t.records, t.sound)).collect();
    let heads = log.heads().expect("read");
    assert_eq!(counted, [("lisbon", 2, heads[0].1), ("porto", 4, heads[1].1)]);
    assert_eq!(contents(left.path()), before);
    // And the log that is open is not looked at behind its back.
    let refused = verify(&path, &mut |_| ());
    assert!(matches!(refused, Err(EventLogError::Locked { .. })), "{refused:?}");
}

#[test]
fn a_damaged_record_is_named_and_other_territories_are_still_verified() {
    let (_folder, path) = folder_with_log();
    let database = Connection::open(&path).expect("opens");
    let lisbon_second = (2_i64 << 40) | 2;
    database
        .execute("UPDATE record SET payload = x'00' WHERE key = ?1", (lisbon_second,))
        .expect("written");
    drop(database);
    let found = verify(&path, &mut |_| ()).expect("can be looked at");
    assert!(!found.is_sound());
    let [lisbon, porto] = &found.territories[..] else { panic!("two territories: {found:?}") };
    assert_eq!((lisbon.sound.sequence, lisbon.records), (1, 2));
    let fault = lisbon.fault.as_ref().expect("a fault").to_string();
    assert!(fault.starts_with("record 2 of lisbon in "), "{fault}");
    assert_eq!((porto.sound.sequence, porto.fault.is_none()), (3, true));
    assert!(anchor_anew(&path).is_err(), "what does not verify is not anchored");
}

#[test]
fn a_row_that_holds_no_record_is_refused_at_its_sequence() {
    for damage in ["hash = x'00'", "checksum = -1"] {
        let (_folder, path) = folder_with_log();
        let database = Connection::open(&path).expect("opens");
        let statement = format!("UPDATE record SET {damage} WHERE key = ?1");
        database.execute(&statement, ((1_i64 << 40) | 2,)).expect("written");
        drop(database);
        let log = SqliteLog::open(&path).expect("the newest record is untouched");
        let read: Result<Vec<_>, _> =
            Records::from(&log, &territory("porto"), 1).expect("heads are sound").collect();
        match read {
            Err(EventLogError::Corrupt { sequence: 2, .. }) => {}
            other => panic!("{damage} reads as {other:?}"),
        }
    }
}

#[test]
fn a_dump_says_who_did_what_when() {
    let (_folder, path) = folder_with_log();
    let reader = SqliteReader::open(&path).expect("opens");
    let records = Records::from(&reader, &territory("porto"), 2).expect("heads are sound");
    let entries: Vec<Entry> = records.map(|record| Entry::of(&record.expect("verifies"))).collect();
    assert_eq!(entries.len(), 2);
    let entry = &entries[0];
    assert_eq!((entry.sequence, entry.at), (2, Moment(2)));
    assert_eq!((entry.actor.role, entry.events.as_slice()), (Role::Operator, &["tick"][..]));
    assert_eq!(entry.request, RequestId::new("request-2").ok());
    assert_eq!(entry.len, encoded([2])[0].payload().len());
}

#[test]
fn a_log_whose_frame_was_changed_is_refused_as_damaged() {
    for (damage, problem) in [
        ("CREATE TABLE extra(x)", "its tables are not those of layout version 1"),
        ("ALTER TABLE record ADD COLUMN note TEXT", "its tables are not those"),
        ("DELETE FROM territory WHERE number = 2", "belongs to no territory"),
        ("DELETE FROM territory WHERE number = 1", "its list of territories has holes"),
        ("UPDATE territory SET name = 'a b' WHERE number = 1", "territory name \"a b\" has ' '"),
    ] {
        let (_folder, path) = folder_with_log();
        Connection::open(&path).expect("opens").execute_batch(damage).expect("written");
        for error in [refusal(&path), SqliteReader::open(&path).err().expect("refused")] {
            assert!(matches!(error, EventLogError::Damaged { .. }), "{damage}: {error:?}");
            assert!(error.to_string().contains(problem), "{damage}: {error}");
        }
    }
}
