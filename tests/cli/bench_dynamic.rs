//! `swerve bench dynamic`: customers that come one by one, changes replayed, and files that are none.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Value, json};

use crate::fixture::run;

/// Thirty customers in a grid around the depot, by twos open early or late, with what is best known.
fn write_instance(folder: &Path) {
    let mut text = String::from("GRID\n\nVEHICLE\nNUMBER CAPACITY\n 25 60\n\nCUSTOMER\n\n");
    writeln!(text, "0 25 20 0 0 1000 0").expect("a string takes it");
    for number in 1..=30 {
        let (x, y) = (number % 6 * 10, number / 6 * 8);
        let (ready, due) = if number % 4 < 2 { (0, 200) } else { (150, 600) };
        writeln!(text, "{number} {x} {y} 10 {ready} {due} 5").expect("a string takes it");
    }
    std::fs::write(folder.join("GRID.txt"), text).expect("the folder is writable");
    let known = json!({"instances": {"GRID": {"cost": 300.0}}});
    std::fs::write(folder.join("bks.json"), known.to_string()).expect("the folder is writable");
}

/// One route there and back for each customer but the last, which asks for another time.
fn changes() -> Value {
    let base: Vec<[u32; 1]> = (1..30).map(|number| [number]).collect();
    let last = json!({"customer": 30, "x": 0, "y": 40, "demand": 10, "ready": 300, "due": 330.5, "service": 5});
    let new = json!({"customer": 31, "x": 12, "y": 13, "demand": 10, "ready": 0, "due": 900, "service": 5});
    json!({"instance": "GRID", "kind": "two", "seed": 1, "base_cost": 1, "base": base, "changes": [last, new]})
}

fn write_changes(folder: &Path, changes: &Value) {
    std::fs::write(folder.join("two.json"), changes.to_string()).expect("the folder is writable");
}

const ARRIVALS: [&str; 10] = [
    "bench",
    "dynamic",
    "--set",
    "GRID.txt",
    "--dynamic-share",
    "0.3",
    "--base-iterations",
    "500",
    "--iterations-per-change",
    "200",
];

#[test]
fn customers_that_come_are_all_served_alike_each_time_and_told_of() {
    let folder = tempfile::tempdir().expect("a folder");
    write_instance(folder.path());
    let line =
        [&ARRIVALS[..], &["--seeds", "1", "2", "--out", "rows.ndjson", "-o", "json"]].concat();
    let report = run(folder.path(), &line).ended(0).json();
    let rows = report["rows"].as_array().expect("rows");
    assert_eq!(rows.len(), 2);
    for row in rows {
        assert_eq!(row["feasible"], true);
        assert_eq!(row["story"], "arrivals");
        assert_eq!((&row["answers"]["count"], &row["n"]), (&json!(9), &json!(30)));
        assert_eq!(row["answers"]["iterations"], 1800);
        let gap = row["cost"].as_f64().expect("a cost") / 3.0 - 100.0;
        assert!((row["gap_percent"].as_f64().expect("a gap") - gap).abs() < 1e-3, "{row}");
    }
    assert_eq!(report["means"][0]["runs"], 2);
    let again = run(folder.path(), &line).ended(0).json();
    for field in ["cost", "cost_before", "vehicles", "cost_answered"] {
        assert_eq!(again["rows"][1][field], rows[1][field]);
    }
    // Both runs have appended theirs.
    let written = std::fs::read_to_string(folder.path().join("rows.ndjson")).expect("written");
    assert_eq!(written.lines().count(), 4);
    let table = run(folder.path(), &[&ARRIVALS[..], &["-o", "table"]].concat()).ended(0).stdout;
    assert!(table.contains("mean of 1") && table.contains("200 it"), "{table}");
}

#[test]
fn no_more_customers_move_than_may() {
    let folder = tempfile::tempdir().expect("a folder");
    write_instance(folder.path());
    for limit in ["0", "1"] {
        let line = [&ARRIVALS[..], &["--max-moved", limit, "-o", "json"]].concat();
        let row = run(folder.path(), &line).ended(0).json()["rows"][0].clone();
        let most = row["answers"]["moved_most"].as_u64().expect("a number");
        assert!(most <= limit.parse().expect("a number"), "{row}");
        assert_eq!(row["moved_limit"], json!(limit.parse::<u32>().expect("a number")));
    }
    let both = [&ARRIVALS[..], &["--max-moved", "1", "--background", "1"]].concat();
    run(folder.path(), &both).ended(2);
}

