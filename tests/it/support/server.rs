//! The one server of a test run.

use std::path::PathBuf;
use std::sync::OnceLock;

use grace_migrate::engine::{Binaries, Download, LocateOptions, ScratchOptions, ScratchServer};

/// The server that all tests share, started by the first that asks. It ends with this process,
/// however that ends.
pub(crate) fn server() -> &'static ScratchServer {
    static SERVER: OnceLock<ScratchServer> = OnceLock::new();
    SERVER.get_or_init(|| {
        let options = ScratchOptions {
            cache_dir: cache_dir(),
            temp_dir: std::env::temp_dir(),
        };
        ScratchServer::start(binaries(), &options, &mut |_| {})
            .unwrap_or_else(|error| panic!("the tests' server did not start: {error:#?}"))
    })
}

/// The server binaries that the tests use: as a user's run would find or fetch them.
pub(crate) fn binaries() -> &'static Binaries {
    static BINARIES: OnceLock<Binaries> = OnceLock::new();
    BINARIES.get_or_init(|| {
        Binaries::locate(&locate_options(), &mut |_| {})
            .unwrap_or_else(|error| panic!("no server binaries for the tests: {error:#?}"))
    })
}

/// Where the tests look for server binaries.
#[expect(
    clippy::disallowed_methods,
    reason = "the tests' own settings: a user's `config` would read them"
)]
pub(crate) fn locate_options() -> LocateOptions {
    LocateOptions {
        explicit: std::env::var_os("GRACE_PG_BIN").map(PathBuf::from),
        path: std::env::var_os("PATH"),
        cache_dir: cache_dir(),
        download: Download::Allowed,
        major: None,
    }
}

/// The tests' cache: in the build folder, so that nothing is left elsewhere.
pub(super) fn cache_dir() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("cache")
}
