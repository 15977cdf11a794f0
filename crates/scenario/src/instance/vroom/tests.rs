use serde_json::{Value, json};
use swerve_model::instance::{Absence, Objective, Role};

use super::super::{Assumed, DrivenRoute, Halt, InstanceError, InstanceFile};
use super::*;

/// A van with a break, two jobs at one place, and a shipment.
fn problem() -> Value {
    json!({
        "vehicles": [{
            "id": 7, "description": "van", "start_index": 0, "end_index": 0, "capacity": [4, 2],
            "time_window": [1_700_000_000, 1_700_030_000],
            "breaks": [{"id": 1, "service": 300, "time_windows": [[1_700_001_500, 1_700_002_000]]}],
            "costs": {"fixed": 100, "per_hour": 1800, "per_km": 7},
            "speed_factor": 1.5,
        }],
        "jobs": [
            {"id": 1, "location_index": 1, "setup": 60, "service": 120, "delivery": [1, 1],
             "priority": 10, "location": [16.1, 48.2]},
            {"id": 2, "location_index": 1, "setup": 60, "service": 60, "pickup": [1, 1]},
        ],
        "shipments": [{
            "amount": [2, 0],
            "pickup": {"id": 1, "location_index": 2, "service": 30},
            "delivery": {"id": 1, "location_index": 3,
                         "time_windows": [[1_700_004_000, 1_700_009_000]]},
        }],
        "matrices": {"car": {
            "durations": [[0, 700, 800, 900], [700, 0, 333, 444], [800, 333, 0, 555],
                          [900, 444, 555, 0]],
            "distances": [[0, 7000, 8000, 9000], [7000, 0, 3330, 4440], [8000, 3330, 0, 5550],
                          [9000, 4440, 5550, 0]],
        }},
    })
}

fn read(problem: &Value) -> Result<InstanceFile, InstanceError> {
    InstanceFile::read(&problem.to_string(), "unnamed", Assumed::default())
}

fn instance(problem: &Value) -> Instance {
    read(problem).expect("a problem").instance
}

fn told(problem: &Value) -> Vec<String> {
    let error = read(problem).expect_err("it is wrong");
    let InstanceError::Places(faults) = error else { panic!("{error:?}") };
    faults.iter().map(ToString::to_string).collect()
}

/// The problem with one value replaced; `/jobs/0/id` is where.
fn with(pointer: &str, value: Value) -> Value {
    let mut problem = problem();
    let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
    let parent = problem.pointer_mut(parent).expect("it is there");
    match key.parse::<usize>() {
        Ok(index) => parent[index] = value,
        Err(_) => parent[key] = value,
    }
    problem
}

#[test]
fn a_problem_means_what_vroom_means_by_it() {
    let file = read(&problem()).expect("a problem");
    assert_eq!(file.objective, Objective::Cost);
    let instance = file.instance;
    let van = &instance.fleet[0];
    // A speed factor asks for hundredths of a second; 67 of them are left of each second.
    assert_eq!(instance.scale, 100);
    assert_eq!(instance.travel[0].duration(0, 1), 700 * 67);
    assert_eq!(instance.travel[0].distance(0, 1), 7000 * 100);
    // The first window opens a quarter of the horizon after the offset.
    assert_eq!(van.shift.open, (1 << 28) / 100 / 4 * 100);
    assert_eq!(van.shift.close - van.shift.open, 30_000 * 100);
    let cost = |price: i64, units: i64| price as f64 * units as f64 / instance.cost_scale as f64;
    assert!((cost(van.prices.driving, 3600 * 100) - 1800.0).abs() < 1e-9);
    assert!((cost(van.prices.distance, 1000 * 100) - 7.0).abs() < 1e-9);
    assert!((cost(van.prices.fixed, 1) - 100.0).abs() < 1e-9);
    // One step of priority is worth more than all four tasks; a shipment is two.
    let weights: Vec<Absence> = instance.tasks.iter().map(|task| task.absence).collect();
    assert_eq!(weights[..3], [51, 1, 2].map(Absence::Weight));
    assert_eq!((instance.pairs[0].pickup, instance.pairs[0].delivery), (2, 3));
    let rest = &instance.tasks[4];
    assert_eq!((rest.role, rest.only.as_deref()), (Role::Break, Some(&[0][..])));
    assert_eq!(rest.windows[0].open, van.shift.open + 1500 * 100);
}

