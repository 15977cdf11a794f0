use super::*;
use swerve_auth::Action;
use swerve_model::{Moment, Revision, Role};

fn reason_of(status: &Status) -> String {
    let info = status.get_details_error_info().expect("every status has one");
    assert_eq!(info.domain, "swerve");
    info.reason
}

/// Every kind of error there is, with the code and reason callers may rely on.
fn published() -> Vec<(EdgeError, Code, &'static str)> {
    let text = || "x".to_owned();
    vec![
        (EngineError::not_found("vehicle", &"v").into(), Code::NotFound, "RESOURCE_NOT_FOUND"),
        (
            EngineError::AlreadyExists { kind: "vehicle", name: text() }.into(),
            Code::AlreadyExists,
            "RESOURCE_ALREADY_EXISTS",
        ),
        (EngineError::invalid("wish", text()).into(), Code::InvalidArgument, "INVALID_FIELDS"),
        (
            EngineError::RequestIdReused { id: text() }.into(),
            Code::InvalidArgument,
            "REQUEST_ID_REUSED",
        ),
        (
            EngineError::precondition("CUTOFF_PASSED", &"s", text()).into(),
            Code::FailedPrecondition,
            "CUTOFF_PASSED",
        ),
        (
            EngineError::Conflict { expected: Revision(1), actual: Revision(2) }.into(),
            Code::Aborted,
            "REVISION_CONFLICT",
        ),
        (
            EngineError::EtagMismatch { expected: 1, actual: 2 }.into(),
            Code::Aborted,
            "ETAG_MISMATCH",
        ),
        (EngineError::Denied { role: "driver" }.into(), Code::PermissionDenied, "NOT_ALLOWED"),
        (EngineError::Overloaded.into(), Code::ResourceExhausted, "TERRITORY_OVERLOADED"),
        (EngineError::DeadlinePassed.into(), Code::DeadlineExceeded, "DEADLINE_PASSED"),
        (
            EngineError::TimeReversed { asked: Moment(1), now: Moment(2) }.into(),
            Code::InvalidArgument,
            "TIME_REVERSED",
        ),
        (EngineError::ShuttingDown.into(), Code::Unavailable, "SHUTTING_DOWN"),
        (Unauthenticated::Missing.into(), Code::Unauthenticated, "TOKEN_MISSING"),
        (Unauthenticated::Malformed.into(), Code::Unauthenticated, "TOKEN_MALFORMED"),
        (Unauthenticated::Unknown.into(), Code::Unauthenticated, "TOKEN_UNKNOWN"),
        (Denied::UnknownMethod { method: text() }.into(), Code::Unimplemented, "METHOD_UNKNOWN"),
        (
            Denied::Role { role: Role::Driver, action: Action::GetPlan }.into(),
            Code::PermissionDenied,
            "ROLE_NOT_ALLOWED",
        ),
        (Denied::OtherTenant.into(), Code::NotFound, "RESOURCE_NOT_FOUND"),
        (
            Denied::NotOwnShipment { action: Action::GetShipment }.into(),
            Code::NotFound,
            "RESOURCE_NOT_FOUND",
        ),
        (EdgeError::not_found("shipment", &"s"), Code::NotFound, "RESOURCE_NOT_FOUND"),
        (EdgeError::ResumeTokenExpired, Code::OutOfRange, "RESUME_TOKEN_EXPIRED"),
        (EdgeError::LoopbackOnly, Code::PermissionDenied, "LOOPBACK_ONLY"),
        (EdgeError::RealClock { territory: text() }, Code::FailedPrecondition, "CLOCK_IS_REAL"),
        (EdgeError::Malformed, Code::InvalidArgument, "MESSAGE_MALFORMED"),
        (EdgeError::TooLarge { limit: 7 }, Code::InvalidArgument, "MESSAGE_TOO_LARGE"),
        (EdgeError::Bug("a secret of the implementation"), Code::Internal, "INTERNAL"),
    ]
}

#[test]
fn every_error_has_its_published_code_and_reason() {
    for (error, code, reason) in published() {
        let shown = format!("{error:?}");
        let status = Status::from(error);
        assert_eq!((status.code(), reason_of(&status).as_str()), (code, reason), "{shown}");
    }
}

#[test]
fn overload_says_when_to_come_back() {
    let status = Status::from(EdgeError::from(EngineError::Overloaded));
    let retry = status.get_details_retry_info().expect("it has one");
    assert_eq!(retry.retry_delay, Some(OVERLOAD_RETRY));
}

#[test]
fn what_went_wrong_inside_stays_inside() {
    let status = Status::from(EdgeError::Bug("a secret of the implementation"));
    assert!(!format!("{status:?}").contains("secret"));
}

#[test]
fn all_field_faults_are_listed_with_paths() {
    let fault = |field: &str| FieldFault { field: field.into(), description: "is wrong".into() };
    let kept = vec![fault("wish.windows[0]"), fault("request_id")];
    let status = Status::from(EdgeError::Invalid(Faults { kept, more: 0 }));
    let listed = status.get_details_bad_request().expect("it has one").field_violations;
    let fields: Vec<&str> = listed.iter().map(|violation| violation.field.as_str()).collect();
    assert_eq!(fields, ["wish.windows[0]", "request_id"]);
}

#[test]
fn a_thousand_faults_fit_into_the_headers_a_client_accepts() {
    let mut faults = Faults::new();
    for index in 0..1000 {
        let at = crate::fault::Path::Root;
        faults.add(at.item("shipments", index), "é".repeat(150));
    }
    let status = Status::from(EdgeError::Invalid(faults));
    let headers: usize = status
        .clone()
        .into_http::<()>()
        .headers()
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len() + 32)
        .sum();
    assert!(headers < 8 << 10, "{headers} bytes");
    let listed = status.get_details_bad_request().expect("it has one").field_violations;
    let last = listed.last().expect("some fit");
    assert!(last.description.contains("more"), "{}", last.description);
}

#[test]
fn a_status_of_the_transport_gets_a_reason_and_our_own_keeps_its() {
    let foreign = Status::internal("failed to decode Protobuf message: x");
    let ours = with_reason(&foreign, 4).expect("it had none");
    assert_eq!(
        (ours.code(), reason_of(&ours).as_str()),
        (Code::InvalidArgument, "MESSAGE_MALFORMED")
    );
    let large = with_reason(&Status::out_of_range("too large"), 4).expect("it had none");
    assert_eq!(reason_of(&large), "MESSAGE_TOO_LARGE");
    assert!(with_reason(&ours, 4).is_none());
    assert!(with_reason(&Status::new(Code::Ok, ""), 4).is_none());
}
