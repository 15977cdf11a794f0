//! One plan searched by several workers at a time, each at routes of its own.
//!
//! What a round changes lies close together, so rounds far apart can be made side by side. The routes are
//! split into as many groups as there are workers, each searches its own for a while, and then they are
//! split anew, so that every border is inside a group before long. Two workers cool one plan twice as
//! slowly in the same time, where two plans cooled by one worker each would only be two chances. The idea
//! is that of `FILO2x` (Accorsi, Lagana & Vigo, arXiv 2511.19445), with fixed turns in place of a
//! dispatcher, so that the plan does not depend on the number of threads.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use super::Pace;
use super::anneal::{Annealer, HEAT_START, Meter, Seen, cooled, standing};
use super::model::{Leg, Model, NONE};
use super::plan::{Change, Plan};
use crate::chance::worker_rng;

/// Routes for each worker at least. Fewer and longer ones all pass by each other, and a part of them is no
/// part of the map: on `R2_10_8` with 18 routes two workers together end 2.2 points behind one that makes as
/// many rounds, on `RC2_10_5` with 27 and `R1_10_2` with 90 ahead of it by 0.4 and 0.3. With fewer all workers
/// search the whole, and the cheapest is where all go on.
pub(super) const ROUTES_PER_WORKER: usize = 12;

/// Turns of one cooling, if each has as many rounds then: at least that splitting costs little beside, at
/// most that a border does not stay for long.
const TURNS: f64 = 100.0;
const ROUNDS_PER_TURN: std::ops::RangeInclusive<u64> = 256..=16_384;

/// The stream of random numbers that splits; workers count from 0.
const SPLITTER: u32 = u32::MAX;

/// A route with the kind of its vehicle.
type KindRoute = (u32, Vec<u32>);

/// Cools `plan` by one worker for each of the meters, for as long as they run, which comes to so many rounds
/// of each; the best plan seen.
pub(super) fn cool<L: Leg, P: Pace + Send>(
    plan: Plan,
    model: &Model<L>,
    scale: f64,
    seed: u64,
    rounds: f64,
    meters: &mut [Meter<P>],
) -> Plan {
    let mut splitter = worker_rng(seed, SPLITTER);
    let mut rngs: Vec<ChaCha8Rng> =
        (0..meters.len()).map(|worker| worker_rng(seed, worker as u32)).collect();
    let turn_rounds =
        ((rounds / TURNS) as u64).clamp(*ROUNDS_PER_TURN.start(), *ROUNDS_PER_TURN.end());
    let first_used = meters[0].used;
    let mut best = plan.clone();
    let mut now = plan;
    while meters.iter().any(|meter| !meter.is_over()) {
        let is_wide = now.used as usize >= ROUTES_PER_WORKER * meters.len();
        let parts = if is_wide {
            split(&now, model, meters.len(), &mut splitter)
        } else {
            vec![now; meters.len()]
        };
        let turn = |((part, meter), rng): ((Plan, &mut Meter<P>), &mut ChaCha8Rng)| {
            let own: Vec<u32> = part.own(model);
            if own.is_empty() {
                meter.skip(turn_rounds);
                return Seen { best: part.clone(), now: part };
            }
            let last = meter.rounds + turn_rounds;
            let heat_at = |rounds: u64, used: f64| {
                let done = (used - first_used) / (1.0 - first_used).max(1e-9);
                (rounds < last).then(|| cooled(HEAT_START, done))
            };
            let mut annealer = Annealer::new(&part, model, rng);
            (annealer.own, annealer.scale) = (own, scale);
            annealer.search(part, heat_at, false, meter)
        };
        let work: Vec<_> = parts.into_iter().zip(meters.iter_mut()).zip(rngs.iter_mut()).collect();
        let seen: Vec<Seen> = work.into_par_iter().map(turn).collect();
        let (reached, together) = if is_wide {
            let now = joined(seen.iter().map(|seen| &seen.now), model);
            (now, joined(seen.iter().map(|seen| &seen.best), model))
        } else {
            // Of several equal ones the first, whatever thread was.
            let first = seen.iter().min_by_key(|seen| seen.now.cost);
            let cheapest = seen.iter().min_by_key(|seen| seen.best.cost);
            let (first, cheapest) = first.zip(cheapest).expect("a worker for each of the meters");
            (first.now.clone(), cheapest.best.clone())
        };
        now = reached;
        if together.cost < best.cost {
            best = together;
            meters[0].note(standing(&best, model));
        }
    }
    best
}

