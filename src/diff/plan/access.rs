//! Whether somebody may do more than before: rights, policies, and what a view, a routine or a trigger
//! keeps from him.

use super::delta::Delta;
use super::partition::trigger_of_whole;
use crate::diff::emit::{is_covered, usual_rights};
use crate::schema::facts::{Fact, FactId, Kind, State};

/// Whether a fact that goes kept somebody from something. What is made anew is told where that is.
pub(super) fn loosens_by_drop(delta: &Delta, id: &FactId) -> bool {
    let Some(old) = delta.from.get(id) else {
        return false;
    };
    if delta.made.contains(id) {
        return false;
    }
    match id.kind {
        Kind::Policy => stays(delta, old) && is_asked(delta, id) && policy(Some(old), None),
        Kind::RowSecurity => stays(delta, old),
        Kind::OwnerRights | Kind::Grant => {
            let subject = id.subject();
            // With a new object, that says it.
            subject.is_some_and(|object| {
                delta.to.has(&object) && !delta.gone.contains(&object) && rights(delta, id)
            })
        }
        _ => false,
    }
}

/// Whether a fact that is made, or made anew, lets somebody do more.
pub(super) fn loosens_by_create(delta: &Delta, id: &FactId) -> bool {
    let (old, Some(new)) = (delta.from.get(id), delta.to.get(id)) else {
        return false;
    };
    match id.kind {
        Kind::Policy => {
            let table = delta.from.relation(id.part(0), id.part(1));
            table.is_some() && is_asked(delta, id) && policy(old, Some(new))
        }
        Kind::Grant | Kind::OwnerRights => {
            id.subject().is_some_and(|object| delta.from.has(&object)) && rights(delta, id)
        }
        Kind::PartitionTrigger => {
            // Made beside the one that it had, with the partition.
            let whole = delta.from.get(&trigger_of_whole(new));
            let link = FactId::new(Kind::Partition, [id.part(0), id.part(1)]);
            let had_it = delta.from.has(&link) && !delta.made.contains(&link);
            had_it && whole.is_some_and(|whole| fires(old.unwrap_or(whole))) && !fires(new)
        }
        kind if kind.is_routine() => {
            let before = predecessors(delta, id);
            let mut before = before.iter();
            before.any(|one| changed(delta, one, new) || forgets_rights(delta, &one.id, id))
        }
        _ => {
            let is_changed = old.is_some_and(|old| changed(delta, old, new));
            is_changed || old.is_some() && forgets_rights(delta, id, id)
        }
    }
}

/// Whether a fact that is changed where it is lets somebody do more.
pub(super) fn loosens_by_change(delta: &Delta, old: &Fact, new: &Fact) -> bool {
    match new.id.kind {
        Kind::Policy => is_asked(delta, &new.id) && policy(Some(old), Some(new)),
        Kind::Grant | Kind::OwnerRights => rights(delta, &new.id),
        _ => changed(delta, old, new),
    }
}

/// Whether the table of a fact is there before and after.
fn stays(delta: &Delta, fact: &Fact) -> bool {
    let parent = fact.parent.as_ref();
    parent.is_some_and(|parent| delta.to.has(parent))
}

/// Whether policies of a table are asked at first: where they are not, everybody had every row.
fn is_asked(delta: &Delta, policy: &FactId) -> bool {
    let security = FactId::new(Kind::RowSecurity, [policy.part(0), policy.part(1)]);
    let security = delta.from.get(&security);
    security.is_some_and(|security| security.flag("enabled"))
}

/// Whether another policy, or none, shows more rows or takes more of them.
fn policy(old: Option<&Fact>, new: Option<&Fact>) -> bool {
    let is_restrictive = |fact: &Fact| fact.flag("restrictive");
    let restricts = old.filter(|one| is_restrictive(one));
    let permits = old.filter(|one| !is_restrictive(one));
    let lost = restricts.is_some_and(|old| {
        let new = new.filter(|new| is_restrictive(new));
        new.is_none_or(|new| !reaches(new, old) || weakens(old, new, false))
    });
    let new = new.filter(|new| !is_restrictive(new));
    lost || new
        .is_some_and(|new| permits.is_none_or(|old| !reaches(old, new) || weakens(old, new, true)))
}

/// Whether a policy is for all the commands and roles that another one is for.
fn reaches(wide: &Fact, narrow: &Fact) -> bool {
    let command = |fact: &Fact| fact.text("command").unwrap_or("all").to_owned();
    let is_command = command(wide) == "all" || command(wide) == command(narrow);
    let roles = wide.list("roles");
    let has = |role: &String| roles.contains(role) || roles.iter().any(|one| one == "public");
    is_command && narrow.list("roles").iter().all(has)
}

/// Whether what a policy asks of rows is another thing: it may be less. Without an expression, one that
/// permits does so for none, and one that restricts leaves all.
fn weakens(old: &Fact, new: &Fact, permits: bool) -> bool {
    // Without a check of its own, what is shown is what may be written.
    let check = |fact: &Fact| {
        let text = fact.text("check").or(fact.text("using"));
        let writes = !matches!(fact.text("command"), Some("select" | "delete"));
        text.filter(|_| writes).map(str::to_owned)
    };
    let using = |fact: &Fact| fact.text("using").map(str::to_owned);
    [(using(old), using(new)), (check(old), check(new))]
        .into_iter()
        .any(|(before, after)| match (before, after) {
            (None, Some(_)) => permits,
            (Some(_), None) => !permits,
            (before, after) => before != after,
        })
}

