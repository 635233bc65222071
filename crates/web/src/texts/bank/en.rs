//! The texts of the bank's page in English.

use super::BankTexts;

pub(super) static EN: BankTexts = BankTexts {
    // An order
    lead: "Give the bank a payment order and watch what becomes of it. The account that is paid \
        decides how the bank behaves.",
    new_order: "A payment order",
    new_order_about: "The last four digits of the receiver's account say what happens.",
    ending: "What the bank does",
    show_line: "Show",
    line_order: "Give the order",
    line_status: "Ask where it stands",
    ending_good: "accepts it and carries it out",
    ending_no_account: "refuses: 1013, no such account",
    ending_no_bank: "refuses: 1014, the bank does not take part",
    ending_critical: "refuses: 2222, critical error",
    ending_system_error: "accepts it, but answers 1111",
    ending_hangs: "accepts it, but never answers",
    ending_broken: "accepts it, but the answer is cut off",
    ending_stays: "accepts it, and never carries it out",
    ending_deleted: "accepts it, then deletes it",
    // Orders
    orders: "Newest orders",
    orders_empty: "No orders yet. Give one with the line above and load this page again.",
    order_id: "Order",
    time: "Time",
    service: "Service",
    state: "State",
    state_entered: "accepted",
    state_posted: "carried out",
    state_deleted: "deleted",
    // Services
    services_about: "What is reserved belongs to orders that are accepted and not carried out.",
    name: "Name",
    available: "Available",
    reserved: "Reserved",
    card_required: "the order must name a card",
    // Carrying out
    settling: "Delay and faults",
    settling_about: "Faults befall the next orders, whatever their account.",
    wait: "An order is carried out after",
    set: "Set",
    at_once: "at once",
    seconds: "{} s",
    fault_hang: "accepted, but never answered",
    fault_broken: "accepted, but the answer is cut off",
    fault_unavailable: "HTTP 503, nothing done",
    fault_delete: "the next order that is due is deleted",
    // JSON
    json_bank: "delay and faults; another delay",
    json_faults: "add a fault; clear all",
    json_incoming: "money comes in for a service",
};
