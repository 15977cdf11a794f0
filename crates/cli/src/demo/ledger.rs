//! The simulator's own book: what was promised, who holds what, and what came of it.
//!
//! Nothing here is read back from the server when a promise is judged. What recipients were answered
//! is written down when they are answered, what was handed over when it is handed over, and at the
//! end the two are held against each other, and against what the server says.

use std::collections::BTreeMap;

use swerve_client::v1;
use swerve_model::{Moment, TimeWindow};
use swerve_scenario::Day;
use swerve_scenario::truth::Expectation;

use super::calendar::Calendar;
use super::plan::ParcelRef;
use super::wire;

/// What a recipient was told, binding: service starts inside one of the windows, at the point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Promise {
    /// Id of the delivery point.
    pub(crate) point: String,
    pub(crate) windows: Vec<TimeWindow>,
}

impl Promise {
    pub(crate) fn read(promise: v1::Promise) -> anyhow::Result<Promise> {
        let point = wire::id_of(&promise.delivery_point, "deliveryPoints")?.to_owned();
        Ok(Promise { point, windows: wire::windows_in(promise.windows)? })
    }

    pub(crate) fn allows(&self, start: Moment) -> bool {
        self.windows.iter().any(|window| window.contains(start))
    }
}

/// What came of the attempt to hand a parcel over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Outcome {
    Delivered,
    /// The van was there; the recipient was not.
    Absent,
    /// The van was there after the gate had closed.
    Closed,
    /// The van was sent there and never came: its shift was over.
    NotReached,
}

/// One parcel's day.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct ParcelEntry {
    /// The van it was scanned into.
    pub(crate) aboard: Option<usize>,
    /// What came of it, when service began, and whether that kept the promise in force then.
    pub(crate) outcome: Option<(Outcome, Moment)>,
    pub(crate) kept: bool,
    /// Id of the point where the van stood then.
    pub(crate) point: Option<String>,
    /// Scanned back at the depot.
    pub(crate) returned: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct ShipmentEntry {
    pub(crate) promise: Promise,
    pub(crate) expectation: Expectation,
    pub(crate) parcels: Vec<ParcelEntry>,
}

/// One halt of one van, as it was.
#[derive(Clone, Debug)]
pub(crate) struct Visit {
    pub(crate) van: usize,
    pub(crate) start: Moment,
    pub(crate) outcome: Outcome,
    pub(crate) parcels: Vec<ParcelRef>,
}

#[derive(Clone, Debug)]
pub(crate) struct Ledger {
    pub(crate) shipments: Vec<ShipmentEntry>,
    pub(crate) visits: Vec<Visit>,
}

impl Ledger {
    pub(crate) fn new(day: &Day, calendar: &Calendar) -> Ledger {
        let entry = |shipment: &swerve_scenario::day::Shipment| ShipmentEntry {
            promise: Promise {
                point: shipment.point.clone(),
                windows: calendar.windows(&shipment.promise),
            },
            expectation: Expectation::AsPromised,
            parcels: vec![ParcelEntry::default(); shipment.parcels.len()],
        };
        Ledger { shipments: day.shipments.iter().map(entry).collect(), visits: Vec::new() }
    }

    pub(crate) fn parcel(&self, parcel: ParcelRef) -> &ParcelEntry {
        &self.shipments[parcel.shipment].parcels[parcel.parcel]
    }

    fn parcel_mut(&mut self, parcel: ParcelRef) -> &mut ParcelEntry {
        &mut self.shipments[parcel.shipment].parcels[parcel.parcel]
    }

    /// Scanned into a van.
    pub(crate) fn load(&mut self, parcel: ParcelRef, van: usize) {
        self.parcel_mut(parcel).aboard = Some(van);
    }

    /// The van that has it, while nothing has come of it.
    pub(crate) fn holder(&self, parcel: ParcelRef) -> Option<usize> {
        let entry = self.parcel(parcel);
        entry.aboard.filter(|_| entry.outcome.is_none())
    }

