//! `swerve bench static`: small sets from files to rows and a report, peers' files that are none, and an
//! interrupt in the middle.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::fixture::{run, swerve};

/// Two small instances of Solomon's form in a folder `solomon`, each around its depot, with best known
/// costs: eight customers in two directions, or as many in a ring.
fn write_set(folder: &Path) {
    let set = folder.join("solomon");
    std::fs::create_dir(&set).expect("the folder is writable");
    let line = [(10, 0), (12, 0), (14, 1), (16, 0), (-10, 0), (-12, 0), (-14, 1), (-16, 0)];
    let ring = [(20, 0), (14, 14), (0, 20), (-14, 14), (-20, 0), (-14, -14), (0, -20), (14, -14)];
    for (name, places) in [("R101", line), ("RC201", ring)] {
        let mut text = format!("{name}\n\nVEHICLE\nNUMBER CAPACITY\n 25 40\n\nCUSTOMER\n\n");
        text.push_str("0 0 0 0 0 1000 0\n");
        for (index, (x, y)) in places.iter().enumerate() {
            writeln!(text, "{} {x} {y} 10 0 1000 0", index + 1).expect("a string takes it");
        }
        std::fs::write(set.join(format!("{name}.txt")), text).expect("the folder is writable");
    }
    let known = r#"{"instances": {"R101": {"cost": 64.4}}}"#;
    std::fs::write(set.join("bks.json"), known).expect("the folder is writable");
    std::fs::write(set.join("RC201.sol"), "Route #1: 1\nCost 150\n").expect("it is writable");
}

const HEADER: &str = "peer,version,family,instance,n,budget,seed,build_s,wall_s,cpu_s,feasible,cost,routes,bks,gap_pct,note";

/// Rows of a peer, one of them of an instance that is not here, and one that solved nothing.
fn write_peers(folder: &Path) {
    let rows = "\
        slow,1.0,solomon,R101,8,1,1,0,1.5,1.01,1,70.0,2,64.4,8.696,\n\
        slow,1.0,solomon,RC201,8,1,1,0,1.5,1.01,1,200.5,2,150,33.667,\n\
        slow,1.0,solomon,C101,100,1,1,0,1.5,1.01,1,827.3,10,827.3,0,\n\
        <b>odd</b>,1.0,solomon,R101,8,x5,1,0,1.5,2.5,1,64.4,2,64.4,0,limit=1 x=5 and more\n\
        none,1.0,solomon,R101,8,1,1,0,1.5,1.01,0,0,0,64.4,nan,customer 1 visited 0 times\n";
    std::fs::write(folder.join("peers.csv"), format!("{HEADER}\n{rows}")).expect("it is writable");
}

/// A row without what differs from run to run.
fn without_time(line: &str) -> Value {
    let mut row: Value = serde_json::from_str(line).expect("a row is JSON");
    let fields = row.as_object_mut().expect("a row is an object");
    for name in ["cpu_seconds", "wall_seconds", "iterations_per_cpu_second", "curve"] {
        assert!(fields.remove(name).is_some(), "{name} is missing in {line}");
    }
    row
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).expect("it was written")
}

#[test]
fn equal_iterations_give_equal_rows_at_any_number_of_threads() {
    let folder = tempfile::tempdir().expect("a folder");
    write_set(folder.path());
    let rows = |threads: &str| {
        let line = ["bench", "static", "--set", "solomon", "--datasets", "."];
        let budget = ["--iterations", "300", "--seeds", "1", "2", "--workers", "2"];
        let out = format!("{threads}.ndjson");
        let rest = ["--threads", threads, "--out", &out, "-o", "ndjson"];
        let ran = run(folder.path(), &[&line[..], &budget, &rest].concat()).ended(0);
        assert_eq!(ran.stdout, read(&folder.path().join(out)));
        let rows: Vec<Value> = ran.stdout.lines().map(without_time).collect();
        rows
    };
    let (mut one, mut two) = (rows("1"), rows("2"));
    assert_eq!(one.len(), 4);
    assert_eq!(one[0]["cost"], 64.4);
    assert_eq!(one[0]["gap_percent"], 0.0);
    assert_eq!(one[0]["iterations"], 600);
    assert_eq!(one[1]["best_known"], 150.0);
    for row in one.iter_mut().chain(&mut two) {
        let fields = row.as_object_mut().expect("a row is an object");
        fields.remove("threads");
        let command = fields.remove("command").expect("it says how it was made").to_string();
        assert!(command.contains("--set solomon --datasets . --filter R"), "{command}");
    }
    assert_eq!(one, two);
}

