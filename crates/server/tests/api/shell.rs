//! What surrounds the API: headers, limits, health, figures, files, the description.

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};

use crate::app::{TestApp, config, request};

store::db_test! {
    async fn every_answer_carries_the_security_headers_and_an_id(db: store::Db) {
        let app = TestApp::new(db).await;
        for path in ["/setup", "/me", "/nothing", "!/", "!/healthz", "!/assets/gone.js"] {
            let reply = app.call("GET", path, "", Value::Null).await;
            for (name, value) in [
                ("x-content-type-options", "nosniff"),
                ("referrer-policy", "same-origin"),
                ("x-frame-options", "DENY"),
                ("strict-transport-security", "max-age=31536000; includeSubDomains"),
                ("cross-origin-opener-policy", "same-origin"),
            ] {
                assert_eq!(reply.headers[name], value, "{path}");
            }
            let csp = reply.headers["content-security-policy"].to_str().unwrap();
            for rule in ["default-src 'self'", "script-src 'self';", "frame-ancestors 'none'", "base-uri 'none'", "connect-src 'self' wss://canopy.test;"] {
                assert!(csp.contains(rule), "{csp}");
            }
            assert_eq!(reply.headers["x-request-id"].len(), 16);
        }
        let given = app.call_with("GET", "/setup", "", Value::Null, &[("x-request-id", "abc-1.2")]).await;
        assert_eq!(given.headers["x-request-id"], "abc-1.2");
        let odd = app.call_with("GET", "/setup", "", Value::Null, &[("x-request-id", "a b")]).await;
        assert_ne!(odd.headers["x-request-id"], "a b");
        app.stop().await;
    }

    async fn what_can_not_be_read_is_a_problem(db: store::Db) {
        let app = TestApp::new(db).await;
        let login = "/auth/login";
        app.call("GET", login, "", Value::Null).await.problem(405, "method-not-allowed");
        app.call("GET", "/nothing", "", Value::Null).await.problem(404, "not-found");
        app.call("POST", login, "", json!({ "email": 1 })).await.problem(400, "malformed");
        app.call("POST", login, "", Value::Null).await.problem(415, "unsupported-media-type");
        let plain = request("POST", login, "", Value::Null, &[("content-type", "text/plain")]);
        app.send(plain).await.problem(415, "unsupported-media-type");
        let mut broken = request("POST", login, "", Value::Null, &[("content-type", "application/json")]);
        *broken.body_mut() = Body::from("{");
        app.send(broken).await.problem(400, "malformed");
        let large = json!({ "email": "x".repeat(1024 * 1024), "password": "" });
        app.call("POST", login, "", large).await.problem(413, "too-large");
        let reply = app.call("GET", "/me", "nonsense", Value::Null).await;
        assert_eq!(reply.headers["www-authenticate"], "Bearer");
        reply.problem(401, "unauthenticated");
        app.stop().await;
    }

    async fn addresses_and_sessions_may_ask_so_often(db: store::Db) {
        let mut settings = config();
        settings.limits.auth_per_minute = 5;
        settings.limits.api_per_second = 1;
        settings.limits.trusted_proxies = 1;
        let app = TestApp::with(db, settings).await;
        app.owner("o@x.io").await;
        let tab = app.login("o@x.io").await;
        for _ in 0..10 {
            app.get("/me", &tab).await.expect(200);
        }
        let reply = app.get("/me", &tab).await;
        assert_eq!(reply.headers["retry-after"], "1");
        reply.problem(429, "too-many-requests");
        app.clock.advance_millis(1_000);
        app.get("/me", &tab).await.expect(200);

        let look = async |from: &str| app.call_with("GET", "/invitations/x", "", Value::Null, &[("x-forwarded-for", from)]).await;
        for _ in 0..5 {
            look("9.9.9.9, 10.0.0.1").await.problem(404, "not-found");
        }
        // What a caller writes in front of the proxy's own entry doesn't make them another.
        look("8.8.8.8, 10.0.0.1").await.problem(429, "too-many-requests");
        look("10.0.0.2").await.problem(404, "not-found");
        app.stop().await;
    }

    async fn an_operator_sees_health_and_figures(db: store::Db) {
        let app = TestApp::new(db.clone()).await;
        assert_eq!(app.call("GET", "!/healthz", "", Value::Null).await.text, "ok\n");
        let ready = app.call("GET", "!/readyz", "", Value::Null).await.expect(200);
        assert_eq!(ready, json!({ "ready": true, "database": true, "unprojected": 0 }));
        for token in ["", "wrong"] {
            app.call("GET", "!/metrics", token, Value::Null).await.problem(404, "not-found");
        }
        assert_eq!(app.call("GET", "!/metrics", "figures", Value::Null).await.text, "canopy_figures 1\n");
        db.close().await;
        app.call("GET", "!/readyz", "", Value::Null).await.expect(503);
        app.call("GET", "/setup", "", Value::Null).await.problem(503, "unavailable");
    }

    async fn addresses_of_the_client_get_its_page(db: store::Db) {
        let app = TestApp::new(db).await;
        for path in ["!/", "!/p/1", "!/invite/cnp_inv_x", "!/index.html"] {
            let reply = app.call("GET", path, "", Value::Null).await;
            assert_eq!((reply.status.as_u16(), reply.text.as_str()), (200, "<!doctype html>"), "{path}");
            assert_eq!(reply.headers["cache-control"], "no-cache");
        }
        app.call("GET", "!/assets/gone.js", "", Value::Null).await.problem(404, "not-found");
        app.call("GET", "!/api/v2", "", Value::Null).await.problem(404, "not-found");
        app.call("POST", "!/p/1", "", Value::Null).await.problem(405, "method-not-allowed");
        app.stop().await;
    }

    async fn metrics_of_this_machine_are_not_for_strangers(db: store::Db) {
        let mut settings = config();
        settings.metrics = server::MetricsAccess::Loopback;
        let app = TestApp::with(db, settings).await;
        let from = |address: [u8; 4]| {
            let mut request = request("GET", "!/metrics", "", Value::Null, &[]);
            let address = std::net::SocketAddr::from((address, 1));
            request.extensions_mut().insert(axum::extract::ConnectInfo(address));
            request
        };
        assert_eq!(app.send(from([127, 0, 0, 1])).await.status, 200);
        assert_eq!(app.send(from([10, 0, 0, 1])).await.status, 404);
        let mut forwarded: Request<Body> = from([127, 0, 0, 1]);
        forwarded.headers_mut().insert("x-forwarded-for", "6.6.6.6".parse().unwrap());
        assert_eq!(app.send(forwarded).await.status, 404);
        app.stop().await;
    }

    async fn the_description_is_served(db: store::Db) {
        let app = TestApp::new(db).await;
        let served = app.call("GET", "/openapi.json", "", Value::Null).await.expect(200);
        assert_eq!(served, serde_json::from_str::<Value>(&server::openapi::json()).unwrap());
        app.stop().await;
    }
}

