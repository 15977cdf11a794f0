//! The look around a change before it is answered: what a millisecond of it buys, beside a search that
//! copies the plan for every round and looks at every gap, and beside planning everything from nothing.

#[path = "shared/fleet.rs"]
mod fleet;
#[path = "shared/pair.rs"]
mod pair;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use swerve_model::{Cost, Planar, Ticks, TravelTimes as _};
use swerve_optimizer::{
    Brake, Fleet, Live, Problem, Proposal, Route, Rules, Search, Stop, Told, Van, construct,
    improve,
};

use fleet::{Plane, any_window, index, rules, stop, van};

const SEED: u64 = 1;
/// As many manifests as one look takes in, and rounds as the engine makes by default.
const VANS: u32 = 8;
const STOPS_EACH: u32 = 150;
const ROUNDS: u64 = 60;
/// Rounds for each stop of a plan from nothing: a third of what the engine makes by default.
const ROUNDS_PER_STOP: u64 = 10;
const WORKERS: u32 = 2;
/// Looks before and after an answer, as long as the engine's are by default.
const LOOKS: [u64; 2] = [ROUNDS, 400];
/// More than the budget buys; with many more the search would first write down every leg there is.
const ROUNDS_MAX: u64 = 500;
/// Around one change in ten there is anything to save, and around few of those much: of fewer changes
/// one would decide the mean.
const CHANGES: u32 = 96;
const BUDGET: Duration = Duration::from_millis(1);
/// Neighbouring districts, 5 km across.
const SIDE_METERS: f64 = 5_000.0;
/// Stops the naive twin takes out at most.
const REMOVED_MAX: usize = 10;

/// Routes that are published and told, and changes to them.
struct Case {
    plane: Plane,
    rules: Rules,
    changes: Vec<Change>,
}

/// A stop has just been put where it costs least.
struct Change {
    key: u32,
    routes: Vec<Arc<Route>>,
}

impl Case {
    fn new() -> Case {
        let mut rng = ChaCha8Rng::seed_from_u64(SEED);
        let count = VANS * STOPS_EACH;
        let points = (0..=count + CHANGES).map(|_| Planar {
            x: rng.random_range(0.0..SIDE_METERS),
            y: rng.random_range(0.0..SIDE_METERS),
        });
        let (plane, rules) = (Plane(points.collect()), rules());
        let mut any_stop = |place: u32| {
            let has_window = rng.random_bool(0.1);
            Arc::new(stop(place, place, has_window.then(|| any_window(&mut rng))))
        };
        let stops: Vec<Arc<Stop>> = (1..=count).map(&mut any_stop).collect();
        let routes = told(&from_nothing(&stops, &plane, &rules).routes, &plane, &rules);
        let chunks = index(&routes);
        let fleet = Fleet::new(routes.clone());
        let live = Live { fleet: &fleet, chunks: &chunks, travel: &plane, rules: &rules };
        let insert = |place: u32| {
            let new = any_stop(place);
            let answer = live.cheapest(&new, None, 1);
            let at = *answer.cheapest()?;
            let mut routes = routes.clone();
            let route = &mut routes[at.route as usize];
            let longer = route.with_inserted(at.position as usize, new, &plane, &rules);
            *route = Arc::new(longer);
            Some(Change { key: place, routes })
        };
        let changes = (count + 1..=count + CHANGES).filter_map(insert).collect();
        Case { plane, rules, changes }
    }

    /// The look before an answer.
    fn look(&self, change: &Change, workers: u32, iterations: u64, stop: &dyn Brake) -> Proposal {
        let problem = Problem {
            routes: change.routes.clone(),
            unassigned: Vec::new(),
            focus: vec![change.key],
        };
        let search = Search { seed: SEED, workers, iterations, stop };
        improve(&problem, &self.plane, &self.rules, &search)
    }
}

fn from_nothing(stops: &[Arc<Stop>], plane: &Plane, rules: &Rules) -> Proposal {
    let vans: Vec<Arc<Van>> = (0..VANS).map(|key| Arc::new(van(key))).collect();
    let (never, iterations) = (AtomicBool::new(false), ROUNDS_PER_STOP * stops.len() as u64);
    let search = Search { seed: SEED, workers: 1, iterations, stop: &never };
    construct(&vans, stops, plane, rules, &search)
}

