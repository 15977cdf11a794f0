//! Why a parcel is on no manifest: for every van, what stands nearest in the way.
//!
//! One word a parcel (its [`UnassignedReason`]) is what a recipient is told. A dispatcher wants to know
//! what would have to give, and on which van. Asked of a snapshot, as the plan is now; nothing is
//! remembered.

use swerve_model::{ManifestId, Parcel, ParcelId, Shipment, ShipmentId, Task, UnassignedReason};
use swerve_optimizer::Obstacle;

use crate::draft::Draft;
use crate::parts::{Holder, Part};
use crate::snapshot::Snapshot;

/// A parcel on no manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unplaced {
    pub parcel: ParcelId,
    pub reason: UnassignedReason,
    /// By manifest, those that are not closed: its nearest obstacle, or nothing if it has room after
    /// all. Empty for a parcel that is not to be delivered today.
    pub vans: Vec<(ManifestId, Option<Obstacle>)>,
}

impl Snapshot {
    /// The shipment's parcels that are on no manifest, in its order; `None` if there is no such
    /// shipment.
    ///
    /// Every position of every route is priced for each of them: O(parcels x stops).
    pub fn explain_unassigned(&self, shipment: &ShipmentId) -> Option<Vec<Unplaced>> {
        let shipment = self.state.shipments.get(shipment)?;
        let draft = Draft::new(self);
        let unplaced = |parcel: &Parcel| {
            let reason = *self.state.unassigned.get(&(shipment.id.clone(), parcel.id.clone()))?;
            let vans = match reason {
                // It goes back: no van is to bring it.
                UnassignedReason::AttemptFailed | UnassignedReason::Cancelled => Vec::new(),
                _ => self.obstacles(&draft, shipment, parcel),
            };
            Some(Unplaced { parcel: parcel.id.clone(), reason, vans })
        };
        Some(shipment.parcels.iter().filter_map(unplaced).collect())
    }

    fn obstacles(
        &self,
        draft: &Draft<'_>,
        shipment: &Shipment,
        parcel: &Parcel,
    ) -> Vec<(ManifestId, Option<Obstacle>)> {
        let Some(holder) = Holder::of(parcel) else { return Vec::new() };
        let task = Task { shipment: shipment.id.clone(), parcels: vec![parcel.id.clone()] };
        let part = Part { point: shipment.promise.point.clone(), tasks: vec![task], holder };
        let Some(stop) = draft.search_stop(&part) else { return Vec::new() };
        let rules = self.settings.rules();
        let refusal = draft.live(&rules).explain(&stop, None);
        let named = |key: u32| self.manifest_by_key(key).map(|manifest| manifest.id.clone());
        let closed = refusal.routes.iter().map(|(key, obstacle)| (*key, Some(*obstacle)));
        let open = refusal.open.iter().map(|key| {
            // A search would not make a manifest longer than it may be.
            (*key, draft.is_full(*key).then_some(Obstacle::Capacity))
        });
        let mut vans: Vec<_> =
            closed.chain(open).filter_map(|(key, why)| Some((named(key)?, why))).collect();
        vans.sort_unstable();
        vans
    }
}
