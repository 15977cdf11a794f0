//! Solomon's text format, also Gehring and Homberger's.
//!
//! A line of two numbers says how many vehicles there are and what each carries; lines of seven numbers
//! say number, x, y, demand, ready, due and service of the depot (0) and the customers. Convention of
//! the DIMACS challenge of 2022: distance and travel time are Euclidean, cut after one decimal; the cost
//! is distance and the number of vehicles is free.

use swerve_model::Planar;
use swerve_model::instance::{
    Instance, Positions, SITES_MAX, Span, StaticTask, TravelMatrix, VehiclePrices, VehicleType,
};

use super::euclid;
use super::fault::{Faults, InstanceError};
use super::number::{coordinate, scaled, whole};

/// Units to one of the file's: its distances have one decimal.
pub(super) const SCALE: i64 = 10;

struct Site {
    position: Planar,
    task: StaticTask,
}

pub(super) fn read(text: &str, name: &str) -> Result<Instance, InstanceError> {
    let mut faults = Faults::default();
    let mut capacity = None;
    let mut sites: Vec<Site> = Vec::new();
    let (mut rows, mut last_line) = (0, 1);
    for (index, line) in text.lines().enumerate() {
        last_line = index + 1;
        let fields: Vec<&str> = line.split_whitespace().collect();
        // Headings begin with a word; a NaN is a number in the wrong place.
        if fields.first().is_none_or(|first| first.parse::<f64>().is_err()) {
            continue;
        }
        if faults.is_full() {
            break;
        }
        if rows > SITES_MAX {
            faults.add(last_line, format!("more than {SITES_MAX} customers"));
            break;
        }
        match fields[..] {
            [_, carries] if capacity.is_none() && rows == 0 => {
                capacity = faults.take(last_line, whole(carries, "the capacity"));
            }
            [_, _, _, _, _, _, _] => {
                sites.extend(site(&fields, last_line, rows, &mut faults));
                rows += 1;
            }
            _ => {
                let rule = "a customer has 7: number, x, y, demand, ready, due, service";
                faults.add(last_line, format!("{} numbers; {rule}", fields.len()));
            }
        }
    }
    if capacity.is_none() {
        faults.add(last_line, "no line with the number of vehicles and their capacity");
    }
    if rows == 0 {
        faults.add(last_line, "no depot: the customer of number 0");
    }
    faults.none()?;
    Ok(instance(name_in(text).unwrap_or(name), capacity.unwrap_or(0), sites))
}

/// The first line, which is the instance's name.
fn name_in(text: &str) -> Option<&str> {
    let first = text.lines().next()?.trim();
    (!first.is_empty() && !first.contains(char::is_whitespace)).then_some(first)
}

fn site(fields: &[&str], line: usize, expected: usize, faults: &mut Faults) -> Option<Site> {
    let number = faults.take(line, whole(fields[0], "the customer's number"));
    if number.is_some_and(|number| number != expected as i64) {
        faults.add(line, format!("customer {} where {expected} is due", fields[0]));
    }
    let x = faults.take(line, coordinate(fields[1], "x"));
    let y = faults.take(line, coordinate(fields[2], "y"));
    let load = faults.take(line, whole(fields[3], "the demand"));
    let open = faults.take(line, scaled(fields[4], "the ready time", SCALE, f64::ceil));
    let close = faults.take(line, scaled(fields[5], "the due date", SCALE, f64::floor));
    let service = faults.take(line, scaled(fields[6], "the service time", SCALE, f64::ceil));
    let window = Span { open: open?, close: close? };
    if window.close < window.open {
        faults.add(line, format!("due {} is before ready {}", fields[5], fields[4]));
    }
    Some(Site {
        position: Planar { x: x?, y: y? },
        task: StaticTask {
            number: number? as u32,
            site: number? as u32,
            service: service?,
            windows: vec![window],
            delivery: vec![load?],
            ..StaticTask::default()
        },
    })
}

fn instance(name: &str, capacity: i64, sites: Vec<Site>) -> Instance {
    let positions: Vec<Planar> = sites.iter().map(|site| site.position).collect();
    let mut tasks = sites.into_iter().map(|site| site.task);
    let depot = tasks.next().expect("a depot, as was seen");
    Instance {
        name: name.to_owned(),
        scale: SCALE,
        cost_scale: SCALE,
        travel: vec![straight(&positions)],
        positions: Positions::Plane(positions),
        tasks: tasks.collect(),
        fleet: vec![VehicleType {
            shift: depot.windows[0],
            capacity: vec![capacity],
            prices: VehiclePrices { distance: 1, ..VehiclePrices::default() },
            ..VehicleType::default()
        }],
        ..Instance::default()
    }
}

/// The ways between these positions.
pub(super) fn straight(positions: &[Planar]) -> TravelMatrix {
    euclid::matrix(positions, SCALE as f64, |tenths| (tenths + 1e-9).floor())
}

/// Whether an instance is as this format has them. O(sites²).
pub(super) fn is_straight(instance: &Instance) -> bool {
    let in_order = (1u32..).zip(&instance.tasks).all(|(site, task)| task.site == site);
    let Positions::Plane(positions) = &instance.positions else { return false };
    instance.scale == SCALE && in_order && instance.travel == [straight(positions)]
}
