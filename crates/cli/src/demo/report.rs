//! The figures as a table, one line of explanation each.

use super::figures::{
    BaselineFigures, Condition, Figures, RunFigures, VerificationFigures, WishFigures,
};
use crate::output::{Align, Table};

/// What a carrier without Swerve has no figure for.
const NONE: &str = "-";

/// A line of the table: what it is, how the runs did, and what that means.
struct Line<'a> {
    name: &'a str,
    of_run: &'a dyn Fn(&RunFigures) -> String,
    of_baseline: &'a dyn Fn(&BaselineFigures) -> String,
    meaning: &'a str,
}

fn none(_: &BaselineFigures) -> String {
    NONE.to_owned()
}

pub(super) fn table(figures: &Figures) -> Table {
    let mut table = Table::new(&[
        ("", Align::Left),
        ("swerve", Align::Right),
        ("no wishes", Align::Right),
        ("insertion alone", Align::Right),
        ("without swerve", Align::Right),
        ("what it is", Align::Left),
    ]);
    add_service(&mut table, figures);
    add_wishes(&mut table, figures);
    add_operation(&mut table, figures);
    add_people(&mut table, figures);
    add_reasons(&mut table, figures);
    table
}

fn add(table: &mut Table, figures: &Figures, line: &Line<'_>) {
    let of_run = line.of_run;
    table.row([
        line.name.to_owned(),
        of_run(&figures.swerve),
        of_run(&figures.without_wishes),
        of_run(&figures.insertion_alone),
        (line.of_baseline)(&figures.without_swerve),
        line.meaning.to_owned(),
    ]);
}

fn add_service(table: &mut Table, figures: &Figures) {
    let lines = [
        Line {
            name: "stops served",
            of_run: &|run| format!("{} of {}", run.stops.served, run.stops.planned),
            of_baseline: &|day| format!("{} of {}", day.stops.served, day.stops.planned),
            meaning: "a van was there, whether or not anyone opened",
        },
        Line {
            name: "nobody opened",
            of_run: &|run| run.stops.absent.to_string(),
            of_baseline: &|day| day.stops.absent.to_string(),
            meaning: "failed attempts; recipients whose wish was refused are out more often",
        },
        Line {
            name: "parcels delivered",
            of_run: &|run| run.parcels.delivered.to_string(),
            of_baseline: &|day| day.parcels.delivered.to_string(),
            meaning: "handed over today",
        },
        Line {
            name: "promises kept",
            of_run: &|run| run.promises.kept.to_string(),
            of_baseline: &|day| day.promises_kept.to_string(),
            meaning: "service began inside the promise, at its place",
        },
        Line {
            name: "promises broken",
            of_run: &|run| run.promises.broken.to_string(),
            of_baseline: &|day| day.promises_broken.to_string(),
            meaning: "late, closed or not reached",
        },
        Line {
            name: "broken by the engine",
            of_run: &|run| run.promises.broken_by_engine.to_string(),
            of_baseline: &none,
            meaning: "a change of the plan moved a promise out of its window, or a loaded parcel",
        },
    ];
    for line in &lines {
        add(table, figures, line);
    }
}

fn add_wishes(table: &mut Table, figures: &Figures) {
    let of_wishes = |name, meaning, of: &dyn Fn(&WishFigures) -> String, table: &mut Table| {
        let line = Line {
            name,
            of_run: &|run| if run.wishes.asked == 0 { NONE.to_owned() } else { of(&run.wishes) },
            of_baseline: &|day| of(&day.wishes),
            meaning,
        };
        add(table, figures, &line);
    };
    of_wishes(
        "wishes asked",
        "recipients who changed their mind in time",
        &|w| w.asked.to_string(),
        table,
    );
    of_wishes("granted", "as wished", &|w| w.granted.to_string(), table);
    of_wishes("granted share", "of those who meant it", &|w| percent(w.granted_share), table);
    of_wishes(
        "alternatives taken",
        "something else that was suggested",
        &|w| w.alternatives_taken.to_string(),
        table,
    );
    of_wishes("refused", "reasons below", &|w| w.refused.to_string(), table);
}

fn add_operation(table: &mut Table, figures: &Figures) {
    let lines = [
        Line {
            name: "driving hours",
            of_run: &|run| format!("{:.1}", run.operation.driving_hours),
            of_baseline: &|day| format!("{:.1}", day.operation.driving_hours),
            meaning: "true times, second trips of failed attempts included",
        },
        Line {
            name: "km",
            of_run: &|run| format!("{:.0}", run.operation.km),
            of_baseline: &|day| format!("{:.0}", day.operation.km),
            meaning: "second trips included",
        },
        Line {
            name: "CO2 kg",
            of_run: &|run| format!("{:.1}", run.operation.co2_kg),
            of_baseline: &|day| format!("{:.1}", day.operation.co2_kg),
            meaning: "by each van's grams a kilometre",
        },
        Line {
            name: "cost per parcel",
            of_run: &|run| format!("{:.3}", run.operation.cost_per_delivered_parcel),
            of_baseline: &|day| format!("{:.3}", day.operation.cost_per_delivered_parcel),
            meaning: "vans, drivers, overtime and second trips, by parcels delivered",
        },
    ];
    for line in &lines {
        add(table, figures, line);
    }
}

