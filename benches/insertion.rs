//! One new stop among a whole fleet: the exact branch and bound over runs of stops, beside the scan of
//! every position that it must agree with.

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use swerve_model::{
    Cost, Leg, Load, Moment, Place, Planar, Skills, Ticks, TimeWindow, TravelTimes,
};
use swerve_optimizer::{Assurance, Custody, Fleet, Live, Prices, Route, Rules, Stop, Tariff, Van};
use swerve_spatial::{ChunkIndex, RouteShape};

const SEED: u64 = 1;
/// A city 20 km across.
const SIDE_METERS: f64 = 20_000.0;

/// Straight roads at 8 m/s: what is measured is the search, not the roads.
struct Plane(Vec<Planar>);

impl TravelTimes for Plane {
    fn leg(&self, from: Place, to: Place, _depart: Moment) -> Leg {
        let meters = self.position(from).distance(self.position(to)).ceil();
        Leg { ticks: (meters * 1.25).ceil() as i32, meters: meters as i32 }
    }

    fn position(&self, place: Place) -> Planar {
        self.0[place.0 as usize]
    }

    fn at_least(&self, straight_meters: f64) -> Leg {
        Leg { ticks: (straight_meters * 1.25) as i32, meters: straight_meters as i32 }
    }
}

/// A fleet on the road, and stops that ask for a place in it.
struct Case {
    plane: Plane,
    fleet: Fleet,
    chunks: ChunkIndex,
    rules: Rules,
    asking: Vec<Stop>,
}

fn stop(key: u32, place: u32, window: Option<TimeWindow>) -> Stop {
    Stop {
        key,
        place: Place(place),
        windows: window.into_iter().collect(),
        service: Ticks::from_seconds(120),
        load: Load::new(2_000, 8_000, 1),
        skills: Skills::NONE,
        custody: Custody::AtDepot(0),
        ready: None,
        pinned: false,
        baseline: None,
        told: None,
        drop_cost: Cost::PROHIBITIVE,
    }
}

fn van(key: u32) -> Van {
    Van {
        key,
        start: Place(0),
        depart: Moment::EPOCH,
        known: Moment::EPOCH,
        end: Some(Place(0)),
        shift_end: Moment::EPOCH + Ticks::from_hours(9),
        hard_end: Moment::EPOCH + Ticks::from_hours(11),
        capacity: Load::new(1_500_000, 12_000_000, 300),
        carried: Load::ZERO,
        skills: Skills::NONE,
        loads_from: Some(0),
        leaves: Moment::EPOCH,
        use_cost: None,
    }
}

fn rules() -> Rules {
    let tariff = Tariff {
        driving_hour: Cost::from_units(30),
        km: Cost(300_000),
        overtime_hour: Cost::from_units(45),
        late_minute: Cost::from_units(2),
        told_minute: Cost(50_000),
        moved_van: Cost::from_units(1),
    };
    Rules { prices: Prices::new(&tariff), assurance: Assurance::default(), travel_varies: false }
}

impl Case {
    /// `vans` sectors around the depot, each swept from near to far and back.
    fn new(vans: u32, stops_each: u32) -> Case {
        let mut rng = ChaCha8Rng::seed_from_u64(SEED);
        let middle = Planar { x: SIDE_METERS / 2.0, y: SIDE_METERS / 2.0 };
        let mut points = vec![middle];
        let mut sequences = Vec::new();
        for van in 0..vans {
            let angle = f64::from(van) / f64::from(vans) * std::f64::consts::TAU;
            let center = Planar {
                x: middle.x + angle.cos() * rng.random_range(500.0..SIDE_METERS / 2.2),
                y: middle.y + angle.sin() * rng.random_range(500.0..SIDE_METERS / 2.2),
            };
            let mut doors: Vec<Planar> = (0..stops_each)
                .map(|_| Planar {
                    x: center.x + rng.random_range(-900.0..900.0),
                    y: center.y + rng.random_range(-900.0..900.0),
                })
                .collect();
            // In strips, each the other way: no good route, but not a senseless one.
            doors.sort_by(|a, b| {
                let strip = |at: &Planar| (at.x / 250.0).floor() as i64;
                let up = |at: &Planar| if strip(at) % 2 == 0 { at.y } else { -at.y };
                strip(a).cmp(&strip(b)).then(up(a).total_cmp(&up(b)))
            });
            let first = points.len() as u32;
            points.extend(doors);
            sequences.push(first..first + stops_each);
        }
        let asking: Vec<Stop> = (0..64)
            .map(|index| {
                points.push(Planar {
                    x: rng.random_range(0.0..SIDE_METERS),
                    y: rng.random_range(0.0..SIDE_METERS),
                });
                let open = Moment::EPOCH + Ticks::from_minutes(rng.random_range(0..300));
                let window = TimeWindow::new(open, open + Ticks::from_hours(2)).expect("in order");
                stop(u32::MAX - index, points.len() as u32 - 1, (index % 4 == 0).then_some(window))
            })
            .collect();
        let (plane, rules) = (Plane(points), rules());
        let route = |(key, places): (u32, std::ops::Range<u32>)| {
            let stops: Vec<Stop> = places.map(|place| stop(place, place, None)).collect();
            Arc::new(Route::published(Arc::new(van(key)), &stops, &plane, &rules))
        };
        let routes: Vec<Arc<Route>> = (0..).zip(sequences).map(route).collect();
        let chunks = index(&routes);
        Case { plane, fleet: Fleet::new(routes), chunks, rules, asking }
    }

    fn live(&self) -> Live<'_, Plane, ChunkIndex> {
        Live { fleet: &self.fleet, chunks: &self.chunks, travel: &self.plane, rules: &self.rules }
    }
}

fn index(routes: &[Arc<Route>]) -> ChunkIndex {
    let shapes: Vec<(Vec<Planar>, Vec<Leg>)> = routes
        .iter()
        .map(|route| {
            let at = route.positions();
            (at.iter().map(|at| at.point).collect(), at.iter().skip(1).map(|at| at.leg).collect())
        })
        .collect();
    let shape = |(route, (points, legs))| (route, RouteShape { points, legs });
    ChunkIndex::new(
        (0..)
            .zip(shapes.iter().map(|(points, legs)| (points, legs)))
            .map(|(route, (points, legs))| shape((route, (points.as_slice(), legs.as_slice())))),
    )
}

fn bench(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("insertion");
    for (vans, stops_each) in [(20, 75), (200, 100), (1_000, 150)] {
        let case = Case::new(vans, stops_each);
        let live = case.live();
        let count = vans * stops_each;
        let mut asking = case.asking.iter().cycle();
        group.bench_function(format!("exact_of_{count}_stops"), |bencher| {
            bencher.iter(|| {
                let stop = asking.next().expect("a circle does not end");
                black_box(live.cheapest(stop, None, 3))
            });
        });
        // The naive way takes seconds at the largest size and says nothing more there.
        if vans <= 200 {
            let mut asking = case.asking.iter().cycle();
            group.sample_size(10);
            group.bench_function(format!("full_scan_of_{count}_stops"), |bencher| {
                bencher.iter(|| {
                    let stop = asking.next().expect("a circle does not end");
                    black_box(live.scan_everything(stop, None, 3))
                });
            });
        }
    }
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
