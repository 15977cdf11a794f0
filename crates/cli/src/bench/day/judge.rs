//! What a day cost, whom it served, and how often it changed its mind.
//!
//! Everything is reckoned from the halts each van made, driven again ([`super::again`]), and from
//! what people were told. The record's own times are only held against it: where they differ, that
//! is a fault of the record, and named.

use std::collections::BTreeMap;

use serde::Serialize;
use swerve_model::{Moment, Ticks};
use swerve_policy::Prices;

use super::again::{self, Call, Way};
use crate::demo::chronicle::{Chronicle, Halt, Revision, Told};
use crate::demo::ledger::Outcome;
use crate::demo::plan::ParcelRef;
use crate::demo::run::Record;
use crate::demo::scene::Scene;

/// Stops to come that a driver has in mind.
const NEXT_STOPS: usize = 10;
/// An arrival told anew by more than this is news.
const TOLD_MOVED: Ticks = Ticks::from_minutes(5);
const HOUR: Ticks = Ticks::from_hours(1);
/// Faults told by words; one is too many.
const FAULTS_TOLD: usize = 10;

/// What a day costs, in the day's currency, and what for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub(super) struct Bill {
    /// Vans and drivers from leaving to being back.
    pub(super) paid_time: f64,
    /// Of that, at the wheel.
    pub(super) driving: f64,
    pub(super) distance: f64,
    pub(super) overtime: f64,
    /// After the last promised close, by the minute.
    pub(super) lateness: f64,
    pub(super) total: f64,
    pub(super) per_parcel: f64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Service {
    /// Parcels handed over today, of so many.
    pub(super) delivered: u32,
    pub(super) parcels: u32,
    pub(super) absent: u32,
    pub(super) closed: u32,
    pub(super) not_reached: u32,
    /// Shipments all of whose parcels came as promised then, and the others.
    pub(super) promises_kept: u32,
    pub(super) promises_broken: u32,
}

/// What changes of the plan asked of people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub(super) struct Disturbance {
    /// Times the list of a driver on the road changed.
    pub(super) revisions: u32,
    /// Places among the next ten stops where another stop stands than before, a revision on average.
    pub(super) positions_per_revision: f64,
    pub(super) positions: u32,
    /// Revisions drivers were shown, an hour on the road; and the most any had within an hour.
    pub(super) messages_per_hour: f64,
    pub(super) messages_in_an_hour_max: u32,
    /// Times an arrival was told anew by more than five minutes, in all and for a hundred parcels.
    pub(super) told_moved: u32,
    pub(super) told_moved_per_hundred: f64,
    /// Parcels scanned into one van and handed over by another, or scanned into two. Must be 0.
    pub(super) loaded_changed_van: u32,
}

/// A day judged.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(super) struct Verdict {
    pub(super) bill: Bill,
    pub(super) service: Service,
    pub(super) km: f64,
    pub(super) hours_out: f64,
}

/// One van's plan for a day.
#[derive(Clone, Debug)]
pub(super) struct VanCalls {
    pub(super) departs: Moment,
    pub(super) calls: Vec<Call>,
}

/// What the vans of a record did; a van that never left has no calls.
pub(super) fn calls_of(record: &Record) -> Vec<Option<VanCalls>> {
    let call = |halt: &Halt| Call {
        site: halt.site.clone(),
        point: halt.point.clone(),
        parcels: halt.parcels.clone(),
        windows: halt.windows.clone(),
        promises: halt.promises.clone(),
        expected: halt.expected.clone(),
    };
    let of_van = |(driven, halts): (&crate::demo::tally::Driven, &Vec<Halt>)| {
        let departs = driven.departed?;
        Some(VanCalls { departs, calls: halts.iter().map(call).collect() })
    };
    record.tally.driven.iter().zip(&record.chronicle.halts).map(of_van).collect()
}

