//! Accounts, sessions, organizations, invitations.

use model::*;
use store::*;
use uuid::Uuid;

use crate::common::*;

fn new_user(n: u128, email: &str) -> NewUser {
    NewUser {
        id: user(n),
        email: email.into(),
        name: format!("Person {n}"),
        colour: "#336699".into(),
        email_verified_at: None,
        created_at: at(5),
    }
}

fn new_session(n: u128, of: u128) -> NewSession {
    NewSession {
        id: session(n),
        user: user(of),
        agent: "Firefox".into(),
        ip: "127.0.0.1".into(),
        created_at: at(10 + n as i64),
        expires_at: at(1_000_000_000),
    }
}

store::db_test! {
    async fn an_address_has_one_account_in_any_spelling(db: Db) {
        db.create_user(&new_user(1, " Ada@Example.org ")).await.unwrap();
        let taken = db.create_user(&new_user(2, "ADA@example.ORG")).await.unwrap_err();
        assert!(taken.is_taken(UniqueKey::UserEmail), "{taken}");
        let taken = db.create_user(&new_user(1, "other@example.org")).await.unwrap_err();
        assert!(taken.is_taken(UniqueKey::Id), "{taken}");
        let found = db.user_by_email("ada@EXAMPLE.org").await.unwrap().unwrap();
        assert_eq!(found, db.user(user(1)).await.unwrap().unwrap());
        assert_eq!(found.email, "Ada@Example.org");
        assert_eq!(found.email_verified_at, None);
        assert_eq!(db.user_by_email("ad\0a@nowhere").await.unwrap(), None);
        assert_eq!(db.user_count().await.unwrap(), 1);
        db.create_user(&new_user(2, "b@example.org")).await.unwrap();
        let mut both = db.users(&[user(2), user(3), user(1)]).await.unwrap();
        both.sort_by_key(|u| u.id);
        assert_eq!(both.iter().map(|u| u.id).collect::<Vec<_>>(), [user(1), user(2)]);
        assert_eq!(db.users(&[]).await.unwrap(), []);
    }

    async fn an_account_changes(db: Db) {
        db.create_user(&new_user(1, "ada@example.org")).await.unwrap();
        let mut tx = db.begin_write().await.unwrap();
        tx.rename_user(user(1), "Ada\0 L.", at(6)).await.unwrap();
        assert!(tx.set_email_verified(user(1), "ADA@example.org", at(7)).await.unwrap());
        assert!(!tx.set_email_verified(user(1), "old@example.org", at(8)).await.unwrap());
        tx.set_suspended(user(1), Some(at(9)), at(9)).await.unwrap();
        assert!(matches!(tx.rename_user(user(9), "x", at(6)).await, Err(Error::NotFound)));
        tx.commit().await.unwrap();
        let found = db.user(user(1)).await.unwrap().unwrap();
        assert_eq!(found.name, "Ada L.");
        assert_eq!(found.email_verified_at, Some(at(7)));
        assert_eq!((found.suspended_at, found.updated_at), (Some(at(9)), at(9)));

        assert_eq!(db.password_hash(user(1)).await.unwrap(), None);
        db.set_password(user(1), "one", at(1)).await.unwrap();
        db.set_password(user(1), "two", at(2)).await.unwrap();
        assert_eq!(db.password_hash(user(1)).await.unwrap().as_deref(), Some("two"));
    }

    async fn a_mailed_token_works_once_in_its_time_for_its_purpose(db: Db) {
        db.create_user(&new_user(1, "ada@example.org")).await.unwrap();
        let mut tx = db.begin_write().await.unwrap();
        let (reset, verify) = (EmailPurpose::Reset, EmailPurpose::Verify);
        for (hash, purpose) in [(b"old", reset), (b"new", reset), (b"ver", verify)] {
            tx.create_email_token(hash, user(1), purpose, "ada@example.org", at(1), at(100))
                .await
                .unwrap();
        }
        assert_eq!(tx.use_email_token(b"old", reset, at(2)).await.unwrap(), None, "replaced");
        assert_eq!(tx.use_email_token(b"new", verify, at(2)).await.unwrap(), None);
        assert_eq!(tx.use_email_token(b"new", reset, at(100)).await.unwrap(), None, "expired");
        let used = tx.use_email_token(b"new", reset, at(50)).await.unwrap().unwrap();
        assert_eq!((used.user, used.email.as_str()), (user(1), "ada@example.org"));
        assert_eq!(used.used_at, Some(at(50)));
        assert_eq!(tx.use_email_token(b"new", reset, at(51)).await.unwrap(), None, "used");
        tx.commit().await.unwrap();
        assert_eq!(db.prune_email_tokens(at(100)).await.unwrap(), 0);
        assert_eq!(db.prune_email_tokens(at(101)).await.unwrap(), 2);
    }

    async fn an_account_changes_its_address_and_picture(db: Db) {
        db.create_user(&new_user(1, "ada@example.org")).await.unwrap();
        db.create_user(&new_user(2, "bob@example.org")).await.unwrap();
        let mut tx = db.begin_write().await.unwrap();
        for (hash, purpose) in [(b"chg", EmailPurpose::Change), (b"rst", EmailPurpose::Reset)] {
            tx.create_email_token(hash, user(1), purpose, "Ada@new.org", at(1), at(100)).await.unwrap();
        }
        tx.commit().await.unwrap();
        assert_eq!(db.pending_email(user(1), at(99)).await.unwrap().as_deref(), Some("Ada@new.org"));
        assert_eq!(db.pending_email(user(1), at(100)).await.unwrap(), None, "expired");
        assert_eq!(db.pending_email(user(2), at(2)).await.unwrap(), None);

        let mut tx = db.begin_write().await.unwrap();
        let taken = tx.change_email(user(1), "BOB@example.org", at(3)).await.unwrap_err();
        assert!(taken.is_taken(UniqueKey::UserEmail), "{taken}");
        tx.rollback().await.unwrap();

        let mut tx = db.begin_write().await.unwrap();
        assert!(tx.use_email_token(b"chg", EmailPurpose::Change, at(4)).await.unwrap().is_some());
        tx.change_email(user(1), " Ada@new.org ", at(4)).await.unwrap();
        assert_eq!(tx.drop_email_tokens(user(1), EmailPurpose::Reset).await.unwrap(), 1);
        assert_eq!(tx.drop_email_tokens(user(1), EmailPurpose::Verify).await.unwrap(), 0);
        tx.set_avatar(user(1), Some("v1"), at(5)).await.unwrap();
        assert!(matches!(tx.set_avatar(user(9), None, at(5)).await, Err(Error::NotFound)));
        tx.commit().await.unwrap();
        assert_eq!(db.pending_email(user(1), at(5)).await.unwrap(), None, "used");
        assert_eq!(db.user_by_email("ada@example.org").await.unwrap(), None);
        let found = db.user_by_email("ADA@NEW.org").await.unwrap().unwrap();
        assert_eq!((found.email.as_str(), found.email_verified_at), ("Ada@new.org", Some(at(4))));
        assert_eq!(found.avatar.as_deref(), Some("v1"));
        let mut tx = db.begin_write().await.unwrap();
        tx.set_avatar(user(1), None, at(6)).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(db.user(user(1)).await.unwrap().unwrap().avatar, None);
    }

    async fn people_share_an_organization_or_do_not(db: Db) {
        let world = World::new(&db).await;
        for n in 1..=3 {
            db.create_user(&new_user(n, &format!("{n}@example.org"))).await.unwrap();
        }
        db.add_member(world.org, user(1), Role::Viewer, at(1)).await.unwrap();
        db.add_member(world.org, user(2), Role::Owner, at(1)).await.unwrap();
        assert!(db.share_organization(user(1), user(2)).await.unwrap());
        assert!(!db.share_organization(user(1), user(3)).await.unwrap());
        assert!(!db.share_organization(user(3), user(3)).await.unwrap());
    }

    async fn sessions_are_listed_and_revoked(db: Db) {
        db.create_user(&new_user(1, "a@example.org")).await.unwrap();
        db.create_user(&new_user(2, "b@example.org")).await.unwrap();
        let mut tx = db.begin_write().await.unwrap();
        for (n, of) in [(1, 1), (2, 1), (3, 1), (4, 2)] {
            tx.create_session(&new_session(n, of)).await.unwrap();
        }
        tx.commit().await.unwrap();
        db.touch_session(session(1), at(900)).await.unwrap();
        db.touch_session(session(1), at(800)).await.unwrap();
        let ids = |sessions: Vec<Session>| sessions.iter().map(|s| s.id).collect::<Vec<_>>();
        let live = db.sessions(user(1), at(20)).await.unwrap();
        assert_eq!(live[0].last_seen_at, at(900));
        assert_eq!(ids(live), [session(1), session(3), session(2)]);
        assert_eq!(db.sessions(user(1), at(1_000_000_000)).await.unwrap(), []);

        let mut tx = db.begin_write().await.unwrap();
        assert!(!tx.revoke_session(session(1), user(2), at(30)).await.unwrap(), "not theirs");
        assert!(tx.revoke_session(session(1), user(1), at(30)).await.unwrap());
        assert!(!tx.revoke_session(session(1), user(1), at(31)).await.unwrap());
        let revoked = tx.revoke_sessions(user(1), Some(session(3)), at(40)).await.unwrap();
        assert_eq!(revoked, [session(2)]);
        assert_eq!(tx.revoke_sessions(user(1), None, at(41)).await.unwrap(), [session(3)]);
        tx.commit().await.unwrap();
        assert!(!db.session(session(3)).await.unwrap().unwrap().is_live(at(42)));
        assert!(db.session(session(4)).await.unwrap().unwrap().is_live(at(42)));
        assert_eq!(db.prune_sessions(at(41)).await.unwrap(), 2);
        assert_eq!(db.session(session(1)).await.unwrap(), None);
    }

    async fn a_refresh_token_rotates_and_its_reuse_ends_the_session(db: Db) {
        db.create_user(&new_user(1, "a@example.org")).await.unwrap();
        let mut tx = db.begin_write().await.unwrap();
        tx.create_session(&new_session(1, 1)).await.unwrap();
        tx.create_refresh_token(b"t1", session(1), at(0), at(500_000_000)).await.unwrap();
        let taken = tx.create_refresh_token(b"t1", session(1), at(0), at(1)).await.unwrap_err();
        assert!(taken.is_taken(UniqueKey::Token), "{taken}");
        tx.rollback().await.unwrap();
        let mut tx = db.begin_write().await.unwrap();
        tx.create_session(&new_session(1, 1)).await.unwrap();
        tx.create_refresh_token(b"t1", session(1), at(0), at(500_000_000)).await.unwrap();
        tx.commit().await.unwrap();

        let until = at(2_000_000_000);
        let rotate = async |old: &[u8], new: &[u8], now| {
            db.rotate_refresh_token(old, new, at(now), until, 10).await.unwrap()
        };
        assert_eq!(rotate(b"none", b"t2", 1).await, Rotation::Refused);
        assert_eq!(rotate(b"t1", b"t2", 500_000_000).await, Rotation::Refused, "expired");
        let Rotation::Rotated(now) = rotate(b"t1", b"t2", 1_000_000).await else { panic!() };
        assert_eq!((now.id, now.expires_at), (session(1), until));
        assert_eq!(db.session(session(1)).await.unwrap().unwrap(), now);
        assert!(matches!(rotate(b"t1", b"t3", 9_000_000).await, Rotation::Repeated(_)));
        assert!(matches!(rotate(b"t2", b"t4", 9_000_000).await, Rotation::Rotated(_)));
        assert_eq!(db.refresh_token_session(b"t4").await.unwrap(), Some(session(1)));
        let Rotation::Reused(ended) = rotate(b"t1", b"t5", 12_000_000).await else { panic!() };
        assert_eq!(ended.revoked_at, Some(at(12_000_000)));
        assert!(!db.session(session(1)).await.unwrap().unwrap().is_live(at(12_000_001)));
        assert_eq!(rotate(b"t4", b"t6", 13_000_000).await, Rotation::Refused);
        assert_eq!(db.refresh_token_session(b"t6").await.unwrap(), None);
    }

    async fn signing_keys_retire(db: Db) {
        let key = |n: i64| SigningKey {
            kid: format!("k{n}"),
            secret: vec![n as u8; 32],
            created_at: at(n),
            retires_at: at(100 + n),
        };
        let mut tx = db.begin_write().await.unwrap();
        tx.lock("signing keys").await.unwrap();
        for n in [1, 2] {
            tx.create_signing_key(&key(n)).await.unwrap();
        }
        tx.commit().await.unwrap();
        assert!(!format!("{:?}", key(7)).contains("7, 7"), "no secret in a log");
        assert_eq!(db.signing_keys(at(50)).await.unwrap(), [key(2), key(1)]);
        assert_eq!(db.signing_keys(at(101)).await.unwrap(), [key(2)]);
        assert_eq!(db.prune_signing_keys(at(101)).await.unwrap(), 1);
        assert_eq!(db.signing_keys(at(50)).await.unwrap(), [key(2)]);
    }

    async fn organizations_and_their_members(db: Db) {
        let world = World::new(&db).await;
        db.create_user(&new_user(1, "a@example.org")).await.unwrap();
        db.create_user(&new_user(2, "b@example.org")).await.unwrap();
        let taken = db
            .create_organization(&NewOrganization {
                id: OrgId(Uuid::from_u128(0x11)),
                name: "Acme 2".into(),
                slug: "acme".into(),
                created_at: at(1),
            })
            .await
            .unwrap_err();
        assert!(taken.is_taken(UniqueKey::OrganizationSlug), "{taken}");
        assert_eq!(db.organization_count().await.unwrap(), 1);
        let mut tx = db.begin_write().await.unwrap();
        tx.update_organization(world.org, Some("Acme Ltd"), None, at(9)).await.unwrap();
        tx.update_organization(world.org, None, Some("acme-ltd"), at(10)).await.unwrap();
        assert!(matches!(
            tx.update_organization(OrgId(Uuid::nil()), None, None, at(9)).await,
            Err(Error::NotFound)
        ));
        tx.commit().await.unwrap();
        let org = db.organization(world.org).await.unwrap().unwrap();
        assert_eq!((org.name.as_str(), org.slug.as_str()), ("Acme Ltd", "acme-ltd"));
        assert_eq!(db.organizations(10).await.unwrap(), std::slice::from_ref(&org));
        assert_eq!(db.organization_by_slug("acme-ltd").await.unwrap(), Some(org));
        assert_eq!(db.organization_by_slug("acme").await.unwrap(), None);

        db.add_member(world.org, user(1), Role::Owner, at(3)).await.unwrap();
        db.add_member(world.org, user(2), Role::Viewer, at(3)).await.unwrap();
        let taken = db.add_member(world.org, user(2), Role::Admin, at(4)).await.unwrap_err();
        assert!(taken.is_taken(UniqueKey::Member), "{taken}");
        let mut tx = db.begin_write().await.unwrap();
        tx.set_member_role(world.org, user(2), Role::Editor).await.unwrap();
        assert_eq!(tx.count_members_for_change(world.org, Role::Owner).await.unwrap(), 1);
        tx.commit().await.unwrap();
        assert_eq!(db.member_role(world.org, user(2)).await.unwrap(), Some(Role::Editor));
        assert_eq!(db.member_role(world.org, user(3)).await.unwrap(), None);
        let members = db.members(world.org).await.unwrap();
        assert_eq!(
            members.iter().map(|m| (m.user, m.role)).collect::<Vec<_>>(),
            [(user(1), Role::Owner), (user(2), Role::Editor)]
        );
        let of = db.memberships(user(2)).await.unwrap();
        assert_eq!((of[0].id, of[0].role), (world.org, Role::Editor));

        let mut tx = db.begin_write().await.unwrap();
        tx.set_suspended(user(1), Some(at(5)), at(5)).await.unwrap();
        tx.remove_member(world.org, user(2)).await.unwrap();
        assert!(matches!(tx.remove_member(world.org, user(2)).await, Err(Error::NotFound)));
        assert!(matches!(
            tx.set_member_role(world.org, user(2), Role::Editor).await,
            Err(Error::NotFound)
        ));
        tx.commit().await.unwrap();
        assert_eq!(db.member_role(world.org, user(1)).await.unwrap(), None, "suspended");
        assert_eq!(db.memberships(user(2)).await.unwrap(), []);
    }

    async fn an_invitation_is_accepted_once(db: Db) {
        let world = World::new(&db).await;
        let new = |n: u8| NewInvitation {
            id: InvitationId(Uuid::from_u128(n.into())),
            org: world.org,
            token_hash: vec![n; 32],
            role: Role::Editor,
            email: (n == 1).then(|| "Bob@Example.org".into()),
            inviter: user(1),
            created_at: at(1),
            expires_at: at(100),
        };
        db.create_invitation(&new(1)).await.unwrap();
        db.create_invitation(&new(2)).await.unwrap();
        let taken = db
            .create_invitation(&NewInvitation { id: InvitationId(Uuid::from_u128(3)), ..new(2) })
            .await
            .unwrap_err();
        assert!(taken.is_taken(UniqueKey::Token), "{taken}");
        let found = db.invitation_by_token(&[1; 32]).await.unwrap().unwrap();
        assert_eq!(found.email.as_deref(), Some("bob@example.org"));
        assert!(found.is_open(at(99)) && !found.is_open(at(100)));
        assert_eq!(db.invitations(world.org, at(50)).await.unwrap().len(), 2);
        assert_eq!(db.invitations(world.org, at(100)).await.unwrap(), []);

        let mut tx = db.begin_write().await.unwrap();
        assert!(!tx.accept_invitation(found.id, user(2), at(100)).await.unwrap(), "expired");
        assert!(tx.accept_invitation(found.id, user(2), at(50)).await.unwrap());
        assert!(!tx.accept_invitation(found.id, user(3), at(51)).await.unwrap(), "used");
        assert!(!tx.revoke_invitation(world.org, found.id, at(51)).await.unwrap());
        let other = InvitationId(Uuid::from_u128(2));
        assert!(!tx.revoke_invitation(OrgId(Uuid::nil()), other, at(51)).await.unwrap());
        assert!(tx.revoke_invitation(world.org, other, at(51)).await.unwrap());
        assert!(!tx.accept_invitation(other, user(3), at(52)).await.unwrap(), "withdrawn");
        tx.commit().await.unwrap();
        let found = db.invitation_by_token(&[1; 32]).await.unwrap().unwrap();
        assert_eq!((found.accepted_at, found.accepted_by), (Some(at(50)), Some(user(2))));
        assert_eq!(db.invitations(world.org, at(53)).await.unwrap(), []);
    }
}
