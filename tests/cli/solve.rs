//! `swerve solve`: a small instance from file to solution, and files that are none.

use std::fmt::Write as _;
use std::path::Path;

use crate::fixture::run;

/// Eight customers around a depot, in two directions; vehicles of which one carries four.
fn write_instance(folder: &Path) {
    let mut text = String::from("EIGHT\n\nVEHICLE\nNUMBER CAPACITY\n 25 40\n\nCUSTOMER\n\n");
    let places =
        [(0, 0), (10, 0), (12, 0), (14, 1), (16, 0), (-10, 0), (-12, 0), (-14, 1), (-16, 0)];
    for (number, (x, y)) in places.iter().enumerate() {
        let demand = if number == 0 { 0 } else { 10 };
        writeln!(text, "{number} {x} {y} {demand} 0 1000 0").expect("a string takes it");
    }
    std::fs::write(folder.join("eight.txt"), text).expect("the folder is writable");
}

#[test]
fn a_small_instance_is_solved_and_its_solution_is_where_the_next_search_starts() {
    let folder = tempfile::tempdir().expect("a folder");
    write_instance(folder.path());
    let line = ["solve", "eight.txt", "--iterations", "2000", "--solution", "out.sol"];
    let first = run(folder.path(), &[&line[..], &["-o", "json", "--best-known", "64"]].concat());
    let report = first.ended(0).json();
    // Out to the last and back on either side, and a little for the one off the line.
    assert_eq!(report["cost"], 64.4);
    assert_eq!(report["vehicles"], 2);
    assert_eq!(report["iterations"], 2000);
    let written = std::fs::read_to_string(folder.path().join("out.sol")).expect("it is written");
    assert!(written.starts_with("Route #1: ") && written.ends_with("Cost 64.4\n"), "{written}");
    let again = ["solve", "eight.txt", "--iterations", "0", "--initial", "out.sol", "-o", "json"];
    let again = run(folder.path(), &again).ended(0).json();
    assert_eq!(again["routes"], report["routes"]);
}

#[test]
fn what_is_no_instance_or_no_solution_is_refused_with_its_lines() {
    let folder = tempfile::tempdir().expect("a folder");
    write_instance(folder.path());
    let broken = std::fs::read_to_string(folder.path().join("eight.txt"))
        .expect("it was written")
        .replace("4 16 0 10 0 1000 0", "4 16 NaN -1 9 8 0");
    std::fs::write(folder.path().join("broken.txt"), broken).expect("the folder is writable");
    let said = run(folder.path(), &["solve", "broken.txt"]).ended(3).stderr;
    for part in ["line 13: y is NaN", "the demand is -1", "due 8 is before ready 9"] {
        assert!(said.contains(part), "{part} is missing in {said}");
    }
    std::fs::write(folder.path().join("bad.sol"), "Route #1: 1 99\n").expect("it is writable");
    let said = run(folder.path(), &["solve", "eight.txt", "--initial", "bad.sol"]).ended(3).stderr;
    assert!(said.contains("there is no customer 99"), "{said}");
    std::fs::write(folder.path().join("late.sol"), "Route #1: 1 2 3 4 5\n").expect("it is");
    let said = run(folder.path(), &["solve", "eight.txt", "--initial", "late.sol"]).ended(3).stderr;
    assert!(said.contains("route #1 carries 50"), "{said}");
    run(folder.path(), &["solve", "nowhere.txt"]).ended(3);
    run(folder.path(), &["solve", "eight.txt", "--time-limit", "0"]).ended(2);
}

/// Two places beside a depot on Earth, a shipment between them, a van with a break.
const PROBLEM: &str = r#"{
    "vehicles": [{"id": 7, "start": [16.37, 48.2], "end": [16.37, 48.2], "capacity": [4],
                  "time_window": [1700000000, 1700030000], "costs": {"fixed": 100},
                  "breaks": [{"id": 1, "service": 300,
                              "time_windows": [[1700000000, 1700020000]]}]}],
    "jobs": [{"id": 3, "location": [16.38, 48.2], "service": 60, "delivery": [1]}],
    "shipments": [{"amount": [2], "pickup": {"id": 1, "location": [16.39, 48.2]},
                   "delivery": {"id": 1, "location": [16.36, 48.2]}}]
}"#;

