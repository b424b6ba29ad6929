"""The wizard's forms: what was typed into the fields of a call, and advice beside each field."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.http import QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from dure.calls.models import Call
from dure.calls.tasks.questions import TYPES_WITH_PREDICTION
from dure.calls.texts import Text
from dure.doors.desk.options import in_language, name_options, read_lines, say
from dure.doors.wording.refusals import spell_refusal
from dure.errors import Refusal

Typed = dict[str, list[str]]
LANGUAGES = ("ko", "en")
OPTION_TYPES = ("choice", "multi", "box", "rank")


@dataclass(slots=True)
class Filled:
    """A form as it is shown: what was typed, the call's fields it means, what to mend where.

    `shown` is what the call's own fields look like in the form: a field that was not touched means
    just what the call had, though it can't be read off what is shown.
    """

    typed: Typed
    shown: Typed = field(default_factory=dict)
    fields: dict[str, Any] = field(default_factory=dict)
    advices: dict[str, str] = field(default_factory=dict)

    def get(self, name: str) -> str:
        return _first(self.typed, name)

    def is_untouched(self, *names: str) -> bool:
        return all(self.get(name).strip() == _first(self.shown, name).strip() for name in names)

    @property
    def offered(self) -> list[str]:
        """The wizard's languages, and those that the call speaks beside them."""
        return [
            *LANGUAGES,
            *(one for one in self.shown.get("languages", ()) if one not in LANGUAGES),
        ]

    @property
    def languages(self) -> list[str]:
        chosen = [one for one in self.offered if one in self.typed.get("languages", [])]
        return chosen or [LANGUAGES[0]]

    @property
    def keeps_languages(self) -> bool:
        return self.languages == self.shown["languages"]


