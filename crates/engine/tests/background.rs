//! What is searched while nobody waits: it makes plans better, tells drivers no more than they may be
//! told, and enters the log at the same place with any number of threads.

mod small;

use std::collections::BTreeSet;

use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use small::{Small, at, lenient, manifest, parcel_id, shipment_id, spot};
use swerve_checker::Flag;
use swerve_engine::{Request, Settings, flags};
use swerve_eventlog::sim::SimDisk;
use swerve_model::{
    Answer, Assurance, Cost, Custody, Event, FailureReason, ManifestState, PlanCause, Role,
    ShipmentId, Ticks, Wish, WishedPlace,
};

/// Settings under which background search is all the search there is.
fn alone(per_stop: u32) -> Settings {
    let mut settings = lenient();
    settings.budget.before_answer = 0;
    settings.budget.after_answer = 0;
    settings.budget.repair = 0;
    settings.budget.background.per_stop = per_stop;
    settings.budget.background.rest = Ticks::from_minutes(2);
    settings
}

/// Doors scattered over the plain, dealt out to the vans in the order they were drawn: a plan nobody
/// would make.
fn scattered(settings: Settings, threads: usize, vans: usize, stops: usize, seed: u64) -> Small {
    let small = Small::with(&SimDisk::new(1), settings, small::host_with(threads));
    small.tick(7, 0);
    small.open_vans(vans);
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let shipments = (1..=stops).map(|number| {
        let (x, y) = (rng.random_range(-9_000.0..9_000.0), rng.random_range(-9_000.0..9_000.0));
        let door = small.door(&format!("door{number}"), x, y);
        let windows = if number % 10 == 0 {
            let open = rng.random_range(9..13);
            vec![small::window((open, 0), (open + 2, 0))]
        } else {
            Vec::new()
        };
        small.shipment(number, &door, &windows)
    });
    let shipments = shipments.collect();
    small.create(shipments);
    let mut sequences = vec![Vec::new(); vans];
    for number in 1..=stops {
        sequences[number % vans].push(number);
    }
    let sequences: Vec<&[usize]> = sequences.iter().map(Vec::as_slice).collect();
    small.import(&sequences);
    small
}

fn cost(small: &Small) -> Cost {
    let snapshot = small.territory.snapshot();
    snapshot.fleet().routes().iter().map(|route| route.cost()).sum()
}

fn missed(small: &Small) -> BTreeSet<ShipmentId> {
    let missed = flags(&small.territory.snapshot()).into_iter().filter_map(|flag| match flag {
        Flag::PromiseMissed { shipment, .. } => Some(shipment),
        _ => None,
    });
    missed.collect()
}

#[test]
fn a_bad_plan_gets_better_tick_by_tick_and_loses_no_promise() {
    let small = scattered(alone(8), 2, 5, 100, 3);
    let (before, missed_before) = (cost(&small), missed(&small));
    let mut last = before;
    for minute in 1..=40 {
        small.tick(7, minute);
        let now = cost(&small);
        assert!(now <= last, "minute {minute}: {now:?} after {last:?}");
        assert!(missed(&small).is_subset(&missed_before), "minute {minute}");
        last = now;
    }
    let figures = small.territory.background();
    assert!(last.0 < before.0 * 7 / 10, "{before:?} became {last:?}: {figures:?}");
    assert!(figures.gain > Cost::ZERO && figures.published > 0 && figures.groups > 1);
}

#[test]
fn a_driver_on_the_road_is_told_no_more_often_than_allowed() {
    let run = |allowed: u32| {
        let mut settings = alone(1);
        settings.policy.interruptions_per_hour = allowed;
        settings.budget.background.gain_min = Cost::ZERO;
        settings.budget.background.message_gain = Cost::ZERO;
        settings.budget.background.rest = Ticks::ZERO;
        let small = scattered(settings, 2, 3, 90, 5);
        (1..=3).for_each(|number| small.load_and_depart(number));
        let mut worst = 0;
        for minute in 1..=80 {
            small.tick(7, minute);
            let state = &small.territory.snapshot().state;
            let told = (1..=3).map(|number| state.messages_last_hour(&manifest(number)));
            worst = worst.max(told.max().unwrap_or(0));
        }
        (worst, small.territory.background())
    };
    let (worst, figures) = run(1);
    assert_eq!(worst, 1, "{figures:?}");
    let (worst, figures) = run(2);
    assert_eq!(worst, 2, "{figures:?}");
    let (unbounded, figures) = run(100);
    assert!(unbounded > 2, "the limit is what held: {figures:?}");
}

#[test]
fn the_log_is_the_same_with_any_number_of_threads_and_after_a_crash() {
    let run = |threads: usize| {
        let mut settings = alone(4);
        settings.budget.after_answer = 10;
        settings.budget.before_answer = 20;
        // Several groups side by side.
        settings.budget.background.group_stops = 25;
        settings.budget.background.groups = 3;
        let small = scattered(settings.clone(), threads, 5, 80, 9);
        let mut hashes = Vec::new();
        for minute in 1..=20 {
            let place = Some(WishedPlace::Location(spot(f64::from(minute) * 300.0, 700.0)));
            let quote = small.quote(minute as usize, Wish { place, ..Wish::default() });
            if minute % 3 == 0 && !quote.offers.is_empty() {
                small.committed(&quote, 0);
            }
            if minute == 10 {
                small.load_and_depart(1);
            }
            small.tick(7, i64::from(minute));
            hashes.push(small.territory.snapshot().plan_hash());
        }
        let figures = small.territory.background();
        assert!(figures.published > 3, "{figures:?}");
        // The power fails while groups are under way.
        let before = small.territory.snapshot();
        small.disk.crash();
        let again = Small::with(&small.disk, settings, small::host_with(threads));
        let after = again.territory.snapshot();
        assert_eq!(after.plan_hash(), before.plan_hash());
        assert_eq!(after.state.sequence, before.state.sequence);
        for number in 1..=5 {
            let told = |state: &swerve_engine::State| state.messages_last_hour(&manifest(number));
            assert_eq!(told(&after.state), told(&before.state), "replay knows who was told");
        }
        hashes
    };
    assert_eq!(run(1), run(2));
}
