//! The streams: stdout is data, stderr is talk.

use std::cell::OnceCell;
use std::io::{self, IsTerminal as _, Write as _};

use super::args::ColorWhen;
use crate::render::Style;

/// Both streams and how text looks on each.
#[derive(Debug)]
pub(super) struct Terminal {
    /// How text on stdout looks.
    pub(super) out: Style,
    /// How text on stderr looks.
    pub(super) talk: Style,
    /// Nothing but errors on stderr.
    pub(super) quiet: bool,
    /// Why not all that was for stdout has got there.
    failure: OnceCell<io::Error>,
}

impl Terminal {
    pub(super) fn new(when: ColorWhen, quiet: bool, no_color: bool) -> Self {
        let style = |terminal: bool| Style {
            color: match when {
                ColorWhen::Auto => terminal && !no_color,
                ColorWhen::Always => true,
                ColorWhen::Never => false,
            },
            width: terminal.then(terminal_width).flatten(),
            verbose: false,
        };
        Self {
            out: style(io::stdout().is_terminal()),
            talk: style(io::stderr().is_terminal()),
            quiet,
            failure: OnceCell::new(),
        }
    }

    /// Whether a person watches stderr.
    pub(super) fn is_watched(&self) -> bool {
        !self.quiet && io::stderr().is_terminal()
    }

    /// Why not all that was for stdout has got there. A reader that went away (`history | head`) is no
    /// reason.
    pub(super) fn failure(&self) -> Option<&io::Error> {
        self.failure.get()
    }

    /// Writes data; whether that failed is told by [`Terminal::failure`].
    pub(super) fn print(&self, text: &str) {
        self.print_bytes(text.as_bytes());
    }

    /// Writes data that need not be text.
    pub(super) fn print_bytes(&self, bytes: &[u8]) {
        let mut stdout = io::stdout().lock();
        let written = stdout.write_all(bytes).and_then(|()| stdout.flush());
        match written {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                // The first one says it.
                let _before = self.failure.set(error);
            }
            _ => {}
        }
    }

    /// Says something, unless nothing shall be said.
    pub(super) fn say(&self, text: &str) {
        if !self.quiet {
            self.complain(text);
        }
    }

    /// Says something that must be said.
    pub(super) fn complain(&self, text: &str) {
        complain(text);
    }
}

/// Says something that must be said, where there is no terminal at hand.
pub(super) fn complain(text: &str) {
    // Where stderr is closed there is nobody to tell that it is.
    let _closed = io::stderr().lock().write_all(text.as_bytes());
}

fn terminal_width() -> Option<u16> {
    terminal_size::terminal_size().map(|(width, _)| width.0)
}
