//! The embedded log in a process of its own: killed, watched at its system calls, short of disk, or
//! started twice.
//!
//! The child is this test binary, told by its environment to be one: see the first test.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::{env, fs};

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use swerve_eventlog::{EventLog, SqliteLog};

use crate::subject::{encoded, new_folder, numbers, territory};

const LOG: &str = "SWERVE_TEST_CHILD_LOG";
/// How many batches the child appends; it would go on for long enough.
const BATCHES: &str = "SWERVE_TEST_CHILD_BATCHES";
const THIS: &str = "process::a_process_appends_and_says_what_was_acknowledged";
const BATCH: u64 = 3;

/// Appends `batches` batches to the log at `path`, and says `ack N` after each. A failure is said
/// twice: at once, and when it is tried again.
fn append_and_tell(path: &Path, batches: u64, out: &mut impl std::io::Write) {
    let log = match SqliteLog::open(path) {
        Ok(log) => log,
        Err(error) => return writeln!(out, "refused {error}").expect("the parent listens"),
    };
    let porto = territory("porto");
    let mut head = log.claim(&porto).expect("claimed").sequence;
    for _ in 0..batches {
        match log.append(&porto, head, encoded(head + 1..=head + BATCH)) {
            Ok(appended) => head = appended.sequence,
            Err(error) => {
                writeln!(out, "failed {error}").expect("the parent listens");
                let again = log.append(&porto, head, encoded([head + 1]));
                let again = again.expect_err("a log that failed accepts nothing more");
                return writeln!(out, "again {again}").expect("the parent listens");
            }
        }
        writeln!(out, "ack {head}").and_then(|()| out.flush()).expect("the parent listens");
    }
}

#[test]
fn a_process_appends_and_says_what_was_acknowledged() {
    if let Some(path) = env::var_os(LOG) {
        let batches = env::var(BATCHES).expect("set").parse().expect("a number");
        return append_and_tell(&PathBuf::from(path), batches, &mut std::io::stdout());
    }
    let folder = new_folder();
    let mut out = Vec::new();
    append_and_tell(&folder.path().join("node.log"), 3, &mut out);
    assert_eq!(String::from_utf8(out).expect("text"), "ack 3\nack 6\nack 9\n");
}

/// This binary as the child, behind `wrapper` if there is one.
fn child(wrapper: &[&str], path: &Path, batches: u64) -> Command {
    let this = env::current_exe().expect("we run");
    let mut words = wrapper.iter().map(std::ffi::OsString::from).collect::<Vec<_>>();
    words.push(this.into());
    let mut command = Command::new(&words[0]);
    command.args(&words[1..]).args(["--exact", THIS, "--nocapture"]);
    command.env(LOG, path).env(BATCHES, batches.to_string()).stdout(Stdio::piped());
    command
}

/// The heads the child acknowledged, until it has nothing more to say.
fn acknowledged(child: &mut Child, enough: usize, mut then: impl FnMut(&mut Child)) -> Vec<u64> {
    let out = BufReader::new(child.stdout.take().expect("piped"));
    let mut acks = Vec::new();
    for line in out.lines() {
        if let Some(head) = line.expect("text").strip_prefix("ack ") {
            acks.push(head.parse().expect("a number"));
            if acks.len() == enough {
                then(child);
            }
        }
    }
    child.wait().expect("it was started");
    acks
}

#[test]
fn a_killed_process_leaves_all_it_acknowledged_in_whole_batches() {
    let folder = new_folder();
    let path = folder.path().join("node.log");
    let mut rng = ChaCha8Rng::seed_from_u64(11);
    let mut before = 0;
    for round in 0..12 {
        let mut child = child(&[], &path, 1_000_000).spawn().expect("starts");
        let enough = rng.random_range(1..40);
        let acks = acknowledged(&mut child, enough, |child| child.kill().expect("killed"));
        assert!(acks.len() >= enough, "round {round}");
        let log = SqliteLog::open(&path).expect("recovers");
        let found = numbers(&log, &territory("porto"));
        let last = *acks.last().expect("some");
        assert_eq!(found, (1..=found.len() as u64).collect::<Vec<_>>());
        assert!(found.len() as u64 >= last, "round {round}: {} of {last}", found.len());
        assert_eq!(found.len() as u64 % BATCH, 0, "round {round}: a batch was torn");
        assert!(acks[0] > before, "it went on where the other was killed");
        before = last;
        // Not closed cleanly by us either, half of the time: the next child recovers again.
        if round % 2 == 0 {
            log.close().expect("closes");
        }
    }
}

