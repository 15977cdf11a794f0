//! A made-up city: a day planned from nothing, stops inserted into it, and a few routes improved.
//!
//! `cargo run --release -p swerve-optimizer --example city -- STOPS VANS ITERATIONS WORKERS SEED`
//!
//! Stops lie in clusters around two hundred squares; a tenth has a window of two hours. Driving is the
//! straight line times 1.3 at 30 km/h. Everything is CPU time; nothing here depends on the clock.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use swerve_model::{
    Cost, Leg, Load, Moment, Pace, Place, Planar, RouteShape, Skills, Ticks, TimeWindow,
    TravelTimes,
};
use swerve_optimizer::{
    Assurance, Custody, Fleet, Live, Prices, Problem, Route, Rules, Search, Stop, Tariff, Told,
    Van, Windows, construct, improve,
};
use swerve_spatial::ChunkIndex;

#[path = "shared/cpu.rs"]
mod cpu;

const CITY_METERS: f64 = 20_000.0;
const TICKS_PER_METER: f64 = 1.2;
const CROOKED: f64 = 1.3;

struct Plane(Vec<Planar>);

fn leg(meters: f64) -> Leg {
    Leg { ticks: (meters * TICKS_PER_METER) as i32, meters: meters as i32 }
}

impl TravelTimes for Plane {
    fn leg(&self, from: Place, to: Place, _depart: Moment) -> Leg {
        let straight = self.0[from.0 as usize].distance(self.0[to.0 as usize]);
        leg(straight * CROOKED)
    }

    fn position(&self, place: Place) -> Planar {
        self.0[place.0 as usize]
    }

    fn pace(&self) -> Pace {
        Pace { ticks: TICKS_PER_METER * CROOKED, meters: CROOKED }
    }
}

fn index(routes: &[Arc<Route>]) -> ChunkIndex {
    let shapes: Vec<RouteShape> = routes.iter().map(|route| route.shape()).collect();
    ChunkIndex::new((0..).zip(&shapes))
}

struct City {
    travel: Plane,
    vans: Vec<Arc<Van>>,
    stops: Vec<Arc<Stop>>,
    /// Stops that are not in the day's plan.
    later: Vec<Stop>,
}

const START: Moment = Moment(8 * 36_000);

fn city(stops: u32, vans: u32, rng: &mut ChaCha8Rng) -> Result<City, Box<dyn Error>> {
    let mut anywhere =
        || Planar { x: rng.random_range(0.0..CITY_METERS), y: rng.random_range(0.0..CITY_METERS) };
    let squares: Vec<Planar> = (0..200).map(|_| anywhere()).collect();
    let mut points = vec![Planar { x: CITY_METERS * 0.4, y: CITY_METERS * 0.45 }];
    let mut all = Vec::new();
    for key in 1..=stops + 1_000 {
        let square = squares[rng.random_range(0..squares.len())];
        let mut near = || (0..3).map(|_| rng.random_range(-400.0..400.0)).sum::<f64>();
        points.push(Planar { x: square.x + near(), y: square.y + near() });
        let mut windows = Windows::new();
        if rng.random_bool(0.1) {
            let open = START + Ticks::from_minutes(rng.random_range(30..360));
            windows.push(TimeWindow::new(open, open + Ticks::from_hours(2))?);
        }
        all.push(Stop {
            key,
            place: Place(key),
            windows,
            service: Ticks::from_seconds(rng.random_range(60..180)),
            load: Load::new(rng.random_range(200..8_000), rng.random_range(1_000..20_000), 1),
            skills: Skills::NONE,
            custody: Custody::AtDepot(0),
            ready: None,
            pinned: false,
            baseline: None,
            told: None,
            drop_cost: Cost::from_units(1_000),
        });
    }
    let later = all.split_off(stops as usize);
    let van = |key| Van {
        key,
        start: Place(0),
        depart: START,
        known: START,
        end: Some(Place(0)),
        shift_end: START + Ticks::from_hours(8),
        hard_end: START + Ticks::from_hours(9),
        capacity: Load::new(1_500_000, 8_000_000, 200),
        carried: Load::ZERO,
        skills: Skills::NONE,
        loads_from: Some(0),
        leaves: Moment(0),
        use_cost: Some(Cost::from_units(100)),
    };
    Ok(City {
        travel: Plane(points),
        vans: (0..vans).map(|key| Arc::new(van(key))).collect(),
        stops: all.into_iter().map(Arc::new).collect(),
        later,
    })
}

