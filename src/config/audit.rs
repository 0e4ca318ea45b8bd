//! The settings of `[rls]`.

use std::path::PathBuf;

use crate::rls::{Allowance, Scope};

use super::file::Reference;
use super::{ConfigError, Setting};

/// What the file says of `[rls]`; absent keys are `None`.
#[derive(Debug, Default)]
pub(super) struct FileAudit {
    pub(super) schemas: Option<Setting<Vec<String>>>,
    pub(super) api_roles: Option<Setting<Vec<String>>>,
    pub(super) trusted_roles: Option<Setting<Vec<String>>>,
    pub(super) allow: Option<Setting<Vec<Allowance>>>,
    pub(super) gate: Option<Setting<bool>>,
    pub(super) actors: Option<Reference>,
    pub(super) fixtures: Option<Reference>,
    pub(super) matrix: Option<Reference>,
    pub(super) tests: Option<Reference>,
}

/// What is looked at by the commands about row-level security.
#[derive(Debug, Clone)]
pub struct AuditSettings {
    /// The schemas that an API shows.
    pub schemas: Setting<Vec<String>>,
    /// The roles that requests run as.
    pub api_roles: Setting<Vec<String>>,
    /// Those of them that are meant to do everything.
    pub trusted_roles: Setting<Vec<String>>,
    /// Whether an upgrade judges what each revision makes of row-level security.
    pub gate: Setting<bool>,
    /// Findings that are known and stand, each with its reason.
    pub allow: Setting<Vec<Allowance>>,
    /// The file of the actors as whom access is tried, absolute.
    pub actors: Setting<PathBuf>,
    /// The SQL of the rows on which access is tried, absolute. Where nothing was said of it, it need
    /// not exist.
    pub fixtures: Setting<PathBuf>,
    /// The matrix that is kept, absolute.
    pub matrix: Setting<PathBuf>,
    /// The folder of the policy tests, absolute.
    pub tests: Setting<PathBuf>,
}

impl FileAudit {
    /// With the defaults; `path` resolves what was said of a path, or else its default.
    pub(super) fn resolved(
        self,
        path: impl Fn(Option<Reference>, &str) -> Result<Setting<PathBuf>, ConfigError>,
    ) -> Result<AuditSettings, ConfigError> {
        let default = Scope::default();
        let or = |said: Option<Setting<Vec<String>>>, default| {
            said.unwrap_or_else(|| Setting::default_of(default))
        };
        Ok(AuditSettings {
            schemas: or(self.schemas, default.schemas),
            api_roles: or(self.api_roles, default.api_roles),
            trusted_roles: or(self.trusted_roles, default.trusted_roles),
            gate: self.gate.unwrap_or_else(|| Setting::default_of(false)),
            allow: self
                .allow
                .unwrap_or_else(|| Setting::default_of(Vec::new())),
            actors: path(self.actors, "tests/rls/actors.toml")?,
            fixtures: path(self.fixtures, "tests/rls/fixtures.sql")?,
            matrix: path(self.matrix, "tests/rls/matrix.md")?,
            tests: path(self.tests, "tests/rls")?,
        })
    }
}

impl AuditSettings {
    /// What is looked at: these schemas, or those of the settings where there are none.
    #[must_use]
    pub fn scope(&self, schemas: &[String]) -> Scope {
        Scope {
            schemas: if schemas.is_empty() {
                self.schemas.value.clone()
            } else {
                schemas.to_vec()
            },
            api_roles: self.api_roles.value.clone(),
            trusted_roles: self.trusted_roles.value.clone(),
        }
    }
}
