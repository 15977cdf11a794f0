//! Facts held against rules: every reason against, at once and in order.
//!
//! The order is the published one of [`RANK`]: what nobody can change comes first, what the recipient
//! can still do something about comes last, so that the first reason is the one to tell.

use swerve_model::{Assurance, ChangeKind, Cost, Moment, Proof, Refusal, RefusalReason, Ticks};

use crate::facts::{Facts, Stage};
use crate::policy::{Policy, StageRules};

/// The answer to one wish, as far as rules go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Empty if the rules allow it. All are proven: rules need no search.
    pub refusals: Vec<Refusal>,
    /// What it costs if it is granted: the dearest of its kinds.
    pub fee: Cost,
    /// Until when each kind asked for may be had, if time is a rule: known even where it has passed.
    pub cutoffs: Vec<(ChangeKind, Option<Moment>)>,
    /// How sure it must be who asks.
    pub required_assurance: Assurance,
}

impl Decision {
    pub fn is_allowed(&self) -> bool {
        self.refusals.is_empty()
    }

    /// The earliest cut-off of the kinds asked for.
    pub fn cutoff(&self) -> Option<Moment> {
        self.cutoffs.iter().filter_map(|(_, cutoff)| *cutoff).min()
    }
}

/// What may be asked for right now, of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeOption {
    pub kind: ChangeKind,
    pub allowed: bool,
    /// Until when, if time is a rule.
    pub cutoff: Option<Moment>,
    pub fee: Cost,
    /// Who must ask. Not a refusal: the recipient can still prove who they are.
    pub required_assurance: Assurance,
    pub refusals: Vec<Refusal>,
}

/// Holds one wish against the rules. O(kinds).
pub fn decide(policy: &Policy, facts: &Facts) -> Decision {
    let mut kinds = facts.kinds.clone();
    kinds.sort_unstable();
    kinds.dedup();
    let mut refusals = shared_refusals(policy, facts);
    refusals.extend(window_refusal(facts));
    let mut decision = Decision {
        refusals: Vec::new(),
        fee: Cost::ZERO,
        cutoffs: Vec::with_capacity(kinds.len()),
        required_assurance: Assurance::Link,
    };
    for kind in kinds {
        refusals.extend(kind_refusals(policy, facts, kind));
        decision.fee = decision.fee.max(fee_of(policy, facts, kind));
        decision.cutoffs.push((kind, cutoff_of(policy, facts, kind)));
        let required = required_assurance(policy, facts, kind);
        decision.required_assurance = decision.required_assurance.max(required);
    }
    refusals.extend(identity_refusal(facts, decision.required_assurance));
    decision.refusals = ranked(refusals);
    decision
}

/// What may be asked for of each kind, before anything is: `facts.kinds`, the windows, the distance and
/// the assurance play no part.
pub fn options(policy: &Policy, facts: &Facts) -> Vec<ChangeOption> {
    let option = |kind| {
        let mut refusals = shared_refusals(policy, facts);
        refusals.extend(kind_refusals(policy, facts, kind));
        ChangeOption {
            kind,
            allowed: refusals.is_empty(),
            cutoff: cutoff_of(policy, facts, kind),
            fee: fee_of(policy, facts, kind),
            required_assurance: *policy.goods.of(facts.goods).assurance.of(kind),
            refusals: ranked(refusals),
        }
    };
    ChangeKind::ALL.into_iter().map(option).collect()
}

/// The order in which reasons are told.
const RANK: [RefusalReason; 9] = [
    RefusalReason::ShipmentTerminal,
    RefusalReason::StopInProgress,
    RefusalReason::ShipperForbids,
    RefusalReason::GoodsRestricted,
    RefusalReason::ChangeLimitReached,
    RefusalReason::CutoffPassed,
    RefusalReason::WindowBeyondHorizon,
    RefusalReason::WindowUnreachable,
    RefusalReason::IdentityLevelTooLow,
];

fn ranked(mut refusals: Vec<Refusal>) -> Vec<Refusal> {
    let rank = |refusal: &Refusal| RANK.iter().position(|reason| *reason == refusal.reason);
    // Stable: refusals of one reason stay in the order of their kinds.
    refusals.sort_by_key(|refusal| rank(refusal).unwrap_or(RANK.len()));
    refusals
}

fn refusal(reason: RefusalReason) -> Refusal {
    Refusal::new(reason, Proof::Impossible)
}

