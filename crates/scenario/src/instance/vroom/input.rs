//! VROOM's input as it is written, judged value by value; what the values mean together is `convert`'s.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use swerve_model::Planar;
use swerve_model::instance::{DIMENSIONS_MAX, QUANTITY_MAX, Span};

use super::super::fault::{Faults, InstanceError};
use super::object::Object;
use super::table::Table;

/// Jobs, shipments or vehicles at most; more are no day anyone means.
const COUNT_MAX: usize = 1 << 17;

/// Bytes of one job, shipment or vehicle at most: its tree of values takes a few times as much, one at
/// a time.
const BYTES_MAX: usize = 1 << 22;

/// Costs of a vehicle at most, in its currency.
const COST_MAX: i64 = 1 << 32;

/// What VROOM takes for an hour of driving unless told otherwise: a second costs 1.
pub(super) const PER_HOUR: i64 = 3600;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document<'a> {
    #[serde(borrow, default)]
    jobs: Vec<&'a RawValue>,
    #[serde(borrow, default)]
    shipments: Vec<&'a RawValue>,
    #[serde(borrow, default)]
    vehicles: Vec<&'a RawValue>,
    #[serde(default)]
    matrices: BTreeMap<String, Tables>,
    /// Before there were several: durations of the profile `car`.
    matrix: Option<Table>,
}

/// Matrices of one profile.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Tables {
    pub(super) durations: Option<Table>,
    pub(super) distances: Option<Table>,
    pub(super) costs: Option<Table>,
}

/// The whole of a file, times and distances in seconds and metres.
#[derive(Default)]
pub(super) struct Input {
    pub(super) jobs: Vec<Job>,
    pub(super) shipments: Vec<Shipment>,
    pub(super) vehicles: Vec<Vehicle>,
    pub(super) matrices: BTreeMap<String, Tables>,
}

pub(super) struct Job {
    pub(super) action: Action,
    pub(super) delivery: Vec<i64>,
    pub(super) pickup: Vec<i64>,
    pub(super) order: Order,
}

pub(super) struct Shipment {
    pub(super) pickup: Action,
    pub(super) delivery: Action,
    pub(super) amount: Vec<i64>,
    pub(super) order: Order,
}

/// What a job and a shipment have alike.
pub(super) struct Order {
    pub(super) path: String,
    pub(super) skills: Vec<u32>,
    pub(super) priority: i64,
}

/// One thing to do at one place.
pub(super) struct Action {
    pub(super) path: String,
    pub(super) id: u64,
    pub(super) description: Option<String>,
    pub(super) place: Place,
    pub(super) setup: PerType,
    pub(super) service: PerType,
    pub(super) windows: Vec<Span>,
}

/// A duration, and others for some types of vehicles.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct PerType {
    pub(super) usual: i64,
    pub(super) by_type: BTreeMap<String, i64>,
}

impl PerType {
    pub(super) fn of(&self, kind: Option<&str>) -> i64 {
        kind.and_then(|kind| self.by_type.get(kind)).copied().unwrap_or(self.usual)
    }
}

/// Coordinates, an index into matrices, or both.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Place {
    pub(super) path: String,
    pub(super) coordinates: Option<Planar>,
    pub(super) index: Option<u32>,
}

pub(super) struct Vehicle {
    pub(super) path: String,
    pub(super) id: u64,
    pub(super) description: Option<String>,
    pub(super) profile: String,
    pub(super) start: Option<Place>,
    pub(super) end: Option<Place>,
    pub(super) capacity: Vec<i64>,
    pub(super) fixed: i64,
    pub(super) per_hour: i64,
    pub(super) per_km: i64,
    pub(super) skills: Vec<u32>,
    pub(super) kind: Option<String>,
    pub(super) window: Option<Span>,
    pub(super) breaks: Vec<Break>,
    /// Hundredths of the matrix's durations.
    pub(super) pace: i64,
    pub(super) tasks_max: Option<i64>,
    pub(super) driving_max: Option<i64>,
    pub(super) distance_max: Option<i64>,
    pub(super) steps: Vec<Step>,
}

