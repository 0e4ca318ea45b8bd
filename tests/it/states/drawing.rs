//! GRACE's own schema as it is drawn in `docs/`.

use std::fs;
use std::path::{Path, PathBuf};

use grace_migrate::render::erd;
use grace_migrate::schema::diagram::Diagram;

use super::corpus::{database, grace, read};

fn kept(file: &Path, text: &str) {
    if std::env::var_os("INSTA_UPDATE").is_some_and(|mode| mode == "always") {
        fs::write(file, text).unwrap();
    }
    let there = fs::read_to_string(file).unwrap_or_default();
    assert_eq!(there, text, "{} is not what it was", file.display());
}

/// With `INSTA_UPDATE=always` they are drawn anew.
#[tokio::test]
async fn the_drawings_in_the_docs_are_true() {
    let database = database(&grace()).await;
    let state = read(&database.url()).await;
    let diagram = Diagram::of(&state);
    assert!(diagram.entities.len() > 5, "{}", diagram.entities.len());
    let docs: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    kept(&docs.join("erd.svg"), &erd::svg(&diagram));
    let text = format!(
        "# GRACE's tables\n\n\
         Drawn by `grace-migrate schema erd head` from [`versions/`](../versions), as it is told in\n\
         [schema.md](schema.md#schema-erd). A test keeps it true.\n\n\
         ![GRACE's tables and foreign keys](erd.svg)\n\n\
         The same for Mermaid:\n\n\
         ```mermaid\n{}```\n",
        erd::mermaid(&diagram)
    );
    kept(&docs.join("erd.md"), &text);
}
