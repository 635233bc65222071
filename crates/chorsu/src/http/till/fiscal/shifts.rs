//! `/zreport/open`, `/zreport/close`, `/zreport/info` and `/info`.

use std::sync::Arc;

use axum::extract::{RawQuery, Request, State};
use axum::response::Response;
use chorsu_api::till::view::{ModuleInfo, Zreport, ZreportOpened, ZreportTotals};
use chorsu_api::till::{TillError, ZreportClose, decode, encode};
use chorsu_connectors::fiscal_module::{LocalTime, ModuleInfo as Info, Refusal, ShiftTotals};
use chorsu_core::UnixMillis;
use chorsu_core::command::IdempotencyKey;
use chorsu_core::fiscal::FiscalTime;

use super::failure::{of_question, of_shift, of_till};
use super::{read, refuse_in_result};
use crate::app::App;
use crate::http::till::{At, answer, idempotency_key, refuse};
use crate::till::TillFailure;
use crate::till::registry::Till;
use crate::till::shift::{self, Report, closing};

/// Opens a shift.
pub(super) async fn open(
    State(app): State<Arc<App>>,
    At(till): At,
    RawQuery(query): RawQuery,
) -> Response {
    let opened = async {
        let time = decode::zreport_open(&query.unwrap_or_default())?;
        shift::open(&app, &till, time).await.map_err(of_shift)
    };
    match opened.await {
        Ok(opened) => {
            let mut out = Vec::with_capacity(128);
            let (time, applet_version) = (opened.time, &*opened.applet_version);
            encode::zreport_opened(&mut out, &ZreportOpened { time, applet_version });
            answer(out)
        }
        Err(error) => refuse(&error),
    }
}

/// Closes the shift.
pub(super) async fn close_now(
    State(app): State<Arc<App>>,
    At(till): At,
    RawQuery(query): RawQuery,
) -> Response {
    let asked = decode::zreport_close_get(&query.unwrap_or_default()).map(|asked| (asked, None));
    close_or_show(&app, &till, asked).await
}

/// Closes the shift, or only shows it.
pub(super) async fn close(
    State(app): State<Arc<App>>,
    At(till): At,
    RawQuery(query): RawQuery,
    request: Request,
) -> Response {
    let asked = async {
        let (headers, body) = read(request).await?;
        let query = query.unwrap_or_default();
        let asked = decode::zreport_close(&query, &body)?;
        let what = format!("zreport/close at {}?{query}", till.id);
        Ok((asked, idempotency_key(&headers, till.merchant, &what, &body)?))
    };
    let asked = asked.await;
    close_or_show(&app, &till, asked).await
}

/// A request to close a shift or to show it, and its idempotency key.
type Asked = (ZreportClose, Option<IdempotencyKey>);

async fn close_or_show(app: &App, till: &Till, asked: Result<Asked, TillError>) -> Response {
    let body = async {
        let (asked, key) = asked?;
        let report = match (asked.close, key) {
            (true, Some(key)) => {
                let key = (key, encoded as closing::Encode);
                let closed = closing::close_once(app, till, asked.time, key).await;
                return closed.map(|body| body.as_bytes().to_vec()).map_err(of_shift);
            }
            (true, None) => shift::close(app, till, asked.time).await,
            (false, key) => {
                // It changes nothing, so the key is not used up; but it may have been.
                closing::check(app, key.as_ref()).await.map_err(|error| of_till(&error))?;
                shift::current(till).await
            }
        };
        report.map(|report| encoded(&report)).map_err(of_shift)
    };
    body.await.map_or_else(|error| refuse(&error), answer)
}

fn encoded(report: &Report) -> Vec<u8> {
    let mut out = Vec::with_capacity(512);
    encode::zreport(&mut out, &view(report));
    out
}

/// Shows a shift.
pub(super) async fn look(At(till): At, RawQuery(query): RawQuery) -> Response {
    let report = async {
        let asked = decode::zreport_info(&query.unwrap_or_default())?;
        shift::look(&till, asked.number).await.map_err(|failure| of_question(&failure))
    };
    match report.await {
        Ok(report) => {
            let mut out = Vec::with_capacity(512);
            encode::zreport_info(&mut out, &view(&report));
            answer(out)
        }
        Err(error) => refuse_in_result(&error),
    }
}

/// Shows the fiscal module.
pub(super) async fn info(At(till): At) -> Response {
    match shift::info(&till).await {
        Ok(info) => {
            let mut out = Vec::with_capacity(512);
            encode::module_info(&mut out, &module_view(&till, &info));
            answer(out)
        }
        // Tills call this to learn whether there is a module.
        Err(TillFailure::Module(refused)) if refused.refusal == Refusal::NotConnected => {
            refuse(&TillError::FiscalModuleNotInitialized)
        }
        Err(failure) => refuse(&of_question(&failure)),
    }
}

fn view(report: &Report) -> Zreport<'_> {
    let shift = &report.shift;
    Zreport {
        applet_version: &report.applet_version,
        terminal_id: &shift.terminal_id,
        number: count(shift.number),
        count: count(shift.count),
        first_receipt_seq: count(shift.first_receipt_seq.unwrap_or(0)),
        last_receipt_seq: count(shift.last_receipt_seq.unwrap_or(0)),
        open_time: shift.opened.map(time),
        close_time: shift.closed.map(time),
        sale: totals(shift.sale),
        refund: totals(shift.refund),
    }
}

fn totals(totals: ShiftTotals) -> ZreportTotals {
    let ShiftTotals { cash, card, vat, count: receipts } = totals;
    ZreportTotals { count: count(receipts), cash, card, vat }
}

fn module_view<'a>(till: &Till, info: &'a Info) -> ModuleInfo<'a> {
    let last_operation_time = info.last_operation_time.map(time);
    ModuleInfo {
        terminal_id: &info.terminal_id,
        applet_version: &info.applet_version,
        current_receipt_seq: count(info.current_receipt_seq),
        current_time: info
            .current_time
            .map(time)
            .or(last_operation_time)
            .unwrap_or(FiscalTime::at(UnixMillis(0))),
        last_operation_time,
        receipt_count: count(info.receipt_count),
        receipt_max_count: count(info.receipt_max_count),
        zreport_count: count(info.z_report_count),
        zreport_max_count: count(info.z_report_max_count),
        available_memory: info.available_memory.map(|bytes| count(bytes.unwrap_or(0))),
        cashbox_number: till.kkm_id.parse().unwrap_or(0),
        version_code: env!("CARGO_PKG_VERSION"),
        is_updated: false,
    }
}

fn time(time: LocalTime) -> FiscalTime {
    FiscalTime::at(time.moment())
}

/// A count as tills read it.
fn count(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
