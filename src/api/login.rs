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

/// What a login can do beyond becoming `$1`, and whether it can do that: a reason a row. `$2` is
/// whether `$1` itself may pass by row-level security, `$3` what becoming a role is called. What the
/// login may become counts as what it is, since one `SET ROLE` is all it takes; what `$1` may become
/// is no matter of the login's.
const LOOK: &str = "
    with me as (select * from pg_roles where rolname = session_user),
         reach as (
             select r.rolname, r.rolsuper, r.rolbypassrls,
                    exists (select from pg_roles mine where mine.rolname = $1
                            and (mine.oid = r.oid or not r.rolsuper and pg_has_role(mine.oid, r.oid, 'member'))) as as_role
               from me join pg_roles r on r.oid <> me.oid and pg_has_role(me.oid, r.oid, 'member')
              where not me.rolsuper),
         other as (select * from reach where not as_role or (rolsuper or rolbypassrls) and not $2)
    select 1, 'it is a superuser' from me where rolsuper
    union all
    select 1, 'it has BYPASSRLS' from me where rolbypassrls and not rolsuper
    union all
    select 1, 'it has CREATEROLE, and can give itself other roles' from me where rolcreaterole and not rolsuper
    union all
    select 1, 'it has REPLICATION, and can read everything that is written' from me where rolreplication and not rolsuper
    union all
    select 2, 'it may become ' || quote_ident(rolname)
              || case when rolsuper then ', which is a superuser'
                      when rolbypassrls then ', which has BYPASSRLS' else '' end
      from other
    union all
    select 3, 'it inherits the rights of ' || quote_ident(r.rolname) || ' (NOINHERIT is missing)'
      from me join pg_roles r on r.oid <> me.oid and pg_has_role(me.oid, r.oid, 'usage')
     where not me.rolsuper and r.rolname not in (select rolname from other)
    union all
    select 4, 'it owns ' || pg_describe_object(d.classid, d.objid, d.objsubid)
      from me join pg_shdepend d on d.refclassid = 'pg_authid'::regclass and d.refobjid = me.oid
     where d.deptype = 'o' and not me.rolsuper
       and d.dbid in (0, (select oid from pg_database where datname = current_database()))
    union all
    select 5, 'there is no role ' || quote_ident($1) || ': the revisions are not applied'
     where not exists (select from pg_roles where rolname = $1)
    union all
    select 6, 'it may not become ' || quote_ident($1)
      from me join pg_roles r on r.rolname = $1 and not pg_has_role(me.oid, r.oid, $3)
     order by 1, 2";

/// Rows of [`LOOK`] up to this one say that row-level security may not bind the login.
const PRIVILEGED: i32 = 4;

/// The most reasons that are told.
const MOST_REASONS: usize = 8;

/// The first version of PostgreSQL in which a member of a role need not be able to become it.
const SET_OPTION: i32 = 160_000;

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
    let options = SessionOptions::default();
    let session = Session::connect(spec, &options).await?;
    let pooled = spec.pooler_sign().is_some() || session.is_pooled(spec, &options).await?;
    session.batch("set search_path = ''").await?;
    let becoming = if session.server_version_num() >= SET_OPTION {
        "set"
    } else {
        "member"
    };
    let bypasses = purpose == Purpose::Service;
    let values = [purpose.role().into(), bypasses.into(), becoming.into()];
    let rows = session.query(LOOK, &values).await?;
    session.close().await;
    let (mut reasons, mut allowable) = (Vec::new(), !pooled);
    if pooled {
        reasons.push(
            "it is reached through a transaction pooler, which loses prepared statements: connect \
             to the server, or in the pooler's session mode"
                .to_owned(),
        );
    }
    for row in rows {
        let rank: i32 = row.get(0)?;
        allowable &= rank <= PRIVILEGED;
        if rank > PRIVILEGED || !privileged_allowed {
            reasons.push(row.get(1)?);
        }
    }
    let more = reasons.len().saturating_sub(MOST_REASONS);
    reasons.truncate(MOST_REASONS);
    if more > 0 {
        reasons.push(format!("and {more} more"));
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
