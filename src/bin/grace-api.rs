//! The `grace-api` program: the door is [`grace_migrate::api`].

use std::process::ExitCode;

fn main() -> ExitCode {
    grace_migrate::api::main()
}
