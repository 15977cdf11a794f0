//! States by hand, what is exported of them, and a tiny day from its seed to its row.

use std::path::Path;
use std::sync::Arc;

use serde_json::Value;
use swerve_model::{Moment, Place, Risk, Ticks, TimeWindow};
use swerve_policy::Prices;

use super::course::{Course, Depth};
use super::peers::{self, Answer, Answers, Route};
use super::row::Row;
use super::search::{self, Aim};
use super::state::{Price, Rates, State, StateStop, StateVan, Told, sure};
use super::{report, vroom};
use crate::clock;
use crate::demo::scene::Ground;

fn minutes(minutes: i64) -> Moment {
    Moment(0) + Ticks::from_minutes(minutes)
}

fn window(open: i64, close: i64) -> TimeWindow {
    TimeWindow::new(minutes(open), minutes(close)).expect("open before close")
}

fn stop(id: &str, place: u32) -> StateStop {
    StateStop {
        id: id.to_owned(),
        place,
        service: Ticks::from_minutes(2),
        windows: vec![window(0, 600)],
        close: Some(minutes(600)),
        only: Some(0),
        litres: 10,
        told: None,
    }
}

/// Places on a line, ten minutes and five kilometres apart; a van at the first, its depot.
fn line(stops: Vec<StateStop>) -> State {
    let places = 4_i32;
    let apart = |unit: i32| {
        (0..places).flat_map(move |a| (0..places).map(move |b| (a - b).abs() * unit)).collect()
    };
    let van = StateVan {
        id: "manifest-01".to_owned(),
        start: 0,
        end: 0,
        free: minutes(0),
        shift_end: minutes(480),
        hard_end: minutes(540),
        litres: 100,
        planned: (0..stops.len() as u32).collect(),
    };
    State {
        name: "seed-1-0900".to_owned(),
        at: minutes(0),
        vans: vec![van],
        stops,
        places: (0..places as u32).map(Place).collect(),
        durations: apart(6_000),
        distances: apart(5_000),
        rates: Rates::new(&Prices::default()),
    }
}

#[test]
fn a_plan_costs_its_driving_its_waits_its_lateness_its_overtime_and_what_was_told() {
    let state = line(vec![stop("a", 1), stop("b", 2)]);
    // Out to the second place and back: forty minutes and twenty kilometres.
    let operation = 24_000 * 833 + 20_000 * 300;
    assert_eq!(state.judge(&[vec![0, 1]]), Ok(Price { operation, disturbance: 0 }));
    let mut closed = state.clone();
    // Reached at minute 10.
    closed.stops[0].windows = vec![window(25, 600)];
    let waits = 9_000 * 833;
    assert_eq!(
        closed.judge(&[vec![0, 1]]),
        Ok(Price { operation: operation + waits, disturbance: 0 })
    );
    let mut told = state.clone();
    // Begins at minute 10; told for minutes 20 to 30, ten micros a tick at weight 3.
    let when = Told { open: minutes(20), close: minutes(30), weight: 3, van: 0 };
    told.stops[0].told = Some(when);
    let disturbance = 6_000 * 33 * 3;
    assert_eq!(told.judge(&[vec![0, 1]]), Ok(Price { operation, disturbance }));
    let mut late = state.clone();
    late.stops[1].close = Some(minutes(20));
    late.vans[0].shift_end = minutes(40);
    // The second begins at minute 22, and the van is back at minute 44.
    let more = 1_200 * 1_667 + 2_400 * 417;
    assert_eq!(
        late.judge(&[vec![0, 1]]),
        Ok(Price { operation: operation + more, disturbance: 0 })
    );
}