/// The plan in as many parts, of about as many tasks each, that lie together; none knows of the others'
/// tasks or uses the others' vehicles.
fn split<L: Leg>(plan: &Plan, model: &Model<L>, count: usize, rng: &mut ChaCha8Rng) -> Vec<Plan> {
    let mut groups = Vec::with_capacity(count);
    divide(routes(plan, model), model, count, rng, &mut groups);
    let mut parts: Vec<Plan> = groups.iter().map(|routes| filled(routes, model)).collect();
    for (number, task) in plan.absent.iter().enumerate() {
        parts[number % count].absent.push(*task);
    }
    share_vehicles(plan, &mut parts);
    parts
}

/// Halves the routes by how far they are from a task drawn by chance, and the halves again.
fn divide<L: Leg>(
    mut routes: Vec<KindRoute>,
    model: &Model<L>,
    count: usize,
    rng: &mut ChaCha8Rng,
    groups: &mut Vec<Vec<KindRoute>>,
) {
    if count <= 1 || routes.is_empty() {
        groups.push(routes);
        groups.extend((1..count).map(|_| Vec::new()));
        return;
    }
    let of = &routes[rng.random_range(0..routes.len())].1;
    let from = model.tasks[of[rng.random_range(0..of.len())] as usize].site;
    let far = |route: &KindRoute| {
        let legs = route.1.iter().map(|task| model.leg(from, model.tasks[*task as usize].site));
        legs.map(|leg| i64::from(leg.cost())).sum::<i64>() / route.1.len() as i64
    };
    routes.sort_by_cached_key(far);
    let tasks: usize = routes.iter().map(|route| route.1.len()).sum();
    let near_count = count / 2;
    let (mut near, mut border) = (0, 0);
    while near < tasks * near_count / count {
        near += routes[border].1.len();
        border += 1;
    }
    let rest = routes.split_off(border);
    divide(routes, model, near_count, rng, groups);
    divide(rest, model, count - near_count, rng, groups);
}

fn routes<L: Leg>(plan: &Plan, model: &Model<L>) -> Vec<KindRoute> {
    let used = (0..model.slots.len() as u32).filter(|slot| plan.slots[*slot as usize].len > 0);
    used.map(|slot| (model.slots[slot as usize], plan.tasks(slot, model).collect())).collect()
}

/// A plan of these routes and no other task, not even an absent one.
fn filled<L: Leg>(routes: &[KindRoute], model: &Model<L>) -> Plan {
    let mut plan = Plan::empty(model);
    let mut change = Change::of(model);
    change.begin(&plan);
    for (kind, tasks) in routes {
        change.append_route(&mut plan, model, *kind, tasks);
    }
    plan.absent.clear();
    plan
}

/// Leaves each part its share of the vehicles not used.
fn share_vehicles(plan: &Plan, parts: &mut [Plan]) {
    let count = parts.len();
    for (kind, left) in plan.empty.iter().enumerate() {
        for (number, part) in parts.iter_mut().enumerate() {
            let share = (left.len() + count - 1 - number) / count;
            let empty = &mut part.empty[kind];
            // The next to be used is the last.
            let others = empty.len().saturating_sub(share);
            empty.drain(..others);
        }
    }
}

/// All parts as one plan.
fn joined<'a, L: Leg>(parts: impl Iterator<Item = &'a Plan>, model: &Model<L>) -> Plan {
    let mut all = Vec::new();
    let mut absent = Vec::new();
    for part in parts {
        all.extend(routes(part, model));
        absent.extend(&part.absent);
    }
    let mut plan = filled(&all, model);
    debug_assert!(absent.iter().all(|task| plan.node(*task).slot == NONE));
    plan.absent = absent;
    plan
}
