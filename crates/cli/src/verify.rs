//! A log judged from the outside: every record replayed, every revision held against the one before.
//!
//! The engine asks the checker before it publishes; this asks again afterwards, from nothing but the
//! log and the roads, so that neither a mistake in the engine's asking nor a changed log goes
//! unnoticed. For each record: it fits the state before it; the plan it gives has the hash that was
//! acknowledged; revisions and time only grow; and a plan change breaks no rule ([`judge`]). Over the
//! whole territory, as often as its size allows and at the end: every parcel is in exactly one place.
//!
//! What really happened, and plans another planner made, are taken as they are: of those only what
//! no fact can excuse is a violation (I1, and done stops that moved).

mod judge;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use swerve_checker::{Flag, Violation, audit, occupancy_of};
use swerve_engine::apply::{ApplyError, apply};
use swerve_engine::hash::plan_hash;
use swerve_engine::{EngineError, Roads, Settings, Snapshot};
use swerve_eventlog::{EventLogError, RecordSource, Records, StoredRecord};
use swerve_model::{Event, Moment, Place, PlanCause, PointId, Record, Revision, Task, TerritoryId};

/// A territory of this many parcels is audited after every record; one n times as large after every
/// nth, so that auditing stays linear in the log.
const PARCELS_AUDITED_EACH_TIME: usize = 100;

/// One thing wrong, and where in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) sequence: u64,
    pub(crate) revision: Revision,
    /// Engine time.
    pub(crate) at: Moment,
    pub(crate) wrong: Wrong,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Wrong {
    /// A plan change that should not have been published.
    Rule { cause: PlanCause, violation: Violation },
    /// A parcel in no place, or in several (I1).
    Audit(Flag),
    /// A point's count of parcels is not what its parcels say.
    Occupancy { point: PointId, counted: u32, kept: u32 },
    /// Replaying gives another plan than the one that was acknowledged.
    Hash,
    /// Revisions or time went back, or a revision was left out (I10).
    Order { what: &'static str },
}

impl Wrong {
    /// The invariant it breaks.
    pub(crate) const fn invariant(&self) -> &'static str {
        match self {
            Wrong::Rule { violation, .. } => violation.invariant(),
            Wrong::Audit(_) => "I1",
            Wrong::Occupancy { .. } => "I6",
            Wrong::Hash => "I12",
            Wrong::Order { .. } => "I10",
        }
    }
}

impl std::fmt::Display for Wrong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Wrong::Rule { violation, .. } => write!(f, "{violation}"),
            Wrong::Audit(flag) => write!(f, "I1: {flag}"),
            Wrong::Occupancy { point, counted, kept } => {
                write!(f, "I6: {point} is said to hold {kept} parcels and holds {counted}")
            }
            Wrong::Hash => write!(f, "I12: replay gives another plan than was acknowledged"),
            Wrong::Order { what } => write!(f, "I10: {what}"),
        }
    }
}

/// What became of judging one territory's log. Sound if nothing was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) territory: TerritoryId,
    pub(crate) records: u64,
    pub(crate) revision: Revision,
    pub(crate) plan_hash: [u8; 32],
    /// Engine time at the end.
    pub(crate) now: Moment,
    /// Plan changes judged, by cause.
    pub(crate) judged: BTreeMap<PlanCause, u64>,
    pub(crate) audits: u64,
    /// Records decided under other rules than the ones given; judged by the ones given all the same.
    pub(crate) under_other_rules: u64,
    pub(crate) findings: Vec<Finding>,
}

impl Verdict {
    pub(crate) fn is_sound(&self) -> bool {
        self.findings.is_empty()
    }
}

