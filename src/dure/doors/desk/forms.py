"""The wizard's forms: what was typed into the fields of a call, and advice beside each field."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from babel.numbers import get_currency_precision
from django.http import QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from dure.calls.models import Call
from dure.calls.tasks.questions import TYPES_WITH_PREDICTION
from dure.calls.texts import Text
from dure.doors.wording.refusals import spell_refusal
from dure.errors import Refusal

Typed = dict[str, list[str]]
LANGUAGES = ("ko", "en")
OPTION_TYPES = ("choice", "multi", "box", "rank")
# How sure, and from how many: least, most and the target.
CARES: dict[str, tuple[int, int, float | None]] = {
    "quick": (1, 3, 0.9),
    "careful": (3, 5, 0.95),
    "thorough": (5, 9, 0.99),
}
CURRENCIES = ("KRW", "USD", "EUR", "JPY")


@dataclass(slots=True)
class Filled:
    """A form as it is shown: what was typed, the call's fields it means, what to mend where."""

    typed: Typed
    fields: dict[str, Any] = field(default_factory=dict)
    advices: dict[str, str] = field(default_factory=dict)

    def get(self, name: str) -> str:
        return self.typed.get(name, [""])[0] if self.typed.get(name) else ""

    @property
    def languages(self) -> list[str]:
        chosen = [one for one in LANGUAGES if one in self.typed.get("languages", [])]
        return chosen or [LANGUAGES[0]]


def read_typed(post: QueryDict) -> Typed:
    skipped = ("csrfmiddlewaretoken", "next", "redraw")
    return {
        name: [value.replace("\0", "") for value in values]
        for name, values in post.lists()
        if name not in skipped
    }


def store(filled: Filled, change: Callable[..., Call]) -> bool:
    """Change the draft if nothing is to be mended; what the call itself refuses is told too."""
    if filled.advices:
        return False
    try:
        change(**filled.fields)
    except Refusal as refusal:
        filled.advices["all"] = spell_refusal(refusal)
        return False
    return True


def read_question(typed: Typed) -> Filled:
    form = Filled(typed)
    kind = form.get("type") or "choice"
    question: dict[str, Any] = {
        "type": kind,
        "text": _read_text(form, "text", missing=_("Please write the question.")),
    }
    if kind in OPTION_TYPES:
        question |= _read_options(form, is_needed=kind in ("choice", "multi"))
    if kind == "number":
        question |= _read_limits(form)
    if kind == "text":
        longest = _read_number(form, "longest", whole=True)
        question |= {"max": longest} if longest is not None else {}
    if kind in TYPES_WITH_PREDICTION:
        question["predict"] = "predict" in typed
    form.fields = {
        "title": _read_text(form, "title", missing=_("Please give it a title.")),
        "brief": _read_text(form, "brief"),
        "question": question,
        "language": _own_language(form),
    }
    return form


def show_question(call: Call) -> Typed:
    """A call's own fields as they would have been typed."""
    question = call.question
    given = [call.title, call.brief, question["text"]]
    languages = [
        one for one in LANGUAGES if any(isinstance(text, dict) and one in text for text in given)
    ]
    languages = languages or [call.language if call.language in LANGUAGES else LANGUAGES[0]]
    typed: Typed = {"languages": languages, "type": [question["type"]]}
    for one in LANGUAGES:
        typed[f"title_{one}"] = [_in_language(call.title, one, call.language)]
        typed[f"brief_{one}"] = [_in_language(call.brief, one, call.language)]
        typed[f"text_{one}"] = [_in_language(question["text"], one, call.language)]
        options = question.get("options") or []
        typed[f"options_{one}"] = [
            "\n".join(_in_language(option["label"], one, call.language) for option in options)
        ]
        typed[f"unit_{one}"] = [_in_language(question.get("unit", ""), one, call.language)]
    for name in ("min", "max", "step"):
        if question["type"] == "number" and question.get(name) is not None:
            typed[name] = [f"{question[name]:g}"]
    if question["type"] == "text":
        typed["longest"] = [str(question["max"])]
    if question.get("predict"):
        typed["predict"] = ["1"]
    return typed


def read_terms(typed: Typed) -> Filled:
    form = Filled(typed)
    care = form.get("care")
    if care in CARES:
        least, most, target = CARES[care]
        answers = {"min": least, "max": most, "target": target}
    else:
        exact = _read_number(form, "exact", whole=True)
        if exact is None or not 1 <= exact <= 1000:
            form.advices["exact"] = _("Please give a number of people from 1 to 1,000.")
            exact = 1
        answers = {"min": exact, "max": exact, "target": None}
    form.fields = {
        "answers": answers,
        "visibility": form.get("visibility") or "sealed",
        "promise": _read_promise(form),
        "topics": typed.get("topics", []),
    }
    return form


