//! Scripts outside a transaction: resumed, repaired, refused.
