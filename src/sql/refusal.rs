//! What may not stand in a script, because it would break what a revision promises.

use std::path::Path;

use super::statement::Head;
use super::transaction::outside_only;
use super::{Span, Surroundings, Token, TokenKind, tokenize};
use crate::diagnostic::{Diagnostic, Place};

/// Something that may not stand in a script. Found before anything is connected to or run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A statement that begins, ends or prepares a transaction.
    #[error("`{command}` may not stand in a script")]
    TransactionControl {
        /// The command.
        command: &'static str,
        /// The words that name it.
        span: Span,
    },
    /// A statement that would let go of the lock that keeps other runners out.
    #[error("`{command}` would drop the lock that keeps other runs out")]
    DropsLock {
        /// The command.
        command: &'static str,
        /// The words that name it.
        span: Span,
    },
    /// A statement that cannot run in a transaction block, in a script that runs in one.
    #[error("`{command}` cannot run in a transaction")]
    NotInTransaction {
        /// The command.
        command: &'static str,
        /// Its first word.
        span: Span,
    },
    /// A meta-command of psql.
    #[error("`{command}` is a command of psql, not SQL")]
    MetaCommand {
        /// Its name, with the backslash.
        command: String,
        /// The whole command.
        span: Span,
    },
    /// A setting that changes how the text of the script itself is read.
    #[error("changing `{setting}` changes how the script itself is read")]
    ReadingChanged {
        /// `standard_conforming_strings` or `client_encoding`.
        setting: &'static str,
        /// The statement.
        span: Span,
    },
    /// What outlives the transaction and cannot be taken back in it, behind a transaction pooler.
    #[error("`{command}` outlives the transaction, and would be left to others behind the pooler")]
    OutlivesTransaction {
        /// The command, or the function that is called.
        command: &'static str,
        /// The words that name it.
        span: Span,
    },
    /// `COPY … TO stdout`: there is nobody to take the data.
    #[error("`COPY … TO stdout` sends data that nobody takes")]
    CopyToClient {
        /// The word after TO.
        span: Span,
    },
}

impl Refusal {
    /// Its code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::TransactionControl { .. } => "transaction-control-in-script",
            Self::DropsLock { .. } => "lock-dropped-in-script",
            Self::NotInTransaction { .. } => "not-in-transaction",
            Self::MetaCommand { .. } => "meta-command",
            Self::ReadingChanged { .. } => "reading-changed-in-script",
            Self::OutlivesTransaction { .. } => "outlives-transaction",
            Self::CopyToClient { .. } => "copy-to-client",
        }
    }

    /// Where it stands.
    #[must_use]
    pub fn span(&self) -> Span {
        match self {
            Self::TransactionControl { span, .. }
            | Self::DropsLock { span, .. }
            | Self::NotInTransaction { span, .. }
            | Self::MetaCommand { span, .. }
            | Self::ReadingChanged { span, .. }
            | Self::OutlivesTransaction { span, .. }
            | Self::CopyToClient { span } => *span,
        }
    }

    /// The finding, in `text`, the content of the file at `path`.
    #[must_use]
    pub fn to_diagnostic(&self, path: &Path, text: &str) -> Diagnostic {
        let help = match self {
            Self::TransactionControl { .. } => {
                "remove it: grace-migrate begins and ends the transaction of each revision"
            }
            Self::DropsLock { .. } => "remove it",
            Self::NotInTransaction { .. } => {
                "write `-- transaction: off` in the script's header; best in a revision that does \
                 nothing else"
            }
            Self::MetaCommand { .. } => {
                "write it as SQL: scripts are sent to the server, not to psql"
            }
            Self::ReadingChanged { setting, .. } => match *setting {
                "client_encoding" => "remove it: scripts are UTF-8",
                _ => "remove it, and write literals with backslash escapes as `E'…'`",
            },
            Self::OutlivesTransaction { command, .. } => match *command {
                "PREPARE" => "write the statement itself",
                _ => "take the lock for the transaction: `pg_advisory_xact_lock`",
            },
            Self::CopyToClient { .. } => "remove it, or copy to a file on the server",
        };
        Diagnostic::error(self.code(), self.to_string())
            .at(Place::in_text(path, text, self.span()))
            .help(help)
    }
}

/// All that may not stand in the script `text`, in order. Literals, bodies, comments and COPY data
/// are not looked into, so that the same words there are fine.
#[must_use]
pub fn refusals(text: &str, surroundings: Surroundings) -> Vec<Refusal> {
    let mut judge = Judge {
        surroundings,
        head: Head {
            text,
            tokens: Vec::new(),
        },
        call: None,
        refusals: Vec::new(),
    };
    for token in tokenize(text) {
        judge.see(token);
    }
    judge.statement_ends();
    judge.refusals.sort_by_key(Refusal::span);
    judge.refusals
}

/// Functions that may not be called: the first one never, the others not behind a transaction pooler.
const FUNCTIONS: [&str; 5] = [
    "pg_advisory_unlock_all",
    "pg_advisory_lock",
    "pg_advisory_lock_shared",
    "pg_try_advisory_lock",
    "pg_try_advisory_lock_shared",
];

/// A function of [`FUNCTIONS`] that is named.
#[derive(Clone, Copy)]
struct Call {
    function: &'static str,
    span: Span,
    /// A parenthesis has followed.
    made: bool,
}

/// Looks at a script token by token and keeps no more than the head of one statement.
struct Judge<'a> {
    surroundings: Surroundings,
    head: Head<'a>,
    /// The function that was named last, or the first that is called.
    call: Option<Call>,
    refusals: Vec<Refusal>,
}

