//! The words of targets that mean nothing.

use crate::graph::{TargetDefect, TargetError};
use crate::render::{Description, Exit};
use crate::revision::{Direction, RevisionId};

/// How many revisions are listed before the rest is counted.
const LISTED: usize = 10;

/// A command as it is typed before its target; empty where a target alone says more, because the
/// command takes a range.
pub(super) fn typed(command: &str) -> &str {
    match command {
        "history" => "",
        "revision" => "revision --head",
        "migrate" => "migrate --head",
        other => other,
    }
}

/// What an error about a target needs to know to be helpful.
pub(super) struct Asked<'a> {
    /// The command as typed before its target: `upgrade`, `stamp`, `revision --head`.
    pub(super) command: &'a str,
    /// What stands beside a revision's id where it is listed: its message and its path, say.
    pub(super) about: &'a dyn Fn(&str) -> Vec<String>,
}

impl Asked<'_> {
    fn command(&self, target: &str) -> String {
        if self.command.is_empty() {
            format!("`{target}`")
        } else {
            format!("`grace-migrate {} {target}`", self.command)
        }
    }

    /// The same for a target that a slip of the pen made another. Where a command takes several,
    /// it is named alone.
    fn instead(&self, target: &str) -> String {
        match self.command {
            "revision --head" | "migrate --head" | "merge" | "stamp" => format!("`{target}`"),
            _ => self.command(target),
        }
    }

    fn listed<S: AsRef<str>>(&self, mut to: Description, names: &[S]) -> Description {
        for name in names.iter().take(LISTED) {
            let name = name.as_ref();
            to = to.fact([vec![name.to_owned()], (self.about)(name)].concat());
        }
        counted(to, names.len())
    }

    fn standing<S: AsRef<str>>(&self, to: Description, current: &[S]) -> Description {
        match current {
            [] => to.fact(["the database stands at `base`"]),
            current => {
                let rows = current.iter().take(LISTED).map(AsRef::as_ref);
                let rows = rows.map(|row| (row, (self.about)(row)));
                let cells = |(row, about): (&str, Vec<String>)| {
                    [vec!["current".to_owned(), row.to_owned()], about].concat()
                };
                counted(rows.map(cells).fold(to, Description::fact), current.len())
            }
        }
    }
}

/// Counts what a list of `len` leaves out.
fn counted(to: Description, len: usize) -> Description {
    match len.checked_sub(LISTED) {
        None | Some(0) => to,
        Some(more) => to.fact([format!("and {more} more")]),
    }
}

