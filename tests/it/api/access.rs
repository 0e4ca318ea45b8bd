//! Who sees and does what over HTTP: every actor at every route. The rows that are asked for are
//! Olga's. A new route is a new row of [`TABLE`], and a test says so where one is missing.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::json;

use super::http::{Answer, Ask};
use super::serve::{ApiServer, Start};
use super::world::{
    CARL, NOBODY, OLGA, PEOPLE, PETRA, ROLF, SERVICE_KEY, STAN, World, claims_but, token, token_of,
};

/// Those who ask, in the order of the columns.
const ACTORS: [&str; 9] = [
    "own", "active", "pending", "revoked", "stranger", "nobody", "anon", "none", "service",
];

/// How an actor asks. `nobody` is signed in and has no profile; `anon` has a token of the visitors;
/// `none` has no token.
fn dressed(ask: Ask, actor: &str) -> Ask {
    match actor {
        "own" => ask.token(&token_of(OLGA)),
        "active" => ask.token(&token_of(CARL)),
        "pending" => ask.token(&token_of(PETRA)),
        "revoked" => ask.token(&token_of(ROLF)),
        "stranger" => ask.token(&token_of(STAN)),
        "nobody" => ask.token(&token_of(NOBODY)),
        "anon" => ask.token(&token(&claims_but(OLGA, &json!({"role": "anon"})))),
        "none" => ask,
        "service" => ask.token(SERVICE_KEY),
        other => panic!("{other}"),
    }
}

/// Names of ids of Olga's rows, each in a row's path or body as `{name}`.
const IDS: [(&str, &str); 13] = [
    ("olga", OLGA),
    ("carl", CARL),
    ("nora", "00000000-0000-4000-8000-000000000006"),
    ("seven", "00000000-0000-4000-8000-000000000007"),
    ("walking", "00000000-0000-4000-8000-0000000000a1"),
    ("chess", "00000000-0000-4000-8000-0000000000a2"),
    ("weather", "00000000-0000-4000-8000-0000000000b1"),
    ("family", "00000000-0000-4000-8000-0000000000b2"),
    ("relation", "00000000-0000-4000-8000-0000000000c1"),
    ("turn", "00000000-0000-4000-8000-0000000000c2"),
    ("note", "00000000-0000-4000-8000-0000000000c3"),
    ("medication", "00000000-0000-4000-8000-0000000000c4"),
    ("invited", "00000000-0000-4000-8000-0000000000c5"),
];

/// The people as they were, with ids that are known.
fn anew() -> String {
    format!(
        "truncate public.profiles, public.activities, public.topics cascade;
         {PEOPLE};
         update public.caregiver_relations set id = '{}' where status = 'active';
         update public.caregiver_relations set id = '{}' where status = 'pending';
         update public.chat_turns set id = '{}' where session_id = '{OLGA}';
         update public.notes set id = '{}' where session_id = '{OLGA}';
         update public.medications set id = '{}' where profile_id = '{OLGA}';",
        IDS[8].1, IDS[12].1, IDS[9].1, IDS[10].1, IDS[11].1
    )
}

/// A method, a path, a body; and each actor's status, with the number of items of a list.
type Row = (&'static str, &'static str, &'static str, &'static str);

