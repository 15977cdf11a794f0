//! A dispatcher's hand on the plan: re-plan and look before applying, pin, move.

use std::collections::BTreeMap;

use swerve_model::{
    Answer, Event, ManifestId, ManifestState, PlanCause, ProposalId, ReplanProposal, Revision,
    StopId, Ticks,
};

use crate::decide::Decision;
use crate::draft::Draft;
use crate::error::EngineError;
use crate::parts::Holder;
use crate::snapshot::Snapshot;
use crate::{improve, judge};

/// A proposal is for the next minutes: after that too much has happened.
const PROPOSAL_KEPT: Ticks = Ticks::from_minutes(10);
/// Iterations a caller may ask for: about a minute of one core on 100-stop manifests.
pub const REPLAN_ITERATIONS_MAX: u32 = 1_000_000;

/// Searches the given manifests (all that are open, if none are named) and keeps what it found to be
/// looked at. Nothing changes.
pub(crate) fn propose(
    snapshot: &Snapshot,
    scope: &[ManifestId],
    iterations: Option<u32>,
) -> Result<Decision, EngineError> {
    let keys = scope_keys(snapshot, scope)?;
    let iterations = iterations.unwrap_or(snapshot.settings.budget.replan);
    let iterations = iterations.min(REPLAN_ITERATIONS_MAX);
    let mut draft = Draft::new(snapshot);
    let seed = snapshot.settings.seed ^ (snapshot.state.sequence + 1);
    let (proposal, done) = improve::look(&draft, &keys, Vec::new(), seed, iterations);
    draft.adopt(&keys, &proposal.routes, &BTreeMap::new());
    let id = ProposalId::new(&format!("r-{}", snapshot.state.sequence + 1)).expect("digits");
    let proposed = ReplanProposal {
        id: id.clone(),
        delta: draft.delta(),
        base: snapshot.state.revision,
        cost_before: proposal.before.money,
        cost_after: proposal.after.money,
        expires: snapshot.state.now + PROPOSAL_KEPT,
    };
    let events = vec![Event::ReplanProposed(proposed)];
    Ok(Decision::answered(events, Answer::Proposed(id)).searched(done))
}

fn scope_keys(snapshot: &Snapshot, scope: &[ManifestId]) -> Result<Vec<u32>, EngineError> {
    if scope.is_empty() {
        let open = snapshot.state.manifests.values();
        let open = open.filter(|m| !matches!(m.state, ManifestState::Closed(_)));
        return Ok(open.filter_map(|manifest| snapshot.key_of(&manifest.id)).collect());
    }
    let key =
        |id: &ManifestId| snapshot.key_of(id).ok_or_else(|| EngineError::not_found("manifest", id));
    scope.iter().map(key).collect()
}

/// Makes a proposal the plan, if the plan it was made from still stands where it matters.
pub(crate) fn apply(
    snapshot: &Snapshot,
    id: &ProposalId,
    expected: Revision,
) -> Result<Decision, EngineError> {
    let proposal = snapshot.state.proposals.get(id);
    let proposal = proposal.ok_or_else(|| EngineError::not_found("replan proposal", id))?;
    if expected != proposal.base {
        return Err(EngineError::Conflict { expected, actual: proposal.base });
    }
    for change in &proposal.delta.manifests {
        let present = snapshot.state.manifests.get(&change.manifest);
        let actual = present.map_or(Revision(0), |manifest| manifest.revision);
        if actual != change.base {
            return Err(EngineError::Conflict { expected: change.base, actual });
        }
    }
    let violations = judge::judge_delta(snapshot, &proposal.delta);
    if !violations.is_empty() {
        let rule = format!("the plan has moved on: {}", judge::describe(&violations));
        return Err(EngineError::precondition("PLAN_MOVED_ON", id, rule));
    }
    let closed = Event::ReplanClosed { proposal: id.clone(), applied: true };
    let delta = proposal.delta.clone();
    let mut events = Vec::new();
    if !delta.is_empty() {
        events.push(Event::PlanChanged { cause: PlanCause::Replan, delta });
    }
    events.push(closed);
    Ok(Decision::done(events))
}

pub(crate) fn discard(snapshot: &Snapshot, id: &ProposalId) -> Result<Decision, EngineError> {
    if !snapshot.state.proposals.contains_key(id) {
        return Err(EngineError::not_found("replan proposal", id));
    }
    let proposal = id.clone();
    Ok(Decision::done(vec![Event::ReplanClosed { proposal, applied: false }]))
}

