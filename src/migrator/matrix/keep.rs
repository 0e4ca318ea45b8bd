//! The kept matrix, as a file.

use std::path::Path;

use super::error::MatrixError;
use crate::migrator::error::Error;
use crate::rls::matrix::{Matrix, document, parse};
use crate::source::replace;

/// Reads the matrix of a file, which is shown as `shown`.
///
/// # Errors
/// [`MatrixError::NoMatrix`] where it cannot be read, [`MatrixError::BadMatrix`] with everything that is wrong
/// with it.
pub(in crate::migrator) fn kept(file: &Path, shown: &Path) -> Result<Matrix, MatrixError> {
    let text = std::fs::read_to_string(file).map_err(|error| MatrixError::NoMatrix {
        path: shown.to_owned(),
        reason: error.to_string(),
    })?;
    parse(shown, &text).map_err(|findings| MatrixError::BadMatrix { findings })
}

/// Writes the matrix to a file, in place of what it holds.
///
/// # Errors
/// A file that cannot be written.
pub(in crate::migrator) fn write(file: &Path, shown: &Path, matrix: &Matrix) -> Result<(), Error> {
    Ok(replace(file, shown, &document(matrix))?)
}
