//! No answer makes the readers panic, and none that was damaged is taken for a refusal.

use proptest::prelude::*;

use super::fixture::response;
use crate::bank::*;
use crate::http::HttpResponse;

fn walk(response: &HttpResponse) {
    let _ = read_submit(response).is_ok();
    let _ = read_status(response).is_ok();
    let _ = read_balance(response).is_ok();
    let _ = read_services(response).is_ok();
    if let Ok(page) = read_statement(response) {
        assert!(last_id(&page, i64::MAX).is_none());
    }
}

proptest! {
    #[test]
    fn any_answer(status in any::<u16>(), body in prop::collection::vec(any::<u8>(), 0..300)) {
        let response = HttpResponse { status, body };
        walk(&response);
        if status != 401 {
            prop_assert!(read_submit(&response).is_err());
        }
    }

    #[test]
    fn a_documented_answer_with_one_byte_changed(
        name in prop::sample::select(vec!["payment.entered", "status.posted", "balance.found",
            "services.found", "statement.page"]),
        place in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let mut response = response(name);
        let place = place.index(response.body.len());
        response.body[place] = byte;
        walk(&response);
        if name == "payment.entered" {
            let found = read_submit(&response);
            prop_assert!(matches!(found, Err(_) | Ok(SubmitAnswer::Accepted(_))), "{:?}", found);
        }
    }

    #[test]
    fn an_answer_that_was_cut_off(
        name in prop::sample::select(vec!["payment.entered", "payment.refused"]),
        kept in any::<prop::sample::Index>(),
    ) {
        let mut response = response(name);
        let kept = kept.index(response.body.len());
        response.body.truncate(kept);
        prop_assert!(read_submit(&response).is_err());
    }
}
