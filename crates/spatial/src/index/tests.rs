//! The index against a linear scan over every run.

use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::*;
use swerve_model::{Cost, Detour, Leg, NearbyGap};

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

/// Every gap of every route and the detour through it, from the definition.
fn scanned_gaps(routes: &[Option<Drawn>], center: Planar) -> Vec<(NearbyGap, Detour)> {
    let mut gaps = Vec::new();
    for (number, route) in routes.iter().enumerate() {
        let Some(route) = route else { continue };
        let last = route.points.len() - 1;
        for position in 0..last.max(1) {
            let end = (position + 1).min(last);
            let ends_route = end == last;
            let gap = NearbyGap { route: number as u32, position: position as u32, ends_route };
            let detour = Detour {
                into: route.points[position].distance_at_least(center),
                out_of: route.points[end].distance_at_least(center),
                longest_leg: route.legs.get(position).copied().unwrap_or(Leg::ZERO),
                ends_route,
            };
            gaps.push((gap, detour));
        }
    }
    gaps
}

/// Wants the `keep` cheapest gaps up to some price, and notes all it is shown.
struct Wanting {
    keep: usize,
    limit: Cost,
    shown: Vec<(Cost, NearbyGap)>,
}

impl Wanting {
    fn price(detour: &Detour) -> Cost {
        let way = (detour.into + detour.out_of) as i64;
        let through = way - i64::from(detour.longest_leg.meters.max(detour.longest_leg.ticks));
        // As where routes may end anywhere: one new leg and none saved.
        Cost(if detour.ends_route { through.min(detour.out_of as i64) } else { through })
    }
}

impl GapSearch for Wanting {
    fn floor(&mut self, detour: &Detour) -> Cost {
        Wanting::price(detour)
    }

    fn limit(&self) -> Cost {
        if self.shown.len() < self.keep {
            return self.limit;
        }
        let mut found: Vec<Cost> = self.shown.iter().map(|(floor, _)| *floor).collect();
        found.sort_unstable();
        self.limit.min(found[self.keep - 1])
    }

    fn visit(&mut self, gap: NearbyGap, floor: Cost) {
        assert!(floor <= self.limit(), "shown although too dear");
        self.shown.push((floor, gap));
    }
}

proptest! {
    #[test]
    fn it_hands_out_what_a_linear_scan_would_whatever_was_replaced(
        seed: u64, count in 0usize..60, changes in 0usize..90, gaps_max in 0usize..130,
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
            prop_assert_eq!(index.chunk_count(), expected.len());
            prop_assert_eq!(index.nearby(center).collect::<Vec<_>>(), expected, "change {}", change);

            let limit = Cost(rng.random_range(-2_000..8_000));
            let gaps = scanned_gaps(&routes, center);
            let priced = gaps.iter().map(|(gap, detour)| (Wanting::price(detour), *gap));
            let mut wanted: Vec<_> = priced.filter(|(price, _)| *price <= limit).collect();
            wanted.sort_unstable();
            let mut all = Wanting { keep: usize::MAX, limit, shown: Vec::new() };
            index.search_gaps(center, &mut all);
            all.shown.sort_unstable();
            prop_assert_eq!(&all.shown, &wanted);
            let mut few = Wanting { keep: rng.random_range(1..6), limit, shown: Vec::new() };
            index.search_gaps(center, &mut few);
            few.shown.sort_unstable();
            let costs = |gaps: &[(Cost, NearbyGap)]| -> Vec<Cost> {
                gaps.iter().map(|(cost, _)| *cost).take(few.keep).collect()
            };
            prop_assert_eq!(costs(&few.shown), costs(&wanted));

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
    let mut all = Wanting { keep: usize::MAX, limit: Cost(400), shown: Vec::new() };
    index.search_gaps(Planar::default(), &mut all);
    assert_eq!(all.shown.iter().map(|(_, gap)| gap.route).collect::<Vec<_>>(), [1]);
}
