use std::fmt::Write;

use swerve_model::{ChangeKind::*, GoodsClass, Meters, TimeWindow};

use super::*;

/// Ten o'clock; the planned day ends at 20:00.
fn now() -> Moment {
    at(10, 0)
}

fn at(hour: i64, minute: i64) -> Moment {
    Moment::EPOCH + Ticks::from_hours(hour) + Ticks::from_minutes(minute)
}

fn window(from: Moment, to: Moment) -> TimeWindow {
    TimeWindow::new(from, to).expect("open before close")
}

/// Loaded, due in three hours after twenty others, asked for by an account, nothing unusual.
fn facts(kinds: &[ChangeKind]) -> Facts {
    Facts {
        now: now(),
        kinds: kinds.to_vec(),
        stage: Stage::Loaded,
        eta: Some(at(13, 0)),
        stops_before: Some(20),
        departure: Some(at(8, 0)),
        goods: GoodsClass::Normal,
        shipper_forbids: false,
        changes_used: 0,
        assurance: Assurance::Account,
        reroute_distance: None,
        windows: Vec::new(),
        horizon: Some(at(20, 0)),
    }
}

/// Waiting for a van that leaves at noon.
fn waiting(kinds: &[ChangeKind]) -> Facts {
    Facts { stage: Stage::Waiting, departure: Some(at(12, 0)), ..facts(kinds) }
}

fn clock(moment: Moment) -> String {
    let text = (moment - Moment::EPOCH).to_string();
    text.strip_suffix(":00").unwrap_or(&text).to_owned()
}

fn told(refusals: &[Refusal]) -> String {
    let one = |refusal: &Refusal| {
        let cutoff =
            refusal.cutoff.map_or(String::new(), |moment| format!(" at {}", clock(moment)));
        let facts: Vec<String> =
            refusal.facts.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let facts = if facts.is_empty() { String::new() } else { format!(" {}", facts.join(" ")) };
        format!("\n    {}{cutoff}{facts}", refusal.reason.name())
    };
    refusals.iter().map(one).collect()
}

fn line(text: &mut String, situation: &str, facts: &Facts) {
    let decision = decide(&Policy::default(), facts);
    let verdict = if decision.is_allowed() { "granted" } else { "refused" };
    let cutoffs: Vec<String> = decision
        .cutoffs
        .iter()
        .map(|(kind, cutoff)| {
            format!("{} {}", kind.name(), cutoff.map_or_else(|| "-".to_owned(), clock))
        })
        .collect();
    writeln!(
        text,
        "{situation}: {verdict}, fee {:.2}, until [{}]{}",
        decision.fee.as_units_f64(),
        cutoffs.join(", "),
        told(&decision.refusals)
    )
    .expect("writing to a string");
}

