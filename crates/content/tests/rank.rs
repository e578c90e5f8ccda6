//! Ranks, against npm's fractional-indexing.

use content::outline::rank_between;
use content::rank::{is_valid, try_between, try_n_between};
use proptest::prelude::*;
use serde_json::Value;

#[test]
fn ranks_are_those_of_fractional_indexing() {
    let vectors: Value =
        serde_json::from_str(include_str!("../fixtures/rank/vectors.json")).unwrap();
    let between = vectors["between"].as_array().unwrap();
    assert!(between.len() > 600);
    for entry in between {
        let (a, b) = (entry[0].as_str(), entry[1].as_str());
        assert_eq!(
            try_between(a, b).as_deref(),
            entry[2].as_str(),
            "{a:?} {b:?}"
        );
        assert_eq!(rank_between(a, b), entry[2].as_str().unwrap());
    }
    for entry in vectors["many"].as_array().unwrap() {
        let (a, b) = (entry[0].as_str(), entry[1].as_str());
        let n = entry[2].as_u64().unwrap() as usize;
        let ranks: Vec<&str> = entry[3]
            .as_array()
            .unwrap()
            .iter()
            .map(|r| r.as_str().unwrap())
            .collect();
        assert_eq!(try_n_between(a, b, n).unwrap(), ranks, "{a:?} {b:?} {n}");
    }
}

#[test]
fn rank_between_is_total() {
    assert_eq!(rank_between(Some("junk!"), Some("")), "a0");
    assert_eq!(rank_between(Some("a3"), Some("a1")), "a2");
    assert_eq!(rank_between(Some("a3"), Some("a3")), "a4");
}

proptest! {
    #[test]
    fn a_list_that_grows_anywhere_stays_in_order(places in prop::collection::vec(any::<prop::sample::Index>(), 1..300)) {
        let mut list: Vec<String> = Vec::new();
        for place in places {
            let at = place.index(list.len() + 1);
            let a = at.checked_sub(1).map(|i| list[i].clone());
            let rank = try_between(a.as_deref(), list.get(at).map(String::as_str)).unwrap();
            prop_assert!(is_valid(&rank));
            list.insert(at, rank);
        }
        prop_assert!(list.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn nothing_panics(a in "\\PC{0,6}", b in "[0-9A-Za-z]{0,40}") {
        let rank = rank_between(Some(&a), Some(&b));
        prop_assert!(is_valid(&rank));
        try_between(Some(&b), Some(&a));
    }
}
