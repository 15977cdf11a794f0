use super::*;
use proptest::prelude::*;
use swerve_model::instance::{Span, StaticTask, TravelMatrix, VehicleType};

use gap::{any_gap, best_gap};

/// What a task of a drawn instance has: place, window's opening and length, service, load.
type Drawn = ((i32, i32), i64, i64, i64, i64);

pub(super) fn any_instance(tasks: std::ops::Range<usize>) -> impl Strategy<Value = Instance> {
    let place = || (0..100i32, 0..100i32);
    let task = (place(), 0..600i64, 20..400i64, 0..20i64, 1..6i64);
    let uneven = proptest::collection::vec(0..15i32, 1..40);
    (place(), proptest::collection::vec(task, tasks), uneven, 0..3u32)
        .prop_map(|(depot, tasks, uneven, fleet)| instance(depot, &tasks, &uneven, fleet))
}

/// Distances with some unevenness each way, so that neither symmetry nor the triangle inequality holds.
fn instance(depot: (i32, i32), drawn: &[Drawn], uneven: &[i32], fleet: u32) -> Instance {
    let places: Vec<(i32, i32)> =
        std::iter::once(depot).chain(drawn.iter().map(|task| task.0)).collect();
    let mut legs = Vec::new();
    for (from, here) in places.iter().enumerate() {
        for (to, there) in places.iter().enumerate() {
            let straight = f64::from(here.0 - there.0).hypot(f64::from(here.1 - there.1)) as i32;
            let extra = uneven[(from * 7 + to) % uneven.len()];
            legs.push(if from == to { 0 } else { straight + extra });
        }
    }
    let task = |(index, task): (usize, &Drawn)| StaticTask {
        number: index as u32 + 1,
        site: index as u32 + 1,
        service: task.3,
        windows: vec![Span { open: task.1, close: task.1 + task.2 }],
        delivery: vec![task.4],
        ..StaticTask::default()
    };
    let kind = |capacity: i64, count: u32| VehicleType {
        shift: Span { open: 0, close: 1000 },
        capacity: vec![capacity],
        count,
        ..VehicleType::default()
    };
    let fleet = match fleet {
        0 => vec![kind(12, u32::MAX)],
        1 => vec![kind(8, 2), kind(15, 1)],
        _ => vec![kind(9, u32::MAX), kind(20, 1)],
    };
    let matrix = TravelMatrix::new(legs.clone()).expect("a square");
    let tasks = drawn.iter().enumerate().map(task).collect();
    let name = "drawn".to_owned();
    let travel = vec![matrix];
    Instance { name, scale: 1, cost_scale: 1, travel, tasks, fleet, ..Instance::default() }
}

/// Drives every route from nothing; the sum of legs, or what is wrong.
pub(super) fn driven(instance: &Instance, solution: &Solution) -> Result<i64, String> {
    let mut served = vec![0; instance.tasks.len()];
    let mut used = vec![0; instance.fleet.len()];
    let mut distance = 0;
    for route in &solution.routes {
        let kind = &instance.fleet[route.kind as usize];
        used[route.kind as usize] += 1;
        let (mut site, mut now, mut load) = (0, kind.shift.open, 0);
        for index in &route.tasks {
            let task = &instance.tasks[*index as usize];
            served[*index as usize] += 1;
            distance += instance.travel[0].distance(site, task.site);
            now = (now + instance.travel[0].duration(site, task.site)).max(task.windows[0].open);
            if now > task.windows[0].close {
                return Err(format!("task {index} is late"));
            }
            now += task.service;
            load += task.delivery[0];
            site = task.site;
        }
        distance += instance.travel[0].distance(site, 0);
        now += instance.travel[0].duration(site, 0);
        if now > kind.shift.close || load > kind.capacity[0] {
            return Err("back late, or overloaded".to_owned());
        }
    }
    let too_many = used.iter().zip(&instance.fleet).any(|(used, kind)| *used > kind.count);
    for index in &solution.unserved {
        served[*index as usize] += 1;
    }
    if too_many || served.iter().any(|times| *times != 1) {
        return Err(format!("served {served:?}, vehicles {used:?}"));
    }
    Ok(distance)
}

