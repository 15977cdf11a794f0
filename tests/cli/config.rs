//! Configurations that are wrong, and who wins.

use super::fixture::{Ran, run, site, swerve};

#[test]
fn the_example_configuration_is_printed_as_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let printed = run(folder.path(), &["serve", "--example-config"]).ended(0).stdout;
    assert!(printed.contains("[[territory]]") && printed.contains("[[token]]"));
}

#[test]
fn every_fault_of_a_configuration_is_told_with_its_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = "listen = \"nowhere\"\nlistten = 1\n\n[[token]]\nname = \"a\"\nrole = \"boss\"\n";
    std::fs::write(folder.path().join("bad.toml"), text).expect("it is writable");
    let ran = run(folder.path(), &["serve", "--config", "bad.toml"]).ended(3);
    let expected = "\
error: the configuration is wrong: bad.toml:1:10: listen is \"nowhere\"; an address and port such as \"127.0.0.1:7071\" is required
bad.toml:2:1: listten is unknown; the fields here are listen, data_dir, allow_plaintext_off_loopback, tick_millis, search_threads, background_threads, log, client, token, territory
bad.toml:4:1: token[0].tenant is missing: whose parcels its bearer may see
bad.toml:4:1: token[0].token is missing: give token, token_env or token_file
bad.toml:6:8: token[0].role is \"boss\"; one of \"tms\", \"dispatcher\", \"driver\", \"recipient\", \"operator\" is required
";
    assert_eq!(ran.stderr, expected);
}

#[test]
fn a_configuration_that_serves_nothing_is_not_served() {
    let folder = tempfile::tempdir().expect("a folder");
    let ran = run(folder.path(), &["serve"]).ended(3);
    assert!(
        ran.stderr.contains("no configuration (--config), so has no territory"),
        "{}",
        ran.stderr
    );
    std::fs::write(folder.path().join("swerve.toml"), "").expect("it is writable");
    let ran = run(folder.path(), &["serve"]).ended(3);
    assert!(ran.stderr.contains("swerve.toml has no territory to serve"), "{}", ran.stderr);
}

#[test]
fn files_that_a_configuration_names_are_named_when_they_are_wrong() {
    let site = site();
    let path = site.path().join("swerve.toml");
    let good = std::fs::read_to_string(&path).expect("it is there");
    let told = |text: &str| {
        std::fs::write(&path, text).expect("it is writable");
        run(site.path(), &["serve"]).ended(3).stderr
    };
    let roads = told(&good.replace("roads = \"town.roads\"", "roads = \"none.roads\""));
    assert!(roads.contains("cannot read none.roads"), "{roads}");
    let policy = "roads = \"town.roads\"\npolicy = \"none.toml\"";
    let policy = told(&good.replace("roads = \"town.roads\"", policy));
    assert!(policy.contains("cannot read none.toml"), "{policy}");
    let depot = told(&good.replace("lat = 48.2000", "lat = 49.2000"));
    assert!(depot.contains("depots.hub.location") && depot.contains("m away"), "{depot}");
    let token = told(&good.replace("token = \"tms-token-0123456789\"", "token = \"short\""));
    assert!(token.contains("\"tms\" has 5 characters") && !token.contains("short"), "{token}");
    let env =
        told(&good.replace("token = \"tms-token-0123456789\"", "token_env = \"NO_SUCH_NAME\""));
    assert!(env.contains("token \"tms\": the environment has no NO_SUCH_NAME"), "{env}");
}

#[test]
fn a_flag_wins_over_the_environment_and_the_environment_over_the_file() {
    let site = site();
    let path = site.path().join("swerve.toml");
    let good = std::fs::read_to_string(&path).expect("it is there");
    let file = good.replace("127.0.0.1:0", "10.0.0.1:7071");
    std::fs::write(&path, file).expect("it is writable");
    // All can be reached from other machines, so that each is refused, by name, before it is opened.
    let refused = |flag: &[&str], env: Option<&str>| {
        let mut command = swerve(site.path());
        command.arg("serve").args(flag).envs(env.map(|value| ("SWERVE_LISTEN", value)));
        let told = Ran::from(command.output().expect("the binary runs")).ended(3).stderr;
        let address = told.strip_prefix("error: ").and_then(|told| told.split_once(" can be"));
        address.map_or_else(|| told.clone(), |(address, _)| address.to_owned())
    };
    let (env, flag) = (Some("10.0.0.2:7071"), ["--listen", "10.0.0.3:7071"]);
    assert_eq!(refused(&[], None), "10.0.0.1:7071");
    assert_eq!(refused(&[], env), "10.0.0.2:7071");
    assert_eq!(refused(&flag, env), "10.0.0.3:7071");
}

#[test]
fn a_listener_that_others_can_reach_is_refused() {
    let site = site();
    let ran = run(site.path(), &["serve", "--listen", "0.0.0.0:0"]).ended(3);
    assert!(ran.stderr.contains("can be reached from other machines"), "{}", ran.stderr);
}
