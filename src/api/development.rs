//! What stands in for Supabase on the embedded server: a secret and a service key of its own.

use std::fs::{self, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use rand::RngExt as _;

use super::settings::{Place, ServerSettings};
use super::start_error::StartError;
use super::token::{Secret, ServiceKey};

/// The issuer of the tokens of development.
pub(super) const ISSUER: &str = "grace-api-development";

/// The keys of the embedded server. They lie beside its data, and are made once.
#[derive(Debug)]
pub(super) struct Keys {
    pub(super) secret: Secret,
    pub(super) service_key: ServiceKey,
    pub(super) service_key_text: String,
}

impl Keys {
    /// The keys, where the database is the embedded one.
    pub(super) fn resolve(settings: &ServerSettings) -> Result<Option<Self>, StartError> {
        let Place::Embedded(project) = &settings.place else {
            return Ok(None);
        };
        let folder = project.root.join(".grace");
        let read = |name: &str| {
            let path = folder.join(name);
            kept(&path).map_err(|source| StartError::DevelopmentKey { path, source })
        };
        let secret = Secret::new(read("api-secret")?);
        let service_key_text = format!("grace_service_{}", read("api-service-key")?);
        Ok(Some(Self {
            secret,
            service_key: ServiceKey::new(&Secret::new(&*service_key_text))?,
            service_key_text,
        }))
    }
}

/// What the file holds; where there is none, it is made, for nobody else to read.
fn kept(path: &Path) -> io::Result<String> {
    if let Some(folder) = path.parent()
        && !folder.is_dir()
    {
        fs::create_dir_all(folder)?;
        // As the embedded server does: nothing in here is for version control.
        fs::write(folder.join(".gitignore"), "*\n")?;
    }
    let made = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path);
    match made {
        Ok(mut file) => {
            let bytes: [u8; 32] = rand::rng().random();
            let text: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            file.write_all(text.as_bytes())?;
            Ok(text)
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let mut text = String::new();
            fs::File::open(path)?.read_to_string(&mut text)?;
            Ok(text.trim().to_owned())
        }
        Err(error) => Err(error),
    }
}
