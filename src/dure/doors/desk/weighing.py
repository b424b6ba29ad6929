"""How much each answer counted in a task's verdict, in words, as a number and as a bar."""

from __future__ import annotations

import math
from uuid import UUID

from django.utils.text import Truncator
from django.utils.translation import gettext as _

from dure.calls.models import Call
from dure.calls.tasks.weighing.parts import Moved, Weighed, Weight
from dure.doors.desk.cards import spell_value
from dure.doors.desk.pulling import say_end_alone, show_moves
from dure.doors.desk.pulls import Pull, Pulls, link_others, name_besides, name_gone, place_bar
from dure.doors.wording.saying import spell_number

# From how many times likelier on an answer counted a little, counted, and counted strongly.
LITTLE, PLAIN, STRONG = 1.1, 2.0, 5.0
# A bar fills its half from here on, and more is said to be more.
FULL_TIMES_MIN = 5.0
TIMES_MAX = 1_000_000
# A text stands in a sentence beside every answer.
LETTERS_MAX = 40


def show_pulls(weighed: Weighed | Moved, *, call: Call, shown: set[UUID]) -> Pulls:
    """The answers `shown` each by itself; those that were taken back since the fit as one."""
    if isinstance(weighed, Moved):
        return show_moves(weighed, call=call, shown=shown)
    label = _spell_label(weighed.label, kind=weighed.kind, call=call)
    gone = [one.weight for one in weighed.answers if one.answer_id not in shown]
    besides = name_besides(weighed.besides, is_known=weighed.is_known)
    amounts = [one.weight for one in weighed.answers] + [amount for _name, amount in besides]
    heaviest = max(math.log(FULL_TIMES_MIN), *map(abs, (weighed.prior, *amounts)))

    def show(weight: float, note: str = "") -> Pull:
        return _show(weight, label=label, heaviest=heaviest, note=note)

    picks_name, picks = link_others(weighed.kind, weighed.others, current=weighed.label, call=call)
    return Pulls(
        prior=show(weighed.prior),
        of_answer={
            one.answer_id: show(one.weight, _note(one, label=label))
            for one in weighed.answers
            if one.answer_id in shown
        },
        gone=show(sum(gone)) if gone else None,
        gone_name=name_gone(len(weighed.answers)) if gone else "",
        total=_say_odds(weighed, call=call),
        besides=tuple((name, show(amount)) for name, amount in besides),
        first=_("Doubts about the spelling") if weighed.kind == "text" else "",
        picks_name=picks_name,
        picks=picks,
    )


def say_known(weighed: Weighed | Moved | None, *, call: Call) -> str:
    """What is known to be true, and what the answers alone would say; empty if it is not known."""
    if weighed is None or not weighed.is_known:
        return ""
    if isinstance(weighed, Weighed) and weighed.kind == "choice":
        known = _("%(label)s is known to be true.") % {
            "label": spell_value(weighed.label, call=call)
        }
    else:
        known = _("Known to be true: %(truth)s.") % {"truth": spell_value(weighed.truth, call=call)}
    alone = (
        say_end_alone(weighed, call=call)
        if isinstance(weighed, Moved)
        # What is known of a pair is in the items' scores.
        else ""
        if weighed.kind == "pair"
        else _say_odds(weighed, call=call)
    )
    if not alone:
        return known
    alone = _("By the answers alone: %(odds)s.") % {"odds": alone}
    return f"{known} {alone}"


def _spell_label(label: str, *, kind: str, call: Call) -> str:
    if kind == "box":
        return _("box %(n)s") % {"n": label}
    return Truncator(spell_value(label, call=call)).chars(LETTERS_MAX)


def _say_odds(weighed: Weighed, *, call: Call) -> str:
    label = _spell_label(weighed.label, kind=weighed.kind, call=call)
    facts = {"label": label, "times": _spell_times(weighed.log_odds)}
    is_for = weighed.log_odds >= 0
    if weighed.runner_up is None:
        return _say_if_so(weighed.kind, is_for=is_for) % facts
    other = _spell_label(weighed.runner_up, kind=weighed.kind, call=call)
    if not is_for:
        label, other = other, label
    return _("%(label)s is %(times)s times likelier than %(other)s") % {
        **facts,
        "label": label,
        "other": other,
    }


def _say_if_so(kind: str, *, is_for: bool) -> str:
    """A sentence for what speaks against nothing else than its own contrary."""
    if kind == "multi":
        return (
            _("that %(label)s belongs is %(times)s times likelier than that it does not")
            if is_for
            else _("that %(label)s does not belong is %(times)s times likelier than that it does")
        )
    if kind == "box":
        return (
            _("that %(label)s is real is %(times)s times likelier than that it is not")
            if is_for
            else _("that %(label)s is not real is %(times)s times likelier than that it is")
        )
    return (
        _("%(label)s is %(times)s times likelier than that none of them is right")
        if is_for
        else _("that none of them is right is %(times)s times likelier than %(label)s")
    )


def _note(weight: Weight, *, label: str) -> str:
    """What of an answer's weight came of its prediction, if it had one."""
    if not weight.of_prediction:
        return ""
    return _("of it the prediction: %(words)s × %(times)s") % {
        "words": _spell(weight.of_prediction, label=label),
        "times": _spell_times(weight.of_prediction),
    }


def _show(weight: float, *, label: str, heaviest: float, note: str) -> Pull:
    start, length = place_bar(weight, heaviest=heaviest)
    return Pull(
        words=_spell(weight, label=label),
        times=_spell_times(weight),
        start=start,
        length=length,
        is_for=weight >= 0,
        note=note,
    )


def _spell(weight: float, *, label: str) -> str:
    times = math.exp(min(abs(weight), math.log(TIMES_MAX)))
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
    if abs(weight) > math.log(TIMES_MAX):
        return f"{spell_number(TIMES_MAX)}+"
    times = math.exp(abs(weight))
    return spell_number(round(times, 1) if times < 10 else round(times))
