//! Who may do what: one pure rule.

use serde::{Deserialize, Serialize};

/// A person's standing, lowest first. Each has all that the ones before it have.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Sees.
    Viewer,
    /// Edits.
    Editor,
    /// Deletes and restores.
    Manager,
    /// Manages people and settings.
    Admin,
    /// Owns the organization.
    Owner,
}

impl Role {
    /// Every role, lowest first.
    pub const ALL: [Self; 5] = [
        Self::Viewer,
        Self::Editor,
        Self::Manager,
        Self::Admin,
        Self::Owner,
    ];

    /// The word as it stands in rows and the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Editor => "editor",
            Self::Manager => "manager",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }
}

impl std::fmt::Display for Role {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for Role {
    type Err = UnknownRole;
    fn from_str(word: &str) -> Result<Self, UnknownRole> {
        Self::ALL
            .into_iter()
            .find(|role| role.as_str() == word)
            .ok_or(UnknownRole)
    }
}

/// A word that names no role.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown role; one of: viewer, editor, manager, admin, owner")]
pub struct UnknownRole;

/// What somebody wants to do with a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// See it.
    View,
    /// Change its content.
    Edit,
    /// Delete or restore it.
    Delete,
    /// Manage people and settings of it.
    Admin,
    /// Own it: change owners, close it down.
    Billing,
}

impl Action {
    /// Every action.
    pub const ALL: [Self; 5] = [
        Self::View,
        Self::Edit,
        Self::Delete,
        Self::Admin,
        Self::Billing,
    ];
}

/// The rule. `role` is the highest that applies to the thing; `None` is a stranger, who may nothing.
pub fn can(role: Option<Role>, action: Action) -> bool {
    let needed = match action {
        Action::View => Role::Viewer,
        Action::Edit => Role::Editor,
        Action::Delete => Role::Manager,
        Action::Admin => Role::Admin,
        Action::Billing => Role::Owner,
    };
    role.is_some_and(|role| role >= needed)
}

/// What the caller may do with a thing, as responses carry it: the client asks, it never derives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[allow(clippy::struct_excessive_bools)]
pub struct Abilities {
    /// See it.
    pub view: bool,
    /// Change its content.
    pub edit: bool,
    /// Delete or restore it.
    pub delete: bool,
    /// Manage people and settings of it.
    pub admin: bool,
    /// Own it.
    pub billing: bool,
}

impl Abilities {
    /// All that `role` may.
    pub fn of(role: Option<Role>) -> Self {
        Self {
            view: can(role, Action::View),
            edit: can(role, Action::Edit),
            delete: can(role, Action::Delete),
            admin: can(role, Action::Admin),
            billing: can(role, Action::Billing),
        }
    }
}

impl Abilities {
    /// What of it is left to a credential of this reach.
    #[must_use]
    pub fn within(self, reach: Reach) -> Self {
        Self {
            view: self.view && reach.allows(Action::View),
            edit: self.edit && reach.allows(Action::Edit),
            delete: self.delete && reach.allows(Action::Delete),
            admin: self.admin && reach.allows(Action::Admin),
            billing: self.billing && reach.allows(Action::Billing),
        }
    }
}

/// What a personal access token was made for.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "lowercase")]
#[schema(as = TokenScope)]
pub enum Scope {
    /// To see.
    Read,
    /// To see, change and delete content.
    Write,
}

/// How far a credential reaches, whatever the role of who holds it. It takes away from a role and never adds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// A person who signed in.
    Full,
    /// A token with these scopes. People, settings and the account itself are out of every token's reach: a leaked one can't make itself another
    /// way in.
    Read,
    /// As `Read`, and content may be changed and deleted.
    Write,
}

impl Reach {
    /// Of a token with these scopes.
    pub fn of(scopes: &[Scope]) -> Self {
        if scopes.contains(&Scope::Write) {
            Self::Write
        } else {
            Self::Read
        }
    }

    /// Whether it reaches the action at all.
    pub fn allows(self, action: Action) -> bool {
        match action {
            Action::View => true,
            Action::Edit | Action::Delete => self != Self::Read,
            Action::Admin | Action::Billing => self == Self::Full,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_matrix_of_roles_and_actions() {
        let row = |role: Option<Role>| -> String {
            Action::ALL
                .iter()
                .map(|&action| if can(role, action) { 'x' } else { '.' })
                .collect()
        };
        //                               VEDAB
        assert_eq!(row(None), ".....");
        assert_eq!(row(Some(Role::Viewer)), "x....");
        assert_eq!(row(Some(Role::Editor)), "xx...");
        assert_eq!(row(Some(Role::Manager)), "xxx..");
        assert_eq!(row(Some(Role::Admin)), "xxxx.");
        assert_eq!(row(Some(Role::Owner)), "xxxxx");
    }

    #[test]
    fn the_matrix_of_reaches_and_actions() {
        let row = |reach: Reach| -> String {
            let all = Abilities::of(Some(Role::Owner)).within(reach);
            let by_action: String = Action::ALL
                .iter()
                .map(|&action| if reach.allows(action) { 'x' } else { '.' })
                .collect();
            let by_ability: String = [all.view, all.edit, all.delete, all.admin, all.billing]
                .map(|able| if able { 'x' } else { '.' })
                .iter()
                .collect();
            assert_eq!(by_action, by_ability);
            by_action
        };
        //                                         VEDAB
        assert_eq!(row(Reach::of(&[])), "x....");
        assert_eq!(row(Reach::of(&[Scope::Read])), "x....");
        assert_eq!(row(Reach::of(&[Scope::Write])), "xxx..");
        assert_eq!(row(Reach::of(&[Scope::Read, Scope::Write])), "xxx..");
        assert_eq!(row(Reach::Full), "xxxxx");
        let viewer = Abilities::of(Some(Role::Viewer)).within(Reach::Write);
        assert!(!viewer.edit, "a token adds nothing to a role");
    }

    #[test]
    fn words_round_trip() {
        for role in Role::ALL {
            assert_eq!(role.as_str().parse(), Ok(role));
        }
        assert_eq!("root".parse::<Role>(), Err(UnknownRole));
    }
}
