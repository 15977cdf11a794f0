//! Li and Lim's text format: pickups and deliveries with time windows.
//!
//! The first line says how many vehicles there are, what each carries, and a speed nobody uses; every
//! other line nine numbers: number, x, y, demand, earliest, latest, service, and the numbers of the
//! pickup that a delivery needs and of the delivery that a pickup needs, 0 for none. Row 0 is the depot.
//!
//! Convention of the field (Li & Lim 2003, SINTEF's tables): fewest vehicles first, then distance in real
//! numbers. Here distances and travel times are rounded to the nearest ten-thousandth, so that a sum of
//! a thousand legs is off by 0.05 at the very most, and mostly by less than the hundredths that tables
//! are printed with; windows and service are exact. The number of vehicles in the head is a limit, which
//! binds in none of the published solutions.

use swerve_model::Planar;
use swerve_model::instance::{
    Instance, Pair, Positions, SITES_MAX, Span, StaticTask, VehiclePrices, VehicleType,
};

use super::euclid;
use super::fault::{Faults, InstanceError};
use super::number::{coordinate, scaled, signed, whole};

/// Units to one of the file's.
const SCALE: i64 = 10_000;

/// A row of the file, as it stands there.
struct Row {
    line: usize,
    position: Planar,
    demand: i64,
    window: Span,
    service: i64,
    pickup: u32,
    delivery: u32,
}

/// The first line with something in it: nothing but numbers, which Solomon's never is.
pub(super) fn is_head(line: &str) -> bool {
    let mut fields = line.split_whitespace();
    fields.next().is_some_and(is_number) && fields.all(is_number)
}

fn is_number(field: &str) -> bool {
    field.parse::<f64>().is_ok()
}

pub(super) fn read(text: &str, name: &str) -> Result<Instance, InstanceError> {
    let mut faults = Faults::default();
    let lines = text.lines().enumerate().map(|(index, line)| (index + 1, line.trim()));
    let mut lines = lines.filter(|(_, line)| !line.is_empty());
    let (line, head) = lines.next().unwrap_or((1, ""));
    let fleet = fleet(head, line, &mut faults);
    let (mut rows, mut last_line, mut count) = (Vec::new(), line, 0);
    for (line, text) in lines {
        last_line = line;
        if faults.is_full() {
            break;
        }
        if count > SITES_MAX {
            faults.add(line, format!("more than {SITES_MAX} tasks"));
            break;
        }
        rows.extend(row(text, line, count, &mut faults));
        count += 1;
    }
    if count == 0 {
        faults.add(last_line, "no depot: the row of number 0");
    }
    let pairs = if rows.len() == count { pairs(&rows, &mut faults) } else { Vec::new() };
    faults.none()?;
    let (count, capacity) = fleet.expect("what is missing is a fault");
    Ok(instance(name, count, capacity, &rows, pairs))
}

/// Number of vehicles and capacity.
fn fleet(head: &str, line: usize, faults: &mut Faults) -> Option<(u32, i64)> {
    let fields: Vec<&str> = head.split_whitespace().collect();
    let [count, capacity, _speed] = fields[..] else {
        let rule = "the first line has 3: vehicles, capacity, speed";
        faults.add(line, format!("{} numbers; {rule}", fields.len()));
        return None;
    };
    let count = faults.take(line, whole(count, "the number of vehicles"));
    let capacity = faults.take(line, whole(capacity, "the capacity"));
    Some((count? as u32, capacity?))
}

