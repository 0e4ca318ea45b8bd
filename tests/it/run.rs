//! Runs on a live server: upgrade, downgrade and stamp through the program itself.

mod agreement;
mod case;
mod failures;
mod outside;
mod rehearse;
mod session;
mod stamp;
mod steps;
