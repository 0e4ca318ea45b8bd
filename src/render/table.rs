//! Tables: the one door to comfy-table, and one look for all of them.

use comfy_table::{
    Cell, CellAlignment, ColumnConstraint, ContentArrangement, ContentLineStyle, LineStyle, Table,
    TableStyle,
};

use super::plain;
use super::style::{Role, Style};

/// No boxes: a rule under the header. Its junction is a column's second space.
const LOOK: TableStyle = TableStyle::new()
    .header_lines(ContentLineStyle::none())
    .header_separator(LineStyle::none().fill('─').junction('─'))
    .content_lines(ContentLineStyle::none());

/// How a column behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column<'t> {
    /// Its cells are wrapped where the terminal is too narrow.
    Text(&'t str),
    /// Its cells are never wrapped: ids, instants.
    Whole(&'t str),
    /// As `Whole`, aligned to the right: numbers.
    Number(&'t str),
}

impl<'t> Column<'t> {
    fn title(self) -> &'t str {
        match self {
            Self::Text(title) | Self::Whole(title) | Self::Number(title) => title,
        }
    }
}

/// A table with a header, each line ended; as wide as it needs to be, and no wider than the terminal.
pub(super) fn table(
    columns: &[Column<'_>],
    rows: impl IntoIterator<Item = Vec<String>>,
    style: &Style,
) -> String {
    let mut table = Table::new();
    table
        .load_style(LOOK)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(
            columns
                .iter()
                .map(|column| Cell::new(plain::line(column.title()))),
        );
    if let Some(width) = style.width {
        table.set_width(width);
    }
    for row in rows {
        table.add_row(row.iter().map(|cell| Cell::new(plain::block(cell))));
    }
    let last = columns.len().saturating_sub(1);
    for (index, column) in columns.iter().enumerate() {
        let Some(look) = table.column_mut(index) else {
            continue;
        };
        look.set_padding((0, if index == last { 0 } else { 1 }));
        match column {
            Column::Text(_) => {}
            Column::Whole(_) => {
                look.set_constraint(ColumnConstraint::ContentWidth);
            }
            Column::Number(_) => {
                look.set_constraint(ColumnConstraint::ContentWidth);
                look.set_cell_alignment(CellAlignment::Right);
            }
        }
    }
    let mut out = String::new();
    let mut role = Some(Role::Title);
    for line in table.lines() {
        let line = line.trim_end();
        let rule = line.starts_with('─');
        out.push_str(&match role {
            _ if rule => style.paint(Role::Faint, line),
            Some(role) => style.paint(role, line),
            None => line.to_owned(),
        });
        out.push('\n');
        if rule {
            role = None;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;

    #[test]
    fn one_look() {
        let columns = [
            Column::Whole("Revision"),
            Column::Text("Message"),
            Column::Number("Took"),
        ];
        let rows = || {
            vec![
                vec![
                    "8f3c2a1b9d04".into(),
                    "create the GRACE schema 漢字".into(),
                    "12 ms".into(),
                ],
                vec![
                    "a81e02cd".into(),
                    "close it\u{1b}[2J and say so at some length".into(),
                    "1.24 s".into(),
                ],
            ]
        };
        assert_snapshot!(table(&columns, rows(), &Style::default()), @"
        Revision      Message                                   Took
        ────────────────────────────────────────────────────────────
        8f3c2a1b9d04  create the GRACE schema 漢字             12 ms
        a81e02cd      close it␛[2J and say so at some length  1.24 s
        ");
        let narrow = Style {
            width: Some(44),
            color: true,
            verbose: false,
        };
        assert_snapshot!(table(&columns, rows(), &narrow).replace('\u{1b}', "␛"), @"
        ␛[1mRevision      Message                   Took␛[0m
        ␛[2m────────────────────────────────────────────␛[0m
        8f3c2a1b9d04  create the GRACE         12 ms
                      schema 漢字
        a81e02cd      close it␛[2J and say    1.24 s
                      so at some length
        ");
        assert_snapshot!(table(&columns, Vec::new(), &Style::default()), @"
        Revision  Message  Took
        ───────────────────────
        ");
    }
}
