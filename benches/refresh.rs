//! One live route after a change at one place: arrivals forward and latest arrivals backward, beside
//! the definition of both, which drives what is left of the route again for every moment it tries.

#[path = "shared/fleet.rs"]
mod fleet;
#[path = "shared/pair.rs"]
mod pair;

use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use swerve_model::{Moment, Planar, Ticks, TimeWindow, TravelTimes as _};
use swerve_optimizer::{Route, Rules, Stop};

use fleet::{Plane, any_window, in_strips, rules, stop, van};

const SEED: u64 = 1;
const STOPS: u32 = 150;
/// One stop in so many has a window.
const WINDOW_EVERY: u32 = 10;
/// A district 1.5 km across.
const SIDE_METERS: f64 = 1_500.0;

/// A route, and stops that come into it, each at its place in the order.
struct Case {
    plane: Plane,
    rules: Rules,
    route: Route,
    coming: Vec<(usize, Arc<Stop>)>,
}

impl Case {
    fn new() -> Case {
        let mut rng = ChaCha8Rng::seed_from_u64(SEED);
        let mut door = || Planar {
            x: rng.random_range(0.0..SIDE_METERS),
            y: rng.random_range(0.0..SIDE_METERS),
        };
        let mut points: Vec<Planar> = (0..=STOPS).map(|_| door()).collect();
        in_strips(&mut points[1..], 100.0);
        points.extend((0..64).map(|_| door()));
        let (plane, rules) = (Plane(points), rules());
        let stops: Vec<Stop> = (1..=STOPS)
            .map(|place| {
                let has_window = place % WINDOW_EVERY == 0;
                stop(place, place, has_window.then(|| any_window(&mut rng)))
            })
            .collect();
        let route = Route::published(Arc::new(van(0)), &stops, &plane, &rules);
        let coming = (STOPS + 1..=STOPS + 64)
            .map(|place| (rng.random_range(1..=STOPS as usize), Arc::new(stop(place, place, None))))
            .collect();
        Case { plane, rules, route, coming }
    }
}

/// Arrivals and latest arrivals at every position but the anchor, from what they mean.
fn by_definition(route: &Route, plane: &Plane) -> Vec<(Moment, Moment)> {
    let end_limit = route.van().hard_end.max(route.finish());
    let last = route.positions().len() - 1;
    let arrivals = drive(route, plane, 0, route.van().depart);
    let keeps = |position: usize, arrival: Moment| {
        let driven = drive(route, plane, position, arrival);
        driven.iter().zip(position..).all(|(at, position)| match position {
            position if position == last => *at <= end_limit,
            position => start(route.windows_at(position), *at).is_some(),
        })
    };
    let latest = |position: usize| {
        let (mut good, mut bad) = (arrivals[position], end_limit + Ticks(1));
        while bad - good > Ticks(1) {
            let middle = good + Ticks((bad - good).0 / 2);
            if keeps(position, middle) { good = middle } else { bad = middle }
        }
        good
    };
    (1..=last).map(|position| (arrivals[position], latest(position))).collect()
}

/// Arrivals from `position` on for a van that is there at `arrival`.
fn drive(route: &Route, plane: &Plane, position: usize, arrival: Moment) -> Vec<Moment> {
    let at = route.positions();
    let mut arrivals = vec![arrival];
    for next in position + 1..at.len() {
        let here = arrivals[arrivals.len() - 1];
        let departure = match next - 1 {
            0 => here,
            position => {
                let served = start(route.windows_at(position), here).unwrap_or(here);
                served + route.stops()[position - 1].service
            }
        };
        let leg = plane.leg(at[next - 1].place, at[next].place, departure);
        arrivals.push(departure + leg.duration());
    }
    arrivals
}

fn start(windows: &[TimeWindow], arrival: Moment) -> Option<Moment> {
    let open = windows.iter().find(|window| arrival <= window.close());
    if windows.is_empty() { Some(arrival) } else { open.map(|window| arrival.max(window.open())) }
}

fn bench(criterion: &mut Criterion<pair::CpuTime>) {
    let case = Case::new();
    let mut group = criterion.benchmark_group("refresh");
    let mut coming = case.coming.iter().cycle();
    let mut changed = || {
        let (position, stop) = coming.next().expect("a circle does not end");
        case.route.with_inserted(*position, Arc::clone(stop), &case.plane, &case.rules)
    };
    let routes: Vec<Route> = (0..case.coming.len()).map(|_| changed()).collect();
    for route in &routes {
        let stands = route.positions().iter().skip(1).map(|at| (at.arrival, at.latest));
        assert!(stands.eq(by_definition(route, &case.plane)), "both are exact");
    }
    let refresh = pair::measure(&mut group, format!("route_of_{STOPS}_stops"), changed);

    let mut changed = routes.iter().cycle();
    group.sample_size(10);
    let naive = pair::measure(&mut group, format!("driven_anew_{STOPS}_stops"), || {
        by_definition(changed.next().expect("a circle does not end"), &case.plane)
    });
    pair::compare(&format!("refresh of {STOPS} stops"), refresh, naive);
    group.finish();
}

criterion_group! { name = benches; config = pair::by_cpu_time(); targets = bench }
criterion_main!(benches);
