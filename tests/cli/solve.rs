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
    assert!(said.contains("there are no customers [99]"), "{said}");
    std::fs::write(folder.path().join("late.sol"), "Route #1: 1 2 3 4 5\n").expect("it is");
    let said = run(folder.path(), &["solve", "eight.txt", "--initial", "late.sol"]).ended(3).stderr;
    assert!(said.contains("route #1 carries 50"), "{said}");
    run(folder.path(), &["solve", "nowhere.txt"]).ended(3);
    run(folder.path(), &["solve", "eight.txt", "--time-limit", "0"]).ended(2);
}
