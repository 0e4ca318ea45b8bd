//! The rules, one file each: what it finds, why that is bad, an example, and how it is mended.

use super::finding::Rule;

/// Every rule.
pub const RULES: &[&Rule] = &[];
