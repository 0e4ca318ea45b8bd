use serde::Serialize;

use super::destination::DestinationView;
use crate::diagnostic::{Place, Severity};
use crate::rls::{Allowance, Category, Object};

/// `rls lint`: what the rules found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RlsLint {
    /// Which database.
    pub destination: DestinationView,
    /// The schemas that were looked at.
    pub schemas: Vec<String>,
    /// Those of them that are not there.
    pub missing_schemas: Vec<String>,
    /// The worst first, then by rule and object.
    pub findings: Vec<RlsFinding>,
    /// What was found and is allowed by the settings.
    pub suppressed: Vec<RlsSuppressed>,
    /// What the settings allow and nothing needs any more.
    pub unused_allowances: Vec<Allowance>,
}

/// What a rule found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RlsFinding {
    /// The rule.
    pub rule: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What it is about.
    pub category: Category,
    /// The object, as SQL names it.
    pub object: Object,
    /// One line.
    pub message: String,
    /// Why it is bad.
    pub reason: &'static str,
    /// SQL that mends it.
    pub fix: Option<String>,
    /// The revision that made the object, where the files tell.
    pub revision: Option<String>,
    /// The statement that made it.
    pub place: Option<Place>,
}

/// A finding that is allowed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RlsSuppressed {
    /// The rule.
    pub rule: &'static str,
    /// The object, as SQL names it.
    pub object: Object,
    /// One line.
    pub message: String,
    /// Why it stands.
    pub reason: String,
}

impl RlsLint {
    /// Whether anything is at least as bad as this.
    #[must_use]
    pub fn fails_on(&self, severity: Severity) -> bool {
        self.findings
            .iter()
            .any(|finding| finding.severity >= severity)
    }
}
