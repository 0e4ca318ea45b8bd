//! The embedded PostgreSQL server and scratch servers.
//!
//! [`Binaries::locate`] finds the machine's server binaries or fetches some; a [`Cluster`] is the
//! project's own server, durable and shared by the commands that run at the same time; a
//! [`ScratchServer`] is thrown away with everything in it. No server has a TCP port: each listens
//! on a socket in a private folder, and its [`Address`] says where.
//!
//! Everything here blocks: starting takes from a tenth of a second to a few seconds, fetching
//! binaries longer. Where a runtime must not stand still meanwhile, call it on a thread made for
//! blocking.

mod account;
mod address;
mod binaries;
mod cluster;
mod error;
mod facts;
mod folder;
mod guard;
mod initdb;
mod kept;
mod npm;
mod packages;
mod pidfile;
mod postmaster;
mod progress;
mod scratch;
mod server;
mod version;

pub use address::Address;
pub use binaries::{Binaries, BinariesOrigin, Download, LocateOptions};
pub use cluster::{Cluster, StartMode, Status, StopMode};
pub use error::EngineError;
pub use folder::cache_without_home;
pub use packages::System;
pub use progress::Progress;
pub use scratch::{ScratchOptions, ScratchServer};
pub use server::Server;
pub use version::PgVersion;
