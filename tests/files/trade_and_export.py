"""A small day at a running sandbox, and its statement in every format.

usage: trade_and_export.py URL FOLDER

Buyers pay by card, the seller is settled with a split, a file of bulk payments is paid, and then the
statement of the service is written into FOLDER once in each format. What it says is checked by
check_exports.py.
"""

import base64
import datetime
import json
import sys
import time
import urllib.request
from pathlib import Path

PARTNER = "gray:p@ssw0rd"
SERVICE = 33
KASSA = "100fe486b33784292111b7dc"
KASSA_KEY = "Rw712wMJspZBczFvrG09?bHkSNxnD4PY0n1C"
CARD = {"number": "8600069195406311", "expire": "0399"}
CODE = "666666"
PATIENCE_S = 60
FORMATS = {"1c": "windows.txt", "1c-utf8": "utf8.txt", "xlsx": "sheet.xlsx", "camt053": "camt.xml"}


class Server:
    """The server, called without any proxy of the environment."""

    def __init__(self, url):
        self.url = url
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def call(self, method, path, body=None, headers=None):
        """The bytes of an answer; anything but a good one is an error."""
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=data, method=method)
        request.add_header("Content-Type", "application/json")
        for name, value in (headers or {}).items():
            request.add_header(name, value)
        with self.opener.open(request, timeout=PATIENCE_S) as answer:
            return answer.read()

    def partner(self, method, path, body=None):
        """A call of the bank's partner."""
        basic = base64.b64encode(PARTNER.encode()).decode()
        return self.call(method, path, body, {"Authorization": f"Basic {basic}"})

    def kassa(self, method, params):
        """A call of the Subscribe API, which must have a result."""
        body = {"id": 1, "method": method, "params": params}
        answer = json.loads(self.call("POST", "/api", body, {"X-Auth": f"{KASSA}:{KASSA_KEY}"}))
        if "result" not in answer:
            raise ValueError(f"{method}: {answer}")
        return answer["result"]


def until(what, look):
    """Waits for what nothing announces."""
    end = time.monotonic() + PATIENCE_S
    while not (found := look()):
        if time.monotonic() > end:
            raise TimeoutError(what)
        time.sleep(0.1)
    return found


def sell(server):
    """Ten payments by card."""
    token = server.kassa("cards.create", {"card": CARD, "save": True})["card"]["token"]
    server.kassa("cards.get_verify_code", {"token": token})
    server.kassa("cards.verify", {"token": token, "code": CODE})
    for number in range(10):
        receipt = {"amount": 500_000 + number, "account": {"order_id": str(number)}}
        made = server.kassa("receipts.create", receipt)["receipt"]["_id"]
        paid = server.kassa("receipts.pay", {"id": made, "token": token})["receipt"]
        if paid["state"] != 4:
            raise ValueError(f"not paid: {paid}")


def settle(server, today):
    """The seller's settlement, with a tenth of it for a carrier."""

    def payee(name, account):
        return {"name": name, "mfo": "00401", "account": account, "inn": "307692757"}

    rule = {
        "service": SERVICE,
        "merchant": payee("ООО «Гул бозор»", "20208000905123456001"),
        "shares": [{"ppm": 100_000, "to": payee('Доставка "Тез"', "20208000905123456002")}],
    }
    server.partner("PUT", f"/v1/settlement-rules/{KASSA}", rule)
    computed = json.loads(server.partner("POST", "/v1/settlements", {"day": today}))
    (settlement,) = computed["settlements"]
    path = f"/v1/settlements/{settlement['id']}"
    server.partner("POST", f"{path}/send", {})
    look = lambda: json.loads(server.partner("GET", path))["state"] == "settled"
    until("the settlement's end", look)


def pay_in_bulk(server):
    """Fifty payments from a file, and their end."""
    rows = ["order_id;receiver_name;mfo;account;amount;purpose"]
    for number in range(50):
        receiver = f"Получатель {number}; o‘g‘li"
        rows.append(f'f-{number};"{receiver}";00401;20208000905123456001;{100 + number};Зарплата')
    file = "\n".join(rows).encode()
    answer = server.partner("POST", f"/v1/payouts?service={SERVICE}", file).decode()
    if answer.count('"status":"accepted"') != 50:
        raise ValueError(answer)

    def status(number):
        order = json.loads(server.partner("GET", f"/api/v2/payment/f-{number}"))
        return order["data"]["payment_status"]

    until("the end of the orders", lambda: all(status(n) == "Проведен" for n in range(50)))


def main(url, folder):
    """Trades, then writes the files."""
    server = Server(url)
    server.call("PATCH", "/sandbox/bank", {"settle_after_ms": 0})
    tashkent = datetime.timezone(datetime.timedelta(hours=5))
    today = datetime.datetime.now(tashkent).date().isoformat()
    sell(server)
    settle(server, today)
    pay_in_bulk(server)
    for name, file in FORMATS.items():
        # Until a day after today: the day may turn while this runs.
        query = f"from={today}&to=9999-12-31&format={name}"
        content = server.partner("GET", f"/v1/services/{SERVICE}/statement?{query}")
        (folder / file).write_bytes(content)
        print(f"{file}: {len(content)} bytes")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        print(__doc__)
        sys.exit(2)
    main(sys.argv[1], Path(sys.argv[2]))
