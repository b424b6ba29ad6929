"""Files for banks, out of a released batch: a table by the bank's own columns, and ISO 20022."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree

from dure.errors import Invalid, Refusal
from dure.ledger.money import decimals_of
from dure.people.banks import name_bank

PAIN = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
ENCODINGS = ("utf-8-sig", "cp949")
FIELDS = (
    "bank_code", "bank_name", "account", "amount", "holder", "reference", "payer_name",
    "gross", "withheld", "currency", "country",
)  # fmt: skip
COLUMNS_MAX = 20
HEADING_LETTERS_MAX = 40
# What spreadsheets take for the beginning of a formula.
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
AMOUNTS = frozenset({"amount", "gross", "withheld"})
# What a bank in Korea prints in the line of an account.
PRINTED_LETTERS_MAX = 7

KOREAN: dict[str, Any] = {
    "encoding": "cp949",
    "header": True,
    "columns": [
        ["bank_code", "입금은행"],
        ["account", "입금계좌번호"],
        ["amount", "입금액"],
        ["holder", "예금주"],
        ["payer_name", "받는분통장표시"],
        ["reference", "내통장표시"],
    ],
}
KOREAN_NAMES: dict[str, Any] = {
    **KOREAN,
    "columns": [["bank_name", "입금은행"], *KOREAN["columns"][1:]],
}
PLAIN: dict[str, Any] = {
    "encoding": "utf-8-sig",
    "header": True,
    "columns": [[field, field] for field in FIELDS],
}
PRESETS: dict[str, dict[str, Any]] = {
    "korean": KOREAN,
    "korean_names": KOREAN_NAMES,
    "plain": PLAIN,
}


class NotInEncoding(Refusal):
    """Payout {reference} has letters that the encoding {encoding} has no sign for; use UTF-8."""

    code = "not-in-encoding"
    status = 409


class NoPayer(Refusal):
    """The file names the account that pays; write it into the rules, then make a new batch."""

    code = "no-payer"
    status = 409


class NothingForBanks(Refusal):
    """No payout of this batch goes to a bank account; pay them as their lines say."""

    code = "nothing-for-banks"
    status = 409


@dataclass(frozen=True, slots=True)
class BankLine:
    """One payout as a bank's file has it."""

    reference: str
    details: Mapping[str, str]
    gross_minor: int
    withheld_minor: int
    net_minor: int

    @property
    def is_for_banks(self) -> bool:
        return bool(self.details.get("account"))


@dataclass(frozen=True, slots=True)
class Order:
    """A released batch: what stands over its lines."""

    name: str
    currency: str
    at: datetime
    payer: Mapping[str, str]
    lines: Sequence[BankLine]


def check_sheet(*, encoding: str, header: bool, columns: Sequence[Sequence[str]]) -> dict[str, Any]:
    """A table's layout as it is stored; each column is one of our fields and its heading."""
    if encoding not in ENCODINGS:
        raise Invalid("The encoding is {known}.", known=" or ".join(ENCODINGS))
    if not 1 <= len(columns) <= COLUMNS_MAX:
        raise Invalid("A table has 1 to {most} columns.", most=COLUMNS_MAX)
    for field, heading in columns:
        if field not in FIELDS:
            raise Invalid("A column is one of {known}.", known=", ".join(FIELDS))
        if len(heading) > HEADING_LETTERS_MAX or not heading.isprintable():
            raise Invalid("A heading has at most {most} letters.", most=HEADING_LETTERS_MAX)
    return {
        "encoding": encoding,
        "header": header,
        "columns": [[field, heading.strip()] for field, heading in columns],
    }


def write_sheet(order: Order, sheet: Mapping[str, Any]) -> bytes:
    """Comma-separated lines; what goes to no account is left out. The same order, the same bytes.

    All but amounts is quoted, so that programs which ask take account numbers for text.
    """
    lines = _for_banks(order)
    layout = sheet or KOREAN
    encoding = str(layout["encoding"])
    fields = [field for field, _heading in layout["columns"]]
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    if layout["header"]:
        writer.writerow(_guard(heading) for _field, heading in layout["columns"])
    whole = [_encode(out.getvalue(), encoding, reference="")]
    for line in lines:
        out.seek(0)
        out.truncate()
        values = _values(line, order)
        writer.writerow(
            values[field] if field in AMOUNTS else _guard(str(values[field])) for field in fields
        )
        # Each line for itself, so that the one that does not go is named; the mark comes once.
        encoded = _encode(out.getvalue(), encoding.removesuffix("-sig"), reference=line.reference)
        whole.append(encoded)
    return b"".join(whole)


