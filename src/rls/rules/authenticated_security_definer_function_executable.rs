use crate::diagnostic::Severity;
use crate::rls::Audit;
use crate::rls::finding::{Category, Finding, Rule};
use crate::schema::Grantee;

use super::anon_security_definer_function_executable::findings;

pub(super) const RULE: Rule = Rule {
    code: "authenticated_security_definer_function_executable",
    severity: Severity::Warning,
    category: Category::Security,
    title: "every user can call a function with its owner's rights",
    reason: "a SECURITY DEFINER function runs with the rights of its owner, past policies; in a \
             schema of the API whoever may execute it calls it by its name, and PUBLIC may \
             execute every function that nobody took it from",
    example: "create function f() returns setof notes language sql security definer as '…';",
    check,
};

fn check(audit: Audit<'_>) -> Vec<Finding> {
    let nobody = [Grantee::role("anon"), Grantee::Public];
    let mut who = audit.exposed();
    who.retain(|one| !nobody.contains(one));
    findings(audit, &who)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rls::sample::{Sample, found, function};
    use crate::schema::{Grant, Privilege};

    #[test]
    fn fires_and_is_silent() {
        let mut sample = Sample::of([]);
        let mut called = function("f");
        called.security_definer = true;
        called.grants = vec![Grant {
            grantee: Grantee::role("authenticated"),
            privilege: Privilege::Execute,
            column: None,
        }];
        sample.schema.functions.push(called);
        assert_eq!(
            found(&RULE, &sample),
            ["public.f(): authenticated may call public.f(), which runs with the rights of owner"]
        );
        sample.schema.functions[0].is_trigger = true;
        assert!(found(&RULE, &sample).is_empty());
    }
}
