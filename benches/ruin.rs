//! Rounds of ruin and recreate over a static instance, each with the exchanges tried after it, and how
//! little a round takes longer on a larger one, beside a round that copies the plan and looks at every gap
//! of it.

#[path = "shared/pair.rs"]
mod pair;

use std::sync::mpsc::{self, Receiver, Sender};
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use swerve_checker::solution::evaluate;
use swerve_model::Planar;
use swerve_model::instance::{
    Instance, Objective, Positions, Span, StaticRoute, StaticTask, TravelMatrix, VehiclePrices,
    VehicleType,
};
use swerve_optimizer::offline::{self, Pace, Standing};

const SEED: u64 = 1;
const SIZES: [u32; 3] = [200, 1_000, 7_500];
/// Rounds of one step.
const ROUNDS: u64 = 2_048;
/// The search judges by its first rounds how many plans its budget is worth.
const WARM_UP: u64 = 2_048;
/// Rounds of the naive twin for one measurement.
const ROUNDS_NAIVE: u64 = 20;
const CAPACITY: i64 = 200;
/// Units to one of the plane, as in the DIMACS conventions.
const SCALE: f64 = 10.0;

/// Shaped like Gehring and Homberger's RC1: half the customers in clusters, short routes, three in four
/// with a window. As many to the square at every size, so that only the size differs.
fn instance(count: u32) -> Instance {
    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    let side = 500.0 * (f64::from(count) / 1_000.0).sqrt();
    let clusters: Vec<Planar> = (0..count.div_ceil(40))
        .map(|_| Planar { x: rng.random_range(0.0..side), y: rng.random_range(0.0..side) })
        .collect();
    let mut points = vec![Planar { x: side / 2.0, y: side / 2.0 }];
    points.extend((0..count).map(|index| {
        if index % 2 == 0 {
            return Planar { x: rng.random_range(0.0..side), y: rng.random_range(0.0..side) };
        }
        let center = clusters[rng.random_range(0..clusters.len())];
        let mut near = || rng.random_range(-12.0..12.0) + rng.random_range(-12.0..12.0);
        Planar { x: center.x + near(), y: center.y + near() }
    }));
    let distance = |from: &Planar, to: &Planar| (from.distance(*to) * SCALE) as i32;
    let ways = points.iter().flat_map(|from| points.iter().map(move |to| distance(from, to)));
    let travel = TravelMatrix::new(ways.collect()).expect("a row per point");
    // There and back from the farthest corner, and as long again on the way.
    let day = (side * SCALE * 3.0) as i64;
    let service = (10.0 * SCALE) as i64;
    let task = |number: u32| {
        let (there, back) = (travel.distance(0, number), travel.distance(number, 0));
        let last = day - back - service;
        let middle = rng.random_range(there..=last);
        let half = (rng.random_range(30.0..60.0) * SCALE) as i64;
        let window = Span { open: (middle - half).max(there), close: (middle + half).min(last) };
        let any = Span { open: 0, close: last };
        StaticTask {
            number,
            site: number,
            service,
            windows: vec![if rng.random_bool(0.75) { window } else { any }],
            delivery: vec![rng.random_range(1..=36)],
            ..StaticTask::default()
        }
    };
    let tasks = (1..=count).map(task).collect();
    let vehicle = VehicleType {
        shift: Span { open: 0, close: day },
        capacity: vec![CAPACITY],
        prices: VehiclePrices { distance: 1, ..VehiclePrices::default() },
        ..VehicleType::default()
    };
    Instance {
        name: format!("RC1 of {count}"),
        scale: SCALE as i64,
        cost_scale: SCALE as i64,
        positions: Positions::Plane(points),
        travel: vec![travel],
        tasks,
        fleet: vec![vehicle],
        ..Instance::default()
    }
}

/// Hands out a search in steps, each when it is asked for: planning from nothing and lists of neighbours
/// are made once and are no rounds.
struct Steps {
    asked: Receiver<()>,
    spent: Sender<Duration>,
    began: Option<Duration>,
    until: u64,
    is_over: bool,
}

