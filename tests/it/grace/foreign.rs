//! Policies that are not GRACE's.

use super::actors::{OWN, Outcome, STRANGER, attempt_as};
use super::setup::{RLS, SCHEMA, Setup, message};

#[tokio::test]
async fn a_policy_that_would_be_or_ed_in_stops_the_revision() {
    let grace = Setup::Owner.empty().await;
    grace.up(&SCHEMA).await.unwrap();
    for role in [
        "public",
        "anon",
        "authenticated",
        "service_role",
        "grace_it_login, authenticated",
    ] {
        grace
            .migrate(&format!(
                "create policy \"Anybody\" on public.notes for select to {role} using (true)"
            ))
            .await;
        let error = grace.up(&RLS).await.expect_err(role);
        assert_eq!(
            message(&error),
            "policies that are not GRACE's would be OR-ed into its own: \"Anybody\" on public.notes \
             (Drop them (`drop policy NAME on TABLE`), or make them again `as restrictive`.)",
            "{role}"
        );
        let policies = "select string_agg(polname, ',') from pg_policy";
        assert_eq!(
            grace.db.query(policies).await,
            "Anybody",
            "{role}: rolled back"
        );
        grace
            .migrate("drop policy \"Anybody\" on public.notes")
            .await;
    }
    grace.up(&RLS).await.unwrap();
}

#[tokio::test]
async fn all_of_them_are_named() {
    let grace = Setup::Superuser.empty().await;
    grace.up(&SCHEMA).await.unwrap();
    grace
        .migrate(
            "create policy two on public.topics using (true);
             create policy one on public.notes using (true)",
        )
        .await;
    let error = grace.up(&RLS).await.unwrap_err();
    assert!(
        message(&error).contains("one on public.notes, two on public.topics"),
        "{}",
        message(&error)
    );
}

#[tokio::test]
async fn a_policy_through_a_membership_stops_it_too() {
    let grace = Setup::Superuser.empty().await;
    grace.up(&SCHEMA).await.unwrap();
    grace
        .migrate("create policy reports on public.notes to grace_it_reporting using (true)")
        .await;
    // The membership is the whole cluster's: given where nobody else sees it.
    let mut client = grace.admin().await;
    let tx = client.transaction().await.unwrap();
    tx.batch_execute("grant grace_it_reporting to authenticated")
        .await
        .unwrap();
    let error = tx.batch_execute(RLS.up).await.unwrap_err();
    assert!(
        message(&error).contains("reports on public.notes"),
        "{}",
        message(&error)
    );
}

#[tokio::test]
async fn restrictive_policies_and_those_of_unrelated_roles_may_stay() {
    let grace = Setup::Owner.empty().await;
    grace.up(&SCHEMA).await.unwrap();
    grace
        .migrate(
            "create policy awake on public.notes as restrictive to authenticated
                using (notes.body <> 'Well');
             create policy reports on public.notes to grace_it_reporting using (true)",
        )
        .await;
    grace.up(&RLS).await.unwrap();
    grace.populate().await;
    for actor in [OWN, STRANGER] {
        let seen = attempt_as(&grace, &actor, "select from public.notes").await;
        assert_eq!(
            seen,
            Outcome::Rows(0),
            "{}: the restriction holds",
            actor.name
        );
    }
}
