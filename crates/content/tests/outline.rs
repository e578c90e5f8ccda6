//! The rule of the tree and the planner of moves, on the vectors that the web client is tested
//! with, and on properties that hold whatever the rule is.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::PathBuf;

use content::outline::{
    MoveError, Node, Placement, Spot, Tree, plan_insert, plan_move, plan_moves, resolve, tops,
};
use content::rank;
use content::testing::below;
use model::{ItemId, SeededRng};
use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

/// Ids of the vectors are short words; their order as words is their order as ids.
fn id(word: &str) -> ItemId {
    assert!((1..=16).contains(&word.len()));
    let mut bytes = [0; 16];
    bytes[..word.len()].copy_from_slice(word.as_bytes());
    ItemId(Uuid::from_bytes(bytes))
}

fn word(id: ItemId) -> String {
    let end = id.0.as_bytes().iter().position(|&c| c == 0).unwrap_or(16);
    String::from_utf8(id.0.as_bytes()[..end].to_vec()).unwrap()
}

fn ids(list: &Value) -> Vec<ItemId> {
    list.as_array()
        .unwrap()
        .iter()
        .map(|w| id(w.as_str().unwrap()))
        .collect()
}

fn parent(value: &Value) -> Option<ItemId> {
    value.as_str().map(id)
}

fn nodes(list: &Value) -> Vec<Node> {
    let list = list.as_array().unwrap().iter();
    list.map(|node| Node {
        id: id(node[0].as_str().unwrap()),
        kind: "item".into(),
        parent: parent(&node[1]),
        rank: node[2].as_str().unwrap().into(),
    })
    .collect()
}

fn spot(value: &Value) -> Spot {
    match value {
        Value::String(s) if s == "first" => Spot::First,
        Value::String(s) if s == "last" => Spot::Last,
        Value::Object(map) => match map.iter().next().unwrap() {
            (key, value) if key == "before" => Spot::Before(id(value.as_str().unwrap())),
            (key, value) if key == "after" => Spot::After(id(value.as_str().unwrap())),
            other => panic!("{other:?}"),
        },
        other => panic!("{other}"),
    }
}

fn tree_json(tree: &Tree) -> Value {
    tree.rows
        .iter()
        .map(|row| json!([word(row.id), row.parent.map(word), row.depth, row.lifted]))
        .collect()
}

fn plan_json(plan: &[Placement]) -> Value {
    plan.iter()
        .map(|p| json!([word(p.id), p.parent.map(word), p.rank]))
        .collect()
}

fn planned(tree: &Tree, request: &Value) -> Result<Vec<Placement>, MoveError> {
    let (item, up, at) = (
        id(request["id"].as_str().unwrap()),
        parent(&request["parent"]),
        spot(&request["spot"]),
    );
    match tree.get(item) {
        Some(_) => plan_move(tree, item, up, at),
        None => plan_insert(tree, item, "item", up, at),
    }
}

/// Nothing lost, nothing twice, no cycle, parents first.
fn check(tree: &Tree, existing: &[ItemId]) {
    let wanted: HashSet<ItemId> = existing.iter().copied().collect();
    assert_eq!(tree.rows.len(), wanted.len());
    let mut depths: HashMap<ItemId, usize> = HashMap::new();
    for row in &tree.rows {
        assert!(wanted.contains(&row.id));
        let depth = row.parent.map_or(0, |up| depths[&up] + 1);
        assert_eq!(row.depth, depth);
        assert!(depths.insert(row.id, depth).is_none());
    }
}

/// Writes a plan into stored nodes.
fn write(nodes: &[Node], plan: &[Placement]) -> Vec<Node> {
    let mut out: BTreeMap<ItemId, Node> = nodes.iter().map(|n| (n.id, n.clone())).collect();
    out.extend(plan.iter().map(|p| (p.id, p.clone())));
    out.into_values().collect()
}

/// Whether a row stands at the root without being stored there, and without a rank that could be: where a plan settles it, it
/// comes before all others.
fn settles(tree: &Tree, id: ItemId) -> bool {
    tree.get(id).is_some_and(|row| {
        row.parent.is_none() && row.stored_parent.is_some() && !rank::is_valid(&row.rank)
    })
}

fn order(tree: &Tree, parent: Option<ItemId>, without: ItemId) -> Vec<ItemId> {
    tree.children(parent)
        .map(|row| row.id)
        .filter(|&id| id != without)
        .collect()
}

