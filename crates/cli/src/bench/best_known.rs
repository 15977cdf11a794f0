//! What the best known solutions of a folder cost: its `bks.json`.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use crate::best_known::{BestKnown, is_cost, no_cost};
use crate::exit::{Exit, Failure, OrExit as _};
use crate::files;

/// Its name, in the folder of the instances.
pub(super) const FILE: &str = "bks.json";

/// By the instances' names.
pub(super) type Costs = BTreeMap<String, BestKnown>;

#[derive(Deserialize)]
struct Known {
    instances: Costs,
}

/// Those of a folder; none if it has no `bks.json`.
///
/// # Errors
/// The file is there and cannot be understood, or a cost is none.
pub(super) fn of_folder(folder: &Path) -> anyhow::Result<Costs> {
    let path = folder.join(FILE);
    if !path.exists() {
        return Ok(Costs::new());
    }
    let text = files::read_text(&path)?;
    let file: Known =
        serde_json::from_str(&text).or_exit(Exit::Invalid, || path.display().to_string())?;
    let faults: Vec<String> = file
        .instances
        .iter()
        .filter(|(_, known)| !is_cost(known.cost))
        .map(|(name, known)| format!("{}: {name}: {}", path.display(), no_cost(known.cost)))
        .collect();
    if !faults.is_empty() {
        return Err(Failure::new(Exit::Invalid, faults.join("\n")).into());
    }
    Ok(file.instances)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cost_that_is_none_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        assert!(of_folder(folder.path()).expect("there is none").is_empty());
        let text = r#"{"_convention": "x", "instances": {"a": {"cost": 0}, "b": {"cost": -1.5},
            "c": {"cost": 7, "optimal": true}}}"#;
        std::fs::write(folder.path().join("bks.json"), text).expect("it is writable");
        let told = of_folder(folder.path()).expect_err("two are none").to_string();
        assert!(told.contains("a: the best known cost is 0") && told.contains("b: "), "{told}");
        assert!(!told.contains("c: "), "{told}");
    }
}