/// The cheapest plan there is, by trying every one: fewest unserved, then distance.
fn cheapest(instance: &Instance) -> (usize, i64) {
    /// Routes of `kind` and later ones, tasks by bit; what is not served is absent.
    fn rest(
        instance: &Instance,
        kind: usize,
        used: u32,
        left: u32,
        best: &mut (usize, i64),
        now: i64,
    ) {
        let here = (left.count_ones() as usize, now);
        *best = (*best).min(here);
        if kind == instance.fleet.len() || left == 0 {
            return;
        }
        rest(instance, kind + 1, 0, left, best, now);
        if used < instance.fleet[kind].count {
            let vehicle = &instance.fleet[kind];
            extend(instance, kind, used, left, best, now, (0, vehicle.shift.open, 0));
        }
    }
    fn extend(
        instance: &Instance,
        kind: usize,
        used: u32,
        left: u32,
        best: &mut (usize, i64),
        cost: i64,
        (site, now, load): (u32, i64, i64),
    ) {
        let vehicle = &instance.fleet[kind];
        for index in (0..instance.tasks.len()).filter(|index| left & (1 << index) != 0) {
            let task = &instance.tasks[index];
            let start =
                (now + instance.travel[0].duration(site, task.site)).max(task.windows[0].open);
            let (depart, load) = (start + task.service, load + task.delivery[0]);
            if start > task.windows[0].close || load > vehicle.capacity[0] {
                continue;
            }
            let cost = cost + instance.travel[0].distance(site, task.site);
            let left = left & !(1 << index);
            let home = instance.travel[0].distance(task.site, 0);
            if depart + instance.travel[0].duration(task.site, 0) <= vehicle.shift.close {
                rest(instance, kind, used + 1, left, best, cost + home);
            }
            extend(instance, kind, used, left, best, cost, (task.site, depart, load));
        }
    }
    let all = (1u32 << instance.tasks.len()) - 1;
    let mut best = (usize::MAX, i64::MAX);
    rest(instance, 0, 0, all, &mut best, 0);
    best
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_solution_keeps_every_rule_and_costs_what_it_says(
        instance in any_instance(1..40),
        seed in 0..1000u64,
    ) {
        let solution = solve(&instance, Objective::Distance, seed, &[], vec![Iterations(500)]);
        prop_assert_eq!(driven(&instance, &solution), Ok(solution.distance));
    }

    #[test]
    fn what_several_workers_find_together_keeps_every_rule(
        instance in any_instance(1..60),
        seed in 0..1000u64,
        workers in 2..5usize,
    ) {
        let paces = vec![Iterations(1_500); workers];
        let solution = solve(&instance, Objective::Distance, seed, &[], paces);
        prop_assert_eq!(driven(&instance, &solution), Ok(solution.distance));
    }

    #[test]
    fn nothing_on_a_tiny_instance_is_better(instance in any_instance(1..6), seed in 0..1000u64) {
        let solution = solve(&instance, Objective::Distance, seed, &[], vec![Iterations(3_000)]);
        prop_assert_eq!((solution.unserved.len(), solution.distance), cheapest(&instance));
    }

    #[test]
    fn what_is_kept_of_a_plan_is_what_a_plan_made_anew_has(
        instance in any_instance(2..40),
        seed in 0..1000u64,
    ) {
        let model = Model::<OneLeg>::new(&instance, absence(&instance));
        let mut rng = worker_rng(seed, 0);
        let mut plan = Plan::empty(&model);
        let mut change = Change::of(&model);
        let mut recreate = Recreate::new(&mut rng);
        for round in 0..60 {
            let before = plan.clone();
            change.begin(&plan);
            let seed = rng.random_range(0..model.tasks.len() as u32);
            ruin::ruin(&mut plan, &mut change, &model, seed, 10.0, &mut rng);
            recreate.run(&mut plan, &mut change, &model, i64::MAX, &mut rng);
            if change.is_broken || round % 3 == 0 {
                change.take_back(&mut plan);
                prop_assert_eq!(&plan, &before);
            } else {
                prop_assert_eq!(refilled(&plan, &model), sorted(&plan, &model));
            }
        }
    }

    #[test]
    fn after_an_exchange_a_plan_has_what_one_made_anew_has(
        instance in any_instance(4..40),
        seed in 0..1000u64,
    ) {
        let model = Model::<OneLeg>::new(&instance, absence(&instance));
        let solution = solve(&instance, Objective::Distance, seed, &[], vec![Iterations(2)]);
        let mut plan = Plan::empty(&model);
        let mut change = Change::of(&model);
        fill(&mut plan, &mut change, &model, &solution.routes);
        let mut rng = worker_rng(seed, 0);
        // So hot that nearly everything may be that keeps the rules.
        for number in 0..2_000 {
            let heat = 1_000.0 * f64::from(number % 2);
            let task = rng.random_range(0..model.tasks.len() as u32);
            let Some(exchange) = exchange::drawn(&plan, &model, task, heat, &mut rng) else { continue };
            let before = plan.clone();
            change.begin(&plan);
            change.exchange(&mut plan, &model, exchange);
            prop_assert!(!change.is_broken);
            prop_assert!(heat > 0.0 || plan.cost <= before.cost);
            if number % 3 == 0 {
                change.take_back(&mut plan);
                prop_assert_eq!(&plan, &before);
            } else {
                prop_assert_eq!(refilled(&plan, &model), sorted(&plan, &model));
            }
        }
    }

    #[test]
    fn the_best_gap_beside_near_tasks_is_the_best_of_all_where_all_are_near(
        instance in any_instance(2..30),
        seed in 0..1000u64,
    ) {
        let model = Model::<OneLeg>::new(&instance, absence(&instance));
        let solution = solve(&instance, Objective::Distance, seed, &[], vec![Iterations(20)]);
        let mut plan = Plan::empty(&model);
        let mut change = Change::of(&model);
        fill(&mut plan, &mut change, &model, &solution.routes);
        for task in 0..model.tasks.len() as u32 {
            let Some(behind) = Some(plan.node(task).prev).filter(|prev| *prev != model::NONE) else {
                continue;
            };
            change.begin(&plan);
            let until = plan.node(task).next;
            change.cut(&mut plan, &model, behind, until);
            let near = best_gap(&plan, &model, task, 1.0, |_| 0, || false);
            let all = any_gap(&plan, &model, task, |_| 0);
            if !change.is_broken {
                prop_assert_eq!(near.map(|gap| gap.cost), all.map(|gap| gap.cost));
            }
            change.take_back(&mut plan);
        }
    }
}

