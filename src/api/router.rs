//! The routes, and what every request goes through before and after them.

use std::any::Any;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State};
use axum::http::header::{
    AUTHORIZATION, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_MATCH, LOCATION,
    REFERRER_POLICY, RETRY_AFTER, STRICT_TRANSPORT_SECURITY, WWW_AUTHENTICATE,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderName, HeaderValue, Method};
use axum::middleware::{Next, from_fn_with_state, map_request};
use axum::response::{IntoResponse, Response};
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::cors::{AllowOrigin, CorsLayer};
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::set_header::SetResponseHeaderLayer;
use tracing::Instrument as _;
use utoipa_swagger_ui::{Config, SwaggerUi};

use super::app::App;
use super::error::ApiError;
use super::extract::peer;
use super::metrics::InFlight;
use super::problem::Cause;
use super::routes;

/// The header that carries a request's id, which the caller may choose.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What is asked by whoever runs the server, however often others ask for other things.
const PROBES: [&str; 3] = ["/livez", "/readyz", "/metrics"];

/// What every request is held to.
#[derive(Debug, Clone)]
pub(crate) struct Bounds {
    /// The origins whose pages may ask.
    pub(crate) origins: Vec<HeaderValue>,
    /// The longest body, in bytes.
    pub(crate) body: usize,
    /// How long an answer may take.
    pub(crate) time: Duration,
    /// How many proxies stand before the server, each of which adds to `X-Forwarded-For`.
    pub(crate) proxies: usize,
}

/// All that is answered.
pub(crate) fn router(app: &App, bounds: &Bounds) -> Router {
    let (routes, document) = routes::routes();
    // The page would have a validator in the network look at the document, else.
    let docs = SwaggerUi::new("/docs")
        .config(Config::default().validator_url("none"))
        .url("/openapi.json", document);
    let routes = routes.merge(docs);
    layered(routes, app, bounds)
}

/// These routes, with what every request goes through.
pub(super) fn layered(routes: Router<App>, app: &App, bounds: &Bounds) -> Router {
    let own = SetResponseHeaderLayer::if_not_present;
    let bounded = from_fn_with_state((Arc::clone(app), bounds.clone()), bounded);
    let layers = ServiceBuilder::new()
        .layer(map_request(identified))
        .layer(SetRequestIdLayer::new(REQUEST_ID, MakeRequestUuid))
        .layer(from_fn_with_state(Arc::clone(app), observed))
        .layer(PropagateRequestIdLayer::new(REQUEST_ID))
        .layer(own(
            X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ))
        .layer(own(
            REFERRER_POLICY,
            HeaderValue::from_static("no-referrer"),
        ))
        .layer(own(
            HeaderName::from_static("x-frame-options"),
            HeaderValue::from_static("DENY"),
        ))
        .layer(own(
            STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=31536000"),
        ))
        .layer(own(CACHE_CONTROL, HeaderValue::from_static("no-store")))
        .layer(own(
            CONTENT_SECURITY_POLICY,
            // The page of the documentation brings its own script and style.
            HeaderValue::from_static(
                "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
                 img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'",
            ),
        ))
        .layer(cors(&bounds.origins))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(bounded)
        .layer(DefaultBodyLimit::max(bounds.body));
    routes
        .method_not_allowed_fallback(|| async { ApiError::MethodNotAllowed })
        .fallback(|| async { ApiError::NotFound })
        .layer(layers)
        .with_state(Arc::clone(app))
}

fn cors(origins: &[HeaderValue]) -> CorsLayer {
    CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins.iter().cloned()))
        .allow_methods([
            Method::GET,
            Method::POST,
            Method::PUT,
            Method::PATCH,
            Method::DELETE,
        ])
        .allow_headers([AUTHORIZATION, CONTENT_TYPE, IF_MATCH, REQUEST_ID])
        .expose_headers([ETAG, LOCATION, RETRY_AFTER, WWW_AUTHENTICATE, REQUEST_ID])
        .max_age(Duration::from_secs(600))
}

