//! The logins of the pools: what they may be, and the SQL that makes proper ones.

use crate::bookkeeping::VersionTable;
use crate::db::{ConnectSpec, DbError, Session, SessionOptions};
use crate::sql::quote_ident;

/// The names of the logins on the embedded server.
pub(super) const USERS_LOGIN: &str = "grace_api";
/// That of the service.
pub(super) const SERVICE_LOGIN: &str = "grace_api_service";

/// Whose requests a login is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Users': it may become `authenticated`, and nobody else.
    Users,
    /// The service's: it may become `service_role`.
    Service,
}

impl Purpose {
    fn role(self) -> &'static str {
        match self {
            Self::Users => "authenticated",
            Self::Service => "service_role",
        }
    }
}

/// Why a login is not what it must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LoginDefect {
    pub(super) purpose: Purpose,
    pub(super) user: String,
    /// Why, a clause each.
    pub(super) reasons: Vec<String>,
    /// Whether it would do where such a login is allowed.
    pub(super) allowable: bool,
    /// The SQL that makes a proper one.
    pub(super) sql: String,
}

/// What of a login passes by row-level security, and whether it may become the role that it must: a
/// reason a row. What a role may become counts as what it is, since one `SET ROLE` is all it takes.
const LOOK: &str = "
    with me as (select oid, rolname, rolsuper, rolbypassrls from pg_roles where rolname = session_user)
    select 1, 'it is a superuser' from me where rolsuper
    union all
    select 2, 'it has BYPASSRLS' from me where rolbypassrls
    union all
    select 3, 'it may become ' || quote_ident(r.rolname) || ', which '
              || case when r.rolsuper then 'is a superuser' else 'has BYPASSRLS' end
      from me join pg_roles r on r.oid <> me.oid and (r.rolsuper or r.rolbypassrls)
       and pg_has_role(me.oid, r.oid, 'member')
     where not me.rolsuper and r.rolname <> $2
    union all
    select 4, 'it owns ' || string_agg(c.oid::regclass::text, ', ' order by c.oid::regclass::text)
              || ', or may become who does'
      from me join pg_class c on pg_has_role(me.oid, c.relowner, 'member')
              join pg_namespace n on n.oid = c.relnamespace
     where not me.rolsuper and c.relkind in ('r', 'p') and n.nspname = 'public'
    having count(*) > 0
    union all
    select 5, 'there is no role ' || quote_ident($1) || ': the revisions are not applied'
     where not exists (select from pg_roles where rolname = $1)
    union all
    select 6, 'it may not become ' || quote_ident($1)
      from me join pg_roles r on r.rolname = $1 and not pg_has_role(me.oid, r.oid, 'member')
     order by 1, 2";

/// Rows of [`LOOK`] up to this one say that row-level security does not bind the login.
const PRIVILEGED: i32 = 4;

/// Looks at a login.
///
/// # Errors
/// What keeps it from being looked at.
pub(super) async fn look(
    spec: &ConnectSpec,
    purpose: Purpose,
    privileged_allowed: bool,
    version_table: &VersionTable,
) -> Result<Result<(), LoginDefect>, DbError> {
    let session = Session::connect(spec, &SessionOptions::default()).await?;
    session.batch("set search_path = ''").await?;
    // The service's role is known to bypass; a user's login must not reach it.
    let known = match purpose {
        Purpose::Users => "",
        Purpose::Service => purpose.role(),
    };
    let rows = session
        .query(LOOK, &[purpose.role().into(), known.into()])
        .await?;
    session.close().await;
    let mut reasons = Vec::new();
    let mut allowable = true;
    for row in rows {
        let rank: i32 = row.get(0)?;
        allowable &= rank <= PRIVILEGED;
        if rank > PRIVILEGED || !privileged_allowed {
            reasons.push(row.get(1)?);
        }
    }
    if reasons.is_empty() {
        return Ok(Ok(()));
    }
    Ok(Err(LoginDefect {
        purpose,
        user: spec.user().to_owned(),
        reasons,
        allowable,
        sql: match purpose {
            Purpose::Users => users_sql(USERS_LOGIN, version_table),
            Purpose::Service => service_sql(SERVICE_LOGIN),
        },
    }))
}

/// The SQL that makes a login for users. It inherits nothing, and reads the version table by a policy
/// of its own, since that is closed to everybody else.
pub(super) fn users_sql(role: &str, version_table: &VersionTable) -> String {
    let policy = quote_ident(&format!("{role}_reads"));
    let (role, table) = (quote_ident(role), version_table.quoted());
    format!(
        "create role {role} login noinherit;  -- and a password: \\password {role}\n\
         grant authenticated to {role};\n\
         grant select on table {table} to {role};\n\
         create policy {policy} on {table} for select to {role} using (true);\n"
    )
}

/// The SQL that makes a login for the service.
pub(super) fn service_sql(role: &str) -> String {
    let role = quote_ident(role);
    format!(
        "create role {role} login noinherit;  -- and a password: \\password {role}\n\
         grant service_role to {role};\n"
    )
}

/// Whether there are logins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ensured {
    /// There are.
    Made,
    /// The revisions are not applied, so that there is nothing that a login could be made for.
    NoRevisions,
}

/// Makes both logins on the embedded server, as far as they are not there.
///
/// # Errors
/// The server's.
pub(super) async fn ensure(
    spec: &ConnectSpec,
    version_table: &VersionTable,
) -> Result<Ensured, DbError> {
    let session = Session::connect(spec, &SessionOptions::default()).await?;
    let there = "select rolname::text from pg_catalog.pg_roles \
                 where rolname in ('authenticated', 'service_role') \
                 and to_regclass($1) is not null";
    let table = version_table.quoted();
    let roles = session.query(there, &[(&table).into()]).await?;
    let applied = roles.len() == 2;
    if applied {
        let missing = "select not exists (select from pg_catalog.pg_roles where rolname = $1)";
        for (login, sql) in [
            (USERS_LOGIN, users_sql(USERS_LOGIN, version_table)),
            (SERVICE_LOGIN, service_sql(SERVICE_LOGIN)),
        ] {
            if session.query_one(missing, &[login.into()]).await?.get(0)? {
                session.batch(&format!("begin; {sql}; commit")).await?;
            }
        }
    }
    session.close().await;
    Ok(if applied {
        Ensured::Made
    } else {
        Ensured::NoRevisions
    })
}
