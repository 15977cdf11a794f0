//! Routes for the eye: a drawing, and features for a map.

mod geojson;
mod svg;
#[cfg(test)]
mod tests;

use swerve_model::Planar;
use swerve_model::instance::{Instance, Positions, Role};

use super::DrivenRoute;

pub use geojson::write as geojson;
pub use svg::{Caption, write as svg};

/// Why an instance cannot be drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PictureError {
    #[error("the file does not say where its places lie, so there is nothing to draw")]
    Unknown,
    #[error(
        "the file's places lie on a plane, not on Earth; GeoJSON needs longitudes and latitudes"
    )]
    Plane,
}

/// Whether an instance can be drawn, before it is solved for that.
///
/// # Errors
/// It says not where its places are.
pub fn can_be_drawn(instance: &Instance) -> Result<(), PictureError> {
    match instance.positions {
        Positions::Unknown => Err(PictureError::Unknown),
        Positions::Plane(_) | Positions::Earth(_) => Ok(()),
    }
}

/// The same for `GeoJSON`.
///
/// # Errors
/// Its places are not on Earth.
pub fn can_be_mapped(instance: &Instance) -> Result<(), PictureError> {
    match instance.positions {
        Positions::Unknown => Err(PictureError::Unknown),
        Positions::Plane(_) => Err(PictureError::Plane),
        Positions::Earth(_) => Ok(()),
    }
}

/// Where a route passes, from its start to its end.
fn way(instance: &Instance, route: &DrivenRoute) -> Vec<Planar> {
    let points = instance.positions.points();
    let vehicle = &instance.fleet[route.kind as usize];
    let halts = route.halts.iter().map(|halt| &instance.tasks[halt.task as usize]);
    let halts = halts.filter(|task| task.role != Role::Break).map(|task| task.site);
    let sites = vehicle.start.into_iter().chain(halts).chain(vehicle.end);
    sites.map(|site| points[site as usize]).collect()
}
