//! What went wrong, in the server's own words.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use tonic::{Code, Status};
use tonic_types::StatusExt;

/// Why a call has no answer.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    #[error("{address:?} is not an address like http://host:port")]
    Address { address: String, source: tonic::transport::Error },
    #[error("the token has a character that no header can carry")]
    Token,
    #[error("no connection could be made")]
    Connect(#[source] tonic::transport::Error),
    /// The server said no, or the connection did.
    #[error("{0}")]
    Rejected(Box<Rejection>),
    #[error("no answer within {deadline:?}")]
    DeadlinePassed { deadline: Duration },
}

impl ClientError {
    /// The server's reason, e.g. `RESUME_TOKEN_EXPIRED`; empty when it gave none.
    pub fn reason(&self) -> &str {
        match self {
            ClientError::Rejected(rejection) => &rejection.reason,
            ClientError::Address { .. }
            | ClientError::Token
            | ClientError::Connect(_)
            | ClientError::DeadlinePassed { .. } => "",
        }
    }

    /// The status code, where a server gave one.
    pub fn code(&self) -> Option<Code> {
        match self {
            ClientError::Rejected(rejection) => Some(rejection.code),
            ClientError::DeadlinePassed { .. } => Some(Code::DeadlineExceeded),
            ClientError::Address { .. } | ClientError::Token | ClientError::Connect(_) => None,
        }
    }
}

/// One fault of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldViolation {
    /// As the request spells it, e.g. `shipments[3].parcels[0].name`.
    pub field: String,
    pub description: String,
}

/// One rule that the state did not meet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreconditionViolation {
    /// The reason, e.g. `CUTOFF_PASSED`.
    pub kind: String,
    pub subject: String,
    pub description: String,
}

/// A status with everything it came with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    pub code: Code,
    pub message: String,
    /// Stable, e.g. `REVISION_CONFLICT`; empty when the connection failed, not the server.
    pub reason: String,
    /// Whose reason it is: `swerve`.
    pub domain: String,
    /// What came with the reason.
    pub facts: BTreeMap<String, String>,
    /// All field faults at once.
    pub fields: Vec<FieldViolation>,
    pub preconditions: Vec<PreconditionViolation>,
    /// The server asks not to be called sooner.
    pub retry_after: Option<Duration>,
}

impl Default for Rejection {
    fn default() -> Rejection {
        Rejection {
            code: Code::Unknown,
            message: String::new(),
            reason: String::new(),
            domain: String::new(),
            facts: BTreeMap::new(),
            fields: Vec::new(),
            preconditions: Vec::new(),
            retry_after: None,
        }
    }
}

impl fmt::Display for Rejection {
    /// `INVALID_ARGUMENT, reason INVALID_FIELDS: 2 invalid fields, ...`, then a line for each further
    /// field.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.code)?;
        if !self.reason.is_empty() {
            write!(f, ", reason {}", self.reason)?;
        }
        write!(f, ": {}", self.message)?;
        if self.fields.len() > 1 {
            for FieldViolation { field, description } in &self.fields {
                write!(f, "\n  {field}: {description}")?;
            }
        }
        Ok(())
    }
}

impl From<Status> for ClientError {
    fn from(status: Status) -> ClientError {
        ClientError::Rejected(Box::new(rejection(&status)))
    }
}

fn rejection(status: &Status) -> Rejection {
    let details = status.get_error_details();
    let info = details.error_info().cloned();
    let fields = details.bad_request().map(|faults| faults.field_violations.as_slice());
    let rules = details.precondition_failure().map(|failure| failure.violations.as_slice());
    Rejection {
        code: status.code(),
        message: status.message().to_owned(),
        reason: info.as_ref().map(|info| info.reason.clone()).unwrap_or_default(),
        domain: info.as_ref().map(|info| info.domain.clone()).unwrap_or_default(),
        facts: info.into_iter().flat_map(|info| info.metadata).collect(),
        fields: (fields.unwrap_or_default().iter())
            .map(|fault| FieldViolation {
                field: fault.field.clone(),
                description: fault.description.clone(),
            })
            .collect(),
        preconditions: (rules.unwrap_or_default().iter())
            .map(|rule| PreconditionViolation {
                kind: rule.r#type.clone(),
                subject: rule.subject.clone(),
                description: rule.description.clone(),
            })
            .collect(),
        retry_after: details.retry_info().and_then(|info| info.retry_delay),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tonic_types::ErrorDetails;

    #[test]
    fn everything_a_status_says_is_typed() {
        let mut details = ErrorDetails::new();
        details.set_error_info("INVALID_FIELDS", "swerve", [("faults".into(), "2".into())]);
        details.add_bad_request_violation("wish", "asks for nothing");
        details.add_bad_request_violation("request_id", "is required");
        details.add_precondition_failure_violation("CUTOFF_PASSED", "s1", "at 10:00");
        details.set_retry_info(Some(Duration::from_millis(50)));
        let status = Status::with_error_details(Code::InvalidArgument, "2 invalid fields", details);
        let ClientError::Rejected(rejection) = ClientError::from(status) else {
            panic!("a status is a rejection")
        };
        assert_eq!(
            (rejection.reason.as_str(), rejection.domain.as_str()),
            ("INVALID_FIELDS", "swerve")
        );
        assert_eq!(rejection.facts.get("faults").map(String::as_str), Some("2"));
        assert_eq!(rejection.fields[1].field, "request_id");
        assert_eq!(rejection.preconditions[0].kind, "CUTOFF_PASSED");
        assert_eq!(rejection.retry_after, Some(Duration::from_millis(50)));
        let text = rejection.to_string();
        assert!(text.contains("\n  wish: asks for nothing"), "{text}");
    }

    #[test]
    fn a_status_that_says_little_is_still_a_rejection() {
        let error = ClientError::from(Status::unavailable("connection refused"));
        assert_eq!((error.code(), error.reason()), (Some(Code::Unavailable), ""));
    }
}
