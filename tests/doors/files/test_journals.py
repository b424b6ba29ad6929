"""What is exported is read by the programs it is meant for, and says what the ledger says."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from dure.doors.files.account_names import account_name
from dure.doors.files.journals import JournalForm, write_journal
from dure.doors.wording.books import REASONS
from dure.ledger.journal import Leg, post
from dure.ledger.models import Purpose
from dure.ledger.money import Money
from dure.ledger.queries import Owners, read_accounts, read_transactions, trial_balance
from dure.ledger.reading import last_id
from tests.ledger.posting import leg, post_pair

pytestmark = pytest.mark.usefixtures("live_db")
BEAN_CHECK = Path(sys.executable).with_name("bean-check")
IN_UTF8 = {**os.environ, "LC_ALL": "C.UTF-8"}
ODD = [
    'a "quoted" \\ key', "a; comment, with: a tag", "two\nlines", "date:2020-99-99", "[2020-13-01]",
    "(code) | note", "두레 정산 🐝", "  spaces  ", "\x01\x7f", "@ {cost} = 5 KRW", "%2C", "* !",
    "#tag ^link",
]  # fmt: skip
CURRENCIES = ("KRW", "USD", "BHD", "CLF", "IQD", "JPY", "DEM")
# What hledger's manual lets stand in a journal, as far as an export makes use of it.
HLEDGER_LINES = re.compile(
    r"|".join(
        [
            r"; Dure",
            r"decimal-mark \.",
            r"commodity 1000\.0* [A-Z]{3}",
            r"account (?:Assets|Liabilities|Equity|Expenses)(?::[^\s:;|]+)+",
            r"\d{4}-\d\d-\d\d \* \(\d+\) [^;\n|]+ \| [^;\n|]+",
            r"    ; (?:key|reason|hash|posted-at): [^,:;\[\]\n]+",
            r"    (?:Assets|Liabilities|Equity|Expenses)(?::[^\s:;|]+)+  -?\d+(?:\.\d+)? [A-Z]{3}",
            r"",
        ]
    )
)


def fill() -> None:
    """Every reason, odd names and keys, currencies with no, two, three and four decimals."""
    for n, reason in enumerate(REASONS):
        legs = [
            Leg(owner="call:5", purpose=Purpose.HELD, money=Money(-1000 - n, "KRW")),
            Leg(owner="call:5", purpose=Purpose.DEPOSIT, money=Money(900 + n, "KRW")),
            Leg(owner="contributor:5:1", purpose=Purpose.OWED_TO, money=Money(90, "KRW")),
            Leg(owner="withheld:3:국세청 (소득세)", purpose=Purpose.OWED_TO, money=Money(7, "KRW")),
            Leg(owner="organisation:3", purpose=Purpose.FEE, money=Money(3, "KRW")),
        ]
        post(key=f"reason {n}", reason=reason, entries=legs)
    for n, text in enumerate(ODD):
        post(key=text, reason=text, entries=[leg(f"withheld:3:{text}", n + 1), leg(text, -n - 1)])
    for currency in CURRENCIES:
        post_pair(f"in {currency}", 12345, currency=currency)


def export(form: JournalForm, owners: Owners | None = None) -> str:
    blocks = write_journal(
        form=form,
        accounts=read_accounts(owners=owners),
        transactions=read_transactions(up_to=last_id(), owners=owners),
        is_own=owners.has if owners else lambda _owner: True,
    )
    return b"".join(blocks).decode()


def expected_balances() -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    for row in trial_balance():
        money = -row.balance
        found[account_name(row.owner, row.purpose), money.currency] += money.amount_minor
    return found


def test_bean_check_finds_nothing_wrong(tmp_path: Path) -> None:
    fill()
    file = tmp_path / "ledger.beancount"
    file.write_text(export("beancount"))

    checked = subprocess.run(
        [BEAN_CHECK, "--no-cache", file], capture_output=True, text=True, check=False
    )

    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")


def test_bean_check_would_find_something() -> None:
    checked = subprocess.run(
        [BEAN_CHECK, "--no-cache", "/dev/stdin"],
        input='2020-01-01 * "unopened"\n  Assets:A  1 KRW\n  Assets:B  -2 KRW\n',
        capture_output=True,
        text=True,
        check=False,
    )

    assert checked.returncode == 1


def test_hledger_reads_every_balance_as_the_ledger_has_it(tmp_path: Path) -> None:
    """By Debian's hledger where there is one; its grammar, as far as it is used here, always."""
    fill()
    text = export("hledger")
    file = tmp_path / "ledger.journal"
    file.write_text(text)

    assert [line for line in text.split("\n") if not HLEDGER_LINES.fullmatch(line)] == []
    if shutil.which("hledger"):
        run_hledger(file)


def run_hledger(file: Path) -> None:
    strict = subprocess.run(
        ["hledger", "-f", file, "check", "--strict"],
        capture_output=True, text=True, check=False, env=IN_UTF8,
    )  # fmt: skip
    assert (strict.returncode, strict.stdout, strict.stderr) == (0, "", "")
    told = subprocess.run(
        ["hledger", "-f", file, "bal", "--flat", "--empty", "--no-total", "-O", "csv",
         "--layout=bare"],
        capture_output=True, text=True, check=True, env=IN_UTF8,
    )  # fmt: skip
    found = Counter()
    for line in told.stdout.splitlines()[1:]:
        name, currency, amount = (part.strip('"') for part in line.split(","))
        if currency:
            found[name, currency] = Money.read(amount.replace(",", ""), currency).amount_minor
    nothing = dict.fromkeys(expected_balances(), 0)
    assert {**nothing, **found} == {**nothing, **expected_balances()}


def test_journal_for_beancount_is_as_its_readers_expect() -> None:
    posted = post_pair('k"1"', 50, facts={"n": 1})
    [chained] = read_transactions(up_to=last_id())

    assert export("beancount") == (
        'option "title" "Dure"\n\n'
        "1970-01-01 open Equity:Others\n"
        "1970-01-01 open Assets:Receivable:Call-5 KRW\n"
        "1970-01-01 open Liabilities:Contributors:Call-5:C-1 KRW\n"
        f'\n{posted.at:%Y-%m-%d} * "test" "k\\"1\\""\n'
        '  key: "k\\"1\\""\n'
        '  reason: "test"\n'
        f'  hash: "{chained.hash.hex()}"\n'
        f'  posted-at: "{posted.at.isoformat()}"\n'
        "  Liabilities:Contributors:Call-5:C-1  -50 KRW\n"
        "  Assets:Receivable:Call-5  50 KRW\n"
    )


@pytest.mark.parametrize("form", ["beancount", "hledger"])
def test_owners_of_others_are_not_named(form: JournalForm) -> None:
    post_pair("ours", to="contributor:5:1", by="call:5")
    post_pair("both", to="contributor:6:secret", by="call:5")
    post_pair("theirs", to="contributor:6:secret", by="call:6")

    text = export(form, Owners(frozenset({"call:5"}), frozenset({"contributor:5:"})))

    assert "ours" in text
    assert "Equity:Others" in text.partition("both")[2]
    assert "secret" not in text
    assert "theirs" not in text


def test_long_journal_comes_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dure.doors.files.journals.BLOCK_CHARACTERS", 100)
    for n in range(5):
        post_pair(f"k{n}")

    blocks = list(
        write_journal(
            form="hledger",
            accounts=read_accounts(),
            transactions=read_transactions(up_to=last_id()),
        )
    )

    assert len(blocks) > 5
    assert b"".join(blocks).count(b"\n    Assets:Receivable:Call-5  50 KRW\n") == 5
