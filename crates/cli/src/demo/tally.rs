//! What is counted while a day runs.

use std::collections::BTreeMap;

use swerve_model::{Moment, Ticks};

use super::breach::Breach;
use super::ledger::{Outcome, Visit};
use super::plan::{ParcelRef, PlannedStop};

/// A told arrival that moves by more is news to whoever waits.
const TOLD_MOVED: Ticks = Ticks::from_minutes(5);

/// One van's day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Driven {
    pub(crate) driving: Ticks,
    pub(crate) meters: i64,
    pub(crate) departed: Option<Moment>,
    pub(crate) back: Option<Moment>,
    /// Revisions its driver was shown while on the road.
    pub(crate) messages: u32,
}

/// An interval that was shown for a halt, to be held against when it really began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Forecast {
    van: usize,
    earliest: Moment,
    latest: Moment,
}

/// Intervals held against what happened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Coverage {
    pub(crate) intervals: u32,
    pub(crate) inside: u32,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    /// By manifest.
    pub(crate) driven: Vec<Driven>,
    /// Which manifest brought each parcel as the day was planned in the morning.
    pub(crate) planned_van: BTreeMap<ParcelRef, usize>,
    /// Arrivals told anew more than five minutes from what had been told.
    pub(crate) told_moved: u32,
    pub(crate) coverage: Coverage,
    pub(crate) breaches: Vec<(Moment, Breach)>,
    /// Real microseconds from a request to its durable answer.
    pub(crate) quote_micros: Vec<u64>,
    pub(crate) commit_micros: Vec<u64>,
    /// Revisions refused by their drivers.
    pub(crate) refused_revisions: u32,
    told: BTreeMap<ParcelRef, Moment>,
    forecasts: BTreeMap<ParcelRef, Vec<Forecast>>,
}

impl Tally {
    pub(crate) fn new(vans: usize) -> Tally {
        Tally { driven: vec![Driven::default(); vans], ..Tally::default() }
    }

    /// Takes note of what recipients at a stop are told now.
    pub(crate) fn told(&mut self, stop: &PlannedStop) {
        let Some(told) = stop.told else { return };
        let mut moved = false;
        for parcel in &stop.parcels {
            let before = self.told.insert(*parcel, told);
            moved |= before.is_some_and(|before| (told - before).abs() > TOLD_MOVED);
        }
        self.told_moved += u32::from(moved);
    }

    /// A new promise is told afresh, and what was forecast for the old one is void.
    pub(crate) fn promised_anew(&mut self, shipment: usize) {
        let of = ParcelRef { shipment, parcel: 0 }..ParcelRef { shipment: shipment + 1, parcel: 0 };
        for parcel in self.told.range(of.clone()).map(|(parcel, _)| *parcel).collect::<Vec<_>>() {
            self.told.remove(&parcel);
        }
        for parcel in self.forecasts.range(of).map(|(parcel, _)| *parcel).collect::<Vec<_>>() {
            self.forecasts.remove(&parcel);
        }
    }

    /// Takes note of the interval shown for a stop of a van; a halt is one forecast.
    pub(crate) fn forecast(&mut self, van: usize, stop: &PlannedStop) {
        if let (Some(eta), Some(first)) = (stop.eta, stop.parcels.first()) {
            let forecast = Forecast { van, earliest: eta.earliest, latest: eta.latest };
            self.forecasts.entry(*first).or_default().push(forecast);
        }
    }

    /// Holds what was forecast for this halt against when it began. What another van was to bring was
    /// another plan's forecast.
    pub(crate) fn visited(&mut self, visit: &Visit) {
        if visit.outcome == Outcome::NotReached {
            return;
        }
        for parcel in &visit.parcels {
            let forecasts = self.forecasts.remove(parcel).unwrap_or_default();
            for forecast in forecasts.iter().filter(|forecast| forecast.van == visit.van) {
                let inside = (forecast.earliest..=forecast.latest).contains(&visit.start);
                self.coverage.intervals += 1;
                self.coverage.inside += u32::from(inside);
            }
        }
    }
}

/// The value below which `share` of `values` lie (nearest rank); 0 where there are none.
pub(crate) fn percentile(values: &[u64], share: f64) -> u64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    let rank = (share * sorted.len() as f64).ceil().max(1.0) as usize;
    sorted.get(rank - 1).or(sorted.last()).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use swerve_model::LatLng;

    use super::super::ledger::tests::{at, parcel};
    use super::super::plan::Interval;
    use super::*;

    fn stop(shipment: usize, told: Moment, spread: i64) -> PlannedStop {
        let earliest = told - Ticks::from_minutes(spread);
        let latest = told + Ticks::from_minutes(spread);
        PlannedStop {
            name: String::new(),
            point: String::new(),
            at: LatLng::new(0.0, 0.0).expect("on Earth"),
            parcels: vec![parcel(shipment)],
            done: false,
            windows: Vec::new(),
            service: Ticks::ZERO,
            eta: Some(Interval { expected: told, earliest, latest }),
            told: Some(told),
        }
    }

    fn visit(shipment: usize, van: usize, start: Moment) -> Visit {
        Visit { van, start, outcome: Outcome::Delivered, parcels: vec![parcel(shipment)] }
    }

    #[test]
    fn a_told_arrival_counts_as_moved_beyond_five_minutes_of_what_was_told_last() {
        let mut tally = Tally::new(1);
        for minute in [0, 5, 10, 16, 10] {
            tally.told(&stop(0, at(9, minute), 0));
        }
        assert_eq!(tally.told_moved, 2);
        tally.promised_anew(0);
        tally.told(&stop(0, at(15, 0), 0));
        assert_eq!(tally.told_moved, 2);
    }

    #[test]
    fn a_forecast_counts_only_for_the_van_and_the_promise_it_was_made_for() {
        let mut tally = Tally::new(2);
        for shipment in 0..4 {
            tally.forecast(0, &stop(shipment, at(9, 0), 10));
        }
        tally.promised_anew(3);
        tally.visited(&visit(0, 0, at(9, 10)));
        tally.visited(&visit(1, 0, at(9, 11)));
        tally.visited(&visit(2, 1, at(9, 0)));
        tally.visited(&visit(3, 0, at(9, 0)));
        assert_eq!(tally.coverage, Coverage { intervals: 2, inside: 1 });
    }

    #[test]
    fn percentiles_are_values_that_occurred() {
        let values: Vec<u64> = (1..=100).rev().collect();
        assert_eq!(percentile(&values, 0.5), 50);
        assert_eq!(percentile(&values, 0.99), 99);
        assert_eq!(percentile(&[7], 0.99), 7);
        assert_eq!(percentile(&[], 0.5), 0);
    }
}