impl Pace for Steps {
    /// As in the middle of one long cooling, for as long as somebody asks.
    fn used(&mut self, iterations: u64) -> f64 {
        if iterations <= WARM_UP {
            return 0.02;
        }
        if iterations >= self.until && !self.is_over {
            let told = self.began.map(|began| self.spent.send(pair::since(began)));
            self.is_over = matches!(told, Some(Err(_))) || self.asked.recv().is_err();
            (self.began, self.until) = (Some(pair::cpu_time()), iterations + ROUNDS);
        }
        if self.is_over { 1.0 } else { 0.5 }
    }

    fn improved(&mut self, _iterations: u64, _standing: Standing) {}
}

/// The mean time of a round, and the plan they came to.
fn search(group: &mut pair::Group, instance: &Instance) -> (Option<f64>, Vec<StaticRoute>) {
    let count = instance.tasks.len();
    let (ask, asked) = mpsc::channel();
    let (tell, spent) = mpsc::channel();
    let steps = Steps { asked, spent: tell, began: None, until: 0, is_over: false };
    // Of its own: it waits between steps, and the analysis of the last one needs the others' threads.
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread");
    std::thread::scope(|scope| {
        let solve = || offline::solve(instance, Objective::Distance, SEED, &[], vec![steps]);
        let search = scope.spawn(|| pool.install(solve));
        let step = || {
            ask.send(()).expect("the search goes on until nobody asks");
            spent.recv().expect("it answers every step")
        };
        let mean = pair::measure_many(group, format!("rounds_at_{count}_stops"), |times| {
            (0..times).map(|_| step()).sum()
        });
        drop(ask);
        let found = search.join().expect("a search does not panic");
        (mean.map(|mean| mean / ROUNDS as f64), found.routes)
    })
}

/// The same search written plainly: a copy of the plan for every round, and every gap of every route
/// looked at for every task that needs a place.
struct Naive<'a> {
    instance: &'a Instance,
    routes: Vec<Vec<u32>>,
    heat: f64,
    rng: ChaCha8Rng,
}

