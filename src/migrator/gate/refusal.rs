use crate::migrator::report::RlsFinding;
use crate::rls::matrix::Difference;

/// Why a step may not be committed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GateRefusal {
    /// What the rules found that they did not find before it.
    pub findings: Vec<RlsFinding>,
    /// Where who reaches what, or what decides it, is not what is kept in the repository.
    pub differences: Vec<Difference>,
}
