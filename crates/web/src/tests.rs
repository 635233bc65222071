//! Tests over whole pages: every page in every language, and what may never be on one.

mod bank;
mod checkout;
mod contrast;
mod fixtures;
mod hostile;
mod markup;
mod sandbox;
mod start;
mod till;
