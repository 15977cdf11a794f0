//! Planted faults of place: parcels lost, doubled, taken from elsewhere and thrown off (I1).

use swerve_model::Custody;

use super::{judged, parcel};
use crate::Violation;
use crate::fixtures::*;

#[test]
fn a_lost_parcel_is_found() {
    let (shipment, parcel) = parcel("e");
    let found = judged(|town| drop(town.take("m2", "s-e")));
    assert_eq!(found, [Violation::ParcelLost { shipment, parcel }]);
}

#[test]
fn a_parcel_in_two_places_is_found() {
    let found = judged(|town| {
        let mut stop = town.stop(&["e"]);
        stop.id = stop_id("s-again");
        town.put("m3", 1, stop);
    });
    let (shipment, parcel) = parcel("e");
    assert_eq!(found, [Violation::ParcelTwice { shipment, parcel, places: 2 }]);

    // Planned and unassigned is two places too.
    let found = judged(|town| town.unassigned.push(self::parcel("e")));
    let (shipment, parcel) = self::parcel("e");
    assert_eq!(found, [Violation::ParcelTwice { shipment, parcel, places: 2 }]);
}

#[test]
fn a_parcel_taken_from_a_manifest_that_is_not_shown_is_found() {
    let mut before = three_vans();
    // `h` is on `m3`, which neither side shows.
    let hidden = before.manifests.remove(&manifest_id("m3"));
    assert!(hidden.is_some());
    let mut after = before.clone();
    let stop = after.stop(&["h"]);
    after.put("m2", 0, stop);
    let (shipment, parcel) = parcel("h");
    assert_eq!(before.judged(&after), [Violation::ParcelFromNowhere { shipment, parcel }]);
}

#[test]
fn a_parcel_that_is_closed_is_not_unassigned() {
    let found = judged(|town| {
        let stop = town.take("m2", "s-e");
        town.custody("e", Custody::Cancelled);
        town.unassign(&stop);
    });
    let (shipment, parcel) = parcel("e");
    assert_eq!(found, [Violation::ParcelClosed { shipment, parcel }]);
}

#[test]
fn another_recipients_parcel_is_not_thrown_off() {
    let found = judged(|town| {
        let stop = town.take("m2", "s-e");
        town.unassign(&stop);
    });
    let (shipment, parcel) = parcel("e");
    assert_eq!(found, [Violation::ParcelDropped { shipment, parcel }]);
}
