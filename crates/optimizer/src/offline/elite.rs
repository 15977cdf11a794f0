//! Several plans made from nothing, then children of two of them.
//!
//! One long cooling ends in one valley, and on instances of a few hundred tasks it gets there long before
//! the budget is used. So part of the budget makes a few plans independently, and the rest takes routes of
//! one into another: a child that is better than the worst of them takes its place. What two good plans
//! have in common stays, what they differ in is searched again. The exchange of routes is that of Nagata,
//! Bräysy & Dullaert (Computers & Operations Research 37(4), 2010); what they mend by local search is
//! mended here by a short cooling. Larger instances and smaller budgets get the one long cooling.

use rand::RngExt;

use super::Pace;
use super::anneal::{Annealer, HEAT_START, Meter, Span};
use super::model::{Leg, Model, NONE};
use super::plan::Plan;

/// Plans kept.
const ELITE: usize = 6;

/// With fewer than this there is nothing to choose from.
const ELITE_MIN: usize = 3;

/// Rounds that one plan from nothing takes at least, in units of tasks squared: below that one long
/// cooling does better, above it several short ones and their children. Measured with 100 to 1000 tasks
/// at 1 and 10 CPU seconds.
const ROUNDS_PER_PLAN: f64 = 1.6;

/// Rounds after which the length of the search is judged.
const WARM_UP: u64 = 2_048;
/// That is never more than this part of the budget.
const WARM_UP_SHARE: u64 = 20;

/// Share of the budget for the plans from nothing.
const SHARE_FROM_NOTHING: f64 = 0.5;

/// Children in the rest of the budget, if each cools as long as that takes; and rounds per task it
/// cools at least and at most.
const CHILDREN: u64 = 50;
const CHILD_ROUNDS: std::ops::RangeInclusive<u64> = 20..=100;

/// Heat at which a child starts: enough to join what was put together.
const HEAT_CHILD: f64 = 0.3;

/// Tasks by route, and the kind of each route's vehicle.
type Routes = Vec<(u32, Vec<u32>)>;

/// A plan kept, by its routes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Member {
    cost: i64,
    routes: Routes,
}

/// Searches on from `first` for as long as the meter runs; the best plan seen.
pub(super) fn search<L: Leg>(
    first: Plan,
    annealer: &mut Annealer<L>,
    meter: &mut Meter<impl Pace>,
) -> Plan {
    let tasks = annealer.model.tasks.len();
    if tasks == 0 {
        return first;
    }
    let (warm, rounds_max) = warmed_up(&first, annealer, meter);
    let count = plans(rounds_max, tasks);
    let mut best = warm;
    let mut elite: Vec<Member> = Vec::new();
    if count < ELITE_MIN {
        let cooled = annealer.cool(first, HEAT_START, Span::Until(1.0), meter);
        return cheaper(best, cooled);
    }
    for number in 0..count {
        let share = SHARE_FROM_NOTHING * (number + 1) as f64 / count as f64;
        let start = if number == 0 { first.clone() } else { annealer.planned(&[]) };
        let cooled = annealer.cool(start, HEAT_START, Span::Until(share), meter);
        admit(&mut elite, Member::of(&cooled, annealer.model), count);
        best = cheaper(best, cooled);
    }
    let each = (rounds_max * (1.0 - SHARE_FROM_NOTHING)) as u64 / CHILDREN / tasks as u64;
    let rounds = each.clamp(*CHILD_ROUNDS.start(), *CHILD_ROUNDS.end()) * tasks as u64;
    while !meter.is_over() {
        let child = annealer.child(&elite);
        let cooled = annealer.cool(child, HEAT_CHILD, Span::Rounds(rounds), meter);
        admit(&mut elite, Member::of(&cooled, annealer.model), count);
        best = cheaper(best, cooled);
    }
    best
}

/// A short cooling, and how many rounds the budget comes to: with a clock for a pace a guess, good enough to
/// choose by.
fn warmed_up<L: Leg>(
    first: &Plan,
    annealer: &mut Annealer<L>,
    meter: &mut Meter<impl Pace>,
) -> (Plan, f64) {
    let rounds = WARM_UP.min(meter.rounds_max() / WARM_UP_SHARE);
    let warm = annealer.cool(first.clone(), HEAT_START, Span::Rounds(rounds), meter);
    (warm, meter.rounds as f64 / meter.used.max(1e-9))
}

/// How many plans from nothing so many rounds are worth.
fn plans(rounds: f64, tasks: usize) -> usize {
    ((rounds / (ROUNDS_PER_PLAN * (tasks * tasks) as f64)) as usize).min(ELITE)
}

/// How many rounds a worker will come to, if that is not worth several plans: then one plan is cooled by
/// all workers together.
pub(super) fn rounds_for_one<L: Leg>(
    first: &Plan,
    annealer: &mut Annealer<L>,
    meter: &mut Meter<impl Pace>,
) -> Option<f64> {
    let tasks = annealer.model.tasks.len();
    let rounds = warmed_up(first, annealer, meter).1;
    (tasks > 0 && plans(rounds, tasks) < ELITE_MIN).then_some(rounds)
}