/// What any plan must do when it is written.
fn check_plan(
    stored: &[Node],
    tree: &Tree,
    existing: &[ItemId],
    id: ItemId,
    parent: Option<ItemId>,
    spot: Spot,
    plan: &[Placement],
) {
    let mut existing = existing.to_vec();
    existing.push(id);
    let after = resolve(&write(stored, plan), &existing);
    check(&after, &existing);
    assert_eq!(after.get(id).unwrap().parent, parent);
    // Nobody else has another parent, and nobody else's order changed; except that an item lifted
    // out of a cycle may get a rank for the first time.
    for row in &tree.rows {
        // Who was waiting for a new one as a parent follows it, unless it stands above it.
        let waited = tree.get(id).is_none() && row.stored_parent == Some(id);
        if waited && !plan.iter().any(|p| p.id == row.id) {
            assert_eq!(after.get(row.id).unwrap().parent, Some(id));
        } else if row.id != id {
            assert_eq!(after.get(row.id).unwrap().parent, row.parent);
        }
    }
    let stay = |ids: Vec<ItemId>| -> Vec<ItemId> {
        let stays =
            |other: &ItemId| after.get(*other).unwrap().parent == parent && !settles(tree, *other);
        ids.into_iter().filter(stays).collect()
    };
    assert_eq!(
        stay(order(&after, parent, id)),
        stay(order(tree, parent, id))
    );
    let siblings: Vec<ItemId> = after
        .children(parent)
        .map(|row| row.id)
        .filter(|&other| other == id || !settles(tree, other))
        .collect();
    let at = siblings.iter().position(|&other| other == id).unwrap();
    let beside = |other: ItemId| other != id && siblings.contains(&other);
    match spot {
        Spot::First => assert_eq!(at, 0),
        Spot::Last => assert_eq!(at, siblings.len() - 1),
        Spot::Before(other) if beside(other) => assert_eq!(siblings[at + 1], other),
        Spot::After(other) if beside(other) => assert_eq!(siblings[at - 1], other),
        _ => {}
    }
}

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/outline")
        .join(name)
}

fn vectors(name: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(fixture(name)).unwrap();
    serde_json::from_str(&text).unwrap()
}

#[test]
fn trees_and_moves_are_those_of_the_vectors() {
    for case in vectors("cases.json")
        .into_iter()
        .chain(vectors("random.json"))
    {
        let name = &case["name"];
        let (stored, existing) = (nodes(&case["nodes"]), ids(&case["existing"]));
        let tree = resolve(&stored, &existing);
        assert_eq!(tree_json(&tree), case["tree"], "{name}");
        let unknown: Value = tree.unknown.iter().map(|&id| word(id)).collect();
        assert_eq!(unknown, case["unknown"], "{name}");
        check(&tree, &existing);
        for request in case["moves"].as_array().unwrap() {
            match planned(&tree, request) {
                Err(error) => assert_eq!(json!(error), request["error"], "{name} {request}"),
                Ok(plan) => {
                    assert_eq!(plan_json(&plan), request["plan"], "{name} {request}");
                    let moved = id(request["id"].as_str().unwrap());
                    let (up, at) = (parent(&request["parent"]), spot(&request["spot"]));
                    check_plan(&stored, &tree, &existing, moved, up, at, &plan);
                }
            }
        }
    }
}

const RANKS: &[&str] = &[
    "a0", "a0", "a1", "a2", "a3", "a0V", "Zz", "b00", "", "a00", "!", "é", "\u{ffff}", "😀",
];

fn random_case(seed: u64) -> Value {
    let rng = SeededRng::new(seed);
    let roll = |n: u32| below(&rng, n);
    let name = |n: u32| format!("n{n:02}");
    let count = 1 + roll(if seed.is_multiple_of(10) { 40 } else { 9 });
    // A third of the graphs has sound ranks only.
    let ranks = if seed.is_multiple_of(3) {
        &RANKS[..8]
    } else {
        RANKS
    };
    let mut existing: Vec<String> = (0..count).map(name).collect();
    for i in (1..existing.len()).rev() {
        existing.swap(i, roll(i as u32 + 1) as usize);
    }
    let missing = roll(3) as usize;
    existing.truncate(existing.len().saturating_sub(missing).max(1));
    let mut list = Vec::new();
    for n in 0..count + 1 {
        if roll(8) > 0 {
            let up = (roll(4) > 0).then(|| name(roll(count + 1)));
            list.push(json!([
                name(n),
                up,
                ranks[roll(ranks.len() as u32) as usize]
            ]));
        }
    }
    let list = Value::Array(list);
    let tree = resolve(&nodes(&list), &ids(&existing.clone().into()));
    let mut moves = Vec::new();
    for _ in 0..4 {
        let other = name(roll(count + 1));
        let at = match roll(6) {
            0 => json!("first"),
            1 => json!("last"),
            2 | 3 => json!({ "before": other }),
            _ => json!({ "after": other }),
        };
        let up = match roll(4) {
            0 => Value::Null,
            1 => name(roll(count + 1)).into(),
            _ => tree
                .get(id(&other))
                .and_then(|row| row.parent)
                .map(word)
                .into(),
        };
        moves.push(json!({ "id": name(roll(count + 2)), "parent": up, "spot": at }));
    }
    json!({ "name": format!("random {seed}"), "nodes": list, "existing": existing, "moves": moves })
}

