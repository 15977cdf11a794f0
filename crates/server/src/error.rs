//! Why a call has no answer, before it becomes a status.

use swerve_auth::{Denied, Unauthenticated};
use swerve_engine::EngineError;

use crate::fault::Faults;

/// One variant per thing a caller would do differently; `status` turns them into codes.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EdgeError {
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// All field faults at once.
    #[error("{} field(s) are invalid, first {}: {}", .0.kept.len() + .0.more, .0.kept[0].field, .0.kept[0].description)]
    Invalid(Faults),
    #[error(transparent)]
    Unauthenticated(#[from] Unauthenticated),
    #[error(transparent)]
    Denied(#[from] Denied),
    /// Not there, or not for this caller's eyes: the two look the same.
    #[error("{kind} {name:?} does not exist")]
    NotFound { kind: &'static str, name: String },
    #[error("the resume token is of another watch or too old; watch again without one")]
    ResumeTokenExpired,
    #[error("the clock may only be advanced from a loopback address")]
    LoopbackOnly,
    #[error("territory {territory:?} runs on the real clock, which nobody advances")]
    RealClock { territory: String },
    #[error("the message is not a valid encoding of the request")]
    Malformed,
    #[error("the message is larger than the {limit} bytes this service takes")]
    TooLarge { limit: usize },
    /// A status made outside our own code, without a reason of its own.
    #[error("{message}")]
    Transport { code: i32, message: String },
    /// Only our own mistake leads here. The text goes to the log, never to the caller.
    #[error("{0}")]
    Bug(&'static str),
}

impl EdgeError {
    pub(crate) fn not_found(kind: &'static str, name: &impl ToString) -> EdgeError {
        EdgeError::NotFound { kind, name: name.to_string() }
    }
}
