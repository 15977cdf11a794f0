//! What a proposal must keep, and that it finds what there is to find.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::*;
use crate::fixtures::{Instance, Shape};
use crate::instance::Custody;

static RUN: AtomicBool = AtomicBool::new(false);

fn search(seed: u64, iterations: u64) -> Search<'static> {
    Search { seed, workers: 2, iterations, stop: &RUN }
}

fn problem(instance: &Instance, focus: Vec<u32>) -> Problem {
    Problem {
        routes: instance.routes.clone(),
        unassigned: instance.loose.iter().cloned().map(Arc::new).collect(),
        focus,
    }
}

/// Some stops of an instance pinned where they stand.
fn pin_some(instance: &mut Instance, seed: u64) {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    for route in &mut instance.routes {
        let pin = |stop: &Arc<Stop>, is_pinned: bool| {
            Arc::new(Stop { pinned: is_pinned, ..(**stop).clone() })
        };
        let stops = route.stops().iter().map(|stop| pin(stop, rng.random_bool(0.2))).collect();
        let van = Arc::clone(route.van());
        *route = Arc::new(Route::schedule(van, stops, &instance.travel, &instance.rules));
    }
}

fn keys(route: &Route, of: impl Fn(&Stop) -> bool) -> Vec<u32> {
    route.stops().iter().filter(|stop| of(stop)).map(|stop| stop.key).collect()
}

/// Every rule a proposal must keep, checked from the routes alone.
fn check(problem: &Problem, proposal: &Proposal, instance: &Instance) -> Result<(), TestCaseError> {
    let (travel, rules) = (&instance.travel, &instance.rules);
    prop_assert!(proposal.after <= proposal.before);
    prop_assert_eq!(proposal.before, Worth::of(&problem.routes, &problem.unassigned));
    prop_assert_eq!(proposal.after, Worth::of(&proposal.routes, &proposal.unassigned));
    let count = |routes: &[Arc<Route>], left: &[Arc<Stop>]| {
        let mut counts = BTreeMap::new();
        for stop in routes.iter().flat_map(|route| route.stops()).chain(left) {
            *counts.entry(stop.key).or_insert(0) += 1;
        }
        counts
    };
    prop_assert_eq!(
        count(&proposal.routes, &proposal.unassigned),
        count(&problem.routes, &problem.unassigned)
    );
    let loose: Vec<u32> = problem.unassigned.iter().map(|stop| stop.key).collect();
    prop_assert!(proposal.unassigned.iter().all(|stop| loose.contains(&stop.key)));
    for (new, old) in proposal.routes.iter().zip(&problem.routes) {
        let anew = Route::schedule(Arc::clone(old.van()), new.stops().to_vec(), travel, rules);
        prop_assert_eq!(&anew, &**new);
        prop_assert!(new.excess().is_within(old.excess()));
        let pinned = |stop: &Stop| stop.pinned;
        prop_assert_eq!(keys(new, pinned), keys(old, pinned), "pinned stops stay, in order");
        let standing = keys(old, |_| true);
        for (index, stop) in new.stops().iter().enumerate() {
            let stood_here = standing.contains(&stop.key);
            prop_assert!(stood_here || new.van().admits(stop).is_ok());
            let windows = rules.assurance.windows(stop, new.van());
            let start = new.start_of(index);
            let kept = windows.is_some_and(|windows| {
                windows.is_empty() || windows.iter().any(|window| window.contains(start))
            });
            let before = old.stops().iter().position(|other| other.key == stop.key);
            prop_assert!(kept || before.is_some_and(|before| start <= old.start_of(before)));
        }
    }
    Ok(())
}

fn shapes() -> impl Strategy<Value = Shape> {
    (1u32..7, 0u32..12, any::<bool>(), any::<bool>(), any::<bool>()).prop_map(
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
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_proposal_keeps_every_rule_and_is_no_worse(
        seed: u64, shape in shapes(), iterations in 0u64..150, focus in 0u32..40,
    ) {
        let mut instance = Instance::random(seed, shape);
        pin_some(&mut instance, seed);
        let focus = if focus == 0 { Vec::new() } else { vec![focus] };
        let problem = problem(&instance, focus);
        let search = search(seed, iterations);
        let proposal = improve(&problem, &instance.travel, &instance.rules, &search);
        check(&problem, &proposal, &instance)?;
        for (number, route) in proposal.routes.iter().enumerate() {
            let is_same = keys(route, |_| true) == keys(&problem.routes[number], |_| true);
            let is_changed = proposal.changed(&problem).any(|changed| changed == number as u32);
            prop_assert_eq!(is_changed, !is_same);
        }
    }

    #[test]
    fn the_same_search_proposes_the_same_plan_on_any_number_of_threads(
        seed: u64, shape in shapes(),
    ) {
        let instance = Instance::random(seed, shape);
        let problem = problem(&instance, Vec::new());
        let on = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            let search = Search { workers: 3, ..search(seed, 60) };
            pool.expect("a thread pool").install(|| {
                improve(&problem, &instance.travel, &instance.rules, &search)
            })
        };
        prop_assert_eq!(on(1), on(2));
    }
}

/// The least a plan can be worth, by trying every assignment and every order.
fn exhausted(instance: &Instance) -> Worth {
    let mut pool: Vec<Arc<Stop>> =
        instance.routes.iter().flat_map(|route| route.stops().to_vec()).collect();
    pool.extend(instance.loose.iter().cloned().map(Arc::new));
    let held: Vec<u32> = instance.routes.iter().flat_map(|route| keys(route, |_| true)).collect();
    let mut best = Worth { dropped: i128::MAX, money: Cost(i64::MAX) };
    try_all(instance, &instance.routes, &pool, &mut Vec::new(), &held, &mut best);
    best
}

