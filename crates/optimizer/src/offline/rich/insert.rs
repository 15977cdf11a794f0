//! Where an order goes at the least cost.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::gap::Gaps;
use super::memo::Memo;
use super::model::{Model, NONE, Way};
use super::pair::{PairPlace, PairSearch};
use super::plan::{Change, Plan};
use super::route::Route;
use crate::chance::Blink;

/// Routes that a reload is tried in, to make room for an order.
const RELOADED_MAX: usize = 4;

/// The chance that a reload is tried although there is room somewhere.
const RELOAD_CHANCE: f64 = 0.2;

/// What is done about an order: the stops of that slot then.
pub(super) struct Choice {
    pub(super) slot: u32,
    /// What it adds, an empty slot seen as the caller wants it seen.
    pub(super) cost: i64,
    how: How,
}

enum How {
    /// Task behind a position, and its delivery behind another, both as the route is now.
    Into { way: Way, first: usize, second: usize },
    /// The whole route, where more than the order itself is put in.
    Whole(Vec<u32>),
}

/// Looks for places; holds what that needs between rounds.
pub(super) struct Inserter {
    pub(super) blink: Blink,
    /// A route to try things on.
    trial: Route,
    pairs: PairSearch,
    memo: Memo,
    /// By slot: the last search that has looked there. Searches are counted.
    looked: Vec<u64>,
    searches: u64,
    /// [`Sight::most`] of the search under way.
    most: i64,
}

/// How a search for a place goes.
#[derive(Clone, Copy)]
pub(super) struct Sight {
    /// An empty slot is looked at as if it cost so many times what it does.
    pub(super) opening: f64,
    /// No empty slot is used if so many are in use.
    pub(super) vehicles_max: u32,
    /// The chance that an empty vehicle of a kind is passed over, where there are several: the cheapest for
    /// the first task of a route need not be the one that can do most.
    pub(super) kind_skipped: f64,
    /// All gaps, not only those beside near tasks.
    pub(super) all: bool,
    /// No gap of a route in use is of interest that adds as much.
    pub(super) most: i64,
}

impl Sight {
    /// Everything as it is, beside near tasks.
    pub(super) fn plain(vehicles_max: u32) -> Sight {
        Sight { opening: 1.0, vehicles_max, kind_skipped: 0.0, all: false, most: i64::MAX }
    }
}

impl Inserter {
    pub(super) fn new(model: &Model, blink: Blink) -> Inserter {
        Inserter {
            blink,
            trial: Route::default(),
            pairs: PairSearch::default(),
            memo: Memo::new(model.tasks.len(), model.slots.len()),
            looked: vec![0; model.slots.len()],
            searches: 0,
            most: i64::MAX,
        }
    }

    /// The cheapest place, or none. O(near tasks), for a pair times the length of a route.
    pub(super) fn best(
        &mut self,
        plan: &Plan,
        model: &Model,
        order: u32,
        sight: Sight,
        rng: &mut ChaCha8Rng,
    ) -> Option<Choice> {
        let mut best = None;
        self.most = sight.most;
        for way in &model.orders[order as usize].ways {
            self.searches += 1;
            if plan.used < sight.vehicles_max {
                self.open(plan, model, *way, sight, &mut best, rng);
            }
            if sight.all || model.is_bound[way.first as usize] {
                self.everywhere(plan, model, *way, &mut best, rng);
            } else {
                self.beside_near(plan, model, *way, &mut best, rng);
            }
        }
        if best.is_none() || model.has_reloads && rng.random_bool(RELOAD_CHANCE) {
            for way in &model.orders[order as usize].ways {
                self.with_reload(plan, model, *way, &mut best);
            }
        }
        best
    }

    /// Does it.
    pub(super) fn apply(choice: Choice, plan: &mut Plan, model: &Model, change: &mut Change) {
        change.set(plan, model, choice.slot, |stops| match choice.how {
            How::Into { way, first, second } => put(stops, way, first, second),
            How::Whole(whole) => *stops = whole,
        });
    }

    fn beside_near(
        &mut self,
        plan: &Plan,
        model: &Model,
        way: Way,
        best: &mut Option<Choice>,
        rng: &mut ChaCha8Rng,
    ) {
        if way.second != NONE && model.adds_up {
            for near in model.near.beside(way.first) {
                let slot = plan.places[*near as usize].slot;
                if slot != NONE && self.looked[slot as usize] != self.searches {
                    self.pair(plan, model, way, slot, best, rng);
                }
            }
            return;
        }
        for near in model.near.before(way.first) {
            let place = plan.places[*near as usize];
            if place.slot != NONE {
                self.gap(plan, model, way, place.slot, place.index as usize + 1, best, rng);
            }
        }
        for near in model.near.after(way.first) {
            let place = plan.places[*near as usize];
            if place.slot != NONE {
                self.gap(plan, model, way, place.slot, place.index as usize, best, rng);
            }
        }
    }

