//! From "no room" to a reason a recipient can be told, and how sure it is.
//!
//! A search that was exhausted proves that a stop fits nowhere *in the order the others have now*.
//! Only some obstacles prove that it fits in no order: the parcels are elsewhere, no van has the
//! skill, no road leads there, or no admissible van could be there in time even driving straight from
//! where it is. Everything else is "not found", never "impossible" (I11).

use std::collections::BTreeSet;

use swerve_model::{DepotId, ManifestId, Proof, Refusal, RefusalReason, UnassignedReason};
use swerve_optimizer::{self as optimizer, Obstacle};

use crate::draft::{NoRoom, Placed};
use crate::judge::Violation;
use crate::parts::{Holder, Part};
use crate::snapshot::Snapshot;

pub(crate) fn in_progress() -> Refusal {
    Refusal::new(RefusalReason::StopInProgress, Proof::Impossible)
}

pub(crate) fn on_other_vans(vans: &[ManifestId]) -> Refusal {
    let refusal = Refusal::new(RefusalReason::ParcelOnOtherVehicle, Proof::Impossible);
    refusal.with_fact("vans", &vans.len())
}

pub(crate) fn left_the_depot(depot: &DepotId) -> Refusal {
    Refusal::new(RefusalReason::NoVanAtDepot, Proof::Impossible).with_fact("depot", depot)
}

/// Parts of one consolidation that each found room, but not together.
pub(crate) fn apart(_snapshot: &Snapshot, placed: &[(Part, Placed)]) -> Refusal {
    let vans: BTreeSet<&ManifestId> = placed.iter().map(|(_, at)| &at.manifest).collect();
    if vans.len() > 1 {
        return on_other_vans(&vans.into_iter().cloned().collect::<Vec<_>>());
    }
    Refusal::new(RefusalReason::NotFoundInTime, Proof::NotFoundInTime)
}

pub(crate) fn no_room(snapshot: &Snapshot, no_room: &NoRoom) -> Vec<Refusal> {
    let Some(obstacle) = no_room.why.nearest() else {
        return vec![match no_room.part.holder {
            Holder::Depot(_) => Refusal::new(RefusalReason::NoVanAtDepot, Proof::Impossible),
            Holder::Van(_) => Refusal::new(RefusalReason::PointUnreachable, Proof::Impossible),
        }];
    };
    let reason = match (obstacle, &no_room.part.holder) {
        (Obstacle::Custody, Holder::Depot(_)) => RefusalReason::NoVanAtDepot,
        (Obstacle::Custody, Holder::Van(_)) => RefusalReason::ParcelOnOtherVehicle,
        (Obstacle::Skills, _) => RefusalReason::NoVehicleWithSkills,
        (Obstacle::Capacity, _) => RefusalReason::CapacityExceeded,
        (Obstacle::Unreachable, _) => RefusalReason::PointUnreachable,
        (Obstacle::OwnWindow, _) => RefusalReason::WindowUnreachable,
        (Obstacle::OtherPromises, _) => RefusalReason::PromiseWouldBreak,
        (Obstacle::ShiftLimit, _) => RefusalReason::ShiftLimit,
    };
    let closed = reason == RefusalReason::WindowUnreachable && never_open(snapshot, &no_room.part);
    let reason = if closed { RefusalReason::PointClosed } else { reason };
    vec![Refusal::new(reason, proof(obstacle))]
}

const fn proof(obstacle: Obstacle) -> Proof {
    match obstacle {
        // From its anchor a van reaches a point no sooner by way of others, so a window missed by
        // driving straight is missed by every order. Holds because roads give shortest times.
        Obstacle::Custody | Obstacle::Skills | Obstacle::Unreachable | Obstacle::OwnWindow => {
            Proof::Impossible
        }
        Obstacle::Capacity | Obstacle::OtherPromises | Obstacle::ShiftLimit => {
            Proof::NotFoundInTime
        }
    }
}

/// Whether the point's opening hours alone forbid it.
fn never_open(snapshot: &Snapshot, part: &Part) -> bool {
    use swerve_model::World as _;
    let opening = snapshot.point(&part.point).map(|point| point.opening.clone());
    opening.is_some_and(|opening| {
        !opening.is_empty() && opening.iter().all(|window| window.close() < snapshot.state.now)
    })
}

/// Why a task stays on no manifest.
pub(crate) fn unassigned_reason(why: &optimizer::Refusal, holder: &Holder) -> UnassignedReason {
    match why.nearest() {
        None => UnassignedReason::NoVanAtDepot,
        Some(Obstacle::Custody) => match holder {
            Holder::Depot(_) => UnassignedReason::NoVanAtDepot,
            Holder::Van(_) => UnassignedReason::NotFoundInTime,
        },
        Some(Obstacle::Skills) => UnassignedReason::NoVehicleWithSkills,
        Some(Obstacle::Capacity) => UnassignedReason::CapacityExceeded,
        Some(Obstacle::Unreachable) => UnassignedReason::PointUnreachable,
        Some(Obstacle::OwnWindow) => UnassignedReason::WindowUnreachable,
        Some(Obstacle::OtherPromises) => UnassignedReason::PromiseWouldBreak,
        Some(Obstacle::ShiftLimit) => UnassignedReason::ShiftLimit,
    }
}

/// A plan the checker would not have: what a recipient is told.
pub(crate) fn by_violations(violations: &[Violation]) -> Vec<Refusal> {
    tracing::warn!(?violations, "the checker refused a plan the search had found legal");
    vec![Refusal::new(RefusalReason::NotFoundInTime, Proof::NotFoundInTime)]
}