/// Leaves a request the id that its caller has chosen, where that is one: it gets into the log.
async fn identified(mut request: Request) -> Request {
    let mut all = request.headers().get_all(&REQUEST_ID).iter();
    let one = all.next().filter(|_| all.next().is_none());
    let sound = one.is_some_and(|id| {
        let known = |byte: &u8| byte.is_ascii_alphanumeric() || b"._-".contains(byte);
        (1..=128).contains(&id.len()) && id.as_bytes().iter().all(known)
    });
    if !sound {
        request.headers_mut().remove(&REQUEST_ID);
    }
    request
}

/// Counts and logs: the method, the pattern of the route, the status, the time; never a path, a
/// query, a header or a body that somebody sent.
async fn observed(State(app): State<App>, request: Request, next: Next) -> Response {
    let method = known_method(request.method());
    let id = request.headers().get(&REQUEST_ID);
    let id = id.and_then(|id| id.to_str().ok()).unwrap_or("?").to_owned();
    let route = request.extensions().get::<MatchedPath>();
    let route = route.map_or("none", MatchedPath::as_str).to_owned();
    let observed = Observed {
        _in_flight: app.metrics.begin(),
        begun: Instant::now(),
        span: tracing::info_span!("request", id, method, route),
        app,
        method,
        route,
        answered: false,
    };
    let response = next.run(request).instrument(observed.span.clone()).await;
    observed.answered(&response);
    response
}

/// The status of a request whose client left before there was an answer, or that was cut off.
const GONE: u16 = 499;

/// A request that is being answered. Whatever becomes of it is told once.
struct Observed {
    _in_flight: InFlight,
    begun: Instant,
    span: tracing::Span,
    app: App,
    method: &'static str,
    route: String,
    answered: bool,
}

impl Observed {
    fn answered(mut self, response: &Response) {
        self.answered = true;
        let status = response.status().as_u16();
        let duration_ms = self.counted(status);
        let said = response.extensions().get::<Cause>();
        self.span.in_scope(|| match said {
            Some(Cause(cause)) => tracing::error!(status, duration_ms, cause, "failed"),
            None => tracing::info!(status, duration_ms, "answered"),
        });
    }

    /// Counts it, and gives how long it has taken.
    fn counted(&self, status: u16) -> f64 {
        let took = self.begun.elapsed();
        let metrics = &self.app.metrics;
        metrics.answered(self.method, &self.route, status, took);
        took.as_secs_f64() * 1000.0
    }
}

impl Drop for Observed {
    fn drop(&mut self) {
        if !self.answered {
            let duration_ms = self.counted(GONE);
            let status = GONE;
            self.span
                .in_scope(|| tracing::info!(status, duration_ms, "gone"));
        }
    }
}

/// The method, as far as it is one that exists: it becomes a label, and anybody can make up more.
fn known_method(method: &Method) -> &'static str {
    let known = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    let found = known.into_iter().find(|known| *known == method.as_str());
    found.unwrap_or("OTHER")
}

/// Holds a request to the limits of its address and of time. One that takes too long is dropped,
/// which cancels what it runs and rolls it back.
async fn bounded(
    State((app, bounds)): State<(App, Bounds)>,
    request: Request,
    next: Next,
) -> Response {
    let probe = request.extensions().get::<MatchedPath>();
    let probe = probe.is_some_and(|path| PROBES.contains(&path.as_str()));
    if !probe
        && let Some(address) = address(&request, bounds.proxies)
        && let Err(refused) = app.limits.address(address)
    {
        return refused.into_response();
    }
    match tokio::time::timeout(bounds.time, next.run(request)).await {
        Ok(response) => response,
        Err(_) => ApiError::TimedOut.into_response(),
    }
}

/// The address that a request comes from, before the proxies that are ours: what a caller writes into
/// the header stands before what those add.
fn address(request: &Request, proxies: usize) -> Option<std::net::IpAddr> {
    let peer = peer(request).map(|peer| peer.ip());
    let Some(hop) = proxies.checked_sub(1) else {
        return peer;
    };
    let all = request.headers().get_all("x-forwarded-for").iter();
    let words: Vec<&str> = all
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .collect();
    let word = words.iter().rev().nth(hop);
    word.and_then(|word| word.trim().parse().ok()).or(peer)
}

/// What a panic in a handler answers. Its words are for the log.
#[expect(clippy::needless_pass_by_value, reason = "the layer gives it so")]
fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response {
    let words = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied());
    ApiError::Internal {
        reason: format!("a panic: {}", words.unwrap_or("without words")),
    }
    .into_response()
}
