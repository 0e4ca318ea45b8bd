//! Who can see and do what: judged from [`crate::schema::Schema`] alone, without a server.
//!
//! [`status()`] tells it as it is; [`lint()`] tells what is probably a mistake, by the rules in
//! [`RULES`].

mod actors;
mod audit;
pub mod explain;
mod finding;
mod lint;
mod rules;
#[cfg(test)]
mod sample;
mod status;

pub use actors::{Actor, Actors};
pub use audit::{Access, Audit, Scope};
pub use finding::{Category, Finding, Object, Rule};
pub use lint::{Allowance, Lint, Suppressed, lint};
pub use rules::RULES;
pub use status::{
    Bypass, CommandStatus, Outcome, PolicyStatus, RoleStatus, TableRole, TableStatus, roles, status,
};
