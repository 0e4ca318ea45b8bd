//! Who asks: the actors as whom access is tried, and how a session becomes one of them.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::sql::{QualifiedName, quote_literal};

/// The actors of a project, and whose the rows are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Actors {
    /// In the order of the file; no two have one name.
    pub actors: Vec<Actor>,
    /// For each table an SQL expression over its row that gives the owner, compared as text with
    /// [`Actor::sub`].
    pub owners: BTreeMap<QualifiedName, String>,
}

/// Somebody who asks: a role, and what their token claims.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// What the actor is called here.
    pub name: String,
    /// The role that their requests run as.
    pub role: String,
    /// The claims of their token; `None` for a request without any.
    pub claims: Option<Map<String, Value>>,
}

/// The settings that older APIs set for each claim, and that Supabase's `auth.uid()` believes first.
const SINGLE_CLAIMS: [&str; 3] = ["sub", "role", "email"];

impl Actors {
    /// The actor of a name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Actor> {
        self.actors.iter().find(|actor| actor.name == name)
    }
}

impl Actor {
    /// Who the claims say it is: what owners are compared with.
    #[must_use]
    pub fn sub(&self) -> Option<&str> {
        self.claims.as_ref()?.get("sub")?.as_str()
    }

    /// The claims as the API passes them on: JSON with a `role`, which is the actor's own where the
    /// claims say no other; empty for a request without claims.
    #[must_use]
    pub fn claims_json(&self) -> String {
        let Some(claims) = &self.claims else {
            return String::new();
        };
        let mut claims = claims.clone();
        claims
            .entry("role")
            .or_insert_with(|| Value::from(self.role.as_str()));
        Value::Object(claims).to_string()
    }

    /// The settings that make a session this actor, in the order in which they have to be set: the
    /// role is the last, since it may not be allowed to set the others. `search_path` is the schemas
    /// that the API shows.
    ///
    /// `role` as a setting is what SET ROLE sets. With `row_security` off, as a migrating session
    /// has it, whoever is bound by a policy would get an error instead of the rows that are theirs.
    #[must_use]
    pub fn settings(&self, schemas: &[String]) -> Vec<(String, String)> {
        let path: Vec<String> = schemas
            .iter()
            .map(|name| crate::sql::quote_ident(name))
            .collect();
        let claims = self.claims_json();
        let single = |claim: &str| {
            let value: Option<Value> = serde_json::from_str::<Map<String, Value>>(&claims)
                .ok()
                .and_then(|mut claims| claims.remove(claim));
            match value {
                Some(Value::String(text)) => text,
                _ => String::new(),
            }
        };
        let mut settings: Vec<(String, String)> = SINGLE_CLAIMS
            .into_iter()
            .map(|claim| (format!("request.jwt.claim.{claim}"), single(claim)))
            .collect();
        settings.insert(0, ("request.jwt.claims".to_owned(), claims.clone()));
        settings.push(("row_security".to_owned(), "on".to_owned()));
        settings.push(("search_path".to_owned(), path.join(", ")));
        settings.push(("role".to_owned(), self.role.clone()));
        settings
    }

    /// Statements that make a session this actor until the transaction or the savepoint that they
    /// are in ends. One at a time, so that the role comes last.
    #[must_use]
    pub fn become_sql(&self, schemas: &[String]) -> String {
        self.settings(schemas)
            .iter()
            .map(|(name, value)| {
                format!(
                    "select pg_catalog.set_config({}, {}, true);",
                    quote_literal(name),
                    quote_literal(value)
                )
            })
            .collect::<Vec<_>>()
            .join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn actor(claims: Option<&str>) -> Actor {
        Actor {
            name: "mallory".to_owned(),
            role: "authen'ticated".to_owned(),
            claims: claims.map(|claims| serde_json::from_str(claims).unwrap()),
        }
    }

    #[test]
    fn claims_come_first_and_the_role_last() {
        let mallory = actor(Some(
            r#"{"sub": "it's \\ \"me\"", "app_metadata": {"admin": true}}"#,
        ));
        assert_eq!(mallory.sub(), Some(r#"it's \ "me""#));
        insta::assert_snapshot!(mallory.become_sql(&["public".to_owned(), "Api".to_owned()]), @r#"
        select pg_catalog.set_config('request.jwt.claims', E'{"sub":"it''s \\\\ \\"me\\"","app_metadata":{"admin":true},"role":"authen''ticated"}', true);
        select pg_catalog.set_config('request.jwt.claim.sub', E'it''s \\ "me"', true);
        select pg_catalog.set_config('request.jwt.claim.role', 'authen''ticated', true);
        select pg_catalog.set_config('request.jwt.claim.email', '', true);
        select pg_catalog.set_config('row_security', 'on', true);
        select pg_catalog.set_config('search_path', 'public, "Api"', true);
        select pg_catalog.set_config('role', 'authen''ticated', true);
        "#);
    }

    #[test]
    fn the_role_of_the_claims_may_be_another() {
        let claims = |text| actor(text).claims_json();
        assert_eq!(claims(None), "");
        assert_eq!(claims(Some("{}")), r#"{"role":"authen'ticated"}"#);
        assert_eq!(claims(Some(r#"{"role":"anon"}"#)), r#"{"role":"anon"}"#);
        assert_eq!(actor(None).sub(), None);
        assert_eq!(actor(Some("{}")).sub(), None);
    }
}
