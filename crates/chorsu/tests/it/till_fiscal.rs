//! Orders, refunds, shifts and paper at the till, against the played fiscal modules and wallets.

mod bad_orders;
mod client;
mod closings;
mod day;
mod faults;
mod kills;
mod paper;
mod payments;
mod repeats;
