//! Who can see and do what: judged from [`crate::schema::Schema`] alone, without a server.
//!
//! [`status()`] tells it as it is; [`lint()`] tells what is probably a mistake, by the rules in
//! [`RULES`].

mod actors;
mod audit;
mod closing;
pub mod explain;
mod finding;
mod lint;
pub mod matrix;
mod ownership;
pub mod policy_test;
mod rules;
#[cfg(test)]
mod sample;
mod scaffold;
mod scaffold_table;
mod status;

pub use actors::{Actor, Actors};
pub use audit::{Access, Audit, Scope};
pub use closing::{Owners, closed_roles, privileges, revokes, undo};
pub use finding::{Category, Finding, Object, Rule};
pub use lint::{Allowance, Lint, Suppressed, lint};
pub use ownership::{Claim, Found, Owner};
pub use rules::RULES;
pub use scaffold::{Caution, Scaffold, scaffold};
pub use status::{
    Bypass, CommandStatus, Outcome, PolicyStatus, RoleStatus, TableRole, TableStatus, roles, status,
};
