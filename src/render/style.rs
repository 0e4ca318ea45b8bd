//! How text looks: colours, or none; how wide; how much.

use anstyle::{AnsiColor, Effects, Style as Ansi};

/// How text is to look. The default is plain, as wide as it gets, and not verbose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Style {
    /// Colours, as ANSI escape sequences.
    pub color: bool,
    /// The terminal's width in columns; `None` where there is no terminal to fit.
    pub width: Option<u16>,
    /// Every detail (`-v`).
    pub verbose: bool,
}

/// What a piece of text is, from which its colour follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// An error's word and caret.
    Error,
    /// A warning's word and caret.
    Warning,
    /// A note's word and caret.
    Note,
    /// `hint:` and `help:`.
    Hint,
    /// A headline.
    Title,
    /// Line numbers, arrows, rules: the frame around what matters.
    Frame,
    /// A revision id.
    Id,
    /// A branch label.
    Label,
    /// A mark like `(head)`.
    Mark,
    /// Where the database stands.
    Current,
    /// Something that went well, or was added.
    Good,
    /// Something that was taken away.
    Gone,
    /// Less important text.
    Faint,
}

impl Role {
    fn ansi(self) -> Ansi {
        let color = |color: AnsiColor| Ansi::new().fg_color(Some(color.into()));
        match self {
            Self::Error => color(AnsiColor::Red).bold(),
            Self::Warning => color(AnsiColor::Yellow).bold(),
            Self::Note => color(AnsiColor::Blue).bold(),
            Self::Hint => color(AnsiColor::Cyan).bold(),
            Self::Title => Ansi::new().bold(),
            Self::Frame => color(AnsiColor::Blue),
            Self::Id => color(AnsiColor::Yellow),
            Self::Label => color(AnsiColor::Magenta),
            Self::Mark => color(AnsiColor::Cyan),
            Self::Current => color(AnsiColor::Green).bold(),
            Self::Good => color(AnsiColor::Green),
            Self::Gone => color(AnsiColor::Red),
            Self::Faint => Ansi::new().effects(Effects::DIMMED),
        }
    }
}

impl Style {
    /// `text` in the colour of its role, or as it is.
    pub(super) fn paint(&self, role: Role, text: &str) -> String {
        if self.color && !text.is_empty() {
            let ansi = role.ansi();
            format!("{}{text}{}", ansi.render(), ansi.render_reset())
        } else {
            text.to_owned()
        }
    }
}