#[test]
fn plain_prices_are_whole_seconds_and_nothing_more() {
    let problem = json!({
        "vehicles": [{"id": 1, "start_index": 0}, {"id": 5, "start_index": 0}],
        "jobs": [{"id": 9, "location_index": 1}],
        "matrix": [[0, 5], [5, 0]],
    });
    let instance = instance(&problem);
    assert_eq!((instance.scale, instance.cost_scale), (1, 1));
    assert_eq!(instance.fleet.len(), 1);
    assert_eq!((instance.fleet[0].count, instance.fleet[0].prices.driving), (2, 1));
    assert_eq!((instance.fleet[0].end, instance.tasks[0].number), (None, 9));
}

#[test]
fn a_matrix_of_costs_stands_in_place_of_distances() {
    let problem = json!({
        "vehicles": [{"id": 1, "start_index": 0, "costs": {"fixed": 3}}],
        "jobs": [{"id": 9, "location_index": 2}],
        "matrices": {"car": {"durations": [[0, 5, 6], [5, 0, 7], [6, 7, 0]],
                             "costs": [[0, 50, 60], [50, 0, 70], [61, 70, 0]]}},
    });
    let instance = instance(&problem);
    // The row that nobody names is left out.
    assert_eq!(instance.travel[0].distances(), [0, 60, 61, 0]);
    let prices = instance.fleet[0].prices;
    assert_eq!((prices.driving, prices.distance, prices.fixed, instance.cost_scale), (0, 1, 3, 1));
}

#[test]
fn durations_by_type_of_vehicle_are_a_choice() {
    let mut problem = with("/jobs/0/service_per_type", json!({"bike": 300}));
    let mut bike = problem["vehicles"][0].clone();
    bike["id"] = json!(8);
    bike["type"] = json!("bike");
    bike["breaks"] = json!([]);
    problem["vehicles"].as_array_mut().expect("vehicles").push(bike);
    let instance = instance(&problem);
    assert_eq!(instance.choices, [[0, 1]]);
    let first = |index: usize| (instance.tasks[index].service, instance.tasks[index].only.clone());
    assert_eq!(first(0), (120 * 100, Some(vec![0])));
    assert_eq!(first(1), (300 * 100, Some(vec![1])));
}

#[test]
fn steps_are_routes_to_begin_with() {
    let steps = json!([{"type": "start"}, {"type": "pickup", "id": 1}, {"type": "break", "id": 1},
        {"type": "delivery", "id": 1}, {"type": "job", "id": 2}, {"type": "end"}]);
    let file = read(&with("/vehicles/0/steps", steps)).expect("a problem");
    assert_eq!(file.initial, [StaticRoute { kind: 0, tasks: vec![2, 4, 3, 1] }]);
    let unknown = with("/vehicles/0/steps", json!([{"type": "job", "id": 3}]));
    assert_eq!(told(&unknown), ["vehicles[0].steps[0].id: is 3, which there is not"]);
}

#[test]
fn places_without_a_matrix_are_as_far_apart_as_the_estimate_says() {
    let mut problem = problem();
    problem.as_object_mut().expect("an object").remove("matrices");
    for (pointer, x) in [
        ("/vehicles/0/start", 16.0),
        ("/vehicles/0/end", 16.0),
        ("/jobs/0/location", 16.01),
        ("/jobs/1/location", 16.01),
        ("/shipments/0/pickup/location", 16.02),
        ("/shipments/0/delivery/location", 16.0),
    ] {
        let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
        problem.pointer_mut(parent).expect("it is there")[key] = json!([x, 48.0]);
    }
    let file = read(&problem).expect("a problem");
    // 0.01 degrees at 48 degrees north are 744 m, and 1.3 times that is driven in 116 s at 30 km/h.
    assert_eq!(file.instance.travel[0].sites(), 3);
    assert_eq!(file.instance.travel[0].distance(0, 1), 967 * 100);
    assert_eq!(file.instance.travel[0].duration(0, 1), 116 * 67);
    problem["jobs"][0].as_object_mut().expect("an object").remove("location");
    let expected = "jobs[0].location_index: has no coordinates, and there are no matrices to tell \
                    ways from";
    assert_eq!(told(&problem), [expected]);
}

