//! What happens, as it happens: a line that moves on a terminal, plain lines elsewhere.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::terminal::Terminal;
use crate::migrator::report::{AutogenerateStage, Event};
use crate::render::{self, Style};

/// How often the moving line moves.
const TICK: Duration = Duration::from_millis(100);

/// Shows events on stderr.
#[derive(Debug)]
pub(super) struct Progress {
    style: Style,
    quiet: bool,
    bar: Option<Mutex<ProgressBar>>,
    /// Which server is used is said once, however often a command asks it.
    server_told: AtomicBool,
}

impl Progress {
    pub(super) fn new(terminal: &Terminal) -> Self {
        Self {
            server_told: AtomicBool::new(false),
            style: terminal.talk,
            quiet: terminal.quiet,
            bar: terminal.is_watched().then(|| {
                let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
                bar.set_style(spinner());
                Mutex::new(bar)
            }),
        }
    }

    /// Shows one event.
    pub(super) fn show(&self, event: &Event) {
        if self.quiet {
            return;
        }
        let is_server = matches!(event, Event::EngineReady { .. });
        let told = is_server && self.server_told.swap(true, Ordering::Relaxed);
        let line = render::event(event, &self.style).filter(|_| !told);
        match &self.bar {
            Some(bar) => {
                let bar = bar
                    .lock()
                    .unwrap_or_else(std::sync::PoisonError::into_inner);
                // How far a build or a test is stands in the moving line.
                let stays = !matches!(
                    event,
                    Event::IndexBuild { .. } | Event::RoundTripDone { failed: false, .. }
                );
                if let Some(line) = line.filter(|_| stays) {
                    bar.suspend(|| write(&line));
                }
                measure(&bar, event);
                match render::activity(event, &self.style) {
                    Some(activity) => {
                        if bar.is_hidden() {
                            bar.reset();
                            bar.set_draw_target(ProgressDrawTarget::stderr());
                            bar.enable_steady_tick(TICK);
                        }
                        bar.set_message(activity);
                    }
                    None if is_followed_by_others(event) => {
                        bar.disable_steady_tick();
                        bar.finish_and_clear();
                        bar.set_draw_target(ProgressDrawTarget::hidden());
                    }
                    None => bar.set_message(String::new()),
                }
            }
            None => {
                if let Some(line) = line {
                    write(&line);
                }
            }
        }
    }

    /// Takes the moving line away.
    pub(super) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner)
                .finish_and_clear();
        }
    }
}

/// Whether what comes next may be a question, or another program's own screen.
fn is_followed_by_others(event: &Event) -> bool {
    matches!(
        event,
        Event::EngineReady { .. }
            | Event::Autogenerating {
                stage: AutogenerateStage::Asking,
            }
    )
}

fn write(line: &str) {
    use std::io::Write as _;
    // Where stderr is closed there is nobody to tell that it is.
    let _closed = std::io::stderr().lock().write_all(line.as_bytes());
}

/// Turns the moving line into a bar where there is a length, and back.
fn measure(bar: &ProgressBar, event: &Event) {
    let style = match event {
        Event::RunStarted { steps, .. } if *steps > 1 => {
            bar.set_length(*steps as u64);
            BAR
        }
        Event::RoundTripsStarted { revisions, .. } if *revisions > 1 => {
            bar.set_length(*revisions as u64);
            BAR
        }
        Event::RoundTripDone { done, .. } => {
            bar.set_position(*done as u64);
            return;
        }
        Event::StepStarted { step, .. } => {
            bar.set_position(step.saturating_sub(1) as u64);
            return;
        }
        Event::Downloading {
            received_bytes,
            total_bytes: Some(total),
            ..
        } => {
            bar.set_length(*total);
            bar.set_position(*received_bytes);
            BAR
        }
        Event::EngineInitialising { .. } | Event::EngineStarting { .. } => SPINNER,
        _ => return,
    };
    if let Ok(style) = ProgressStyle::with_template(style) {
        bar.set_style(style.progress_chars("━╸─"));
    }
}

/// The moving line of what has a length.
const BAR: &str = "{spinner} {bar:20} {wide_msg} {elapsed}";
/// The moving line of what has none.
const SPINNER: &str = "{spinner} {wide_msg} {elapsed}";

fn spinner() -> ProgressStyle {
    ProgressStyle::with_template(SPINNER).unwrap_or_else(|_| ProgressStyle::default_spinner())
}
