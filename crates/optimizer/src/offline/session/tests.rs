use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use swerve_model::instance::Span;

use super::super::gap::NO_GAP;
use super::super::model::NONE;
use super::super::near::NearLists;
use super::super::tests::{any_instance, driven};
use super::super::{Iterations, solve};
use super::*;

/// What may come to a session, by chance: a task, and what it asks for if it stays.
#[derive(Clone, Debug)]
struct Event {
    task: usize,
    is_gone: bool,
    site: usize,
    open: i64,
    width: i64,
    load: i64,
}

fn any_event() -> impl Strategy<Value = Event> {
    (0..1000usize, prop::bool::weighted(0.2), 0..1000usize, 0..600i64, 20..400i64, 1..6i64)
        .prop_map(|(task, is_gone, site, open, width, load)| Event {
            task,
            is_gone,
            site,
            open,
            width,
            load,
        })
}

/// A session, and what the instance is for it by now.
struct Lived {
    instance: Instance,
    is_known: Vec<bool>,
    core: Core<OneLeg>,
}

impl Lived {
    /// A plan of every second task, made in a moment.
    fn start(instance: &Instance, seed: u64) -> Lived {
        let mut routes =
            solve(instance, Objective::Distance, seed, &[], vec![Iterations(50)]).routes;
        for route in &mut routes {
            route.tasks.retain(|task| task % 2 == 0);
        }
        // What was in time behind another may be late without it, where the way is longer.
        routes.retain(|route| !route.tasks.is_empty());
        let mut is_known = vec![false; instance.tasks.len()];
        for task in routes.iter().flat_map(|route| &route.tasks) {
            is_known[*task as usize] = true;
        }
        let core = Core::<OneLeg>::new(instance, &routes, seed);
        Lived { instance: instance.clone(), is_known, core }
    }

    fn take(&mut self, event: &Event) {
        let index = event.task % self.instance.tasks.len();
        if event.is_gone {
            self.is_known[index] = false;
            return self.core.remove(index as u32);
        }
        let task = &mut self.instance.tasks[index];
        task.site = (event.site % self.instance.travel[0].sites()) as u32;
        task.windows = vec![Span { open: event.open, close: event.open + event.width }];
        task.delivery = vec![event.load];
        self.is_known[index] = true;
        self.core.change(index as u32, &task.clone());
    }

    /// The instance of what is known, for those who know nothing of sessions.
    fn known(&self) -> (Instance, Solution) {
        let known: Vec<u32> =
            (0..self.is_known.len() as u32).filter(|task| self.is_known[*task as usize]).collect();
        let number = |task: &u32| {
            known.binary_search(task).expect("only what is known is in the plan") as u32
        };
        let mut solution = self.core.solution();
        for route in &mut solution.routes {
            route.tasks = route.tasks.iter().map(number).collect();
        }
        solution.unserved = solution.unserved.iter().map(number).collect();
        let tasks = known.iter().map(|task| self.instance.tasks[*task as usize].clone()).collect();
        (Instance { tasks, ..self.instance.clone() }, solution)
    }

    /// The routes by slot, and every task's slot.
    fn slots(&self) -> Vec<u32> {
        let plan = &self.core.plan;
        plan.nodes[..self.instance.tasks.len()].iter().map(|node| node.slot).collect()
    }
}

/// Nodes and legs of all lists as far as they are tried.
fn tried(lists: &NearLists<OneLeg>, tasks: u32) -> Vec<[Vec<(u32, i32)>; 3]> {
    let known = (0..tasks).filter(|task| lists.is_known(*task));
    let of = |task: u32| {
        [lists.before(task), lists.after(task), lists.around(task)]
            .map(|list| list.iter().map(|near| (near.node, near.leg.cost())).collect())
    };
    known.map(of).collect()
}

