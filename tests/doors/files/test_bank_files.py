"""Files for banks: their columns, their letters, no formulas; ISO 20022 against its own schema."""

from __future__ import annotations

import csv
import importlib.resources
import io
from datetime import UTC, datetime
from functools import cache
from typing import Any
from xml.etree import ElementTree

import pytest
import xmlschema

from dure.doors.files.bank_files import (
    KOREAN,
    PAIN,
    PRESETS,
    BankLine,
    NoPayer,
    NothingForBanks,
    NotInEncoding,
    Order,
    check_sheet,
    write_pain,
    write_sheet,
)
from dure.errors import Invalid

AT = datetime(2026, 11, 26, 9, 30, tzinfo=UTC)
KIM = {"kind": "kr_bank", "holder": "김두레", "country": "KR", "bank": "004",
       "account": "0012345678901", "lines": ""}  # fmt: skip
ADA = {"kind": "iban", "holder": "Ada Weber", "country": "DE", "bank": "COBADEFFXXX",
       "account": "DE89370400440532013000", "lines": ""}  # fmt: skip
BO = {"kind": "other", "holder": "Bo", "country": "KE", "bank": "", "account": "",
      "lines": "M-Pesa"}  # fmt: skip
PAYER = {**ADA, "holder": "두레 협동조합 서울", "bank": ""}


def line(details: dict[str, str], *, reference: str = "ABCDEFGH", net: int = 9_670) -> BankLine:
    return BankLine(reference, details, gross_minor=net + 330, withheld_minor=330, net_minor=net)


def order(*lines: BankLine, currency: str = "KRW", payer: dict[str, str] = PAYER) -> Order:
    return Order(name="DURE-7", currency=currency, at=AT, payer=payer, lines=lines)


def test_korean_sheet_has_the_columns_of_a_bulk_transfer() -> None:
    made = write_sheet(order(line(KIM), line(BO)), {})

    assert made.decode("cp949") == (
        '"입금은행","입금계좌번호","입금액","예금주","받는분통장표시","내통장표시"\r\n'
        '"004","0012345678901",9670,"김두레","두레 협동조합","ABCDEFGH"\r\n'
    )
    assert made == write_sheet(order(line(KIM), line(BO)), KOREAN)


def test_plain_sheet_has_everything_with_the_currencys_places() -> None:
    made = write_sheet(order(line(ADA), currency="EUR"), PRESETS["plain"])

    assert made.startswith(b"\xef\xbb\xbf")
    (row,) = csv.DictReader(io.StringIO(made.decode("utf-8-sig")))
    assert (row["amount"], row["gross"], row["withheld"]) == ("96.70", "100.00", "3.30")
    assert (row["account"], row["country"]) == ("DE89370400440532013000", "DE")
    assert made.count(b"\xef\xbb\xbf") == 1


def test_banks_may_be_named_instead() -> None:
    made = write_sheet(order(line(KIM)), PRESETS["korean_names"]).decode("cp949")

    assert '"KB국민은행","0012345678901"' in made


@pytest.mark.parametrize("sign", ["=", "+", "-", "@"])
def test_nothing_in_a_sheet_is_a_formula(sign: str) -> None:
    evil = {**KIM, "holder": f'{sign}HYPERLINK("x")'}
    sheet = {"encoding": "utf-8-sig", "header": True,
             "columns": [["holder", f"{sign}1"], ["amount", "a"]]}  # fmt: skip

    made = write_sheet(order(line(evil)), sheet).decode("utf-8-sig")

    rows = list(csv.reader(io.StringIO(made)))
    assert rows == [[f"'{sign}1", "a"], [f'\'{sign}HYPERLINK("x")', "9670"]]


def test_letters_that_the_encoding_has_not_are_told_by_reference() -> None:
    with pytest.raises(NotInEncoding) as refusal:
        write_sheet(order(line({**KIM, "holder": "Zoë"})), {})

    assert refusal.value.sentence == (
        "Payout ABCDEFGH has letters that the encoding CP949 has no sign for; use UTF-8."
    )


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"encoding": "latin-1"}, "The encoding is utf-8-sig or cp949."),
        ({"columns": []}, "A table has 1 to 20 columns."),
        ({"columns": [["salary", "x"]]},
         ("A column is one of bank_code, bank_name, account, amount, holder, reference, "
         "payer_name, gross, withheld, currency, country.")),
        ({"columns": [["amount", "x" * 41]]}, "A heading has at most 40 letters."),
    ],
)  # fmt: skip
def test_layouts_that_no_bank_could_read_are_refused(change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Invalid) as refusal:
        check_sheet(**{**KOREAN, **change})

    assert refusal.value.sentence == sentence
    assert check_sheet(**KOREAN) == KOREAN


def test_file_for_nobody_or_from_nobody_is_refused() -> None:
    for write in (lambda one: write_sheet(one, {}), write_pain):
        with pytest.raises(NothingForBanks):
            write(order(line(BO)))
    with pytest.raises(NoPayer):
        write_pain(order(line(ADA), payer={}))


def texts(made: bytes, path: str) -> list[str | None]:
    return [one.text for one in ElementTree.fromstring(made).findall(path, {"": PAIN})]


def test_iso_file_counts_and_sums_what_is_in_it() -> None:
    lines = [line(ADA, reference="AAAAAAAA", net=1_050), line({**ADA, "bank": ""}, net=1),
             line(BO), line(KIM, reference="CCCCCCCC", net=249)]  # fmt: skip

    made = write_pain(order(*lines, currency="EUR"))

    assert texts(made, ".//NbOfTxs") == ["3", "3"]
    assert texts(made, ".//CtrlSum") == ["13.00", "13.00"]
    assert texts(made, ".//InstdAmt") == ["10.50", "0.01", "2.49"]
    assert texts(made, ".//EndToEndId") == ["AAAAAAAA", "ABCDEFGH", "CCCCCCCC"]
    assert texts(made, ".//Cdtr/Nm") == ["Ada Weber", "Ada Weber", "김두레"]
    assert texts(made, ".//CdtrAcct/Id/Othr/Id") == ["0012345678901"]
    assert texts(made, ".//CdtrAgt/FinInstnId/ClrSysMmbId/MmbId") == ["004"]
    assert made == write_pain(order(*lines, currency="EUR"))


@pytest.mark.parametrize("currency", ["EUR", "KRW"])
@pytest.mark.parametrize("payer", [PAYER, {**KIM, "holder": "A & <B>"}])
def test_iso_file_fits_its_schema(currency: str, payer: dict[str, str]) -> None:
    made = write_pain(order(line(ADA), line(KIM), currency=currency, payer=payer))

    iso_schema().validate(io.BytesIO(made))


@cache
def iso_schema() -> xmlschema.XMLSchema:
    """ISO's own, as it comes with sepaxml."""
    schemas = importlib.resources.files("sepaxml") / "schemas"
    return xmlschema.XMLSchema(str(schemas / "pain.001.001.09.xsd"))
