//! A territory as readers see it: the state, and what follows from it.
//!
//! What follows (arrivals, the search's routes, the R-tree) is never logged and never decided: it is
//! computed from state, clock and roads, once per change for what the change touched. A snapshot is
//! immutable and cheap to clone; the writer makes the next one beside it.

use std::collections::BTreeMap;
use std::sync::Arc;

use imbl::OrdMap;
use swerve_model::schedule::{Anchor, World};
use swerve_model::{
    Assurance, DeliveryPoint, DepotId, EtaInterval, Manifest, ManifestId, Moment, Place, PointId,
    Shipment, ShipmentId, StopId, StopTimes, Ticks,
};
use swerve_optimizer::{Fleet, Route};
use swerve_policy::ChangeOption;
use swerve_spatial::ChunkIndex;

use crate::apply::Touched;
use crate::gate;
use crate::hash;
use crate::input::{self, Suffix};
use crate::settings::Settings;
use crate::state::State;
use crate::travel::{Roads, SharedRoads};

/// One manifest's undone part, as planned now.
#[derive(Clone, Debug)]
pub struct LiveManifest {
    /// Its index in the order of opening.
    pub key: u32,
    pub anchor: Anchor,
    /// Of the undone stops, in order: the numbers everyone is told (I13).
    pub times: Vec<StopTimes>,
    /// How many of the undone stops are too near to move.
    pub frozen: usize,
    /// Uncertainty grows from here: now, or the planned departure.
    pub known: Moment,
    /// What the search may change.
    pub route: Arc<Route>,
}

#[derive(Clone, Debug)]
pub struct Snapshot {
    pub state: State,
    pub settings: Arc<Settings>,
    pub roads: SharedRoads,
    places: OrdMap<PointId, Place>,
    depots: Arc<BTreeMap<DepotId, (u32, Place)>>,
    /// By dense manifest key.
    live: Vec<Arc<LiveManifest>>,
    /// The free suffixes of `live`, as the search takes them.
    fleet: Fleet,
    keys: Arc<BTreeMap<ManifestId, u32>>,
    chunks: ChunkIndex,
    /// The planning time that everything derived was last brought up to.
    derived_at: Moment,
}

/// Arrivals, frozen prefixes and margins move with the clock in steps of this: a tick inside a step
/// derives nothing anew. A minute is a fifth of the tolerance of what people are told, and deriving
/// everything every half minute took a third of a day of 10,000 stops.
const PLANNING_STEP: Ticks = Ticks::from_seconds(60);

impl World for Snapshot {
    fn shipment(&self, id: &ShipmentId) -> Option<&Shipment> {
        self.state.shipments.get(id).map(AsRef::as_ref)
    }

    fn point(&self, id: &PointId) -> Option<&DeliveryPoint> {
        self.state.points.get(id).map(AsRef::as_ref)
    }

    fn place(&self, id: &PointId) -> Option<Place> {
        self.places.get(id).copied()
    }
}

impl Snapshot {
    /// An empty territory. Fails by name on a depot that is not on the road network.
    pub fn new(
        settings: Arc<Settings>,
        roads: Arc<dyn Roads>,
    ) -> Result<Snapshot, crate::error::EngineError> {
        let mut depots = BTreeMap::new();
        for (index, depot) in (0..).zip(&settings.depots) {
            let snapped = roads.snap(depot.location).map_err(|off| {
                crate::error::EngineError::invalid(
                    &format!("depots.{}.location", depot.id),
                    off.to_string(),
                )
            })?;
            depots.insert(depot.id.clone(), (index, snapped.place));
        }
        Ok(Snapshot {
            state: State::new(settings.tenant.clone(), settings.depots.clone()),
            settings,
            roads: SharedRoads(roads),
            places: OrdMap::new(),
            depots: Arc::new(depots),
            live: Vec::new(),
            fleet: Fleet::default(),
            keys: Arc::new(BTreeMap::new()),
            chunks: ChunkIndex::new([]),
            derived_at: Moment(i64::MIN),
        })
    }

    /// Brings everything derived up to date with the state after a record. O(touched stops), all of
    /// them when time moved.
    /// Returns the manifests that were derived anew.
    pub fn refresh(&mut self, touched: &Touched) -> Vec<ManifestId> {
        if self.state.manifest_order.len() != self.keys.len() {
            self.keys = Arc::new(self.state.manifest_keys());
        }
        self.place_points(touched);
        let renewed = self.renewed(touched);
        if touched.time {
            self.derived_at = self.planning_time();
        }
        for (manifest, live) in input::derive_all(self, &renewed) {
            self.replace(&manifest, live);
        }
        renewed
    }

    /// The clock as planning sees it: engine time, down to the last planning step. The search and
    /// the checker both judge from this moment.
    pub fn planning_time(&self) -> Moment {
        let step = PLANNING_STEP.0;
        Moment(self.state.now.0.div_euclid(step) * step)
    }

    /// Whether time has moved to another planning step since everything was derived.
    fn is_step_over(&self) -> bool {
        self.planning_time() != self.derived_at
    }

    /// The manifests whose arrivals a record may have moved: all, when time did. A shipment's promise
    /// and custody count on every manifest that carries it.
    fn renewed(&self, touched: &Touched) -> Vec<ManifestId> {
        if touched.time && self.is_step_over() {
            return self.state.manifest_order.iter().cloned().collect();
        }
        let mut renewed = touched.manifests.clone();
        for shipment in &touched.shipments {
            renewed.extend(self.state.assignments_of(shipment).map(|(_, at)| at.manifest.clone()));
        }
        renewed.into_iter().collect()
    }