/// The least that one more task costs, by driving every route with it in every place, or alone.
fn cheapest_by_driving(lived: &Lived, task: u32) -> Option<i64> {
    let core = &lived.core;
    let model = &core.model;
    let driven = |kind: u32, tasks: &[u32]| {
        let kind = &model.kinds[kind as usize];
        let (mut site, mut now, mut load, mut cost) = (kind.start, kind.open, 0, 0i64);
        for task in tasks {
            let task = &model.tasks[*task as usize];
            let leg = model.leg(site, task.site);
            now = (now + leg.time()).max(task.open);
            if now > task.close {
                return None;
            }
            now += task.service;
            load += task.load;
            cost += i64::from(leg.cost());
            site = task.site;
        }
        let leg = model.leg(site, kind.end);
        let is_in_order = now + leg.time() <= kind.close && load <= kind.capacity;
        is_in_order.then_some(cost + i64::from(leg.cost()))
    };
    let mut best = None;
    for (slot, kind) in model.slots.iter().enumerate() {
        let tasks: Vec<u32> = core.plan.tasks(slot as u32, model).collect();
        let before = if tasks.is_empty() { 0 } else { driven(*kind, &tasks).expect("a plan") };
        for place in 0..=tasks.len() {
            let mut with = tasks.clone();
            with.insert(place, task);
            let more = driven(*kind, &with).map(|cost| cost - before);
            best = best.into_iter().chain(more).min();
        }
    }
    best
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_changed_plan_keeps_every_rule_and_costs_what_it_says(
        instance in any_instance(2..40),
        events in prop::collection::vec((any_event(), 0..3u32), 1..12),
        seed in 0..1000u64,
    ) {
        let mut lived = Lived::start(&instance, seed);
        lived.core.place();
        for (event, and_then) in &events {
            lived.take(event);
            // Several changes are answered together now and then.
            if *and_then > 0 {
                lived.core.improve(&mut Iterations(60), Disturbance::FREE);
            }
            if *and_then > 1 {
                lived.core.background(&mut Iterations(60), Disturbance::FREE);
            }
        }
        lived.core.place();
        let (known, solution) = lived.known();
        prop_assert_eq!(driven(&known, &solution), Ok(solution.distance));
    }

    #[test]
    fn lists_that_followed_changes_are_lists_made_anew(
        instance in any_instance(2..160),
        events in prop::collection::vec(any_event(), 1..60),
        seed in 0..1000u64,
    ) {
        let mut lived = Lived::start(&instance, seed);
        // With one to spare, lists have to be made up for too.
        let is_known: Vec<bool> = (0..lived.core.model.tasks.len() as u32)
            .map(|task| lived.core.model.near.is_known(task))
            .collect();
        lived.core.model.near = NearLists::of_known(&lived.core.model, is_known, 1);
        for event in &events {
            lived.take(event);
        }
        let model = &lived.core.model;
        let tasks = model.tasks.len() as u32;
        let is_known: Vec<bool> = (0..tasks).map(|task| model.near.is_known(task)).collect();
        let anew = NearLists::of_known(model, is_known, 1);
        prop_assert_eq!(tried(&model.near, tasks), tried(&anew, tasks));
        for task in (0..tasks).filter(|task| model.near.is_known(*task)) {
            prop_assert!(model.near.least(task).into <= anew.least(task).into);
            prop_assert!(model.near.least(task).out <= anew.least(task).out);
        }
    }

    #[test]
    fn a_change_is_placed_where_it_costs_least_of_all(
        instance in any_instance(2..30),
        events in prop::collection::vec(any_event(), 1..6),
        seed in 0..1000u64,
    ) {
        let mut lived = Lived::start(&instance, seed);
        lived.core.place();
        for event in &events {
            lived.take(event);
            let waiting = lived.core.plan.absent.clone();
            // Tasks that are late without another wait too, and then regret decides.
            if let [task] = waiting[..] {
                let least = cheapest_by_driving(&lived, task);
                let before = lived.core.plan.cost - lived.core.model.absence;
                lived.core.place();
                let is_placed = lived.core.plan.node(task).slot != NONE;
                let cost = is_placed.then_some(lived.core.plan.cost - before);
                prop_assert_eq!(cost, least);
            }
            lived.core.improve(&mut Iterations(0), Disturbance::FREE);
        }
    }

    #[test]
    fn no_more_move_than_may(
        instance in any_instance(4..40),
        events in prop::collection::vec(any_event(), 1..10),
        limit in 0..3u32,
        seed in 0..1000u64,
    ) {
        let mut lived = Lived::start(&instance, seed);
        let only = Disturbance { price: 0, moved_max: limit };
        for event in &events {
            lived.core.improve(&mut Iterations(0), only);
            let before = lived.slots();
            lived.take(event);
            let forced: Vec<u32> = lived.core.plan.absent.clone();
            for _ in 0..2 {
                lived.core.improve(&mut Iterations(100), only);
                let after = lived.slots();
                let has_moved = |task: &usize| {
                    let is_free = !lived.core.model.near.is_known(*task as u32)
                        || forced.contains(&(*task as u32));
                    before[*task] != NONE && before[*task] != after[*task] && !is_free
                };
                let moved = (0..before.len()).filter(has_moved).count();
                prop_assert!(moved as u32 <= limit, "{moved} moved");
                prop_assert_eq!(moved as u32, lived.core.moved());
            }
        }
    }

    #[test]
    fn an_answer_never_costs_more_than_the_cheapest_place(
        instance in any_instance(4..40),
        event in any_event(),
        price in 0..50i64,
        seed in 0..1000u64,
    ) {
        let mut lived = Lived::start(&instance, seed);
        lived.core.improve(&mut Iterations(0), Disturbance::FREE);
        lived.take(&event);
        lived.core.place();
        let placed = lived.core.plan.cost;
        let disturbance = Disturbance { price, ..Disturbance::FREE };
        lived.core.improve(&mut Iterations(200), disturbance);
        let moved = i64::from(lived.core.moved());
        prop_assert!(lived.core.plan.cost + price * moved <= placed);
    }
}

