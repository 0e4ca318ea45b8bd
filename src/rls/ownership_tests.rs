use super::*;
use crate::rls::sample::{column, index, table};
use crate::schema::Column;

const TYPES: [&str; 3] = ["uuid", "text", "character varying"];

/// A table of these columns, each `name` or `name -> table.column`; the first is its key.
fn made(name: &str, columns: &[&str]) -> Relation {
    let mut made = table(name);
    for (nth, text) in columns.iter().enumerate() {
        let (name, target) = match text.split_once(" -> ") {
            Some((name, target)) => (name, Some(target)),
            None => (*text, None),
        };
        let (name, type_name) = name.split_once(": ").unwrap_or((name, "uuid"));
        made.columns.push(Column {
            type_name: type_name.to_owned(),
            ..column(name)
        });
        if nth == 0 {
            let mut key = index(&format!("{name}_key"), &[name]);
            key.shape = format!("true USING btree ({name})");
            made.indexes.push(key);
        }
        let Some(target) = target else { continue };
        let (table, key) = target.rsplit_once('.').unwrap();
        made.foreign_keys.push(ForeignKey {
            name: format!("{name}_fkey"),
            columns: vec![name.to_owned()],
            target: match table.split_once('.') {
                Some((schema, name)) => QualifiedName::new(schema, name),
                None => QualifiedName::new("public", table),
            },
            target_columns: vec![key.to_owned()],
        });
    }
    made
}

/// The way to the user, as `session_id → sessions.profile_id (profiles)`.
fn way(tables: &[Relation]) -> String {
    let schema = Schema {
        relations: tables
            .iter()
            .map(|one| (one.name.clone(), one.clone()))
            .collect(),
        ..Schema::default()
    };
    let ownership = Ownership {
        schema: &schema,
        types: &TYPES,
    };
    let told = |owner: &Owner| match owner {
        Owner::Column(claim) => match &claim.found {
            Found::ForeignKey(to) => format!("{} ({to})", claim.column),
            Found::Name => format!("{} (its name)", claim.column),
        },
        Owner::Through { .. } => unreachable!("it is unrolled"),
    };
    let mut text = String::new();
    let mut at = ownership.owner(&tables[0]);
    loop {
        match at {
            None => return format!("{text}nothing"),
            Some(Owner::Through {
                column,
                parent,
                key,
                owner,
            }) => {
                text.push_str(&format!("{column} → {}.{key}, ", parent.name));
                at = Some(*owner);
            }
            Some(owner) => return text + &told(&owner),
        }
    }
}

#[test]
fn a_foreign_key_to_users_is_surest() {
    let notes = [
        "id",
        "created_by -> auth.users.id",
        "owner_id -> auth.users.id",
        "user_id",
    ];
    assert_eq!(way(&[made("notes", &notes)]), "owner_id (auth.users)");
    let approved = ["id", "approved_by -> auth.users.id"];
    assert_eq!(way(&[made("notes", &approved)]), "approved_by (auth.users)");
}

#[test]
fn a_table_of_one_row_a_user_stands_for_users() {
    let profiles = made("profiles", &["id -> auth.users.id", "name: text"]);
    let notes = made("notes", &["id", "writer -> profiles.id"]);
    assert_eq!(way(&[notes, profiles.clone()]), "writer (public.profiles)");
    assert_eq!(way(&[profiles]), "id (auth.users)");
    // By another column than its user's it is a parent as any other.
    let members = made("members", &["user_id -> auth.users.id", "number"]);
    let notes = made("notes", &["id", "member -> members.number"]);
    assert_eq!(
        way(&[notes, members]),
        "member → members.number, user_id (auth.users)"
    );
    // Without auth.users the name tells.
    let users = made("users", &["id: text"]);
    let notes = made("notes", &["id", "writer: text -> users.id"]);
    assert_eq!(way(&[notes, users.clone()]), "writer (public.users)");
    assert_eq!(way(&[users]), "id (its name)");
}

#[test]
fn names_tell_where_no_key_does() {
    assert_eq!(
        way(&[made("notes", &["id", "owner_id"])]),
        "owner_id (its name)"
    );
    assert_eq!(
        way(&[made("notes", &["id", "author_id"])]),
        "author_id (its name)"
    );
    assert_eq!(
        way(&[made("notes", &["id", "owner_id: bigint"])]),
        "nothing"
    );
    assert_eq!(way(&[made("notes", &["id", "body: text"])]), "nothing");
    // A column that points at something else is not a user's.
    let accounts = made("ledgers", &["id"]);
    let notes = made("notes", &["id", "account_id -> ledgers.id"]);
    assert_eq!(way(&[notes, accounts]), "nothing");
}

#[test]
fn parents_lead_on_by_the_shortest_way() {
    let profiles = made("profiles", &["id -> auth.users.id"]);
    let sessions = made("sessions", &["id", "profile_id -> profiles.id"]);
    let turns = made("turns", &["id", "session_id -> sessions.id", "created_by"]);
    let marks = ["id", "turn_id -> turns.id", "session_id -> sessions.id"];
    let marks = made("marks", &marks);
    assert_eq!(
        way(&[turns.clone(), sessions.clone(), profiles.clone()]),
        "session_id → sessions.id, profile_id (public.profiles)"
    );
    assert_eq!(
        way(&[marks, turns, sessions, profiles]),
        "session_id → sessions.id, profile_id (public.profiles)"
    );
}

#[test]
fn circles_end() {
    let a = made("a", &["id", "parent -> a.id", "b -> b.id"]);
    let b = made("b", &["id", "a -> a.id"]);
    assert_eq!(way(&[a, b]), "nothing");
    let a = made("a", &["id", "parent -> a.id", "b -> b.id"]);
    let b = made("b", &["id", "a -> a.id", "user_id"]);
    assert_eq!(way(&[a, b]), "b → b.id, user_id (its name)");
}
