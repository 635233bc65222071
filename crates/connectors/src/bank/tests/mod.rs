//! Requests byte for byte, answers and what they mean, any input, and the link over a socket.

mod answers;
mod fixture;
mod garbage;
mod over_a_socket;
mod requests;
