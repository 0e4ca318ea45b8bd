//! Who asks.

use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Transaction};

use super::setup::{Grace, LOGIN};

pub(super) const OLGA: &str = "00000000-0000-4000-8000-000000000001";
pub(super) const CARL: &str = "00000000-0000-4000-8000-000000000002";
const PETRA: &str = "00000000-0000-4000-8000-000000000003";
const ROLF: &str = "00000000-0000-4000-8000-000000000004";
pub(super) const STAN: &str = "00000000-0000-4000-8000-000000000005";
pub(super) const NORA: &str = "00000000-0000-4000-8000-000000000006";

/// Somebody who asks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Actor {
    pub(super) name: &'static str,
    role: &'static str,
    sub: Option<&'static str>,
    /// For the service: whether its role bypasses RLS, which both must do.
    bypass: Option<bool>,
}

pub(super) const OWN: Actor = Actor::user("own", OLGA);
pub(super) const ACTIVE: Actor = Actor::user("active", CARL);
pub(super) const PENDING: Actor = Actor::user("pending", PETRA);
pub(super) const REVOKED: Actor = Actor::user("revoked", ROLF);
pub(super) const STRANGER: Actor = Actor::user("stranger", STAN);
pub(super) const NO_SUB: Actor = Actor {
    name: "no sub",
    sub: None,
    ..OWN
};
pub(super) const ANON: Actor = Actor {
    name: "anon",
    role: "anon",
    sub: None,
    bypass: None,
};
pub(super) const SERVICE: Actor = Actor {
    name: "service",
    role: "service_role",
    sub: None,
    bypass: Some(true),
};
pub(super) const BOUND_SERVICE: Actor = Actor {
    name: "bound",
    bypass: Some(false),
    ..SERVICE
};

/// Everybody, in the order of the tables' columns. `bound` is the service without BYPASSRLS.
pub(super) const ACTORS: [Actor; 9] = [
    OWN,
    ACTIVE,
    PENDING,
    REVOKED,
    STRANGER,
    NO_SUB,
    ANON,
    SERVICE,
    BOUND_SERVICE,
];

impl Actor {
    /// A user with claims of their own.
    pub(super) const fn user(name: &'static str, sub: &'static str) -> Self {
        Self {
            name,
            role: "authenticated",
            sub: Some(sub),
            bypass: None,
        }
    }

    /// A session in which [`Actor::begin`] works.
    pub(super) async fn session(&self, grace: &Grace) -> Client {
        match self.bypass {
            None => grace.login().await,
            Some(_) => grace.admin().await,
        }
    }

    /// A transaction with the actor's role and claims, to be rolled back.
    pub(super) async fn begin<'a>(&self, client: &'a mut Client) -> Transaction<'a> {
        let tx = client.transaction().await.expect("a transaction");
        if let Some(bypass) = self.bypass {
            // The attribute is the whole cluster's: changed where nobody else sees it.
            let no = if bypass { "" } else { "no" };
            tx.batch_execute(&format!(
                "alter role service_role {no}bypassrls; set local session authorization {LOGIN}"
            ))
            .await
            .expect("the attribute");
        }
        self.take_over(&tx).await;
        tx
    }

    /// The actor's role and claims, for the rest of a transaction of the API's login.
    pub(super) async fn take_over(&self, tx: &Transaction<'_>) {
        let claims = match self.sub {
            Some(sub) => format!(r#"{{"sub":"{sub}","role":"{}"}}"#, self.role),
            None => format!(r#"{{"role":"{}"}}"#, self.role),
        };
        claim(tx, self.role, &claims).await;
    }
}

/// A role and claims, for the rest of a transaction of the API's login.
pub(super) async fn claim(tx: &Transaction<'_>, role: &str, claims: &str) {
    tx.batch_execute(&format!("set local role {role}"))
        .await
        .expect("the role");
    tx.query(
        "select set_config('request.jwt.claims', $1, true)",
        &[&claims],
    )
    .await
    .expect("the claims");
}

/// What became of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It ran, on so many rows.
    Rows(u64),
    /// `insufficient_privilege`: by a missing grant, or a policy's check of a new row.
    Refused,
}

/// Tries a statement and undoes it. Any error but a refusal fails the test.
pub(super) async fn attempt(tx: &mut Transaction<'_>, statement: &str) -> Outcome {
    let savepoint = tx.savepoint("attempt").await.expect("a savepoint");
    let result = savepoint.execute(statement, &[]).await;
    savepoint.rollback().await.expect("undone");
    match result {
        Ok(rows) => Outcome::Rows(rows),
        Err(error) if error.code() == Some(&SqlState::INSUFFICIENT_PRIVILEGE) => Outcome::Refused,
        Err(error) => panic!("{statement}: {error:?}"),
    }
}

/// Tries one statement as an actor.
pub(super) async fn attempt_as(grace: &Grace, actor: &Actor, statement: &str) -> Outcome {
    let mut client = actor.session(grace).await;
    let mut tx = actor.begin(&mut client).await;
    attempt(&mut tx, statement).await
}
