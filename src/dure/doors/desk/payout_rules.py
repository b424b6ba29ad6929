"""Rules of payouts: from how much on, what is withheld, who pays, how the bank reads it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from dure.calls import payout_rules
from dure.calls.dues import owner_of
from dure.doors.desk.amounts import read_basis_points, read_money, spell_minor
from dure.doors.desk.permits import Desk, at_desk
from dure.doors.desk.promised import CURRENCIES
from dure.doors.desk.reading import read_id
from dure.doors.files.bank_files import ENCODINGS, FIELDS, KOREAN, PRESETS, check_sheet
from dure.doors.wording.countries import name_countries
from dure.doors.wording.refusals import spell_refusal
from dure.errors import Invalid, Refusal
from dure.ledger.payouts.rules import print_layout, thresholds_of
from dure.ledger.payouts.withholding import BASIS_POINTS, rules_of
from dure.people.banks import KR_BANKS, name_bank
from dure.people.roles import Right

COLUMNS_OFFERED = 10
FIELD_NAMES = {
    "bank_code": gettext_lazy("bank, as its number"),
    "bank_name": gettext_lazy("bank, as its name"),
    "account": gettext_lazy("account"),
    "amount": gettext_lazy("amount to pay"),
    "holder": gettext_lazy("holder of the account"),
    "reference": gettext_lazy("our reference"),
    "payer_name": gettext_lazy("our name, seven letters"),
    "gross": gettext_lazy("amount before withholding"),
    "withheld": gettext_lazy("what is withheld"),
    "currency": gettext_lazy("currency"),
    "country": gettext_lazy("country"),
}
PRESET_NAMES = {
    "korean": gettext_lazy("Korean bulk transfer, banks as numbers"),
    "korean_names": gettext_lazy("Korean bulk transfer, banks as names"),
    "plain": gettext_lazy("everything, for a spreadsheet"),
}


@at_desk(to_see=Right.MONEY)
def rules(request: HttpRequest, desk: Desk) -> HttpResponse:
    what, advice = "", ""
    if request.method == "POST":
        what = request.POST.get("what", "")
        try:
            _change(desk, what, request.POST)
        except Refusal as refusal:
            advice = spell_refusal(refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect("desk-payout-rules", desk.organisation.slug)
    context = {
        **_show(desk),
        "what": what,
        "advice": advice,
        "typed": request.POST.dict() if advice else {},
    }
    return render(request, "desk/payout_rules.html", context, status=422 if advice else 200)


def _change(desk: Desk, what: str, said: QueryDict) -> None:
    changes: dict[str, Callable[[Desk, QueryDict], None]] = {
        "threshold": _change_threshold,
        "withholding": _add_rule,
        "end": _end_rule,
        "payer": _change_payer,
        "preset": _take_preset,
        "sheet": _change_sheet,
    }
    if what not in changes:
        raise Invalid("There is no such step.")
    changes[what](desk, said)


def _change_threshold(desk: Desk, said: QueryDict) -> None:
    threshold = read_money(said.get("amount", ""), said.get("currency", ""))
    payout_rules.set_threshold(organisation=desk.organisation, threshold=threshold, by=desk.by)


def _add_rule(desk: Desk, said: QueryDict) -> None:
    currency, unit = said.get("currency", ""), said.get("unit", "").strip()
    payout_rules.add_rule(
        organisation=desk.organisation,
        by=desk.by,
        country=said.get("country", ""),
        name=" ".join(said.get("name", "").split()),
        basis_points=read_basis_points(said.get("percent", "")),
        above=read_money(said.get("above", ""), currency),
        unit_minor=read_money(unit, currency).amount_minor if unit else 1,
    )


def _end_rule(desk: Desk, said: QueryDict) -> None:
    payout_rules.end_rule(
        organisation=desk.organisation, rule_id=read_id(said.get("rule")) or 0, by=desk.by
    )


def _change_payer(desk: Desk, said: QueryDict) -> None:
    kind = said.get("kind", "")
    payout_rules.set_payer(
        organisation=desk.organisation,
        kind=kind,
        holder=said.get("holder", ""),
        country=said.get("country", ""),
        bank=said.get("kr_bank" if kind == "kr_bank" else "bic", ""),
        account=said.get("account", ""),
        by=desk.by,
    )


def _take_preset(desk: Desk, said: QueryDict) -> None:
    preset = PRESETS.get(said.get("preset", ""))
    if preset is None:
        raise Invalid("There is no such step.")
    payout_rules.set_sheet(organisation=desk.organisation, sheet=preset, by=desk.by)


def _change_sheet(desk: Desk, said: QueryDict) -> None:
    columns = [
        (field, heading)
        for field, heading in zip(said.getlist("field"), said.getlist("heading"), strict=False)
        if field
    ]
    sheet = check_sheet(encoding=said.get("encoding", ""), header="header" in said, columns=columns)
    payout_rules.set_sheet(organisation=desk.organisation, sheet=sheet, by=desk.by)


def _show(desk: Desk) -> dict[str, Any]:
    owner = owner_of(desk.organisation)
    layout = print_layout(owner)
    sheet = layout["sheet"] or KOREAN
    language = get_language() or "en"
    columns = [*sheet["columns"], *[["", ""]] * COLUMNS_OFFERED][
        : max(COLUMNS_OFFERED, len(sheet["columns"]))
    ]
    return {
        "desk": desk,
        "tab": "payouts",
        "currencies": CURRENCIES,
        "thresholds": [
            {"currency": currency, "amount": spell_minor(amount, currency=currency)}
            for currency, amount in thresholds_of(owner).items()
        ],
        "rules": [
            {"rule": one, "percent": spell_share_exactly(one.basis_points)}
            for one in rules_of(owner)
        ],
        "payer": layout["payer"],
        "sheet": sheet,
        "columns": columns,
        "fields": [{"value": one, "name": FIELD_NAMES[one]} for one in FIELDS],
        "encodings": ENCODINGS,
        "presets": [{"value": one, "name": PRESET_NAMES[one]} for one in PRESETS],
        "countries": name_countries(language),
        "banks": [{"value": one, "name": name_bank(one, language=language)} for one in KR_BANKS],
    }


def spell_share_exactly(basis_points: int) -> str:
    """Such as 3.3 %, with no place that says nothing."""
    return f"{basis_points * 100 / BASIS_POINTS:.2f}".rstrip("0").rstrip(".") + " %"