fn cheaper(one: Plan, other: Plan) -> Plan {
    if other.cost < one.cost { other } else { one }
}

/// Keeps a member if it is not there yet, and the `count` best.
fn admit(elite: &mut Vec<Member>, member: Member, count: usize) {
    // Plans of one cost are one plan, but for rare cases nobody misses.
    if elite.iter().all(|other| other.cost != member.cost) {
        elite.push(member);
        elite.sort_unstable();
        elite.truncate(count);
    }
}

impl Member {
    fn of<L: Leg>(plan: &Plan, model: &Model<L>) -> Member {
        let used = (0..model.slots.len() as u32).filter(|slot| plan.slots[*slot as usize].len > 0);
        let route = |slot: u32| (model.slots[slot as usize], plan.tasks(slot, model).collect());
        Member { cost: plan.cost, routes: used.map(route).collect() }
    }
}

impl<L: Leg> Annealer<'_, L> {
    /// A plan with these routes as far as they are in order, and places for all other tasks.
    fn planned(&mut self, routes: &[(u32, Vec<u32>)]) -> Plan {
        let mut plan = Plan::empty(self.model);
        self.change.begin(&plan);
        for (kind, tasks) in routes {
            self.change.append_route(&mut plan, self.model, *kind, tasks);
        }
        plan.forget_served();
        self.recreate.run(&mut plan, &mut self.change, self.model, i64::MAX, self.rng);
        plan
    }

    /// A plan with some routes of one member in place of some of another's.
    fn child(&mut self, elite: &[Member]) -> Plan {
        let one = self.rng.random_range(0..elite.len());
        let mut other = self.rng.random_range(0..elite.len().max(2) - 1);
        other = (other + usize::from(other >= one)).min(elite.len() - 1);
        let (one, other) = (&elite[one].routes, &elite[other].routes);
        let leaving = self.region(one);
        let coming = replacements(one, &leaving, other, self.model.tasks.len());
        let stays = |route: &usize| !leaving.contains(route);
        let kept: Vec<usize> = (0..one.len()).filter(stays).collect();
        let without = |route: &(u32, Vec<u32>), gone: &[bool]| {
            let tasks = route.1.iter().copied().filter(|task| !gone[*task as usize]).collect();
            (route.0, tasks)
        };
        // Either what comes is whole, and leaves holes in what stays, or the other way round.
        let come = marks(coming.iter().map(|route| &other[*route]), self.model.tasks.len());
        let stay = marks(kept.iter().map(|route| &one[*route]), self.model.tasks.len());
        let holed = kept.iter().map(|route| without(&one[*route], &come));
        let first: Routes = coming.iter().map(|route| other[*route].clone()).chain(holed).collect();
        let holed = coming.iter().map(|route| without(&other[*route], &stay));
        let second: Routes = kept.iter().map(|route| one[*route].clone()).chain(holed).collect();
        let first = self.planned(&first);
        cheaper(first, self.planned(&second))
    }

    /// Routes that pass near a task drawn by chance: one of them at least, half of all at most.
    fn region(&mut self, routes: &Routes) -> Vec<usize> {
        let mut route_of = vec![NONE; self.model.tasks.len()];
        for (number, (_, tasks)) in routes.iter().enumerate() {
            for task in tasks {
                route_of[*task as usize] = number as u32;
            }
        }
        let seed = self.rng.random_range(0..self.model.tasks.len() as u32);
        let wanted = self.rng.random_range(1..=(routes.len() / 2).max(1));
        let mut region: Vec<usize> = Vec::with_capacity(wanted);
        let around = self.model.near.around(seed).iter().map(|near| near.node);
        for task in std::iter::once(seed).chain(around) {
            let route = route_of[task as usize];
            if route != NONE && !region.contains(&(route as usize)) {
                region.push(route as usize);
            }
            if region.len() == wanted {
                break;
            }
        }
        region
    }
}

/// As many routes of `other` as are leaving `one`: those of which the largest share is leaving.
fn replacements(one: &Routes, leaving: &[usize], other: &Routes, tasks: usize) -> Vec<usize> {
    let gone = marks(leaving.iter().map(|route| &one[*route]), tasks);
    let share = |route: &(u32, Vec<u32>)| {
        let leaving = route.1.iter().filter(|task| gone[**task as usize]).count();
        leaving * 1_000 / route.1.len().max(1)
    };
    let mut ranked: Vec<(usize, usize)> =
        other.iter().enumerate().map(|(number, route)| (1_000 - share(route), number)).collect();
    ranked.sort_unstable();
    ranked.into_iter().take(leaving.len()).map(|(_, number)| number).collect()
}

/// Which tasks are on these routes.
fn marks<'a>(routes: impl Iterator<Item = &'a (u32, Vec<u32>)>, tasks: usize) -> Vec<bool> {
    let mut is_on = vec![false; tasks];
    for task in routes.flat_map(|route| &route.1) {
        is_on[*task as usize] = true;
    }
    is_on
}
