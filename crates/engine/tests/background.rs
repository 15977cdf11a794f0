//! What is searched while nobody waits: it makes plans better, tells drivers no more than they may be
//! told, and enters the log at the same place with any number of threads.

mod small;

use std::collections::BTreeSet;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use small::{Small, at, lenient, manifest, parcel_id, shipment_id, spot};
use swerve_checker::Flag;
use swerve_engine::{BackgroundFigures, Discarded, Request, Settings, State, flags};
use swerve_eventlog::sim::SimDisk;
use swerve_model::nearby::NO_LIMIT;
use swerve_model::{
    Cost, Custody, DetourPrice, GapSearch, ManifestState, Moment, NearbyChunks, NearbyGap, Pace,
    Planar, Role, RouteShape, ShipmentId, StopId, Ticks, Wish, WishedPlace,
};
use swerve_spatial::ChunkIndex;

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
    dealt_out(settings, threads, vans, stops, seed, 10)
}

/// The same with a window at one stop of so many.
fn dealt_out(
    settings: Settings,
    threads: usize,
    vans: usize,
    stops: usize,
    seed: u64,
    timed: usize,
) -> Small {
    let small = Small::with(&SimDisk::new(1), settings, small::host_with(threads));
    small.tick(7, 0);
    small.open_vans(vans);
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let shipments = (1..=stops).map(|number| {
        let (x, y) = (rng.random_range(-9_000.0..9_000.0), rng.random_range(-9_000.0..9_000.0));
        let door = small.door(&format!("door{number}"), x, y);
        let windows = if number % timed == 0 {
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
        // No promise to save: that may be told more often.
        let small = dealt_out(settings, 2, 3, 90, 5, usize::MAX);
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
            let told = |state: &State| state.messages_last_hour(&manifest(number));
            assert_eq!(told(&after.state), told(&before.state), "replay knows who was told");
        }
        hashes
    };
    assert_eq!(run(1), run(2));
}

/// A day in which everything happens between two ticks, while groups are under way.
struct Day {
    small: Small,
    dice: ChaCha8Rng,
    now: Moment,
    vans: usize,
    stops: usize,
}

impl Day {
    fn new(settings: Settings, seed: u64) -> Day {
        let (vans, stops) = (4, 36);
        let small = scattered(settings, 2, vans, stops, seed);
        Day { small, dice: ChaCha8Rng::seed_from_u64(seed), now: at(7, 0), vans, stops }
    }

    fn step(&mut self) {
        let shipment = self.dice.random_range(1..=self.stops);
        let van = self.dice.random_range(1..=self.vans);
        match self.dice.random_range(0..12) {
            0 => self.try_to(
                Role::Tms,
                Request::CancelShipment { shipment: shipment_id(shipment), etag: None },
            ),
            1 | 2 => self.reroute(shipment),
            3 => self.scan(shipment, van),
            4 => self.depart(van),
            5 => self.serve(van),
            6 => self.pin(shipment),
            7 => self.shift(shipment, van),
            _ => self.tick(),
        }
    }

    /// A rule may refuse it: then nothing has happened, which is as good a test.
    fn try_to(&self, role: Role, request: Request) {
        drop(self.small.ask_as(role, request));
    }

    fn reroute(&mut self, shipment: usize) {
        let (x, y) =
            (self.dice.random_range(-9_000.0..9_000.0), self.dice.random_range(-9_000.0..9_000.0));
        let wish = Wish { place: Some(WishedPlace::Location(spot(x, y))), ..Wish::default() };
        let quote = self.small.quote(shipment, wish);
        if !quote.offers.is_empty() {
            self.small.commit(&quote, 0);
        }
    }

    fn scan(&self, shipment: usize, van: usize) {
        let custody = Custody::Loaded(manifest(van));
        let (shipment, parcel) = (shipment_id(shipment), parcel_id(1));
        let scan = swerve_engine::Scan { shipment, parcel, custody };
        self.try_to(Role::Tms, Request::RecordScans(vec![scan]));
    }

    fn depart(&mut self, van: usize) {
        let state = &self.small.territory.snapshot().state;
        if state.manifests[&manifest(van)].may_load() && self.dice.random_bool(0.3) {
            self.small.load_and_depart(van);
        }
    }

    fn serve(&self, van: usize) {
        let state = &self.small.territory.snapshot().state;
        let found = &state.manifests[&manifest(van)];
        let Some(next) = found.stops.get(found.done_count()) else { return };
        let (manifest, stop, at) = (manifest(van), next.id.clone(), self.now);
        self.try_to(Role::Dispatcher, Request::CompleteStop { manifest, stop, at });
    }

    fn pin(&mut self, shipment: usize) {
        if let Some((manifest, stop)) = self.stop_of(shipment) {
            let pinned = self.dice.random_bool(0.7);
            self.try_to(Role::Dispatcher, Request::PinStop { manifest, stop, pinned });
        }
    }

    fn shift(&mut self, shipment: usize, to: usize) {
        let Some((from, stop)) = self.stop_of(shipment) else { return };
        let seen = self.small.territory.snapshot().state.revision;
        let (to, position) = (manifest(to), self.dice.random_range(0..6));
        self.try_to(Role::Dispatcher, Request::MoveStop { stop, from, to, position, seen });
    }

    fn stop_of(&self, shipment: usize) -> Option<(swerve_model::ManifestId, StopId)> {
        let state = &self.small.territory.snapshot().state;
        let at = state.assignments.get(&(shipment_id(shipment), parcel_id(1)))?;
        Some((at.manifest.clone(), at.stop.clone()))
    }

    fn tick(&mut self) {
        let before = self.small.territory.snapshot();
        self.now += Ticks::from_minutes(self.dice.random_range(1..4));
        self.small.ask(Role::Operator, Request::Tick(self.now));
        let after = self.small.territory.snapshot();
        for found in after.state.manifests.values() {
            let was = &before.state.manifests[&found.id];
            // No time passes for the plan in between but that of the tick itself.
            let held =
                was.done_count() + usize::from(matches!(was.state, ManifestState::Departed(_)));
            let held = held.min(was.stops.len());
            let ids = |stops: &[swerve_model::Stop]| {
                stops.iter().map(|stop| stop.id.clone()).collect::<Vec<_>>()
            };
            assert_eq!(ids(&was.stops[..held]), ids(&found.stops[..held]), "frozen stops moved");
            let pins = |stops: &[swerve_model::Stop]| {
                let pinned = stops.iter().filter(|stop| stop.pinned && !stop.state.is_done());
                pinned.map(|stop| stop.id.clone()).collect::<Vec<_>>()
            };
            assert_eq!(pins(&was.stops), pins(&found.stops), "pinned stops moved");
        }
        check_places(&after);
    }
}

/// Every open parcel is in one place, and what is in a van on that van's list: an exchange of which
/// only half was made would lose one or have it twice.
fn check_places(snapshot: &swerve_engine::Snapshot) {
    check_index(snapshot);
    let wrong = flags(snapshot).into_iter().filter(|flag| {
        !matches!(
            flag,
            Flag::PromiseMissed { .. } | Flag::PromiseUnsure { .. } | Flag::ShiftExceeded { .. }
        )
    });
    let wrong: Vec<Flag> = wrong.collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    let state = &snapshot.state;
    for shipment in state.shipments.values() {
        for parcel in shipment.open_parcels() {
            let key = (shipment.id.clone(), parcel.id.clone());
            let places = usize::from(state.assignments.contains_key(&key))
                + usize::from(state.unassigned.contains_key(&key));
            assert_eq!(places, 1, "{key:?}");
        }
    }
    for (key, at) in &state.assignments {
        let stop = state.manifests[&at.manifest].stop(&at.stop).expect("it exists");
        let is_on_it = stop.tasks.iter().any(|t| t.shipment == key.0 && t.parcels.contains(&key.1));
        assert!(is_on_it, "{key:?}");
    }
}

/// Every gap an index has, with a price that depends on where it is and on when it is left.
struct Everything {
    price: DetourPrice,
    shown: Vec<(NearbyGap, Cost)>,
}

impl GapSearch for Everything {
    fn price(&self) -> DetourPrice {
        self.price
    }

    fn limit(&self) -> Cost {
        NO_LIMIT
    }

    fn visit(&mut self, gap: NearbyGap, floor: Cost) {
        self.shown.push((gap, floor));
    }
}

/// The index has every route as it is now, with its times: one with older times would pass over places
/// that are free.
fn check_index(snapshot: &swerve_engine::Snapshot) {
    let now = snapshot.state.now.0 as f64;
    let everything = |index: &ChunkIndex, open: f64| {
        let pace = Pace { ticks: 1.0, meters: 1.0 };
        let price = DetourPrice {
            pace,
            tick: 3.0,
            meter: 1.0,
            wait: 2.0,
            wait_max: 1e9,
            open,
            close: open + 36_000.0,
            ..DetourPrice::FREE
        };
        let mut all = Everything { price, shown: Vec::new() };
        index.search_gaps(Planar { x: 1_000.0, y: 500.0 }, &mut all);
        all.shown.sort_unstable();
        all.shown
    };
    let routes = snapshot.fleet().routes();
    let shapes: Vec<RouteShape> = routes.iter().map(|route| route.shape()).collect();
    let anew = ChunkIndex::new((0..).zip(&shapes));
    for hours in [-2.0, 0.0, 2.0, 5.0] {
        let open = now + hours * 36_000.0;
        assert_eq!(everything(snapshot.chunks(), open), everything(&anew, open));
    }
}

#[test]
fn whatever_happens_meanwhile_no_result_is_half_applied() {
    let mut total = BackgroundFigures::default();
    for seed in 0..25 {
        let mut settings = alone(3);
        settings.policy.interruptions_per_hour = 50;
        let background = &mut settings.budget.background;
        background.gain_min = Cost::ZERO;
        background.message_gain = Cost::ZERO;
        background.group_stops = 25;
        background.rest = Ticks::ZERO;
        let mut day = Day::new(settings.clone(), seed);
        for _ in 0..60 {
            day.step();
        }
        day.tick();
        let figures = day.small.territory.background();
        total.published += figures.published;
        for (sum, count) in total.discarded.iter_mut().zip(figures.discarded) {
            *sum += count;
        }
        let before = day.small.territory.snapshot();
        day.small.disk.crash();
        let again = Small::with(&day.small.disk, settings, small::host());
        let after = again.territory.snapshot();
        assert_eq!(after.plan_hash(), before.plan_hash(), "seed {seed}");
        assert_eq!(after.state.sequence, before.state.sequence, "seed {seed}");
    }
    eprintln!("{total:?}");
    assert!(total.published > 100, "{total:?}");
    assert!(total.discarded_for(Discarded::BaseMoved) > 20, "{total:?}");
    assert_eq!(total.discarded_for(Discarded::Checker), 0, "the search keeps the rules: {total:?}");
}
