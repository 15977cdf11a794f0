//! What was seen of a day while it ran, for whoever judges it afterwards.
//!
//! Plain records in the order things happened, nothing added up: where vans halted and what was
//! promised there then, what drivers and recipients were told, and the plan at moments asked for.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use swerve_model::{Moment, TimeWindow};
use swerve_scenario::truth::Expectation;

use super::atlas::Site;
use super::ledger::{Outcome, Promise};
use super::plan::{ManifestView, ParcelRef, PlannedStop};

/// One halt of a van, as it was.
#[derive(Clone, Debug)]
pub(crate) struct Halt {
    pub(crate) site: Arc<Site>,
    /// Id of the delivery point.
    pub(crate) point: String,
    pub(crate) parcels: Vec<ParcelRef>,
    /// When the driver's app said that service may start.
    pub(crate) windows: Vec<TimeWindow>,
    /// What was promised then, by shipment.
    pub(crate) promises: Vec<(usize, Promise)>,
    /// What its recipients were led to expect when the driver rang, by shipment.
    pub(crate) expected: Vec<(usize, Expectation)>,
    /// When service started, or when the driver gave it up.
    pub(crate) start: Moment,
    /// `None`: the stop was gone when the van came.
    pub(crate) outcome: Option<Outcome>,
}

/// What recipients were told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    Arrival {
        parcels: Vec<ParcelRef>,
        expected: Moment,
    },
    /// Something else was promised: what is told next is no change of what was told before.
    PromisedAnew {
        shipment: usize,
    },
}

/// A driver's list that changed while the van was on the road.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Revision {
    pub(crate) at: Moment,
    pub(crate) van: usize,
    /// Names of the stops to come, in order, without those done meanwhile.
    pub(crate) before: Vec<String>,
    pub(crate) after: Vec<String>,
}

/// The plan at one moment.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    pub(crate) at: Moment,
    pub(crate) manifests: Vec<ManifestView>,
    /// The van that holds it, of parcels nothing has come of.
    pub(crate) aboard: BTreeMap<ParcelRef, usize>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Chronicle {
    /// By van.
    pub(crate) halts: Vec<Vec<Halt>>,
    /// Which van's driver was shown a revision, and when.
    pub(crate) messages: Vec<(Moment, usize)>,
    pub(crate) revisions: Vec<Revision>,
    pub(crate) told: Vec<Told>,
    /// Which van each parcel was scanned into.
    pub(crate) loads: Vec<(ParcelRef, usize)>,
    pub(crate) samples: Vec<Sample>,
    /// Moments for which a sample is wanted, in order.
    pub(super) wanted: VecDeque<Moment>,
    /// By van: names of the stops to come.
    upcoming: Vec<Vec<String>>,
    told_last: BTreeMap<ParcelRef, Moment>,
}

impl Chronicle {
    pub(super) fn new(vans: usize) -> Chronicle {
        let (halts, upcoming) = (vec![Vec::new(); vans], vec![Vec::new(); vans]);
        Chronicle { halts, upcoming, ..Chronicle::default() }
    }

    /// A manifest was told of. O(its stops).
    pub(super) fn seen(&mut self, view: &ManifestView, at: Moment) {
        let after: Vec<String> = view.undone().map(|stop| stop.name.clone()).collect();
        let mut before = std::mem::replace(&mut self.upcoming[view.index], after.clone());
        before.retain(|name| !view.stops.iter().any(|stop| stop.done && stop.name == *name));
        if view.on_the_road && before != after {
            self.revisions.push(Revision { at, van: view.index, before, after });
        }
        for stop in view.undone() {
            self.note_told(stop);
        }
    }

    fn note_told(&mut self, stop: &PlannedStop) {
        let Some(expected) = stop.told else { return };
        let mut is_new = false;
        for parcel in &stop.parcels {
            is_new |= self.told_last.insert(*parcel, expected) != Some(expected);
        }
        if is_new {
            let parcels = stop.parcels.clone();
            self.told.push(Told::Arrival { parcels, expected });
        }
    }
}
