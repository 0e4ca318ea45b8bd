//! The OpenAPI document: what no route says of itself.

use utoipa::openapi::path::{Parameter, ParameterIn};
use utoipa::openapi::schema::{Schema, SchemaType, Type};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{
    Components, ContentBuilder, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, PathItem,
    Ref, RefOr, ResponseBuilder, SecurityRequirement,
};
use utoipa::{PartialSchema, ToSchema};

use super::problem::{PROBLEM_JSON, Problem};

/// What authorises a user.
const USER: &str = "user";
/// What authorises the service; the tag of a route that asks for it is `service`.
pub(crate) const SERVICE: &str = "service";

/// The document before there is any route.
pub(super) fn base() -> OpenApi {
    let info = InfoBuilder::new()
        .title("GRACE")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "People, their caregivers, and what they tell. Users see their own data, caregivers see \
             what they manage: PostgreSQL decides, by its policies.",
        ))
        .license(Some(LicenseBuilder::new().name("MIT OR Apache-2.0").build()));
    let bearer = |format: &str, description: &str| {
        SecurityScheme::Http(
            HttpBuilder::new()
                .scheme(HttpAuthScheme::Bearer)
                .bearer_format(format)
                .description(Some(description))
                .build(),
        )
    };
    let mut components = Components::new();
    components.add_security_scheme(USER, bearer("JWT", "The access token of a signed-in user."));
    components.add_security_scheme(SERVICE, bearer("key", "The service key."));
    components
        .schemas
        .insert(Problem::name().into_owned(), Problem::schema());
    OpenApiBuilder::new()
        .info(info)
        .components(Some(components))
        .build()
}

/// Adds to each operation who may ask, and what may be answered instead of what it says.
pub(super) fn complete(mut document: OpenApi) -> OpenApi {
    for item in document.paths.paths.values_mut() {
        complete_item(item);
    }
    document
}

fn complete_item(item: &mut PathItem) {
    let operations = [
        &mut item.get,
        &mut item.put,
        &mut item.post,
        &mut item.delete,
        &mut item.patch,
    ];
    for operation in operations.into_iter().flatten() {
        operation
            .parameters
            .iter_mut()
            .flatten()
            .for_each(never_null);
        let is = |tag: &str| {
            let tags = operation.tags.as_deref().unwrap_or_default();
            tags.iter().any(|each| each == tag)
        };
        let open = operation.security.is_some();
        if !open {
            let scheme = if is(SERVICE) { SERVICE } else { USER };
            let none: [&str; 0] = [];
            operation.security = Some(vec![SecurityRequirement::new(scheme, none)]);
        }
        let parameters: Vec<_> = operation
            .parameters
            .iter()
            .flatten()
            .filter_map(|parameter| match parameter {
                RefOr::T(parameter) => Some(parameter),
                RefOr::Ref(_) => None,
            })
            .collect();
        let named = |name: &str| parameters.iter().any(|parameter| parameter.name == name);
        let path = parameters
            .iter()
            .any(|parameter| parameter.parameter_in == ParameterIn::Path);
        let (body, conditional) = (operation.request_body.is_some(), named("If-Match"));
        let listed = named("limit");
        let made = operation.responses.responses.contains_key("201");
        let mut may = vec![(429, "Too many requests in too short a time.")];
        if !open {
            may.extend([
                (401, "The token, or the key, is missing or not valid."),
                (403, "The caller may not do this."),
                (
                    503,
                    "The database does not answer, or it took too long: try again.",
                ),
            ]);
        }
        if path || !listed && !open && !made {
            may.push((
                404,
                "There is no such thing, or none that the caller may know of.",
            ));
        }
        if body {
            may.extend([
                (400, "The body is no JSON."),
                (
                    409,
                    "It conflicts with what is there: `field` has a value that something else has.",
                ),
                (413, "The body is too large."),
                (415, "The body is not sent as `application/json`."),
            ]);
        }
        if conditional {
            may.push((412, "It has changed since it was read."));
        }
        if body || conditional || listed {
            may.push((422, "A value is not as it must be."));
        }
        for (status, description) in may {
            let responses = &mut operation.responses.responses;
            let status = status.to_string();
            responses
                .entry(status)
                .or_insert_with(|| RefOr::T(problem(description)));
        }
    }
}

/// A path, a query and a header have no null: what may be absent is not required, and that is all.
fn never_null(parameter: &mut RefOr<Parameter>) {
    if let RefOr::T(parameter) = parameter
        && let Some(RefOr::T(Schema::Object(schema))) = &mut parameter.schema
        && let SchemaType::Array(types) = &schema.schema_type
        && let [only, Type::Null] = types.as_slice()
    {
        schema.schema_type = SchemaType::Type(only.clone());
    }
}

fn problem(description: &str) -> utoipa::openapi::Response {
    let content = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name(Problem::name())))
        .build();
    ResponseBuilder::new()
        .description(description)
        .content(PROBLEM_JSON, content)
        .build()
}
