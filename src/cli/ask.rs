//! Questions to the person at the terminal.

use std::io::{self, BufRead as _, IsTerminal as _};

use tokio::sync::oneshot;

use super::terminal::Terminal;

/// Asks for a yes. Where nobody can be asked, the answer is no.
pub(super) fn and_wait(terminal: &Terminal, question: &str) -> bool {
    put(terminal, question) && answer()
}

/// The same, while signals are listened to: who reads is left behind where one comes. None where nobody
/// can be asked.
pub(super) async fn without_blocking(terminal: &Terminal, question: &str) -> Option<bool> {
    if !put(terminal, question) {
        return None;
    }
    let (tell, told) = oneshot::channel();
    std::thread::spawn(move || tell.send(answer()));
    told.await.ok()
}

/// Puts the question, where there is somebody.
fn put(terminal: &Terminal, question: &str) -> bool {
    let is_there = io::stdin().is_terminal();
    if is_there {
        terminal.complain(&format!("{question} [y/N] "));
    }
    is_there
}

fn answer() -> bool {
    let mut answer = String::new();
    let read = io::stdin().lock().read_line(&mut answer);
    read.is_ok() && matches!(answer.trim(), "y" | "Y" | "yes")
}
