//! The search against its plain twin, over instances as crooked as the fixtures make them.

use std::sync::Arc;

use proptest::prelude::*;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use smallvec::smallvec;
use swerve_model::detour::floor_cost;
use swerve_model::{Cost, Detour, Moment, NearbyGap, Ticks};

use super::*;
use crate::fixtures::{
    Instance, Shape, SortedChunks, plain_stop, plain_van, random_stop, rules, square, widest,
    window,
};
use crate::instance::{Custody, Van};
use crate::price::{Prices, Tariff};
use crate::route::Route;

fn shapes() -> impl Strategy<Value = Shape> {
    (1u32..9, 0u32..12, any::<bool>(), any::<bool>(), any::<bool>()).prop_map(
        |(vans, stops_per_van, varying, careless, islands)| Shape {
            vans,
            stops_per_van,
            varying,
            careless,
            islands,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn the_search_finds_what_a_full_scan_finds(
        seed: u64, shape in shapes(), length in 1usize..6, keep in 1usize..4, published: bool,
    ) {
        let instance = Instance::random(seed, shape);
        let chunks = SortedChunks::of(&instance.routes, length);
        let fleet = Fleet::new(instance.routes.clone());
        let live = Live {
            fleet: &fleet, chunks: &chunks, travel: &instance.travel, rules: &instance.rules,
        };
        let mut rng = ChaCha8Rng::seed_from_u64(seed ^ 1);
        for stop in &instance.loose {
            let stop = if published {
                instance.published_elsewhere(&mut rng, stop)
            } else {
                stop.clone()
            };
            let found = live.cheapest(&stop, None, keep);
            let scanned = live.scan_everything(&stop, None, keep);
            prop_assert_eq!(&found.best, &scanned.best);
            for insertion in &found.best {
                let route = &fleet.routes()[insertion.route as usize];
                let longer = route.with_inserted(
                    insertion.position as usize,
                    Arc::new(stop.clone()),
                    live.travel,
                    live.rules,
                );
                prop_assert_eq!(longer.cost() - route.cost(), insertion.delta);
                prop_assert!(longer.excess().is_within(route.excess()));
            }
            let refusal = live.explain(&stop, None);
            prop_assert_eq!(refusal.open.is_empty(), scanned.best.is_empty());
            prop_assert_eq!(refusal.open.len() + refusal.routes.len(), fleet.routes().len());
        }
    }

    #[test]
    fn no_bound_on_a_gap_or_on_several_is_above_what_an_insertion_costs(
        seed: u64, shape in shapes(), length in 1usize..6,
        waiting in 0i64..60, overtime in 0i64..600, shift in 0i64..12,
    ) {
        let mut instance = Instance::random(seed, shape);
        let [waiting_hour, overtime_hour] = [waiting, overtime].map(Cost::from_units);
        let tariff = Tariff { waiting_hour, overtime_hour, ..Tariff::default() };
        instance.rules.prices = Prices::new(&tariff);
        let routes = instance.rescheduled(Ticks::from_hours(shift));
        let chunks = SortedChunks::of(&routes, length);
        let fleet = Fleet::new(routes);
        let live = Live {
            fleet: &fleet, chunks: &chunks, travel: &instance.travel, rules: &instance.rules,
        };
        for stop in &instance.loose {
            let hours = search::hours(std::slice::from_ref(stop));
            let price = search::detour_price(&live, stop, hours);
            let runs: Vec<_> = chunks.detours(live.travel.position(stop.place)).collect();
            let joined = |gaps: &[(NearbyGap, Detour)]| {
                gaps.iter().map(|(_, detour)| *detour).reduce(widest).map(|all| price.floor(&all))
            };
            let of_all = joined(&runs.concat());
            for run in runs {
                let of_run = joined(&run);
                for (shown, detour) in run {
                    let route = &fleet.routes()[shown.route as usize];
                    let Some(new) = gap::Newcomer::new(stop, route, live.rules) else { continue };
                    for at in shown.position..=shown.position + u32::from(shown.is_open) {
                        let (at, limit) = (at as usize, Cost(i64::MAX));
                        if at >= route.positions().len() {
                            continue;
                        }
                        let priced = gap::price(route, at, &new, live.travel, live.rules, limit);
                        let Ok(priced) = priced else { continue };
                        for floor in [Some(price.floor(&detour)), of_run, of_all] {
                            let floor = floor_cost(floor.expect("of one gap at least"));
                            prop_assert!(floor <= priced.delta, "{shown:?}: {floor:?} {priced:?}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn several_windows_at_once_are_answered_as_one_by_one(
        seed: u64, shape in shapes(), length in 1usize..6,
    ) {
        let instance = Instance::random(seed, shape);
        let chunks = SortedChunks::of(&instance.routes, length);
        let fleet = Fleet::new(instance.routes.clone());
        let live = Live {
            fleet: &fleet, chunks: &chunks, travel: &instance.travel, rules: &instance.rules,
        };
        let stop = &instance.loose[0];
        let hours: Vec<Windows> = (0..8)
            .map(|hour| {
                let open = Ticks::from_hours(hour).0;
                smallvec![window(open, open + Ticks::from_hours(1).0)]
            })
            .collect();
        let together = live.cheapest_per_window(stop, &hours, None, 1);
        for (windows, answer) in hours.iter().zip(together) {
            let alone = Stop { windows: windows.clone(), ..stop.clone() };
            prop_assert_eq!(answer.best, live.scan_everything(&alone, None, 1).best);
        }
    }

    #[test]
    fn a_search_among_some_routes_uses_no_other(seed: u64, shape in shapes(), mask: u32) {
        let instance = Instance::random(seed, shape);
        let chunks = SortedChunks::of(&instance.routes, 4);
        let fleet = Fleet::new(instance.routes.clone());
        let live = Live {
            fleet: &fleet, chunks: &chunks, travel: &instance.travel, rules: &instance.rules,
        };
        let among: Vec<u32> = (0..shape.vans).filter(|route| mask & 1 << route != 0).collect();
        for stop in &instance.loose {
            let found = live.cheapest(stop, Some(&among), 2);
            prop_assert_eq!(&found.best, &live.scan_everything(stop, Some(&among), 2).best);
            prop_assert!(found.best.iter().all(|insertion| among.contains(&insertion.route)));
        }
    }

    #[test]
    fn a_batch_is_inserted_as_if_every_stop_were_asked_again_each_time(
        seed: u64, shape in shapes(), count in 1usize..7,
    ) {
        let instance = Instance::random(seed, shape);
        let chunks = SortedChunks::of(&instance.routes, 3);
        let fleet = Fleet::new(instance.routes.clone());
        let live = Live {
            fleet: &fleet, chunks: &chunks, travel: &instance.travel, rules: &instance.rules,
        };
        let mut rng = ChaCha8Rng::seed_from_u64(seed ^ 2);
        let stops: Vec<Arc<Stop>> = (0..count)
            .map(|index| Arc::new(random_stop(&mut rng, 500 + index as u32, shape.vans)))
            .collect();
        let batch = live.insert_batch(&stops, None, false);
        let (fleet_after, placed) = asked_again_each_time(&live, &stops);
        prop_assert_eq!(
            batch.placed.iter().map(|p| (p.stop_key, p.insertion)).collect::<Vec<_>>(), placed
        );
        for (number, route) in &batch.routes {
            prop_assert_eq!(route, &fleet_after.routes()[*number as usize]);
        }
        let cost = |fleet: &Fleet| fleet.routes().iter().map(|r| r.cost()).sum::<Cost>();
        prop_assert_eq!(batch.delta(), cost(&fleet_after) - cost(&fleet));
        let all_or_nothing = live.insert_batch(&stops, None, true);
        prop_assert_eq!(all_or_nothing.is_complete(), batch.is_complete());
        prop_assert!(batch.is_complete() || all_or_nothing.routes.is_empty());
    }
}

/// Custody, skills, room or time keep the stop from nearly all of a thousand routes: the index alone
/// would show one gap after the other in vain.
#[test]
fn where_hardly_any_route_will_do_the_search_finds_what_a_full_scan_finds() {
    let shape =
        Shape { vans: 1_000, stops_per_van: 40, varying: false, careless: true, islands: false };
    let instance = Instance::random(3, shape);
    let chunks = SortedChunks::of(&instance.routes, 40);
    let fleet = Fleet::new(instance.routes.clone());
    let live =
        Live { fleet: &fleet, chunks: &chunks, travel: &instance.travel, rules: &instance.rules };
    let gaps = || instance.routes.iter().map(|route| route.positions().len());
    assert!(gaps().sum::<usize>() > 16_384, "more gaps than the search has patience for");
    let plain = plain_stop(90_000, 7);
    let nobody_can = Stop { skills: swerve_model::Skills(4), ..plain.clone() };
    let no_depot = Stop { custody: Custody::AtDepot(9), ..plain.clone() };
    let too_heavy = Stop { load: swerve_model::Load::new(270, 0, 0), ..plain.clone() };
    let too_early = Stop { windows: smallvec![window(0, 900)], ..plain.clone() };
    let late = 8 * 36_000 + 60_000;
    let too_late = Stop { windows: smallvec![window(late, late + 9_000)], ..plain.clone() };
    for stop in [plain, nobody_can, no_depot, too_heavy, too_early, too_late] {
        let scanned = live.scan_everything(&stop, None, 3);
        assert_eq!(live.cheapest(&stop, None, 3).best, scanned.best);
    }
}

/// Regret insertion from its definition, by full scans over the routes as they are each time.
fn asked_again_each_time<C: NearbyChunks>(
    live: &Live<crate::fixtures::Table, C>,
    stops: &[Arc<Stop>],
) -> (Fleet, Vec<(u32, Insertion)>) {
    let mut fleet = live.fleet.clone();
    let mut waiting = stops.to_vec();
    let mut placed = Vec::new();
    loop {
        let now = Live { fleet: &fleet, ..*live };
        let asked = waiting.iter().enumerate().filter_map(|(index, stop)| {
            let best = now.scan_everything(stop, None, 3).best;
            let first = *best.first()?;
            let regret: Cost = best.iter().map(|insertion| insertion.delta - first.delta).sum();
            Some((best.len(), std::cmp::Reverse(regret), first.delta, stop.key, index, first))
        });
        let Some((.., index, insertion)) = asked.min_by_key(|a| (a.0, a.1, a.2, a.3)) else {
            return (fleet, placed);
        };
        let stop = waiting.remove(index);
        placed.push((stop.key, insertion));
        let longer = fleet.routes()[insertion.route as usize].with_inserted(
            insertion.position as usize,
            stop,
            live.travel,
            live.rules,
        );
        fleet.replace(insertion.route, Arc::new(longer));
    }
}

/// One van at place 0 of a 100 m square (100 ticks a side), its stops at the given places.
fn one_route(van: Van, stops: Vec<Stop>) -> Fleet {
    let travel = square();
    let stops = stops.into_iter().map(Arc::new).collect();
    Fleet::new(vec![Arc::new(Route::schedule(Arc::new(van), stops, &travel, &rules(false)))])
}

fn obstacle_for(fleet: &Fleet, stop: &Stop) -> Option<Obstacle> {
    let (travel, rules) = (square(), rules(false));
    let chunks = SortedChunks::of(fleet.routes(), 5);
    let live = Live { fleet, chunks: &chunks, travel: &travel, rules: &rules };
    let refusal = live.explain(stop, None);
    assert_eq!(live.cheapest(stop, None, 1).best.is_empty(), refusal.nearest().is_some());
    refusal.nearest()
}

#[test]
fn a_refusal_names_the_rule_that_came_nearest() {
    let promised =
        Stop { windows: smallvec![window(0, 3_000)], service: Ticks(2_000), ..plain_stop(1, 1) };
    let fleet = one_route(
        Van {
            hard_end: Moment(5_000),
            capacity: swerve_model::Load::new(9, 9, 9),
            ..plain_van(7, 0)
        },
        vec![promised],
    );
    let stop = plain_stop(2, 2);
    assert_eq!(obstacle_for(&fleet, &stop), None);
    let elsewhere = Stop { custody: Custody::Aboard(8), ..stop.clone() };
    assert_eq!(obstacle_for(&fleet, &elsewhere), Some(Obstacle::Custody));
    let skilled = Stop { skills: swerve_model::Skills(1), ..stop.clone() };
    assert_eq!(obstacle_for(&fleet, &skilled), Some(Obstacle::Skills));
    let heavy = Stop { load: swerve_model::Load::new(9, 0, 0), ..stop.clone() };
    assert_eq!(obstacle_for(&fleet, &heavy), Some(Obstacle::Capacity));
    let at_once = Stop { windows: smallvec![window(0, 50)], ..stop.clone() };
    assert_eq!(obstacle_for(&fleet, &at_once), Some(Obstacle::OwnWindow));
    let long = Stop { service: Ticks(2_900), windows: smallvec![window(0, 1_500)], ..stop.clone() };
    assert_eq!(obstacle_for(&fleet, &long), Some(Obstacle::OtherPromises));
    let endless = Stop { service: Ticks(5_000), ..stop };
    assert_eq!(obstacle_for(&fleet, &endless), Some(Obstacle::ShiftLimit));
}

#[test]
fn a_loaded_parcel_is_never_offered_to_another_van() {
    let travel = square();
    let rules = rules(false);
    let near = Van { ..plain_van(7, 2) };
    let far = Van { ..plain_van(8, 0) };
    let fleet = Fleet::new(
        [near, far]
            .map(|van| Arc::new(Route::schedule(Arc::new(van), Vec::new(), &travel, &rules)))
            .to_vec(),
    );
    let chunks = SortedChunks::of(fleet.routes(), 5);
    let live = Live { fleet: &fleet, chunks: &chunks, travel: &travel, rules: &rules };
    let stop = Stop { custody: Custody::Aboard(8), ..plain_stop(1, 2) };
    let answer = live.cheapest(&stop, None, 2);
    assert_eq!(answer.best.iter().map(|i| i.route_key).collect::<Vec<_>>(), [8]);
}
