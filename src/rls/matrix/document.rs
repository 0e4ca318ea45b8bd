//! The kept matrix: Markdown that is made to be reviewed, and read back.

use std::path::Path;

use super::{ActorAccess, Cell, Matrix, TableMatrix};
use crate::diagnostic::{Diagnostic, Place};
use crate::schema::Privilege;
use crate::sql::{self, QualifiedName, Span};

const HEAD: &str = "\
# Access matrix

Who reaches which rows of each table, really tried by `grace-migrate rls matrix`, which writes this
file (`--write`) and compares with it (`--expect`). A row belongs to whom the actors' file says.

- `refused`: the command is not allowed, or no row passes its policies' checks
- `none`, `all`: no row, every row
- `own`, `own+2`: exactly the actor's own rows; these and two of others
- `2 of 6`: so many rows, not all of the actor's own among them
- `own→all`: an UPDATE that can also give a row away, to every other owner
- `no rows`: the table is empty, and the command is not refused
";

const CODE: &str = "matrix-syntax";

/// The matrix as Markdown: for each table what every actor reaches, and what decides it.
#[must_use]
pub fn document(matrix: &Matrix) -> String {
    let mut out = HEAD.to_owned();
    for (name, table) in &matrix.tables {
        out.push_str(&format!("\n## {name}\n\n"));
        out.push_str(&grid(table));
        out.push_str("\n```sql\n");
        for statement in &table.pinned {
            out.push_str(&format!("{statement};\n"));
        }
        out.push_str("```\n");
    }
    out
}

fn grid(table: &TableMatrix) -> String {
    let mut rows = vec![
        std::iter::once("actor".to_owned())
            .chain(Privilege::REACH.iter().map(ToString::to_string))
            .collect::<Vec<_>>(),
    ];
    rows.extend(table.actors.iter().map(|one| {
        let cell = |command: &Privilege| match one.cells.get(command) {
            Some(cell) => cell.to_string(),
            None => "-".to_owned(),
        };
        std::iter::once(one.actor.clone())
            .chain(Privilege::REACH.iter().map(cell))
            .collect()
    }));
    let width = |column: usize| {
        let widths = rows.iter().map(|row| row[column].chars().count());
        widths.max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..=Privilege::REACH.len()).map(width).collect();
    let mut lines: Vec<String> = rows
        .iter()
        .map(|row| {
            let cells = row.iter().zip(&widths);
            let cells: Vec<String> = cells
                .map(|(cell, width)| format!("{cell:width$}"))
                .collect();
            format!("| {} |\n", cells.join(" | "))
        })
        .collect();
    let rule: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
    lines.insert(1, format!("| {} |\n", rule.join(" | ")));
    lines.concat()
}

/// Reads what [`document()`] writes; `path` is the file as it is shown. Line ends may be of either
/// kind, and text that is neither a table nor a block of SQL may be anything.
///
/// # Errors
/// Everything that cannot be read, each with its line.
pub fn parse(path: &Path, text: &str) -> Result<Matrix, Vec<Diagnostic>> {
    let text = text.replace("\r\n", "\n");
    let mut reader = Reader {
        path,
        text: &text,
        matrix: Matrix::default(),
        defects: Vec::new(),
    };
    reader.read();
    if reader.defects.is_empty() {
        Ok(reader.matrix)
    } else {
        Err(reader.defects)
    }
}

struct Reader<'t> {
    path: &'t Path,
    text: &'t str,
    matrix: Matrix,
    defects: Vec<Diagnostic>,
}

impl Reader<'_> {
    fn read(&mut self) {
        let mut current: Option<QualifiedName> = None;
        let mut block: Option<usize> = None;
        let mut at = 0;
        for line in self.text.split_inclusive('\n') {
            let span = Span::new(at, at + line.trim_end().len());
            at += line.len();
            let line = line.trim_end();
            if let Some(start) = block {
                if line == "```" {
                    self.statements(current.as_ref(), start, span.start);
                    block = None;
                }
            } else if line == "```sql" {
                block = Some(at);
            } else if let Some(heading) = line.strip_prefix("## ") {
                match QualifiedName::parse(heading) {
                    Ok(name) => {
                        let twice = self
                            .matrix
                            .tables
                            .insert(name.clone(), TableMatrix::default());
                        if twice.is_some() {
                            self.defect(span, format!("the table {name} is there twice"));
                        }
                        current = Some(name);
                    }
                    Err(defect) => self.defect(span, defect.to_string()),
                }
            } else if line.starts_with('|') && !line.starts_with("| -") {
                self.row(current.as_ref(), line, span);
            }
        }
        if let Some(start) = block {
            self.defect(
                Span::new(start, start),
                "the block of SQL has no end".to_owned(),
            );
        }
        if self.matrix.tables.is_empty() && self.defects.is_empty() {
            self.defect(Span::new(0, 0), "there is no table in it".to_owned());
        }
    }

    fn row(&mut self, table: Option<&QualifiedName>, line: &str, span: Span) {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let Some((actor, words)) = cells.split_first() else {
            return;
        };
        if *actor == "actor" {
            let commands: Vec<String> = Privilege::REACH.iter().map(ToString::to_string).collect();
            if words != commands {
                let message = format!("the columns are not actor, {}", commands.join(", "));
                self.defect(span, message);
            }
            return;
        }
        if words.len() != Privilege::REACH.len() {
            self.defect(span, format!("the row has {} cells, not 6", cells.len()));
            return;
        }
        let mut access = ActorAccess {
            actor: (*actor).to_owned(),
            cells: std::collections::BTreeMap::new(),
        };
        for (command, word) in Privilege::REACH.into_iter().zip(words) {
            if *word == "-" {
                continue;
            }
            match Cell::parse(word) {
                Some(cell) => drop(access.cells.insert(command, cell)),
                None => self.defect(span, format!("`{word}` is no word of the matrix")),
            }
        }
        let known = self.table(table).map(|table| {
            let twice = table.actor(actor).is_some();
            table.actors.push(access);
            twice
        });
        match known {
            None => self.defect(span, "the row is of no table".to_owned()),
            Some(true) => self.defect(span, format!("the actor {actor} is there twice")),
            Some(false) => {}
        }
    }

    fn statements(&mut self, table: Option<&QualifiedName>, start: usize, end: usize) {
        let block = &self.text[start..end];
        let span = Span::new(start, start);
        match sql::split(block) {
            Ok(statements) => {
                let texts: Vec<String> = statements
                    .iter()
                    .map(|one| one.text(block).to_owned())
                    .collect();
                match self.table(table) {
                    Some(table) => table.pinned.extend(texts),
                    None => self.defect(span, "the block of SQL is of no table".to_owned()),
                }
            }
            Err(defect) => self.defect(span, defect.to_string()),
        }
    }

    fn table(&mut self, name: Option<&QualifiedName>) -> Option<&mut TableMatrix> {
        self.matrix.tables.get_mut(name?)
    }

    fn defect(&mut self, span: Span, message: String) {
        let place = Place::in_text(self.path, self.text, span);
        self.defects
            .push(Diagnostic::error(CODE, message).at(place));
    }
}
