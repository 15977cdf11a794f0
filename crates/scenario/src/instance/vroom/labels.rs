//! What a file calls things, for the solution to call them alike.

use swerve_model::Planar;

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
