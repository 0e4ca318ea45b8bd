use crate::diagnostic::Severity;
use crate::rls::Audit;
use crate::rls::finding::{Category, Finding, Object, Rule};
use crate::sql::quote_ident;

pub(super) const RULE: Rule = Rule {
    code: "extension_in_public",
    severity: Severity::Warning,
    category: Category::Security,
    title: "an extension is in a schema of the API",
    reason: "the functions of an extension that is in a schema of the API can be called through it",
    example: "create extension citext;    -- instead of: create extension citext schema extensions",
    check,
};

fn check(audit: Audit<'_>) -> Vec<Finding> {
    audit
        .schema
        .extensions
        .iter()
        .filter(|extension| audit.scope.schemas.contains(&extension.schema))
        .map(|extension| {
            let message = format!(
                "the extension {} is in the schema {}",
                extension.name, extension.schema
            );
            let name = quote_ident(&extension.name);
            let finding = Finding::new(Object::Extension(extension.name.clone()), message);
            if extension.relocatable {
                finding.fix(format!("alter extension {name} set schema extensions;"))
            } else {
                finding
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rls::sample::{Sample, found};
    use crate::schema::Extension;

    #[test]
    fn fires_and_is_silent() {
        let mut sample = Sample::of([]);
        sample.schema.extensions.push(Extension {
            name: "citext".to_owned(),
            schema: "public".to_owned(),
            relocatable: true,
        });
        assert_eq!(
            found(&RULE, &sample),
            ["citext: the extension citext is in the schema public"]
        );
        sample.schema.extensions[0].schema = "extensions".to_owned();
        assert!(found(&RULE, &sample).is_empty());
    }
}
