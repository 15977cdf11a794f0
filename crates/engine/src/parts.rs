//! Parcels to be handed over at one point, by who can bring them.
//!
//! What is in a van goes with that van. What waits at a depot goes with any van that still loads
//! there and leaves once it is at the dock, so parcels of one shipment that come with two sorts are
//! two parts.

use std::collections::BTreeMap;

use swerve_model::{
    Custody, DepotId, ManifestId, Moment, Parcel, ParcelId, PointId, Shipment, Task,
};

use crate::input;
use crate::snapshot::Snapshot;

/// Who can bring some parcels.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Holder {
    Van(ManifestId),
    Depot(DepotId),
}

impl Holder {
    /// Who has a parcel; `None` once it has ended.
    pub(crate) fn of(parcel: &Parcel) -> Option<Holder> {
        match &parcel.custody {
            Custody::Loaded(van) => Some(Holder::Van(van.clone())),
            custody => custody.waiting_at().map(|depot| Holder::Depot(depot.clone())),
        }
    }
}

/// Parcels to be handed over together at one point.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) point: PointId,
    pub(crate) tasks: Vec<Task>,
    pub(crate) holder: Holder,
}

/// When the vans that still load will leave, ascending.
pub(crate) struct Departures(Vec<Moment>);

impl Departures {
    pub(crate) fn of(snapshot: &Snapshot) -> Departures {
        let now = snapshot.planning_time();
        let loading = snapshot.state.manifests.values().filter(|manifest| manifest.may_load());
        let mut leaving: Vec<Moment> = loading.map(|m| input::leaves(m, now)).collect();
        leaving.sort_unstable();
        leaving.dedup();
        Departures(leaving)
    }

    /// How many departures a parcel misses: parcels of one depot that miss equally many can go with
    /// the same vans.
    pub(crate) fn missed_by(&self, parcel: &Parcel) -> usize {
        let ready = parcel.awaited_until();
        self.0.partition_point(|leaves| Some(*leaves) < ready)
    }
}

/// The waiting parcels of a shipment; `only` names some of them, empty means all.
pub(crate) fn waiting_parts(
    shipment: &Shipment,
    only: &[ParcelId],
    departures: &Departures,
) -> Vec<Part> {
    let mut parts: BTreeMap<(Holder, usize), Vec<ParcelId>> = BTreeMap::new();
    for parcel in shipment.open_parcels() {
        let wanted = only.is_empty() || only.contains(&parcel.id);
        if let Some(holder @ Holder::Depot(_)) = Holder::of(parcel).filter(|_| wanted) {
            let key = (holder, departures.missed_by(parcel));
            parts.entry(key).or_default().push(parcel.id.clone());
        }
    }
    let part = |((holder, _), parcels)| Part {
        point: shipment.promise.point.clone(),
        tasks: vec![Task { shipment: shipment.id.clone(), parcels }],
        holder,
    };
    parts.into_iter().map(part).collect()
}
