//! The tests that are to run, and the rows that they run on.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::error::PolicyTestError;
use crate::config::{Origin, load_actors};
use crate::diagnostic::{Diagnostic, Place};
use crate::migrator::error::Error;
use crate::migrator::operations::Migrator;
use crate::migrator::report::{RlsTestList, RlsTestName};
use crate::rls::Actors;
use crate::rls::policy_test::{Case, TestFile, parse};
use crate::source::{policy_tests, read_sql};
use crate::sql::{Statement, Surroundings, executable, refusals, split};

/// The code of a finding: a file of rows is not there.
const CODE: &str = "test-no-fixtures";

/// Which tests are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PolicyTestRequest {
    /// Files and folders of tests, absolute; none for the folder of the settings.
    pub files: Vec<PathBuf>,
    /// Only the tests in whose `FILE: NAME` this text stands.
    pub filter: Option<String>,
}

/// Policy tests, read and found to be in order.
#[derive(Debug, Clone)]
pub struct PolicyTests {
    /// The files that have tests which are wanted, each with the rows that it runs on.
    pub files: Vec<(TestFile, Option<Arc<TestRows>>)>,
    /// Whoever may ask.
    pub actors: Actors,
    /// The `search_path` of everybody.
    pub schemas: Vec<String>,
}

/// The SQL of the rows that tests run on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestRows {
    /// The file, as it is shown.
    pub path: PathBuf,
    /// Its text.
    pub text: Arc<str>,
    /// Its statements.
    pub statements: Vec<Statement>,
}

impl PolicyTests {
    /// The tests, in the order in which they run.
    #[must_use]
    pub fn list(&self) -> RlsTestList {
        let tests = self.files.iter().flat_map(|(file, _)| {
            let cases = file.cases();
            cases.map(|case| test_name(file, case))
        });
        RlsTestList {
            tests: tests.collect(),
        }
    }
}

/// A test as reports name it.
pub(super) fn test_name(file: &TestFile, case: &Case) -> RlsTestName {
    RlsTestName {
        path: file.path.clone(),
        line: case.line,
        name: case.name.clone(),
    }
}

impl Migrator {
    /// Reads the policy tests that are wanted, the actors and the rows. Asks no database.
    ///
    /// # Errors
    /// [`PolicyTestError::Invalid`] with everything that is wrong with any file,
    /// [`PolicyTestError::NoFiles`] and its like where there are none, and what is wrong with the file
    /// of the actors or the folder.
    pub fn policy_tests(&self, request: &PolicyTestRequest) -> Result<PolicyTests, Error> {
        let settings = &self.settings;
        let audit = &settings.audit;
        let folder = &audit.tests.value;
        let mut paths = Vec::new();
        if request.files.is_empty() {
            paths = policy_tests(folder, settings.shown(folder))?;
        }
        for path in &request.files {
            let found = match path.is_dir() {
                true => policy_tests(path, settings.shown(path))?,
                false => vec![path.clone()],
            };
            let new = found.into_iter().filter(|path| !paths.contains(path));
            paths.extend(new.collect::<Vec<_>>());
        }
        if paths.is_empty() {
            let searched = match request.files.as_slice() {
                [] => vec![settings.shown(folder).to_owned()],
                files => files.iter().map(|p| settings.shown(p).to_owned()).collect(),
            };
            return Err(PolicyTestError::NoFiles { searched }.into());
        }
        let actors = load_actors(&audit.actors.value, settings.shown(&audit.actors.value))?;
        let mut reader = Reader {
            migrator: self,
            actors: &actors,
            read: Vec::new(),
            findings: Vec::new(),
        };
        let files: Vec<_> = paths.iter().filter_map(|path| reader.file(path)).collect();
        if !reader.findings.is_empty() {
            let findings = reader.findings;
            return Err(PolicyTestError::Invalid { findings }.into());
        }
        let tests = files.iter().map(|(file, _)| file.cases().count()).sum();
        if tests == 0 {
            let searched = files.into_iter().map(|(file, _)| file.path).collect();
            return Err(PolicyTestError::NoTests { searched }.into());
        }
        let files = wanted(files, request.filter.as_deref());
        if let ([], Some(filter)) = (files.as_slice(), &request.filter) {
            let filter = filter.clone();
            return Err(PolicyTestError::Filtered { filter, tests }.into());
        }
        Ok(PolicyTests {
            files,
            schemas: audit.schemas.value.clone(),
            actors,
        })
    }
}