impl Judge<'_> {
    fn see(&mut self, token: Token) {
        let text = self.head.text;
        match token.kind {
            TokenKind::Terminator => self.statement_ends(),
            TokenKind::MetaCommand => {
                let command = token.text(text).split_ascii_whitespace().next();
                let command = command.unwrap_or("\\").to_owned();
                let span = token.span;
                self.refusals.push(Refusal::MetaCommand { command, span });
            }
            TokenKind::CopyData | TokenKind::CopyEnd | TokenKind::AfterCopy => {}
            kind if kind.is_significant() => {
                if self.head.tokens.len() < Head::LENGTH {
                    self.head.tokens.push(token);
                }
                match &mut self.call {
                    Some(call) if kind == TokenKind::OpenParenthesis => call.made = true,
                    Some(Call { made: true, .. }) => {}
                    _ => {
                        self.call = token.identifier(text).and_then(|name| {
                            let mut functions = self.functions().iter();
                            let function = functions.find(|function| **function == name)?;
                            Some(Call {
                                function,
                                span: token.span,
                                made: false,
                            })
                        });
                    }
                }
            }
            _ => {}
        }
    }

    fn statement_ends(&mut self) {
        let call = self.call.take();
        let found = self.judge(call);
        self.refusals.extend(found);
        self.head.tokens.clear();
    }

    /// The functions that may not be called.
    fn functions(&self) -> &'static [&'static str] {
        match self.surroundings {
            Surroundings::Pooled => &FUNCTIONS,
            Surroundings::TransactionBlock | Surroundings::Bare => &FUNCTIONS[..1],
        }
    }

    fn judge(&self, call: Option<Call>) -> Option<Refusal> {
        let head = &self.head;
        let first = head.tokens.first()?;
        let words = |count: usize| {
            let last = head.tokens.get(count - 1).unwrap_or(first);
            Span::new(first.span.start, last.span.end)
        };
        if let Some(command) = outside_only(head) {
            return (self.surroundings != Surroundings::Bare).then_some(
                Refusal::NotInTransaction {
                    command,
                    span: first.span,
                },
            );
        }
        if let Some((command, count)) = transaction_control(head) {
            let span = words(count);
            return Some(Refusal::TransactionControl { command, span });
        }
        if head.has(0, &["DISCARD", "ALL"]) {
            let span = words(2);
            let command = "DISCARD ALL";
            return Some(Refusal::DropsLock { command, span });
        }
        if let Some(Call {
            function,
            span,
            made: true,
        }) = call
            && !DEFINES.iter().any(|verb| head.has(0, &[verb]))
        {
            return Some(if function == FUNCTIONS[0] {
                let command = "pg_advisory_unlock_all()";
                Refusal::DropsLock { command, span }
            } else {
                let command = function;
                Refusal::OutlivesTransaction { command, span }
            });
        }
        if self.surroundings == Surroundings::Pooled && head.has(0, &["PREPARE"]) {
            let (command, span) = ("PREPARE", first.span);
            return Some(Refusal::OutlivesTransaction { command, span });
        }
        if let Some(setting) = changes_reading(head) {
            let span = words(head.tokens.len());
            return Some(Refusal::ReadingChanged { setting, span });
        }
        if head.has(0, &["COPY"]) {
            let to_client = |word| head.find(&["TO", word]);
            let at = to_client("STDOUT").or_else(|| to_client("STDIN"))?;
            let span = head.tokens[at + 1].span;
            return Some(Refusal::CopyToClient { span });
        }
        None
    }
}

/// Statements that name functions without calling them.
const DEFINES: [&str; 7] = [
    "CREATE", "ALTER", "DROP", "COMMENT", "GRANT", "REVOKE", "SECURITY",
];

/// The command that begins, ends or prepares a transaction, and how many words name it.
/// `ROLLBACK TO` a savepoint is none.
fn transaction_control(head: &Head<'_>) -> Option<(&'static str, usize)> {
    let noise = ["WORK", "TRANSACTION"];
    let after_noise = 1 + usize::from(noise.iter().any(|word| head.has(1, &[word])));
    match () {
        () if head.has(0, &["BEGIN"]) => Some(("BEGIN", 1)),
        () if head.has(0, &["START", "TRANSACTION"]) => Some(("START TRANSACTION", 2)),
        () if head.has(0, &["COMMIT"]) => Some(("COMMIT", 1)),
        () if head.has(0, &["END"]) => Some(("END", 1)),
        () if head.has(0, &["ABORT"]) => Some(("ABORT", 1)),
        () if head.has(0, &["PREPARE", "TRANSACTION"]) => Some(("PREPARE TRANSACTION", 2)),
        () if head.has(0, &["ROLLBACK"]) && !head.has(after_noise, &["TO"]) => {
            Some(("ROLLBACK", 1))
        }
        () => None,
    }
}

/// The setting that a SET changes so that the text that follows would be read otherwise.
fn changes_reading(head: &Head<'_>) -> Option<&'static str> {
    if !head.has(0, &["SET"]) {
        return None;
    }
    let scope = ["LOCAL", "SESSION"];
    let name = 1 + usize::from(scope.iter().any(|word| head.has(1, &[word])));
    let value = match head.has(name, &["NAMES"]) {
        true => name + 1,
        false => name + 2,
    };
    let value: String = head
        .token_text(value)
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    let value = value.as_str();
    if head.has(name, &["standard_conforming_strings"]) {
        let kept = matches!(value, "on" | "true" | "yes" | "1" | "default");
        return (!kept).then_some("standard_conforming_strings");
    }
    if head.has(name, &["client_encoding"]) || head.has(name, &["NAMES"]) {
        let kept = matches!(value, "" | "utf8" | "unicode" | "default");
        return (!kept).then_some("client_encoding");
    }
    None
}
