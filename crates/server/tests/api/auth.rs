//! Set-up, sign-in, refresh, sign-out, passwords, verification.

use serde_json::{Value, json};

use crate::app::{ORIGIN, PASSWORD, TestApp, config, person};

store::db_test! {
    async fn set_up_works_once_and_only_with_the_token(db: store::Db) {
        let mut app = TestApp::new(db).await;
        assert_eq!(app.call("GET", "/setup", "", Value::Null).await.expect(200)["needed"], true);
        let first = app.app.setup_link().await.unwrap().unwrap();
        let link = app.app.setup_link().await.unwrap().unwrap();
        let token = |link: &str| link.split_once("?token=").unwrap().1.to_owned();
        let body = |token: &str, password: &str| json!({
            "token": token, "email": "Owner@Example.com", "name": "Olive", "password": password, "organization": "Orchard",
        });
        let set_up = async |body: Value| app.call("POST", "/setup", "", body).await;
        set_up(body("cnp_set_x", PASSWORD)).await.problem(403, "setup-token");
        // A newer link replaces the older one.
        set_up(body(&token(&first), PASSWORD)).await.problem(403, "setup-token");
        let weak = set_up(body(&token(&link), "short")).await.problem(422, "invalid");
        assert_eq!(weak["errors"][0]["field"], "password");
        let owner = person(set_up(body(&token(&link), PASSWORD)).await);
        set_up(body(&token(&link), PASSWORD)).await.problem(409, "set-up-already");
        assert_eq!(app.call("GET", "/setup", "", Value::Null).await.expect(200)["needed"], false);
        assert_eq!(app.app.setup_link().await.unwrap(), None);

        let me = app.get("/me", &owner).await.expect(200);
        assert_eq!(me["user"]["email"], "owner@example.com");
        assert_eq!(me["user"]["email_verified"], false);
        assert_eq!(me["organizations"][0]["role"], "owner");
        assert_eq!(me["organizations"][0]["slug"], "orchard");
        assert_eq!(me["organizations"][0]["abilities"]["billing"], true);
        assert!(app.mail().await.text.contains("https://canopy.test/verify?token="));
        app.stop().await;
    }

    async fn a_set_up_link_ends(db: store::Db) {
        let app = TestApp::new(db).await;
        let link = app.app.setup_link().await.unwrap().unwrap();
        app.clock.advance_millis(86_401_000);
        let token = link.split_once("?token=").unwrap().1;
        let body = json!({ "token": token, "email": "o@x.io", "name": "O", "password": PASSWORD, "organization": "X" });
        app.call("POST", "/setup", "", body).await.problem(403, "setup-token");
        app.stop().await;
    }

    async fn unknown_accounts_and_wrong_passwords_look_alike(db: store::Db) {
        let app = TestApp::new(db).await;
        app.owner("o@x.io").await;
        let attempt = async |email: &str, password: &str| {
            let body = json!({ "email": email, "password": password });
            let reply = app.call("POST", "/auth/login", "", body).await;
            (reply.status, reply.text, reply.headers.contains_key("set-cookie"))
        };
        let wrong = attempt("o@x.io", "not the password").await;
        assert_eq!(wrong.0, 401);
        assert!(!wrong.2);
        for unknown in ["nobody@x.io", "not an address", ""] {
            assert_eq!(attempt(unknown, "not the password").await, wrong);
        }
        // Guessing runs out alike too.
        let mut statuses = Vec::new();
        for email in ["o@x.io", "nobody@x.io"] {
            let mut n = 0;
            while attempt(email, "guess").await.0 == 401 {
                n += 1;
                assert!(n < 50);
            }
            statuses.push(n);
        }
        assert_eq!(statuses, [7, 7]);
        // The right password doesn't help while it lasts, and does afterwards.
        assert_eq!(attempt("o@x.io", PASSWORD).await.0, 429);
        app.clock.advance_millis(31_000);
        assert_eq!(attempt("O@X.io ", PASSWORD).await.0, 200);
        app.stop().await;
    }

    async fn forgotten_passwords_are_answered_alike_and_mailed_to_accounts_only(db: store::Db) {
        let mut app = TestApp::new(db).await;
        app.owner("o@x.io").await;
        let old = app.login("o@x.io").await;
        let ask = async |email: &str| {
            let reply = app.call("POST", "/auth/password/forgot", "", json!({ "email": email })).await;
            (reply.status, reply.text)
        };
        assert_eq!(ask("nobody@x.io").await, ask("o@x.io").await);
        let mail = app.mail().await;
        assert_eq!(mail.to, "o@x.io");
        let link = mail.text.split_whitespace().find(|word| word.starts_with("https://")).unwrap();
        let token = link.strip_prefix("https://canopy.test/reset?token=").unwrap();

        let reset = async |token: &str, password: &str| {
            app.call("POST", "/auth/password/reset", "", json!({ "token": token, "password": password })).await
        };
        // A weak password leaves the link usable; so does one that is the address.
        reset(token, "short").await.problem(422, "invalid");
        reset(token, "olive owner").await.problem(422, "invalid");
        reset(token, "another password").await.expect(204);
        reset(token, "a third password").await.problem(410, "link-used");
        reset("cnp_rst_x", "a third password").await.problem(410, "link-used");

        app.get("/me", &old).await.problem(401, "session-ended");
        app.by_cookie("/auth/refresh", &old.refresh).await.problem(401, "session-ended");
        let body = json!({ "email": "o@x.io", "password": "another password" });
        let new = person(app.call("POST", "/auth/login", "", body).await);
        // Whoever reads the mailbox has proven the address.
        assert_eq!(app.get("/me", &new).await.expect(200)["user"]["email_verified"], true);
        assert!(app.mail().await.subject.contains("was changed"));
        assert!(app.mails.try_recv().is_err());
        app.stop().await;
    }

    async fn a_reset_link_ends_and_a_newer_one_replaces_it(db: store::Db) {
        let mut app = TestApp::new(db).await;
        app.owner("o@x.io").await;
        let mut tokens = Vec::new();
        for _ in 0..2 {
            app.call("POST", "/auth/password/forgot", "", json!({ "email": "o@x.io" })).await.expect(202);
            tokens.push(app.mailed_token().await);
        }
        for (token, after) in [(&tokens[0], 0), (&tokens[1], 3_601_000)] {
            app.clock.advance_millis(after);
            let body = json!({ "token": token, "password": "another password" });
            app.call("POST", "/auth/password/reset", "", body).await.problem(410, "link-used");
        }
        app.stop().await;
    }

    async fn refreshing_rotates_and_a_stolen_token_ends_the_session(db: store::Db) {
        let app = TestApp::new(db).await;
        app.owner("o@x.io").await;
        let start = app.login("o@x.io").await;
        app.clock.advance_millis(1_000);
        let next = person(app.by_cookie("/auth/refresh", &start.refresh).await);
        assert_eq!(next.session, start.session);
        assert_ne!(next.refresh, start.refresh);
        assert_ne!(next.token, start.token);
        app.get("/me", &next).await.expect(200);

        // A second tab that was a moment late, or a lost answer.
        app.clock.advance_millis(5_000);
        let twin = person(app.by_cookie("/auth/refresh", &start.refresh).await);
        assert_ne!(twin.refresh, next.refresh);

        // Much later it was stolen: everything of the session ends.
        app.clock.advance_millis(60_000);
        let reply = app.by_cookie("/auth/refresh", &start.refresh).await;
        assert_eq!(reply.cookie("canopy_refresh").as_deref(), Some(""));
        reply.problem(401, "session-ended");
        app.get("/me", &next).await.problem(401, "session-ended");
        for token in [&next.refresh, &twin.refresh] {
            app.by_cookie("/auth/refresh", token).await.problem(401, "session-ended");
        }
        // Other sessions go on.
        let other = app.login("o@x.io").await;
        app.get("/me", &other).await.expect(200);
        app.stop().await;
    }

    async fn sessions_end_when_idle_and_at_the_latest_after_their_life(db: store::Db) {
        let mut settings = config();
        settings.lifetimes.session_idle = 1_000;
        settings.lifetimes.session = 2_500;
        let app = TestApp::with(db, settings).await;
        app.owner("o@x.io").await;
        let mut tab = app.login("o@x.io").await;
        for _ in 0..2 {
            app.clock.advance_millis(900_000);
            tab = person(app.by_cookie("/auth/refresh", &tab.refresh).await);
        }
        // 1,800 s old; 700 s are left, not 1,000.
        app.clock.advance_millis(699_000);
        tab = person(app.by_cookie("/auth/refresh", &tab.refresh).await);
        app.clock.advance_millis(2_000);
        app.by_cookie("/auth/refresh", &tab.refresh).await.problem(401, "session-ended");
        app.get("/me", &tab).await.problem(401, "session-ended");
        app.stop().await;
    }

    async fn access_tokens_end_after_ten_minutes(db: store::Db) {
        let app = TestApp::new(db).await;
        app.owner("o@x.io").await;
        let tab = app.login("o@x.io").await;
        app.clock.advance_millis(599_000);
        app.get("/me", &tab).await.expect(200);
        app.clock.advance_millis(10_000);
        app.get("/me", &tab).await.problem(401, "token-expired");
        app.stop().await;
    }

    async fn cookies_work_from_pages_of_ours_only(db: store::Db) {
        let app = TestApp::new(db).await;
        app.owner("o@x.io").await;
        let tab = app.login("o@x.io").await;
        let cookie = format!("canopy_refresh={}", tab.refresh);
        for path in ["/auth/refresh", "/auth/logout"] {
            for headers in [
                vec![("cookie", cookie.as_str())],
                vec![("cookie", cookie.as_str()), ("origin", "https://evil.test")],
                vec![("cookie", cookie.as_str()), ("origin", ORIGIN), ("sec-fetch-site", "cross-site")],
            ] {
                app.call_with("POST", path, "", Value::Null, &headers).await.problem(403, "foreign-origin");
            }
        }
        // Nor does a cookie open the rest of the API.
        app.call_with("GET", "/me", "", Value::Null, &[("cookie", &cookie), ("origin", ORIGIN)]).await.problem(401, "unauthenticated");
        app.by_cookie("/auth/refresh", &tab.refresh).await.expect(200);
        app.by_cookie("/auth/refresh", "").await.problem(401, "unauthenticated");
        app.stop().await;
    }

    async fn cookies_are_kept_from_scripts_and_other_sites(db: store::Db) {
        let app = TestApp::new(db).await;
        app.owner("o@x.io").await;
        let body = json!({ "email": "o@x.io", "password": PASSWORD });
        let reply = app.call("POST", "/auth/login", "", body).await;
        let cookies: Vec<&str> = reply.headers.get_all("set-cookie").iter().map(|c| c.to_str().unwrap()).collect();
        assert_eq!(cookies.len(), 2);
        assert!(cookies[0].starts_with("canopy_refresh=cnp_ref_") && cookies[0].contains("; Path=/api/v1/auth;"));
        assert!(cookies[1].starts_with("canopy_access=ey") && cookies[1].contains("; Path=/collab;"));
        for cookie in cookies {
            assert!(cookie.ends_with("; HttpOnly; SameSite=Strict; Secure"), "{cookie}");
        }
        assert_eq!(reply.headers["cache-control"], "no-store");
        app.stop().await;
    }

    async fn signing_out_ends_the_session(db: store::Db) {
        let app = TestApp::new(db).await;
        app.owner("o@x.io").await;
        let tab = app.login("o@x.io").await;
        app.by_cookie("/auth/logout", &tab.refresh).await.expect(204);
        app.get("/me", &tab).await.problem(401, "session-ended");
        app.by_cookie("/auth/refresh", &tab.refresh).await.problem(401, "session-ended");
        // By the bearer token as well, and without any: both are fine.
        let tab = app.login("o@x.io").await;
        app.post("/auth/logout", &tab, Value::Null).await.expect(204);
        app.get("/me", &tab).await.problem(401, "session-ended");
        app.call("POST", "/auth/logout", "", Value::Null).await.expect(204);
        app.stop().await;
    }

    async fn sessions_are_listed_and_revoked_one_by_one(db: store::Db) {
        let app = TestApp::new(db).await;
        let org = app.owner("o@x.io").await;
        app.account("m@x.io", Some((org, model::Role::Editor))).await;
        let laptop = app.login("o@x.io").await;
        app.clock.advance_millis(1_000);
        let body = json!({ "email": "o@x.io", "password": PASSWORD });
        let agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
        let phone = person(app.call_with("POST", "/auth/login", "", body, &[("user-agent", agent)]).await);
        let stranger = app.login("m@x.io").await;

        let listed = app.get("/me/sessions", &laptop).await.expect(200);
        let listed = listed["sessions"].as_array().unwrap();
        assert_eq!(listed.len(), 2);
        assert_eq!((&listed[0]["id"], &listed[0]["agent"]), (&json!(phone.session), &json!("Firefox on Linux")));
        assert_eq!((&listed[0]["current"], &listed[1]["current"]), (&json!(false), &json!(true)));

        // Another person's session is not there.
        app.delete(&format!("/me/sessions/{}", phone.session), &stranger).await.problem(404, "not-found");
        app.get("/me", &phone).await.expect(200);
        app.delete(&format!("/me/sessions/{}", phone.session), &laptop).await.expect(204);
        app.get("/me", &phone).await.problem(401, "session-ended");
        app.delete(&format!("/me/sessions/{}", phone.session), &laptop).await.problem(404, "not-found");
        app.get("/me", &laptop).await.expect(200);
        app.stop().await;
    }

    async fn changing_the_password_ends_the_other_sessions(db: store::Db) {
        let mut app = TestApp::new(db).await;
        app.owner("o@x.io").await;
        let (here, there) = (app.login("o@x.io").await, app.login("o@x.io").await);
        let change = async |current: &str, new: &str| {
            app.call("PUT", "/me/password", &here.token, json!({ "current": current, "new": new })).await
        };
        assert_eq!(change("wrong", "another password").await.problem(422, "invalid")["errors"][0]["field"], "current");
        assert_eq!(change(PASSWORD, "o@x.io").await.problem(422, "invalid")["errors"][0]["field"], "new");
        change(PASSWORD, "another password").await.expect(204);
        app.get("/me", &here).await.expect(200);
        app.get("/me", &there).await.problem(401, "session-ended");
        let body = json!({ "email": "o@x.io", "password": PASSWORD });
        app.call("POST", "/auth/login", "", body).await.problem(401, "invalid-credentials");
        assert_eq!(app.mail().await.to, "o@x.io");
        app.stop().await;
    }

    async fn an_address_is_confirmed_by_its_mail(db: store::Db) {
        let mut app = TestApp::new(db).await;
        app.owner("o@x.io").await;
        let tab = app.login("o@x.io").await;
        app.post("/auth/email/verify/resend", &tab, Value::Null).await.expect(202);
        let token = app.mailed_token().await;
        let verify = async |token: &str| app.call("POST", "/auth/email/verify", "", json!({ "token": token })).await;
        verify("cnp_ver_x").await.problem(410, "link-used");
        verify(&token).await.expect(204);
        verify(&token).await.problem(410, "link-used");
        assert_eq!(app.get("/me", &tab).await.expect(200)["user"]["email_verified"], true);
        // Confirmed already: nothing is sent.
        app.post("/auth/email/verify/resend", &tab, Value::Null).await.expect(202);
        assert!(app.mails.try_recv().is_err());
        app.stop().await;
    }

    async fn signing_keys_rotate_and_older_tokens_go_on(db: store::Db) {
        let app = TestApp::new(db.clone()).await;
        app.owner("o@x.io").await;
        // Shortly before the key is due, a token; then another node starts and makes the next key.
        let month = 30 * 86_400_000;
        app.clock.advance_millis(month - 60_000);
        let tab = app.login("o@x.io").await;
        let node = TestApp::after(db.clone(), month + 60_000).await;
        assert_eq!(db.signing_keys(node.now()).await.unwrap().len(), 2);
        node.get("/me", &tab).await.expect(200);
        // What the new key signs, the new node reads; long after, the old key is gone.
        let fresh = node.login("o@x.io").await;
        node.get("/me", &fresh).await.expect(200);
        node.clock.advance_millis(3_600_000);
        assert_eq!(db.signing_keys(node.now()).await.unwrap().len(), 1);
        node.stop().await;
        app.stop().await;
    }
}
