use crate::sql::QualifiedName;

use super::Grant;

/// A function or procedure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Function {
    /// Its schema and name.
    pub name: QualifiedName,
    /// Name and types of its arguments, quoted for SQL: `public.f(integer, text)`.
    pub signature: String,
    /// Who owns it.
    pub owner: String,
    /// It runs with the rights of its owner.
    pub security_definer: bool,
    /// It sets `search_path` itself.
    pub sets_search_path: bool,
    /// It is the body of a trigger, which nobody can call.
    pub is_trigger: bool,
    /// Who may call it; PUBLIC too where nothing else was said.
    pub grants: Vec<Grant>,
    /// It came with this extension.
    pub extension: Option<String>,
}

/// An extension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extension {
    /// Its name.
    pub name: String,
    /// The schema that its objects are in.
    pub schema: String,
    /// Whether it can be moved to another one.
    pub relocatable: bool,
}
