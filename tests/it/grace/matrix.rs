//! The access matrix: every actor, every table, every command, in every set-up.

use std::fmt::Write as _;

use super::actors::{ACTORS, Outcome, attempt};
use super::setup::{Grace, Setup};

/// What may be done to Olga's rows. A cell tells of SELECT, INSERT, UPDATE, DELETE and TRUNCATE:
/// the letter is a command that does it, `.` one that finds no row, `x` one that is refused.
const OLGAS_ROWS: &str = "\
table               own   active pending revoked stranger no sub anon  service bound
profiles            sxuxx sx.xx  .x.xx   .x.xx   .x.xx    .x.xx  xxxxx siudx   siudx
caregiver_relations siudx sx.dx  sx.dx   sx.dx   .x..x    .x..x  xxxxx siudx   siudx
sessions            siudx sx..x  .x..x   .x..x   .x..x    .x..x  xxxxx siudx   siudx
chat_turns          siudx sx..x  .x..x   .x..x   .x..x    .x..x  xxxxx siudx   siudx
notes               siudx sx..x  .x..x   .x..x   .x..x    .x..x  xxxxx siudx   siudx
medications         siudx sx..x  .x..x   .x..x   .x..x    .x..x  xxxxx siudx   siudx
activities          sxxxx sxxxx  sxxxx   sxxxx   sxxxx    .xxxx  xxxxx siudx   siudx
topics              sxxxx sxxxx  sxxxx   sxxxx   sxxxx    .xxxx  xxxxx siudx   siudx
session_activities  siudx sx..x  .x..x   .x..x   .x..x    .x..x  xxxxx siudx   siudx
session_topics      siudx sx..x  .x..x   .x..x   .x..x    .x..x  xxxxx siudx   siudx
";

/// How many of all rows SELECT, UPDATE and DELETE reach without any condition; `x` is refused.
const ALL_ROWS: &str = "\
table               own   active pending revoked stranger no sub anon  service bound
profiles            1 1 x 2 1 x  1 1 x   1 1 x   1 1 x    0 0 x  x x x 6 6 6   6 6 6
caregiver_relations 3 3 3 1 0 1  1 0 1   1 0 1   0 0 0    0 0 0  x x x 3 3 3   3 3 3
sessions            1 1 1 2 1 1  1 1 1   1 1 1   1 1 1    0 0 0  x x x 5 5 5   5 5 5
chat_turns          1 1 1 2 1 1  1 1 1   1 1 1   1 1 1    0 0 0  x x x 5 5 5   5 5 5
notes               1 1 1 2 1 1  1 1 1   1 1 1   1 1 1    0 0 0  x x x 5 5 5   5 5 5
medications         1 1 1 2 1 1  1 1 1   1 1 1   1 1 1    0 0 0  x x x 5 5 5   5 5 5
activities          2 x x 2 x x  2 x x   2 x x   2 x x    0 x x  x x x 2 2 2   2 2 2
topics              2 x x 2 x x  2 x x   2 x x   2 x x    0 x x  x x x 2 2 2   2 2 2
session_activities  1 1 1 2 1 1  1 1 1   1 1 1   1 1 1    0 0 0  x x x 5 5 5   5 5 5
session_topics      1 1 1 2 1 1  1 1 1   1 1 1   1 1 1    0 0 0  x x x 5 5 5   5 5 5
";

/// How a table is tried.
struct Trial {
    table: &'static str,
    /// Which rows are Olga's.
    olgas: &'static str,
    /// A new row of hers.
    insert: &'static str,
    /// A change that changes nobody's place.
    update: &'static str,
}

macro_rules! id {
    ($end:literal) => {
        concat!("'00000000-0000-4000-8000-0000000000", $end, "'")
    };
}

const TRIALS: [Trial; 10] = [
    Trial {
        table: "profiles",
        olgas: concat!("id = ", id!("01")),
        insert: concat!("(id, email) values (", id!("07"), ", 'new@example.org')"),
        update: "full_name = 'Somebody'",
    },
    Trial {
        table: "caregiver_relations",
        olgas: concat!("profile_id = ", id!("01")),
        insert: concat!(
            "(caregiver_id, profile_id) values (",
            id!("06"),
            ", ",
            id!("01"),
            ")"
        ),
        update: "status = 'revoked'",
    },
    Trial {
        table: "sessions",
        olgas: concat!("profile_id = ", id!("01")),
        insert: concat!(
            "(profile_id, title) values (",
            id!("01"),
            ", 'Another day')"
        ),
        update: "title = 'Changed'",
    },
    Trial {
        table: "chat_turns",
        olgas: concat!("session_id = ", id!("01")),
        insert: concat!("(session_id, content) values (", id!("01"), ", 'And?')"),
        update: "content = 'Changed'",
    },
    Trial {
        table: "notes",
        olgas: concat!("session_id = ", id!("01")),
        insert: concat!("(session_id, body) values (", id!("01"), ", 'And?')"),
        update: "body = 'Changed'",
    },
    Trial {
        table: "medications",
        olgas: concat!("profile_id = ", id!("01")),
        insert: concat!("(profile_id, name) values (", id!("01"), ", 'Honey')"),
        update: "dosage = 'Two cups'",
    },
    Trial {
        table: "activities",
        olgas: "true",
        insert: "(name) values ('swimming')",
        update: "description = 'Changed'",
    },
    Trial {
        table: "topics",
        olgas: "true",
        insert: "(name) values ('music')",
        update: "description = 'Changed'",
    },
    Trial {
        table: "session_activities",
        olgas: concat!("session_id = ", id!("01")),
        insert: concat!(
            "(session_id, activity_id) values (",
            id!("01"),
            ", ",
            id!("a2"),
            ")"
        ),
        update: concat!("activity_id = ", id!("a2")),
    },
    Trial {
        table: "session_topics",
        olgas: concat!("session_id = ", id!("01")),
        insert: concat!(
            "(session_id, topic_id) values (",
            id!("01"),
            ", ",
            id!("b2"),
            ")"
        ),
        update: concat!("topic_id = ", id!("b2")),
    },
];

