//! Errors as callers see them: a code, a stable reason, and what to do about it.
//!
//! The only file that names a status code. Every status carries `google.rpc.ErrorInfo` with domain
//! `swerve`; field faults are listed at once in `BadRequest`; overload says when to come back. The
//! published reasons are the string literals below.
//!
//! Details travel in a header, and common clients refuse headers beyond 8 KiB in all, so details are
//! cut to [`DETAILS_BYTES_MAX`] and say how much was left out.

use std::collections::HashMap;
use std::time::Duration;

use swerve_auth::{Denied, Unauthenticated};
use swerve_engine::{EngineError, FieldFault};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

use crate::convert::time::timestamp;
use crate::error::EdgeError;
use crate::fault::Faults;

/// What every reason is unique within.
const DOMAIN: &str = "swerve";
/// Field faults are listed up to this many bytes; base64 adds a third, and 8 KiB are the limit.
const DETAILS_BYTES_MAX: usize = 3_500;
/// A message is one line for a person.
const MESSAGE_CHARS_MAX: usize = 300;
/// A full queue holds a few batches, each of some ten milliseconds.
const OVERLOAD_RETRY: Duration = Duration::from_millis(50);
/// A restart replays a snapshot and a tail of the log.
const RESTART_RETRY: Duration = Duration::from_secs(1);

/// What becomes of an error.
struct Verdict {
    code: Code,
    reason: &'static str,
    message: String,
    details: ErrorDetails,
    facts: HashMap<String, String>,
}

impl Verdict {
    fn new(code: Code, reason: &'static str, message: &impl ToString) -> Verdict {
        let message = message.to_string();
        let details = ErrorDetails::new();
        Verdict { code, reason, message, details, facts: HashMap::new() }
    }

    fn retry_after(mut self, delay: Duration) -> Verdict {
        self.details.set_retry_info(Some(delay));
        self
    }

    fn about(mut self, kind: &str, name: &str) -> Verdict {
        let name: String = name.chars().take(MESSAGE_CHARS_MAX).collect();
        self.details.set_resource_info(kind, name, "", self.message.clone());
        self
    }

    fn fact(mut self, name: &str, value: &impl ToString) -> Verdict {
        self.facts.insert(name.to_owned(), value.to_string());
        self
    }

    fn into_status(mut self) -> Status {
        self.details.set_error_info(self.reason, DOMAIN, self.facts);
        let message = cut(&self.message, MESSAGE_CHARS_MAX);
        Status::with_error_details(self.code, message, self.details)
    }
}