/// What speaks against any change of this shipment.
fn shared_refusals(policy: &Policy, facts: &Facts) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    match facts.stage {
        Stage::Terminal => refusals.push(refusal(RefusalReason::ShipmentTerminal)),
        Stage::InProgress => refusals.push(refusal(RefusalReason::StopInProgress)),
        Stage::Waiting | Stage::Loaded => {}
    }
    if facts.shipper_forbids {
        refusals.push(refusal(RefusalReason::ShipperForbids));
    }
    if facts.changes_used >= policy.changes_per_shipment {
        let reached = refusal(RefusalReason::ChangeLimitReached)
            .with_fact("limit", &policy.changes_per_shipment)
            .with_fact("used", &facts.changes_used);
        refusals.push(reached);
    }
    refusals
}

/// What speaks against this kind of change.
fn kind_refusals(policy: &Policy, facts: &Facts, kind: ChangeKind) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    if *policy.goods.of(facts.goods).forbidden.of(kind) {
        refusals.push(refusal(RefusalReason::GoodsRestricted).with_fact("kind", &kind.name()));
    }
    refusals.extend(cutoff_refusal(policy, facts, kind));
    refusals
}

/// The rules for where the parcels are; none apply to what cannot change anyway.
fn stage_rules<'p>(policy: &'p Policy, facts: &Facts, kind: ChangeKind) -> Option<&'p StageRules> {
    match facts.stage {
        Stage::Waiting => Some(&policy.kinds.of(kind).waiting),
        Stage::Loaded => Some(&policy.kinds.of(kind).loaded),
        Stage::InProgress | Stage::Terminal => None,
    }
}

fn fee_of(policy: &Policy, facts: &Facts, kind: ChangeKind) -> Cost {
    stage_rules(policy, facts, kind).map_or(Cost::ZERO, |rules| rules.fee)
}

/// The last moment this kind may be asked for, by the rules that are about time.
fn cutoff_of(policy: &Policy, facts: &Facts, kind: ChangeKind) -> Option<Moment> {
    let rules = stage_rules(policy, facts, kind)?;
    let before = |moment: Option<Moment>, span: Option<Ticks>| Some(moment? - span?);
    let by_departure = before(facts.departure, rules.before_departure);
    let by_eta = before(facts.eta, rules.before_eta);
    by_departure.into_iter().chain(by_eta).min()
}

fn cutoff_refusal(policy: &Policy, facts: &Facts, kind: ChangeKind) -> Option<Refusal> {
    let rules = stage_rules(policy, facts, kind)?;
    let cutoff = cutoff_of(policy, facts, kind);
    let is_over = cutoff.is_some_and(|cutoff| facts.now > cutoff);
    let is_near = facts.stops_before.is_some_and(|stops| stops < rules.stops_before);
    if rules.allowed && !is_over && !is_near {
        return None;
    }
    let mut passed = refusal(RefusalReason::CutoffPassed)
        .with_fact("kind", &kind.name())
        .with_fact("stage", &facts.stage.name());
    if let Some(cutoff) = cutoff.filter(|_| is_over) {
        passed = passed.with_cutoff(cutoff);
    }
    if let Some(stops) = facts.stops_before.filter(|_| is_near) {
        passed = passed
            .with_fact("stops_before", &stops)
            .with_fact("stops_before_required", &rules.stops_before);
    }
    Some(passed)
}

/// Windows that no plan of today reaches: all of them beyond the planned day, or past.
fn window_refusal(facts: &Facts) -> Option<Refusal> {
    let is_past = |close: Moment| close < facts.now;
    let is_beyond = |open: Moment| facts.horizon.is_some_and(|horizon| open > horizon);
    let hopeless =
        |window: &swerve_model::TimeWindow| is_past(window.close()) || is_beyond(window.open());
    if facts.windows.is_empty() || !facts.windows.iter().all(hopeless) {
        return None;
    }
    let beyond = facts.windows.iter().any(|window| is_beyond(window.open()));
    Some(refusal(if beyond {
        RefusalReason::WindowBeyondHorizon
    } else {
        RefusalReason::WindowUnreachable
    }))
}

/// Who must ask for this kind, given how far the shipment would go.
fn required_assurance(policy: &Policy, facts: &Facts, kind: ChangeKind) -> Assurance {
    let by_goods = *policy.goods.of(facts.goods).assurance.of(kind);
    let is_far = kind == ChangeKind::Reroute
        && facts.reroute_distance.is_some_and(|distance| distance > policy.link_reroute_max);
    if is_far { by_goods.max(Assurance::Account) } else { by_goods }
}

fn identity_refusal(facts: &Facts, required: Assurance) -> Option<Refusal> {
    (facts.assurance < required).then(|| {
        refusal(RefusalReason::IdentityLevelTooLow)
            .with_fact("required", &name_of(required))
            .with_fact("given", &name_of(facts.assurance))
    })
}

const fn name_of(assurance: Assurance) -> &'static str {
    match assurance {
        Assurance::Link => "link",
        Assurance::Account => "account",
        Assurance::OneTimeCode => "one_time_code",
    }
}

#[cfg(test)]
mod tests;
