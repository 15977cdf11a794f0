//! One new stop among a whole fleet: the exact branch and bound over runs of stops, beside the scan of
//! every position that it must agree with.

#[path = "shared/fleet.rs"]
mod fleet;
#[path = "shared/pair.rs"]
mod pair;

use std::sync::Arc;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use swerve_model::Planar;
use swerve_optimizer::{Fleet, Live, Route, Rules, Stop};
use swerve_spatial::ChunkIndex;

use fleet::{Plane, any_window, in_strips, index, rules, stop, van};

const SEED: u64 = 1;
/// A city 20 km across.
const SIDE_METERS: f64 = 20_000.0;
/// Best routes asked for.
const KEEP: usize = 3;

/// A fleet on the road, and stops that ask for a place in it.
struct Case {
    plane: Plane,
    fleet: Fleet,
    chunks: ChunkIndex,
    rules: Rules,
    asking: Vec<Stop>,
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
            in_strips(&mut doors, 250.0);
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
                let window = any_window(&mut rng);
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

fn bench(criterion: &mut Criterion<pair::CpuTime>) {
    let mut group = criterion.benchmark_group("insertion");
    let mut means = Vec::new();
    for (vans, stops_each) in [(20, 75), (200, 100), (1_000, 150)] {
        let case = Case::new(vans, stops_each);
        let live = case.live();
        let count = vans * stops_each;
        let mut asking = case.asking.iter().cycle();
        group.sample_size(100).warm_up_time(Duration::from_secs(1));
        let exact = pair::measure(&mut group, format!("exact_of_{count}_stops"), || {
            live.cheapest(asking.next().expect("a circle does not end"), None, KEEP)
        });
        // Seconds each at the largest size: ten of them have to do.
        let mut asking = case.asking.iter().cycle();
        group.sample_size(10).warm_up_time(Duration::from_millis(1));
        let scan = pair::measure(&mut group, format!("full_scan_of_{count}_stops"), || {
            let stop = asking.next().expect("a circle does not end");
            let scanned = live.scan_everything(stop, None, KEEP);
            assert_eq!(live.cheapest(stop, None, KEEP).best, scanned.best, "the search is exact");
        });
        pair::compare(&format!("insertion among {count} stops"), exact, scan);
        means.extend(exact.map(|mean| (count, mean)));
    }
    pair::growth("insertion", &means);
    group.finish();
}

criterion_group! { name = benches; config = pair::by_cpu_time(); targets = bench }
criterion_main!(benches);