fn fill(plan: &mut Plan, change: &mut Change, model: &Model<OneLeg>, routes: &[StaticRoute]) {
    let numbers = Numbering::inverse(&model.index);
    change.begin(plan);
    for route in routes {
        let tasks: Vec<u32> = route.tasks.iter().map(|index| numbers[*index as usize]).collect();
        change.append_route(plan, model, route.kind, &tasks);
    }
    plan.forget_served();
}

/// Every number of a plan, its slots' numbers and the order of the absent left out.
type Numbers = (Vec<Vec<plan::Node>>, Vec<u32>, i64);

fn sorted(plan: &Plan, model: &Model<OneLeg>) -> Numbers {
    let mut routes: Vec<Vec<plan::Node>> = Vec::new();
    for slot in (0..model.slots.len() as u32).filter(|slot| plan.slots[*slot as usize].len > 0) {
        let nodes = plan.tasks(slot, model).map(|task| plan::Node {
            slot: model.slots[slot as usize],
            prev: 0,
            next: task,
            ..*plan.node(task)
        });
        routes.push(nodes.collect());
    }
    routes.sort_by_key(|route| route[0].next);
    let mut absent = plan.absent.clone();
    absent.sort_unstable();
    (routes, absent, plan.cost)
}

/// The same routes, filled in from nothing.
fn refilled(plan: &Plan, model: &Model<OneLeg>) -> Numbers {
    let routes = Solution::of(plan, model, 0).routes;
    let mut fresh = Plan::empty(model);
    let mut change = Change::of(model);
    fill(&mut fresh, &mut change, model, &routes);
    sorted(&fresh, model)
}

#[test]
fn the_same_seed_and_iterations_give_the_same_solution() {
    let drawn: Vec<Drawn> = (0..60)
        .map(|index| ((index * 37 % 100, index * 53 % 100), 0, 900, 5, 1 + i64::from(index % 4)))
        .collect();
    let instance = instance((50, 50), &drawn, &[0, 3], 0);
    let solve = |seed| solve(&instance, Objective::Distance, seed, &[], vec![Iterations(2_000)]);
    assert_eq!(solve(7), solve(7));
    assert_ne!(solve(7).routes, solve(8).routes);
}

#[test]
fn the_best_of_several_workers_is_the_same_at_any_number_of_threads() {
    let drawn: Vec<Drawn> = (0..80)
        .map(|index| ((index * 37 % 100, index * 53 % 100), 0, 900, 5, 1 + i64::from(index % 4)))
        .collect();
    let instance = instance((50, 50), &drawn, &[0, 3], 0);
    let with_threads = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        pool.install(|| solve(&instance, Objective::Distance, 7, &[], vec![Iterations(3_000); 3]))
    };
    let one = with_threads(1);
    assert_eq!(one.iterations, 9_000);
    assert_eq!(one, with_threads(2));
}

#[test]
fn a_solution_given_is_where_the_search_starts() {
    let drawn: Vec<Drawn> = (0..30)
        .map(|index| ((index * 37 % 100, index * 53 % 100), 0, 900, 5, 1 + i64::from(index % 4)))
        .collect();
    let instance = instance((50, 50), &drawn, &[0], 0);
    let found = solve(&instance, Objective::Distance, 1, &[], vec![Iterations(20_000)]);
    let again = solve(&instance, Objective::Distance, 2, &found.routes, vec![Iterations(0)]);
    assert_eq!((again.routes, again.iterations), (found.routes, 0));
}

#[test]
fn an_instance_without_tasks_has_an_empty_solution() {
    let instance = instance((0, 0), &[], &[0], 0);
    let solution = solve(&instance, Objective::Distance, 1, &[], vec![Iterations(1_000)]);
    assert_eq!((solution.routes.len(), solution.distance), (0, 0));
}

#[test]
fn two_workers_together_find_more_than_one() {
    let mut drawn: Vec<Drawn> = Vec::new();
    for index in 0..300 {
        let place = (index * 37 % 101, index * index * 53 % 103);
        let open = i64::from(index * 29 % 500);
        drawn.push((place, open, 200, 5, 1 + i64::from(index % 4)));
    }
    let instance = instance((50, 50), &drawn, &[0, 3], 0);
    let sum = |workers: usize| -> i64 {
        let found = |seed| {
            let paces = vec![Iterations(4_000); workers];
            solve(&instance, Objective::Distance, seed, &[], paces).distance
        };
        (0..6).map(found).sum()
    };
    let (one, two) = (sum(1), sum(2));
    assert!(two < one, "{two} with two, {one} with one");
}
