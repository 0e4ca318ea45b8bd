//! What the policies cost: two plans of one command, with them and without.

use serde::Serialize;
use serde_json::Value;

/// What of a plan is compared.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Its cost, in the planner's units.
    pub total_cost: f64,
    /// The sequential scans, in the order of the plan.
    pub scans: Vec<Scan>,
    /// The sub-plans.
    pub sub_plans: Vec<SubPlan>,
}

/// A sequential scan.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Scan {
    /// What is read from its beginning to its end: `public.notes`.
    pub relation: String,
    /// How many rows are thought to come of it.
    pub estimated_rows: f64,
    /// Its cost, in the planner's units.
    pub total_cost: f64,
    /// The sub-plan that it is in.
    pub sub_plan: Option<String>,
}

/// A sub-plan.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SubPlan {
    /// As the plan calls it.
    pub name: String,
    /// How often it runs.
    pub runs: Runs,
    /// Its cost, in the planner's units.
    pub total_cost: f64,
}

/// How often a sub-plan runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Runs {
    /// Once.
    Once,
    /// Once, its rows kept in a hash table.
    Hashed,
    /// For each row.
    EachRow,
}

/// What the policies cost.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Cost {
    /// The command's cost as the actor, in the planner's units.
    pub with_policies: f64,
    /// The same without policies; `null` where the migrating role is bound by them too.
    pub without_policies: Option<f64>,
    /// The sequential scans that are there only because of the policies.
    pub scans: Vec<Scan>,
    /// The sub-plans that are there only because of the policies.
    pub sub_plans: Vec<SubPlan>,
}

impl Plan {
    /// Reads what EXPLAIN (VERBOSE, FORMAT JSON) answers; `None` where it is something else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let whole: Value = serde_json::from_str(text).ok()?;
        let root = whole.get(0)?.get("Plan")?;
        let mut plan = Self {
            total_cost: root.get("Total Cost")?.as_f64()?,
            scans: Vec::new(),
            sub_plans: Vec::new(),
        };
        plan.walk(root, text, None);
        Some(plan)
    }

    fn walk(&mut self, node: &Value, text: &str, within: Option<&str>) {
        let word = |key: &str| node.get(key).and_then(Value::as_str);
        let number = |key: &str| node.get(key).and_then(Value::as_f64).unwrap_or_default();
        // Older servers add the parameters that it gives.
        let name = word("Subplan Name").and_then(|name| name.split(" (returns").next());
        if let (Some(name), Some(parent)) = (name, word("Parent Relationship")) {
            self.sub_plans.push(SubPlan {
                name: name.to_owned(),
                runs: match parent {
                    "SubPlan" if is_hashed(text, name) => Runs::Hashed,
                    "SubPlan" => Runs::EachRow,
                    _ => Runs::Once,
                },
                total_cost: number("Total Cost"),
            });
        }
        let within = name.or(within);
        if word("Node Type") == Some("Seq Scan")
            && let Some(relation) = word("Relation Name")
        {
            let schema = word("Schema").unwrap_or("pg_temp");
            self.scans.push(Scan {
                relation: crate::sql::QualifiedName::new(schema, relation).to_string(),
                estimated_rows: number("Plan Rows"),
                total_cost: number("Total Cost"),
                sub_plan: within.map(str::to_owned),
            });
        }
        let plans = node.get("Plans").and_then(Value::as_array);
        for plan in plans.into_iter().flatten() {
            self.walk(plan, text, within);
        }
    }
}

/// Whether the plan says of this sub-plan that it is hashed, and not of one whose name goes on.
fn is_hashed(text: &str, name: &str) -> bool {
    let wanted = format!("hashed {name}");
    text.match_indices(&wanted).any(|(at, _)| {
        let next = text[at + wanted.len()..].chars().next();
        !next.is_some_and(|c| c.is_ascii_alphanumeric())
    })
}

/// What one plan has and the other has not.
#[must_use]
pub fn compare(with: Plan, without: Option<&Plan>) -> Cost {
    let mut before: Vec<&str> = without
        .iter()
        .flat_map(|plan| &plan.scans)
        .map(|scan| scan.relation.as_str())
        .collect();
    let mut scans = with.scans;
    // What is outside of sub-plans is the command's own more likely than a policy's.
    scans.sort_by_key(|scan| scan.sub_plan.is_some());
    scans.retain(|scan| {
        match before
            .iter()
            .position(|relation| *relation == scan.relation)
        {
            Some(at) => {
                before.remove(at);
                false
            }
            None => true,
        }
    });
    let known = without.map_or(0, |plan| plan.sub_plans.len());
    Cost {
        with_policies: with.total_cost,
        without_policies: without.map(|plan| plan.total_cost),
        scans,
        // A plain command has none of its own.
        sub_plans: with.sub_plans.into_iter().skip(known).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WITH: &str = r#"[{"Plan": {
        "Node Type": "Seq Scan", "Relation Name": "notes", "Schema": "public",
        "Plan Rows": 5, "Total Cost": 90.5,
        "Filter": "(ANY (team_id = (hashed SubPlan 1).col1)) OR (SubPlan 11)",
        "Plans": [
            {"Node Type": "Seq Scan", "Parent Relationship": "SubPlan", "Subplan Name": "SubPlan 1",
             "Relation Name": "Members", "Schema": "public", "Plan Rows": 7, "Total Cost": 30},
            {"Node Type": "Limit", "Parent Relationship": "SubPlan", "Subplan Name": "SubPlan 11",
             "Plan Rows": 1, "Total Cost": 8, "Plans": [
                {"Node Type": "Seq Scan", "Relation Name": "notes", "Schema": "public",
                 "Plan Rows": 1, "Total Cost": 8}]},
            {"Node Type": "Result", "Parent Relationship": "InitPlan", "Subplan Name": "InitPlan 2",
             "Plan Rows": 1, "Total Cost": 0.01}]}}]"#;
    const WITHOUT: &str = r#"[{"Plan": {"Node Type": "Seq Scan", "Relation Name": "notes",
        "Schema": "public", "Plan Rows": 10, "Total Cost": 20}}]"#;

    #[test]
    fn what_a_policy_adds() {
        let (with, without) = (Plan::parse(WITH).unwrap(), Plan::parse(WITHOUT).unwrap());
        let cost = compare(with.clone(), Some(&without));
        let scans: Vec<_> = cost
            .scans
            .iter()
            .map(|scan| (scan.relation.as_str(), scan.sub_plan.as_deref()))
            .collect();
        assert_eq!(
            scans,
            [
                ("public.\"Members\"", Some("SubPlan 1")),
                ("public.notes", Some("SubPlan 11"))
            ]
        );
        let runs: Vec<Runs> = cost.sub_plans.iter().map(|one| one.runs).collect();
        assert_eq!(runs, [Runs::Hashed, Runs::EachRow, Runs::Once]);
        assert_eq!(
            (cost.with_policies, cost.without_policies),
            (90.5, Some(20.0))
        );
        assert_eq!(compare(with, None).scans.len(), 3);
        assert_eq!(compare(without.clone(), Some(&without)).scans, []);
    }

    #[test]
    fn what_is_no_plan() {
        for text in ["", "{}", "[]", "[{\"Plan\": {}}]"] {
            assert_eq!(Plan::parse(text), None, "{text}");
        }
    }
}
