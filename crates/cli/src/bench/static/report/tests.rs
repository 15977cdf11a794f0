use std::path::PathBuf;

use swerve_model::instance::Objective;

use super::*;
use crate::bench::machine::Machine;
use crate::bench::set::Listed;
use crate::bench::r#static::peers::{PeerBudget, PeerRow};
use crate::best_known::BestKnown;

/// Three instances of two families, two seeds, two budgets; two peers, one of an odd name; one plan that
/// is infeasible, one that was interrupted.
fn measured() -> Measured {
    let listed = vec![
        listed("homberger", "R1_2_1", 200, 4667.2),
        listed("homberger", "RC2_2_1", 200, 3099.5),
        listed("odd <family>", "\"x\" & y", 7, 100.0),
    ];
    let mut rows = Vec::new();
    for seed in [1, 2] {
        for (index, entry) in listed.iter().enumerate() {
            for seconds in [1.0, 10.0] {
                rows.push(row(entry, seed, seconds, (index as f64 + seed as f64) / seconds));
            }
        }
    }
    rows[10].feasible = false;
    rows[10].gap_percent = None;
    rows[11].interrupted = true;
    let peers = vec![
        peer_row("slow", &listed[0], PeerBudget::Seconds(1.0), 1.01, Some(4800.0)),
        peer_row("slow", &listed[1], PeerBudget::Seconds(1.0), 1.02, Some(3200.0)),
        peer_row("slow", &listed[0], PeerBudget::Seconds(10.0), 10.0, Some(4700.0)),
        peer_row("<i>fast</i>", &listed[0], PeerBudget::Level("x0".to_owned()), 0.3, Some(5000.0)),
        peer_row("<i>fast</i>", &listed[1], PeerBudget::Level("x0".to_owned()), 0.3, None),
    ];
    Measured {
        version: "0.1.0",
        command: "swerve bench static --set homberger-200 'odd <family>'".to_owned(),
        made_at: "2026-03-17T06:15:00Z".to_owned(),
        threads: 1,
        workers: 1,
        machine: Machine {
            processor: Some("A processor".to_owned()),
            cores: Some(2),
            system: "linux x86_64".to_owned(),
            release_build: true,
            executable_sha256: Some("00ff".to_owned()),
        },
        interrupted: true,
        summary: summary::summarize(&rows, &peers, &listed),
        rows,
        peers,
        listed,
    }
}

fn listed(family: &str, name: &str, tasks: usize, cost: f64) -> Listed {
    Listed {
        set: family.to_owned(),
        path: PathBuf::from(format!("{family}/{name}.txt")),
        name: name.to_owned(),
        family: family.to_owned(),
        tasks,
        objective: Objective::Distance,
        best_known: Some(BestKnown { cost, vehicles: None }),
    }
}

fn row(entry: &Listed, seed: u64, seconds: f64, gap: f64) -> Row {
    let best = entry.best_known.expect("all have one").cost;
    let at = |gap: f64| (best * (100.0 + gap)).round() / 100.0;
    Row {
        solver: "swerve",
        version: "0.1.0",
        family: entry.family.clone(),
        instance: entry.name.clone(),
        n: entry.tasks,
        objective: "distance",
        threads: 1,
        workers: 1,
        seed,
        budget: Budget::CpuSeconds(seconds),
        cpu_seconds: seconds,
        wall_seconds: seconds * 1.25,
        iterations: 1000,
        iterations_per_cpu_second: 1000.0 / seconds,
        cost: at(gap),
        vehicles: 20,
        unserved: 0,
        feasible: true,
        best_known: Some(best),
        gap_percent: Some(gap),
        interrupted: false,
        curve: vec![(0.01, at(gap + 30.0)), (0.1, at(gap + 3.0)), (seconds * 0.9, at(gap))],
        command: format!("swerve bench static --set {} --seeds {seed}", entry.set),
    }
}

fn peer_row(
    name: &str,
    entry: &Listed,
    budget: PeerBudget,
    cpu_seconds: f64,
    cost: Option<f64>,
) -> PeerRow {
    let peer = Peer { name: name.to_owned(), version: "2".to_owned(), options: String::new() };
    PeerRow {
        peer,
        family: entry.family.clone(),
        instance: entry.name.clone(),
        budget,
        seed: 1,
        cpu_seconds,
        cost,
        vehicles: None,
        command: format!("run.py --peer {name}"),
    }
}

/// What a reader sees, a line for each element that has words of its own.
fn text_of(html: &str) -> String {
    let body = html.split_once("<body>").expect("there is a body").1;
    let pieces = body.split('<').filter_map(|piece| piece.split_once('>'));
    let words = pieces.map(|(_, words)| words.trim()).filter(|words| !words.is_empty());
    words.collect::<Vec<&str>>().join("\n")
}

/// Every element closed in its turn, every attribute quoted and given once, no stray brackets.
fn assert_well_formed(html: &str) {
    let (before, rest) = html.split_once("<style>").expect("there is a style sheet");
    let (sheet, after) = rest.split_once("</style>").expect("it ends");
    assert!(!sheet.contains('<'));
    let html = format!("{before}{after}");
    let mut open: Vec<&str> = Vec::new();
    let mut pieces = html.split('<');
    assert_eq!(pieces.next(), Some(""));
    for piece in pieces {
        let (tag, words) = piece.split_once('>').expect("a tag ends");
        assert!(!words.contains('>'), "{piece}");
        let entities = words.split('&').skip(1);
        assert!(entities.into_iter().all(|entity| entity.contains(';')), "{words}");
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name));
        } else if !tag.ends_with('/') && tag != "!DOCTYPE html" {
            let name = tag.split(' ').next().expect("a tag has a name");
            open.push(name);
            let attributes = &tag[name.len()..];
            assert_eq!(attributes.matches('"').count(), attributes.matches("=\"").count() * 2);
        }
    }
    assert_eq!(open, Vec::<&str>::new());
}

#[test]
fn the_report_says_what_was_measured() {
    insta::assert_snapshot!(text_of(&render(&measured())));
}

#[test]
fn the_report_is_well_formed_whatever_names_are() {
    assert_well_formed(&render(&measured()));
    let mut nothing = measured();
    nothing.rows.clear();
    nothing.summary = summary::summarize(&[], &nothing.peers, &nothing.listed);
    assert_well_formed(&render(&nothing));
    let mut alone = measured();
    alone.rows.truncate(1);
    alone.peers.clear();
    alone.summary = summary::summarize(&alone.rows, &[], &alone.listed);
    assert_well_formed(&render(&alone));
}

#[test]
fn every_picture_has_a_title_and_a_description() {
    let report = render(&measured());
    let pictures = report.matches("role=\"img\"").count();
    assert!(pictures > 0);
    assert_eq!(report.matches("role=\"img\"><title>").count(), pictures);
    assert_eq!(report.matches("</title><desc>").count(), pictures);
}