impl<'a> Naive<'a> {
    fn new(instance: &'a Instance, routes: &[StaticRoute]) -> Naive<'a> {
        let routes: Vec<Vec<u32>> = routes.iter().map(|route| route.tasks.clone()).collect();
        let rng = ChaCha8Rng::seed_from_u64(SEED);
        let mut naive = Naive { instance, routes, heat: 0.0, rng };
        naive.heat = 0.02 * naive.cost(&naive.routes) as f64 / instance.tasks.len() as f64;
        naive
    }

    fn way(&self, from: Option<u32>, to: Option<u32>) -> i64 {
        let site =
            |task: Option<u32>| task.map_or(0, |task| self.instance.tasks[task as usize].site);
        self.instance.travel[0].distance(site(from), site(to))
    }

    fn length(&self, route: &[u32]) -> i64 {
        let places = || std::iter::once(None).chain(route.iter().copied().map(Some));
        places().zip(places().skip(1).chain([None])).map(|(from, to)| self.way(from, to)).sum()
    }

    fn cost(&self, routes: &[Vec<u32>]) -> i64 {
        routes.iter().filter(|route| !route.is_empty()).map(|route| self.length(route)).sum()
    }

    /// Drives the route from its beginning.
    fn is_allowed(&self, route: &[u32]) -> bool {
        let task = |task: &u32| &self.instance.tasks[*task as usize];
        let load: i64 = route.iter().map(|index| task(index).delivery[0]).sum();
        let (mut now, mut here) = (0, None);
        for index in route {
            now += self.way(here, Some(*index));
            let Some(begin) = task(index).begin(now) else { return false };
            (now, here) = (begin + task(index).service, Some(*index));
        }
        load <= CAPACITY && now + self.way(here, None) <= self.instance.fleet[0].shift.close
    }

    fn round(&mut self) {
        let mut routes = self.routes.clone();
        let mut absent = self.ruin(&mut routes);
        while !absent.is_empty() {
            let next = self.rng.random_range(0..absent.len());
            let task = absent.swap_remove(next);
            self.insert(&mut routes, task);
        }
        routes.retain(|route| !route.is_empty());
        let worse = -self.heat * self.rng.random::<f64>().max(1e-9).ln();
        if self.cost(&routes) as f64 <= self.cost(&self.routes) as f64 + worse {
            self.routes = routes;
        }
    }

    /// Takes strings out around a task, one of each route: some ten tasks in the mean.
    fn ruin(&mut self, routes: &mut [Vec<u32>]) -> Vec<u32> {
        let tasks = self.instance.tasks.len() as u32;
        let seed = self.rng.random_range(0..tasks);
        let length_max = (tasks as usize / routes.len()).clamp(1, 10);
        let strings_max = 40.0 / (1.0 + length_max as f64) - 1.0;
        let strings = self.rng.random_range(1.0..strings_max.max(1.0) + 1.0) as usize;
        let mut torn = vec![false; routes.len()];
        let mut absent = Vec::new();
        for _ in 0..strings {
            let whole = (0..routes.len()).filter(|route| !torn[*route]);
            let served =
                whole.flat_map(|route| routes[route].iter().map(move |task| (route, *task)));
            let near = served.min_by_key(|(_, task)| (self.way(Some(seed), Some(*task)), *task));
            let Some((route, task)) = near else { break };
            torn[route] = true;
            let tasks = &mut routes[route];
            let length = self.rng.random_range(1..=length_max.min(tasks.len()));
            let at = tasks.iter().position(|other| *other == task).unwrap_or(0);
            let first = (at + 1).saturating_sub(length)..=at.min(tasks.len() - length);
            let first = self.rng.random_range(first);
            absent.extend(tasks.drain(first..first + length));
        }
        absent
    }

    fn insert(&self, routes: &mut Vec<Vec<u32>>, task: u32) {
        let mut best = self.way(None, Some(task)) + self.way(Some(task), None);
        let mut place = None;
        for (number, route) in routes.iter().enumerate().filter(|(_, route)| !route.is_empty()) {
            for gap in 0..=route.len() {
                let before = gap.checked_sub(1).map(|gap| route[gap]);
                let after = route.get(gap).copied();
                let longer = self.way(before, Some(task)) + self.way(Some(task), after)
                    - self.way(before, after);
                if longer < best && self.is_allowed(&with(route, gap, task)) {
                    (best, place) = (longer, Some((number, gap)));
                }
            }
        }
        match place {
            Some((route, gap)) => routes[route].insert(gap, task),
            None => routes.push(vec![task]),
        }
    }

    fn solution(&self) -> Vec<StaticRoute> {
        let route = |tasks: &Vec<u32>| StaticRoute { kind: 0, tasks: tasks.clone() };
        self.routes.iter().map(route).collect()
    }
}

fn with(route: &[u32], gap: usize, task: u32) -> Vec<u32> {
    [&route[..gap], &[task], &route[gap..]].concat()
}

fn bench(criterion: &mut Criterion<pair::CpuTime>) {
    let mut group = criterion.benchmark_group("ruin");
    group.sample_size(10);
    let (mut means, mut naive_means) = (Vec::new(), Vec::new());
    for count in SIZES {
        let instance = instance(count);
        group.throughput(Throughput::Elements(ROUNDS));
        let (ours, routes) = search(&mut group, &instance);

        let mut naive = Naive::new(&instance, &routes);
        group.throughput(Throughput::Elements(ROUNDS_NAIVE));
        let plain = pair::measure(&mut group, format!("copy_and_scan_at_{count}_stops"), || {
            (0..ROUNDS_NAIVE).for_each(|_| naive.round());
        });
        let plain = plain.map(|mean| mean / ROUNDS_NAIVE as f64);
        for plan in [routes, naive.solution()] {
            let judged = evaluate(&instance, Objective::Distance, &plan);
            assert!(judged.breaches.is_empty(), "{:?}", judged.breaches);
        }
        pair::compare(&format!("a round at {count} stops"), ours, plain);
        if let Some(ours) = ours {
            pair::say(&format!("{count} stops: {:.0} rounds a CPU second", 1.0 / ours));
        }
        means.extend(ours.map(|mean| (count, mean)));
        naive_means.extend(plain.map(|mean| (count, mean)));
    }
    pair::growth("a round", &means);
    pair::growth("a naive round", &naive_means);
    group.finish();
}

criterion_group! { name = benches; config = pair::by_cpu_time(); targets = bench }
criterion_main!(benches);