impl Trial {
    /// Each command on Olga's rows, with its letter.
    fn on_olgas_rows(&self) -> Vec<(char, String)> {
        let Self {
            table,
            olgas,
            insert,
            update,
        } = self;
        vec![
            ('s', format!("select from public.{table} where {olgas}")),
            ('i', format!("insert into public.{table} {insert}")),
            (
                'u',
                format!("update public.{table} set {update} where {olgas}"),
            ),
            ('d', format!("delete from public.{table} where {olgas}")),
            ('t', format!("truncate public.{table}")),
        ]
    }

    /// SELECT, UPDATE and DELETE on whatever they reach.
    fn on_all_rows(&self) -> Vec<(char, String)> {
        let Self { table, update, .. } = self;
        vec![
            ('s', format!("select from public.{table}")),
            ('u', format!("update public.{table} set {update}")),
            ('d', format!("delete from public.{table}")),
        ]
    }
}

/// Tries every cell and draws the table.
async fn draw(
    grace: &Grace,
    statements: impl Fn(&Trial) -> Vec<(char, String)>,
    cell: impl Fn(&[(char, Outcome)]) -> String,
) -> String {
    let tables = TRIALS.iter().map(|trial| trial.table.to_owned()).collect();
    let mut columns: Vec<(&str, Vec<String>)> = vec![("table", tables)];
    for actor in &ACTORS {
        let mut client = actor.session(grace).await;
        let mut tx = actor.begin(&mut client).await;
        let mut cells = Vec::new();
        for trial in &TRIALS {
            let mut outcomes = Vec::new();
            for (letter, statement) in statements(trial) {
                outcomes.push((letter, attempt(&mut tx, &statement).await));
            }
            cells.push(cell(&outcomes));
        }
        columns.push((actor.name, cells));
    }

    let mut lines = vec![String::new(); TRIALS.len() + 1];
    for (head, cells) in &columns {
        let texts = || std::iter::once(*head).chain(cells.iter().map(String::as_str));
        let width = texts().map(str::len).max().unwrap_or(0);
        for (line, text) in lines.iter_mut().zip(texts()) {
            write!(line, "{text:width$} ").expect("a string takes all");
        }
    }
    lines
        .iter()
        .map(|line| format!("{}\n", line.trim_end()))
        .collect()
}

async fn olgas_rows(grace: &Grace) -> String {
    draw(grace, Trial::on_olgas_rows, |outcomes| {
        let letter = |&(letter, outcome): &(char, Outcome)| match outcome {
            Outcome::Rows(0) if letter != 't' => '.',
            Outcome::Rows(_) => letter,
            Outcome::Refused => 'x',
        };
        outcomes.iter().map(letter).collect()
    })
    .await
}

async fn all_rows(grace: &Grace) -> String {
    draw(grace, Trial::on_all_rows, |outcomes| {
        let number = |&(_, outcome): &(char, Outcome)| match outcome {
            Outcome::Rows(rows) => rows.to_string(),
            Outcome::Refused => "x".to_owned(),
        };
        outcomes.iter().map(number).collect::<Vec<_>>().join(" ")
    })
    .await
}

/// Fails unless no actor may do anything to any table.
pub(super) async fn assert_closed(grace: &Grace) {
    let drawn = olgas_rows(grace).await;
    for line in drawn.lines().skip(1) {
        let cells = line.split_whitespace().skip(1);
        assert!(cells.eq([&"xxxxx"; 9].map(|cell| *cell)), "open:\n{drawn}");
    }
}

async fn assert_matrix(setup: Setup) {
    let grace = setup.populated().await;
    let drawn = olgas_rows(&grace).await;
    assert_eq!(drawn, OLGAS_ROWS, "{setup:?}: Olga's rows\n{drawn}");
    let drawn = all_rows(&grace).await;
    assert_eq!(drawn, ALL_ROWS, "{setup:?}: all rows\n{drawn}");
}

#[tokio::test]
async fn access_where_a_superuser_migrates() {
    assert_matrix(Setup::Superuser).await;
}

#[tokio::test]
async fn access_where_a_plain_owner_migrates() {
    assert_matrix(Setup::Owner).await;
}

#[tokio::test]
async fn access_on_supabase() {
    assert_matrix(Setup::Supabase).await;
}