pub(super) struct Break {
    pub(super) id: u64,
    pub(super) description: Option<String>,
    pub(super) windows: Vec<Span>,
    pub(super) service: i64,
}

/// What a step does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum StepKind {
    Job,
    Pickup,
    Delivery,
    Break,
}

pub(super) struct Step {
    pub(super) path: String,
    pub(super) kind: StepKind,
    pub(super) id: u64,
}

impl Input {
    pub(super) fn read(text: &str, faults: &mut Faults) -> Result<Input, InstanceError> {
        let document: Document = serde_json::from_str(text).map_err(InstanceError::Json)?;
        let mut matrices = document.matrices;
        if let Some(matrix) = document.matrix {
            let tables = Tables { durations: Some(matrix), distances: None, costs: None };
            if matrices.insert("car".to_owned(), tables).is_some() {
                faults.add("matrix".to_owned(), "and matrices.car say the same twice");
            }
        }
        let input = Input {
            jobs: each("jobs", &document.jobs, faults, job),
            shipments: each("shipments", &document.shipments, faults, shipment),
            vehicles: each("vehicles", &document.vehicles, faults, vehicle),
            matrices,
        };
        if document.vehicles.is_empty() {
            faults.add("vehicles".to_owned(), "at least one is required");
        }
        input.judge_ids(faults);
        Ok(input)
    }

    /// No two of a kind are called alike.
    fn judge_ids(&self, faults: &mut Faults) {
        let jobs = self.jobs.iter().map(|job| &job.action);
        let pickups = self.shipments.iter().map(|shipment| &shipment.pickup);
        let deliveries = self.shipments.iter().map(|shipment| &shipment.delivery);
        distinct(jobs.map(|action| (action.path.as_str(), action.id)), faults);
        distinct(pickups.map(|action| (action.path.as_str(), action.id)), faults);
        distinct(deliveries.map(|action| (action.path.as_str(), action.id)), faults);
        distinct(self.vehicles.iter().map(|vehicle| (vehicle.path.as_str(), vehicle.id)), faults);
        for vehicle in &self.vehicles {
            let breaks = vehicle.breaks.iter().enumerate();
            let paths: Vec<(String, u64)> = breaks
                .map(|(index, rest)| (format!("{}.breaks[{index}]", vehicle.path), rest.id))
                .collect();
            distinct(paths.iter().map(|(path, id)| (path.as_str(), *id)), faults);
        }
    }
}

fn distinct<'a>(ids: impl Iterator<Item = (&'a str, u64)>, faults: &mut Faults) {
    let mut seen = BTreeSet::new();
    for (path, id) in ids {
        if !seen.insert(id) {
            faults.add(format!("{path}.id"), format!("is {id}, as another's of its kind"));
        }
    }
}

/// Reads the elements of one of the document's arrays until there are faults enough.
fn each<T>(
    what: &str,
    elements: &[&RawValue],
    faults: &mut Faults,
    read: impl Fn(&Value, String, &mut Faults) -> Option<T>,
) -> Vec<T> {
    if elements.len() > COUNT_MAX {
        let found = elements.len();
        faults.add(what.to_owned(), format!("{found} of them; at most {COUNT_MAX} are allowed"));
        return Vec::new();
    }
    let mut all = Vec::new();
    for (index, element) in elements.iter().enumerate() {
        if faults.is_full() {
            break;
        }
        let (text, path) = (element.get(), format!("{what}[{index}]"));
        if text.len() > BYTES_MAX {
            let rule = format!("at most {BYTES_MAX} are allowed");
            faults.add(path, format!("takes {} bytes; {rule}", text.len()));
            continue;
        }
        match serde_json::from_str(text) {
            Ok(value) => all.extend(read(&value, path, faults)),
            // Nested too deeply, or a number beyond any.
            Err(error) => faults.add(path, error.to_string()),
        }
    }
    all
}