#[test]
fn every_rule_a_plan_breaks_is_named() {
    let mut state = line(vec![stop("a", 1), stop("b", 2)]);
    state.stops[0].windows = vec![window(0, 5)];
    state.stops[1].only = Some(7);
    state.vans[0].hard_end = minutes(20);
    state.vans[0].litres = 15;
    let said = state.judge(&[vec![0, 1]]).expect_err("nothing of it holds").join("; ");
    for rule in ["a is reached too late", "b is not in", "may last", "carries 20 litres"] {
        assert!(said.contains(rule), "{said}");
    }
    let said = state.judge(&[vec![0, 0]]).expect_err("one twice, one never").join("; ");
    assert!(said.contains("a is served 2 times") && said.contains("b is served 0 times"));
}

#[test]
fn a_window_is_as_sure_as_a_promise_must_be_or_as_late_as_the_plan_is_already() {
    let risk = Risk::default();
    let promised = [window(60, 120)];
    let sure_close = |start| sure(&promised, minutes(0), minutes(start), risk)[0].close();
    assert!(sure_close(60) < minutes(120) && sure_close(60) > minutes(90));
    assert_eq!(sure_close(119), minutes(119));
    assert_eq!(sure_close(150), minutes(150));
    assert_eq!(sure(&[], minutes(0), minutes(5), risk), []);
}

#[test]
fn our_search_finds_the_order_of_a_line_and_keeps_to_what_was_told_if_that_is_priced() {
    let mut state = line(vec![stop("c", 3), stop("a", 1), stop("b", 2)]);
    // Shuffled so that going straight is best, whichever way round.
    state.vans[0].end = 3;
    let (routes, unserved) = search::solve(&state, Aim::Operation, 0.05, 1);
    assert_eq!((routes, unserved), (vec![vec![1, 2, 0]], vec![]));
    let dear = Told { open: minutes(30), close: minutes(31), weight: 64, van: 0 };
    state.stops[0].told = Some(dear);
    state.stops[1].told = Some(Told { open: minutes(300), close: minutes(400), ..dear });
    let (routes, _) = search::solve(&state, Aim::AllPrices, 0.05, 1);
    assert_eq!(routes[0].last(), Some(&1), "{routes:?}");
}

#[test]
fn vroom_is_given_every_van_stop_and_leg() {
    let mut shared = stop("b", 2);
    shared.only = None;
    let state = line(vec![stop("a", 1), shared]);
    let text = vroom::write(&state).expect("numbers");
    let problem: Value = serde_json::from_str(&text).expect("it is JSON");
    let of = |path: &str| problem.pointer(path).unwrap_or_else(|| panic!("no {path}"));
    assert_eq!(of("/vehicles").as_array().map(Vec::len), Some(1));
    assert_eq!(of("/vehicles/0/skills"), &serde_json::json!([1]));
    assert_eq!(of("/vehicles/0/time_window"), &serde_json::json!([0, 288_000]));
    assert_eq!(of("/jobs/0/skills"), &serde_json::json!([1]));
    assert!(problem.pointer("/jobs/1/skills").is_none(), "any van may bring it");
    assert_eq!(of("/jobs/1/location_index"), 2);
    assert_eq!(of("/jobs/1/service"), 1_200);
    assert_eq!(of("/jobs/1/time_windows"), &serde_json::json!([[0, 360_000]]));
    for table in ["durations", "distances", "costs"] {
        let rows = of(&format!("/matrices/car/{table}")).as_array().expect("rows");
        assert!(rows.len() == 4 && rows.iter().all(|row| row.as_array().map(Vec::len) == Some(4)));
    }
    // Six thousand ticks at 833 and five thousand metres at 300, in hundredths of a cent.
    assert_eq!(of("/matrices/car/costs/0/1"), 64_980);
    assert_eq!(of("/swerve/planned/0"), &serde_json::json!([1, 2]));
}

