"""How much each answer counted in a task's verdict, in words, as a number and as a bar."""

from __future__ import annotations

import math
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from dure.calls.models import Call
from dure.calls.tasks.weights import Weighed
from dure.doors.desk.cards import spell_value
from dure.doors.wording.saying import spell_number

# From how many times likelier on an answer counted a little, counted, and counted strongly.
LITTLE, PLAIN, STRONG = 1.1, 2.0, 5.0
# A bar is 100 long, its middle is nought; the heaviest fills its half, unless all are light.
HALF = 50.0
FULL_TIMES_MIN = 5.0


@dataclass(frozen=True, slots=True)
class Pull:
    """What one thing counted: in words, how many times likelier, and where its bar lies."""

    words: str
    times: str
    start: str
    length: str
    is_for: bool


@dataclass(frozen=True, slots=True)
class Pulls:
    """The pulls of a table: before any answer, of each answer, of those gone since; their sum."""

    prior: Pull
    of_answer: dict[UUID, Pull]
    gone: Pull | None
    total: str


def show_pulls(weighed: Weighed, *, call: Call, shown: set[UUID]) -> Pulls:
    """The answers `shown` each by itself; those that were taken back since the fit as one."""
    label = spell_value(weighed.label, call=call)
    weights = {one.answer_id: one.weight for one in weighed.answers}
    gone = [weight for answer_id, weight in weights.items() if answer_id not in shown]
    heaviest = max(math.log(FULL_TIMES_MIN), *map(abs, (weighed.prior, *weights.values())))

    def show(weight: float) -> Pull:
        return _show(weight, label=label, heaviest=heaviest)

    return Pulls(
        prior=show(weighed.prior),
        of_answer={one: show(weight) for one, weight in weights.items() if one in shown},
        gone=show(sum(gone)) if gone else None,
        total=_say_odds(weighed, call=call),
    )


def say_known(weighed: Weighed | None, *, call: Call) -> str:
    """What is known to be true, and what the answers alone would say; empty if it is not known."""
    if weighed is None or not weighed.is_known:
        return ""
    known = _("%(label)s is known to be true.") % {"label": spell_value(weighed.label, call=call)}
    alone = _("By the answers alone: %(odds)s.") % {"odds": _say_odds(weighed, call=call)}
    return f"{known} {alone}"


def _say_odds(weighed: Weighed, *, call: Call) -> str:
    label, other = (spell_value(one, call=call) for one in (weighed.label, weighed.runner_up))
    if weighed.log_odds < 0:
        label, other = other, label
    return _("%(label)s is %(times)s times likelier than %(other)s") % {
        "label": label,
        "times": _spell_times(weighed.log_odds),
        "other": other,
    }


def _show(weight: float, *, label: str, heaviest: float) -> Pull:
    length = min(HALF * abs(weight) / heaviest, HALF)
    return Pull(
        words=_spell(weight, label=label),
        times=_spell_times(weight),
        start=f"{HALF - length if weight < 0 else HALF:.2f}",
        length=f"{length:.2f}",
        is_for=weight >= 0,
    )


def _spell(weight: float, *, label: str) -> str:
    times = math.exp(abs(weight))
    if times < LITTLE:
        return _("hardly counted")
    if weight > 0:
        words = (
            _("counted strongly for %(label)s")
            if times >= STRONG
            else _("counted for %(label)s")
            if times >= PLAIN
            else _("counted a little for %(label)s")
        )
    else:
        words = (
            _("counted strongly against %(label)s")
            if times >= STRONG
            else _("counted against %(label)s")
            if times >= PLAIN
            else _("counted a little against %(label)s")
        )
    return words % {"label": label}


def _spell_times(weight: float) -> str:
    """How many times likelier, as exactly as anybody needs it."""
    times = math.exp(abs(weight))
    return spell_number(round(times, 1) if times < 10 else round(times))
