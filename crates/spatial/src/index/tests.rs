//! The index against a linear scan over every run.

use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::*;
use crate::chunk::{CHUNK_GAPS_MAX, is_long};

#[derive(Clone)]
struct Drawn {
    points: Vec<Planar>,
    legs: Vec<Leg>,
}

impl Drawn {
    fn shape(&self) -> RouteShape<'_> {
        RouteShape { points: &self.points, legs: &self.legs }
    }
}

/// Points on a coarse grid, so that distances are often equal.
fn drawn(rng: &mut ChaCha8Rng, gaps_max: usize) -> Drawn {
    let gaps = rng.random_range(0..=gaps_max);
    let mut coordinate = || f64::from(rng.random_range(-8i32..8)) * 250.0;
    let points = (0..=gaps).map(|_| Planar { x: coordinate(), y: coordinate() }).collect();
    let mut leg = || {
        // About one in five is long.
        let most = if rng.random_bool(0.2) { 9_000 } else { 2_000 };
        Leg { ticks: rng.random_range(0..most), meters: rng.random_range(0..most) }
    };
    let legs = (0..gaps).map(|_| leg()).collect();
    Drawn { points, legs }
}

/// From the definition: every run of every route, sorted.
fn scanned(routes: &[Option<Drawn>], center: Planar) -> Vec<NearbyChunk> {
    let mut chunks = Vec::new();
    for (number, route) in routes.iter().enumerate() {
        let Some(route) = route else { continue };
        for chunk in cut(number as u32, &route.shape()) {
            let run = chunk.nearby(0.0);
            let points = &route.points[run.first as usize..=run.last as usize];
            let xs = || points.iter().map(|point| point.x);
            let ys = || points.iter().map(|point| point.y);
            let outside = |at: f64, from: f64, to: f64| (from - at).max(at - to).max(0.0);
            let low = |values: &mut dyn Iterator<Item = f64>| values.fold(f64::INFINITY, f64::min);
            let high =
                |values: &mut dyn Iterator<Item = f64>| values.fold(f64::NEG_INFINITY, f64::max);
            let x = outside(center.x, low(&mut xs()), high(&mut xs()));
            let y = outside(center.y, low(&mut ys()), high(&mut ys()));
            chunks.push(NearbyChunk { distance: (x * x + y * y).sqrt(), ..run });
        }
    }
    chunks.sort_by(|a, b| {
        a.distance.total_cmp(&b.distance).then((a.route, a.first).cmp(&(b.route, b.first)))
    });
    chunks
}

proptest! {
    #[test]
    fn it_hands_out_what_a_linear_scan_would_whatever_was_replaced(
        seed: u64, count in 0usize..30, changes in 0usize..60, gaps_max in 0usize..130,
    ) {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut routes: Vec<Option<Drawn>> =
            (0..count).map(|_| Some(drawn(&mut rng, gaps_max))).collect();
        let mut index = ChunkIndex::new(
            routes.iter().flatten().enumerate().map(|(number, r)| (number as u32, r.shape())),
        );
        for change in 0..=changes {
            let center = Planar { x: rng.random_range(-3000.0..3000.0), y: 125.0 };
            let expected = scanned(&routes, center);
            let (long, short): (Vec<_>, Vec<_>) =
                expected.iter().copied().partition(|run| is_long(run.longest_leg));
            let longest_leg = short.iter().map(|run| run.longest_leg).fold(Leg::ZERO, longest);
            prop_assert!(index.longest_leg().ticks >= longest_leg.ticks);
            prop_assert!(index.longest_leg().meters >= longest_leg.meters);
            prop_assert_eq!(index.chunk_count(), expected.len());
            prop_assert_eq!(index.nearby(center).collect::<Vec<_>>(), expected, "change {}", change);
            prop_assert_eq!(index.nearby_short(center).collect::<Vec<_>>(), short);
            let saved_min = f64::from(rng.random_range(-6_000..6_000));
            let worth = |detour: &Detour| {
                f64::from(detour.longest_leg.meters) - detour.into - detour.out_of >= saved_min
            };
            let ends = |run: &NearbyChunk| {
                let points = &routes[run.route as usize].as_ref().expect("it is there").points;
                [points[run.first as usize], points[run.last as usize]]
            };
            let is_worth = |run: &NearbyChunk| {
                let [into, out_of] = ends(run).map(|end| end.distance(center));
                worth(&Detour { into, out_of, longest_leg: run.longest_leg })
            };
            let mut found: Vec<_> = index.long_legs(center, worth).collect();
            found.sort_by_key(|run| (run.route, run.first));
            let mut wanted: Vec<_> = long.into_iter().filter(is_worth).collect();
            wanted.sort_by_key(|run| (run.route, run.first));
            prop_assert_eq!(found, wanted);
            let number = rng.random_range(0..=count);
            routes.resize(routes.len().max(number + 1), None);
            if rng.random_bool(0.2) {
                index = index.without_route(number as u32);
                routes[number] = None;
            } else {
                let route = drawn(&mut rng, gaps_max);
                index = index.with_route_replaced(number as u32, &route.shape());
                routes[number] = Some(route);
            }
        }
    }

    #[test]
    fn every_gap_lies_in_exactly_one_run(
        is_long_leg in prop::collection::vec(prop::bool::weighted(0.02), 0..400),
    ) {
        let gaps = is_long_leg.len();
        let points = vec![Planar::default(); gaps + 1];
        let leg = |is_long| Leg { ticks: 5, meters: if is_long { 2_001 } else { 2_000 } };
        let legs: Vec<Leg> = is_long_leg.iter().copied().map(leg).collect();
        let runs = cut(3, &RouteShape { points: &points, legs: &legs });
        let mut next = 0;
        for run in runs.iter().map(|chunk| chunk.nearby(0.0)) {
            prop_assert_eq!(run.first as usize, next);
            prop_assert!((run.last - run.first) as usize <= CHUNK_GAPS_MAX);
            let legs = &legs[run.first as usize..run.last as usize];
            prop_assert!(legs.len() == 1 || !legs.iter().copied().any(is_long));
            next = run.last as usize;
        }
        prop_assert_eq!(next, gaps);
        prop_assert!(!runs.is_empty());
    }
}

#[test]
fn a_snapshot_taken_before_a_change_still_shows_what_was() {
    let points = [Planar { x: 0.0, y: 0.0 }, Planar { x: 10.0, y: 0.0 }];
    let legs = [Leg { ticks: 5, meters: 10 }];
    let before = ChunkIndex::new([(0, RouteShape { points: &points, legs: &legs })]);
    let after = before.without_route(0);
    assert_eq!(before.nearby(Planar::default()).count(), 1);
    assert_eq!(after.nearby(Planar::default()).count(), 0);
}

#[test]
fn a_place_that_is_nowhere_is_handed_out_first_and_breaks_nothing() {
    let nowhere = Planar { x: f64::NAN, y: f64::INFINITY };
    let points = [nowhere, Planar { x: 9.0, y: 9.0 }];
    let far = [Planar { x: 500.0, y: 0.0 }];
    let shape = RouteShape { points: &points, legs: &[Leg::ZERO] };
    let index = ChunkIndex::new([(0, RouteShape { points: &far, legs: &[] }), (1, shape)]);
    let order: Vec<u32> = index.nearby(Planar::default()).map(|run| run.route).collect();
    assert_eq!(order, [1, 0]);
    assert_eq!(index.nearby(nowhere).count(), 2);
}