def show_terms(call: Call) -> Typed:
    rule = (call.answers_min, call.answers_max, call.answers_target)
    care = next((name for name, cares in CARES.items() if cares == rule), "exact")
    promise = call.promise
    is_paid = promise.get("kind") == "per_answer"
    currency = promise.get("currency", "KRW")
    return {
        "care": [care],
        "exact": [str(call.answers_max)],
        "visibility": [call.visibility],
        "promise": [promise.get("kind", "nothing")],
        "amount": [_spell_amount(promise["amount_minor"], currency) if is_paid else ""],
        "currency": [currency],
        "topics": list(call.topics),
    }


def _own_language(form: Filled) -> str:
    """The language that its maker reads, if the call speaks it."""
    mine = (get_language() or "").split("-")[0]
    return mine if mine in form.languages else form.languages[0]


def _read_promise(form: Filled) -> dict[str, Any]:
    if form.get("promise") != "per_answer":
        return {"kind": "nothing"}
    currency = form.get("currency")
    if currency not in CURRENCIES:
        currency = CURRENCIES[0]
    amount = _read_number(form, "amount")
    minor = 10 ** get_currency_precision(currency)
    # A part of a cent is not money; what was meant is asked, not rounded.
    if amount is None or amount <= 0 or abs(amount * minor - round(amount * minor)) > 1e-6:
        form.advices["amount"] = _("Please say how much one answer earns, for example 50.")
        return {"kind": "nothing"}
    return {
        "kind": "per_answer", "amount_minor": round(amount * minor), "currency": currency
    }  # fmt: skip


def _spell_amount(amount_minor: int, currency: str) -> str:
    precision = get_currency_precision(currency)
    return f"{amount_minor / 10**precision:.{precision}f}"


def _read_text(form: Filled, name: str, *, missing: str = "") -> Text:
    """In one language a plain text, in two an object; what is missing in either is told there."""
    texts = {one: form.get(f"{name}_{one}").strip() for one in form.languages}
    for one, text in texts.items():
        if missing and not text:
            form.advices[f"{name}_{one}"] = missing
    if not any(texts.values()):
        return ""
    return next(iter(texts.values())) if len(texts) == 1 else texts


def _read_options(form: Filled, *, is_needed: bool) -> dict[str, Any]:
    """One answer a line; in two languages the lines of both belong together."""
    lines = {
        one: [" ".join(line.split()) for line in form.get(f"options_{one}").splitlines()]
        for one in form.languages
    }
    lines = {one: [line for line in said if line] for one, said in lines.items()}
    first, *others = lines
    if any(len(lines[other]) != len(lines[first]) for other in others):
        form.advices[f"options_{others[0]}"] = _(
            "Both languages need the same number of answers, in the same order."
        )
        return {}
    if not lines[first]:
        if is_needed:
            form.advices[f"options_{first}"] = _("Please write at least two answers.")
        return {}
    if is_needed and len(lines[first]) < 2:
        form.advices[f"options_{first}"] = _("Please write at least two answers.")
    for one, said in lines.items():
        if len(set(said)) < len(said):
            form.advices[f"options_{one}"] = _("Each answer should be there once.")
    # Results name an answer by its English words, where it has some.
    codes = lines.get("en", lines[first])
    return {
        "options": [
            {
                "value": code[:100].strip(),
                "label": lines[first][place]
                if len(lines) == 1
                else {one: said[place] for one, said in lines.items()},
            }
            for place, code in enumerate(codes)
        ]
    }


def _read_limits(form: Filled) -> dict[str, Any]:
    limits = {name: _read_number(form, name) for name in ("min", "max", "step")}
    low, high = limits["min"], limits["max"]
    if low is not None and high is not None and low >= high:
        form.advices["max"] = _("The largest should be above the smallest.")
    if limits["step"] is not None and limits["step"] <= 0:
        form.advices["step"] = _("A step is above zero.")
    return {**limits, "unit": _read_text(form, "unit")}


def _read_number(form: Filled, name: str, *, whole: bool = False) -> Any:
    text = form.get(name).replace(",", "").replace(" ", "")
    if not text:
        return None
    try:
        number = float(text)
        if not abs(number) < 2**53 or (whole and not number.is_integer()):
            raise ValueError
    except ValueError:
        form.advices[name] = _("Please write a number.")
        return None
    return int(number) if number.is_integer() else number


def _in_language(text: Text, language: str, own: str) -> str:
    if isinstance(text, dict):
        return text.get(language, "")
    return text if language == own else ""
