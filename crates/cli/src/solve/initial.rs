//! A solution that a search starts from.

use std::collections::BTreeMap;
use std::path::Path;

use swerve_checker::solution::evaluate;
use swerve_model::instance::{Instance, StaticRoute};
use swerve_scenario::instance::{InstanceFile, solution};

use crate::exit::{Exit, Failure, OrExit as _};
use crate::files;
use crate::offline;

/// The routes of `path`, else those that the instance's own file has.
///
/// # Errors
/// They break a rule; the first few are told at once.
pub(super) fn read(
    path: Option<&Path>,
    instance_path: &Path,
    file: &InstanceFile,
) -> anyhow::Result<Vec<StaticRoute>> {
    let (routes, source) = match path {
        Some(path) => (of_file(path, &file.instance)?, path),
        None => (file.initial.clone(), instance_path),
    };
    let evaluation = evaluate(&file.instance, file.objective, &routes);
    let Some(faults) = offline::faults(&evaluation) else { return Ok(routes) };
    Err(Failure::new(Exit::Invalid, format!("{}: {faults}", source.display())).into())
}

/// A solution of this instance, in indices.
fn of_file(path: &Path, instance: &Instance) -> anyhow::Result<Vec<StaticRoute>> {
    let text = files::read_text(path)?;
    let routes = solution::read(&text).or_exit(Exit::Invalid, || path.display().to_string())?;
    let tasks = instance.tasks.iter().zip(0u32..);
    let tasks: BTreeMap<u32, u32> = tasks.map(|(task, index)| (task.number, index)).collect();
    let kinds = instance.fleet.iter().zip(0u32..);
    let kinds: BTreeMap<u32, u32> = kinds.map(|(vehicle, index)| (vehicle.number, index)).collect();
    let mut unknown = Vec::new();
    let mut found = Vec::new();
    for route in &routes {
        let kind = route.vehicle.map_or(Some(&0), |number| kinds.get(&number));
        if kind.is_none() {
            unknown.extend(route.vehicle.map(|number| format!("vehicle type {number}")));
        }
        let mut indices = Vec::new();
        for number in &route.tasks {
            match tasks.get(number) {
                Some(index) => indices.push(*index),
                None => unknown.push(format!("customer {number}")),
            }
        }
        found.push(StaticRoute { kind: kind.copied().unwrap_or(0), tasks: indices });
    }
    if unknown.is_empty() {
        return Ok(found);
    }
    let what = format!("{}: there is no {}", path.display(), unknown.join(", "));
    Err(Failure::new(Exit::Invalid, what).into())
}
