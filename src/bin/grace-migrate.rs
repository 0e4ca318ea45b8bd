//! The `grace-migrate` program: the door is [`grace_migrate::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    grace_migrate::cli::main()
}
