//! From a territory's entry in the configuration to what the engine is told, files read.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use swerve_engine::Settings;
use swerve_policy::{DEFAULT_TEXT, Policy, PolicyError};
use swerve_roads::RoadTimes;

use crate::config::TerritoryEntry;
use crate::exit::{Exit, Failure, OrExit as _};
use crate::files;
use crate::output::Output;
use crate::roads;

/// A territory's settings, with its rules read from the policy file or the built-in ones.
///
/// # Errors
/// The policy file cannot be read, or is wrong: every fault of it.
pub(crate) fn of_entry(entry: &TerritoryEntry) -> anyhow::Result<Settings> {
    Ok(Settings {
        territory: entry.id.clone(),
        tenant: entry.tenant.clone(),
        currency: entry.currency.clone(),
        zone: entry.zone.clone(),
        depots: entry.depots.clone(),
        clock: entry.clock,
        policy: policy(entry.policy.as_deref())?,
        risk: entry.risk,
        budget: entry.budget,
        seed: entry.seed,
    })
}

fn policy(path: Option<&Path>) -> anyhow::Result<Policy> {
    let Some(path) = path else {
        return Ok(Policy::parse(DEFAULT_TEXT).expect("the built-in rules parse, as a test says"));
    };
    Policy::parse(&files::read_text(path)?).map_err(|error| {
        let name = path.display();
        let told = match error {
            PolicyError::Syntax { line, message } => {
                format!("{name}:{line}: is not TOML: {message}")
            }
            PolicyError::Faults(faults) => {
                faults.iter().map(|fault| format!("{name}: {fault}")).collect::<Vec<_>>().join("\n")
            }
        };
        Failure::new(Exit::Invalid, told).into()
    })
}

/// Road networks by file: territories that share a file share its memory, and the legs found on it.
#[derive(Default)]
pub(crate) struct RoadShelf {
    loaded: BTreeMap<PathBuf, SharedTimes>,
}

/// One network, ready to be asked.
#[derive(Clone)]
pub(crate) struct SharedTimes {
    pub(crate) times: Arc<RoadTimes>,
    /// SHA-256 of the file.
    pub(crate) fingerprint: [u8; 32],
}

impl RoadShelf {
    /// # Errors
    /// The file cannot be read, or holds no network.
    pub(crate) fn get(&mut self, path: &Path, output: &Output) -> anyhow::Result<SharedTimes> {
        let key = path
            .canonicalize()
            .or_exit(Exit::Invalid, || format!("cannot read {}", path.display()))?;
        if let Some(known) = self.loaded.get(&key) {
            return Ok(known.clone());
        }
        let loaded = roads::load(path, output)?;
        let times = Arc::new(RoadTimes::new(loaded.network));
        let shared = SharedTimes { times, fingerprint: loaded.fingerprint };
        self.loaded.insert(key, shared.clone());
        Ok(shared)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_rules_are_rules() {
        assert!(policy(None).is_ok());
    }

    #[test]
    fn every_fault_of_a_policy_file_names_the_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("p.toml");
        std::fs::write(&path, "hold_max_minutes = 99\nnonsense = 1\n").expect("it is writable");
        let told = policy(Some(&path)).expect_err("it is wrong").to_string();
        assert_eq!(told.matches("p.toml: ").count(), 2, "{told}");
        std::fs::write(&path, "a = = 1").expect("it is writable");
        let told = policy(Some(&path)).expect_err("it is wrong").to_string();
        assert!(told.contains("p.toml:1: is not TOML"), "{told}");
    }
}
