//! The keyword form, `host=localhost dbname=app`, by libpq's rules.

use super::parameters::Given;
use super::{KeywordDefect, UrlDefect};

/// The parameters that `text` gives, in the order in which they stand.
pub(super) fn parse(text: &str, given: &mut Given) -> Result<(), UrlDefect> {
    let mut characters = text.chars().enumerate().peekable();
    loop {
        while characters.next_if(|(_, c)| c.is_whitespace()).is_some() {}
        let Some(&(start, _)) = characters.peek() else {
            return Ok(());
        };
        let broken = |what| UrlDefect::KeywordShape {
            character: start + 1,
            what,
        };
        let mut name = String::new();
        while let Some((_, c)) = characters.next_if(|&(_, c)| c != '=' && !c.is_whitespace()) {
            name.push(c);
        }
        while characters.next_if(|(_, c)| c.is_whitespace()).is_some() {}
        if characters.next_if(|&(_, c)| c == '=').is_none() || name.is_empty() {
            return Err(broken(KeywordDefect::MissingEquals));
        }
        while characters.next_if(|(_, c)| c.is_whitespace()).is_some() {}
        let mut value = String::new();
        let quoted = characters.next_if(|&(_, c)| c == '\'').is_some();
        loop {
            match characters.next_if(|(_, c)| quoted || !c.is_whitespace()) {
                None if quoted => return Err(broken(KeywordDefect::UnterminatedQuote)),
                None => break,
                Some((_, '\'')) if quoted => break,
                Some((_, '\\')) => value.extend(characters.next().map(|(_, c)| c)),
                Some((_, c)) => value.push(c),
            }
        }
        given.set(&name, value)?;
    }
}
