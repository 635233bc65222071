//! What the pages say, one table per language. A text that is missing does not compile.
//!
//! `{}` in a text is a place for one value, put in by [`fill`]. Texts are plain: templates escape
//! them together with what was put in.

use crate::language::Language;

/// Declares a table, and for the tests a list of its rows.
macro_rules! texts {
    ($(#[$about:meta])* $table:ident: $($name:ident,)*) => {
        $(#[$about])*
        #[derive(Debug)]
        pub(crate) struct $table {
            $(pub(crate) $name: &'static str,)*
        }

        #[cfg(test)]
        impl $table {
            pub(super) fn rows(&self) -> Vec<(&'static str, &'static str)> {
                vec![$((stringify!($name), self.$name)),*]
            }
        }
    };
}

mod bank;
mod en;
mod ru;
mod till;
mod uz;

pub(crate) use bank::BankTexts;
pub(crate) use till::TillTexts;

texts! {
    /// The texts of most pages in one language.
    Texts:
    // Every page
    language_choice,
    test_mode,
    test_mode_text,
    test_cards,
    start_page,
    error_prefix,
    unit_day,
    unit_hour,
    unit_minute,
    // Checkout: the order
    pay_title,
    to_pay,
    amount,
    receipt_number,
    order_items,
    order_details,
    item_count,
    discount,
    card_privacy,
    steps,
    step_card,
    step_code,
    step_result,
    // Checkout: the card
    card_title,
    card_number,
    card_networks,
    expiry,
    expiry_hint,
    continue_button,
    code_will_come,
    hold_note,
    // Checkout: the code
    code_title,
    code_sent_to,
    code_sent,
    code,
    code_valid,
    code_over,
    pay_amount,
    hold_amount,
    resend,
    code_resent,
    other_card,
    // Checkout: the result
    paid_title,
    paid_text,
    held_title,
    held_text,
    cancelled_title,
    cancelled_unpaid,
    refund_under_way,
    refund_done,
    processing_title,
    processing_text,
    paused_text,
    refresh_now,
    refused_title,
    refused_text,
    try_again,
    paid_with,
    paid_at,
    // Checkout: what is wrong with the card
    number_missing,
    number_unreadable,
    number_unknown,
    expiry_missing,
    expiry_unreadable,
    expiry_wrong,
    card_expired,
    card_blocked,
    sms_off,
    sms_failed,
    network_unavailable,
    overloaded,
    // Checkout: what is wrong with the code
    code_missing,
    code_unreadable,
    code_wrong,
    code_expired,
    code_tries,
    code_sends,
    // Checkout: why a payment was refused
    refused_funds,
    refused_limit,
    refused_declined,
    refused_system,
    refused_session,
    refused_shop,
    // Start page
    start_lead,
    live_mode,
    sandbox_text,
    live_text,
    version,
    apis,
    subscribe_about,
    till_about,
    bank_about,
    tools,
    sandbox_about,
    till_page_about,
    bank_page_about,
    metrics_about,
    health_about,
    partner,
    partner_about,
    username,
    password,
    services,
    kassas,
    kassas_about,
    kassa_id,
    kassa_key,
    kassa_fields,
    cards_about,
    card_meaning,
    meaning_normal,
    meaning_sms_off,
    meaning_expired,
    meaning_blocked,
    meaning_system_error,
    meaning_slow,
    first_payment,
    first_payment_about,
    line_setup,
    line_card,
    line_verify,
    line_receipt,
    line_pay,
    line_checkout,
    copy,
    copied,
    // Sandbox page
    sandbox_title,
    tab_cards,
    tab_till,
    tab_bank,
    inbox,
    inbox_empty,
    refresh,
    clock,
    clock_ahead,
    clock_exact,
    clock_about,
    hour_1,
    day_1,
    days_30,
    forward_amount,
    unit_choice,
    minutes,
    hours,
    days,
    turn_forward,
    clock_unreadable,
    networks,
    latency,
    milliseconds,
    faults,
    no_faults,
    fault_left,
    debited,
    refunded,
    look_at_card,
    look_button,
    new_balance,
    new_balance_hint,
    set_balance,
    amount_unreadable,
    balance_set,
    balance,
    held,
    daily_limit,
    spent_today,
    phone,
    card_state,
    state_active,
    state_blocked,
    state_sms_off,
    json_endpoints,
    json_about,
    json_sms,
    json_clock,
    json_card,
    json_networks,
    json_network,
    json_faults,
    json_operations,
    // Not found, and our own failures
    not_found_title,
    not_found_text,
    failure_title,
    failure_text,
}

impl Texts {
    /// The table of `language`.
    pub(crate) fn of(language: Language) -> &'static Self {
        match language {
            Language::Uz => &uz::UZ,
            Language::Ru => &ru::RU,
            Language::En => &en::EN,
        }
    }
}

/// `text` with its first place taken by `value`.
pub(crate) fn fill(text: &str, value: impl std::fmt::Display) -> String {
    let (before, after) = parts(text);
    format!("{before}{value}{after}")
}

/// What stands before and after the first place of `text`.
pub(crate) fn parts(text: &str) -> (&str, &str) {
    text.split_once("{}").unwrap_or((text, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rows of all tables.
    fn rows(language: Language) -> Vec<(&'static str, &'static str)> {
        let (texts, till) = (Texts::of(language), TillTexts::of(language));
        [texts.rows(), till.rows(), BankTexts::of(language).rows()].concat()
    }

    #[test]
    fn no_text_is_missing() {
        for language in Language::ALL {
            for (name, text) in rows(language) {
                assert!(!text.trim().is_empty(), "{name} in {}", language.tag());
                assert_eq!(text, text.trim(), "{name} in {}", language.tag());
                assert!(!text.contains("  "), "{name} in {}", language.tag());
            }
        }
    }

    #[test]
    fn every_language_has_the_same_places() {
        let places = |text: &str| text.matches("{}").count();
        let en = rows(Language::En);
        for language in [Language::Uz, Language::Ru] {
            for ((name, text), (_, model)) in rows(language).iter().zip(&en) {
                assert_eq!(places(text), places(model), "{name} in {}", language.tag());
            }
        }
    }

    #[test]
    fn each_table_is_in_its_own_script() {
        let cyrillic = |text: &str| text.chars().any(|c| ('\u{400}'..='\u{4ff}').contains(&c));
        for language in [Language::Uz, Language::En] {
            for (name, text) in rows(language) {
                assert!(!cyrillic(text), "{name} in {}", language.tag());
            }
        }
        for (name, text) in rows(Language::Uz) {
            assert!(!text.contains(['\'', '`', '\u{2018}', '\u{2019}']), "{name}: {text}");
        }
    }

    #[test]
    fn values_go_into_their_places() {
        assert_eq!(fill("a {} b {}", "{}"), "a {} b {}");
        assert_eq!(fill("a {} b", 7), "a 7 b");
        assert_eq!(parts("none"), ("none", ""));
    }
}
