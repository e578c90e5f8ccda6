//! Several people at once: whatever they do, and in whatever order it arrives, all see the same.

use std::collections::HashSet;

use content::testing::{Client, below, node_id};
use content::{item, outline};
use model::{ItemId, Rng, SeededRng};
use proptest::prelude::*;

/// `count` clients make `edits` random edits; each now and then hears of what others did, in any
/// order. At the end all have heard all.
fn session(
    seed: u64,
    count: usize,
    edits: usize,
    edit: impl Fn(&Client, &dyn Rng) -> Vec<u8>,
) -> Vec<Client> {
    let rng = SeededRng::new(seed);
    let clients: Vec<Client> = (1..=count as u64).map(Client::new).collect();
    let mut queues: Vec<Vec<Vec<u8>>> = vec![Vec::new(); count];
    for _ in 0..edits {
        let who = below(&rng, count as u32) as usize;
        let update = edit(&clients[who], &rng);
        for (to, queue) in queues.iter_mut().enumerate() {
            if to != who {
                queue.push(update.clone());
            }
        }
        // Any of what waits, not the oldest: updates may come before what they build on.
        let hears = below(&rng, count as u32) as usize;
        for _ in 0..below(&rng, 4) {
            let len = queues[hears].len() as u32;
            if len > 0 {
                let update = queues[hears].swap_remove(below(&rng, len) as usize);
                clients[hears].apply(&update).unwrap();
            }
        }
    }
    for (client, queue) in clients.iter().zip(&mut queues) {
        while !queue.is_empty() {
            let update = queue.swap_remove(below(&rng, queue.len() as u32) as usize);
            client.apply(&update).unwrap();
        }
        assert!(!client.pending());
    }
    clients
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn items_converge(seed: u64, count in 3..=5usize, edits in 1..150usize) {
        let clients = session(seed, count, edits, |client, rng| client.random_edit(rng));
        let first = &clients[0];
        let (doc, nodes) = (item::project(&first.update()).unwrap(), outline::project(&first.update()).unwrap());
        for client in &clients[1..] {
            prop_assert_eq!(client.state_vector(), first.state_vector());
            prop_assert_eq!(client.snapshot(), first.snapshot());
            prop_assert_eq!(&item::project(&client.update()).unwrap(), &doc);
            prop_assert_eq!(&outline::project(&client.update()).unwrap(), &nodes);
        }
        // A joiner who gets it in two halves sees the same.
        let joiner = Client::new(1000);
        joiner.apply(&first.update()).unwrap();
        prop_assert_eq!(joiner.snapshot(), first.snapshot());
    }

    #[test]
    fn moved_trees_stay_whole(seed: u64, count in 3..=5usize, edits in 1..120usize) {
        let clients = session(seed, count, edits, |client, rng| client.random_outline_edit(rng));
        let existing: Vec<ItemId> = (0..11).map(node_id).collect();
        let trees: Vec<_> = clients
            .iter()
            .map(|client| outline::resolve(&outline::project(&client.update()).unwrap().nodes, &existing))
            .collect();
        for tree in &trees {
            prop_assert_eq!(tree, &trees[0]);
        }
        let mut seen = HashSet::new();
        for row in &trees[0].rows {
            prop_assert!(row.parent.is_none_or(|parent| seen.contains(&parent)));
            prop_assert!(seen.insert(row.id));
        }
        prop_assert_eq!(seen.len(), existing.len());
    }

    #[test]
    fn the_servers_edits_merge_with_everybodys(seed: u64, edits in 1..60usize, title in "\\PC{0,12}") {
        let clients = session(seed, 3, edits, |client, rng| client.random_item_edit(rng));
        let head = clients[0].update();
        let patch = item::ItemPatch { title: Some(title.clone()), ..item::ItemPatch::default() };
        let edit = item::edit(&head, 500, &patch).unwrap();
        let rng = SeededRng::new(seed ^ 1);
        let other = clients[1].random_item_edit(&rng);
        clients[0].apply(&edit).unwrap();
        prop_assert_eq!(item::project(&clients[0].update()).unwrap().title, item::one_line(&title));
        clients[0].apply(&other).unwrap();
        clients[1].apply(&edit).unwrap();
        prop_assert_eq!(clients[0].snapshot(), clients[1].snapshot());
    }
}

#[test]
fn a_gap_is_pending_until_it_is_filled() {
    let (a, b) = (Client::new(1), Client::new(2));
    let first = a.insert_text("title", 0, "one");
    let second = a.insert_text("title", 3, " two");
    b.apply(&second).unwrap();
    assert!(b.pending());
    assert_eq!(b.text("title"), "");
    b.apply(&first).unwrap();
    assert!(!b.pending());
    assert_eq!(b.text("title"), "one two");
    assert_eq!(b.update_since(&a.state_vector()), [0, 0]);
}
