use std::collections::BTreeSet;

use clap::{Args, ValueEnum};

use super::{CacheArgs, Format};
use crate::config::CheckPart;

#[derive(Debug, Args)]
#[command(after_help = "\
The parts:
  files     the revision files are in order: headers, names, parents, no circles
  heads     the graph has one head
  down      every revision has a down script, or says why there is no way back
  history   files, version table and history agree: nothing edited, missing or unknown (database)
  pending   every revision is applied (database)
  drift     the database is what its applied revisions build (database, scratch server)
  schema    the revisions build the declared schema (scratch server)

A part that cannot be looked at is skipped, and the report says why: where the settings name no
database, with --offline, where the files are broken, where no schema is declared. One that --only
names does not pass by that: it is a finding. A database that is named and cannot be reached is an
error. Exit codes: 0 nothing is wrong, 1 something is (a warning is not) or nothing was looked at,
2 the request or the settings are wrong, 3 the database cannot be reached.

Examples:
  grace-migrate check --offline                   what needs no database
  grace-migrate check --skip pending              before a deployment
  grace-migrate check --only files,heads,down
  grace-migrate check --offline --format github   in a workflow of GitHub
  grace-migrate check --format sarif > check.sarif")]
pub(crate) struct CheckArgs {
    /// Look at these parts alone, whatever the settings leave out.
    #[arg(long, value_enum, value_name = "PART", value_delimiter = ',')]
    pub(crate) only: Vec<PartArg>,

    /// Leave these parts out, besides those that the settings leave out.
    #[arg(long, value_enum, value_name = "PART", value_delimiter = ',')]
    pub(crate) skip: Vec<PartArg>,

    /// Several heads are as it is meant to be.
    #[arg(long)]
    pub(crate) allow_several_heads: bool,

    /// Do not ask the database: the parts that need it are skipped.
    #[arg(long)]
    pub(crate) offline: bool,

    #[command(flatten)]
    pub(crate) cache: CacheArgs,

    /// How the report is written to stdout.
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    pub(crate) format: CheckFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PartArg {
    Files,
    Heads,
    Down,
    History,
    Pending,
    Drift,
    Schema,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum CheckFormat {
    /// The findings, and a table of the parts.
    #[default]
    Text,
    Json,
    /// Workflow commands: GitHub shows them beside the code.
    Github,
    /// SARIF 2.1.0.
    Sarif,
    /// JUnit XML, a test for each part.
    Junit,
}

impl CheckArgs {
    /// The parts that are named to be looked at.
    pub(crate) fn named(&self) -> BTreeSet<CheckPart> {
        self.only.iter().map(|part| part.part()).collect()
    }

    /// Parts that are to be looked at and left out.
    pub(super) fn contradiction(&self) -> Option<String> {
        let skipped: BTreeSet<CheckPart> = self.skip.iter().map(|part| part.part()).collect();
        let both: Vec<String> = self
            .named()
            .intersection(&skipped)
            .map(|part| format!("`{part}`"))
            .collect();
        (!both.is_empty()).then(|| {
            let both = both.join(", ");
            format!("`--only` and `--skip` both name {both}: a part is looked at or left out")
        })
    }

    /// The parts that are looked at, where the settings leave some out.
    pub(crate) fn parts(&self, left_out: &BTreeSet<CheckPart>) -> BTreeSet<CheckPart> {
        let only = self.named();
        let mut parts = if only.is_empty() {
            CheckPart::ALL.into_iter().collect()
        } else {
            only
        };
        if self.only.is_empty() {
            parts.retain(|part| !left_out.contains(part));
        }
        for part in &self.skip {
            parts.remove(&part.part());
        }
        parts
    }
}

impl PartArg {
    fn part(self) -> CheckPart {
        match self {
            Self::Files => CheckPart::Files,
            Self::Heads => CheckPart::Heads,
            Self::Down => CheckPart::Down,
            Self::History => CheckPart::History,
            Self::Pending => CheckPart::Pending,
            Self::Drift => CheckPart::Drift,
            Self::Schema => CheckPart::Schema,
        }
    }
}

impl CheckFormat {
    /// How a failure is written.
    pub(crate) fn plain(self) -> Format {
        match self {
            Self::Json => Format::Json,
            Self::Text | Self::Github | Self::Sarif | Self::Junit => Format::Text,
        }
    }
}
