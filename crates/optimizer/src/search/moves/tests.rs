//! Each operator against every change it could make, each driven from nothing.

use std::sync::Arc;

use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use swerve_model::Moment;

use super::*;
use crate::fixtures::{Instance, Shape};
use crate::instance::Stop;
use crate::route::Route;
use crate::search::legs::Table;

fn instance(seed: u64, careless: bool) -> Instance {
    let shape = Shape { vans: 4, stops_per_van: 7, varying: false, careless, islands: false };
    let mut instance = Instance::random(seed, shape);
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    for route in &mut instance.routes {
        let pinned =
            |stop: &Arc<Stop>| Arc::new(Stop { pinned: rng.random_bool(0.1), ..(**stop).clone() });
        let stops = route.stops().iter().map(pinned).collect();
        let van = Arc::clone(route.van());
        *route = Arc::new(Route::schedule(van, stops, &instance.travel, &instance.rules));
    }
    instance
}

fn space(instance: &Instance) -> Space<Table> {
    let (travel, rules) = (&instance.travel, &instance.rules);
    Space::new(&instance.routes, &[], travel, rules, |places| {
        Table::fill(travel, &places, Moment(0), &std::sync::atomic::AtomicBool::new(false))
    })
}

type Plan = Vec<Vec<u32>>;

/// The plan's cost driven from nothing; `None` if it breaks a limit.
fn priced(plan: &Plan, space: &Space<Table>) -> Option<Cost> {
    let tour = |(van, nodes): (usize, &Vec<u32>)| {
        let van = van as u32;
        let load: Load = nodes.iter().map(|node| space.bodies[*node as usize].load).sum();
        let fits = load.fits(space.vans[van as usize].room);
        if !fits || !nodes.iter().all(|node| space.permits(van, *node)) {
            return None;
        }
        let mut tour = Tour::unused(van, 0);
        tour.set(nodes.iter().copied(), space);
        tour.keeps_limits.then_some(tour.cost)
    };
    plan.iter().enumerate().map(tour).sum()
}

fn pinned(nodes: &[u32], space: &Space<Table>) -> Vec<u32> {
    nodes.iter().copied().filter(|node| space.nodes[*node as usize].pinned).collect()
}

fn where_is(plan: &Plan, node: u32) -> (usize, usize) {
    let find = |tour: &Vec<u32>| tour.iter().position(|other| *other == node);
    let tour = plan.iter().position(|tour| find(tour).is_some()).expect("it has a place");
    (tour, find(&plan[tour]).expect("it has a place"))
}

/// Gaps (tour, index of the stop after it) a run may go to: beside each neighbour, or an empty tour.
fn gaps(plan: &Plan, node: u32, run: &[u32], space: &Space<Table>) -> Vec<(usize, usize)> {
    let near = space.neighbours(node).iter().take(NEIGHBOURS_TRIED).copied();
    let beside = near.filter(|near| !run.contains(near)).flat_map(|near| {
        let (tour, index) = where_is(plan, near);
        let index = plan[tour][..index].iter().filter(|node| !run.contains(node)).count();
        [(tour, index), (tour, index + 1)]
    });
    let empty = (0..plan.len()).filter(|tour| plan[*tour].is_empty()).map(|tour| (tour, 0));
    beside.chain(empty).collect()
}

fn moved(plan: &Plan, run: &[u32], gap: (usize, usize), reversed: bool) -> Plan {
    let mut changed = plan.clone();
    for tour in &mut changed {
        tour.retain(|node| !run.contains(node));
    }
    let mut run = run.to_vec();
    if reversed {
        run.reverse();
    }
    changed[gap.0].splice(gap.1..gap.1, run);
    changed
}

fn relocated(plan: &Plan, node: u32, space: &Space<Table>) -> Vec<Plan> {
    let to = gaps(plan, node, &[node], space);
    to.into_iter().map(|gap| moved(plan, &[node], gap, false)).collect()
}

fn or_opted(plan: &Plan, node: u32, space: &Space<Table>) -> Vec<Plan> {
    let (tour, index) = where_is(plan, node);
    let mut plans = Vec::new();
    for length in [2usize, 3] {
        let starts = [Some(index), (index + 1).checked_sub(length)];
        for from in starts.into_iter().flatten() {
            let Some(run) = plan[tour].get(from..from + length) else { continue };
            for gap in gaps(plan, node, run, space) {
                plans.push(moved(plan, run, gap, false));
                // Turned round where it is: that is 2-opt's to find.
                if gap != (tour, from) {
                    plans.push(moved(plan, run, gap, true));
                }
            }
        }
    }
    plans
}

fn swapped(plan: &Plan, node: u32, space: &Space<Table>) -> Vec<Plan> {
    let (tour, index) = where_is(plan, node);
    let near = space.neighbours(node).iter().take(NEIGHBOURS_TRIED).copied();
    near.flat_map(|near| {
        let (other, at) = where_is(plan, near);
        let beside = [at.checked_sub(1), Some(at + 1).filter(|at| *at < plan[other].len())];
        let far = move |at: &usize| other != tour || at.abs_diff(index) > 1;
        beside.into_iter().flatten().filter(far).map(move |at| {
            let mut changed = plan.clone();
            (changed[tour][index], changed[other][at]) = (plan[other][at], plan[tour][index]);
            changed
        })
    })
    .collect()
}