/// Everybody is told ten minutes around the planned start.
fn told(routes: &[Arc<Route>], plane: &Plane, rules: &Rules) -> Vec<Arc<Route>> {
    let tell = |route: &Arc<Route>| {
        let around = Ticks::from_minutes(5);
        let stop = |index: usize| {
            let (start, route_key) = (route.start_of(index), route.van().key);
            let told =
                Told { route: route_key, open: start - around, close: start + around, weight: 1 };
            Stop { told: Some(told), ..(*route.stops()[index]).clone() }
        };
        let stops: Vec<Stop> = (0..route.stops().len()).map(stop).collect();
        Arc::new(Route::published(Arc::clone(route.van()), &stops, plane, rules))
    };
    routes.iter().map(tell).collect()
}

fn money(routes: &[Arc<Route>]) -> Cost {
    routes.iter().map(|route| route.cost()).sum()
}

/// Ends a search once so much CPU time is used.
#[derive(Debug)]
struct Until(Duration);

impl Brake for Until {
    fn ends(&self) -> bool {
        pair::cpu_time() >= self.0
    }
}

/// Ruin and recreate written plainly: a copy of the whole plan for every round, every gap of it looked
/// at for every stop, and a route driven from its beginning whenever it changes.
struct Naive<'a> {
    case: &'a Case,
    /// Where to search around.
    around: Planar,
    limits: &'a [Arc<Route>],
    best: Vec<Route>,
    rng: ChaCha8Rng,
}

impl<'a> Naive<'a> {
    fn new(case: &'a Case, change: &'a Change) -> Naive<'a> {
        let rng = ChaCha8Rng::seed_from_u64(SEED);
        let best = change.routes.iter().map(|route| (**route).clone()).collect();
        let around = case.plane.position(swerve_model::Place(change.key));
        Naive { case, around, limits: &change.routes, best, rng }
    }

    fn cost(&self) -> Cost {
        self.best.iter().map(Route::cost).sum()
    }

    fn round(&mut self) {
        let mut routes = self.best.clone();
        let mut removed = self.ruin(&mut routes);
        while !removed.is_empty() {
            let next = self.rng.random_range(0..removed.len());
            if !self.insert(&mut routes, &removed.swap_remove(next)) {
                return;
            }
        }
        if routes.iter().map(Route::cost).sum::<Cost>() < self.cost() {
            self.best = routes;
        }
    }

    /// Takes out the stops nearest to a spot near the change.
    fn ruin(&mut self, routes: &mut [Route]) -> Vec<Arc<Stop>> {
        let Case { plane, rules, .. } = self.case;
        let mut near = || self.rng.random_range(-300.0..300.0);
        let spot = Planar { x: self.around.x + near(), y: self.around.y + near() };
        let distance = |stop: &Arc<Stop>| spot.distance(plane.position(stop.place));
        let mut stops: Vec<Arc<Stop>> =
            routes.iter().flat_map(|route| route.stops().iter().cloned()).collect();
        stops.sort_by(|one, other| distance(one).total_cmp(&distance(other)));
        stops.truncate(self.rng.random_range(1..=REMOVED_MAX));
        for route in routes {
            for stop in &stops {
                if route.stops().iter().any(|kept| kept.key == stop.key) {
                    *route = route.without(stop.key, plane, rules);
                }
            }
        }
        stops
    }

    /// Whether there is a place for the stop: the one of the shortest way where nothing gets worse than
    /// it may be.
    fn insert(&self, routes: &mut [Route], stop: &Arc<Stop>) -> bool {
        let Case { plane, rules, .. } = self.case;
        let mut gaps: Vec<(Cost, usize, usize)> = Vec::new();
        for (number, route) in routes.iter().enumerate() {
            for (gap, pair) in route.positions().windows(2).enumerate() {
                let leg = |from, to| rules.prices.leg(plane.leg(from, to, pair[0].departure));
                let longer = leg(pair[0].place, stop.place) + leg(stop.place, pair[1].place)
                    - rules.prices.leg(pair[1].leg);
                gaps.push((longer, number, gap + 1));
            }
        }
        gaps.sort_unstable();
        for (_, number, position) in gaps {
            let longer = routes[number].with_inserted(position, Arc::clone(stop), plane, rules);
            if longer.excess().is_within(self.limits[number].excess()) {
                routes[number] = longer;
                return true;
            }
        }
        false
    }
}