const ACTION: [&str; 9] = [
    "id",
    "description",
    "location",
    "location_index",
    "setup",
    "service",
    "setup_per_type",
    "service_per_type",
    "time_windows",
];

fn job(value: &Value, path: String, faults: &mut Faults) -> Option<Job> {
    let known = [&ACTION[..], &["amount", "delivery", "pickup", "skills", "priority"]].concat();
    let object = Object::of(value, path, &known, faults)?;
    let amount = amounts(&object, "amount", faults);
    let (mut delivery, pickup) =
        (amounts(&object, "delivery", faults), amounts(&object, "pickup", faults));
    if object.has("amount") {
        if object.has("delivery") || object.has("pickup") {
            faults.add(object.path_of("amount"), "is delivery's old name; only one of them may be");
        }
        delivery = amount;
    }
    let order = order(&object, faults);
    Some(Job { action: action(&object, faults)?, delivery, pickup, order })
}

fn shipment(value: &Value, path: String, faults: &mut Faults) -> Option<Shipment> {
    let known = ["pickup", "delivery", "amount", "skills", "priority"];
    let object = Object::of(value, path, &known, faults)?;
    let mut half = |key: &str| {
        object.required(key, faults)?;
        let half = object.object(key, &ACTION, faults)?;
        action(&half, faults)
    };
    let (pickup, delivery) = (half("pickup"), half("delivery"));
    let amount = amounts(&object, "amount", faults);
    let order = order(&object, faults);
    Some(Shipment { pickup: pickup?, delivery: delivery?, amount, order })
}

fn order(object: &Object, faults: &mut Faults) -> Order {
    Order {
        path: object.path.clone(),
        skills: skills(object, faults),
        priority: object.whole("priority", 100, faults).unwrap_or(0),
    }
}

fn action(object: &Object, faults: &mut Faults) -> Option<Action> {
    let id = object.id(faults);
    Some(Action {
        description: object.text("description", faults),
        place: place(object, "location", "location_index", faults)
            .unwrap_or_else(|| Place { path: object.path.clone(), ..Place::default() }),
        setup: per_type(object, "setup", "setup_per_type", faults),
        service: per_type(object, "service", "service_per_type", faults),
        windows: object.windows("time_windows", faults),
        path: object.path.clone(),
        id: id?,
    })
}

fn place(object: &Object, key: &str, index_key: &str, faults: &mut Faults) -> Option<Place> {
    if !object.has(key) && !object.has(index_key) {
        return None;
    }
    let index = object.whole(index_key, i64::from(u32::MAX), faults);
    let coordinates = object.coordinates(key, faults);
    Some(Place { path: object.path_of(index_key), coordinates, index: index.map(|i| i as u32) })
}

fn per_type(object: &Object, key: &str, types_key: &str, faults: &mut Faults) -> PerType {
    let usual = object.whole(key, QUANTITY_MAX, faults).unwrap_or(0);
    let mut by_type = BTreeMap::new();
    if let Some(types) = object.any_object(types_key, faults) {
        for name in types.names() {
            if let Some(duration) = types.whole(name, QUANTITY_MAX, faults) {
                by_type.insert(name.clone(), duration);
            }
        }
    }
    PerType { usual, by_type }
}

fn amounts(object: &Object, key: &str, faults: &mut Faults) -> Vec<i64> {
    let amounts = object.wholes(key, QUANTITY_MAX, faults);
    if amounts.len() > DIMENSIONS_MAX {
        let found = amounts.len();
        let fault = format!("{found} amounts; at most {DIMENSIONS_MAX} are allowed");
        faults.add(object.path_of(key), fault);
    }
    amounts
}

/// In ascending order, each once.
fn skills(object: &Object, faults: &mut Faults) -> Vec<u32> {
    let skills = object.wholes("skills", i64::from(u32::MAX), faults);
    let skills: BTreeSet<u32> = skills.into_iter().map(|skill| skill as u32).collect();
    skills.into_iter().collect()
}