/// What each actor gets, in the order of [`ACTORS`]. What may change something is tried on the same
/// rows by everybody.
#[rustfmt::skip]
const TABLE: &[Row] = &[
    //                                                                          own   active pending revoked stranger nobody anon none service
    ("GET",    "/profile", "",                                                  "200   200   200   200   200   404   401 401 401"),
    ("PATCH",  "/profile", r#"{"full_name":"X"}"#,                              "200   200   200   200   200   404   401 401 401"),
    ("GET",    "/profiles", "",                                                 "200:0 200:1 200:0 200:0 200:0 200:0 401 401 401"),
    ("GET",    "/profiles/{olga}", "",                                          "200   200   404   404   404   404   401 401 401"),
    ("GET",    "/caregiver-relations", "",                                      "200:3 200:1 200:1 200:1 200:0 200:0 401 401 401"),
    ("POST",   "/caregiver-relations", r#"{"caregiver_id":"{nora}"}"#,          "201   201   201   201   201   422   401 401 401"),
    ("GET",    "/caregiver-relations/{relation}", "",                           "200   200   404   404   404   404   401 401 401"),
    ("PATCH",  "/caregiver-relations/{relation}", r#"{"status":"revoked"}"#,    "200   404   404   404   404   404   401 401 401"),
    ("PATCH",  "/caregiver-relations/{invited}", r#"{"status":"active"}"#,      "200   404   404   404   404   404   401 401 401"),
    ("DELETE", "/caregiver-relations/{relation}", "",                           "204   204   404   404   404   404   401 401 401"),
    ("GET",    "/sessions", "",                                                 "200:1 200:2 200:1 200:1 200:1 200:0 401 401 401"),
    ("GET",    "/profiles/{olga}/sessions", "",                                 "200:1 200:1 404   404   404   404   401 401 401"),
    ("POST",   "/sessions", r#"{"title":"X"}"#,                                 "201   201   201   201   201   422   401 401 401"),
    ("GET",    "/sessions/{olga}", "",                                          "200   200   404   404   404   404   401 401 401"),
    ("PATCH",  "/sessions/{olga}", r#"{"title":"X"}"#,                          "200   404   404   404   404   404   401 401 401"),
    ("DELETE", "/sessions/{olga}", "",                                          "204   404   404   404   404   404   401 401 401"),
    ("GET",    "/sessions/{olga}/chat-turns", "",                               "200:1 200:1 404   404   404   404   401 401 401"),
    ("POST",   "/sessions/{olga}/chat-turns", r#"{"content":"X"}"#,             "201   403   404   404   404   404   401 401 401"),
    ("GET",    "/sessions/{olga}/chat-turns/{turn}", "",                        "200   200   404   404   404   404   401 401 401"),
    ("PATCH",  "/sessions/{olga}/chat-turns/{turn}", r#"{"content":"X"}"#,      "200   404   404   404   404   404   401 401 401"),
    ("DELETE", "/sessions/{olga}/chat-turns/{turn}", "",                        "204   404   404   404   404   404   401 401 401"),
    ("GET",    "/sessions/{olga}/notes", "",                                    "200:1 200:1 404   404   404   404   401 401 401"),
    ("POST",   "/sessions/{olga}/notes", r#"{"body":"X"}"#,                     "201   403   404   404   404   404   401 401 401"),
    ("GET",    "/sessions/{olga}/notes/{note}", "",                             "200   200   404   404   404   404   401 401 401"),
    ("PATCH",  "/sessions/{olga}/notes/{note}", r#"{"body":"X"}"#,              "200   404   404   404   404   404   401 401 401"),
    ("DELETE", "/sessions/{olga}/notes/{note}", "",                             "204   404   404   404   404   404   401 401 401"),
    ("GET",    "/sessions/{olga}/activities", "",                               "200:1 200:1 404   404   404   404   401 401 401"),
    ("PUT",    "/sessions/{olga}/activities/{chess}", "",                       "201   403   404   404   404   404   401 401 401"),
    ("DELETE", "/sessions/{olga}/activities/{walking}", "",                     "204   404   404   404   404   404   401 401 401"),
    ("GET",    "/sessions/{olga}/topics", "",                                   "200:1 200:1 404   404   404   404   401 401 401"),
    ("PUT",    "/sessions/{olga}/topics/{family}", "",                          "201   403   404   404   404   404   401 401 401"),
    ("DELETE", "/sessions/{olga}/topics/{weather}", "",                         "204   404   404   404   404   404   401 401 401"),
    ("GET",    "/medications", "",                                              "200:1 200:2 200:1 200:1 200:1 200:0 401 401 401"),
    ("GET",    "/profiles/{olga}/medications", "",                              "200:1 200:1 404   404   404   404   401 401 401"),
    ("POST",   "/medications", r#"{"name":"X"}"#,                               "201   201   201   201   201   422   401 401 401"),
    ("GET",    "/medications/{medication}", "",                                 "200   200   404   404   404   404   401 401 401"),
    ("PATCH",  "/medications/{medication}", r#"{"name":"X"}"#,                  "200   404   404   404   404   404   401 401 401"),
    ("DELETE", "/medications/{medication}", "",                                 "204   404   404   404   404   404   401 401 401"),
    ("GET",    "/activities", "",                                               "200:2 200:2 200:2 200:2 200:2 200:2 401 401 401"),
    ("GET",    "/activities/{chess}", "",                                       "200   200   200   200   200   200   401 401 401"),
    ("POST",   "/activities", r#"{"name":"X"}"#,                                "401   401   401   401   401   401   401 401 201"),
    ("PATCH",  "/activities/{chess}", r#"{"name":"X"}"#,                        "401   401   401   401   401   401   401 401 200"),
    ("DELETE", "/activities/{chess}", "",                                       "401   401   401   401   401   401   401 401 204"),
    ("GET",    "/topics", "",                                                   "200:2 200:2 200:2 200:2 200:2 200:2 401 401 401"),
    ("GET",    "/topics/{family}", "",                                          "200   200   200   200   200   200   401 401 401"),
    ("POST",   "/topics", r#"{"name":"X"}"#,                                    "401   401   401   401   401   401   401 401 201"),
    ("PATCH",  "/topics/{family}", r#"{"name":"X"}"#,                           "401   401   401   401   401   401   401 401 200"),
    ("DELETE", "/topics/{family}", "",                                          "401   401   401   401   401   401   401 401 204"),
    ("GET",    "/admin/all-profiles", "",                                       "401   401   401   401   401   401   401 401 200:6"),
    ("POST",   "/admin/profiles", r#"{"id":"{seven}","email":"x@example.org"}"#, "401   401   401   401   401   401   401 401 201"),
];

fn named(text: &str) -> String {
    let replace =
        |text: String, (name, id): &(&str, &str)| text.replace(&format!("{{{name}}}"), id);
    IDS.iter().fold(text.to_owned(), replace)
}

/// The status, and how many items there are.
fn shown(answer: &Answer) -> String {
    let list = answer.status == 200;
    let items = list.then(|| answer.json()["items"].as_array().map(Vec::len));
    match items.flatten() {
        Some(items) => format!("{}:{items}", answer.status),
        None => answer.status.to_string(),
    }
}

#[tokio::test]
async fn every_actor_gets_at_every_route_what_the_policies_give() {
    let world = World::new().await;
    let server = ApiServer::start(&world).await;
    let mut wrong = String::new();
    world.db.run(&anew()).await;
    for &(method, path, body, wanted) in TABLE {
        let wanted: Vec<&str> = wanted.split_whitespace().collect();
        assert_eq!(wanted.len(), ACTORS.len(), "{method} {path}");
        let mut ask = Ask::new(method, &named(path));
        if !body.is_empty() {
            ask = ask.json(&named(body));
        }
        for (actor, wanted) in ACTORS.iter().zip(wanted) {
            let answer = server.ask(&dressed(ask.clone(), actor)).await;
            if answer.status >= 400 {
                answer.problem();
            } else if method != "GET" {
                world.db.run(&anew()).await;
            }
            let found = shown(&answer);
            if found != wanted {
                let text = answer.text();
                writeln!(
                    wrong,
                    "{method} {path} {actor}: {found}, not {wanted}: {text}"
                )
                .unwrap();
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[tokio::test]
async fn every_route_that_is_described_is_in_the_table() {
    let output = crate::support::Output::of(
        super::serve::api_command(&Start::nowhere().project).arg("openapi"),
    );
    let document = output.success().json();
    let mut described = BTreeSet::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        if ["/livez", "/readyz", "/metrics"].contains(&path.as_str()) {
            continue;
        }
        for method in operations.as_object().unwrap().keys() {
            described.insert(format!("{} {}", method.to_uppercase(), unnamed(path)));
        }
    }
    let tried: BTreeSet<String> = TABLE
        .iter()
        .map(|(method, path, ..)| format!("{method} {}", unnamed(path)))
        .collect();
    assert_eq!(described, tried);
}

/// A path whose parameters have no names.
fn unnamed(path: &str) -> String {
    let parts = path.split('/');
    let parts = parts.map(|part| if part.starts_with('{') { "{}" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

#[tokio::test]
async fn a_person_sees_their_own_profile_and_whose_caregiver_they_are() {
    let world = World::new().await;
    let server = ApiServer::start(&world).await;
    for (subject, name, cared_for) in [
        (OLGA, "Olga", vec![]),
        (CARL, "Carl", vec!["Olga"]),
        (PETRA, "Petra", vec![]),
        (ROLF, "Rolf", vec![]),
        (STAN, "Stan", vec![]),
    ] {
        let own = server.get("/profile", subject).await.is(200);
        assert_eq!(own.json()["id"], subject);
        assert_eq!(own.json()["full_name"], name);
        let same = server.get(&format!("/profiles/{subject}"), subject).await;
        assert_eq!(same.is(200).body, own.body);
        let list = server.get("/profiles", subject).await.is(200).json();
        let names = list["items"].as_array().unwrap().iter();
        let names: Vec<&str> = names
            .map(|one| one["full_name"].as_str().unwrap())
            .collect();
        assert_eq!(names, cared_for, "{name}");
    }
    // A change of who cares is seen by the very next request.
    let activate = "update public.caregiver_relations set status = 'active'";
    world.db.run(activate).await;
    for subject in [PETRA, ROLF] {
        server
            .get(&format!("/profiles/{OLGA}"), subject)
            .await
            .is(200);
    }
    let end = "delete from public.caregiver_relations";
    world.db.run(end).await;
    let ended = server.get(&format!("/profiles/{OLGA}"), CARL).await.is(404);
    // What is hidden, what is not there and what cannot be are the same.
    for id in [NOBODY, "7", "%00", "..%2f..%2fetc%2fpasswd"] {
        let missing = server.get(&format!("/profiles/{id}"), CARL).await.is(404);
        assert_eq!(missing.body, ended.body);
    }
}

#[tokio::test]
async fn what_conflicts_is_told_by_its_field_and_by_no_name_of_the_database() {
    let world = World::new().await;
    let server = ApiServer::start(&world).await;
    let profile = format!(r#"{{"id":"{OLGA}","email":"other@example.org"}}"#);
    let invitation = format!(r#"{{"caregiver_id":"{CARL}"}}"#);
    for (path, token, body, field) in [
        ("/topics", SERVICE_KEY, r#"{"name":"weather"}"#, "name"),
        ("/admin/profiles", SERVICE_KEY, &*profile, "id"),
        (
            "/caregiver-relations",
            &*token_of(OLGA),
            &*invitation,
            "caregiver_id",
        ),
    ] {
        let ask = Ask::new("POST", path).token(token).json(body);
        let answer = server.ask(&ask).await.is(409);
        assert_eq!(answer.problem(), "conflict");
        assert_eq!(answer.json()["field"], field);
        let told = answer.text();
        assert!(!told.contains("_key") && !told.contains("_pkey"), "{told}");
    }
}
