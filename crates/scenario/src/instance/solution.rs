//! Solution files: `Route #1: 3 4 5` a line, customers by number, and `Cost 123.4`.

use std::fmt::Write as _;

use super::fault::{Faults, InstanceError};

/// Routes as customer numbers, in order.
pub type Routes = Vec<Vec<u32>>;

/// Reads the routes; what is no route is passed over.
///
/// # Errors
/// Every word of a route that is no customer's number, with its line.
pub fn read(text: &str) -> Result<Routes, InstanceError> {
    let mut faults = Faults::default();
    let mut routes = Routes::new();
    for (index, line) in text.lines().enumerate() {
        let Some((head, stops)) = line.split_once(':') else { continue };
        if !head.trim_start().to_ascii_lowercase().starts_with("route") {
            continue;
        }
        let mut route = Vec::new();
        for word in stops.split_whitespace() {
            match word.parse::<u32>() {
                Ok(number) => route.push(number),
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
pub fn write(routes: &[Vec<u32>], cost: f64) -> String {
    let mut text = String::new();
    let used = routes.iter().filter(|route| !route.is_empty());
    for (index, route) in used.enumerate() {
        let stops: Vec<String> = route.iter().map(ToString::to_string).collect();
        writeln!(text, "Route #{}: {}", index + 1, stops.join(" ")).expect("a string takes it");
    }
    writeln!(text, "Cost {cost}").expect("a string takes it");
    text
}
