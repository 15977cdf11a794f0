//! Nothing acknowledged is lost: the simulator's book against what the server says at the end.
//!
//! Every change that was answered is there with the promises it made, every promise is the one last
//! told, and every parcel is in exactly one place: the one where it really is.

use std::collections::BTreeMap;

use swerve_client::{Client, names, v1};

use super::ledger::{Ledger, Outcome, ParcelEntry, Promise};
use super::plan::{ParcelRef, Register};
use super::run::Simulation;
use super::scene::Scene;
use super::stage::territory;
use super::wire;
use super::wishes::Commit;

/// Shipments and changes a page.
const PAGE: i32 = 500;
/// Named at most; more would say no more.
const LOSSES_NAMED_MAX: usize = 50;

impl Simulation<'_> {
    /// Everything that does not fit, in words; empty is what is wanted.
    ///
    /// # Errors
    /// The server cannot be read.
    pub(super) async fn losses(&self) -> anyhow::Result<Vec<String>> {
        let changes = all_changes(&self.callers.tms).await?;
        let shipments = all_shipments(&self.callers.tms).await?;
        let mut losses = lost_changes(&self.commits, &changes, &self.scene.register);
        losses.extend(lost_shipments(self.scene, &self.ledger, &shipments));
        losses.truncate(LOSSES_NAMED_MAX);
        Ok(losses)
    }
}

async fn all_changes(tms: &Client) -> anyhow::Result<Vec<v1::Change>> {
    let mut all = Vec::new();
    let mut page_token = String::new();
    loop {
        let (territory, shipment) = (territory(), String::new());
        let request = v1::ListChangesRequest { territory, shipment, page_size: PAGE, page_token };
        let page = tms.list_changes(request).await?;
        all.extend(page.changes);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return Ok(all);
        }
    }
}

async fn all_shipments(tms: &Client) -> anyhow::Result<Vec<v1::Shipment>> {
    let mut all = Vec::new();
    let mut page_token = String::new();
    loop {
        let request =
            v1::ListShipmentsRequest { territory: territory(), page_size: PAGE, page_token };
        let page = tms.list_shipments(request).await?;
        all.extend(page.shipments);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return Ok(all);
        }
    }
}

fn lost_changes(
    commits: &BTreeMap<String, Commit>,
    changes: &[v1::Change],
    register: &Register,
) -> Vec<String> {
    let known: BTreeMap<&str, &v1::Change> =
        changes.iter().map(|change| (change.name.as_str(), change)).collect();
    let lost = |(name, commit): (&String, &Commit)| {
        let Some(change) = known.get(name.as_str()) else {
            return Some(format!("{name} was acknowledged and is unknown"));
        };
        match Commit::read(commit.wish, change, register) {
            Ok(read) if read.promises == commit.promises => None,
            Ok(_) => Some(format!("{name} promises something else than was acknowledged")),
            Err(error) => Some(format!("{name}: {error:#}")),
        }
    };
    commits.iter().filter_map(lost).collect()
}

fn lost_shipments(scene: &Scene, ledger: &Ledger, shipments: &[v1::Shipment]) -> Vec<String> {
    let known: BTreeMap<&str, &v1::Shipment> =
        shipments.iter().map(|shipment| (shipment.name.as_str(), shipment)).collect();
    let mut lost = Vec::new();
    for (index, of) in scene.day.shipments.iter().enumerate() {
        let name = names::shipment(&of.id);
        match known.get(name.as_str()) {
            None => lost.push(format!("{name} is unknown")),
            Some(shipment) => {
                lost.extend(misplaced(scene, ledger, index, shipment));
                let told = &ledger.shipments[index].promise;
                let promise = shipment.promise.clone().map(Promise::read);
                if !matches!(&promise, Some(Ok(promise)) if promise == told) {
                    lost.push(format!("{name} is promised otherwise than was last told"));
                }
            }
        }
    }
    lost
}

/// Parcels of a shipment that are, for the server, not where they really are.
fn misplaced(scene: &Scene, ledger: &Ledger, shipment: usize, told: &v1::Shipment) -> Vec<String> {
    let mut faults = Vec::new();
    let entries = &ledger.shipments[shipment].parcels;
    for (parcel, entry) in entries.iter().enumerate() {
        let of = &scene.day.shipments[shipment];
        let name = names::parcel(&of.id, &of.parcels[parcel].id);
        let places: Vec<&v1::Parcel> = (told.parcels.iter())
            .filter(|one| {
                scene.register.parcel(&one.name).ok() == Some(ParcelRef { shipment, parcel })
            })
            .collect();
        match places.as_slice() {
            [place] if is_there(entry, place) => {}
            [place] => {
                let state = place.custody.as_ref().map(v1::Custody::state);
                faults.push(format!("{name} is {entry:?}, for the server {state:?}"));
            }
            places => faults.push(format!("{name} is listed {} times", places.len())),
        }
    }
    faults
}

/// Whether the server has a parcel where it is, and there alone: an ended one is on no stop.
fn is_there(entry: &ParcelEntry, told: &v1::Parcel) -> bool {
    use v1::custody::State;
    let Some(custody) = &told.custody else { return false };
    let delivered = matches!(entry.outcome, Some((Outcome::Delivered, _)));
    match custody.state() {
        State::Delivered => {
            let point = wire::id_of(&custody.delivery_point, "deliveryPoints").ok();
            delivered && point == entry.point.as_deref() && told.planned.is_none()
        }
        State::Returned => entry.returned && !delivered && told.planned.is_none(),
        State::AtDepot | State::Expected => entry.aboard.is_none() && told.planned.is_some(),
        State::Loaded | State::Cancelled | State::Unspecified => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::ledger::tests::at;
    use super::*;

    fn told(state: v1::custody::State, point: &str) -> v1::Parcel {
        let custody = v1::Custody {
            state: state.into(),
            delivery_point: format!("deliveryPoints/{point}"),
            ..Default::default()
        };
        v1::Parcel { custody: Some(custody), ..Default::default() }
    }

    #[test]
    fn a_parcel_must_be_where_it_is_and_nowhere_else() {
        use v1::custody::State;
        let delivered = ParcelEntry {
            aboard: Some(1),
            outcome: Some((Outcome::Delivered, at(9, 0))),
            kept: true,
            point: Some("p".to_owned()),
            returned: false,
        };
        assert!(is_there(&delivered, &told(State::Delivered, "p")));
        assert!(!is_there(&delivered, &told(State::Delivered, "q")));
        assert!(!is_there(&delivered, &told(State::Loaded, "p")));
        let still_planned = v1::parcel::Planned::Stop("manifests/m/stops/s".to_owned());
        let twice = v1::Parcel { planned: Some(still_planned), ..told(State::Delivered, "p") };
        assert!(!is_there(&delivered, &twice));
        let absent = Some((Outcome::Absent, at(9, 0)));
        let back = ParcelEntry { outcome: absent, returned: true, ..delivered };
        assert!(is_there(&back, &told(State::Returned, "")));
        assert!(!is_there(&back, &told(State::Delivered, "p")));
        let left = ParcelEntry::default();
        assert!(!is_there(&left, &told(State::AtDepot, "")), "nowhere, and no reason");
    }
}
