from __future__ import annotations

import pytest

from dure.doors.files.account_names import account_name


@pytest.mark.parametrize(
    ("owner", "purpose", "name"),
    [
        ("contributor:5:17", "owed_to", "Liabilities:Contributors:Call-5:C-17"),
        ("call:5", "held", "Assets:Held:Call-5"),
        ("call:5", "owed_by", "Assets:Receivable:Call-5"),
        ("call:5", "deposit", "Liabilities:Deposits:Call-5"),
        ("pot:5", "owed_to", "Liabilities:Pots:Call-5"),
        ("organisation:3", "fee", "Expenses:Fees:Org-3"),
        ("withheld:3:국세청", "owed_to", "Liabilities:Withheld:Org-3:O-국세청"),
        ("withheld:3:tax-office 2", "owed_to", "Liabilities:Withheld:Org-3:O-tax--office-x20-2"),
        ("somebody else", "owed_to", "Liabilities:Owed:Other-somebody-x20-else"),
        ("contributor:5:1", "held", "Assets:Held:Other-contributor-x3a-5-x3a-1"),
    ],
)
def test_account_is_named_for_its_owner_and_purpose(owner: str, purpose: str, name: str) -> None:
    assert account_name(owner, purpose) == name


def test_two_owners_never_get_one_name() -> None:
    owners = [
        "withheld:3", "withheld:3:", "withheld:3:a", "withheld:3:A", "withheld:3:a-b",
        "withheld:3:a:b", "withheld:3:a b", "withheld:3:a-x20-b", "withheld:3:a--b", "a", "A",
        "call", "call:", "call:5:6", "contributor:5", "contributor:5:", "contributor:5:6:7",
        "pot:5", "pot:5:6", "pot",
    ]  # fmt: skip

    assert len({account_name(owner, "owed_to") for owner in owners}) == len(owners)
