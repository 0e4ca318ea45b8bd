//! Passwords that were typed as arguments: no error repeats them.

use crate::config::redacted;
use crate::render::Description;

/// The description, with the passwords hidden that stand in the process's arguments, wherever these are
/// repeated in it.
pub(super) fn hidden(description: &Description, arguments: &[String]) -> Description {
    let mut shown = description.clone();
    for argument in arguments {
        for word in words(argument) {
            let hidden = redacted(word);
            if hidden != word {
                replace(&mut shown, word, &hidden);
            }
        }
    }
    shown
}

/// An argument, and what of it stands behind its option or the word of its kind.
fn words(argument: &str) -> impl Iterator<Item = &str> {
    let value = argument
        .strip_prefix("--")
        .and_then(|rest| rest.split_once('='))
        .map(|(_, value)| value);
    let file = argument.strip_prefix("file:");
    [Some(argument), value, file].into_iter().flatten()
}

fn replace(description: &mut Description, word: &str, hidden: &str) {
    let texts = [&mut description.message].into_iter();
    let texts = texts.chain(description.facts.iter_mut().flatten());
    let texts = texts.chain(&mut description.hints);
    let texts = texts.chain(&mut description.attachment);
    let texts = texts.chain(&mut description.outcome);
    let findings = description.findings.iter_mut();
    let messages = findings.flat_map(|one| [Some(&mut one.message), one.help.as_mut()]);
    for text in texts.chain(messages.flatten()) {
        *text = text.replace(word, hidden);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::Exit;

    #[test]
    fn what_was_typed_is_hidden_wherever_it_is_repeated() {
        for (argument, said, shown) in [
            (
                "host=h password=hunter2",
                "`host=h password=hunter2` is no state",
                "`host=h password=***` is no state",
            ),
            (
                "postgresq://u:hunter3@x/y",
                "no `postgresq://u:hunter3@x/y`",
                "no `postgresq://u:***@x/y`",
            ),
            (
                "postgresql:/u:hunter3@x/y",
                "no `postgresql:/u:hunter3@x/y`",
                "no `postgresql:/u:***@x/y`",
            ),
            (
                "file:postgres://u:hunter8@x/y",
                "`postgres://u:hunter8@x/y`: no such file",
                "`postgres://u:***@x/y`: no such file",
            ),
            (
                "--state=password=hunter6",
                "unexpected `password=hunter6`",
                "unexpected `password=***`",
            ),
            (
                "a:b@head",
                "`a:b@head` is no state",
                "`a:b@head` is no state",
            ),
        ] {
            let description = Description::new("unknown-state", Exit::Refused, said)
                .fact(["typed", said])
                .hint(said);
            let found = hidden(&description, &[argument.to_owned()]);
            assert_eq!(found.message, shown);
            assert_eq!(found.facts, [["typed", shown]]);
            assert_eq!(found.hints, [shown]);
        }
    }
}
