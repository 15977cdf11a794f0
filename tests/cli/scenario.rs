//! Cities and days from a seed.

use super::fixture::{run, sample_city, write_town};

#[test]
fn a_day_over_the_sample_city_is_the_same_for_the_same_seed() {
    let folder = tempfile::tempdir().expect("a folder");
    let map = sample_city();
    let map = map.to_str().expect("a path in ASCII");
    let day = |name: &str, seed: &str| {
        let line = [
            "scenario",
            "generate",
            "day",
            map,
            "--seed",
            seed,
            "--drivers",
            "3",
            "--stops",
            "40",
            "--date",
            "2026-05-04",
            "-o",
            name,
        ];
        let made = run(folder.path(), &line).ended(0).json();
        assert_eq!(made["day"]["manifests"], 3);
        std::fs::read_to_string(folder.path().join(name)).expect("it is there")
    };
    let one = day("one.json", "7");
    assert_eq!(one, day("two.json", "7"));
    assert_ne!(one, day("three.json", "8"));
    assert!(one.contains("\"date\": \"2026-05-04\""));
}

#[test]
fn a_day_that_cannot_be_is_refused_with_the_rule() {
    let folder = tempfile::tempdir().expect("a folder");
    write_town(folder.path());
    let told = |line: &[&str], code: i32| {
        let line =
            [&["scenario", "generate", "day", "town.osm.pbf", "-o", "day.json"], line].concat();
        run(folder.path(), &line).ended(code).stderr
    };
    assert!(told(&["--stops", "5000"], 3).contains("places to deliver to"));
    assert!(told(&["--drivers", "0"], 3).contains("drivers is 0; 1 to 5000 are allowed"));
    assert!(told(&["--currency", "euro"], 3).contains("currency is euro"));
    assert!(told(&["--date", "2026-02-30"], 2).contains("2026-02-30"));
    assert!(told(&["--zone", "Nowhere"], 2).contains("no time zone"));
    assert!(told(&["--wish-share", "2"], 2).contains("a share from 0 to 1"));
    assert!(!folder.path().join("day.json").exists());
}
