//! What a benchmark ran on, as far as a program can tell honestly.

use std::num::NonZeroUsize;
use std::thread::available_parallelism;

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::output::hex;

#[derive(Clone, Debug, Serialize)]
pub(super) struct Machine {
    /// As the system names it, if it does.
    pub(super) processor: Option<String>,
    /// That this process may use; others may use them too.
    pub(super) cores: Option<usize>,
    pub(super) system: String,
    /// As figures need it: a development build is slower.
    pub(super) release_build: bool,
    /// Of the program itself: which build it was, when two call themselves the same version.
    pub(super) executable_sha256: Option<String>,
}

impl Machine {
    pub(super) fn here() -> Machine {
        Machine {
            processor: processor(),
            cores: available_parallelism().ok().map(NonZeroUsize::get),
            system: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
            release_build: !cfg!(debug_assertions),
            executable_sha256: executable(),
        }
    }
}

/// Where the system is Linux.
fn processor() -> Option<String> {
    let text = std::fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

fn executable() -> Option<String> {
    let bytes = std::fs::read(std::env::current_exe().ok()?).ok()?;
    Some(hex(&Sha256::digest(bytes)))
}