/// Puts the first of `pool` in every position of every route, or leaves it out, and so on. Orders of a
/// route are all reached, since every later stop is tried in every position.
fn try_all(
    instance: &Instance,
    routes: &[Arc<Route>],
    pool: &[Arc<Stop>],
    left: &mut Vec<Arc<Stop>>,
    held: &[u32],
    best: &mut Worth,
) {
    let bare = |van: &Arc<crate::Van>, stops: Vec<Arc<Stop>>| {
        Arc::new(Route::schedule(Arc::clone(van), stops, &instance.travel, &instance.rules))
    };
    if left.is_empty()
        && routes.iter().map(|route| route.stops().len()).sum::<usize>() > 0
        && std::ptr::eq(routes.as_ptr(), instance.routes.as_ptr())
    {
        let empty: Vec<Arc<Route>> =
            routes.iter().map(|route| bare(route.van(), Vec::new())).collect();
        return try_all(instance, &empty, pool, left, held, best);
    }
    let Some((stop, rest)) = pool.split_first() else {
        if routes.iter().all(|route| route.is_legal()) {
            *best = (*best).min(Worth::of(routes, left));
        }
        return;
    };
    for number in 0..routes.len() {
        for position in 0..=routes[number].stops().len() {
            let mut stops = routes[number].stops().to_vec();
            stops.insert(position, Arc::clone(stop));
            let mut tried = routes.to_vec();
            tried[number] = bare(routes[number].van(), stops);
            try_all(instance, &tried, rest, left, held, best);
        }
    }
    if !held.contains(&stop.key) {
        left.push(Arc::clone(stop));
        try_all(instance, routes, rest, left, held, best);
        left.pop();
    }
}

#[test]
fn tiny_plans_become_as_good_as_they_can_be() {
    let shape =
        Shape { vans: 2, stops_per_van: 2, varying: false, careless: false, islands: false };
    let mut improved = 0;
    for seed in 0..60 {
        let mut instance = Instance::random(seed, shape);
        instance.loose.truncate(2);
        let problem = problem(&instance, Vec::new());
        let search = search(seed, 300);
        let proposal = improve(&problem, &instance.travel, &instance.rules, &search);
        assert_eq!(proposal.after, exhausted(&instance), "seed {seed}");
        improved += u32::from(proposal.after < proposal.before);
    }
    assert!(improved > 30, "only {improved} of 60 plans had anything to improve");
}

#[test]
fn a_search_told_to_stop_returns_the_plan_it_was_given() {
    let shape = Shape { vans: 3, stops_per_van: 8, varying: false, careless: true, islands: false };
    let instance = Instance::random(5, shape);
    let problem = problem(&instance, Vec::new());
    let stopped = AtomicBool::new(true);
    let search = Search { stop: &stopped, ..search(5, 1000) };
    let proposal = improve(&problem, &instance.travel, &instance.rules, &search);
    assert_eq!(proposal.iterations, [0, 0]);
    assert_eq!(proposal.routes, problem.routes);
    assert_eq!(proposal.after, proposal.before);
}

/// Counts how often it is asked.
#[derive(Debug, Default)]
struct Asked(AtomicU64);

impl Brake for Asked {
    fn ends(&self) -> bool {
        self.0.fetch_add(1, Ordering::Relaxed);
        false
    }
}

#[test]
fn a_search_can_be_held_up_between_any_two_iterations() {
    let shape =
        Shape { vans: 3, stops_per_van: 8, varying: false, careless: false, islands: false };
    let instance = Instance::random(5, shape);
    let problem = problem(&instance, Vec::new());
    let brake = Asked::default();
    let held = Search { stop: &brake, ..search(5, 200) };
    let proposal = improve(&problem, &instance.travel, &instance.rules, &held);
    let iterations: u64 = proposal.iterations.iter().sum();
    assert_eq!(iterations, 400);
    assert!(brake.0.into_inner() >= iterations, "before each of them");
    let free = improve(&problem, &instance.travel, &instance.rules, &search(5, 200));
    assert_eq!(proposal, free);
}

#[test]
fn a_loaded_stop_changes_place_but_never_van() {
    let shape =
        Shape { vans: 4, stops_per_van: 10, varying: false, careless: false, islands: false };
    let mut reordered = 0;
    for seed in 0..20 {
        let mut instance = Instance::random(seed, shape);
        for route in &mut instance.routes {
            let van = Arc::clone(route.van());
            let loaded = |stop: &Arc<Stop>| {
                Arc::new(Stop { custody: Custody::Aboard(van.key), ..(**stop).clone() })
            };
            let stops = route.stops().iter().map(loaded).collect();
            let van = Arc::clone(&van);
            *route = Arc::new(Route::schedule(van, stops, &instance.travel, &instance.rules));
        }
        let problem = Problem { unassigned: Vec::new(), ..problem(&instance, Vec::new()) };
        let proposal = improve(&problem, &instance.travel, &instance.rules, &search(seed, 200));
        for (new, old) in proposal.routes.iter().zip(&problem.routes) {
            let (mut after, mut before) = (keys(new, |_| true), keys(old, |_| true));
            reordered += u32::from(after != before);
            after.sort_unstable();
            before.sort_unstable();
            assert_eq!(after, before, "seed {seed}");
        }
    }
    assert!(reordered > 10, "only {reordered} routes were re-sequenced");
}
