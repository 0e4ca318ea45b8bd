use std::collections::BTreeSet;
use std::path::Path;

use super::RULES;

#[test]
fn each_rule_is_whole_and_in_the_docs() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/rls.md");
    let docs = std::fs::read_to_string(docs).unwrap();
    let codes: Vec<&str> = RULES.iter().map(|rule| rule.code).collect();
    let sorted: BTreeSet<&str> = codes.iter().copied().collect();
    assert!(codes.iter().eq(&sorted), "sorted, each once");
    for rule in RULES {
        let row = format!("| `{}` | {} | {} |", rule.code, rule.severity, rule.title);
        assert!(docs.contains(&row), "docs/rls.md wants: {row}");
        assert!(!rule.reason.is_empty() && !rule.example.is_empty());
    }
}
