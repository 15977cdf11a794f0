//! Stops as a table: CSV, with commas, semicolons or tabs.
//!
//! The first line names the columns, in any order and case. A column that is not listed here is passed
//! over and told, since such tables come with addresses and telephone numbers. Empty means the default.
//!
//! | column | also called | |
//! |---|---|---|
//! | `id` | `name`, `stop`, `order`, `customer` | required; `depot` is where every vehicle starts and ends |
//! | `lon`, `lat` | `lng`, `longitude`; `latitude` | degrees; ways are an [`Estimate`], in metres and seconds |
//! | `x`, `y` | | on a plane; ways are straight, to a hundredth, and take as long as they are |
//! | `service` | `service_time`, `duration` | 0; seconds, or `90s`, `5m`, `1h` |
//! | `open`, `close` | `ready`, `earliest`, `from`; `due`, `latest`, `until` | always; seconds, or `09:30`, `09:30:15`; the depot's are the vehicles' shift |
//! | `demand` | `delivery`, `quantity`, `load` | 0; brought there |
//! | `pickup` | | 0; taken along from there |
//!
//! How many vehicles there are, and what each carries, is not for stops to say: [`Fleet`].

use std::collections::{BTreeMap, BTreeSet};

use csv::StringRecord;
use swerve_model::Planar;
use swerve_model::instance::{
    Instance, Positions, QUANTITY_MAX, SITES_MAX, Span, StaticTask, TravelMatrix, VehiclePrices,
    VehicleType,
};

use super::estimate::Estimate;
use super::euclid;
use super::fault::{Faults, InstanceError};
use super::number::{coordinate, scaled, whole};

/// The vehicles for a table of stops.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fleet {
    /// As many as are wanted, unless said.
    pub vehicles: Option<u32>,
    /// Needed as soon as a stop has a load.
    pub capacity: Option<i64>,
}

/// Units to one of the file's on a plane.
const PLANE_SCALE: i64 = 100;

/// A table's instance, the stops' names, and columns that say nothing here.
pub(super) struct Table {
    pub(super) instance: Instance,
    pub(super) names: Vec<String>,
    pub(super) unused: Vec<String>,
    pub(super) is_on_earth: bool,
}

/// What a column says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Column {
    Id,
    X,
    Y,
    Longitude,
    Latitude,
    Service,
    Open,
    Close,
    Demand,
    Pickup,
}

impl Column {
    fn of(name: &str) -> Option<Column> {
        Some(match name.trim().to_ascii_lowercase().as_str() {
            "id" | "name" | "stop" | "order" | "customer" => Column::Id,
            "x" => Column::X,
            "y" => Column::Y,
            "lon" | "lng" | "longitude" => Column::Longitude,
            "lat" | "latitude" => Column::Latitude,
            "service" | "service_time" | "duration" => Column::Service,
            "open" | "ready" | "earliest" | "from" => Column::Open,
            "close" | "due" | "latest" | "until" => Column::Close,
            "demand" | "delivery" | "quantity" | "load" => Column::Demand,
            "pickup" => Column::Pickup,
            _ => return None,
        })
    }
}

/// What separates the columns, if this is the head of such a table: it has a place and a name.
fn separator(head: &str) -> Option<char> {
    let is_head = |separator: &char| {
        let columns: BTreeSet<Column> =
            head.split(*separator).filter_map(|name| Column::of(name.trim_matches('"'))).collect();
        let has = |both: [Column; 2]| both.iter().any(|column| columns.contains(column));
        has([Column::X, Column::Longitude]) && has([Column::Y, Column::Latitude])
    };
    [',', ';', '\t'].into_iter().find(is_head)
}

pub(super) fn is_table(text: &str) -> bool {
    separator(head(text)).is_some()
}

/// The first line, without the mark that some programs begin a text with.
fn head(text: &str) -> &str {
    text.trim_start_matches('\u{feff}').trim_start().lines().next().unwrap_or("")
}

pub(super) fn read(
    text: &str,
    name: &str,
    estimate: Estimate,
    fleet: Fleet,
) -> Result<Table, InstanceError> {
    let text = text.trim_start_matches('\u{feff}');
    let mut faults = Faults::default();
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator(head(text)).unwrap_or(',') as u8)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let heads = reader.headers().cloned().unwrap_or_default();
    let columns = Columns::of(&heads, &mut faults);
    let mut rows = Vec::new();
    let mut last_line = 1;
    for record in reader.records() {
        // Text is UTF-8, and rows may have any length.
        let Ok(record) = record else { continue };
        last_line = record.position().map_or(last_line, |position| position.line() as usize);
        if faults.is_full() {
            break;
        }
        if rows.len() > SITES_MAX {
            faults.add(last_line, format!("more than {SITES_MAX} stops"));
            break;
        }
        rows.extend(columns.row(&record, last_line, &mut faults));
    }
    let depot = depot(&rows, last_line, &mut faults);
    distinct(&rows, &mut faults);
    let loads = loads(&rows, fleet, &mut faults);
    let depot = faults_or(faults, depot)?;
    let depot = rows.remove(depot);
    let travel = travel(&columns, &depot, &rows, estimate).ok_or(InstanceError::TooFar)?;
    Ok(Table {
        names: rows.iter().map(|row| row.id.clone()).collect(),
        unused: columns.unused.clone(),
        is_on_earth: columns.is_on_earth,
        instance: instance(name, &columns, &depot, &rows, travel, fleet, loads),
    })
}

