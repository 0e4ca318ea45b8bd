//! How a session becomes whoever asks.

use super::Who;
use crate::rls::{Actor, Actors};

/// Statements that make a session, within a transaction, whoever asks, whoever it was before: the
/// role that logged in, then the actor. `schemas` is the `search_path`, the migrating role's too.
#[must_use]
pub fn become_sql(who: &Who, actors: &Actors, schemas: &[String]) -> String {
    const BACK: &str = "set local session_authorization to default; set local role to default;";
    match who.actor(actors) {
        Some(actor) => format!("{BACK}\n{}", actor.become_sql(schemas)),
        None => format!("{BACK}\n{}", nobody(schemas)),
    }
}

/// The settings of an actor without claims, and with row_security off, as migrations run.
fn nobody(schemas: &[String]) -> String {
    let actor = Actor {
        name: String::new(),
        role: String::new(),
        claims: None,
    };
    actor
        .settings(schemas)
        .into_iter()
        .filter(|(name, _)| name != "role")
        .map(|(name, value)| {
            let value = if name == "row_security" {
                "off"
            } else {
                &value
            };
            format!(
                "select pg_catalog.set_config({}, {}, true);",
                crate::sql::quote_literal(&name),
                crate::sql::quote_literal(value)
            )
        })
        .collect::<Vec<_>>()
        .join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_role_that_migrates_has_no_claims_and_sees_every_row() {
        let schemas = ["public".to_owned()];
        insta::assert_snapshot!(become_sql(&Who::Migrator, &Actors::default(), &schemas), @r"
        set local session_authorization to default; set local role to default;
        select pg_catalog.set_config('request.jwt.claims', '', true);
        select pg_catalog.set_config('request.jwt.claim.sub', '', true);
        select pg_catalog.set_config('request.jwt.claim.role', '', true);
        select pg_catalog.set_config('request.jwt.claim.email', '', true);
        select pg_catalog.set_config('row_security', 'off', true);
        select pg_catalog.set_config('search_path', 'public', true);
        ");
    }
}
