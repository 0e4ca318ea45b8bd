//! Connections to PostgreSQL: where, how, and text SQL. The only door to the driver.
//!
//! A [`ConnectSpec`] says where, by libpq's rules; [`Session::connect`] opens it. A session runs
//! whole scripts as one message and tells which statement failed, keeps what the server says on
//! the side as [`Notice`]s, and knows a server's error from a lost link.

mod connect;
mod database;
mod error;
mod keeping;
mod large;
mod link;
mod notices;
#[cfg(feature = "api")]
mod pool;
mod pooled;
mod prepared;
mod script;
mod sent;
mod server_error;
mod session;
mod settings;
mod shared;
mod socket;
mod spec;
mod sqlstate;
mod tls;
mod value;
mod wire;

pub use connect::{CancelHandle, SessionOptions};
pub use database::{Ensured, ensure_database};
pub use error::{
    Attempt, AuthenticationFailure, DbError, LoginRefused, ServerRole, TlsFailure, Unreachable,
};
pub use notices::Notices;
#[cfg(feature = "api")]
pub use pool::{
    Beginning, FromSql, Json, Lease, Pool, PoolError, PoolOptions, PoolStatus, ToSql, Type,
};
pub use script::{ScriptFailure, is_one_message, sent_at_once};
pub use sent::SentScript;
pub use server_error::{Notice, ServerError};
pub use session::{Scissors, Session};
pub use settings::SessionSettings;
pub use shared::TransactionEnd;
pub use spec::{
    ConnectSpec, Endpoint, Host, KeywordDefect, Parts, PassfileIgnored, PoolerSign, SslMode,
    Surroundings, TargetSession, UrlDefect,
};
pub use sqlstate::SqlState;
pub use value::{Answer, Param, Row};
pub use wire::TransactionStatus;
