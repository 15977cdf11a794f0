//! The plan as the API shows it, in the day's own numbers.

use std::collections::BTreeMap;

use anyhow::{Context as _, anyhow};
use swerve_client::v1;
use swerve_model::{LatLng, Moment, Ticks, TimeWindow};
use swerve_scenario::Day;

use super::wire;

/// One parcel of the day, by its shipment's place in it and its own in the shipment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ParcelRef {
    pub(crate) shipment: usize,
    pub(crate) parcel: usize,
}

/// The day's names, for finding what a message speaks of.
#[derive(Debug)]
pub(crate) struct Register {
    manifests: BTreeMap<String, usize>,
    shipments: BTreeMap<String, usize>,
    parcels: BTreeMap<String, ParcelRef>,
}

impl Register {
    pub(crate) fn new(day: &Day) -> Register {
        let mut parcels = BTreeMap::new();
        for (shipment, of) in day.shipments.iter().enumerate() {
            for (parcel, one) in of.parcels.iter().enumerate() {
                parcels.insert(one.id.clone(), ParcelRef { shipment, parcel });
            }
        }
        let manifests = day.manifests.iter().map(|manifest| manifest.id.clone()).zip(0..).collect();
        let shipments = day.shipments.iter().map(|shipment| shipment.id.clone()).zip(0..).collect();
        Register { manifests, shipments, parcels }
    }

    /// `manifests/{manifest}`.
    pub(crate) fn manifest(&self, name: &str) -> anyhow::Result<usize> {
        find(&self.manifests, name, "manifests")
    }

    /// `shipments/{shipment}`.
    pub(crate) fn shipment(&self, name: &str) -> anyhow::Result<usize> {
        find(&self.shipments, name, "shipments")
    }

    /// `shipments/{shipment}/parcels/{parcel}`.
    pub(crate) fn parcel(&self, name: &str) -> anyhow::Result<ParcelRef> {
        find(&self.parcels, name, "parcels")
    }
}

fn find<T: Copy>(names: &BTreeMap<String, T>, name: &str, collection: &str) -> anyhow::Result<T> {
    let found = names.get(wire::id_of(name, collection)?).copied();
    found.ok_or_else(|| anyhow!("the server named {name:?}, which the day does not have"))
}

/// An arrival and the interval around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Interval {
    pub(crate) expected: Moment,
    pub(crate) earliest: Moment,
    pub(crate) latest: Moment,
}

impl Interval {
    fn read(eta: &v1::EtaInterval) -> anyhow::Result<Interval> {
        Ok(Interval {
            expected: wire::required(eta.expected, "an arrival")?,
            earliest: wire::required(eta.earliest, "an arrival's beginning")?,
            latest: wire::required(eta.latest, "an arrival's end")?,
        })
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PlannedStop {
    /// `manifests/{manifest}/stops/{stop}`.
    pub(crate) name: String,
    /// Id of the delivery point.
    pub(crate) point: String,
    pub(crate) at: LatLng,
    pub(crate) parcels: Vec<ParcelRef>,
    pub(crate) done: bool,
    /// When service may start.
    pub(crate) windows: Vec<TimeWindow>,
    /// While it is undone.
    pub(crate) eta: Option<Interval>,
    /// Parking, door and hand-overs as planned.
    pub(crate) service: Ticks,
    /// What recipients were last told.
    pub(crate) told: Option<Moment>,
}

impl PlannedStop {
    fn read(stop: v1::Stop, register: &Register) -> anyhow::Result<PlannedStop> {
        use v1::stop::State;
        let done = matches!(stop.state(), State::Completed | State::Failed);
        let mut parcels = Vec::new();
        for task in &stop.tasks {
            for parcel in &task.parcels {
                parcels.push(register.parcel(parcel)?);
            }
        }
        let told = stop.told_eta.as_ref().map(Interval::read).transpose()?;
        Ok(PlannedStop {
            point: wire::id_of(&stop.delivery_point, "deliveryPoints")?.to_owned(),
            at: wire::location(stop.location)?,
            parcels,
            done,
            windows: wire::windows_in(stop.windows)?,
            eta: stop.eta.as_ref().map(Interval::read).transpose()?,
            service: wire::span(stop.service_duration)?,
            told: told.map(|told| told.expected),
            name: stop.name,
        })
    }
}

/// One driver's manifest as last seen.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ManifestView {
    /// Its place in the day.
    pub(crate) index: usize,
    pub(crate) on_the_road: bool,
    pub(crate) stops: Vec<PlannedStop>,
    /// The plan revision that last changed it, and the newest its driver has said yes to.
    pub(crate) revision: v1::PlanRevision,
    pub(crate) acknowledged: u64,
}

impl ManifestView {
    pub(crate) fn read(
        manifest: v1::Manifest,
        register: &Register,
    ) -> anyhow::Result<ManifestView> {
        let index = register.manifest(&manifest.name)?;
        let on_the_road = manifest.state() == v1::manifest::State::Departed;
        let revision = manifest.revision.context("the server left out a revision")?;
        let acknowledged = manifest.acknowledged_revision.map_or(0, |revision| revision.number);
        let stops = manifest.stops.into_iter().map(|stop| PlannedStop::read(stop, register));
        let stops = stops
            .collect::<anyhow::Result<_>>()
            .with_context(|| format!("reading {}", manifest.name))?;
        Ok(ManifestView { index, on_the_road, stops, revision, acknowledged })
    }

    /// Stops still to be served, in order.
    pub(crate) fn undone(&self) -> impl Iterator<Item = &PlannedStop> {
        self.stops.iter().filter(|stop| !stop.done)
    }
}

/// Whose parcels they are, each once.
pub(crate) fn shipments_of(parcels: &[ParcelRef]) -> Vec<usize> {
    let mut shipments: Vec<usize> = parcels.iter().map(|parcel| parcel.shipment).collect();
    shipments.sort_unstable();
    shipments.dedup();
    shipments
}
