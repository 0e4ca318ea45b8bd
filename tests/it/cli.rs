//! What a person at the terminal sees of every command: stdout, stderr and exit code, as it is.

mod autogenerate;
mod check;
mod codes;
mod declared;
mod differences;
mod embedded;
mod errors;
mod failures;
mod files;
mod graph;
mod json;
mod mend;
mod pages;
mod rls_close;
mod rls_close_limits;
mod rls_explain;
mod rls_lint;
mod rls_matrix;
mod rls_scaffold;
mod rls_status;
mod rls_test;
mod round_trip;
mod run;
mod schema;
mod status;
mod transcript;