#[test]
fn changes_are_replayed_beside_what_others_made_of_them() {
    let folder = tempfile::tempdir().expect("a folder");
    write_instance(folder.path());
    write_changes(folder.path(), &changes());
    let peers = "instance,event,peer,mode,total_s,feasible,cost,delta_vs_base_pct,routes,routes_changed,moved,note\n\
        GRID,two:1,slow,10,10.5,1,500.0,3.5,9,4,7,\n\
        GRID,two:1,wrong,10,10.5,0,500.0,0.0,9,4,7,late\n\
        GRID,three:1,slow,10,10.5,1,500.0,3.5,9,4,7,\n";
    std::fs::write(folder.path().join("peers.csv"), peers).expect("it is writable");
    let line = ["bench", "dynamic", "--set", "GRID.txt", "--changes", "two.json"];
    let line = [&line[..], &["--iterations-per-change", "300", "--peers", "peers.csv"]].concat();
    let report = run(folder.path(), &[&line[..], &["-o", "json"]].concat()).ended(0).json();
    let row = &report["rows"][0];
    assert_eq!((&row["feasible"], &row["event"]), (&json!(true), &json!("two:1")));
    assert_eq!((&row["changes"], &row["answers"]["count"]), (&json!(2), &json!(1)));
    assert_eq!(row["n"], 31);
    // Nearly everyone has a route alone, so there is much to gain.
    assert!(row["delta_percent"].as_f64().expect("a number") < -10.0, "{row}");
    assert_eq!(report["peers"].as_array().map(Vec::len), Some(1));
    let table = run(folder.path(), &[&line[..], &["-o", "table"]].concat()).ended(0).stdout;
    assert!(table.contains("slow") && !table.contains("wrong"), "{table}");
}

#[test]
fn files_that_are_none_are_refused_with_their_place_and_rule() {
    let folder = tempfile::tempdir().expect("a folder");
    write_instance(folder.path());
    let refused = |changes: &str| {
        std::fs::write(folder.path().join("two.json"), changes).expect("it is writable");
        let line = ["bench", "dynamic", "--set", "GRID.txt", "--changes", "two.json"];
        run(folder.path(), &line).ended(3).stderr
    };
    let good = changes();
    let cut = &good.to_string()[..100];
    let with = |change: &dyn Fn(&mut Value)| {
        let mut changed = good.clone();
        change(&mut changed);
        changed.to_string()
    };
    for (text, expected) in [
        (cut.to_owned(), "two.json: EOF while parsing"),
        (
            with(&|wrong| wrong["instance"] = json!("MESH")),
            "no instance of the sets is called MESH",
        ),
        (with(&|wrong| wrong["changes"][0]["demand"] = json!(-1)), "changes[0].demand is -1"),
        (
            with(&|wrong| wrong["changes"][0]["due"] = json!(1)),
            "changes[0].due 1 is before ready 300",
        ),
        (with(&|wrong| wrong["changes"][1]["customer"] = json!(40)), "changes[1].customer is 40"),
        (with(&|wrong| wrong["changes"][1]["x"] = json!(1e300)), "changes[1].x is 1"),
        (
            with(&|wrong| wrong["base"][3] = json!([4, 4])),
            "base[3] serves customer 4, served before",
        ),
        (with(&|wrong| wrong["base"][3] = json!([])), "base serves customers [4] nowhere"),
        (
            with(&|wrong| wrong["base"][3] = json!([30])),
            "base[3] serves customer 30, which changes",
        ),
        (
            with(&|wrong| {
                wrong["base"][0] = json!([1, 2, 3, 4, 5, 6, 7]);
                wrong["base"].as_array_mut().expect("a list").drain(1..7);
            }),
            "base: route #1 carries 70",
        ),
    ] {
        let said = refused(&text);
        assert!(said.contains("two.json") && said.contains(expected), "{expected}: {said}");
    }
    std::fs::write(folder.path().join("peers.csv"), "instance,event\nGRID,two:1\n").expect("it is");
    write_changes(folder.path(), &good);
    let line =
        ["bench", "dynamic", "--set", "GRID.txt", "--changes", "two.json", "--peers", "peers.csv"];
    let said = run(folder.path(), &line).ended(3).stderr;
    assert!(said.contains("peers.csv: ") && said.contains("line: 2"), "{said}");
    run(folder.path(), &["bench", "dynamic"]).ended(2);
    run(folder.path(), &["bench", "dynamic", "--set", "GRID.txt", "--dynamic-share", "1.5"])
        .ended(2);
}
