//! The keys of `[rls]`.

use super::document::{Document, Section, boolean, string, strings};
use super::keys::{identifier, reference};
use crate::config::Setting;
use crate::config::audit::FileAudit;
use crate::rls::Allowance;

/// Reads the section.
pub(super) fn read<'t>(document: &mut Document<'t>, section: &mut Section<'t>) -> FileAudit {
    let mut names = |document: &mut Document<'t>, key| {
        section.take(document, key, |value| {
            let names = strings(value)?;
            if names.is_empty() {
                return Err("it is empty".to_owned());
            }
            names.iter().map(|name| identifier(name)).collect()
        })
    };
    let mut said = FileAudit {
        schemas: names(document, "schemas"),
        api_roles: names(document, "api-roles"),
        ..FileAudit::default()
    };
    said.trusted_roles = section.take(document, "trusted-roles", |value| {
        strings(value)?
            .iter()
            .map(|name| identifier(name))
            .collect()
    });
    said.gate = section.take(document, "gate", boolean);
    said.actors = reference(document, section, "actors");
    said.fixtures = reference(document, section, "fixtures");
    said.matrix = reference(document, section, "matrix");
    said.tests = reference(document, section, "tests");
    if let Some(allow) = section.value("allow") {
        let origin = document.origin(allow.span);
        let span = allow.span;
        let mut all = Vec::new();
        for mut one in allow.into_sections(document, "rls.allow") {
            let text = |value: &_| match string(value)?.trim() {
                "" => Err("it is empty".to_owned()),
                text => Ok(text.to_owned()),
            };
            let rule = one.take(document, "rule", |value| known(&text(value)?));
            let object = one.take(document, "object", text);
            let reason = one.has("reason");
            let said = one.take(document, "reason", text);
            one.finish(document);
            if !reason {
                let message = "`rls.allow` wants a `reason`";
                document.defect("config-value", span, message, None);
            }
            if let (Some(rule), Some(object), Some(reason)) = (rule, object, said) {
                all.push(Allowance {
                    rule: rule.value,
                    object: object.value,
                    reason: reason.value,
                });
            }
        }
        said.allow = Some(Setting::new(all, origin));
    }
    said
}

fn known(code: &str) -> Result<String, String> {
    if crate::rls::RULES.iter().any(|rule| rule.code == code) {
        return Ok(code.to_owned());
    }
    let codes = crate::rls::RULES.iter().map(|rule| rule.code);
    Err(match crate::revision::nearest(code, codes) {
        Some(nearest) => format!("there is no such rule; did you mean `{nearest}`?"),
        None => "there is no such rule".to_owned(),
    })
}
