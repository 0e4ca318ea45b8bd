//! Words out: reports, events and errors become text, tables, JSON and drawings. Pure.

mod check;
mod current;
mod describe;
mod description;
mod differences;
pub mod erd;
mod excerpt;
mod frame;
pub mod graph;
mod history;
mod json;
mod locks;
mod log;
mod outside;
mod plain;
mod plan;
mod project;
mod repair;
mod rls_close;
mod rls_explain;
mod rls_lint;
mod rls_matrix;
mod rls_status;
mod rls_test;
mod round_trip;
mod run;
mod sarif;
mod server;
mod states;
mod status;
mod style;
mod table;
mod unified;
mod verify;
mod words;
mod xml;

pub use check::{check, check_github, check_junit, check_report, check_sarif, check_summary};
pub use current::{current, current_summary};
pub use describe::describe;
pub use description::{Description, Exit};
pub use differences::{differences, differences_summary, differences_unified};
pub use frame::{diagnostic, error};
pub use history::{branches, heads, history, left_off, no_revision_of, no_revisions, show};
pub use json::{error_json, json};
pub use locks::{locks, locks_hint};
pub use log::{log, log_summary};
pub use plan::plan;
pub use project::{config, edit, init, new_revision};
pub use repair::{repair, repair_end};
pub use rls_close::{rls_close, rls_close_summary, rls_open, rls_open_summary};
pub use rls_explain::rls_explain;
pub use rls_lint::{rls_lint, rls_lint_summary};
pub use rls_matrix::{rls_matrix, rls_matrix_markdown, rls_matrix_summary};
pub use rls_status::{rls_status, rls_status_summary};
pub use rls_test::{
    rls_test, rls_test_junit, rls_test_list, rls_test_pgtap, rls_test_summary, rls_test_tap,
};
pub use round_trip::{round_trips, round_trips_summary, test_report};
pub use run::{activity, event, nothing_to_accept, run, run_end, setup};
pub use sarif::rls_lint_sarif;
pub use server::database_status;
pub use states::{
    schema_diff, schema_diff_summary, schema_diff_unified, schema_dump, schema_dump_summary,
    schema_erd_summary,
};
pub use status::status;
pub use style::Style;
pub use unified::unified;
pub use verify::verify;

#[cfg(test)]
mod frame_tests;
#[cfg(test)]
mod history_tests;
#[cfg(test)]
mod project_tests;
#[cfg(test)]
mod run_tests;
#[cfg(test)]
mod samples;
