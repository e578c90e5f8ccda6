//! Random plans over several clients: edits, tree moves, offline spells, reconnects, restarts, crashes, evictions.
//! At the end all clients, the head, the log and the projection are equal.
//!
//! A plan that fails is saved beside this file and is replayed with the others from then on.

mod support;

use std::path::{Path, PathBuf};

use content::testing::{Client, below};
use model::{ItemId, Rng};
use serde::{Deserialize, Serialize};
use store::Db;
use support::{Node, Peer, Protocol, config, rng, settle_all};

const PEERS: usize = 6;

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Plan {
    seed: u64,
    document: Which,
    steps: Vec<Step>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
enum Which {
    Item,
    Outline,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
enum Step {
    /// A peer makes a few edits, connected or not.
    Edit {
        peer: usize,
        count: u32,
    },
    /// A peer reads what has arrived.
    Read {
        peer: usize,
    },
    /// A peer comes or goes.
    Toggle {
        peer: usize,
    },
    /// Let things happen.
    Pause,
    Restart,
    Crash,
    Evict,
}

impl Plan {
    fn random(seed: u64) -> Self {
        let rng = rng(seed);
        let peer = || below(&rng, PEERS as u32) as usize;
        let steps = (0..160)
            .map(|_| match below(&rng, 100) {
                0..50 => Step::Edit {
                    peer: peer(),
                    count: 1 + below(&rng, 4),
                },
                50..76 => Step::Read { peer: peer() },
                76..90 => Step::Toggle { peer: peer() },
                90..95 => Step::Pause,
                95..97 => Step::Restart,
                97..98 => Step::Crash,
                _ => Step::Evict,
            })
            .collect();
        Self {
            seed,
            document: if seed % 3 == 2 {
                Which::Outline
            } else {
                Which::Item
            },
            steps,
        }
    }

    async fn run(&self, db: Db) {
        let node = Node::start(db, config()).await;
        let rng = rng(self.seed ^ 0x5eed);
        let (project, item) = node.fresh(u128::from(self.seed) + 1).await;
        let document = match self.document {
            Which::Item => item.into(),
            Which::Outline => project.into(),
        };
        let mut peers: Vec<Peer> = (0..PEERS)
            .map(|index| {
                let protocol = if index % 2 == 0 {
                    Protocol::Plain
                } else {
                    Protocol::Multiplexed
                };
                // Two devices of one person among them.
                let token = format!("person{}@{index}", index % 5);
                Peer::new(1000 + index as u64, &token, document, protocol)
            })
            .collect();
        for step in &self.steps {
            self.step(*step, &node, &mut peers, &rng).await;
        }
        self.check(&node, &mut peers).await;
    }

    async fn step(&self, step: Step, node: &Node, peers: &mut [Peer], rng: &dyn Rng) {
        match step {
            Step::Edit { peer, count } => {
                for _ in 0..count {
                    let peer = &mut peers[peer];
                    let update = match self.document {
                        Which::Item => peer.doc.random_item_edit(rng),
                        Which::Outline => peer.doc.random_outline_edit(rng),
                    };
                    peer.send(&update).await;
                }
            }
            Step::Read { peer } => peers[peer].pump().await,
            Step::Toggle { peer } => {
                let peer = &mut peers[peer];
                if peer.is_connected() {
                    peer.disconnect();
                } else {
                    peer.connect(node).await;
                }
            }
            Step::Pause => tokio::time::sleep(std::time::Duration::from_millis(3)).await,
            Step::Restart => node.restart().await,
            Step::Crash => {
                node.crash();
                peers.iter_mut().for_each(Peer::disconnect);
            }
            Step::Evict => node.collab().evict_idle().await,
        }
    }

    async fn check(&self, node: &Node, peers: &mut [Peer]) {
        for _ in 0..2 {
            for peer in peers.iter_mut() {
                peer.pump().await;
                if !peer.is_connected() {
                    peer.connect(node).await;
                }
            }
            settle_all(peers).await;
        }
        let document = peers[0].document;
        let expected = peers[0].doc.snapshot();
        for (index, peer) in peers.iter().enumerate() {
            assert!(
                peer.is_connected(),
                "peer {index} was refused: {:?}",
                peer.refused
            );
            assert!(!peer.doc.pending(), "peer {index} waits for something");
            assert_eq!(peer.doc.snapshot(), expected, "peer {index} differs");
            if peer.protocol == Protocol::Multiplexed {
                assert_eq!(peer.unsaved, 0, "peer {index} has unacknowledged edits");
            }
        }

        let (position, head) = node.collab().head(document).await.expect("a head");
        let from_head = Client::new(1);
        from_head.apply(&head).expect("a sound head");
        assert_eq!(from_head.snapshot(), expected, "the head differs");

        let from_log = Client::new(2);
        let mut after = 0;
        loop {
            let rows = node
                .db
                .read_log(document, after, 1000)
                .await
                .expect("the log");
            let Some(last) = rows.last() else { break };
            after = last.position;
            for row in &rows {
                from_log.apply(&row.bytes).expect("a sound row");
                assert!(
                    !from_log.pending(),
                    "the log is out of order at {}",
                    row.position
                );
            }
        }
        assert_eq!(after, position);
        assert_eq!(from_log.snapshot(), expected, "the log differs");
        self.check_projection(node, ItemId(document.0), &head).await;
    }

    async fn check_projection(&self, node: &Node, id: ItemId, head: &[u8]) {
        if self.document == Which::Outline {
            return;
        }
        let expected = content::item::project(head).expect("a projection");
        for attempt in 0.. {
            let row = node.db.item(id).await.expect("the row").expect("an item");
            let same = row.title == expected.title
                && row.status == expected.fields.status
                && row.item_type == expected.fields.item_type
                && row.criteria_total == expected.criteria.len() as i64;
            if same {
                return;
            }
            assert!(
                attempt < 200,
                "the projection stays behind: {row:?} against {expected:?}"
            );
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/plans")
}

async fn run(plan: Plan, db: Db) {
    let copy = plan.clone();
    let outcome = tokio::spawn(async move { copy.run(db).await }).await;
    if let Err(error) = outcome {
        let path = folder().join(format!("failed-{}.json", plan.seed));
        let saved = serde_json::to_string(&plan).map(|json| std::fs::write(&path, json));
        panic!(
            "plan {} failed ({error}); saved: {:?} {}",
            plan.seed,
            saved.is_ok(),
            path.display()
        );
    }
}

store::db_test! {
    async fn random_plans_converge(db: Db) {
        let fresh = db;
        for seed in 0..6 {
            run(Plan::random(seed), fresh.clone()).await;
        }
    }
}

store::db_test! {
    async fn plans_that_failed_once_converge(db: Db) {
        for file in std::fs::read_dir(folder()).expect("the folder of plans").flatten() {
            let text = std::fs::read_to_string(file.path()).expect("a plan");
            if let Ok(plan) = serde_json::from_str::<Plan>(&text) {
                run(plan, db.clone()).await;
            }
        }
    }
}
