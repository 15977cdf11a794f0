//! Latest arrivals and limits against brute force: try every arrival, drive, and look.

use proptest::prelude::*;
use smallvec::smallvec;
use swerve_model::{Place, Risk};

use super::*;
use crate::fixtures::{Instance, Shape, plain_stop, plain_van, rules, square, window};

/// Whether the rest of `route`, reached at `position` at `arrival`, keeps every limit the route has:
/// driven stop by stop, with no backward pass.
fn rest_is_kept(
    route: &Route,
    position: usize,
    arrival: Moment,
    travel: &impl TravelTimes,
) -> bool {
    let (at, mut arrival) = (route.positions(), arrival);
    for here in position..=route.stops().len() {
        let windows = route.windows_at(here);
        let allowed = |window: &&TimeWindow| arrival <= window.close();
        let start = match windows.iter().find(allowed) {
            Some(window) => arrival.max(window.open()),
            None if windows.is_empty() => arrival,
            None => return false,
        };
        let departure = start + route.stops()[here - 1].service;
        let Some(next) = at.get(here + 1) else { return departure <= route.end_limit() };
        arrival = departure + travel.leg(at[here].place, next.place, departure).duration();
    }
    arrival <= route.end_limit()
}

/// The rest of a route, reached at some position at some moment.
#[derive(Debug, PartialEq)]
struct Rest {
    moments: Cost,
    waiting: Cost,
    finish: Moment,
}

fn rest_driven(route: &Route, position: usize, arrival: Moment, rules: &Rules) -> Rest {
    let mut rest = Rest { moments: Cost::ZERO, waiting: Cost::ZERO, finish: arrival };
    let mut arrival = arrival;
    for here in position..=route.stops().len() {
        let stop = &route.stops()[here - 1];
        let start = promise::start(route.windows_at(here), arrival).expect("not after its latest");
        rest.moments += rules.prices.moments(stop).at(start);
        rest.waiting += rules.prices.waiting(start - arrival);
        rest.finish = start + stop.service;
        let Some(next) = route.positions().get(here + 1) else { return rest };
        arrival = rest.finish + next.leg.duration();
    }
    Rest { finish: arrival, ..rest }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn latest_arrival_is_exactly_the_last_that_keeps_every_limit(
        seed: u64, varying: bool, careless: bool, shifts in prop::collection::vec(-40_000i64..40_000, 8),
    ) {
        let shape = Shape { vans: 2, stops_per_van: 10, varying, careless, islands: true };
        let instance = Instance::random(seed, shape);
        for route in &instance.routes {
            for (position, at) in route.positions().iter().enumerate().skip(1) {
                let just = [0, 1].map(|beyond| at.latest + Ticks(beyond));
                let around = shifts.iter().map(|shift| at.latest + Ticks(*shift));
                for arrival in just.into_iter().chain(around) {
                    let kept = rest_is_kept(route, position, arrival, &instance.travel);
                    prop_assert_eq!(kept, arrival <= at.latest, "{:?} at {}", arrival, position);
                }
            }
        }
    }

    #[test]
    fn a_delay_while_calm_costs_no_moment_and_ends_in_the_waits(
        seed: u64, careless: bool, delays in prop::collection::vec(1i64..40_000, 8),
    ) {
        let shape = Shape { vans: 2, stops_per_van: 10, varying: false, careless, islands: true };
        let instance = Instance::random(seed, shape);
        for route in &instance.routes {
            for (position, at) in route.positions().iter().enumerate().skip(1) {
                let latest = at.calm.min(at.latest);
                let arrivals = delays.iter().map(|delay| at.arrival + Ticks(*delay)).chain([latest]);
                for arrival in arrivals.filter(|arrival| at.arrival < *arrival && *arrival <= latest) {
                    let rest = rest_driven(route, position, arrival, &instance.rules);
                    let delay = arrival - at.arrival;
                    let waits = at.waits - delay.min(at.waits);
                    let expected = Rest {
                        moments: Cost::ZERO,
                        waiting: instance.rules.prices.waits(waits),
                        finish: route.finish() + (delay - at.waits).max(Ticks::ZERO),
                    };
                    prop_assert_eq!(rest, expected);
                }
            }
        }
    }

    #[test]
    fn a_route_keeps_its_own_limits_and_its_costs_add_up(seed: u64, varying: bool, careless: bool) {
        let shape = Shape { vans: 3, stops_per_van: 10, varying, careless, islands: true };
        let instance = Instance::random(seed, shape);
        for route in &instance.routes {
            let by_cause = route.cost_by_cause();
            prop_assert_eq!(route.cost(), by_cause.total());
            prop_assert!(route.relief() + route.waits() >= by_cause.lateness + by_cause.waiting);
            // Where even the empty van finds no way home, nobody can be careful enough.
            let van = Arc::clone(route.van());
            let bare = Route::schedule(van, Vec::new(), &instance.travel, &instance.rules);
            prop_assert!(careless || route.is_legal() || !bare.is_legal());
            let driven = !route.is_idle();
            for (position, at) in route.positions().iter().enumerate().skip(1) {
                prop_assert!(!driven || at.arrival <= at.latest, "position {}", position);
            }
        }
    }

    #[test]
    fn a_published_route_stands_as_it_was_published(seed: u64) {
        let shape = Shape { vans: 2, stops_per_van: 12, varying: false, careless: true, islands: true };
        let instance = Instance::random(seed, shape);
        let (travel, rules) = (&instance.travel, &instance.rules);
        for route in &instance.routes {
            let stops: Vec<Stop> = route.stops().iter().map(|stop| (**stop).clone()).collect();
            let published = Route::published(Arc::clone(route.van()), &stops, travel, rules);
            prop_assert_eq!(published.excess().late_stops, 0, "what is published is allowed");
            for (index, stop) in published.stops().iter().enumerate() {
                let arrival = published.positions()[index + 1].arrival;
                let raw = swerve_model::window::start_of_service(&stop.windows, arrival);
                prop_assert_eq!(published.start_of(index), raw.unwrap_or(arrival));
                prop_assert_eq!(stop.baseline, Some(published.baseline_of(index, &rules.assurance)));
            }
        }
    }
}

