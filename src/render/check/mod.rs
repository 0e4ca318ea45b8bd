//! `check`: what was found, as text, JSON, GitHub's commands, SARIF and JUnit.

mod finding;
mod github;
mod junit;
mod sarif;
mod stopped;
mod text;

pub use finding::check_report;
pub use github::check_github;
pub use junit::check_junit;
pub use sarif::check_sarif;
pub use stopped::{check_stopped_github, check_stopped_junit, check_stopped_sarif};
pub use text::{check, check_summary};