/// What the budget buys: rounds, and money saved, in the mean over the changes.
fn budget(case: &Case) {
    let never = AtomicBool::new(false);
    let count = case.changes.len() as f64;
    let (mut rounds, mut saved, mut naive_rounds, mut naive_saved) = (0, Cost::ZERO, 0, Cost::ZERO);
    let mut by_rounds = LOOKS.map(|rounds| (rounds, Cost::ZERO));
    for change in &case.changes {
        let found = case.look(change, 1, ROUNDS_MAX, &Until(pair::cpu_time() + BUDGET));
        rounds += found.iterations.iter().sum::<u64>();
        saved += found.before.money - found.after.money;
        for (rounds, saved) in &mut by_rounds {
            let found = case.look(change, WORKERS, *rounds, &never);
            *saved += found.before.money - found.after.money;
        }

        let mut naive = Naive::new(case, change);
        let (before, end) = (naive.cost(), Until(pair::cpu_time() + BUDGET));
        while !end.ends() {
            naive.round();
            naive_rounds += 1;
        }
        naive_saved += before - naive.cost();
    }
    let mean = |sum: Cost| sum.as_units_f64() / count;
    pair::say(&format!(
        "{} ms of CPU buys {:.0} rounds that save {:.3}; the naive twin {:.1} that save {:.3}",
        BUDGET.as_millis(),
        rounds as f64 / count,
        mean(saved),
        f64::from(naive_rounds) / count,
        mean(naive_saved)
    ));
    for (rounds, saved) in by_rounds {
        pair::say(&format!("{rounds} rounds of {WORKERS} workers save {:.3}", mean(saved)));
    }
}

/// What a change costs that is answered by planning everything from nothing.
fn planned_anew(case: &Case, change: &Change) {
    let stops: Vec<Arc<Stop>> =
        change.routes.iter().flat_map(|route| route.stops().iter().cloned()).collect();
    let (found, spent) = pair::timed(|| from_nothing(&stops, &case.plane, &case.rules));
    let saved = money(&change.routes) - found.after.money;
    pair::say(&format!(
        "planned from nothing: {:.0} ms of CPU, saves {:.3}, {} stops without a place",
        spent.as_secs_f64() * 1e3,
        saved.as_units_f64(),
        found.unassigned.len()
    ));
}

fn bench(criterion: &mut Criterion<pair::CpuTime>) {
    let case = Case::new();
    let never = AtomicBool::new(false);
    let mut group = criterion.benchmark_group("look");
    group.sample_size(20);
    let mut look = |rounds: u64| {
        let mut changes = case.changes.iter().cycle();
        pair::measure(&mut group, format!("{rounds}_rounds"), || {
            case.look(changes.next().expect("a circle does not end"), 1, rounds, &never)
        })
    };
    // What there is to a look before its first round.
    look(0);
    let ours = look(ROUNDS);
    group.sample_size(10);
    let mut changes = case.changes.iter().cycle();
    let naive = pair::measure(&mut group, format!("{ROUNDS}_rounds_of_copies"), || {
        let mut naive = Naive::new(&case, changes.next().expect("a circle does not end"));
        (0..ROUNDS).for_each(|_| naive.round());
        naive.cost()
    });
    pair::compare(&format!("a look of {ROUNDS} rounds"), ours, naive);
    group.finish();
    budget(&case);
    if let Some(change) = case.changes.first() {
        planned_anew(&case, change);
    }
}

criterion_group! { name = benches; config = pair::by_cpu_time(); targets = bench }
criterion_main!(benches);
