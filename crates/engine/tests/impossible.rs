//! "Impossible" is a word for proofs: every refusal that says so is confirmed by a full scan.
//!
//! On days too large for exhaustive search, the wish is tried at every position of every van, each
//! plan judged by the checker from nothing, which shares no code with the search that refused.

mod small;

use std::collections::BTreeMap;

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use small::after::After;
use small::{Small, at, depot, host, lenient, manifest, parcel_id, shipment_id, spot, window};
use swerve_checker::{Conditions, Latitude, Route, Side, judge};
use swerve_engine::{Request, SharedRoads, Snapshot};
use swerve_eventlog::sim::SimDisk;
use swerve_model::{
    Cost, DriverId, Duty, Load, Manifest, ManifestState, Moment, Proof, Quote, RefusalReason, Role,
    Shift, Skills, Ticks, TimeWindow, Vehicle, VehicleId, Wish, WishedPlace, Z_KEPT,
};

/// Five vans with eight stops each, some of them on the road, some promised by the hour.
fn medium_day(seed: u64) -> (Small, ChaCha8Rng, usize) {
    const VANS: usize = 5;
    const STOPS: usize = 40;
    let mut dice = ChaCha8Rng::seed_from_u64(seed);
    let mut settings = lenient();
    settings.budget.day_per_stop = 20;
    let small = Small::with(&SimDisk::new(1), settings, host());
    small.tick(7, 0);
    small.open_vans(VANS);
    let mut shipments = Vec::new();
    for number in 1..=STOPS {
        let (x, y) = any_spot(&mut dice);
        let door = small.door(&format!("door{number}"), x, y);
        let windows = if dice.random_bool(0.3) { vec![any_window(&mut dice)] } else { Vec::new() };
        shipments.push(small.shipment(number, &door, &windows));
    }
    small.create(shipments);
    small.ask(Role::Dispatcher, Request::PlanDay { iterations: None });
    small.tick(8, 0);
    for number in 1..=VANS {
        if dice.random_bool(0.6) {
            small.load_and_depart(number);
        }
    }
    small.tick(8 + dice.random_range(0..2), dice.random_range(0..60));
    (small, dice, STOPS)
}

fn any_spot(dice: &mut ChaCha8Rng) -> (f64, f64) {
    (dice.random_range(-30_000.0..30_000.0), dice.random_range(-30_000.0..30_000.0))
}

fn any_window(dice: &mut ChaCha8Rng) -> TimeWindow {
    let open = at(dice.random_range(9..15), 30 * dice.random_range(0..2));
    TimeWindow::new(open, open + Ticks::from_minutes(60)).expect("in order")
}

fn any_wish(snapshot: &Snapshot, dice: &mut ChaCha8Rng) -> Wish {
    let (x, y) = any_spot(dice);
    let moves = dice.random_bool(0.6);
    let open = snapshot.state.now + Ticks::from_minutes(dice.random_range(0..40));
    let length = Ticks::from_minutes(dice.random_range(10..60));
    let soon = TimeWindow::new(open, open + length).expect("in order");
    let chooses = !moves || dice.random_bool(0.5);
    Wish {
        place: moves.then(|| WishedPlace::Location(spot(x, y))),
        windows: if chooses { vec![soon] } else { Vec::new() },
        ..Wish::default()
    }
}

/// When a van has to be back.
#[derive(Clone, Copy)]
enum Back {
    /// As late as the law lets it: nothing later is possible.
    ByLaw,
    /// As surely as the planner means it to.
    Surely,
}

impl Back {
    fn apply(self, snapshot: &Snapshot, manifest: &mut Manifest) {
        let now = snapshot.planning_time();
        let known = match manifest.state {
            ManifestState::Loading => manifest.duty.shift.start.max(now),
            _ => now,
        };
        let end = &mut manifest.duty.shift.hard_end;
        if let Back::Surely = self {
            *end = snapshot.settings.risk.latest_start(known, *end, Z_KEPT);
        }
    }
}

/// Where the wished stop could be: (manifest, position among its undone stops).
fn places_for(snapshot: &Snapshot, after: &After<'_>, back: Back) -> Vec<(String, usize)> {
    let stop = after.stop();
    let present: BTreeMap<_, Manifest> = (snapshot.state.manifests.iter())
        .map(|(id, manifest)| {
            let mut present = manifest.as_ref().clone();
            back.apply(snapshot, &mut present);
            (id.clone(), present)
        })
        .collect();
    let without: BTreeMap<_, Manifest> = (present.iter())
        .map(|(id, manifest)| {
            let mut rest = manifest.clone();
            let done = rest.done_count();
            let mut index = 0;
            rest.stops.retain(|stop| {
                index += 1;
                index <= done || stop.tasks.iter().all(|task| task.shipment != after.shipment.id)
            });
            (id.clone(), rest)
        })
        .collect();
    let present: Vec<&Manifest> = present.values().collect();
    let mut found = Vec::new();
    for (id, rest) in &without {
        for position in rest.done_count()..=rest.stops.len() {
            let mut plan = without.clone();
            if let Some(chosen) = plan.get_mut(id) {
                chosen.stops.insert(position, stop.clone());
            }
            let planned: Vec<&Manifest> = plan.values().collect();
            if is_legal(snapshot, after, &present, &planned) {
                found.push((id.to_string(), position - rest.done_count()));
            }
        }
    }
    found
}

