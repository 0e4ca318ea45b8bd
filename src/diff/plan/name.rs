//! Names for a while: nothing has them in either state, and they are no longer than PostgreSQL's.

use std::collections::BTreeSet;

use super::delta::Delta;
use crate::checksum::Fingerprint;
use crate::schema::facts::{FactId, Kind, State};

/// How many bytes a name may have.
const LONGEST: usize = 63;

/// The names of schemas' objects, and of the constraints and indexes of their tables.
#[derive(Debug, Default)]
pub(super) struct Taken(BTreeSet<(String, String)>);

impl Taken {
    pub(super) fn of(states: [&State; 2]) -> Self {
        let ids = states.into_iter().flat_map(|state| state.facts().keys());
        let has_name = |id: &&FactId| {
            id.kind.is_relation()
                || matches!(
                    id.kind,
                    Kind::Enum
                        | Kind::Composite
                        | Kind::Range
                        | Kind::Domain
                        | Kind::Collation
                        | Kind::Sequence
                        | Kind::Index
                        | Kind::Constraint
                        | Kind::ForeignKey
                )
        };
        let names = ids.filter(has_name);
        Self(
            names
                .map(|id| (id.part(0).to_owned(), id.last().to_owned()))
                .collect(),
        )
    }
}

impl Delta<'_> {
    /// A name that begins like this one and ends with this, and that nothing of the schema has.
    pub(super) fn free_name(&self, schema: &str, name: &str, end: &str) -> String {
        let ends = std::iter::once(end.to_owned()).chain((2..).map(|n| format!("{end}{n}")));
        let mut candidates = ends.map(|end| fitting(name, &end));
        candidates
            .find(|one| !self.taken.0.contains(&(schema.to_owned(), one.clone())))
            .expect("there are names without end")
    }
}

/// The name with the end; what does not fit is told by a few digits, so that two long names that begin
/// alike do not become one.
fn fitting(name: &str, end: &str) -> String {
    if name.len() + end.len() <= LONGEST {
        return format!("{name}{end}");
    }
    let fingerprint = Fingerprint::of(&[name.to_owned()]).to_string();
    let digits = &fingerprint[..8];
    let mut room = LONGEST - end.len() - digits.len() - 1;
    while !name.is_char_boundary(room) {
        room -= 1;
    }
    format!("{}_{digits}{end}", &name[..room])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::facts::Fact;

    #[test]
    fn a_free_name_is_short_enough_whole_and_nobodys() {
        let mut state = State::new(150_000, "me");
        let to = State::new(150_000, "me");
        let free = |state: &State, name: &str| Delta::of(state, &to).free_name("a", name, "__old");
        assert_eq!(free(&state, "t"), "t__old");
        state.insert(Fact::new(FactId::new(Kind::Enum, ["a", "t__old"]), None));
        state.insert(Fact::new(
            FactId::new(Kind::Index, ["a", "x", "t__old2"]),
            None,
        ));
        assert_eq!(free(&state, "t"), "t__old3");
        assert_eq!(free(&state, &"x".repeat(58)), "x".repeat(58) + "__old");
        let long = [
            "x".repeat(63),
            "x".repeat(62) + "y",
            "ä".repeat(31),
            format!("x{}", "ä".repeat(31)),
        ];
        let names: BTreeSet<String> = long.iter().map(|name| free(&state, name)).collect();
        assert_eq!(names.len(), long.len());
        for name in names {
            assert!(name.len() <= LONGEST && name.len() > 60, "{name}");
            assert!(name.ends_with("__old"), "{name}");
        }
    }
}
