"""paytechuz 0.4.1, unmodified: a payment from card to refund, and errors in three languages.

The library posts to `/api/` with a slash at the end, sends `id` 1 and Accept-Language, adds
parameters that the protocol does not know, and hands the whole answer over as a dictionary.
"""

import importlib.metadata
import logging
import sys

from paytechuz.gateways.payme import PaymeGateway

import _checks as demo


def connect(url, key=demo.KEY):
    """A gateway whose calls go to our server."""
    gateway = PaymeGateway(payme_id=demo.KASSA, payme_key=key, is_test_mode=True)
    gateway.http_client.base_url = f"{url}/api"
    return gateway


def result(checks, answer, what):
    """The result of a good answer, whose envelope is checked on the way."""
    keys = sorted(answer)
    checks.equal(keys, ["id", "jsonrpc", "result"], f"{what} answers with a result and no error")
    checks.equal(answer.get("id"), 1, f"{what} repeats the id")
    return answer["result"]


def refusal(checks, answer, code, what):
    """The error of a refusal, whose envelope is checked on the way."""
    keys = sorted(answer)
    checks.equal(keys, ["error", "id", "jsonrpc"], f"{what} answers with an error and no result")
    error = answer.get("error", {})
    checks.equal(error.get("code"), code, f"{what}: code {code}")
    message = error.get("message")
    checks.that(type(message) is str and message != "", f"{what}: a text", repr(message))
    return error


def card(checks, gateway):
    """A verified card, after one wrong code."""
    created = result(
        checks,
        gateway.cards.create(demo.CARD, demo.EXPIRE, save=True, phone="998901304527"),
        "cards.create",
    )
    token = created["card"]["token"]
    checks.equal(created["card"]["number"], "860006******6311", "the number is masked")
    unverified = result(checks, gateway.cards.check(token), "cards.check")
    checks.equal(unverified["card"]["verify"], False, "the card is not verified yet")
    sent = result(checks, gateway.cards.get_verify_code(token), "cards.get_verify_code")
    checks.equal(sent["sent"], True, "the code was sent")
    refusal(checks, gateway.cards.verify(token, "000000"), -31103, "a wrong code")
    verified = result(checks, gateway.cards.verify(token, demo.CODE), "cards.verify")
    checks.equal(verified["card"]["verify"], True, "the right code verifies the card")
    checks.equal(verified["card"]["token"], token, "the token stays the same")
    checked = result(checks, gateway.cards.check(token), "cards.check")
    checks.equal(checked["card"]["verify"], True, "the card is verified")
    return token


def payment(checks, gateway, token):
    """A receipt from creation to refund."""
    created = result(
        checks,
        gateway.receipts.create(
            500000,
            {"order_id": "7"},
            description="conformance",
            callback_url="https://shop.example/paid",
            phone="998901304527",
        ),
        "receipts.create",
    )["receipt"]
    receipt = created["_id"]
    checks.equal(created["state"], 0, "a new receipt is in state 0")
    state = result(checks, gateway.receipts.check(receipt), "receipts.check")
    checks.equal(state, {"state": 0}, "receipts.check has the state and nothing else")
    sent = result(checks, gateway.receipts.send(receipt, "998901304527"), "receipts.send")
    checks.equal(sent, {"success": True}, "the bill is sent")
    paid = result(checks, gateway.receipts.pay(receipt, token), "receipts.pay")["receipt"]
    checks.equal(paid["state"], 4, "the payment is final at once")
    checks.equal(paid["card"]["number"], "860006******6311", "the card on the receipt is masked")
    checks.equal(paid["card"]["expire"], "9903", "the expiry on the receipt is YYMM")
    refusal(checks, gateway.receipts.pay(receipt, token), -31602, "paying twice")
    got = result(checks, gateway.receipts.get(receipt), "receipts.get")["receipt"]
    checks.equal((got["_id"], got["state"]), (receipt, 4), "the receipt is found again, paid")
    back = result(checks, gateway.receipts.cancel(receipt, reason="r"), "receipts.cancel")
    checks.equal(back["receipt"]["state"], 21, "a paid receipt is queued for refund")


def languages(checks, gateway):
    """The same refusal in the three languages that a caller can ask for."""
    texts = set()
    for language in ("ru", "uz", "en"):
        answer = gateway.receipts.get("0" * 24, language=language)
        texts.add(refusal(checks, answer, -31602, f"an unknown receipt ({language})")["message"])
    checks.equal(len(texts), 3, "the text follows Accept-Language")


def ends(checks, url, gateway, token):
    """An unpaid receipt cancelled, a wrong key, and the card removed."""
    receipt = result(
        checks, gateway.receipts.create(1000, {"order_id": "8"}), "receipts.create"
    )["receipt"]["_id"]
    cancelled = result(checks, gateway.receipts.cancel(receipt), "receipts.cancel")["receipt"]
    checks.equal(cancelled["state"], 50, "an unpaid receipt is cancelled at once")
    refusal(checks, connect(url, key="wrong").receipts.check(receipt), -32504, "a wrong key")
    removed = result(checks, gateway.cards.remove(token), "cards.remove")
    checks.equal(removed, {"success": True}, "the card is removed")
    refusal(checks, gateway.cards.check(token), -31400, "a removed card")


def main():
    """Runs everything against the server of the command line."""
    url = demo.base_url()
    logging.disable(logging.CRITICAL)
    checks = demo.Checks()
    checks.equal(importlib.metadata.version("paytechuz"), "0.4.1", "this is paytechuz 0.4.1")
    gateway = connect(url)
    token = card(checks, gateway)
    payment(checks, gateway, token)
    languages(checks, gateway)
    ends(checks, url, gateway, token)
    return checks.end("paytechuz")


if __name__ == "__main__":
    sys.exit(main())
