//! What the judge is shown: the touched manifests, before or after, and the world they live in.

use std::collections::BTreeSet;

use swerve_model::{
    Manifest, ManifestId, Moment, Parcel, ParcelId, Place, PointId, Risk, ShipmentId, Stop, StopId,
    Ticks, Vehicle, World,
};

/// One parcel, by its names.
pub type ParcelRef<'a> = (&'a ShipmentId, &'a ParcelId);

/// One manifest and what its names stand for.
#[derive(Clone, Debug)]
pub struct Route<'a> {
    pub manifest: &'a Manifest,
    pub vehicle: &'a Vehicle,
    /// Where the road layer has its depot.
    pub depot: Place,
    /// Where the road layer has its sighting, if it has one.
    pub sighted: Option<Place>,
    /// Every parcel that scans say is in this van, on a stop or not. Those on its stops count anyway.
    pub aboard: Vec<ParcelRef<'a>>,
}

impl<'a> Route<'a> {
    /// Stops still to be served, in order.
    pub fn undone(&self) -> &'a [Stop] {
        &self.manifest.stops[self.manifest.done_count()..]
    }
}

/// The touched part of the plan at one moment, before or after the change.
#[derive(Clone, Debug)]
pub struct Side<'a, W> {
    /// Shipments, points and places as they are on this side.
    pub world: &'a W,
    /// The manifests that the change touches: the same ones on both sides.
    pub routes: Vec<Route<'a>>,
    /// Parcels on no manifest, of every shipment that is on these routes or in this list on either
    /// side.
    pub unassigned: Vec<ParcelRef<'a>>,
}

/// What both sides have in common.
#[derive(Clone, Copy)]
pub struct Conditions<'a, T> {
    pub travel: &'a T,
    pub risk: Risk,
    pub now: Moment,
    /// Stops due within this much of `now` are frozen.
    pub frozen_ahead: Ticks,
    /// Parcels lying in a point or bound for it, over the whole territory, before the change. Places
    /// held for others' offers count; a place held for the offer being committed does not.
    pub occupied: &'a dyn Fn(&PointId) -> u32,
}

/// What one change may do that others may not.
#[derive(Clone, Debug, Default)]
pub struct Latitude {
    /// Pinned stops that a dispatcher moves by hand.
    pub moved_by_hand: BTreeSet<StopId>,
    /// Manifests whose order follows what their driver did: nothing there is frozen or pinned, since
    /// it has happened.
    pub as_driven: BTreeSet<ManifestId>,
}

impl<'a, W: World> Side<'a, W> {
    /// The parcel as it is on this side; `None` if it, or its shipment, is unknown.
    pub(crate) fn parcel(&self, parcel: ParcelRef<'_>) -> Option<&'a Parcel> {
        self.world.shipment(parcel.0)?.parcel(parcel.1)
    }

    /// Whether the parcel exists and is still to be delivered.
    pub(crate) fn is_open(&self, parcel: ParcelRef<'_>) -> bool {
        self.parcel(parcel).is_some_and(|parcel| !parcel.custody.is_terminal())
    }

    pub(crate) fn route(&self, manifest: &ManifestId) -> Option<&Route<'a>> {
        self.routes.iter().find(|route| route.manifest.id == *manifest)
    }
}

/// Every parcel of a stop's tasks, in their order.
pub(crate) fn parcels_of(stop: &Stop) -> impl Iterator<Item = ParcelRef<'_>> {
    stop.tasks.iter().flat_map(|task| task.parcels.iter().map(|parcel| (&task.shipment, parcel)))
}
