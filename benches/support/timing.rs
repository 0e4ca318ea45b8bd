use std::hint::black_box;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How many pairs one comparison is made of, and for how long more of them are begun.
const PAIRS: usize = 9;
/// How many runs the median is of where there is no rival.
const RUNS: usize = 3;
const LIMIT: Duration = Duration::from_secs(40);

/// Lines that compare what we do with a rival: both in turn, so that a machine that is busy is
/// busy for both, and the ratio of each pair.
pub(crate) struct Table;

impl Table {
    /// Begins with a title line.
    #[expect(clippy::print_stdout, reason = "a benchmark's output is its point")]
    pub(crate) fn begin() -> Self {
        println!(
            "{:<38} {:>10}   {:<28} {:>10}  {:>6} {:>15} {:>5}",
            "ours", "median", "against", "median", "ratio", "(min–max)", "pairs"
        );
        Self
    }

    /// Compares, after one uncounted pair. Each of the two times itself, so that what it has to
    /// make ready does not count.
    #[expect(clippy::print_stdout, reason = "a benchmark's output is its point")]
    pub(crate) fn compare(
        &self,
        (ours, mut us): (&str, impl FnMut() -> Duration),
        (rival, mut them): (&str, impl FnMut() -> Duration),
    ) {
        let begun = Instant::now();
        let mut pairs: Vec<(Duration, Duration)> = Vec::new();
        us();
        them();
        while pairs.is_empty() || (pairs.len() < PAIRS && begun.elapsed() < LIMIT) {
            pairs.push((us(), them()));
        }
        let our_median = median(pairs.iter().map(|(us, _)| us.as_secs_f64()));
        let their_median = median(pairs.iter().map(|(_, them)| them.as_secs_f64()));
        let ratios = || pairs.iter().map(|(us, them)| us.div_duration_f64(*them));
        println!(
            "{ours:<38} {:>7.1} ms   {rival:<28} {:>7.1} ms  {:>6.2} {:>15} {:>5}",
            our_median * 1e3,
            their_median * 1e3,
            median(ratios()),
            format!(
                "({:.2}–{:.2})",
                ratios().fold(f64::INFINITY, f64::min),
                ratios().fold(0.0, f64::max)
            ),
            pairs.len(),
        );
    }

    /// A line for what was measured already, of each pair ours and the rival's.
    #[expect(clippy::print_stdout, reason = "a benchmark's output is its point")]
    pub(crate) fn measured(&self, ours: &str, rival: &str, unit: &str, pairs: &[(f64, f64)]) {
        let ratios = || pairs.iter().map(|(us, them)| us / them);
        println!(
            "{ours:<38} {:>7.1} {unit}   {rival:<28} {:>7.1} {unit}  {:>6.2} {:>15} {:>5}",
            median(pairs.iter().map(|(us, _)| *us)),
            median(pairs.iter().map(|(_, them)| *them)),
            median(ratios()),
            format!(
                "({:.2}–{:.2})",
                ratios().fold(f64::INFINITY, f64::min),
                ratios().fold(0.0, f64::max)
            ),
            pairs.len(),
        );
    }

    /// A line for what grows: its median over a few runs, and what of that one of `count` costs.
    #[expect(clippy::print_stdout, reason = "a benchmark's output is its point")]
    pub(crate) fn grows(&self, ours: &str, count: usize, mut us: impl FnMut() -> Duration) {
        let took = median((0..RUNS).map(|_| us().as_secs_f64()));
        let each = took * 1e6 / count as f64;
        println!("{ours:<38} {:>7.1} ms   {each:>7.1} µs each", took * 1e3);
    }

    /// A line for what has no rival: it is done once, and how long it took is said.
    #[expect(clippy::print_stdout, reason = "a benchmark's output is its point")]
    pub(crate) fn once(&self, ours: &str, us: impl FnOnce() -> Duration) {
        println!("{ours:<38} {:>7.1} ms", us().as_secs_f64() * 1e3);
    }
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// How long `work` takes.
pub(crate) fn timed<T>(work: impl FnOnce() -> T) -> Duration {
    let start = Instant::now();
    black_box(work());
    start.elapsed()
}

/// Runs a program to its end, which must be a good one; how long it took.
pub(crate) fn run(command: &mut Command) -> Duration {
    run_to(0, command)
}

/// The same of one that ends with this exit code.
pub(crate) fn run_to(code: i32, command: &mut Command) -> Duration {
    let start = Instant::now();
    let output = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .output()
        .expect("the program can be started");
    let took = start.elapsed();
    assert!(
        output.status.code() == Some(code),
        "{command:?}: {}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    took
}
