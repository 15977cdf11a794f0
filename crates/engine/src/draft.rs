//! A plan being changed: the free suffixes of a snapshot, edited in place, nothing published.
//!
//! Parcels are taken off their stops and put where they cost least; the search may then look around
//! what was touched. What comes out is a delta, and the figures an offer needs. The snapshot below is
//! never changed, so any number of drafts can be made from one at the same time.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use swerve_model::schedule::World;
use swerve_model::{
    Cost, DeliveryPoint, ManifestDelta, ManifestId, Moment, ParcelId, Place, PlanDelta, PointId,
    Promise, Shipment, ShipmentId, Stop, StopId, StopState, Task,
};
use swerve_optimizer::{self as optimizer, Fleet, Live, Route, Rules};
use swerve_spatial::ChunkIndex;

use crate::input::{self, NEW_STOP_KEY, STOPS_PER_MANIFEST_MAX};
use crate::parts::{Holder, Part};
use crate::snapshot::{Snapshot, index_route};
use crate::travel::SharedRoads;

/// A snapshot with some promises and points changed, not yet true.
#[derive(Clone)]
pub(crate) struct Overlay<'a> {
    base: &'a Snapshot,
    shipments: BTreeMap<ShipmentId, Shipment>,
    points: BTreeMap<PointId, (DeliveryPoint, Place)>,
}

impl World for Overlay<'_> {
    fn shipment(&self, id: &ShipmentId) -> Option<&Shipment> {
        self.shipments.get(id).or_else(|| self.base.shipment(id))
    }

    fn point(&self, id: &PointId) -> Option<&DeliveryPoint> {
        self.points.get(id).map(|(point, _)| point).or_else(|| self.base.point(id))
    }

    fn place(&self, id: &PointId) -> Option<Place> {
        self.points.get(id).map(|(_, place)| *place).or_else(|| self.base.place(id))
    }
}

/// Why a part found no place.
#[derive(Clone, Debug)]
pub(crate) struct NoRoom {
    pub(crate) part: Part,
    pub(crate) why: optimizer::Refusal,
}

/// Where a part went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Placed {
    pub(crate) manifest: ManifestId,
    pub(crate) stop: StopId,
}

#[derive(Clone)]
struct Edited {
    keep: usize,
    /// One for each stop of the route, in its order.
    stops: Vec<Stop>,
}

#[derive(Clone)]
pub(crate) struct Draft<'a> {
    base: &'a Snapshot,
    pub(crate) world: Overlay<'a>,
    fleet: Fleet,
    chunks: ChunkIndex,
    edited: BTreeMap<u32, Edited>,
    /// Names new stops: unique, since every record has its own sequence number.
    sequence: u64,
    new_stops: u32,
}

