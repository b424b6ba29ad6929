"""Where to send the money: told by the contributor, shown to them, erased when they wish."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from dure.calls.paying_out import forget_payee
from dure.doors.phone.keeping import read_context
from dure.doors.wording.countries import name_countries
from dure.doors.wording.refusals import spell_refusal
from dure.errors import Refusal
from dure.people.banks import KR_BANKS, name_bank
from dure.people.models import Payee
from dure.people.payees import find_payee, set_payee

FIELDS = ("kind", "holder", "country", "bank", "account", "lines")
COUNTRIES_OF_LANGUAGES = {"ko": "KR"}
DIGITS_SHOWN = 4


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def pay(request: HttpRequest, slug: str) -> HttpResponse:
    """A form for each kind of account; a browser that has done nothing here has no money to get."""
    context = read_context(request, slug)
    if context is None:
        return redirect("join", slug)
    person_id = context["person"].pk
    typed: dict[str, str] = {}
    advice = ""
    if request.method == "POST":
        if "erase" in request.POST:
            forget_payee(person_id=person_id)
            return redirect("keep-pay", slug)
        typed = {name: request.POST.get(name, "") for name in FIELDS}
        try:
            set_payee(person_id=person_id, **typed)
        except Refusal as refusal:
            advice = spell_refusal(refusal)
        else:
            return redirect("keep-pay", slug)
    payee = find_payee(person_id=person_id)
    shown = {**context, **_form(payee, typed), "payee": _show(payee), "advice": advice}
    return render(request, "phone/pay.html", shown, status=422 if advice else 200)


def _form(payee: Payee | None, typed: dict[str, str]) -> dict[str, Any]:
    """What stands in the fields: what was typed; else what is known, but for the account."""
    language = get_language() or "en"
    known = {"holder": payee.holder, "country": payee.country} if payee else {}
    country = COUNTRIES_OF_LANGUAGES.get(language, "")
    is_korean = country == "KR" or (payee is not None and payee.kind == Payee.Kind.KR_BANK)
    kind = typed.get("kind") or ("" if payee else (Payee.Kind.KR_BANK if is_korean else ""))
    return {
        "typed": {"country": country, **known, **typed},
        "kind": str(kind),
        "banks": [{"value": one, "name": name_bank(one, language=language)} for one in KR_BANKS],
        "countries": name_countries(language),
    }


def _show(payee: Payee | None) -> dict[str, str] | None:
    """Enough to know it again; whoever looks over a shoulder learns no account."""
    if payee is None:
        return None
    is_korean = payee.kind == Payee.Kind.KR_BANK
    bank = name_bank(payee.bank, language=get_language() or "en") if is_korean else "IBAN"
    hidden = f"··· {payee.account[-DIGITS_SHOWN:]}"
    where = payee.lines if payee.kind == Payee.Kind.OTHER else f"{bank} {hidden}"
    return {"holder": payee.holder, "where": where}
