"""The ledger's accounts under names that beancount and hledger both take.

The books are those of whoever keeps the money for the calls: what is held and what is still to be
paid in are assets, what is owed to contributors and offices, and what was paid in ahead, are
liabilities. Each owner's part has a letter before it, since names begin with a capital.
"""

from __future__ import annotations

import unicodedata

OTHERS = "Equity:Others"
ROOTS = {
    "owed_to": "Liabilities:Owed",
    "owed_by": "Assets:Receivable",
    "deposit": "Liabilities:Deposits",
    "held": "Assets:Held",
    "fee": "Expenses:Fees",
}


def account_name(owner: str, purpose: str) -> str:
    """Such as Liabilities:Contributors:Call-5:C-17; two owners never get the same."""
    match owner.split(":"):
        case ["contributor", call, one] if purpose == "owed_to":
            return f"Liabilities:Contributors:Call-{_safe(call)}:C-{_safe(one)}"
        case ["pot", call] if purpose == "owed_to":
            return f"Liabilities:Pots:Call-{_safe(call)}"
        case ["call", call]:
            return f"{ROOTS[purpose]}:Call-{_safe(call)}"
        case ["organisation", organisation]:
            return f"{ROOTS[purpose]}:Org-{_safe(organisation)}"
        case ["withheld", organisation, *office] if office and purpose == "owed_to":
            return f"Liabilities:Withheld:Org-{_safe(organisation)}:O-{_safe(':'.join(office))}"
    return f"{ROOTS[purpose]}:Other-{_safe(owner)}"


def _safe(text: str) -> str:
    """Letters and digits as they are, a hyphen twice, any other sign by its number."""
    return "".join(map(_safe_sign, text))


def _safe_sign(sign: str) -> str:
    if sign == "-":
        return "--"
    # What beancount lets stand in a name: letters and decimal digits of any script.
    is_known = unicodedata.category(sign).startswith("L") or sign.isdecimal()
    return sign if is_known else f"-x{ord(sign):x}-"
