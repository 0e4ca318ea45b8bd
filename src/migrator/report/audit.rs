use serde::Serialize;

use super::destination::DestinationView;
use crate::rls::{RoleStatus, TableStatus};

/// `rls status`: who may do what with each table, and which policies are asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RlsStatus {
    /// Which database.
    pub destination: DestinationView,
    /// The schemas that were looked at.
    pub schemas: Vec<String>,
    /// Those of them that are not there.
    pub missing_schemas: Vec<String>,
    /// The roles of the API.
    pub roles: Vec<RoleStatus>,
    /// The tables, by name.
    pub tables: Vec<TableStatus>,
}
