//! Puts the revisions of `versions/` into `grace-api`, which tells by them whether a database stands
//! where it should; and gives the program one word for the text of everything that reads a state, so
//! that no state is taken for read that another reader had read.

#![expect(
    clippy::disallowed_methods,
    reason = "cargo tells a build script by variables"
)]

use std::path::{Path, PathBuf};
use std::{env, fs};

/// What reads states, what they are made of, and what builds them.
const READERS: [&str; 3] = [
    "src/catalog/facts",
    "src/schema/facts",
    "src/migrator/states",
];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let root = env::var_os("CARGO_MANIFEST_DIR").expect("cargo says it");
    let root = Path::new(&root);
    revisions(&root.join("versions"));
    let mut hash = FNV_OFFSET;
    for folder in READERS {
        println!("cargo::rerun-if-changed={folder}");
        texts(&root.join(folder), &mut hash);
    }
    println!("cargo::rustc-env=GRACE_STATE_READER={hash:032x}");
}

const FNV_OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
const FNV_PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;

/// Takes the texts of a folder and of all below it into a hash (FNV-1a): names and what they hold.
fn texts(folder: &Path, hash: &mut u128) {
    let entries = fs::read_dir(folder).expect("a folder of this package");
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            texts(&path, hash);
            continue;
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let text = fs::read(&path).expect("a file of this package");
        for byte in name.bytes().chain([0]).chain(text).chain([0]) {
            *hash = (*hash ^ u128::from(byte)).wrapping_mul(FNV_PRIME);
        }
    }
}

/// Writes the list of the revisions of a folder.
fn revisions(versions: &Path) {
    println!("cargo::rerun-if-changed=versions");
    let mut scripts: Vec<PathBuf> = fs::read_dir(versions)
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
