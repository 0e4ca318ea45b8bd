use std::fs;

use super::*;

/// A project folder with this configuration file.
fn project(text: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(CONFIG_NAME), text).unwrap();
    folder
}

fn resolve(
    text: &str,
    overrides: &CliOverrides,
    environment: &[(&str, &str)],
) -> Result<Settings, ConfigError> {
    let project = project(text);
    let environment = Environment::new(environment.iter().copied());
    Settings::resolve(overrides, &environment, project.path())
}

fn flags(flags: &[(&str, &str)]) -> CliOverrides {
    let mut overrides = CliOverrides::default();
    for (flag, value) in flags {
        let value = Some((*value).to_owned());
        match *flag {
            "name" => overrides.name = value,
            "url" => overrides.url = value,
            "lock-timeout" => overrides.lock_timeout = value,
            "transaction" => overrides.transaction = value,
            "lock-tries" => overrides.lock_tries = value,
            other => panic!("{other}"),
        }
    }
    overrides
}

fn url(text: &str, cli: &[(&str, &str)], environment: &[(&str, &str)]) -> String {
    let settings = resolve(text, &flags(cli), environment).unwrap();
    let url = settings.database().unwrap();
    format!("{} from {}", url.value, url.origin)
}

fn defects(text: &str) -> Vec<String> {
    match resolve(text, &CliOverrides::default(), &[]).unwrap_err() {
        ConfigError::Defects(defects) => defects
            .iter()
            .map(|d| {
                let help = d.help.as_ref().map(|h| format!(" ({h})"));
                let place = d.place.as_ref().unwrap();
                format!("{place}: {}{}", d.message, help.unwrap_or_default())
            })
            .collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_starter_says_the_defaults() {
    let shown = |text| {
        let settings = resolve(text, &CliOverrides::default(), &[]).unwrap();
        let entries = settings.entries();
        assert!(settings.warnings.is_empty());
        entries
            .into_iter()
            .filter(|entry| !["url", "revision.hooks"].contains(&entry.key))
            .map(|entry| (entry.key, entry.value))
            .collect::<Vec<_>>()
    };
    assert_eq!(shown(&crate::config::starter()), shown(""));
}

#[test]
fn entries_tell_origins() {
    let settings = resolve(
        "url = \"${DATABASE_URL:-embedded}\"\n[run]\nlock-timeout = \"1s\"\n\
         [destination.prod]\nurl = \"postgres://u:p@h/db\"\nlock-wait = \"2min\"\nproduction = true\n\
         [[revision.hooks]]\ncommand = [\"fmt\", \"{path}\"]\n",
        &flags(&[
            ("name", "prod"),
            ("transaction", "all"),
            ("lock-tries", "3"),
        ]),
        &[("GRACE_MIGRATE_STATEMENT_TIMEOUT", "5min")],
    )
    .unwrap();
    let shown: Vec<String> = settings
        .entries()
        .into_iter()
        .map(|e| format!("{} = {} [{}]", e.key, e.value, e.origin))
        .collect();
    assert_eq!(
        shown,
        [
            "destination = \"prod\" [--name]",
            "url = \"postgres://u:***@h/db\" [grace-migrate.toml:5]",
            "production = true [grace-migrate.toml:7]",
            "versions = [\"versions\"] [default]",
            "recursive = false [default]",
            "templates = \"templates\" [default]",
            "version-table.schema = \"public\" [default]",
            "version-table.name = \"alembic_version\" [default]",
            "revision.file-name = \"{date}_{time}_{id}_{slug}\" [default]",
            "revision.id = \"random\" [default]",
            "revision.slug-length = 40 [default]",
            "revision.time-zone = \"UTC\" [default]",
            "revision.template = \"plain\" [default]",
            "revision.hooks = [\"fmt\"] [grace-migrate.toml:8]",
            "run.transaction = \"all\" [--transaction]",
            "run.lock-timeout = \"1s\" [grace-migrate.toml:3]",
            "run.statement-timeout = \"5min\" [GRACE_MIGRATE_STATEMENT_TIMEOUT]",
            "run.lock-wait = \"2min\" [grace-migrate.toml:6]",
            "run.lock-tries = 3 [--lock-tries]",
            "run.lock-retry-wait = \"1s\" [default]",
            "run.commit-timeout = \"1min\" [default]",
            "run.allow-pooler = false [default]",
            "rls.schemas = [\"public\"] [default]",
            "rls.api-roles = [\"anon\",\"authenticated\",\"service_role\"] [default]",
            "rls.trusted-roles = [\"service_role\"] [default]",
            "rls.gate = false [default]",
            "rls.allow = [] [default]",
            "rls.actors = \"tests/rls/actors.toml\" [default]",
            "rls.fixtures = \"tests/rls/fixtures.sql\" [default]",
            "rls.matrix = \"tests/rls/matrix.md\" [default]",
            "rls.tests = \"tests/rls\" [default]",
            "schema.files = [\"schema\"] [default]",
            "schema.include = [] [default]",
            "schema.exclude = [] [default]",
            "schema.roles = [] [default]",
            "schema.allow-destructive = [] [default]",
            "check.skip = [] [default]",
            "check.allow-several-heads = false [default]",
        ]
    );
    assert!(
        !format!("{settings:?}").contains("u:p@"),
        "no secret in Debug"
    );
}

#[test]
fn which_url_wins() {
    let file =
        "url = \"${DATABASE_URL:-embedded}\"\n[destination.prod]\nurl = \"postgres://prod\"\n";
    let ours = ("GRACE_MIGRATE_URL", "postgres://ours");
    let theirs = ("DATABASE_URL", "postgres://theirs");
    let name = ("GRACE_MIGRATE_NAME", "prod");
    assert_eq!(url(file, &[], &[]), "embedded from grace-migrate.toml:1");
    assert_eq!(
        url(file, &[], &[theirs]),
        "postgres://theirs from grace-migrate.toml:1 (DATABASE_URL)"
    );
    assert_eq!(
        url(file, &[], &[theirs, ours]),
        "postgres://ours from GRACE_MIGRATE_URL"
    );
    assert_eq!(
        url(file, &[], &[name]),
        "postgres://prod from grace-migrate.toml:3"
    );
    assert_eq!(
        url(file, &[], &[name, ours]),
        "postgres://ours from GRACE_MIGRATE_URL"
    );
    assert_eq!(
        url(file, &[("name", "prod")], &[ours]),
        "postgres://prod from grace-migrate.toml:3",
        "a destination that was typed is not overruled by the environment"
    );
    assert_eq!(
        url(file, &[("name", "prod"), ("url", "embedded")], &[ours]),
        "embedded from --url"
    );
}

#[test]
fn a_url_is_missed_only_where_it_is_needed() {
    let settings = resolve("url = \"${NOPE}\"", &CliOverrides::default(), &[]).unwrap();
    assert!(settings.entries()[0].value.is_null());
    let error = settings.database().unwrap_err();
    assert_eq!(error.code(), "variable-not-set");
    let settings = resolve("", &CliOverrides::default(), &[]).unwrap();
    assert_eq!(settings.database().unwrap_err().code(), "no-url");
}

#[test]
fn all_defects_of_the_file_together() {
    assert_eq!(
        defects(
            "urls = 3\nversions = []\nrecursive = \"yes\"\ntemplates = \"${\"\n\
             [version-table]\nname = \"\"\nschem = \"x\"\n\
             [revision]\nfile-name = \"{rev}\"\nid = \"uuid\"\nslug-length = 0\ntime-zone = \"CET\"\n\
             [[revision.hooks]]\nname = \"f\"\ncommand = [\"fmt\"]\n\
             [run]\nlock-timout = \"3s\"\nlock-wait = \"60\"\ntransaction = \"each\"\nlock-tries = 0\n\
             [destination]\nprod = 1\n[destination.dev]\nlock-wait = \"1s\"\n"
        ),
        [
            "grace-migrate.toml:1:1: `urls` is not a setting (did you mean `url`?)",
            "grace-migrate.toml:2:12: `versions`: it is empty",
            "grace-migrate.toml:3:13: `recursive`: expected true or false, found a string",
            "grace-migrate.toml:4:13: `templates`: `${` is not closed",
            "grace-migrate.toml:6:8: `version-table.name`: it is empty",
            "grace-migrate.toml:7:1: `version-table.schem` is not a setting (did you mean `schema`?)",
            "grace-migrate.toml:9:13: `revision.file-name`: `{rev}` is not a placeholder",
            "grace-migrate.toml:10:6: `revision.id`: it is neither `random` nor `time`",
            "grace-migrate.toml:11:15: `revision.slug-length`: expected a number from 1 to 100",
            "grace-migrate.toml:12:13: `revision.time-zone`: it is neither `UTC` nor `local`",
            "grace-migrate.toml:15:11: `revision.hooks.command`: no argument holds `{path}`, the new file",
            "grace-migrate.toml:17:1: `run.lock-timout` is not a setting (did you mean `lock-timeout`?)",
            "grace-migrate.toml:18:13: `run.lock-wait`: it has no unit",
            "grace-migrate.toml:19:15: `run.transaction`: it is neither `revision` nor `all`",
            "grace-migrate.toml:20:14: `run.lock-tries`: expected a number from 1 to 100",
            "grace-migrate.toml:22:8: `destination.prod`: expected a table, found a number",
            "grace-migrate.toml:23:14: `destination.dev` has no `url`",
        ]
    );
}

#[test]
fn a_folder_name_that_needs_recursion_says_so() {
    assert_eq!(
        defects("[revision]\nfile-name = \"{year}/{id}\"\n"),
        [
            "grace-migrate.toml:2:13: `revision.file-name`: it makes subfolders (add `recursive = true` at the top of the file)"
        ]
    );
    let text = "recursive = true\n[revision]\nfile-name = \"{year}/{id}\"\n";
    assert!(resolve(text, &CliOverrides::default(), &[]).is_ok());
}

#[test]
fn broken_toml_shows_no_password() {
    let text = "url = \"postgres://u:secret@h/db\nversions = \"v\"\n";
    let found = defects(text);
    assert!(found[0].starts_with("grace-migrate.toml:1:"), "{found:?}");
    match resolve(text, &CliOverrides::default(), &[]).unwrap_err() {
        error @ ConfigError::Defects(_) => assert!(!format!("{error:?}").contains("secret")),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_project_is_found_from_below() {
    let project = project("versions = [\"db/a\", \"/abs\"]");
    let below = project.path().join("src/deep");
    fs::create_dir_all(&below).unwrap();
    let none = Environment::default();
    let settings = Settings::resolve(&CliOverrides::default(), &none, &below).unwrap();
    assert_eq!(settings.root, project.path());
    assert_eq!(
        settings.versions.value,
        [project.path().join("db/a"), PathBuf::from("/abs")]
    );
    assert_eq!(
        settings.shown(&settings.versions.value[0]),
        Path::new("db/a")
    );

    let elsewhere = tempfile::tempdir().unwrap();
    let error = Settings::resolve(&CliOverrides::default(), &none, elsewhere.path()).unwrap_err();
    assert_eq!(error.code(), "no-project");
    let named = Environment::new([("GRACE_MIGRATE_CONFIG", project.path().join(CONFIG_NAME))]);
    let settings = Settings::resolve(&CliOverrides::default(), &named, elsewhere.path()).unwrap();
    assert_eq!(settings.root, project.path());
    let overrides = CliOverrides {
        config: Some("other.toml".into()),
        ..CliOverrides::default()
    };
    let error = Settings::resolve(&overrides, &named, elsewhere.path()).unwrap_err();
    assert_eq!(error.code(), "config-unreadable");
}

#[test]
fn refusals() {
    let file = "[destination.staging]\nurl = \"x\"\n";
    let code = |cli: &[(&str, &str)], environment: &[(&str, &str)]| {
        resolve(file, &flags(cli), environment).unwrap_err()
    };
    match code(&[("name", "stagign")], &[]) {
        ConfigError::UnknownDestination { nearest, known, .. } => {
            assert_eq!(nearest.as_deref(), Some("staging"));
            assert_eq!(known, ["staging"]);
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(
        code(&[("lock-timeout", "3")], &[]).to_string(),
        "--lock-timeout: it has no unit"
    );
    assert_eq!(
        code(&[], &[("GRACE_MIGRATE_TRANSACTION", "x")]).to_string(),
        "GRACE_MIGRATE_TRANSACTION: it is neither `revision` nor `all`"
    );
    let settings = resolve(
        file,
        &CliOverrides::default(),
        &[("GRACE_MIGRATE_LOCKTIMEOUT", "1s")],
    )
    .unwrap();
    assert_eq!(
        settings.warnings[0].help.as_deref(),
        Some("did you mean `GRACE_MIGRATE_LOCK_TIMEOUT`?")
    );
}

#[test]
fn how_often_a_revision_is_tried() {
    let tries = |value| {
        let settings = resolve("", &flags(&[("lock-tries", value)]), &[]);
        settings.map(|settings| settings.lock_tries.value)
    };
    assert_eq!(tries("100").unwrap(), 100);
    for wrong in ["0", "101", "-1", "often", ""] {
        match tries(wrong).unwrap_err() {
            ConfigError::Value { by, reason, .. } => {
                assert_eq!(by, "--lock-tries");
                assert_eq!(reason, "it is no number from 1 to 100");
            }
            other => panic!("{other}"),
        }
    }
    let variable = [("GRACE_MIGRATE_LOCK_RETRY_WAIT", "200ms")];
    let settings = resolve("", &CliOverrides::default(), &variable).unwrap();
    assert_eq!(settings.lock_retry_wait.value.millis(), 200);
}