/// # Errors
/// There are faults; without any there is a value.
fn faults_or<T>(faults: Faults, value: Option<T>) -> Result<T, InstanceError> {
    faults.none()?;
    Ok(value.expect("what is missing is a fault"))
}

/// Which field of a row says what.
struct Columns {
    field: BTreeMap<Column, usize>,
    width: usize,
    is_on_earth: bool,
    unused: Vec<String>,
}

/// A stop as it stands in the table, in units.
struct Row {
    line: usize,
    id: String,
    position: Planar,
    service: i64,
    window: Span,
    demand: i64,
    pickup: i64,
}

impl Columns {
    fn of(heads: &StringRecord, faults: &mut Faults) -> Columns {
        let mut columns = Columns {
            field: BTreeMap::new(),
            width: heads.len(),
            is_on_earth: false,
            unused: Vec::new(),
        };
        for (index, name) in heads.iter().enumerate() {
            let Some(column) = Column::of(name) else {
                columns.unused.push(name.to_owned());
                continue;
            };
            if columns.field.insert(column, index).is_some() {
                faults.add(1, format!("column {name:?} says what another says already"));
            }
        }
        let has = |column: Column| columns.field.contains_key(&column);
        columns.is_on_earth = has(Column::Longitude) && has(Column::Latitude);
        if columns.is_on_earth == (has(Column::X) && has(Column::Y)) {
            faults.add(1, "either lon and lat or x and y are required, and not both");
        }
        if !has(Column::Id) {
            faults.add(1, "column \"id\" is required");
        }
        columns
    }

    fn scale(&self) -> i64 {
        if self.is_on_earth { 1 } else { PLANE_SCALE }
    }

    fn row(&self, record: &StringRecord, line: usize, faults: &mut Faults) -> Option<Row> {
        if record.len() != self.width {
            let fault = format!("{} fields; the first line has {}", record.len(), self.width);
            faults.add(line, fault);
            return None;
        }
        let field = |column| self.field.get(&column).and_then(|index| record.get(*index));
        let given = |column| field(column).filter(|text| !text.is_empty());
        let scale = self.scale();
        let position = self.position(&field, line, faults);
        let or_else =
            |column, usual, read: &dyn Fn(&str) -> Result<i64, String>, faults: &mut Faults| {
                given(column).map_or(Some(usual), |text| faults.take(line, read(text)))
            };
        let service = or_else(Column::Service, 0, &|text| span(text, "service", scale), faults);
        let open = or_else(Column::Open, 0, &|text| moment(text, "open", scale), faults);
        let close =
            or_else(Column::Close, QUANTITY_MAX, &|text| moment(text, "close", scale), faults);
        let demand = or_else(Column::Demand, 0, &|text| whole(text, "demand"), faults);
        let pickup = or_else(Column::Pickup, 0, &|text| whole(text, "pickup"), faults);
        let id = given(Column::Id).map(str::to_owned);
        if id.is_none() {
            faults.add(line, "a stop without id");
        }
        let window = Span { open: open?, close: close? };
        if window.close < window.open {
            let (open, close) = (field(Column::Open), field(Column::Close));
            let (open, close) = (open.unwrap_or_default(), close.unwrap_or_default());
            faults.add(line, format!("closes at {close}, before it opens at {open}"));
        }
        Some(Row {
            line,
            id: id?,
            position: position?,
            service: service?,
            window,
            demand: demand?,
            pickup: pickup?,
        })
    }

    fn position<'r>(
        &self,
        field: &impl Fn(Column) -> Option<&'r str>,
        line: usize,
        faults: &mut Faults,
    ) -> Option<Planar> {
        let (x, y, names) = if self.is_on_earth {
            (Column::Longitude, Column::Latitude, ("lon", "lat"))
        } else {
            (Column::X, Column::Y, ("x", "y"))
        };
        let x = faults.take(line, coordinate(field(x).unwrap_or_default(), names.0));
        let y = faults.take(line, coordinate(field(y).unwrap_or_default(), names.1));
        let (x, y) = (x?, y?);
        if self.is_on_earth && (x.abs() > 180.0 || y.abs() > 90.0) {
            faults.add(line, format!("longitude {x} and latitude {y} are nowhere on Earth"));
            return None;
        }
        Some(Planar { x, y })
    }
}