/// Why a log could not be judged to its end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum VerifyError {
    #[error("the settings do not fit the road network")]
    Settings(#[source] EngineError),
    #[error("the log cannot be read")]
    Log(#[from] EventLogError),
    #[error("record {sequence} does not fit the state before it")]
    Record { sequence: u64, source: ApplyError },
}

/// Judges the log of the territory that `settings` are for. `progress` is told of each record.
///
/// O(records + judged stops x legs); a leg that is asked for first costs a search of the roads.
///
/// # Errors
/// The log cannot be read or does not fit itself, or a depot is off the network.
pub(crate) fn verify(
    settings: Arc<Settings>,
    roads: Arc<dyn Roads>,
    log: &dyn RecordSource,
    mut progress: impl FnMut(&StoredRecord),
) -> Result<Verdict, VerifyError> {
    let territory = settings.territory.clone();
    let mut verifier = Verifier::new(settings, roads)?;
    for stored in Records::from(log, &territory, 1)? {
        let stored = stored?;
        verifier.take(&stored)?;
        progress(&stored);
    }
    Ok(verifier.finish())
}

struct Verifier {
    /// Holds the state; nothing that the engine derives from it is used, so none is derived.
    snapshot: Snapshot,
    places: BTreeMap<PointId, Place>,
    verdict: Verdict,
    /// Already told: a fault that stays is one finding.
    told: BTreeSet<Flag>,
    since_audit: usize,
}

impl Verifier {
    fn new(settings: Arc<Settings>, roads: Arc<dyn Roads>) -> Result<Verifier, VerifyError> {
        let territory = settings.territory.clone();
        let snapshot = Snapshot::new(settings, roads).map_err(VerifyError::Settings)?;
        let verdict = Verdict {
            territory,
            records: 0,
            revision: snapshot.state.revision,
            plan_hash: plan_hash(&snapshot.state),
            now: snapshot.state.now,
            judged: BTreeMap::new(),
            audits: 0,
            under_other_rules: 0,
            findings: Vec::new(),
        };
        Ok(Verifier {
            snapshot,
            places: BTreeMap::new(),
            verdict,
            told: BTreeSet::new(),
            since_audit: 0,
        })
    }

    fn take(&mut self, stored: &StoredRecord) -> Result<(), VerifyError> {
        let (sequence, record) = (stored.head.sequence, &stored.record);
        self.note_places(record);
        self.check_order(sequence, record);
        for (cause, violation) in
            judge::violations(&self.snapshot, &self.places, record, &mut self.verdict.judged)
        {
            self.find(sequence, record, Wrong::Rule { cause, violation });
        }
        apply(&mut self.snapshot.state, record)
            .map_err(|source| VerifyError::Record { sequence, source })?;
        if plan_hash(&self.snapshot.state) != record.plan_hash {
            self.find(sequence, record, Wrong::Hash);
        }
        if record.policy_version != self.snapshot.settings.policy.version {
            self.verdict.under_other_rules += 1;
        }
        self.verdict.records += 1;
        if record.events.iter().any(moves_parcels) {
            self.since_audit += 1;
            let parcels =
                self.snapshot.state.assignments.len() + self.snapshot.state.unassigned.len();
            if self.since_audit > parcels / PARCELS_AUDITED_EACH_TIME {
                self.audit(sequence, record.revision);
            }
        }
        Ok(())
    }

    /// A point that is off this network has no place, and is reported as unreachable where it is used.
    fn note_places(&mut self, record: &Record) {
        for event in &record.events {
            if let Event::PointSet(point) = event
                && let Ok(snapped) = self.snapshot.roads.0.snap(point.location)
            {
                self.places.insert(point.id.clone(), snapped.place);
            }
        }
    }

    fn check_order(&mut self, sequence: u64, record: &Record) {
        let before = self.snapshot.state.revision;
        let changes = record.events.iter().any(|event| {
            matches!(
                event,
                Event::PlanChanged { .. } | Event::PromiseChanged { .. } | Event::StopPinned { .. }
            )
        });
        let expected = if changes { before.next() } else { before };
        if record.revision != expected {
            let what = "the revision is not the next one";
            self.find(sequence, record, Wrong::Order { what });
        }
        if record.at < self.snapshot.state.now {
            let what = "it was decided before the record before it";
            self.find(sequence, record, Wrong::Order { what });
        }
    }

    fn audit(&mut self, sequence: u64, revision: Revision) {
        self.since_audit = 0;
        self.verdict.audits += 1;
        let state = &self.snapshot.state;
        let unassigned: Vec<Task> = (state.unassigned.keys())
            .map(|(shipment, parcel)| Task {
                shipment: shipment.clone(),
                parcels: vec![parcel.clone()],
            })
            .collect();
        let shipments = || state.shipments.values().map(AsRef::as_ref);
        let flags = audit(shipments(), state.manifests.values().map(AsRef::as_ref), &unassigned);
        let at = state.now;
        let mut wrongs: Vec<Wrong> = Vec::new();
        wrongs.extend(
            flags.into_iter().filter(|flag| self.told.insert(flag.clone())).map(Wrong::Audit),
        );
        let counted = occupancy_of(shipments());
        for (point, kept) in &state.occupancy {
            let counted = counted.get(point).copied().unwrap_or(0);
            if counted != *kept {
                wrongs.push(Wrong::Occupancy { point: point.clone(), counted, kept: *kept });
            }
        }
        for wrong in wrongs {
            self.verdict.findings.push(Finding { sequence, revision, at, wrong });
        }
    }

    fn find(&mut self, sequence: u64, record: &Record, wrong: Wrong) {
        let (revision, at) = (record.revision, record.at);
        self.verdict.findings.push(Finding { sequence, revision, at, wrong });
    }

    fn finish(mut self) -> Verdict {
        let (sequence, revision) = (self.snapshot.state.sequence, self.snapshot.state.revision);
        if self.since_audit > 0 || self.verdict.audits == 0 {
            self.audit(sequence, revision);
        }
        let state = &self.snapshot.state;
        Verdict { revision, plan_hash: plan_hash(state), now: state.now, ..self.verdict }
    }
}

/// Whether where parcels are may be another after it.
const fn moves_parcels(event: &Event) -> bool {
    matches!(
        event,
        Event::ShipmentCreated(_)
            | Event::ShipmentCancelled(_)
            | Event::CustodyChanged { .. }
            | Event::PlanChanged { .. }
            | Event::StopCompleted { .. }
            | Event::StopFailed { .. }
            | Event::PromiseChanged { .. }
    )
}

#[cfg(test)]
mod tests;