#[test]
fn a_table_of_situations() {
    let beyond = window(at(30, 0), at(32, 0));
    let past = window(at(8, 0), at(9, 0));
    let good = window(at(15, 0), at(17, 0));
    let all = [Reroute, Pickup, Window, Consolidation];
    let situations = [
        ("reroute, waiting", waiting(&[Reroute])),
        ("reroute, loaded", facts(&[Reroute])),
        ("reroute and window, loaded", facts(&[Window, Reroute])),
        ("consolidation, loaded", facts(&[Consolidation])),
        (
            "reroute, waiting on no manifest",
            Facts { departure: None, eta: None, stops_before: None, ..waiting(&[Reroute]) },
        ),
        (
            "reroute, waiting, the van is leaving",
            Facts { departure: Some(now()), ..waiting(&[Reroute]) },
        ),
        (
            "reroute, waiting, the van has left",
            Facts { departure: Some(at(9, 59)), ..waiting(&[Reroute]) },
        ),
        ("window, 45 minutes ahead", Facts { eta: Some(at(10, 45)), ..facts(&[Window]) }),
        ("window, 44 minutes ahead", Facts { eta: Some(at(10, 44)), ..facts(&[Window]) }),
        (
            "window and pickup, 44 minutes ahead",
            Facts { eta: Some(at(10, 44)), ..facts(&[Window, Pickup]) },
        ),
        ("pickup, next but one", Facts { stops_before: Some(2), ..facts(&[Pickup]) }),
        ("pickup, next", Facts { stops_before: Some(1), ..facts(&[Pickup]) }),
        ("all, driven to", Facts { stage: Stage::InProgress, ..facts(&all) }),
        ("all, delivered", Facts { stage: Stage::Terminal, ..facts(&all) }),
        ("reroute, shipper forbids", Facts { shipper_forbids: true, ..facts(&[Reroute]) }),
        ("window, third change", Facts { changes_used: 2, ..facts(&[Window]) }),
        ("window, fourth change", Facts { changes_used: 3, ..facts(&[Window]) }),
        ("all, medicine", Facts { goods: GoodsClass::Restricted, ..facts(&all) }),
        ("window, medicine", Facts { goods: GoodsClass::Restricted, ..facts(&[Window]) }),
        ("reroute, jewels, account", Facts { goods: GoodsClass::HighValue, ..facts(&[Reroute]) }),
        (
            "reroute, jewels, one-time code",
            Facts {
                goods: GoodsClass::HighValue,
                assurance: Assurance::OneTimeCode,
                ..facts(&[Reroute])
            },
        ),
        (
            "reroute by link, 2 km",
            Facts {
                assurance: Assurance::Link,
                reroute_distance: Some(Meters(2_000)),
                ..facts(&[Reroute])
            },
        ),
        (
            "reroute by link, 2,001 m",
            Facts {
                assurance: Assurance::Link,
                reroute_distance: Some(Meters(2_001)),
                ..facts(&[Reroute])
            },
        ),
        (
            "pickup by link, 2,001 m",
            Facts {
                assurance: Assurance::Link,
                reroute_distance: Some(Meters(2_001)),
                ..facts(&[Pickup])
            },
        ),
        ("window, tomorrow", Facts { windows: vec![beyond], ..facts(&[Window]) }),
        (
            "window, tomorrow, before any day is planned",
            Facts { windows: vec![beyond], horizon: None, ..facts(&[Window]) },
        ),
        ("window, past", Facts { windows: vec![past], ..facts(&[Window]) }),
        ("window, past or tomorrow", Facts { windows: vec![past, beyond], ..facts(&[Window]) }),
        ("window, past or today", Facts { windows: vec![past, good], ..facts(&[Window]) }),
        (
            "everything wrong at once",
            Facts {
                eta: Some(at(10, 20)),
                stops_before: Some(1),
                goods: GoodsClass::Restricted,
                shipper_forbids: true,
                changes_used: 7,
                assurance: Assurance::Link,
                reroute_distance: Some(Meters(50_000)),
                windows: vec![beyond],
                ..facts(&[Consolidation, Window, Reroute, Reroute])
            },
        ),
    ];
    let mut text = String::new();
    for (situation, facts) in &situations {
        line(&mut text, situation, facts);
    }
    insta::assert_snapshot!(text);
}

#[test]
fn what_may_be_asked_for() {
    let mut text = String::new();
    for (situation, facts) in [
        ("waiting", waiting(&[])),
        ("loaded", facts(&[])),
        ("loaded, 40 minutes ahead", Facts { eta: Some(at(10, 40)), ..facts(&[]) }),
        ("loaded, jewels", Facts { goods: GoodsClass::HighValue, ..facts(&[]) }),
        ("waiting, medicine", Facts { goods: GoodsClass::Restricted, ..waiting(&[]) }),
        ("delivered", Facts { stage: Stage::Terminal, ..facts(&[]) }),
    ] {
        writeln!(text, "{situation}").expect("writing to a string");
        for option in options(&Policy::default(), &facts) {
            writeln!(
                text,
                "  {} {}, fee {:.2}, until {}, by {}{}",
                option.kind.name(),
                if option.allowed { "allowed" } else { "not allowed" },
                option.fee.as_units_f64(),
                option.cutoff.map_or_else(|| "-".to_owned(), clock),
                name_of(option.required_assurance),
                told(&option.refusals),
            )
            .expect("writing to a string");
        }
    }
    insta::assert_snapshot!(text);
}

