//! The life of a change: quoted, held, committed, cancelled, refused by the driver.

use swerve_model::schedule::World;
use swerve_model::{
    Answer, Assurance, Change, ChangeId, ChangeState, Cost, Event, Hold, ManifestId, ParcelId,
    PlanCause, Quote, QuoteId, RefusalReason, Revision, ShipmentId, Ticks, Wish,
};

use crate::decide::Decision;
use crate::error::EngineError;
use crate::offer::{self, Effort, Planned, Resolved};
use crate::snapshot::Snapshot;
use crate::state::State;
use crate::{gate, improve, judge, wish};

/// Answers a wish and remembers the answer, so that it survives a restart.
pub(crate) fn quote(
    snapshot: &Snapshot,
    shipment: &ShipmentId,
    wish: &Wish,
    assurance: Assurance,
    max_offers: usize,
) -> Result<Decision, EngineError> {
    let answered = wish::answer(snapshot, shipment, wish, assurance, max_offers)?;
    Ok(remember(snapshot, shipment, wish, assurance, answered))
}

/// Names an answer that was found on an earlier snapshot.
pub(crate) fn remember(
    snapshot: &Snapshot,
    shipment: &ShipmentId,
    wish: &Wish,
    assurance: Assurance,
    answered: wish::Answered,
) -> Decision {
    let state = &snapshot.state;
    let sequence = state.sequence + 1;
    let id = QuoteId::new(&format!("q-{sequence}")).expect("letters and digits");
    let mut events = Vec::new();
    if answered.offers.is_empty() {
        // A refusal is an answer and is kept as a record, like any other end of a wish.
        events.push(Event::ChangeRecorded(Change {
            id: change_id(sequence),
            quote: id.clone(),
            shipment: shipment.clone(),
            wish: wish.clone(),
            kinds: answered.kinds.clone(),
            state: ChangeState::Refused,
            effects: Vec::new(),
            refusals: answered.refusals.clone(),
            fee: Cost::ZERO,
            revision: state.revision,
            asked: state.now,
            committed: None,
            acknowledged: None,
            ended: Some(state.now),
        }));
    }
    events.push(Event::Quoted(Quote {
        id: id.clone(),
        shipment: shipment.clone(),
        wish: wish.clone(),
        assurance,
        kinds: answered.kinds,
        offers: answered.offers,
        refusals: answered.refusals,
        alternatives: answered.alternatives,
        revision: state.revision,
        made: state.now,
        expires: state.now + snapshot.settings.policy.quote_ttl,
    }));
    Decision::answered(events, Answer::Quoted(id))
}

fn change_id(sequence: u64) -> ChangeId {
    ChangeId::new(&format!("c-{sequence}")).expect("letters and digits")
}

fn find_quote<'a>(
    snapshot: &'a Snapshot,
    quote: &QuoteId,
    offer: u32,
) -> Result<(&'a Quote, &'a swerve_model::Offer), EngineError> {
    let found = snapshot.state.quotes.get(quote);
    let found = found.ok_or_else(|| EngineError::not_found("quote", quote))?;
    let offer = found
        .offer(offer)
        .ok_or_else(|| EngineError::not_found("offer", &format!("{quote}/offers/{offer}")))?;
    Ok((found, offer))
}

pub(crate) fn hold(
    snapshot: &Snapshot,
    quote: &QuoteId,
    offer: u32,
    ttl: Ticks,
) -> Result<Decision, EngineError> {
    let (found, _) = find_quote(snapshot, quote, offer)?;
    let now = snapshot.state.now;
    if found.expires < now {
        return Err(EngineError::precondition(
            "QUOTE_EXPIRED",
            quote,
            format!("it expired {} ago; quote again", now - found.expires),
        ));
    }
    let until = now + ttl.min(snapshot.settings.policy.hold_max);
    let hold = Hold { quote: quote.clone(), offer, until };
    Ok(Decision::answered(vec![Event::OfferHeld(hold)], Answer::Held { until }))
}

pub(crate) fn release(
    snapshot: &Snapshot,
    quote: &QuoteId,
    offer: u32,
) -> Result<Decision, EngineError> {
    find_quote(snapshot, quote, offer)?;
    Ok(Decision::done(vec![Event::OfferReleased { quote: quote.clone(), offer }]))
}

/// Whether a change is followed by a look around what it touched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    /// At once, as a part of it.
    Own,
    /// Later, together with others of its batch.
    Together,
}

