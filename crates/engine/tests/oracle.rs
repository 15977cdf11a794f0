//! Wishes on tiny days, against everything that could be granted at all.
//!
//! The exhaustive solver tries every distribution and every order under the very rules revisions are
//! judged by. What it can grant must be granted, and what is called impossible it must not find.

mod small;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use small::after::After;
use small::{Small, at, lenient, manifest, spot};
use swerve_checker::exhaustive::{Freedom, Puzzle};
use swerve_checker::{Conditions, Route, Side};
use swerve_engine::{SharedRoads, Snapshot};
use swerve_eventlog::sim::SimDisk;
use swerve_model::{Cost, Custody, Moment, Proof, Ticks, TimeWindow, Wish, WishedPlace};

/// A day of at most six stops on at most three vans, some loaded and on the road.
fn random_day(rng: &mut ChaCha8Rng) -> (Small, usize) {
    let small = Small::with(&SimDisk::new(1), lenient(), small::host());
    small.tick(7, 0);
    let vans = rng.random_range(1..=3);
    let leaves: Vec<Moment> = (0..vans as i64).map(|van| at(8, 20 * van)).collect();
    for (number, start) in (1..).zip(&leaves) {
        small.open_van(number, *start);
    }
    let count = rng.random_range(2..=6);
    let mut shipments = Vec::new();
    for number in 1..=count {
        let (x, y) = random_spot(rng);
        let door = small.door(&format!("door{number}"), x, y);
        let windows = if rng.random_bool(0.5) { vec![random_window(rng)] } else { Vec::new() };
        let mut shipment = small.shipment(number, &door, &windows);
        if rng.random_bool(0.4) {
            // Only announced: some vans leave before it comes.
            let parcel = &mut shipment.parcels[0];
            parcel.custody = Custody::Expected(small::depot());
            parcel.ready = Some(leaves[rng.random_range(0..vans)]);
        }
        shipments.push(shipment);
    }
    small.create(shipments.clone());
    let mut sequences: Vec<Vec<usize>> = vec![Vec::new(); vans];
    for (number, shipment) in (1..).zip(&shipments) {
        let ready = shipment.parcels[0].ready;
        let first = leaves.partition_point(|leaves| Some(*leaves) < ready);
        sequences[rng.random_range(first..vans)].push(number);
    }
    let sequences: Vec<&[usize]> = sequences.iter().map(Vec::as_slice).collect();
    small.import(&sequences);
    small.tick(7, 45);
    for number in 1..=vans {
        if rng.random_bool(0.4) {
            small.load_and_depart(number);
        }
    }
    (small, count)
}

fn random_spot(rng: &mut ChaCha8Rng) -> (f64, f64) {
    (rng.random_range(-30_000.0..30_000.0), rng.random_range(-30_000.0..30_000.0))
}

fn random_window(rng: &mut ChaCha8Rng) -> TimeWindow {
    let open = at(rng.random_range(8..15), 30 * rng.random_range(0..2));
    TimeWindow::new(open, open + Ticks::from_minutes(60 + 30 * rng.random_range(0..4)))
        .expect("in order")
}

/// A window that only a van nearby, or none, can reach.
fn soon(rng: &mut ChaCha8Rng) -> TimeWindow {
    let open = at(8, rng.random_range(0..20));
    TimeWindow::new(open, open + Ticks::from_minutes(rng.random_range(20..60))).expect("in order")
}

/// Whether any plan at all keeps every promise and the wished one.
fn could_be_granted(snapshot: &Snapshot, after: &After<'_>) -> Option<bool> {
    let routes: Vec<Route<'_>> = snapshot
        .state
        .manifests
        .values()
        .map(|manifest| Route {
            manifest,
            vehicle: &snapshot.state.vehicles[&manifest.duty.vehicle],
            depot: snapshot.depot(&manifest.duty.depot).expect("the depot").1,
            sighted: None,
            aboard: (snapshot.state.aboard.get(&manifest.id).into_iter().flatten())
                .map(|(shipment, parcel)| (shipment, parcel))
                .collect(),
        })
        .collect();
    let before = Side { world: snapshot, routes, unassigned: Vec::new() };
    let travel: &SharedRoads = &snapshot.roads;
    let conditions = Conditions {
        travel,
        risk: snapshot.settings.risk,
        now: snapshot.planning_time(),
        frozen_ahead: snapshot.settings.frozen_ahead(),
        occupied: &|_| 0,
    };
    let stop = after.stop();
    let puzzle = Puzzle::new(&before, after, &conditions, &[stop], Freedom::Everything).ok()?;
    Some(puzzle.solve(travel, &|_| Cost::ZERO).is_some())
}

#[test]
fn what_can_be_granted_is_granted_and_what_is_impossible_is() {
    let (mut granted, mut impossible, mut unfound) = (0, 0, 0);
    for seed in 0..60 {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let (small, count) = random_day(&mut rng);
        for number in 1..=count {
            let (x, y) = random_spot(&mut rng);
            let moves = rng.random_bool(0.6);
            let window =
                if rng.random_bool(0.3) { soon(&mut rng) } else { random_window(&mut rng) };
            let chooses = !moves || rng.random_bool(0.4);
            let wish = Wish {
                place: moves.then(|| WishedPlace::Location(spot(x, y))),
                windows: if chooses { vec![window] } else { Vec::new() },
                ..Wish::default()
            };
            let snapshot = small.territory.snapshot();
            let after = After::of(&snapshot, number, &wish);
            let quote = small.quote(number, wish);
            let Some(possible) = could_be_granted(&snapshot, &after) else { continue };
            let offered = !quote.offers.is_empty();
            let called_impossible =
                quote.refusals.iter().any(|refusal| refusal.proof == Proof::Impossible);
            let told = format!("seed {seed}, shipment {number}: {quote:?}");
            assert!(possible || !offered, "granted against the rules: {told}");
            assert!(!(called_impossible && possible), "called impossible: {told}");
            granted += usize::from(offered);
            impossible += usize::from(called_impossible);
            unfound += usize::from(possible && !offered);
            assert!(!possible || offered, "could be granted and was not: {told}");
        }
    }
    assert_eq!(unfound, 0);
    assert!(granted > 100 && impossible > 15, "{granted} granted, {impossible} impossible");
}

#[test]
fn plans_do_not_depend_on_how_many_threads_there_are() {
    let run = |threads: usize| {
        let small = Small::with(&SimDisk::new(1), lenient(), small::host_with(threads));
        small.tick(7, 0);
        small.open_vans(3);
        let mut rng = ChaCha8Rng::seed_from_u64(11);
        let shipments = (1..=40)
            .map(|number| {
                let (x, y) = random_spot(&mut rng);
                let door = small.door(&format!("door{number}"), x / 4.0, y / 4.0);
                small.shipment(number, &door, &[])
            })
            .collect();
        small.create(shipments);
        small.ask(
            swerve_model::Role::Dispatcher,
            swerve_engine::Request::PlanDay { iterations: None },
        );
        for number in [3, 9, 17, 25] {
            let (x, y) = random_spot(&mut rng);
            let place = Some(WishedPlace::Location(spot(x / 4.0, y / 4.0)));
            let quote = small.quote(number, Wish { place, ..Wish::default() });
            if !quote.offers.is_empty() {
                small.committed(&quote, 0);
            }
            small.tick(7, number as i64);
        }
        small.load_and_depart(1);
        let snapshot = small.territory.snapshot();
        assert!(snapshot.state.manifests[&manifest(1)].stops.len() > 5, "{}", small.plan());
        (snapshot.plan_hash(), small.plan())
    };
    assert_eq!(run(1), run(2));
}
