//! What happens to scripts that run outside a transaction, as it happens.

use super::plain;
use super::run::holder_text;
use super::words::duration;
use crate::migrator::report::{Event, Settlement};

/// What was found of an earlier run's statement and of what it left; nothing for other events.
pub(super) fn settled(event: &Event) -> String {
    match event {
        Event::Settled {
            statement,
            line,
            run_id,
            found,
        } => {
            let line = line.map_or_else(String::new, |line| format!(" (line {line})"));
            let found = match found {
                Settlement::Done => "it is done",
                Settlement::NotDone => "it is not done, and runs again",
                Settlement::Repeated => "it is run again, which does no harm",
            };
            format!(
                "run {} was cut off in statement {statement}{line}: {found}\n",
                plain::line(run_id)
            )
        }
        Event::DroppingLeftover { index } => format!(
            "dropping INVALID index {}, which an earlier run left\n",
            plain::line(index)
        ),
        Event::FinishingDetach { partition } => format!(
            "finishing to detach partition {}, which an earlier run left half done\n",
            plain::line(partition)
        ),
        Event::IndexLeft { index } => format!(
            "left INVALID index {}: the next run drops it concurrently and builds it again\n",
            plain::line(index)
        ),
        _ => String::new(),
    }
}

/// How far a concurrent index build is, as one line without an end; `None` for other events.
pub(super) fn build(event: &Event) -> Option<String> {
    let Event::IndexBuild {
        index,
        phase,
        blocks_done,
        blocks_total,
        tuples_done,
        tuples_total,
        waits_for,
        elapsed_ms,
        ..
    } = event
    else {
        return None;
    };
    let mut out = match index {
        Some(index) => format!("index {}: {}", plain::line(index), plain::line(phase)),
        None => plain::line(phase).into_owned(),
    };
    for (done, total, unit) in [
        (blocks_done, blocks_total, "blocks"),
        (tuples_done, tuples_total, "rows"),
    ] {
        if *total > 0 {
            let percent = u128::from(*done.min(total)) * 100 / u128::from(*total);
            out.push_str(&format!(", {percent}% ({done} of {total} {unit})"));
            break;
        }
    }
    if let Some(holder) = waits_for {
        out.push_str(&format!(
            ", waits for a transaction{}",
            holder_text(Some(holder))
        ));
    }
    out.push_str(&format!(", {} so far", duration(*elapsed_ms)));
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::super::run::{activity, event};
    use super::super::samples::PLAIN;
    use super::*;
    use crate::migrator::report::LockHolder;

    #[test]
    fn what_an_earlier_run_left() {
        let settled = |found| Event::Settled {
            statement: 2,
            line: Some(7),
            run_id: "20261122T150000-0badcafe".to_owned(),
            found,
        };
        let index = || "public.t_n".to_owned();
        let events = [
            settled(Settlement::Done),
            settled(Settlement::NotDone),
            settled(Settlement::Repeated),
            Event::DroppingLeftover { index: index() },
            Event::FinishingDetach {
                partition: "public.q".to_owned(),
            },
            Event::IndexLeft { index: index() },
        ];
        let lines: String = events.iter().filter_map(|e| event(e, &PLAIN)).collect();
        insta::assert_snapshot!(lines, @"
        run 20261122T150000-0badcafe was cut off in statement 2 (line 7): it is done
        run 20261122T150000-0badcafe was cut off in statement 2 (line 7): it is not done, and runs again
        run 20261122T150000-0badcafe was cut off in statement 2 (line 7): it is run again, which does no harm
        dropping INVALID index public.t_n, which an earlier run left
        finishing to detach partition public.q, which an earlier run left half done
        left INVALID index public.t_n: the next run drops it concurrently and builds it again
        ");
        let moving: Vec<String> = events.iter().filter_map(|e| activity(e, &PLAIN)).collect();
        assert_eq!(
            moving,
            [
                "dropping INVALID index public.t_n",
                "detaching partition public.q"
            ]
        );
    }

    #[test]
    fn how_far_a_build_is() {
        let build =
            |phase: &str, new_phase, blocks: (u64, u64), tuples: (u64, u64)| Event::IndexBuild {
                index: Some("t_n".to_owned()),
                phase: phase.to_owned(),
                new_phase,
                blocks_done: blocks.0,
                blocks_total: blocks.1,
                tuples_done: tuples.0,
                tuples_total: tuples.1,
                waits_for: (blocks.1 == 0 && tuples.1 == 0).then(|| LockHolder {
                    pid: 4711,
                    user: Some("maria".to_owned()),
                    application: Some("psql".to_owned()),
                    client: None,
                    since: None,
                }),
                elapsed_ms: 3_000,
            };
        let scan = "building index: scanning table";
        let events = [
            build("waiting for writers before build", true, (0, 0), (0, 0)),
            build(scan, true, (10, 200), (0, 0)),
            build(scan, false, (150, 200), (0, 0)),
            build(
                "building index: loading tuples in tree",
                true,
                (0, 0),
                (3, 9),
            ),
        ];
        let lines: String = events.iter().filter_map(|e| event(e, &PLAIN)).collect();
        insta::assert_snapshot!(lines, @"
          index t_n: waiting for writers before build, waits for a transaction by maria (psql, pid 4711), 3.00 s so far
          index t_n: building index: scanning table, 5% (10 of 200 blocks), 3.00 s so far
          index t_n: building index: loading tuples in tree, 33% (3 of 9 rows), 3.00 s so far
        ");
        let moving: Vec<String> = events.iter().filter_map(|e| activity(e, &PLAIN)).collect();
        insta::assert_snapshot!(moving.join("\n"), @"
        index t_n: waiting for writers before build, waits for a transaction by maria (psql, pid 4711), 3.00 s so far
        index t_n: building index: scanning table, 5% (10 of 200 blocks), 3.00 s so far
        index t_n: building index: scanning table, 75% (150 of 200 blocks), 3.00 s so far
        index t_n: building index: loading tuples in tree, 33% (3 of 9 rows), 3.00 s so far
        ");
    }
}
