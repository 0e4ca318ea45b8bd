//! What handlers are given: who asks, the values of the path, of the query and of the body.

use std::fmt;
use std::marker::PhantomData;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{ConnectInfo, FromRequest, FromRequestParts, Json, Path, Query, Request};
use axum::http::StatusCode;
use axum::http::header::{AUTHORIZATION, IF_MATCH};
use axum::http::request::Parts;
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, Deserializer, MapAccess, Visitor};

use super::access::{Access, Caller, Mode, Scope, Values};
use super::app::App;
use super::error::ApiError;
use super::record::{Columns, State, Stored};
use super::token::Claims;

/// A signed-in user. A handler that takes it is answered with 401 without a valid token.
#[derive(Debug, Clone)]
pub(crate) struct User {
    caller: Caller,
    app: App,
}

impl User {
    /// A transaction that reads, in the user's name.
    pub(crate) async fn reading(&self) -> Result<Scope, ApiError> {
        self.access().begin(&self.caller, Mode::Read).await
    }

    /// A transaction that may write, in the user's name.
    pub(crate) async fn writing(&self) -> Result<Scope, ApiError> {
        self.access().begin(&self.caller, Mode::Write).await
    }

    /// The row of a query, as the user sees it.
    pub(crate) async fn one<T: Columns>(
        &self,
        sql: &'static str,
        values: Values<'_>,
    ) -> Result<Stored<T>, ApiError> {
        let mut scope = self.reading().await?;
        let row = scope.one(sql, values).await?;
        scope.commit().await?;
        Ok(row)
    }

    fn access(&self) -> &Access {
        &self.app.access
    }
}

impl FromRequestParts<App> for User {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let token = bearer(parts).ok_or(ApiError::NoToken)?;
        let claims: Arc<Claims> = Arc::new(app.verifier.verify(token).await?);
        app.limits.subject(claims.subject())?;
        Ok(Self {
            caller: Caller::User(claims),
            app: app.clone(),
        })
    }
}

/// The service. A handler that takes it is answered with 401 without the service key.
#[derive(Debug, Clone)]
pub(crate) struct Service {
    app: App,
}

impl Service {
    /// A transaction that reads, in the service's name.
    pub(crate) async fn reading(&self) -> Result<Scope, ApiError> {
        self.app.access.begin(&Caller::Service, Mode::Read).await
    }

    /// A transaction that may write, in the service's name.
    pub(crate) async fn writing(&self) -> Result<Scope, ApiError> {
        self.app.access.begin(&Caller::Service, Mode::Write).await
    }
}

impl FromRequestParts<App> for Service {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let presented = bearer(parts).ok_or(ApiError::ServiceKey)?;
        let key = app.service_key.as_ref().ok_or(ApiError::NoService)?;
        if !key.matches(presented) {
            return Err(ApiError::ServiceKey);
        }
        Ok(Self { app: app.clone() })
    }
}

/// What stands behind `Authorization: Bearer `, where there is one such header.
fn bearer(parts: &Parts) -> Option<&str> {
    let mut all = parts.headers.get_all(AUTHORIZATION).iter();
    let (value, None) = (all.next()?, all.next()) else {
        return None;
    };
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Where a request comes from, as far as the socket tells.
pub(crate) fn peer(request: &Request) -> Option<SocketAddr> {
    let info = request.extensions().get::<ConnectInfo<SocketAddr>>();
    info.map(|info| info.0)
}

/// The values of the path. What is no value of their types names nothing, which is a 404.
#[derive(Debug)]
pub(crate) struct At<T>(pub(crate) T);

impl<T: DeserializeOwned + Send> FromRequestParts<App> for At<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        match Path::from_request_parts(parts, app).await {
            Ok(Path(values)) => Ok(Self(values)),
            Err(_) => Err(ApiError::NotFound),
        }
    }
}

/// The values of the query.
#[derive(Debug)]
pub(crate) struct Asked<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequestParts<App> for Asked<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let Query(values) = Query::from_request_parts(parts, app).await?;
        Ok(Self(values))
    }
}

/// The body, as JSON.
#[derive(Debug)]
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<App> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &App) -> Result<Self, ApiError> {
        let Json(Object(values)) = Json::from_request(request, app).await?;
        Ok(Self(values))
    }
}

/// Read of a JSON object alone: a list would do for the members in their order, else.
struct Object<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Members<T> {
            type Value = Object<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Object<T>, A::Error> {
                T::deserialize(MapAccessDeserializer::new(members)).map(Object)
            }
        }

        deserializer.deserialize_map(Members(PhantomData))
    }
}

