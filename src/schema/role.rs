use std::collections::BTreeSet;

/// A role of the cluster.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Role {
    /// Its name, as the catalog spells it.
    pub name: String,
    /// It is bound by nothing.
    pub superuser: bool,
    /// It has BYPASSRLS.
    pub bypasses_rls: bool,
    /// Somebody can connect as it.
    pub can_login: bool,
    /// The other roles whose rights it has without SET ROLE. Empty for a superuser, who has all.
    pub has_rights_of: BTreeSet<String>,
}

impl Role {
    /// Whether no policy ever binds it, whatever the table.
    #[must_use]
    pub fn is_above_policies(&self) -> bool {
        self.superuser || self.bypasses_rls
    }
}