fn is_legal(
    snapshot: &Snapshot,
    after: &After<'_>,
    present: &[&Manifest],
    planned: &[&Manifest],
) -> bool {
    let touched: Vec<usize> =
        (0..present.len()).filter(|index| present[*index].stops != planned[*index].stops).collect();
    let routes = |of: &[&'_ Manifest]| -> Vec<Manifest> {
        touched.iter().map(|index| of[*index].clone()).collect()
    };
    let (before_routes, after_routes) = (routes(present), routes(planned));
    let side_before =
        Side { world: snapshot, routes: seen(snapshot, &before_routes), unassigned: Vec::new() };
    let side_after =
        Side { world: after, routes: seen(snapshot, &after_routes), unassigned: Vec::new() };
    let travel: &SharedRoads = &snapshot.roads;
    let conditions = Conditions {
        travel,
        risk: snapshot.settings.risk,
        now: snapshot.planning_time(),
        frozen_ahead: snapshot.settings.frozen_ahead(),
        occupied: &|_| 0,
    };
    judge(&side_before, &side_after, &conditions, &Latitude::default()).is_empty()
}

fn seen<'a>(snapshot: &'a Snapshot, manifests: &'a [Manifest]) -> Vec<Route<'a>> {
    let route = |manifest: &'a Manifest| Route {
        manifest,
        vehicle: &snapshot.state.vehicles[&manifest.duty.vehicle],
        depot: snapshot.depot(&manifest.duty.depot).expect("the depot").1,
        sighted: None,
        aboard: (snapshot.state.aboard.get(&manifest.id).into_iter().flatten())
            .map(|(shipment, parcel)| (shipment, parcel))
            .collect(),
    };
    manifests.iter().map(route).collect()
}

fn called_impossible(quote: &Quote) -> bool {
    quote.refusals.iter().any(|refusal| refusal.proof == Proof::Impossible)
}

#[test]
fn whatever_is_called_impossible_has_no_place_on_any_van() {
    let (mut asked, mut impossible, mut scanned_open) = (0, BTreeMap::new(), 0);
    for seed in 0..8 {
        let (small, mut dice, count) = medium_day(seed);
        for _ in 0..25 {
            let number = dice.random_range(1..=count);
            let snapshot = small.territory.snapshot();
            if !snapshot.state.assignments.contains_key(&(shipment_id(number), parcel_id(1))) {
                continue;
            }
            let wish = any_wish(&snapshot, &mut dice);
            let after = After::of(&snapshot, number, &wish);
            let quote = small.quote(number, wish);
            asked += 1;
            let told = || format!("seed {seed}, shipment {number}: {:?}", quote.refusals);
            if quote.offers.is_empty() {
                assert!(!quote.refusals.is_empty(), "refused without a reason: {}", told());
            }
            if called_impossible(&quote) {
                let places = places_for(&snapshot, &after, Back::ByLaw);
                assert!(places.is_empty(), "it fits at {places:?}: {}", told());
                let reason: RefusalReason = quote.refusals[0].reason;
                *impossible.entry(reason).or_insert(0) += 1;
            } else if quote.offers.is_empty() {
                // Not found as the others stand: that is what the scan finds, too.
                let places = places_for(&snapshot, &after, Back::Surely);
                assert!(places.is_empty(), "overlooked {places:?}: {}", told());
            } else if dice.random_bool(0.2) {
                scanned_open += usize::from(!places_for(&snapshot, &after, Back::ByLaw).is_empty());
            }
        }
    }
    let total: usize = impossible.values().sum();
    eprintln!(
        "{asked} wishes; impossible, each confirmed: {impossible:?}; {scanned_open} seen open"
    );
    // The scan must be able to say yes, and must have been asked.
    assert!(total > 30 && scanned_open > 3, "{total} impossible, {scanned_open} seen open");
}

/// A van for `count` parcels, on the road from `start` on.
fn open_van(small: &Small, number: usize, count: i64, start: Moment) {
    let vehicle = VehicleId::new(&format!("v{number}")).expect("a name");
    let capacity = Load::new(1_000_000, 10_000_000, count);
    small.ask(
        Role::Tms,
        Request::SetVehicle(Vehicle {
            id: vehicle.clone(),
            capacity,
            skills: Skills::NONE,
            per_hour: Cost::from_units(30),
            per_km: Cost(300_000),
            co2_grams_per_km: 180,
        }),
    );
    let driver = DriverId::new(&format!("d{number}")).expect("a name");
    let shift = Shift { start, end: at(16, 0), hard_end: at(18, 0) };
    let duty = Duty { driver, vehicle, depot: depot(), shift };
    small.ask(Role::Tms, Request::OpenManifest { manifest: manifest(number), duty });
}

/// The early van is full of a parcel that the late one could bring as well: with both moved, the wish
/// comes true. That it fits nowhere as the others stand is no proof.
#[test]
fn a_full_van_that_could_be_emptied_is_not_called_impossible() {
    let small = Small::with(&SimDisk::new(1), lenient(), host());
    small.tick(7, 0);
    open_van(&small, 1, 1, at(8, 0));
    open_van(&small, 2, 9, at(12, 0));
    let (one, two) = (small.door("one", 1_000.0, 0.0), small.door("two", 2_000.0, 0.0));
    small.create(vec![small.shipment(1, &one, &[]), small.shipment(2, &two, &[])]);
    small.import(&[&[1], &[2]]);
    let wish = Wish { windows: vec![window((8, 30), (10, 0))], ..Wish::default() };
    let quote = small.quote(2, wish.clone());
    assert!(!called_impossible(&quote), "{:?}", quote.refusals);
    // Once it is loaded, the full van stays full: then it is a proof.
    small.tick(8, 0);
    small.load_and_depart(1);
    let quote = small.quote(2, wish);
    assert!(called_impossible(&quote), "{:?}", quote.refusals);
}
