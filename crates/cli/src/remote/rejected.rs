//! What a server's no means: an exit code for scripts, and every word of it for people.

use swerve_client::{ClientError, Code, Rejection};

use crate::exit::{Exit, Failure};

/// The error of a call, told in full; `what` says what could not be done.
pub(crate) fn failure(error: ClientError, what: &str) -> anyhow::Error {
    match error {
        ClientError::Rejected(rejection) => {
            let told = format!("{what}: {}", told(&rejection));
            Failure::new(exit_of(rejection.code), told).into()
        }
        ClientError::Connect(_) | ClientError::DeadlinePassed { .. } => {
            Failure::caused(Exit::Connection, what.to_owned(), error.into()).into()
        }
        ClientError::Address { .. } | ClientError::Token => {
            Failure::caused(Exit::Usage, what.to_owned(), error.into()).into()
        }
    }
}

const fn exit_of(code: Code) -> Exit {
    match code {
        Code::InvalidArgument
        | Code::NotFound
        | Code::OutOfRange
        | Code::Unimplemented
        | Code::PermissionDenied
        | Code::Unauthenticated => Exit::Invalid,
        Code::FailedPrecondition => Exit::Unserved,
        Code::Aborted | Code::AlreadyExists => Exit::Conflict,
        Code::Unavailable | Code::DeadlineExceeded | Code::ResourceExhausted | Code::Cancelled => {
            Exit::Connection
        }
        Code::Ok | Code::Unknown | Code::Internal | Code::DataLoss => Exit::Internal,
    }
}

/// As the API's documentation spells it.
const fn code_name(code: Code) -> &'static str {
    match code {
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

/// Code, reason and message; then a line for each field, rule, fact, and when to come back.
fn told(rejection: &Rejection) -> String {
    let (code, message) = (code_name(rejection.code), &rejection.message);
    let mut lines = vec![match rejection.reason.as_str() {
        "" => format!("{code}: {message}"),
        reason => format!("{code} ({reason}): {message}"),
    }];
    let fields = rejection.fields.iter();
    let fields = fields.map(|fault| format!("{}: {}", fault.field, fault.description));
    // A single fault is the message already.
    lines.extend(fields.filter(|fault| fault != message));
    let rules = rejection.preconditions.iter().filter(|rule| rule.description != *message);
    lines.extend(
        rules.map(|rule| format!("{} of {}: {}", rule.kind, rule.subject, rule.description)),
    );
    lines.extend(rejection.facts.iter().map(|(fact, value)| format!("{fact} = {value}")));
    lines.extend(rejection.retry_after.map(|delay| format!("try again after {delay:?}")));
    lines.join("\n  ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use swerve_client::FieldViolation;

    #[test]
    fn every_field_and_fact_of_a_refusal_is_told() {
        let field = |name: &str| FieldViolation {
            field: name.to_owned(),
            description: "is required".to_owned(),
        };
        let rejection = Rejection {
            code: Code::InvalidArgument,
            message: "2 invalid fields".to_owned(),
            reason: "INVALID_FIELDS".to_owned(),
            fields: vec![field("wish"), field("request_id")],
            facts: [("faults".to_owned(), "2".to_owned())].into(),
            ..Rejection::default()
        };
        let expected = "INVALID_ARGUMENT (INVALID_FIELDS): 2 invalid fields\n  wish: is required\n  \
                        request_id: is required\n  faults = 2";
        assert_eq!(told(&rejection), expected);
    }

    #[test]
    fn a_single_fault_is_told_once() {
        let fault =
            FieldViolation { field: "name".to_owned(), description: "is required".to_owned() };
        let rejection = Rejection {
            code: Code::InvalidArgument,
            message: "name: is required".to_owned(),
            reason: "INVALID_FIELDS".to_owned(),
            fields: vec![fault],
            ..Rejection::default()
        };
        assert_eq!(told(&rejection), "INVALID_ARGUMENT (INVALID_FIELDS): name: is required");
    }

    #[test]
    fn conflicts_and_absence_have_exit_codes_of_their_own() {
        assert_eq!(exit_of(Code::Aborted), Exit::Conflict);
        assert_eq!(exit_of(Code::Unavailable), Exit::Connection);
        assert_eq!(exit_of(Code::InvalidArgument), Exit::Invalid);
        assert_eq!(exit_of(Code::FailedPrecondition), Exit::Unserved);
        assert_eq!(exit_of(Code::Internal), Exit::Internal);
    }
}
