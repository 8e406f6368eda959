//! The plugin as its host calls it, natively: what it writes into the audit log, and what follows if it cannot.
#![allow(missing_docs)]

use authz::mock::Host;
use authz::{CheckAuthRequest, Code, Error, Plugin as _, RecordRequest, RecordResponse};
use authz_plugin::Policy;

fn request(user_id: &str, action: &str) -> CheckAuthRequest {
    CheckAuthRequest { user_id: user_id.into(), resource: format!("users/{user_id}/notes"), action: action.into() }
}

#[test]
fn a_decision_is_recorded_as_it_is_made() {
    let host = Host::new();
    host.audit().record().returns(RecordResponse { sequence: 1 }).times(1);
    let response = host.call(|ctx| Policy.check_auth(ctx, request("carol", "read"))).unwrap();
    assert!(response.allow);
    let recorded = RecordRequest {
        user_id: "carol".into(),
        resource: "users/carol/notes".into(),
        action: "read".into(),
        allow: true,
        reason: response.reason,
    };
    assert_eq!(host.audit().record().requests(), [recorded]);
}

#[test]
fn what_cannot_be_recorded_is_denied() {
    let host = Host::new();
    host.audit().record().fails(Error::unavailable("the disk is full"));
    let response = host.call(|ctx| Policy.check_auth(ctx, request("carol", "read"))).unwrap();
    assert!(!response.allow);
    assert!(response.reason.contains("the disk is full"), "{}", response.reason);
}

#[test]
fn a_question_that_is_none_leaves_no_record() {
    let host = Host::new();
    host.audit().record().never();
    let error = host.call(|ctx| Policy.check_auth(ctx, request("carol", ""))).unwrap_err();
    assert_eq!(error.code, Code::InvalidArgument);
}
