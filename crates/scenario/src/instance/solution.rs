//! Solution files: `Route #1: 3 4 5` a line, customers by number, and `Cost 123.4`.
//!
//! Where there are several types of vehicles, which the field's files know nothing of, a route says which
//! one it needs: `Route #1, vehicle 2: 3 4 5`.

use std::fmt::Write as _;

use super::fault::{Faults, InstanceError};

/// A route of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileRoute {
    /// Number of its vehicle type, where the file says one.
    pub vehicle: Option<u32>,
    /// Customers by number.
    pub tasks: Vec<u32>,
}

/// Reads the routes; what is no route is passed over.
///
/// # Errors
/// Every word of a route that is no customer's number, with its line.
pub fn read(text: &str) -> Result<Vec<FileRoute>, InstanceError> {
    let mut faults = Faults::default();
    let mut routes = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let Some((head, stops)) = line.split_once(':') else { continue };
        let head = head.trim().to_ascii_lowercase();
        if !head.starts_with("route") {
            continue;
        }
        let mut route = FileRoute::default();
        if let Some((_, vehicle)) = head.split_once(", vehicle ") {
            match vehicle.parse() {
                Ok(number) => route.vehicle = Some(number),
                Err(_) => faults.add(index + 1, format!("{vehicle:?} is no vehicle's number")),
            }
        }
        for word in stops.split_whitespace() {
            match word.parse::<u32>() {
                Ok(number) => route.tasks.push(number),
                Err(_) => faults.add(index + 1, format!("{word:?} is no customer's number")),
            }
        }
        routes.push(route);
    }
    faults.none()?;
    Ok(routes)
}

/// What the file says its routes cost, if it says so. Nothing here has looked whether they do.
pub fn claimed_cost(text: &str) -> Option<f64> {
    text.lines().rev().find_map(|line| {
        let mut words = line.split([' ', '\t', ':']).filter(|word| !word.is_empty());
        words.next().filter(|head| head.eq_ignore_ascii_case("cost"))?;
        words.next()?.parse().ok()
    })
}

/// Writes the routes that have stops, and the cost in units of the file.
pub fn write(routes: &[FileRoute], cost: f64) -> String {
    let mut text = String::new();
    let used = routes.iter().filter(|route| !route.tasks.is_empty());
    for (index, route) in used.enumerate() {
        let stops: Vec<String> = route.tasks.iter().map(ToString::to_string).collect();
        let vehicle = route.vehicle.map(|number| format!(", vehicle {number}"));
        let vehicle = vehicle.unwrap_or_default();
        writeln!(text, "Route #{}{vehicle}: {}", index + 1, stops.join(" "))
            .expect("a string takes it");
    }
    writeln!(text, "Cost {cost}").expect("a string takes it");
    text
}
