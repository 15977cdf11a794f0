//! Files that a solution is written to, each in the format that its name asks for.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use swerve_scenario::instance::picture::{self, Caption};
use swerve_scenario::instance::solution::{self, FileRoute};
use swerve_scenario::instance::{DrivenRoute, InstanceFile, vroom};

use super::report::Report;
use crate::exit::{Exit, Failure, OrExit as _};
use crate::files;

/// What kind of file a name asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// VROOM's JSON.
    Json,
    /// `Route #1: 3 4 5` a line.
    Sol,
    Svg,
    GeoJson,
}

/// A solution file by its name: VROOM's JSON if it ends so, else routes by line.
fn kind_of_solution(path: &Path) -> Kind {
    if has_extension(path, "json") { Kind::Json } else { Kind::Sol }
}

/// A picture's name, as an option's value.
pub(super) fn picture(text: &str) -> Result<PathBuf, &'static str> {
    let path = PathBuf::from(text);
    kind_of_picture(&path).map(|_| path).ok_or("a name that ends in .svg or .geojson is required")
}

fn kind_of_picture(path: &Path) -> Option<Kind> {
    if has_extension(path, "svg") {
        Some(Kind::Svg)
    } else {
        has_extension(path, "geojson").then_some(Kind::GeoJson)
    }
}

fn has_extension(path: &Path, wanted: &str) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case(wanted))
}

/// Files to write once there is a solution.
pub(super) struct Wanted<'a> {
    files: Vec<(&'a Path, Kind)>,
}

impl<'a> Wanted<'a> {
    /// # Errors
    /// One that this instance has not what it takes for, before it is searched for long.
    pub(super) fn new(
        solutions: &'a [PathBuf],
        pictures: &'a [PathBuf],
        file: &InstanceFile,
    ) -> anyhow::Result<Wanted<'a>> {
        let solutions = solutions.iter().map(|path| (path.as_path(), kind_of_solution(path)));
        let pictures = pictures.iter().filter_map(|path| Some((&**path, kind_of_picture(path)?)));
        let files: Vec<(&Path, Kind)> = solutions.chain(pictures).collect();
        for (path, kind) in &files {
            let name = || path.display().to_string();
            match kind {
                Kind::Svg => picture::can_be_drawn(&file.instance).or_exit(Exit::Invalid, name)?,
                Kind::GeoJson => {
                    picture::can_be_mapped(&file.instance).or_exit(Exit::Invalid, name)?;
                }
                Kind::Json if file.labels.is_none() => {
                    let rule = "VROOM's JSON can be written for instances read from it only";
                    return Err(Failure::new(Exit::Invalid, format!("{}: {rule}", name())).into());
                }
                Kind::Json | Kind::Sol => {}
            }
        }
        Ok(Wanted { files })
    }

    pub(super) fn write(
        &self,
        file: &InstanceFile,
        driven: &[DrivenRoute],
        report: &Report,
        loading: f64,
    ) -> anyhow::Result<()> {
        for (path, kind) in &self.files {
            let text = match (kind, &file.labels) {
                (Kind::Svg, _) => {
                    let caption =
                        Caption { title: report.instance.clone(), lines: report.caption() };
                    picture::svg(file, driven, &caption)?
                }
                (Kind::GeoJson, _) => picture::geojson(file, driven)?,
                (Kind::Json, Some(labels)) => {
                    let solving = (report.seconds - loading).max(0.0);
                    let (loading, solving) = ((loading * 1e3) as u64, (solving * 1e3) as u64);
                    vroom::write(&file.instance, labels, driven, loading, solving)
                }
                (Kind::Json | Kind::Sol, _) => solution::write(&lines(file, driven), report.cost),
            };
            files::write_whole(path, |writer| Ok(writer.write_all(text.as_bytes())?))?;
        }
        Ok(())
    }
}

/// By number; with the type of vehicle where there are several.
fn lines(file: &InstanceFile, driven: &[DrivenRoute]) -> Vec<FileRoute> {
    let instance = &file.instance;
    let line = |route: &DrivenRoute| FileRoute {
        vehicle: (instance.fleet.len() > 1).then(|| instance.fleet[route.kind as usize].number),
        tasks: route.halts.iter().map(|halt| instance.tasks[halt.task as usize].number).collect(),
    };
    driven.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_what_is_written() {
        assert_eq!(kind_of_solution(Path::new("a.sol")), Kind::Sol);
        assert_eq!(kind_of_solution(Path::new("a.JSON")), Kind::Json);
        assert!(picture("a.svg").is_ok() && picture("b.geojson").is_ok());
        assert!(picture("a.png").is_err() && picture("svg").is_err());
    }
}
