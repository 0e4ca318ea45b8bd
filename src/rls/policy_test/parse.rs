//! A file of policy tests from its text.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::comment::{Instruction, Key, body, instruction};
use super::read::expectation;
use super::{Case, Expectation, Part, Step, TestDefect, TestFile, Who};
use crate::diagnostic::Diagnostic;
use crate::revision::nearest;
use crate::rls::Actors;
use crate::sql::{
    LineIndex, Span, Statement, Surroundings, Token, TokenKind, refusals, split, tokenize,
};

/// Reads the file at `path`, as it is shown, which holds `text`; the grammar is that of
/// [the module](super).
///
/// # Errors
/// Everything that is wrong with it, each with its place: statements that are not closed, that may
/// not stand in a script or that end the transaction, and every [`TestDefect`].
pub fn parse(path: &Path, text: &str, actors: &Actors) -> Result<TestFile, Vec<Diagnostic>> {
    let statements = split(text).map_err(|defect| vec![defect.to_diagnostic(path, text)])?;
    let mut builder = Builder::new(text, actors);
    let comments = builder.walk(&statements);
    builder.finish();
    let mut findings: Vec<(Span, Diagnostic)> = refusals(text, Surroundings::TransactionBlock)
        .iter()
        .map(|refusal| (refusal.span(), refusal.to_diagnostic(path, text)))
        .collect();
    let defects = comments.into_iter().chain(builder.defects);
    findings.extend(defects.map(|defect| (defect.span(), defect.to_diagnostic(path, text))));
    if !findings.is_empty() {
        findings.sort_by_key(|(span, _)| *span);
        return Err(findings.into_iter().map(|(_, finding)| finding).collect());
    }
    Ok(TestFile {
        path: path.to_owned(),
        text: Arc::from(text),
        fixtures: builder.fixtures,
        parts: builder.parts,
    })
}

/// Puts tests together from instructions and statements, in their order.
struct Builder<'a> {
    text: &'a str,
    actors: &'a Actors,
    lines: LineIndex,
    fixtures: Option<(String, Span)>,
    parts: Vec<Part>,
    /// The test that is open, and the comment that names it.
    case: Option<(Case, Span)>,
    names: BTreeMap<String, Span>,
    who: Option<Who>,
    /// An `as` that no statement has followed.
    idle: Option<Span>,
    /// An expectation that waits for its statement; `None` within is one that cannot be read.
    pending: Option<(Option<Expectation>, Span)>,
    defects: Vec<TestDefect>,
}

impl<'a> Builder<'a> {
    fn new(text: &'a str, actors: &'a Actors) -> Self {
        Self {
            text,
            actors,
            lines: LineIndex::new(text),
            fixtures: None,
            parts: Vec::new(),
            case: None,
            names: BTreeMap::new(),
            who: None,
            idle: None,
            pending: None,
            defects: Vec::new(),
        }
    }

    /// Takes everything in; gives what is wrong with single comments.
    fn walk(&mut self, statements: &[Statement]) -> Vec<TestDefect> {
        let mut wrong = Vec::new();
        let mut statements = statements.iter().peekable();
        let mut open = false;
        let mut tokens = tokenize(self.text).peekable();
        while let Some(token) = tokens.next() {
            match token.kind {
                TokenKind::LineComment => match self.comment(token, open) {
                    Err(defect) => wrong.push(defect),
                    Ok(None) => {}
                    Ok(Some(said)) => {
                        let mut more = Vec::new();
                        if said.key == Key::Expect {
                            while let Some(line) = self.continuation(tokens.clone()) {
                                more.push(line);
                                // The white space before it, and itself.
                                tokens.next();
                                tokens.next();
                            }
                        }
                        self.say(said, &more);
                    }
                },
                TokenKind::Terminator => open = false,
                _ => {
                    let begun = statements.next_if(|one| one.span.start == token.span.start);
                    if let Some(statement) = begun {
                        open = true;
                        self.statement(*statement);
                    }
                }
            }
        }
        wrong
    }

    /// What a comment says, and whether it stands where that can be said.
    fn comment(&self, token: Token, open: bool) -> Result<Option<Instruction>, TestDefect> {
        let before = &self.text[..token.span.start];
        let line = &before[before.rfind('\n').map_or(0, |at| at + 1)..];
        let alone = line.trim().is_empty();
        if alone && !open {
            return instruction(self.text, token.span);
        }
        match instruction(self.text, token.span) {
            // `select 1 -- as: above` is somebody's remark; `-- expect:` never is.
            Ok(Some(said)) if alone || said.key == Key::Expect => Err(TestDefect::Misplaced {
                key: said.key.as_str(),
                within: open,
                span: said.comment,
            }),
            _ => Ok(None),
        }
    }