#[test]
fn every_refusal_is_proven_and_ranked() {
    let worst = Facts {
        stage: Stage::Terminal,
        shipper_forbids: true,
        changes_used: 9,
        goods: GoodsClass::Restricted,
        assurance: Assurance::Link,
        windows: vec![window(at(8, 0), at(9, 0))],
        ..facts(&[Pickup, Reroute])
    };
    let decision = decide(&Policy::default(), &worst);
    assert!(decision.refusals.iter().all(|refusal| refusal.proof == Proof::Impossible));
    let ranks: Vec<Option<usize>> = decision
        .refusals
        .iter()
        .map(|refusal| RANK.iter().position(|reason| *reason == refusal.reason))
        .collect();
    assert_eq!(ranks, [Some(0), Some(2), Some(3), Some(4), Some(7), Some(8)]);
}

#[test]
fn the_order_of_kinds_asked_for_plays_no_part() {
    let one = facts(&[Window, Reroute, Consolidation]);
    let other = facts(&[Consolidation, Reroute, Window, Reroute]);
    let policy = Policy::default();
    assert_eq!(decide(&policy, &one), decide(&policy, &other));
}

#[test]
fn a_stage_that_allows_nothing_says_so() {
    let mut policy = Policy::default();
    policy.kinds.reroute.loaded.allowed = false;
    let decision = decide(&policy, &facts(&[Reroute]));
    let [passed] = &decision.refusals[..] else { panic!("{decision:?}") };
    assert_eq!(passed.reason, RefusalReason::CutoffPassed);
    assert_eq!(passed.cutoff, None);
    assert_eq!(passed.facts["stage"], "loaded");
}

#[test]
fn the_earlier_of_two_cutoffs_binds() {
    let mut policy = Policy::default();
    policy.kinds.pickup.waiting.before_eta = Some(Ticks::from_hours(2));
    let decision = decide(&policy, &waiting(&[Pickup]));
    // Two hours before 13:00, not noon.
    assert_eq!(decision.cutoff(), Some(at(11, 0)));
}

#[test]
fn a_window_that_closes_now_or_opens_at_the_horizon_is_still_one() {
    let policy = Policy::default();
    let reasons = |wished: TimeWindow| {
        let facts = Facts { windows: vec![wished], ..facts(&[Window]) };
        let refusals = decide(&policy, &facts).refusals;
        refusals.iter().map(|refusal| refusal.reason).collect::<Vec<_>>()
    };
    assert_eq!(reasons(window(at(9, 0), now())), []);
    assert_eq!(reasons(window(at(9, 0), now() - Ticks(1))), [RefusalReason::WindowUnreachable]);
    assert_eq!(reasons(window(at(20, 0), at(21, 0))), []);
    assert_eq!(
        reasons(window(at(20, 0) + Ticks(1), at(21, 0))),
        [RefusalReason::WindowBeyondHorizon]
    );
}

#[test]
fn options_and_decisions_agree_where_only_rules_of_the_kind_speak() {
    let policy = Policy::default();
    for goods in [GoodsClass::Normal, GoodsClass::Restricted, GoodsClass::HighValue] {
        for stage in [Stage::Waiting, Stage::Loaded, Stage::InProgress, Stage::Terminal] {
            for (used, forbids) in [(0, false), (3, false), (0, true)] {
                for option in options(
                    &policy,
                    &Facts {
                        goods,
                        stage,
                        changes_used: used,
                        shipper_forbids: forbids,
                        ..facts(&[])
                    },
                ) {
                    let decision = decide(
                        &policy,
                        &Facts {
                            goods,
                            stage,
                            changes_used: used,
                            shipper_forbids: forbids,
                            assurance: Assurance::OneTimeCode,
                            ..facts(&[option.kind])
                        },
                    );
                    assert_eq!(decision.refusals, option.refusals);
                    assert_eq!(decision.is_allowed(), option.allowed);
                    assert_eq!(decision.cutoff(), option.cutoff);
                    assert_eq!(decision.fee, option.fee);
                }
            }
        }
    }
}
