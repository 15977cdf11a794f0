//! What the best known solution of an instance costs, and how far another is above it.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use swerve_scenario::instance::solution;

use crate::exit::{Exit, Failure};
use crate::files;
use crate::offline;

/// The cost to be held against.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
pub(crate) struct BestKnown {
    /// In units of the instance's file.
    pub(crate) cost: f64,
    /// Where fewer vehicles come before a lower cost, in the search too: costs of plans with more are not
    /// comparable.
    pub(crate) vehicles: Option<usize>,
}

impl BestKnown {
    /// How far a plan is above it, if the two can be compared at all.
    pub(crate) fn gap_percent(&self, cost: f64, vehicles: usize) -> Option<f64> {
        let is_comparable = self.vehicles.is_none_or(|fewest| fewest == vehicles);
        is_comparable.then(|| offline::gap_percent(cost, self.cost))
    }

    /// What the solution file beside an instance says of itself, with its vehicles if fewer of them come
    /// first.
    ///
    /// # Errors
    /// What it says is no cost.
    pub(crate) fn beside(instance: &Path, by_vehicles: bool) -> anyhow::Result<Option<BestKnown>> {
        let path = beside(instance);
        if path == instance || !path.exists() {
            return Ok(None);
        }
        let text = files::read_text(&path)?;
        let Some(cost) = solution::claimed_cost(&text) else { return Ok(None) };
        if !is_cost(cost) {
            let what = format!("{}: {}", path.display(), no_cost(cost));
            return Err(Failure::new(Exit::Invalid, what).into());
        }
        let routes = || solution::read(&text).map_or(0, |routes| routes.len());
        Ok(Some(BestKnown { cost, vehicles: by_vehicles.then(routes) }))
    }
}

/// The solution file that belongs to an instance.
pub(crate) fn beside(instance: &Path) -> PathBuf {
    instance.with_extension("sol")
}

pub(crate) fn is_cost(cost: f64) -> bool {
    cost.is_finite() && cost > 0.0
}

pub(crate) fn no_cost(cost: f64) -> String {
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
    fn a_solution_beside_the_instance_is_what_is_known() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.txt");
        let known = |by_vehicles| BestKnown::beside(&path, by_vehicles).expect("nothing is wrong");
        assert_eq!(known(true), None);
        let solution = folder.path().join("a.sol");
        std::fs::write(&solution, "Route #1: 1\nRoute #2: 2\nCost 80\n").expect("it is writable");
        assert_eq!(known(true), Some(BestKnown { cost: 80.0, vehicles: Some(2) }));
        assert_eq!(known(false), Some(BestKnown { cost: 80.0, vehicles: None }));
        std::fs::write(&solution, "Cost nan\n").expect("it is writable");
        assert!(BestKnown::beside(&path, true).is_err());
    }
}
