//! Servers of our own: the scratch server that every test stands on, and the project's.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use grace_migrate::engine::{
    Binaries, BinariesOrigin, Cluster, Download, EngineError, LocateOptions, Progress,
    ScratchOptions, ScratchServer, Server, StartMode, Status, StopMode,
};

use crate::support::{Database, Project, binaries, connect, locate_options};

fn cluster(project: &Project) -> Cluster {
    Cluster::open(&project.path(), &std::env::temp_dir()).unwrap()
}

fn start(cluster: &Cluster, mode: StartMode) -> Server {
    cluster
        .start(mode, &locate_options(), &mut |_| {})
        .unwrap_or_else(|error| panic!("{error:#?}"))
}

fn exists(pid: i32) -> bool {
    rustix::process::test_kill_process(rustix::process::Pid::from_raw(pid).unwrap()).is_ok()
}

fn kill(pid: i32) {
    rustix::process::kill_process(
        rustix::process::Pid::from_raw(pid).unwrap(),
        rustix::process::Signal::KILL,
    )
    .unwrap();
}

#[track_caller]
fn soon(what: &str, done: impl Fn() -> bool) {
    let start = Instant::now();
    while !done() {
        assert!(
            start.elapsed() < Duration::from_secs(20),
            "not soon: {what}"
        );
        thread::sleep(Duration::from_millis(10));
    }
}

#[tokio::test]
async fn a_test_has_a_database_of_its_own_and_an_owner_who_is_nobody_special() {
    let database = Database::create().await;
    database
        .run("create table t (a int, b text); insert into t values (1, null), (2, 'x')")
        .await;
    assert_eq!(
        database.query("select * from t order by a").await,
        "1|\n2|x"
    );

    let owner = database.create_owner().await;
    let client = connect(&database.url_as(&owner)).await;
    client.batch_execute("create table mine ()").await.unwrap();
    assert!(client.batch_execute("select from t").await.is_err());

    let settings = "select current_setting('server_encoding'), current_setting('listen_addresses'),
        current_setting('TimeZone'), current_setting('fsync')";
    assert_eq!(database.query(settings).await, "UTF8||UTC|off");
}

#[tokio::test]
async fn the_projects_server_starts_when_used_and_stops_with_its_last_user() {
    let project = Project::new();
    let cluster = cluster(&project);
    assert_eq!(cluster.status().unwrap(), Status::Absent);
    assert!(!project.path().join(".grace").exists());

    let first = start(&cluster, StartMode::Owned);
    let client = connect(&first.url("postgres")).await;
    let row = client
        .query_one(
            "select current_setting('fsync'), current_setting('listen_addresses'),
                current_setting('server_encoding')",
            &[],
        )
        .await
        .unwrap();
    assert_eq!((row.get(0), row.get(1), row.get(2)), ("on", "", "UTF8"));

    let second = start(&cluster, StartMode::Owned);
    assert_eq!(second.pid(), first.pid());
    first.stop().unwrap();
    let status = cluster.status().unwrap();
    assert!(
        matches!(
            status,
            Status::Running {
                in_use: true,
                mode: StartMode::Owned,
                ..
            }
        ),
        "{status:?}"
    );
    assert_eq!(
        cluster.stop(StopMode::Unused).unwrap_err().code(),
        "server-in-use"
    );

    let pid = second.pid();
    let socket_dir = second.address().socket_dir().to_path_buf();
    second.stop().unwrap();
    assert!(matches!(cluster.status().unwrap(), Status::Stopped { .. }));
    soon("the server is gone", || !exists(pid));
    assert!(!socket_dir.exists());
    assert_eq!(project.read(".grace/.gitignore"), "*\n");
}

