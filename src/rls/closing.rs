//! Which REVOKEs close tables to the API, and which GRANTs undo them.

use std::collections::{BTreeMap, BTreeSet};

use super::Scope;
use crate::schema::{AclItem, Grantee, Role};
use crate::sql::{QualifiedName, quote_ident};

/// Who owns each of the tables.
pub type Owners = BTreeMap<QualifiedName, String>;

/// Whose rights are taken to close a table: PUBLIC's, those of the API's roles that are there, and
/// of every role whose rights one of those has by membership. Not those of trusted roles, unless
/// `trusted`, and not those of superusers, which nothing takes.
#[must_use]
pub fn closed_roles(
    roles: &BTreeMap<String, Role>,
    scope: &Scope,
    trusted: bool,
) -> BTreeSet<Grantee> {
    let kept = |name: &String| !trusted && scope.trusted_roles.contains(name);
    let named = scope.api_roles.iter().chain(&scope.trusted_roles);
    let mut closed = BTreeSet::from([Grantee::Public]);
    for role in named.filter_map(|name| roles.get(name)) {
        if kept(&role.name) {
            continue;
        }
        closed.insert(Grantee::role(&role.name));
        let others = role.has_rights_of.iter().filter(|name| !kept(name));
        let others = others.filter(|name| roles.get(*name).is_none_or(|role| !role.superuser));
        closed.extend(others.map(Grantee::role));
    }
    closed
}

/// The statements that take from whom is closed what the access list gives them, each in a line.
///
/// What the owner gave is taken with whatever was handed on of it. What somebody else gave, and
/// does not go with that, only the giver can take back: those statements come first, while the
/// giver still may, and in the giver's role.
#[must_use]
pub fn revokes(acl: &[AclItem], owners: &Owners, closed: &BTreeSet<Grantee>) -> Vec<String> {
    let wanted = |item: &&AclItem| closed.contains(&item.grantee) && !is_owners(item, owners);
    let (by_owner, by_others): (Vec<&AclItem>, Vec<&AclItem>) = acl
        .iter()
        .filter(wanted)
        .partition(|item| by_owner(item, owners));
    let mut left: BTreeSet<&AclItem> = acl.iter().collect();
    for item in &by_owner {
        take(item, &mut left);
    }
    let by_others: Vec<&AclItem> = by_others
        .into_iter()
        .filter(|one| left.contains(one))
        .collect();
    let revoke = |grant: &[&AclItem]| {
        let first = grant[0];
        format!(
            "revoke {} on table {} from {} cascade;",
            privileges(grant),
            first.relation,
            first.grantee
        )
    };
    let mut statements = Vec::new();
    for grant in grouped(by_others) {
        statements.extend(as_grantor(&grant[0].grantor, revoke(&grant)));
    }
    statements.extend(grouped(by_owner).iter().map(|grant| revoke(grant)));
    statements
}

/// The statements that give back what was lost, as it was, each in a line: what was handed on
/// behind what it was handed on from, in the giver's role.
#[must_use]
pub fn undo(lost: &[AclItem], owners: &Owners) -> Vec<String> {
    let mut waiting: Vec<&AclItem> = lost.iter().collect();
    let mut statements = Vec::new();
    while !waiting.is_empty() {
        let (later, now): (Vec<&AclItem>, Vec<&AclItem>) = waiting
            .iter()
            .partition(|item| waiting.iter().any(|other| supports(other, item)));
        // Rights that support each other in a circle there are none of; were there, all go at once.
        let (now, later) = if now.is_empty() {
            (later, now)
        } else {
            (now, later)
        };
        for grant in grouped(now) {
            let first = grant[0];
            let option = if first.grantable {
                " with grant option"
            } else {
                ""
            };
            let statement = format!(
                "grant {} on table {} to {}{option};",
                privileges(&grant),
                first.relation,
                first.grantee
            );
            if by_owner(first, owners) {
                statements.push(statement);
            } else {
                statements.extend(as_grantor(&first.grantor, statement));
            }
        }
        waiting = later;
    }
    statements
}

fn is_owners(item: &AclItem, owners: &Owners) -> bool {
    let owner = owners.get(&item.relation).map(Grantee::role);
    owner.as_ref() == Some(&item.grantee)
}

fn by_owner(item: &AclItem, owners: &Owners) -> bool {
    owners.get(&item.relation) == Some(&item.grantor)
}

fn as_grantor(grantor: &str, statement: String) -> [String; 3] {
    [
        format!("set local role {};", quote_ident(grantor)),
        statement,
        "reset role;".to_owned(),
    ]
}

/// Takes a right away, and what hangs on it alone in the same access list, as CASCADE does.
fn take(item: &AclItem, left: &mut BTreeSet<&AclItem>) {
    left.remove(item);
    let still = left.iter().any(|one| {
        one.grantable
            && one.grantee == item.grantee
            && (&one.relation, &one.column, &one.privilege)
                == (&item.relation, &item.column, &item.privilege)
    });
    if !item.grantable || still {
        return;
    }
    let hanging: Vec<&AclItem> = left
        .iter()
        .copied()
        .filter(|one| one.column == item.column && supports(item, one))
        .collect();
    for one in hanging {
        take(one, left);
    }
}

/// Whether one right is what another was handed on from.
fn supports(one: &AclItem, other: &AclItem) -> bool {
    one.grantable
        && one.grantee == Grantee::role(&other.grantor)
        && (&one.relation, &one.privilege) == (&other.relation, &other.privilege)
        && (one.column.is_none() || one.column == other.column)
}

/// Rights that one GRANT gives: of one relation, giver, grantee and option.
fn grouped<'a>(items: impl IntoIterator<Item = &'a AclItem>) -> Vec<Vec<&'a AclItem>> {
    let mut groups: BTreeMap<_, Vec<&AclItem>> = BTreeMap::new();
    for item in items {
        let key = (&item.relation, &item.grantor, &item.grantee, item.grantable);
        groups.entry(key).or_default().push(item);
    }
    groups.into_values().collect()
}

/// `select, update (body, title)`, in the order in which SQL's manual has them.
#[must_use]
pub fn privileges(items: &[&AclItem]) -> String {
    const ORDER: [&str; 4] = ["select", "insert", "update", "delete"];
    let mut whole: BTreeMap<(usize, &str), Option<Vec<String>>> = BTreeMap::new();
    for item in items {
        let at = ORDER.iter().position(|one| *one == item.privilege);
        let key = (at.unwrap_or(ORDER.len()), item.privilege.as_str());
        match &item.column {
            None => drop(whole.insert(key, None)),
            Some(column) => {
                let columns = whole.entry(key).or_insert_with(|| Some(Vec::new()));
                columns
                    .iter_mut()
                    .for_each(|columns| columns.push(quote_ident(column)));
            }
        }
    }
    // A right to the table and one to a column of it stand beside each other.
    let mut texts = Vec::new();
    for ((_, privilege), columns) in whole {
        match columns {
            None => {
                texts.push(privilege.to_owned());
                let own = items.iter().filter(|one| one.privilege == *privilege);
                let columns: Vec<String> = own
                    .filter_map(|one| one.column.as_deref())
                    .map(quote_ident)
                    .collect();
                if !columns.is_empty() {
                    texts.push(format!("{privilege} ({})", columns.join(", ")));
                }
            }
            Some(columns) => texts.push(format!("{privilege} ({})", columns.join(", "))),
        }
    }
    texts.join(", ")
}

#[cfg(test)]
#[path = "closing_tests.rs"]
mod tests;
