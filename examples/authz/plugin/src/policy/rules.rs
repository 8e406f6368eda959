/// Whether a rule is for or against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    Allow,
    Deny,
}

/// One rule. It applies where role, action and resource fit.
pub(super) struct Rule {
    pub(super) effect: Effect,
    pub(super) role: &'static str,
    pub(super) actions: &'static [&'static str],
    /// A pattern, as [`super::covers`] reads it.
    pub(super) resource: &'static str,
    /// What the answer says.
    pub(super) reason: &'static str,
}

/// A role that needs nobody to be given it.
pub(super) const ANYBODY: &str = "anybody";

const READ: &[&str] = &["read"];
const EDIT: &[&str] = &["read", "write"];
const ALL: &[&str] = &["read", "write", "delete"];

/// Who has which roles.
pub(super) const ROLES: &[(&str, &[&str])] = &[
    ("alice", &["editor", "staff"]),
    ("bob", &["viewer", "staff"]),
    ("carol", &["administrator"]),
    ("mallory", &["viewer", "staff", "suspended"]),
];

/// The rules. Of several that apply, one that denies decides, else the first.
pub(super) const RULES: &[Rule] = &[
    rule(Effect::Deny, "suspended", ALL, "**", "the account is suspended"),
    rule(Effect::Deny, "staff", ALL, "documents/salaries/**", "salaries are for administrators"),
    rule(Effect::Allow, "administrator", ALL, "**", "administrators do everything"),
    rule(Effect::Allow, "editor", EDIT, "documents/**", "editors read and write documents"),
    rule(Effect::Allow, "viewer", READ, "documents/**", "viewers read documents"),
    rule(Effect::Allow, ANYBODY, ALL, "users/{user}/**", "everybody has a folder of their own"),
];

const fn rule(
    effect: Effect,
    role: &'static str,
    actions: &'static [&'static str],
    resource: &'static str,
    reason: &'static str,
) -> Rule {
    Rule { effect, role, actions, resource, reason }
}