fn add_people(table: &mut Table, figures: &Figures) {
    let lines = [
        Line {
            name: "stops that changed van",
            of_run: &|run| run.disturbance.stops_changed_van.to_string(),
            of_baseline: &none,
            meaning: "against the plan of the morning",
        },
        Line {
            name: "told arrivals moved",
            of_run: &|run| run.disturbance.told_moved.to_string(),
            of_baseline: &none,
            meaning: "told anew, more than five minutes from what was told",
        },
        Line {
            name: "driver messages an hour",
            of_run: &|run| format!("{:.2}", run.disturbance.driver_messages_per_hour),
            of_baseline: &none,
            meaning: "revisions shown, per driver and hour on the road",
        },
        Line {
            name: "arrivals in interval",
            of_run: &|run| percent(run.disturbance.eta_coverage),
            of_baseline: &none,
            meaning: "90 % intervals shown at departure and each hour since; 90 % is right",
        },
        Line {
            name: "quote p50 / p99 µs",
            of_run: &|run| pair(run.latency.quote_p50_us, run.latency.quote_p99_us),
            of_baseline: &none,
            meaning: "from request to durable answer, as the caller measures it",
        },
        Line {
            name: "commit p50 / p99 µs",
            of_run: &|run| pair(run.latency.commit_p50_us, run.latency.commit_p99_us),
            of_baseline: &none,
            meaning: "the same",
        },
    ];
    for line in &lines {
        add(table, figures, line);
    }
}

/// Refusals of each reason, and grants by kind and custody.
fn add_reasons(table: &mut Table, figures: &Figures) {
    let wishes = [
        &figures.swerve.wishes,
        &figures.without_wishes.wishes,
        &figures.insertion_alone.wishes,
        &figures.without_swerve.wishes,
    ];
    let reasons: std::collections::BTreeSet<&String> =
        wishes.iter().flat_map(|wishes| wishes.refused_by_reason.keys()).collect();
    for reason in reasons {
        let count = |wishes: &&WishFigures| {
            wishes.refused_by_reason.get(reason).map_or(NONE.to_owned(), u32::to_string)
        };
        let cells = wishes.iter().map(count);
        let meaning = "refused for this reason first".to_owned();
        table.row([format!("  {reason}")].into_iter().chain(cells).chain([meaning]));
    }
    for (of, meaning) in [
        (&(|w: &WishFigures| w.by_kind.clone()) as &dyn Fn(&WishFigures) -> _, "granted of asked"),
        (&|w: &WishFigures| w.by_custody.clone(), "granted of asked, by where the parcels were"),
    ] {
        let groups: std::collections::BTreeSet<String> =
            wishes.iter().flat_map(|wishes| of(wishes).into_keys()).collect();
        for group in groups {
            let cells = wishes.iter().map(|wishes| {
                let found = of(wishes).get(&group).copied();
                found.map_or(NONE.to_owned(), |found| {
                    format!("{} of {}", found.granted, found.asked)
                })
            });
            table.row([format!("  {group}")].into_iter().chain(cells).chain([meaning.to_owned()]));
        }
    }
}

/// What the table cannot say: harm, the checker's word, and whether all of it is good enough.
pub(super) fn verdict(figures: &Figures) -> String {
    let mut lines = vec![String::new(), of_harm(figures)];
    lines.extend(figures.verification.iter().flat_map(of_log));
    for (run, of) in [
        ("swerve", &figures.swerve),
        ("no wishes", &figures.without_wishes),
        ("insertion alone", &figures.insertion_alone),
    ] {
        lines.extend(of.lost.iter().map(|one| format!("lost, {run}: {one}")));
    }
    lines.extend(figures.conditions.iter().map(of_condition));
    lines.join("\n") + "\n"
}

fn of_harm(figures: &Figures) -> String {
    let harm = &figures.harm;
    let share = percent(harm.harmed_share);
    format!(
        "harm: {} promises kept without wishes were broken with them ({share}); {} the other way round",
        harm.harmed, harm.helped,
    )
}

fn of_log(log: &VerificationFigures) -> impl Iterator<Item = String> {
    let hashes = if log.hashes_equal { "all hashes equal" } else { "HASHES DIFFER" };
    let found = format!(
        "log {}: {} records replayed, {hashes}, {} plan changes judged, {} violations",
        log.run, log.records, log.revisions, log.violation_count,
    );
    std::iter::once(found).chain(log.violations.iter().map(|one| format!("  {one}")))
}

fn of_condition(condition: &Condition) -> String {
    let mark = if condition.met { "ok  " } else { "FAIL" };
    let (value, limit) = (number(condition.value), number(condition.limit));
    format!("{mark} {}: {value} ({} {limit})", condition.name, condition.bound)
}

fn percent(share: f64) -> String {
    format!("{:.2} %", share * 100.0)
}

fn pair(one: u64, other: u64) -> String {
    if (one, other) == (0, 0) { NONE.to_owned() } else { format!("{one} / {other}") }
}

/// Whole numbers as such.
fn number(value: f64) -> String {
    if value.fract() == 0.0 { format!("{value:.0}") } else { format!("{value:.4}") }
}