    /// The comment right below that goes on with tuples.
    fn continuation(&self, mut tokens: impl Iterator<Item = Token>) -> Option<Span> {
        let space = tokens.next()?;
        let comment = tokens.next()?;
        if space.kind != TokenKind::Whitespace || comment.kind != TokenKind::LineComment {
            return None;
        }
        let line_ends = space.text(self.text).matches('\n').count();
        let body = body(self.text, comment.span);
        (line_ends == 1 && body.text(self.text).starts_with('(')).then_some(body)
    }

    fn say(&mut self, said: Instruction, more: &[Span]) {
        let value = said.value.text(self.text);
        match said.key {
            Key::Fixtures => {
                let late = self.fixtures.is_some()
                    || self.case.is_some()
                    || self.who.is_some()
                    || self.pending.is_some()
                    || !self.parts.is_empty();
                if late {
                    self.defects
                        .push(TestDefect::LateFixtures { span: said.comment });
                } else {
                    self.fixtures = Some((value.to_owned(), said.value));
                }
            }
            Key::Test => {
                self.close();
                let name = value.to_owned();
                self.name(&name, said.value);
                let line = self.lines.position(self.text, said.comment.start).line;
                let steps = Vec::new();
                self.case = Some((Case { name, line, steps }, said.comment));
            }
            Key::As => self.ask(value, said),
            Key::Reset => {
                self.who = Some(Who::Migrator);
                self.idle = None;
            }
            Key::Expect => {
                let read = expectation(self.text, said.value, more);
                let expected = read.map_err(|defect| self.defects.push(defect)).ok();
                if let Some((_, first)) = &self.pending {
                    self.defects.push(TestDefect::SecondExpectation {
                        span: said.comment,
                        first: *first,
                    });
                }
                self.pending = Some((expected, said.comment));
            }
        }
    }

    fn ask(&mut self, name: &str, said: Instruction) {
        let is_actor = self.actors.find(name).is_some();
        let span = said.value;
        if name == Who::MIGRATOR {
            if is_actor {
                self.defects.push(TestDefect::ActorIsMigrator { span });
            }
            self.who = Some(Who::Migrator);
        } else {
            if !is_actor {
                let known = self.actors.actors.iter().map(|one| one.name.as_str());
                let nearest = nearest(name, known.chain([Who::MIGRATOR]));
                self.defects.push(TestDefect::UnknownActor {
                    name: name.to_owned(),
                    nearest: nearest.map(str::to_owned),
                    span,
                });
            }
            self.who = Some(Who::Actor(name.to_owned()));
        }
        self.idle = Some(said.comment);
    }

    fn statement(&mut self, statement: Statement) {
        self.idle = None;
        let pending = self.pending.take();
        let expected = pending.is_some();
        let (expectation, span) = match pending {
            None => (None, statement.span),
            Some((expectation, span)) => (expectation, span),
        };
        if expected && self.who.is_none() {
            self.defects.push(TestDefect::NobodyAsks { span });
        }
        let copies = statement.copy_data.is_some();
        if copies && expectation.as_ref().is_some_and(wants_rows) {
            self.defects.push(TestDefect::RowsOfCopy { span });
        }
        let step = Step {
            statement,
            who: self.who.clone().unwrap_or(Who::Migrator),
            expectation,
        };
        match &mut self.case {
            Some((case, _)) => case.steps.push(step),
            None if expected => {
                let name = format!("line {}", statement.line);
                self.name(&name, statement.span);
                self.parts.push(Part::Case(Case {
                    name,
                    line: statement.line,
                    steps: vec![step],
                }));
            }
            None => self.parts.push(Part::SetUp(step)),
        }
    }

    /// Takes a test's name.
    fn name(&mut self, name: &str, span: Span) {
        if let Some(first) = self.names.insert(name.to_owned(), span) {
            let name = name.to_owned();
            self.defects
                .push(TestDefect::NameTwice { name, span, first });
        }
    }

    /// Ends what is open: a test, or what stands before the first one.
    fn close(&mut self) {
        if let Some((_, span)) = self.pending.take() {
            let key = Key::Expect.as_str();
            self.defects.push(TestDefect::NoStatement { key, span });
        } else if let Some(span) = self.idle {
            let key = Key::As.as_str();
            self.defects.push(TestDefect::NoStatement { key, span });
        }
        self.idle = None;
        self.who = None;
        if let Some((case, span)) = self.case.take() {
            // An expectation that cannot be read is one.
            let expects = case.steps.iter().any(|step| step.expectation.is_some());
            let known = self
                .defects
                .iter()
                .any(|defect| defect.span().start > span.start);
            if !expects && !known {
                self.defects.push(TestDefect::ExpectsNothing { span });
            }
            self.parts.push(Part::Case(case));
        }
    }

    fn finish(&mut self) {
        self.close();
    }
}

/// Whether what is expected can be told of a statement that gives rows alone.
fn wants_rows(expectation: &Expectation) -> bool {
    !matches!(
        expectation,
        Expectation::Success | Expectation::Error { .. }
    )
}
