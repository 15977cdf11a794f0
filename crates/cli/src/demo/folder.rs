//! Where the logs of a demonstration lie: a folder somebody named, or one that goes with it.

use std::path::{Path, PathBuf};

use crate::exit::{Exit, OrExit as _};

/// Names tried before giving up: another demonstration may have the first ones.
const TRIES: u32 = 100;

/// A folder for the logs of all runs.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    /// It was made for this demonstration alone, and is removed with it.
    own: bool,
}

impl Folder {
    /// # Errors
    /// No temporary folder can be made.
    pub(crate) fn new(named: Option<&Path>) -> anyhow::Result<Folder> {
        if let Some(path) = named {
            return Ok(Folder { path: path.to_owned(), own: false });
        }
        let base = std::env::temp_dir();
        let mut made = Err(std::io::Error::from(std::io::ErrorKind::AlreadyExists));
        for number in 0..TRIES {
            let path = base.join(format!("swerve-demo-{}-{number}", std::process::id()));
            made = std::fs::create_dir(&path).map(|()| path);
            if made.is_ok() {
                break;
            }
        }
        let path =
            made.or_exit(Exit::Invalid, || format!("cannot make a folder in {}", base.display()))?;
        Ok(Folder { path, own: true })
    }

    pub(crate) fn of_run(&self, run: &str) -> PathBuf {
        self.path.join(run)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if self.own {
            // A file that is still open somewhere is not worth a word at the end of a day.
            drop(std::fs::remove_dir_all(&self.path));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_of_its_own_goes_with_the_demonstration_and_a_named_one_stays() {
        let own = Folder::new(None).expect("there is a temporary folder");
        let (first, other) = (own.path.clone(), Folder::new(None).expect("another"));
        assert_ne!(first, other.path);
        std::fs::write(own.path.join("log"), b"x").expect("it is writable");
        drop(own);
        assert!(!first.exists());
        let kept = tempfile::tempdir().expect("a folder");
        drop(Folder::new(Some(kept.path())).expect("it exists"));
        assert!(kept.path().exists());
    }
}
