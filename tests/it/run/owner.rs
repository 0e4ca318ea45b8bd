//! Who may run migrations.

use super::case::Case;

#[tokio::test]
async fn a_role_that_is_in_the_owner_works_too() {
    let mut case = Case::of_owner().await;
    case.graph("a b<a");
    case.ok("upgrade a");
    let owner = format!("{}_owner", case.database.name());
    let member = format!("{}_member", case.database.name());
    case.database
        .run(&format!("create role {member} login in role {owner}"))
        .await;
    case.project
        .env("DATABASE_URL", case.database.url_as(&member));
    case.ok("upgrade head");
    assert_eq!(case.rows().await, "b");
    assert_eq!(
        case.query("select performed_by from grace_migrate.history order by id desc limit 1")
            .await,
        member
    );
    case.database
        .run(&format!("drop owned by {member}; drop role {member}"))
        .await;
}
