//! Requests as they are written, answers as they are read, and codes.

mod answers;
mod fixtures;
mod requests;