#[test]
fn a_rows_command_makes_it_again() {
    let folder = tempfile::tempdir().expect("a folder");
    write_set(folder.path());
    let line = ["bench", "static", "--set", "solomon", "--iterations", "99", "-o", "ndjson"];
    let rest = ["--seeds", "7", "--filter", "RC*", "--datasets", "."];
    let first = run(folder.path(), &[&line[..], &rest].concat()).ended(0).stdout;
    let row = without_time(first.trim_end());
    let command = row["command"].as_str().expect("it is text").strip_prefix("swerve ");
    let mut words: Vec<&str> = command.expect("it is ours").split(' ').collect();
    words.extend(["-o", "ndjson"]);
    let again = run(folder.path(), &words).ended(0).stdout;
    assert_eq!(without_time(again.trim_end()), row);
}

#[test]
fn peers_are_held_against_the_same_instances_and_budget() {
    let folder = tempfile::tempdir().expect("a folder");
    write_set(folder.path());
    write_peers(folder.path());
    let line = ["bench", "static", "--set", "solomon", "--datasets", ".", "--time-limit", "0.05"];
    let rest = ["--seeds", "1", "2", "--peers", "peers.csv", "-o", "json"];
    let told = run(folder.path(), &[&line[..], &rest].concat()).ended(0).json();
    let outcomes = told["outcomes"].as_array().expect("an array");
    let names: Vec<&Value> = outcomes.iter().map(|outcome| &outcome["part"]).collect();
    assert_eq!(names, ["all", "long_routes", "other_routes"]);
    assert_eq!((&outcomes[0]["instances"], &outcomes[0]["runs"]), (&2.into(), &4.into()));
    assert!(outcomes[0]["gap"]["interval_half_width"].is_number());
    let comparisons = told["comparisons"].as_array().expect("an array");
    let names: Vec<&Value> = comparisons.iter().map(|comparison| &comparison["name"]).collect();
    // What solved nothing has nothing to compare.
    assert_eq!(names, ["<b>odd</b>", "slow"]);
    assert_eq!(comparisons[0]["options"], "limit=1 x=5");
    let slow = &comparisons[1];
    assert_eq!((&slow["instances"], &slow["peer_budget"]), (&2.into(), &"1 s".into()));
    assert_eq!((&slow["ours"]["wins"], &slow["ours"]["losses"]), (&2.into(), &0.into()));
    assert_eq!(
        (&slow["ours"]["budget"], &slow["ours"]["budget_kind"]),
        (&0.05.into(), &"cpu_seconds".into())
    );
    let curve = told["rows"][0]["curve"].as_array().expect("an array");
    assert!(!curve.is_empty() && curve.len() < 60);
    assert_eq!(curve.last().expect("it has an end")[1], told["rows"][0]["cost"]);
    let cpu_seconds = told["rows"][0]["cpu_seconds"].as_f64().expect("a number");
    assert!((0.049..0.5).contains(&cpu_seconds), "{cpu_seconds}");
}

#[test]
fn the_report_needs_nothing_else_and_names_of_others_stay_text() {
    let folder = tempfile::tempdir().expect("a folder");
    write_set(folder.path());
    write_peers(folder.path());
    let line = ["bench", "static", "--set", "solomon", "--datasets", ".", "--time-limit", "0.05"];
    let rest = ["--seeds", "1", "--peers", "peers.csv", "--report", "report.html", "-o", "table"];
    let ran = run(folder.path(), &[&line[..], &rest].concat()).ended(0);
    assert!(ran.stdout.contains("slow 1.0") && ran.stdout.contains("R2, RC2"), "{}", ran.stdout);
    let report = read(&folder.path().join("report.html"));
    for outside in ["src=", "href=", "url(", "@import", "<script", "<link", "http:", "https:"] {
        assert!(!report.contains(outside), "{outside} is in the report");
    }
    assert!(report.contains("&lt;b&gt;odd&lt;/b&gt;") && !report.contains("<b>"));
    for part in ["<title>", "<desc>", "<caption>", "scope=\"row\"", "prefers-color-scheme: dark"] {
        assert!(report.contains(part), "{part} is missing");
    }
    let command = "run.py --peer slow --instances solomon/R101.txt --time 1 --seed 1";
    assert!(report.contains(command), "{command} is missing");
}

#[test]
fn an_interrupt_keeps_the_rows_and_makes_the_report() {
    let folder = tempfile::tempdir().expect("a folder");
    write_set(folder.path());
    let line = ["bench", "static", "--set", "solomon", "--datasets", ".", "--filter", "R101"];
    // The second would take an hour.
    let budget = ["--seeds", "1", "--time-limit", "0.02", "3600"];
    let rest = ["--out", "rows.ndjson", "--report", "report.html", "-o", "ndjson"];
    let mut child = swerve(folder.path())
        .args([&line[..], &budget, &rest].concat())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let mut first = String::new();
    let mut stdout = BufReader::new(child.stdout.take().expect("it is piped"));
    stdout.read_line(&mut first).expect("it is text");
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(sent.expect("there is a kill").success());
    assert_eq!(child.wait().expect("it ends").code(), Some(130));
    let rows = read(&folder.path().join("rows.ndjson"));
    assert!(rows.starts_with(&first));
    let interrupted = without_time(rows.lines().last().expect("there are rows"));
    assert_eq!(rows.lines().count(), 2);
    assert_eq!(
        (&interrupted["interrupted"], &interrupted["budget"]),
        (&true.into(), &3600.0.into())
    );
    assert!(read(&folder.path().join("report.html")).contains("Interrupted"));
}

