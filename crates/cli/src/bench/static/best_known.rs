//! What the best known solutions cost: from a folder's `bks.json`, or an instance's `.sol`.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use swerve_scenario::instance::solution;

use crate::exit::{Exit, Failure, OrExit as _};
use crate::files;

/// The cost to be held against.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
pub(super) struct BestKnown {
    /// In units of the instance's file.
    pub(super) cost: f64,
    /// Where fewer vehicles come before a lower cost, in the search too: costs of plans with more are not
    /// comparable.
    pub(super) vehicles: Option<usize>,
}

impl BestKnown {
    /// How far a plan is above it, if the two can be compared at all.
    pub(super) fn gap_percent(&self, cost: f64, vehicles: usize) -> Option<f64> {
        let is_comparable = self.vehicles.is_none_or(|fewest| fewest == vehicles);
        is_comparable.then(|| crate::offline::gap_percent(cost, self.cost))
    }
}

/// By the instances' names.
pub(super) type Costs = BTreeMap<String, BestKnown>;

#[derive(Deserialize)]
struct File {
    instances: Costs,
}

/// Those of a folder; none if it has no `bks.json`.
///
/// # Errors
/// The file is there and cannot be understood, or a cost is none.
pub(super) fn of_folder(folder: &Path) -> anyhow::Result<Costs> {
    let path = folder.join("bks.json");
    if !path.exists() {
        return Ok(Costs::new());
    }
    let text = files::read_text(&path)?;
    let file: File =
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

/// What the solution file beside an instance says it costs.
///
/// # Errors
/// What it says is no cost.
pub(super) fn beside(instance: &Path) -> anyhow::Result<Option<BestKnown>> {
    let path = instance.with_extension("sol");
    if !path.exists() {
        return Ok(None);
    }
    let Some(cost) = solution::claimed_cost(&files::read_text(&path)?) else { return Ok(None) };
    if !is_cost(cost) {
        let what = format!("{}: {}", path.display(), no_cost(cost));
        return Err(Failure::new(Exit::Invalid, what).into());
    }
    Ok(Some(BestKnown { cost, vehicles: None }))
}

fn is_cost(cost: f64) -> bool {
    cost.is_finite() && cost > 0.0
}

fn no_cost(cost: f64) -> String {
    format!("the best known cost is {cost}; more than 0 is required")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_with_more_vehicles_is_not_held_against_one_where_fewer_come_first() {
        let distance = BestKnown { cost: 100.0, vehicles: None };
        let hierarchical = BestKnown { cost: 100.0, vehicles: Some(3) };
        assert_eq!(distance.gap_percent(150.0, 9), Some(50.0));
        assert_eq!(hierarchical.gap_percent(150.0, 3), Some(50.0));
        assert_eq!(hierarchical.gap_percent(90.0, 4), None);
    }

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