/// `09:30`, `09:30:15`, or a number in the file's unit.
fn moment(text: &str, what: &str, scale: i64) -> Result<i64, String> {
    if !text.contains(':') {
        return scaled(text, what, scale, f64::round);
    }
    let rule = || format!("{what} is {text:?}; HH:MM, HH:MM:SS or a number is required");
    let parts: Option<Vec<i64>> = text.split(':').map(two_digits).collect();
    match parts.as_deref() {
        Some([hours, minutes]) if *minutes < 60 => Ok((hours * 60 + minutes) * 60 * scale),
        Some([hours, minutes, seconds]) if *minutes < 60 && *seconds < 60 => {
            Ok(((hours * 60 + minutes) * 60 + seconds) * scale)
        }
        _ => Err(rule()),
    }
}

fn two_digits(text: &str) -> Option<i64> {
    let is_clock = (1..=2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_clock)
}

/// `90s`, `5m`, `1h`, or a number in the file's unit.
fn span(text: &str, what: &str, scale: i64) -> Result<i64, String> {
    let units = [("s", 1), ("m", 60), ("min", 60), ("h", 3600)];
    let split = text.find(|letter: char| letter.is_ascii_alphabetic()).unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    match units.into_iter().find(|(name, _)| *name == unit) {
        Some((_, seconds)) => scaled(number.trim_end(), what, scale * seconds, f64::round),
        None => scaled(text, what, scale, f64::round),
    }
}

/// The index of the one row that is the depot.
fn depot(rows: &[Row], last_line: usize, faults: &mut Faults) -> Option<usize> {
    let is_depot = |row: &&Row| row.id.eq_ignore_ascii_case("depot");
    let mut depots = rows.iter().filter(is_depot);
    let Some(first) = depots.next() else {
        faults.add(last_line, "no depot: a row with the id \"depot\"");
        return None;
    };
    for other in depots {
        faults.add(other.line, format!("a second depot; line {} has one", first.line));
    }
    if first.demand != 0 || first.pickup != 0 || first.service != 0 {
        faults.add(first.line, "the depot has no service, demand or pickup");
    }
    rows.iter().position(|row| is_depot(&row))
}

fn distinct(rows: &[Row], faults: &mut Faults) {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for row in rows.iter().filter(|row| !row.id.eq_ignore_ascii_case("depot")) {
        if let Some(line) = seen.insert(&row.id, row.line) {
            faults.add(row.line, format!("id {:?} is that of line {line} too", row.id));
        }
    }
}

/// Whether loads count, and so a capacity is needed.
fn loads(rows: &[Row], fleet: Fleet, faults: &mut Faults) -> bool {
    let Some(row) = rows.iter().find(|row| row.demand != 0 || row.pickup != 0) else {
        return fleet.capacity.is_some();
    };
    match fleet.capacity {
        None => faults.add(row.line, "has a load, and nobody says what a vehicle carries"),
        Some(capacity) => {
            for row in rows.iter().filter(|row| row.demand.max(row.pickup) > capacity) {
                let load = row.demand.max(row.pickup);
                faults.add(row.line, format!("weighs {load}; a vehicle carries {capacity}"));
            }
        }
    }
    true
}

fn travel(
    columns: &Columns,
    depot: &Row,
    rows: &[Row],
    estimate: Estimate,
) -> Option<TravelMatrix> {
    let points = points(depot, rows);
    if columns.is_on_earth {
        return estimate.matrix(&points, 1, 100);
    }
    Some(euclid::matrix(&points, PLANE_SCALE as f64, f64::round))
}

fn points(depot: &Row, rows: &[Row]) -> Vec<Planar> {
    std::iter::once(depot).chain(rows).map(|row| row.position).collect()
}

