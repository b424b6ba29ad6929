"""How likely each option is: bars for one of several, and for any of several."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from dure.calls.models import Call
from dure.calls.tasks.models import Verdict
from dure.calls.tasks.tables import TaskInFull
from dure.calls.texts import Words
from dure.doors.desk.verdicts.parts import Drawn, Measured, length_of, name_option
from dure.doors.wording.saying import spell_share

TEMPLATE = "desk/verdicts/_chances.html"
# A question may have a thousand options; of so many, the likeliest are enough.
SHOWN_MAX = 24


def draw_choice(found: TaskInFull, verdict: Verdict, call: Call) -> Drawn:
    chosen = {verdict.label} if verdict.label is not None else set()
    rows = draw_chances(found.classes, verdict, chosen, call=call)
    label = str(name_option(verdict.label or "", call=call))
    said = _say_sure(label, verdict.probability)
    return Drawn(
        _say_first_two(rows, verdict) or said,
        TEMPLATE if rows else "",
        rows,
        more=say_surprise(verdict.value, call=call),
    )


def draw_set(found: TaskInFull, verdict: Verdict, call: Call) -> Drawn:
    chosen = list(verdict.value or [])
    rows = draw_chances(found.classes, verdict, set(chosen), call=call)
    names = ", ".join(str(name_option(value, call=call)) for value in chosen)
    if verdict.probability is None:
        sentence = names or _("None of them")
    elif names:
        sentence = _("%(labels)s: %(share)s sure that it is these and no others.") % {
            "labels": names,
            "share": spell_share(verdict.probability),
        }
    else:
        sentence = _("None of them, %(share)s sure.") % {"share": spell_share(verdict.probability)}
    return Drawn(sentence, TEMPLATE if rows else "", rows)


def draw_chances(
    classes: list[str],
    verdict: Verdict,
    chosen: set[str],
    *,
    call: Call,
    names: dict[str, str] | None = None,
) -> list[Measured]:
    """A bar for each class in the question's order, or for the likeliest of very many."""
    posterior = verdict.posterior
    if posterior is None or len(posterior) != len(classes):
        return []
    places = [option["value"] for option in call.question.get("options", [])]
    chances = sorted(
        zip(classes, posterior, strict=True),
        key=lambda one: places.index(one[0]) if one[0] in places else len(places),
    )
    if len(chances) > SHOWN_MAX:
        first = sorted(chances, key=lambda one: -one[1])[:SHOWN_MAX]
        chances = [one for one in chances if one in first or one[0] in chosen]
    return [
        Measured(
            name=Words(names[value], "") if names else name_option(value, call=call),
            length=length_of(chance),
            words=spell_share(chance),
            is_chosen=value in chosen,
        )
        for value, chance in chances
    ]


def say_surprise(value: dict[str, Any] | None, *, call: Call) -> str:
    """What was said more often than people expected of each other, and whether that decided."""
    # Where nobody predicted anything, nothing is surprising.
    if not value or value["surprising"] is None or value["predicted_share"] is None:
        return ""
    facts = {
        "label": name_option(value["surprising"], call=call),
        "said": spell_share(value["vote_share"]),
        "expected": spell_share(value["predicted_share"]),
        "popular": name_option(value["popular"], call=call),
    }
    told = (
        _("%(said)s said %(label)s, and people had expected only %(expected)s of each other.")
        % facts
    )
    return f"{told} {_say_what_decided(value) % facts}"


def _say_what_decided(value: dict[str, Any]) -> str:
    if value["surprising"] == value["popular"]:
        return _("That is also what most people said.")
    if value["is_believed"]:
        return _(
            "Those who answer against the majority often know more, and this call's answers do not "
            "show otherwise: so it counts more than the majority, which said %(popular)s."
        )
    return _("In this call more speaks for the majority: so that counts, which said %(popular)s.")


def _say_first_two(rows: list[Measured], verdict: Verdict) -> str:
    """The verdict and what comes next to it; empty where there is nothing else."""
    if len(rows) < 2 or verdict.probability is None:
        return ""
    first = next((row for row in rows if row.is_chosen), None)
    others = [row for row in rows if not row.is_chosen]
    if first is None or not others:
        return ""
    second = max(others, key=lambda row: float(row.length))
    return _("%(label)s, %(share)s sure; next comes %(other)s with %(rest)s.") % {
        "label": first.name,
        "share": first.words,
        "other": second.name,
        "rest": second.words,
    }


def _say_sure(label: str, probability: float | None) -> str:
    if probability is None:
        return label
    return _("%(label)s, %(share)s sure.") % {"label": label, "share": spell_share(probability)}
