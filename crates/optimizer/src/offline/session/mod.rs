//! A plan that lives on: tasks become known, ask for something else or go, and the plan follows.
//!
//! What distinguishes it from [`solve`](super::solve) is that it starts from a plan people know. A change
//! takes its task out, puts it where it costs least, and looks for something better only around that, at a
//! price for every other task that changes its route. The lists of who is near whom follow the change
//! instead of being made anew, so that a change costs microseconds before any search.
//!
//! Nothing is on the road: any task may still be on any route, and every route be driven in another order.
//! That is what the dynamic sets of the field ask for. Manifests that are being driven are changed by
//! [`crate::Live`] and [`crate::improve`].

mod homes;
mod place;
mod search;
#[cfg(test)]
mod tests;

use rand_chacha::ChaCha8Rng;
use swerve_model::instance::{Instance, Objective, StaticRoute, StaticTask};

use super::anneal::Meter;
use super::model::{Leg, Model, NONE, Needs, OneLeg, Task, TwoLeg};
use super::near::NearLists;
use super::numbering::Numbering;
use super::plan::{Change, Plan};
use super::recreate::Recreate;
use super::{Pace, Solution, absence, is_plain};
use crate::chance::worker_rng;
use homes::Homes;
use search::ROUNDS_PER_LOOK;

/// How many on a list of who is near may go before it is made anew.
const SPARE: usize = 20;

/// What other people's changes may do to a task's route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Disturbance {
    /// What it costs that a task changes its route, in units of distance.
    pub price: i64,
    /// How many tasks may change their route in answer to the changes made together. What these cannot do
    /// without is not counted: a task that the way past another makes late, where the way past it is
    /// longer.
    pub moved_max: u32,
}

impl Disturbance {
    /// Everything may go anywhere.
    pub const FREE: Disturbance = Disturbance { price: 0, moved_max: u32::MAX };
}

/// A plan, and what is known of the tasks it serves.
pub struct Session {
    core: Box<dyn Changing + Send>,
}

/// A session, whatever its legs are.
trait Changing {
    fn change(&mut self, index: u32, task: &StaticTask);
    fn remove(&mut self, index: u32);
    fn place(&mut self);
    fn improve(&mut self, pace: &mut dyn Pace, disturbance: Disturbance) -> u64;
    fn background(&mut self, pace: &mut dyn Pace, disturbance: Disturbance) -> u64;
    fn moved(&self) -> u32;
    fn solution(&self) -> Solution;
}

impl Session {
    /// Whether a session can follow a plan of this instance: windows, one load and the way are all that
    /// it asks for.
    pub fn suits(instance: &Instance) -> bool {
        is_plain(instance, Objective::Distance)
    }

    /// Starts from a plan of `instance`, which must be without faults; `None` if it does not
    /// [suit](Session::suits). A task on no route is not known
    /// yet: only its place in the list is taken, and it counts for nothing until it is
    /// [changed](Session::change). A task that is not in time where it stands is known and waits to be
    /// [placed](Session::place). O(sites² + tasks²).
    pub fn new(instance: &Instance, routes: &[StaticRoute], seed: u64) -> Option<Session> {
        if !Session::suits(instance) {
            return None;
        }
        // A window that a change brings may make time count where it did not so far.
        let core: Box<dyn Changing + Send> = match Needs::of(instance) {
            Needs::One => Box::new(Core::<OneLeg>::new(instance, routes, seed)),
            Needs::Two | Needs::Timeless => Box::new(Core::<TwoLeg>::new(instance, routes, seed)),
        };
        Some(Session { core })
    }

    /// The task of that index asks for this from now on, known before or not: its place is given up, and
    /// it waits to be [placed](Session::place). Its site must be one of the instance's, its numbers within
    /// what an instance without faults may have, one window and one load all it asks for. Changes made before the next
    /// [`improve`](Session::improve) are answered together. O(tasks).
    pub fn change(&mut self, index: u32, task: &StaticTask) {
        self.core.change(index, task);
    }

    /// The task of that index is not to be served any more. O(tasks).
    pub fn remove(&mut self, index: u32) {
        self.core.remove(index);
    }

    /// Puts every task that waits where it costs least, by exact search over all gaps; several by regret.
    /// Nothing else moves. O(waiting tasks · tasks).
    pub fn place(&mut self) {
        self.core.place();
    }

    /// Places what waits, then looks around what has changed for as long as `pace` lets it. What is found
    /// is taken if it costs less, the price of the disturbance included. Called again it looks on, by the
    /// same plan of before the changes. How many iterations it took.
    pub fn improve(&mut self, pace: &mut dyn Pace, disturbance: Disturbance) -> u64 {
        self.core.improve(pace, disturbance)
    }

    /// Looks for a better plan everywhere, for when nobody waits for an answer. What is found is taken if
    /// it costs less, the price of the disturbance included.
    pub fn background(&mut self, pace: &mut dyn Pace, disturbance: Disturbance) -> u64 {
        self.core.background(pace, disturbance)
    }

    /// How many tasks are on another route than before the last changes or the last
    /// [`background`](Session::background), whichever was later; the changed ones do not count.
    pub fn moved(&self) -> u32 {
        self.core.moved()
    }

    /// The plan as it is. What is not known is neither served nor unserved.
    pub fn solution(&self) -> Solution {
        self.core.solution()
    }
}

