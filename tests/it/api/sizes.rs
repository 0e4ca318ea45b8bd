//! How long what is sent may be, and how large what is answered.

use serde_json::{Value, json};

use super::http::{Answer, Ask};
use super::serve::ApiServer;
use super::world::{OLGA, SERVICE_KEY, World, token_of};

/// What a body is sent to, each with the rest of what it must have.
const BODIES: [(&str, &str, &str, &str); 13] = [
    (
        "NewProfile",
        "POST",
        "/admin/profiles",
        r#"{"id":"00000000-0000-4000-8000-0000000000f1","email":"f@example.org"}"#,
    ),
    ("ProfileChange", "PATCH", "/profile", "{}"),
    ("NewSession", "POST", "/sessions", "{}"),
    ("SessionChange", "PATCH", "/sessions/{own}", "{}"),
    (
        "NewChatTurn",
        "POST",
        "/sessions/{own}/chat-turns",
        r#"{"content":"a"}"#,
    ),
    (
        "ChatTurnChange",
        "PATCH",
        "/sessions/{own}/chat-turns/{own}",
        "{}",
    ),
    (
        "NewNote",
        "POST",
        "/sessions/{own}/notes",
        r#"{"body":"a"}"#,
    ),
    ("NoteChange", "PATCH", "/sessions/{own}/notes/{own}", "{}"),
    ("NewMedication", "POST", "/medications", r#"{"name":"a"}"#),
    ("MedicationChange", "PATCH", "/medications/{own}", "{}"),
    ("NewCatalogueEntry", "POST", "/topics", r#"{"name":"a"}"#),
    ("CatalogueEntryChange", "PATCH", "/topics/{own}", "{}"),
    (
        "RelationChange",
        "PATCH",
        "/caregiver-relations/{own}",
        "{}",
    ),
];

/// The members of a schema that are a text of anybody's making, each with its longest.
fn texts(schema: &Value) -> Vec<(&String, u64)> {
    let members = schema["properties"].as_object().expect("members");
    let free = members.iter().filter(|(_, member)| {
        let kind = member["type"].to_string();
        kind.contains("\"string\"") && member.get("format").is_none()
    });
    free.map(|(name, member)| {
        let most = member["maxLength"].as_u64();
        (
            name,
            most.unwrap_or_else(|| panic!("{name} has no length: {member}")),
        )
    })
    .collect()
}

#[tokio::test]
async fn every_text_of_a_body_is_held_to_the_length_that_the_document_names() {
    let world = World::new().await;
    let server = ApiServer::start(&world).await;
    let document = server.ask(&Ask::get("/openapi.json")).await.is(200).json();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let mut asked = Vec::new();
    for (name, method, path, rest) in BODIES {
        let schema = schemas.get(name).unwrap_or_else(|| panic!("no {name}"));
        let path = path.replace("{own}", OLGA);
        let service = name.contains("Catalogue") || name == "NewProfile";
        for (member, most) in texts(schema) {
            let mut body: Value = serde_json::from_str(rest).unwrap();
            body[member] = json!("ä".repeat(usize::try_from(most).unwrap() + 1));
            let ask = Ask::new(method, &path).json(&body.to_string());
            let ask = match service {
                true => ask.token(SERVICE_KEY),
                false => ask.token(&token_of(OLGA)),
            };
            let answer = server.ask(&ask).await;
            assert_eq!(answer.status, 422, "{name}.{member}: {}", answer.text());
            let told = answer.json();
            assert_eq!(told["field"], *member, "{told}");
            let wanted = format!("`{member}`: it has more than {most} characters");
            assert_eq!(told["detail"], wanted);
            asked.push(format!("{name}.{member}"));
        }
    }
    // No body is left out that has a text.
    for (name, schema) in schemas {
        let body = name.starts_with("New") || name.ends_with("Change");
        if body && !texts(schema).is_empty() {
            assert!(asked.iter().any(|asked| asked.starts_with(name)), "{name}");
        }
    }
    // As long as it may be is not too long; neither are documents, which count by the byte.
    let content = json!({"content": "ä".repeat(100_000)}).to_string();
    turn(&server, &content).await.is(201);
    for (bytes, status) in [(64 * 1024, 200), (64 * 1024 + 1, 422)] {
        let filled = format!(r#"{{"a":"{}"}}"#, "x".repeat(bytes - 8));
        assert_eq!(filled.len(), bytes);
        let body = format!(r#"{{"preferences":{filled}}}"#);
        let answer = server.ask(&Ask::change(&body).token(&token_of(OLGA))).await;
        assert_eq!(answer.status, status, "{bytes}");
        if status == 422 {
            assert_eq!(answer.json()["field"], "preferences");
        }
    }
}

async fn turn(server: &ApiServer, body: &str) -> Answer {
    let path = format!("/sessions/{OLGA}/chat-turns");
    let new = Ask::new("POST", &path).token(&token_of(OLGA)).json(body);
    server.ask(&new).await
}

#[tokio::test]
async fn a_page_ends_where_it_would_be_too_large_and_nothing_is_left_out() {
    let world = World::new().await;
    let server = ApiServer::start(&world).await;
    // As another client of the database may have stored them, one of them larger than any page.
    let stored = format!(
        "insert into public.chat_turns (session_id, content, created_at) \
         select '{OLGA}', repeat('x', case n when 20 then 3000000 else 300000 end), \
         now() + n * interval '1 second' from generate_series(1, 30) n"
    );
    world.db.run(&stored).await;
    let (mut cursor, mut seen, mut pages) = (String::new(), 0, 0);
    loop {
        let path = format!("/sessions/{OLGA}/chat-turns?limit=200{cursor}");
        let page = server.get(&path, OLGA).await.is(200);
        let told = page.json();
        let items = told["items"].as_array().unwrap().len();
        assert!(items > 0);
        assert!(
            items == 1 || page.body.len() < 1_100_000,
            "{}",
            page.body.len()
        );
        seen += items;
        pages += 1;
        let Some(next) = told["next"].as_str() else {
            break;
        };
        cursor = format!("&cursor={next}");
    }
    // With the one that was there.
    assert_eq!(seen, 31);
    assert!((10..=14).contains(&pages), "{pages}");
}