def read_typed(post: QueryDict) -> Typed:
    skipped = ("csrfmiddlewaretoken", "next", "redraw")
    return {
        # Browsers send every end of a line as two signs.
        name: [value.replace("\0", "").replace("\r\n", "\n") for value in values]
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


def read_question(typed: Typed, *, call: Call) -> Filled:
    form = Filled(typed, show_question(call))
    stored = call.question
    kind = form.get("type") or "choice"
    # What the form has no field for stays as the call has it.
    question: dict[str, Any] = {**stored} if stored["type"] == kind else {"type": kind}
    question["text"] = _read_text(
        form, "text", stored["text"], missing=_("Please write the question.")
    )
    if kind in OPTION_TYPES:
        question.pop("options", None)
        question |= _read_options(form, call, is_needed=kind in ("choice", "multi"))
    if kind == "multi":
        question |= _fit_choices(question, stored)
    if kind == "number":
        question |= _read_limits(form, stored)
    if kind == "text":
        longest = read_number(form, "longest", whole=True)
        question.pop("max", None)
        question |= {"max": longest} if longest is not None else {}
    if kind in TYPES_WITH_PREDICTION:
        question["predict"] = "predict" in typed
    form.fields = {
        "title": _read_text(form, "title", call.title, missing=_("Please give it a title.")),
        "brief": _read_text(form, "brief", call.brief),
        "question": question,
        "language": _own_language(form, call),
    }
    return form


def show_question(call: Call) -> Typed:
    """A call's own fields as they would have been typed."""
    question, own = call.question, call.language
    options = question.get("options") or []
    labels = [option["label"] for option in options]
    texts = {
        "title": call.title, "text": question["text"], "unit": question.get("unit", "")
    }  # fmt: skip
    languages = _languages_of([*texts.values(), call.brief, *labels], own=own)
    typed: Typed = {"languages": languages, "type": [question["type"]]}
    for one in dict.fromkeys([*LANGUAGES, *languages]):
        for name, text in texts.items():
            typed[f"{name}_{one}"] = [_on_one_line(in_language(text, one, own=own))]
        brief = in_language(call.brief, one, own=own)
        typed[f"brief_{one}"] = [brief.replace("\r\n", "\n").replace("\r", "\n")]
        lines = [say(label, one, own=own) for label in labels]
        typed[f"options_{one}"] = ["\n".join(lines)]
    for name in ("min", "max", "step"):
        if question["type"] == "number" and question.get(name) is not None:
            typed[name] = [_spell_number(question[name])]
    if question["type"] == "text":
        typed["longest"] = [str(question["max"])]
    if question.get("predict"):
        typed["predict"] = ["1"]
    return typed


def _languages_of(texts: list[Text], *, own: str) -> list[str]:
    """Those that a call's texts are in, the wizard's own first."""
    spoken = {own for text in texts if isinstance(text, str) and text.strip()}
    spoken |= {one for text in texts if isinstance(text, dict) for one in text}
    return [one for one in LANGUAGES if one in spoken] + sorted(spoken - set(LANGUAGES))


def _own_language(form: Filled, call: Call) -> str:
    """The call's; or if it does not speak that any more, the one that its maker reads."""
    if form.keeps_languages or call.language in form.languages:
        return call.language
    mine = (get_language() or "").split("-")[0]
    return mine if mine in form.languages else form.languages[0]


def _read_text(form: Filled, name: str, stored: Text, *, missing: str = "") -> Text:
    """In one language a plain text, in two an object; what is missing in either is told there."""
    texts = {one: form.get(f"{name}_{one}").strip() for one in form.languages}
    if form.keeps_languages and form.is_untouched(*(f"{name}_{one}" for one in texts)):
        return stored
    for one, text in texts.items():
        if missing and not text:
            form.advices[f"{name}_{one}"] = missing
    if not any(texts.values()):
        return ""
    return next(iter(texts.values())) if len(texts) == 1 else texts


def _read_options(form: Filled, call: Call, *, is_needed: bool) -> dict[str, Any]:
    """One answer a line; in two languages the lines of both belong together."""
    stored = call.question.get("options") or []
    lines = {one: read_lines(form.get(f"options_{one}")) for one in form.languages}
    first, *others = lines
    shown = {one: read_lines(_first(form.shown, f"options_{one}")) for one in form.languages}
    if stored and form.keeps_languages and lines == shown:
        return {"options": stored}
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
    rows = [dict(zip(lines, words, strict=True)) for words in zip(*lines.values(), strict=True)]
    return {"options": name_options(rows, stored, own=call.language)}


def _fit_choices(question: dict[str, Any], stored: dict[str, Any]) -> dict[str, Any]:
    """How many of several may be chosen: as before, as far as there are answers enough."""
    if stored["type"] != "multi" or "options" not in question:
        return {}
    n = len(question["options"])
    had_all = stored["max"] == len(stored["options"])
    most = n if had_all else min(stored["max"], n)
    return {"min": min(stored["min"], most), "max": most}


def _read_limits(form: Filled, stored: dict[str, Any]) -> dict[str, Any]:
    limits = {
        name: stored[name]
        if form.shown.get(name) and form.is_untouched(name)
        else read_number(form, name)
        for name in ("min", "max", "step")
    }
    low, high = limits["min"], limits["max"]
    if low is not None and high is not None and low >= high:
        form.advices["max"] = _("The largest should be above the smallest.")
    if limits["step"] is not None and limits["step"] <= 0:
        form.advices["step"] = _("A step is above zero.")
    return {**limits, "unit": _read_text(form, "unit", stored.get("unit", ""))}


def read_number(form: Filled, name: str, *, whole: bool = False) -> Any:
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


def _first(typed: Typed, name: str) -> str:
    return next(iter(typed.get(name, ())), "")


def _on_one_line(text: str) -> str:
    """As a browser's field of one line can hold it."""
    return re.sub(r"[\r\n]+", " ", text)


def _spell_number(number: float) -> str:
    """Every digit that the number has: it is read again from here."""
    return f"{Decimal(repr(number)):f}".removesuffix(".0")
