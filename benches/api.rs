//! What the server costs: requests of GET `/profile` a second, against the same transaction by
//! pgbench, which is the database without any server before it. Both switch the role, set the claims
//! and ask under row-level security, with as many clients, on one machine.
//!
//! The rival has prepared what it sends, and reads nothing of what it gets. It needs three round trips,
//! since it prepares all of a pipeline before it runs any of it, and may not see the tables before it
//! has the role; the server needs one, and another that nobody waits for. What it leaves out: HTTP,
//! the token's signature, JSON, the log. The memory is the server's resident set.
//!
//! Run with `cargo bench --all-features --bench api`: about a minute and a half. Nothing else should run.

mod support;

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use grace_migrate::api::token::{Secret, mint};
use grace_migrate::clock::Clock;
use support::{Durable, Project, Script, Table, run};

const CLIENTS: usize = 8;
const PROFILES: usize = 2_000;
const ROUNDS: usize = 7;
const ROUND: Duration = Duration::from_secs(5);
const WARM_UP: Duration = Duration::from_secs(3);

const SECRET: &str = "the secret of the benchmark, which has more than 32 bytes";
const PROJECT: &str = "http://127.0.0.1:1";

const PEOPLE: &str = "insert into public.profiles (id, email, full_name)
    select format('00000000-0000-4000-8000-%s', lpad(n::text, 12, '0'))::uuid,
           'person' || n || '@example.org', 'Person ' || n
    from generate_series(1, 2000) n;
    insert into public.caregiver_relations (profile_id, caregiver_id, status)
    select a.id, b.id, 'active' from public.profiles a join public.profiles b
        on right(b.id::text, 12)::int = right(a.id::text, 12)::int + 1;
    analyze";

/// What the server sends for GET `/profile`.
const TRANSACTION: &str = r#"\set n random(1, 2000)
\startpipeline
begin transaction read only;
select pg_catalog.set_config('role', 'authenticated', true), pg_catalog.set_config('request.jwt.claims', '{"iss":"http://127.0.0.1:1/auth/v1","sub":"00000000-0000-4000-8000-' || lpad(:n::text, 12, '0') || '","aud":"authenticated","role":"authenticated","iat":1,"exp":2}', true), pg_catalog.set_config('request.jwt.claim.sub', '', true), pg_catalog.set_config('search_path', '', true), pg_catalog.set_config('statement_timeout', '10000', true), pg_catalog.set_config('idle_in_transaction_session_timeout', '30000', true);
\endpipeline
select id, email, full_name, phone, birth_date, locale, time_zone, preferences, created_at, updated_at, xmin::text from public.profiles where id = (select auth.uid());
commit;
"#;

/// What a round came to.
#[derive(Debug, Clone, Copy)]
struct Round {
    per_second: f64,
    /// In milliseconds.
    p99: f64,
}

impl Round {
    fn of(mut took: Vec<Duration>, within: Duration) -> Self {
        took.sort_unstable();
        Self {
            per_second: took.len() as f64 / within.as_secs_f64(),
            p99: took[took.len() * 99 / 100].as_secs_f64() * 1e3,
        }
    }
}

#[expect(clippy::print_stdout, reason = "a benchmark's output is its point")]
fn main() {
    let database = Durable::start();
    let folder = Project::line(1, Script::Nothing);
    let login = prepared(&database);
    let server = Server::start(&folder, &login);
    let start = server.memory();
    server.load(WARM_UP);
    let bench = Rival::new(&database, &folder, &login);
    bench.load(Duration::from_secs(2));
    let warm = server.memory();
    let rounds: Vec<(Round, Round)> = (0..ROUNDS)
        .map(|_| (server.load(ROUND), bench.load(ROUND)))
        .collect();
    let end = server.memory();
    let table = Table::begin();
    let pairs = |of: fn(&Round) -> f64| -> Vec<(f64, f64)> {
        let pairs = rounds.iter().map(|(us, them)| (of(us), of(them)));
        pairs.collect()
    };
    let (speed, p99) = (pairs(|round| round.per_second), pairs(|round| round.p99));
    table.measured("GET /profile", "pgbench -M prepared", "/s", &speed);
    table.measured("its p99", "its p99", "ms", &p99);
    println!(
        "{CLIENTS} clients, {PROFILES} profiles; memory: {start} KiB at the start, {warm} KiB after \
         the warm-up, {end} KiB at the end"
    );
}

/// A database with GRACE's schema and people: the URL of the login of users.
fn prepared(database: &Durable) -> String {
    let name = database.empty();
    let url = database.url(&name);
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut upgrade = Command::new(env!("CARGO_BIN_EXE_grace-migrate"));
    upgrade.args(["upgrade", "head"]).current_dir(here);
    run(upgrade.env("DATABASE_URL", &url).stdin(Stdio::null()));
    run(database.psql(&name).args(["-c", PEOPLE]));
    let sql = Command::new(env!("CARGO_BIN_EXE_grace-api"))
        .args(["login-role", "--database-url", &url])
        .output()
        .expect("the program can be started");
    assert!(sql.status.success(), "{sql:?}");
    let sql = String::from_utf8(sql.stdout).expect("text");
    run(database.psql(&name).args(["-c", &sql]));
    url.replacen("//postgres@", "//grace_api@", 1)
}

/// A process that ends with this value.
struct Server {
    child: Child,
    address: SocketAddr,
}