#[tokio::test]
async fn a_kept_server_goes_on_until_it_is_stopped_and_its_data_until_it_is_reset() {
    let project = Project::new();
    let cluster = cluster(&project);
    assert!(!cluster.stop(StopMode::Unused).unwrap());
    assert!(!cluster.reset(StopMode::Unused).unwrap());

    let kept = start(&cluster, StartMode::Kept);
    let pid = kept.pid();
    let client = connect(&kept.url("postgres")).await;
    client.batch_execute("create table t ()").await.unwrap();
    kept.stop().unwrap();

    let user = start(&cluster, StartMode::Owned);
    assert_eq!(user.pid(), pid);
    user.stop().unwrap();
    // A process that another test starts holds what is open here until it is the other program.
    soon("the server runs on, unused", || {
        matches!(
            cluster.status().unwrap(),
            Status::Running {
                in_use: false,
                mode: StartMode::Kept,
                ..
            }
        )
    });

    assert!(cluster.stop(StopMode::Unused).unwrap());
    soon("the server is gone", || !exists(pid));

    // Stopped once, it is not kept any more.
    let again = start(&cluster, StartMode::Owned);
    let client = connect(&again.url("postgres")).await;
    client.batch_execute("drop table t").await.unwrap();
    again.stop().unwrap();
    assert!(matches!(cluster.status().unwrap(), Status::Stopped { .. }));

    assert!(cluster.reset(StopMode::Unused).unwrap());
    assert_eq!(cluster.status().unwrap(), Status::Absent);
}

#[tokio::test]
async fn a_server_that_was_killed_leaves_nothing_in_the_way() {
    let project = Project::new();
    let cluster = cluster(&project);
    let first = start(&cluster, StartMode::Owned);
    let socket_dir = first.address().socket_dir().to_path_buf();
    let client = connect(&first.url("postgres")).await;
    client.batch_execute("create table t ()").await.unwrap();
    kill(first.pid());
    soon("the server is gone", || {
        matches!(cluster.status().unwrap(), Status::Stopped { .. })
    });
    assert!(
        project
            .path()
            .join(".grace/postgres/postmaster.pid")
            .exists()
    );

    let second = start(&cluster, StartMode::Owned);
    assert_ne!(second.pid(), first.pid());
    assert!(!socket_dir.exists());
    let client = connect(&second.url("postgres")).await;
    client.batch_execute("drop table t").await.unwrap();
    // Whoever used the first one leaves the second one alone.
    first.stop().unwrap();
    assert!(exists(second.pid()));
    let pid = second.pid();
    second.stop().unwrap();
    soon("the server is gone", || !exists(pid));
}

#[test]
fn a_pid_file_that_names_another_process_by_now_is_no_server() {
    let project = Project::new();
    let cluster = cluster(&project);
    start(&cluster, StartMode::Owned).stop().unwrap();
    let data = project.path().join(".grace/postgres");
    project.write(
        ".grace/postgres/postmaster.pid",
        format!(
            "{}\n{}\n1790000000\n5432\n/tmp/gm-pg-1-0\n\n  1 1\nready   \n",
            std::process::id(),
            data.display()
        ),
    );
    assert!(matches!(cluster.status().unwrap(), Status::Stopped { .. }));
    let server = start(&cluster, StartMode::Owned);
    assert_ne!(server.pid().cast_unsigned(), std::process::id());
}

#[test]
fn commands_that_start_at_once_share_one_server() {
    let project = Project::new();
    let cluster = cluster(&project);
    let mut pids = Vec::new();
    for _ in 0..3 {
        pids = thread::scope(|scope| {
            let threads: Vec<_> = (0..4)
                .map(|_| {
                    scope.spawn(|| {
                        let server = start(&cluster, StartMode::Owned);
                        let pid = server.pid();
                        assert!(exists(pid));
                        server.stop().unwrap();
                        pid
                    })
                })
                .collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .collect()
        });
        assert!(matches!(cluster.status().unwrap(), Status::Stopped { .. }));
    }
    assert_eq!(pids.len(), 4);
}

#[test]
fn a_failed_start_says_what_the_server_said() {
    let project = Project::new();
    let cluster = cluster(&project);
    start(&cluster, StartMode::Owned).stop().unwrap();
    project.write(
        ".grace/postgres/postgresql.auto.conf",
        "no_such_setting = 1\n",
    );
    let error = cluster
        .start(StartMode::Owned, &locate_options(), &mut |_| {})
        .unwrap_err();
    let EngineError::Start { tail, exit, .. } = &error else {
        panic!("{error:?}");
    };
    assert!(tail.contains("no_such_setting"), "{tail}");
    assert_eq!(exit.as_deref(), Some("exit status: 1"));
    assert!(matches!(cluster.status().unwrap(), Status::Stopped { .. }));
}

