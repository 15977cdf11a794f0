//! A log after the server is gone: verified, shown, judged.

use serde_json::json;

use super::fixture::{DESK, Server, TMS, run, site};
use super::serve::stock;

/// A site whose server planned a day, changed it, and stopped.
fn after_a_day() -> tempfile::TempDir {
    let site = site();
    let server = Server::start(site.path());
    stock(&server);
    server.call(DESK, "PlanDay", &json!({"territory": "territories/town"}));
    let cancel = json!({"name": "shipments/s-6"});
    server.call(TMS, "CancelShipment", &cancel);
    let (code, told) = server.stop("-TERM");
    assert_eq!(code, Some(0), "{told}");
    site
}

#[test]
fn a_log_that_is_whole_is_verified_shown_and_sound() {
    let site = after_a_day();
    let verified = run(site.path(), &["log", "verify"]).ended(0).json();
    assert_eq!(verified["sound"], true);
    let records = verified["territories"][0]["records"].as_u64().expect("a count");
    assert_eq!(verified["territories"][0]["verified_to"], records);

    let dumped = run(site.path(), &["log", "dump", "-o", "ndjson"]).ended(0).stdout;
    assert_eq!(dumped.lines().count() as u64, records);
    let last: serde_json::Value =
        serde_json::from_str(dumped.lines().last().expect("a record")).expect("it is JSON");
    assert_eq!(last["sequence"], records);
    assert_eq!((last["role"].as_str(), last["tenant"].as_str()), (Some("tms"), Some("acme")));
    assert_eq!(last["hash"], verified["territories"][0]["hash"]);
    let some = ["log", "dump", "--from", "2", "--limit", "3", "-o", "json"];
    let some = run(site.path(), &some).ended(0).json();
    assert_eq!(some.as_array().map(Vec::len), Some(3));
    assert_eq!(some[0]["sequence"], 2);

    let checked = run(site.path(), &["check"]).ended(0).json();
    assert_eq!(checked[0]["records"], records);
    assert_eq!(checked[0]["sound"], true);
    assert_eq!(checked[0]["plan_hash"], last["plan_hash"]);
    assert_eq!(checked[0]["judged"]["initial_plan"], 1);
    assert_eq!(checked[0]["judged"]["shipment_cancelled"], 1);
    let table = run(site.path(), &["check", "-o", "table"]).ended(0).stdout;
    assert!(table.starts_with("territory  records"), "{table}");
}

#[test]
fn one_flipped_byte_of_a_record_is_found() {
    let site = after_a_day();
    let path = site.path().join("data").join("swerve.db");
    let mut bytes = std::fs::read(&path).expect("it is there");
    let name = b"deliveryPoints/d-3".strip_prefix(b"deliveryPoints/").expect("it begins so");
    let at = bytes.windows(name.len()).position(|window| window == name).expect("it is kept");
    bytes[at + 2] ^= 1;
    std::fs::write(&path, bytes).expect("it is writable");
    let ran = run(site.path(), &["log", "verify"]).ended(4);
    let report = ran.json();
    assert_eq!(report["sound"], false);
    let one = &report["territories"][0];
    assert!(one["verified_to"].as_u64() < one["records"].as_u64(), "{report}");
    assert!(ran.stderr.starts_with("error: record "), "{}", ran.stderr);
    let ran = run(site.path(), &["check"]).ended(4);
    assert!(ran.stderr.contains("the log of town is not sound"), "{}", ran.stderr);
    run(site.path(), &["log", "dump"]).ended(4);
    let served = run(site.path(), &["serve"]).ended(3).stderr;
    assert!(served.contains("territory town cannot be opened"), "{served}");
}

#[test]
fn a_log_that_is_not_there_or_none_is_refused_by_its_name() {
    let site = site();
    let told = run(site.path(), &["log", "verify"]).ended(3).stderr;
    assert!(told.contains("data/swerve.db does not exist"), "{told}");
    std::fs::write(site.path().join("notes.txt"), "no log").expect("it is writable");
    let told = run(site.path(), &["log", "dump", "--log", "notes.txt"]).ended(3).stderr;
    assert!(told.contains("notes.txt is no swerve event log"), "{told}");
}

#[test]
fn a_territory_that_is_not_in_the_log_is_answered_with_those_that_are() {
    let site = after_a_day();
    let told = run(site.path(), &["log", "dump", "--territory", "elsewhere"]).ended(3).stderr;
    assert!(told.contains("territory elsewhere is not in the log; it holds town"), "{told}");
    let told = run(site.path(), &["check", "--territory", "elsewhere"]).ended(3).stderr;
    assert!(told.contains("territory elsewhere is not in the configuration"), "{told}");
}