/// Makes an offer true on the plan as it is now; or answers with what can be had instead.
pub(crate) fn commit(
    snapshot: &Snapshot,
    quote: &QuoteId,
    index: u32,
    assurance: Assurance,
    look: Look,
) -> Result<Decision, EngineError> {
    let (found, offer) = find_quote(snapshot, quote, index)?;
    let now = snapshot.state.now;
    let held = snapshot.state.holds.get(&(quote.clone(), index)).is_some_and(|h| h.until >= now);
    let stands = (found.expires >= now || held)
        && still_allowed(snapshot, found, assurance)
        && within_terms(snapshot, offer);
    if !stands {
        return moved_on(snapshot, found, assurance);
    }
    let Ok(resolved) = wish::resolve_again(snapshot, &found.shipment, &offer.resolved) else {
        return moved_on(snapshot, found, assurance);
    };
    let Some((planned, iterations)) = plan_and_improve(snapshot, &resolved, look) else {
        return moved_on(snapshot, found, assurance);
    };
    let mut events = events_of(snapshot, &planned, PlanCause::RecipientChange);
    let id = change_id(snapshot.state.sequence + 1);
    events.extend(supersede(snapshot, &resolved.shipments));
    let effects = planned.effects().unwrap_or_default();
    events.push(Event::ChangeRecorded(Change {
        id: id.clone(),
        quote: quote.clone(),
        shipment: found.shipment.clone(),
        wish: offer.resolved.clone(),
        kinds: found.kinds.clone(),
        state: ChangeState::Committed,
        effects,
        refusals: Vec::new(),
        fee: offer.fee,
        revision: snapshot.state.revision.next(),
        asked: found.made,
        committed: Some(now),
        acknowledged: None,
        ended: None,
    }));
    if held {
        events.push(Event::OfferReleased { quote: quote.clone(), offer: index });
    }
    Ok(Decision::answered(events, Answer::Committed(id)).searched(iterations))
}

/// The rules that can stop a quoted offer: who asks, how often, and that there is still something to
/// change. A cut-off that passed since the quote does not: the offer is honoured until it expires.
fn still_allowed(snapshot: &Snapshot, quote: &Quote, assurance: Assurance) -> bool {
    let Some(shipment) = snapshot.shipment(&quote.shipment) else { return false };
    let judged = gate::decide(snapshot, shipment, &quote.kinds, assurance, None, &[]);
    let hard = |reason| {
        matches!(
            reason,
            RefusalReason::IdentityLevelTooLow
                | RefusalReason::ChangeLimitReached
                | RefusalReason::ShipmentTerminal
                | RefusalReason::StopInProgress
        )
    };
    judged.is_ok() || judged.is_err_and(|refusals| !refusals.iter().any(|r| hard(r.reason)))
}

/// The promises the offer was made against are still the ones in force.
fn within_terms(snapshot: &Snapshot, offer: &swerve_model::Offer) -> bool {
    offer.effects.iter().all(|effect| {
        snapshot
            .shipment(&effect.shipment)
            .is_some_and(|shipment| shipment.promise.version == effect.promise_before.version)
    })
}

fn moved_on(
    snapshot: &Snapshot,
    quote: &Quote,
    assurance: Assurance,
) -> Result<Decision, EngineError> {
    let limit = quote.offers.len().max(1);
    let fresh = wish::answer(snapshot, &quote.shipment, &quote.wish, assurance, limit)?;
    let mut decision = remember(snapshot, &quote.shipment, &quote.wish, assurance, fresh);
    if let Answer::Quoted(id) = decision.answer {
        decision.answer = Answer::MovedOn(id);
    }
    Ok(decision)
}

/// Plans a resolved wish and looks around it; the look is thrown away if the checker would not have
/// it. `None` when the wish no longer fits.
fn plan_and_improve<'a>(
    snapshot: &'a Snapshot,
    resolved: &Resolved,
    look: Look,
) -> Option<(Planned<'a>, Vec<u32>)> {
    let mut planned = offer::plan(snapshot, resolved, Effort::Rearrange).ok()?;
    if look == Look::Together {
        return judge::judge_planned(snapshot, &planned).is_empty().then(|| (planned, Vec::new()));
    }
    let plain = planned.draft.clone();
    let seed = snapshot.settings.seed ^ (snapshot.state.sequence + 1);
    let iterations = improve::around(&mut planned, seed, snapshot.settings.budget.before_answer);
    if judge::judge_planned(snapshot, &planned).is_empty() {
        return Some((planned, iterations));
    }
    planned.draft = plain;
    judge::judge_planned(snapshot, &planned).is_empty().then(|| (planned, Vec::new()))
}

/// A new point, new promises, the plan that keeps them.
fn events_of(snapshot: &Snapshot, planned: &Planned<'_>, cause: PlanCause) -> Vec<Event> {
    let mut events = Vec::new();
    if let Some((point, _)) = &planned.resolved.new_point {
        events.push(Event::PointSet(point.clone()));
    }
    for (shipment, promise) in &planned.resolved.promises {
        let present = snapshot.shipment(shipment).map(|shipment| &shipment.promise);
        if present != Some(promise) {
            let (shipment, promise) = (shipment.clone(), promise.clone());
            events.push(Event::PromiseChanged { shipment, promise });
        }
    }
    events.push(Event::PlanChanged { cause, delta: planned.delta() });
    events
}

