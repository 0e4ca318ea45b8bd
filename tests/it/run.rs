//! Runs on a live server: upgrade, downgrade and stamp through the program itself.

mod adopt;
mod agreement;
pub(crate) mod case;
mod failures;
mod gate;
mod locks;
mod mend;
mod offline;
mod outside;
mod owner;
mod readers;
mod rehearse;
mod stamp;
mod steps;
