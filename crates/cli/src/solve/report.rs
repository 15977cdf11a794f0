//! What is told of a solution.

use serde::Serialize;
use swerve_checker::solution::{Evaluation, Timetable};
use swerve_model::instance::StaticRoute;
use swerve_scenario::instance::{DrivenRoute, Halt, InstanceFile};

use super::ObjectiveName;
use crate::output::Table;

/// The document that `solve -o json` prints. Costs, moments and durations are in units of the file.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    pub(super) instance: String,
    pub(super) tasks: usize,
    /// What no route does, by number: a pair by its pickup.
    pub(super) unserved: Vec<u32>,
    pub(super) objective: ObjectiveName,
    pub(super) seed: u64,
    pub(super) cost: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) best_known: Option<f64>,
    /// The solution file that says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) best_known_from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) gap_percent: Option<f64>,
    pub(super) vehicles: usize,
    pub(super) distance: f64,
    pub(super) iterations: u64,
    pub(super) seconds: f64,
    pub(super) interrupted: bool,
    pub(super) routes: Vec<RouteReport>,
}

#[derive(Debug, Serialize)]
pub(super) struct RouteReport {
    pub(super) vehicle: String,
    /// By number, in order.
    pub(super) tasks: Vec<u32>,
    pub(super) start: f64,
    pub(super) end: f64,
    pub(super) distance: f64,
    pub(super) driving: f64,
    pub(super) waiting: f64,
}

/// Routes with the judge's moments, those with visits only.
pub(super) fn driven(routes: &[StaticRoute], evaluation: &Evaluation) -> Vec<DrivenRoute> {
    let timed = routes.iter().zip(&evaluation.timetables);
    timed.map(|(route, timetable)| with_moments(route, timetable)).collect()
}

fn with_moments(route: &StaticRoute, timetable: &Timetable) -> DrivenRoute {
    let halt = |visit: &swerve_checker::solution::Visit| Halt {
        task: visit.task,
        arrival: visit.arrival,
        begin: visit.begin,
        depart: visit.depart,
        distance: visit.distance,
        driving: visit.driving,
        load: visit.load.clone(),
    };
    DrivenRoute {
        kind: route.kind,
        start: timetable.start,
        end: timetable.end,
        load: timetable.load.clone(),
        distance: timetable.distance,
        driving: timetable.driving,
        halts: timetable.visits.iter().map(halt).collect(),
    }
}

pub(super) fn routes(file: &InstanceFile, driven: &[DrivenRoute]) -> Vec<RouteReport> {
    let number = |halt: &Halt| file.instance.tasks[halt.task as usize].number;
    let report = |(route, vehicle): (&DrivenRoute, String)| RouteReport {
        vehicle,
        tasks: route.halts.iter().map(number).collect(),
        start: file.moment(route.start),
        end: file.moment(route.end),
        distance: file.span(route.distance),
        driving: file.span(route.driving),
        waiting: file.span(route.halts.iter().map(|halt| halt.begin - halt.arrival).sum()),
    };
    driven.iter().zip(file.vehicle_names(driven)).map(report).collect()
}

impl Report {
    pub(super) fn table(&self) -> Table {
        let mut table = Table::pairs();
        table
            .pair("instance", &self.instance)
            .pair("tasks", self.tasks)
            .pair("objective", self.objective.name())
            .pair("cost", self.cost)
            .pair("vehicles", self.vehicles);
        if let Some(best) = self.best_known {
            let from = self.best_known_from.as_ref().map(|file| format!(" ({file})"));
            table.pair("best known", format!("{best}{}", from.unwrap_or_default()));
        }
        if let Some(gap) = self.gap_percent {
            table.pair("gap to best known", format!("{gap:.3} %"));
        }
        if !self.unserved.is_empty() {
            table.pair("unserved", self.unserved.len());
        }
        table
            .pair("iterations", self.iterations)
            .pair("seconds", format!("{:.2}", self.seconds))
            .pair("seed", self.seed);
        table
    }

    /// The same for a drawing.
    pub(super) fn caption(&self) -> Vec<(String, String)> {
        let mut lines = vec![("cost".to_owned(), self.cost.to_string())];
        if let Some(gap) = self.gap_percent {
            lines.push(("gap to best known".to_owned(), format!("{gap:.2} %")));
        }
        lines.push(("vehicles".to_owned(), self.vehicles.to_string()));
        lines.push(("tasks".to_owned(), self.tasks.to_string()));
        if !self.unserved.is_empty() {
            lines.push(("unserved".to_owned(), self.unserved.len().to_string()));
        }
        lines
    }
}
