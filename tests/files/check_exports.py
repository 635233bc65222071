"""Exports of one statement, loaded by libraries that are not ours, have to tell the same story.

usage: check_exports.py FILE FILE...

Every file is an export of the same statement, or of the same statements of several accounts:
1CClientBankExchange (windows-1251 or UTF-8, .txt), camt.053 (.xml) or a sheet (.xlsx). Each has to
add up by itself, opening balance plus incoming minus outgoing being the closing balance, and all
have to agree in balances, totals and every single payment. At least one 1C file and one camt.053 are
needed.
"""

import decimal
import sys
from pathlib import Path
from typing import NamedTuple

import client_bank_1c
import openpyxl
from lxml import etree
from pycamt.parser import Camt053Parser

Decimal = decimal.Decimal
CENT = Decimal("0.01")
# pycamt turns a negative balance into a float, so its text may have lost the last digits.
EXACT_DIGITS = 15


class Payment(NamedTuple):
    """What every format knows of a payment: signed amount, bank day, number of the document."""

    amount: Decimal
    day: str
    number: str


class Story(NamedTuple):
    """What a file tells of its accounts, all of them together."""

    accounts: list
    opening: Decimal
    closing: Decimal
    incoming: Decimal
    outgoing: Decimal
    payments: list


class Checks:
    """Counts what was looked at."""

    def __init__(self):
        self.good = 0
        self.bad = 0

    def equal(self, got, want, what):
        """Records that two values are equal."""
        if got == want:
            self.good += 1
            print(f"  ok    {what}")
        else:
            self.bad += 1
            print(f"  WRONG {what}: got {got!r}, want {want!r}")


def from_one_c(path):
    """A 1C file, as client_bank_1c reads it."""
    data = path.read_bytes()
    is_utf8 = "Кодировка=UTF-8".encode() in data[:400]
    text = data.decode("utf-8" if is_utf8 else "cp1251").replace("\r\n", "\n")
    loaded = client_bank_1c.load(text)
    accounts = loaded.accounts
    total = lambda key: sum((account[key] for account in accounts), Decimal(0))
    payments = []
    for document in loaded.documents:
        arrived = document["ДатаПоступило"]
        day = arrived or document["ДатаСписано"]
        amount = document["Сумма"] if arrived else -document["Сумма"]
        payments.append(Payment(amount, day.isoformat(), document["Номер"]))
    return Story(
        [account["РасчСчет"] for account in accounts],
        total("НачальныйОстаток"),
        total("КонечныйОстаток"),
        total("ВсегоПоступило"),
        total("ВсегоСписано"),
        payments,
    )


def from_camt(path):
    """A camt.053, as pycamt reads it; it does not know the fields in which there is no IBAN."""
    parser = Camt053Parser.from_file(path)
    statements = parser.get_statement_info()
    currencies = {info["Currency"] for info in statements}
    if parser.version != "camt.053.001.02" or currencies != {"UZS"}:
        raise ValueError(f"{path}: {parser.version} in {currencies}")
    spaces = {"c": etree.QName(parser.tree).namespace}
    find = lambda place: [found.text for found in parser.tree.findall(place, spaces)]
    numbers = find(".//c:Ntry//c:Refs/c:InstrId")
    entries = parser.get_transactions()
    if len(numbers) != len(entries):
        raise ValueError(f"{path}: {len(numbers)} numbers for {len(entries)} payments")
    payments = []
    for entry, number in zip(entries, numbers):
        sign = {"CRDT": 1, "DBIT": -1}[entry["CreditDebitIndicator"]]
        payments.append(Payment(sign * Decimal(entry["Amount"]), entry["BookingDate"], number))
    accounts = find(".//c:Stmt/c:Acct/c:Id/c:Othr/c:Id")
    if len(accounts) != len(statements):
        raise ValueError(f"{path}: {len(accounts)} accounts in {len(statements)} statements")
    total = lambda texts: sum(map(Decimal, texts), Decimal(0))
    balances = {}
    for name in ["OpeningBalance", "ClosingBalance"]:
        texts = [info[name] for info in statements]
        for text in texts:
            if sum(digit.isdigit() for digit in text) > EXACT_DIGITS:
                raise ValueError(f"{path}: pycamt cannot hold the balance {text}")
        balances[name] = total(texts).quantize(CENT)
    incoming = total(find(".//c:TtlCdtNtries/c:Sum"))
    outgoing = total(find(".//c:TtlDbtNtries/c:Sum"))
    return Story(accounts, *balances.values(), incoming, outgoing, payments)


def from_sheet(path):
    """A sheet, as openpyxl reads it: pairs above, then the table."""
    rows = list(openpyxl.load_workbook(path, read_only=True).active.iter_rows(values_only=True))
    head = next(place for place, row in enumerate(rows) if row[0] == "Дата")
    pairs = {row[0]: row[1] for row in rows[:head] if row[0]}
    money = lambda value: Decimal(str(value)).quantize(CENT)
    payments = []
    for row in rows[head + 1 :]:
        amount = -money(row[2]) if row[2] is not None else money(row[3])
        payments.append(Payment(amount, row[0].date().isoformat(), row[1]))
    return Story(
        [pairs["Счёт"]],
        money(pairs["Остаток на начало"]),
        money(pairs["Остаток на конец"]),
        money(pairs["Поступило"]),
        money(pairs["Списано"]),
        payments,
    )


READERS = {".txt": from_one_c, ".xml": from_camt, ".xlsx": from_sheet}


def check_arithmetic(checks, name, story):
    """A file has to add up by itself."""
    incoming = sum((one.amount for one in story.payments if one.amount > 0), Decimal(0))
    outgoing = -sum((one.amount for one in story.payments if one.amount < 0), Decimal(0))
    checks.equal(incoming, story.incoming, f"{name}: incoming payments add up")
    checks.equal(outgoing, story.outgoing, f"{name}: outgoing payments add up")
    closing = story.opening + incoming - outgoing
    checks.equal(closing, story.closing, f"{name}: opening plus payments is closing")


def main(paths):
    """Loads all files and compares them; 0 when everything is right."""
    # Sums of many payments have more digits than the default context keeps.
    decimal.getcontext().prec = 40
    suffixes = {path.suffix for path in paths}
    if not {".txt", ".xml"} <= suffixes or not suffixes <= set(READERS):
        print(__doc__)
        return 2
    checks = Checks()
    stories = [(path.name, READERS[path.suffix](path)) for path in paths]
    first_name, first = stories[0]
    for name, story in stories:
        check_arithmetic(checks, name, story)
        if story is not first:
            checks.equal(story[:5], first[:5], f"{name}: accounts and totals of {first_name}")
            checks.equal(story.payments, first.payments, f"{name}: payments of {first_name}")
    print(f"{len(first.payments)} payments: {checks.good} right, {checks.bad} wrong")
    return 1 if checks.bad else 0


if __name__ == "__main__":
    sys.exit(main([Path(argument) for argument in sys.argv[1:]]))
