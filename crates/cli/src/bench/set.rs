//! Which instances are measured: benchmark sets by name, or whatever a folder or a file holds.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use swerve_model::instance::{Objective, Role};
use swerve_scenario::instance::{Assumed, InstanceError, InstanceFile};

use super::best_known;
use super::glob;
use crate::best_known::BestKnown;
use crate::exit::{Exit, Failure, OrExit as _};
use crate::offline;

/// Faults told at once.
const FAULTS_TOLD: usize = 20;

/// Of files that are taken for instances.
const ENDINGS: [&str; 3] = ["txt", "vrp", "json"];

/// A published set, as it lies in the folder of data sets.
struct Set {
    name: &'static str,
    folder: &'static str,
    /// Of its instances' names.
    pattern: &'static str,
    format: &'static str,
    source: &'static str,
}

const HOMBERGER: Set = Set {
    name: "homberger-200",
    folder: "homberger",
    pattern: "*_2_*",
    format: "Solomon's",
    source: "https://github.com/laser-ufpb/VRPTWController, Instances/Homberger",
};

const SETS: [Set; 9] = [
    Set {
        name: "solomon",
        folder: "solomon",
        pattern: "*",
        format: "Solomon's",
        source: "https://github.com/laser-ufpb/VRPTWController, Instances/Solomon",
    },
    HOMBERGER,
    Set { name: "homberger-400", pattern: "*_4_*", ..HOMBERGER },
    Set { name: "homberger-600", pattern: "*_6_*", ..HOMBERGER },
    Set { name: "homberger-800", pattern: "*_8_*", ..HOMBERGER },
    Set { name: "homberger-1000", pattern: "*_10_*", ..HOMBERGER },
    Set {
        name: "ortec",
        folder: "ortec",
        pattern: "*",
        format: "VRPLIB",
        source: "https://github.com/ortec/euro-neurips-vrp-2022-quickstart, instances",
    },
    Set {
        name: "uchoa-x",
        folder: "uchoa-x",
        pattern: "*",
        format: "VRPLIB",
        source: "https://github.com/PyVRP/Instances, CVRP",
    },
    Set {
        name: "lilim",
        folder: "lilim",
        pattern: "*",
        format: "Li and Lim's",
        source: "https://github.com/VROOM-Project/vroom-scripts, benchmarks/PDPTW",
    },
];

/// What of the sets is wanted.
#[derive(Debug)]
pub(super) struct Choice<'a> {
    /// Names, folders or files.
    pub(super) sets: &'a [String],
    pub(super) datasets: &'a Path,
    /// Names of which any must match; none means all.
    pub(super) filters: &'a [String],
    /// One of so many, by name, of each set.
    pub(super) every: usize,
}

/// An instance to measure.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Listed {
    /// What was asked for to get it, for the command that does so again.
    pub(super) set: String,
    pub(super) path: PathBuf,
    /// The file's, without its ending: what best known costs and peers' rows call it.
    pub(super) name: String,
    /// The name of the folder that holds it.
    pub(super) family: String,
    /// How many visits it asks for. This and what is below is known once it was read.
    pub(super) tasks: usize,
    /// What its plans are measured by: as the best known one was, else as its format's users do.
    pub(super) objective: Objective,
    pub(super) best_known: Option<BestKnown>,
}

/// The sets by name, for help and errors.
pub(super) fn names() -> String {
    SETS.map(|set| set.name).join(", ")
}

/// The instances chosen, in order of the sets and then of their names, each once.
///
/// # Errors
/// There is no such set or file, or nothing is chosen; or best known costs that are none.
pub(super) fn list(choice: &Choice) -> anyhow::Result<Vec<Listed>> {
    let mut listed: Vec<Listed> = Vec::new();
    let mut known = BTreeMap::new();
    for name in choice.sets {
        let mut paths = paths(name, choice.datasets)?;
        let wanted = |path: &PathBuf| {
            let filters = choice.filters;
            filters.is_empty() || filters.iter().any(|glob| glob::matches(glob, &stem(path)))
        };
        paths.retain(wanted);
        for path in paths.into_iter().step_by(choice.every) {
            if listed.iter().all(|other| other.path != path) {
                listed.push(entry(name, path, &mut known)?);
            }
        }
    }
    if listed.is_empty() {
        let mut what = format!("no instance in {}", choice.sets.join(", "));
        if !choice.filters.is_empty() {
            what = format!("{what} is called {}", choice.filters.join(" or "));
        }
        return Err(Failure::new(Exit::Invalid, what).into());
    }
    Ok(listed)
}

impl Listed {
    /// # Errors
    /// The solution beside it says what is no cost.
    fn take(&mut self, file: &InstanceFile) -> anyhow::Result<()> {
        let visits = file.instance.tasks.iter().filter(|task| task.role == Role::Visit);
        self.tasks = visits.count();
        self.objective = match self.best_known {
            Some(BestKnown { vehicles: Some(_), .. }) => Objective::Vehicles,
            _ => file.objective,
        };
        if self.best_known.is_none() {
            self.best_known = BestKnown::beside(&self.path, self.objective == Objective::Vehicles)?;
        }
        Ok(())
    }
}

