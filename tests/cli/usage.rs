//! Flags, help, formats, exit codes.

use std::process::Stdio;

use super::fixture::{run, swerve, write_town};

#[test]
fn a_wrong_command_line_ends_with_2_and_says_what_is_right() {
    let folder = tempfile::tempdir().expect("a folder");
    for line in [
        &["roads", "build"][..],
        &["roads", "info", "--colour", "x"],
        &["nonsense"],
        &["-o", "yaml", "roads", "info", "x"],
        &["--quiet", "--verbose", "roads", "info", "x"],
        &["call"],
        &["watch", "parcels"],
        &["replan", "--iterations", "0"],
        &["call", "GetPlan", "--timeout", "never"],
    ] {
        let ran = run(folder.path(), line).ended(2);
        assert!(ran.stdout.is_empty() && ran.stderr.contains("--help"), "{line:?}: {}", ran.stderr);
    }
}

#[test]
fn help_lists_every_command_and_every_exit_code() {
    let folder = tempfile::tempdir().expect("a folder");
    let help = run(folder.path(), &["--help"]).ended(0).stdout;
    for word in [
        "demo",
        "serve",
        "call",
        "watch",
        "replan",
        "import",
        "roads",
        "scenario",
        "log",
        "check",
        "Exit codes",
        "130  interrupted",
        "SWERVE_OUTPUT",
        "--config",
    ] {
        assert!(help.contains(word), "{word} is missing in\n{help}");
    }
}

#[test]
fn the_environment_chooses_the_format_and_a_flag_wins_over_it() {
    let folder = tempfile::tempdir().expect("a folder");
    write_town(folder.path());
    let info = |format: &str, line: &[&str]| {
        let output = swerve(folder.path())
            .args(["roads", "info", "town.osm.pbf"])
            .args(line)
            .env("SWERVE_OUTPUT", format)
            .output();
        String::from_utf8(output.expect("it runs").stdout).expect("it is text")
    };
    assert!(info("table", &[]).starts_with("file "));
    assert_eq!(info("table", &["-o", "ndjson"]).lines().count(), 1);
    assert!(info("ndjson", &["-o", "json"]).starts_with("{\n"));
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let folder = tempfile::tempdir().expect("a folder");
    write_town(folder.path());
    let mut child = swerve(folder.path())
        .args(["roads", "info", "town.osm.pbf", "-o", "json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs");
    drop(child.stdout.take());
    let ended = child.wait_with_output().expect("it ends");
    assert_eq!(ended.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&ended.stderr), "");
}

#[test]
fn errors_are_plain_where_nobody_watches() {
    let folder = tempfile::tempdir().expect("a folder");
    let ran = run(folder.path(), &["roads", "info", "nowhere.roads"]).ended(3);
    let expected = "error: cannot read nowhere.roads: No such file or directory (os error 2)\n";
    assert_eq!(ran.stderr, expected);
}

#[test]
fn nobody_there_ends_with_5() {
    let folder = tempfile::tempdir().expect("a folder");
    // Port 1 is nobody's, on any machine that tests run on.
    let line = ["call", "GetPlan", "--address", "127.0.0.1:1", "--token", "t"];
    let ran = run(folder.path(), &line).ended(5);
    assert!(ran.stderr.contains("cannot call http://127.0.0.1:1"), "{}", ran.stderr);
    let line = ["watch", "--once", "--address", "127.0.0.1:1", "--token", "t"];
    run(folder.path(), &line).ended(5);
}

#[test]
fn a_command_without_a_token_says_where_to_put_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let ran = run(folder.path(), &["watch"]).ended(2);
    assert!(
        ran.stderr.contains("SWERVE_TOKEN") && ran.stderr.contains("--token-file"),
        "{}",
        ran.stderr
    );
}
