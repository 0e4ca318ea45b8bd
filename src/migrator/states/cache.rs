//! States that were built before, in files: what revisions build is the same every time.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::scratch::Scratch;
use crate::checksum::{Fingerprint, sha256};
use crate::config::Environment;
use crate::migrator::error::Error;
use crate::migrator::operations::Replays;
use crate::schema::facts::{Scope, State};
use crate::source::replace;

/// How many states are kept at most, the newest ones.
const STATES: usize = 64;
/// How many bytes they have at most together.
const BYTES: u64 = 256 << 20;
/// What the files' names end with.
const SUFFIX: &str = ".state";
/// The form of the files. Another number is another form.
const FORM: u32 = 1;

/// A state that was built, and what building it left besides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Built {
    pub(super) state: State,
    /// The roles of the server afterwards: what is built behind it on the same server finds them.
    pub(super) roles: BTreeSet<String>,
}

/// What a state was built of, as one value: other scripts, another server, scope, role or reader
/// give another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Key(Fingerprint);

impl Key {
    /// The key of what `texts` make, which are of a kind; none where the server is not known yet.
    pub(super) async fn of(
        kind: &str,
        texts: impl IntoIterator<Item = String>,
        scope: &Scope,
        scratch: &mut Scratch<'_>,
    ) -> Option<Self> {
        let major = scratch.version().await?;
        let mut values = vec![
            kind.to_owned(),
            env!("CARGO_PKG_VERSION").to_owned(),
            env!("GRACE_STATE_READER").to_owned(),
            major.to_string(),
        ];
        for patterns in [&scope.include, &scope.exclude] {
            values.push(patterns.len().to_string());
            values.extend(patterns.iter().map(ToString::to_string));
        }
        values.push(scratch.roles().len().to_string());
        values.extend(scratch.roles().iter().cloned());
        values.extend(texts);
        Some(Self(Fingerprint::of(&values)))
    }
}

/// The first line of a file: what the rest is, and how it is known to be whole.
#[derive(Serialize, Deserialize)]
struct Header {
    grace_migrate_state: u32,
    key: String,
    sha256: String,
    roles: BTreeSet<String>,
}

/// The folder of the files; none where nothing is kept.
#[derive(Debug)]
pub(super) struct Cache {
    folder: Option<PathBuf>,
}

impl Cache {
    /// The cache of the user whose environment this is. Where that names no folder of the user's
    /// own, nothing is kept: what others can write is not believed.
    pub(super) fn of(environment: &Environment, replays: Replays) -> Self {
        let folder = match replays {
            Replays::Kept => environment.cache_dir(),
            Replays::Anew => None,
        };
        Self {
            folder: folder.map(|folder| folder.join("grace-migrate").join("states")),
        }
    }

    /// What was built before; none where nothing was, or its file is not whole.
    pub(super) fn read(&self, key: Key) -> Option<Built> {
        let text = fs::read_to_string(file(self.folder.as_ref()?, key)).ok()?;
        let (header, state) = text.split_once('\n')?;
        let header: Header = serde_json::from_str(header).ok()?;
        let whole = header.grace_migrate_state == FORM
            && header.key == key.0.to_string()
            && header.sha256 == hex(state);
        if !whole {
            return None;
        }
        Some(Built {
            state: State::from_kept(state)?,
            roles: header.roles,
        })
    }

    /// Keeps what was built. A cache that cannot be written costs the next build its time, no more.
    pub(super) fn write(&self, key: Key, built: &Built) {
        let Some(folder) = &self.folder else {
            return;
        };
        let state = built.state.to_kept();
        let header = Header {
            grace_migrate_state: FORM,
            key: key.0.to_string(),
            sha256: hex(&state),
            roles: built.roles.clone(),
        };
        let header = serde_json::to_string(&header).expect("texts and numbers are JSON");
        let file = file(folder, key);
        if replace(&file, &file, &format!("{header}\n{state}")).is_ok() {
            prune(folder, STATES, BYTES);
        }
    }
}

fn file(folder: &Path, key: Key) -> PathBuf {
    folder.join(format!("{}{SUFFIX}", key.0))
}

