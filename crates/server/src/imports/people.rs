//! Who is meant by an address or a name.

use std::collections::HashMap;

use model::{OrgId, UserId};
use store::Member;

use crate::ctx::Ctx;
use crate::error::Result;

/// The people of an organization, by what files call them.
#[derive(Debug, Default)]
pub(crate) struct People {
    by_email: HashMap<String, UserId>,
    /// `None`: more than one has it.
    by_name: HashMap<String, Option<UserId>>,
    members: HashMap<UserId, Member>,
}

impl People {
    pub(crate) async fn of(ctx: &Ctx, org: OrgId) -> Result<Self> {
        Ok(Self::new(ctx.db.members(org).await?))
    }

    fn new(members: Vec<Member>) -> Self {
        let mut people = Self::default();
        for member in members {
            people
                .by_email
                .insert(member.email.to_lowercase(), member.user);
            // The part before the @ is what many tools call somebody.
            let local = member.email.split('@').next().unwrap_or_default();
            let mut names = vec![plain(&member.name), plain(local)];
            names.dedup();
            for name in names {
                people
                    .by_name
                    .entry(name)
                    .and_modify(|user| *user = user.filter(|user| *user == member.user))
                    .or_insert(Some(member.user));
            }
            people.members.insert(member.user, member);
        }
        people
    }

    /// A member by their address, else by a name that only one has.
    pub(crate) fn find(&self, text: &str) -> Option<UserId> {
        let text = text.trim();
        // `Ana Lima <ana@example.com>`
        let address = text
            .rsplit_once('<')
            .and_then(|(_, rest)| rest.strip_suffix('>'))
            .unwrap_or(text);
        let by_email = self.by_email.get(&address.trim().to_lowercase()).copied();
        by_email.or_else(|| self.by_name.get(&plain(text)).copied().flatten())
    }

    /// A member by their id.
    pub(crate) fn member(&self, id: UserId) -> Option<&Member> {
        self.members.get(&id)
    }
}

fn plain(name: &str) -> String {
    name.split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .to_lowercase()
}

#[cfg(test)]
mod tests {
    use model::{Role, Timestamp};
    use uuid::Uuid;

    use super::*;

    #[test]
    fn by_address_then_by_a_name_that_only_one_has() {
        let member = |n: u128, name: &str, email: &str| Member {
            user: UserId(Uuid::from_u128(n)),
            name: name.into(),
            email: email.into(),
            colour: String::new(),
            avatar: None,
            role: Role::Editor,
            created_at: Timestamp::from_micros(0),
        };
        let people = People::new(vec![
            member(1, "Ana Lima", "ana@x.io"),
            member(2, "Ben  Ito", "b.ito@x.io"),
            member(3, "Ana Lima", "lima@y.io"),
        ]);
        let id = |n| Some(UserId(Uuid::from_u128(n)));
        assert_eq!(people.find(" ANA@x.io"), id(1));
        assert_eq!(people.find("Whoever <lima@y.io>"), id(3));
        assert_eq!(people.find("ben ito"), id(2));
        assert_eq!(people.find("b.ito"), id(2));
        assert_eq!(people.find("Ana Lima"), None, "two have it");
        assert_eq!(people.find("nobody"), None);
        assert_eq!(people.find(""), None);
    }
}