    /// Gives new points their place. The edge refuses points that are off the network; one that a log
    /// from another network holds stays without a place, and is reported as unreachable.
    fn place_points(&mut self, touched: &Touched) {
        for id in &touched.points {
            let Some(point) = self.state.points.get(id) else { continue };
            if let Ok(snapped) = self.roads.0.snap(point.location) {
                self.places.insert(id.clone(), snapped.place);
            }
        }
    }

    fn replace(&mut self, manifest: &ManifestId, live: LiveManifest) {
        let Some(key) = self.keys.get(manifest).copied() else { return };
        self.chunks = index_route(&self.chunks, key, &live.route);
        let live = Arc::new(live);
        if let Some(slot) = self.live.get_mut(key as usize) {
            self.fleet.replace(key, Arc::clone(&live.route));
            *slot = live;
        } else {
            // Manifests are opened one after the other, so keys arrive in order.
            self.live.push(live);
            let routes = self.live.iter().map(|live| Arc::clone(&live.route));
            self.fleet = Fleet::new(routes.collect());
        }
    }

    pub fn live(&self, manifest: &ManifestId) -> Option<&Arc<LiveManifest>> {
        self.live.get(*self.keys.get(manifest)? as usize)
    }

    pub fn live_by_key(&self, key: u32) -> Option<&Arc<LiveManifest>> {
        self.live.get(key as usize)
    }

    pub fn manifest_by_key(&self, key: u32) -> Option<&Arc<Manifest>> {
        self.state.manifests.get(self.state.manifest_order.get(key as usize)?)
    }

    pub fn key_of(&self, manifest: &ManifestId) -> Option<u32> {
        self.keys.get(manifest).copied()
    }

    pub fn depot(&self, depot: &DepotId) -> Option<(u32, Place)> {
        self.depots.get(depot).copied()
    }

    /// Free suffixes by dense manifest key, as the search takes them.
    pub fn fleet(&self) -> &Fleet {
        &self.fleet
    }

    pub fn chunks(&self) -> &ChunkIndex {
        &self.chunks
    }

    pub fn plan_hash(&self) -> [u8; 32] {
        hash::plan_hash(&self.state)
    }

    /// Arrivals at the undone stops, in order; `None` for an unknown manifest.
    pub fn etas(&self, manifest: &ManifestId) -> Option<Vec<(StopId, EtaInterval)>> {
        let live = self.live(manifest)?;
        let manifest = self.state.manifests.get(manifest)?;
        let undone = &manifest.stops[manifest.done_count()..];
        let eta = |(index, (stop, times)): (usize, (&swerve_model::Stop, &StopTimes))| {
            (stop.id.clone(), self.eta_interval(live, times, index as u32))
        };
        Some(undone.iter().zip(&live.times).enumerate().map(eta).collect())
    }

    /// The next arrival for a shipment; `None` if it is on no manifest.
    pub fn shipment_eta(&self, shipment: &ShipmentId) -> Option<EtaInterval> {
        let mut etas: Vec<EtaInterval> = Vec::new();
        for (_, at) in self.state.assignments_of(shipment) {
            let (_, eta) = self.etas(&at.manifest)?.into_iter().find(|(id, _)| *id == at.stop)?;
            etas.push(eta);
        }
        etas.into_iter().min_by_key(|eta| eta.expected)
    }

    pub(crate) fn eta_interval(
        &self,
        live: &LiveManifest,
        times: &StopTimes,
        stops_before: u32,
    ) -> EtaInterval {
        let (earliest, latest) = self.settings.risk.interval(live.known, times.start);
        // Nobody is served before the opening that is waited for, nor in the past.
        let waits = times.start > times.arrival;
        let floor = if waits { times.start } else { live.known.min(times.start) };
        EtaInterval {
            expected: times.start,
            earliest: earliest.max(floor),
            latest: latest.max(times.start),
            stops_before,
        }
    }

    /// What may be changed about a shipment now, until when and at what fee. No routing is done.
    pub fn change_options(
        &self,
        shipment: &ShipmentId,
        assurance: Assurance,
    ) -> Option<Vec<ChangeOption>> {
        let shipment = self.shipment(shipment)?;
        let facts = gate::facts(self, shipment, assurance);
        Some(swerve_policy::options(&self.settings.policy, &facts))
    }

    /// The stops of a manifest that may still change, in order, each as the search has it.
    pub(crate) fn free_stops(
        &self,
        key: u32,
    ) -> impl Iterator<Item = (&StopId, &Arc<swerve_optimizer::Stop>)> {
        let found = self.manifest_by_key(key).zip(self.live_by_key(key));
        found.into_iter().flat_map(|(manifest, live)| {
            let free = &manifest.stops[manifest.done_count() + live.frozen..];
            free.iter().map(|stop| &stop.id).zip(live.route.stops())
        })
    }

    /// A manifest's free suffix.
    pub(crate) fn suffix(&self, manifest: &ManifestId) -> Option<Suffix> {
        let live = self.live(manifest)?;
        let found = self.state.manifests.get(manifest)?;
        let keep = found.done_count() + live.frozen;
        Some(Suffix { keep, stops: found.stops[keep..].to_vec() })
    }
}

/// The index with one route as it now is. O(stops of the route), and a rebuild now and then.
pub(crate) fn index_route(chunks: &ChunkIndex, key: u32, route: &Route) -> ChunkIndex {
    chunks.with_route_replaced(key, &route.shape())
}
