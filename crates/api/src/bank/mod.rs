//! The bank API "payments by requisites" (`/api/v2/…`): requests into drafts and values, outcomes
//! into the documented envelopes.
//!
//! Whether an order is sound is decided by `chorsu_core::bank`; this module only knows JSON, names
//! of fields and texts. Every answer has HTTP status 200: what went wrong is in `status` and
//! `code`. The checks of one request run in this order, each with its code:
//!
//! | step | code |
//! |---|---|
//! | [`Login::parse`], then `Access::check` | 1004, 1009 |
//! | [`read_order`] or [`read_statement`]; the draft's `service` | 1017 |
//! | `ServiceFound::check` | 1001, 1002 |
//! | the draft's `check` | 1017, then 1015, 1016, 1013, 1014 |
//! | `KeyFound::check`, `DocumentDate::check` | 1111, 3333 |

mod auth;
mod fields;
mod message;
mod method;
mod order;
mod page;
mod path;
mod statement;
mod view;

#[cfg(test)]
mod tests;

pub use auth::Login;
pub use message::message;
pub use method::Method;
pub use order::read_order;
pub use page::{SideView, StatementPage, StatementRow};
pub use path::{order_of_path, service_of_path};
pub use statement::{StatementDraft, StatementRequest, StatementScope, read_statement};
pub use view::{OrderView, ServiceView, write_balance, write_error, write_order, write_services};