/// Says why a target means nothing here. Whoever knows what else was done says so.
pub(super) fn target(error: &TargetError, asked: &Asked<'_>) -> Description {
    let say = |message: String| Description::new(error.code(), Exit::Refused, message);
    match error {
        TargetError::Unknown {
            target,
            name,
            candidates,
        } => {
            let said = say(format!("`{name}` is neither a revision nor a label"));
            let said = asked.listed(said, candidates);
            match candidates.first() {
                Some(nearest) => said.hint(format!(
                    "perhaps you mean {}",
                    asked.instead(&target.replacen(name.as_str(), nearest, 1))
                )),
                None => said.hint("see what there is: `grace-migrate history`"),
            }
        }
        TargetError::Ambiguous {
            target,
            name,
            matches,
        } => {
            let said = say(format!("{} names begin with `{name}`", matches.len()));
            let said = asked.listed(said, matches);
            match matches.first() {
                Some(first) => said.hint(format!(
                    "write more of it: {}",
                    asked.instead(&target.replacen(name.as_str(), first, 1))
                )),
                None => said,
            }
        }
        TargetError::NotOnBranch {
            revision, branch, ..
        } => {
            let said = say(format!("revision `{revision}` is not on branch `{branch}`"));
            asked
                .listed(said, &[revision.as_str()])
                .hint(format!(
                    "name it alone: {}",
                    asked.command(revision.as_str())
                ))
                .hint(format!(
                    "or see the branch: `grace-migrate history -r {branch}@base:`"
                ))
        }
        TargetError::MultipleHeads {
            target,
            heads,
            apart,
            branch_point,
        } => {
            let whose = match target.split_once('@') {
                Some((branch, _)) => format!("branch `{branch}`"),
                None => "the graph".to_owned(),
            };
            let ids: Vec<&str> = heads.iter().map(RevisionId::as_str).collect();
            let said = say(format!(
                "`{target}` is ambiguous: {whose} has {} heads",
                heads.len()
            ));
            let mut said = asked.listed(said, &ids);
            if let Some(point) = branch_point {
                said = said.fact([format!("branch point: {point}")]);
            }
            let all = match target.split_once('@') {
                Some((branch, _)) => format!("{branch}@heads"),
                None => "heads".to_owned(),
            };
            said = match asked.command {
                "downgrade" => said,
                "upgrade" => said.hint(format!("upgrade every branch: {}", asked.command(&all))),
                _ => said.hint(format!("mean every branch: {}", asked.command(&all))),
            };
            said = said.hint(format!("name one of them: {}", asked.command(ids[0])));
            if let 2..=3 = apart.len() {
                let apart: Vec<&str> = apart.iter().map(RevisionId::as_str).collect();
                said = said.hint(format!(
                    "or join them: `grace-migrate merge {} -m \"<message>\"`",
                    apart.join(" ")
                ));
            }
            said
        }
        TargetError::AmbiguousWalk {
            target,
            from,
            direction,
            choices,
        } => {
            let ids: Vec<&str> = choices.iter().map(RevisionId::as_str).collect();
            let from = match &from[..] {
                [] => "`base`".to_owned(),
                [one] => format!("`{one}`"),
                many => format!("{} revisions", many.len()),
            };
            let way = match direction {
                Direction::Upgrade => "up",
                Direction::Downgrade => "down",
            };
            let said = say(format!(
                "`{target}` is ambiguous: {} ways lead {way} from {from}",
                choices.len()
            ));
            asked
                .listed(said, &ids)
                .hint(format!("name one of them: {}", asked.command(ids[0])))
        }
        TargetError::WalkedTooFar {
            target,
            asked: steps,
            available,
        } => {
            let there = match available {
                0 => "there is none to go".to_owned(),
                1 => "there is only 1".to_owned(),
                many => format!("there are only {many}"),
            };
            let noun = if *steps == 1 { "step" } else { "steps" };
            let said = say(format!("`{target}` goes {steps} {noun}, and {there}"));
            if *available == 0 {
                return match asked.command {
                    "upgrade" | "downgrade" => {
                        said.hint("see where the database stands: `grace-migrate current`")
                    }
                    _ => said,
                };
            }
            let stem = target.trim_end_matches(|c: char| c.is_ascii_digit());
            said.hint(format!(
                "as far as it goes: {}",
                asked.command(&format!("{stem}{available}"))
            ))
        }
        TargetError::WrongWay { target, direction } => match direction {
            Direction::Upgrade => say(format!("`{target}` goes down, and an upgrade goes up"))
                .hint(format!("go down: `grace-migrate downgrade {target}`")),
            Direction::Downgrade => say(format!("`{target}` goes up, and a downgrade goes down"))
                .hint(format!("go up: `grace-migrate upgrade {target}`")),
        },
        TargetError::NoStart { target } => {
            let (branch, steps) = target
                .split_once('@')
                .map_or(("", target.as_str()), |(branch, steps)| (branch, steps));
            let at = if branch.is_empty() { "" } else { "@" };
            say(format!("`{target}` does not say from where to go up"))
                .hint(format!(
                    "from the base: {}",
                    asked.command(&format!("{branch}{at}base{steps}"))
                ))
                .hint(format!(
                    "from where the database stands: {}",
                    asked.command(&format!("{branch}{at}current{steps}"))
                ))
        }
        TargetError::NoCurrent { target } => say(format!(
            "`{target}` asks where the database stands, and no database is asked here"
        ))
        .hint(format!("name a revision: {}", asked.command("<revision>"))),
        TargetError::NotApplied {
            revision, current, ..
        } => {
            let current: Vec<&str> = current.iter().map(RevisionId::as_str).collect();
            let said = say(format!("revision `{revision}` is not applied"));
            asked
                .standing(said, &current)
                .hint(format!("go up to it: `grace-migrate upgrade {revision}`"))
        }
        TargetError::OnlyDependedOn {
            revision,
            dependants,
            ..
        } => {
            let ids: Vec<&str> = dependants.iter().map(RevisionId::as_str).collect();
            let said = say(format!(
                "nothing applied stands on revision `{revision}`, though {}",
                match ids[..] {
                    [_] => "this one depends on it",
                    _ => "these depend on it",
                }
            ));
            asked.listed(said, &ids).hint(format!(
                "undo what depends on it: `grace-migrate downgrade {}-1`",
                ids[0]
            ))
        }
        TargetError::BranchNotApplied {
            branch, current, ..
        } => {
            let current: Vec<&str> = current.iter().map(RevisionId::as_str).collect();
            let said = say(format!("nothing of branch `{branch}` alone is applied"));
            asked.standing(said, &current)
        }
        TargetError::NotALine { range, start } => say(format!(
            "`{range}` is no range: its end does not stand on `{start}`"
        ))
        .hint("put the older end first, on one line of the graph")
        .hint("see the lines: `grace-migrate history --graph`"),
    }
}

/// Says why a text is no target, and where.
pub(super) fn target_defect(defect: &TargetDefect, command: &str) -> Description {
    let help = if command == "history" {
        "see what can be a range: `grace-migrate history --help`"
    } else {
        "see what can be a target: `grace-migrate upgrade --help`"
    };
    let before = defect.text.get(..defect.span.start).unwrap_or("");
    let before = before.chars().count();
    let width = defect.text.get(defect.span.start..defect.span.end);
    let width = width.map_or(1, |part| part.chars().count().max(1));
    let say = |message: String| Description::new(defect.code(), Exit::Refused, message);
    if defect.text.is_empty() {
        return say("the target is empty".to_owned()).hint(help);
    }
    say(defect.to_string())
        .fact([format!(
            "{}\n{}{}",
            defect.text,
            " ".repeat(before),
            "^".repeat(width)
        )])
        .hint(help)
}

#[cfg(test)]
mod tests;
