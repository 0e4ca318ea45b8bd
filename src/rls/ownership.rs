//! Whose a row is, as far as names and foreign keys tell.

use crate::schema::{ForeignKey, Relation, Schema};
use crate::sql::QualifiedName;

/// Columns that hold whose a row is, by their names, the surest first.
const OWNERS: [&str; 6] = [
    "user_id",
    "owner_id",
    "profile_id",
    "account_id",
    "owner",
    "user_uuid",
];

/// Columns that do where nothing better is there.
const MAKERS: [&str; 4] = ["created_by", "author_id", "creator_id", "sender_id"];

/// Tables of users, by their names, where no foreign key says that they are.
const PEOPLE: [&str; 4] = ["profiles", "users", "accounts", "people"];

/// How many tables a path may lead through.
const LONGEST: usize = 5;

/// Where a row's user stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Owner {
    /// In a column of it.
    Column(Claim),
    /// In the row that a column of it points at.
    Through {
        /// The column.
        column: String,
        /// The table that it points at.
        parent: QualifiedName,
        /// The column there.
        key: String,
        /// Where that row's user stands.
        owner: Box<Owner>,
    },
}

/// A column that holds the id of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The column.
    pub column: String,
    /// Its type, as SQL writes it.
    pub type_name: String,
    /// What tells.
    pub found: Found,
}

/// What tells that a column holds the id of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// A foreign key to this table of users.
    ForeignKey(QualifiedName),
    /// Its name alone.
    Name,
}

impl Owner {
    /// How many tables it leads through.
    fn length(&self) -> usize {
        match self {
            Self::Column(_) => 0,
            Self::Through { owner, .. } => 1 + owner.length(),
        }
    }

    /// The column of the table itself.
    #[must_use]
    pub fn column(&self) -> &str {
        match self {
            Self::Column(claim) => &claim.column,
            Self::Through { column, .. } => column,
        }
    }

    /// What tells, at the end of the path.
    #[must_use]
    pub fn claim(&self) -> &Claim {
        match self {
            Self::Column(claim) => claim,
            Self::Through { owner, .. } => owner.claim(),
        }
    }
}

/// Finds owners in a database.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ownership<'a> {
    pub(super) schema: &'a Schema,
    /// The types that an id of a user can have.
    pub(super) types: &'a [&'a str],
}

impl<'a> Ownership<'a> {
    /// Where the user of a table's rows stands, if anything tells: in a column by a foreign key to
    /// users, by its name, through the nearest parent that has one, by the name of who made it.
    pub(super) fn owner(self, table: &'a Relation) -> Option<Owner> {
        self.within(table, &mut Vec::new())
    }

    fn within(self, table: &'a Relation, above: &mut Vec<&'a QualifiedName>) -> Option<Owner> {
        if above.len() > LONGEST || above.contains(&&table.name) {
            return None;
        }
        self.by_key(table)
            .or_else(|| self.by_name(table, &OWNERS))
            .or_else(|| self.as_people(table))
            .map(Owner::Column)
            .or_else(|| self.through(table, above))
            .or_else(|| self.by_name(table, &MAKERS).map(Owner::Column))
    }

    /// The foreign key to users whose column has the surest name; of equal ones the first column.
    fn by_key(self, table: &Relation) -> Option<Claim> {
        let keys = single(table).filter(|(_, key, target)| self.leads_to_user(key, target));
        let best = keys.min_by_key(|(column, _, _)| (rank(column), at(table, column)));
        let (column, key, _) = best?;
        self.claim(table, column, Found::ForeignKey(key.target.clone()))
    }

    fn leads_to_user(self, key: &ForeignKey, target: &str) -> bool {
        if is_auth_users(&key.target) {
            return true;
        }
        let Some(people) = self.schema.relations.get(&key.target) else {
            return false;
        };
        let user = self.person(people);
        user.is_some_and(|claim| claim.column == target)
    }

    /// The column by which a table has one row a user: unique, and a foreign key to auth.users, or
    /// `id` of a table whose name says so and that no such key says otherwise of.
    fn person(self, table: &Relation) -> Option<Claim> {
        let mut keys = single(table).filter(|(_, key, _)| is_auth_users(&key.target));
        let unique = keys.find(|(column, _, _)| is_unique(table, column));
        match unique {
            Some((column, key, _)) => {
                self.claim(table, column, Found::ForeignKey(key.target.clone()))
            }
            None => self.as_people(table),
        }
    }

    fn as_people(self, table: &Relation) -> Option<Claim> {
        let named = PEOPLE.contains(&table.name.name.as_str());
        let points = single(table).any(|(column, _, _)| column == "id");
        if named && is_unique(table, "id") && !points {
            self.claim(table, "id", Found::Name)
        } else {
            None
        }
    }

    /// A column of one of these names that does not point at something else.
    fn by_name(self, table: &Relation, names: &[&str]) -> Option<Claim> {
        let mut names = names.iter();
        names.find_map(|name| {
            if single(table).any(|(column, _, _)| column == *name) {
                return None;
            }
            self.claim(table, name, Found::Name)
        })
    }

    /// The shortest way through a parent; of equal ones the first column's.
    fn through(self, table: &'a Relation, above: &mut Vec<&'a QualifiedName>) -> Option<Owner> {
        above.push(&table.name);
        let mut best: Option<Owner> = None;
        let mut keys: Vec<_> = single(table).collect();
        keys.sort_by_key(|(column, _, _)| at(table, column));
        for (column, key, target) in keys {
            let parent = self.schema.relations.get(&key.target);
            let Some(owner) = parent.and_then(|parent| self.within(parent, above)) else {
                continue;
            };
            let way = Owner::Through {
                column: column.to_owned(),
                parent: key.target.clone(),
                key: target.to_owned(),
                owner: Box::new(owner),
            };
            if best
                .as_ref()
                .is_none_or(|best| way.length() < best.length())
            {
                best = Some(way);
            }
        }
        above.pop();
        best
    }

    fn claim(self, table: &Relation, column: &str, found: Found) -> Option<Claim> {
        let column = table.columns.iter().find(|one| one.name == column)?;
        let type_name = column.type_name.split('(').next().unwrap_or_default();
        self.types.contains(&type_name).then(|| Claim {
            column: column.name.clone(),
            type_name: type_name.to_owned(),
            found,
        })
    }
}

/// The foreign keys of one column, with that column and the one that it points at.
fn single(table: &Relation) -> impl Iterator<Item = (&str, &ForeignKey, &str)> {
    table.foreign_keys.iter().filter_map(|key| {
        match (key.columns.as_slice(), key.target_columns.as_slice()) {
            ([column], [target]) => Some((column.as_str(), key, target.as_str())),
            _ => None,
        }
    })
}

fn is_auth_users(name: &QualifiedName) -> bool {
    name.schema == "auth" && name.name == "users"
}

fn is_unique(table: &Relation, column: &str) -> bool {
    table.indexes.iter().any(|index| {
        let only = matches!(index.keys.as_slice(), [Some(key)] if key == column);
        only && index.valid && !index.partial && index.shape.starts_with("true ")
    })
}

fn rank(column: &str) -> usize {
    let mut names = OWNERS.iter().chain(&MAKERS);
    names
        .position(|name| *name == column)
        .unwrap_or(OWNERS.len() + MAKERS.len())
}

fn at(table: &Relation, column: &str) -> usize {
    let at = table.columns.iter().position(|one| one.name == column);
    at.unwrap_or(usize::MAX)
}

#[cfg(test)]
#[path = "ownership_tests.rs"]
mod tests;