fn hex(text: &str) -> String {
    let bytes = sha256(text.as_bytes()).into_iter();
    bytes.map(|byte| format!("{byte:02x}")).collect()
}

/// Removes all but the newest files. What cannot be looked at or removed is left.
fn prune(folder: &Path, states: usize, bytes: u64) {
    let mut files: Vec<(SystemTime, PathBuf, u64)> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let path = entry.path();
            let is_ours = path.to_string_lossy().ends_with(SUFFIX);
            let meta = entry.metadata().ok().filter(|_| is_ours)?;
            Some((meta.modified().ok()?, path, meta.len()))
        })
        .collect();
    files.sort();
    let mut sum = 0;
    for (index, (_, path, length)) in files.iter().rev().enumerate() {
        sum += length;
        // The newest one stays, however long it is.
        if index > 0 && (index >= states || sum > bytes) {
            let _ = fs::remove_file(path);
        }
    }
}

/// The roles of a server, where they are no others than those that were wanted: what is built there
/// is built as on a fresh one.
pub(super) async fn is_fresh(scratch: &mut Scratch<'_>) -> Result<bool, Error> {
    let there = scratch.roles_there().await?;
    Ok(there.is_subset(scratch.roles()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> Key {
        Key(Fingerprint::of(&[text.to_owned()]))
    }

    #[test]
    fn what_was_kept_is_read() {
        let root = tempfile::tempdir().unwrap();
        let home = root.path().to_str().unwrap();
        let environment = Environment::new([("XDG_CACHE_HOME", home)]);
        let cache = Cache::of(&environment, Replays::Kept);
        let built = Built {
            state: State::empty(150_004, "me"),
            roles: BTreeSet::from(["anon".to_owned()]),
        };
        let (a, b) = (key("a"), key("b"));
        assert_eq!(cache.read(a), None);
        cache.write(a, &built);
        assert_eq!(cache.read(a), Some(built.clone()));
        assert_eq!(cache.read(b), None);
        let anew = Cache::of(&environment, Replays::Anew);
        assert_eq!(anew.read(a), None);
        anew.write(b, &built);
        assert_eq!(cache.read(b), None);

        let folder = root.path().join("grace-migrate/states");
        let (file_a, file_b) = (file(&folder, a), file(&folder, b));
        let text = fs::read_to_string(&file_a).unwrap();
        // The file of another state, under this one's name.
        fs::write(&file_b, &text).unwrap();
        assert_eq!(cache.read(b), None);
        // One that something else wrote into, or stopped writing.
        for broken in [
            text.replace("USAGE", "USAGF"),
            text.replace("anon\"]", "anon\""),
            text[..text.len() - 1].to_owned(),
            String::new(),
        ] {
            assert_ne!(broken, text);
            fs::write(&file_a, broken).unwrap();
            assert_eq!(cache.read(a), None);
        }
        cache.write(a, &built);
        assert_eq!(cache.read(a), Some(built));
    }

    #[test]
    fn nothing_is_kept_where_others_write() {
        let cache = Cache::of(&Environment::default(), Replays::Kept);
        assert_eq!(cache.folder, None);
    }

    #[test]
    fn the_newest_ones_are_kept() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path();
        let write = |name: &str, seconds: u64| {
            let path = folder.join(name);
            fs::write(&path, "12345").unwrap();
            let file = fs::File::options().write(true).open(&path).unwrap();
            let time = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(seconds);
            file.set_modified(time).unwrap();
        };
        for (name, seconds) in [("a", 3), ("b", 1), ("c", 2), ("d", 4)] {
            write(&format!("{name}.state"), seconds);
        }
        write("other", 0);
        let names = || {
            let mut names: Vec<String> = fs::read_dir(folder)
                .unwrap()
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect();
            names.sort();
            names.join(" ")
        };
        prune(folder, 3, 100);
        assert_eq!(names(), "a.state c.state d.state other");
        prune(folder, 3, 10);
        assert_eq!(names(), "a.state d.state other");
        prune(folder, 3, 1);
        assert_eq!(names(), "d.state other");
    }
}