impl<'a> Draft<'a> {
    pub(crate) fn new(base: &'a Snapshot) -> Draft<'a> {
        Draft {
            base,
            world: Overlay { base, shipments: BTreeMap::new(), points: BTreeMap::new() },
            fleet: base.fleet().clone(),
            chunks: base.chunks().clone(),
            edited: BTreeMap::new(),
            sequence: base.state.sequence + 1,
            new_stops: 0,
        }
    }

    /// From here on the shipment counts as promised so.
    pub(crate) fn promise(&mut self, shipment: &ShipmentId, promise: Promise) {
        if let Some(mut changed) = self.world.shipment(shipment).cloned() {
            changed.promise = promise;
            self.world.shipments.insert(shipment.clone(), changed);
        }
    }

    /// From here on the point exists.
    pub(crate) fn add_point(&mut self, point: DeliveryPoint, place: Place) {
        self.world.points.insert(point.id.clone(), (point, place));
    }

    fn edit(&mut self, key: u32) -> Option<&mut Edited> {
        if !self.edited.contains_key(&key) {
            let manifest = self.base.manifest_by_key(key)?;
            let suffix = self.base.suffix(&manifest.id)?;
            self.edited.insert(key, Edited { keep: suffix.keep, stops: suffix.stops });
        }
        self.edited.get_mut(&key)
    }

    fn set_route(&mut self, key: u32, route: Route) {
        self.chunks = index_route(&self.chunks, key, &route);
        self.fleet.replace(key, Arc::new(route));
    }

    fn reschedule(&mut self, key: u32, stops: Vec<Arc<optimizer::Stop>>) {
        let van = Arc::clone(self.route(key).van());
        let rules = self.base.settings.rules();
        self.set_route(key, Route::schedule(van, stops, &self.base.roads, &rules));
    }

    /// Takes parcels off the free stops they are on. `false`, and nothing is changed, if one is on a
    /// frozen stop.
    pub(crate) fn take(&mut self, parcels: &BTreeSet<(ShipmentId, ParcelId)>) -> bool {
        let mut from: BTreeMap<u32, BTreeSet<StopId>> = BTreeMap::new();
        for key in parcels {
            let Some(at) = self.base.state.assignments.get(key) else { continue };
            let Some(manifest_key) = self.base.key_of(&at.manifest) else { continue };
            let Some(edited) = self.edit(manifest_key) else { return false };
            if !edited.stops.iter().any(|stop| stop.id == at.stop) {
                return false;
            }
            from.entry(manifest_key).or_default().insert(at.stop.clone());
        }
        for (key, stops) in from {
            self.take_from(key, &stops, parcels);
        }
        true
    }

    fn take_from(
        &mut self,
        key: u32,
        stops: &BTreeSet<StopId>,
        parcels: &BTreeSet<(ShipmentId, ParcelId)>,
    ) {
        let route = Arc::clone(self.route(key));
        let Some(edited) = self.edited.get_mut(&key) else { return };
        let mut kept_stops = Vec::with_capacity(edited.stops.len());
        let mut kept_seen = Vec::with_capacity(edited.stops.len());
        for (index, (mut stop, seen)) in edited.stops.drain(..).zip(route.stops()).enumerate() {
            if !stops.contains(&stop.id) {
                kept_stops.push(stop);
                kept_seen.push(Arc::clone(seen));
                continue;
            }
            stop.tasks = without(&stop.tasks, parcels);
            if stop.tasks.is_empty() {
                continue;
            }
            if let Some(rest) = rest_of(&self.world, &self.base.settings, &route, index, &stop) {
                kept_seen.push(Arc::new(rest));
                kept_stops.push(stop);
            }
        }
        edited.stops = kept_stops;
        self.reschedule(key, kept_seen);
    }

    /// Puts a part where it costs least: onto a stop at its point, or as a stop of its own, over all
    /// manifests its holder allows. Exact.
    pub(crate) fn insert(&mut self, part: &Part) -> Result<Placed, Box<NoRoom>> {
        let Some(stop) = self.search_stop(part) else {
            return Err(Box::new(NoRoom {
                part: part.clone(),
                why: optimizer::Refusal::default(),
            }));
        };
        let merged = self.best_merge(part, &stop);
        let rules = self.base.settings.rules();
        let live = self.live(&rules);
        let inserted = live.cheapest(&stop, None, 1).cheapest().copied();
        let inserted = inserted.filter(|insertion| !self.is_full(insertion.route));
        match (merged, inserted) {
            (Some(merge), Some(insertion)) if merge.cost <= insertion.delta => {
                Ok(self.merge(merge))
            }
            (_, Some(insertion)) => Ok(self.place(part, stop, &insertion)),
            (Some(merge), None) => Ok(self.merge(merge)),
            (None, None) => {
                let why = live.explain(&stop, None);
                Err(Box::new(NoRoom { part: part.clone(), why }))
            }
        }
    }

    /// Puts parts where they cost least, each as a stop of its own: the one that would lose most by
    /// waiting goes first. Those that found no place come back.
    pub(crate) fn insert_by_regret(&mut self, parts: Vec<Part>) -> Vec<Part> {
        let mut loose = BTreeMap::new();
        let mut waiting = BTreeMap::new();
        let mut left = Vec::new();
        let mut stops = Vec::with_capacity(parts.len());
        for part in parts {
            let Some((stop, seen)) = self.loose_stop(&part) else {
                left.push(part);
                continue;
            };
            loose.insert(seen.key, stop);
            waiting.insert(seen.key, part);
            stops.push(Arc::new(seen));
        }
        let rules = self.base.settings.rules();
        let has_room = |route: &Route| route.stops().len() + stops.len() < STOPS_PER_MANIFEST_MAX;
        let routes = (0..).zip(self.fleet.routes());
        let among: Vec<u32> =
            routes.filter(|(_, route)| has_room(route)).map(|(key, _)| key).collect();
        let batch = self.live(&rules).insert_batch(&stops, Some(&among), false);
        let (keys, routes): (Vec<u32>, Vec<_>) = batch.routes.into_iter().unzip();
        self.adopt(&keys, &routes, &loose);
        for placement in &batch.placed {
            waiting.remove(&placement.stop_key);
        }
        left.extend(waiting.into_values());
        left
    }

    /// Whether some stop that is still free could take the part along.
    pub(crate) fn has_company(&self, part: &Part) -> bool {
        let stop = self.search_stop(part);
        stop.is_some_and(|stop| !self.stops_at(part, &stop).is_empty())
    }

    /// The draft as the search takes it.
    pub(crate) fn live<'b>(&'b self, rules: &'b Rules) -> Live<'b, SharedRoads, ChunkIndex> {
        Live { fleet: &self.fleet, chunks: &self.chunks, travel: &self.base.roads, rules }
    }

    /// The part as the search sees it, bound to the vans its holder allows.
    pub(crate) fn search_stop(&self, part: &Part) -> Option<optimizer::Stop> {
        let custody = match &part.holder {
            Holder::Van(manifest) => optimizer::Custody::Aboard(self.base.key_of(manifest)?),
            Holder::Depot(depot) => optimizer::Custody::AtDepot(self.base.depot(depot)?.0),
        };
        let key = NEW_STOP_KEY + self.new_stops;
        input::search_stop(&self.world, key, &part.point, &part.tasks, custody)
    }

    fn place(
        &mut self,
        part: &Part,
        stop: optimizer::Stop,
        insertion: &optimizer::Insertion,
    ) -> Placed {
        let new = self.new_stop(part);
        let id = new.id.clone();
        self.put(insertion.route, insertion.position as usize - 1, new, stop);
        self.placed(insertion.route, id)
    }

    fn next_stop_id(&mut self) -> StopId {
        self.new_stops += 1;
        StopId::new(&format!("s-{}-{}", self.sequence, self.new_stops)).expect("letters and digits")
    }

    pub(crate) fn placed(&self, key: u32, stop: StopId) -> Placed {
        let manifest = self.base.state.manifest_order[key as usize].clone();
        Placed { manifest, stop }
    }

    /// The cheapest stop at the part's point that could take it along.
    fn best_merge(&mut self, part: &Part, stop: &optimizer::Stop) -> Option<Merge> {
        let mut best: Option<Merge> = None;
        for (key, index) in self.stops_at(part, stop) {
            let Some(edited) = self.edit(key) else { continue };
            let mut tasks = edited.stops[index].tasks.clone();
            join_tasks(&mut tasks, &part.tasks);
            let merge = self.try_merge(part, key, index, tasks);
            best = best.into_iter().chain(merge).min_by_key(|m| (m.cost, m.key, m.index));
        }
        best
    }

    /// Free stops at the part's point on manifests that may carry it.
    fn stops_at(&self, part: &Part, stop: &optimizer::Stop) -> Vec<(u32, usize)> {
        let mut found = Vec::new();
        for (key, route) in (0..).zip(self.fleet.routes()) {
            if route.van().admits(stop).is_err() {
                continue;
            }
            // The place is a cheap first look; names are compared only where it agrees.
            for (index, seen) in route.stops().iter().enumerate() {
                if seen.place == stop.place && self.point_of(key, index) == Some(&part.point) {
                    found.push((key, index));
                }
            }
        }
        found
    }

    fn point_of(&self, key: u32, index: usize) -> Option<&PointId> {
        if let Some(edited) = self.edited.get(&key) {
            return edited.stops.get(index).map(|stop| &stop.point);
        }
        let manifest = self.base.manifest_by_key(key)?;
        let keep = manifest.done_count() + self.base.live_by_key(key)?.frozen;
        manifest.stops.get(keep + index).map(|stop| &stop.point)
    }

    fn try_merge(&self, part: &Part, key: u32, index: usize, tasks: Vec<Task>) -> Option<Merge> {
        let route = self.route(key);
        let present = &route.stops()[index];
        let custody = match (&part.holder, present.custody) {
            (Holder::Van(_), _) => optimizer::Custody::Aboard(key),
            (Holder::Depot(_), custody) => custody,
        };
        let mut seen = input::search_stop(&self.world, present.key, &part.point, &tasks, custody)?;
        seen.pinned = present.pinned;
        seen.told = present.told;
        let mut stops = route.stops().to_vec();
        stops[index] = Arc::new(seen);
        let rules = self.base.settings.rules();
        let merged = Route::schedule(Arc::clone(route.van()), stops, &self.base.roads, &rules);
        let cost = merged.cost() - route.cost();
        merged.excess().is_within(route.excess()).then_some(Merge {
            key,
            index,
            cost,
            tasks,
            merged,
        })
    }

    fn merge(&mut self, merge: Merge) -> Placed {
        let Merge { key, index, tasks, merged, .. } = merge;
        let mut id = None;
        if let Some(edited) = self.edit(key) {
            edited.stops[index].tasks = tasks;
            id = Some(edited.stops[index].id.clone());
        }
        self.set_route(key, merged);
        self.placed(key, id.expect("a merge is found on a stop that exists"))
    }

    /// Parcels and manifests changed so far, as what the log will hold.
    pub(crate) fn delta(&self) -> PlanDelta {
        let manifests = self.edited.iter().filter_map(|(key, edited)| {
            let manifest = self.base.manifest_by_key(*key)?;
            let (kept, suffix) = manifest.stops.split_at(edited.keep);
            (suffix != edited.stops).then(|| ManifestDelta {
                manifest: manifest.id.clone(),
                base: manifest.revision,
                keep: kept.len(),
                suffix: edited.stops.clone(),
            })
        });
        PlanDelta { manifests: manifests.collect(), ..PlanDelta::default() }
    }

    /// Keys of manifests whose free suffix differs from the snapshot's.
    pub(crate) fn dirty(&self) -> Vec<u32> {
        self.edited.keys().copied().collect()
    }

    /// The free suffix of the manifest with this key, which must be one of the snapshot's.
    pub(crate) fn route(&self, key: u32) -> &Arc<Route> {
        &self.fleet.routes()[key as usize]
    }

    /// The stop's planned start and how many undone stops come before it.
    pub(crate) fn start_of(&self, placed: &Placed) -> Option<(Moment, u32)> {
        let key = self.base.key_of(&placed.manifest)?;
        let edited = self.edited.get(&key)?;
        let index = edited.stops.iter().position(|stop| stop.id == placed.stop)?;
        let frozen = self.base.live_by_key(key)?.frozen;
        Some((self.route(key).start_of(index), (frozen + index) as u32))
    }

    /// The free stops of a manifest, as they now are.
    pub(crate) fn stops(&self, key: u32) -> Vec<Stop> {
        match self.edited.get(&key) {
            Some(edited) => edited.stops.clone(),
            None => self
                .base
                .manifest_by_key(key)
                .and_then(|manifest| self.base.suffix(&manifest.id))
                .map(|suffix| suffix.stops)
                .unwrap_or_default(),
        }
    }

    /// Takes the search's answer: `routes` are those of `keys`, holding the same stops (and `more`,
    /// by search key) in another order or on other vans.
    pub(crate) fn adopt(
        &mut self,
        keys: &[u32],
        routes: &[Arc<Route>],
        more: &BTreeMap<u32, Stop>,
    ) {
        let mut by_key: BTreeMap<u32, Stop> = more.clone();
        for key in keys {
            let seen = self.route(*key).stops().iter().map(|stop| stop.key);
            by_key.extend(seen.zip(self.stops(*key)));
        }
        for (key, route) in keys.iter().zip(routes) {
            if Arc::ptr_eq(route, self.route(*key)) {
                continue;
            }
            let stops = route.stops().iter().filter_map(|stop| by_key.get(&stop.key).cloned());
            let stops: Vec<Stop> = stops.collect();
            if let Some(edited) = self.edit(*key) {
                edited.stops = stops;
            }
            self.chunks = index_route(&self.chunks, *key, route);
            self.fleet.replace(*key, Arc::clone(route));
        }
    }

    /// A stop for a part, not yet on any manifest, as the model and as the search have it.
    pub(crate) fn loose_stop(&mut self, part: &Part) -> Option<(Stop, optimizer::Stop)> {
        let seen = self.search_stop(part)?;
        Some((self.new_stop(part), seen))
    }

    fn new_stop(&mut self, part: &Part) -> Stop {
        Stop {
            id: self.next_stop_id(),
            point: part.point.clone(),
            tasks: part.tasks.clone(),
            state: StopState::Planned,
            pinned: false,
            told: None,
        }
    }

    /// Puts a part at the end of its van's stops: for parcels that are in the van, like it or not.
    pub(crate) fn append(&mut self, part: &Part) -> Option<Placed> {
        let Holder::Van(manifest) = &part.holder else { return None };
        let key = self.base.key_of(manifest)?;
        let stop = self.new_stop(part);
        let index = self.stops(key).len();
        self.force(key, index, stop, &part.holder)
    }

    /// The search's key of a placed stop.
    pub(crate) fn search_key(&self, at: &Placed) -> Option<u32> {
        let key = self.base.key_of(&at.manifest)?;
        let edited = self.edited.get(&key)?;
        let index = edited.stops.iter().position(|stop| stop.id == at.stop)?;
        self.route(key).stops().get(index).map(|stop| stop.key)
    }

    /// Finds a placed stop again after the search may have moved it to another of `keys`.
    pub(crate) fn follow(&self, at: &mut Placed, keys: &[u32]) {
        let holds = |key: &&u32| {
            self.edited.get(key).is_some_and(|edited| edited.stops.iter().any(|s| s.id == at.stop))
        };
        if let Some(key) = keys.iter().find(holds) {
            at.manifest = self.base.state.manifest_order[*key as usize].clone();
        }
    }

    pub(crate) fn chunks(&self) -> &ChunkIndex {
        &self.chunks
    }

    /// From here on the shipment exists.
    pub(crate) fn add_shipment(&mut self, shipment: Shipment) {
        self.world.shipments.insert(shipment.id.clone(), shipment);
    }

    /// Puts a part at a position of a manifest's free suffix (0 first), whatever it costs or breaks.
    pub(crate) fn force(
        &mut self,
        key: u32,
        index: usize,
        stop: Stop,
        holder: &Holder,
    ) -> Option<Placed> {
        let part =
            Part { point: stop.point.clone(), tasks: stop.tasks.clone(), holder: holder.clone() };
        let seen = self.search_stop(&part)?;
        self.new_stops += 1;
        let id = stop.id.clone();
        self.put(key, index, stop, seen);
        Some(self.placed(key, id))
    }

    fn put(&mut self, key: u32, index: usize, stop: Stop, seen: optimizer::Stop) {
        let rules = self.base.settings.rules();
        let route = self.route(key);
        let index = index.min(route.stops().len());
        let route = route.with_inserted(index + 1, Arc::new(seen), &self.base.roads, &rules);
        if let Some(edited) = self.edit(key) {
            edited.stops.insert(index, stop);
        }
        self.set_route(key, route);
    }

    pub(crate) fn base(&self) -> &'a Snapshot {
        self.base
    }

