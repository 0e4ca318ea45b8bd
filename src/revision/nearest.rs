//! Which known word was probably meant.

/// How many words a list of candidates offers.
const OFFERED: usize = 3;

/// The word of `candidates` that `word` most nearly is, where one is near enough to be a typing
/// mistake: at most one edit for every three characters (insert, delete, replace or swap of two
/// neighbours), case left out. Of equally near ones, the first.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = letters(word);
    let allowed = (word.len() / 3).max(1);
    let near = candidates.into_iter().filter_map(|candidate| {
        let letters = letters(candidate);
        let edits = edits(&word, &letters, allowed)?;
        (edits < letters.len()).then_some((edits, candidate))
    });
    let near = near.min_by_key(|(edits, _)| *edits);
    near.map(|(_, candidate)| candidate)
}

/// Up to three of `names` that `name` may have meant, nearest first: those that begin with it (or
/// with which it begins), then those a few edits away, as [`nearest`] counts them but never more
/// than three. Equally near ones go by name.
pub fn nearest_names<'a>(name: &str, names: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let wanted = letters(name);
    let allowed = (wanted.len() / 3).clamp(1, 3);
    let begins = |a: &[char], b: &[char]| a.len() >= 3 && b.starts_with(a);
    let near = names.into_iter().filter_map(|name| {
        let letters = letters(name);
        if begins(&wanted, &letters) || begins(&letters, &wanted) {
            return Some((1, name));
        }
        Some((edits(&wanted, &letters, allowed)?, name))
    });
    let mut near: Vec<(usize, &str)> = near.collect();
    near.sort_unstable();
    near.dedup();
    let names = near.into_iter().map(|(_, name)| name.to_owned());
    names.take(OFFERED).collect()
}

fn letters(word: &str) -> Vec<char> {
    word.chars().flat_map(char::to_lowercase).collect()
}

/// How many edits lie between two words (optimal string alignment), if at most `allowed`.
fn edits(a: &[char], b: &[char], allowed: usize) -> Option<usize> {
    if a.len().abs_diff(b.len()) > allowed {
        return None;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let mut least = (above[j] + usize::from(x != y))
                .min(above[j + 1] + 1)
                .min(row[j] + 1);
            if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                least = least.min(before[j - 1] + 1);
            }
            row.push(least);
        }
        // Two rows, since a swap looks back over one.
        if row.iter().chain(&above).all(|edits| *edits > allowed) {
            return None;
        }
        before = std::mem::replace(&mut above, row);
    }
    above.pop().filter(|edits| *edits <= allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typing_mistakes_are_near() {
        let keys = ["revision", "revises", "label", "lock-timeout"];
        assert_eq!(nearest("revise", keys), Some("revises"));
        assert_eq!(nearest("Revises", keys), Some("revises"));
        assert_eq!(nearest("revison", keys), Some("revision"));
        assert_eq!(nearest("lable", keys), Some("label"));
        assert_eq!(nearest("lock_timout", keys), Some("lock-timeout"));
        assert_eq!(nearest("table", keys), None);
        assert_eq!(nearest("note", keys), None);
        assert_eq!(nearest("", keys), None);
    }

    #[test]
    fn the_nearest_names_come_first() {
        let names = ["8f3c2a1b9d04", "8f3c2a1b9d05", "77bd0c11e0aa", "billing"];
        let both = ["8f3c2a1b9d04", "8f3c2a1b9d05"];
        assert_eq!(nearest_names("8f3c2a1b9d40", names), both);
        assert_eq!(nearest_names("8f3c", names), both);
        assert_eq!(nearest_names("Biling", names), ["billing"]);
        assert_eq!(nearest_names("77bd0c11e0aab", names), ["77bd0c11e0aa"]);
        assert_eq!(nearest_names("zzz", names), Vec::<String>::new());
        assert_eq!(nearest_names("", names), Vec::<String>::new());
    }

    #[test]
    fn edits_are_counted() {
        let edits = |a: &str, b: &str, allowed| super::edits(&letters(a), &letters(b), allowed);
        assert_eq!(edits("", "abc", 3), Some(3));
        assert_eq!(edits("abc", "abc", 0), Some(0));
        assert_eq!(edits("abc", "acb", 1), Some(1));
        assert_eq!(edits("ab", "ba", 1), Some(1));
        assert_eq!(edits("kitten", "sitting", 3), Some(3));
        assert_eq!(edits("kitten", "sitting", 2), None);
    }
}
