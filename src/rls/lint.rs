use serde::Serialize;

use super::{Audit, Finding, RULES, Rule};

/// A finding that is known and stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Allowance {
    /// The rule's code.
    pub rule: String,
    /// What it finds, as the finding names it.
    pub object: String,
    /// Why it stands.
    pub reason: String,
}

impl Allowance {
    fn covers(&self, rule: &Rule, finding: &Finding) -> bool {
        self.rule == rule.code && self.object == finding.object.to_string()
    }
}

/// What the rules found.
#[derive(Debug, Default)]
pub struct Lint {
    /// The worst first, then by rule and object.
    pub findings: Vec<(&'static Rule, Finding)>,
    /// What was found and is allowed.
    pub suppressed: Vec<Suppressed>,
    /// Allowances that nothing needs any more.
    pub unused: Vec<Allowance>,
}

/// A finding that is allowed, and why.
#[derive(Debug)]
pub struct Suppressed {
    /// The rule.
    pub rule: &'static Rule,
    /// What it found.
    pub finding: Finding,
    /// Why it stands.
    pub reason: String,
}

/// Everything that the rules find, without what is allowed.
#[must_use]
pub fn lint(audit: Audit<'_>, allowed: &[Allowance]) -> Lint {
    let mut found: Vec<(&'static Rule, Finding)> = RULES
        .iter()
        .flat_map(|rule| (rule.check)(audit).into_iter().map(|one| (*rule, one)))
        .collect();
    found.sort_by(|(rule, finding), (other, that)| {
        let by_rule = (other.severity, rule.code).cmp(&(rule.severity, other.code));
        by_rule.then_with(|| finding.object.cmp(&that.object))
    });
    let mut lint = Lint::default();
    let mut used = vec![false; allowed.len()];
    for (rule, finding) in found {
        let allowance = allowed.iter().position(|one| one.covers(rule, &finding));
        match allowance {
            None => lint.findings.push((rule, finding)),
            Some(at) => {
                used[at] = true;
                lint.suppressed.push(Suppressed {
                    rule,
                    finding,
                    reason: allowed[at].reason.clone(),
                });
            }
        }
    }
    let unused = allowed.iter().zip(used).filter(|(_, used)| !used);
    lint.unused = unused.map(|(one, _)| one.clone()).collect();
    lint
}
