//! What can keep a log from being opened, read or appended to.

use std::io;
use std::path::PathBuf;

use swerve_model::TerritoryId;

use crate::chain::{ChainHash, RecordFault};

/// Why the event log could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum EventLogError {
    /// Another append came first: reload and decide again. Nothing was written.
    #[error("expected {territory} to be at record {expected}, its log is at {actual}")]
    HeadConflict { territory: TerritoryId, expected: u64, actual: u64 },
    /// Nothing was written.
    #[error("a record of {len} bytes is over the limit of {max}")]
    RecordTooLarge { len: usize, max: usize },
    #[error("{territory} has not been claimed")]
    NotClaimed { territory: TerritoryId },
    /// Two writers of one territory would decide on different states.
    #[error("{territory} is claimed already")]
    AlreadyClaimed { territory: TerritoryId },
    #[error("{} is open in another process", path.display())]
    Locked { path: PathBuf },
    #[error("{} does not exist", path.display())]
    NotFound { path: PathBuf },
    /// A file, but not one of ours: never touched.
    #[error("{} is no swerve event log: {found}", path.display())]
    NotALog { path: PathBuf, found: String },
    /// A newer build wrote it, or an older one whose layout is no longer read.
    #[error(
        "{} has layout version {found}, this build reads version {supported}", path.display()
    )]
    UnsupportedVersion { path: PathBuf, found: i64, supported: i64 },
    /// A record that cannot be believed. Never skipped: later ones depend on it.
    #[error("record {sequence} of {territory} in {}", path.display())]
    Corrupt { path: PathBuf, territory: TerritoryId, sequence: u64, source: RecordFault },
    /// The storage around the records is damaged.
    #[error("{} is damaged: {problem}", path.display())]
    Damaged { path: PathBuf, problem: String },
    /// Records that were acknowledged are gone: the log was cut short, rolled back, or exchanged.
    #[error(
        "{} ends at record {head} of {territory}, but record {anchor} was acknowledged: \
         acknowledged records are lost; restore a newer copy", path.display()
    )]
    AnchorAhead { path: PathBuf, territory: TerritoryId, anchor: u64, head: u64 },
    /// The record last acknowledged is another one: not the log that was anchored.
    #[error(
        "record {sequence} of {territory} in {} has hash {found}, but {anchored} was acknowledged",
        path.display()
    )]
    AnchorMismatch {
        path: PathBuf,
        territory: TerritoryId,
        sequence: u64,
        anchored: ChainHash,
        found: ChainHash,
    },
    /// Without it, a log that lost its end looks whole.
    #[error(
        "{} is missing beside a log with records: restore it, or anchor the log anew as it is",
        path.display()
    )]
    AnchorMissing { path: PathBuf },
    #[error(
        "{} cannot be believed ({problem}): restore it, or anchor the log anew as it is",
        path.display()
    )]
    AnchorUnreadable { path: PathBuf, problem: String },
    /// A write or a sync failed: what is on disk is unknown, so nothing more is written. End the
    /// process, start again, and the log is what can be read.
    #[error("the log has failed and accepts nothing more: {cause}")]
    Poisoned { cause: String },
    #[error("the log is closed")]
    Closed,
    #[error("{}", path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error("{}", path.display())]
    Storage { path: PathBuf, source: rusqlite::Error },
}
