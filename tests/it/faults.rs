//! The fault table: what is really injected, and what holds. Each test is named by its row's id.

mod closing;
mod commit;
mod crash;
mod history;
mod limits;
mod locks;
mod outside;
mod partitions;
mod places;
mod poolers;
mod record;
mod resume;
mod servers;
mod session;
mod signals;
mod table;
mod text;