    fn everywhere(
        &mut self,
        plan: &Plan,
        model: &Model,
        way: Way,
        best: &mut Option<Choice>,
        rng: &mut ChaCha8Rng,
    ) {
        for (kind, slots) in model.slots_of.iter().enumerate() {
            if !model.may(way.first, kind as u32) {
                continue;
            }
            for slot in slots.clone() {
                let count = plan.routes[slot as usize].stops.len();
                for position in 0..if count == 0 { 0 } else { count + 1 } {
                    self.gap(plan, model, way, slot, position, best, rng);
                }
            }
        }
    }

    /// Tries the gap behind one position.
    #[expect(clippy::too_many_arguments, reason = "the innermost step of three walks over gaps")]
    #[inline]
    fn gap(
        &mut self,
        plan: &Plan,
        model: &Model,
        way: Way,
        slot: u32,
        position: usize,
        best: &mut Option<Choice>,
        rng: &mut ChaCha8Rng,
    ) {
        let route = &plan.routes[slot as usize];
        if way.second != NONE && model.kinds[route.kind as usize].adds_up {
            self.pair(plan, model, way, slot, best, rng);
            return;
        }
        if !may(model, way, route.kind) || position < route.first_gap(model) {
            return;
        }
        let limit = best.as_ref().map_or(self.most, |best| best.cost.min(self.most));
        let gaps = Gaps::of(model, route);
        // What comes later may cost less for being later.
        let bound = if model.has_soft { i64::MAX } else { limit };
        let found = if way.second == NONE {
            gaps.one(position, way.first, bound).map(|cost| (position, cost))
        } else {
            gaps.two(position, way.first, way.second, bound)
        };
        let Some((second, cost)) = found else { return };
        let how = How::Into { way, first: position, second };
        let cost = if gaps.kind.is_timed_whole {
            let with = |stops: &mut Vec<u32>| put(stops, way, position, second);
            match self.tried(model, route, with) {
                Some(cost) if cost < limit => cost,
                _ => return,
            }
        } else {
            cost
        };
        if !self.blink.skips(rng) {
            *best = Some(Choice { slot, cost, how });
        }
    }

    /// Tries all gaps of a route for a pair, once in a search.
    fn pair(
        &mut self,
        plan: &Plan,
        model: &Model,
        way: Way,
        slot: u32,
        best: &mut Option<Choice>,
        rng: &mut ChaCha8Rng,
    ) {
        let route = &plan.routes[slot as usize];
        if std::mem::replace(&mut self.looked[slot as usize], self.searches) == self.searches
            || !may(model, way, route.kind)
        {
            return;
        }
        let limit = best.as_ref().map_or(self.most, |best| best.cost.min(self.most));
        let search = || self.pairs.cheapest(Gaps::of(model, route), way, limit);
        let found = self.memo.place(way.first, slot, route.edition, limit, search);
        if let Some(PairPlace { first, second, cost }) = found
            && !self.blink.skips(rng)
        {
            let how = How::Into { way, first: first as usize, second: second as usize };
            *best = Some(Choice { slot, cost, how });
        }
    }

    /// What other stops add to a route, if they keep every rule.
    pub(super) fn tried(
        &mut self,
        model: &Model,
        route: &Route,
        edit: impl FnOnce(&mut Vec<u32>),
    ) -> Option<i64> {
        self.trial.kind = route.kind;
        self.trial.stops.clone_from(&route.stops);
        edit(&mut self.trial.stops);
        self.trial.refresh(model).then_some(self.trial.cost - route.cost)
    }

    /// Tries an empty slot of each kind, with the breaks of its driver.
    fn open(
        &mut self,
        plan: &Plan,
        model: &Model,
        way: Way,
        sight: Sight,
        best: &mut Option<Choice>,
        rng: &mut ChaCha8Rng,
    ) {
        for (kind, slots) in plan.empty.iter().enumerate() {
            let Some(slot) = slots.last().copied() else { continue };
            if !may(model, way, kind as u32)
                || model.kinds.len() > 1 && rng.random_bool(sight.kind_skipped)
            {
                continue;
            }
            let Some((cost, how)) = self.opened(plan, model, way, slot) else { continue };
            let cost = (cost as f64 * sight.opening) as i64;
            let is_better = best.as_ref().is_none_or(|best| cost < best.cost);
            if is_better && !self.blink.skips(rng) {
                *best = Some(Choice { slot, cost, how });
            }
        }
    }

