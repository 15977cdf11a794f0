//! Files named by people: opened with errors that name them, written whole or not at all.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::exit::{Exit, OrExit as _};

/// Opens a file that the user named.
pub(crate) fn open(path: &Path) -> anyhow::Result<BufReader<File>> {
    let file = File::open(path).and_then(|file| {
        // Opening a folder succeeds, and only reading it fails, with less to say.
        if file.metadata()?.is_dir() { Err(io::ErrorKind::IsADirectory.into()) } else { Ok(file) }
    });
    Ok(BufReader::new(file.or_exit(Exit::Invalid, || cannot("read", path))?))
}

/// Its length in bytes; 0 where that cannot be told.
pub(crate) fn len(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |metadata| metadata.len())
}

/// The whole of a text file.
pub(crate) fn read_text(path: &Path) -> anyhow::Result<String> {
    fs::read_to_string(path).or_exit(Exit::Invalid, || cannot("read", path))
}

/// Writes a file beside `path` and renames it when it is whole and on disk, so that nobody ever reads
/// half of one.
///
/// # Errors
/// What `write` says, or that the file cannot be written; `path` is as it was then.
pub(crate) fn write_whole(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let beside = beside(path);
    let created = File::create(&beside).or_exit(Exit::Invalid, || cannot("write", path))?;
    let written = try_write(created, path, write)
        .and_then(|()| fs::rename(&beside, path).or_exit(Exit::Invalid, || cannot("write", path)));
    if written.is_err() {
        // Best effort: the error that led here is the one to tell.
        drop(fs::remove_file(&beside));
    }
    written
}

fn try_write(
    file: File,
    path: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut writer = BufWriter::new(file);
    write(&mut writer)?;
    let flushed = writer.flush().and_then(|()| writer.get_ref().sync_all());
    flushed.or_exit(Exit::Invalid, || cannot("write", path))
}

fn beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    path.with_file_name(name)
}

fn cannot(what: &str, path: &Path) -> String {
    format!("cannot {what} {}", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_that_fails_leaves_the_old_file_and_nothing_else() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.roads");
        write_whole(&path, |writer| Ok(writer.write_all(b"old")?)).expect("it is writable");
        let failed = write_whole(&path, |writer| {
            writer.write_all(b"new")?;
            anyhow::bail!("the source is broken")
        });
        assert!(failed.is_err());
        assert_eq!(fs::read(&path).expect("it is there"), b"old");
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
    }

    #[test]
    fn a_folder_is_not_a_file() {
        let folder = tempfile::tempdir().expect("a folder");
        assert!(open(folder.path()).is_err());
    }
}
