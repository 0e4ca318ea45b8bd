//! Connection strings as they may be shown.

/// What stands for a password.
const HIDDEN: &str = "***";

/// The connection string with its passwords hidden: the one before `@` in a URI, and the value of
/// every parameter whose name may mean one, misspelt or not.
#[must_use]
pub fn redacted(url: &str) -> String {
    let mut shown = url.to_owned();
    if let Some(start) = host(&shown) {
        let end = shown[start..]
            .find(['/', '?'])
            .unwrap_or(shown.len() - start)
            + start;
        // A password with a bare `/` or `?` in it ends at the last `@` all the same.
        let at = shown[start..].rfind('@').map(|i| start + i);
        let at = shown[start..end].rfind('@').map(|i| start + i).or(at);
        if let Some(at) = at
            && let Some(colon) = shown[start..at].find(':')
        {
            shown.replace_range(start + colon + 1..at, HIDDEN);
        }
    }
    let mut from = 0;
    while let Some(found) = shown[from..].find('=') {
        let equals = from + found;
        from = equals + 1;
        if is_secret(&shown[..equals]) {
            let start = shown.len() - shown[from..].trim_start().len();
            let end = start + value_length(&shown[start..]);
            shown.replace_range(start..end, HIDDEN);
            from = start + HIDDEN.len();
        }
    }
    shown
}

/// Where a URI's user, password and host begin; also where its slashes are misspelt.
fn host(url: &str) -> Option<usize> {
    if let Some(scheme) = url.find("://") {
        return Some(scheme + 3);
    }
    let scheme = url.find(':').filter(|_| url.starts_with("postg"))?;
    let rest = url.get(scheme + 1..)?;
    Some(url.len() - rest.trim_start_matches('/').len())
}

/// Whether the name at the end of the text may mean a password. (`passfile` names a file.)
fn is_secret(text: &str) -> bool {
    let text = text.trim_end();
    let name = text
        .rsplit(|c: char| c.is_whitespace() || matches!(c, '?' | '&'))
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    name != "passfile"
        && ["pass", "pw", "secret", "token", "%"]
            .iter()
            .any(|part| name.contains(part))
}

/// The length of a keyword's value: quoted, or up to white space or `&`.
fn value_length(text: &str) -> usize {
    let quoted = text.starts_with('\'');
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(usize::from(quoted)) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '\'' if quoted => return at + 1,
            _ if !quoted && (c.is_whitespace() || c == '&') => return at,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::redacted;

    #[test]
    fn passwords_are_hidden() {
        for (url, shown) in [
            ("postgres://h/db", "postgres://h/db"),
            ("postgres://u@h/db", "postgres://u@h/db"),
            (
                "postgres://u:s3cret@h:5432/db",
                "postgres://u:***@h:5432/db",
            ),
            ("postgres://u:a@b@h/db", "postgres://u:***@h/db"),
            ("postgres://u:a/b@h/db", "postgres://u:***@h/db"),
            (
                "postgres://h/db?user=u&password=x&sslpassword=y&sslmode=require",
                "postgres://h/db?user=u&password=***&sslpassword=***&sslmode=require",
            ),
            ("host=h password=x user=u", "host=h password=*** user=u"),
            (
                "host=h password = 'x y\\' z' user=u",
                "host=h password = *** user=u",
            ),
            ("postgresql:/u:s3cret@h/db", "postgresql:/u:***@h/db"),
            ("host=h passfile=/p", "host=h passfile=/p"),
            (
                "postgres://h/db?passwort=x&p%61ssword=y&port=1",
                "postgres://h/db?passwort=***&p%61ssword=***&port=1",
            ),
            ("host=h Passwd='x y", "host=h Passwd=***"),
        ] {
            assert_eq!(redacted(url), shown);
        }
    }
}
