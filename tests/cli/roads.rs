//! From an extract to a road file and back.

use super::fixture::{run, write_town};

#[test]
fn a_road_file_is_built_and_tells_what_is_in_it() {
    let folder = tempfile::tempdir().expect("a folder");
    write_town(folder.path());
    let built =
        run(folder.path(), &["roads", "build", "town.osm.pbf", "-o", "town.roads"]).ended(0);
    let info = run(folder.path(), &["roads", "info", "town.roads", "-o", "json"]).ended(0).json();
    assert_eq!(built.json(), info);
    assert_eq!(info["junctions"], 16);
    assert_eq!(info["roads"], 48);
    assert_eq!(info["one_way_streets"], 0);
    assert_eq!(info["street_names"], 8);
    assert_eq!(info["file"], "town.roads");
    assert_eq!(info["left_out"]["unconnected_roads"], 0);
    assert_eq!(info["fingerprint"].as_str().expect("a digest").len(), 64);
    let total = info["km_total"].as_f64().expect("a length");
    let by_class = info["km_by_class"].as_object().expect("lengths");
    assert_eq!(by_class.keys().collect::<Vec<_>>(), ["residential", "tertiary"]);
    // 24 blocks of 150 m.
    assert!((total - 3.6).abs() < 0.1, "{total}");
}

#[test]
fn an_extract_is_looked_at_without_building_a_file() {
    let folder = tempfile::tempdir().expect("a folder");
    write_town(folder.path());
    let info = run(folder.path(), &["roads", "info", "town.osm.pbf"]).ended(0).json();
    assert_eq!(info["junctions"], 16);
}

#[test]
fn the_same_extract_gives_the_same_file() {
    let folder = tempfile::tempdir().expect("a folder");
    write_town(folder.path());
    let read = |name: &str| {
        run(folder.path(), &["roads", "build", "town.osm.pbf", "-o", name]).ended(0);
        std::fs::read(folder.path().join(name)).expect("it is there")
    };
    assert_eq!(read("one.roads"), read("two.roads"));
}

#[test]
fn a_file_that_is_damaged_or_foreign_is_refused_by_its_name() {
    let folder = tempfile::tempdir().expect("a folder");
    write_town(folder.path());
    run(folder.path(), &["roads", "build", "town.osm.pbf", "-o", "town.roads"]).ended(0);
    let whole = std::fs::read(folder.path().join("town.roads")).expect("it is there");
    let told = |bytes: &[u8]| {
        std::fs::write(folder.path().join("bad"), bytes).expect("it is writable");
        run(folder.path(), &["roads", "info", "bad"]).ended(3).stderr
    };
    let short = told(&whole[..whole.len() - 3]);
    assert_eq!(short, "error: bad: unusable road file: file is 3 bytes short\n");
    let mut flipped = whole.clone();
    flipped[60] ^= 1;
    assert!(told(&flipped).contains("the file was damaged"));
    let mut newer = whole;
    newer[8] = 99;
    assert!(told(&newer).contains("format version 99; this build reads version"));
    assert!(told(b"hello, world\n").contains("bad is neither a road file nor an OpenStreetMap"));
    assert!(told(b"").contains("bad is neither a road file nor an OpenStreetMap"));
}

#[test]
fn a_build_that_fails_leaves_the_old_file() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("bad.osm.pbf"), b"nothing").expect("it is writable");
    std::fs::write(folder.path().join("old.roads"), b"old").expect("it is writable");
    run(folder.path(), &["roads", "build", "bad.osm.pbf", "-o", "old.roads"]).ended(3);
    assert_eq!(std::fs::read(folder.path().join("old.roads")).expect("it is there"), b"old");
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 2);
}
