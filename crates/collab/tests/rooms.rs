//! What a room promises to a connection, one promise a test.

mod support;

use std::time::Duration;

use collab::{Refusal, Scope};
use content::testing::Client;
use store::Db;
use support::{ITEM, Node, Peer, Protocol, config, open_plain, settle_all, user};
use ydoc::protocol::{Message, Sync};

async fn node(db: Db) -> Node {
    Node::start(db, config()).await
}

fn peer(client: u64, token: &str) -> Peer {
    Peer::new(client, token, ITEM, Protocol::Multiplexed)
}

async fn connected(node: &Node, client: u64, token: &str, protocol: Protocol) -> Peer {
    let mut peer = Peer::new(client, token, ITEM, protocol);
    peer.connect(node).await;
    peer.settle().await;
    peer
}

store::db_test! {
    async fn an_acknowledged_edit_is_on_disk(db: Db) {
        let node = node(db).await;
        let mut ann = connected(&node, 1, "ann", Protocol::Multiplexed).await;
        assert_eq!(ann.unsaved, 0, "the handshake is acknowledged");
        let update = ann.doc.insert_text("title", 0, "saved");
        ann.send(&update).await;
        assert_eq!(ann.unsaved, 1);
        ann.settle().await;
        assert_eq!(ann.unsaved, 0);
        let rows = node.db.read_log(ITEM, 0, 10).await.unwrap();
        assert_eq!(rows.len(), 1);
        assert_eq!((rows[0].author, rows[0].bytes.as_ref()), (user("ann"), update.as_slice()));
        // Whatever happens to the process now, it is there.
        node.crash();
        let mut bob = connected(&node, 2, "bob", Protocol::Plain).await;
        bob.settle().await;
        assert_eq!(bob.doc.text("title"), "saved");
    }
}

store::db_test! {
    async fn an_edit_reaches_the_others_and_both_protocols_meet(db: Db) {
        let node = node(db).await;
        let mut peers = vec![
            connected(&node, 1, "ann", Protocol::Plain).await,
            connected(&node, 2, "bob", Protocol::Multiplexed).await,
            connected(&node, 3, "viewer", Protocol::Plain).await,
        ];
        for (index, word) in ["one ", "two "].iter().enumerate() {
            let update = peers[index].doc.insert_text("title", 0, word);
            peers[index].send(&update).await;
        }
        settle_all(&mut peers).await;
        let title = peers[0].doc.text("title");
        assert_eq!(title.len(), 8);
        assert!(peers.iter().all(|peer| peer.doc.text("title") == title));
    }
}

store::db_test! {
    async fn a_viewer_reads_and_may_repeat_what_is_known(db: Db) {
        let node = node(db).await;
        let mut ann = connected(&node, 1, "ann", Protocol::Plain).await;
        let update = ann.doc.insert_text("title", 0, "x");
        ann.send(&update).await;
        ann.settle().await;
        for protocol in [Protocol::Plain, Protocol::Multiplexed] {
            let mut viewer = connected(&node, 9, "viewer", protocol).await;
            assert_eq!(viewer.doc.text("title"), "x");
            // Again, now with content in its own step 2.
            viewer.disconnect();
            viewer.connect(&node).await;
            viewer.settle().await;
            assert_eq!((viewer.refused, viewer.unsaved.max(0)), (None, 0));
            let update = viewer.doc.insert_text("title", 0, "no");
            viewer.send(&update).await;
            assert_eq!(viewer.refusal().await, 4403, "{protocol:?}");
        }
        ann.settle().await;
        assert_eq!(ann.doc.text("title"), "x");
    }
}

store::db_test! {
    async fn a_gap_is_not_stored_but_asked_for(db: Db) {
        let node = node(db).await;
        let mut ann = connected(&node, 1, "ann", Protocol::Multiplexed).await;
        let lost = ann.doc.insert_text("title", 0, "lost and ");
        assert!(!lost.is_empty());
        let second = ann.doc.insert_text("title", 9, "found");
        ann.send(&second).await;
        ann.settle().await;
        // The server asked, the client's step 2 covered it, and only then was the update acknowledged.
        assert_eq!(ann.unsaved, 0);
        let rows = node.db.read_log(ITEM, 0, 10).await.unwrap();
        assert_eq!(rows.len(), 1);
        let (_, head) = node.collab().head(ITEM).await.unwrap();
        let reader = Client::new(7);
        reader.apply(&head).unwrap();
        assert_eq!(reader.text("title"), "lost and found");
    }
}