    fn opened(&mut self, plan: &Plan, model: &Model, way: Way, slot: u32) -> Option<(i64, How)> {
        let route = &plan.routes[slot as usize];
        let kind = &model.kinds[route.kind as usize];
        let mut whole = Vec::new();
        put(&mut whole, way, 0, 0);
        if kind.breaks.is_empty() {
            let cost = self.tried(model, route, |stops| stops.clone_from(&whole))?;
            return Some((cost, How::Into { way, first: 0, second: 0 }));
        }
        let mut cost = 0;
        for rest in &kind.breaks {
            cost = self.with_one_more(model, route, &mut whole, *rest)?;
        }
        Some((cost, How::Whole(whole)))
    }

    /// Puts one more task where it adds least; what the route costs more than `route` then.
    pub(super) fn with_one_more(
        &mut self,
        model: &Model,
        route: &Route,
        whole: &mut Vec<u32>,
        task: u32,
    ) -> Option<i64> {
        let first = model.kinds[route.kind as usize].locked.len().min(whole.len());
        let mut best: Option<(i64, usize)> = None;
        for index in first..=whole.len() {
            let tried = self.tried(model, route, |stops| {
                stops.clone_from(whole);
                stops.insert(index, task);
            });
            if let Some(cost) = tried
                && best.is_none_or(|(least, _)| cost < least)
            {
                best = Some((cost, index));
            }
        }
        let (cost, index) = best?;
        whole.insert(index, task);
        Some(cost)
    }

    /// Makes room by a reload, in a few routes beside near tasks.
    fn with_reload(&mut self, plan: &Plan, model: &Model, way: Way, best: &mut Option<Choice>) {
        let near = model.near.around(way.first).iter();
        let mut tried: Vec<u32> = Vec::with_capacity(RELOADED_MAX);
        for slot in near.map(|near| plan.places[*near as usize].slot).filter(|slot| *slot != NONE) {
            let route = &plan.routes[slot as usize];
            let reloads = &model.kinds[route.kind as usize].reloads;
            if reloads.is_empty() || tried.contains(&slot) || !may(model, way, route.kind) {
                continue;
            }
            if tried.len() == RELOADED_MAX {
                return;
            }
            tried.push(slot);
            // Of several at one site the first that is free stands for all.
            let mut sites: Vec<u32> = Vec::new();
            let free = |reload: &&u32| plan.places[**reload as usize].slot == NONE;
            for reload in reloads.iter().filter(free) {
                let site = model.tasks[*reload as usize].site;
                if !sites.contains(&site) {
                    sites.push(site);
                    self.reloaded(plan, model, way, slot, *reload, best);
                }
            }
        }
    }

    fn reloaded(
        &mut self,
        plan: &Plan,
        model: &Model,
        way: Way,
        slot: u32,
        reload: u32,
        best: &mut Option<Choice>,
    ) {
        let route = &plan.routes[slot as usize];
        for at in route.first_gap(model)..=route.stops.len() {
            let mut halted = route.stops.clone();
            halted.insert(at, reload);
            let mut whole = halted.clone();
            let Some(mut cost) = self.with_one_more(model, route, &mut whole, way.first) else {
                continue;
            };
            if way.second != NONE {
                let Some(both) = self.delivered(model, route, &mut whole, way) else { continue };
                cost = both;
            }
            if best.as_ref().is_none_or(|best| cost < best.cost) {
                *best = Some(Choice { slot, cost, how: How::Whole(whole) });
            }
        }
    }

    /// Puts the delivery where it adds least behind its pickup.
    fn delivered(
        &mut self,
        model: &Model,
        route: &Route,
        whole: &mut Vec<u32>,
        way: Way,
    ) -> Option<i64> {
        let pickup = whole.iter().position(|stop| *stop == way.first)?;
        let mut best: Option<(i64, usize)> = None;
        for index in pickup + 1..=whole.len() {
            let tried = self.tried(model, route, |stops| {
                stops.clone_from(whole);
                stops.insert(index, way.second);
            });
            if let Some(cost) = tried
                && best.is_none_or(|(least, _)| cost < least)
            {
                best = Some((cost, index));
            }
        }
        let (cost, index) = best?;
        whole.insert(index, way.second);
        Some(cost)
    }
}

/// Whether a vehicle of that kind may do all of it.
#[inline]
fn may(model: &Model, way: Way, kind: u32) -> bool {
    model.may(way.first, kind) && (way.second == NONE || model.may(way.second, kind))
}

/// Puts a way's tasks behind two positions, the second not before the first.
fn put(stops: &mut Vec<u32>, way: Way, first: usize, second: usize) {
    if way.second != NONE {
        stops.insert(second, way.second);
    }
    stops.insert(first, way.first);
}
