//! Who may do what: the rules, and how they decide.

mod rules;

use authz::{CheckAuthRequest, CheckAuthResponse, Error};

use rules::{Effect, ROLES, RULES, Rule};

/// Answers a question by the rules: a rule that denies wins over those that allow, and what no rule is for is denied.
///
/// # Errors
///
/// `invalid-argument` if the question is none: a name is missing, or the resource is no path.
pub fn decide(request: &CheckAuthRequest) -> Result<CheckAuthResponse, Error> {
    let CheckAuthRequest { user_id, resource, action } = request;
    for (name, value) in [("user_id", user_id), ("resource", resource), ("action", action)] {
        if value.is_empty() {
            return Err(Error::invalid_argument(format!("{name} is empty")));
        }
    }
    // Were `..` taken for a name, `documents/../settings` would be below `documents`.
    if resource.split('/').any(|segment| matches!(segment, "" | "." | "..")) {
        return Err(Error::invalid_argument("resource is not a path in its normal form"));
    }

    let applies = |rule: &&Rule| {
        has_role(user_id, rule.role)
            && rule.actions.contains(&action.as_str())
            && covers(rule.resource, resource, user_id)
    };
    let applying = || RULES.iter().filter(applies);
    let decisive = applying().find(|rule| rule.effect == Effect::Deny).or_else(|| applying().next());
    Ok(match decisive {
        Some(rule) => CheckAuthResponse { allow: rule.effect == Effect::Allow, reason: rule.reason.into() },
        None => denied("no rule allows it"),
    })
}

/// The answer where the decision could not be recorded.
pub fn unrecorded(error: &Error) -> CheckAuthResponse {
    denied(format!("the audit log has not taken the decision ({error})"))
}

fn denied(reason: impl Into<String>) -> CheckAuthResponse {
    CheckAuthResponse { allow: false, reason: reason.into() }
}

fn has_role(user_id: &str, role: &str) -> bool {
    role == rules::ANYBODY || ROLES.iter().any(|(user, roles)| *user == user_id && roles.contains(&role))
}

/// Whether a pattern covers a path: segment by segment, where `*` is any segment, `{user}` is the user's own and `**` is
/// one segment or more.
fn covers(pattern: &str, path: &str, user_id: &str) -> bool {
    let mut path = path.split('/');
    for expected in pattern.split('/') {
        let Some(segment) = path.next() else { return false };
        match expected {
            "**" => return true,
            "*" => {}
            "{user}" if segment != user_id => return false,
            "{user}" => {}
            literal if segment != literal => return false,
            _ => {}
        }
    }
    path.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use authz::Code;

    fn ask(user_id: &str, action: &str, resource: &str) -> Result<CheckAuthResponse, Error> {
        decide(&CheckAuthRequest { user_id: user_id.into(), resource: resource.into(), action: action.into() })
    }

    #[test]
    fn the_rules_decide() {
        for (user, action, resource, allow, reason) in [
            ("alice", "write", "documents/roadmap", true, "editors read and write documents"),
            ("alice", "delete", "documents/roadmap", false, "no rule allows it"),
            ("bob", "read", "documents/roadmap", true, "viewers read documents"),
            ("bob", "write", "documents/roadmap", false, "no rule allows it"),
            ("bob", "read", "documents/salaries/2026", false, "salaries are for administrators"),
            ("carol", "read", "documents/salaries/2026", true, "administrators do everything"),
            ("carol", "delete", "settings/billing", true, "administrators do everything"),
            ("bob", "write", "users/bob/avatar", true, "everybody has a folder of their own"),
            ("bob", "write", "users/alice/avatar", false, "no rule allows it"),
            ("mallory", "read", "users/mallory/avatar", false, "the account is suspended"),
            ("nobody", "read", "documents/roadmap", false, "no rule allows it"),
        ] {
            let answer = ask(user, action, resource).unwrap();
            assert_eq!(answer, CheckAuthResponse { allow, reason: reason.into() }, "{user} {action} {resource}");
        }
    }

    #[test]
    fn a_question_without_sense_is_an_error() {
        for (user, action, resource, message) in [
            ("", "read", "documents/roadmap", "user_id is empty"),
            ("alice", "", "documents/roadmap", "action is empty"),
            ("alice", "read", "", "resource is empty"),
            ("alice", "read", "documents/../settings", "resource is not a path in its normal form"),
            ("alice", "read", "documents//roadmap", "resource is not a path in its normal form"),
            ("alice", "read", "/documents", "resource is not a path in its normal form"),
        ] {
            let error = ask(user, action, resource).unwrap_err();
            assert_eq!((error.code, error.message.as_str()), (Code::InvalidArgument, message));
        }
    }

    #[test]
    fn names_are_no_patterns() {
        assert!(!ask("*", "read", "users/alice/avatar").unwrap().allow);
        assert!(!ask("{user}", "read", "users/alice/avatar").unwrap().allow);
        assert!(!ask("alice", "read", "users/{user}/avatar").unwrap().allow);
        assert!(!ask("alice/x", "read", "users/alice/x").unwrap().allow);
    }

    #[test]
    fn patterns_cover_whole_paths() {
        for (pattern, path, expected) in [
            ("a/**", "a/b/c", true),
            ("a/**", "a", false),
            ("a/*", "a/b", true),
            ("a/*", "a/b/c", false),
            ("a", "a/b", false),
            ("a/b", "a", false),
            ("**", "a", true),
        ] {
            assert_eq!(covers(pattern, path, "me"), expected, "{pattern} {path}");
        }
    }

    #[test]
    fn without_a_record_the_answer_is_no() {
        let answer = unrecorded(&Error::unavailable("disk full"));
        assert!(!answer.allow);
        assert_eq!(answer.reason, "the audit log has not taken the decision (unavailable: disk full)");
    }
}
