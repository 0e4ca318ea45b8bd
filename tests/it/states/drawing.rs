//! GRACE's own schema as it is drawn in `docs/`.

use std::fs;
use std::path::Path;

use grace_migrate::render::erd;
use grace_migrate::schema::diagram::Diagram;

use super::corpus::{database, grace, read};

#[expect(clippy::disallowed_methods, reason = "the tests' own setting, insta's")]
fn kept(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("docs")
        .join(name);
    if std::env::var_os("INSTA_UPDATE").is_some_and(|update| update == "always") {
        fs::write(&path, text).unwrap();
    }
    let there = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        there == text,
        "docs/{name} is not what is drawn; `INSTA_UPDATE=always` draws it anew"
    );
}

#[tokio::test]
async fn the_drawings_in_the_docs_are_true() {
    let database = database(&grace()).await;
    let state = read(&database.url()).await;
    let diagram = Diagram::of(&state);
    assert!(diagram.entities.len() > 5, "{}", diagram.entities.len());
    kept("erd.svg", &erd::svg(&diagram));
    let text = format!(
        "# GRACE's tables\n\n\
         Drawn by `grace-migrate schema erd head` from [`versions/`](../versions), as it is told in\n\
         [schema.md](schema.md#schema-erd). A test keeps it true.\n\n\
         ![GRACE's tables and foreign keys](erd.svg)\n\n\
         The same for Mermaid:\n\n\
         ```mermaid\n{}```\n",
        erd::mermaid(&diagram)
    );
    kept("erd.md", &text);
}