/// Reads every instance once, so that hours of search do not end at a file that is none.
///
/// # Errors
/// Every file that is no instance, and what is wrong with it; a set of which no file is in a format known
/// here is told of once.
pub(super) fn check(listed: &mut [Listed]) -> anyhow::Result<()> {
    let mut unread: Vec<(&Listed, anyhow::Error)> = Vec::new();
    let mut read_sets = BTreeSet::new();
    for entry in listed {
        match offline::read(&entry.path, Assumed::default()) {
            Ok(file) => {
                entry.take(&file)?;
                read_sets.insert(&*entry.set);
            }
            Err(error) => unread.push((entry, error)),
        }
    }
    let mut faults: Vec<String> = Vec::new();
    for (entry, error) in &unread {
        let set = SETS.iter().find(|set| set.name == entry.set && !read_sets.contains(set.name));
        let fault = match set.filter(|_| is_unknown_format(error)) {
            Some(set) => format!(
                "{}: none of its files is in a format known here; it is published in {}",
                set.name, set.format
            ),
            None => format!("{error:#}"),
        };
        if !faults.contains(&fault) {
            faults.push(fault);
        }
    }
    faults.truncate(FAULTS_TOLD);
    if faults.is_empty() {
        return Ok(());
    }
    Err(Failure::new(Exit::Invalid, faults.join("\n")).into())
}

fn is_unknown_format(error: &anyhow::Error) -> bool {
    let mut causes = error.chain().filter_map(|cause| cause.downcast_ref::<InstanceError>());
    causes.any(|cause| matches!(cause, InstanceError::Unknown))
}

/// The files of a set, a folder, or one file.
fn paths(name: &str, datasets: &Path) -> anyhow::Result<Vec<PathBuf>> {
    if let Some(set) = SETS.iter().find(|set| set.name == name) {
        let folder = datasets.join(set.folder);
        if !folder.is_dir() {
            let what = format!(
                "{name} is not in {}; its files come from {} (--datasets or SWERVE_DATASETS says \
                 where they are)",
                folder.display(),
                set.source
            );
            return Err(Failure::new(Exit::Invalid, what).into());
        }
        let mut paths = instances_in(&folder)?;
        paths.retain(|path| glob::matches(set.pattern, &stem(path)));
        return Ok(paths);
    }
    let path = PathBuf::from(name);
    if path.is_dir() {
        return instances_in(&path);
    }
    if path.is_file() {
        return Ok(vec![path]);
    }
    let what = format!("there is no set, folder or file {name:?}; sets are {}", names());
    Err(Failure::new(Exit::Invalid, what).into())
}

/// By name. Other files lie there too: best known costs and routes, licences.
fn instances_in(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let cannot = || format!("cannot read {}", folder.display());
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).or_exit(Exit::Invalid, cannot)? {
        let path = entry.or_exit(Exit::Invalid, cannot)?.path();
        let has_ending = |known: &str| path.extension().is_some_and(|ending| ending == known);
        if ENDINGS.into_iter().any(has_ending) && !path.ends_with(best_known::FILE) {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

fn entry(
    set: &str,
    path: PathBuf,
    known: &mut BTreeMap<PathBuf, best_known::Costs>,
) -> anyhow::Result<Listed> {
    // A file named alone lies in the folder where the command is run.
    let absolute = std::path::absolute(&path).unwrap_or_else(|_| path.clone());
    let folder = absolute.parent().unwrap_or(Path::new("/")).to_owned();
    let family = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let name = stem(&path);
    let costs = match known.get(&folder) {
        Some(costs) => costs,
        None => known.entry(folder.clone()).or_insert(best_known::of_folder(&folder)?),
    };
    let best_known = costs.get(&name).copied();
    let objective = Objective::Distance;
    Ok(Listed { set: set.to_owned(), path, name, family, tasks: 0, objective, best_known })
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names_of(choice: &Choice) -> Vec<String> {
        let listed = list(choice).expect("there are some");
        listed.into_iter().map(|entry| entry.name).collect()
    }

    #[test]
    fn a_set_is_its_size_filtered_and_thinned_in_order_of_names() {
        let datasets = tempfile::tempdir().expect("a folder");
        let folder = datasets.path().join("homberger");
        std::fs::create_dir(&folder).expect("it is writable");
        for name in ["C1_2_1.txt", "R1_2_3.txt", "R1_2_1.txt", "R1_2_2.txt", "R1_10_2.txt", "x.md"]
        {
            std::fs::write(folder.join(name), "").expect("it is writable");
        }
        let sets = ["homberger-200".to_owned()];
        let all = Choice { sets: &sets, datasets: datasets.path(), filters: &[], every: 1 };
        assert_eq!(names_of(&all), ["C1_2_1", "R1_2_1", "R1_2_2", "R1_2_3"]);
        let filters = ["R1_*".to_owned()];
        assert_eq!(names_of(&Choice { filters: &filters, ..all }), ["R1_2_1", "R1_2_2", "R1_2_3"]);
        assert_eq!(names_of(&Choice { filters: &filters, every: 2, ..all }), ["R1_2_1", "R1_2_3"]);
        let sets = [folder.display().to_string(), folder.join("R1_2_1.txt").display().to_string()];
        assert_eq!(names_of(&Choice { sets: &sets, filters: &filters, ..all }).len(), 4);
    }
}