fn cut(text: &str, chars: usize) -> String {
    match text.char_indices().nth(chars) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

impl From<EdgeError> for Status {
    fn from(error: EdgeError) -> Status {
        verdict(error).into_status()
    }
}

fn verdict(error: EdgeError) -> Verdict {
    let message = error.to_string();
    match error {
        EdgeError::Engine(error) => engine_verdict(error),
        EdgeError::Invalid(faults) => invalid(&faults),
        EdgeError::Unauthenticated(error) => unauthenticated(error),
        EdgeError::Denied(denied) => denied_verdict(denied),
        EdgeError::NotFound { kind, name } => {
            Verdict::new(Code::NotFound, "RESOURCE_NOT_FOUND", &message).about(kind, &name)
        }
        EdgeError::ResumeTokenExpired => {
            Verdict::new(Code::OutOfRange, "RESUME_TOKEN_EXPIRED", &message)
        }
        EdgeError::LoopbackOnly => Verdict::new(Code::PermissionDenied, "LOOPBACK_ONLY", &message),
        EdgeError::RealClock { territory } => precondition("CLOCK_IS_REAL", &territory, &message),
        EdgeError::Malformed => Verdict::new(Code::InvalidArgument, "MESSAGE_MALFORMED", &message),
        EdgeError::TooLarge { limit } => {
            Verdict::new(Code::InvalidArgument, "MESSAGE_TOO_LARGE", &message).fact("limit", &limit)
        }
        EdgeError::Transport { code, message } => {
            Verdict::new(Code::from_i32(code), transport_reason(Code::from_i32(code)), &message)
        }
        EdgeError::Bug(what) => {
            tracing::error!(what, "internal error");
            Verdict::new(Code::Internal, "INTERNAL", &"internal error; the server's log says more")
        }
    }
}

fn engine_verdict(error: EngineError) -> Verdict {
    let message = error.to_string();
    match error {
        EngineError::NotFound { kind, name } => {
            Verdict::new(Code::NotFound, "RESOURCE_NOT_FOUND", &message).about(kind, &name)
        }
        EngineError::AlreadyExists { kind, name } => {
            Verdict::new(Code::AlreadyExists, "RESOURCE_ALREADY_EXISTS", &message)
                .about(kind, &name)
        }
        EngineError::Invalid(kept) => invalid(&Faults { kept, more: 0 }),
        EngineError::RequestIdReused { .. } => {
            let mut verdict = Verdict::new(Code::InvalidArgument, "REQUEST_ID_REUSED", &message);
            verdict.details.add_bad_request_violation("request_id", message);
            verdict
        }
        EngineError::Precondition { reason, subject, .. } => {
            precondition(reason, &subject, &message)
        }
        EngineError::Conflict { expected, actual } => {
            Verdict::new(Code::Aborted, "REVISION_CONFLICT", &message)
                .fact("expected", &expected.0)
                .fact("actual", &actual.0)
        }
        EngineError::EtagMismatch { expected, actual } => {
            Verdict::new(Code::Aborted, "ETAG_MISMATCH", &message)
                .fact("expected", &expected)
                .fact("actual", &actual)
        }
        EngineError::Denied { .. } => Verdict::new(Code::PermissionDenied, "NOT_ALLOWED", &message),
        EngineError::Overloaded => {
            Verdict::new(Code::ResourceExhausted, "TERRITORY_OVERLOADED", &message)
                .retry_after(OVERLOAD_RETRY)
        }
        EngineError::DeadlinePassed => {
            Verdict::new(Code::DeadlineExceeded, "DEADLINE_PASSED", &message)
        }
        EngineError::TimeReversed { asked, now } => {
            let (asked, now) = (timestamp(asked), timestamp(now));
            let message = format!("{asked} is before {now}, and time runs forward");
            let mut verdict = Verdict::new(Code::InvalidArgument, "TIME_REVERSED", &message);
            verdict.details.add_bad_request_violation("time", message);
            verdict
        }
        EngineError::ShuttingDown => {
            Verdict::new(Code::Unavailable, "SHUTTING_DOWN", &message).retry_after(RESTART_RETRY)
        }
    }
}

fn unauthenticated(error: Unauthenticated) -> Verdict {
    let reason = match error {
        Unauthenticated::Missing => "TOKEN_MISSING",
        Unauthenticated::Malformed => "TOKEN_MALFORMED",
        Unauthenticated::Unknown => "TOKEN_UNKNOWN",
    };
    Verdict::new(Code::Unauthenticated, reason, &error)
}

/// What is not the caller's own is answered as if it were not there.
fn denied_verdict(denied: Denied) -> Verdict {
    match denied {
        Denied::UnknownMethod { method } => {
            Verdict::new(Code::Unimplemented, "METHOD_UNKNOWN", &"there is no such method")
                .fact("method", &cut(&method, MESSAGE_CHARS_MAX))
        }
        Denied::Role { role, .. } => {
            let message = format!("role {} may not call this method", role.name());
            Verdict::new(Code::PermissionDenied, "ROLE_NOT_ALLOWED", &message)
                .fact("role", &role.name())
        }
        Denied::OtherTenant | Denied::NotOwnManifest { .. } | Denied::NotOwnShipment { .. } => {
            Verdict::new(Code::NotFound, "RESOURCE_NOT_FOUND", &"it does not exist")
        }
    }
}

fn precondition(reason: &'static str, subject: &str, message: &str) -> Verdict {
    let mut verdict = Verdict::new(Code::FailedPrecondition, reason, &message);
    verdict.details.add_precondition_failure_violation(reason, subject, message);
    verdict
}

fn invalid(faults: &Faults) -> Verdict {
    let total = faults.kept.len() + faults.more;
    let first = faults.kept.first();
    let message = match (first, total) {
        (None, _) => "the request is invalid".to_owned(),
        (Some(fault), 1) => format!("{}: {}", fault.field, fault.description),
        (Some(fault), _) => {
            format!("{total} invalid fields, first {}: {}", fault.field, fault.description)
        }
    };
    let mut verdict = Verdict::new(Code::InvalidArgument, "INVALID_FIELDS", &message);
    let (listed, left_out) = listed(faults);
    for fault in listed {
        verdict.details.add_bad_request_violation(&fault.field, &fault.description);
    }
    if left_out > 0 {
        verdict
            .details
            .add_bad_request_violation("", format!("and {left_out} more, which do not fit here"));
    }
    verdict.fact("faults", &total)
}

/// As many faults as fit, and how many do not.
fn listed(faults: &Faults) -> (&[FieldFault], usize) {
    let mut bytes = 0;
    let fits = |fault: &&FieldFault| {
        bytes += fault.field.len() + fault.description.len() + 8;
        bytes <= DETAILS_BYTES_MAX
    };
    let count = faults.kept.iter().take_while(fits).count();
    (&faults.kept[..count], faults.kept.len() - count + faults.more)
}

/// A reason for a status that was made outside our own code.
const fn transport_reason(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled | Code::DeadlineExceeded => "DEADLINE_PASSED",
        Code::Unimplemented => "METHOD_UNKNOWN",
        Code::ResourceExhausted => "TERRITORY_OVERLOADED",
        Code::Unavailable => "SHUTTING_DOWN",
        Code::InvalidArgument | Code::OutOfRange => "MESSAGE_MALFORMED",
        Code::Unknown
        | Code::NotFound
        | Code::AlreadyExists
        | Code::PermissionDenied
        | Code::FailedPrecondition
        | Code::Aborted
        | Code::Internal
        | Code::DataLoss
        | Code::Unauthenticated => "INTERNAL",
    }
}

/// Gives a status made by the transport a reason of ours; one of our own is left as it is.
///
/// A message that is too large or cannot be decoded is the caller's fault, and is answered so.
pub(crate) fn with_reason(status: &Status, limit: usize) -> Option<Status> {
    if !status.details().is_empty() || status.code() == Code::Ok {
        return None;
    }
    let error = match status.code() {
        // Our own handlers give their errors details; what the codec reports is about the bytes.
        Code::Internal => EdgeError::Malformed,
        Code::OutOfRange => EdgeError::TooLarge { limit },
        code => EdgeError::Transport { code: code as i32, message: status.message().to_owned() },
    };
    Some(error.into())
}

/// The code's name, for metrics and logs.
pub(crate) fn code_name(status: Option<&Status>) -> &'static str {
    let Some(status) = status else { return "OK" };
    match status.code() {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}

#[cfg(test)]
mod tests;
