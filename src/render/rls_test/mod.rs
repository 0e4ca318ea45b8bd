//! `rls test`: what became of each test, as text, TAP and JUnit; and the tests as pgTAP.

mod junit;
mod pgtap;
mod tap;
mod text;

pub use junit::rls_test_junit;
pub use pgtap::rls_test_pgtap;
pub use tap::rls_test_tap;
pub(super) use text::name;
pub use text::{rls_test, rls_test_list, rls_test_summary};
