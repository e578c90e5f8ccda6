//! Personal access tokens and preferences.

use model::*;
use serde_json::json;
use store::*;
use uuid::Uuid;

use crate::common::*;

fn token(n: u128) -> TokenId {
    TokenId(Uuid::from_u128(0x5000 + n))
}

async fn people(db: &Db) {
    for n in 1..=2 {
        db.create_user(&NewUser {
            id: user(n),
            email: format!("{n}@example.org"),
            name: "Person".into(),
            colour: "#336699".into(),
            email_verified_at: None,
            created_at: at(1),
        })
        .await
        .unwrap();
    }
}

fn new_token(n: u8, expires_at: Option<Timestamp>) -> NewPersonalToken {
    NewPersonalToken {
        id: token(n.into()),
        user: user(1),
        name: "CI\0".into(),
        hash: vec![n; 32],
        scopes: vec![Scope::Read, Scope::Write],
        created_at: at(2),
        expires_at,
    }
}

store::db_test! {
    async fn tokens_are_found_used_and_ended(db: Db) {
        people(&db).await;
        let mut tx = db.begin_write().await.unwrap();
        tx.create_personal_token(&new_token(1, None)).await.unwrap();
        tx.create_personal_token(&new_token(2, Some(at(50)))).await.unwrap();
        tx.create_personal_token(&new_token(3, Some(at(60)))).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = db.begin_write().await.unwrap();
        let twin = NewPersonalToken { id: token(9), ..new_token(1, None) };
        let taken = tx.create_personal_token(&twin).await.unwrap_err();
        assert!(taken.is_taken(UniqueKey::Token), "{taken}");
        tx.rollback().await.unwrap();

        assert_eq!(db.personal_token_by_hash(&[1; 32]).await.unwrap(), Some(token(1)));
        assert_eq!(db.personal_token_by_hash(&[9; 32]).await.unwrap(), None);
        let found = db.personal_token(token(1)).await.unwrap().unwrap();
        assert_eq!((found.name.as_str(), found.user, found.last_used_at), ("CI", user(1), None));
        assert_eq!(found.scopes, [Scope::Read, Scope::Write]);
        db.touch_personal_token(token(1), at(7)).await.unwrap();
        db.touch_personal_token(token(1), at(6)).await.unwrap();
        assert_eq!(db.personal_token(token(1)).await.unwrap().unwrap().last_used_at, Some(at(7)));

        let ids = |tokens: Vec<PersonalToken>| tokens.iter().map(|t| t.id).collect::<Vec<_>>();
        assert_eq!(ids(db.personal_tokens(user(1), at(49)).await.unwrap()), [token(3), token(2), token(1)]);
        assert_eq!(ids(db.personal_tokens(user(1), at(50)).await.unwrap()), [token(3), token(1)]);
        assert_eq!(ids(db.personal_tokens(user(2), at(5)).await.unwrap()), []);
        let expiring = db.personal_token(token(2)).await.unwrap().unwrap();
        assert!(expiring.is_live(at(49)) && !expiring.is_live(at(50)));

        assert_eq!(db.end_expired_personal_tokens(at(50)).await.unwrap(), [token(2)]);
        assert_eq!(db.end_expired_personal_tokens(at(50)).await.unwrap(), []);
        let mut tx = db.begin_write().await.unwrap();
        assert!(!tx.revoke_personal_token(token(1), user(2), at(51)).await.unwrap(), "not theirs");
        assert!(tx.revoke_personal_token(token(1), user(1), at(51)).await.unwrap());
        assert!(!tx.revoke_personal_token(token(1), user(1), at(52)).await.unwrap());
        assert_eq!(tx.revoke_personal_tokens(user(1), at(53)).await.unwrap(), [token(3)]);
        tx.commit().await.unwrap();
        assert!(!db.personal_token(token(1)).await.unwrap().unwrap().is_live(at(5)));
    }

    async fn preferences_are_kept_by_key(db: Db) {
        people(&db).await;
        let mut tx = db.begin_write().await.unwrap();
        tx.set_preference(user(1), "theme", Some(&json!("dark"))).await.unwrap();
        tx.set_preference(user(1), "theme", Some(&json!({"a": [1, "\u{0}é"]}))).await.unwrap();
        tx.set_preference(user(1), "gone", Some(&json!(1))).await.unwrap();
        tx.set_preference(user(1), "gone", None).await.unwrap();
        tx.set_preference(user(2), "width", Some(&json!(false))).await.unwrap();
        let size = tx.preferences_size(user(1)).await.unwrap();
        assert_eq!(size, 5 + r#"{"a":[1,"\u0000é"]}"#.len() as i64);
        assert_eq!(tx.preferences_size(user(3)).await.unwrap(), 0);
        tx.commit().await.unwrap();
        let kept = db.preferences(user(1)).await.unwrap();
        assert_eq!(kept, [("theme".to_owned(), json!({"a": [1, "\u{0}é"]}))]);
        assert_eq!(db.preferences(user(3)).await.unwrap(), []);
    }
}
