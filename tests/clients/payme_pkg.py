"""payme-pkg 3.4.1, unmodified: its own two suites, its typed errors, and the calls left out.

The library has no option for the URL, so the URL of its three HTTP clients is set. It sends
neither `id` nor `jsonrpc`, authenticates every cards.* call by the kassa id alone, and takes any
answer that has a member `error` for a failure.
"""

import contextlib
import importlib.metadata
import io
import logging
import sys
import time

from payme import Payme
from payme.exceptions import general as errors

import _checks as demo

# The two suites of version 3.4.1 print one line for each of their assertions.
BUILT_IN = {"cards_test": 6, "receipts_test": 9}


def connect(url, key=demo.KEY, kassa=demo.KASSA):
    """A client whose calls go to our server."""
    client = Payme(payme_id=kassa, payme_key=key, is_test_mode=True)
    cards_of_receipts = getattr(client.receipts, "_Receipts__cards")
    for http in (client.cards.http, client.receipts.http, cards_of_receipts.http):
        http.url = f"{url}/api"
    return client


def built_in_suites(checks, client):
    """The suites that the library brings; they raise on the first assertion that does not hold."""
    for name, assertions in BUILT_IN.items():
        printed = io.StringIO()
        failure = None
        with contextlib.redirect_stdout(printed):
            try:
                getattr(client, name)()
            except BaseException as caught:  # pylint: disable=broad-except
                failure = caught
        count = printed.getvalue().count("Success: ")
        checks.that(
            failure is None and count == assertions,
            f"{name}(): {assertions} assertions",
            f"{count} held, then {failure!r}",
        )


def verified_card(client, number=demo.CARD, save=True):
    """The token of a card whose holder gave the code."""
    token = client.cards_create(number=number, expire=demo.EXPIRE, save=save).result.card.token
    client.cards_get_verify_code(token=token)
    client.cards_verify(token=token, code=demo.CODE)
    return token


def cards(checks, client):
    """Fields of the card answers, and every card error that has a class of its own."""
    created = client.cards_create(number=demo.CARD, expire=demo.EXPIRE, save=True)
    card = created.result.card
    checks.equal(created.jsonrpc, "2.0", "cards.create answers with jsonrpc 2.0")
    checks.equal(card.number, "860006******6311", "the number is masked")
    checks.equal(card.expire, "03/99", "the expiry is MM/YY")
    checks.equal(card.recurrent, True, "a saved card is recurrent")
    checks.equal(card.verify, False, "a new card is not verified")
    sent = client.cards_get_verify_code(token=card.token).result
    checks.equal(sent.sent, True, "the code was sent")
    checks.that(type(sent.wait) is int and sent.wait > 0, "wait is an integer", repr(sent.wait))
    checks.that("*" in sent.phone, "the phone is masked", repr(sent.phone))
    checks.raises(
        errors.OtpInvalidCodeError,
        -31103,
        "a wrong code raises OtpInvalidCodeError",
        lambda: client.cards_verify(token=card.token, code="000000"),
    )
    checks.equal(
        client.cards_verify(token=card.token, code=demo.CODE).result.card.verify,
        True,
        "the right code after a wrong one is taken",
    )
    checks.equal(client.cards_remove(token=card.token).result.success, True, "the card is removed")
    checks.raises(
        errors.CardNotFoundError,
        -31400,
        "a removed card raises CardNotFoundError",
        lambda: client.cards_check(token=card.token),
    )
    checks.raises(
        errors.InvalidParamsError,
        -32602,
        "a number with spaces raises InvalidParamsError",
        lambda: client.cards_create(number="8600 0691 9540 6311", expire=demo.EXPIRE),
    )
    no_sms = client.cards_create(number=demo.CARD_WITHOUT_SMS, expire=demo.EXPIRE).result.card.token
    checks.raises(
        errors.SmsNotConnectedError,
        -31301,
        "the card without SMS raises SmsNotConnectedError",
        lambda: client.cards_get_verify_code(token=no_sms),
    )
    for number, what in ((demo.CARD_EXPIRED, "expired"), (demo.CARD_BLOCKED, "blocked")):
        checks.raises(
            # The library has one class for the code -31301, whatever the cause.
            errors.SmsNotConnectedError,
            -31301,
            f"the {what} card is refused with -31301",
            lambda number=number: client.cards_create(number=number, expire=demo.EXPIRE),
        )


def receipts(checks, client):
    """A paid receipt, what can be read of it, and the refusals around it."""
    token = verified_card(client)
    receipt = client.receipts_create(
        account={"order_id": 106}, amount=250000, description="conformance"
    ).result.receipt
    checks.that(len(receipt._id) == 24, "a receipt id has 24 characters", repr(receipt._id))
    checks.equal(receipt.state, 0, "a new receipt is in state 0")
    checks.equal(receipt.amount, 250000, "the amount is in tiyin")
    paid = client.receipts_pay(receipts_id=receipt._id, token=token).result.receipt
    checks.equal(paid.state, 4, "receipts.pay answers with the final state")
    checks.that(paid.pay_time > 0, "the time of payment is set", repr(paid.pay_time))
    checks.raises(
        errors.ReceiptsNotFoundError,
        None,
        "paying twice raises ReceiptsNotFoundError (-31602)",
        lambda: client.receipts_pay(receipts_id=receipt._id, token=token),
    )
    url = "https://ofd.soliq.uz/check?t=EP000000000025&r=123456789&c=20221028171340&s=461234567890"
    fiscal = client.receipts_set_fiscal_data(receipt_id=receipt._id, qr_code_url=url)
    checks.equal(fiscal.result.success, True, "fiscal data is taken")
    now = int(time.time() * 1000)
    found = client.receipts_get_all(count=50, from_=now - 86400000, to=now + 60000, offset=0)
    ids = [item["_id"] for item in found.result]
    checks.that(receipt._id in ids, "receipts.get_all has the receipt", f"{len(ids)} others")
    cancelled = client.receipts_cancel(receipts_id=receipt._id).result.receipt
    checks.that(cancelled.state in (21, 50), "a paid receipt is queued for refund", cancelled.state)


def access(checks, url, client):
    """Keys and ids that are wrong."""
    token = client.cards_create(number=demo.CARD, expire=demo.EXPIRE).result.card.token
    unpaid = client.receipts_create(account={"order_id": 7}, amount=1000).result.receipt._id
    for what, call in (
        ("a wrong key", lambda: connect(url, key="wrong").receipts_get(receipts_id=unpaid)),
        ("an unknown kassa", lambda: connect(url, kassa="0" * 24).cards_check(token=token)),
    ):
        checks.raises(errors.AccessDeniedError, -32504, f"{what} raises AccessDeniedError", call)
    checks.raises(
        errors.ReceiptsNotFoundError,
        None,
        "an unknown receipt raises ReceiptsNotFoundError (-31602)",
        lambda: client.receipts_check(receipts_id="0" * 24),
    )


def main():
    """Runs everything against the server of the command line."""
    url = demo.base_url()
    logging.disable(logging.CRITICAL)
    checks = demo.Checks()
    checks.equal(importlib.metadata.version("payme-pkg"), "3.4.1", "this is payme-pkg 3.4.1")
    client = connect(url)
    built_in_suites(checks, client)
    cards(checks, client)
    receipts(checks, client)
    access(checks, url, client)
    return checks.end("payme-pkg")


if __name__ == "__main__":
    sys.exit(main())