#[test]
fn what_is_not_supported_or_wrong_is_told_with_its_path() {
    for (pointer, value, expected) in [
        ("/jobs/0/colour", json!(1), "jobs[0].colour: is not supported"),
        ("/jobs/0/id", json!(-1), "jobs[0].id: a whole number, 0 or more, is required"),
        ("/jobs/1/id", json!(1), "jobs[1].id: is 1, as another's of its kind"),
        (
            "/jobs/0/service",
            json!(2_147_483_648_u64),
            "jobs[0].service: is 2147483648; a whole number from 0 to 268435456 is required",
        ),
        ("/jobs/0/delivery", json!([1]), "jobs[0].delivery: 1 amounts; vehicles[0].capacity has 2"),
        (
            "/jobs/0/delivery",
            json!([5, 0]),
            "jobs[0].delivery[0]: is 5; no vehicle has room for more than 4",
        ),
        (
            "/jobs/0/delivery",
            json!([-1, 0]),
            "jobs[0].delivery[0]: is -1; a whole number from 0 to 268435456 is required",
        ),
        (
            "/jobs/0/priority",
            json!(101),
            "jobs[0].priority: is 101; a whole number from 0 to 100 is required",
        ),
        (
            "/jobs/0/time_windows",
            json!([[5, 4]]),
            "jobs[0].time_windows[0]: closes at 4, before it opens at 5",
        ),
        (
            "/jobs/0/time_windows",
            json!([[4, 5], [5, 6]]),
            "jobs[0].time_windows[1]: opens at 5, not after the one before closes at 5",
        ),
        (
            "/jobs/0/location_index",
            json!(4),
            "jobs[0].location_index: is 4; the matrices have 4 rows",
        ),
        (
            "/jobs/0/location_index",
            json!(9_223_372_036_854_775_808_u64),
            "jobs[0].location_index: is 9223372036854775808; a whole number from 0 to 4294967295 is required",
        ),
        (
            "/jobs/0/location",
            json!([16.0, 91.0]),
            "jobs[0].location: is an array that is none; [longitude, latitude] in degrees is required",
        ),
        (
            "/shipments/0/amount",
            json!([1]),
            "shipments[0].amount: 1 amounts; vehicles[0].capacity has 2",
        ),
        ("/shipments/0/delivery", json!({}), "shipments[0].delivery.id: is missing"),
        (
            "/vehicles/0/profile",
            json!("bike"),
            "vehicles[0].profile: is \"bike\"; there are matrices for [\"car\"]",
        ),
        (
            "/vehicles/0/speed_factor",
            json!(0),
            "vehicles[0].speed_factor: is 0; more than 0 and at most 5 is required",
        ),
        (
            "/vehicles/0/costs",
            json!({"per_task_hour": 1}),
            "vehicles[0].costs.per_task_hour: is not supported, except as 0",
        ),
        (
            "/vehicles/0/breaks",
            json!([{"id": 1, "max_load": [1]}]),
            "vehicles[0].breaks[0].max_load: is not supported",
        ),
        (
            "/vehicles/0/steps",
            json!([{"type": "job", "id": 1, "service_at": 5}]),
            "vehicles[0].steps[0].service_at: is not supported",
        ),
        (
            "/matrices/car/durations/3",
            json!([900, 444]),
            "matrices.car.durations[3]: 2 entries; 4 are needed, as in row 0",
        ),
        (
            "/matrices/car/durations/3/0",
            json!(-1),
            "matrices.car.durations[3][0]: is -1; a whole number from 0 to 4294967295 is required",
        ),
        (
            "/matrices/car/distances/3/0",
            json!(4_000_000),
            "matrices.car.distances[3][0]: is 4000000; 0 to 2684354 is allowed",
        ),
        (
            "/matrices/car/distances",
            json!([[0]]),
            "matrices.car.distances: 1 rows; matrices.car.durations has 4",
        ),
    ] {
        let told = told(&with(pointer, value));
        assert!(told.contains(&expected.to_owned()), "{pointer}: {told:?}");
    }
}

#[test]
fn all_faults_are_told_at_once() {
    let mut problem = with("/jobs/0/colour", json!(1));
    problem["jobs"][1]["priority"] = json!(1.5);
    problem["vehicles"][0]["max_tasks"] = json!("many");
    let expected = [
        "jobs[0].colour: is not supported",
        "jobs[1].priority: is 1.5; a whole number from 0 to 100 is required",
        "vehicles[0].max_tasks: is \"many\"; a whole number from 0 to 4294967295 is required",
    ];
    assert_eq!(told(&problem), expected);
}

