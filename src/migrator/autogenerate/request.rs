use crate::migrator::revise::RevisionRequest;
use crate::migrator::states::WayRequest;
use crate::schema::facts::Scope;

/// What `revision --autogenerate` is asked to do.
#[derive(Debug, Clone, Default)]
pub struct AutogenerateRequest {
    /// What the revision is to be; where it becomes several, the first has the id, the labels and the
    /// dependencies.
    pub revision: RevisionRequest,
    /// How the way to the declared schema is to be written.
    pub way: WayRequest,
    /// What of both states is looked at.
    pub scope: Scope,
    /// Objects that are not modelled are an error.
    pub strict: bool,
    /// Whether files are written.
    pub writing: Writing,
}

/// Whether files are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Writing {
    /// They are.
    #[default]
    Files,
    /// It is only told what they would be.
    Nothing,
}
