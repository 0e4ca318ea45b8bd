//! `grace-api` as it is deployed: the program itself in a process of its own, asked over HTTP, on
//! a database that `grace-migrate` has brought up, by logins made with the SQL that it prints.

mod access;
mod http;
mod logins;
mod profile;
mod program;
mod ready;
mod reload;
mod remains;
mod requests;
mod serve;
mod sizes;
mod stopping;
mod surface;
mod tokens;
mod tour;
mod world;