/// Drives every van's calls and adds up.
pub(super) fn judge(scene: &Scene, vans: &[Option<VanCalls>]) -> (Verdict, Vec<Way>) {
    let (mut sum, mut ways) = (Sum::new(scene), Vec::new());
    for (van, plan) in vans.iter().enumerate() {
        let Some(plan) = plan else {
            ways.push(Way::default());
            continue;
        };
        let way = again::drive(scene, van, plan.departs, &plan.calls);
        sum.add(scene, van, &plan.calls, &way);
        ways.push(way);
    }
    (sum.verdict(scene), ways)
}

/// Where the record says otherwise than driving it again does; empty is what is wanted.
pub(super) fn contradictions(scene: &Scene, record: &Record, ways: &[Way]) -> Vec<String> {
    let mut faults = Vec::new();
    for (van, way) in ways.iter().enumerate() {
        let name = &scene.day.manifests[van].id;
        let clock = |moment| scene.calendar.clock(moment);
        for (halt, again) in record.chronicle.halts[van].iter().zip(&way.halts) {
            let reached = again.outcome != Some(Outcome::NotReached);
            if halt.outcome != again.outcome || reached && halt.start != again.start {
                let (said, found) =
                    ((halt.outcome, clock(halt.start)), (again.outcome, clock(again.start)));
                faults.push(format!(
                    "{name} at {}: {said:?} is written, {found:?} driven",
                    halt.point
                ));
            }
        }
        let back = record.tally.driven[van].back;
        if back.is_some_and(|back| back != way.back) {
            faults.push(format!("{name} is back at {} and not as written", clock(way.back)));
        }
    }
    faults.truncate(FAULTS_TOLD);
    faults
}

/// What is added up over vans.
struct Sum {
    bill: Bill,
    service: Service,
    meters: i64,
    out: Ticks,
    /// Parcels of each shipment that came as promised.
    kept: Vec<u32>,
}

impl Sum {
    fn new(scene: &Scene) -> Sum {
        let kept = vec![0; scene.day.shipments.len()];
        let (bill, service) = Default::default();
        Sum { bill, service, meters: 0, out: Ticks::ZERO, kept }
    }

    fn add(&mut self, scene: &Scene, van: usize, calls: &[Call], way: &Way) {
        let manifest = &scene.day.manifests[van];
        let vehicle = scene.day.vehicles.iter().find(|one| one.id == manifest.vehicle);
        let units = |micros: i64| micros as f64 / 1e6;
        let (hour, km) = vehicle.map_or((0.0, 0.0), |vehicle| {
            (units(vehicle.cost_per_hour_micros), units(vehicle.cost_per_km_micros))
        });
        let prices = Prices::default();
        let overtime = (way.back - scene.calendar.moment(manifest.shift_end)).max(Ticks::ZERO);
        self.bill.paid_time += way.out.as_hours_f64() * hour;
        self.bill.driving += way.driving.as_hours_f64() * hour;
        self.bill.distance += way.meters as f64 / 1e3 * km;
        self.bill.overtime += overtime.as_hours_f64() * prices.overtime_hour.as_units_f64();
        self.meters += way.meters;
        self.out += way.out;
        for (call, halted) in calls.iter().zip(&way.halts) {
            let Some(outcome) = halted.outcome else { continue };
            self.count(call, outcome);
            if matches!(outcome, Outcome::Delivered | Outcome::Absent) {
                self.hold(call, halted.start, prices.late_minute.as_units_f64());
            }
        }
    }

    fn count(&mut self, call: &Call, outcome: Outcome) {
        let halts = match outcome {
            Outcome::Delivered => {
                self.service.delivered += call.parcels.len() as u32;
                return;
            }
            Outcome::Absent => &mut self.service.absent,
            Outcome::Closed => &mut self.service.closed,
            Outcome::NotReached => &mut self.service.not_reached,
        };
        *halts += 1;
    }

    /// Holds a start of service against what was promised: each promise once a halt.
    fn hold(&mut self, call: &Call, start: Moment, late_minute: f64) {
        for (shipment, promise) in &call.promises {
            let of_it = call.parcels.iter().filter(|parcel| parcel.shipment == *shipment);
            if promise.point == call.point && promise.allows(start) {
                self.kept[*shipment] += of_it.count() as u32;
            }
            let close = promise.windows.last().map_or(start, |last| last.close());
            let late = (start - close).max(Ticks::ZERO).as_hours_f64() * 60.0;
            self.bill.lateness += late * late_minute;
        }
    }

