//! The diagram as a picture: laid out by `dagre`, drawn with the `svg` crate.

use svg::Document;
use svg::node::element::{Circle, Group, Line, Path, Rectangle, Style, Text, Title};

use super::layout::{Point, Size, layout};
use crate::render::plain;
use crate::schema::diagram::{Attribute, Diagram, Entity, Many, One, Relation};

const MARGIN: f64 = 24.0;
const HEAD: f64 = 30.0;
const ROW: f64 = 22.0;
/// From a box's edge to its text, and between name and type.
const PAD: f64 = 12.0;
/// The column of marks: `PK`, `FK`, `UK`.
const MARKS: f64 = 30.0;
/// How wide a character is: of 12 pixels, and of the bold 13 of a table's name.
const CHARACTER: f64 = 7.3;
const HEAD_CHARACTER: f64 = 8.0;
const MONOSPACE: &str = "DejaVu Sans Mono, Menlo, Consolas, monospace";

/// Colours for a light page and for a dark one.
const STYLE: &str = "
.paper { fill: #ffffff }
.box { fill: #fbfcfd; stroke: #b6c2cf; stroke-width: 1 }
.head { fill: #2f5d8a }
.stripe { fill: #f0f4f8 }
.title { fill: #ffffff; font-weight: bold; font-size: 13px }
.name { fill: #1f2933 }
.type { fill: #66727f }
.mark { fill: #a4560f; font-size: 10px; font-weight: bold }
.line { fill: none; stroke: #6b7c8f; stroke-width: 1.4 }
.weak { stroke-dasharray: 5 3 }
.end { fill: none; stroke: #6b7c8f; stroke-width: 1.4 }
.ring { fill: #ffffff; stroke: #6b7c8f; stroke-width: 1.4 }
@media (prefers-color-scheme: dark) {
.paper { fill: #14181d }
.box { fill: #1c2229; stroke: #46525f }
.head { fill: #2a5580 }
.stripe { fill: #232b34 }
.name { fill: #e4e9ee }
.type { fill: #9aa7b4 }
.mark { fill: #f0a458 }
.line, .end { stroke: #8b9bab }
.ring { fill: #14181d; stroke: #8b9bab }
}
";

/// The diagram as an SVG document of its own: a box for each table, a line for each foreign key with
/// a crow's foot where many rows may refer. Follows the reader's light or dark colours.
#[must_use]
pub fn svg(diagram: &Diagram) -> String {
    let sizes: Vec<Size> = diagram.entities.iter().map(size).collect();
    let layout = layout(diagram, &sizes);
    let mut document = Document::new();
    let (mut lines, mut ends) = (Group::new(), Group::new());
    let mut right = layout.size.width;
    for (relation, bends) in diagram.relations.iter().zip(&layout.bends) {
        let side = |place: usize| Side {
            entity: &diagram.entities[place],
            corner: layout.corners[place],
            size: sizes[place],
        };
        let (from, to) = (side(relation.from), side(relation.to));
        let course = course(relation, &from, &to, bends);
        right = right.max(course.right);
        let class = if relation.identifying {
            "line"
        } else {
            "line weak"
        };
        let text = format!(
            "{}: {} ({}) refers to {} ({})",
            relation.name,
            from.entity.title(),
            relation.columns.join(", "),
            to.entity.title(),
            relation.referenced.join(", ")
        );
        let path = Path::new().set("class", class).set("d", course.path);
        lines = lines.add(Group::new().add(Title::new(plain::line(&text))).add(path));
        ends = many(ends, relation.referring, course.start);
        ends = one(ends, relation.referred, course.end);
    }
    let mut boxes = Group::new();
    for (place, entity) in diagram.entities.iter().enumerate() {
        boxes = boxes.add(table(entity, layout.corners[place], sizes[place]));
    }
    let width = (right + 2.0 * MARGIN).ceil();
    let height = (layout.size.height + 2.0 * MARGIN).ceil();
    document = document
        .set("viewBox", (-MARGIN, -MARGIN, width, height))
        .set("width", width)
        .set("height", height)
        .set("role", "img")
        .set("font-family", MONOSPACE)
        .set("font-size", 12)
        .add(Title::new("entity-relationship diagram"))
        .add(Style::new(STYLE))
        .add(
            Rectangle::new()
                .set("class", "paper")
                .set("x", -MARGIN)
                .set("y", -MARGIN)
                .set("width", width)
                .set("height", height),
        )
        .add(lines)
        .add(boxes)
        .add(ends);
    format!("{document}\n")
}

fn columns(text: &str) -> f64 {
    f64::from(u32::try_from(plain::width(text)).unwrap_or(u32::MAX))
}

/// A column's type; with `?` where it may be null.
fn type_of(attribute: &Attribute) -> String {
    let mark = if attribute.nullable { "?" } else { "" };
    plain::line(&format!("{}{mark}", attribute.data_type)).into_owned()
}

fn size(entity: &Entity) -> Size {
    let rows = entity.attributes.iter().map(|one| {
        let text = columns(&plain::line(&one.name)) + columns(&type_of(one));
        MARKS + text * CHARACTER + 3.0 * PAD
    });
    let head = columns(&plain::line(&entity.title())) * HEAD_CHARACTER + 2.0 * PAD;
    let count = u32::try_from(entity.attributes.len()).unwrap_or(u32::MAX);
    Size {
        width: rows.fold(head.max(120.0), f64::max).ceil(),
        height: HEAD + f64::from(count) * ROW + 6.0,
    }
}

fn table(entity: &Entity, corner: Point, size: Size) -> Group {
    let (x, y) = (tenth(corner.x), tenth(corner.y));
    let right = tenth(corner.x + size.width);
    let mut tooltip = entity.title();
    if let Some(comment) = &entity.comment {
        tooltip.push_str(&format!("\n{comment}"));
    }
    // Rounded above, and straight where the columns begin.
    let head = format!(
        "M{x},{} v-{} a6,6 0 0 1 6,-6 h{} a6,6 0 0 1 6,6 v{} z",
        y + HEAD,
        HEAD - 6.0,
        size.width - 12.0,
        HEAD - 6.0
    );
    let mut group = Group::new()
        .add(Title::new(plain::block(&tooltip)))
        .add(
            Rectangle::new()
                .set("class", "box")
                .set("x", x)
                .set("y", y)
                .set("width", size.width)
                .set("height", size.height)
                .set("rx", 6),
        )
        .add(Path::new().set("class", "head").set("d", head))
        .add(
            Text::new(plain::line(&entity.title()))
                .set("class", "title")
                .set("x", tenth(corner.x + PAD))
                .set("y", y + 20.0),
        );
    let mut top = y + HEAD;
    for (number, attribute) in entity.attributes.iter().enumerate() {
        if number % 2 == 1 {
            group = group.add(
                Rectangle::new()
                    .set("class", "stripe")
                    .set("x", x + 1.0)
                    .set("y", top)
                    .set("width", size.width - 2.0)
                    .set("height", ROW),
            );
        }
        group = row(group, attribute, x, right, top + 15.5);
        top += ROW;
    }
    group
}

fn row(mut group: Group, attribute: &Attribute, x: f64, right: f64, y: f64) -> Group {
    let mark = match attribute {
        one if one.primary_key && one.foreign_key => "PFK",
        one if one.primary_key => "PK",
        one if one.foreign_key => "FK",
        one if one.unique => "UK",
        _ => "",
    };
    if !mark.is_empty() {
        group = group.add(
            Text::new(mark)
                .set("class", "mark")
                .set("x", x + PAD - 2.0)
                .set("y", y - 0.5),
        );
    }
    let name = Text::new(plain::line(&attribute.name))
        .set("class", "name")
        .set("x", tenth(x + PAD + MARKS - 4.0))
        .set("y", y);
    let kind = Text::new(type_of(attribute))
        .set("class", "type")
        .set("text-anchor", "end")
        .set("x", tenth(right - PAD))
        .set("y", y);
    let Some(comment) = &attribute.comment else {
        return group.add(name).add(kind);
    };
    let told = Group::new().add(Title::new(plain::block(comment)));
    group.add(told.add(name).add(kind))
}

/// One of the two tables of a line.
struct Side<'a> {
    entity: &'a Entity,
    corner: Point,
    size: Size,
}

/// Where a line meets a table, and whether it leads away to the right.
#[derive(Clone, Copy)]
struct End {
    at: Point,
    rightward: bool,
}

struct Course {
    path: String,
    /// At the table that refers.
    start: End,
    /// At the one that is referred to.
    end: End,
    /// The line's right end.
    right: f64,
}

impl Side<'_> {
    fn middle(&self) -> f64 {
        self.corner.x + self.size.width / 2.0
    }

    /// Beside the first of these columns.
    fn end(&self, columns: &[String], rightward: bool) -> End {
        let row = columns.first().and_then(|name| {
            let mut names = self.entity.attributes.iter();
            names.position(|one| one.name == *name)
        });
        let row = row.and_then(|row| u32::try_from(row).ok());
        let down = row.map_or(HEAD / 2.0, |row| HEAD + f64::from(row) * ROW + ROW / 2.0);
        End {
            at: Point {
                x: self.corner.x + if rightward { self.size.width } else { 0.0 },
                y: self.corner.y + down,
            },
            rightward,
        }
    }
}

/// A line from column to column, level where it meets tables and bends.
fn course(relation: &Relation, from: &Side<'_>, to: &Side<'_>, bends: &[Point]) -> Course {
    let is_own = relation.from == relation.to;
    let to_the_left = !is_own && to.middle() < from.middle();
    let end = to.end(&relation.referenced, is_own || to_the_left);
    let start = from.end(&relation.columns, is_own || !to_the_left);
    let out = |end: End| Point {
        x: end.at.x + if end.rightward { 16.0 } else { -16.0 },
        y: end.at.y,
    };
    let (near, far) = (out(end), out(start));
    let mut path = format!("M{} L{}", shown(end.at), shown(near));
    let mut right = 0.0_f64;
    if is_own {
        let x = near.x + 20.0;
        right = x;
        path.push_str(&format!(
            " C{} {} {}",
            shown(Point { x, y: near.y }),
            shown(Point { x, y: far.y }),
            shown(far)
        ));
    } else {
        let mut last = near;
        for &next in bends.iter().chain([&far]) {
            let half = (next.x - last.x) / 2.0;
            path.push_str(&format!(
                " C{} {} {}",
                shown(Point {
                    x: last.x + half,
                    y: last.y
                }),
                shown(Point {
                    x: next.x - half,
                    y: next.y
                }),
                shown(next)
            ));
            last = next;
        }
    }
    path.push_str(&format!(" L{}", shown(start.at)));
    Course {
        path,
        start,
        end,
        right,
    }
}

fn shown(point: Point) -> String {
    format!("{},{}", tenth(point.x), tenth(point.y))
}

fn stroke(from: Point, to: Point) -> Line {
    Line::new()
        .set("class", "end")
        .set("x1", tenth(from.x))
        .set("y1", tenth(from.y))
        .set("x2", tenth(to.x))
        .set("y2", tenth(to.y))
}

/// A bar across the line, this far from the table.
fn bar(end: End, away: f64) -> Line {
    let x = end.at.x + if end.rightward { away } else { -away };
    let y = end.at.y;
    stroke(Point { x, y: y - 5.0 }, Point { x, y: y + 5.0 })
}

/// A ring on the line: none is possible.
fn ring(end: End, away: f64) -> Circle {
    let x = end.at.x + if end.rightward { away } else { -away };
    Circle::new()
        .set("class", "ring")
        .set("cx", tenth(x))
        .set("cy", tenth(end.at.y))
        .set("r", 3.5)
}

/// The sign beside the table that refers.
fn many(group: Group, many: Many, end: End) -> Group {
    match many {
        Many::ZeroOrOne => group.add(bar(end, 5.0)).add(ring(end, 12.0)),
        Many::ZeroOrMore => {
            let point = Point {
                x: end.at.x + if end.rightward { 10.0 } else { -10.0 },
                y: end.at.y,
            };
            let toe = |offset: f64| Point {
                x: end.at.x,
                y: end.at.y + offset,
            };
            group
                .add(stroke(point, toe(-5.0)))
                .add(stroke(point, toe(5.0)))
                .add(ring(end, 13.5))
        }
    }
}

/// The sign beside the table that is referred to.
fn one(group: Group, one: One, end: End) -> Group {
    match one {
        One::ExactlyOne => group.add(bar(end, 5.0)).add(bar(end, 9.0)),
        One::ZeroOrOne => group.add(bar(end, 5.0)).add(ring(end, 12.0)),
    }
}

/// To a tenth of a pixel, for no reader sees more.
fn tenth(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}
