//! What a server's version lacks is not asked for: the one place that knows.

/// A server's version as one number: 150004 is 15.4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version(pub(super) i32);

impl Version {
    fn at_least(self, major: i32) -> bool {
        self.0 >= major * 10_000
    }

    fn since<'a>(self, major: i32, sql: &'a str, before: &'a str) -> &'a str {
        if self.at_least(major) { sql } else { before }
    }

    /// The row filter of a published table.
    pub(super) fn publication_filter(self) -> &'static str {
        self.since(15, "pg_get_expr(r.prqual, r.prrelid)", "null::text")
    }

    /// The columns of a published table.
    pub(super) fn publication_columns(self) -> &'static str {
        self.since(
            15,
            "(select array_agg(quote_ident(a.attname) order by a.attname collate \"C\")
                from unnest(r.prattrs) k (attnum)
                join pg_attribute a on a.attrelid = r.prrelid and a.attnum = k.attnum)",
            "null::text[]",
        )
    }

    /// Whether schemas can be published.
    pub(super) fn publishes_schemas(self) -> bool {
        self.at_least(15)
    }

    /// Whether generated columns are published.
    pub(super) fn publication_generated(self) -> &'static str {
        self.since(
            18,
            "case p.pubgencols when 's' then 'stored' end",
            "null::text",
        )
    }

    /// The locale of a collation of ICU or of the server itself.
    pub(super) fn collation_locale(self) -> &'static str {
        if self.at_least(17) {
            "c.colllocale"
        } else if self.at_least(15) {
            "c.colliculocale"
        } else {
            "case c.collprovider when 'i' then c.collcollate::text end"
        }
    }

    /// The rules of a collation of ICU.
    pub(super) fn collation_rules(self) -> &'static str {
        self.since(16, "c.collicurules", "null::text")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_version_lacks_is_not_asked_for() {
        let (old, new) = (Version(140_012), Version(180_000));
        assert_eq!(old.publication_filter(), "null::text");
        assert!(new.publication_filter().contains("prqual"));
        assert!(old.collation_locale().contains("collcollate"));
        assert_eq!(Version(150_004).collation_locale(), "c.colliculocale");
        assert_eq!(Version(170_000).collation_locale(), "c.colllocale");
        assert!(!old.publishes_schemas() && Version(150_000).publishes_schemas());
        assert_eq!(Version(170_002).publication_generated(), "null::text");
    }
}
