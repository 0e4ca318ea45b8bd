//! The RLS template on a real server: what it opens, what its down script closes.

use std::collections::BTreeMap;
use std::path::PathBuf;

use grace_migrate::revision::{Header, RevisionId};
use grace_migrate::source::Templates;

use crate::support::{Database, connect, query};

/// Brings the API's roles and `auth.uid()`.
const SCHEMA: &str =
    include_str!("../../versions/20261122_1530_8f3c2a1b9d04_create_grace_schema.up.sql");

const ANNA: &str = "00000000-0000-4000-8000-00000000000a";
const BEN: &str = "00000000-0000-4000-8000-00000000000b";

/// The scripts of a revision made from the template: up, down.
fn scripts(variables: &[(&str, &str)]) -> (String, String) {
    let templates = Templates {
        root: PathBuf::from("/nowhere"),
        folder: PathBuf::from("/nowhere/templates"),
    };
    let variables: BTreeMap<String, String> = variables
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    let header = Header::new(RevisionId::parse("a1").unwrap());
    let rls = templates.get("rls").unwrap();
    let mut scripts = rls.render(&header, "", &variables).unwrap().into_iter();
    (scripts.next().unwrap().1, scripts.next().unwrap().1)
}

/// What a user of the API gets: the rows of `sql`, or the SQLSTATE that it is refused with.
async fn ask(database: &Database, role: &str, user: &str, sql: &str) -> String {
    let client = connect(&database.url()).await;
    let claims = format!(
        "begin; set local request.jwt.claims = '{{\"sub\":\"{user}\"}}'; set local role {role};"
    );
    client.batch_execute(&claims).await.unwrap();
    match client.simple_query(sql).await {
        Ok(_) => query(&client, sql).await,
        Err(error) => error.code().unwrap().code().to_owned(),
    }
}

#[tokio::test]
async fn the_rls_template_opens_to_owners_and_its_down_script_closes() {
    let database = Database::create().await;
    database.run(SCHEMA).await;
    database
        .run(&format!(
            "create schema shop;
             create table shop.\"Orders\" (id int primary key, owner uuid not null);
             grant usage on schema shop to anon, authenticated, service_role;
             grant all on shop.\"Orders\" to anon, authenticated, service_role;
             insert into shop.\"Orders\" values (1, '{ANNA}'), (2, '{BEN}');"
        ))
        .await;
    let (up, down) = scripts(&[("schema", "shop"), ("table", "Orders"), ("owner", "owner")]);
    let orders = "select id from shop.\"Orders\" order by id";
    let delete = "delete from shop.\"Orders\" where id = 2 returning id";
    let insert = format!("insert into shop.\"Orders\" values (3, '{BEN}') returning id");
    let give = format!("update shop.\"Orders\" set owner = '{BEN}' returning id");
    for _ in 0..2 {
        database.run(&up).await;
        assert_eq!(ask(&database, "authenticated", ANNA, orders).await, "1");
        assert_eq!(ask(&database, "authenticated", ANNA, delete).await, "");
        assert_eq!(
            ask(&database, "authenticated", ANNA, &insert).await,
            "42501"
        );
        assert_eq!(ask(&database, "authenticated", ANNA, &give).await, "42501");
        assert_eq!(ask(&database, "anon", ANNA, orders).await, "42501");
        assert_eq!(ask(&database, "service_role", ANNA, orders).await, "1\n2");
        for role in ["authenticated", "service_role"] {
            assert_eq!(
                ask(&database, role, ANNA, "truncate shop.\"Orders\"").await,
                "42501",
                "{role}"
            );
        }
        database.run(&down).await;
        for role in ["anon", "authenticated", "service_role"] {
            assert_eq!(ask(&database, role, ANNA, orders).await, "42501", "{role}");
        }
        assert_eq!(
            database
                .query("select relrowsecurity from pg_class where relname = 'Orders'")
                .await,
            "t",
            "row-level security stays on"
        );
    }
    assert_eq!(
        database
            .query("select count(*) from pg_policies where schemaname = 'shop'")
            .await,
        "0"
    );
}