/// The state that a row must be in, by `If-Match`: none where it does not matter.
#[derive(Debug, Clone)]
pub(crate) struct IfMatch(Option<String>);

impl IfMatch {
    /// As the statements compare it with `xmin::text`; null lets any state do.
    pub(crate) fn wanted(&self) -> Option<&str> {
        self.0.as_deref()
    }

    /// Why an update or a deletion found no row, while the caller sees `found`, or none: it has
    /// changed, or the caller may not update what they see, which is as if it were not there.
    pub(crate) fn missed<T>(&self, found: Option<&Stored<T>>) -> ApiError {
        match (&self.0, found) {
            (Some(wanted), Some(found)) if wanted != found.state.as_str() => ApiError::Changed,
            _ => ApiError::NotFound,
        }
    }
}

/// A statement, and its parameters.
type Asking<'a> = (&'static str, Values<'a>);

impl IfMatch {
    /// The row as `change` leaves it. Where that touches none, why, by how the caller sees the row, which
    /// `one` reads.
    pub(crate) async fn change<T: Columns>(
        &self,
        mut scope: Scope,
        change: Asking<'_>,
        one: Asking<'_>,
    ) -> Result<Stored<T>, ApiError> {
        let Some(changed) = scope.maybe(change.0, change.1).await? else {
            let found: Option<Stored<T>> = scope.maybe(one.0, one.1).await?;
            return Err(self.missed(found.as_ref()));
        };
        scope.commit().await?;
        Ok(changed)
    }

    /// The same for the end of a row.
    pub(crate) async fn remove<T: Columns>(
        &self,
        mut scope: Scope,
        remove: Asking<'_>,
        one: Asking<'_>,
    ) -> Result<StatusCode, ApiError> {
        if scope.execute(remove.0, remove.1).await? == 0 {
            let found: Option<Stored<T>> = scope.maybe(one.0, one.1).await?;
            return Err(self.missed(found.as_ref()));
        }
        scope.commit().await?;
        Ok(StatusCode::NO_CONTENT)
    }
}

impl FromRequestParts<App> for IfMatch {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, ApiError> {
        let mut all = parts.headers.get_all(IF_MATCH).iter();
        let (first, second) = (all.next(), all.next());
        let Some(value) = first else {
            return Ok(Self(None));
        };
        let one = value.to_str().ok().filter(|_| second.is_none());
        match one.map(str::trim) {
            Some("*") => Ok(Self(None)),
            // An ETag that is none of ours is that of another state.
            Some(etag) if is_etag(etag) => Ok(Self(Some(
                State::parse(etag).map_or_else(String::new, |state| state.as_str().to_owned()),
            ))),
            _ => Err(ApiError::invalid("If-Match", "it must be one ETag, or `*`")),
        }
    }
}

/// Whether it is written like an ETag, a weak one too.
fn is_etag(text: &str) -> bool {
    let strong = text.strip_prefix("W/").unwrap_or(text);
    let inner = strong
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    inner.is_some_and(|inner| !inner.contains(['"', ' ']))
}

/// A field of a change: left as it is where the body does not name it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum Change<T> {
    /// It stays.
    #[default]
    Keep,
    /// It becomes this.
    Set(T),
}

impl<T> Change<T> {
    /// Whether it changes.
    pub(crate) fn is_set(&self) -> bool {
        matches!(self, Self::Set(_))
    }

    /// What it becomes.
    pub(crate) fn value(&self) -> Option<&T> {
        match self {
            Self::Keep => None,
            Self::Set(value) => Some(value),
        }
    }
}

impl<T> Change<Option<T>> {
    /// What it becomes, null included.
    pub(crate) fn nullable(&self) -> Option<&T> {
        self.value().and_then(Option::as_ref)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Change<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self::Set)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Named {
        #[serde(default)]
        name: Change<Option<String>>,
    }

    fn read(text: &str) -> Result<Named, serde_json::Error> {
        serde_json::from_str::<Object<Named>>(text).map(|Object(named)| named)
    }

    #[test]
    fn a_body_is_an_object_with_known_fields() {
        for text in [r#"["a"]"#, "[null]", "null", "1", r#"{"other": 1}"#] {
            assert!(read(text).expect_err(text).is_data(), "{text}");
        }
    }

    #[test]
    fn a_change_tells_absent_from_null() {
        let change = |text: &str| read(text).unwrap().name;
        assert_eq!(change("{}"), Change::Keep);
        assert_eq!(change(r#"{"name": null}"#), Change::Set(None));
        let named = change(r#"{"name": "a"}"#);
        assert_eq!(named.nullable().map(String::as_str), Some("a"));
    }
}
