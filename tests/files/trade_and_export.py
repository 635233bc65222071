"""A day of a marketplace at a running sandbox, and its files in every format.

usage: trade_and_export.py URL FOLDER SELLERS

SELLERS is a file with a line for each seller: the id of its kassa and what it calls with. Buyers pay
10,000 times by card, the sellers are settled with a split, a file of bulk payments is paid, and then
the statement of the service and the settlements are written into FOLDER once in each format. What
they say is checked by check_exports.py.
"""

import base64
import datetime
import json
import sys
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

PARTNER = "gray:p@ssw0rd"
SERVICE = 33
CARD = {"number": "8600069195406311", "expire": "0399"}
CODE = "666666"
PATIENCE_S = 60
FORMATS = {"1c": "windows.txt", "1c-utf8": "utf8.txt", "xlsx": "sheet.xlsx", "camt053": "camt.xml"}
SETTLED = {"1c-utf8": "settled.txt", "camt053": "settled.xml"}
PAYMENTS = 10_000
AT_ONCE = 16


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

    def kassa(self, auth, method, params):
        """A call of the Subscribe API by a seller, which must have a result."""
        body = {"id": 1, "method": method, "params": params}
        answer = json.loads(self.call("POST", "/api", body, {"X-Auth": auth}))
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


def sell(server, auth, count):
    """So many payments by card to one seller; what they sum to, in tiyin."""
    call = lambda method, params: server.kassa(auth, method, params)
    token = call("cards.create", {"card": CARD, "save": True})["card"]["token"]
    call("cards.get_verify_code", {"token": token})
    call("cards.verify", {"token": token, "code": CODE})
    for number in range(count):
        receipt = {"amount": 500_000 + number, "account": {"order_id": str(number)}}
        made = call("receipts.create", receipt)["receipt"]["_id"]
        paid = call("receipts.pay", {"id": made, "token": token})["receipt"]
        if paid["state"] != 4:
            raise ValueError(f"not paid: {paid}")
    return sum(500_000 + number for number in range(count))


def settle(server, today, sellers, each):
    """The sellers' settlements, with a tenth for a carrier; they are of what was paid."""

    def payee(name, account):
        return {"name": name, "mfo": "00401", "account": account, "inn": "307692757"}

    for number, (seller, _) in enumerate(sellers):
        rule = {
            "service": SERVICE,
            "commission_ppm": 20_000,
            "bank_fee": 700,
            "merchant": payee(f"ООО «Гул бозор {number}»", f"20208000905{number:06}001"),
            "shares": [{"ppm": 100_000, "to": payee('Доставка "Тез"', "20208000905123456002")}],
        }
        server.partner("PUT", f"/v1/settlement-rules/{seller}", rule)
    computed = json.loads(server.partner("POST", "/v1/settlements", {"day": today}))
    settlements = computed["settlements"]
    if [one["gross"] for one in settlements] != [each] * len(sellers):
        raise ValueError(f"not what was paid: {computed}")
    path = lambda settlement: f"/v1/settlements/{settlement['id']}"
    for settlement in settlements:
        server.partner("POST", f"{path(settlement)}/send", {})
    for settlement in settlements:
        look = lambda: json.loads(server.partner("GET", path(settlement)))["state"] == "settled"
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


def main(url, folder, sellers):
    """Trades, then writes the files."""
    server = Server(url)
    server.call("PATCH", "/sandbox/bank", {"settle_after_ms": 0})
    tashkent = datetime.timezone(datetime.timedelta(hours=5))
    today = datetime.datetime.now(tashkent).date().isoformat()
    count = PAYMENTS // len(sellers)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        (each,) = set(pool.map(lambda seller: sell(server, seller[1], count), sellers))
    settle(server, today, sellers, each)
    pay_in_bulk(server)
    # Until a day after today: the day may turn while this runs.
    period = f"from={today}&to=9999-12-31"
    for formats, path in [
        (FORMATS, f"/v1/services/{SERVICE}/statement"),
        (SETTLED, "/v1/settlements/export"),
    ]:
        for name, file in formats.items():
            content = server.partner("GET", f"{path}?{period}&format={name}")
            (folder / file).write_bytes(content)
            print(f"{file}: {len(content)} bytes")


if __name__ == "__main__":
    if len(sys.argv) != 4:
        print(__doc__)
        sys.exit(2)
    lines = Path(sys.argv[3]).read_text().splitlines()
    main(sys.argv[1], Path(sys.argv[2]), [tuple(line.split()) for line in lines])