/// Open changes of these shipments give way to a newer one.
fn supersede(snapshot: &Snapshot, shipments: &[ShipmentId]) -> Vec<Event> {
    let state = &snapshot.state;
    let mut open: Vec<ChangeId> = shipments
        .iter()
        .filter_map(|shipment| state.open_changes.get(shipment))
        .flat_map(|changes| changes.iter().cloned())
        .collect();
    open.sort_unstable();
    open.dedup();
    let superseded =
        |change| Event::ChangeMoved { change, state: ChangeState::Superseded, at: state.now };
    open.into_iter().map(superseded).collect()
}

/// Withdraws a committed change: everyone it touched gets back what they were promised before.
pub(crate) fn cancel(
    snapshot: &Snapshot,
    change: &ChangeId,
    etag: Option<Revision>,
) -> Result<Decision, EngineError> {
    let found = snapshot.state.changes.get(change);
    let found = found.ok_or_else(|| EngineError::not_found("change", change))?;
    if let Some(expected) = etag.filter(|etag| *etag != found.revision) {
        return Err(EngineError::Conflict { expected, actual: found.revision });
    }
    if !found.state.is_open() {
        let rule = format!("only a committed change can be cancelled; it is {}", found.state);
        return Err(EngineError::precondition("CHANGE_ENDED", change, rule));
    }
    let mut decision = undo(snapshot, found, ChangeState::Cancelled, PlanCause::ChangeCancelled)
        .ok_or_else(|| {
            let rule = "what was promised before can no longer be kept".to_owned();
            EngineError::precondition("PROMISE_WOULD_BREAK", change, rule)
        })?;
    decision.answer = Answer::ChangeCancelled(change.clone());
    Ok(decision)
}

fn undo(
    snapshot: &Snapshot,
    change: &Change,
    ended: ChangeState,
    cause: PlanCause,
) -> Option<Decision> {
    let resolved = Resolved::undo(snapshot, &change.effects);
    if resolved.shipments.is_empty() {
        return None;
    }
    let (planned, iterations) = plan_and_improve(snapshot, &resolved, Look::Own)?;
    let mut events = events_of(snapshot, &planned, cause);
    let at = snapshot.state.now;
    events.push(Event::ChangeMoved { change: change.id.clone(), state: ended, at });
    Some(Decision::done(events).searched(iterations))
}

/// Undoes a change its driver has not said yes to in time.
pub(crate) fn revert(snapshot: &Snapshot, change: &Change) -> Option<Decision> {
    undo(snapshot, change, ChangeState::DriverRejected, PlanCause::DriverRefused)
}

/// A driver will not do what a revision asks: changes on it that are not yet acknowledged go back.
pub(crate) fn refuse_revision(
    snapshot: &Snapshot,
    manifest: &ManifestId,
    revision: Revision,
    reason: String,
) -> Result<Decision, EngineError> {
    let found = snapshot.state.manifests.get(manifest);
    let found = found.ok_or_else(|| EngineError::not_found("manifest", manifest))?;
    if revision != found.revision {
        return Err(EngineError::Conflict { expected: revision, actual: found.revision });
    }
    let mut events = vec![Event::RevisionRefused { manifest: manifest.clone(), revision, reason }];
    let mut iterations = Vec::new();
    let change = newest_unacknowledged(snapshot, manifest);
    if let Some(decision) = change.and_then(|change| revert(snapshot, change)) {
        events.extend(decision.events);
        iterations = decision.iterations;
    }
    Ok(Decision::done(events).searched(iterations))
}

/// Whether a manifest brings what a change is about. Before departure a stop may move to another than it
/// was committed to; what is on no stop any more is still with that one.
pub(crate) fn is_brought_by(state: &State, change: &Change, manifest: &ManifestId) -> bool {
    change.effects.iter().any(|effect| {
        let at =
            |parcel: &ParcelId| state.assignments.get(&(effect.shipment.clone(), parcel.clone()));
        let mut now = effect.parcels.iter().filter_map(at).peekable();
        if now.peek().is_none() {
            return effect.manifest == *manifest;
        }
        now.any(|assignment| assignment.manifest == *manifest)
    })
}

/// The newest change on a manifest that its driver has not said yes to. What the driver left the depot
/// with, or has said yes to with a later revision, is none.
pub(crate) fn newest_unacknowledged<'a>(
    snapshot: &'a Snapshot,
    manifest: &ManifestId,
) -> Option<&'a Change> {
    let acknowledged = snapshot.state.manifests.get(manifest)?.acknowledged;
    let open = snapshot.state.open_changes.values().flat_map(|changes| changes.iter());
    open.filter_map(|id| snapshot.state.changes.get(id))
        .filter(|change| change.state == ChangeState::Committed && change.revision > acknowledged)
        .filter(|change| is_brought_by(&snapshot.state, change, manifest))
        .max_by_key(|change| (change.revision, change.id.clone()))
        .map(AsRef::as_ref)
}
