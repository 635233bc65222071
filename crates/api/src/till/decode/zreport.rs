//! Shifts: their begin, their end, and questions about them.

use chorsu_core::fiscal::FiscalTime;

use super::body::Body;
use super::{banner, query};
use crate::till::problems::{self, Problems};
use crate::till::{TillError, ZreportClose, ZreportInfo};

/// Longest title of a report; clients put several lines into it.
const NAME_MAX: usize = 1_024;

/// Reads the query of `/zreport/open/`: the time the shift begins, now if it is absent.
///
/// # Errors
/// Code 7 for a time of another form.
pub fn open(query: &str) -> Result<Option<FiscalTime>, TillError> {
    let mut problems = Problems::default();
    let time = query::time(&mut problems, query, "time");
    if problems.is_empty() { Ok(time) } else { Err(problems.into()) }
}

/// Reads `GET /zreport/close/`: the shift ends.
///
/// # Errors
/// Code 7 for a time of another form.
pub fn close_now(query: &str) -> Result<ZreportClose, TillError> {
    let (name, prices, banners) = (None, Vec::new(), Vec::new());
    Ok(ZreportClose { time: open(query)?, close: true, name, prices, banners })
}

/// Reads `POST /zreport/close/`, whose body says whether the shift ends or is only shown.
///
/// # Errors
/// Code 7 for fields that are missing, of a wrong type, or out of bounds.
pub fn close(query: &str, body: &[u8]) -> Result<ZreportClose, TillError> {
    let body = Body::read(body)?;
    let [close, name, prices, banners] =
        body.fields(&["close_zreport", "name", "prices", "banners"])?;
    let mut problems = Problems::default();
    let time = query::time(&mut problems, query, "time");
    let close = problems.required_flag("close_zreport", close);
    let name = problems.text_or_none("name", name, NAME_MAX);
    let prices = banner::prices(&mut problems, prices);
    let banners = banner::banners(&mut problems, banners);
    match close {
        Some(close) if problems.is_empty() => {
            Ok(ZreportClose { time, close, name, prices, banners })
        }
        _ => Err(problems.into()),
    }
}

/// Reads the query of `/zreport/info/`.
///
/// # Errors
/// Code 7 for a number that is none, or a flag that is none.
pub fn info(query: &str) -> Result<ZreportInfo, TillError> {
    let mut problems = Problems::default();
    let print = query::flag(&mut problems, query, "print");
    let number = query::text(&mut problems, query, "number").and_then(|text| {
        let number = text.parse::<u32>().ok().filter(|number| *number > 0);
        if number.is_none() {
            problems.add("number", problems::NOT_AN_INTEGER);
        }
        number
    });
    if problems.is_empty() { Ok(ZreportInfo { number, print }) } else { Err(problems.into()) }
}
