//! What the log's end must not fall behind: a small file beside the log.
//!
//! `SQLite` recovers from a damaged write-ahead log by stopping at the first frame it cannot
//! believe, silently, as it must after a crash. A log that was cut short or rolled back to an old
//! copy is therefore indistinguishable from a short one, and every checksum in it holds. So the last
//! acknowledged (sequence, hash) of every territory is kept apart, and a log that ends before it, or
//! has another record there, is refused.
//!
//! The anchor follows the acknowledgements, it never comes before them: it may name an older record
//! (see [`Keeper`]), never one that was not durable. Losing the newest anchor weakens the check,
//! nothing else.
//!
//! The file is text, so that an operator can read it:
//! ```text
//! swerve anchor 1
//! porto 1234 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
//! crc32c 1a2b3c4d
//! ```

mod keeper;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use swerve_model::TerritoryId;

use crate::chain::{ChainHash, Head};
use crate::error::EventLogError;

pub(crate) use keeper::Keeper;

const TITLE: &str = "swerve anchor 1";

/// Last acknowledged head of every territory that has records.
pub(crate) type Anchors = BTreeMap<TerritoryId, Head>;

/// The anchor file of the log at `log`: the same name with `.anchor` behind it.
pub(crate) fn path_of(log: &Path) -> PathBuf {
    with_suffix(log, ".anchor")
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}

/// The anchors at `path`; `None` if there is no such file.
///
/// # Errors
/// [`AnchorUnreadable`](EventLogError::AnchorUnreadable) unless every byte is as it was written.
pub(crate) fn read(path: &Path) -> Result<Option<Anchors>, EventLogError> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(EventLogError::Io { path: path.to_owned(), source }),
    };
    let unreadable = |problem| EventLogError::AnchorUnreadable { path: path.to_owned(), problem };
    parse(&bytes).map(Some).map_err(unreadable)
}

/// Replaces the anchors at `path`, so that a crash leaves the old ones or the new ones: written
/// beside, synced, renamed. One sync.
pub(crate) fn write(path: &Path, anchors: &Anchors) -> Result<(), EventLogError> {
    let beside = with_suffix(path, ".new");
    let io = |source| EventLogError::Io { path: beside.clone(), source };
    let mut file = File::create(&beside).map_err(io)?;
    file.write_all(print(anchors).as_bytes()).map_err(io)?;
    file.sync_data().map_err(io)?;
    fs::rename(&beside, path).map_err(io)
}

/// Makes the names in `path`'s folder durable.
pub(crate) fn sync_folder(path: &Path) -> Result<(), EventLogError> {
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let io = |source| EventLogError::Io { path: folder.to_owned(), source };
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(io)
}

/// Refuses a log that does not reach its anchors, where `hash_at` is its record's hash at a
/// sequence it has. `path` is the log's.
pub(crate) fn check(
    path: &Path,
    anchors: &Anchors,
    heads: &BTreeMap<TerritoryId, Head>,
    mut hash_at: impl FnMut(&TerritoryId, u64) -> Result<ChainHash, EventLogError>,
) -> Result<(), EventLogError> {
    for (territory, anchor) in anchors {
        let head = heads.get(territory).map_or(0, |head| head.sequence);
        if head < anchor.sequence {
            return Err(EventLogError::AnchorAhead {
                path: path.to_owned(),
                territory: territory.clone(),
                anchor: anchor.sequence,
                head,
            });
        }
        let found = hash_at(territory, anchor.sequence)?;
        if found != anchor.hash {
            return Err(EventLogError::AnchorMismatch {
                path: path.to_owned(),
                territory: territory.clone(),
                sequence: anchor.sequence,
                anchored: anchor.hash,
                found,
            });
        }
    }
    Ok(())
}

fn print(anchors: &Anchors) -> String {
    let mut text = format!("{TITLE}\n");
    for (territory, head) in anchors {
        // Writing to a string does not fail.
        let _ = writeln!(text, "{territory} {} {}", head.sequence, head.hash);
    }
    let checksum = crc32c::crc32c(text.as_bytes());
    let _ = writeln!(text, "crc32c {checksum:08x}");
    text
}

fn parse(bytes: &[u8]) -> Result<Anchors, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "it is no text".to_owned())?;
    let anchors = parse_lines(text)?;
    // Only what would be printed for these anchors is what was printed for them.
    if print(&anchors) == text { Ok(anchors) } else { Err("its checksum is wrong".to_owned()) }
}

fn parse_lines(text: &str) -> Result<Anchors, String> {
    let mut lines = text.lines();
    match lines.next() {
        Some(TITLE) => {}
        first => return Err(format!("it begins with {:?}, not {TITLE:?}", first.unwrap_or(""))),
    }
    // The checksum is the last line, and is compared with the rest.
    lines.next_back();
    let mut anchors = Anchors::new();
    for line in lines {
        let anchor = parse_anchor(line);
        let (territory, head) = anchor.ok_or_else(|| format!("{line:?} is no anchor"))?;
        anchors.insert(territory, head);
    }
    Ok(anchors)
}

fn parse_anchor(line: &str) -> Option<(TerritoryId, Head)> {
    let mut words = line.split(' ');
    let territory = TerritoryId::new(words.next()?).ok()?;
    let sequence = words.next()?.parse().ok()?;
    let hash = ChainHash::parse(words.next()?)?;
    words.next().is_none().then_some((territory, Head { sequence, hash }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn anchors() -> Anchors {
        // "crc32c" is a name like any other, and must not end the file early.
        ["porto", "lisbon", "crc32c"]
            .into_iter()
            .map(|name| {
                let territory = TerritoryId::new(name).expect("a name");
                let head = Head::empty(&territory).next(b"one");
                (territory, head)
            })
            .collect()
    }

    #[test]
    fn anchors_read_back_as_written_and_replace_what_was_there() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.log.anchor");
        assert_eq!(read(&path).expect("no fault"), None);
        write(&path, &Anchors::new()).expect("written");
        assert_eq!(read(&path).expect("no fault"), Some(Anchors::new()));
        write(&path, &anchors()).expect("written");
        assert_eq!(read(&path).expect("no fault"), Some(anchors()));
    }

    #[test]
    fn any_flipped_bit_and_any_lost_end_is_refused() {
        let good = print(&anchors()).into_bytes();
        assert_eq!(parse(&good), Ok(anchors()));
        for bit in 0..good.len() * 8 {
            let mut damaged = good.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert!(parse(&damaged).is_err(), "bit {bit}");
        }
        for len in 0..good.len() {
            assert!(parse(&good[..len]).is_err(), "{len} bytes");
        }
    }

    #[test]
    fn an_anchor_that_is_not_believed_is_refused_by_its_path() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.log.anchor");
        fs::write(&path, "swerve anchor 2\ncrc32c 00000000\n").expect("written");
        let refused = read(&path).expect_err("another version").to_string();
        assert!(refused.contains("a.log.anchor cannot be believed"), "{refused}");
        assert!(refused.contains("it begins with \"swerve anchor 2\""), "{refused}");
    }
}
