use crate::migrator::{PolicyTests, TestRows};
use crate::rls::policy_test::{Case, Expectation, Part, Step, TestFile, Tuple, Who};
use crate::sql::{quote_ident, quote_literal};

/// What stands before the tests. The functions are the session's own, so that nothing is left, and
/// everybody may call them, whatever the default privileges are.
const HEAD: &str = r#"
do $$ begin
    perform pg_catalog.set_config('grace_migrate.path', pg_catalog.current_setting('search_path'), true);
end $$;

-- How many rows a statement gives or changes; null where it is refused.
create function pg_temp.grace_count(statement text) returns bigint language plpgsql as $$
declare
    counted bigint;
begin
    execute statement;
    get diagnostics counted = row_count;
    return counted;
exception when others then
    raise warning '%: %', sqlstate, sqlerrm;
    return null;
end $$;

-- The rows that a statement gives, as text; one more that is null where it is refused.
create function pg_temp.grace_rows(statement text) returns setof text language plpgsql as $$
declare
    one record;
begin
    for one in execute statement loop
        return next one::text;
    end loop;
exception when others then
    raise warning '%: %', sqlstate, sqlerrm;
    return next null::text;
end $$;

grant execute on function pg_temp.grace_count(text), pg_temp.grace_rows(text) to public;
savepoint grace_empty;
"#;

/// The tests as a file of SQL that pgTAP runs: in one transaction that is rolled back, each test
/// behind a savepoint of its own.
#[must_use]
pub fn rls_test_pgtap(tests: &PolicyTests) -> String {
    let mut writer = Writer {
        tests,
        out: String::new(),
        planned: 0,
    };
    let mut stands: Option<&TestRows> = None;
    for (file, fixtures) in &tests.files {
        let fixtures = fixtures.as_deref();
        if stands != fixtures {
            writer.line("\nrollback to savepoint grace_empty;");
            if let Some(fixtures) = fixtures {
                writer.fixtures(fixtures);
            }
            stands = fixtures;
        }
        writer.file(file);
    }
    // How many have run is taken back with each test: the last one stands behind all savepoints, so
    // that pgTAP knows it when it finishes.
    format!(
        "-- pgTAP, written by `grace-migrate rls test --pgtap`; run it with pg_prove.\n\
         begin;\nselect plan({});\n{HEAD}{}\nrollback to savepoint grace_empty;\n\
         select pass('every test has run');\nselect * from finish();\nrollback;\n",
        writer.planned + 1,
        writer.out
    )
}

struct Writer<'a> {
    tests: &'a PolicyTests,
    out: String,
    planned: usize,
}

impl Writer<'_> {
    fn line(&mut self, line: &str) {
        self.out.push_str(line);
        self.out.push('\n');
    }

    fn fixtures(&mut self, fixtures: &TestRows) {
        self.line(&format!("\n-- {}", in_comment(&fixtures.path.display())));
        self.ask(&Who::Migrator);
        self.line(fixtures.text.trim_end());
        // Its last statement may lack its end, its last line may be a comment.
        self.line(";");
    }

    fn file(&mut self, file: &TestFile) {
        self.line(&format!("\n-- {}", in_comment(&file.path.display())));
        self.line("savepoint grace_file;");
        for part in &file.parts {
            match part {
                Part::SetUp(step) => {
                    self.line("");
                    self.ask(&step.who);
                    self.plain(file, step);
                }
                Part::Case(case) => self.case(file, case),
            }
        }
        self.line("\nrollback to savepoint grace_file;");
    }

    fn case(&mut self, file: &TestFile, case: &Case) {
        self.line(&format!("\n-- {}", in_comment(&case.name)));
        self.line("savepoint grace_case;");
        for step in &case.steps {
            // A statement may make the session somebody else.
            self.ask(&step.who);
            let line = match case.steps.as_slice() {
                [_] => String::new(),
                _ => format!(", line {}", step.statement.line),
            };
            let name = format!("{}: {}{line}", file.path.display(), case.name);
            // It would begin a directive.
            let name = name.replace('#', "\\#");
            let expectation = step.expectation.as_ref();
            let expectation = expectation.unwrap_or(&Expectation::Success);
            self.expect(file, step, expectation, &quote_literal(&name));
        }
        self.line("rollback to savepoint grace_case;");
    }

    /// Makes the session whoever asks. The functions of pgTAP stay in reach.
    fn ask(&mut self, who: &Who) {
        self.line("set local session_authorization to default;");
        self.line("set local role to default;");
        let nobody = crate::rls::Actor {
            name: String::new(),
            role: String::new(),
            claims: None,
        };
        let actor = who.actor(&self.tests.actors);
        let settings = actor.unwrap_or(&nobody).settings(&self.tests.schemas);
        let mut body = String::from(" begin\n");
        for (name, value) in settings {
            let value = match name.as_str() {
                "role" => continue,
                "row_security" if actor.is_none() => quote_literal("off"),
                "search_path" => format!(
                    "{} || pg_catalog.current_setting('grace_migrate.path')",
                    quote_literal(&format!("{value}, "))
                ),
                _ => quote_literal(&value),
            };
            let name = quote_literal(&name);
            body.push_str(&format!(
                "    perform pg_catalog.set_config({name}, {value}, true);\n"
            ));
        }
        body.push_str("end ");
        self.line(&format!("do {};", dollar_quoted(&body)));
        if let Some(actor) = actor {
            self.line(&format!("set local role {};", quote_ident(&actor.role)));
        }
    }

    /// A statement that makes something for the rest of its file. Where it is refused, so is all that
    /// follows.
    fn plain(&mut self, file: &TestFile, step: &Step) {
        let text = step.statement.text(&file.text);
        if let Some(data) = step.statement.copy_data {
            self.line(&format!("{text};\n{}\\.", data.text(&file.text)));
        } else if is_quiet(text) {
            self.line(&format!("{text};"));
        } else {
            // Rows would stand among the results.
            let quoted = dollar_quoted(text);
            let body = format!(" begin execute {quoted}; end ");
            self.line(&format!("do {};", dollar_quoted(&body)));
        }
    }

    fn expect(&mut self, file: &TestFile, step: &Step, expectation: &Expectation, name: &str) {
        if step.statement.copy_data.is_some() {
            self.planned += 1;
            match expectation {
                Expectation::Success => {
                    self.plain(file, step);
                    self.line(&format!("select pass({name});"));
                }
                _ => self.line(
                    "select skip('COPY FROM stdin cannot be refused within pgTAP'::text, 1);",
                ),
            }
            return;
        }
        let text = step.statement.text(&file.text);
        // A text without white space would be the name of a prepared statement.
        let sql = dollar_quoted(&format!(" {text} "));
        match expectation {
            Expectation::Success => self.assert(&format!("lives_ok({sql}, {name})")),
            Expectation::Count(0) if is_read(text) => self.assert(&format!(
                "is_empty(format('select pg_temp.grace_rows(%L)', {sql}), {name})"
            )),
            Expectation::Count(count) => self.assert(&format!(
                "results_eq(format('select pg_temp.grace_count(%L)', {sql}), \
                 array[{count}::bigint], {name})"
            )),
            Expectation::Some => self.assert(&format!(
                "results_eq(format('select pg_temp.grace_count(%L) > 0', {sql}), \
                 array[true], {name})"
            )),
            Expectation::Rows { tuples, in_order } => {
                let order = match in_order {
                    true => "",
                    false => " order by line collate \"C\"",
                };
                let values: Vec<String> = tuples.iter().map(record).collect();
                let wanted = dollar_quoted(&format!(
                    " select line from (values {}) as wanted (line){order} ",
                    values.join(", ")
                ));
                self.assert(&format!(
                    "results_eq(format('select line from pg_temp.grace_rows(%L) as \
                     came (line){order}', {sql}), {wanted}, {name})"
                ));
            }
            Expectation::Error { sqlstate, message } => {
                self.assert(&format!(
                    "throws_ok({sql}, '{sqlstate}'::char(5), null::text, {name})"
                ));
                if let Some(message) = message {
                    let pattern = quote_literal(&like(message));
                    self.assert(&format!("throws_like({sql}, {pattern}, {name})"));
                }
            }
        }
    }

    fn assert(&mut self, call: &str) {
        self.planned += 1;
        self.line(&format!("select {call};"));
    }
}

