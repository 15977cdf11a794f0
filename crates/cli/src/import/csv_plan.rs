//! A plan as CSV, read whole: every line that is wrong, or the plan.

use std::collections::BTreeMap;
use std::fmt;
use std::io::Read;

use csv::{ReaderBuilder, StringRecord, Trim};
use swerve_client::{names, v1};
use swerve_model::{IdError, ManifestId, ParcelId, ShipmentId};

/// Faults told of at most; beyond it the file is of some other kind.
pub(super) const FAULTS_MAX: usize = 100;
const COLUMNS: [&str; 4] = ["manifest", "sequence", "shipment", "parcel"];
/// The last of them may be left out.
const REQUIRED: usize = 3;

/// What is wrong in one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// Of the file, from 1.
    line: u64,
    message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.line, self.message)
    }
}

/// What is sent: manifests by name, stops in order, tasks by shipment.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Plan {
    pub(super) manifests: Vec<v1::ImportedManifest>,
}

impl Plan {
    pub(super) fn stop_count(&self) -> usize {
        self.manifests.iter().map(|manifest| manifest.stops.len()).sum()
    }

    pub(super) fn task_count(&self) -> usize {
        let stops = self.manifests.iter().flat_map(|manifest| &manifest.stops);
        stops.map(|stop| stop.tasks.len()).sum()
    }
}

/// One line as it should be.
struct Row {
    line: u64,
    manifest: ManifestId,
    sequence: u64,
    shipment: ShipmentId,
    /// `None` for all of the shipment's.
    parcel: Option<ParcelId>,
}

/// # Errors
/// Everything that is wrong with it, in the order of lines.
pub(super) fn read(input: impl Read) -> Result<Plan, Vec<Fault>> {
    let mut reader = ReaderBuilder::new().trim(Trim::All).flexible(true).from_reader(input);
    let columns = columns(&mut reader)?;
    let mut faults = Vec::new();
    let mut rows = Vec::new();
    for record in reader.records() {
        match record {
            Ok(record) => rows.extend(row(&record, &columns, &mut faults)),
            Err(error) => {
                faults.push(unreadable(&error));
                // What cannot be read from is not read on.
                if matches!(error.kind(), csv::ErrorKind::Io(_)) {
                    break;
                }
            }
        }
    }
    check_places(&rows, &mut faults);
    if rows.is_empty() && faults.is_empty() {
        faults.push(Fault { line: 1, message: "no line follows the header".to_owned() });
    }
    if faults.is_empty() { Ok(plan(&rows)) } else { Err(cut(faults)) }
}

fn cut(mut faults: Vec<Fault>) -> Vec<Fault> {
    faults.sort_by_key(|fault| fault.line);
    let more = faults.len().saturating_sub(FAULTS_MAX);
    faults.truncate(FAULTS_MAX);
    if let Some(last) = faults.last_mut().filter(|_| more > 0) {
        last.message = format!("{} (and {more} more faults)", last.message);
    }
    faults
}

/// Where each of [`COLUMNS`] is.
struct Columns {
    count: usize,
    at: [Option<usize>; 4],
}

fn columns<R: Read>(reader: &mut csv::Reader<R>) -> Result<Columns, Vec<Fault>> {
    let header = reader.headers().map_err(|error| vec![unreadable(&error)])?;
    // What spreadsheets put before the first name.
    let names: Vec<&str> = header.iter().map(|name| name.trim_start_matches('\u{feff}')).collect();
    let mut messages = Vec::new();
    for (index, name) in names.iter().enumerate() {
        if !COLUMNS.contains(name) {
            messages.push(format!("column {name:?} is unknown; they are {}", COLUMNS.join(", ")));
        } else if names[..index].contains(name) {
            messages.push(format!("column {name:?} comes twice"));
        }
    }
    let at = COLUMNS.map(|column| names.iter().position(|name| *name == column));
    for (column, _) in COLUMNS.iter().zip(at).take(REQUIRED).filter(|(_, at)| at.is_none()) {
        messages.push(format!("column {column:?} is missing"));
    }
    if messages.is_empty() {
        Ok(Columns { count: names.len(), at })
    } else {
        Err(messages.into_iter().map(|message| Fault { line: 1, message }).collect())
    }
}

