//! Members, roles, invitations.

use model::Role;
use serde_json::{Value, json};

use crate::app::{PASSWORD, TestApp, person, text};

fn token(link: &str) -> &str {
    link.strip_prefix("https://canopy.test/invite/")
        .expect("a link")
}

store::db_test! {
    async fn a_new_person_joins_by_link_once(db: store::Db) {
        let mut app = TestApp::new(db).await;
        let org = app.owner("o@x.io").await;
        let owner = app.login("o@x.io").await;
        let path = format!("/organizations/{org}/invitations");
        let made = app.post(&path, &owner, json!({ "role": "editor" })).await.expect(201);
        let link = text(&made["link"]);
        let token = token(&link);

        let offer = app.call("GET", &format!("/invitations/{token}"), "", Value::Null).await.expect(200);
        assert_eq!((&offer["organization"], &offer["role"], &offer["inviter"]), (&json!("Orchard"), &json!("editor"), &json!("Olive Owner")));
        let listed = app.get(&path, &owner).await.expect(200);
        assert_eq!(listed["invitations"][0]["id"], made["id"]);
        assert!(!listed.to_string().contains("cnp_inv_"));

        let accept = format!("/invitations/{token}/accept");
        let body = |email: &str, password: &str| json!({ "name": "Ned", "email": email, "password": password });
        app.call("POST", &accept, "", body("n@x.io", "short")).await.problem(422, "invalid");
        app.call("POST", &accept, "", body("o@x.io", PASSWORD)).await.problem(409, "account-exists");
        let ned = person(app.call("POST", &accept, "", body("n@x.io", PASSWORD)).await);
        assert_eq!(app.get("/me", &ned).await.expect(200)["organizations"][0]["role"], "editor");
        assert!(app.mail().await.subject.starts_with("Confirm"));

        // It is used up.
        app.call("POST", &accept, "", body("n2@x.io", PASSWORD)).await.problem(404, "not-found");
        app.call("GET", &format!("/invitations/{token}"), "", Value::Null).await.problem(404, "not-found");
        assert_eq!(app.get(&path, &owner).await.expect(200)["invitations"], json!([]));
        let members = app.get(&format!("/organizations/{org}/members"), &ned).await.expect(200);
        assert_eq!(members["members"].as_array().unwrap().len(), 2);
        app.stop().await;
    }

    async fn an_account_joins_another_organization(db: store::Db) {
        let app = TestApp::new(db).await;
        let org = app.owner("o@x.io").await;
        app.account("n@x.io", None).await;
        let (owner, ned) = (app.login("o@x.io").await, app.login("n@x.io").await);
        assert_eq!(app.get("/me", &ned).await.expect(200)["organizations"], json!([]));
        let path = format!("/organizations/{org}/invitations");
        app.get(&format!("/organizations/{org}"), &ned).await.problem(404, "not-found");
        let made = app.post(&path, &owner, json!({ "role": "viewer", "email": "N@X.io" })).await.expect(201);
        let accept = format!("/invitations/{}/accept", token(made["link"].as_str().unwrap()));
        let reply = app.post(&accept, &ned, json!({})).await;
        assert!(reply.cookie("canopy_refresh").is_none());
        assert_eq!(reply.expect(200)["session_id"], ned.session.as_str());
        app.get(&format!("/organizations/{org}"), &ned).await.expect(200);

        // A second invitation raises the role and never lowers it.
        for (role, then) in [("editor", "editor"), ("viewer", "editor")] {
            let made = app.post(&path, &owner, json!({ "role": role })).await.expect(201);
            let accept = format!("/invitations/{}/accept", token(made["link"].as_str().unwrap()));
            app.post(&accept, &ned, json!({})).await.expect(200);
            let org = app.get(&format!("/organizations/{org}"), &ned).await.expect(200);
            assert_eq!(org["role"], then);
        }
        app.stop().await;
    }

    async fn an_invitation_for_one_address_is_mailed_and_serves_nobody_else(db: store::Db) {
        let mut app = TestApp::new(db).await;
        let org = app.owner("o@x.io").await;
        app.account("other@x.io", None).await;
        let (owner, other) = (app.login("o@x.io").await, app.login("other@x.io").await);
        let path = format!("/organizations/{org}/invitations");
        app.post(&path, &owner, json!({ "role": "editor", "email": "no address" })).await.problem(422, "invalid");
        let made = app.post(&path, &owner, json!({ "role": "editor", "email": "Ned@X.io" })).await.expect(201);
        assert_eq!(made["email"], "ned@x.io");
        let mail = app.mail().await;
        assert_eq!(mail.to, "ned@x.io");
        assert!(mail.text.contains(made["link"].as_str().unwrap()));
        let accept = format!("/invitations/{}/accept", token(made["link"].as_str().unwrap()));
        app.post(&accept, &other, json!({})).await.problem(409, "other-address");
        let body = json!({ "name": "Eve", "email": "eve@x.io", "password": PASSWORD });
        app.call("POST", &accept, "", body).await.problem(409, "other-address");
        let body = json!({ "name": "Ned", "password": PASSWORD });
        let ned = person(app.call("POST", &accept, "", body).await);
        assert_eq!(app.get("/me", &ned).await.expect(200)["user"]["email"], "ned@x.io");
        app.stop().await;
    }

    async fn invitations_end_and_are_taken_back(db: store::Db) {
        let app = TestApp::new(db).await;
        let org = app.owner("o@x.io").await;
        let owner = app.login("o@x.io").await;
        let path = format!("/organizations/{org}/invitations");
        let first = app.post(&path, &owner, json!({ "role": "viewer" })).await.expect(201);
        let second = app.post(&path, &owner, json!({ "role": "viewer" })).await.expect(201);
        let open = async |made: &Value| {
            let path = format!("/invitations/{}", token(made["link"].as_str().unwrap()));
            app.call("GET", &path, "", Value::Null).await.status.as_u16()
        };
        let id = text(&first["id"]);
        app.delete(&format!("{path}/{id}"), &owner).await.expect(204);
        app.delete(&format!("{path}/{id}"), &owner).await.problem(404, "not-found");
        assert_eq!((open(&first).await, open(&second).await), (404, 200));
        app.clock.advance_millis(7 * 86_400_000 + 1);
        assert_eq!(open(&second).await, 404);
        app.stop().await;
    }

    async fn nobody_gives_more_than_they_have(db: store::Db) {
        let app = TestApp::new(db).await;
        let org = app.owner("o@x.io").await;
        app.account("a@x.io", Some((org, Role::Admin))).await;
        let editor = app.account("e@x.io", Some((org, Role::Editor))).await;
        let (owner, admin) = (app.login("o@x.io").await, app.login("a@x.io").await);
        let invite = format!("/organizations/{org}/invitations");
        app.post(&invite, &admin, json!({ "role": "owner" })).await.problem(422, "invalid");
        app.post(&invite, &admin, json!({ "role": "admin" })).await.expect(201);
        app.post(&invite, &owner, json!({ "role": "owner" })).await.expect(201);
        let member = |user: &str| format!("/organizations/{org}/members/{user}");
        app.patch(&member(&editor.to_string()), &admin, json!({ "role": "owner" })).await.problem(403, "forbidden");
        app.patch(&member(&owner.id), &admin, json!({ "role": "viewer" })).await.problem(403, "forbidden");
        app.delete(&member(&owner.id), &admin).await.problem(403, "forbidden");
        app.patch(&member(&editor.to_string()), &admin, json!({ "role": "admin" })).await.expect(200);
        // What the list says agrees.
        let listed = app.get(&format!("/organizations/{org}/members"), &admin).await.expect(200);
        for listed in listed["members"].as_array().unwrap() {
            let is_owner = listed["user"]["id"] == owner.id.as_str();
            assert_eq!(listed["abilities"]["admin"], !is_owner, "{listed}");
        }
        app.stop().await;
    }

    async fn the_last_owner_stays(db: store::Db) {
        let app = TestApp::new(db).await;
        let org = app.owner("o@x.io").await;
        let second = app.account("s@x.io", Some((org, Role::Admin))).await;
        let owner = app.login("o@x.io").await;
        let member = |user: &str| format!("/organizations/{org}/members/{user}");
        app.patch(&member(&owner.id), &owner, json!({ "role": "admin" })).await.problem(409, "last-owner");
        app.delete(&member(&owner.id), &owner).await.problem(409, "last-owner");
        app.patch(&member(&owner.id), &owner, json!({ "role": "owner" })).await.expect(200);
        app.patch(&member(&second.to_string()), &owner, json!({ "role": "owner" })).await.expect(200);
        app.delete(&member(&owner.id), &owner).await.expect(204);
        app.get(&format!("/organizations/{org}"), &owner).await.problem(404, "not-found");
        let second = app.login("s@x.io").await;
        app.delete(&member(&second.id), &second).await.problem(409, "last-owner");
        app.stop().await;
    }

    async fn two_owners_can_not_leave_at_once(db: store::Db) {
        let app = TestApp::new(db).await;
        let org = app.owner("o@x.io").await;
        app.account("s@x.io", Some((org, Role::Owner))).await;
        let (a, b) = (app.login("o@x.io").await, app.login("s@x.io").await);
        let member = |user: &str| format!("/organizations/{org}/members/{user}");
        let (path_a, path_b) = (member(&a.id), member(&b.id));
        let (left, right) = tokio::join!(app.delete(&path_a, &a), app.delete(&path_b, &b));
        let mut statuses = [left.status.as_u16(), right.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [204, 409]);
        app.stop().await;
    }

    async fn a_role_holds_at_once(db: store::Db) {
        let app = TestApp::new(db).await;
        let org = app.owner("o@x.io").await;
        let editor = app.account("e@x.io", Some((org, Role::Editor))).await;
        let (owner, eve) = (app.login("o@x.io").await, app.login("e@x.io").await);
        let project = app.project(org, &owner).await;
        let path = format!("/projects/{project}");
        let member = format!("/organizations/{org}/members/{editor}");
        let seen = async || app.get(&path, &eve).await.expect(200)["abilities"]["edit"].clone();
        assert_eq!(seen().await, true);
        app.patch(&member, &owner, json!({ "role": "viewer" })).await.expect(200);
        assert_eq!(seen().await, false);
        app.patch(&path, &eve, json!({ "name": "Mine" })).await.problem(403, "forbidden");
        app.delete(&member, &owner).await.expect(204);
        app.get(&path, &eve).await.problem(404, "not-found");
        app.delete(&member, &owner).await.problem(404, "not-found");
        app.stop().await;
    }

    async fn an_organization_is_renamed_against_its_version(db: store::Db) {
        let app = TestApp::new(db).await;
        let org = app.owner("o@x.io").await;
        let owner = app.login("o@x.io").await;
        let path = format!("/organizations/{org}");
        let tag = app.get(&path, &owner).await.headers["etag"].to_str().unwrap().to_owned();
        app.clock.advance_millis(5);
        let rename = async |name: &str, tag: &str| {
            app.call_with("PATCH", &path, &owner.token, json!({ "name": name }), &[("if-match", tag)]).await
        };
        let reply = rename("Grove", &tag).await;
        let next = reply.headers["etag"].to_str().unwrap().to_owned();
        assert_eq!(reply.expect(200)["name"], "Grove");
        assert_ne!(next, tag);
        rename("Wood", &tag).await.problem(412, "precondition-failed");
        rename("Wood", "W/\"1\"").await.problem(412, "precondition-failed");
        rename("Wood", &next).await.expect(200);
        app.patch(&path, &owner, json!({ "name": " " })).await.problem(422, "invalid");
        app.stop().await;
    }

    async fn a_person_renames_themselves(db: store::Db) {
        let app = TestApp::new(db).await;
        app.owner("o@x.io").await;
        let owner = app.login("o@x.io").await;
        let user = app.patch("/me", &owner, json!({ "name": " Oliver " })).await.expect(200);
        assert_eq!(user["name"], "Oliver");
        app.patch("/me", &owner, json!({ "name": "a\u{202e}b" })).await.problem(422, "invalid");
        assert_eq!(app.patch("/me", &owner, json!({})).await.expect(200)["name"], "Oliver");
        app.stop().await;
    }
}
