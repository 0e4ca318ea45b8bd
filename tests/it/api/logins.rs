//! Logins that row-level security does not bind: the server does not start with them, and says why.

use super::serve::Start;
use super::world::{OLGA, World, login_sql};
use crate::support::{OwnServer, PgBouncer, connect, settings};

/// Makes a role for a login, with what it needs to be refused for; dropped by [`World`]'s database.
struct Role<'a> {
    world: &'a World,
    name: String,
}

impl<'a> Role<'a> {
    /// `{}` in the SQL is the role.
    async fn make(world: &'a World, sql: &str) -> Self {
        // The name of the owner that goes with the database.
        let name = format!("{}_owner", world.db.name());
        let this = Self { world, name };
        this.world.db.run(&sql.replace("{}", &this.name)).await;
        this
    }

    async fn drop(self) {
        let drop = format!(
            "reassign owned by {0} to postgres; drop owned by {0}; drop role {0}",
            self.name
        );
        self.world.db.run(&drop).await;
    }

    fn url(&self) -> String {
        self.world.db.url_as(&self.name)
    }
}

#[tokio::test]
async fn a_login_that_policies_do_not_bind_is_refused_with_the_reason() {
    let world = World::new().await;
    let service = "create role {} login noinherit; grant authenticated, service_role to {}";
    let mut all = String::new();
    for (what, sql) in [
        ("a superuser", "create role {} login superuser"),
        (
            "BYPASSRLS",
            "create role {} login noinherit bypassrls; grant authenticated to {}",
        ),
        (
            "the owner of tables",
            "create role {} login noinherit; grant authenticated to {};
             alter table public.notes owner to {}; alter table public.topics owner to {}",
        ),
        ("may become service_role", service),
        (
            "CREATEROLE",
            "create role {} login noinherit createrole; grant authenticated to {}",
        ),
        (
            "REPLICATION",
            "create role {} login noinherit replication; grant authenticated to {}",
        ),
        (
            "may read everything",
            "create role {} login noinherit; grant authenticated, pg_read_all_data to {}",
        ),
        (
            "INHERIT",
            "create role {} login inherit; grant authenticated to {}",
        ),
        (
            "the owner of a function that the policies ask",
            "create role {} login noinherit; grant authenticated to {};
             alter function grace_private.own_session_ids() owner to {}",
        ),
        ("may not become authenticated", "create role {} login"),
    ] {
        let role = Role::make(&world, sql).await;
        let output = Start::at(&role.url()).refused();
        assert_eq!(output.code, Some(2), "{what}: {output}");
        all.push_str(&format!("== {what}\n{output}\n"));
        role.drop().await;
    }
    settings().bind(|| insta::assert_snapshot!("logins", all));
}

#[tokio::test]
async fn a_server_without_the_revisions_roles_is_told_of() {
    let own = OwnServer::start(&[]).await;
    let url = own.url("postgres");
    let admin = connect(&url).await;
    admin.batch_execute("create role api login").await.unwrap();
    let output = Start::at(&url.replacen("//postgres@", "//api@", 1)).refused();
    assert_eq!(output.code, Some(2), "{output}");
    let reason = "there is no role authenticated: the revisions are not applied";
    assert!(output.stderr.contains(reason), "{output}");
    // What is missing is not made good by what is allowed.
    let url = url.as_str();
    let output = Start::at(url).flag("--allow-privileged-login").refused();
    assert_eq!(output.code, Some(2), "{output}");
    assert!(output.stderr.contains(reason), "{output}");
    assert!(!output.stderr.contains("hint: or"), "{output}");
}

#[tokio::test]
async fn the_service_s_login_is_looked_at_as_well() {
    let world = World::new().await;
    let role = Role::make(&world, "create role {} login noinherit").await;
    let start = Start::at(&world.users_url()).with("--service-database-url", &role.url());
    let output = start.refused();
    assert_eq!(output.code, Some(2), "{output}");
    settings().bind(|| insta::assert_snapshot!("logins_service", output.to_string()));
    role.drop().await;
}

#[tokio::test]
async fn a_privileged_login_that_is_allowed_serves_under_the_policies() {
    let world = World::new().await;
    let start = Start::at(&world.db.url()).flag("--allow-privileged-login");
    let server = start.serve().await;
    // Even a superuser's session becomes `authenticated` for each request.
    let profile = server.get("/profile", OLGA).await.is(200);
    assert_eq!(profile.json()["id"], OLGA);
    let list = server.get("/profiles", OLGA).await.is(200);
    assert_eq!(list.json()["items"], serde_json::json!([]));
}

#[tokio::test]
async fn a_login_that_is_not_there_and_a_database_that_is_not_are_told_apart() {
    let world = World::new().await;
    let url = world.db.url_as("grace_it_there_is_no_such_role");
    let missing = Start::at(&url).refused();
    assert_ne!(missing.code, Some(0), "{missing}");
    assert!(
        missing.stderr.contains("grace_it_there_is_no_such_role"),
        "{missing}"
    );
    let nowhere = Start::at("postgresql://x@127.0.0.1:1/x").refused();
    assert_ne!(nowhere.code, Some(0), "{nowhere}");
    assert!(nowhere.stderr.contains("error["), "{nowhere}");
}

#[tokio::test]
async fn the_sql_of_login_role_makes_the_logins_that_are_wanted() {
    let sql = login_sql("grace api\"", "grace_api_service");
    insta::assert_snapshot!("login_role", sql);
    // That it does is what every test of the server stands on.
    let world = World::new().await;
    let attributes = format!(
        "select rolsuper, rolbypassrls, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin \
         from pg_roles where rolname = '{}'",
        world.users_login()
    );
    assert_eq!(world.db.query(&attributes).await, "f|f|f|f|f|t");
    let login = connect(&world.users_url()).await;
    for refused in [
        "select * from public.profiles",
        "set role service_role",
        "set role postgres",
        "insert into public.alembic_version values ('x')",
    ] {
        assert!(login.simple_query(refused).await.is_err(), "{refused}");
    }
    let rows = login.query("select version_num from public.alembic_version", &[]);
    assert_eq!(rows.await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_login_behind_a_transaction_pooler_is_refused() {
    let Some(bouncer) = PgBouncer::start("pool_mode = transaction\ndefault_pool_size = 3") else {
        return;
    };
    let world = World::new().await;
    // As the superuser, whom it knows; that this is one is allowed, the pooler is not.
    let url = bouncer.url(world.db.name());
    let start = Start::at(&url).flag("--allow-privileged-login");
    let output = start.refused();
    assert_eq!(output.code, Some(2), "{output}");
    assert!(output.stderr.contains("a transaction pooler"), "{output}");
}
