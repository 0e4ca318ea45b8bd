//! The scripts of one table.

use super::audit::Audit;
use super::ownership::{Found, Owner};
use super::rules::unindexed_foreign_keys::is_indexed;
use super::scaffold::Roles;
use crate::schema::Relation;
use crate::sql::{QualifiedName, quote_ident};

/// One table of the scripts.
pub(super) struct Table<'a> {
    pub(super) audit: Audit<'a>,
    pub(super) roles: &'a Roles,
    pub(super) table: &'a Relation,
    pub(super) owner: Option<Owner>,
    /// Those that columns of it take their numbers from.
    pub(super) sequences: Vec<&'a QualifiedName>,
    /// `auth.uid()` is there.
    pub(super) has_uid: bool,
}

impl Table<'_> {
    /// What gives it row-level security.
    pub(super) fn up(&self) -> String {
        let on = &self.table.name;
        let closed = &self.roles.closed;
        let user = quote_ident(&self.roles.user);
        let mut sql = self.told();
        sql.push_str(&format!(
            "alter table {on} enable row level security;\nrevoke all on table {on} from {closed};\n"
        ));
        for sequence in &self.sequences {
            sql.push_str(&format!(
                "revoke all on sequence {sequence} from {closed};\n"
            ));
        }
        for part in self.parts() {
            sql.push_str(&format!(
                "-- Whoever asks for a partition passes by the policies of the whole.\n\
                 alter table {part} enable row level security;\n\
                 revoke all on table {part} from {closed};\n"
            ));
        }
        if let Some(owner) = &self.owner {
            let mine = self.condition(owner, on, 2);
            sql.push_str(&format!(
                "\ngrant select, insert, update, delete on table {on} to {user};\n"
            ));
            for sequence in &self.sequences {
                sql.push_str(&format!(
                    "-- An INSERT takes a number from it.\n\
                     grant usage on sequence {sequence} to {user};\n"
                ));
            }
            sql.push('\n');
            let using = format!("using ({mine})");
            let check = format!("with check ({mine})");
            for (command, condition) in [
                ("select", using.clone()),
                ("insert", check.clone()),
                ("update", format!("{using}\n    {check}")),
                ("delete", using),
            ] {
                sql.push_str(&format!(
                    "create policy {} on {on}\n    for {command} to {user}\n    {condition};\n",
                    self.policy(command)
                ));
            }
        }
        for (nth, role) in self.roles.trusted.iter().enumerate() {
            let role = quote_ident(role);
            let usage =
                |one: &&QualifiedName| format!("grant usage on sequence {one} to {role};\n");
            let sequences: String = self.sequences.iter().map(usage).collect();
            sql.push_str(&format!(
                "\ngrant select, insert, update, delete on table {on} to {role};\n{sequences}\
                 create policy {} on {on}\n    for all to {role}\n    using (true)\n    \
                 with check (true);\n",
                self.trusted(nth)
            ));
        }
        let indexes = self.indexes();
        if !indexes.is_empty() {
            sql.push_str("\n-- Policies are part of every statement, and foreign keys of every DELETE above.\n");
        }
        for (name, columns) in indexes {
            let columns: Vec<String> = columns.iter().map(|one| quote_ident(one)).collect();
            sql.push_str(&format!(
                "create index {} on {on} ({});\n",
                quote_ident(&name),
                columns.join(", ")
            ));
        }
        sql
    }

    /// What takes it back, and leaves it closed.
    pub(super) fn down(&self) -> String {
        let on = &self.table.name;
        let closed = &self.roles.closed;
        let mut sql = format!(
            "-- Fails closed: the API's roles lose their rights before the policies go, and row-level\n\
             -- security stays on.\n\
             revoke all on table {on} from {closed};\n"
        );
        for sequence in &self.sequences {
            sql.push_str(&format!(
                "revoke all on sequence {sequence} from {closed};\n"
            ));
        }
        let own = ["select", "insert", "update", "delete"].map(|command| self.policy(command));
        let own = own.into_iter().filter(|_| self.owner.is_some());
        let trusted = (0..self.roles.trusted.len()).map(|nth| self.trusted(nth));
        for policy in own.chain(trusted) {
            sql.push_str(&format!("drop policy if exists {policy} on {on};\n"));
        }
        for (name, _) in self.indexes() {
            let name = QualifiedName::new(&on.schema, name);
            sql.push_str(&format!("drop index if exists {name};\n"));
        }
        sql
    }

    /// What is known of whose the rows are, as comments.
    fn told(&self) -> String {
        let on = &self.table.name;
        let Some(owner) = &self.owner else {
            let user = quote_ident(&self.roles.user);
            return format!(
                "-- {on}: no column says whose a row is, and no foreign key leads to a table that does. It\n\
                 -- is closed. Once you know who may see which row:\n\
                 --     grant select on table {on} to {user};\n\
                 --     create policy {} on {on} for select to {user}\n\
                 --         using (<column> = {});\n",
                self.policy("select"),
                self.me("uuid"),
            );
        };
        let mut text = format!("-- {on}: whose a row is stands in\n--   ");
        let mut table = on.to_string();
        let mut at = owner;
        while let Owner::Through {
            column,
            parent,
            key,
            owner,
        } = at
        {
            text.push_str(&format!(
                "{}, which points at {parent} ({}), and there in\n--   ",
                dotted(&table, column),
                quote_ident(key)
            ));
            table = parent.to_string();
            at = owner;
        }
        let claim = at.claim();
        text.push_str(&dotted(&table, &claim.column));
        match &claim.found {
            Found::ForeignKey(users) => text.push_str(&format!(", which points at {users}.\n")),
            Found::Name => text.push_str(", by its name alone: look whether it does.\n"),
        }
        text
    }

    /// The condition that a row of a table is the user's.
    fn condition(&self, owner: &Owner, table: &QualifiedName, depth: usize) -> String {
        match owner {
            Owner::Column(claim) => format!(
                "{}.{} = {}",
                quote_ident(&table.name),
                quote_ident(&claim.column),
                self.me(&claim.type_name)
            ),
            Owner::Through {
                column,
                parent,
                key,
                owner,
            } => {
                let indent = "    ".repeat(depth);
                let from = quote_ident(&parent.name);
                format!(
                    "{}.{} = any (array(\n{indent}select {from}.{} from {parent}\n{indent} where {}))",
                    quote_ident(&table.name),
                    quote_ident(column),
                    quote_ident(key),
                    self.condition(owner, parent, depth + 1)
                )
            }
        }
    }

    /// Who asks, worked out once a statement.
    fn me(&self, type_name: &str) -> String {
        if self.has_uid {
            return match type_name {
                "uuid" => "(select auth.uid())".to_owned(),
                _ => "(select auth.uid()::text)".to_owned(),
            };
        }
        let claims = "nullif(current_setting('request.jwt.claims', true), '')::jsonb";
        // No user is called nothing, whatever the claims say.
        let sub = format!("nullif({claims} ->> 'sub', '')");
        match type_name {
            "text" | "character varying" => format!("(select {sub})"),
            other => format!("(select {sub}::{other})"),
        }
    }

    fn policy(&self, command: &str) -> String {
        quote_ident(&fitted(&self.table.name.name, &format!("_{command}_own")))
    }

    fn trusted(&self, nth: usize) -> String {
        let suffix = match nth {
            0 => "_service".to_owned(),
            nth => format!("_service_{}", nth + 1),
        };
        quote_ident(&fitted(&self.table.name.name, &suffix))
    }

    /// The partitions, those of partitions too.
    fn parts(&self) -> Vec<&QualifiedName> {
        let mut parts = vec![&self.table.name];
        let mut at = 0;
        while let Some(whole) = parts.get(at).copied() {
            let relations = self.audit.schema.relations.values();
            let own = relations.filter(|one| one.partition_of.as_ref() == Some(whole));
            parts.extend(own.map(|one| &one.name));
            at += 1;
        }
        parts.split_off(1)
    }

    /// The indexes that the policies and the foreign keys are without, by name.
    fn indexes(&self) -> Vec<(String, Vec<String>)> {
        let mut wanted: Vec<Vec<String>> = Vec::new();
        if let Some(owner) = &self.owner {
            let column = owner.column();
            let has = self.table.indexes.iter().any(|index| {
                let first = index.keys.first().and_then(Option::as_deref);
                index.valid && !index.partial && first == Some(column)
            });
            if !has {
                wanted.push(vec![column.to_owned()]);
            }
        }
        let keys = self.table.foreign_keys.iter();
        for key in keys.filter(|key| !is_indexed(self.table, key)) {
            if !wanted.contains(&key.columns) {
                wanted.push(key.columns.clone());
            }
        }
        let named = wanted.into_iter().map(|columns| {
            let suffix = format!("_{}_rls_idx", columns.join("_"));
            (fitted(&self.table.name.name, &suffix), columns)
        });
        named.collect()
    }
}

fn dotted(table: &str, column: &str) -> String {
    format!("{table}.{}", quote_ident(column))
}

/// A name that the server does not cut: of the table's as much as there is room for.
fn fitted(table: &str, suffix: &str) -> String {
    const LONGEST: usize = 63;
    let mut suffix = suffix.to_owned();
    while suffix.len() > LONGEST - 8 {
        suffix.pop();
    }
    let mut name = table.to_owned();
    while name.len() + suffix.len() > LONGEST {
        name.pop();
    }
    name + &suffix
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fit() {
        assert_eq!(fitted("notes", "_select_own"), "notes_select_own");
        let long = "n".repeat(70);
        let names = ["_select_own", "_insert_own"].map(|suffix| fitted(&long, suffix));
        assert!(names.iter().all(|name| name.len() == 63));
        assert_ne!(names[0], names[1]);
        assert!(fitted("ü", &"ü".repeat(60)).len() <= 63);
    }
}