#[test]
fn a_second_process_is_refused_by_the_file_it_wanted() {
    let folder = new_folder();
    let path = folder.path().join("node.log");
    let log = SqliteLog::open(&path).expect("opens");
    let output = child(&[], &path, 1).output().expect("starts");
    let said = String::from_utf8(output.stdout).expect("text");
    let refusal = format!("refused {} is open in another process", path.display());
    assert!(said.contains(&refusal), "{said}");
    log.close().expect("closes");
    let output = child(&[], &path, 1).output().expect("starts");
    assert!(String::from_utf8_lossy(&output.stdout).contains("ack 3"));
}

#[test]
fn a_full_disk_ends_the_log_and_takes_nothing_acknowledged() {
    let folder = new_folder();
    let path = folder.path().join("node.log");
    // The shell's word for a limit on file sizes, and for being told of it instead of killed.
    let limited = ["sh", "-c", "trap '' XFSZ; ulimit -f 200; exec \"$0\" \"$@\""];
    let output = child(&limited, &path, 1_000_000).output().expect("starts");
    let said = String::from_utf8(output.stdout).expect("text");
    let failed = "failed the log has failed and accepts nothing more: ";
    assert!(said.contains(failed), "{said}");
    assert!(said.contains("again the log has failed and accepts nothing more: "), "{said}");
    let mut acks = said.lines().filter_map(|line| line.strip_prefix("ack "));
    let last: u64 = acks.next_back().expect("some").parse().expect("a number");
    let found = numbers(&SqliteLog::open(&path).expect("recovers"), &territory("porto"));
    assert!(found.len() as u64 >= last, "{} of {last}", found.len());
    assert_eq!(found.len() as u64 % BATCH, 0, "a batch was torn");
}

#[test]
fn every_acknowledgement_follows_an_fdatasync_of_all_that_was_written() {
    let folder = new_folder();
    let trace = folder.path().join("trace");
    let trace_name = trace.to_string_lossy();
    let traced =
        ["strace", "-f", "-y", "-e", "trace=write,pwrite64,fsync,fdatasync", "-o", &trace_name];
    let output = child(&traced, &folder.path().join("node.log"), 25).output();
    let acks = output.map(|o| String::from_utf8_lossy(&o.stdout).matches("ack ").count());
    let Ok(25) = acks else {
        eprintln!("skipped: strace cannot run here, so no system calls were watched");
        return;
    };
    let trace = fs::read_to_string(&trace).expect("text");
    let (mut unsynced, mut syncs, mut told) = (false, 0, 0);
    for line in trace.lines() {
        // Calls that another thread interrupts are printed in two halves; the first has the file,
        // and only the second is a sync that has happened.
        let of_wal = line.contains("node.log-wal>");
        if line.contains("pwrite64(") && of_wal {
            unsynced = true;
        } else if line.contains("fsync(") && of_wal {
            panic!("the write-ahead log was synced with its timestamps: {line}");
        } else if (line.contains("fdatasync(") && of_wal && line.ends_with("= 0"))
            || line.contains("fdatasync resumed")
        {
            unsynced = false;
            syncs += 1;
        } else if line.contains("write(1") && line.contains("ack ") {
            assert!(!unsynced, "acknowledged before it was synced: {line}");
            told += 1;
            assert!(syncs >= told, "acknowledged {told} batches after {syncs} syncs");
        }
    }
    assert_eq!(told, 25, "every acknowledgement was watched");
}
