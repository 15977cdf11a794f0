//! From a run's books to its figures.

use std::collections::BTreeMap;

use swerve_policy::Prices;
use swerve_scenario::Day;

use super::figures::{
    DisturbanceFigures, Granted, HarmFigures, LatencyFigures, OperationFigures, ParcelFigures,
    PromiseFigures, RunFigures, StopFigures, WishFigures,
};
use super::ledger::{Harm, Ledger, Outcome};
use super::run::Record;
use super::scene::Scene;
use super::tally::{Driven, Tally, percentile};
use super::wishes::{Fate, WishEntry};

pub(super) fn run(scene: &Scene, record: &Record) -> RunFigures {
    let stops = stops(&record.ledger);
    let parcels = parcels(&record.ledger);
    let (kept, broken) = record.ledger.promises();
    let broken_by_engine = record.tally.breaches.len() as u32;
    RunFigures {
        stops,
        parcels,
        promises: PromiseFigures { kept, broken, broken_by_engine },
        wishes: wishes(&record.wishes),
        operation: operation(scene, &record.tally, &stops, &parcels),
        disturbance: disturbance(record),
        latency: latency(&record.tally),
        lost: record.losses.clone(),
    }
}

pub(super) fn stops(ledger: &Ledger) -> StopFigures {
    let of = |outcome| ledger.visits.iter().filter(|v| v.outcome == outcome).count() as u32;
    let (absent, closed) = (of(Outcome::Absent), of(Outcome::Closed));
    let served = of(Outcome::Delivered) + absent + closed;
    let not_reached = of(Outcome::NotReached) + never_planned(ledger);
    let planned = served + not_reached;
    let served_share = share(served, planned);
    StopFigures { planned, served, served_share, absent, closed, not_reached }
}

/// Shipments with parcels that no van was ever sent with: each would have been a halt.
fn never_planned(ledger: &Ledger) -> u32 {
    (0..ledger.shipments.len()).filter(|shipment| ledger.is_open(*shipment)).count() as u32
}

pub(super) fn parcels(ledger: &Ledger) -> ParcelFigures {
    let mut figures = ParcelFigures::default();
    for parcel in ledger.shipments.iter().flat_map(|shipment| &shipment.parcels) {
        match (parcel.outcome, parcel.aboard) {
            (Some((Outcome::Delivered, _)), _) => figures.delivered += 1,
            (_, Some(_)) => figures.returned += 1,
            (_, None) => figures.left += 1,
        }
    }
    figures
}

pub(crate) fn wishes(entries: &[WishEntry]) -> WishFigures {
    let mut figures = WishFigures::default();
    for entry in entries.iter().filter(|entry| entry.is_asked()) {
        figures.asked += 1;
        let granted = entry.is_granted();
        let custody = entry.held.map_or("unknown", super::wishes::Held::name);
        count(&mut figures.by_kind, &entry.kind, granted);
        count(&mut figures.by_custody, custody, granted);
        figures.granted += u32::from(granted);
        figures.reverted += u32::from(entry.reverted);
        figures.withdrawn += u32::from(entry.withdrawn);
        match &entry.fate {
            Fate::Unasked | Fate::Thinking { .. } | Fate::Granted => {}
            Fate::Alternative => figures.alternatives_taken += u32::from(!entry.reverted),
            Fate::WalkedAway => figures.walked_away += 1,
            Fate::Refused { reason } => {
                figures.refused += 1;
                *figures.refused_by_reason.entry(reason.clone()).or_default() += 1;
            }
        }
    }
    figures.granted_share = share(figures.granted, figures.asked - figures.walked_away);
    figures
}

fn count(groups: &mut BTreeMap<String, Granted>, group: &str, granted: bool) {
    let group = groups.entry(group.to_owned()).or_default();
    group.asked += 1;
    group.granted += u32::from(granted);
}

/// What the vans did, and what bringing again tomorrow what failed today will take.
pub(super) fn operation(
    scene: &Scene,
    tally: &Tally,
    stops: &StopFigures,
    parcels: &ParcelFigures,
) -> OperationFigures {
    let mut day = OperationFigures::default();
    for (index, driven) in tally.driven.iter().enumerate() {
        add_van(&mut day, scene, index, driven);
    }
    with_second_trips(&day, stops, parcels)
}

