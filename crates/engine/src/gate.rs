//! The rules' view of a wish: what the policy asks to know, gathered from the plan. No routing.

use swerve_model::{
    Assurance, ChangeKind, Cost, ManifestState, Meters, Moment, Refusal, Shipment, StopState,
    TimeWindow,
};
use swerve_policy::{self as policy, Facts, Stage};

use crate::snapshot::Snapshot;

/// Whether these kinds of change are allowed now, and their fee; else every reason why not.
pub(crate) fn decide(
    snapshot: &Snapshot,
    shipment: &Shipment,
    kinds: &[ChangeKind],
    assurance: Assurance,
    reroute_distance: Option<Meters>,
    windows: &[TimeWindow],
) -> Result<Cost, Vec<Refusal>> {
    let mut facts = facts(snapshot, shipment, assurance);
    facts.kinds = kinds.to_vec();
    facts.reroute_distance = reroute_distance;
    facts.windows = windows.to_vec();
    let decision = policy::decide(&snapshot.settings.policy, &facts);
    if decision.refusals.is_empty() { Ok(decision.fee) } else { Err(decision.refusals) }
}

/// What the rules need to know about a shipment, before any wish.
pub(crate) fn facts(snapshot: &Snapshot, shipment: &Shipment, assurance: Assurance) -> Facts {
    let standing = standing(snapshot, shipment);
    Facts {
        now: snapshot.state.now,
        kinds: Vec::new(),
        stage: standing.stage,
        eta: standing.eta,
        stops_before: standing.stops_before,
        departure: standing.departure,
        goods: shipment.goods,
        shipper_forbids: shipment.shipper_forbids_changes,
        changes_used: shipment.changes_used,
        assurance,
        reroute_distance: None,
        windows: Vec::new(),
        horizon: horizon(snapshot),
    }
}

struct Standing {
    stage: Stage,
    eta: Option<Moment>,
    stops_before: Option<u32>,
    departure: Option<Moment>,
}

/// The furthest along of a shipment's parcels decides what may still be changed about it.
fn standing(snapshot: &Snapshot, shipment: &Shipment) -> Standing {
    let mut standing =
        Standing { stage: Stage::Waiting, eta: None, stops_before: None, departure: None };
    if shipment.is_terminal() {
        standing.stage = Stage::Terminal;
        return standing;
    }
    if shipment.open_parcels().any(|parcel| parcel.custody.is_loaded()) {
        standing.stage = Stage::Loaded;
    }
    for (_, at) in snapshot.state.assignments_of(&shipment.id) {
        let Some(live) = snapshot.live(&at.manifest) else { continue };
        let Some(manifest) = snapshot.state.manifests.get(&at.manifest) else { continue };
        let undone = &manifest.stops[manifest.done_count()..];
        let Some(index) = undone.iter().position(|stop| stop.id == at.stop) else { continue };
        let on_the_road = matches!(manifest.state, ManifestState::Departed(_));
        let being_served = matches!(undone[index].state, StopState::Arrived(_));
        if being_served || index < live.frozen || (on_the_road && index == 0) {
            standing.stage = standing.stage.max(Stage::InProgress);
        }
        let times = &live.times[index];
        standing.eta = Some(standing.eta.map_or(times.start, |eta| eta.min(times.start)));
        let before = index as u32;
        standing.stops_before = Some(standing.stops_before.map_or(before, |b| b.min(before)));
        if manifest.may_load() {
            // A van that should have left and still loads may leave any moment.
            let departure = manifest.duty.shift.start.max(snapshot.state.now);
            standing.departure = Some(standing.departure.map_or(departure, |d| d.min(departure)));
        }
    }
    standing
}

/// The end of the last shift planned: promises beyond it are another day's.
fn horizon(snapshot: &Snapshot) -> Option<Moment> {
    snapshot.state.manifests.values().map(|manifest| manifest.duty.shift.hard_end).max()
}
