//! The folders of revision files and templates.
