//! Whatever comes over the wire, reading it does not panic, and never makes a payment of it.

use chorsu_connectors::http::HttpResponse;
use chorsu_connectors::payme::kassa;
use chorsu_connectors::{click, payme, uzum};
use proptest::prelude::*;

use crate::fixture::{CLICK_ID, UZUM_ID, click_pay, response, uzum_pay};

fn read_all(response: &HttpResponse) {
    let (click_pay, uzum_pay) = (click_pay(), uzum_pay());
    let _ = click::answer::payment(response, &click_pay);
    let _ = click::answer::by_transaction(response, &click_pay.transaction);
    let _ = click::answer::status(response, CLICK_ID);
    let _ = click::answer::plain(response, CLICK_ID);
    let _ = click::answer::mode(response);
    let _ = click::answer::ofd_data(response, CLICK_ID);
    let _ = payme::answer::receipt(response, 7);
    let _ = payme::answer::check(response, 7);
    let _ = payme::answer::fiscal(response, 7);
    let _ = kassa::answer::receipt(response, 7);
    let _ = kassa::answer::check(response, 7);
    let _ = kassa::answer::success(response, 7);
    for method in kassa::CardMethod::ALL {
        let _ = kassa::answer::card(response, 7, method);
    }
    let _ = uzum::answer::payment(response, &uzum_pay);
    let _ = uzum::answer::about(response, UZUM_ID);
    let _ = uzum::answer::fiscal(response, UZUM_ID);
}

/// A good answer with some bytes overwritten, cut off or doubled.
fn damaged() -> impl Strategy<Value = Vec<u8>> {
    let names = [
        "click/pay.paid",
        "payme/pay.paid",
        "payme/pay.refused",
        "payme_kassa/receipt.paid",
        "payme_kassa/error.merchant",
        "payme_kassa/card.made",
        "uzum/pay.paid",
    ];
    let edits = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4);
    (prop::sample::select(names.to_vec()), edits, any::<prop::sample::Index>(), any::<bool>())
        .prop_map(|(name, edits, cut, shorten)| {
            let mut body = response(name).body;
            for (place, byte) in edits {
                let place = place.index(body.len());
                body[place] = byte;
            }
            if shorten {
                body.truncate(cut.index(body.len()));
            }
            body
        })
}

/// The names that the readers look for, with values of every kind.
fn confused() -> impl Strategy<Value = Vec<u8>> {
    let names = [
        "error_code",
        "payment_id",
        "payment_status",
        "confirm_mode",
        "amount",
        "card_type",
        "error",
        "result",
        "id",
        "state",
        "receipt",
        "error_note",
        "phone_number",
        "success",
    ];
    let values = [
        "0",
        "-1",
        "2",
        "1e999",
        "1.5",
        "\"\"",
        "\"SUCCESS\"",
        "true",
        "null",
        "[]",
        "{}",
        "[[[[]]]]",
        "{\"ru\":null}",
        "\"\\ud800\"",
        "99999999999999999999999",
        "{\"state\":4}",
    ];
    let field = (prop::sample::select(names.to_vec()), prop::sample::select(values.to_vec()))
        .prop_map(|(name, value)| format!("\"{name}\":{value}"));
    prop::collection::vec(field, 0..8)
        .prop_map(|fields| format!("{{{}}}", fields.join(",")).into_bytes())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_a_reader_panic(
        status in prop::sample::select(vec![200_u16, 201, 204, 302, 400, 401, 404, 500, 503]),
        body in prop_oneof![prop::collection::vec(any::<u8>(), 0..200), damaged(), confused()],
    ) {
        read_all(&HttpResponse { status, body });
    }

    #[test]
    fn an_answer_that_was_cut_off_settles_nothing(cut in any::<prop::sample::Index>()) {
        for name in ["click/pay.paid", "click/pay.refused"] {
            let mut response = response(name);
            response.body.truncate(cut.index(response.body.len()));
            prop_assert!(click::answer::payment(&response, &click_pay()).is_err());
        }
        for name in ["payme/pay.paid", "payme/pay.refused"] {
            let mut response = response(name);
            response.body.truncate(cut.index(response.body.len()));
            prop_assert!(payme::answer::receipt(&response, 7).is_err());
        }
        for name in ["payme_kassa/receipt.paid", "payme_kassa/error.no"] {
            let mut response = response(name);
            response.body.truncate(cut.index(response.body.len()));
            prop_assert!(kassa::answer::receipt(&response, 7).is_err());
        }
        let mut response = response("uzum/pay.paid");
        response.body.truncate(cut.index(response.body.len()));
        prop_assert!(uzum::answer::payment(&response, &uzum_pay()).is_err());
    }
}