/// `cargo xtask gen` writes it anew, by `UPDATE_GOLDEN=1`.
#[test]
fn the_committed_openapi_is_current() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");
    let made = server::openapi::json();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(path, &made).unwrap();
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        made == committed,
        "crates/server/openapi.json is not current: run `cargo xtask gen`"
    );
}

#[test]
fn the_description_is_complete() {
    let api: Value = serde_json::from_str(&server::openapi::json()).unwrap();
    assert!(api["openapi"].as_str().unwrap().starts_with("3.1"));
    for (path, item) in api["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let name = format!("{method} {path}");
            assert!(operation["summary"].is_string(), "{name} has no summary");
            assert!(operation["operationId"].is_string(), "{name} has no id");
            assert!(
                operation["security"].is_array(),
                "{name} doesn't say who may call it"
            );
            let parameters: Vec<&str> = operation["parameters"]
                .as_array()
                .into_iter()
                .flatten()
                .filter(|parameter| parameter["in"] == "path")
                .filter_map(|parameter| parameter["name"].as_str())
                .collect();
            for name in path
                .split('/')
                .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
            {
                assert!(parameters.contains(&name), "{path} doesn't describe {name}");
            }
            let open = operation["security"].to_string().contains("{}");
            let says = operation["responses"].get("401").is_some();
            assert!(says || open, "{name} doesn't say 401");
        }
    }
    for (name, schema) in api["components"]["schemas"].as_object().unwrap() {
        for (field, of) in schema["properties"].as_object().into_iter().flatten() {
            let referred = of.get("$ref").is_some() || of.get("oneOf").is_some();
            assert!(
                of["description"].is_string() || referred,
                "{name}.{field} has no description"
            );
        }
    }
}
