//! The plan under change: a route in each slot, who is where, and what it all costs.

use super::model::{Model, NONE};
use super::route::Route;
use crate::offline::Standing;

/// Where a task is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// [`NONE`] for a task that nobody does.
    pub(super) slot: u32,
    /// Index among its stops.
    pub(super) index: u32,
}

const NOWHERE: Place = Place { slot: NONE, index: 0 };

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) routes: Vec<Route>,
    /// By task.
    pub(super) places: Vec<Place>,
    /// Slots without a route, by kind; the next to be used is the last.
    pub(super) empty: Vec<Vec<u32>>,
    pub(super) used: u32,
    pub(super) visits: u32,
    /// Orders left out.
    pub(super) absent: Vec<u32>,
    pub(super) score: Standing,
}

/// What a change has touched since [`Change::begin`], as it was before.
#[derive(Default)]
pub(super) struct Change {
    /// Slots touched, and their routes before.
    saved: Vec<(u32, Route)>,
    is_saved: Vec<bool>,
    /// Buffers for the next routes to be saved.
    spare: Vec<Route>,
    /// Slots that became empty (`true`) or used, by kind.
    turned: Vec<(u32, u32, bool)>,
    absent: Vec<u32>,
    score: Standing,
    used: u32,
    visits: u32,
    /// Editions given to routes so far.
    editions: u64,
    /// A route has been left that breaks a rule: to be taken back.
    pub(super) is_broken: bool,
}

impl Plan {
    /// Nothing is done but what begins a route by order. What cannot be is left out.
    pub(super) fn empty(model: &Model) -> Plan {
        let mut plan = Plan {
            routes: model.slots.iter().map(|kind| Route::of(*kind, Vec::new())).collect(),
            places: vec![NOWHERE; model.tasks.len()],
            empty: model.slots_of.iter().map(|slots| slots.clone().rev().collect()).collect(),
            used: 0,
            visits: 0,
            absent: (0..model.orders.len() as u32).collect(),
            score: Standing::default(),
        };
        for route in &mut plan.routes {
            route.refresh(model);
        }
        for order in &model.orders {
            plan.score.absent += order.weight;
            plan.score.cost += order.price;
        }
        plan
    }

    /// Takes from the list of the absent whatever is done by now.
    pub(super) fn forget_served(&mut self, model: &Model) {
        let places = &self.places;
        let is_done = |order: &u32| {
            let ways = &model.orders[*order as usize].ways;
            ways.iter().any(|way| places[way.first as usize].slot != NONE)
        };
        self.absent.retain(|order| !is_done(order));
    }
}

impl Change {
    pub(super) fn of(model: &Model) -> Change {
        Change { is_saved: vec![false; model.slots.len()], ..Change::default() }
    }

    /// Everything up to here stays; what follows can be taken back.
    pub(super) fn begin(&mut self, plan: &Plan) {
        for (slot, route) in self.saved.drain(..) {
            self.is_saved[slot as usize] = false;
            self.spare.push(route);
        }
        self.turned.clear();
        self.absent.clone_from(&plan.absent);
        (self.score, self.used, self.visits) = (plan.score, plan.used, plan.visits);
        self.is_broken = false;
    }

    /// Writes what was into `plan`, which must be what this change was made to, or a copy of it.
    pub(super) fn take_back(&self, plan: &mut Plan) {
        for (slot, _) in &self.saved {
            for stop in &plan.routes[*slot as usize].stops {
                plan.places[*stop as usize] = NOWHERE;
            }
        }
        for (slot, was) in &self.saved {
            plan.routes[*slot as usize].copy(was);
            note_places(plan, *slot);
        }
        for (kind, slot, became_empty) in self.turned.iter().rev() {
            let empty = &mut plan.empty[*kind as usize];
            if *became_empty {
                empty.pop();
            } else {
                empty.push(*slot);
            }
        }
        plan.absent.clone_from(&self.absent);
        (plan.score, plan.used, plan.visits) = (self.score, self.used, self.visits);
    }

    /// Slots touched.
    pub(super) fn touched(&self) -> impl Iterator<Item = u32> + '_ {
        self.saved.iter().map(|(slot, _)| *slot)
    }

    /// Whether a slot was touched.
    pub(super) fn has_touched(&self, slot: u32) -> bool {
        self.is_saved[slot as usize]
    }

    /// Gives a slot other stops; with no visit among them it is empty. Orders done or no longer done are
    /// counted in the plan's score, while its list of the absent is the caller's to keep. The route gets an
    /// edition of its own, which goes back with it when it is taken back.
    pub(super) fn set(
        &mut self,
        plan: &mut Plan,
        model: &Model,
        slot: u32,
        edit: impl FnOnce(&mut Vec<u32>),
    ) {
        self.save(plan, slot);
        count(plan, model, slot, -1);
        let route = &mut plan.routes[slot as usize];
        let was_empty = route.stops.is_empty();
        for stop in &route.stops {
            plan.places[*stop as usize] = NOWHERE;
        }
        edit(&mut route.stops);
        if route.stops.iter().all(|stop| !model.tasks[*stop as usize].is_visit()) {
            route.stops.clear();
        }
        self.is_broken |= !route.refresh(model);
        self.editions += 1;
        route.edition = self.editions;
        let is_empty = route.stops.is_empty();
        note_places(plan, slot);
        count(plan, model, slot, 1);
        if was_empty != is_empty {
            self.turn(plan, model, slot, is_empty);
        }
    }

    fn turn(&mut self, plan: &mut Plan, model: &Model, slot: u32, becomes_empty: bool) {
        let kind = model.slots[slot as usize];
        let empty = &mut plan.empty[kind as usize];
        if becomes_empty {
            empty.push(slot);
            plan.used -= 1;
        } else {
            let taken = empty.pop();
            debug_assert_eq!(taken, Some(slot), "only the next empty slot is used");
            plan.used += 1;
        }
        plan.score.vehicles = if model.counts_vehicles { i64::from(plan.used) } else { 0 };
        self.turned.push((kind, slot, becomes_empty));
    }

    fn save(&mut self, plan: &Plan, slot: u32) {
        if std::mem::replace(&mut self.is_saved[slot as usize], true) {
            return;
        }
        let mut copy = self.spare.pop().unwrap_or_default();
        copy.copy(&plan.routes[slot as usize]);
        self.saved.push((slot, copy));
    }
}

fn note_places(plan: &mut Plan, slot: u32) {
    for (index, stop) in plan.routes[slot as usize].stops.iter().enumerate() {
        plan.places[*stop as usize] = Place { slot, index: index as u32 };
    }
}

/// Adds a route to the sums, or takes it from them.
fn count(plan: &mut Plan, model: &Model, slot: u32, sign: i64) {
    let route = &plan.routes[slot as usize];
    plan.score.cost += sign * route.cost;
    for stop in &route.stops {
        let task = &model.tasks[*stop as usize];
        if !task.is_visit() {
            continue;
        }
        plan.visits = (i64::from(plan.visits) + sign) as u32;
        let order = &model.orders[task.order as usize];
        // A pair counts by its pickup.
        if order.ways.iter().any(|way| way.first == *stop) {
            plan.score.absent -= sign * order.weight;
            plan.score.cost -= sign * order.price;
        }
    }
}