#[test]
fn what_cannot_be_meant_is_refused_before_anything_is_planned() {
    let folder = tempfile::tempdir().expect("a folder");
    write_set(folder.path());
    let refused = |line: &[&str], code: i32, parts: &[&str]| {
        let line = [&["bench", "static", "--datasets", ".", "--iterations", "1"], line].concat();
        let ran = run(folder.path(), &line).ended(code);
        for part in parts {
            assert!(ran.stderr.contains(part), "{part} is missing in {}", ran.stderr);
        }
    };
    refused(&["--set", "ortec"], 3, &["./ortec", "https://github.com/ortec/"]);
    refused(
        &["--set", "solomn"],
        3,
        &["there is no set, folder or file \"solomn\"", "homberger-600"],
    );
    refused(&["--set", "solomon", "--filter", "C*"], 3, &["no instance in solomon is called C*"]);
    refused(&["--set", "solomon", "--every", "0"], 2, &["1 or more"]);
    refused(&["--set", "solomon", "--time-limit", "1"], 2, &["cannot be used with"]);
    refused(&["--set", "solomon", "--report", "nowhere/r.html"], 3, &["nowhere"]);
    std::fs::create_dir(folder.path().join("lilim")).expect("the folder is writable");
    std::fs::write(folder.path().join("lilim/lc101.txt"), "LC101\n").expect("it is writable");
    refused(
        &["--set", "lilim"],
        3,
        &["lilim: none of its files is in a format known here", "Li and Lim"],
    );
    std::fs::write(folder.path().join("solomon/broken.txt"), "VEHICLE\n").expect("it is writable");
    std::fs::write(folder.path().join("solomon/empty.txt"), "").expect("it is writable");
    refused(&["--set", "solomon"], 3, &["broken.txt", "no depot", "no format of instances"]);
    let rows = "p,1,solomon,R101,9,0,1,,,1,1,5,1,,,\np,1\n";
    std::fs::write(folder.path().join("bad.csv"), format!("{HEADER}\n{rows}")).expect("it is");
    let peers = ["--set", "solomon/R101.txt", "--peers", "bad.csv"];
    let faults = [
        "bad.csv: line 2: budget is \"0\"",
        "bad.csv: line 2: n is 9; R101 has 8 customers",
        "bad.csv: line 3: 2 fields",
    ];
    refused(&peers, 3, &faults);
    std::fs::write(folder.path().join("bad.csv"), "peer,version\n\u{0}").expect("it is writable");
    refused(&peers, 3, &["bad.csv: line 1: there is no column family, instance, n"]);
    refused(&["--set", "solomon", "--workers", "0"], 2, &["1 to 256"]);
    let timed = ["bench", "static", "--set", "solomon", "--datasets", ".", "--workers", "2"];
    let said = run(folder.path(), &timed).ended(2).stderr;
    assert!(said.contains("--workers 2 needs --threads 2"), "{said}");
}

#[test]
fn where_fewer_vehicles_come_first_a_plan_with_more_has_no_gap() {
    let folder = tempfile::tempdir().expect("a folder");
    let set = folder.path().join("lilim");
    std::fs::create_dir(&set).expect("the folder is writable");
    let rows = "25 200 1\n0 0 0 0 0 1000 0 0 0\n1 10 0 5 0 1000 0 0 2\n2 20 0 -5 0 1000 0 1 0\n";
    for name in ["lc101", "lc102"] {
        std::fs::write(set.join(format!("{name}.txt")), rows).expect("the folder is writable");
    }
    let known = r#"{"lc101": {"vehicles": 1, "cost": 40}, "lc102": {"vehicles": 2, "cost": 30}}"#;
    let known = format!(r#"{{"instances": {known}}}"#);
    std::fs::write(set.join("bks.json"), known).expect("the folder is writable");
    let line = ["bench", "static", "--set", "lilim", "--datasets", ".", "--iterations", "20"];
    let told = run(folder.path(), &[&line[..], &["-o", "json"]].concat()).ended(0).json();
    let rows = told["rows"].as_array().expect("an array");
    assert_eq!((&rows[0]["n"], &rows[0]["vehicles"]), (&2.into(), &1.into()));
    assert_eq!(rows[0]["objective"], "vehicles");
    assert_eq!((&rows[0]["cost"], &rows[0]["gap_percent"]), (&40.0.into(), &0.0.into()));
    assert_eq!((&rows[1]["cost"], &rows[1]["gap_percent"]), (&40.0.into(), &Value::Null));
    let outcome = &told["outcomes"][0];
    assert_eq!((&outcome["runs"], &outcome["without_gap"]), (&6.into(), &3.into()));
}
