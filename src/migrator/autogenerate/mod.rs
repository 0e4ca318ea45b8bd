//! `revision --autogenerate`: from head to the declared schema, as revisions that are proved before
//! they are written.
//!
//! The revisions that lead to the parents are built on a scratch server ([`run`]); what is told to
//! have another name is renamed in a copy of it, and what is left between it and the declared schema
//! planned and run there, script by script, the database read after each ([`stage`]). Then the files
//! as they will be are run by the engine itself on another copy, up and down ([`proof`]), and the plan
//! once more where each table has a few rows ([`rows`]). Nothing is written unless what is read there is
//! what it should be.

mod error;
mod evidence;
mod excluded;
mod proof;
mod request;
mod rows;
mod run;
mod stage;
mod told;

pub use error::{AutogenerateError, Fault, Leg, Part, Unproved};
pub use request::{AutogenerateRequest, Writing};
