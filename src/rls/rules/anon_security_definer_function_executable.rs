use crate::diagnostic::Severity;
use crate::rls::Audit;
use crate::rls::finding::{Category, Finding, Object, Rule};
use crate::schema::Grantee;

pub(super) const RULE: Rule = Rule {
    code: "anon_security_definer_function_executable",
    severity: Severity::Warning,
    category: Category::Security,
    title: "whoever has no account can call a function with its owner's rights",
    reason: "a SECURITY DEFINER function runs with the rights of its owner, past policies; in a \
             schema of the API whoever may execute it calls it by its name, and PUBLIC may \
             execute every function that nobody took it from",
    example: "create function f() returns setof notes language sql security definer as '…';",
    check,
};

fn check(audit: Audit<'_>) -> Vec<Finding> {
    let nobody = [Grantee::role("anon"), Grantee::Public];
    let exposed = audit.exposed();
    let who: Vec<Grantee> = exposed
        .into_iter()
        .filter(|one| nobody.contains(one))
        .collect();
    findings(audit, &who)
}

/// The functions with their owner's rights that any of these may call.
pub(super) fn findings(audit: Audit<'_>, who: &[Grantee]) -> Vec<Finding> {
    audit
        .functions()
        .filter(|function| function.security_definer && !function.is_trigger)
        .filter_map(|function| {
            let who: Vec<String> = who
                .iter()
                .filter(|one| audit.may_call(one, function))
                .map(ToString::to_string)
                .collect();
            if who.is_empty() {
                return None;
            }
            let who = who.join(", ");
            let message = format!(
                "{who} may call {}, which runs with the rights of {}",
                function.signature, function.owner
            );
            let fix = format!(
                "revoke execute on function {} from public, {who};",
                function.signature
            );
            let fix = fix.replace("public, public;", "public;");
            Some(Finding::new(Object::function(function), message).fix(fix))
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
        sample.schema.functions[0].security_definer = true;
        assert_eq!(
            found(&RULE, &sample),
            ["public.f(): anon may call public.f(), which runs with the rights of owner"]
        );
        sample.schema.functions[0].grants.clear();
        assert!(found(&RULE, &sample).is_empty());
    }
}
