//! `service=` and the files that define services, by libpq's rules.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::UrlDefect;
use super::parameters::Given;

/// The values of `service`, from the first file that defines it: the one that is named, or the
/// user's `~/.pg_service.conf`; then the system's.
pub(super) fn read(
    service: &str,
    named: Option<&str>,
    home: Option<&Path>,
    variables: &BTreeMap<String, String>,
) -> Result<Given, UrlDefect> {
    let user = match named {
        Some(path) => Some(PathBuf::from(path)),
        None => home.map(|home| home.join(".pg_service.conf")),
    };
    let system = variables
        .get("PGSYSCONFDIR")
        .map_or_else(|| PathBuf::from("/etc/postgresql-common"), PathBuf::from)
        .join("pg_service.conf");
    let files: Vec<PathBuf> = user.into_iter().chain([system]).collect();
    for path in &files {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => {
                return Err(UrlDefect::ServiceFile {
                    path: path.clone(),
                    line: 0,
                    reason: error.to_string(),
                });
            }
        };
        if let Some(given) = section(&text, service, path)? {
            return Ok(given);
        }
    }
    Err(UrlDefect::NoService {
        service: service.to_owned(),
        files,
    })
}

/// The values below `[service]`; the first value of a name counts.
fn section(text: &str, service: &str, path: &Path) -> Result<Option<Given>, UrlDefect> {
    let mut found: Option<Given> = None;
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(header) = line.strip_prefix('[') {
            if found.is_some() {
                break;
            }
            if header.strip_suffix(']') == Some(service) {
                found = Some(Given::default());
            }
            continue;
        }
        let Some(given) = &mut found else {
            continue;
        };
        let defect = |reason: &str| UrlDefect::ServiceFile {
            path: path.to_owned(),
            line: number,
            reason: reason.to_owned(),
        };
        let (name, value) = line
            .split_once('=')
            .ok_or_else(|| defect("a line is `name=value`"))?;
        let name = name.trim();
        if matches!(name, "service" | "servicefile") {
            return Err(defect("a service cannot name another service"));
        }
        if given.get(name).is_none() {
            given.set(name, value.trim().to_owned())?;
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "# services\n[other]\nhost=elsewhere\n\n[app]\nhost=db.example.org\n\
                        port = 5433\nhost=second\n[last]\ndbname=x\n";

    #[test]
    fn a_section_gives_its_own_values_and_the_first_of_each() {
        let given = section(FILE, "app", Path::new("pg_service.conf"))
            .unwrap()
            .unwrap();
        assert_eq!(given.get("host"), Some("db.example.org"));
        assert_eq!(given.get("port"), Some("5433"));
        assert_eq!(given.get("dbname"), None);
        assert!(section(FILE, "none", Path::new("x")).unwrap().is_none());
    }

    #[test]
    fn a_broken_line_is_named() {
        let defect = section("[app]\nhost\n", "app", Path::new("f")).unwrap_err();
        assert_eq!(
            defect,
            UrlDefect::ServiceFile {
                path: PathBuf::from("f"),
                line: 2,
                reason: "a line is `name=value`".to_owned(),
            }
        );
    }

    #[test]
    fn a_missing_service_names_the_files() {
        let folder = tempfile::tempdir().unwrap();
        let variables = BTreeMap::from([(
            "PGSYSCONFDIR".to_owned(),
            folder.path().join("etc").display().to_string(),
        )]);
        let defect = read("app", None, Some(folder.path()), &variables).unwrap_err();
        let UrlDefect::NoService { service, files } = defect else {
            panic!("{defect:?}");
        };
        assert_eq!(service, "app");
        assert_eq!(files.len(), 2);
    }
}
