use crate::migrator::report::Event;
use crate::render::plain;
use crate::render::style::{Role, Style};
use crate::render::words::{plural, revisions};

/// How many revisions there are at least for it to be told how far the test is.
const MANY: usize = 20;

/// The line that stays: at the start, and about ten times on the way.
pub(in crate::render) fn event(event: &Event, style: &Style) -> Option<String> {
    match event {
        Event::RoundTripsStarted { revisions: 0, .. } => None,
        Event::RoundTripsStarted {
            revisions: count,
            jobs,
        } => Some(format!(
            "testing {} on {}\n",
            revisions(*count),
            plural(*jobs, "scratch server", "scratch servers")
        )),
        Event::RoundTripDone {
            done,
            revisions: of,
            revision,
            failed,
            ..
        } => {
            let tenth = |done: usize| done * 10 / of;
            let is_tenth = *of >= MANY && tenth(*done) > tenth(done - 1);
            let failed = failed.then(|| {
                format!(
                    "{} {}\n",
                    style.paint(Role::Error, "failed"),
                    style.paint(Role::Id, revision.as_str())
                )
            });
            let far = is_tenth.then(|| format!("tested {done} of {}\n", revisions(*of)));
            let lines = [failed, far].into_iter().flatten().collect::<String>();
            Some(lines).filter(|lines| !lines.is_empty())
        }
        _ => None,
    }
}

/// What the moving line says.
pub(in crate::render) fn activity(event: &Event, style: &Style) -> Option<String> {
    match event {
        Event::RoundTripsStarted { .. } => Some("building what lies beneath".to_owned()),
        Event::RoundTripDone {
            done,
            revisions,
            revision,
            message,
            ..
        } => Some(format!(
            "{done} of {revisions}: {} {}",
            style.paint(Role::Id, revision.as_str()),
            plain::line(message.as_deref().unwrap_or_default())
        )),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::samples::{PLAIN, id};

    fn done(done: usize, revisions: usize, failed: bool) -> Event {
        Event::RoundTripDone {
            done,
            revisions,
            revision: id("a1"),
            message: Some("create notes".to_owned()),
            failed,
        }
    }

    #[test]
    fn plain_lines_are_few() {
        let lines = |revisions: usize| {
            let events = (1..=revisions).map(|at| done(at, revisions, at == 3));
            let lines = events.filter_map(|one| event(&one, &PLAIN));
            lines.collect::<Vec<_>>()
        };
        assert_eq!(lines(19), ["failed a1\n"]);
        let many = lines(95);
        assert_eq!(many.len(), 11);
        assert_eq!(many[1], "tested 10 of 95 revisions\n");
        assert_eq!(many[10], "tested 95 of 95 revisions\n");
        let started = Event::RoundTripsStarted {
            revisions: 1,
            jobs: 2,
        };
        let line = event(&started, &PLAIN);
        assert_eq!(line.unwrap(), "testing 1 revision on 2 scratch servers\n");
        let moving = activity(&done(2, 19, false), &PLAIN);
        assert_eq!(moving.unwrap(), "2 of 19: a1 create notes");
    }
}