    /// The van that has it, of all parcels nothing has come of.
    pub(crate) fn aboard(&self) -> BTreeMap<ParcelRef, usize> {
        let all = self.shipments.iter().enumerate().flat_map(|(shipment, entry)| {
            (0..entry.parcels.len()).map(move |parcel| ParcelRef { shipment, parcel })
        });
        all.filter_map(|parcel| Some((parcel, self.holder(parcel)?))).collect()
    }

    /// Whether anything of it is still to come.
    pub(crate) fn is_open(&self, shipment: usize) -> bool {
        self.shipments[shipment].parcels.iter().any(|parcel| parcel.outcome.is_none())
    }

    /// Whether any of what is still to come is in a van.
    pub(crate) fn is_loaded(&self, shipment: usize) -> bool {
        let open = self.shipments[shipment].parcels.iter().filter(|p| p.outcome.is_none());
        open.into_iter().any(|parcel| parcel.aboard.is_some())
    }

    /// Writes down a halt. A promise is kept when service starts inside it, at its point: whether the
    /// recipient opened is theirs, that a gate was closed is the carrier's.
    pub(crate) fn visit(&mut self, point: &str, visit: Visit) {
        for parcel in &visit.parcels {
            let promise = &self.shipments[parcel.shipment].promise;
            let came = matches!(visit.outcome, Outcome::Delivered | Outcome::Absent);
            let kept = came && promise.point == point && promise.allows(visit.start);
            let entry = self.parcel_mut(*parcel);
            entry.outcome = Some((visit.outcome, visit.start));
            entry.kept = kept;
            entry.point = Some(point.to_owned());
        }
        self.visits.push(visit);
    }

    /// What is in a van that came home is back.
    pub(crate) fn returned(&mut self, van: usize) -> Vec<ParcelRef> {
        let mut back = Vec::new();
        for (shipment, entry) in self.shipments.iter_mut().enumerate() {
            for (parcel, entry) in entry.parcels.iter_mut().enumerate() {
                let delivered = matches!(entry.outcome, Some((Outcome::Delivered, _)));
                if entry.aboard == Some(van) && !delivered && !entry.returned {
                    entry.returned = true;
                    back.push(ParcelRef { shipment, parcel });
                }
            }
        }
        back
    }

    /// Whether all of a shipment came as was promised when it came.
    pub(crate) fn is_kept(&self, shipment: usize) -> bool {
        self.shipments[shipment].parcels.iter().all(|parcel| parcel.kept)
    }

    /// Promises kept and broken.
    pub(crate) fn promises(&self) -> (u32, u32) {
        let kept = (0..self.shipments.len()).filter(|shipment| self.is_kept(*shipment)).count();
        (kept as u32, (self.shipments.len() - kept) as u32)
    }
}

/// What wishes did to promises, over the same day with the same truth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Harm {
    /// Kept without wishes, broken with them.
    pub(crate) harmed: u32,
    /// Broken without wishes, kept with them.
    pub(crate) helped: u32,
}

impl Harm {
    /// Both ledgers are of the same day.
    pub(crate) fn between(with: &Ledger, without: &Ledger) -> Harm {
        let mut harm = Harm::default();
        for shipment in 0..with.shipments.len() {
            match (without.is_kept(shipment), with.is_kept(shipment)) {
                (true, false) => harm.harmed += 1,
                (false, true) => harm.helped += 1,
                _ => {}
            }
        }
        harm
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::demo) fn hours(open: i64, close: i64) -> TimeWindow {
        let hour = |hour: i64| Moment::from_unix_seconds(hour * 3_600);
        TimeWindow::new(hour(open), hour(close)).expect("open before close")
    }

    pub(in crate::demo) fn at(hour: i64, minute: i64) -> Moment {
        Moment::from_unix_seconds(hour * 3_600 + minute * 60)
    }

