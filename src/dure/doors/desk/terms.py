"""The wizard's terms: how many people look at each task, what they get, what they see."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from dure.calls.creating import ANSWERS_MAX
from dure.calls.drafting import fields_of
from dure.calls.models import Call
from dure.calls.tasks.questions import has_model
from dure.doors.desk.forms import Filled, Typed, read_number
from dure.doors.wording.saying import spell_share
from dure.ledger.money import BadMoney, Money

# How sure, and from how many: least, most and the target.
CARES: dict[str, tuple[int, int, float | None]] = {
    "quick": (1, 3, 0.9),
    "careful": (3, 5, 0.95),
    "thorough": (5, 9, 0.99),
}
# Another rule, which was given over the API.
OWN_RULE = "own"
CURRENCIES = ("KRW", "USD", "EUR", "JPY")


def read_terms(typed: Typed, *, call: Call) -> Filled:
    form = Filled(typed, show_terms(call))
    kept = fields_of(call)
    topics = typed.get("topics", [])
    form.fields = {
        "answers": _read_rule(form, call),
        "visibility": form.get("visibility") or "sealed",
        "promise": kept["promise"]
        if form.is_untouched("promise", "amount", "currency")
        else _read_promise(form),
        "topics": kept["topics"] if set(topics) == set(kept["topics"]) else topics,
    }
    return form


def show_terms(call: Call) -> Typed:
    promise = call.promise
    is_paid = promise.get("kind") == "per_answer"
    currency = promise.get("currency", CURRENCIES[0])
    return {
        "care": [_care_of(call)],
        "exact": [str(call.answers_max)],
        "visibility": [call.visibility],
        "promise": [promise.get("kind", "nothing")],
        "amount": [Money(promise["amount_minor"], currency).decimal_text if is_paid else ""],
        "currency": [currency],
        "topics": list(call.topics),
    }


def currencies_of(call: Call) -> list[str]:
    """The currencies that a form offers: the common ones, and the one that was promised in."""
    return list(dict.fromkeys([*CURRENCIES, call.promise.get("currency", CURRENCIES[0])]))


def own_rule(call: Call) -> dict[str, Any] | None:
    """A call's rule, if the form has no care for it: how many look at least, at most, how sure."""
    if _care_of(call) != OWN_RULE:
        return None
    target = call.answers_target
    return {
        "least": call.answers_min,
        "most": call.answers_max,
        "sure": "" if target is None else spell_share(target),
    }


def _care_of(call: Call) -> str:
    if not has_model(call.question):
        return "exact"
    rule = (call.answers_min, call.answers_max, call.answers_target)
    if call.answers_min == call.answers_max and call.answers_target is None:
        return "exact"
    return next((name for name, care in CARES.items() if care == rule), OWN_RULE)


def _read_rule(form: Filled, call: Call) -> dict[str, Any]:
    """When a task has answers enough; a care is offered only where the engine can be sure."""
    care = form.get("care") if has_model(call.question) else "exact"
    if care in CARES:
        least, most, target = CARES[care]
        return {"min": least, "max": most, "target": target}
    if care == OWN_RULE or (care == _care_of(call) and form.is_untouched("exact")):
        kept: dict[str, Any] = fields_of(call)["answers"]
        return kept
    exact = read_number(form, "exact", whole=True)
    if exact is None or not 1 <= exact <= ANSWERS_MAX:
        form.advices["exact"] = _("Please give a number of people from 1 to 1,000.")
        exact = 1
    return {"min": exact, "max": exact, "target": None}


def _read_promise(form: Filled) -> dict[str, Any]:
    if form.get("promise") != "per_answer":
        return {"kind": "nothing"}
    currency = form.get("currency") or CURRENCIES[0]
    try:
        # A part of a cent is not money; what was meant is asked, not rounded.
        money = Money.read(form.get("amount").replace(",", "").replace(" ", ""), currency)
    except BadMoney:
        money = None
    if money is None or money.amount_minor <= 0:
        form.advices["amount"] = _("Please say how much one answer earns, for example 50.")
        return {"kind": "nothing"}
    return {
        "kind": "per_answer", "amount_minor": money.amount_minor, "currency": currency
    }  # fmt: skip
