//! How long the texts of a body may be: held to it where they are read, so that no answer grows beyond
//! what somebody can do with.

use serde::de::{Deserialize, Deserializer, Error as _};

use super::extract::Change;
use super::record::Document;

/// The longest JSON document, in bytes.
pub(crate) const DOCUMENT: usize = 64 * 1024;

/// What a body may hold in the place of a text, and how it is told where there is one.
pub(crate) trait Texts {
    /// The text.
    fn text(&self) -> Option<&str>;
}

impl Texts for String {
    fn text(&self) -> Option<&str> {
        Some(self)
    }
}

impl Texts for Document {
    fn text(&self) -> Option<&str> {
        Some(self.0.get())
    }
}

impl<T: Texts> Texts for Option<T> {
    fn text(&self) -> Option<&str> {
        self.as_ref().and_then(T::text)
    }
}

impl<T: Texts> Texts for Change<T> {
    fn text(&self) -> Option<&str> {
        self.value().and_then(T::text)
    }
}

/// Reads a text of at most so many characters, as JSON Schema counts them for `maxLength`.
pub(crate) fn at_most<'de, const MOST: usize, T, D>(from: D) -> Result<T, D::Error>
where
    T: Deserialize<'de> + Texts,
    D: Deserializer<'de>,
{
    let texts = T::deserialize(from)?;
    // No text has more characters than bytes.
    let long = |text: &str| text.len() > MOST && text.chars().count() > MOST;
    if texts.text().is_some_and(long) {
        return Err(D::Error::custom(format_args!(
            "it has more than {MOST} characters"
        )));
    }
    Ok(texts)
}

/// Reads a JSON document that is not longer than [`DOCUMENT`].
pub(crate) fn document<'de, T, D>(from: D) -> Result<T, D::Error>
where
    T: Deserialize<'de> + Texts,
    D: Deserializer<'de>,
{
    let texts = T::deserialize(from)?;
    if texts.text().is_some_and(|text| text.len() > DOCUMENT) {
        return Err(D::Error::custom(format_args!(
            "it has more than {DOCUMENT} bytes"
        )));
    }
    Ok(texts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    struct Body {
        #[serde(deserialize_with = "at_most::<3, _, _>")]
        name: String,
        #[serde(default, deserialize_with = "at_most::<3, _, _>")]
        change: Change<Option<String>>,
        #[serde(default, deserialize_with = "document")]
        document: Change<Document>,
    }

    #[test]
    fn a_text_is_measured_in_characters() {
        let read = |text: &str| serde_json::from_str::<Body>(text);
        let body = read(r#"{"name": "äöü"}"#).unwrap();
        assert_eq!((body.name.as_str(), body.change.is_set()), ("äöü", false));
        let body = read(r#"{"name": "", "change": null}"#).unwrap();
        assert_eq!(body.change, Change::Set(None));
        for long in [
            r#"{"name": "abcd"}"#,
            r#"{"name": "äöüß"}"#,
            r#"{"name": "", "change": "abcd"}"#,
        ] {
            let error = read(long).unwrap_err().to_string();
            assert!(error.starts_with("it has more than 3"), "{error}");
        }
        assert!(read("{}").is_err());
    }

    #[test]
    fn a_document_is_measured_in_bytes() {
        let read = |bytes: usize| {
            let document = format!("\"{}\"", "x".repeat(bytes - 2));
            serde_json::from_str::<Body>(&format!(r#"{{"name": "", "document": {document}}}"#))
        };
        assert!(read(DOCUMENT).unwrap().document.is_set());
        assert!(read(DOCUMENT + 1).is_err());
    }
}
