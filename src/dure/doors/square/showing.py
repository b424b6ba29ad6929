"""A call as the public sees it, in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from dure.calls.models import Call
from dure.calls.promises import find_part, parts_of
from dure.calls.shares.overdue import Overdue
from dure.calls.shares.statements import PublicSums
from dure.calls.tasks.contents import picture_of
from dure.calls.tasks.results import (
    Concluded,
    Outcome,
    outcome_of,
    read_said,
    summary_of,
    verdicts_of,
)
from dure.calls.texts import Words
from dure.calls.topics import TOPICS
from dure.doors.wording.answers import say_answer, say_item, spell_between
from dure.doors.wording.funding import may_tell_earned, spell, spell_overdue, spell_paid_in
from dure.doors.wording.saying import (
    SECONDS_OF_TYPE,
    read_text,
    spell_date,
    spell_number,
    spell_promise,
    spell_promise_briefly,
    spell_range,
    spell_seconds,
    spell_share,
)
from dure.people.credits import credits_of

# A visit is ten tasks; which types of questions fit into so many minutes.
VISIT_TASKS = 10
TYPES_BY_MINUTES: dict[str, tuple[str, ...]] = {
    str(minutes): tuple(
        kind for kind, seconds in SECONDS_OF_TYPE.items() if VISIT_TASKS * seconds <= 60 * minutes
    )
    for minutes in (1, 3, 10)
}
TASKS_SHOWN = 50
ITEMS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class CallShown:
    slug: str
    state: str
    state_name: str
    title: Words
    brief: Words
    organisation: str
    organisation_slug: str
    promise: str
    # For a chip; empty if nothing is paid.
    promise_briefly: str
    is_paid: bool
    overdue: list[str]
    time: str
    topics: list[str]
    work: str
    question: Words


@dataclass(frozen=True, slots=True)
class MoneyShown:
    """What became of a call's money so far: names nobody."""

    sums: list[tuple[str, str]]
    funding: str
    overdue: list[str]
    next_report: str
    is_earned_told: bool


@dataclass(frozen=True, slots=True)
class Share:
    label: Words
    share: float
    words: str
    low: str
    high: str


@dataclass(frozen=True, slots=True)
class VerdictShown:
    text: Words
    picture: str
    # What the crowd marked on the picture, as fractions of it.
    boxes: list[dict[str, Any]]
    verdict: Words
    sure: str
    # Where a number lies by 90 %; empty if that is not known.
    between: str


@dataclass(frozen=True, slots=True)
class ItemShown:
    """An item's rank, and by 90 % from where to where it may lie; empty if it is certain."""

    name: Words
    picture: str
    rank: int
    between: str


@dataclass(frozen=True, slots=True)
class ResultsShown:
    outcome: Outcome
    shares: list[Share]
    ranking: list[ItemShown]
    # Whether some items were never compared with others, not even through a third.
    is_in_parts: bool
    verdicts: list[VerdictShown]
    names: list[str]


def show_call(call: Call, *, overdue: Overdue | None = None) -> CallShown:
    kind = call.question["type"]
    return CallShown(
        slug=call.slug,
        state=call.state,
        state_name=str(call.get_state_display()),
        title=read_text(call.title, own=call.language),
        brief=read_text(call.brief, own=call.language),
        organisation=call.organisation.name,
        organisation_slug=call.organisation.slug,
        promise=spell_promise(call.promise),
        promise_briefly=spell_promise_briefly(call.promise),
        is_paid=bool(parts_of(call.promise)),
        overdue=spell_overdue(overdue) if overdue is not None else [],
        time=spell_seconds(VISIT_TASKS * SECONDS_OF_TYPE[kind]),
        topics=[str(TOPICS[topic]) for topic in call.topics if topic in TOPICS],
        work=_spell_work(kind),
        question=read_text(call.question["text"], own=call.language),
    )


def show_money(call: Call, sums: PublicSums) -> MoneyShown:
    is_told = may_tell_earned(call)
    lines = [(_("Paid in"), sums.paid_in)]
    if find_part(call.promise, "revenue_share") is not None:
        lines.append((_("It earned so far"), sums.gained))
    if is_told:
        lines.append((_("People earned so far"), sums.shared))
    lines.append((_("Paid to people"), sums.paid_out))
    if is_told:
        lines += [
            (_("Waiting to be shared"), sums.waiting),
            (_("Owed and not paid in yet"), sums.owed_not_paid_in),
        ]
    report = sums.next_report
    is_due = report is not None and report not in sums.overdue_reports
    return MoneyShown(
        sums=[(name, spell(money)) for name, money in lines],
        funding=spell_paid_in(sums),
        overdue=spell_overdue(sums),
        next_report=_("The next report, up to %(up_to)s, is due by %(due)s.")
        % {"up_to": spell_date(report.up_to), "due": spell_date(report.due)}
        if report is not None and is_due
        else "",
        is_earned_told=is_told,
    )


def show_results(call: Call) -> ResultsShown:
    labels: dict[str, Any] = {
        option["value"]: option["label"] for option in call.question.get("options") or []
    }

    def read_label(value: str) -> Words:
        return read_text(labels.get(value, value), own=call.language)

    summary = summary_of(call_id=call.pk)
    shares = summary.get("shares", [])
    return ResultsShown(
        outcome=outcome_of(call_id=call.pk),
        shares=[
            Share(
                read_label(one["value"]),
                one["share"],
                spell_share(one["share"]),
                spell_share(one["low"]),
                spell_share(one["high"]),
            )
            for one in sorted(shares, key=lambda one: -one["share"])[:20]
        ],
        ranking=[_show_item(one, call=call) for one in summary.get("ranking", [])[:ITEMS_SHOWN]],
        is_in_parts=bool(summary.get("ranking")) and summary["components"] > 1,
        verdicts=[
            _show_verdict(one, call=call) for one in verdicts_of(call_id=call.pk, most=TASKS_SHOWN)
        ],
        names=credits_of(call_id=call.pk),
    )


def _show_verdict(one: Concluded, *, call: Call) -> VerdictShown:
    said = read_said(one, question=call.question)
    chosen = picture_of(one.content.get(said)) if call.question["type"] == "pair" else ""
    return VerdictShown(
        read_text(one.content.get("text"), own=call.language),
        chosen or str(one.content.get("image", "")),
        said if call.question["type"] == "box" else [],
        say_answer(said, question=call.question, content=one.content, own=call.language),
        spell_share(one.probability) if one.probability is not None else "",
        spell_between(one.low, one.high),
    )


def _show_item(one: dict[str, Any], *, call: Call) -> ItemShown:
    name = say_item(one["item"], question=call.question, own=call.language, name=one.get("name"))
    low, high = spell_number(one["rank_low"]), spell_number(one["rank_high"])
    return ItemShown(
        Words("", name.language) if one["is_picture"] else name,
        one["item"] if one["is_picture"] else "",
        one["rank"],
        "" if low == high else spell_range(low, high),
    )


def _spell_work(kind: str) -> str:
    return {
        "choice": _("choose one answer"),
        "multi": _("choose all that fit"),
        "number": _("give a number"),
        "text": _("write a few words"),
        "pair": _("choose the better of two"),
        "rank": _("put things in order"),
        "box": _("mark things on a picture"),
    }[kind]
