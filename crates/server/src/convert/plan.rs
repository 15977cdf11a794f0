//! The plan as a whole: budgets in; unassigned parcels and proposals out.

use std::collections::BTreeMap;

use swerve_engine::{Obstacle, Unplaced};
use swerve_model::{
    Manifest, ManifestDelta, ManifestId, ParcelId, ReplanProposal, ShipmentId, Stop, StopId,
    UnassignedReason,
};
use swerve_proto::v1;

use crate::convert::manifest::task_message;
use crate::convert::name::{issued_name, name_of, name_under};
use crate::convert::quantity::money;
use crate::convert::shipment::unassigned_reason;
use crate::convert::time::timestamp;
use crate::convert::view::View;
use crate::fault::{Faults, Path};

/// Minutes of search, on any machine: a caller who wants more asks again.
const ITERATIONS_MAX: i32 = 1_000_000;

/// Reads a search budget that may be left out.
pub(crate) fn iterations(
    count: Option<i32>,
    at: Path<'_>,
    faults: &mut Faults,
) -> Option<Option<u32>> {
    match count {
        None => Some(None),
        Some(count @ 1..=ITERATIONS_MAX) => Some(u32::try_from(count).ok()),
        Some(count) => {
            let rule = format!("{count} is not in 1 to {ITERATIONS_MAX}");
            faults.none(at.field("iterations"), rule)
        }
    }
}

/// Reads a position on a manifest.
pub(crate) fn position(position: i32, at: Path<'_>, faults: &mut Faults) -> Option<usize> {
    match usize::try_from(position) {
        Ok(position) => Some(position),
        Err(_) => faults.none(at.field("position"), format!("{position} is negative")),
    }
}

pub(crate) fn unassigned_message(
    shipment: &ShipmentId,
    parcel: &ParcelId,
    reason: UnassignedReason,
) -> v1::UnassignedParcel {
    v1::UnassignedParcel {
        parcel: name_under(shipment, parcel),
        reason: unassigned_reason(reason).into(),
    }
}

pub(crate) fn unplaced_message(shipment: &ShipmentId, unplaced: &Unplaced) -> v1::UnplacedParcel {
    let van = |(manifest, obstacle): &(ManifestId, Option<Obstacle>)| v1::VanObstacle {
        manifest: name_of(manifest),
        obstacle: obstacle_message(*obstacle).into(),
    };
    v1::UnplacedParcel {
        parcel: name_under(shipment, &unplaced.parcel),
        reason: unassigned_reason(unplaced.reason).into(),
        vans: unplaced.vans.iter().map(van).collect(),
    }
}

const fn obstacle_message(obstacle: Option<Obstacle>) -> v1::Obstacle {
    match obstacle {
        None => v1::Obstacle::None,
        Some(Obstacle::Custody) => v1::Obstacle::Custody,
        Some(Obstacle::Skills) => v1::Obstacle::Skills,
        Some(Obstacle::Capacity) => v1::Obstacle::Capacity,
        Some(Obstacle::Unreachable) => v1::Obstacle::Unreachable,
        Some(Obstacle::OwnWindow) => v1::Obstacle::OwnWindow,
        Some(Obstacle::OtherPromises) => v1::Obstacle::OtherPromises,
        Some(Obstacle::ShiftLimit) => v1::Obstacle::ShiftLimit,
    }
}

/// A proposal against the plan it was made from. `manifest` knows the manifests as they are.
pub(crate) fn proposal_message<'a>(
    proposal: &ReplanProposal,
    manifest: impl Fn(&ManifestId) -> Option<&'a Manifest>,
    view: &View<'_>,
) -> v1::ReplanProposal {
    let homes = homes_of(proposal, &manifest);
    let diff = |delta: &ManifestDelta| diff_message(delta, manifest(&delta.manifest), &homes);
    v1::ReplanProposal {
        name: issued_name(view.territory, &proposal.id),
        base_revision: Some(view.revision(proposal.base)),
        cost_before: Some(money(proposal.cost_before, view.currency)),
        cost_after: Some(money(proposal.cost_after, view.currency)),
        expire_time: Some(timestamp(proposal.expires)),
        diffs: proposal.delta.manifests.iter().map(diff).collect(),
    }
}

/// On which manifest each stop that may move is now.
fn homes_of<'a>(
    proposal: &ReplanProposal,
    manifest: impl Fn(&ManifestId) -> Option<&'a Manifest>,
) -> BTreeMap<StopId, ManifestId> {
    let mut homes = BTreeMap::new();
    for delta in &proposal.delta.manifests {
        for stop in manifest(&delta.manifest).into_iter().flat_map(|manifest| &manifest.stops) {
            homes.insert(stop.id.clone(), delta.manifest.clone());
        }
    }
    homes
}

