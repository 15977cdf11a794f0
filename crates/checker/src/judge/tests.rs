//! One planted fault of every kind is found, and nothing else with it; legal changes pass.

mod order;
mod places;
mod promises;
mod properties;
mod rules;
mod vans;

use swerve_model::{ParcelId, ShipmentId};

use crate::fixtures::{Town, parcel_id, shipment_id, three_vans};
use crate::{Flag, Violation};

/// What the judge says of `three_vans` after `change`.
fn judged(change: impl FnOnce(&mut Town)) -> Vec<Violation> {
    let before = three_vans();
    let mut after = before.clone();
    change(&mut after);
    before.judged(&after)
}

/// A fault that was not there before.
fn worse(flag: Flag) -> Violation {
    Violation::Worse { flag, before: None }
}

/// The one parcel of a shipment.
fn parcel(name: &str) -> (ShipmentId, ParcelId) {
    (shipment_id(name), parcel_id(&format!("{name}1")))
}