type Loaded = (TestFile, Option<Arc<TestRows>>);

/// The files of which something is left by the filter.
fn wanted(files: Vec<Loaded>, filter: Option<&str>) -> Vec<Loaded> {
    let files = files.into_iter().map(|(file, fixtures)| match filter {
        None => (file, fixtures),
        Some(filter) => {
            let path = file.path.display().to_string();
            let keep = |case: &Case| format!("{path}: {}", case.name).contains(filter);
            (file.only(keep), fixtures)
        }
    });
    files
        .filter(|(file, _)| file.cases().next().is_some())
        .collect()
}

/// Reads files, each file of rows once.
struct Reader<'a> {
    migrator: &'a Migrator,
    actors: &'a Actors,
    /// The files of rows that were read, and what is in those that are in order.
    read: Vec<(PathBuf, Option<Arc<TestRows>>)>,
    findings: Vec<Diagnostic>,
}

impl Reader<'_> {
    /// A file of tests and its rows; `None` where something is wrong with it.
    fn file(&mut self, path: &Path) -> Option<Loaded> {
        let settings = &self.migrator.settings;
        let shown = settings.shown(path);
        let text = read_sql(path, shown).map_err(|finding| self.findings.push(*finding));
        let file = parse(shown, &text.ok()?, self.actors);
        let file = file
            .map_err(|findings| self.findings.extend(findings))
            .ok()?;
        let fixtures = match &file.fixtures {
            Some((name, span)) => {
                let beside = path.parent().unwrap_or(path).join(name);
                if !beside.is_file() {
                    let message = format!("there is no file `{name}`, seen from the test's folder");
                    let place = Place::in_text(shown, &file.text, *span);
                    self.findings.push(
                        Diagnostic::error(CODE, message)
                            .at(place)
                            .help("write the file, or its right path"),
                    );
                    return None;
                }
                self.fixtures(&beside)?
            }
            None => {
                let setting = &settings.audit.fixtures;
                // Nobody said that there is one.
                if setting.origin == Origin::Default && !setting.value.exists() {
                    return Some((file, None));
                }
                if !setting.value.exists() {
                    self.no_fixtures(&setting.value);
                    return None;
                }
                self.fixtures(&setting.value)?
            }
        };
        Some((file, Some(fixtures)))
    }

    /// Says once that the settings name a file that is not there.
    fn no_fixtures(&mut self, path: &Path) {
        let place = Place::file(self.migrator.settings.shown(path));
        if !self.read.iter().any(|(known, _)| known == path) {
            let finding = Diagnostic::error(CODE, "the file of the rows is not there")
                .at(place)
                .help("write it, or take `fixtures` out of [rls]: tests can make their own rows");
            self.findings.push(finding);
            self.read.push((path.to_owned(), None));
        }
    }

    fn fixtures(&mut self, path: &Path) -> Option<Arc<TestRows>> {
        if let Some((_, known)) = self.read.iter().find(|(known, _)| known == path) {
            return known.clone();
        }
        let shown = self.migrator.settings.shown(path);
        let read = match read(path, shown) {
            Ok(fixtures) => Some(Arc::new(fixtures)),
            Err(findings) => {
                self.findings.extend(findings);
                None
            }
        };
        self.read.push((path.to_owned(), read.clone()));
        read
    }
}

fn read(path: &Path, shown: &Path) -> Result<TestRows, Vec<Diagnostic>> {
    let text = read_sql(path, shown).map_err(|finding| vec![*finding])?;
    let statements = split(&text).map_err(|defect| vec![defect.to_diagnostic(shown, &text)])?;
    let refusals = refusals(&text, Surroundings::TransactionBlock);
    if !refusals.is_empty() {
        let findings = refusals.iter().map(|one| one.to_diagnostic(shown, &text));
        return Err(findings.collect());
    }
    Ok(TestRows {
        path: shown.to_owned(),
        text: Arc::from(executable(&text).as_ref()),
        statements,
    })
}
