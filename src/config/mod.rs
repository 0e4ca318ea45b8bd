//! grace-migrate.toml and the environment, resolved to settings.