/// Always the same of so many tasks.
fn one_instance(tasks: usize) -> Instance {
    let drawn = any_instance(tasks..tasks + 1).new_tree(&mut TestRunner::deterministic());
    drawn.expect("there are such instances").current()
}

#[test]
fn the_same_seed_and_iterations_give_the_same_plan_and_the_order_is_the_caller_s() {
    let instance = one_instance(30);
    let lived = |seed: u64| {
        let mut session = Session::new(&instance, &[], seed).expect("it is plain");
        for (index, task) in instance.tasks.iter().enumerate() {
            session.change(index as u32, task);
            let rounds = session.improve(&mut Iterations(50), Disturbance::FREE);
            assert_eq!(rounds, 50);
        }
        session.background(&mut Iterations(500), Disturbance::FREE);
        session.solution()
    };
    assert_eq!(lived(1), lived(1));
    assert_eq!(driven(&instance, &lived(2)), Ok(lived(2).distance));
}

#[test]
fn a_price_beyond_any_gap_lets_nobody_move() {
    let instance = one_instance(30);
    let mut lived = Lived::start(&instance, 1);
    lived.core.improve(&mut Iterations(0), Disturbance::FREE);
    lived.core.change(1, &instance.tasks[1]);
    let dear = Disturbance { price: i64::from(NO_GAP), moved_max: u32::MAX };
    lived.core.improve(&mut Iterations(300), dear);
    assert_eq!(lived.core.moved(), 0);
}

#[test]
fn a_session_that_knows_nothing_has_nothing_to_improve() {
    let instance = one_instance(3);
    let mut session = Session::new(&instance, &[], 1).expect("it is plain");
    assert_eq!(session.improve(&mut Iterations(100), Disturbance::FREE), 0);
    session.background(&mut Iterations(100), Disturbance::FREE);
    session.remove(0);
    let solution = session.solution();
    assert_eq!((solution.routes.len(), solution.distance, solution.unserved), (0, 0, vec![]));
}
