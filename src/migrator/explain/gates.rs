//! Asks the gates: each policy alone, each of its conditions alone, and all together.

use super::ground::Ground;
use super::question::Question;
use crate::db::DbError;
use crate::rls::explain::{
    AskedGate, AskedPolicy, Condition, ConditionAnswer, Gate, PolicyAnswer, Tally,
};
use crate::schema::PolicyKind;

/// Asks the policies of a gate about the rows of a ground.
pub(super) async fn ask(
    question: &Question<'_>,
    ground: &Ground,
    gate: &AskedGate,
) -> Result<Gate, DbError> {
    let mut asked = Gate {
        kind: gate.kind,
        command: gate.command,
        asked_on: ground.on.clone(),
        of: None,
        permitted: None,
        passed: None,
        error: None,
        policies: Vec::new(),
        for_others: gate.for_others.clone(),
    };
    let can_ask = !ground.is_nothing();
    if can_ask {
        asked.of = ground.count(question, "true").await?.ok();
        let permissive = gate.permissive_sql();
        asked.permitted = ground.count(question, &permissive).await?.ok();
        match ground.count(question, &gate.whole_sql()).await? {
            Ok(rows) => asked.passed = Some(rows),
            Err(error) => asked.error = Some(error.message),
        }
    }
    for policy in &gate.policies {
        asked.policies.push(PolicyAnswer {
            name: policy.name.clone(),
            command: policy.command,
            kind: policy.kind,
            roles: policy.roles.clone(),
            clause: policy.clause,
            condition: match &policy.condition {
                Some(condition) => {
                    let of = asked.of.filter(|_| can_ask);
                    Some(Box::pin(condition_answer(question, ground, condition, of)).await?)
                }
                None => None,
            },
            takes_away: match asked.permitted {
                Some(permitted) if policy.kind == PolicyKind::Restrictive => {
                    takes_away(question, ground, gate, policy, permitted).await?
                }
                _ => None,
            },
        });
    }
    Ok(asked)
}

async fn takes_away(
    question: &Question<'_>,
    ground: &Ground,
    gate: &AskedGate,
    policy: &AskedPolicy,
    permitted: u64,
) -> Result<Option<u64>, DbError> {
    let Some(condition) = &policy.condition else {
        return Ok(Some(0));
    };
    let both = format!("{} and ({})", gate.permissive_sql(), condition.sql);
    let left = ground.count(question, &both).await?.ok();
    Ok(left.map(|left| permitted.saturating_sub(left)))
}

/// What a condition says of the rows, and each that it is joined from.
async fn condition_answer(
    question: &Question<'_>,
    ground: &Ground,
    condition: &Condition,
    of: Option<u64>,
) -> Result<ConditionAnswer, DbError> {
    let (mut tally, mut error) = (None, None);
    if let Some(of) = of {
        match tallied(question, ground, &condition.sql, of).await? {
            Ok(found) => tally = Some(found),
            Err(message) => error = Some(message),
        }
    }
    let mut parts = Vec::new();
    for part in &condition.parts {
        parts.push(Box::pin(condition_answer(question, ground, part, of)).await?);
    }
    Ok(ConditionAnswer {
        sql: condition.sql.clone(),
        joined_by: condition.joint,
        tally,
        error,
        parts,
    })
}

async fn tallied(
    question: &Question<'_>,
    ground: &Ground,
    sql: &str,
    of: u64,
) -> Result<Result<Tally, String>, DbError> {
    let yes = match ground.count(question, sql).await? {
        Ok(yes) => yes,
        Err(error) => return Ok(Err(error.message)),
    };
    let mut null = 0;
    if yes < of {
        match ground.count(question, &format!("({sql}) is null")).await? {
            Ok(rows) => null = rows,
            Err(error) => return Ok(Err(error.message)),
        }
    }
    Ok(Ok(Tally {
        yes,
        no: of.saturating_sub(yes + null),
        null,
    }))
}
