//! Sockets over a real connection: who gets in, and who is put out.

use futures_util::{SinkExt, StreamExt};
use model::Role;
use serde_json::json;
use std::net::SocketAddr;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::app::{ORIGIN, TestApp};

pub(crate) type Client = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Serves the application on a port of its own.
pub(crate) async fn serve(app: &TestApp) -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = app
        .app
        .router
        .clone()
        .into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });
    address
}

pub(crate) async fn connect(
    address: SocketAddr,
    path: &str,
    headers: &[(&'static str, &str)],
) -> Result<Client, Error> {
    let mut request = format!("ws://{address}{path}").into_client_request()?;
    for (name, value) in headers {
        request.headers_mut().insert(*name, value.parse().unwrap());
    }
    Ok(connect_async(request).await?.0)
}

/// Reads on until the socket is closed.
pub(crate) async fn closed(client: &mut Client) -> CloseFrame {
    loop {
        match client
            .next()
            .await
            .expect("a close frame")
            .expect("a close frame")
        {
            Message::Close(Some(frame)) => return frame,
            Message::Close(None) => panic!("closed without a reason"),
            _ => {}
        }
    }
}

/// Asks for the document, and waits for the answer: then the socket is in.
async fn joined(client: &mut Client) {
    client
        .send(Message::Binary(vec![0, 0, 1, 0].into()))
        .await
        .unwrap();
    loop {
        if let Message::Binary(bytes) = client.next().await.unwrap().unwrap()
            && bytes.starts_with(&[0, 1])
        {
            return;
        }
    }
}

store::db_test! {
    async fn a_socket_joins_by_token_header_or_cookie(db: store::Db) {
        let app = TestApp::new(db).await;
        let org = app.owner("o@x.io").await;
        let owner = app.login("o@x.io").await;
        let project = app.project(org, &owner).await;
        let address = serve(&app).await;
        let path = format!("/collab/{project}");
        let bearer = format!("Bearer {}", owner.token);
        let cookie = format!("canopy_access={}", owner.token);
        for (path, headers) in [
            (format!("{path}?token={}", owner.token), vec![]),
            (path.clone(), vec![("authorization", bearer.as_str())]),
            (path.clone(), vec![("cookie", cookie.as_str()), ("origin", ORIGIN)]),
        ] {
            let mut client = connect(address, &path, &headers).await.unwrap();
            joined(&mut client).await;
        }
        // A page of another site opens sockets with the person's cookies.
        for headers in [vec![("cookie", cookie.as_str()), ("origin", "https://evil.test")], vec![("cookie", cookie.as_str())]] {
            let Err(Error::Http(response)) = connect(address, &path, &headers).await else { panic!("let in") };
            assert_eq!(response.status(), 403);
        }
        for (path, code) in [
            (path.clone(), 4401),
            (format!("{path}?token=nonsense"), 4401),
            (format!("/collab/{org}?token={}", owner.token), 4404),
            (format!("/collab/nonsense?token={}", owner.token), 4404),
        ] {
            let mut client = connect(address, &path, &[]).await.unwrap();
            let _ = client.send(Message::Binary(vec![0, 0, 1, 0].into())).await;
            assert_eq!(u16::from(closed(&mut client).await.code), code, "{path}");
        }
        app.stop().await;
    }

    async fn a_token_opens_sockets_until_it_is_revoked(db: store::Db) {
        let app = TestApp::new(db).await;
        let org = app.owner("o@x.io").await;
        let owner = app.login("o@x.io").await;
        let project = app.project(org, &owner).await;
        let item = app.item(&project, &owner, "Story").await;
        let address = serve(&app).await;
        let open = async |token: &str| {
            let path = format!("/collab/{item}?token={token}");
            let mut client = connect(address, &path, &[]).await.unwrap();
            joined(&mut client).await;
            client
        };
        let (reader, writer) = (app.personal_token(&owner, &["read"]).await, app.personal_token(&owner, &["write"]).await);
        // A sync update of one new letter in a root text, by a client of its own.
        let letter = |client: u8| {
            let update = [1, 1, client, 0, 4, 1, 1, b't', 1, b'x', 0];
            let mut frame = vec![0, 2, update.len() as u8];
            frame.extend(update);
            Message::Binary(frame.into())
        };
        let mut reading = open(&reader).await;
        reading.send(letter(7)).await.unwrap();
        assert_eq!(u16::from(closed(&mut reading).await.code), 4403);
        let mut writing = open(&writer).await;
        writing.send(letter(9)).await.unwrap();
        joined(&mut writing).await;

        let reading = open(&reader).await;
        let tokens = app.get("/me/tokens", &owner).await.expect(200);
        for (n, mut socket) in [(1, reading), (0, writing)] {
            let id = tokens["tokens"][n]["id"].as_str().unwrap();
            app.delete(&format!("/me/tokens/{id}"), &owner).await.expect(204);
            assert_eq!(u16::from(closed(&mut socket).await.code), 4401);
        }
        let path = format!("/collab/{item}?token={reader}");
        let mut client = connect(address, &path, &[]).await.unwrap();
        let _ = client.send(Message::Binary(vec![0, 0, 1, 0].into())).await;
        assert_eq!(u16::from(closed(&mut client).await.code), 4401);
        app.stop().await;
    }

    async fn open_sockets_follow_sessions_roles_and_deletion(db: store::Db) {
        let app = TestApp::new(db).await;
        let org = app.owner("o@x.io").await;
        let editor = app.account("e@x.io", Some((org, Role::Editor))).await;
        let owner = app.login("o@x.io").await;
        let project = app.project(org, &owner).await;
        let item = app.item(&project, &owner, "Story").await;
        let address = serve(&app).await;
        let open = async |document: &str, token: &str| {
            let path = format!("/collab/{document}?token={token}");
            let mut client = connect(address, &path, &[]).await.unwrap();
            joined(&mut client).await;
            client
        };
        let code = async |mut client: Client| u16::from(closed(&mut client).await.code);

        let phone = app.login("e@x.io").await;
        let socket = open(&item, &phone.token).await;
        let laptop = app.login("e@x.io").await;
        app.delete(&format!("/me/sessions/{}", phone.session), &laptop).await.expect(204);
        assert_eq!(code(socket).await, 4401);

        let socket = open(&item, &laptop.token).await;
        app.delete(&format!("/items/{item}"), &owner).await.expect(204);
        assert_eq!(code(socket).await, 4404);
        app.post(&format!("/items/{item}/restore"), &owner, json!({})).await.expect(200);

        let socket = open(&item, &laptop.token).await;
        app.delete(&format!("/organizations/{org}/members/{editor}"), &owner).await.expect(204);
        assert_eq!(code(socket).await, 4404);

        let socket = open(&project, &owner.token).await;
        app.delete(&format!("/projects/{project}"), &owner).await.expect(204);
        assert_eq!(code(socket).await, 4404);
        app.stop().await;
    }
}