fn diff_message(
    delta: &ManifestDelta,
    now: Option<&Manifest>,
    homes: &BTreeMap<StopId, ManifestId>,
) -> v1::ManifestDiff {
    let name = |stop: &Stop| name_under(&delta.manifest, &stop.id);
    let before = now.map(|manifest| manifest.stops.iter().skip(delta.keep).map(name).collect());
    let arrives = |stop: &&Stop| homes.get(&stop.id) != Some(&delta.manifest);
    let arrival = |stop: &Stop| v1::StopMove {
        from: homes.get(&stop.id).map(|home| name_under(home, &stop.id)).unwrap_or_default(),
        to: name(stop),
        tasks: stop.tasks.iter().map(task_message).collect(),
    };
    v1::ManifestDiff {
        manifest: name_of(&delta.manifest),
        kept: i32::try_from(delta.keep).unwrap_or(i32::MAX),
        stops_before: before.unwrap_or_default(),
        stops_after: delta.suffix.iter().map(name).collect(),
        arrivals: delta.suffix.iter().filter(arrives).map(arrival).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::convert::test_terms::NOON;
    use crate::convert::view::test_view::with_view;
    use swerve_model::{
        Cost, DepotId, DriverId, Duty, ManifestState, PlanDelta, PointId, ProposalId, Revision,
        Role, Shift, StopState, VehicleId,
    };

    fn stop(id: &str) -> Stop {
        Stop {
            id: StopId::new(id).expect("a name"),
            point: PointId::new("d").expect("a name"),
            tasks: Vec::new(),
            state: StopState::Planned,
            pinned: false,
            told: None,
        }
    }

    fn manifest(id: &str, stops: &[&str]) -> Manifest {
        Manifest {
            id: ManifestId::new(id).expect("a name"),
            duty: Duty {
                driver: DriverId::new("d").expect("a name"),
                vehicle: VehicleId::new("v").expect("a name"),
                depot: DepotId::new("n").expect("a name"),
                shift: Shift { start: NOON, end: NOON, hard_end: NOON },
            },
            state: ManifestState::Loading,
            stops: stops.iter().copied().map(stop).collect(),
            sighting: None,
            revision: Revision(1),
            acknowledged: Revision(1),
        }
    }

    #[test]
    fn a_diff_says_which_stops_come_from_where() {
        let plan = [manifest("m1", &["a", "b", "c"]), manifest("m2", &["d"])];
        let delta = |of: &Manifest, keep: usize, suffix: &[&str]| ManifestDelta {
            manifest: of.id.clone(),
            base: of.revision,
            keep,
            suffix: suffix.iter().copied().map(stop).collect(),
        };
        let proposal = ReplanProposal {
            id: ProposalId::new("p1").expect("a name"),
            delta: PlanDelta {
                manifests: vec![delta(&plan[0], 1, &["c"]), delta(&plan[1], 0, &["b", "d", "new"])],
                ..PlanDelta::default()
            },
            base: Revision(1),
            cost_before: Cost(9),
            cost_after: Cost(7),
            expires: NOON,
        };
        let find = |id: &ManifestId| plan.iter().find(|manifest| manifest.id == *id);
        let message = with_view(Role::Dispatcher, |view| proposal_message(&proposal, find, view));
        let first = &message.diffs[0];
        assert_eq!(first.stops_before, ["manifests/m1/stops/b", "manifests/m1/stops/c"]);
        assert_eq!(first.stops_after, ["manifests/m1/stops/c"]);
        assert!(first.arrivals.is_empty());
        let moves: Vec<(&str, &str)> = (message.diffs[1].arrivals.iter())
            .map(|arrival| (arrival.from.as_str(), arrival.to.as_str()))
            .collect();
        assert_eq!(
            moves,
            [("manifests/m1/stops/b", "manifests/m2/stops/b"), ("", "manifests/m2/stops/new"),]
        );
    }

    #[test]
    fn budgets_and_positions_outside_their_range_are_faults() {
        let mut faults = Faults::new();
        assert_eq!(iterations(None, Path::Root, &mut faults), Some(None));
        assert_eq!(iterations(Some(5), Path::Root, &mut faults), Some(Some(5)));
        assert_eq!(iterations(Some(0), Path::Root, &mut faults), None);
        assert_eq!(iterations(Some(i32::MAX), Path::Root, &mut faults), None);
        assert_eq!(position(-1, Path::Root, &mut faults), None);
        assert_eq!(faults.kept.len(), 3);
    }
}
