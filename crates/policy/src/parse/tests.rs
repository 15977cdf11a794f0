use swerve_model::ChangeKind::{Consolidation, Pickup, Reroute, Window};

use super::*;
use crate::policy::DEFAULT_TEXT;

/// The policy's faults, a line each.
fn faults(text: &str) -> String {
    match Policy::parse(text) {
        Err(error @ PolicyError::Faults(_)) => error.to_string(),
        other => panic!("faults were expected, not {other:?}"),
    }
}

#[test]
fn the_default_file_says_what_the_defaults_are() {
    assert_eq!(Policy::parse(DEFAULT_TEXT), Ok(Policy::default()));
}

#[test]
fn the_default_file_leaves_nothing_out() {
    let (_, missing, faults) = read(DEFAULT_TEXT).expect("the default file is TOML");
    assert_eq!((missing, faults), (Vec::new(), Vec::new()));
}

#[test]
fn an_empty_file_is_the_defaults_under_another_version() {
    let empty = Policy::parse("").expect("nothing is wrong with nothing");
    assert_eq!(empty.version, "cbf29ce484222325");
    assert_eq!(Policy { version: Policy::default().version, ..empty }, Policy::default());
    let (_, missing, _) = read("").expect("an empty file is TOML");
    assert_eq!(missing.len(), 6 + 6 + 4 * 2 * 5 + 3 * 5);
}

#[test]
fn every_field_reaches_the_policy() {
    // Each value differs from its default, so that a field read into another's place shows.
    let text = "
        quote_ttl_seconds = 61
        hold_max_minutes = 7
        frozen_ahead_minutes = 12
        changes_per_shipment = 9
        link_reroute_max_meters = 777
        interruptions_per_hour = 5
        [prices]
        driving_hour = 31
        km = 0.31
        overtime_hour = 2.05
        late_minute = 1.25
        told_minute = 0.025
        moved_van = 0.000001
        [kinds.window.waiting]
        allowed = false
        minutes_before_departure = 11
        minutes_before_eta = 13
        stops_before = 17
        fee = 1
        [kinds.window.loaded]
        minutes_before_eta = \"none\"
        [goods.normal]
        forbidden = [\"window\", \"reroute\"]
        assurance.consolidation = \"one_time_code\"
        [goods.restricted]
        forbidden = []
    ";
    let policy = Policy::parse(text).expect("nothing is wrong with it");
    assert_eq!(policy.quote_ttl, Ticks::from_seconds(61));
    assert_eq!(policy.hold_max, Ticks::from_minutes(7));
    assert_eq!(policy.frozen_ahead, Ticks::from_minutes(12));
    assert_eq!(policy.changes_per_shipment, 9);
    assert_eq!(policy.link_reroute_max, Meters(777));
    assert_eq!(policy.interruptions_per_hour, 5);
    let prices = Prices {
        driving_hour: Cost(31_000_000),
        km: Cost(310_000),
        overtime_hour: Cost(2_050_000),
        late_minute: Cost(1_250_000),
        told_minute: Cost(25_000),
        moved_van: Cost(1),
    };
    assert_eq!(policy.prices, prices);
    let waiting = StageRules {
        allowed: false,
        before_departure: Some(Ticks::from_minutes(11)),
        before_eta: Some(Ticks::from_minutes(13)),
        stops_before: 17,
        fee: Cost(1_000_000),
    };
    assert_eq!(policy.kinds.window.waiting, waiting);
    assert_eq!(policy.kinds.window.loaded.before_eta, None);
    assert_eq!(policy.kinds.reroute, Policy::default().kinds.reroute);
    let forbidden = [Reroute, Pickup, Window, Consolidation]
        .map(|kind| *policy.goods.normal.forbidden.of(kind));
    assert_eq!(forbidden, [true, false, true, false]);
    assert_eq!(policy.goods.normal.assurance.consolidation, Assurance::OneTimeCode);
    assert_eq!(policy.goods.restricted.forbidden, PerKind::default());
}

#[test]
fn all_faults_are_told_at_once_with_path_value_and_rule() {
    insta::assert_snapshot!(faults(
        "
        quote_ttl_seconds = 5
        hold_max_minutes = \"15\"
        frozen_ahead = 10
        changes_per_shipment = -1
        link_reroute_max_meters = 99999999999
        interruptions_per_hour = 2.5
        prices = 3
        [kinds.reroute.waiting]
        allowed = 1
        minutes_before_departure = \"never\"
        minutes_before_eta = 10081
        fee = -0.01
        [kinds.reroute.loaded]
        fee = nan
        [kinds.pickup.loaded]
        fee = inf
        [kinds.window]
        fee = 1
        [kinds.teleport.waiting]
        fee = 0
        [goods.normal]
        forbidden = [\"window\", \"everything\", 3]
        assurance = { reroute = \"trust_me\" }
        [goods.restricted]
        forbidden = \"all\"
        [goods.antimatter]
        "
    ));
}

#[test]
fn a_long_wrong_value_is_cut_short() {
    let told = faults(&format!("hold_max_minutes = \"{}\"", "é".repeat(10_000)));
    assert!(told.len() < 300, "{told}");
}

#[test]
fn what_is_not_toml_is_named_by_its_line() {
    let error = Policy::parse("quote_ttl_seconds = 60\n[kinds\n").expect_err("not TOML");
    let PolicyError::Syntax { line, .. } = error else { panic!("{error:?}") };
    assert_eq!(line, 2);
}

#[test]
fn hostile_texts_are_refused_not_survived_by_luck() {
    for text in [
        "\u{0}",
        "a = ",
        "= 1",
        "[[kinds]]\n",
        "[kinds]\n[kinds]\n",
        "fee = 1e400",
        "kinds.reroute.waiting.fee = 1e309",
        "quote_ttl_seconds = 9223372036854775808",
        &format!("a = {}", "[".repeat(5_000)),
        &format!("{}b = 1", "a.".repeat(5_000)),
    ] {
        assert!(Policy::parse(text).is_err(), "{:?}", text.get(..40));
    }
}

#[test]
fn another_text_is_another_version() {
    let one = version_of("fee = 1");
    assert_ne!(one, version_of("fee = 2"));
    assert_eq!(one, version_of("fee = 1"));
    assert_eq!(one.len(), 16);
    // The published test vector of FNV-1a for the letter a.
    assert_eq!(version_of("a"), "af63dc4c8601ec8c");
}
