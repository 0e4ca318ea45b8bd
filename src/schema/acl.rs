use serde::Serialize;

use crate::sql::QualifiedName;

use super::Grantee;

/// One right as an access list holds it: with who gave it, and whether it may be handed on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct AclItem {
    /// What it is a right to.
    pub relation: QualifiedName,
    /// On this column alone.
    pub column: Option<String>,
    /// To do what, as SQL writes it, in lower case: whatever the server knows, and not only what
    /// [`super::Privilege`] does.
    pub privilege: String,
    /// Whose.
    pub grantee: Grantee,
    /// Who gave it; the owner, where that or a superuser did.
    pub grantor: String,
    /// It may be handed on: WITH GRANT OPTION.
    pub grantable: bool,
}