impl Server {
    /// Starts it as it is deployed: its log is written, to a file.
    fn start(folder: &Project, login: &str) -> Self {
        let said = folder.path().join("api.log");
        let child = Command::new(env!("CARGO_BIN_EXE_grace-api"))
            .args(["--port", "0", "--no-reload", "--log-format", "json"])
            .args(["--rate-per-subject", "0", "--rate-per-address", "0"])
            .args(["--pool-size", &CLIENTS.to_string()])
            .current_dir(folder.path())
            .env("GRACE_API_DATABASE_URL", login)
            .env("SUPABASE_URL", PROJECT)
            .env("SUPABASE_JWT_SECRET", SECRET)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(&said).expect("a temporary folder can be written to"))
            .spawn()
            .expect("the program can be started");
        let mut server = Self {
            child,
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
        };
        let begun = Instant::now();
        loop {
            let text = fs::read_to_string(&said).expect("its log");
            let address = text.split_once("listening on http://");
            if let Some((address, _)) = address.and_then(|(_, rest)| rest.split_once(',')) {
                server.address = address.parse().expect("an address");
                return server;
            }
            assert!(begun.elapsed() < Duration::from_secs(30), "{text}");
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Its resident set, in KiB.
    fn memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let status = status.expect("the process runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let words = line.and_then(|line| line.split_whitespace().next());
        words.and_then(|word| word.parse().ok()).expect("a size")
    }

    /// All clients at once, each on a connection that is kept.
    fn load(&self, within: Duration) -> Round {
        let address = self.address;
        let clients: Vec<_> = (0..CLIENTS)
            .map(|client| thread::spawn(move || requests(address, client, within)))
            .collect();
        let took = clients
            .into_iter()
            .flat_map(|client| client.join().expect("a client goes on to its end"))
            .collect();
        Round::of(took, within)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ended = self.child.kill();
        let _status = self.child.wait();
    }
}

/// What each request of one client took: every one is another person's.
fn requests(address: SocketAddr, client: usize, within: Duration) -> Vec<Duration> {
    let now = Clock::System.now();
    let requests: Vec<Vec<u8>> = (0..100)
        .map(|nth| {
            let n = 1 + (client * 100 + nth) * 7 % PROFILES;
            let subject = format!("00000000-0000-4000-8000-{n:012}");
            let subject = subject.parse().expect("a UUID");
            let issuer = format!("{PROJECT}/auth/v1");
            let hour = Duration::from_secs(3_600);
            let token = mint(&Secret::new(SECRET), subject, &issuer, hour, now);
            let token = token.expect("a good secret");
            let head = "GET /profile HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer";
            format!("{head} {token}\r\n\r\n").into_bytes()
        })
        .collect();
    let mut stream = TcpStream::connect(address).expect("it listens");
    stream.set_nodelay(true).expect("a socket");
    let mut took = Vec::new();
    let mut answer = Vec::new();
    let begun = Instant::now();
    for request in requests.iter().cycle() {
        if begun.elapsed() >= within {
            break;
        }
        let start = Instant::now();
        stream.write_all(request).expect("it reads");
        read_answer(&mut stream, &mut answer);
        took.push(start.elapsed());
    }
    took
}

/// Reads one whole answer, which must be a good one.
fn read_answer(stream: &mut TcpStream, answer: &mut Vec<u8>) {
    answer.clear();
    let mut part = [0; 4_096];
    loop {
        let count = stream.read(&mut part).expect("it answers");
        assert!(count > 0, "it hung up: {}", String::from_utf8_lossy(answer));
        answer.extend_from_slice(&part[..count]);
        let Some(end) = answer.windows(4).position(|four| four == b"\r\n\r\n") else {
            continue;
        };
        let head = std::str::from_utf8(&answer[..end]).expect("headers");
        assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .and_then(|length| length.parse::<usize>().ok())
            .expect("a length");
        if answer.len() >= end + 4 + length {
            return;
        }
    }
}

/// pgbench with the same transaction.
struct Rival {
    program: PathBuf,
    folder: PathBuf,
    login: String,
}

impl Rival {
    fn new(database: &Durable, folder: &Project, login: &str) -> Self {
        folder.write("transaction.sql", TRANSACTION);
        Self {
            program: database.tool("pgbench"),
            folder: folder.path().to_owned(),
            login: login.to_owned(),
        }
    }

    fn load(&self, within: Duration) -> Round {
        let clients = CLIENTS.to_string();
        run(Command::new(&self.program)
            .args(["-n", "-M", "prepared", "-f", "transaction.sql", "-l"])
            .args([
                "-c",
                &clients,
                "-j",
                "2",
                "-T",
                &within.as_secs().to_string(),
            ])
            .arg(&self.login)
            .current_dir(&self.folder));
        let mut took = Vec::new();
        for entry in fs::read_dir(&self.folder).expect("a folder") {
            let path = entry.expect("it can be listed").path();
            let name = path
                .file_name()
                .map(|name| name.to_string_lossy().into_owned());
            if !name.is_some_and(|name| name.starts_with("pgbench_log.")) {
                continue;
            }
            // The third word of each line is the time in microseconds.
            for line in fs::read_to_string(&path).expect("its log").lines() {
                let micros = line.split(' ').nth(2).and_then(|word| word.parse().ok());
                took.push(Duration::from_micros(micros.expect("a time")));
            }
            fs::remove_file(&path).expect("its log");
        }
        Round::of(took, within)
    }
}