/// A row of text as the server writes it: `(row('a'::text, null::text)::text)`.
fn record(tuple: &Tuple) -> String {
    let values: Vec<String> = tuple
        .iter()
        .map(|value| match value {
            Some(text) => format!("{}::text", quote_literal(text)),
            None => "null::text".to_owned(),
        })
        .collect();
    format!("(row({})::text)", values.join(", "))
}

/// The pattern of LIKE for a text that holds this one.
fn like(text: &str) -> String {
    let escaped = text
        .replace('\\', "\\\\")
        .replace('%', "\\%")
        .replace('_', "\\_");
    format!("%{escaped}%")
}

/// The words that a statement begins with which reads and changes nothing by itself.
fn is_read(text: &str) -> bool {
    let first = first_word(text);
    ["select", "values", "table"].contains(&first.as_str())
}

/// Whether a statement gives no rows, as far as its text tells.
fn is_quiet(text: &str) -> bool {
    let gives = ["with", "explain", "show", "execute", "fetch", "call"];
    !is_read(text)
        && !text.starts_with('(')
        && !gives.contains(&first_word(text).as_str())
        && !text.to_ascii_lowercase().contains("returning")
}

fn first_word(text: &str) -> String {
    let word = text.chars().take_while(char::is_ascii_alphabetic);
    word.map(|c| c.to_ascii_lowercase()).collect()
}

/// The text as a literal, with a tag that it does not hold.
fn dollar_quoted(text: &str) -> String {
    let mut tag = "$sql$".to_owned();
    let mut number = 0;
    while text.contains(tag.trim_end_matches('$')) {
        number += 1;
        tag = format!("$sql{number}$");
    }
    format!("{tag}{text}{tag}")
}

/// A text on one line.
fn in_comment(text: &dyn std::fmt::Display) -> String {
    text.to_string().replace(['\n', '\r'], " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_literal_ends_where_it_should() {
        assert_eq!(dollar_quoted("a"), "$sql$a$sql$");
        assert_eq!(dollar_quoted("$sql$a$sql$ $"), "$sql1$$sql$a$sql$ $$sql1$");
        assert_eq!(like("100%_\\"), "%100\\%\\_\\\\%");
        assert_eq!(
            record(&vec![Some("it's".to_owned()), None]),
            "(row('it''s'::text, null::text)::text)"
        );
    }

    #[test]
    fn what_would_stand_among_the_results() {
        for loud in [
            "select 1",
            "SELECT(1)",
            "(select 1)",
            "with a as (select 1) table a",
            "insert into a values (1) RETURNING 1",
            "show all",
        ] {
            assert!(!is_quiet(loud), "{loud}");
        }
        for quiet in [
            "insert into a values (1)",
            "create table a ()",
            "do $$ begin end $$",
        ] {
            assert!(is_quiet(quiet), "{quiet}");
        }
    }
}
