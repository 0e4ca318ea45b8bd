//! Many runners, hanging holders, blockers, retries.
