//! Whatever a file says, it is read or refused; and what is written reads back.

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};
use swerve_model::instance::StaticRoute;

use super::solution::FileRoute;
use super::*;

const SAMPLES: [&str; 5] = [
    "S\n\nVEHICLE\nNUMBER CAPACITY\n25 200\n\nCUSTOMER\n0 0 0 0 0 230 0\n1 1 1 10 161 171 10\n",
    "25 200 1\n0 0 0 0 0 1000 0 0 0\n1 1 1 10 5 100 7 0 2\n2 3 4 -10 0 100 7 1 0\n",
    "NAME : t\nDIMENSION : 2\nEDGE_WEIGHT_TYPE : EXPLICIT\nEDGE_WEIGHT_FORMAT : FULL_MATRIX\n\
     CAPACITY : 10\nEDGE_WEIGHT_SECTION\n0 1 1 0\nDEMAND_SECTION\n1 0\n2 4\nDEPOT_SECTION\n1\n-1\n",
    "id,lon,lat,service,open,close,demand\ndepot,16,48,,08:00,18:00,\na,16.1,48,5m,9:00,12:00,2\n",
    r#"{"vehicles": [{"id": 1, "start_index": 0, "capacity": [3], "speed_factor": 1.5,
        "breaks": [{"id": 1, "time_windows": [[5, 9]]}], "time_window": [0, 100]}],
        "jobs": [{"id": 1, "location_index": 1, "delivery": [1], "time_windows": [[1, 5], [7, 9]]}],
        "shipments": [{"amount": [1], "pickup": {"id": 1, "location_index": 0},
                       "delivery": {"id": 1, "location_index": 1}}],
        "matrices": {"car": {"durations": [[0, 5], [6, 0]]}}}"#,
];

/// What is spliced into a sample in place of a word.
const SPLICES: [&str; 16] = [
    "",
    "-1",
    "NaN",
    "inf",
    "1e999",
    "2147483648",
    "9223372036854775808",
    "0.5",
    "\"",
    "[",
    "]",
    "{}",
    "null",
    ":",
    "\n",
    "\u{feff}é",
];

fn assumed() -> Assumed {
    Assumed { fleet: Fleet { vehicles: None, capacity: Some(10) }, ..Assumed::default() }
}

/// An instance without faults, or a reason.
fn read_or_refused(text: &str) -> Result<(), TestCaseError> {
    match InstanceFile::read(text, "name", assumed()) {
        Ok(file) => prop_assert_eq!(file.instance.faults(), []),
        Err(reason) => prop_assert!(!reason.to_string().is_empty()),
    }
    Ok(())
}

#[test]
fn the_samples_are_in_order() {
    for sample in SAMPLES {
        InstanceFile::read(sample, "name", assumed()).expect("it is in order");
    }
}

