//! `GeoJSON` (RFC 7946): a line for each route, a point for each halt.

use serde_json::{Value, json};
use swerve_model::Planar;
use swerve_model::instance::Role;

use super::super::{DrivenRoute, InstanceFile};
use super::{PictureError, can_be_mapped, way};

/// Writes the routes that have halts. Moments, durations and distances are in units of the file; a
/// route's line is straight from place to place, and null where it is one place only. A break has no
/// place and is no feature.
///
/// # Errors
/// The places are not on Earth.
///
/// # Panics
/// If the routes are not of that instance.
pub fn write(file: &InstanceFile, routes: &[DrivenRoute]) -> Result<String, PictureError> {
    can_be_mapped(&file.instance)?;
    let names = file.vehicle_names(routes);
    let mut features = Vec::new();
    for (number, (route, vehicle)) in routes.iter().zip(&names).enumerate() {
        if route.halts.is_empty() {
            continue;
        }
        features.push(line(file, number + 1, vehicle, route));
        features.extend(points(file, number + 1, route));
    }
    let collection = json!({"type": "FeatureCollection", "features": features});
    Ok(format!("{collection}\n"))
}

fn line(file: &InstanceFile, number: usize, vehicle: &str, route: &DrivenRoute) -> Value {
    let way = way(&file.instance, route);
    let coordinates: Vec<[f64; 2]> = way.iter().map(|point| [point.x, point.y]).collect();
    let is_line = coordinates.len() > 1;
    let geometry = is_line.then(|| json!({"type": "LineString", "coordinates": coordinates}));
    json!({
        "type": "Feature",
        "geometry": geometry,
        "properties": {
            "route": number,
            "vehicle": vehicle,
            "tasks": route.halts.len(),
            "start": file.moment(route.start),
            "end": file.moment(route.end),
            "distance": file.span(route.distance),
            "driving": file.span(route.driving),
        },
    })
}

fn points(file: &InstanceFile, number: usize, route: &DrivenRoute) -> Vec<Value> {
    let (instance, places) = (&file.instance, file.instance.positions.points());
    let placed = route.halts.iter().enumerate();
    let placed = placed.filter(|(_, halt)| instance.tasks[halt.task as usize].role != Role::Break);
    let point = |(position, halt): (usize, &super::super::Halt)| {
        let Planar { x, y } = places[instance.tasks[halt.task as usize].site as usize];
        json!({
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [x, y]},
            "properties": {
                "route": number,
                "position": position + 1,
                "task": file.task_name(halt.task),
                "arrival": file.moment(halt.arrival),
                "begin": file.moment(halt.begin),
                "depart": file.moment(halt.depart),
            },
        })
    };
    placed.map(point).collect()
}