#[test]
fn vroom_s_problem_is_answered_as_vroom_would() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("in.json"), PROBLEM).expect("the folder is writable");
    let line = ["solve", "in.json", "--iterations", "500", "--solution", "out.json"];
    let more = ["--solution", "out.sol", "--picture", "out.svg", "--picture", "out.geojson"];
    let ran = run(folder.path(), &[&line[..], &more, &["-o", "json"]].concat()).ended(0);
    assert!(ran.stderr.contains("straight lines times 1.3, at 30 km/h"), "{}", ran.stderr);
    let report = ran.json();
    assert_eq!((&report["objective"], &report["vehicles"]), (&"cost".into(), &1.into()));
    let read =
        |name: &str| std::fs::read_to_string(folder.path().join(name)).expect("it is written");
    let answer: serde_json::Value = serde_json::from_str(&read("out.json")).expect("JSON");
    assert_eq!(answer["code"], 0);
    assert_eq!(answer["summary"]["unassigned"], 0);
    assert_eq!(answer["routes"][0]["vehicle"], 7);
    let cost = answer["summary"]["cost"].as_i64().expect("a number");
    assert_eq!(cost, answer["summary"]["duration"].as_i64().expect("a number") + 100);
    assert_eq!(Some(cost as f64), report["cost"].as_f64().map(f64::trunc));
    let steps = answer["routes"][0]["steps"].as_array().expect("steps");
    let kinds: Vec<&str> = steps.iter().filter_map(|step| step["type"].as_str()).collect();
    let at = |kind: &str| kinds.iter().position(|one| *one == kind);
    assert!(at("pickup") < at("delivery") && at("break").is_some(), "{kinds:?}");
    assert!(steps[0]["arrival"].as_i64() >= Some(1_700_000_000), "{}", steps[0]);
    assert!(read("out.svg").starts_with("<svg ") && read("out.geojson").contains("LineString"));
    // What was found is where the next search starts.
    let again = ["solve", "in.json", "--iterations", "0", "--initial", "out.sol", "-o", "json"];
    let again = run(folder.path(), &again).ended(0).json();
    assert_eq!(again["routes"], report["routes"]);
}

#[test]
fn what_cannot_be_written_is_refused_before_the_search() {
    let folder = tempfile::tempdir().expect("a folder");
    write_instance(folder.path());
    for (option, name, expected) in [
        ("--picture", "out.geojson", "the file's places lie on a plane, not on Earth"),
        ("--solution", "out.json", "VROOM's JSON can be written for instances read from it only"),
    ] {
        let said = run(folder.path(), &["solve", "eight.txt", option, name]).ended(3).stderr;
        assert!(said.contains(expected), "{said}");
    }
    run(folder.path(), &["solve", "eight.txt", "--picture", "out.png"]).ended(2);
    std::fs::write(folder.path().join("bad.json"), PROBLEM.replace("\"fixed\"", "\"per_task\""))
        .expect("the folder is writable");
    let said = run(folder.path(), &["solve", "bad.json"]).ended(3).stderr;
    assert!(said.contains("vehicles[0].costs.per_task: is not supported"), "{said}");
}

#[test]
fn the_solution_beside_an_instance_is_what_the_gap_is_to() {
    let folder = tempfile::tempdir().expect("a folder");
    write_instance(folder.path());
    std::fs::write(folder.path().join("eight.sol"), "Route #1: 1 2 3 4\nCost 56\n").expect("it is");
    let line = ["solve", "eight.txt", "--iterations", "2000", "-o", "json"];
    let report = run(folder.path(), &line).ended(0).json();
    assert_eq!(
        (&report["best_known"], &report["best_known_from"]),
        (&56.0.into(), &"eight.sol".into())
    );
    assert_eq!(report["gap_percent"].as_f64().map(f64::round), Some(15.0));
    let other = [&line[..], &["--objective", "vehicles"]].concat();
    let report = run(folder.path(), &other).ended(0).json();
    assert_eq!((&report["objective"], report.get("gap_percent")), (&"vehicles".into(), None));
}