    fn verdict(mut self, scene: &Scene) -> Verdict {
        for (shipment, kept) in scene.day.shipments.iter().zip(&self.kept) {
            let whole = *kept as usize == shipment.parcels.len();
            self.service.promises_kept += u32::from(whole);
            self.service.promises_broken += u32::from(!whole);
            self.service.parcels += shipment.parcels.len() as u32;
        }
        let bill = &mut self.bill;
        bill.total = bill.paid_time + bill.distance + bill.overtime + bill.lateness;
        bill.per_parcel = bill.total / f64::from(self.service.delivered.max(1));
        Verdict {
            bill: self.bill,
            service: self.service,
            km: self.meters as f64 / 1e3,
            hours_out: self.out.as_hours_f64(),
        }
    }
}

/// What changes of the plan asked of people; `hours` is the time all vans were out.
pub(super) fn disturbance(chronicle: &Chronicle, delivered: u32, hours: f64) -> Disturbance {
    let positions: u32 = chronicle.revisions.iter().map(positions_changed).sum();
    let revisions = chronicle.revisions.len() as u32;
    let told_moved = told_moved(&chronicle.told);
    Disturbance {
        revisions,
        positions_per_revision: f64::from(positions) / f64::from(revisions.max(1)),
        positions,
        messages_per_hour: chronicle.messages.len() as f64 / hours.max(1e-9),
        messages_in_an_hour_max: messages_in_an_hour(&chronicle.messages),
        told_moved,
        told_moved_per_hundred: 100.0 * f64::from(told_moved) / f64::from(delivered.max(1)),
        loaded_changed_van: loaded_changed_van(chronicle),
    }
}

fn positions_changed(revision: &Revision) -> u32 {
    let next = |stops: &[String], place: usize| stops.get(place).cloned();
    let differs = |place: &usize| next(&revision.before, *place) != next(&revision.after, *place);
    (0..NEXT_STOPS).filter(differs).count() as u32
}

/// The most messages to one driver that lie within an hour.
fn messages_in_an_hour(messages: &[(Moment, usize)]) -> u32 {
    let mut of_van: BTreeMap<usize, Vec<Moment>> = BTreeMap::new();
    for (at, van) in messages {
        of_van.entry(*van).or_default().push(*at);
    }
    let busiest = |moments: &Vec<Moment>| {
        let within = |first: &Moment| {
            moments.iter().filter(|at| (*first..*first + HOUR).contains(*at)).count() as u32
        };
        moments.iter().map(within).max().unwrap_or(0)
    };
    of_van.values().map(busiest).max().unwrap_or(0)
}

fn told_moved(told: &[Told]) -> u32 {
    let mut last: BTreeMap<ParcelRef, Moment> = BTreeMap::new();
    let mut moved = 0;
    for told in told {
        match told {
            Told::PromisedAnew { shipment } => last.retain(|one, _| one.shipment != *shipment),
            Told::Arrival { parcels, expected } => {
                let mut is_moved = false;
                for parcel in parcels {
                    let before = last.insert(*parcel, *expected);
                    is_moved |=
                        before.is_some_and(|before| (*expected - before).abs() > TOLD_MOVED);
                }
                moved += u32::from(is_moved);
            }
        }
    }
    moved
}

fn loaded_changed_van(chronicle: &Chronicle) -> u32 {
    let mut van_of: BTreeMap<ParcelRef, usize> = BTreeMap::new();
    let mut changed = std::collections::BTreeSet::new();
    let halts = chronicle.halts.iter().enumerate().flat_map(|(van, halts)| {
        halts.iter().flat_map(move |halt| halt.parcels.iter().map(move |parcel| (*parcel, van)))
    });
    for (parcel, van) in chronicle.loads.iter().copied().chain(halts) {
        if *van_of.entry(parcel).or_insert(van) != van {
            changed.insert(parcel);
        }
    }
    changed.len() as u32
}

#[cfg(test)]
mod tests;
