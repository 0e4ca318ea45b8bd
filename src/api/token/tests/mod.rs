//! Every fault of a token and of a key set, with real keys and a real server of keys. Time is
//! handed in: nothing here waits for it.

mod algorithms;
mod answers;
mod claims;
mod given;
mod key_set;
mod properties;
mod ring;
mod server;
mod signer;
mod tls;
mod words;