#[test]
fn what_is_no_document_is_told_with_line_and_column() {
    let deep = format!("{{\"jobs\": [{}{}]}}", "[".repeat(5000), "]".repeat(5000));
    for (text, expected) in [
        ("{\"jobs\": [", "EOF while parsing a list at line 1 column 10"),
        ("{\"options\": {}}", "unknown field `options`"),
        ("{\"jobs\": 5}", "invalid type: integer `5`, expected a sequence"),
        ("{\"matrix\": [[0, NaN]]}", "expected value at line 1 column 17"),
        ("{\"jobs\": [], \"jobs\": []}", "duplicate field `jobs`"),
    ] {
        let error = InstanceFile::read(text, "", Assumed::default()).expect_err("it is none");
        let InstanceError::Json(cause) = &error else { panic!("{error:?}") };
        assert!(cause.to_string().starts_with(expected), "{cause}");
    }
    let error = InstanceFile::read(&deep, "", Assumed::default()).expect_err("it is too deep");
    assert!(error.to_string().contains("recursion limit exceeded"), "{error}");
}

/// The route that VROOM 1.15 finds for the problem, and what it says of it.
#[test]
fn a_solution_is_written_as_vroom_writes_it() {
    let file = read(&problem()).expect("a problem");
    let open = file.instance.fleet[0].shift.open;
    let halt =
        |task, arrival: i64, wait: i64, stay: i64, driving, distance: i64, load: [i64; 2]| {
            let begin = open + (arrival + wait) * 100;
            Halt {
                task,
                arrival: open + arrival * 100,
                begin,
                depart: begin + stay * 100,
                distance: distance * 100,
                driving,
                load: load.to_vec(),
            }
        };
    let route = DrivenRoute {
        kind: 0,
        start: open + 970 * 100,
        end: open + 4603 * 100,
        load: vec![1, 1],
        distance: 24_770 * 100,
        driving: 166_026,
        halts: vec![
            halt(2, 1506, 0, 30, 53_600, 8000, [3, 1]),
            halt(1, 1760, 0, 120, 76_000, 11_330, [4, 2]),
            halt(0, 1880, 0, 120, 76_000, 11_330, [3, 1]),
            halt(4, 2000, 0, 300, 76_000, 11_330, [3, 1]),
            halt(3, 2597, 1403, 0, 105_700, 15_770, [1, 1]),
        ],
    };
    let labels = file.labels.expect("it is VROOM's");
    let text = write(&file.instance, &labels, &[route], 1, 9);
    let written: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(written["code"], 0);
    let route = &written["routes"][0];
    for (field, expected) in [
        ("vehicle", json!(7)),
        ("description", json!("van")),
        ("cost", json!(1103)),
        ("setup", json!(60)),
        ("service", json!(510)),
        ("duration", json!(1660)),
        ("waiting_time", json!(1403)),
        ("priority", json!(10)),
        ("distance", json!(24_770)),
        ("delivery", json!([3, 1])),
        ("pickup", json!([3, 1])),
    ] {
        assert_eq!(route[field], expected, "{field}");
        if !["vehicle", "description"].contains(&field) {
            assert_eq!(written["summary"][field], expected, "{field}");
        }
    }
    let types: Vec<&str> = route["steps"]
        .as_array()
        .expect("steps")
        .iter()
        .filter_map(|s| s["type"].as_str())
        .collect();
    assert_eq!(types, ["start", "pickup", "job", "job", "break", "delivery", "end"]);
    assert_eq!(
        route["steps"][3],
        json!({"type": "job", "id": 1, "location": [16.1, 48.2], "location_index": 1,
               "arrival": 1_700_001_880, "duration": 760, "setup": 0, "service": 120,
               "waiting_time": 0, "load": [3, 1], "distance": 11_330, "violations": []})
    );
    assert_eq!(route["steps"][6]["arrival"], 1_700_004_603);
    assert_eq!(route["steps"][6]["location_index"], 0);
    let none = write(&file.instance, &labels, &[], 0, 0);
    let none: Value = serde_json::from_str(&none).expect("JSON");
    assert_eq!(none["summary"]["unassigned"], 4);
    assert_eq!(none["unassigned"][3], json!({"id": 1, "type": "delivery", "location_index": 3}));
}