store::db_test! {
    async fn nobody_writes_under_anothers_client_id(db: Db) {
        let node = node(db).await;
        let mut ann = connected(&node, 1, "ann", Protocol::Plain).await;
        let update = ann.doc.insert_text("title", 0, "mine");
        ann.send(&update).await;
        ann.settle().await;
        let mut eve = connected(&node, 1, "eve", Protocol::Plain).await;
        let forged = eve.doc.insert_text("title", 4, "!");
        eve.send(&forged).await;
        assert_eq!(eve.refusal().await, 4403);
        // Also after a restart: the binding is on disk.
        node.restart().await;
        let mut eve = connected(&node, 1, "eve", Protocol::Plain).await;
        let forged = eve.doc.insert_text("title", 4, "!");
        eve.send(&forged).await;
        assert_eq!(eve.refusal().await, 4403);
        let rows = node.db.read_log(ITEM, 0, 10).await.unwrap();
        assert_eq!(rows.len(), 1);
        // The same person from another device may.
        let mut again = connected(&node, 1, "ann@phone", Protocol::Plain).await;
        let update = again.doc.insert_text("title", 4, "?");
        again.send(&update).await;
        again.settle().await;
        assert_eq!((again.refused, again.doc.text("title").as_str()), (None, "mine?"));
    }
}

store::db_test! {
    async fn an_ended_session_loses_its_sockets(db: Db) {
        let node = node(db).await;
        let mut plain = connected(&node, 1, "ann", Protocol::Plain).await;
        let mut multi = connected(&node, 2, "ann", Protocol::Multiplexed).await;
        let mut other = connected(&node, 3, "ann@phone", Protocol::Plain).await;
        node.gate.end_session("ann");
        node.collab().close_session(support::session("ann"));
        for peer in [&mut plain, &mut multi] {
        assert_eq!(peer.refusal().await, 4401);
        }
        other.settle().await;
        assert!(other.is_connected());
        plain.connect(&node).await;
        assert_eq!(plain.refusal().await, 4401);
    }
}

store::db_test! {
    async fn a_client_of_an_older_schema_reads_and_one_that_names_none_is_believed(db: Db) {
        let node = node(db).await;
        let current = format!("ann#schema={}", content::schema::SCHEMA);
        let mut writers = vec![
            connected(&node, 1, &current, Protocol::Multiplexed).await,
            connected(&node, 2, "ann", Protocol::Multiplexed).await,
            connected(&node, 3, "bob", Protocol::Plain).await,
        ];
        for (index, word) in ["new ", "stock ", "plain "].iter().enumerate() {
            let update = writers[index].doc.insert_text("title", 0, word);
            writers[index].send(&update).await;
            settle_all(&mut writers).await;
        }
        for schema in ["1", "0", "x"] {
            let token = format!("ann#schema={schema}");
            let mut old = connected(&node, 7, &token, Protocol::Multiplexed).await;
            assert_eq!(old.doc.text("title"), "plain stock new ", "schema {schema}");
            let update = old.doc.insert_text("title", 0, "old ");
            old.send(&update).await;
            assert_eq!(old.refusal().await, 4403, "schema {schema}");
        }
        settle_all(&mut writers).await;
        assert_eq!(writers[2].doc.text("title"), "plain stock new ");
    }
}

store::db_test! {
    async fn a_demoted_editor_can_only_read_from_then_on(db: Db) {
        let node = node(db).await;
        let mut ann = connected(&node, 1, "ann", Protocol::Plain).await;
        node.gate.demote("ann");
        node.collab().recheck(Scope::User(user("ann"))).await;
        ann.settle().await;
        assert!(ann.is_connected());
        let update = ann.doc.insert_text("title", 0, "late");
        ann.send(&update).await;
        assert_eq!(ann.refusal().await, 4403);
    }
}

store::db_test! {
    async fn unknown_deleted_and_rewritten_documents_are_refused(db: Db) {
        let node = node(db).await;
        for (name, code) in [
            (format!("{ITEM}~9"), 4409),
            ("01890a5d-ac96-774b-bcce-b302099a8057".into(), 4404),
            ("nonsense".into(), 4404),
        ] {
            let mut wire = open_plain(&node, &name, "ann");
            assert_eq!(wire.closed().await, code, "{name}");
        }
        let mut current = open_plain(&node, &format!("{ITEM}~1"), "ann");
        assert!(matches!(current.next().await, support::FromServer::Frame(_)));
        let mut stranger = open_plain(&node, &ITEM.to_string(), "ann@x");
        assert!(matches!(stranger.next().await, support::FromServer::Frame(_)));

        // A client that holds an id of a rewritten past is refused before any data flows.
        let mut tx = node.db.begin_write().await.unwrap();
        tx.retire_clients(ITEM, &[77]).await.unwrap();
        tx.commit().await.unwrap();
        node.restart().await;
        let mut old = peer(77, "ann");
        old.protocol = Protocol::Plain;
        old.doc.insert_text("title", 0, "old");
        old.connect(&node).await;
        assert_eq!(old.refusal().await, 4409);
    }
}

