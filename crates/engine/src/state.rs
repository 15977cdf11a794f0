//! A territory as it stands: everything that replaying its log gives back, and nothing else.
//!
//! All maps are persistent (`imbl`): a reader's snapshot is a clone in constant time that the writer
//! never disturbs, and a writer changes only the branches it touches. Ordered by name, so that
//! walking one is the same on every machine.
//!
//! Invariant: `apply` is the only way it changes.

use std::sync::Arc;

use imbl::{OrdMap, OrdSet, Vector};
use swerve_model::{
    Change, ChangeId, DeliveryPoint, DepotId, Hold, Manifest, ManifestId, Moment, ParcelId,
    PointId, ProposalId, Quote, QuoteId, RecipientId, ReplanProposal, RequestId, Revision,
    Shipment, ShipmentId, StopId, TenantId, Ticks, UnassignedReason, Vehicle, VehicleId,
};

/// What a watcher may be told about. Ordered by kind, then name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Resource {
    Manifest(ManifestId),
    Shipment(ShipmentId),
    Change(ChangeId),
}

/// Where a parcel is in the undone plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    pub manifest: ManifestId,
    pub stop: StopId,
}

/// What a mutation was answered, for when it is sent again.
#[derive(Clone, Debug)]
pub struct Answered {
    pub digest: [u8; 32],
    pub answer: swerve_model::Answer,
    pub revision: Revision,
    pub at: Moment,
}

#[derive(Clone, Debug)]
pub struct State {
    pub tenant: TenantId,
    /// Engine time: the newest logged tick.
    pub now: Moment,
    pub revision: Revision,
    /// Records applied: the position in the log, and what resume tokens are made of.
    pub sequence: u64,
    pub depots: OrdMap<DepotId, Arc<swerve_model::Depot>>,
    pub vehicles: OrdMap<VehicleId, Arc<Vehicle>>,
    pub points: OrdMap<PointId, Arc<DeliveryPoint>>,
    pub manifests: OrdMap<ManifestId, Arc<Manifest>>,
    /// In the order they were opened: a manifest's index here is its dense key.
    pub manifest_order: Vector<ManifestId>,
    pub shipments: OrdMap<ShipmentId, Arc<Shipment>>,
    pub of_recipient: OrdMap<RecipientId, OrdSet<ShipmentId>>,
    /// Undone parcels that are on a stop.
    pub assignments: OrdMap<(ShipmentId, ParcelId), Assignment>,
    /// Undone parcels that are on none, and why.
    pub unassigned: OrdMap<(ShipmentId, ParcelId), UnassignedReason>,
    /// Parcels in each van, on a stop or not.
    pub aboard: OrdMap<ManifestId, OrdSet<(ShipmentId, ParcelId)>>,
    /// When each driver on the road was last told of a new order: at most the newest few.
    pub messages: OrdMap<ManifestId, Vector<Moment>>,
    pub quotes: OrdMap<QuoteId, Arc<Quote>>,
    pub holds: OrdMap<(QuoteId, u32), Hold>,
    pub changes: OrdMap<ChangeId, Arc<Change>>,
    /// Committed changes of each shipment that have not ended.
    pub open_changes: OrdMap<ShipmentId, OrdSet<ChangeId>>,
    pub proposals: OrdMap<ProposalId, Arc<ReplanProposal>>,
    pub answered: OrdMap<RequestId, Answered>,
    /// When old answers were last forgotten.
    pub answers_pruned: Moment,
    /// Parcels lying in a point or promised there, planned or not. None where there never was one.
    pub occupancy: OrdMap<PointId, u32>,
    /// Digest of each manifest's part of the plan; see `hash`.
    pub leaves: OrdMap<ManifestId, [u8; 32]>,
    /// The sequence at which each resource last changed, both ways round: watchers read it forward
    /// from where they were, each resource once, newest first known. No stream buffers anything.
    pub changed_at: OrdMap<Resource, u64>,
    pub changed: OrdMap<(u64, Resource), ()>,
}

impl State {
    pub fn new(tenant: TenantId, depots: Vec<swerve_model::Depot>) -> State {
        State {
            tenant,
            now: Moment::EPOCH,
            revision: Revision(0),
            sequence: 0,
            depots: depots.into_iter().map(|depot| (depot.id.clone(), Arc::new(depot))).collect(),
            vehicles: OrdMap::new(),
            points: OrdMap::new(),
            manifests: OrdMap::new(),
            manifest_order: Vector::new(),
            shipments: OrdMap::new(),
            of_recipient: OrdMap::new(),
            assignments: OrdMap::new(),
            unassigned: OrdMap::new(),
            aboard: OrdMap::new(),
            messages: OrdMap::new(),
            quotes: OrdMap::new(),
            holds: OrdMap::new(),
            changes: OrdMap::new(),
            open_changes: OrdMap::new(),
            proposals: OrdMap::new(),
            answered: OrdMap::new(),
            answers_pruned: Moment::EPOCH,
            occupancy: OrdMap::new(),
            leaves: OrdMap::new(),
            changed_at: OrdMap::new(),
            changed: OrdMap::new(),
        }
    }

    /// Where each open parcel of a shipment is planned. O(log n + k).
    pub fn assignments_of<'a>(
        &'a self,
        shipment: &'a ShipmentId,
    ) -> impl Iterator<Item = (&'a ParcelId, &'a Assignment)> {
        of_shipment(&self.assignments, shipment).map(|((_, parcel), at)| (parcel, at))
    }

    /// Open parcels of a shipment that are on no stop.
    pub fn unassigned_of<'a>(
        &'a self,
        shipment: &'a ShipmentId,
    ) -> impl Iterator<Item = (&'a (ShipmentId, ParcelId), &'a UnassignedReason)> {
        of_shipment(&self.unassigned, shipment)
    }

    /// How often a driver on the road was given a new order in the last hour.
    pub fn messages_last_hour(&self, manifest: &ManifestId) -> u32 {
        let since = self.now - Ticks::from_hours(1);
        let messages = self.messages.get(manifest).into_iter().flatten();
        messages.filter(|at| **at > since).count() as u32
    }

    /// A manifest's dense key: its index in the order of opening. O(manifests), so kept by callers.
    pub fn manifest_keys(&self) -> std::collections::BTreeMap<ManifestId, u32> {
        self.manifest_order.iter().cloned().zip(0..).collect()
    }

    /// Resources that changed after `sequence`, in the order of their newest change. O(log n + k).
    pub fn changed_after(&self, sequence: u64) -> impl Iterator<Item = (u64, &Resource)> {
        // "-" is the least name there is, and manifests are the first kind.
        let least = Resource::Manifest(ManifestId::new("-").expect("a dash is a name"));
        self.changed.range((sequence + 1, least)..).map(|((at, resource), ())| (*at, resource))
    }
}

fn of_shipment<'a, V: Clone>(
    map: &'a OrdMap<(ShipmentId, ParcelId), V>,
    shipment: &'a ShipmentId,
) -> impl Iterator<Item = (&'a (ShipmentId, ParcelId), &'a V)> {
    // "-" is the least name there is, so this starts at the shipment's first parcel.
    let least = (shipment.clone(), ParcelId::new("-").expect("a dash is a name"));
    map.range(least..).take_while(move |((owner, _), _)| owner == shipment)
}