/// The rights that somebody has to an object: those that are told, or those that are there by default.
fn held(state: &State, right: &FactId) -> Vec<String> {
    if let Some(fact) = state.get(right) {
        return fact.list("privileges").to_vec();
    }
    match right.subject() {
        Some(object) if right.kind == Kind::Grant && right.last() == "public" => {
            usual_rights(object.kind)
        }
        _ => Vec::new(),
    }
}

/// Whether somebody has rights to an object that he did not have.
fn rights(delta: &Delta, right: &FactId) -> bool {
    if right.kind == Kind::OwnerRights {
        // Where nothing is told, he has them all.
        let has = delta.from.has(right);
        return has && (!delta.to.has(right) || exceeds(delta, right, right));
    }
    exceeds(delta, right, right)
}

fn exceeds(delta: &Delta, before: &FactId, after: &FactId) -> bool {
    let (before, after) = (held(delta.from, before), held(delta.to, after));
    after.iter().any(|right| !is_covered(right, &before))
}

/// Whether an object that is made anew has rights by default that its predecessor had not.
fn forgets_rights(delta: &Delta, before: &FactId, after: &FactId) -> bool {
    let by = |object: &FactId, kind, to| FactId::about(kind, object, to);
    let everybody = [before, after].map(|one| by(one, Kind::Grant, Some("public")));
    let owner = [before, after].map(|one| by(one, Kind::OwnerRights, None));
    let is_owners = delta.from.has(&owner[0]) && !delta.to.has(&owner[1]);
    let is_default = !delta.to.has(&everybody[1]);
    is_owners || is_default && exceeds(delta, &everybody[0], &everybody[1])
}

/// What a routine that is made stands for: itself, or those of its name with other arguments that go
/// for good.
fn predecessors<'d>(delta: &Delta<'d>, id: &FactId) -> Vec<&'d Fact> {
    if let Some(old) = delta.from.get(id) {
        return vec![old];
    }
    let all = delta.from.of_kind(id.kind);
    all.filter(|one| one.id.path()[..2] == id.path()[..2] && !delta.to.has(&one.id))
        .collect()
}

/// Whether another form of a thing keeps less from those who use it.
fn changed(delta: &Delta, old: &Fact, new: &Fact) -> bool {
    match new.id.kind {
        Kind::RowSecurity => {
            let is_lost = |key| old.flag(key) && !new.flag(key);
            is_lost("enabled") || is_lost("forced")
        }
        Kind::View => {
            let lost = |key| option(old, key).is_some() && option(new, key).is_none();
            let check = |fact| option(fact, "check_option");
            let weakens = check(old) == Some("cascaded") && check(new) == Some("local");
            weakens
                || ["security_invoker", "security_barrier", "check_option"]
                    .into_iter()
                    .any(lost)
        }
        Kind::Function | Kind::Procedure => {
            let [before, after] = [old, new].map(Manner::of);
            after.definer && (!before.definer || before.has_path && !after.has_path)
                || after.leakproof && !before.leakproof
        }
        Kind::Trigger | Kind::EventTrigger | Kind::PartitionTrigger => {
            stays_as_it_is(delta, new) && fires(old) && !fires(new)
        }
        _ => false,
    }
}

/// Whether a trigger fires in sessions as they are.
fn fires(trigger: &Fact) -> bool {
    !matches!(trigger.text("enabled"), Some("disabled" | "replica"))
}

/// Whether a trigger's table, if it has one, had it before.
fn stays_as_it_is(delta: &Delta, trigger: &Fact) -> bool {
    trigger
        .parent
        .as_ref()
        .is_none_or(|table| delta.from.has(table))
}

/// The value of an option of a view, unless it is off.
fn option<'f>(view: &'f Fact, name: &str) -> Option<&'f str> {
    let mut options = view.list("options").iter();
    let value = options.find_map(|one| one.strip_prefix(name)?.strip_prefix('='))?;
    let is_off = ["false", "off", "no", "0"].contains(&value.to_lowercase().as_str());
    (!is_off).then_some(value)
}

/// How a routine is run.
struct Manner {
    definer: bool,
    leakproof: bool,
    has_path: bool,
}

impl Manner {
    fn of(routine: &Fact) -> Self {
        let mut manner = Self {
            definer: false,
            leakproof: false,
            has_path: false,
        };
        let text = routine.text("definition").unwrap_or_default();
        // What is before it, arguments and their defaults, may have any words.
        let lines = text
            .lines()
            .skip_while(|line| !line.starts_with(" LANGUAGE "));
        for line in lines {
            if ["AS ", "BEGIN ATOMIC", "RETURN "]
                .into_iter()
                .any(|end| line.starts_with(end))
            {
                break;
            }
            if line.starts_with(" SET ") {
                manner.has_path |= line.starts_with(" SET search_path ");
                continue;
            }
            manner.definer |= line.contains(" SECURITY DEFINER");
            manner.leakproof |= line.contains(" LEAKPROOF");
        }
        manner
    }
}
