//! The rules, one file each: what it finds, why that is bad, an example, and how it is mended.

mod auth_rls_initplan;
mod auth_users_exposed;
mod policy_captures_column;
mod policy_exists_rls_disabled;
mod policy_recursion;
mod rls_disabled_in_public;
mod rls_enabled_no_policy;
mod rls_policy_always_true;
mod rls_references_user_metadata;
mod security_definer_view;
mod truncate_past_policies;

use super::finding::Rule;

/// Every rule, by code.
pub const RULES: &[&Rule] = &[
    &auth_rls_initplan::RULE,
    &auth_users_exposed::RULE,
    &policy_captures_column::RULE,
    &policy_exists_rls_disabled::RULE,
    &policy_recursion::RULE,
    &rls_disabled_in_public::RULE,
    &rls_enabled_no_policy::RULE,
    &rls_policy_always_true::RULE,
    &rls_references_user_metadata::RULE,
    &security_definer_view::RULE,
    &truncate_past_policies::RULE,
];
