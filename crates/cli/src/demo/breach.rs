//! Was it the engine that broke it?
//!
//! Vans are late because roads and doors are; that is nobody's plan. A promise is *broken by the
//! engine* when one change of the plan moves it: inside its windows as planned right before, outside
//! right after. The same for a parcel that is already in a van and is planned on another. Both are
//! judged from the plan as the API shows it, before and after, at one engine time.

use std::collections::{BTreeMap, BTreeSet};

use swerve_model::Moment;

use super::ledger::Promise;
use super::plan::{ManifestView, ParcelRef};

/// What a change of the plan did that no change may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Breach {
    /// Planned to be served outside its promise, and was not before.
    Promise { shipment: usize },
    /// It is in one van and planned on another.
    Custody { parcel: ParcelRef },
    /// It was planned and is not any more.
    Dropped { parcel: ParcelRef },
}

/// One side of a change.
pub(super) struct Side<'a> {
    pub(super) manifests: &'a [ManifestView],
    /// The promise to a shipment, by its place in the day.
    pub(super) promise: &'a dyn Fn(usize) -> Promise,
}

/// Holds the plan after a change against the plan before it; `after` has the manifests that changed.
///
/// Each breach once, in order. O(stops of the touched manifests log stops).
pub(super) fn breaches(
    before: &Side<'_>,
    after: &Side<'_>,
    holder: &dyn Fn(ParcelRef) -> Option<usize>,
) -> Vec<Breach> {
    let touched: BTreeSet<usize> = after.manifests.iter().map(|manifest| manifest.index).collect();
    let was = planned(before.manifests, |manifest| touched.contains(&manifest));
    let is = planned(after.manifests, |_| true);
    let mut found = BTreeSet::new();
    for (parcel, (manifest, start)) in &is {
        if holder(*parcel).is_some_and(|van| van != *manifest) {
            found.insert(Breach::Custody { parcel: *parcel });
        }
        let shipment = parcel.shipment;
        let promise = (after.promise)(shipment);
        let kept_before = was.get(parcel).is_none_or(|(_, start)| {
            let promise_before = (before.promise)(shipment);
            // A promise of this very change has to be kept by its own plan.
            promise_before != promise || promise_before.allows(*start)
        });
        if kept_before && !promise.allows(*start) {
            found.insert(Breach::Promise { shipment });
        }
    }
    let gone = was.keys().filter(|parcel| !is.contains_key(parcel));
    found.extend(gone.map(|parcel| Breach::Dropped { parcel: *parcel }));
    found.into_iter().collect()
}

/// Where and when each parcel is planned to be handed over.
fn planned(
    manifests: &[ManifestView],
    wanted: impl Fn(usize) -> bool,
) -> BTreeMap<ParcelRef, (usize, Moment)> {
    let mut planned = BTreeMap::new();
    for manifest in manifests.iter().filter(|manifest| wanted(manifest.index)) {
        for stop in manifest.undone() {
            let Some(eta) = stop.eta else { continue };
            for parcel in &stop.parcels {
                planned.insert(*parcel, (manifest.index, eta.expected));
            }
        }
    }
    planned
}

#[cfg(test)]
mod tests {
    use swerve_model::{LatLng, Ticks};

    use super::super::ledger::tests::{at, hours, parcel};
    use super::super::plan::{Interval, PlannedStop};
    use super::*;

    fn stop(shipment: usize, start: Moment) -> PlannedStop {
        let eta = Interval { expected: start, earliest: start, latest: start };
        PlannedStop {
            name: format!("manifests/m/stops/{shipment}"),
            point: "p".to_owned(),
            at: LatLng::new(0.0, 0.0).expect("on Earth"),
            parcels: vec![parcel(shipment)],
            done: false,
            windows: Vec::new(),
            eta: Some(eta),
            service: Ticks::ZERO,
            told: None,
        }
    }

    fn manifest(index: usize, stops: Vec<PlannedStop>) -> ManifestView {
        ManifestView {
            index,
            on_the_road: true,
            stops,
            revision: swerve_client::v1::PlanRevision::default(),
            acknowledged: 0,
        }
    }

    fn eight_to_ten(_: usize) -> Promise {
        Promise { point: "p".to_owned(), windows: vec![hours(8, 10)] }
    }

    fn judged(before: &[ManifestView], after: &[ManifestView]) -> Vec<Breach> {
        let before = Side { manifests: before, promise: &eight_to_ten };
        let after = Side { manifests: after, promise: &eight_to_ten };
        breaches(&before, &after, &|_| None)
    }

    #[test]
    fn a_promise_moved_out_of_its_window_is_broken_by_the_engine() {
        let before = [manifest(0, vec![stop(0, at(9, 0)), stop(1, at(9, 30))])];
        let after = [manifest(0, vec![stop(1, at(9, 0)), stop(0, at(10, 1))])];
        assert_eq!(judged(&before, &after), [Breach::Promise { shipment: 0 }]);
    }

    #[test]
    fn a_promise_that_was_late_already_or_stays_inside_is_not() {
        let before = [manifest(0, vec![stop(0, at(10, 5)), stop(1, at(8, 0))])];
        let after = [manifest(0, vec![stop(0, at(10, 30)), stop(1, at(10, 0))])];
        assert_eq!(judged(&before, &after), []);
    }

    #[test]
    fn a_new_promise_that_its_own_plan_misses_is_broken() {
        let before_plan = [manifest(0, vec![stop(0, at(11, 0))])];
        let after_plan = [manifest(0, vec![stop(0, at(13, 0))])];
        let new = |_| Promise { point: "p".to_owned(), windows: vec![hours(14, 16)] };
        let before = Side { manifests: &before_plan, promise: &eight_to_ten };
        let after = Side { manifests: &after_plan, promise: &new };
        assert_eq!(breaches(&before, &after, &|_| None), [Breach::Promise { shipment: 0 }]);
    }

    #[test]
    fn a_loaded_parcel_on_another_van_and_a_dropped_one_are_breaches() {
        let before_plan =
            [manifest(0, vec![stop(0, at(9, 0)), stop(1, at(9, 5))]), manifest(1, vec![])];
        let after_plan = [manifest(0, vec![]), manifest(1, vec![stop(0, at(9, 0))])];
        let before = Side { manifests: &before_plan, promise: &eight_to_ten };
        let after = Side { manifests: &after_plan, promise: &eight_to_ten };
        let in_van_0 = |_| Some(0);
        let found = breaches(&before, &after, &in_van_0);
        let custody = Breach::Custody { parcel: parcel(0) };
        assert_eq!(found, [custody, Breach::Dropped { parcel: parcel(1) }]);
    }

    #[test]
    fn manifests_the_change_did_not_touch_are_left_out() {
        let before = [manifest(0, vec![stop(0, at(9, 0))]), manifest(1, vec![stop(1, at(9, 0))])];
        let after = [manifest(0, vec![stop(0, at(9, 10))])];
        assert_eq!(judged(&before, &after), []);
    }
}