fn row(text: &str, line: usize, expected: usize, faults: &mut Faults) -> Option<Row> {
    let fields: Vec<&str> = text.split_whitespace().collect();
    if fields.len() != 9 {
        let rule = "number, x, y, demand, earliest, latest, service, pickup, delivery";
        faults.add(line, format!("{} numbers; a task has 9: {rule}", fields.len()));
        return None;
    }
    let number = faults.take(line, whole(fields[0], "the task's number"));
    if number.is_some_and(|number| number != expected as i64) {
        faults.add(line, format!("task {} where {expected} is due", fields[0]));
    }
    let x = faults.take(line, coordinate(fields[1], "x"));
    let y = faults.take(line, coordinate(fields[2], "y"));
    let demand = faults.take(line, signed(fields[3], "the demand"));
    let open = faults.take(line, scaled(fields[4], "the earliest time", SCALE, f64::ceil));
    let close = faults.take(line, scaled(fields[5], "the latest time", SCALE, f64::floor));
    let service = faults.take(line, scaled(fields[6], "the service time", SCALE, f64::ceil));
    let pickup = faults.take(line, whole(fields[7], "the pickup"));
    let delivery = faults.take(line, whole(fields[8], "the delivery"));
    let window = Span { open: open?, close: close? };
    if window.close < window.open {
        faults.add(line, format!("latest {} is before earliest {}", fields[5], fields[4]));
    }
    Some(Row {
        line,
        position: Planar { x: x?, y: y? },
        demand: demand?,
        window,
        service: service?,
        pickup: pickup? as u32,
        delivery: delivery? as u32,
    })
}

/// Who belongs to whom; every row but the depot's is one half of exactly one pair.
fn pairs(rows: &[Row], faults: &mut Faults) -> Vec<Pair> {
    let mut pairs = Vec::new();
    for (number, row) in rows.iter().enumerate() {
        match (number, row.pickup, row.delivery) {
            (0, 0, 0) => {}
            (0, _, _) => faults.add(row.line, "the depot is no pickup and no delivery"),
            (_, 0, 0) => {
                faults.add(row.line, format!("task {number} has neither pickup nor delivery"));
            }
            (_, 0, delivery) => pairs.extend(pair(rows, number, delivery, faults)),
            (_, pickup, 0) => {
                let is_mutual = rows.get(pickup as usize);
                if is_mutual.is_none_or(|other| other.delivery as usize != number) {
                    let other = format!("task {pickup} is not the pickup of task {number}");
                    faults.add(row.line, other);
                }
            }
            (_, pickup, delivery) => {
                let both = format!("task {number} has pickup {pickup} and delivery {delivery}");
                faults.add(row.line, format!("{both}; one of them is 0"));
            }
        }
    }
    pairs
}

fn pair(rows: &[Row], number: usize, delivery: u32, faults: &mut Faults) -> Option<Pair> {
    let row = &rows[number];
    let other = rows.get(delivery as usize).filter(|other| other.pickup as usize == number);
    let Some(other) = other else {
        let fault = format!("task {delivery} is not the delivery of task {number}");
        faults.add(row.line, fault);
        return None;
    };
    if row.demand < 0 || row.demand != -other.demand {
        let (taken, brought) = (row.demand, other.demand);
        let rule = "a delivery brings, with a minus sign, what its pickup took";
        faults.add(row.line, format!("demands {taken} and {brought}; {rule}"));
    }
    // Tasks are rows less the depot.
    Some(Pair { pickup: number as u32 - 1, delivery: delivery - 1 })
}

fn instance(name: &str, count: u32, capacity: i64, rows: &[Row], pairs: Vec<Pair>) -> Instance {
    let positions: Vec<Planar> = rows.iter().map(|row| row.position).collect();
    let task = |(number, row): (usize, &Row)| {
        let amount = vec![row.demand.abs()];
        let (pickup, delivery) =
            if row.pickup == 0 { (amount, Vec::new()) } else { (Vec::new(), amount) };
        StaticTask {
            number: number as u32,
            site: number as u32,
            service: row.service,
            windows: vec![row.window],
            delivery,
            pickup,
            ..StaticTask::default()
        }
    };
    Instance {
        name: name.to_owned(),
        scale: SCALE,
        cost_scale: SCALE,
        travel: vec![euclid::matrix(&positions, SCALE as f64, f64::round)],
        positions: Positions::Plane(positions),
        tasks: rows.iter().enumerate().skip(1).map(task).collect(),
        pairs,
        fleet: vec![VehicleType {
            shift: rows[0].window,
            capacity: vec![capacity],
            count,
            prices: VehiclePrices { distance: 1, ..VehiclePrices::default() },
            ..VehicleType::default()
        }],
        ..Instance::default()
    }
}
