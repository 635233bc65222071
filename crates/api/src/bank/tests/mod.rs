//! The module as its caller sees it: the document's examples, bad input, any input.

mod bad_input;
mod fixtures;
mod properties;
