//! Why a request was not carried out. Nothing of it has taken effect.
//!
//! "The wish cannot be had" is an answer (a quote with refusals), not one of these.

use swerve_model::{Moment, Revision};

/// One fault in a request, by the path of the field at fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldFault {
    /// As the caller spelled it, e.g. `shipments[3].parcels[0].id`.
    pub field: String,
    /// The value and the rule it breaks.
    pub description: String,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    #[error("{kind} {name:?} does not exist")]
    NotFound { kind: &'static str, name: String },
    #[error("{kind} {name:?} already exists")]
    AlreadyExists { kind: &'static str, name: String },
    /// All faults at once, not the first.
    #[error("{} invalid field(s), first {}: {}", .0.len(), .0[0].field, .0[0].description)]
    Invalid(Vec<FieldFault>),
    #[error("request id {id:?} was used before with another body")]
    RequestIdReused { id: String },
    /// The state does not allow it (yet, or any more).
    #[error("{rule}")]
    Precondition { reason: &'static str, subject: String, rule: String },
    /// It was decided on a plan that has changed since.
    #[error("expected revision {}, the plan is at {}", expected.0, actual.0)]
    Conflict { expected: Revision, actual: Revision },
    #[error("etag {expected} does not match {actual}")]
    EtagMismatch { expected: u64, actual: u64 },
    #[error("{role} may not do this")]
    Denied { role: &'static str },
    #[error("the territory's queue is full")]
    Overloaded,
    #[error("the deadline passed before it was decided")]
    DeadlinePassed,
    #[error("time runs forward: {} is before {}", .asked.0, .now.0)]
    TimeReversed { asked: Moment, now: Moment },
    #[error("the territory is shutting down")]
    ShuttingDown,
}

impl EngineError {
    pub fn not_found(kind: &'static str, name: &impl ToString) -> EngineError {
        EngineError::NotFound { kind, name: name.to_string() }
    }

    pub fn precondition(
        reason: &'static str,
        subject: &impl ToString,
        rule: String,
    ) -> EngineError {
        EngineError::Precondition { reason, subject: subject.to_string(), rule }
    }

    pub fn invalid(field: &str, description: String) -> EngineError {
        EngineError::Invalid(vec![FieldFault { field: field.to_owned(), description }])
    }
}