const VEHICLE: [&str; 18] = [
    "id",
    "description",
    "profile",
    "start",
    "start_index",
    "end",
    "end_index",
    "capacity",
    "costs",
    "skills",
    "type",
    "time_window",
    "breaks",
    "speed_factor",
    "max_tasks",
    "max_travel_time",
    "max_distance",
    "steps",
];

fn vehicle(value: &Value, path: String, faults: &mut Faults) -> Option<Vehicle> {
    let object = Object::of(value, path, &VEHICLE, faults)?;
    let id = object.id(faults);
    let start = place(&object, "start", "start_index", faults);
    let end = place(&object, "end", "end_index", faults);
    if start.is_none() && end.is_none() {
        faults.add(object.path.clone(), "has neither start nor end; one of them is required");
    }
    let costs = object.object("costs", &["fixed", "per_hour", "per_km", "per_task_hour"], faults);
    let mut cost = |key: &str, usual: i64| {
        costs.as_ref().and_then(|costs| costs.whole(key, COST_MAX, faults)).unwrap_or(usual)
    };
    let (fixed, per_hour, per_km) =
        (cost("fixed", 0), cost("per_hour", PER_HOUR), cost("per_km", 0));
    if cost("per_task_hour", 0) != 0 {
        faults.add(object.path_of("costs.per_task_hour"), "is not supported, except as 0");
    }
    // VROOM's own precision: a hundredth of the inverse.
    let pace = object.positive("speed_factor", 5.0, faults).map_or(100.0, |factor| 100.0 / factor);
    Some(Vehicle {
        description: object.text("description", faults),
        profile: object.text("profile", faults).unwrap_or_else(|| "car".to_owned()),
        start,
        end,
        capacity: amounts(&object, "capacity", faults),
        fixed,
        per_hour,
        per_km,
        skills: skills(&object, faults),
        kind: object.text("type", faults),
        window: object.window("time_window", faults),
        breaks: breaks(&object, faults),
        pace: pace.round().min(QUANTITY_MAX as f64) as i64,
        tasks_max: object.whole("max_tasks", i64::from(u32::MAX), faults),
        driving_max: object.whole("max_travel_time", COST_MAX, faults),
        distance_max: object.whole("max_distance", COST_MAX, faults),
        steps: steps(&object, faults),
        path: object.path.clone(),
        id: id?,
    })
}

fn breaks(object: &Object, faults: &mut Faults) -> Vec<Break> {
    let known = ["id", "time_windows", "service", "description"];
    let list = object.list("breaks", faults);
    let one = |(path, value)| {
        let object = Object::of(value, path, &known, faults)?;
        let id = object.id(faults);
        Some(Break {
            description: object.text("description", faults),
            windows: object.windows("time_windows", faults),
            service: object.whole("service", QUANTITY_MAX, faults).unwrap_or(0),
            id: id?,
        })
    };
    list.into_iter().filter_map(one).collect()
}

/// Start and end are where they are; the rest has an order that a search can begin from.
fn steps(object: &Object, faults: &mut Faults) -> Vec<Step> {
    let list = object.list("steps", faults);
    let one = |(path, value)| {
        let object = Object::of(value, path, &["type", "id"], faults)?;
        let kind = match object.required("type", faults)?.as_str() {
            Some("job") => StepKind::Job,
            Some("pickup") => StepKind::Pickup,
            Some("delivery") => StepKind::Delivery,
            Some("break") => StepKind::Break,
            Some("start" | "end") => return None,
            _ => {
                let rule = "start, job, pickup, delivery, break or end is required";
                faults.add(object.path_of("type"), rule);
                return None;
            }
        };
        let id = object.id(faults)?;
        Some(Step { path: object.path.clone(), kind, id })
    };
    list.into_iter().filter_map(one).collect()
}
