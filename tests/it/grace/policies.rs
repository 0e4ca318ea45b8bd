//! GRACE's policies, and everything that can go wrong with each.

use super::setup::Grace;

/// A policy of a table in `public`.
pub(super) struct Policy {
    pub(super) table: String,
    pub(super) roles: String,
    name: String,
    command: String,
    using: String,
    check: String,
}

impl Policy {
    /// All of them, by name.
    pub(super) async fn all(grace: &Grace) -> Vec<Self> {
        let policies = grace
            .db
            .query(
                "select policyname, tablename, cmd, array_to_string(roles, ', '),
                        translate(qual, E'\\n', ' '), translate(with_check, E'\\n', ' ')
                   from pg_policies where schemaname = 'public' order by 1",
            )
            .await;
        let policy = |line: &str| {
            let parts = line.split('|').map(str::to_owned).collect::<Vec<_>>();
            let [name, table, command, roles, using, check] = parts.try_into().unwrap();
            Self {
                table,
                roles,
                name,
                command,
                using,
                check,
            }
        };
        policies.lines().map(policy).collect()
    }

    /// The statements that make it anew.
    pub(super) fn create(&self) -> String {
        self.with(&self.using, &self.check)
    }

    /// Dropped, opened, and left without its check: what of it can be done and changes something.
    pub(super) fn mutants(&self) -> Vec<String> {
        let Self {
            name,
            table,
            using,
            check,
            ..
        } = self;
        let mut mutants = vec![format!("drop policy {name} on public.{table}")];
        if !using.is_empty() && using != "true" {
            mutants.push(self.with("true", check));
        }
        if !check.is_empty() && check != "true" {
            mutants.push(self.with(using, "true"));
        }
        if !using.is_empty() && !check.is_empty() {
            mutants.push(self.with(using, ""));
        }
        mutants
    }

    fn with(&self, using: &str, check: &str) -> String {
        let Self {
            name,
            table,
            command,
            roles,
            ..
        } = self;
        let clause = |word: &str, text: &str| {
            if text.is_empty() {
                String::new()
            } else {
                format!(" {word} ({text})")
            }
        };
        format!(
            "drop policy if exists {name} on public.{table};
             create policy {name} on public.{table} for {command} to {roles}{}{}",
            clause("using", using),
            clause("with check", check)
        )
    }
}
