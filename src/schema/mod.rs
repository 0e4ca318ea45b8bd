//! What a database is, as plain data: as far as it is known who may see and do what in it.
//!
//! Nothing here asks a server. `catalog` fills it from `pg_catalog`, tests fill it by hand, and
//! `rls` judges it. Everything else that a database is made of is in [`facts`]; [`diagram`] is what of
//! that is drawn.

mod acl;
mod definition;
pub mod diagram;
mod expression;
pub mod facts;
mod function;
mod privilege;
mod relation;
mod role;
mod whole;

pub use acl::AclItem;
pub use expression::{Call, Comparison, Expression, SubQuery, SubQueryKind, Wrapping};
pub use function::{Extension, Function};
pub use privilege::{Grant, Grantee, Privilege};
pub use relation::{
    Column, ForeignKey, Index, Policy, PolicyCommand, PolicyKind, Relation, RelationKind,
    RowSecurity,
};
pub use role::Role;
pub use whole::{Namespace, Schema};