fn tails_exchanged(plan: &Plan, node: u32, space: &Space<Table>) -> Vec<Plan> {
    let (tour, index) = where_is(plan, node);
    let near = space.neighbours(node).iter().take(NEIGHBOURS_TRIED).copied();
    let cuts = near.flat_map(|near| {
        let (other, at) = where_is(plan, near);
        [(index + 1, other, at), (index, other, at + 1)]
    });
    let empty = (0..plan.len()).filter(|other| plan[*other].is_empty());
    let cuts = cuts.chain(empty.map(|other| (index + 1, other, 0)));
    cuts.filter(|(_, other, _)| *other != tour)
        .map(|(cut, other, at)| {
            let mut changed = plan.clone();
            let tail = changed[tour].split_off(cut);
            let other_tail = changed[other].split_off(at);
            changed[tour].extend(other_tail);
            changed[other].extend(tail);
            changed
        })
        .collect()
}

fn turned(plan: &Plan, node: u32, space: &Space<Table>) -> Vec<Plan> {
    let (tour, index) = where_is(plan, node);
    let near = space.neighbours(node).iter().take(NEIGHBOURS_TRIED).copied();
    near.filter(|near| where_is(plan, *near).0 == tour)
        .flat_map(|near| {
            let at = where_is(plan, near).1;
            let (low, high) = (index.min(at), index.max(at));
            [low + 1..high + 1, low..high].map(|stretch| {
                let mut changed = plan.clone();
                changed[tour][stretch].reverse();
                changed
            })
        })
        .collect()
}

type Operator = fn(u32, &Scene<Table>, &mut Option<Move>);
type Twin = fn(&Plan, u32, &Space<Table>) -> Vec<Plan>;

/// Every operator beside the changes it is made of.
const OPERATORS: [(&str, Operator, Twin); 5] = [
    ("relocate", relocate::consider, relocated),
    ("or-opt", or_opt::consider, or_opted),
    ("swap", swap::consider, swapped),
    ("2-opt*", two_opt_star::consider, tails_exchanged),
    ("2-opt", two_opt::consider, turned),
];

/// The best change of `twin` that pays and leaves pinned stops as they are, by its worth.
fn best_of(plan: &Plan, node: u32, space: &Space<Table>, twin: Twin) -> Option<Cost> {
    let before = priced(plan, space).expect("a plan keeps its limits");
    let keeps_pins = |changed: &Plan| {
        changed.iter().zip(plan).all(|(new, old)| pinned(new, space) == pinned(old, space))
    };
    let costs = twin(plan, node, space).into_iter().filter(keeps_pins);
    let deltas = costs.filter_map(|changed| priced(&changed, space)).map(|cost| cost - before);
    deltas.min().filter(|delta| *delta < Cost::ZERO)
}

/// Moves of pinned stops within their route's pinned order are legal but not among the operators'.
fn is_free(plan: &Plan, node: u32, space: &Space<Table>) -> bool {
    pinned(&plan[where_is(plan, node).0], space).is_empty()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn each_operator_finds_the_best_of_its_changes(seed: u64, careless: bool) {
        let instance = instance(seed, careless);
        let space = space(&instance);
        let plan: Plan = space.standing.clone();
        let draft = Draft::new(&plan, &space);
        prop_assert_eq!(Some(draft.worth().money), priced(&plan, &space));
        let scene = Scene { space: &space, draft: &draft };
        for node in 0..space.nodes.len() as u32 {
            for (name, operator, twin) in OPERATORS {
                let mut found = None;
                operator(node, &scene, &mut found);
                let found = found.map(|found| found.delta);
                let expected = best_of(&plan, node, &space, twin);
                if is_free(&plan, node, &space) {
                    prop_assert_eq!(found, expected, "{} around {}", name, node);
                } else {
                    prop_assert!(found.is_none() || expected.is_some(), "{} at {}", name, node);
                }
            }
        }
    }

    #[test]
    fn a_move_made_costs_what_it_was_priced_at(seed: u64, careless: bool) {
        let instance = instance(seed, careless);
        let space = space(&instance);
        let plan: Plan = space.standing.clone();
        for node in 0..space.nodes.len() as u32 {
            let mut draft = Draft::new(&plan, &space);
            draft.begin();
            let found = best_around(node, &Scene { space: &space, draft: &draft });
            let Some(found) = found else { continue };
            let before = draft.worth().money;
            found.apply(&mut draft, &space);
            let after: Plan = draft.tours.iter().map(|tour| tour.nodes().collect()).collect();
            prop_assert_eq!(priced(&after, &space), Some(before + found.delta));
            for (new, old) in after.iter().zip(&plan) {
                prop_assert_eq!(pinned(new, &space), pinned(old, &space));
            }
            draft.undo();
            let undone: Plan = draft.tours.iter().map(|tour| tour.nodes().collect()).collect();
            prop_assert_eq!(&undone, &plan);
            prop_assert_eq!(draft.worth().money, before);
        }
    }
}

#[test]
fn every_operator_finds_something_somewhere() {
    let mut found = [0; OPERATORS.len()];
    for seed in 0..40 {
        let instance = instance(seed, false);
        let space = space(&instance);
        let plan: Plan = space.standing.clone();
        let draft = Draft::new(&plan, &space);
        let scene = Scene { space: &space, draft: &draft };
        for node in 0..space.nodes.len() as u32 {
            for (count, (_, operator, _)) in found.iter_mut().zip(OPERATORS) {
                let mut best = None;
                operator(node, &scene, &mut best);
                *count += i32::from(best.is_some());
            }
        }
    }
    assert!(found.iter().all(|count| *count > 10), "moves found: {found:?}");
}
