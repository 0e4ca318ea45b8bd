use std::collections::BTreeSet;

use crate::diagnostic::Severity;
use crate::rls::Audit;
use crate::rls::finding::{Category, Finding, Object, Rule};
use crate::schema::{Policy, Privilege, Relation};

pub(super) const RULE: Rule = Rule {
    code: "policy_recursion",
    severity: Severity::Error,
    category: Category::Security,
    title: "a policy asks itself",
    reason: "a policy that reads a table is asked that table's policies too; where these lead back, \
             every statement fails with `infinite recursion detected in policy`. A SECURITY DEFINER \
             function whose owner is not bound reads past them",
    example: "create policy p on members using (exists (select from members m where …));",
    check,
};

fn check(audit: Audit<'_>) -> Vec<Finding> {
    audit
        .policies()
        .filter(|(table, _)| table.row_security.is_on())
        .filter_map(|(table, policy)| {
            let path = path(audit, table, policy)?;
            let told = path.iter().map(|one| one.name.to_string());
            let message = format!(
                "the policy {} on {} is asked again by what it reads: {}",
                policy.name,
                table.name,
                told.collect::<Vec<_>>().join(" → ")
            );
            Some(Finding::new(Object::policy(table, policy), message))
        })
        .collect()
}

/// The tables by which a policy leads back to its own, that one first and last.
fn path<'a>(
    audit: Audit<'a>,
    table: &'a Relation,
    policy: &'a Policy,
) -> Option<Vec<&'a Relation>> {
    let mut seen = BTreeSet::new();
    let mut open: Vec<Vec<&Relation>> = read(audit, policy)
        .into_iter()
        .map(|next| vec![table, next])
        .collect();
    while let Some(path) = open.pop() {
        let at = *path.last()?;
        if at.name == table.name {
            return Some(path);
        }
        if !at.row_security.is_on() || !seen.insert(&at.name) {
            continue;
        }
        let asked = at
            .policies
            .iter()
            .filter(|other| other.command.covers(Privilege::Select) && meet(audit, policy, other));
        for next in asked.flat_map(|other| read(audit, other)) {
            let mut longer = path.clone();
            longer.push(next);
            open.push(longer);
        }
    }
    None
}

/// The relations that a policy reads as whoever is asked; a view with the rights of its owner ends
/// the way, one with those of its reader goes on.
fn read<'a>(audit: Audit<'a>, policy: &'a Policy) -> Vec<&'a Relation> {
    let names = policy
        .expressions()
        .flat_map(|(_, expression)| &expression.sub_queries)
        .flat_map(|query| &query.relations);
    let relations = &audit.schema.relations;
    names
        .filter_map(|name| relations.get(name))
        .flat_map(|relation| {
            let through = relation.reads.iter().filter(|_| relation.security_invoker);
            let through = through.filter_map(|name| relations.get(name));
            std::iter::once(relation).chain(through)
        })
        .collect()
}

/// Whether anybody is asked both policies.
fn meet(audit: Audit<'_>, one: &Policy, other: &Policy) -> bool {
    one.roles.iter().any(|role| {
        audit.applies(other, role)
            || other
                .roles
                .iter()
                .any(|that| audit.has_rights_of(that, role))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rls::sample::{Sample, expression, found, policy, sub_query, table};

    fn reading(name: &str, read: &str) -> Relation {
        let mut one = table(name);
        let mut asks = expression();
        asks.sub_queries.push(sub_query(read));
        let mut policy = policy("p");
        policy.using = Some(asks);
        one.policies.push(policy);
        one
    }

    #[test]
    fn itself_and_a_cycle() {
        let own = found(&RULE, &Sample::of([reading("a", "a")]));
        assert_eq!(
            own,
            [
                "p on public.a: the policy p on public.a is asked again by what it reads: \
              public.a → public.a"
            ]
        );
        let cycle = Sample::of([reading("a", "b"), reading("b", "a")]);
        assert_eq!(found(&RULE, &cycle).len(), 2);
    }

    #[test]
    fn what_ends() {
        let chain = Sample::of([reading("a", "b"), reading("b", "c"), table("c")]);
        assert!(found(&RULE, &chain).is_empty());
        let mut other = reading("b", "a");
        other.policies[0].roles = vec![crate::schema::Grantee::role("anon")];
        let mut one = reading("a", "b");
        one.policies[0].roles = vec![crate::schema::Grantee::role("authenticated")];
        assert!(found(&RULE, &Sample::of([one, other])).is_empty());
    }
}
