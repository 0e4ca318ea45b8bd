use serde::Serialize;

/// The version of the JSON shapes. It grows when a key changes its meaning or goes away.
pub const SCHEMA: u32 = 1;

/// A command's report as JSON: `{"schema": 1, "command": "history", …the report's own keys}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Envelope<T> {
    /// [`SCHEMA`].
    pub schema: u32,
    /// The command as it is typed: `history`, `db status`.
    pub command: &'static str,
    /// The report, its keys beside the two above.
    #[serde(flatten)]
    pub report: T,
}

impl<T: Serialize> Envelope<T> {
    /// The report of `command`.
    pub fn new(command: &'static str, report: T) -> Self {
        Self {
            schema: SCHEMA,
            command,
            report,
        }
    }
}

/// A command's failure as JSON: `{"schema": 1, "command": "upgrade", "error": {…}}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FailureEnvelope<'a, T> {
    /// [`SCHEMA`].
    pub schema: u32,
    /// The command as it is typed; `null` where the arguments named none.
    pub command: Option<&'a str>,
    /// What is said of the error.
    pub error: T,
}

impl<'a, T: Serialize> FailureEnvelope<'a, T> {
    /// The failure of `command`.
    pub fn new(command: Option<&'a str>, error: T) -> Self {
        Self {
            schema: SCHEMA,
            command,
            error,
        }
    }
}