pub(crate) fn pin(
    snapshot: &Snapshot,
    manifest: &ManifestId,
    stop: &StopId,
    pinned: bool,
) -> Result<Decision, EngineError> {
    let found = snapshot.state.manifests.get(manifest);
    let found = found.ok_or_else(|| EngineError::not_found("manifest", manifest))?;
    let name = || format!("{manifest}/stops/{stop}");
    let present = found.stop(stop).ok_or_else(|| EngineError::not_found("stop", &name()))?;
    if present.state.is_done() {
        let rule = "it is done".to_owned();
        return Err(EngineError::precondition("STOP_DONE", stop, rule));
    }
    let (manifest, stop) = (manifest.clone(), stop.clone());
    Ok(Decision::done(vec![Event::StopPinned { manifest, stop, pinned }]))
}

/// A stop moved by hand.
#[derive(Clone, Debug)]
pub(crate) struct Move {
    pub(crate) stop: StopId,
    pub(crate) from: ManifestId,
    pub(crate) to: ManifestId,
    /// Among all stops of the target manifest as they will be, done ones included, 0 first.
    pub(crate) position: usize,
    /// The revision the dispatcher was shown.
    pub(crate) seen: Revision,
}

/// Moves only what the hand moved: no other stop changes place. Refused with every rule it would
/// break.
pub(crate) fn move_stop(snapshot: &Snapshot, asked: &Move) -> Result<Decision, EngineError> {
    let Move { stop, from, to, .. } = asked;
    for manifest in [from, to] {
        let found = snapshot.state.manifests.get(manifest);
        let found = found.ok_or_else(|| EngineError::not_found("manifest", manifest))?;
        if found.revision > asked.seen {
            return Err(EngineError::Conflict { expected: asked.seen, actual: found.revision });
        }
    }
    let source = &snapshot.state.manifests[from];
    let name = || format!("{from}/stops/{stop}");
    let moved = source.stop(stop).ok_or_else(|| EngineError::not_found("stop", &name()))?.clone();
    let mut draft = Draft::new(snapshot);
    let parcels = moved
        .tasks
        .iter()
        .flat_map(|task| task.parcels.iter().map(|p| (task.shipment.clone(), p.clone())))
        .collect();
    let frozen = || {
        let rule = "it is done, being served, driven to or due within minutes".to_owned();
        EngineError::precondition("STOP_FROZEN", stop, rule)
    };
    if moved.state.is_done() || !draft.take(&parcels) {
        return Err(frozen());
    }
    let target = &snapshot.state.manifests[to];
    let key = snapshot.key_of(to).ok_or_else(|| EngineError::not_found("manifest", to))?;
    let keep = target.done_count() + snapshot.live(to).map_or(0, |live| live.frozen);
    let Some(index) = asked.position.checked_sub(keep) else {
        let rule = format!("positions before {keep} of {to} can no longer change");
        return Err(EngineError::precondition("POSITION_FROZEN", stop, rule));
    };
    if index > draft.stops(key).len() {
        let rule = format!("{to} has {} stops", keep + draft.stops(key).len());
        return Err(EngineError::invalid("position", rule));
    }
    let holder = holder_of(snapshot, &moved, from);
    draft.force(key, index, moved, &holder).ok_or_else(frozen)?;
    let delta = draft.delta();
    let violations = judge::judge_move(snapshot, &delta, stop);
    if !violations.is_empty() {
        let rule = judge::describe(&violations);
        return Err(EngineError::precondition("RULE_BROKEN", stop, rule));
    }
    let event = Event::PlanChanged { cause: PlanCause::MovedByHand, delta };
    Ok(Decision::done(vec![event]))
}

fn holder_of(snapshot: &Snapshot, stop: &swerve_model::Stop, from: &ManifestId) -> Holder {
    let state = &snapshot.state;
    let waiting = stop.tasks.iter().find_map(|task| {
        let shipment = state.shipments.get(&task.shipment)?;
        let mut loaded = task.parcels.iter().filter_map(|parcel| shipment.parcel(parcel));
        loaded.find_map(|parcel| parcel.custody.waiting_at().cloned())
    });
    waiting.map_or_else(|| Holder::Van(from.clone()), Holder::Depot)
}
