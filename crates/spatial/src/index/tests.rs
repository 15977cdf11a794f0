//! The index against a linear scan over every run.

use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::*;
use swerve_model::detour::floor_cost;
use swerve_model::{
    Cost, Detour, DetourPrice, GapTimes, Leg, Moment, NearbyGap, Pace, Pass, Saving, Ticks,
};

use crate::chunk::{CHUNK_GAPS_MAX, is_long};

/// Points on a coarse grid, so that distances are often equal.
fn drawn(rng: &mut ChaCha8Rng, gaps_max: usize) -> RouteShape {
    let gaps = rng.random_range(0..=gaps_max);
    let mut left = Moment(0);
    let mut pass = || {
        let mut coordinate = || f64::from(rng.random_range(-8i32..8)) * 250.0;
        let point = Planar { x: coordinate(), y: coordinate() };
        // About one in five is long.
        let most = if rng.random_bool(0.2) { 9_000 } else { 2_000 };
        let leg = Leg { ticks: rng.random_range(0..most), meters: rng.random_range(0..most) };
        left += Ticks(rng.random_range(0..2_000));
        Pass { point, leg, left, due: left + Ticks(rng.random_range(-100..9_000)) }
    };
    let passes = (0..=gaps).map(|_| pass()).collect();
    RouteShape { passes, is_open: rng.random_bool(0.3) }
}

/// From the definition: every run of every route, sorted.
fn scanned(routes: &[Option<RouteShape>], center: Planar) -> Vec<NearbyChunk> {
    let mut chunks = Vec::new();
    for (number, route) in routes.iter().enumerate() {
        let Some(route) = route else { continue };
        for chunk in cut(number as u32, route) {
            let run = chunk.nearby(0.0);
            let passes = &route.passes[run.first as usize..=run.last as usize];
            let xs = || passes.iter().map(|pass| pass.point.x);
            let ys = || passes.iter().map(|pass| pass.point.y);
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

/// In the index's own arithmetic, so that prices are equal to the last digit.
fn straight(from: Planar, to: Planar) -> f64 {
    let (x, y) = (from.x - to.x, from.y - to.y);
    (x * x + y * y).sqrt()
}

/// Every gap of every route and the detour through it, from the definition.
fn scanned_gaps(routes: &[Option<RouteShape>], center: Planar) -> Vec<(NearbyGap, Detour)> {
    let mut gaps = Vec::new();
    for (number, route) in routes.iter().enumerate() {
        let Some(route) = route else { continue };
        let last = route.passes.len() - 1;
        for position in 0..last.max(1) {
            let end = (position + 1).min(last);
            let (here, next) = (&route.passes[position], &route.passes[end]);
            let is_open = end == last && route.is_open;
            let gap = NearbyGap { route: number as u32, position: position as u32, is_open };
            let mut times = GapTimes { left: (here.left, here.left), due: next.due };
            if is_open {
                times.left.1 = next.left;
                times.due = Moment(i64::MAX);
            }
            let detour = Detour::new(
                straight(here.point, center),
                straight(next.point, center),
                if last == 0 { Leg::ZERO } else { next.leg },
                is_open,
                times,
            );
            gaps.push((gap, detour));
        }
    }
    gaps
}

/// Wants the `keep` cheapest gaps up to some price, and notes all it is shown.
struct Wanting<'a> {
    price: &'a DetourPrice,
    keep: usize,
    limit: Cost,
    shown: Vec<(Cost, NearbyGap)>,
}

impl Wanting<'_> {
    fn sorted(&self) -> Vec<(Cost, NearbyGap)> {
        let mut shown = self.shown.clone();
        shown.sort_unstable();
        shown
    }
}

impl GapSearch for Wanting<'_> {
    fn price(&self) -> DetourPrice {
        *self.price
    }

    fn limit(&self) -> Cost {
        if self.shown.len() < self.keep {
            return self.limit;
        }
        self.limit.min(self.sorted()[self.keep - 1].0)
    }

    fn visit(&mut self, gap: NearbyGap, floor: Cost) {
        assert!(floor <= self.limit(), "shown although too dear");
        self.shown.push((floor, gap));
    }
}

/// Every kind of price; round figures, so that bounds are often equal.
fn any_price(rng: &mut ChaCha8Rng) -> DetourPrice {
    let mut ordered = [rng.random_range(0..=3), rng.random_range(0..=3)].map(f64::from);
    ordered.sort_unstable_by(|a, b| b.total_cmp(a));
    let [tick, wait] = ordered;
    let mut some = |most: i32| f64::from(rng.random_range(0..=most));
    let mut saving = |tick| Saving { tick, most: some(900) };
    let (delayed, hurried) = (saving(wait), saving(3.0));
    let open = some(99_000) - 9_000.0;
    DetourPrice {
        pace: Pace { ticks: some(8) / 4.0, meters: 1.0 },
        tick,
        meter: some(2),
        wait,
        wait_max: 9_000.0,
        service: some(900),
        open,
        close: open + some(99_000),
        delayed,
        hurried,
        relief: some(400),
    }
}