store::db_test! {
    async fn malformed_frames_end_only_their_sender(db: Db) {
        let node = node(db).await;
        let mut honest = connected(&node, 1, "ann", Protocol::Multiplexed).await;
        let nested_any = {
            let mut update = vec![1, 1, 5, 0, 8, 1, 1, b'a', 1];
            update.extend(std::iter::repeat_n([117, 1], 20_000).flatten());
            update.extend([126, 0]);
            update
        };
        for bad in [
            vec![],
            vec![9, 9, 9],
            vec![0, 2, 200, 1],
            Message::Sync(Sync::Update(&[1, 1, 255, 255])).encode(),
            Message::Sync(Sync::Update(&nested_any)).encode(),
            Message::Sync(Sync::Step1(&[255, 255, 255, 255, 15])).encode(),
            Message::Awareness(&[5, 1]).encode(),
        ] {
            let mut wire = open_plain(&node, &ITEM.to_string(), "eve");
            wire.send(bad.clone()).await;
            let code = wire.closed().await;
            assert!((4400..4500).contains(&code), "{code} for {} bytes", bad.len());
        }
        let update = honest.doc.insert_text("title", 0, "fine");
        honest.send(&update).await;
        honest.settle().await;
        assert!(honest.is_connected());
        assert_eq!(node.db.read_log(ITEM, 0, 10).await.unwrap().len(), 1);
    }
}

store::db_test! {
    async fn a_document_has_a_largest_size(db: Db) {
        let mut small = config();
        small.document_bytes = 4000;
        let node = Node::start(db, small).await;
        let mut ann = connected(&node, 1, "ann", Protocol::Multiplexed).await;
        let fits = ann.doc.insert_text("title", 0, &"x".repeat(3000));
        ann.send(&fits).await;
        ann.settle().await;
        assert_eq!((ann.unsaved, ann.refused), (0, None));
        let too_much = ann.doc.insert_text("title", 0, &"y".repeat(3000));
        ann.send(&too_much).await;
        assert_eq!(ann.refusal().await, 4413);
        assert_eq!(node.db.read_log(ITEM, 0, 10).await.unwrap().len(), 1);
    }
}

store::db_test! {
    async fn presence_is_stamped_and_only_ones_own(db: Db) {
        let node = node(db).await;
        let mut ann = connected(&node, 1, "ann", Protocol::Plain).await;
        let mut bob = connected(&node, 2, "bob", Protocol::Multiplexed).await;
        ann.announce(1, 1, r#"{"user":{"name":"The Queen"},"cursor":3}"#).await;
        bob.settle().await;
        let seen = &bob.presence[&1];
        assert_eq!(seen["user"]["name"], "ann");
        assert_eq!(seen["user"]["id"], user("ann").to_string());
        assert_eq!(seen["cursor"], 3);
        // Bob echoes it, as stock clients do, and tries to end it: neither changes anything.
        bob.announce(2, 1, "{}").await;
        bob.announce(1, 2, r#"{"cursor":9}"#).await;
        bob.announce(1, 3, "null").await;
        let mut late = connected(&node, 3, "viewer", Protocol::Plain).await;
        late.settle().await;
        assert_eq!(late.presence[&1]["cursor"], 3);
        assert_eq!(late.presence.len(), 2);
        // A closed socket is gone at once, and a late echo doesn't bring it back.
        ann.disconnect();
        tokio::time::sleep(Duration::from_millis(50)).await;
        late.settle().await;
        assert!(!late.presence.contains_key(&1));
        bob.announce(1, 9, r#"{"cursor":9}"#).await;
        late.settle().await;
        assert!(!late.presence.contains_key(&1));
        // Back under the same client id with an older clock: seen again.
        let mut ann = connected(&node, 1, "ann", Protocol::Plain).await;
        ann.announce(1, 0, r#"{"cursor":1}"#).await;
        late.settle().await;
        assert_eq!(late.presence[&1]["cursor"], 1);
    }
}

store::db_test! {
    async fn shutdown_saves_what_was_sent(db: Db) {
        let node = node(db).await;
        let mut ann = connected(&node, 1, "ann", Protocol::Multiplexed).await;
        for index in 0..50 {
            let update = ann.doc.insert_text("title", index, "x");
            ann.send(&update).await;
        }
        node.restart().await;
        assert_eq!(ann.refusal().await, Refusal::TryAgain.code());
        ann.connect(&node).await;
        ann.settle().await;
        assert_eq!((ann.unsaved, ann.refused), (0, None));
        let (_, head) = node.collab().head(ITEM).await.unwrap();
        let reader = Client::new(7);
        reader.apply(&head).unwrap();
        assert_eq!(reader.text("title").len(), 50);
    }
}

store::db_test! {
    async fn a_long_log_keeps_its_history_and_opens_from_its_head(db: Db) {
        let node = node(db).await;
        let mut ann = connected(&node, 1, "ann", Protocol::Multiplexed).await;
        let mut sent = Vec::new();
        for index in 0..300 {
            let update = ann.doc.insert_text("title", index, "x");
            sent.push(update.clone());
            ann.send(&update).await;
            if index % 10 == 0 {
                ann.settle().await;
            }
        }
        ann.settle().await;
        let rows = node.db.read_log(ITEM, 0, 1000).await.unwrap();
        let logged: Vec<_> = rows.iter().map(|row| row.bytes.to_vec()).collect();
        assert_eq!(logged, sent);
        node.crash();
        let stored = node.db.load_document(ITEM).await.unwrap().unwrap();
        assert!(stored.meta.head_position > 200, "{}", stored.meta.head_position);
        let mut bob = connected(&node, 2, "bob", Protocol::Plain).await;
        bob.settle().await;
        assert_eq!(bob.doc.text("title").len(), 300);
    }
}
