use super::*;

fn item(column: &str, privilege: &str, grantee: &str, grantor: &str) -> AclItem {
    AclItem {
        relation: QualifiedName::new("public", "notes"),
        column: (!column.is_empty()).then(|| column.to_owned()),
        privilege: privilege.to_owned(),
        grantee: match grantee {
            "public" => Grantee::Public,
            role => Grantee::role(role.trim_end_matches('*')),
        },
        grantor: grantor.to_owned(),
        grantable: grantee.ends_with('*'),
    }
}

fn owners() -> Owners {
    [(QualifiedName::new("public", "notes"), "owner".to_owned())].into()
}

fn closed() -> BTreeSet<Grantee> {
    [
        Grantee::Public,
        Grantee::role("anon"),
        Grantee::role("authenticated"),
    ]
    .into()
}

#[test]
fn what_the_owner_gave_goes_in_one_statement_a_role() {
    let acl = [
        item("", "select", "owner", "owner"),
        item("", "truncate", "anon", "owner"),
        item("", "select", "anon", "owner"),
        item("body", "update", "anon", "owner"),
        item("a b", "update", "anon", "owner"),
        item("", "select", "service_role", "owner"),
        item("", "insert", "public", "owner"),
    ];
    assert_eq!(
        revokes(&acl, &owners(), &closed()),
        [
            "revoke insert on table public.notes from public cascade;",
            "revoke select, update (body, \"a b\"), truncate on table public.notes from anon cascade;",
        ]
    );
    assert_eq!(revokes(&acl[..1], &owners(), &closed()), [""; 0]);
}

#[test]
fn what_hangs_on_it_goes_with_it_and_comes_back_behind_it() {
    let acl = [
        item("", "select", "authenticated", "reporting"),
        item("", "select", "reporting*", "anon"),
        item("", "select", "anon*", "owner"),
    ];
    assert_eq!(
        revokes(&acl, &owners(), &closed()),
        ["revoke select on table public.notes from anon cascade;"]
    );
    assert_eq!(
        undo(&acl, &owners()),
        [
            "grant select on table public.notes to anon with grant option;",
            "set local role anon;",
            "grant select on table public.notes to reporting with grant option;",
            "reset role;",
            "set local role reporting;",
            "grant select on table public.notes to authenticated;",
            "reset role;",
        ]
    );
}

#[test]
fn what_somebody_else_gave_is_taken_in_their_role_and_first() {
    let acl = [
        item("", "select", "lead*", "owner"),
        item("", "select", "anon", "lead"),
        item("", "delete", "anon*", "owner"),
        // Handed on for a column from a right to the table: CASCADE does not reach it.
        item("", "update", "anon*", "owner"),
        item("body", "update", "authenticated", "anon"),
    ];
    assert_eq!(
        revokes(&acl, &owners(), &closed()),
        [
            "set local role anon;",
            "revoke update (body) on table public.notes from authenticated cascade;",
            "reset role;",
            "set local role lead;",
            "revoke select on table public.notes from anon cascade;",
            "reset role;",
            "revoke update, delete on table public.notes from anon cascade;",
        ]
    );
}

#[test]
fn a_right_that_two_gave_is_not_taken_by_one() {
    let acl = [
        item("", "select", "anon*", "owner"),
        item("", "select", "anon*", "lead"),
        item("", "select", "lead*", "owner"),
        item("", "select", "reporting", "anon"),
    ];
    let statements = revokes(&acl, &owners(), &closed());
    assert_eq!(
        statements[1],
        "revoke select on table public.notes from anon cascade;"
    );
    assert_eq!(statements.len(), 4);
}

#[test]
fn a_right_to_the_table_and_one_to_a_column_stand_beside_each_other() {
    let both = [
        item("body", "select", "anon", "owner"),
        item("", "select", "anon", "owner"),
    ];
    assert_eq!(
        undo(&both, &owners()),
        ["grant select, select (body) on table public.notes to anon;"]
    );
}

#[test]
fn who_is_closed() {
    let role = |name: &str, superuser, has: &[&str]| Role {
        name: name.to_owned(),
        superuser,
        has_rights_of: has.iter().map(|one| (*one).to_owned()).collect(),
        ..Role::default()
    };
    let roles: BTreeMap<String, Role> = [
        role("authenticated", false, &["app", "root", "service_role"]),
        role("service_role", false, &["batch"]),
        role("app", false, &[]),
        role("batch", false, &[]),
        role("root", true, &[]),
    ]
    .map(|role| (role.name.clone(), role))
    .into();
    let named = |trusted| -> Vec<String> {
        let closed = closed_roles(&roles, &Scope::default(), trusted);
        closed.iter().map(ToString::to_string).collect()
    };
    assert_eq!(named(false), ["public", "app", "authenticated"]);
    assert_eq!(
        named(true),
        ["public", "app", "authenticated", "batch", "service_role"]
    );
}