#[test]
fn data_of_another_major_version_asks_for_its_own_binaries() {
    let project = Project::new();
    project.write(".grace/postgres/PG_VERSION", "9\n");
    let error = cluster(&project)
        .start(StartMode::Owned, &locate_options(), &mut |_| {})
        .unwrap_err();
    let EngineError::NoBinaries {
        major, unsuitable, ..
    } = &error
    else {
        panic!("{error:?}");
    };
    assert_eq!(*major, Some(9));
    assert!(!unsuitable.is_empty());
}

#[tokio::test]
async fn a_temporary_folder_with_a_long_name_is_passed_over() {
    let project = Project::new();
    let long = project.path().join("l".repeat(120));
    fs::create_dir(&long).unwrap();
    let cluster = Cluster::open(&project.path(), &long).unwrap();
    let server = start(&cluster, StartMode::Owned);
    assert!(server.address().socket_dir().starts_with("/tmp"));
    connect(&server.url("postgres")).await;
}

#[test]
fn a_scratch_server_leaves_nothing() {
    let project = Project::new();
    let server = scratch(&project.path());
    // The first one filled the cache for this one.
    let next = scratch(&project.path());
    assert!(next.address() != server.address());
    let (pid, dir) = (server.pid(), server.address().socket_dir().to_path_buf());
    assert!(dir.join("data").is_dir());
    server.stop().unwrap();
    soon("the server is gone", || !exists(pid));
    assert!(!dir.exists());
}

#[test]
fn a_kept_data_folder_that_is_damaged_heals() {
    let project = Project::new();
    scratch(&project.path()).stop().unwrap();
    let kept = fs::read_dir(project.path().join("initdb")).unwrap().next();
    let control = kept.unwrap().unwrap().path().join("data/global/pg_control");
    let written = || fs::read(&control).ok();
    let whole = written().unwrap();
    // One that is missing is seen; one that is as long as it was keeps the server from starting.
    let damages: [&dyn Fn(); 2] = [&|| fs::remove_file(&control).unwrap(), &|| {
        fs::write(&control, vec![0; whole.len()]).unwrap();
    }];
    for damage in damages {
        damage();
        let damaged = written();
        scratch(&project.path()).stop().unwrap();
        assert_ne!(written(), damaged);
        assert_eq!(written().map(|control| control.len()), Some(whole.len()));
        // It is that of the fresh one from now on.
        let healed = written();
        scratch(&project.path()).stop().unwrap();
        assert_eq!(written(), healed);
    }
}

fn scratch(cache_dir: &Path) -> ScratchServer {
    let options = ScratchOptions {
        cache_dir: cache_dir.to_path_buf(),
        temp_dir: std::env::temp_dir(),
    };
    ScratchServer::start(binaries(), &options, &mut |_| {}).unwrap()
}

/// What another process runs as, to be killed: it holds both kinds of server.
#[test]
#[ignore = "run by another test, as a process of its own"]
#[expect(clippy::disallowed_methods, reason = "how the other test asks for it")]
fn hold_servers() {
    if std::env::var_os("GRACE_TEST_HOLD").is_none() {
        return;
    }
    let project = std::env::current_dir().unwrap();
    let cluster = Cluster::open(&project, &std::env::temp_dir()).unwrap();
    let server = start(&cluster, StartMode::Owned);
    let scratch = scratch(&locate_options().cache_dir);
    println!(
        "\nheld {} {} {}",
        server.pid(),
        scratch.pid(),
        scratch.address().socket_dir().display()
    );
    thread::sleep(Duration::from_secs(60));
}

/// Starts a process that holds servers; gives it and what it said of them.
fn holder(project: &Project) -> (Child, Vec<String>) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "engine::hold_servers",
            "--ignored",
            "--nocapture",
        ])
        .env("GRACE_TEST_HOLD", "1")
        .current_dir(project.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let said = BufReader::new(child.stdout.take().unwrap())
        .lines()
        .map_while(Result::ok)
        .find_map(|line| Some(line.strip_prefix("held ")?.to_owned()))
        .expect("the other process holds its servers");
    (child, said.split(' ').map(str::to_owned).collect())
}

