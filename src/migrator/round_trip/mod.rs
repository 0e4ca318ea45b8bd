//! `test`: every revision up, down and up again, on scratch databases.
//!
//! The revisions are taken in graph order, cut into as many stretches as there are jobs. Each job
//! has a scratch server of its own, because roles belong to a server, and scripts make them: it
//! builds what lies beneath its stretch, and then walks it. Where a revision leaves its database
//! otherwise than it should, that is made again from a copy that is kept of an earlier point.

mod ground;
mod run;
mod seeds;
mod selection;
mod walk;

pub use selection::{RoundTripRequest, Which};
