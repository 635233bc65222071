//! What a failed call may have done at the other side.

/// The effect of a call that brought no usable answer.
///
/// Only [`Effect::None`] may be repeated as a new attempt or reported as a refusal; after
/// [`Effect::Unknown`] the other side has to be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Provably nothing: no byte of the request left this process.
    None,
    /// It may have happened and it may not.
    Unknown,
}
