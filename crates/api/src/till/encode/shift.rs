//! Shifts and the fiscal module.

use chorsu_core::fiscal::FiscalTime;

use super::{success, success_in_result};
use crate::json::write::Object;
use crate::till::view::{ModuleInfo, Zreport, ZreportOpened};

/// The answer of `/zreport/open/`.
pub fn zreport_opened(out: &mut Vec<u8>, opened: &ZreportOpened<'_>) {
    success(out, |data| {
        data.string("time", &opened.time.to_string());
        data.string("applet_version", opened.applet_version);
    });
}

/// The answer of `/zreport/close/`, whether the shift ended or was only shown. Not inside `result`:
/// the documents disagree, and the known client reads it outside.
pub fn zreport(out: &mut Vec<u8>, report: &Zreport<'_>) {
    success(out, |data| write_zreport(data, report));
}

/// The answer of `/zreport/info/`.
pub fn zreport_info(out: &mut Vec<u8>, report: &Zreport<'_>) {
    success_in_result(out, |data| write_zreport(data, report));
}

fn write_zreport(data: &mut Object<'_>, report: &Zreport<'_>) {
    data.string("applet_version", report.applet_version);
    data.string("terminal_id", report.terminal_id);
    data.integer("number", report.number.into());
    data.integer("count", report.count.into());
    data.integer("last_receipt_seq", report.last_receipt_seq.into());
    data.integer("first_receipt_seq", report.first_receipt_seq.into());
    data.string("open_time", &text(report.open_time));
    data.string("close_time", &text(report.close_time));
    let Zreport { sale, refund, .. } = report;
    data.integer("total_refund_vat", refund.vat.get());
    data.integer("total_refund_card", refund.card.get());
    data.integer("total_refund_cash", refund.cash.get());
    data.integer("total_refund_count", refund.count.into());
    data.integer("total_sale_vat", sale.vat.get());
    data.integer("total_sale_card", sale.card.get());
    data.integer("total_sale_cash", sale.cash.get());
    data.integer("total_sale_count", sale.count.into());
}

/// The answer of `/info/`.
pub fn module_info(out: &mut Vec<u8>, info: &ModuleInfo<'_>) {
    let [persistent, reset, deselect] = info.available_memory;
    success(out, |data| {
        data.string("terminal_id", info.terminal_id);
        data.string("applet_version", info.applet_version);
        data.string("current_receipt_seq", &info.current_receipt_seq.to_string());
        data.string("current_time", &info.current_time.to_string());
        data.string("last_operation_time", &text(info.last_operation_time));
        data.integer("receipt_count", info.receipt_count.into());
        data.integer("receipt_max_count", info.receipt_max_count.into());
        data.integer("zreport_count", info.zreport_count.into());
        data.integer("zreport_max_count", info.zreport_max_count.into());
        data.integer("available_persistent_memory", persistent.into());
        data.integer("available_reset_memory", reset.into());
        data.integer("available_deselect_memory", deselect.into());
        data.integer("cashbox_number", info.cashbox_number.into());
        data.string("version_code", info.version_code);
        data.boolean("is_updated", info.is_updated);
    });
}

/// A time, or nothing: clients tell an open shift by the empty text.
fn text(time: Option<FiscalTime>) -> String {
    time.map(|time| time.to_string()).unwrap_or_default()
}