fn unreadable(error: &csv::Error) -> Fault {
    let line = error.position().map_or(1, csv::Position::line);
    let message = match error.kind() {
        csv::ErrorKind::Utf8 { err, .. } => format!("is not UTF-8: {err}"),
        _ => format!("cannot be read: {error}"),
    };
    Fault { line, message }
}

/// The row, or its faults.
fn row(record: &StringRecord, columns: &Columns, faults: &mut Vec<Fault>) -> Option<Row> {
    let line = record.position().map_or(0, csv::Position::line);
    let before = faults.len();
    let mut fault = |message: String| faults.push(Fault { line, message });
    if record.len() != columns.count {
        fault(format!("has {} fields, the header has {}", record.len(), columns.count));
        return None;
    }
    let cell = |column: usize| columns.at[column].and_then(|at| record.get(at)).unwrap_or_default();
    let wrong = |column: usize, rule: &dyn fmt::Display| {
        format!("{} is {:?}; {rule}", COLUMNS[column], shown(cell(column)))
    };
    let named = |column: usize, rule: IdError| wrong(column, &format!("it {rule}"));
    let manifest = ManifestId::new(cell(0)).map_err(|rule| fault(named(0, rule))).ok();
    let sequence = cell(1).parse::<u64>().ok();
    if sequence.is_none() {
        fault(wrong(1, &"a whole number is required"));
    }
    let shipment = ShipmentId::new(cell(2)).map_err(|rule| fault(named(2, rule))).ok();
    let parcel = match cell(3) {
        "" => None,
        text => ParcelId::new(text).map_err(|rule| fault(named(3, rule))).ok(),
    };
    if faults.len() > before {
        return None;
    }
    Some(Row { line, manifest: manifest?, sequence: sequence?, shipment: shipment?, parcel })
}

/// As much of a cell as a message repeats.
fn shown(cell: &str) -> String {
    const LEN_MAX: usize = 40;
    match cell.char_indices().nth(LEN_MAX) {
        Some((end, _)) => format!("{}...", &cell[..end]),
        None => cell.to_owned(),
    }
}

/// A parcel is in one place; a shipment is placed whole, or parcel by parcel.
fn check_places(rows: &[Row], faults: &mut Vec<Fault>) {
    let mut placed: BTreeMap<&ShipmentId, BTreeMap<Option<&ParcelId>, u64>> = BTreeMap::new();
    for Row { line, shipment, parcel, .. } in rows {
        let of_shipment = placed.entry(shipment).or_default();
        let key = parcel.as_ref();
        let whole = of_shipment.get(&None);
        let clash = match key {
            Some(_) => of_shipment.get(&key).or(whole),
            None => whole.or_else(|| of_shipment.values().next()),
        };
        if let Some(first) = clash {
            let what = match parcel {
                Some(parcel) => format!("parcel {parcel} of shipment {shipment}"),
                None => format!("shipment {shipment} (all parcels)"),
            };
            faults.push(Fault {
                line: *line,
                message: format!("{what} is placed already, in line {first}"),
            });
        }
        of_shipment.entry(key).or_insert(*line);
    }
}

fn plan(rows: &[Row]) -> Plan {
    let mut stops: BTreeMap<&ManifestId, BTreeMap<u64, Vec<&Row>>> = BTreeMap::new();
    for row in rows {
        let of_manifest = stops.entry(&row.manifest).or_default();
        of_manifest.entry(row.sequence).or_default().push(row);
    }
    let manifests = stops.into_iter().map(|(manifest, stops)| v1::ImportedManifest {
        manifest: names::manifest(manifest),
        stops: stops.into_values().map(|rows| v1::ImportedStop { tasks: tasks(&rows) }).collect(),
    });
    Plan { manifests: manifests.collect() }
}

/// One task a shipment, in the order of lines.
fn tasks(rows: &[&Row]) -> Vec<v1::Task> {
    let mut tasks: Vec<v1::Task> = Vec::new();
    for row in rows {
        let shipment = names::shipment(&row.shipment);
        let parcel = row.parcel.as_ref().map(|parcel| names::parcel(&row.shipment, parcel));
        match tasks.iter_mut().find(|task| task.shipment == shipment) {
            Some(task) => task.parcels.extend(parcel),
            None => tasks.push(v1::Task { shipment, parcels: parcel.into_iter().collect() }),
        }
    }
    tasks
}

#[cfg(test)]
mod tests;