/// Fills in what the code gives now.
fn solved(mut case: Value) -> Value {
    let tree = resolve(&nodes(&case["nodes"]), &ids(&case["existing"]));
    case["tree"] = tree_json(&tree);
    case["unknown"] = tree.unknown.iter().map(|&id| word(id)).collect();
    for request in case["moves"].as_array_mut().unwrap() {
        match planned(&tree, request) {
            Ok(plan) => request["plan"] = plan_json(&plan),
            Err(error) => request["error"] = json!(error),
        }
    }
    case
}

#[test]
#[ignore = "writes fixtures/outline/random.json"]
fn write_fixture() {
    let cases: Vec<String> = (0..300)
        .map(|seed| solved(random_case(seed)).to_string())
        .collect();
    let text = format!("[\n{}\n]\n", cases.join(",\n"));
    std::fs::write(fixture("random.json"), text).unwrap();
}

fn stored_nodes() -> impl Strategy<Value = Vec<Node>> {
    let node = (0..24u8, prop::option::of(0..24u8), 0..RANKS.len());
    let name = |n: u8| id(&format!("n{n:02}"));
    prop::collection::btree_map(0..24u8, node, 0..24).prop_map(move |map| {
        map.into_iter()
            .map(|(n, (_, up, rank))| Node {
                id: name(n),
                kind: "item".into(),
                parent: up.map(name),
                rank: RANKS[rank].into(),
            })
            .collect()
    })
}

