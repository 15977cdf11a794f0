//! What a file calls things, for the solution to call them alike.

use swerve_model::Planar;

use super::super::driven::DrivenRoute;
use super::clock::Clock;
use super::input::{Action, Break, Place, StepKind, Vehicle};

/// Names, places and times of a file that an instance does not keep.
#[derive(Clone, Debug, PartialEq)]
pub struct Labels {
    pub(super) clock: Clock,
    /// By index of the instance's tasks.
    pub(super) tasks: Vec<TaskLabel>,
    /// The vehicles of each type.
    pub(super) vehicles: Vec<Vec<VehicleLabel>>,
    /// Whether the instance's distances are metres.
    pub(super) has_distances: bool,
    /// Whether the file has no matrices.
    pub(super) is_estimated: bool,
}

impl Labels {
    /// What the file's clock shows at moment 0.
    pub(in super::super) fn offset(&self) -> i64 {
        self.clock.offset
    }

    pub(in super::super) fn is_estimated(&self) -> bool {
        self.is_estimated
    }

    pub(in super::super) fn task_name(&self, index: u32) -> String {
        let label = &self.tasks[index as usize];
        match &label.description {
            Some(description) => format!("{} {} ({description})", label.kind(), label.id),
            None => format!("{} {}", label.kind(), label.id),
        }
    }

    pub(in super::super) fn vehicle_names(&self, routes: &[DrivenRoute]) -> Vec<String> {
        let labels = self.of_routes(routes.iter());
        labels.into_iter().map(|label| label.id.to_string()).collect()
    }

    /// The vehicle of each route: those of a type are taken in the order of the file.
    pub(super) fn of_routes<'r>(
        &self,
        routes: impl Iterator<Item = &'r DrivenRoute>,
    ) -> Vec<&VehicleLabel> {
        let mut taken = vec![0; self.vehicles.len()];
        let next = |route: &DrivenRoute| {
            let kind = route.kind as usize;
            taken[kind] += 1;
            &self.vehicles[kind][taken[kind] - 1]
        };
        routes.map(next).collect()
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct TaskLabel {
    pub(super) kind: StepKind,
    pub(super) id: u64,
    pub(super) description: Option<String>,
    pub(super) place: PlaceLabel,
    pub(super) priority: i64,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct VehicleLabel {
    pub(super) id: u64,
    pub(super) description: Option<String>,
    pub(super) start: Option<PlaceLabel>,
    pub(super) end: Option<PlaceLabel>,
}

/// A place as the file gives it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct PlaceLabel {
    pub(super) coordinates: Option<Planar>,
    pub(super) index: Option<u32>,
}

impl PlaceLabel {
    fn of(place: &Place) -> PlaceLabel {
        PlaceLabel { coordinates: place.coordinates, index: place.index }
    }
}

impl TaskLabel {
    pub(super) fn of(kind: StepKind, action: &Action, priority: i64) -> TaskLabel {
        TaskLabel {
            kind,
            id: action.id,
            description: action.description.clone(),
            place: PlaceLabel::of(&action.place),
            priority,
        }
    }

    /// In the words of the format.
    pub(super) fn kind(&self) -> &'static str {
        match self.kind {
            StepKind::Job => "job",
            StepKind::Pickup => "pickup",
            StepKind::Delivery => "delivery",
            StepKind::Break => "break",
        }
    }

    pub(super) fn of_break(rest: &Break) -> TaskLabel {
        TaskLabel {
            kind: StepKind::Break,
            id: rest.id,
            description: rest.description.clone(),
            place: PlaceLabel::default(),
            priority: 0,
        }
    }
}

impl VehicleLabel {
    pub(super) fn of(vehicle: &Vehicle) -> VehicleLabel {
        VehicleLabel {
            id: vehicle.id,
            description: vehicle.description.clone(),
            start: vehicle.start.as_ref().map(PlaceLabel::of),
            end: vehicle.end.as_ref().map(PlaceLabel::of),
        }
    }
}
