//! The `grace-migrate` program: the door is `grace_migrate::cli`.

fn main() {}
