//! A van's way through a day, driven again from nothing but the halts it makes and the truth.
//!
//! What the simulator wrote down is not believed: times, distances and who was there follow from the
//! order of halts alone. The same function drives what other planners propose, so that everybody's
//! plan meets the same roads and doors.

use std::sync::Arc;

use swerve_model::{Moment, Ticks, TimeWindow, TravelTimes as _, window};
use swerve_scenario::truth::{Expectation, Key};

use crate::demo::atlas::Site;
use crate::demo::ledger::{Outcome, Promise};
use crate::demo::plan::{ParcelRef, shipments_of};
use crate::demo::scene::Scene;
use crate::demo::vans::hand_over_key;

/// A halt to be made.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) site: Arc<Site>,
    /// Id of the delivery point.
    pub(super) point: String,
    /// None at a halt that turned out to be gone: the van goes on at once.
    pub(super) parcels: Vec<ParcelRef>,
    /// When the driver may start.
    pub(super) windows: Vec<TimeWindow>,
    pub(super) promises: Vec<(usize, Promise)>,
    /// What recipients are led to expect when the driver rings, by shipment; as promised, if it does not
    /// say.
    pub(super) expected: Vec<(usize, Expectation)>,
}

/// A halt as it came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Halted {
    pub(super) start: Moment,
    /// `None` where nothing was to be handed over any more.
    pub(super) outcome: Option<Outcome>,
}

/// A van's day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Way {
    pub(super) halts: Vec<Halted>,
    pub(super) driving: Ticks,
    pub(super) meters: i64,
    /// From leaving the depot to being back.
    pub(super) out: Ticks,
    pub(super) back: Moment,
}

/// Drives `calls` in order from the depot and back. A driver who could not serve the next one and be
/// back by the law's end of the shift goes home.
pub(super) fn drive(scene: &Scene, van: usize, departs: Moment, calls: &[Call]) -> Way {
    let manifest = &scene.day.manifests[van];
    let driver = Key::named(&manifest.driver);
    let hard_end = scene.calendar.moment(manifest.hard_end);
    let depot = scene.atlas.depot();
    let (mut at, mut now) = (depot, departs);
    let mut way = Way::default();
    for call in calls {
        let nominal = |from: &Site, to: &Site| scene.roads.leg(from.place, to.place, now);
        let service = nominal_service(&call.site, call.parcels.len());
        let there = nominal(at, &call.site);
        let by = now + there.duration() + service + nominal(&call.site, depot).duration();
        if by > hard_end {
            break;
        }
        let took = scene.truth.travel(there.duration(), at.key, call.site.key, driver, now);
        way.driving += took;
        way.meters += there.distance().0;
        (at, now) = (&call.site, now + took);
        if call.parcels.is_empty() {
            way.halts.push(Halted { start: now, outcome: None });
            continue;
        }
        let start = window::start_of_service(&call.windows, now).unwrap_or(now);
        let outcome = outcome(scene, call, start);
        let parcels = if outcome == Outcome::Delivered { call.parcels.len() } else { 0 };
        let key = hand_over_key(&scene.day, call.site.key, &shipments_of(&call.parcels));
        let nominal = nominal_service(&call.site, parcels);
        now = start + scene.truth.service(key, driver, nominal, call.site.kind);
        way.halts.push(Halted { start, outcome: Some(outcome) });
    }
    let home = scene.roads.leg(at.place, depot.place, now);
    let took = scene.truth.travel(home.duration(), at.key, depot.key, driver, now);
    way.driving += took;
    way.meters += home.distance().0;
    way.back = now + took;
    way.out = way.back - departs;
    let not_reached = Halted { start: now, outcome: Some(Outcome::NotReached) };
    way.halts.resize(calls.len(), not_reached);
    way
}

pub(super) fn nominal_service(site: &Site, parcels: usize) -> Ticks {
    Ticks::from_seconds(i64::from(site.service.total(parcels as u32)))
}

/// Lockers and shops always take what comes while they are open; at a door one of its recipients is
/// enough.
fn outcome(scene: &Scene, call: &Call, start: Moment) -> Outcome {
    if call.site.is_closed(start) {
        return Outcome::Closed;
    }
    let is_absent = |shipment: &usize| {
        let key = Key::named(&scene.day.shipments[*shipment].id);
        let told = call.expected.iter().find(|(of, _)| of == shipment);
        let expectation = told.map_or(Expectation::AsPromised, |(_, expectation)| *expectation);
        scene.truth.absent(key, 0, expectation)
    };
    let nobody = shipments_of(&call.parcels).iter().all(is_absent);
    if nobody && !call.site.kind.is_pickup() { Outcome::Absent } else { Outcome::Delivered }
}