#[test]
#[cfg(target_os = "linux")]
fn servers_end_when_their_users_are_killed() {
    let project = Project::new();
    let (mut child, held) = holder(&project);
    let [pid, scratch_pid] = [&held[0], &held[1]].map(|pid| pid.parse::<i32>().unwrap());
    assert!(exists(pid) && exists(scratch_pid));

    // Another user keeps the project's server, though whoever started it is killed.
    let cluster = cluster(&project);
    let user = start(&cluster, StartMode::Owned);
    assert_eq!(user.pid(), pid);
    child.kill().unwrap();
    child.wait().unwrap();
    soon("the scratch server is gone", || !exists(scratch_pid));
    soon("its folder is gone", || !Path::new(&held[2]).exists());
    assert!(exists(pid));
    user.stop().unwrap();
    soon("the server is gone", || !exists(pid));

    // With nobody left, it is stopped, and properly.
    let (mut child, held) = holder(&project);
    let pid: i32 = held[0].parse().unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    soon("the project's server is gone", || !exists(pid));
    assert!(matches!(cluster.status().unwrap(), Status::Stopped { .. }));
    let log = project.read(".grace/postgres.log");
    assert!(log.contains("database system is shut down"), "{log}");
}

#[tokio::test]
#[ignore = "fetches 24 MB: run it by name, where PostgreSQL 17 is not installed"]
async fn binaries_are_fetched_where_the_machine_has_none() {
    let project = Project::new();
    let options = LocateOptions {
        cache_dir: project.path().join("cache"),
        major: Some(17),
        ..locate_options()
    };
    let mut seen = Vec::new();
    let binaries = Binaries::locate(&options, &mut |progress| seen.push(progress)).unwrap();
    assert_eq!(binaries.origin, BinariesOrigin::Fetched);
    assert!(matches!(seen.first(), Some(Progress::Fetching { .. })));
    assert!(matches!(seen.last(), Some(Progress::Fetched { .. })));

    // Now they are in the cache.
    let refused = LocateOptions {
        download: Download::Refused,
        ..options.clone()
    };
    assert_eq!(Binaries::locate(&refused, &mut |_| {}).unwrap(), binaries);

    let explicit = LocateOptions {
        explicit: Some(binaries.dir),
        major: None,
        ..options
    };
    let server = cluster(&project)
        .start(StartMode::Owned, &explicit, &mut |_| {})
        .unwrap();
    let client = connect(&server.url("postgres")).await;
    let row = client
        .query_one("select current_setting('server_version'), upper('ä')", &[])
        .await
        .unwrap();
    assert!(row.get::<_, &str>(0).starts_with("17."));
    assert_eq!(row.get::<_, &str>(1), "Ä");
}

/// Gives a folder and all in it to another account.
fn give(path: &Path, uid: u32, gid: u32) {
    std::os::unix::fs::lchown(path, Some(uid), Some(gid)).unwrap();
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            give(&entry.unwrap().path(), uid, gid);
        }
    }
}

#[tokio::test]
async fn for_root_the_owner_of_the_data_decides_whom_the_server_runs_as() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let project = Project::new();
    let cluster = cluster(&project);
    start(&cluster, StartMode::Owned).stop().unwrap();

    let data = project
        .path()
        .join(".grace/postgres")
        .canonicalize()
        .unwrap();
    let (uid, gid) = (65_534, 65_534);
    give(&data, uid, gid);
    let open_to = |mode| {
        fs::set_permissions(project.path(), fs::Permissions::from_mode(mode)).unwrap();
    };
    open_to(0o700);
    let closed = cluster.start(StartMode::Owned, &locate_options(), &mut |_| {});
    assert_eq!(closed.unwrap_err().code(), "server-folder-unreachable");
    open_to(0o755);
    let server = start(&cluster, StartMode::Owned);
    let process = fs::metadata(server.address().socket_dir()).unwrap();
    assert_eq!((process.uid(), process.gid()), (uid, gid));
    connect(&server.url("postgres")).await;
    server.stop().unwrap();
    assert!(cluster.reset(StopMode::Unused).unwrap());
}
