//! Databases of a scratch server that are made of each other.

use std::collections::BTreeSet;

use super::scratch::{Scratch, connect};
use crate::migrator::error::Error;
use crate::sql::quote_ident;

impl Scratch<'_> {
    /// Makes a database as another one is, in place of the one of its name; nobody is connected to
    /// the other one. Gives its URL.
    pub(in crate::migrator) async fn copy_database(
        &mut self,
        name: &str,
        template: &str,
    ) -> Result<String, Error> {
        self.drop_database(name).await?;
        let server = self.server().await?;
        let (create, url) = (server.clone_statement(name, template), server.url(name));
        self.told(&create).await?;
        Ok(url)
    }

    /// Makes a database without anything in it, in place of the one of its name. Gives its URL.
    pub(in crate::migrator) async fn empty_database(
        &mut self,
        name: &str,
    ) -> Result<String, Error> {
        self.copy_database(name, "template0").await
    }

    /// Drops a database, whoever is connected to it.
    pub(in crate::migrator) async fn drop_database(&mut self, name: &str) -> Result<(), Error> {
        let name = quote_ident(name);
        let sql = format!("drop database if exists {name} with (force)");
        self.told(&sql).await
    }

    /// Makes the roles of the server these again, as far as no database holds on to them. What a
    /// role may do beside what databases say is not looked at.
    pub(in crate::migrator) async fn reset_roles(
        &mut self,
        roles: &BTreeSet<String>,
    ) -> Result<(), Error> {
        let there = self.roles_there().await?;
        let drop = there.difference(roles).map(|role| ("drop", role));
        let create = roles.difference(&there).map(|role| ("create", role));
        for (verb, role) in drop.chain(create) {
            let role = quote_ident(role);
            let sql = format!(
                "do $role$ begin {verb} role {role}; exception when others then null; end $role$"
            );
            self.told(&sql).await?;
        }
        Ok(())
    }

    /// Drops the databases in which states were made again.
    pub(in crate::migrator) async fn drop_remade(&mut self) -> Result<(), Error> {
        let url = self.server().await?.url("postgres");
        let admin = connect(&url).await?;
        let asked = "select datname::text from pg_database where datname like 'state\\_%'";
        let told = admin.query(asked, &[]).await;
        admin.close().await;
        for row in told? {
            let name: String = row.get(0)?;
            self.drop_database(&name).await?;
        }
        Ok(())
    }

    async fn told(&mut self, sql: &str) -> Result<(), Error> {
        let url = self.server().await?.url("postgres");
        let admin = connect(&url).await?;
        let done = admin.batch(sql).await;
        admin.close().await;
        Ok(done?)
    }
}
