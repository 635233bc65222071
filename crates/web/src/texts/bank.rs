//! What the bank's page of the sandbox says.

mod en;
mod ru;
mod uz;

use crate::language::Language;

texts! {
    /// The texts of the bank's page in one language.
    BankTexts:
    // An order
    lead,
    new_order,
    new_order_about,
    ending,
    show_line,
    line_order,
    line_status,
    ending_good,
    ending_no_account,
    ending_no_bank,
    ending_critical,
    ending_system_error,
    ending_hangs,
    ending_broken,
    ending_stays,
    ending_deleted,
    // Orders
    orders,
    orders_empty,
    order_id,
    time,
    service,
    state,
    state_entered,
    state_posted,
    state_deleted,
    // Services
    services_about,
    name,
    available,
    reserved,
    card_required,
    // Carrying out
    settling,
    settling_about,
    wait,
    set,
    at_once,
    seconds,
    fault_hang,
    fault_broken,
    fault_unavailable,
    fault_delete,
    // JSON
    json_bank,
    json_faults,
    json_incoming,
}

impl BankTexts {
    /// The table of `language`.
    pub(crate) fn of(language: Language) -> &'static Self {
        match language {
            Language::Uz => &uz::UZ,
            Language::Ru => &ru::RU,
            Language::En => &en::EN,
        }
    }
}
