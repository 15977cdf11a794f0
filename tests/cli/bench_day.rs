//! `swerve bench day`: a tiny day from seed to row, table and report, and options that are wrong.

use crate::fixture::run;

const TINY: [&str; 6] = ["bench", "day", "--vans", "2", "--stops-per-van", "12"];

#[test]
fn a_tiny_day_becomes_a_row_a_report_and_states_for_others() {
    let folder = tempfile::tempdir().expect("a folder");
    let line = ["--seeds", "3", "--wishes", "0.3", "--reference-seconds", "0.02"];
    let files = ["--states", "states", "--out", "rows.ndjson", "--report", "day.html"];
    let all = [&TINY[..], &line[..], &files[..], &["-o", "json"]].concat();
    let rows = run(folder.path(), &all).ended(0).json();
    let row = &rows[0];
    assert_eq!(row["benchmark"], "day-1");
    assert_eq!(row["faults"], serde_json::json!([]));
    assert_eq!(row["disturbance"]["loaded_changed_van"], 0);
    assert!(row["day"]["bill"]["per_parcel"].as_f64().is_some_and(|cost| cost > 0.0), "{row}");
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).expect(name);
    let written: serde_json::Value = serde_json::from_str(&read("rows.ndjson")).expect("a row");
    assert_eq!(&written, row);
    let page = read("day.html");
    assert!(page.starts_with("<!DOCTYPE html>") && page.contains("cost per parcel"), "{page}");
    // Somebody answers a state as the engine had it planned, and is no better.
    let state = row["states"][0]["state"].as_str().expect("a state was sampled").to_owned();
    let problem: serde_json::Value =
        serde_json::from_str(&read(&format!("states/{state}.json"))).expect("it is JSON");
    let planned = problem["swerve"]["planned"].as_array().expect("every van's plan");
    let route = |(van, jobs)| serde_json::json!({ "vehicle": van, "jobs": jobs });
    let routes: Vec<serde_json::Value> = (1..).zip(planned).map(route).collect();
    let answer = serde_json::json!(
        { "state": state, "solver": "the engine itself", "seconds": 0, "routes": routes }
    );
    std::fs::write(folder.path().join("peers.ndjson"), answer.to_string()).expect("writable");
    let all = [&TINY[..], &line[..], &["--peers", "peers.ndjson", "-o", "json"]].concat();
    let again = run(folder.path(), &all).ended(0).json();
    let of = &again[0]["states"][0];
    let peer = of["references"].as_array().and_then(|all| all.last()).expect("the answer");
    assert_eq!(peer["solver"], "the engine itself");
    assert_eq!(peer["total"], of["total"]);
}

#[test]
fn what_cannot_be_asked_is_refused_by_name() {
    let folder = tempfile::tempdir().expect("a folder");
    for wrong in [["--seeds", "9-2"], ["--wishes", "1.5"], ["--reference-seconds", "never"]] {
        let said = run(folder.path(), &[&TINY[..], &wrong].concat()).ended(2).stderr;
        assert!(said.contains(wrong[0]), "{said}");
    }
    let said = run(folder.path(), &["bench", "day", "--stops-per-van", "181"]).ended(3).stderr;
    assert!(said.contains("stops_per_van is 181"), "{said}");
    let said = run(folder.path(), &[&TINY[..], &["--peers", "none"]].concat()).ended(3).stderr;
    assert!(said.contains("none"), "{said}");
}
