"""What a table of answers says beside each of them, whatever was asked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from django.utils.translation import gettext as _

from dure.calls.models import Call
from dure.calls.tasks.tables import ANSWERS_SHOWN_MAX
from dure.calls.tasks.weighing.parts import Beside
from dure.doors.desk.cards import spell_value

# A bar is 100 long, its middle is nought; the heaviest fills its half, unless all are light.
HALF = 50.0
# What counts less is no more than a last digit.
NOTHING = 1e-9


@dataclass(frozen=True, slots=True)
class Pull:
    """What one thing counted: in words, how many times likelier, and where its bar lies.

    `note` is what more there is to say; where nothing can be drawn, `length` is empty.
    """

    words: str
    times: str
    start: str
    length: str
    is_for: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class Pick:
    """A link to the same of another option, item or box."""

    name: str
    address: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Pulls:
    """The pulls of a table: before any answer, of each answer, of those gone since; their sum.

    `besides` are those of what is no answer, by what it is called. `hint`, `head` and `first`
    replace the table's usual words, `gone_name` says what `gone` is; `picks` are links to what else
    the table may be about.
    """

    prior: Pull
    of_answer: dict[UUID, Pull]
    gone: Pull | None
    total: str
    besides: tuple[tuple[str, Pull], ...] = ()
    hint: str = ""
    head: str = ""
    first: str = ""
    gone_name: str = ""
    picks_name: str = ""
    picks: tuple[Pick, ...] = ()


def place_bar(amount: float, *, heaviest: float) -> tuple[str, str]:
    """Where a bar starts and how long it is."""
    length = min(HALF * abs(amount) / heaviest, HALF)
    return f"{HALF - length if amount < 0 else HALF:.2f}", f"{length:.2f}"


def name_gone(n_answers: int) -> str:
    """What those are called that a page does not show, if they are not just taken back."""
    return _("Taken back since, or not shown here") if n_answers > ANSWERS_SHOWN_MAX else ""


def name_besides(besides: Iterable[Beside], *, is_known: bool) -> tuple[tuple[str, float], ...]:
    """Those that count, by what a page calls them."""
    names = {
        "left": _("Other comparisons of the left one"),
        "right": _("Other comparisons of the right one"),
        "options": _("What was said of the other options"),
        "usual": _("What is usual in this call"),
        "bounds": _("The bounds of the question"),
        "elsewhere": _("Other tasks, and a pull to the middle"),
    }
    if is_known:
        # What is known of this very task is said beside the others, like an expert's answer.
        names |= {
            "left": _("Other comparisons of the left one, and what is known"),
            "right": _("Other comparisons of the right one, and what is known"),
            "elsewhere": _("Other tasks, what is known, and a pull to the middle"),
        }
    return tuple((names[one.name], one.weight) for one in besides if abs(one.weight) > NOTHING)


def link_others(
    kind: str, others: Iterable[str], *, current: str, call: Call
) -> tuple[str, tuple[Pick, ...]]:
    """What the links are called together, and the links; none where there is one thing alone."""
    word, name = {
        "multi": (_("Option"), "label"),
        "rank": (_("Item"), "item"),
        "box": (_("Box"), "box"),
    }.get(kind, ("", ""))
    picks = tuple(
        Pick(spell_value(one, call=call), f"?{urlencode({name: one})}#answers", one == current)
        for one in others
    )
    return (word, picks) if len(picks) > 1 else ("", ())