    /// Shipments of one parcel each, promised from eight to ten at point `p`.
    pub(in crate::demo) fn ledger_of(shipments: usize) -> Ledger {
        let entry = ShipmentEntry {
            promise: Promise { point: "p".to_owned(), windows: vec![hours(8, 10)] },
            expectation: Expectation::AsPromised,
            parcels: vec![ParcelEntry::default()],
        };
        Ledger { shipments: vec![entry; shipments], visits: Vec::new() }
    }

    pub(in crate::demo) fn parcel(shipment: usize) -> ParcelRef {
        ParcelRef { shipment, parcel: 0 }
    }

    fn visited(ledger: &mut Ledger, shipment: usize, point: &str, start: Moment, outcome: Outcome) {
        let parcels = vec![parcel(shipment)];
        ledger.visit(point, Visit { van: 0, start, outcome, parcels });
    }

    #[test]
    fn a_promise_is_kept_by_being_there_in_time_whether_or_not_anyone_opens() {
        let mut ledger = ledger_of(6);
        visited(&mut ledger, 0, "p", at(8, 0), Outcome::Delivered);
        visited(&mut ledger, 1, "p", at(10, 0), Outcome::Absent);
        visited(&mut ledger, 2, "p", at(10, 1), Outcome::Delivered);
        visited(&mut ledger, 3, "q", at(9, 0), Outcome::Delivered);
        visited(&mut ledger, 4, "p", at(9, 0), Outcome::Closed);
        let kept: Vec<bool> = (0..6).map(|shipment| ledger.is_kept(shipment)).collect();
        // The last was never visited.
        assert_eq!(kept, [true, true, false, false, false, false]);
        assert_eq!(ledger.promises(), (2, 4));
    }

    #[test]
    fn a_promise_is_judged_as_it_stood_when_the_van_came() {
        let mut ledger = ledger_of(1);
        visited(&mut ledger, 0, "p", at(9, 0), Outcome::Delivered);
        ledger.shipments[0].promise.windows = vec![hours(14, 16)];
        assert!(ledger.is_kept(0));
    }

    #[test]
    fn all_parcels_of_a_shipment_must_come_in_time() {
        let mut ledger = ledger_of(1);
        ledger.shipments[0].parcels.push(ParcelEntry::default());
        visited(&mut ledger, 0, "p", at(9, 0), Outcome::Delivered);
        assert!(!ledger.is_kept(0) && ledger.is_open(0));
        let parcels = vec![ParcelRef { shipment: 0, parcel: 1 }];
        let second = Visit { van: 1, start: at(9, 30), outcome: Outcome::Delivered, parcels };
        ledger.visit("p", second);
        assert!(ledger.is_kept(0) && !ledger.is_open(0));
    }

    #[test]
    fn what_was_not_handed_over_comes_back_once() {
        let mut ledger = ledger_of(3);
        for shipment in 0..3 {
            ledger.load(parcel(shipment), usize::from(shipment == 2));
        }
        visited(&mut ledger, 0, "p", at(9, 0), Outcome::Delivered);
        visited(&mut ledger, 1, "p", at(9, 0), Outcome::Absent);
        assert_eq!(ledger.returned(0), [parcel(1)]);
        assert_eq!(ledger.returned(0), []);
        assert_eq!(ledger.holder(parcel(2)), Some(1));
        assert_eq!(ledger.holder(parcel(1)), None);
    }

    #[test]
    fn harm_is_what_was_kept_without_wishes_and_broken_with_them() {
        let (mut with, mut without) = (ledger_of(4), ledger_of(4));
        let good = |ledger: &mut Ledger, s| visited(ledger, s, "p", at(9, 0), Outcome::Delivered);
        let late = |ledger: &mut Ledger, s| visited(ledger, s, "p", at(11, 0), Outcome::Delivered);
        good(&mut with, 0);
        late(&mut with, 1);
        good(&mut with, 2);
        late(&mut with, 3);
        good(&mut without, 0);
        good(&mut without, 1);
        late(&mut without, 2);
        late(&mut without, 3);
        assert_eq!(Harm::between(&with, &without), Harm { harmed: 1, helped: 1 });
    }
}
