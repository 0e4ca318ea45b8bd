use super::error::BookkeepingError;
use crate::db::{DbError, Session, TransactionEnd};
use crate::sql::{QualifiedName, quote_ident, quote_literal};

/// The version table: one row for each tip of the applied set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionTable {
    name: QualifiedName,
}

/// What grace-migrate finds of its own in a database.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Kept {
    /// The version rows, sorted; `None` where there is no version table.
    pub rows: Option<Vec<String>>,
    /// Whether the history exists.
    pub history: bool,
}

impl Kept {
    /// The version rows; none where there is no table.
    #[must_use]
    pub fn rows(&self) -> &[String] {
        self.rows.as_deref().unwrap_or_default()
    }
}

impl VersionTable {
    /// The version table of this name.
    #[must_use]
    pub fn new(name: QualifiedName) -> Self {
        Self { name }
    }

    /// Its qualified name.
    #[must_use]
    pub fn name(&self) -> &QualifiedName {
        &self.name
    }

    /// Its qualified name, quoted for SQL.
    #[must_use]
    pub fn quoted(&self) -> String {
        self.name.to_string()
    }

    /// Its qualified name as one text, never that of two tables: the key of history, journal and
    /// lock.
    #[must_use]
    pub fn key(&self) -> String {
        let part = |name: &str| {
            if name.contains(['.', '"']) {
                format!("\"{}\"", name.replace('"', "\"\""))
            } else {
                name.to_owned()
            }
        };
        format!("{}.{}", part(&self.name.schema), part(&self.name.name))
    }

    /// What is there: the version rows and whether the history exists. Creates nothing.
    ///
    /// # Errors
    /// The server's, and [`BookkeepingError::NotAVersionTable`] where the name is taken by
    /// something else.
    pub async fn read(&self, session: &Session) -> Result<Kept, BookkeepingError> {
        let found = session
            .query(
                "select (select pg_catalog.array_agg(a.attname || ' ' || \
                         pg_catalog.format_type(a.atttypid, a.atttypmod) order by a.attnum) \
                    from pg_catalog.pg_class c \
                    join pg_catalog.pg_namespace n on n.oid operator(pg_catalog.=) c.relnamespace \
                    join pg_catalog.pg_attribute a on a.attrelid operator(pg_catalog.=) c.oid \
                    where n.nspname operator(pg_catalog.=) $1 \
                      and c.relname operator(pg_catalog.=) $2 \
                      and a.attnum operator(pg_catalog.>) 0 and not a.attisdropped), \
                   exists (select from pg_catalog.pg_class c \
                    join pg_catalog.pg_namespace n on n.oid operator(pg_catalog.=) c.relnamespace \
                    where n.nspname operator(pg_catalog.=) 'grace_migrate' \
                      and c.relname operator(pg_catalog.=) 'history')",
                &[(&self.name.schema).into(), (&self.name.name).into()],
            )
            .await?;
        let (columns, history) = match found.first() {
            Some(row) => (row.get::<Option<Vec<String>>>(0)?, row.get(1)?),
            None => (None, false),
        };
        let Some(columns) = columns else {
            return Ok(Kept {
                rows: None,
                history,
            });
        };
        if !columns.iter().any(|c| c.starts_with("version_num ")) {
            return Err(BookkeepingError::NotAVersionTable {
                table: self.quoted(),
                columns,
            });
        }
        let rows = session
            .query(
                &format!(
                    "select version_num::pg_catalog.text from {} order by 1",
                    self.quoted()
                ),
                &[],
            )
            .await?;
        let mut rows = rows
            .iter()
            .map(|row| row.get(0))
            .collect::<Result<Vec<String>, DbError>>()?;
        rows.sort_unstable();
        Ok(Kept {
            rows: Some(rows),
            history,
        })
    }

    /// The same, in a transaction that goes on and shows the database as it is now: whatever is
    /// read in it fits together, though others are at work. To be ended with
    /// [`Self::leave_moment`], or with the session.
    ///
    /// # Errors
    /// As for [`Self::read`].
    pub async fn read_moment(&self, session: &Session) -> Result<Kept, BookkeepingError> {
        let begin = session.begin("begin isolation level repeatable read, read only");
        let (begun, kept) = tokio::join!(biased; begin, self.read(session));
        begun?;
        kept
    }

    /// Ends the transaction of [`Self::read_moment`].
    ///
    /// # Errors
    /// The server's.
    pub async fn leave_moment(&self, session: &Session) -> Result<(), BookkeepingError> {
        Ok(session.batch("rollback").await?)
    }

    /// The same as [`Self::read`], also of a session that is shared and in no transaction: what it
    /// reads must not depend on what others set.
    ///
    /// # Errors
    /// As for [`Self::read`].
    pub async fn read_alone(&self, session: &Session) -> Result<Kept, BookkeepingError> {
        if !session.is_shared() {
            return self.read(session).await;
        }
        session.end_shared(TransactionEnd::Rollback).await?;
        let kept = self.read_moment(session).await;
        self.leave_moment(session).await?;
        kept
    }

    /// Creates the table, closed to API roles, if it is missing: one statement, so that nobody
    /// sees it open.
    ///
    /// # Errors
    /// The server's, and [`BookkeepingError::NoSchema`].
    pub async fn create(&self, session: &Session) -> Result<(), BookkeepingError> {
        let schema = session
            .query(
                "select 1 from pg_catalog.pg_namespace where nspname operator(pg_catalog.=) $1",
                &[(&self.name.schema).into()],
            )
            .await?;
        if schema.is_empty() {
            return Err(BookkeepingError::NoSchema {
                schema: self.name.schema.clone(),
            });
        }
        session.batch(&self.create_sql()).await?;
        Ok(())
    }

    /// The statements that create the table if it is missing and close it to API roles.
    #[must_use]
    pub fn create_sql(&self) -> String {
        let table = self.quoted();
        let constraint = quote_ident(&format!("{}_pkc", self.name.name));
        let revoke = quote_literal(&format!(
            "revoke all on table {} from %s",
            table.replace('%', "%%")
        ));
        let body = format!(
            "
declare
    closed text;
begin
    if pg_catalog.to_regclass({literal}) is null then
        create table {table} (
            version_num varchar(32) not null constraint {constraint} primary key
        );
        alter table {table} enable row level security;
        for closed in
            select 'public'
            union all
            select pg_catalog.quote_ident(rolname) from pg_catalog.pg_roles
            where rolname operator(pg_catalog.=) any (array['anon', 'authenticated', 'service_role']::pg_catalog.name[])
        loop
            execute pg_catalog.format({revoke}, closed);
        end loop;
    end if;
end
",
            literal = quote_literal(&table),
        );
        format!("do {};", quote_literal(&body))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_tables_never_share_a_key() {
        let key = |schema: &str, name: &str| {
            VersionTable::new(QualifiedName::new(schema.to_owned(), name.to_owned())).key()
        };
        assert_eq!(key("public", "alembic_version"), "public.alembic_version");
        assert_eq!(key("we ird", "%s"), "we ird.%s");
        assert_eq!(key("a.b", "c"), "\"a.b\".c");
        assert_ne!(key("a.b", "c"), key("a", "b.c"));
        assert_ne!(key("\"a.b\"", "c"), key("a.b", "c"));
    }
}
