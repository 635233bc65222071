//! A kassa behind which a kassa at Payme stands. Payme is another Chorsu, by its own Subscribe API;
//! a way between the two may lose answers or change them.

mod cabinet;
mod faults;
mod front;
mod kills;
mod life;
mod stand;
mod strays;
