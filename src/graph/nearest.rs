//! Which names a mistyped one may have meant.

/// How many candidates are offered.
const OFFERED: usize = 3;

/// Up to three of `names` that `text` may have meant, nearest first: names that begin with it (or
/// that it begins with), then names a few letters away. Ties go by name.
#[must_use]
pub fn nearest<'a>(text: &str, names: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let wanted: Vec<char> = text.to_lowercase().chars().collect();
    let allowed = (wanted.len() / 3).clamp(1, 3);
    let mut found: Vec<(usize, &str)> = Vec::new();
    for name in names {
        let letters: Vec<char> = name.to_lowercase().chars().collect();
        let begins = |a: &[char], b: &[char]| a.len() >= 3 && b.starts_with(a);
        let distance = if begins(&wanted, &letters) || begins(&letters, &wanted) {
            Some(1)
        } else {
            distance(&wanted, &letters, allowed)
        };
        if let Some(distance) = distance {
            found.push((distance, name));
        }
    }
    found.sort_unstable();
    found.dedup();
    let names = found.into_iter().map(|(_, name)| name.to_owned());
    names.take(OFFERED).collect()
}

/// Insertions, deletions, replacements and swaps of neighbours from `a` to `b`, if at most
/// `allowed`.
fn distance(a: &[char], b: &[char], allowed: usize) -> Option<usize> {
    if a.len().abs_diff(b.len()) > allowed {
        return None;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut next = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let replaced = row[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            next[j] = replaced.min(row[j] + 1).min(next[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                next[j] = next[j].min(before[j - 2] + 1);
            }
        }
        if next.iter().all(|&cost| cost > allowed) {
            return None;
        }
        before = std::mem::replace(&mut row, next);
    }
    row.last().copied().filter(|&cost| cost <= allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_come_first() {
        let names = ["8f3c2a1b9d04", "8f3c2a1b9d05", "77bd0c11e0aa", "billing"];
        assert_eq!(
            nearest("8f3c2a1b9d40", names),
            ["8f3c2a1b9d04", "8f3c2a1b9d05"]
        );
        assert_eq!(nearest("8f3c", names), ["8f3c2a1b9d04", "8f3c2a1b9d05"]);
        assert_eq!(nearest("Biling", names), ["billing"]);
        assert_eq!(nearest("77bd0c11e0aab", names), ["77bd0c11e0aa"]);
        assert_eq!(nearest("zzz", names), Vec::<String>::new());
        assert_eq!(nearest("", names), Vec::<String>::new());
    }
}