fn second_of_spread() -> Rules {
    let assurance = Assurance { risk: Risk::NONE, margin: 2.0 };
    Rules { assurance, ..rules(false) }
}

#[test]
fn a_late_stop_is_counted_and_may_stay_as_late() {
    let stop = Stop { windows: smallvec![window(0, 60)], ..plain_stop(1, 1) };
    let route = Route::schedule(
        Arc::new(plain_van(7, 0)),
        vec![Arc::new(stop)],
        &square(),
        &second_of_spread(),
    );
    assert_eq!(route.excess().late_stops, 1);
    assert_eq!(route.start_of(0), Moment(100));
    assert_eq!(route.positions()[1].latest, Moment(100));
    assert_eq!(route.windows_at(1), [window(0, 100)]);
}

#[test]
fn a_van_pays_for_what_it_drives_and_for_waiting() {
    let stop = Stop { windows: smallvec![window(500, 900)], ..plain_stop(1, 1) };
    let van = Van { end: Some(Place(0)), ..plain_van(7, 0) };
    let route = Route::schedule(Arc::new(van), vec![Arc::new(stop)], &square(), &rules(false));
    let leg = rules(false).prices.leg(Leg { ticks: 100, meters: 100 });
    let wait = rules(false).prices.waiting(Ticks(400));
    assert!(wait > Cost::ZERO);
    assert_eq!(route.cost(), leg + leg + wait);
    assert_eq!(route.cost_by_cause().waiting, wait);
    assert_eq!(route.start_of(0), Moment(500));
    assert_eq!(route.finish(), Moment(610));
}

#[test]
fn a_van_not_in_use_costs_nothing_and_one_on_the_road_drives_home() {
    let van = Van { end: Some(Place(1)), ..plain_van(7, 0) };
    let idle = Van { use_cost: Some(Cost::from_units(50)), ..van.clone() };
    let cost = |van: Van, stops: Vec<Arc<Stop>>| {
        Route::schedule(Arc::new(van), stops, &square(), &rules(false)).cost()
    };
    let leg = rules(false).prices.leg(Leg { ticks: 100, meters: 100 });
    assert_eq!(cost(idle.clone(), Vec::new()), Cost::ZERO);
    assert_eq!(cost(van, Vec::new()), leg);
    let at_start = vec![Arc::new(plain_stop(1, 0))];
    assert_eq!(cost(idle, at_start), leg + Cost::from_units(50));
}

#[test]
fn what_a_route_breaks_is_measured() {
    let van = Van {
        hard_end: Moment(150),
        capacity: Load::new(1, 5, 5),
        carried: Load::new(2, 0, 0),
        ..plain_van(7, 0)
    };
    let stops = vec![Arc::new(plain_stop(1, 1)), Arc::new(plain_stop(2, 2))];
    let route = Route::schedule(Arc::new(van), stops, &square(), &rules(false));
    let excess = route.excess();
    assert_eq!((excess.load, excess.time), (Load::new(3, 0, 0), Ticks(220 - 150)));
    assert_eq!(route.room(), Load::new(0, 3, 3));
    assert!(excess.is_within(excess) && !excess.is_within(&Excess::default()));
}

#[test]
fn a_stop_told_otherwise_costs_by_the_minute_and_by_the_van() {
    let told = |route: u32, open: i64, close: i64| {
        Some(crate::Told { route, open: Moment(open), close: Moment(close), weight: 3 })
    };
    let cost = |told: Option<crate::Told>| {
        let stop = Arc::new(Stop { told, ..plain_stop(1, 1) });
        let van = Arc::new(plain_van(7, 0));
        Route::schedule(van, vec![stop], &square(), &rules(false)).cost_by_cause().disturbance
    };
    let minute = 600 * 3 * (20_000 / 600);
    assert_eq!(cost(told(7, 50, 150)), Cost::ZERO);
    assert_eq!(cost(told(7, 700, 900)), Cost(minute));
    assert_eq!(cost(told(8, 50, 150)), Cost(500_000));
}
