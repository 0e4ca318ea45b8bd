use super::*;
use crate::revision::RevisionId;

/// A project's folder of templates, written as `path: text`.
fn project(files: &[(&str, &str)]) -> (tempfile::TempDir, Templates) {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("templates");
    for (path, text) in files {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let templates = Templates {
        root: root.path().to_owned(),
        folder,
    };
    (root, templates)
}

fn header() -> Header {
    Header {
        message: Some("add orders".to_owned()),
        ..Header::new(RevisionId::parse("a1").unwrap())
    }
}

fn variables(given: &[(&str, &str)]) -> BTreeMap<String, String> {
    given
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

/// Renders the up script of a one-file template.
fn up(text: &str, given: &[(&str, &str)]) -> Result<String, TemplateError> {
    let (_root, templates) = project(&[("t/up.sql.jinja", text)]);
    let scripts = templates
        .get("t")
        .unwrap()
        .render(&header(), "add_orders", &variables(given))?;
    Ok(scripts[0].1.clone())
}

fn said(error: &TemplateError) -> String {
    match error {
        TemplateError::VariableMissing { place, variable } => {
            format!("{place}+{}: no {variable}", place.width)
        }
        other => format!("{}: {other}", other.code()),
    }
}

#[test]
fn the_built_in_templates() {
    let (_root, templates) = project(&[]);
    assert_eq!(templates.names().unwrap(), ["plain", "rls"]);
    let plain = templates.get("plain").unwrap();
    let scripts = plain.render(&header(), "s", &BTreeMap::new()).unwrap();
    assert_eq!(
        scripts,
        [
            (
                ScriptKind::Up,
                "-- revision: a1\n-- revises: base\n-- message: add orders\n".to_owned()
            ),
            (
                ScriptKind::Down,
                "-- Takes back \"add orders\".\n".to_owned()
            ),
        ]
    );
    let irreversible = Header {
        irreversible: Some("gone".to_owned()),
        ..header()
    };
    let scripts = plain.render(&irreversible, "s", &BTreeMap::new()).unwrap();
    assert_eq!(scripts.len(), 1, "no down script for an irreversible one");
}

#[test]
fn the_rls_template() {
    let (_root, templates) = project(&[]);
    let rls = templates.get("rls").unwrap();
    let given = variables(&[("table", "Orders"), ("owner", "user_id")]);
    let scripts = rls.render(&header(), "s", &given).unwrap();
    insta::assert_snapshot!("rls_up", scripts[0].1);
    insta::assert_snapshot!("rls_down", scripts[1].1);
    for (_, text) in &scripts {
        crate::sql::split(text).unwrap();
    }
    let error = rls.render(&header(), "s", &BTreeMap::new()).unwrap_err();
    assert_eq!(
        said(&error),
        "(built in)/rls/up.sql.jinja:12:56+5: no table"
    );
}

#[test]
fn the_projects_own_go_first() {
    let (_root, templates) = project(&[
        ("plain/up.sql.jinja", "{{ header }}\nselect 1;\n\n\n"),
        ("mine/up.sql.jinja", "select 2;"),
        (
            "mine/verify.sql.jinja",
            "{{ revision }} {{ slug | literal }}",
        ),
        ("notes/README.md", ""),
    ]);
    assert_eq!(templates.names().unwrap(), ["mine", "plain", "rls"]);
    let render = |name| {
        let template = templates.get(name).unwrap();
        template.render(&header(), "o'x", &BTreeMap::new()).unwrap()
    };
    let plain = render("plain");
    assert_eq!(plain.len(), 1, "a template is taken as a whole");
    assert!(plain[0].1.ends_with("orders\nselect 1;\n"));
    let mine = render("mine");
    assert_eq!(
        mine[0].1, "-- revision: a1\n-- revises: base\n-- message: add orders\n\nselect 2;\n",
        "the header is put first where the template does not place it"
    );
    assert_eq!(mine[1], (ScriptKind::Verify, "a1 'o''x'\n".to_owned()));
    match templates.get("mien").unwrap_err() {
        TemplateError::Unknown { nearest, known, .. } => {
            assert_eq!(nearest.as_deref(), Some("mine"));
            assert_eq!(known, ["mine", "plain", "rls"]);
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(
        templates.get("../templates/mine").unwrap_err().code(),
        "unknown-template"
    );
}

#[test]
fn variables_that_were_not_given() {
    let place = "templates/t/up.sql.jinja";
    for (text, expected) in [
        ("select {{ tabel }}", "1:11+5: no tabel"),
        ("select\n  {{ tabel | ident }}", "2:6+5: no tabel"),
        ("{{ 'x' ~ tabel }}", "1:4+11: no tabel"),
        ("{% if tabel %}x{% endif %}", "1:7+5: no tabel"),
    ] {
        let error = up(text, &[]).unwrap_err();
        assert_eq!(said(&error), format!("{place}:{expected}"));
    }
    let text = "select {{ schema | default('public') | ident }};{% if x is defined %}x{% endif %}";
    assert!(up(text, &[]).unwrap().ends_with("select public;\n"));
    assert!(
        up(text, &[("schema", "A b")])
            .unwrap()
            .ends_with("select \"A b\";\n")
    );
}

#[test]
fn variables_that_nothing_uses() {
    match up("{{ table }}", &[("tabel", "x")]).unwrap_err() {
        TemplateError::VariableUnused { nearest, used, .. } => {
            assert_eq!(nearest.as_deref(), Some("table"));
            assert_eq!(used, ["table"]);
        }
        other => panic!("{other:?}"),
    }
    let error = up("{{ message }}", &[("message", "x")]).unwrap_err();
    assert_eq!(error.code(), "template-variable-given");
}

#[test]
fn broken_templates() {
    assert_eq!(
        said(&up("x\n{{ nope( }}", &[]).unwrap_err()),
        "broken-template: templates/t/up.sql.jinja:2:10: unexpected `}`"
    );
    assert_eq!(
        said(&up("{{ labels | ident }}", &[]).unwrap_err()),
        "broken-template: templates/t/up.sql.jinja:1:13: expected a text, found sequence"
    );
    for text in [
        "-- revision: b2",
        "{{ header }}\n-- label: x",
        "{{ header }}\n-- note: y",
        "{% if false %}{{ header }}{% endif %}",
    ] {
        assert_eq!(
            up(text, &[]).unwrap_err().code(),
            "template-header",
            "{text}"
        );
    }
    assert!(
        up("{{ header }}\n-- transaction: off\n", &[]).is_ok(),
        "how a script runs is the template's to say"
    );
}
