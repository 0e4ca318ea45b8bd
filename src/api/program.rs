//! The program: arguments in, exit code out.

use std::io::{self, IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use super::args::{Cli, Command, LoginRole, Token};
use super::development;
use super::login;
use super::server;
use super::settings::{Place, ServerSettings};
use super::start_error::StartError;
use super::token::mint;
use crate::clock::Clock;
use crate::config::Environment;
use crate::render::{self, Exit, Style};
use crate::revision::Timeout;

/// What takes the place of the service key of development.
const SERVICE_KEY: &str = "SUPABASE_SERVICE_ROLE_KEY";

/// Runs the program with the process's arguments.
#[must_use]
pub fn main() -> ExitCode {
    let environment = Environment::of_process();
    let plain = environment.no_color();
    let cli = match Cli::read(std::env::args_os()) {
        Ok(cli) => cli,
        Err(misuse) => {
            if misuse.to_stdout {
                print(&misuse.text);
            } else {
                complain(&misuse.text);
            }
            return ExitCode::from(misuse.code);
        }
    };
    match run(cli, environment) {
        Ok(exit) => ExitCode::from(exit.code()),
        Err(error) => {
            let style = Style {
                color: !plain && io::stderr().is_terminal(),
                ..Style::default()
            };
            let description = error.describe();
            complain(&render::error(&description, &style));
            ExitCode::from(description.exit.code())
        }
    }
}

fn run(cli: Cli, environment: Environment) -> Result<Exit, StartError> {
    if let Some(Command::Openapi) = cli.command {
        let (_, document) = super::routes::routes();
        let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
        text.push('\n');
        print(&text);
        return Ok(Exit::Done);
    }
    let settings = ServerSettings::resolve(&cli.global, &cli.serve, environment, &folder()?)?;
    match cli.command {
        Some(Command::Token(token)) => make_token(&token, &settings),
        Some(Command::LoginRole(role)) => Ok(login_role(&role, &settings)),
        Some(Command::Openapi) => Ok(Exit::Done),
        None => {
            let keys = development::Keys::resolve(&settings)?;
            // The keys of tokens are looked at as well.
            let tokens = server::Tokens::resolve(&settings, keys.as_ref())?;
            server::check(&settings)?;
            if cli.serve.check {
                complain("the settings are sound\n");
                return Ok(Exit::Done);
            }
            server::run(settings, tokens)
        }
    }
}

fn make_token(token: &Token, settings: &ServerSettings) -> Result<Exit, StartError> {
    let Some(keys) = development::Keys::resolve(settings)? else {
        return Err(StartError::NoDevelopment);
    };
    let text = match token.sub {
        Some(subject) => {
            // What the server would verify it by, which variables decide too.
            let tokens = server::Tokens::verified_by(settings, Some(&keys))?;
            let Some(secret) = tokens.secret else {
                return Err(StartError::VerifiedElsewhere);
            };
            let lifetime = Timeout::parse(&token.lifetime).map_err(|defect| {
                StartError::setting("--lifetime", &token.lifetime, &defect.to_string())
            })?;
            let lifetime = std::time::Duration::from_millis(lifetime.millis());
            let now = Clock::System.now();
            mint(&secret, subject, &tokens.issuer, lifetime, now)?
        }
        None if settings.environment.text(SERVICE_KEY)?.is_some() => {
            return Err(StartError::OwnServiceKey);
        }
        None => keys.service_key_text,
    };
    print(&format!("{text}\n"));
    Ok(Exit::Done)
}

fn login_role(role: &LoginRole, settings: &ServerSettings) -> Exit {
    print(&format!(
        "-- The login for users: owns nothing, inherits nothing, may only become `authenticated`.\n\
         {}\n-- The login for the service.\n{}",
        login::users_sql(&role.role, &settings.version_table),
        login::service_sql(&role.service_role)
    ));
    if matches!(settings.place, Place::Embedded(_)) {
        complain("on the embedded server `grace-api` makes them itself\n");
    }
    Exit::Done
}

fn folder() -> Result<PathBuf, StartError> {
    std::env::current_dir().map_err(|source| StartError::System {
        what: "the current folder cannot be known",
        source,
    })
}

fn print(text: &str) {
    // A reader that went away is no error.
    let _gone = io::stdout().lock().write_all(text.as_bytes());
}

/// Says something on stderr.
pub(super) fn complain(text: &str) {
    let _closed = io::stderr().lock().write_all(text.as_bytes());
}