    /// Whether a manifest has as many stops as it may have.
    pub(crate) fn is_full(&self, key: u32) -> bool {
        self.route(key).stops().len() + 1 >= STOPS_PER_MANIFEST_MAX
    }
}

struct Merge {
    key: u32,
    index: usize,
    cost: Cost,
    tasks: Vec<Task>,
    merged: Route,
}

/// `tasks` less some parcels; tasks left without one are gone.
fn without(tasks: &[Task], parcels: &BTreeSet<(ShipmentId, ParcelId)>) -> Vec<Task> {
    let rest = |task: &Task| {
        let kept =
            |parcel: &&ParcelId| !parcels.contains(&(task.shipment.clone(), (*parcel).clone()));
        let parcels: Vec<ParcelId> = task.parcels.iter().filter(kept).cloned().collect();
        (!parcels.is_empty()).then(|| Task { shipment: task.shipment.clone(), parcels })
    };
    tasks.iter().filter_map(rest).collect()
}

/// Adds tasks, joining those of one shipment.
pub(crate) fn join_tasks(tasks: &mut Vec<Task>, more: &[Task]) {
    for task in more {
        match tasks.iter_mut().find(|present| present.shipment == task.shipment) {
            Some(present) => present.parcels.extend(task.parcels.iter().cloned()),
            None => tasks.push(task.clone()),
        }
    }
}

/// A stop that lost some of its tasks, with the history it had: what is left may not get worse.
fn rest_of(
    world: &Overlay<'_>,
    settings: &crate::settings::Settings,
    route: &Route,
    index: usize,
    stop: &Stop,
) -> Option<optimizer::Stop> {
    let present = &route.stops()[index];
    let mut rest =
        input::search_stop(world, present.key, &stop.point, &stop.tasks, present.custody)?;
    rest.pinned = present.pinned;
    rest.told = present.told;
    let start = route.start_of(index);
    let margin = settings.rules().assurance.margin(&rest, route.van(), start);
    rest.baseline = Some(optimizer::Baseline { route: route.van().key, start, margin });
    Some(rest)
}