#[test]
fn answers_are_read_whole_or_refused_with_line_and_rule() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("peers.ndjson");
    let good =
        r#"{"state":"s","solver":"vroom 1.15","seconds":2,"routes":[{"vehicle":1,"jobs":[2,1]}]}"#;
    std::fs::write(&path, format!("{good}\n\n{good}\n")).expect("it is writable");
    assert_eq!(peers::read(&path).expect("it is in order")["s"].len(), 2);
    for (bad, rule) in [
        ("nonsense", "expected"),
        (r#"{"state":"s","solver":"x","seconds":-1,"routes":[]}"#, "0 or more"),
        (r#"{"state":"s","solver":"x","seconds":1}"#, "routes"),
    ] {
        std::fs::write(&path, format!("{good}\n{bad}\n")).expect("it is writable");
        let said = peers::read(&path).expect_err(bad).to_string();
        assert!(said.contains("line 2") && said.contains(rule), "{said}");
    }
}

#[test]
fn an_answer_names_only_what_the_state_has() {
    let state = line(vec![stop("a", 1), stop("b", 2)]);
    let answer = |routes: &[(u32, &[u32])]| Answer {
        state: state.name.clone(),
        solver: "x".to_owned(),
        seconds: 1.0,
        routes: (routes.iter())
            .map(|(vehicle, jobs)| Route { vehicle: *vehicle, jobs: jobs.to_vec() })
            .collect(),
    };
    assert_eq!(peers::routes(&answer(&[(1, &[2, 1])]), &state), Ok(vec![vec![1, 0]]));
    let said = peers::routes(&answer(&[(1, &[0]), (1, &[3]), (0, &[]), (2, &[])]), &state);
    let said = said.expect_err("none of it is there").join("; ");
    for rule in ["no job 0", "no job 3", "no vehicle 0", "no vehicle 2", "vehicle 1 has two"] {
        assert!(said.contains(rule), "{said}");
    }
}

/// Two vans and two dozen stops, every third recipient with a wish.
fn tiny(seed: u64, states: Option<&Path>) -> Row {
    let ground = Ground::load(None).expect("the sample city is built in");
    let stopwatch = clock::stopwatch();
    let course = Course {
        ground: &ground,
        roads: "sample city".to_owned(),
        vans: 2,
        stops_per_van: 12,
        command: "swerve bench day <x>".to_owned(),
        reference_seconds: 0.02,
        states,
        peers: &Answers::new(),
        stopwatch: &Arc::clone(&stopwatch),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.expect("there are threads");
    runtime.block_on(course.run(seed, Some(330), Depth::Whole)).expect("the day can be run")
}

#[test]
fn a_tiny_day_is_driven_as_written_breaks_nothing_and_is_exported() {
    let folder = tempfile::tempdir().expect("a folder");
    let row = tiny(3, Some(folder.path()));
    assert_eq!(row.faults, Vec::<String>::new());
    assert_eq!(row.disturbance.loaded_changed_van, 0);
    let service = &row.day.service;
    assert!(service.delivered * 10 >= service.parcels * 9, "{service:?}");
    assert!(row.wishes.asked > 3, "{:?}", row.wishes);
    let staged: u32 = row.wishes.by_stage.values().map(|stage| stage.asked).sum();
    assert_eq!(staged, row.wishes.asked);
    let hindsight = row.hindsight.as_ref().expect("it was asked for");
    assert_eq!(hindsight.same_custody.service.parcels, service.parcels);
    assert!(!row.states.is_empty());
    let files = std::fs::read_dir(folder.path()).expect("it is there").count();
    assert_eq!(files, row.states.len());
    for state in &row.states {
        let ours = state.references.iter().find_map(|reference| reference.operation);
        assert!(ours.is_some_and(|ours| ours <= state.operation * 1.05 + 0.5), "{state:?}");
    }
    let page = report::html(std::slice::from_ref(&row));
    assert!(page.contains("&lt;x&gt;") && !page.contains("://"), "{page}");
}

#[test]
fn the_same_seed_is_the_same_row_but_for_the_search_and_the_clock() {
    let timeless = |row: Row| {
        let told = (row.day, row.disturbance, row.wishes);
        format!("{told:?}")
    };
    assert_eq!(timeless(tiny(5, None)), timeless(tiny(5, None)));
}