proptest! {
    #[test]
    fn bytes_are_read_or_refused(bytes in vec(any::<u8>(), 0..400)) {
        read_or_refused(&String::from_utf8_lossy(&bytes))?;
    }

    #[test]
    fn broken_samples_are_read_or_refused(
        sample in 0..SAMPLES.len(),
        cuts in vec((0.0..1.0f64, 0usize..8, 0..SPLICES.len()), 1..4),
    ) {
        let mut text: Vec<char> = SAMPLES[sample].chars().collect();
        for (place, len, splice) in cuts {
            let start = (place * text.len() as f64) as usize;
            let end = (start + len).min(text.len());
            text.splice(start..end, SPLICES[splice].chars());
        }
        read_or_refused(&text.into_iter().collect::<String>())?;
    }

    #[test]
    fn truncated_samples_are_read_or_refused(sample in 0..SAMPLES.len(), share in 0.0..1.0f64) {
        let text = SAMPLES[sample];
        read_or_refused(&text[..(share * text.len() as f64) as usize])?;
    }

    #[test]
    fn written_solutions_read_back(
        routes in vec((proptest::option::of(any::<u32>()), vec(any::<u32>(), 1..9)), 0..9),
        cost in 0.0..1e9f64,
    ) {
        let routes: Vec<FileRoute> =
            routes.into_iter().map(|(vehicle, tasks)| FileRoute { vehicle, tasks }).collect();
        let text = solution::write(&routes, cost);
        prop_assert_eq!(solution::read(&text).expect("a solution"), routes);
        prop_assert_eq!(solution::claimed_cost(&text), Some(cost));
    }

    /// The steps of an answer are steps that a problem may begin with.
    #[test]
    fn written_answers_are_where_the_next_search_begins(
        jobs in vec(0u32..4, 1..5),
        shipments in vec((0u32..4, 0u32..4), 0..4),
        vehicles in 1usize..4,
        order in any::<u64>(),
    ) {
        let mut problem = problem(&jobs, &shipments, vehicles);
        let file = InstanceFile::read(&problem.to_string(), "", assumed()).expect("a problem");
        let routes = dealt(&file.instance, vehicles, order);
        let driven: Vec<DrivenRoute> = routes.iter().map(driven).collect();
        let labels = file.labels.as_ref().expect("it is VROOM's");
        let answer: Value = serde_json::from_str(&vroom::write(&file.instance, labels, &driven, 0, 0))
            .expect("JSON");
        for route in answer["routes"].as_array().expect("routes") {
            let vehicle = route["vehicle"].as_u64().expect("an id") as usize;
            let steps: Vec<Value> = route["steps"].as_array().expect("steps").iter()
                .map(|step| json!({"type": step["type"], "id": step.get("id").unwrap_or(&json!(0))}))
                .collect();
            problem["vehicles"][vehicle]["steps"] = json!(steps);
        }
        let again = InstanceFile::read(&problem.to_string(), "", assumed()).expect("a problem");
        prop_assert_eq!(again.initial, routes);
    }
}

/// Four places; each vehicle has a break, so that none is like another.
fn problem(jobs: &[u32], shipments: &[(u32, u32)], vehicles: usize) -> Value {
    let vehicles = (0..vehicles)
        .map(|id| json!({"id": id, "start_index": 0, "end_index": 0, "breaks": [{"id": 1}]}));
    let jobs =
        jobs.iter().enumerate().map(|(id, place)| json!({"id": id, "location_index": place}));
    let shipments = shipments.iter().enumerate().map(|(id, (from, to))| {
        json!({"pickup": {"id": id, "location_index": from},
               "delivery": {"id": id, "location_index": to}})
    });
    json!({
        "vehicles": vehicles.collect::<Vec<_>>(),
        "jobs": jobs.collect::<Vec<_>>(),
        "shipments": shipments.collect::<Vec<_>>(),
        "matrix": [[0, 1, 2, 3], [1, 0, 4, 5], [2, 4, 0, 6], [3, 5, 6, 0]],
    })
}

/// The tasks dealt out to vehicles, in an order that a number says.
fn dealt(instance: &Instance, vehicles: usize, order: u64) -> Vec<StaticRoute> {
    let mut routes: Vec<StaticRoute> =
        (0..vehicles as u32).map(|kind| StaticRoute { kind, tasks: Vec::new() }).collect();
    let mut rest = order;
    for (index, task) in instance.tasks.iter().enumerate() {
        let kind = match task.only.as_deref() {
            Some([kind]) => *kind as usize,
            _ => (rest % vehicles as u64) as usize,
        };
        rest = rest.rotate_right(5) ^ index as u64;
        routes[kind].tasks.push(index as u32);
    }
    routes
}

fn driven(route: &StaticRoute) -> DrivenRoute {
    let halts = route.tasks.iter().map(|task| Halt { task: *task, ..Halt::default() });
    DrivenRoute { kind: route.kind, halts: halts.collect(), ..DrivenRoute::default() }
}