/// What failed today is driven again tomorrow, each at this day's mean of a halt.
fn with_second_trips(
    day: &OperationFigures,
    stops: &StopFigures,
    parcels: &ParcelFigures,
) -> OperationFigures {
    let second_trips = stops.absent + stops.closed + stops.not_reached;
    let more = 1.0 + f64::from(second_trips) / f64::from(stops.served.max(1));
    let delivered = parcels.delivered + parcels.returned + parcels.left;
    OperationFigures {
        driving_hours: day.driving_hours * more,
        km: day.km * more,
        co2_kg: day.co2_kg * more,
        cost: day.cost * more,
        second_trips,
        cost_per_delivered_parcel: day.cost * more / f64::from(delivered.max(1)),
    }
}

fn add_van(day: &mut OperationFigures, scene: &Scene, index: usize, driven: &Driven) {
    let manifest = &scene.day.manifests[index];
    let Some(vehicle) = scene.day.vehicles.iter().find(|one| one.id == manifest.vehicle) else {
        return;
    };
    let (Some(departed), Some(back)) = (driven.departed, driven.back) else { return };
    let km = driven.meters as f64 / 1e3;
    let units = |micros: i64| micros as f64 / 1e6;
    let overtime = (back - scene.calendar.moment(manifest.shift_end)).as_hours_f64().max(0.0);
    day.driving_hours += driven.driving.as_hours_f64();
    day.km += km;
    day.co2_kg += km * vehicle.co2_grams_per_km as f64 / 1e3;
    day.cost += (back - departed).as_hours_f64() * units(vehicle.cost_per_hour_micros)
        + km * units(vehicle.cost_per_km_micros)
        + overtime * Prices::default().overtime_hour.as_units_f64();
}

fn disturbance(record: &Record) -> DisturbanceFigures {
    let Record { ledger, tally, .. } = record;
    let changed = |visit: &&super::ledger::Visit| {
        let planned = visit.parcels.iter().filter_map(|parcel| tally.planned_van.get(parcel));
        planned.into_iter().any(|van| *van != visit.van)
    };
    let hours: f64 = (tally.driven.iter())
        .filter_map(|driven| Some((driven.back? - driven.departed?).as_hours_f64()))
        .sum();
    let messages: u32 = tally.driven.iter().map(|driven| driven.messages).sum();
    DisturbanceFigures {
        stops_changed_van: ledger.visits.iter().filter(changed).count() as u32,
        told_moved: tally.told_moved,
        driver_messages_per_hour: f64::from(messages) / hours.max(1e-9),
        eta_coverage: share(tally.coverage.inside, tally.coverage.intervals),
        eta_intervals: tally.coverage.intervals,
    }
}

fn latency(tally: &Tally) -> LatencyFigures {
    let (quotes, commits) = (&tally.quote_micros, &tally.commit_micros);
    LatencyFigures {
        quotes: quotes.len() as u32,
        quote_p50_us: percentile(quotes, 0.5),
        quote_p99_us: percentile(quotes, 0.99),
        commits: commits.len() as u32,
        commit_p50_us: percentile(commits, 0.5),
        commit_p99_us: percentile(commits, 0.99),
    }
}

pub(super) fn harm(with: &Ledger, without: &Ledger) -> HarmFigures {
    let Harm { harmed, helped } = Harm::between(with, without);
    let harmed_share = share(harmed, with.shipments.len() as u32);
    HarmFigures { harmed, helped, harmed_share }
}

/// Shares of nothing are whole: what never had to be done is done.
fn share(part: u32, whole: u32) -> f64 {
    if whole == 0 { 1.0 } else { f64::from(part) / f64::from(whole) }
}

/// What the day holds, counted.
pub(super) fn parcel_count(day: &Day) -> u32 {
    day.shipments.iter().map(|shipment| shipment.parcels.len() as u32).sum()
}