proptest! {
    #[test]
    fn nothing_is_lost_and_order_of_arrival_means_nothing(
        (stored, shuffled) in stored_nodes().prop_flat_map(|n| (Just(n.clone()), Just(n).prop_shuffle())),
        (existing, shuffled_ids) in prop::collection::vec(0..24u8, 0..24)
            .prop_map(|list| list.into_iter().map(|n| id(&format!("n{n:02}"))).collect::<Vec<_>>())
            .prop_flat_map(|n| (Just(n.clone()), Just(n).prop_shuffle())),
    ) {
        let tree = resolve(&stored, &existing);
        check(&tree, &existing);
        prop_assert_eq!(&tree, &resolve(&shuffled, &shuffled_ids));

        // Who has a sound way to the root keeps his parent; only one of each cycle loses it.
        let by_id: HashMap<ItemId, &Node> = stored.iter().map(|n| (n.id, n)).collect();
        let up = |id: ItemId| by_id.get(&id).and_then(|n| n.parent).filter(|up| existing.contains(up) && *up != id);
        for row in &tree.rows {
            let mut way = vec![row.id];
            let mut cyclic = false;
            while let Some(next) = up(*way.last().unwrap()) {
                if way.contains(&next) {
                    cyclic = next == row.id;
                    break;
                }
                way.push(next);
            }
            prop_assert_eq!(row.lifted, cyclic && way.iter().min() == Some(&row.id));
            prop_assert_eq!(row.parent, if row.lifted { None } else { up(row.id) });
        }
        for parent in tree.rows.iter().map(|row| Some(row.id)).chain([None]) {
            let children: Vec<_> = tree.children(parent).map(|row| (&row.rank, row.id)).collect();
            prop_assert!(children.is_sorted());
        }
    }

    #[test]
    fn a_plan_does_what_was_asked_and_nothing_else(
        stored in stored_nodes(), moved in 0..26u8, up in prop::option::of(0..20u8), other in 0..20u8, which in 0..4u8,
    ) {
        let name = |n: u8| id(&format!("n{n:02}"));
        let existing: Vec<ItemId> = (0..20).map(name).collect();
        let tree = resolve(&stored, &existing);
        let (moved, other) = (name(moved), name(other));
        let up = if which < 2 { up.map(name) } else { tree.get(other).unwrap().parent };
        let spot = [Spot::First, Spot::Last, Spot::Before(other), Spot::After(other)][usize::from(which)];
        match plan_insert(&tree, moved, "item", up, spot) {
            Ok(plan) => check_plan(&stored, &tree, &existing, moved, up, spot, &plan),
            Err(error) => {
                prop_assert_eq!(error, MoveError::IntoItself);
                prop_assert!(tree.is_within(up.unwrap(), moved));
            }
        }
    }

    #[test]
    fn several_stand_side_by_side_in_their_order(
        stored in stored_nodes(), some in prop::collection::vec(0..20u8, 1..8),
        up in prop::option::of(0..20u8), other in 0..20u8, which in 0..4u8,
    ) {
        let name = |n: u8| id(&format!("n{n:02}"));
        let existing: Vec<ItemId> = (0..20).map(name).collect();
        let tree = resolve(&stored, &existing);
        let moved: Vec<ItemId> = some.into_iter().map(name).collect();
        let other = name(other);
        let up = if which < 2 { up.map(name) } else { tree.get(other).unwrap().parent };
        let spot = [Spot::First, Spot::Last, Spot::Before(other), Spot::After(other)][usize::from(which)];
        let top = tops(&tree, &moved).unwrap();
        for &id in &moved {
            prop_assert!(top.iter().any(|&top| tree.is_within(id, top)));
        }
        match plan_moves(&tree, &moved, up, spot) {
            Ok(plan) => {
                let after = resolve(&write(&stored, &plan), &existing);
                check(&after, &existing);
                let settled = |id: ItemId| settles(&tree, id) && !top.contains(&id);
                let siblings: Vec<ItemId> = after.children(up).map(|row| row.id).filter(|&id| !settled(id)).collect();
                let at = siblings.iter().position(|&id| id == top[0]).unwrap();
                prop_assert_eq!(&siblings[at..at + top.len()], &top[..]);
                match spot {
                    Spot::First => prop_assert_eq!(at, 0),
                    Spot::Last => prop_assert_eq!(at + top.len(), siblings.len()),
                    Spot::Before(other) if !top.contains(&other) && !settled(other) => prop_assert_eq!(siblings[at + top.len()], other),
                    Spot::After(other) if !top.contains(&other) && !settled(other) => prop_assert_eq!(siblings[at - 1], other),
                    _ => {}
                }
                // Nobody else has another parent, and the others' order is as it was.
                let stay = |list: Vec<ItemId>| -> Vec<ItemId> { list.into_iter().filter(|id| !top.contains(id) && !settled(*id)).collect() };
                for row in tree.rows.iter().filter(|row| !top.contains(&row.id)) {
                    prop_assert_eq!(after.get(row.id).unwrap().parent, row.parent);
                }
                let before = tree.children(up).map(|row| row.id).collect();
                prop_assert_eq!(stay(siblings), stay(before));
            }
            Err(error) => {
                prop_assert_eq!(error, MoveError::IntoItself);
                prop_assert!(top.iter().any(|&top| tree.is_within(up.unwrap(), top)));
            }
        }
    }
}

#[test]
fn who_is_not_in_the_tree_is_not_moved() {
    let tree = resolve(&[], &[id("a")]);
    assert_eq!(
        tops(&tree, &[id("a"), id("b")]),
        Err(MoveError::UnknownItem)
    );
    assert_eq!(
        plan_moves(&tree, &[id("b")], None, Spot::Last),
        Err(MoveError::UnknownItem)
    );
    assert_eq!(plan_moves(&tree, &[], None, Spot::Last), Ok(vec![]));
    assert_eq!(tops(&tree, &[id("a"), id("a")]), Ok(vec![id("a")]));
}

#[test]
fn a_chain_and_a_circle_of_100_000_do_not_overflow() {
    let name = |n: u32| ItemId(Uuid::from_u128(u128::from(n)));
    let count = 100_000;
    for circle in [false, true] {
        let stored: Vec<Node> = (0..count)
            .map(|n| Node {
                id: name(n),
                kind: "item".into(),
                parent: (circle || n + 1 < count).then(|| name((n + 1) % count)),
                rank: "a0".into(),
            })
            .collect();
        let existing: Vec<ItemId> = stored.iter().map(|node| node.id).collect();
        let tree = resolve(&stored, &existing);
        let last = tree.rows.last().unwrap();
        assert_eq!(last.depth, count as usize - 1);
        assert_eq!(last.id, name(u32::from(circle)));
        let refused = plan_move(&tree, tree.rows[0].id, Some(last.id), Spot::Last);
        assert_eq!(refused, Err(MoveError::IntoItself));
    }
}