def write_pain(order: Order) -> bytes:
    """A customer credit transfer (pain.001.001.09) whose end-to-end ids are our references."""
    lines = _for_banks(order)
    if not order.payer.get("account"):
        raise NoPayer
    ElementTree.register_namespace("", PAIN)
    root = ElementTree.Element(f"{{{PAIN}}}Document")
    whole = _add(root, "CstmrCdtTrfInitn")
    total = _major(sum(line.net_minor for line in lines), order.currency)
    head = _add(whole, "GrpHdr")
    _add(head, "MsgId", order.name)
    _add(head, "CreDtTm", order.at.strftime("%Y-%m-%dT%H:%M:%SZ"))
    _add(head, "NbOfTxs", str(len(lines)))
    _add(head, "CtrlSum", str(total))
    _add(_add(head, "InitgPty"), "Nm", order.payer["holder"])
    payment = _add(whole, "PmtInf")
    _add(payment, "PmtInfId", order.name)
    _add(payment, "PmtMtd", "TRF")
    _add(payment, "NbOfTxs", str(len(lines)))
    _add(payment, "CtrlSum", str(total))
    if order.currency == "EUR":
        _add(_add(_add(payment, "PmtTpInf"), "SvcLvl"), "Cd", "SEPA")
    _add(_add(payment, "ReqdExctnDt"), "Dt", order.at.strftime("%Y-%m-%d"))
    _add(_add(payment, "Dbtr"), "Nm", order.payer["holder"])
    _add_account(_add(payment, "DbtrAcct"), order.payer, currency=order.currency)
    _add_agent(_add(payment, "DbtrAgt"), order.payer)
    _add(payment, "ChrgBr", "SLEV")
    for line in lines:
        _add_transfer(payment, line, order)
    ElementTree.indent(root)
    text: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"


def _add_transfer(payment: ElementTree.Element, line: BankLine, order: Order) -> None:
    transfer = _add(payment, "CdtTrfTxInf")
    ids = _add(transfer, "PmtId")
    _add(ids, "InstrId", line.reference)
    _add(ids, "EndToEndId", line.reference)
    amount = _add(_add(transfer, "Amt"), "InstdAmt", str(_major(line.net_minor, order.currency)))
    amount.set("Ccy", order.currency)
    if line.details.get("bank"):
        _add_agent(_add(transfer, "CdtrAgt"), line.details)
    payee = _add(transfer, "Cdtr")
    _add(payee, "Nm", line.details["holder"])
    _add(_add(payee, "PstlAdr"), "Ctry", line.details["country"])
    _add_account(_add(transfer, "CdtrAcct"), line.details)
    _add(_add(transfer, "RmtInf"), "Ustrd", line.reference)


def _add_account(
    element: ElementTree.Element, details: Mapping[str, str], *, currency: str | None = None
) -> None:
    named = _add(element, "Id")
    if details["kind"] == "iban":
        _add(named, "IBAN", details["account"])
    else:
        _add(_add(named, "Othr"), "Id", details["account"])
    if currency is not None:
        _add(element, "Ccy", currency)


def _add_agent(element: ElementTree.Element, details: Mapping[str, str]) -> None:
    """The bank: a BIC where there is one, a member of the country's clearing, or not said."""
    bank = _add(element, "FinInstnId")
    if details["kind"] == "iban" and details["bank"]:
        _add(bank, "BICFI", details["bank"])
    elif details["bank"]:
        _add(_add(bank, "ClrSysMmbId"), "MmbId", details["bank"])
    else:
        _add(_add(bank, "Othr"), "Id", "NOTPROVIDED")


def _add(parent: ElementTree.Element, name: str, text: str | None = None) -> ElementTree.Element:
    made = ElementTree.SubElement(parent, f"{{{PAIN}}}{name}")
    made.text = text
    return made


def _for_banks(order: Order) -> list[BankLine]:
    lines = [line for line in order.lines if line.is_for_banks]
    if not lines:
        raise NothingForBanks
    return lines


def _values(line: BankLine, order: Order) -> dict[str, Any]:
    details = line.details
    is_korean = details["kind"] == "kr_bank"
    name = name_bank(details["bank"], language="ko") if is_korean else details["bank"]
    return {
        "bank_code": details["bank"],
        "bank_name": name,
        "account": details["account"],
        "holder": details["holder"],
        "reference": line.reference,
        "payer_name": order.payer.get("holder", "")[:PRINTED_LETTERS_MAX],
        "amount": _major(line.net_minor, order.currency),
        "gross": _major(line.gross_minor, order.currency),
        "withheld": _major(line.withheld_minor, order.currency),
        "currency": order.currency,
        "country": details["country"],
    }


def _major(amount_minor: int, currency: str) -> Decimal:
    """As banks write it: with as many places as the currency has."""
    return Decimal(amount_minor).scaleb(-decimals_of(currency))


def _guard(text: str) -> str:
    """A spreadsheet runs what looks like a formula, so that it looks like one no more."""
    return f"'{text}" if text.startswith(FORMULA_SIGNS) else text


def _encode(text: str, encoding: str, *, reference: str) -> bytes:
    try:
        return text.encode(encoding)
    except UnicodeEncodeError:
        raise NotInEncoding(reference=reference, encoding=encoding.upper()) from None
