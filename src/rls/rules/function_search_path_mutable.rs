use crate::diagnostic::Severity;
use crate::rls::Audit;
use crate::rls::finding::{Category, Finding, Object, Rule};

pub(super) const RULE: Rule = Rule {
    code: "function_search_path_mutable",
    severity: Severity::Warning,
    category: Category::Security,
    title: "a function finds what its caller's search_path says",
    reason: "a name without a schema means whatever the caller's `search_path` finds first; with \
             SECURITY DEFINER that is somebody else's code with the owner's rights",
    example: "create function f() returns int language sql security definer as 'select …';",
    check,
};

fn check(audit: Audit<'_>) -> Vec<Finding> {
    let called = audit.schema.functions.iter().filter(|function| {
        function.extension.is_none()
            && function.security_definer
            && function.name.schema != "auth"
            && !audit.scope.schemas.contains(&function.name.schema)
    });
    audit
        .functions()
        .chain(called)
        .filter(|function| !function.sets_search_path)
        .map(|function| {
            let definer = if function.security_definer {
                ", and runs with the rights of its owner"
            } else {
                ""
            };
            let message = format!("{} does not set search_path{definer}", function.signature);
            let fix = format!(
                "alter function {} set search_path = '';",
                function.signature
            );
            Finding::new(Object::function(function), message).fix(fix)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rls::sample::{Sample, found, function};

    #[test]
    fn fires_and_is_silent() {
        let mut sample = Sample::of([]);
        sample.schema.functions.push(function("f"));
        assert!(found(&RULE, &sample).is_empty());
        sample.schema.functions[0].sets_search_path = false;
        assert_eq!(
            found(&RULE, &sample),
            ["public.f(): public.f() does not set search_path"]
        );
        sample.schema.functions[0].name.schema = "private".to_owned();
        assert!(found(&RULE, &sample).is_empty());
        sample.schema.functions[0].security_definer = true;
        assert_eq!(found(&RULE, &sample).len(), 1);
    }
}