proptest! {
    #[test]
    fn it_hands_out_what_a_linear_scan_would_whatever_was_replaced(
        seed: u64, count in 0usize..60, changes in 0usize..90, gaps_max in 0usize..130,
    ) {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut routes: Vec<Option<RouteShape>> =
            (0..count).map(|_| Some(drawn(&mut rng, gaps_max))).collect();
        let mut index = ChunkIndex::new(
            routes.iter().flatten().enumerate().map(|(number, shape)| (number as u32, shape)),
        );
        for change in 0..=changes {
            let center = Planar { x: rng.random_range(-3000.0..3000.0), y: 125.0 };
            let expected = scanned(&routes, center);
            prop_assert_eq!(index.chunk_count(), expected.len());
            prop_assert_eq!(index.nearby(center).collect::<Vec<_>>(), expected, "change {}", change);

            let limit = Cost(rng.random_range(-2_000..8_000));
            let price = any_price(&mut rng);
            let gaps = scanned_gaps(&routes, center);
            let priced = gaps.iter().map(|(gap, detour)| (floor_cost(price.floor(detour)), *gap));
            let mut wanted: Vec<_> = priced.filter(|(floor, _)| *floor <= limit).collect();
            wanted.sort_unstable();
            let wanting = |keep| Wanting { price: &price, keep, limit, shown: Vec::new() };
            let mut all = wanting(usize::MAX);
            index.search_gaps(center, &mut all);
            let shown = all.sorted();
            let missed: Vec<_> = wanted.iter().filter(|gap| !shown.contains(gap)).collect();
            let extra: Vec<_> = shown.iter().filter(|gap| !wanted.contains(gap)).collect();
            prop_assert!(missed.is_empty() && extra.is_empty(), "{price:?} {missed:?} {extra:?}");
            prop_assert_eq!(shown.len(), wanted.len());
            let mut few = wanting(rng.random_range(1..6));
            index.search_gaps(center, &mut few);
            let costs = |gaps: &[(Cost, NearbyGap)]| -> Vec<Cost> {
                gaps.iter().map(|(cost, _)| *cost).take(few.keep).collect()
            };
            prop_assert_eq!(costs(&few.sorted()), costs(&wanted));

            let number = rng.random_range(0..=count);
            routes.resize(routes.len().max(number + 1), None);
            if rng.random_bool(0.2) {
                index = index.without_route(number as u32);
                routes[number] = None;
            } else {
                let route = drawn(&mut rng, gaps_max);
                index = index.with_route_replaced(number as u32, &route);
                routes[number] = Some(route);
            }
        }
    }

    #[test]
    fn every_gap_lies_in_exactly_one_run(
        is_long_leg in prop::collection::vec(prop::bool::weighted(0.02), 0..400),
    ) {
        let gaps = is_long_leg.len();
        let leg = |is_long| Leg { ticks: 5, meters: if is_long { 2_001 } else { 2_000 } };
        let legs: Vec<Leg> = is_long_leg.iter().copied().map(leg).collect();
        let runs = cut(3, &shape(&vec![Planar::default(); gaps + 1], &legs));
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

/// At any time.
fn shape(points: &[Planar], legs: &[Leg]) -> RouteShape {
    let leg = |position: usize| position.checked_sub(1).map_or(Leg::ZERO, |gap| legs[gap]);
    let pass = |(position, point): (usize, &Planar)| Pass {
        point: *point,
        leg: leg(position),
        left: Moment(0),
        due: Moment(9_999),
    };
    RouteShape { passes: points.iter().enumerate().map(pass).collect(), is_open: false }
}

#[test]
fn a_snapshot_taken_before_a_change_still_shows_what_was() {
    let points = [Planar { x: 0.0, y: 0.0 }, Planar { x: 10.0, y: 0.0 }];
    let before = ChunkIndex::new([(0, &shape(&points, &[Leg { ticks: 5, meters: 10 }]))]);
    let after = before.without_route(0);
    assert_eq!(before.nearby(Planar::default()).count(), 1);
    assert_eq!(after.nearby(Planar::default()).count(), 0);
}

#[test]
fn a_place_that_is_nowhere_is_handed_out_first_and_breaks_nothing() {
    let nowhere = Planar { x: f64::NAN, y: f64::INFINITY };
    let points = [nowhere, Planar { x: 9.0, y: 9.0 }];
    let routes = [shape(&[Planar { x: 500.0, y: 0.0 }], &[]), shape(&points, &[Leg::ZERO])];
    let index = ChunkIndex::new((0..).zip(&routes));
    let order: Vec<u32> = index.nearby(Planar::default()).map(|run| run.route).collect();
    assert_eq!(order, [1, 0]);
    assert_eq!(index.nearby(nowhere).count(), 2);
    let price = DetourPrice {
        pace: Pace { ticks: 1.0, meters: 1.0 },
        tick: 1.0,
        open: 0.0,
        close: 9_999.0,
        ..DetourPrice::FREE
    };
    let mut all = Wanting { price: &price, keep: usize::MAX, limit: Cost(400), shown: Vec::new() };
    index.search_gaps(Planar::default(), &mut all);
    assert_eq!(all.shown.iter().map(|(_, gap)| gap.route).collect::<Vec<_>>(), [1]);
}
