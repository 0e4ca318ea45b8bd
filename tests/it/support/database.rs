//! A database for one test.

use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use tokio_postgres::{Client, NoTls, SimpleQueryMessage};

use super::server;

/// A database of the shared server, for one test; dropped with this value, and its owner role
/// with it.
pub(crate) struct Database {
    client: Client,
    template: Template,
}

/// A test's database with nobody of the test's connected: what copies are made of. Dropped with
/// this value too.
pub(crate) struct Template {
    name: String,
}

impl Database {
    /// Makes an empty database and connects to it as the superuser.
    pub(crate) async fn create() -> Self {
        Self::from_template("template1").await
    }

    /// Makes a copy of another database, to which nobody may be connected.
    pub(crate) async fn from_template(template: &str) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(1);
        let name = format!("test_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let admin = connect(&server().url("postgres")).await;
        admin
            .batch_execute(&server().clone_statement(&name, template))
            .await
            .unwrap();
        let template = Template { name };
        let client = connect(&server().url(template.name())).await;
        Self { client, template }
    }

    /// Ends the superuser's session, so that copies can be made.
    pub(crate) fn into_template(self) -> Template {
        self.template
    }

    /// Its name.
    pub(crate) fn name(&self) -> &str {
        self.template.name()
    }

    /// Its URL, as the superuser.
    pub(crate) fn url(&self) -> String {
        server().url(self.name())
    }

    /// Its URL, as a role that exists.
    pub(crate) fn url_as(&self, role: &str) -> String {
        server().address().url_as(role, self.name())
    }

    /// The superuser's session in it.
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// Runs statements, as the superuser.
    pub(crate) async fn run(&self, sql: &str) {
        if let Err(error) = self.client.batch_execute(sql).await {
            panic!("{error:?}\nin: {sql}");
        }
    }

    /// What a query answers, as `psql -At` prints it: a line for each row, `|` between columns,
    /// nothing for null.
    pub(crate) async fn query(&self, sql: &str) -> String {
        query(&self.client, sql).await
    }

    /// Makes a role that owns the database and is neither superuser nor allowed to bypass row
    /// security, as a careful deployment has; gives its name.
    pub(crate) async fn create_owner(&self) -> String {
        let role = format!("{}_owner", self.name());
        self.run(&format!(
            "create role {role} login nosuperuser nobypassrls nocreatedb nocreaterole;
             alter database {} owner to {role};
             grant all on schema public to {role};",
            self.name()
        ))
        .await;
        role
    }
}

impl Template {
    /// Its name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }
}

impl Drop for Template {
    fn drop(&mut self) {
        let name = self.name.clone();
        let dropped = thread::spawn(move || {
            tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap()
                .block_on(async {
                    let admin = connect(&server().url("postgres")).await;
                    for sql in [
                        format!("drop database if exists {name} with (force)"),
                        format!("drop role if exists {name}_owner"),
                    ] {
                        admin.batch_execute(&sql).await.unwrap();
                    }
                });
        })
        .join();
        assert!(dropped.is_ok() || thread::panicking());
    }
}

/// What a query answers on a session, as `psql -At` prints it.
pub(crate) async fn query(client: &Client, sql: &str) -> String {
    let messages = match client.simple_query(sql).await {
        Ok(messages) => messages,
        Err(error) => panic!("{error:?}\nin: {sql}"),
    };
    let rows: Vec<String> = messages
        .iter()
        .filter_map(|message| match message {
            SimpleQueryMessage::Row(row) => Some(
                (0..row.len())
                    .map(|column| row.get(column).unwrap_or_default())
                    .collect::<Vec<_>>()
                    .join("|"),
            ),
            _ => None,
        })
        .collect();
    rows.join("\n")
}

/// A session of a test's own, for as long as the client is held.
pub(crate) async fn connect(url: &str) -> Client {
    let (client, connection) = match tokio_postgres::connect(url, NoTls).await {
        Ok(pair) => pair,
        Err(error) => panic!("{error:?}\nat: {url}"),
    };
    tokio::spawn(async move {
        // Its end is the client's end.
        let _ = connection.await;
    });
    client
}
