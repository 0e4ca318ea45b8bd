//! The server in a process of its own.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use super::http::{Answer, Ask, PATIENCE};
use super::world::{PROJECT, SECRET, SERVICE_KEY, World, token_of};
use crate::support::{Output, Project};

/// `grace-api` in this folder and in the clean environment of its project.
pub(super) fn api_command(project: &Project) -> Command {
    let like = project.command([""; 0]);
    let mut command = Command::new(env!("CARGO_BIN_EXE_grace-api"));
    command
        .current_dir(project.path())
        .env_clear()
        .envs(
            like.get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        )
        .stdin(Stdio::null());
    command
}

/// How a server is started.
pub(super) struct Start {
    pub(super) project: Project,
    arguments: Vec<String>,
    variables: Vec<(String, String)>,
}

impl Start {
    /// In the world, at any port, without limits of rate, with the keys of the tests.
    pub(super) fn in_world(world: &World) -> Self {
        Self::at(&world.users_url())
            .with("--service-database-url", &world.service_url())
            .with("--rate-per-subject", "0")
            .with("--rate-per-address", "0")
            .variable("SUPABASE_SERVICE_ROLE_KEY", SERVICE_KEY)
    }

    /// As the login of this URL, with the keys of the tests, and nothing else said.
    pub(super) fn at(url: &str) -> Self {
        Self::nowhere()
            .with("--database-url", url)
            .variable("SUPABASE_URL", PROJECT)
            .variable("SUPABASE_JWT_SECRET", SECRET)
    }

    /// In an empty project, and nothing said but that any port will do.
    pub(super) fn nowhere() -> Self {
        Self {
            project: Project::new(),
            arguments: vec!["--port".to_owned(), "0".to_owned()],
            variables: Vec::new(),
        }
    }

    /// With a flag that has a value.
    pub(super) fn with(self, flag: &str, value: &str) -> Self {
        self.flag(flag).flag(value)
    }

    pub(super) fn flag(mut self, flag: &str) -> Self {
        self.arguments.push(flag.to_owned());
        self
    }

    pub(super) fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.retain(|(other, _)| other != name);
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Where nothing is said of restarting, it is not.
    fn command(&self) -> Command {
        let mut command = api_command(&self.project);
        command.args(&self.arguments);
        if !self.arguments.iter().any(|flag| flag.ends_with("reload")) {
            command.arg("--no-reload");
        }
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs it to its end, which has to come by itself.
    pub(super) fn refused(&self) -> Output {
        let mut command = self.command();
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = Ended(command.spawn().unwrap());
        let status = child.wait();
        let read = |stream: Option<&mut dyn std::io::Read>| {
            let mut text = String::new();
            stream.unwrap().read_to_string(&mut text).unwrap();
            text
        };
        Output {
            stdout: read(child.0.stdout.as_mut().map(|stream| stream as _)),
            stderr: read(child.0.stderr.as_mut().map(|stream| stream as _)),
            code: status.code(),
        }
    }

    /// Starts it, and waits until it listens.
    pub(super) async fn serve(self) -> ApiServer {
        let mut command = self.command();
        command.stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = Ended(command.spawn().unwrap());
        let log = Arc::new(Mutex::new(String::new()));
        let (talk, into) = (child.0.stderr.take().unwrap(), Arc::clone(&log));
        thread::spawn(move || {
            for line in BufReader::new(talk).lines().map_while(Result::ok) {
                into.lock().unwrap().push_str(&(line + "\n"));
            }
        });
        let mut server = ApiServer {
            child,
            log,
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            project: self.project,
        };
        server.until_said("listening on http://", 1).await;
        let said = server.log();
        let (_, rest) = said.split_once("listening on http://").unwrap();
        let (address, _) = rest.split_once(',').unwrap();
        server.address = address.parse().unwrap();
        server
    }
}

/// A process that ends with this value.
struct Ended(Child);

impl Ended {
    /// Waits for its end, a minute at the most.
    fn wait(&mut self) -> ExitStatus {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.0.try_wait().unwrap() {
                return status;
            }
            assert!(begun.elapsed() < PATIENCE, "it does not end");
            thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Ended {
    fn drop(&mut self) {
        // It may have ended already.
        let _ended = self.0.kill();
        let _status = self.0.wait();
    }
}

/// A server that listens; ended with this value.
pub(super) struct ApiServer {
    child: Ended,
    log: Arc<Mutex<String>>,
    pub(super) address: SocketAddr,
    pub(super) project: Project,
}

impl ApiServer {
    /// In the world, as [`Start::in_world`].
    pub(super) async fn start(world: &World) -> Self {
        Start::in_world(world).serve().await
    }

    /// The answer to a request.
    pub(super) async fn ask(&self, ask: &Ask) -> Answer {
        match ask.try_at(self.address).await {
            Ok(answer) => answer,
            Err(error) => panic!("{error}: {ask:?}\n{}", self.log()),
        }
    }

    /// What somebody sees at a path.
    pub(super) async fn get(&self, path: &str, subject: &str) -> Answer {
        self.ask(&Ask::get(path).token(&token_of(subject))).await
    }

    /// What `/readyz` says: the status, and the reason.
    pub(super) async fn readiness(&self) -> (u16, String) {
        let answer = self.ask(&Ask::get("/readyz")).await;
        let reason = answer.json()["reason"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        (answer.status, reason)
    }

    /// Waits until it is as ready as this.
    pub(super) async fn until_ready_is(&self, wanted: (u16, &str)) {
        let begun = Instant::now();
        loop {
            let found = self.readiness().await;
            if (found.0, found.1.as_str()) == wanted {
                return;
            }
            assert!(begun.elapsed() < PATIENCE, "{found:?}, not {wanted:?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until so many requests are in flight, this one not counted.
    pub(super) async fn until_in_flight(&self, count: usize) {
        let wanted = format!("grace_api_requests_in_flight {}\n", count + 1);
        let begun = Instant::now();
        loop {
            let metrics = self.ask(&Ask::get("/metrics")).await.text();
            if metrics.contains(&wanted) {
                return;
            }
            assert!(begun.elapsed() < PATIENCE, "no {wanted} in\n{metrics}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// All that it has said on stderr.
    pub(super) fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// Waits until it has said this so many times.
    pub(super) async fn until_said(&mut self, words: &str, times: usize) {
        let begun = Instant::now();
        loop {
            let log = self.log();
            if log.matches(words).count() >= times {
                return;
            }
            let ended = self.child.0.try_wait().unwrap();
            assert!(ended.is_none(), "it ended: {ended:?}\n{log}");
            assert!(begun.elapsed() < PATIENCE, "it never said {words:?}\n{log}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    pub(super) fn pid(&self) -> u32 {
        self.child.0.id()
    }

    /// Sends it a signal: `-TERM`.
    pub(super) fn signal(&self, signal: &str) {
        let pid = self.pid().to_string();
        let status = Command::new("kill").args([signal, &pid]).status().unwrap();
        assert!(status.success());
    }

    /// The exit code that it ends with.
    pub(super) async fn code(&mut self) -> Option<i32> {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.0.try_wait().unwrap() {
                return status.code();
            }
            assert!(
                begun.elapsed() < PATIENCE,
                "it does not end\n{}",
                self.log()
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}