fn instance(
    name: &str,
    columns: &Columns,
    depot: &Row,
    rows: &[Row],
    travel: TravelMatrix,
    fleet: Fleet,
    has_loads: bool,
) -> Instance {
    let load = |amount: i64| if has_loads { vec![amount] } else { Vec::new() };
    let task = |(index, row): (usize, &Row)| StaticTask {
        number: index as u32 + 1,
        site: index as u32 + 1,
        service: row.service,
        windows: vec![row.window],
        delivery: load(row.demand),
        pickup: load(row.pickup),
        ..StaticTask::default()
    };
    let points = points(depot, rows);
    Instance {
        name: name.to_owned(),
        scale: columns.scale(),
        cost_scale: columns.scale(),
        positions: if columns.is_on_earth {
            Positions::Earth(points)
        } else {
            Positions::Plane(points)
        },
        travel: vec![travel],
        tasks: rows.iter().enumerate().map(task).collect(),
        fleet: vec![VehicleType {
            shift: depot.window,
            capacity: load(fleet.capacity.unwrap_or(0)),
            count: fleet.vehicles.unwrap_or(u32::MAX),
            prices: VehiclePrices { distance: 1, ..VehiclePrices::default() },
            ..VehicleType::default()
        }],
        ..Instance::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STOPS: &str = "\
id;lat;lon;address;service;open;close;demand
depot;48.20;16.37;;;08:00;17:30:00;
a;48.20;16.38;\"1; Long Street\";5m;09:00;12:00;2
b;48.21;16.38;;90;;;1
";

    fn table(text: &str) -> Result<Table, InstanceError> {
        let fleet = Fleet { vehicles: Some(2), capacity: Some(3) };
        read(text, "stops", Estimate::default(), fleet)
    }

    fn told(text: &str) -> String {
        table(text).err().expect("it is wrong").to_string()
    }

    #[test]
    fn a_table_is_stops_around_a_depot() {
        assert!(is_table(STOPS));
        let table = table(STOPS).expect("a table");
        assert_eq!(
            (table.names, table.unused),
            (vec!["a".to_owned(), "b".to_owned()], vec!["address".to_owned()])
        );
        let instance = table.instance;
        assert_eq!(instance.faults(), []);
        assert_eq!(instance.fleet[0].shift, Span { open: 8 * 3600, close: 17 * 3600 + 1800 });
        assert_eq!((instance.fleet[0].count, &instance.fleet[0].capacity[..]), (2, &[3][..]));
        assert_eq!((instance.tasks[0].service, instance.tasks[1].service), (300, 90));
        assert_eq!(instance.tasks[1].windows, [Span::ALWAYS]);
        // 0.01 degrees of longitude at 48.2 degrees north are 741 m.
        assert_eq!(instance.travel[0].distance(0, 1), 963);
    }

    #[test]
    fn a_plane_is_measured_to_a_hundredth_and_loads_may_be_none() {
        let text = "Stop,X,Y,Due\ndepot,0,0,100\nc,1,1,9.5\n";
        let table = read(text, "", Estimate::default(), Fleet::default()).expect("a table");
        let instance = table.instance;
        assert_eq!((instance.scale, instance.travel[0].distance(0, 1)), (100, 141));
        assert_eq!((instance.tasks[0].windows[0].close, instance.dimensions()), (950, 0));
        assert_eq!(instance.fleet[0].count, u32::MAX);
    }

    #[test]
    fn every_fault_is_told_with_its_line() {
        for (from, to, expected) in [
            ("depot", "home", "line 4: no depot: a row with the id \"depot\""),
            ("b;", "depot;", "line 4: a second depot; line 2 has one"),
            ("b;", "a;", "line 4: id \"a\" is that of line 3 too"),
            ("b;", ";", "line 4: a stop without id"),
            ("48.21", "148.21", "line 4: longitude 16.38 and latitude 148.21 are nowhere on Earth"),
            ("48.21", "NaN", "line 4: lat is NaN; it must be finite"),
            ("48.21", "", "line 4: lat is \"\", not a number"),
            ("09:00", "12:01", "line 3: closes at 12:00, before it opens at 12:01"),
            ("09:00", "9:60", "line 3: open is \"9:60\"; HH:MM, HH:MM:SS or a number is required"),
            ("5m", "5x", "line 3: service is \"5x\", not a number"),
            ("5m", "-5m", "line 3: service is -5; 0 to"),
            ("12:00;2", "12:00;-2", "line 3: demand is -2; 0 to"),
            ("12:00;2", "12:00;4", "line 3: weighs 4; a vehicle carries 3"),
            ("12:00;2", "12:00", "line 3: 7 fields; the first line has 8"),
            ("12:00;2", "12:00;9223372036854775808", "line 3: demand is 9223372036854775808; 0 to"),
            ("lat;lon", "lat;x", "line 1: either lon and lat or x and y are required"),
            ("service", "load", "line 1: column \"demand\" says what another says already"),
        ] {
            let said = told(&STOPS.replacen(from, to, 1));
            assert!(said.contains(expected), "{from} -> {to}: {said}");
        }
        let none = read(STOPS, "", Estimate::default(), Fleet::default());
        let said = none.err().expect("it has loads").to_string();
        assert_eq!(said, "line 3: has a load, and nobody says what a vehicle carries");
    }

    #[test]
    fn other_texts_are_no_tables() {
        for text in ["", "25 200 1", "VEHICLE, CUSTOMER", "lat,name\n1,2", "{\"x\":1,\"y\":2}"] {
            assert!(!is_table(text), "{text}");
        }
    }
}
