//! A request as it came by HTTP, and as the provider's protocol reads it.

use std::borrow::Cow;

use chorsu_core::UnixMillis;
use hyper::Method;

use super::call::{Call, Refusal};
use super::faults::WalletCalls;
use super::ids::Mint;

/// A request as it came.
pub(super) struct Incoming<'a> {
    pub(super) method: &'a Method,
    pub(super) path: &'a str,
    /// The provider's header with the credentials.
    pub(super) signature: Option<&'a str>,
    pub(super) body: &'a [u8],
    /// The moments that count as now: the sandbox's and the real one.
    pub(super) clocks: [UnixMillis; 2],
    /// Where a new payment gets its id.
    pub(super) mint: &'a Mint,
}

/// What is asked, if it is in order.
pub(super) struct Asked<S> {
    /// How the answer looks.
    pub(super) shape: S,
    /// Which faults are for it.
    pub(super) calls: WalletCalls,
    pub(super) call: Result<Call, Refusal>,
}

/// How an answer is spoilt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spoil {
    WrongAmount,
    UnknownStatus,
}

/// The text of a field that must be there.
pub(super) fn given(field: Option<Cow<'_, str>>) -> Result<String, Refusal> {
    field.map(Cow::into_owned).filter(|text| !text.is_empty()).ok_or(Refusal::BadRequest)
}

impl<S> Asked<S> {
    /// The same with another shape of the answer.
    pub(super) fn map<T>(self, change: impl FnOnce(S) -> T) -> Asked<T> {
        Asked { shape: change(self.shape), calls: self.calls, call: self.call }
    }
}
