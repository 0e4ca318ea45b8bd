//! What the tests stand on: one scratch server for all, a database of its own for each, projects
//! in temporary folders, the program run in a clean environment, and what differs from run to
//! run taken out of what it says.

mod cluster;
mod database;
mod pooler;
mod project;
mod proxy;
mod server;
mod snapshot;

pub(crate) use cluster::OwnServer;
pub(crate) use database::{Database, connect, query};
pub(crate) use pooler::PgBouncer;
pub(crate) use project::{Output, Project};
pub(crate) use proxy::{Fault, Message, Proxy};
pub(crate) use server::{binaries, locate_options, server};
pub(crate) use snapshot::settings;