struct Core<L> {
    model: Model<L>,
    /// The search's number of each task, by the instance's index.
    numbers: Vec<u32>,
    plan: Plan,
    change: Change,
    recreate: Recreate,
    homes: Homes,
    /// What has changed since the last answer, or stood beside what went.
    dirty: Vec<u32>,
    /// What a round has torn out.
    torn: Vec<u32>,
    /// The last changes were answered; the next begin anew.
    is_answered: bool,
    iterations: u64,
    rng: ChaCha8Rng,
}

impl<L: Leg> Core<L> {
    fn new(instance: &Instance, routes: &[StaticRoute], seed: u64) -> Core<L> {
        let mut model = Model::<L>::without_lists(instance, absence(instance));
        let numbers = Numbering::inverse(&model.index);
        let mut is_known = vec![false; model.tasks.len()];
        for task in routes.iter().flat_map(|route| &route.tasks) {
            is_known[numbers[*task as usize] as usize] = true;
        }
        let mut plan = Plan::empty(&model);
        plan.absent.retain(|task| is_known[*task as usize]);
        plan.cost = model.absence * plan.absent.len() as i64;
        model.near = NearLists::of_known(&model, is_known, SPARE);
        let mut change = Change::of(&model);
        change.begin(&plan);
        for route in routes {
            let tasks: Vec<u32> =
                route.tasks.iter().map(|index| numbers[*index as usize]).collect();
            change.append_route(&mut plan, &model, route.kind, &tasks);
        }
        plan.forget_served();
        let homes = Homes::of(&plan, model.tasks.len());
        let mut rng = worker_rng(seed, 0);
        let recreate = Recreate::new(&mut rng);
        let (dirty, torn) = (plan.absent.clone(), Vec::new());
        let (is_answered, iterations) = (false, 0);
        Core {
            model,
            numbers,
            plan,
            change,
            recreate,
            homes,
            dirty,
            torn,
            is_answered,
            iterations,
            rng,
        }
    }

    /// The first of changes that are answered together: from here on what moves is counted.
    fn begin(&mut self) {
        if self.is_answered {
            self.homes = Homes::of(&self.plan, self.model.tasks.len());
            self.dirty.clear();
            self.is_answered = false;
        }
    }

    /// The task is neither served nor absent, nor on anybody's list any more.
    fn forget(&mut self, task: u32) {
        if !self.model.near.is_known(task) {
            return;
        }
        self.take_out(task);
        self.plan.absent.retain(|absent| *absent != task);
        self.plan.cost -= self.model.absence;
        self.dirty.retain(|dirty| *dirty != task);
        self.homes.forget(task);
        self.with_near(|near, model| near.leave(model, task));
    }

    /// Out of its route, if it is on one. Where the way past it takes longer than the way through it, those
    /// behind it that are late then are taken out too, and wait to be placed.
    fn take_out(&mut self, task: u32) {
        let Core { plan, model, change, .. } = self;
        let (before, after, slot) =
            (plan.node(task).prev, plan.node(task).next, plan.node(task).slot);
        if slot == NONE {
            return;
        }
        let beside =
            [before, after].into_iter().filter(|node| (*node as usize) < model.tasks.len());
        self.dirty.extend(beside);
        change.begin(plan);
        change.cut(plan, model, before, after);
        if !change.is_broken {
            return;
        }
        change.take_back(plan);
        let others: Vec<u32> = plan.tasks(slot, model).filter(|other| *other != task).collect();
        let start = (model.tasks.len() as u32) + 2 * slot;
        change.cut(plan, model, start, start + 1);
        change.append_route(plan, model, model.slots[slot as usize], &others);
        plan.forget_served();
        for other in &self.plan.absent {
            self.homes.forget(*other);
            self.dirty.push(*other);
        }
    }

    fn with_near(&mut self, update: impl FnOnce(&mut NearLists<L>, &Model<L>)) {
        let mut near = std::mem::take(&mut self.model.near);
        update(&mut near, &self.model);
        self.model.near = near;
    }
}

impl<L: Leg> Changing for Core<L> {
    fn change(&mut self, index: u32, task: &StaticTask) {
        let number = self.numbers[index as usize];
        self.begin();
        self.forget(number);
        let task = Task::of(task, &self.model.site);
        self.model.tasks[number as usize] = task;
        self.plan.nodes[number as usize].site = task.site;
        self.with_near(|near, model| near.enter(model, number));
        self.plan.absent.push(number);
        self.plan.cost += self.model.absence;
        self.dirty.push(number);
    }

    fn remove(&mut self, index: u32) {
        self.begin();
        self.forget(self.numbers[index as usize]);
    }

    fn place(&mut self) {
        // What an answer has left out has been tried, and may have a home.
        if self.is_answered {
            return;
        }
        place::by_regret(&mut self.plan, &mut self.change, &self.model);
    }

    fn improve(&mut self, pace: &mut dyn Pace, disturbance: Disturbance) -> u64 {
        self.place();
        self.is_answered = true;
        self.homes.set(disturbance);
        self.search_around(&mut Meter::looking_every(ROUNDS_PER_LOOK, pace))
    }

    fn background(&mut self, pace: &mut dyn Pace, disturbance: Disturbance) -> u64 {
        self.place();
        self.is_answered = true;
        self.homes = Homes::of(&self.plan, self.model.tasks.len());
        self.homes.set(disturbance);
        self.search_everywhere(&mut Meter::looking_every(ROUNDS_PER_LOOK, pace))
    }

    fn moved(&self) -> u32 {
        self.homes.moved()
    }

    fn solution(&self) -> Solution {
        Solution::of(&self.plan, &self.model, self.iterations)
    }
}
