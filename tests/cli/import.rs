//! A plan as CSV.

use super::fixture::{DESK, Server, run, site};
use super::serve::stock;

#[test]
fn every_wrong_line_of_a_plan_is_told_of_and_nothing_is_sent() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = "manifest,sequence,shipment\nm-1,1,s-1\nm-1,x,s 2\nm-2,1,s-1\n";
    std::fs::write(folder.path().join("plan.csv"), text).expect("it is writable");
    // Nobody is there to be called: the file is judged first.
    let line = ["import", "plan.csv", "--address", "127.0.0.1:1", "--token", "t"];
    let ran = run(folder.path(), &line).ended(3);
    let expected = "\
error: plan.csv:3: sequence is \"x\"; a whole number is required
plan.csv:3: shipment is \"s 2\"; it has ' ' at position 1; only letters, digits, '.', '_', '~' and '-' are allowed
plan.csv:4: shipment s-1 (all parcels) is placed already, in line 2
";
    assert_eq!(ran.stderr, expected);
}

#[test]
fn a_dry_run_calls_nobody_and_an_import_stands_as_it_was_made() {
    let site = site();
    let plan = "\
manifest,sequence,shipment,parcel
m-1,30,s-1,p
m-1,10,s-2,
m-1,20,s-3,
m-2,1,s-4,
m-2,2,s-5,
m-2,2,s-6,
";
    // Two doors at one halt cannot be: found by the server, which knows the doors.
    std::fs::write(site.path().join("bad.csv"), plan).expect("it is writable");
    let good = plan.replace("m-2,2,s-6", "m-2,3,s-6");
    std::fs::write(site.path().join("plan.csv"), good).expect("it is writable");
    let read = run(site.path(), &["import", "plan.csv", "--dry-run"]).ended(0).json();
    assert_eq!((read["manifests"].as_i64(), read["stops"].as_i64()), (Some(2), Some(6)));
    assert_eq!(read["imported"], serde_json::Value::Null);

    let server = Server::start(site.path());
    stock(&server);
    let told = server.run(DESK, &["import", "bad.csv"]).ended(3).stderr;
    assert!(told.contains("the plan was not imported: INVALID_ARGUMENT"), "{told}");
    let imported = server.run(DESK, &["import", "plan.csv", "--strict"]).ended(0).json();
    assert_eq!(imported["imported"]["flag_count"], 0);
    let manifests = server.run(DESK, &["watch", "manifests", "m-1", "--once"]).ended(0).json();
    let order: Vec<&str> = (manifests[0]["stops"].as_array().expect("stops").iter())
        .filter_map(|stop| stop["tasks"][0]["shipment"].as_str())
        .collect();
    assert_eq!(order, ["shipments/s-2", "shipments/s-3", "shipments/s-1"]);
}