/// The plan as published: everybody told half an hour around the planned start.
fn told(routes: &[Arc<Route>], city: &City, rules: &Rules) -> Vec<Arc<Route>> {
    let tell = |route: &Arc<Route>| {
        let half = Ticks::from_minutes(15);
        let stop = |index: usize| {
            let start = route.start_of(index);
            let told =
                Told { route: route.van().key, open: start - half, close: start + half, weight: 1 };
            let baseline = Some(route.baseline_of(index, &rules.assurance));
            Arc::new(Stop { told: Some(told), baseline, ..(*route.stops()[index]).clone() })
        };
        let stops = (0..route.stops().len()).map(stop).collect();
        let van = Van { use_cost: None, ..(**route.van()).clone() };
        Arc::new(Route::schedule(Arc::new(van), stops, &city.travel, rules))
    };
    routes.iter().map(tell).collect()
}

fn main() -> Result<(), Box<dyn Error>> {
    let numbers: Vec<u64> =
        std::env::args().skip(1).map(|argument| argument.parse()).collect::<Result<_, _>>()?;
    let [stops, vans, iterations, workers, seed] = numbers[..] else {
        return Err("usage: city STOPS VANS ITERATIONS WORKERS SEED".into());
    };
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let city = city(stops as u32, vans as u32, &mut rng)?;
    let rules = Rules {
        prices: Prices::new(&Tariff::default()),
        assurance: Assurance::default(),
        travel_varies: false,
    };
    let never = AtomicBool::new(false);
    let search = Search { seed, workers: workers as u32, iterations, stop: &never };
    let (plan, seconds) =
        cpu::timed(|| construct(&city.vans, &city.stops, &city.travel, &rules, &search));
    let used = plan.routes.iter().filter(|route| !route.stops().is_empty()).count();
    let done: u64 = plan.iterations.iter().sum();
    cpu::say(&format!(
        "construct: cost {:.1}, {used} routes, {} dropped, {done} iterations in {seconds:.2} s CPU: \
         {:.0}/s",
        plan.after.money.as_units_f64(),
        plan.unassigned.len(),
        done as f64 / seconds
    ));
    let routes = told(&plan.routes, &city, &rules);
    insertions(&routes, &city, &rules);
    improvements(&routes, &city, &rules, &search);
    Ok(())
}

fn insertions(routes: &[Arc<Route>], city: &City, rules: &Rules) {
    let fleet = Fleet::new(routes.to_vec());
    let gaps = index(routes);
    let live = Live { fleet: &fleet, chunks: &gaps, travel: &city.travel, rules };
    let (efforts, seconds) = cpu::timed(|| {
        let effort = |stop: &Stop| live.cheapest(stop, None, 1).effort;
        city.later.iter().map(effort).fold([0, 0, 0], |sum, effort| {
            [sum[0] + effort.bounds, sum[1] + effort.gaps, sum[2] + effort.driven]
        })
    });
    let count = city.later.len() as f64;
    let ((), scanned) = cpu::timed(|| {
        city.later.iter().take(20).for_each(|stop| {
            live.scan_everything(stop, None, 1);
        });
    });
    let [bounds, tried, driven] = efforts.map(|sum| f64::from(sum) / count);
    cpu::say(&format!(
        "insertion: {:.1} us (every gap bounded), {bounds:.1} bounds, {tried:.1} gaps, \
         {driven:.1} driven; full scan {:.0} us",
        seconds / count * 1e6,
        scanned / 20.0 * 1e6
    ));
}

/// A look at the route of a stop and its nearest others, as after a change.
fn improvements(routes: &[Arc<Route>], city: &City, rules: &Rules, search: &Search) {
    let center = |route: &Route| {
        let at = route.positions();
        let sum = at.iter().fold((0.0, 0.0), |sum, at| (sum.0 + at.point.x, sum.1 + at.point.y));
        Planar { x: sum.0 / at.len() as f64, y: sum.1 / at.len() as f64 }
    };
    for iterations in [0, 1, 50, 500, 5_000] {
        let (mut saved, mut done, mut seconds, mut looks) = (Cost::ZERO, 0, 0.0, 0);
        for route in routes.iter().filter(|route| !route.stops().is_empty()).take(20) {
            let mut near: Vec<&Arc<Route>> = routes.iter().collect();
            let from = center(route);
            near.sort_by(|a, b| from.distance(center(a)).total_cmp(&from.distance(center(b))));
            let problem = Problem {
                routes: near.into_iter().take(9).cloned().collect(),
                unassigned: Vec::new(),
                focus: vec![route.stops()[route.stops().len() / 2].key],
            };
            let search = Search { iterations, workers: 1, ..*search };
            let (proposal, spent) = cpu::timed(|| improve(&problem, &city.travel, rules, &search));
            saved += proposal.before.money - proposal.after.money;
            done += proposal.iterations.iter().sum::<u64>();
            (seconds, looks) = (seconds + spent, looks + 1);
        }
        cpu::say(&format!(
            "improve: {iterations} iterations in {:.2} ms, {:.1} us each, saved {:.2} a look",
            seconds / f64::from(looks) * 1e3,
            seconds / done as f64 * 1e6,
            saved.as_units_f64() / f64::from(looks)
        ));
    }
}
