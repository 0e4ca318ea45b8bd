//! Puts the revisions of `versions/` into `grace-api`, which tells by them whether a database stands
//! where it should.

#![expect(
    clippy::disallowed_methods,
    reason = "cargo tells a build script by variables"
)]

use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=versions");
    let versions =
        Path::new(&env::var_os("CARGO_MANIFEST_DIR").expect("cargo says it")).join("versions");
    let mut scripts: Vec<PathBuf> = fs::read_dir(&versions)
        .map(|entries| {
            entries
                .filter_map(|entry| Some(entry.ok()?.path()))
                .collect()
        })
        .unwrap_or_default();
    scripts.retain(|path| path.to_string_lossy().ends_with(".up.sql"));
    scripts.sort();
    let mut source = String::from("const REVISIONS: &[(&str, &str)] = &[\n");
    for path in scripts {
        println!("cargo::rerun-if-changed={}", path.display());
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        source += &format!(
            "    ({name:?}, include_str!({:?})),\n",
            path.to_string_lossy()
        );
    }
    source += "];\n";
    let out = env::var_os("OUT_DIR").expect("cargo says it");
    fs::write(Path::new(&out).join("revisions.rs"), source)
        .expect("the build folder can be written");
}
