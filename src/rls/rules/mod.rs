//! The rules, one file each: what it finds, why that is bad, an example, and how it is mended.

mod anon_security_definer_function_executable;
mod auth_rls_initplan;
mod auth_users_exposed;
mod authenticated_security_definer_function_executable;
mod duplicate_index;
mod extension_in_public;
mod force_rls_owner_without_bypass;
mod foreign_table_in_api;
mod function_search_path_mutable;
mod grant_without_policy;
mod login_role_bypasses_rls;
mod materialized_view_in_api;
mod multiple_permissive_policies;
mod policy_captures_column;
mod policy_column_without_index;
mod policy_exists_rls_disabled;
mod policy_in_subselect_scans;
mod policy_recursion;
mod policy_role_without_grant;
mod rls_disabled_in_public;
mod rls_enabled_no_policy;
mod rls_policy_always_true;
mod rls_references_user_metadata;
mod security_definer_view;
mod sensitive_columns_exposed;
mod truncate_past_policies;
pub(super) mod unindexed_foreign_keys;
mod update_policy_lets_owner_change;

use super::finding::Rule;

/// Every rule, by code.
pub const RULES: &[&Rule] = &[
    &anon_security_definer_function_executable::RULE,
    &auth_rls_initplan::RULE,
    &auth_users_exposed::RULE,
    &authenticated_security_definer_function_executable::RULE,
    &duplicate_index::RULE,
    &extension_in_public::RULE,
    &force_rls_owner_without_bypass::RULE,
    &foreign_table_in_api::RULE,
    &function_search_path_mutable::RULE,
    &grant_without_policy::RULE,
    &login_role_bypasses_rls::RULE,
    &materialized_view_in_api::RULE,
    &multiple_permissive_policies::RULE,
    &policy_captures_column::RULE,
    &policy_column_without_index::RULE,
    &policy_exists_rls_disabled::RULE,
    &policy_in_subselect_scans::RULE,
    &policy_recursion::RULE,
    &policy_role_without_grant::RULE,
    &rls_disabled_in_public::RULE,
    &rls_enabled_no_policy::RULE,
    &rls_policy_always_true::RULE,
    &rls_references_user_metadata::RULE,
    &security_definer_view::RULE,
    &sensitive_columns_exposed::RULE,
    &truncate_past_policies::RULE,
    &unindexed_foreign_keys::RULE,
    &update_policy_lets_owner_change::RULE,
];

#[cfg(test)]
mod tests;
