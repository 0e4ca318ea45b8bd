//! The graph's tests, as drawings.

mod build;
mod downgrade;
mod places;
mod properties;
mod shape;
mod stamp;
mod targets;
mod upgrade;
